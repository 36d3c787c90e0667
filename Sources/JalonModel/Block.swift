public import JalonCodec

/// Bounds of what a block may hold whatever the parameters say: what a decoder allocates for.
public enum BlockLimits {
    /// Bytes of the longest body.
    public static let bodyByteCount = 1 << 20
    /// Transactions of the largest block.
    public static let transactionCount = 4_096
    /// Bytes of the longest transaction.
    public static let transactionByteCount = 64 << 10
}

/// A header and the full bytes of its transactions, in their order.
public struct Block: Hashable, Sendable {
    public let header: BlockHeader
    /// SHA-256 of the encoded header, computed once.
    public let id: BlockID
    /// Full bytes of each transaction: the leaves of the log.
    public let transactions: [[UInt8]]

    public init(header: BlockHeader, transactions: [[UInt8]]) {
        self.header = header
        id = header.id
        self.transactions = transactions
    }

    /// The encoding: `[header, [transaction as a byte string, …]]`.
    public var encoded: [UInt8] {
        // What the header says of the body may be anybody's claim: the room is that of the bytes that are
        // held.
        let byteCount = transactions.reduce(0) { $0 + $1.count + 4 }
        var encoder = CBOREncoder(capacity: byteCount + 360)
        encode(to: &encoder)
        return encoder.bytes
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(2)
        header.encode(to: &encoder)
        encoder.encode(array: transactions) { $0.encode(bytes: $1) }
    }

    /// Reads a block and checks its body against the limits and against the header's byte count; nothing
    /// else.
    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        let at = decoder.offset
        let (header, transactions) = try decoder.decodeArray(count: 2) { (decoder) throws(CBORError) in
            let header = try BlockHeader(from: &decoder)
            let transactions = try decoder.decodeArray(maximum: BlockLimits.transactionCount) {
                (decoder) throws(CBORError) in
                Array(try decoder.decodeBytes(maximum: BlockLimits.transactionByteCount))
            }
            return (header, transactions)
        }
        let byteCount = transactions.reduce(0) { $0 + $1.count }
        guard byteCount <= BlockLimits.bodyByteCount, UInt64(byteCount) == header.bodyByteCount else {
            throw .invalidValue(
                "a body of \(byteCount) bytes under a header that says \(header.bodyByteCount)",
                offset: at
            )
        }
        self.init(header: header, transactions: transactions)
    }
}
