public import JalonCodec
public import JalonCrypto

/// A SCITT signed statement (RFC 9943): COSE_Sign1 over a body, bound to one chain, one nonce and an expiry.
///
/// This is the envelope, decoded and *not* verified. Its full bytes are the leaf of the log; ``id`` is the
/// hash of what was signed. Rules about the body are JalonState's.
public struct Transaction: Hashable, Sendable {
    /// The content type in the protected header.
    public static let contentType = "application/vnd.jalon.tx+cbor"
    /// Bytes of the nonce.
    public static let nonceByteCount = 16

    /// The full bytes, unprotected header empty.
    public var bytes: [UInt8] { storage.bytes }
    public var id: TransactionID { storage.id }
    public var leaf: LeafHash { storage.leaf }
    public var algorithm: SignatureAlgorithm { storage.header.algorithm }
    /// The key that signed, or claims to have.
    public var keyID: KeyID { storage.header.keyID }
    /// The member on whose behalf the statement is made.
    public var issuer: MemberID { storage.header.issuer }
    /// The id of what the body is about.
    public var subject: SubjectID { storage.header.subject }
    public var chain: ChainID { storage.chain }
    public var nonce: [UInt8] { Array(bytes[storage.nonceRange]) }
    /// The last block time at which the transaction may still stand in a block.
    public var expires: Timestamp { storage.expires }
    /// The encoded body, a CBOR map with a `type`.
    public var body: ArraySlice<UInt8> { bytes[storage.bodyRange] }
    /// What the body says, or which rule that needs no state it breaks: decoded once, whoever asks how often.
    public var content: Result<TransactionBody, BodyError> { storage.body }

    /// What every copy shares: a transaction is handed on many times on its way.
    private final class Storage: Sendable {
        let bytes: [UInt8]
        let id: TransactionID
        let leaf: LeafHash
        let header: ProtectedHeader
        let chain: ChainID
        let expires: Timestamp
        let body: Result<TransactionBody, BodyError>
        let bodyRange: Range<Int>
        let nonceRange: Range<Int>
        let signatureRange: Range<Int>
        let protectedRange: Range<Int>
        let payloadRange: Range<Int>

        init(bytes: [UInt8], header: ProtectedHeader, content: Payload, parts: Parts) {
            (self.bytes, self.header) = (bytes, header)
            (chain, expires) = (content.chain, content.expires)
            (bodyRange, nonceRange) = (content.body, content.nonce)
            (protectedRange, payloadRange) = (parts.protected.indices, parts.payload.indices)
            signatureRange = parts.signature.indices
            id = parts.id
            leaf = LeafHash(of: bytes)
            do throws(BodyError) {
                if let report = content.report {
                    try report.validate()
                    body = .success(.milestoneReport(report))
                } else {
                    body = .success(try TransactionBody.decode(bytes[content.body]))
                }
            } catch {
                body = .failure(error)
            }
        }
    }

    /// The parts of the COSE_Sign1, slices of the full bytes.
    private struct Parts {
        let protected: ArraySlice<UInt8>
        let payload: ArraySlice<UInt8>
        let signature: ArraySlice<UInt8>
        /// The hash of what was signed.
        let id: TransactionID
    }

    private struct ProtectedHeader {
        let algorithm: SignatureAlgorithm
        let keyID: KeyID
        let issuer: MemberID
        let subject: SubjectID
    }

    private struct Payload {
        /// Where the body stands among the full bytes.
        let body: Range<Int>
        /// What it says, where it is a report: nearly all are, and are not gone through twice.
        let report: MilestoneReport?
        let chain: ChainID
        /// Where the nonce stands among them.
        let nonce: Range<Int>
        let expires: Timestamp
    }

    private let storage: Storage

    /// The signature.
    public var signature: ArraySlice<UInt8> { bytes[storage.signatureRange] }

    /// The three parts of the COSE_Sign1 that the unprotected header does not change.
    var signedParts: (protected: ArraySlice<UInt8>, payload: ArraySlice<UInt8>, signature: ArraySlice<UInt8>)
    {
        (bytes[storage.protectedRange], bytes[storage.payloadRange], signature)
    }

    /// The bytes that were signed: the COSE Sig_structure.
    public var toBeSigned: [UInt8] {
        COSE.toBeSigned(protected: bytes[storage.protectedRange], payload: bytes[storage.payloadRange])
    }

    /// Reads the full bytes of a transaction.
    ///
    /// - Throws: `CBORError` where they are not the one encoding of an envelope, or longer than 64 KiB.
    public init(bytes: [UInt8]) throws(CBORError) {
        guard bytes.count <= BlockLimits.transactionByteCount else {
            throw .tooLong(count: UInt64(bytes.count), limit: BlockLimits.transactionByteCount, offset: 0)
        }
        let parts = try Transaction.parts(of: bytes)
        let header = try CBORDecoder.decode(parts.protected, Transaction.decodeProtected)
        let content = try CBORDecoder.decode(parts.payload, Transaction.decodePayload)
        guard parts.signature.count == header.algorithm.signatureByteCount else {
            throw .wrongCount(
                expected: header.algorithm.signatureByteCount,
                found: parts.signature.count,
                offset: parts.signature.startIndex
            )
        }
        storage = Storage(bytes: bytes, header: header, content: content, parts: parts)
    }

    /// The id of a transaction's full bytes, without looking into its header and payload.
    ///
    /// - Throws: `CBORError` where they are no COSE_Sign1 with an empty unprotected header.
    public static func id(of bytes: [UInt8]) throws(CBORError) -> TransactionID {
        try parts(of: bytes).id
    }

    private static func parts(of bytes: [UInt8]) throws(CBORError) -> Parts {
        var decoder = CBORDecoder(bytes)
        try decoder.decodeSign1Tag()
        let parts = try decoder.decodeArray(count: 4) { (decoder) throws(CBORError) in
            let protectedStart = decoder.offset
            let protected = try decoder.decodeBytes(maximum: 512)
            try decoder.decodeMap { (_) throws(CBORError) in }
            let payloadStart = decoder.offset
            let payload = try decoder.decodeBytes(maximum: BlockLimits.transactionByteCount)
            let id = COSE.hashToBeSigned(
                encodedProtected: bytes[protectedStart..<protected.endIndex],
                encodedPayload: bytes[payloadStart..<payload.endIndex]
            )
            return Parts(
                protected: protected,
                payload: payload,
                signature: try decoder.decodeBytes(maximum: 128),
                id: TransactionID(id)
            )
        }
        try decoder.finish()
        return parts
    }

    /// Makes and signs a transaction.
    ///
    /// - Parameters:
    ///   - body: The encoded body.
    ///   - subject: The id of what the body is about.
    ///   - issuer: The member on whose behalf the key signs.
    ///   - chain: The chain that the statement is bound to.
    ///   - nonce: 16 random bytes.
    ///   - expires: At most the parameter `maxLifetime` after the time of the block that will hold it.
    ///   - key: The key that signs.
    /// - Returns: The transaction as its own reader sees it.
    /// - Throws: `CBORError` where it would be too long, or body or nonce are not what the reader accepts.
    public static func signed(
        body: [UInt8],
        subject: SubjectID,
        issuer: MemberID,
        chain: ChainID,
        nonce: [UInt8],
        expires: Timestamp,
        key: some Signing
    ) throws(CBORError) -> Transaction {
        var protected = CBOREncoder(capacity: 128)
        protected.encodeMap { map in
            map.field(COSE.Label.algorithm) { $0.encode(key.publicKey.algorithm.rawValue) }
            map.field(COSE.Label.contentType) { $0.encode(contentType) }
            map.field(COSE.Label.keyID) { $0.encode(key.publicKey.id) }
            map.field(COSE.Label.claims) { encoder in
                encoder.encodeMap { claims in
                    claims.field(COSE.Claim.issuer) { $0.encode(issuer) }
                    claims.field(COSE.Claim.subject) { $0.encode(subject) }
                }
            }
        }
        var payload = CBOREncoder(capacity: body.count + 96)
        payload.encodeMap { map in
            map.field("body") { $0.append(encoded: body) }
            map.field("chain") { $0.encode(chain) }
            map.field("nonce") { $0.encode(bytes: nonce) }
            map.field("expires") { $0.encode(expires) }
        }
        var encoder = CBOREncoder(capacity: body.count + 320)
        encoder.encodeSign1Tag()
        encoder.encodeArrayHead(4)
        encoder.encode(bytes: protected.bytes)
        encoder.encodeMap { _ in }
        encoder.encode(bytes: payload.bytes)
        encoder.encode(bytes: key.sign(COSE.toBeSigned(protected: protected.bytes, payload: payload.bytes)))
        return try Transaction(bytes: encoder.bytes)
    }

    /// Checks the signature under a key that the caller found for ``keyID``, and every signature inside the body.
    ///
    /// - Returns: `nil` where the key is another, of another algorithm, or a signature is not valid.
    public func verified(
        key: PublicKey,
        by verifier: some SignatureVerifying
    ) -> Verified<Transaction>? {
        guard key.id == keyID, key.algorithm == algorithm,
            verifier.isValid(signature: signature, message: toBeSigned, key: key)
        else { return nil }
        if case .success(let body) = content {
            for embedded in body.signatures(on: chain) {
                guard embedded.signature.count == embedded.key.algorithm.signatureByteCount,
                    verifier.isValid(
                        signature: embedded.signature[...],
                        message: embedded.message,
                        key: embedded.key
                    )
                else { return nil }
            }
        }
        return Verified(self)
    }

    public static func == (left: Transaction, right: Transaction) -> Bool { left.leaf == right.leaf }

    public func hash(into hasher: inout Hasher) { hasher.combine(leaf) }

    // MARK: - Decoding

    private static func decodeProtected(
        _ decoder: inout CBORDecoder
    ) throws(CBORError) -> ProtectedHeader {
        try decoder.decodeMap { (map) throws(CBORError) in
            let algorithm = try map.field(COSE.Label.algorithm) { (decoder) throws(CBORError) in
                let at = decoder.offset
                guard let algorithm = SignatureAlgorithm(rawValue: try decoder.decodeInteger()) else {
                    throw .invalidValue("unknown signature algorithm", offset: at)
                }
                return algorithm
            }
            try map.field(COSE.Label.contentType) { (decoder) throws(CBORError) in
                if decoder.take(text: contentType) { return }
                let at = decoder.offset
                let found = try decoder.decodeText(maximum: 64)
                guard found == contentType else {
                    throw .invalidValue("content type \(found), expected \(contentType)", offset: at)
                }
            }
            let keyID = try map.field(COSE.Label.keyID) { (decoder) throws(CBORError) in
                try decoder.decode(KeyID.self)
            }
            let (issuer, subject) = try map.field(COSE.Label.claims) { (decoder) throws(CBORError) in
                try decoder.decodeMap { (claims) throws(CBORError) in
                    let issuer = try claims.field(COSE.Claim.issuer) { (decoder) throws(CBORError) in
                        try decoder.decode(MemberID.self)
                    }
                    let subject = try claims.field(COSE.Claim.subject) { (decoder) throws(CBORError) in
                        try decoder.decode(SubjectID.self)
                    }
                    return (issuer, subject)
                }
            }
            return ProtectedHeader(algorithm: algorithm, keyID: keyID, issuer: issuer, subject: subject)
        }
    }

    private static func decodePayload(
        _ decoder: inout CBORDecoder
    ) throws(CBORError) -> Payload {
        try decoder.decodeMap { (map) throws(CBORError) in
            let (body, report) = try map.field("body") { (decoder) throws(CBORError) in
                // What it reads holds to every rule of the subset.
                if let report = decoder.attempt(MilestoneReport.init(from:)) {
                    return (report.encoded.indices, report.value as MilestoneReport?)
                }
                return (try decoder.decodeEncodedItem().indices, nil)
            }
            let chain = try map.field("chain") { (decoder) throws(CBORError) in
                try decoder.decode(ChainID.self)
            }
            let nonce = try map.field("nonce") { (decoder) throws(CBORError) in
                try decoder.decodeBytes(count: nonceByteCount).indices
            }
            let expires = try map.field("expires") { (decoder) throws(CBORError) in
                try decoder.decode(Timestamp.self)
            }
            return Payload(body: body, report: report, chain: chain, nonce: nonce, expires: expires)
        }
    }
}
