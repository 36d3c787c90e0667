import JalonAPI
import JalonCore
import JalonModel
import JalonState
import Synchronization

/// What became of a submitted transaction, here.
enum Settlement: Sendable {
    case pending
    case rejected(Refusal)
    case final
}

/// A refusal that is remembered, so that a client that asks later hears the reason.
struct RememberedRefusal: Sendable {
    let refusal: Refusal
    /// The transaction's last block time, where this node held its bytes.
    let expires: Timestamp?
}

/// The side of the driver that readers and clients talk to, from any task.
final class LedgerView: Sendable {
    /// Refusals that are remembered at least.
    private static let refusalCount = 10_000
    /// Final blocks whose subjects are remembered at least.
    private static let blockCount = 4_096

    private struct State {
        var snapshot: LedgerSnapshot
        var refusals = RecentMap<TransactionID, RememberedRefusal>(capacity: refusalCount)
        /// What clients handed in here and waits for a block: a part of the core's mempool, and bounded with it.
        var pending: [TransactionID: Transaction] = [:]
        /// What the transactions of final blocks were about, by height.
        var subjects = RecentMap<Height, [SubjectID]>(capacity: blockCount)
        /// Submissions that wait for answers.
        var submissions: [UInt64: Submission] = [:]
        var submissionsByLeaf: [LeafHash: [UInt64]] = [:]
        /// Whoever waits until anything changes, or until one transaction is settled.
        var waiters: [UInt64: Waiter] = [:]
        var waitersByID: [TransactionID: Set<UInt64>] = [:]
        var nextTicket: UInt64 = 0
        var changes: UInt64 = 0
        var isFinished = false

        mutating func takeTicket() -> UInt64 {
            nextTicket += 1
            return nextTicket
        }
    }

    private struct Submission {
        /// Those without an answer yet.
        var waiting: [LeafHash: Transaction]
        var settlements: [LeafHash: Settlement] = [:]
        var continuation: CheckedContinuation<[LeafHash: Settlement], Never>?
        var isOver = false
    }

    private struct Waiter {
        /// `nil` for whoever waits for anything.
        let id: TransactionID?
        let continuation: CheckedContinuation<Void, Never>
    }

    private let state: Mutex<State>

    init(_ snapshot: LedgerSnapshot) {
        state = Mutex(State(snapshot: snapshot))
    }

    // MARK: - The driver's side

    /// Replaces the snapshot and answers whoever waits for what the notices say, which it holds.
    func publish(_ snapshot: LedgerSnapshot, telling notices: [Notice]) {
        let wakeUp = state.withLock { state in
            state.snapshot = snapshot
            var wakeUp = WakeUp()
            for notice in notices {
                switch notice {
                case .pending(let id, let leaf): LedgerView.hold(id, leaf, in: &state, &wakeUp)
                case .alreadyFinal(_, let leaf): LedgerView.settle(leaf, .final, in: &state, &wakeUp)
                case .rejected(let leaf, let id, let refusal):
                    if let id { LedgerView.refuse(id, leaf, refusal, in: &state, &wakeUp) }
                    LedgerView.settle(leaf, .rejected(refusal), in: &state, &wakeUp)
                case .final(let block): LedgerView.finish(block, in: &state, &wakeUp)
                case .view, .evidence: break
                }
            }
            return wakeUp
        }
        wakeUp.perform()
    }

    /// The node stops: nobody waits any longer.
    func finish() {
        let wakeUp = state.withLock { state in
            state.isFinished = true
            var wakeUp = WakeUp()
            for ticket in Array(state.submissions.keys) { LedgerView.close(ticket, in: &state, &wakeUp) }
            wakeUp.waiters = state.waiters.values.map(\.continuation)
            (state.waiters, state.waitersByID) = ([:], [:])
            return wakeUp
        }
        wakeUp.perform()
    }

    /// What is resumed after the lock is let go.
    private struct WakeUp {
        var submissions: [(CheckedContinuation<[LeafHash: Settlement], Never>, [LeafHash: Settlement])] = []
        var waiters: [CheckedContinuation<Void, Never>] = []

        func perform() {
            for (continuation, settlements) in submissions { continuation.resume(returning: settlements) }
            for continuation in waiters { continuation.resume() }
        }
    }

    private static func hold(
        _ id: TransactionID,
        _ leaf: LeafHash,
        in state: inout State,
        _ wakeUp: inout WakeUp
    ) {
        let handedIn = state.submissionsByLeaf[leaf]?.first.flatMap { state.submissions[$0]?.waiting[leaf] }
        if let handedIn, state.pending[id] == nil { state.pending[id] = handedIn }
        state.refusals[id] = nil
        settle(leaf, .pending, in: &state, &wakeUp)
    }

    private static func refuse(
        _ id: TransactionID,
        _ leaf: LeafHash,
        _ refusal: Refusal,
        in state: inout State,
        _ wakeUp: inout WakeUp
    ) {
        // A broken signature is the copy's, not the statement's: anybody can send one of somebody else's statement.
        guard refusal.code != .signature else { return }
        let expires = state.pending.removeValue(forKey: id)?.expires
        let handedIn = state.submissionsByLeaf[leaf]?.first.flatMap { state.submissions[$0]?.waiting[leaf] }
        state.refusals[id] = RememberedRefusal(refusal: refusal, expires: expires ?? handedIn?.expires)
        state.changes += 1
        wake(id, in: &state, &wakeUp)
    }

    private static func finish(_ block: FinalizedBlock, in state: inout State, _ wakeUp: inout WakeUp) {
        state.changes += 1
        state.subjects[block.block.header.height] = block.transactions.map(\.subject)
        for transaction in block.transactions {
            state.pending[transaction.id] = nil
            state.refusals[transaction.id] = nil
            wake(transaction.id, in: &state, &wakeUp)
        }
        for (ticket, waiter) in state.waiters where waiter.id == nil {
            state.waiters[ticket] = nil
            wakeUp.waiters.append(waiter.continuation)
        }
    }

    private static func wake(_ id: TransactionID, in state: inout State, _ wakeUp: inout WakeUp) {
        for ticket in state.waitersByID.removeValue(forKey: id) ?? [] {
            if let waiter = state.waiters.removeValue(forKey: ticket) {
                wakeUp.waiters.append(waiter.continuation)
            }
        }
    }

    private static func settle(
        _ leaf: LeafHash,
        _ settlement: Settlement,
        in state: inout State,
        _ wakeUp: inout WakeUp
    ) {
        for ticket in state.submissionsByLeaf.removeValue(forKey: leaf) ?? []
        where state.submissions[ticket]?.waiting.removeValue(forKey: leaf) != nil {
            state.submissions[ticket]?.settlements[leaf] = settlement
            if state.submissions[ticket]?.waiting.isEmpty == true { close(ticket, in: &state, &wakeUp) }
        }
    }

    /// Ends a submission with the answers that there are.
    private static func close(_ ticket: UInt64, in state: inout State, _ wakeUp: inout WakeUp) {
        guard var submission = state.submissions[ticket] else { return }
        for leaf in submission.waiting.keys {
            state.submissionsByLeaf[leaf]?.removeAll { $0 == ticket }
            if state.submissionsByLeaf[leaf]?.isEmpty == true { state.submissionsByLeaf[leaf] = nil }
        }
        if let continuation = submission.continuation {
            state.submissions[ticket] = nil
            wakeUp.submissions.append((continuation, submission.settlements))
        } else {
            // Whoever submits has not come to wait yet.
            submission.waiting = [:]
            submission.isOver = true
            state.submissions[ticket] = submission
        }
    }

    // MARK: - The readers' side

    /// The newest snapshot.
    var snapshot: LedgerSnapshot { state.withLock { $0.snapshot } }

    /// A transaction that was handed in here and waits for a block.
    func pending(_ id: TransactionID) -> Transaction? { state.withLock { $0.pending[id] } }

    /// Why this node refused a transaction lately.
    func refusal(of id: TransactionID) -> RememberedRefusal? { state.withLock { $0.refusals[id] } }

    /// Counts final blocks and refusals: what waiting starts from.
    var changes: UInt64 { state.withLock { $0.changes } }

    /// What the transactions of the final blocks above `height`, up to `last`, were about.
    ///
    /// - Returns: `nil` where some of these blocks are forgotten.
    func subjects(after height: Height, through last: Height) -> [SubjectID]? {
        guard height <= last, last.value - height.value <= UInt64(LedgerView.blockCount) else { return nil }
        return state.withLock { state in
            var subjects: [SubjectID] = []
            var next = height
            while next < last {
                next = next.next
                guard let block = state.subjects[next] else { return nil }
                subjects += block
            }
            return subjects
        }
    }

    /// Registers for the answers to a submission, has it handed in by `submit`, and waits for all of them.
    ///
    /// It waits at most for `limit`, and no longer once the task is cancelled or the node stops.
    ///
    /// - Returns: The answers that came.
    func settlements(
        of transactions: [Transaction],
        within limit: Duration,
        submit: () -> Void
    ) async -> [LeafHash: Settlement] {
        let ticket = state.withLock { state -> UInt64? in
            guard !state.isFinished else { return nil }
            let ticket = state.takeTicket()
            var submission = Submission(waiting: [:])
            for transaction in transactions where submission.waiting[transaction.leaf] == nil {
                submission.waiting[transaction.leaf] = transaction
                state.submissionsByLeaf[transaction.leaf, default: []].append(ticket)
            }
            state.submissions[ticket] = submission
            return ticket
        }
        guard let ticket else { return [:] }
        submit()
        let deadline = Deadlines.shared.add(limit) { self.close(ticket) }
        defer { Deadlines.shared.remove(deadline) }
        return await withTaskCancellationHandler {
            await settlements(of: ticket)
        } onCancel: {
            close(ticket)
        }
    }

    private func settlements(of ticket: UInt64) async -> [LeafHash: Settlement] {
        await withCheckedContinuation { continuation in
            let settlements = state.withLock { state -> [LeafHash: Settlement]? in
                guard let submission = state.submissions[ticket] else { return [:] }
                guard submission.isOver else {
                    state.submissions[ticket]?.continuation = continuation
                    return nil
                }
                state.submissions[ticket] = nil
                return submission.settlements
            }
            if let settlements { continuation.resume(returning: settlements) }
        }
    }

    private func close(_ ticket: UInt64) {
        let wakeUp = state.withLock { state in
            var wakeUp = WakeUp()
            LedgerView.close(ticket, in: &state, &wakeUp)
            return wakeUp
        }
        wakeUp.perform()
    }

    /// Waits until a block is final that was not at `changes`; with an id, until that transaction is final or refused.
    ///
    /// It may come back too early, so the caller looks again.
    ///
    /// - Throws: `CancellationError` once the task is cancelled or the node stops.
    func change(since changes: UInt64, of id: TransactionID? = nil) async throws {
        let ticket = state.withLock { $0.takeTicket() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayGoOn = state.withLock { state in
                    if state.changes != changes || state.isFinished || Task.isCancelled { return true }
                    state.waiters[ticket] = Waiter(id: id, continuation: continuation)
                    if let id { state.waitersByID[id, default: []].insert(ticket) }
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiters.removeValue(forKey: ticket)
                if let id = waiter?.id {
                    state.waitersByID[id]?.remove(ticket)
                    if state.waitersByID[id]?.isEmpty == true { state.waitersByID[id] = nil }
                }
                return waiter
            }
            waiter?.continuation.resume()
        }
        try Task.checkCancellation()
        if state.withLock({ $0.isFinished }) { throw CancellationError() }
    }
}
