public import JalonCodec
public import JalonCrypto

/// A COSE receipt (RFC 9942): one validator's finalize vote, with the proof that a transaction stands in the
/// log whose root the vote signs.
///
/// One receipt says that this validator voted. A transaction is final with a quorum of them over one ballot
/// (``ReceiptSet``). This is a receipt as read, *not* verified; only the protected header and the root are
/// signed, so ``InclusionProof/size`` and ``InclusionProof/index`` are what somebody says and only lead to
/// that root.
public struct Receipt: Hashable, Sendable {
    /// Bytes of the longest encoding.
    public static let maximumByteCount = 3 << 10

    /// The protected header, as it was signed.
    let protected: [UInt8]
    /// The key that signed, or claims to have.
    public let keyID: KeyID
    /// The member whose validator says that it voted.
    public let issuer: MemberID
    /// The network in which it voted.
    public let network: NetworkID
    /// The chain that the vote is bound to.
    public let chain: ChainID
    /// The epoch whose validators the signer is one of.
    public let epoch: Epoch
    /// The view that the vote finalizes.
    public let view: View
    /// The block that the vote finalizes.
    public let block: BlockID
    /// Where the transaction stands in the log that the block ends.
    public let proof: InclusionProof
    /// The vote's signature.
    public let signature: [UInt8]

    /// Makes a receipt of a finalize vote, or `nil` of a vote of another kind or epoch, or of nobody's.
    ///
    /// - Parameters:
    ///   - vote: The vote, whose signature is not checked here.
    ///   - proof: Of the transaction, in the log of the vote's block.
    ///   - context: The epoch's validators and what its votes are bound to.
    public init?(vote: Vote, proof: InclusionProof, in context: VotingContext) {
        guard vote.kind == .finalize, vote.epoch == context.epoch,
            let validator = context.validators[vote.signer]
        else { return nil }
        protected = vote.ballot.protectedHeader(of: vote.signer, in: context)
        (keyID, issuer) = (validator.key.id, validator.member)
        (network, chain, epoch) = (context.network, context.chain, context.epoch)
        (view, block) = (vote.view, vote.ballot.block)
        self.proof = proof
        signature = vote.signature
    }

    /// Checks a receipt with nothing but its bytes, the transaction's leaf hash and the epoch's validators.
    ///
    /// - Returns: Who voted for what. The log root is the one that follows from leaf and proof, which the
    ///   signature confirms.
    public func verify(
        leaf: LeafHash,
        in context: VotingContext,
        by verifier: some SignatureVerifying
    ) throws(ReceiptError) -> (signer: ValidatorIndex, ballot: Ballot) {
        guard network == context.network else {
            throw .otherNetwork(found: network, expected: context.network)
        }
        guard chain == context.chain else { throw .otherChain(found: chain, expected: context.chain) }
        guard epoch == context.epoch else { throw .otherEpoch(found: epoch, expected: context.epoch) }
        guard let signer = context.validators.index(of: keyID), let validator = context.validators[signer]
        else {
            throw .unknownValidator(keyID)
        }
        guard issuer == validator.member else {
            throw .otherMember(found: issuer, expected: validator.member)
        }
        guard let root = proof.root(leaf: leaf) else {
            throw .wrongPath(size: proof.size, index: proof.index)
        }
        let ballot = Ballot.finalize(view, block, logRoot: root)
        // The header is made anew from what was read, so a header with anything else in it can't pass.
        guard protected == ballot.protectedHeader(of: signer, in: context) else { throw .otherHeader }
        let message = COSE.toBeSigned(protected: protected, payload: ballot.payload)
        guard verifier.isValid(signature: signature[...], message: message, key: validator.key) else {
            throw .invalidSignature(issuer)
        }
        return (signer, ballot)
    }
}

extension Receipt {
    /// The encoding: COSE_Sign1 with a detached payload and the proof under 396 in the unprotected header.
    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeSign1Tag()
        encoder.encodeArrayHead(4)
        encoder.encode(bytes: protected)
        encoder.encodeMap { map in
            map.field(COSE.Label.proofs) { encoder in
                encoder.encodeMap { proofs in
                    proofs.field(COSE.Proof.inclusion) { encoder in
                        encoder.encode(array: CollectionOfOne(proof)) { $0.encode(bytes: $1.encoded) }
                    }
                }
            }
        }
        encoder.encodeNull()
        encoder.encode(bytes: signature)
    }

    /// The encoding's bytes.
    public var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 512)
        encode(to: &encoder)
        return encoder.bytes
    }

    /// - Throws: `CBORError`, also for a vote that is no finalize vote and for another count of proofs than
    ///   one.
    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        try decoder.decodeSign1Tag()
        let (protected, proof, signature) = try decoder.decodeArray(count: 4) { (decoder) throws(CBORError) in
            let protected = try decoder.decodeBytes(maximum: 512)
            let proof = try decoder.decodeMap { (map) throws(CBORError) in
                try map.field(COSE.Label.proofs, Receipt.decodeProof)
            }
            try decoder.decodeNull()
            return (protected, proof, Array(try decoder.decodeBytes(maximum: 128)))
        }
        let header = try CBORDecoder.decode(protected, Header.init(from:))
        self.protected = Array(protected)
        (keyID, issuer, network) = (header.keyID, header.issuer, header.network)
        (chain, epoch, view, block) = (header.chain, header.epoch, header.view, header.block)
        self.proof = proof
        self.signature = signature
    }

    private static func decodeProof(_ decoder: inout CBORDecoder) throws(CBORError) -> InclusionProof {
        try decoder.decodeMap { (proofs) throws(CBORError) in
            try proofs.field(COSE.Proof.inclusion) { (decoder) throws(CBORError) in
                try decoder.decodeArray(count: 1) { (decoder) throws(CBORError) in
                    let bytes = try decoder.decodeBytes(maximum: InclusionProof.maximumByteCount)
                    return try CBORDecoder.decode(bytes) { (decoder) throws(CBORError) in
                        try InclusionProof(from: &decoder)
                    }
                }
            }
        }
    }

    /// The protected header of a finalize vote.
    private struct Header {
        let keyID: KeyID
        let issuer: MemberID
        let network: NetworkID
        let chain: ChainID
        let epoch: Epoch
        let view: View
        let block: BlockID

        init(from decoder: inout CBORDecoder) throws(CBORError) {
            self = try decoder.decodeMap { (map) throws(CBORError) in
                try map.field(COSE.Label.algorithm) { (decoder) throws(CBORError) in
                    let at = decoder.offset
                    guard SignatureAlgorithm(rawValue: try decoder.decodeInteger()) != nil else {
                        throw .invalidValue("unknown signature algorithm", offset: at)
                    }
                }
                let keyID = try map.field(COSE.Label.keyID) { (decoder) throws(CBORError) -> KeyID in
                    try decoder.decode()
                }
                let (issuer, network) = try map.field(COSE.Label.claims, Header.decodeClaims)
                try map.field(COSE.Label.verifiableDataStructure) { (decoder) throws(CBORError) in
                    let at = decoder.offset
                    guard try decoder.decodeInteger() == COSE.rfc9162 else {
                        throw .invalidValue("unknown verifiable data structure", offset: at)
                    }
                }
                return try map.field(COSE.Label.vote) { (decoder) throws(CBORError) in
                    try Header(keyID: keyID, issuer: issuer, network: network, vote: &decoder)
                }
            }
        }

        private init(
            keyID: KeyID,
            issuer: MemberID,
            network: NetworkID,
            vote decoder: inout CBORDecoder
        ) throws(CBORError) {
            (self.keyID, self.issuer, self.network) = (keyID, issuer, network)
            (chain, epoch, view, block) = try decoder.decodeArray(count: 5) { (decoder) throws(CBORError) in
                let chain: ChainID = try decoder.decode()
                let at = decoder.offset
                guard try decoder.decodeUnsigned() == VoteKind.finalize.rawValue else {
                    throw .invalidValue("only a finalize vote is a receipt", offset: at)
                }
                return (chain, try decoder.decode(), try decoder.decode(), try decoder.decode())
            }
        }

        private static func decodeClaims(
            _ decoder: inout CBORDecoder
        ) throws(CBORError) -> (MemberID, NetworkID) {
            try decoder.decodeMap { (claims) throws(CBORError) in
                let issuer = try claims.field(COSE.Claim.issuer) { (decoder) throws(CBORError) -> MemberID in
                    try decoder.decode()
                }
                let network = try claims.field(COSE.Claim.subject) {
                    (decoder) throws(CBORError) -> NetworkID in
                    try decoder.decode()
                }
                return (issuer, network)
            }
        }
    }
}
