import Foundation
import JalonAPI
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import JalonStorage
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// The states after past blocks, made by executing the stored blocks again: the genesis is the only state that is kept.
///
/// One is made at a time, on a thread that gives way to all others, and for a bounded time: what was reached by then is
/// kept, so that whoever asks again goes on from there. A few are remembered for a while.
final class PastStates: Sendable {
    /// What bounds the work that a request may bring about.
    struct Limits: Sendable {
        /// How long blocks are executed for one request.
        var time: Duration = .seconds(3)
        /// Blocks that are read and executed between two looks at the clock; so many at least for one request.
        var blockCount = 64
        /// The longest log that is executed again: what it makes is as large in memory as the node's own state was then.
        var transactionCount: UInt64 = 1_000_000
        /// The states that are remembered.
        var stateCount = 3
        /// How long they are remembered after the last one was asked for.
        var memory: Duration = .seconds(600)
    }

    private struct State {
        /// The one asked for last stands last.
        var points: [PastPoint] = []
        var tables: [StatusTable] = []
        var isBusy = false
        /// When what is remembered is forgotten.
        var deadline: Deadlines.Ticket?
    }

    private let genesis: Genesis
    private let reader: LedgerReader
    /// The first block whose state can be had, where that is not the genesis.
    private let first: Height?
    private let limits: Limits
    private let state = Mutex(State())

    init(genesis: Genesis, reader: LedgerReader, first: Height? = nil, limits: Limits = Limits()) {
        (self.genesis, self.reader, self.first, self.limits) = (genesis, reader, first, limits)
    }

    /// What a reader would have seen of the ledger after a block.
    ///
    /// - Parameters:
    ///   - height: 0 for the genesis, at most the head's.
    ///   - head: What the node has now.
    /// - Returns: The state after the block; where consensus and the peers stand is as now.
    /// - Throws: `API.Problem` where there is no such block yet, the log is too long, or it takes more time.
    func snapshot(after height: UInt64, head: LedgerSnapshot) async throws -> LedgerSnapshot {
        guard height <= head.height.value else { throw PastStates.later(height, head: head.height) }
        let height = Height(height)
        if height == head.height { return head }
        if let first, height < first {
            throw NodeLedger.beforeFirst(
                "the first state that it has is that of block \(first)",
                first: first
            )
        }
        if let point = recall(height) { return head.past(point, genesis) }
        try checkLength(of: height)
        let point = try await alone { [genesis, reader, limits] nearest in
            var point = try nearest(height) ?? PastPoint(beginning: genesis, reader: reader)
            let end = ContinuousClock.now + limits.time
            repeat {
                try point.advance(through: height, limits.blockCount, genesis: genesis, reader: reader)
            } while point.height < height && ContinuousClock.now < end
            return point
        }
        remember {
            $0.points.removeAll { $0.height == point.height }
        } adding: {
            $0.points.append(point)
        }
        guard point.height == height else { throw PastStates.unfinished(height, reached: point.height) }
        return head.past(point, genesis)
    }

    /// Where every commitment stood after a block, at a day.
    func assessed(after height: UInt64, asOf: CalendarDay?, head: LedgerSnapshot) async throws
        -> AssessedState
    {
        let snapshot = try await snapshot(after: height, head: head)
        let day = snapshot.state.statusDate(asOf: asOf, headTime: snapshot.timestamp)
        let known = state.withLock { state in
            state.tables.first { $0.height == snapshot.height && $0.day == day }
        }
        if let known { return AssessedState(snapshot: snapshot, table: known) }
        let table = try await alone { _ in
            StatusTable(snapshot.state, height: snapshot.height, day: day)
        }
        remember { _ in
        } adding: {
            $0.tables.append(table)
        }
        return AssessedState(snapshot: snapshot, table: table)
    }

    // MARK: - What is remembered

    private func recall(_ height: Height) -> PastPoint? {
        state.withLock { state in
            guard let index = state.points.firstIndex(where: { $0.height == height }) else { return nil }
            let point = state.points.remove(at: index)
            state.points.append(point)
            return point
        }
    }

    private func remember(
        _ prepare: (inout State) -> Void,
        adding add: (inout State) -> Void
    ) {
        let ticket = Deadlines.shared.add(limits.memory) { [weak self] in self?.forget() }
        let old = state.withLock { state in
            prepare(&state)
            add(&state)
            state.points.removeFirst(max(0, state.points.count - limits.stateCount))
            state.tables.removeFirst(max(0, state.tables.count - limits.stateCount))
            defer { state.deadline = ticket }
            return state.deadline
        }
        if let old { Deadlines.shared.remove(old) }
    }

    private func forget() {
        state.withLock { state in
            (state.points, state.tables, state.deadline) = ([], [], nil)
        }
    }

    // MARK: - One at a time

    /// Does one piece of work on a thread of its own.
    ///
    /// - Throws: `API.Problem` `E_BUSY` while another is being done, and whatever `work` throws.
    private func alone<Value: Sendable>(
        _ work: @escaping @Sendable (_ nearest: (Height) -> PastPoint?) throws -> Value
    ) async throws -> Value {
        let points = state.withLock { state -> [PastPoint]? in
            guard !state.isBusy else { return nil }
            state.isBusy = true
            return state.points
        }
        guard let points else { throw PastStates.busy }
        return try await withCheckedThrowingContinuation { continuation in
            let thread = Thread {
                giveWay()
                let result = Result {
                    try work { height in
                        points.filter { $0.height <= height }.max { $0.height < $1.height }
                    }
                }
                self.state.withLock { $0.isBusy = false }
                continuation.resume(with: result)
            }
            thread.name = "jalon.past"
            thread.start()
        }
    }

    // MARK: - Refusals

    private func checkLength(of height: Height) throws {
        let count = try reader.header(at: height)?.logSize ?? 0
        guard count > limits.transactionCount else { return }
        throw API.Problem(
            code: "E_PAST_HEIGHT",
            title: "Too much",
            status: 422,
            detail:
                "\(count) transactions stand before block \(height.next), this node executes at most "
                + "\(limits.transactionCount) again",
            hint: "What was reported by a day, as it counts today: --as-of DAY, in the API asOf=DAY."
        )
    }

    private static func later(_ height: UInt64, head: Height) -> API.Problem {
        .notFound(
            "E_HEIGHT",
            "the node's last final block is \(head), there is no \(height) yet",
            hint: "Wait for it: jalon feed --after \(head)"
        )
    }

    private static func unfinished(_ height: Height, reached: Height) -> API.Problem {
        var problem = API.Problem.unavailable(
            "E_PAST_HEIGHT",
            "the blocks up to \(reached) of \(height) were executed again so far",
            hint: "Ask again: it goes on from there."
        )
        problem.retryAfter = 1
        return problem
    }

    private static var busy: API.Problem {
        var problem = API.Problem.unavailable(
            "E_BUSY",
            "this node is making the state after another block",
            hint: "Ask again in a moment, or another node."
        )
        problem.retryAfter = 1
        return problem
    }
}

/// Lets everything else that the node does go before this thread.
func giveWay() {
    #if os(Linux)
    // Of this thread alone, where threads are what the system schedules.
    _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 15)
    #endif
}

/// A block of the chain and what its execution left.
struct PastPoint: Sendable {
    private(set) var state: LedgerState
    private(set) var height = Height(0)
    private(set) var block: BlockID
    private(set) var timestamp: Timestamp
    private(set) var view = View(0)
    private(set) var epoch = Epoch(0)
    private(set) var frontier = MerkleFrontier()

    /// The start of the chain.
    init(_ genesis: Genesis) {
        state = LedgerState(genesis: genesis)
        (block, timestamp) = (genesis.blockID, genesis.time)
    }

    /// The first block whose state can be had: the genesis, or the one of the snapshot that the ledger begins with.
    ///
    /// - Throws: `StorageError`, and `SnapshotError` where that is damaged.
    init(beginning genesis: Genesis, reader: LedgerReader) throws {
        self.init(genesis)
        guard let ground = try LedgerBeginning.check(reader, genesis: genesis) else { return }
        let header = ground.header
        (state, frontier) = (ground.state, ground.frontier)
        (height, block, timestamp) = (header.height, header.id, header.timestamp)
        (view, epoch) = (header.view, header.epoch)
    }

    /// Executes so many of the next blocks at the most, up to a height.
    ///
    /// - Throws: `StorageError` where the disk holds none of them, or one whose execution does not give its header's roots.
    mutating func advance(
        through last: Height,
        _ maximum: Int,
        genesis: Genesis,
        reader: LedgerReader
    ) throws {
        guard height < last else { return }
        let count = min(Int(clamping: last.value - height.value), maximum)
        let blocks = try reader.blocks(from: height.next, count: count, byteLimit: 1 << 20)
        guard !blocks.isEmpty else { throw damage("missing") }
        for stored in blocks {
            guard stored.block.header.height == height.next else { throw damage("missing") }
            try take(stored.block, genesis)
        }
    }

    private mutating func take(_ stored: Block, _ genesis: Genesis) throws {
        let header = stored.header
        var execution = BlockExecution(
            on: state,
            context: BlockContext(genesis, height: header.height, timestamp: header.timestamp)
        )
        for bytes in stored.transactions {
            let transaction = try Transaction(bytes: bytes)
            guard let key = state.key(transaction.keyID)?.key,
                let verified = transaction.verified(key: key, by: StoredSignatures())
            else { throw damage("no member has the key \(transaction.keyID)") }
            try execution.apply(verified)
            frontier.append(transaction.leaf)
        }
        state = execution.finish().state
        guard state.root == header.stateRoot, frontier.root == header.logRoot else {
            throw damage("its execution gives other roots than its header has")
        }
        (height, block, timestamp) = (header.height, stored.id, header.timestamp)
        (view, epoch) = (header.view, header.epoch)
    }

    private func damage(_ reason: String) -> StorageError {
        .damaged(table: "chain", key: "height \(height.next)", reason: reason)
    }

    /// Signatures of final blocks were checked before they were stored; what the execution gives is compared with roots that a
    /// quorum signed.
    private struct StoredSignatures: SignatureVerifying {
        func isValid(signature: ArraySlice<UInt8>, message: [UInt8], key: PublicKey) -> Bool { true }
    }
}

extension LedgerSnapshot {
    /// What readers would have seen after a past block; where consensus and the peers stand is as now.
    fileprivate func past(_ point: PastPoint, _ genesis: Genesis) -> LedgerSnapshot {
        var past = self
        (past.state, past.height, past.block) = (point.state, point.height, point.block)
        (past.timestamp, past.blockView, past.frontier) = (point.timestamp, point.view, point.frontier)
        if let context = EpochContexts(genesis, point.state)[point.epoch] { past.context = context }
        return past
    }
}
