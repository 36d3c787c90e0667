import JalonModel
import JalonState
import Synchronization
import Testing

@testable import JalonNode
@testable import JalonStorage

/// A stopped node's ledger, its blocks half a minute apart, where transactions live for a minute.
struct StoppedLedger {
    let temporary: TemporaryFolder
    let ledger: LedgerFixture
    var data: String { "\(temporary.path)/data" }
    var file: String { "\(temporary.path)/old.jalon-export" }

    /// Of fourteen blocks.
    init() throws {
        try self.init(validatorCount: 4) { ledger in
            for number in 1...14 {
                let plans = number == 5 ? [] : [try ledger.plan(2 * number), try ledger.plan(2 * number + 1)]
                try ledger.append(plans, isSealed: number != 3)
            }
        }
    }

    private init(temporary: TemporaryFolder, ledger: LedgerFixture) {
        (self.temporary, self.ledger) = (temporary, ledger)
    }

    init(validatorCount: Int, _ fill: (inout LedgerFixture) throws -> Void) throws {
        temporary = try TemporaryFolder()
        var ledger = try LedgerFixture(
            folder: "\(temporary.path)/made",
            validatorCount: validatorCount,
            interval: 30_000,
            lifetime: 60_000
        )
        try fill(&ledger)
        try ledger.close()
        self.ledger = ledger
        _ = try temporary.copyLedger(in: "\(temporary.path)/made", to: "data")
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

    /// The same ledger in a folder of its own.
    func copy() throws -> StoppedLedger {
        let copy = StoppedLedger(temporary: try TemporaryFolder(), ledger: ledger)
        _ = try copy.temporary.copyLedger(in: data, to: "data")
        return copy
    }

    func verified() async throws -> VerificationReport {
        try await LedgerVerifier(reader).verify(chain: ledger.genesis.chain)
    }

    /// Another folder, joined by a snapshot of the block at a height, which is sealed.
    func joined(after height: Int) async throws -> String {
        let (file, joined) = ("\(temporary.path)/snapshot", "\(temporary.path)/joined")
        var verifier = LedgerVerifier(try reader, batchCount: 1)
        let checked = Mutex(0)
        verifier.checkpoints = VerificationCheckpoints(path: file) { checked.withLock { $0 } == height - 1 }
        await #expect(throws: VerificationInterrupted(height: Height(UInt64(height)), checkpoint: file)) {
            try await verifier.verify { progress in checked.withLock { $0 = Int(progress.height.value) } }
        }
        _ = try SnapshotSetup.fill(
            from: file,
            genesis: ledger.genesis,
            in: DataFolder(creating: joined),
            rejoins: false
        )
        return joined
    }

    /// Adds to a joined folder the blocks that this one has besides, as a node would have taken them.
    @discardableResult
    func grow(_ joined: String) async throws -> LedgerBase {
        let store = try LedgerStore.open(in: DataFolder(opening: joined))
        defer { try? store.close() }
        var check = ChainCheck(
            genesis: ledger.genesis,
            from: try #require(try LedgerBeginning.check(store.reader, genesis: ledger.genesis))
        )
        let last = try reader.finalHeight()
        while check.tip.height < last {
            // One after the other: the next epoch's validators stand in the state.
            let raw = try reader.rawBlocks(from: check.tip.height.next, count: 1, byteLimit: 1)
            let blocks = await StoredBlockCheck.concurrently(
                raw,
                keys: check.state.keyDirectory,
                contexts: check.contexts
            )
            for block in blocks {
                let final = try check.take(block)
                var records: [Record] = []
                if case .verified(let certificate) = check.judged(block.finality) {
                    records.append(.certificate(certificate))
                }
                try store.perform(records + [.final(final)])
            }
        }
        return try #require(try store.reader.base())
    }
}
