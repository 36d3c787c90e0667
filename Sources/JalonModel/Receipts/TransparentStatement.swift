public import JalonCodec

/// A transaction with its receipts: SCITT's transparent statement (RFC 9943), which proves its finality by
/// itself.
public struct TransparentStatement: Hashable, Sendable {
    /// The media type (RFC 9943).
    public static let mediaType = "application/scitt-statement+cose"
    /// Bytes of the longest encoding.
    public static let maximumByteCount =
        BlockLimits.transactionByteCount + ValidatorSet.maximumCount * (Receipt.maximumByteCount + 3) + 16

    /// The transaction, as it stands in the log.
    public let transaction: Transaction
    /// Its receipts, one at least.
    public let receipts: [Receipt]

    public init(transaction: Transaction, receipts: [Receipt]) {
        precondition(!receipts.isEmpty, "a statement becomes transparent by its receipts")
        self.transaction = transaction
        self.receipts = receipts
    }

    /// The encoding: the transaction's COSE_Sign1 with the receipts under 394 in the unprotected header, each
    /// as a byte string.
    public var encoded: [UInt8] {
        let parts = transaction.signedParts
        var encoder = CBOREncoder(capacity: transaction.bytes.count + receipts.count * 640)
        encoder.encodeSign1Tag()
        encoder.encodeArrayHead(4)
        encoder.encode(bytes: parts.protected)
        encoder.encodeMap { map in
            map.field(COSE.Label.receipts) { encoder in
                encoder.encode(array: receipts) { $0.encode(bytes: $1.encoded) }
            }
        }
        encoder.encode(bytes: parts.payload)
        encoder.encode(bytes: parts.signature)
        return encoder.bytes
    }

    /// Reads a transparent statement.
    ///
    /// Neither its signature nor its receipts are verified.
    ///
    /// - Throws: `CBORError` where the bytes are not the one encoding, or hold no receipt.
    public init(bytes: [UInt8]) throws(CBORError) {
        guard bytes.count <= TransparentStatement.maximumByteCount else {
            throw .tooLong(
                count: UInt64(bytes.count),
                limit: TransparentStatement.maximumByteCount,
                offset: 0
            )
        }
        var decoder = CBORDecoder(bytes)
        try decoder.decodeSign1Tag()
        // The log holds the transaction with an empty unprotected header: that form is made again, and read.
        var logged = CBOREncoder(capacity: BlockLimits.transactionByteCount)
        logged.encodeSign1Tag()
        logged.encodeArrayHead(4)
        receipts = try decoder.decodeArray(count: 4) { (decoder) throws(CBORError) in
            logged.encode(bytes: try decoder.decodeBytes(maximum: 512))
            logged.encodeMap { _ in }
            let receipts = try decoder.decodeMap { (map) throws(CBORError) in
                try map.field(COSE.Label.receipts, TransparentStatement.decodeReceipts)
            }
            logged.encode(bytes: try decoder.decodeBytes(maximum: BlockLimits.transactionByteCount))
            logged.encode(bytes: try decoder.decodeBytes(maximum: 128))
            return receipts
        }
        try decoder.finish()
        transaction = try Transaction(bytes: logged.bytes)
    }

    private static func decodeReceipts(_ decoder: inout CBORDecoder) throws(CBORError) -> [Receipt] {
        let at = decoder.offset
        let receipts = try decoder.decodeArray(maximum: ValidatorSet.maximumCount) {
            (decoder) throws(CBORError) in
            let bytes = try decoder.decodeBytes(maximum: Receipt.maximumByteCount)
            return try CBORDecoder.decode(bytes) { (decoder) throws(CBORError) in try Receipt(from: &decoder)
            }
        }
        guard !receipts.isEmpty else {
            throw .invalidValue("a transparent statement without receipts", offset: at)
        }
        return receipts
    }
}
