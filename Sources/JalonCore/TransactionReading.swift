package import JalonCodec
package import JalonModel

/// Reads transactions for a core: the same bytes always as the same transaction.
package protocol TransactionReading: Sendable {
    /// Reads the full bytes of a transaction, as `Transaction.init(bytes:)` does.
    func read(_ bytes: [UInt8]) throws(CBORError) -> Transaction
}

/// Reads them anew each time, as a node does; only a simulated world has what all its nodes read read once.
package struct TransactionReader: TransactionReading {
    package init() {}

    package func read(_ bytes: [UInt8]) throws(CBORError) -> Transaction { try Transaction(bytes: bytes) }
}
