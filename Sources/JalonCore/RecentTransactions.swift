import JalonModel

/// The transactions of the blocks that became final last.
///
/// A peer whose vote a block did not need may ask for what of the proposal it lacks when the block is final here already.
/// If it leads the next view, all wait for it.
struct RecentTransactions: Sendable {
    static let maximumBlocks = 32
    static let maximumByteCount = 4 << 20

    /// Oldest first.
    private var blocks: [ExecutedTransactions] = []
    private(set) var byteCount = 0

    private struct ExecutedTransactions: Sendable {
        let transactions: [Verified<Transaction>]
        let byteCount: Int
    }

    var blockCount: Int { blocks.count }

    /// Takes up a final block's, and lets go of the oldest ones past the bounds.
    mutating func append(_ transactions: [Verified<Transaction>]) {
        let added = transactions.reduce(0) { $0 + $1.value.bytes.count }
        blocks.append(ExecutedTransactions(transactions: transactions, byteCount: added))
        byteCount += added
        while blocks.count > RecentTransactions.maximumBlocks
            || byteCount > RecentTransactions.maximumByteCount
        {
            byteCount -= blocks.removeFirst().byteCount
        }
    }

    /// Calls `body` with each, those that became final last first.
    func forEach(_ body: (Transaction) -> Void) {
        for block in blocks.reversed() {
            for transaction in block.transactions { body(transaction.value) }
        }
    }
}
