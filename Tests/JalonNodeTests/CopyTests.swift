import Foundation
import JalonCrypto
import JalonModel
import JalonStorage
import Testing

@testable import JalonNode

@Suite("A ledger is exported into one file")
struct ExportTests {
    private let temporary: TemporaryFolder
    private let ledger: LedgerFixture
    private var folder: String { "\(temporary.path)/data" }
    private var file: String { "\(temporary.path)/ledger.jalon-export" }

    /// Six blocks of two transactions; the fourth and the last have no finalization of their own.
    init() throws {
        temporary = try TemporaryFolder()
        var ledger = try LedgerFixture(folder: "\(temporary.path)/data")
        for number in 1...6 {
            let transactions = [try ledger.plan(2 * number), try ledger.plan(2 * number + 1)]
            try ledger.append(transactions, isSealed: number != 4 && number != 6)
        }
        try ledger.close()
        self.ledger = ledger
    }

    private func export(upTo limit: Height? = nil) async throws -> Height {
        try await LedgerReader.open(readOnly: folder).export(to: file, upTo: limit).height
    }

    private func verified(_ path: String) async throws -> VerificationReport {
        try await LedgerVerifier(source: ExportedLedger(path: path), batchCount: 2).verify()
    }

    @Test("up to the last block with a finalization of its own, and the file proves itself")
    func whole() async throws {
        #expect(try await export() == Height(5))
        let report = try await verified(file)
        #expect(report.height == Height(5))
        #expect(report.head == ledger.blocks[4].id)
        #expect(report.transactionCount == 10)
        #expect(report.chain == ledger.genesis.chain)
    }

    @Test("or up to a height, where a block without one is left out")
    func part() async throws {
        #expect(try await export(upTo: Height(4)) == Height(3))
        #expect(try await verified(file).height == Height(3))
    }

    @Test("with nothing but a genesis")
    func genesisOnly() async throws {
        #expect(try await export(upTo: Height(0)) == Height(0))
        #expect(try await verified(file).height == Height(0))
    }

    @Test("never over another file, which stays as it is")
    func exists() async throws {
        try Data("mine".utf8).write(to: URL(fileURLWithPath: file))
        await #expect(throws: StorageError.fileExists(path: file)) { try await export() }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data("mine".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path).count == 2)
    }

    @Test("read again from an earlier block on")
    func rewound() async throws {
        _ = try await export()
        let exported = try ExportedLedger(path: file)
        let all = try exported.rawBlocks(from: Height(1), count: 10, byteLimit: 1 << 20)
        #expect(all.map(\.height.value) == [1, 2, 3, 4, 5])
        let some = try exported.rawBlocks(from: Height(3), count: 2, byteLimit: 1 << 20)
        #expect(some == Array(all[2..<4]))
        #expect(try exported.rawBlocks(from: Height(6), count: 2, byteLimit: 1 << 20).isEmpty)
    }

    @Test("and is refused where it is none, is cut off, or has more behind its end")
    func damaged() async throws {
        _ = try await export()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        let other = "\(temporary.path)/other"
        func written(_ data: Data) throws -> String {
            try data.write(to: URL(fileURLWithPath: other))
            return other
        }
        for foreign in [Data(), Data("{}".utf8), Data([0x84, 0x61, 0x78]), bytes.dropFirst()] {
            let path = try written(Data(foreign))
            #expect(throws: ExportError.self) { try ExportedLedger(path: path) }
        }
        let cut = try written(bytes.dropLast(40))
        await #expect(throws: VerificationFailure.self) { try await verified(cut) }
        let longer = try written(bytes + [0])
        await #expect(throws: VerificationFailure.self) { try await verified(longer) }
    }

    @Test("of which no flipped bit goes unnoticed", arguments: 1...5)
    func flipped(seed: UInt64) async throws {
        _ = try await export()
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        var generator = SeededRandom(seed)
        for round in 0..<FlipCount.each(of: 5, usual: 50) {
            var changed = bytes
            // Of each fifty some fall into the first item, which is short.
            let end = round % 5 == 0 ? min(400, bytes.count) : bytes.count
            let position = Int.random(in: 0..<end, using: &generator)
            changed[position] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            let copy = "\(temporary.path)/flipped"
            try Data(changed).write(to: URL(fileURLWithPath: copy))
            do {
                _ = try await LedgerVerifier(source: ExportedLedger(path: copy)).verify(
                    chain: ledger.genesis.chain
                )
                Issue.record("the flipped byte \(position) went unnoticed")
            } catch {
                #expect(error is VerificationFailure || error is ExportError, "\(error)")
            }
        }
    }
}

@Suite("A node's empty ledger is filled from a copy")
struct ImportTests {
    private let temporary: TemporaryFolder
    private let ledger: LedgerFixture
    private let source: LedgerReader

    init() throws {
        temporary = try TemporaryFolder()
        var ledger = try LedgerFixture(folder: "\(temporary.path)/data")
        for number in 1...5 { try ledger.append([try ledger.plan(number)], isSealed: number != 2) }
        try ledger.close()
        self.ledger = ledger
        source = try LedgerReader.open(readOnly: "\(temporary.path)/data")
    }

    private func configuration(validator: String? = nil) throws -> NodeConfiguration {
        let genesis = "\(temporary.path)/genesis.cbor"
        try Data(ledger.genesis.encoded).write(to: URL(fileURLWithPath: genesis))
        return NodeConfiguration(
            network: ledger.genesis.network,
            genesis: genesis,
            data: "\(temporary.path)/new",
            listen: SocketAddress(host: "127.0.0.1", port: 7400),
            apiListen: SocketAddress(host: "127.0.0.1", port: 8400),
            keys: NodeKeys(node: "\(temporary.path)/node.pem", validator: validator)
        )
    }

    @Test("so that it holds the same blocks, the same state, and all that follows from them")
    func whole() async throws {
        let outcome = try await LedgerImport(source).run(into: configuration())
        #expect(outcome.report.height == Height(5) && !outcome.rejoins)
        let copy = try LedgerReader.open(readOnly: "\(temporary.path)/new")
        let report = try await LedgerVerifier(copy).verify(chain: ledger.genesis.chain)
        #expect(report.head == ledger.blocks.last?.id)
        #expect(report.certificateCount == 4)
        let last = try ledger.plan(5)
        #expect(try copy.transaction(last.id)?.location.height == Height(5))
        #expect(try copy.restore(replayReach: 3_600_000).rejoin == nil)
    }

    @Test("and a validator then has to rejoin, since no copy holds its votes")
    func validator() async throws {
        let configuration = try configuration(validator: "\(temporary.path)/validator.pem")
        #expect(try await LedgerImport(source).run(into: configuration).rejoins)
        let copy = try LedgerReader.open(readOnly: "\(temporary.path)/new")
        #expect(try copy.restore(replayReach: 3_600_000).rejoin == .required)
    }

    @Test("but not one that holds blocks")
    func exists() async throws {
        let configuration = try configuration()
        _ = try await LedgerImport(source).run(into: configuration)
        await #expect(throws: StorageError.exists(path: configuration.data)) {
            try await LedgerImport(source).run(into: configuration)
        }
    }

    @Test("up to the first block that is bad, and no further")
    func badBlock() async throws {
        let file = "\(temporary.path)/copy"
        _ = try await source.export(to: file)
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        let header = ledger.blocks[3].header.stateRoot.bytes
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: header) })
        bytes[place] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: "\(file)-2"))
        let importer = LedgerImport(try ExportedLedger(path: "\(file)-2"))
        let failure = await #expect(throws: VerificationFailure.self) {
            try await importer.run(into: configuration())
        }
        #expect(failure?.place == .block(Height(4)))
    }
}

@Suite("A ledger is verified quickly")
struct QuickVerifyTests {
    private let temporary: TemporaryFolder
    private var folder: String { "\(temporary.path)/data" }

    init() throws {
        temporary = try TemporaryFolder()
    }

    private func ledger(_ flaw: LedgerFixture.Flaw = .init(), isSealed: Bool = true) throws -> LedgerFixture {
        var ledger = try LedgerFixture(folder: folder)
        for number in 1...4 { try ledger.append([try ledger.plan(number)], isSealed: number != 2) }
        try ledger.append([try ledger.plan(5)], isSealed: isSealed, flaw: flaw)
        try ledger.close()
        return ledger
    }

    private func quick() async throws -> VerificationReport {
        try await LedgerVerifier(LedgerReader.open(readOnly: folder), batchCount: 2).verifyQuickly()
    }

    @Test("by links, roots and the head's certificate")
    func whole() async throws {
        let ledger = try ledger()
        let report = try await quick()
        #expect(report.depth == .quick && report.height == Height(5))
        #expect(report.head == ledger.blocks.last?.id)
        #expect(report.stateRoot == ledger.blocks.last?.header.stateRoot)
        #expect(report.signatureCount == 3 && report.transactionCount == 5)
    }

    @Test("with nothing but a genesis")
    func genesisOnly() async throws {
        try LedgerFixture(folder: folder).close()
        #expect(try await quick().height == Height(0))
    }

    @Test("and refused where no quorum sealed the head")
    func unsealed() async throws {
        _ = try ledger(isSealed: false)
        let failure = await #expect(throws: VerificationFailure.self) { try await quick() }
        #expect(failure?.place == .block(Height(5)))
        // No signature of a transaction was checked, so no block is called verified.
        #expect(failure?.verified == nil)
    }

    @Test("and refused where too few did, or the head's roots are others")
    func badHead() async throws {
        var flaws: [LedgerFixture.Flaw] = Array(repeating: .init(), count: 4)
        flaws[0].signerCount = 2
        flaws[1].header = { $0.stateRoot = .zero }
        flaws[2].header = { $0.logRoot = .zero }
        flaws[3].header = { $0.parentView = View(77) }
        for flaw in flaws {
            try? FileManager.default.removeItem(atPath: folder)
            _ = try ledger(flaw)
            await #expect(throws: VerificationFailure.self) { try await quick() }
        }
    }

    @Test("and a stored row that is not the head's state is found")
    func badRow() async throws {
        _ = try ledger()
        let path = "\(folder)/ledger.sqlite"
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        let needle = Array("plan/XZ-01-2020-P3".utf8)
        for place in bytes.indices.filter({ bytes[$0...].starts(with: needle) }) {
            bytes[place + needle.count + 12] ^= 1
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let failure = await #expect(throws: VerificationFailure.self) { try await quick() }
        #expect(failure?.place == .derived("the stored state"))
    }
}
