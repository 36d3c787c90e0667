import JalonCrypto
import JalonModel
import JalonState

/// The state that a new transaction is judged on: the tip and, on it, everything in the mempool in its order.
///
/// So a client may hand in a plan, its commitment and a milestone without waiting for a block between them. Nothing
/// here decides what a block holds: that is judged again, on the block's own parent.
struct Admission: Sendable {
    /// After so many milliseconds it is made anew, so that dates and expiries are judged at the time of the day.
    private static let maximumAge: UInt64 = 10_000

    private var execution: BlockExecution
    private var madeAt: UInt64
    private var mustRebuild = false

    init(on tip: ChainPoint, chain: ChainID, time: Timestamp, at now: UInt64) {
        execution = Admission.execution(on: tip, chain: chain, time: time)
        madeAt = now
    }

    private static func execution(on tip: ChainPoint, chain: ChainID, time: Timestamp) -> BlockExecution {
        let timestamp = max(time, tip.timestamp.advanced(byMilliseconds: 1))
        return BlockExecution(
            on: tip.state,
            context: BlockContext(chain: chain, height: tip.height.next, timestamp: timestamp)
        )
    }

    /// Applies a transaction behind everything admitted before.
    mutating func admit(_ transaction: Verified<Transaction>) throws(Refusal) {
        try execution.apply(transaction)
    }

    /// The key with this id, also where only a waiting transaction registers it.
    func key(_ id: KeyID) -> PublicKey? { execution.current.key(id)?.key }

    /// Moves past a block that was applied.
    ///
    /// - Parameter foreign: Its transactions that were not in the mempool: the others were applied here before.
    mutating func advance(past foreign: [Verified<Transaction>]) {
        for transaction in foreign where !mustRebuild {
            do { try execution.apply(transaction) } catch { mustRebuild = true }
        }
    }

    /// Makes the state anew where it is too old, contradicts a block or nothing waits, dropping from the mempool what
    /// can't stand in a block any more.
    ///
    /// - Returns: What was dropped, with the reason.
    mutating func refresh(
        on tip: ChainPoint,
        chain: ChainID,
        time: Timestamp,
        at now: UInt64,
        mempool: inout Mempool
    ) -> [(transaction: Transaction, refusal: Refusal)] {
        guard mustRebuild || mempool.isEmpty || now >= madeAt + Admission.maximumAge else { return [] }
        execution = Admission.execution(on: tip, chain: chain, time: time)
        madeAt = now
        mustRebuild = false
        var dropped: [(transaction: Transaction, refusal: Refusal)] = []
        for entry in mempool.inOrder {
            do { try execution.apply(entry.transaction) } catch {
                dropped.append((entry.transaction.value, error))
            }
        }
        for (transaction, _) in dropped { mempool.remove(transaction.id) }
        return dropped
    }
}
