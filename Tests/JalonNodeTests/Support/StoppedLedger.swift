import Foundation
import JalonModel

@testable import JalonNode
@testable import JalonStorage

/// A stopped node's ledger of fourteen blocks, half a minute apart, where transactions live for a minute.
struct StoppedLedger {
    let temporary: TemporaryFolder
    let ledger: LedgerFixture
    var data: String { "\(temporary.path)/data" }
    var file: String { "\(temporary.path)/old.jalon-export" }

    init() throws {
        temporary = try TemporaryFolder()
        var ledger = try LedgerFixture(
            folder: "\(temporary.path)/made",
            interval: 30_000,
            lifetime: 60_000
        )
        for number in 1...14 {
            let plans = number == 5 ? [] : [try ledger.plan(2 * number), try ledger.plan(2 * number + 1)]
            try ledger.append(plans, isSealed: number != 3)
        }
        try ledger.close()
        self.ledger = ledger
        // The fixture holds its folder for as long as it lives.
        try FileManager.default.createDirectory(
            atPath: data,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        try FileManager.default.copyItem(
            atPath: "\(temporary.path)/made/ledger.sqlite",
            toPath: "\(data)/ledger.sqlite"
        )
    }

    var reader: LedgerReader { get throws { try LedgerReader.open(readOnly: data) } }

    /// The block at a height.
    func block(_ height: Int) -> Block { ledger.blocks[height - 1] }

    var leaves: [LeafHash] { ledger.blocks.flatMap { $0.transactions.map { LeafHash(of: $0) } } }

    @discardableResult
    func archive(
        _ kept: ArchiveSetup.Kept = .blocks(6),
        _ bodies: ArchiveSetup.Bodies = .discarded,
        progress: @escaping (ArchiveSetup.Progress) throws -> Void = { _ in }
    ) async throws -> ArchiveSetup.Report {
        try await ArchiveSetup.run(
            in: data,
            genesis: ledger.genesis,
            keeping: kept,
            bodies: bodies,
            progress: progress
        )
    }

    /// Changes the stopped ledger.
    func change(_ body: (LedgerStore) throws -> Void) throws {
        let store = try LedgerStore.open(in: DataFolder(opening: data))
        try body(store)
        try store.close()
    }

    func verified() async throws -> VerificationReport {
        try await LedgerVerifier(reader).verify(chain: ledger.genesis.chain)
    }
}
