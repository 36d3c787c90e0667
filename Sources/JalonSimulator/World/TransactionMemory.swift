import JalonCodec
import JalonCore
import JalonModel

/// Transactions by their full bytes, read once for all nodes of one world: what the bytes say depends on nothing else.
// @unchecked Sendable, because what a core reads with has to be: it is one world's, and one thread runs a world.
final class TransactionMemory: TransactionReading, @unchecked Sendable {
    private static let capacity = 100_000

    /// By a fingerprint of the bytes; the bytes themselves are compared.
    private var known: [UInt64: Transaction] = [:]

    /// Takes a transaction that was read when a client made it.
    func know(_ transaction: Transaction) {
        keep(transaction, EventHash.fingerprint(of: transaction.bytes))
    }

    /// Reads the full bytes of a transaction.
    func read(_ bytes: [UInt8]) throws(CBORError) -> Transaction {
        let fingerprint = EventHash.fingerprint(of: bytes)
        if let transaction = known[fingerprint], transaction.bytes == bytes { return transaction }
        let transaction = try Transaction(bytes: bytes)
        keep(transaction, fingerprint)
        return transaction
    }

    private func keep(_ transaction: Transaction, _ fingerprint: UInt64) {
        if known.count >= TransactionMemory.capacity { known.removeAll(keepingCapacity: true) }
        known[fingerprint] = transaction
    }
}
