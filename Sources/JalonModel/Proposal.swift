public import JalonCodec
import JalonCrypto

/// Why a proposal may stand on its parent: the parent's certificate and the nullifications of the views
/// between.
public struct Justification: Hashable, Sendable {
    /// The most gap nullifications that travel with a proposal; older ones are fetched by range.
    public static let maximumNullifications = 64

    /// The notarization or finalization of the parent; absent where the parent is the genesis or closed the
    /// epoch before.
    public let parent: Certificate?
    /// The newest nullifications of the views between parent and proposal, descending by view.
    public let nullifications: [Certificate]

    public init(parent: Certificate?, nullifications: [Certificate]) {
        self.parent = parent
        self.nullifications = nullifications
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(2)
        encoder.encode(array: parent.map { [$0] } ?? []) { $1.encode(to: &$0) }
        encoder.encode(array: nullifications) { $1.encode(to: &$0) }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeArray(count: 2) { (decoder) throws(CBORError) in
            let parent = try decoder.decodeArray(maximum: 1) { (decoder) throws(CBORError) in
                try Certificate(from: &decoder)
            }
            let nullifications = try decoder.decodeArray(maximum: Justification.maximumNullifications) {
                (decoder) throws(CBORError) in try Certificate(from: &decoder)
            }
            return Justification(parent: parent.first, nullifications: nullifications)
        }
    }
}

/// What a leader proposes in a view, with its own notarize vote: without that vote it counts for nothing.
public struct Proposal: Hashable, Sendable {
    /// Bytes of the longest encoding.
    public static let maximumByteCount = 512 << 10

    /// The view in which this is proposed: the header's own, but later for a closing block proposed again.
    public let view: View
    public let header: BlockHeader
    /// SHA-256 of the encoded header, computed once.
    public let block: BlockID
    /// Leaf hashes of the block's transactions, in their order.
    public let leaves: [LeafHash]
    public let justification: Justification
    /// The signature of the leader's notarize vote for (`view`, `block`).
    public let signature: [UInt8]

    public init(
        view: View,
        header: BlockHeader,
        leaves: [LeafHash],
        justification: Justification,
        signature: [UInt8]
    ) {
        self.view = view
        self.header = header
        block = header.id
        self.leaves = leaves
        self.justification = justification
        self.signature = signature
    }

    /// The leader's notarize vote; `signer` is the leader of `view`.
    public func vote(by signer: ValidatorIndex) -> Vote {
        Vote(epoch: header.epoch, ballot: .notarize(view, block), signer: signer, signature: signature)
    }

    /// Checks the leader's vote and nothing else; the justification's certificates are verified each on its
    /// own.
    ///
    /// - Parameters:
    ///   - leader: The leader of `view` in the context's epoch.
    ///   - context: The epoch's validators and what its votes are bound to.
    ///   - verifier: Checks the signature.
    /// - Returns: `nil` where the chain or epoch is another or the signature is not the leader's.
    public func verified(
        leader: ValidatorIndex,
        in context: VotingContext,
        by verifier: some SignatureVerifying
    ) -> Verified<Proposal>? {
        guard header.chain == context.chain, view.value > 0,
            vote(by: leader).verified(in: context, by: verifier) != nil
        else { return nil }
        return Verified(self)
    }

    /// A proposal that this node signs itself.
    public static func signed(
        view: View,
        header: BlockHeader,
        leaves: [LeafHash],
        justification: Justification,
        by leader: ValidatorIndex,
        key: some Signing,
        in context: VotingContext
    ) -> (proposal: Verified<Proposal>, vote: Verified<Vote>) {
        let vote = Vote.signed(.notarize(view, header.id), by: leader, key: key, in: context)
        let proposal = Proposal(
            view: view,
            header: header,
            leaves: leaves,
            justification: justification,
            signature: vote.value.signature
        )
        return (Verified(proposal), vote)
    }
}

extension Verified where Value == Proposal {
    /// The leader's notarize vote, which was checked with the proposal.
    public func vote(by leader: ValidatorIndex) -> Verified<Vote> {
        Verified<Vote>(value.vote(by: leader))
    }
}

extension Proposal {
    /// The encoding: `[view, header, [leaf hash, …], justification, signature]`.
    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(5)
        encoder.encode(view)
        header.encode(to: &encoder)
        encoder.encode(array: leaves) { $0.encode($1) }
        justification.encode(to: &encoder)
        encoder.encode(bytes: signature)
    }

    public var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 1_024 + 34 * leaves.count)
        encode(to: &encoder)
        return encoder.bytes
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeArray(count: 5) { (decoder) throws(CBORError) in
            let view: View = try decoder.decode()
            let header = try BlockHeader(from: &decoder)
            let leaves = try decoder.decodeArray(maximum: BlockLimits.transactionCount) {
                (decoder) throws(CBORError) -> LeafHash in try decoder.decode()
            }
            return Proposal(
                view: view,
                header: header,
                leaves: leaves,
                justification: try Justification(from: &decoder),
                signature: Array(try decoder.decodeBytes(maximum: 128))
            )
        }
    }
}
