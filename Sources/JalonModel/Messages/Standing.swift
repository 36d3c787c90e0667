import JalonCodec
import JalonCrypto

/// Asks the validators where they stand and what they remember of the asker: at every start, and to rejoin (protocol,
/// section 5).
///
/// Peers that hear the asker answer it; they pass the question on to those that do not, so that it works in a partial
/// mesh too.
public struct StandingRequest: Hashable, Sendable {
    /// Bytes of a nonce.
    public static let nonceByteCount = 16

    /// Ties the answer to this question: an answer of an earlier one says nothing.
    public let nonce: [UInt8]
    /// The asker's epoch: who is in another one has nothing to say about it.
    public let epoch: Epoch
    public let asker: ValidatorIndex
    /// Whether the asker may lack votes of its own, so that it can't vouch for anybody's.
    public let isRejoining: Bool

    public init(nonce: [UInt8], epoch: Epoch, asker: ValidatorIndex, isRejoining: Bool) {
        self.nonce = nonce
        self.epoch = epoch
        self.asker = asker
        self.isRejoining = isRejoining
    }
}

/// The answer to a ``StandingRequest``, signed since it may come by way of others.
public struct Standing: Hashable, Sendable {
    /// The most votes that an answer holds.
    public static let maximumVoteCount = 48
    /// Bytes of the longest answer: two certificates, the votes, and what stands around them.
    public static let maximumByteCount =
        2 * Certificate.maximumByteCount + maximumVoteCount * Vote.maximumByteCount + 256

    /// What a validator says.
    public struct Content: Hashable, Sendable {
        /// The question's.
        public let nonce: [UInt8]
        public let epoch: Epoch
        /// The certificate by which the sender entered its current view; absent in the first.
        public let entry: Certificate?
        /// The certificate behind the first view in which the sender may vote since it rejoined; absent where it never did.
        public let rejoinProof: Certificate?
        /// Whether the sender is rejoining itself: then it vouches for nothing.
        public let isRejoining: Bool
        /// The newest votes of the asker that the sender holds, newest first.
        public let votes: [Vote]

        public init(
            nonce: [UInt8],
            epoch: Epoch,
            entry: Certificate?,
            rejoinProof: Certificate?,
            isRejoining: Bool,
            votes: [Vote]
        ) {
            self.nonce = nonce
            self.epoch = epoch
            self.entry = entry
            self.rejoinProof = rejoinProof
            self.isRejoining = isRejoining
            self.votes = votes
        }
    }

    public let content: Content
    public let signer: ValidatorIndex
    /// Under the signer's validator key.
    public let signature: [UInt8]

    public init(content: Content, signer: ValidatorIndex, signature: [UInt8]) {
        self.content = content
        self.signer = signer
        self.signature = signature
    }

    /// Signs what the validator at `signer` says.
    ///
    /// - Precondition: `key` is that validator's.
    public static func signed(
        _ content: Content,
        by signer: ValidatorIndex,
        key: some Signing,
        in context: VotingContext
    ) -> Standing {
        guard let validator = context.validators[signer], validator.key.id == key.publicKey.id else {
            preconditionFailure("a node signs with its own validator key only")
        }
        let signature = key.sign(content.toBeSigned(by: validator, in: context))
        return Standing(content: content, signer: signer, signature: signature)
    }

    /// Checks the signature of the whole; the votes and certificates in it are to be checked each by itself.
    public func isSigned(in context: VotingContext, by verifier: some SignatureVerifying) -> Bool {
        guard content.epoch == context.epoch, let validator = context.validators[signer] else { return false }
        let message = content.toBeSigned(by: validator, in: context)
        return verifier.isValid(signature: signature[...], message: message, key: validator.key)
    }
}

extension Standing.Content {
    /// The bytes that a validator signs: a COSE_Sign1 whose protected header no vote has.
    fileprivate func toBeSigned(by validator: Validator, in context: VotingContext) -> [UInt8] {
        var header = CBOREncoder(capacity: 160)
        header.encodeMap { map in
            map.field(COSE.Label.algorithm) { $0.encode(validator.key.algorithm.rawValue) }
            map.field(COSE.Label.keyID) { $0.encode(validator.key.id) }
            map.field(COSE.Label.standing) { $0.encode(context.chain) }
        }
        var payload = CBOREncoder(capacity: 512)
        encode(to: &payload)
        return COSE.toBeSigned(protected: header.bytes, payload: payload.bytes)
    }

    /// The encoding: `[nonce, epoch, [entry]?, [proof]?, is rejoining, [vote, …]]`.
    fileprivate func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(6)
        encoder.encode(bytes: nonce)
        encoder.encode(epoch)
        encoder.encode(array: [entry].compactMap { $0 }) { $1.encode(to: &$0) }
        encoder.encode(array: [rejoinProof].compactMap { $0 }) { $1.encode(to: &$0) }
        encoder.encode(isRejoining)
        encoder.encode(array: votes) { $1.encode(to: &$0) }
    }

    fileprivate init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeArray(count: 6) { (decoder) throws(CBORError) in
            func certificate() throws(CBORError) -> Certificate? {
                try decoder.decodeArray(maximum: 1) { (decoder) throws(CBORError) in
                    try Certificate(from: &decoder)
                }
                .first
            }
            return Standing.Content(
                nonce: Array(try decoder.decodeBytes(count: StandingRequest.nonceByteCount)),
                epoch: try decoder.decode(),
                entry: try certificate(),
                rejoinProof: try certificate(),
                isRejoining: try decoder.decodeBool(),
                votes: try decoder.decodeArray(maximum: Standing.maximumVoteCount) {
                    (decoder) throws(CBORError) in try Vote(from: &decoder)
                }
            )
        }
    }
}

extension StandingRequest {
    /// The encoding: `[nonce, epoch, asker, is rejoining]`.
    func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(4)
        encoder.encode(bytes: nonce)
        encoder.encode(epoch)
        encoder.encode(UInt64(asker.value))
        encoder.encode(isRejoining)
    }

    init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeArray(count: 4) { (decoder) throws(CBORError) in
            StandingRequest(
                nonce: Array(try decoder.decodeBytes(count: StandingRequest.nonceByteCount)),
                epoch: try decoder.decode(),
                asker: try decoder.decodeValidatorIndex(),
                isRejoining: try decoder.decodeBool()
            )
        }
    }
}

extension Standing {
    /// The encoding: `[content, signer, signature]`.
    func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(3)
        content.encode(to: &encoder)
        encoder.encode(UInt64(signer.value))
        encoder.encode(bytes: signature)
    }

    init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeArray(count: 3) { (decoder) throws(CBORError) in
            Standing(
                content: try Content(from: &decoder),
                signer: try decoder.decodeValidatorIndex(),
                signature: Array(try decoder.decodeBytes(maximum: 128))
            )
        }
    }
}

extension CBORDecoder {
    /// A place that a validator set may have.
    mutating func decodeValidatorIndex() throws(CBORError) -> ValidatorIndex {
        ValidatorIndex(Int(try decodeUnsigned(maximum: UInt64(ValidatorSet.maximumCount - 1))))
    }
}
