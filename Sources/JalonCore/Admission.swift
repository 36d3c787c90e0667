import JalonCrypto
import JalonModel
import JalonState

/// The state that a new transaction is judged on: the tip and, on it, everything in the mempool in its order.
///
/// So a client may hand in a plan, its commitment and a milestone without waiting for a block between them. Nothing
/// here decides what a block holds: that is judged again, on the block's own parent.
struct Admission: Sendable {
    /// How long a transaction may wait, in milliseconds, before it is asked whether it still could stand in a block.
    private static let patience: UInt64 = 10_000
    /// After so many transactions it is made anew, so that it shares its structure with the tip again.
    private static let maximumCount = 100_000

    private var state: LedgerState
    private var context: BlockContext
    private var madeAt: UInt64
    private var count = 0
    private var mustRebuild = false

    init(on tip: ChainPoint, genesis: Genesis, time: Timestamp, at now: UInt64) {
        state = tip.state
        context = Admission.context(on: tip, genesis: genesis, time: time)
        madeAt = now
    }

    private static func context(on tip: ChainPoint, genesis: Genesis, time: Timestamp) -> BlockContext {
        let timestamp = max(time, tip.timestamp.advanced(byMilliseconds: 1))
        return BlockContext(genesis, height: tip.height.next, timestamp: timestamp)
    }

    /// Applies a transaction behind everything admitted before.
    mutating func admit(_ transaction: Verified<Transaction>) throws(Refusal) {
        try state.apply(transaction, context: context, position: UInt64(count))
        count += 1
    }

    /// The key with this id, also where only a waiting transaction registers it.
    func key(_ id: KeyID) -> PublicKey? { state.key(id)?.key }

    /// Whether a member is an observer and nothing else.
    func isObserver(_ member: MemberID) -> Bool { state.member(member)?.roles == [.observer] }

    /// Moves past a block that was applied.
    ///
    /// - Parameter foreign: Its transactions that were not in the mempool: the others were applied here before.
    mutating func advance(past foreign: [Verified<Transaction>]) {
        for transaction in foreign where !mustRebuild {
            do { try admit(transaction) } catch { mustRebuild = true }
        }
    }

    /// Something that was admitted left the mempool without a block: the state is made anew before the next is judged.
    mutating func forget() { mustRebuild = true }

    /// Moves to the time of the day, and makes the state anew where it contradicts a block, nothing waits, or something has
    /// waited long: then what can't stand in a block any more is dropped from the mempool.
    ///
    /// - Returns: What was dropped, with the reason.
    mutating func refresh(
        on tip: ChainPoint,
        genesis: Genesis,
        time: Timestamp,
        at now: UInt64,
        mempool: inout Mempool
    ) -> [(transaction: Transaction, refusal: Refusal)] {
        context = Admission.context(on: tip, genesis: genesis, time: time)
        let isStale =
            now >= madeAt + Admission.patience
            && mempool.oldest.map { now >= $0.admittedAt + Admission.patience } ?? false
        guard mustRebuild || mempool.isEmpty || isStale || count > Admission.maximumCount else {
            state.startBlock(context)
            return []
        }
        state = tip.state
        state.startBlock(context)
        madeAt = now
        count = 0
        mustRebuild = false
        var dropped: [(transaction: Transaction, refusal: Refusal)] = []
        for entry in mempool.inOrder {
            do { try admit(entry.transaction) } catch {
                dropped.append((entry.transaction.value, error))
            }
        }
        for (transaction, _) in dropped { mempool.remove(transaction.id) }
        return dropped
    }
}
