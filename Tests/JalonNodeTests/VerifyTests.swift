import Foundation
import JalonCrypto
import JalonModel
import Testing

@testable import JalonNode
@testable import JalonStorage

/// Verifies the ledger of a folder.
private func verify(_ folder: String, chain: ChainID? = nil) async throws -> VerificationReport {
    try await LedgerVerifier(LedgerReader.open(readOnly: folder), batchCount: 3).verify(chain: chain)
}

@Suite("A ledger is verified")
struct VerifyTests {
    private let temporary: TemporaryFolder
    private var folder: String { "\(temporary.path)/data" }

    init() throws {
        temporary = try TemporaryFolder()
    }

    /// Eight blocks: two transactions in most, none in the fifth, no finalization of its own for the third.
    private func wholeLedger() throws -> LedgerFixture {
        var ledger = try LedgerFixture(folder: folder)
        for number in 1...8 {
            let transactions =
                number == 5 ? [] : [try ledger.plan(2 * number), try ledger.plan(2 * number + 1)]
            try ledger.append(transactions, isSealed: number != 3)
        }
        return ledger
    }

    private func failure(of operation: () async throws -> Void) async -> VerificationFailure? {
        do { try await operation() } catch { return error as? VerificationFailure }
        return nil
    }

    @Test("and found in order, with everything counted")
    func wellMade() async throws {
        let ledger = try wholeLedger()
        try ledger.close()
        let report = try await verify(folder, chain: ledger.genesis.chain)
        #expect(report.height == Height(8))
        #expect(report.head == ledger.blocks.last?.id)
        #expect(report.stateRoot == ledger.blocks.last?.header.stateRoot)
        #expect(report.transactionCount == 14)
        #expect(report.certificateCount == 7)
        #expect(report.signatureCount == 14 + 7 * 3)
        #expect(report.validatorCount == 4)
    }

    @Test("in batches that are small at both ends, where nothing else keeps the processors busy")
    func batches() async throws {
        var ledger = try LedgerFixture(folder: folder)
        for _ in 1...40 { try ledger.append([]) }
        try ledger.close()
        var ends = [0]
        _ = try await LedgerVerifier(LedgerReader.open(readOnly: folder), batchCount: 4).verify { progress in
            ends.append(Int(progress.height.value))
        }
        let counts = zip(ends.dropFirst(), ends).map { $0 - $1 }
        #expect(counts.reduce(0, +) == 40 && counts.first == 2 && (1...2).contains(counts.last ?? 0))
        #expect(counts.max() == 4)
    }

    @Test("beside the node that writes it")
    func running() async throws {
        let ledger = try wholeLedger()
        #expect(try await verify(folder).height == Height(8))
        try ledger.close()
    }

    @Test("with nothing but a genesis")
    func genesisOnly() async throws {
        let ledger = try LedgerFixture(folder: folder)
        try ledger.close()
        #expect(try await verify(folder).height == Height(0))
    }

    @Test("and refused where it is another chain than the one that was asked for")
    func otherChain() async throws {
        let ledger = try wholeLedger()
        try ledger.close()
        let failure = await failure { _ = try await verify(folder, chain: ChainID(.zero)) }
        #expect(failure?.place == .genesis)
    }

    @Test("and found in order where the last blocks are covered by a block that is not applied yet")
    func coveredByDescendant() async throws {
        var ledger = try LedgerFixture(folder: folder)
        try ledger.append([try ledger.plan(1)])
        try ledger.append([try ledger.plan(2)], isSealed: false)
        let parent = try #require(ledger.blocks.last)
        var header = parent.header
        (header.parent, header.parentView) = (parent.id, parent.header.view)
        (header.view, header.height) = (parent.header.view.next, parent.header.height.next)
        header.timestamp = header.timestamp.advanced(byMilliseconds: 1)
        header.bodyByteCount = 0
        let child = Block(header: header, transactions: [])
        try ledger.perform([.block(child), .certificate(ledger.certificate(for: child))])
        try ledger.close()
        #expect(try await verify(folder).height == Height(2))
    }

    @Test("and refused where no quorum sealed the last block")
    func uncovered() async throws {
        var ledger = try LedgerFixture(folder: folder)
        try ledger.append([try ledger.plan(1)])
        try ledger.append([try ledger.plan(2)], isSealed: false)
        try ledger.close()
        let failure = await failure { _ = try await verify(folder) }
        #expect(failure?.place == .block(Height(2)))
        #expect(failure?.verified == Height(1))
    }

    // MARK: - Blocks that validators sealed wrongly

    enum Defect: CaseIterable {
        case epoch, view, time, leader, logSize, logRoot, stateRoot, validators, nextValidators, fewSigners
        case repeated, againstARule

        var words: String {
            switch self {
            case .epoch: "its epoch is 1"
            case .view: "leader"
            case .time: "its time is"
            case .leader: "its leader is"
            case .logSize: "its log size is"
            case .logRoot: "its log root is"
            case .stateRoot: "its state root is"
            case .validators: "its validators hash is"
            case .nextValidators: "its next validators hash is"
            case .fewSigners: "its finalization is not by 3 of the 4 validators"
            case .repeated: "stands in the ledger already"
            case .againstARule: "transaction 0 breaks a rule: E_DUPLICATE_ID"
            }
        }

        var flaw: LedgerFixture.Flaw {
            var flaw = LedgerFixture.Flaw()
            switch self {
            case .epoch: flaw.header = { $0.epoch = Epoch(1) }
            case .view: flaw.header = { $0.view = View(9) }
            case .time: flaw.header = { $0.timestamp = Timestamp(1) }
            case .leader: flaw.header = { $0.leader = ValidatorIndex(($0.leader.value + 1) % 4) }
            case .logSize: flaw.header = { $0.logSize += 1 }
            case .logRoot: flaw.header = { $0.logRoot = .zero }
            case .stateRoot: flaw.header = { $0.stateRoot = .zero }
            case .validators: flaw.header = { $0.validatorsHash = .zero }
            case .nextValidators: flaw.header = { $0.nextValidatorsHash = .zero }
            case .fewSigners: flaw.signerCount = 2
            case .repeated, .againstARule: flaw.skipsExecution = true
            }
            return flaw
        }
    }

    @Test(
        "and refused with the block's number and the defect, although it is sealed",
        arguments: Defect.allCases
    )
    func defect(_ defect: Defect) async throws {
        var ledger = try LedgerFixture(folder: folder)
        let first = try ledger.plan(1)
        try ledger.append([first])
        let transaction =
            switch defect {
            case .repeated: first
            case .againstARule: try ledger.plan(1, nonce: 99)
            default: try ledger.plan(2)
            }
        try ledger.append([transaction], flaw: defect.flaw)
        try ledger.close()
        let failure = await failure { _ = try await verify(folder) }
        #expect(failure?.place == .block(Height(2)))
        #expect(failure?.reason.contains(defect.words) == true, "\(failure?.reason ?? "in order")")
        #expect(failure?.verified == Height(1))
    }

    /// Damages beside blocks that are in order, and words that name them.
    static let damages = [
        ("UPDATE block SET checksum = checksum + 1 WHERE number = 3", "the checksum is another"),
        ("UPDATE block SET id = zeroblob(32) WHERE number = 4", "the hash of the header is another"),
        ("UPDATE chain SET log_size = log_size + 1 WHERE height = 4", "the row 4 of the table chain"),
        ("UPDATE transaction_place SET key = key + 1 WHERE place = 3", "the index of transactions"),
        ("INSERT INTO transaction_place VALUES (9, 9, 9)", "the index of transactions goes beyond"),
        ("DELETE FROM transaction_place WHERE place = 3", "the index of transactions"),
        ("UPDATE finalization SET checksum = checksum + 1 WHERE height = 4", "the checksum is another"),
        ("UPDATE finalization SET view = view + 1 WHERE height = 4", "names another view or epoch"),
    ]

    @Test("and refused for what stands beside blocks that are in order", arguments: damages)
    func besideBlocks(sql: String, words: String) async throws {
        try wholeLedger().close()
        let store = try LedgerStore.open(in: DataFolder(opening: folder))
        try store.execute(sql)
        try store.close()
        let failure = await failure { _ = try await verify(folder) }
        #expect(failure?.reason.contains(words) == true, "\(failure?.reason ?? "in order")")
    }

    @Test("and refused naming the transaction whose signature does not match")
    func badSignature() async throws {
        var ledger = try LedgerFixture(folder: folder)
        try ledger.append([try ledger.plan(1)])
        var flaw = LedgerFixture.Flaw()
        flaw.bytes = { bytes in bytes[1][bytes[1].count - 1] ^= 1 }
        try ledger.append([try ledger.plan(2), try ledger.plan(3)], flaw: flaw)
        try ledger.close()
        let failure = await failure { _ = try await verify(folder) }
        #expect(failure?.place == .block(Height(2)))
        #expect(failure?.reason.hasPrefix("transaction 1: the signature of xz-01 does not match") == true)
        let words = failure?.description ?? ""
        #expect(
            words.hasPrefix("block 2: transaction 1: ") && words.hasSuffix(". Blocks 0–1 verified."),
            "\(words)"
        )
    }
}

@Suite("One byte of a ledger's file is flipped")
struct FlippedByteTests {
    private let temporary: TemporaryFolder
    private let ledger: LedgerFixture
    private let bytes: [UInt8]

    init() throws {
        temporary = try TemporaryFolder()
        var ledger = try LedgerFixture(folder: "\(temporary.path)/data")
        for number in 1...6 {
            try ledger.append([try ledger.plan(2 * number), try ledger.plan(2 * number + 1)])
        }
        try ledger.close()
        self.ledger = ledger
        bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(temporary.path)/data/ledger.sqlite")))
    }

    /// Verifies a copy with one bit flipped at each of some positions.
    private func failure(flipping positions: [Int], bit: UInt8 = 0x01) async throws -> (any Error)? {
        let copy = "\(temporary.path)/copy-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: copy,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        defer { try? FileManager.default.removeItem(atPath: copy) }
        var changed = bytes
        for position in positions { changed[position] ^= bit }
        try Data(changed).write(to: URL(fileURLWithPath: "\(copy)/ledger.sqlite"))
        do {
            let report = try await verify(copy)
            // What is left are bytes that mean nothing; then the ledger read from them is the same one.
            #expect(report.head == ledger.blocks.last?.id)
            #expect(report.stateRoot == ledger.blocks.last?.header.stateRoot)
            return nil
        } catch {
            return error
        }
    }

    /// Where the bytes stand: in a page that is read, and maybe in others that SQLite has left behind.
    private func positions(of needle: [UInt8]) throws -> [Int] {
        let starts = bytes.indices.filter { bytes[$0] == needle[0] && bytes[$0...].starts(with: needle) }
        try #require(!starts.isEmpty)
        return starts
    }

    @Test("in a transaction: the block and the transaction are named", arguments: 1...6)
    func transactions(height: Int) async throws {
        let block = ledger.blocks[height - 1]
        for (index, transaction) in block.transactions.enumerated() {
            let starts = try positions(of: transaction)
            for step in stride(from: 0, to: transaction.count, by: 37) {
                let failure = try await failure(flipping: starts.map { $0 + step }) as? VerificationFailure
                #expect(
                    failure?.place == .block(Height(UInt64(height))),
                    "byte \(step): \(failure?.description ?? "none")"
                )
                #expect(failure?.verified == Height(UInt64(height - 1)))
                let reason = failure?.reason ?? ""
                #expect(
                    reason.contains("transaction \(index)") || reason.contains("bytes are not"),
                    "\(reason)"
                )
            }
        }
    }

    @Test("in a header: the block is named", arguments: 1...6)
    func headers(height: Int) async throws {
        let encoded = ledger.blocks[height - 1].header.encoded
        let starts = try positions(of: encoded)
        for step in stride(from: 0, to: encoded.count, by: 7) {
            let failure = try await failure(flipping: starts.map { $0 + step }) as? VerificationFailure
            #expect(
                failure?.place == .block(Height(UInt64(height))),
                "byte \(step): \(failure?.description ?? "none")"
            )
            #expect(failure?.verified == Height(UInt64(height - 1)))
        }
    }

    @Test("in a finalization: the block that it seals is named", arguments: [1, 4, 6])
    func finalizations(height: Int) async throws {
        let encoded = ledger.certificate(for: ledger.blocks[height - 1]).encoded
        let starts = try positions(of: encoded)
        for step in stride(from: 0, to: encoded.count, by: 11) {
            let failure = try await failure(flipping: starts.map { $0 + step }) as? VerificationFailure
            #expect(
                failure?.place == .block(Height(UInt64(height))),
                "byte \(step): \(failure?.description ?? "none")"
            )
        }
    }

    @Test("in the genesis: nothing is verified")
    func genesis() async throws {
        let encoded = ledger.genesis.encoded
        for step in stride(from: 0, to: encoded.count - 24, by: 101) {
            // A value longer than a page lies in pieces, so each place is looked for by what follows it.
            let starts = try positions(of: Array(encoded[step..<step + 24]))
            #expect(try await failure(flipping: starts) != nil, "byte \(step)")
        }
    }

    @Test("in a row of the state: the row is named")
    func state() async throws {
        let path = Array("plan/XZ-01-2020-P3".utf8)
        let starts = try positions(of: path)
        let failure = try await failure(flipping: starts.map { $0 + path.count + 12 }) as? VerificationFailure
        #expect(failure?.place == .derived("the stored state"))
        #expect(failure?.verified == Height(6))
    }

    @Test("anywhere: it is found, or the ledger read is the same one", arguments: 1...6)
    func anywhere(seed: UInt64) async throws {
        var generator = SeededRandom(seed)
        for _ in 0..<FlipCount.each(of: 6, usual: 40) {
            let position = Int.random(in: bytes.indices, using: &generator)
            _ = try await failure(flipping: [position], bit: 1 << UInt8.random(in: 0...7, using: &generator))
        }
    }
}
