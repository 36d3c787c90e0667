public import JalonCodec
public import JalonCrypto

/// What a vote says about a view.
///
/// The raw value is the kind's number on the wire.
public enum VoteKind: UInt64, CaseIterable, Sendable {
    /// The block is valid and first: at most one a view.
    case notarize = 1
    /// The view shall end without a block.
    case nullify = 2
    /// The block is notarized, held and durable: a quorum of these makes it final.
    case finalize = 3
}

/// What every vote of a network is bound to.
public struct VotingContext: Hashable, Sendable {
    public let network: NetworkID
    public let chain: ChainID
    public let epoch: Epoch
    public let validators: ValidatorSet
    /// The votes that decide: n − f.
    public let quorum: Int
    /// By validator: what the protected header of each of its votes begins with.
    let headerStarts: [[UInt8]]

    public init(network: NetworkID, chain: ChainID, epoch: Epoch, validators: ValidatorSet) {
        self.network = network
        self.chain = chain
        self.epoch = epoch
        self.validators = validators
        quorum = validators.quorum
        headerStarts = validators.validators.map { Ballot.headerStart(of: $0, in: network) }
    }

    /// A context in which one vote less than a quorum decides: what the simulator must notice, and nothing else may use.
    package init(weakened context: VotingContext) {
        network = context.network
        chain = context.chain
        epoch = context.epoch
        validators = context.validators
        quorum = context.quorum - 1
        headerStarts = context.headerStarts
    }

    // What the headers begin with follows from the rest.
    public static func == (left: VotingContext, right: VotingContext) -> Bool {
        left.network == right.network && left.chain == right.chain && left.epoch == right.epoch
            && left.validators == right.validators && left.quorum == right.quorum
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(network)
        hasher.combine(chain)
        hasher.combine(epoch)
        hasher.combine(validators)
        hasher.combine(quorum)
    }
}

/// What a vote or a certificate is about: kind, view, block and, for finalize only, the log root.
public enum Ballot: Hashable, Sendable {
    case notarize(View, BlockID)
    case nullify(View)
    case finalize(View, BlockID, logRoot: Digest)

    public var kind: VoteKind {
        switch self {
        case .notarize: .notarize
        case .nullify: .nullify
        case .finalize: .finalize
        }
    }

    public var view: View {
        switch self {
        case .notarize(let view, _), .nullify(let view), .finalize(let view, _, _): view
        }
    }

    /// The block; ``BlockID/none`` for nullify.
    public var block: BlockID {
        switch self {
        case .notarize(_, let block), .finalize(_, let block, _): block
        case .nullify: .none
        }
    }

    /// The detached payload: the log root for finalize, which makes the vote an RFC 9942 receipt; else empty.
    var payload: [UInt8] {
        switch self {
        case .notarize, .nullify: []
        case .finalize(_, _, let logRoot): logRoot.bytes
        }
    }

    /// The bytes that `validator` signs.
    public func toBeSigned(by validator: Validator, in context: VotingContext) -> [UInt8] {
        let start = Ballot.headerStart(of: validator, in: context.network)
        return COSE.toBeSigned(protected: protectedHeader(after: start, in: context), payload: payload)
    }

    /// The bytes that the validator at `signer`, who must be one of the context's, signs.
    func toBeSigned(by signer: ValidatorIndex, in context: VotingContext) -> [UInt8] {
        COSE.toBeSigned(protected: protectedHeader(of: signer, in: context), payload: payload)
    }
}

/// The protected header of the COSE_Sign1 that a validator signs (protocol, section 4): three fields that all votes of the
/// validator share, and then what this one says. Its keys stand in the bytewise order of their encodings.
extension Ballot {
    /// The fields that all votes of a validator share.
    fileprivate static func headerStart(of validator: Validator, in network: NetworkID) -> [UInt8] {
        fields { map in
            map.field(COSE.Label.algorithm) { $0.encode(validator.key.algorithm.rawValue) }
            map.field(COSE.Label.keyID) { $0.encode(validator.key.id) }
            map.field(COSE.Label.claims) { encoder in
                encoder.encodeMap { claims in
                    claims.field(COSE.Claim.issuer) { $0.encode(validator.member) }
                    claims.field(COSE.Claim.subject) { $0.encode(network) }
                }
            }
        }
    }

    private static let finalizeField = fields { map in
        map.field(COSE.Label.verifiableDataStructure) { $0.encode(COSE.rfc9162) }
    }

    private static let voteKey = fields { map in map.field(COSE.Label.vote) { _ in } }

    /// Fields of a map, fewer than 24, without the map's head, which is one byte then.
    private static func fields(_ body: (inout CBORMapEncoder) -> Void) -> [UInt8] {
        var encoder = CBOREncoder(capacity: 96)
        encoder.encodeMap(body)
        return Array(encoder.bytes.dropFirst())
    }

    /// The header of the validator at `signer`, who must be one of the context's.
    func protectedHeader(of signer: ValidatorIndex, in context: VotingContext) -> [UInt8] {
        protectedHeader(after: context.headerStarts[signer.value], in: context)
    }

    private func protectedHeader(after start: [UInt8], in context: VotingContext) -> [UInt8] {
        var encoder = CBOREncoder(capacity: start.count + 96)
        let isFinalize = kind == .finalize
        encoder.append(encoded: CollectionOfOne(0xA0 | (isFinalize ? 5 : 4)))
        encoder.append(encoded: start)
        if isFinalize { encoder.append(encoded: Ballot.finalizeField) }
        encoder.append(encoded: Ballot.voteKey)
        encoder.encodeArrayHead(5)
        encoder.encode(context.chain)
        encoder.encode(kind.rawValue)
        encoder.encode(context.epoch)
        encoder.encode(view)
        encoder.encode(block)
        return encoder.bytes
    }
}

extension Ballot {
    /// Writes four or five items: kind, epoch, view, block and, for finalize, the log root.
    func encode(epoch: Epoch, to encoder: inout CBOREncoder) {
        encoder.encode(kind.rawValue)
        encoder.encode(epoch)
        encoder.encode(view)
        encoder.encode(block)
        if case .finalize(_, _, let logRoot) = self { encoder.encode(logRoot) }
    }

    /// Reads what ``encode(epoch:to:)`` writes; a nullify with a block is refused.
    static func decode(from decoder: inout CBORDecoder) throws(CBORError) -> (Epoch, Ballot) {
        let at = decoder.offset
        guard let kind = VoteKind(rawValue: try decoder.decodeUnsigned()) else {
            throw .invalidValue("unknown kind of vote", offset: at)
        }
        let epoch: Epoch = try decoder.decode()
        let viewOffset = decoder.offset
        let view: View = try decoder.decode()
        guard view.value > 0 else { throw .invalidValue("a vote for view 0", offset: viewOffset) }
        let blockOffset = decoder.offset
        let block: BlockID = try decoder.decode()
        guard (block == .none) == (kind == .nullify) else {
            throw .invalidValue("only a nullify vote has no block", offset: blockOffset)
        }
        switch kind {
        case .notarize: return (epoch, .notarize(view, block))
        case .nullify: return (epoch, .nullify(view))
        case .finalize: return (epoch, .finalize(view, block, logRoot: try decoder.decodeDigest()))
        }
    }

    /// Items that ``encode(epoch:to:)`` writes.
    var itemCount: Int { kind == .finalize ? 5 : 4 }
}

/// One validator's vote, as it travels: the signed COSE header is rebuilt from the signer's index, so no fact
/// stands in it twice.
public struct Vote: Hashable, Sendable {
    /// Bytes of the longest encoding.
    public static let maximumByteCount = 512

    public let epoch: Epoch
    public let ballot: Ballot
    public let signer: ValidatorIndex
    public let signature: [UInt8]

    public init(epoch: Epoch, ballot: Ballot, signer: ValidatorIndex, signature: [UInt8]) {
        self.epoch = epoch
        self.ballot = ballot
        self.signer = signer
        self.signature = signature
    }

    /// Feeds the bytes at once: one after the other they cost more than the rest of a look-up.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(epoch)
        hasher.combine(ballot)
        hasher.combine(signer)
        signature.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    public var view: View { ballot.view }
    public var kind: VoteKind { ballot.kind }

    /// Signs a ballot as the validator at `signer`.
    ///
    /// - Precondition: `key` is that validator's.
    public static func signed(
        _ ballot: Ballot,
        by signer: ValidatorIndex,
        key: some Signing,
        in context: VotingContext
    ) -> Verified<Vote> {
        guard let validator = context.validators[signer], validator.key.id == key.publicKey.id else {
            preconditionFailure("a node signs votes with its own validator key only")
        }
        let signature = key.sign(ballot.toBeSigned(by: signer, in: context))
        return Verified(Vote(epoch: context.epoch, ballot: ballot, signer: signer, signature: signature))
    }

    /// Checks the signature under the key at the signer's index.
    ///
    /// - Returns: `nil` where the epoch is another, the index names nobody or the signature is not valid.
    public func verified(
        in context: VotingContext,
        by verifier: some SignatureVerifying
    ) -> Verified<Vote>? {
        guard epoch == context.epoch, let validator = context.validators[signer] else { return nil }
        let message = ballot.toBeSigned(by: signer, in: context)
        guard verifier.isValid(signature: signature[...], message: message, key: validator.key) else {
            return nil
        }
        return Verified(self)
    }
}

extension Vote {
    /// The encoding: `[kind, epoch, view, block, logRoot?, signer, signature]`.
    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(ballot.itemCount + 2)
        ballot.encode(epoch: epoch, to: &encoder)
        encoder.encode(UInt64(signer.value))
        encoder.encode(bytes: signature)
    }

    public var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 192)
        encode(to: &encoder)
        return encoder.bytes
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeBallotArray(extraItems: 2) { (decoder, epoch, ballot) throws(CBORError) in
            Vote(
                epoch: epoch,
                ballot: ballot,
                signer: try decoder.decodeValidatorIndex(),
                signature: Array(try decoder.decodeBytes(maximum: 128))
            )
        }
    }
}

extension CBORDecoder {
    /// Reads an array that starts with a ballot's items and goes on with `extraItems` more.
    mutating func decodeBallotArray<Value>(
        extraItems: Int,
        _ body: (inout CBORDecoder, Epoch, Ballot) throws(CBORError) -> Value
    ) throws(CBORError) -> Value {
        // Only a finalize vote has a log root, so the number of items says which it must be.
        let at = offset
        let count = try peekArrayCount()
        let isFinalize = count == extraItems + 5
        return try decodeArray(count: isFinalize ? extraItems + 5 : extraItems + 4) {
            (decoder) throws(CBORError) in
            let (epoch, ballot) = try Ballot.decode(from: &decoder)
            guard (ballot.kind == .finalize) == isFinalize else {
                throw .invalidValue("only a finalize vote has a log root", offset: at)
            }
            return try body(&decoder, epoch, ballot)
        }
    }
}
