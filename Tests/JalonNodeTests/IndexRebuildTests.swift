import JalonCrypto
import JalonModel
import Testing

@testable import JalonNode
@testable import JalonStorage

@Suite("What is derived from the blocks is made anew")
struct IndexRebuildTests {
    private let temporary: TemporaryFolder
    private let genesis: Genesis
    private let head: BlockID?
    private var folder: String { "\(temporary.path)/data" }

    init() throws {
        temporary = try TemporaryFolder()
        var ledger = try LedgerFixture(folder: "\(temporary.path)/data")
        for number in 1...7 {
            let transactions =
                number == 4 ? [] : [try ledger.plan(2 * number), try ledger.plan(2 * number + 1)]
            try ledger.append(transactions)
        }
        // The fixture itself is not kept, as it holds the folder's lock.
        try ledger.close()
        (genesis, head) = (ledger.genesis, ledger.blocks.last?.id)
    }

    /// Damages that an index can have, and the blocks not.
    static let damages = [
        "DELETE FROM state",
        "DELETE FROM state WHERE path = 'plan/XZ-01-2020-P3'",
        "UPDATE state SET value = x'a0' WHERE path = 'plan/XZ-01-2020-P3'",
        "INSERT INTO state VALUES ('plan/XZ-01-2020-P99', x'a0')",
        "DELETE FROM recent_transactions",
        "DELETE FROM recent_transactions WHERE log_size = 6",
        "UPDATE recent_transactions SET ids = zeroblob(length(ids)) WHERE log_size = 6",
        "UPDATE recent_transactions SET time = time + 1 WHERE log_size = 4",
        "UPDATE recent_transactions SET time = time - 1 WHERE log_size = 4",
        "UPDATE recent_transactions SET time = time + 1000000000 WHERE log_size = 4",
        "UPDATE recent_transactions SET time = time - 1000000000 WHERE log_size = 4",
        "UPDATE recent_transactions SET checksum = checksum + 1 WHERE log_size = 6",
        "DELETE FROM transaction_place",
        "UPDATE transaction_place SET key = key + 1 WHERE place = 3",
        "INSERT INTO transaction_place VALUES (9, 9, 9)",
        "DELETE FROM meta WHERE name = 'frontier'",
        "UPDATE meta SET value = x'80' WHERE name = 'frontier'",
    ]

    private func damage(_ sql: String) throws {
        let store = try LedgerStore.open(in: DataFolder(opening: folder))
        try store.execute(sql)
        try store.close()
    }

    private func verify() async throws -> VerificationReport {
        try await LedgerVerifier(LedgerReader.open(readOnly: folder)).verify()
    }

    @Test("so that a damaged ledger verifies again", arguments: damages)
    func mended(sql: String) async throws {
        try damage(sql)
        await #expect(throws: VerificationFailure.self) { try await verify() }
        var last: IndexRebuild.Progress?
        let report = try await IndexRebuild.run(in: folder, genesis: genesis) { last = $0 }
        #expect(report.height == Height(7) && report.transactionCount == 12)
        #expect(last == .indexed(Height(7), of: Height(7)))
        let verified = try await verify()
        #expect(verified.head == head)
        #expect(verified.leafCount == report.leafCount)
    }

    @Test("of a ledger without a block, too")
    func empty() async throws {
        do { try LedgerFixture(folder: "\(temporary.path)/new").close() }
        let report = try await IndexRebuild.run(in: "\(temporary.path)/new")
        #expect(report.height == Height(0) && report.leafCount == 0)
        let reader = try LedgerReader.open(readOnly: "\(temporary.path)/new")
        #expect(try await LedgerVerifier(reader).verify().height == Height(0))
    }

    @Test("but not where a block itself is bad, which is named, and nothing is changed")
    func badBlock() async throws {
        try damage("DELETE FROM state; UPDATE block SET body = substr(body, 2) WHERE number = 5")
        let failure = await #expect(throws: VerificationFailure.self) {
            try await IndexRebuild.run(in: folder)
        }
        #expect(failure?.place == .block(Height(5)))
        let store = try LedgerStore.open(in: DataFolder(opening: folder))
        #expect(try store.reader.leaf(at: "plan/XZ-01-2020-P3") == nil)
    }

    @Test("but not under a running node")
    func running() async throws {
        let node = try DataFolder(opening: folder)
        await #expect(throws: DataFolderError.self) { try await IndexRebuild.run(in: folder) }
        withExtendedLifetime(node) {}
    }

    @Test("but not of another network than the configuration's")
    func otherNetwork() async throws {
        let other = try LedgerFixture(folder: "\(temporary.path)/other", validatorCount: 5)
        await #expect(throws: StorageError.self) {
            try await IndexRebuild.run(in: folder, genesis: other.genesis)
        }
    }
}
