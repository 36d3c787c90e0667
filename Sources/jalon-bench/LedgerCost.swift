import Foundation
import JalonClient
import JalonCrypto
import JalonModel
import JalonState
import JalonStorage

/// What a ledger of many commitments costs a node: the next transaction, memory, the overview, and a start.
///
/// The blocks are executed and stored here and carry no votes, since nothing of consensus is measured; the node that then
/// starts on them is a real one.
struct LedgerCost {
    private static let blockSize = 1_000
    /// Blocks that are made ahead, and stored in one go.
    private static let groupSize = 5
    /// The last group, beside which nothing is made.
    private static let measuredBlocks = 5

    /// At one number of milestones.
    struct Figures: Encodable {
        let milestones: Int
        /// Execution, root and leaves of one more milestone.
        let microseconds: Double
        /// From the program's start to the first answer of a node that is ready.
        let startSeconds: Double
        /// The overview's hundred commitments and its counts: at first, and later.
        let firstOverviewMilliseconds: Double
        let overviewMilliseconds: Double
        let memoryBytes: Int

        /// For the table.
        var line: String {
            String(
                format: "%.1f µs a transaction   start %.2f s   overview %.1f ms, at first %.0f ms   %d MiB",
                microseconds,
                startSeconds,
                overviewMilliseconds,
                firstOverviewMilliseconds,
                memoryBytes >> 20
            )
        }
    }

    struct Result {
        let commitments: Int
        let small: Figures
        let large: Figures
        /// Of a node without a commitment.
        let emptyMemoryBytes: Int

        var ratio: Double { small.microseconds > 0 ? large.microseconds / small.microseconds : 0 }
        /// Bytes of a node's memory, at each size.
        var bytesPerMilestone: Double {
            Double(large.memoryBytes - small.memoryBytes) / Double(large.milestones - small.milestones)
        }
        var bytesPerCommitment: Double {
            let milestones = Double(small.milestones) * bytesPerMilestone
            return (Double(small.memoryBytes - emptyMemoryBytes) - milestones) / Double(commitments)
        }
    }

    private let network: BenchNetwork
    private let node: NodeProcess
    private let genesis: Genesis
    private let key: PublicKey
    private var workload: Workload
    private var state: LedgerState
    private var frontier = MerkleFrontier()
    private var parent: (id: BlockID, height: Height, view: View, time: Timestamp)

    static func measure(
        program: String,
        folder: String,
        commitments: Int,
        small: Int,
        large: Int
    ) async throws -> Result {
        var cost = try LedgerCost(program: program, folder: folder, commitments: commitments)
        defer { cost.network.stop() }
        let empty = try await cost.startedMemory()
        try await cost.extend { store, cost in
            let time = Workload.now()
            try cost.store([try cost.workload.plan(of: 0, at: time)], in: store)
            try cost.store(try cost.workload.commitments(of: 0, at: time), in: store)
        }
        let first = try await cost.figures(at: small, after: 0)
        let second = try await cost.figures(at: large, after: small)
        return Result(commitments: commitments, small: first, large: second, emptyMemoryBytes: empty)
    }

    private init(program: String, folder: String, commitments: Int) throws {
        network = try BenchNetwork(program: program, folder: folder, validatorCount: 1)
        guard let node = network.nodes.first, let member = network.members.first else {
            throw BenchFailure("jalon devnet made no node")
        }
        self.node = node
        key = member.key.publicKey
        let store = try LedgerStore.open(in: DataFolder(opening: node.dataFolder))
        defer { try? store.close() }
        guard try store.reader.finalHeight() == Height(0) else {
            throw BenchFailure("the new network has blocks already")
        }
        genesis = try Genesis.decode(try store.reader.genesis())
        state = LedgerState(genesis: genesis)
        parent = (genesis.blockID, Height(0), View(0), genesis.time)
        workload = Workload(
            chain: genesis.chain,
            members: [(member.id, member.region, NoSignature(publicKey: key))],
            commitmentCount: commitments
        )
    }

    // MARK: - The ledger

    private mutating func extend(
        _ body: (LedgerStore, inout LedgerCost) async throws -> Void
    ) async throws {
        let store = try LedgerStore.open(in: DataFolder(opening: node.dataFolder))
        do {
            guard try store.reader.finalHeight() == parent.height else {
                throw BenchFailure("the node made blocks of its own")
            }
            try await body(store, &self)
        } catch {
            try? store.close()
            throw error
        }
        try store.close()
    }

    /// Executes and stores blocks of these transactions.
    ///
    /// - Returns: The microseconds that the execution of a transaction took, in each block.
    @discardableResult
    private mutating func store(_ transactions: [Transaction], in store: LedgerStore) throws -> [Double] {
        var costs: [Double] = []
        var blocks: [Record] = []
        for start in stride(from: 0, to: transactions.count, by: LedgerCost.blockSize) {
            let own = Array(transactions[start..<min(start + LedgerCost.blockSize, transactions.count)])
            let (block, seconds) = try execute(own)
            blocks.append(.final(block))
            costs.append(seconds * 1e6 / Double(own.count))
        }
        try store.perform(blocks)
        return costs
    }

    /// Executes one block.
    ///
    /// - Returns: What is to be stored, and the seconds that its execution took.
    private mutating func execute(
        _ transactions: [Transaction]
    ) throws -> (block: FinalBlock, seconds: Double) {
        let verified = transactions.compactMap { $0.verified(key: key, by: Trusting()) }
        let (height, time) = (
            parent.height.next, max(Workload.now(), parent.time.advanced(byMilliseconds: 1))
        )
        let validators = state.validators.hash
        let start = ContinuousClock.now
        var execution = BlockExecution(
            on: state,
            context: BlockContext(genesis, height: height, timestamp: time)
        )
        for transaction in verified { try execution.apply(transaction) }
        let changes: [LeafChange]
        (state, changes) = execution.finish()
        let seconds = (ContinuousClock.now - start).seconds
        for transaction in transactions { frontier.append(transaction.leaf) }
        let header = BlockHeader(
            chain: genesis.chain,
            epoch: Epoch(0),
            view: View(height.value),
            height: height,
            parentView: parent.view,
            parent: parent.id,
            timestamp: time,
            leader: genesis.validators.leader(of: View(height.value), offset: 0),
            logSize: frontier.size,
            logRoot: frontier.root,
            bodyByteCount: transactions.reduce(0) { $0 + UInt64($1.bytes.count) },
            stateRoot: state.root,
            validatorsHash: validators,
            nextValidatorsHash: state.validators.hash
        )
        let block = Block(header: header, transactions: transactions.map(\.bytes))
        let final = FinalBlock(
            block: block,
            transactions: transactions.map(\.id),
            // The storage gets the genesis' leaves with the first block, as from a node.
            changes: height.value == 1
                ? state.leaves.map { LeafChange(path: $0.path, value: $0.value) } : changes,
            frontier: frontier.encoded
        )
        parent = (block.id, height, header.view, time)
        return (final, seconds)
    }

    // MARK: - Measuring

    private mutating func figures(at count: Int, after made: Int) async throws -> Figures {
        var costs: [Double] = []
        try await extend { store, cost in
            // The next ones are made while these are stored.
            let size = LedgerCost.blockSize * LedgerCost.groupSize
            var making = Made(by: cost.workload, min(size, count - made))
            for start in stride(from: made, to: count, by: size) {
                let group = try await making.value
                cost.workload = group.workload
                let next = min(size, count - start - size)
                if next > 0 { making = Made(by: cost.workload, next) }
                costs += try cost.store(group.milestones, in: store)
            }
        }
        let start = ContinuousClock.now
        try node.start()
        defer { node.stop() }
        try await network.waitUntilReady(node)
        let startSeconds = (ContinuousClock.now - start).seconds
        let first = try await overview()
        var later: [Double] = []
        for _ in 0..<20 { later.append(try await overview()) }
        return Figures(
            milestones: count,
            microseconds: Array(costs.suffix(LedgerCost.measuredBlocks)).median,
            startSeconds: startSeconds,
            firstOverviewMilliseconds: first,
            overviewMilliseconds: later.median,
            memoryBytes: node.memory.now
        )
    }

    /// Milestones that are being made, and the workload after them.
    private struct Made {
        private let task: Task<(milestones: [Transaction], workload: Workload), any Error>

        init(by workload: Workload, _ count: Int) {
            task = Task {
                var workload = workload
                return (try workload.milestones(count, at: Workload.now()), workload)
            }
        }

        var value: (milestones: [Transaction], workload: Workload) {
            get async throws { try await task.value }
        }
    }

    /// Milliseconds for what the overview shows.
    private func overview() async throws -> Double {
        let start = ContinuousClock.now
        _ = try await node.client.status(limit: 100)
        return (ContinuousClock.now - start).seconds * 1e3
    }

    private func startedMemory() async throws -> Int {
        try node.start()
        defer { node.stop() }
        try await network.waitUntilReady(node)
        _ = try await overview()
        return node.memory.now
    }
}
