public import JalonCodec
public import JalonCrypto

/// What a delegate key may act on.
public enum DelegationScope: Hashable, Sendable {
    /// Whatever the member itself may act on with the types granted; in the encoding `all`, true.
    case all
    /// These commitments.
    case commitments([CommitmentID])

    /// Whether a commitment is within it; `nil` is what is about none, such as a plan.
    public func covers(_ commitment: CommitmentID?) -> Bool {
        switch self {
        case .all: true
        case .commitments(let ids): commitment.map(ids.contains) ?? false
        }
    }
}

/// `delegation.grant`: lends a key some of what a member may do, until it expires.
///
/// For a key that the member lent something before it puts the new scope in the place of the old one.
public struct DelegationGrant: BodyContent {
    /// The most types, and the most commitments, of a grant.
    public static let maximumListCount = 64
    /// What the delegate's key is for, in the statement that proves its possession.
    public static let purpose = "delegate"

    /// The member that lends.
    public var member: MemberID
    public var key: PublicKey
    /// The new key's signature over the ``Possession/statement(purpose:key:member:chain:)`` with ``purpose``.
    public var proof: [UInt8]
    /// What it may sign.
    public var types: [TransactionType]
    public var scope: DelegationScope
    /// The last block time at which the key may sign.
    public var expires: Timestamp

    public init(
        member: MemberID,
        key: PublicKey,
        proof: [UInt8],
        types: [TransactionType],
        scope: DelegationScope,
        expires: Timestamp
    ) {
        (self.member, self.key, self.proof) = (member, key, proof)
        (self.types, self.scope, self.expires) = (types, scope, expires)
    }

    public var subject: SubjectID { SubjectID(checked: member.text) }

    func signatures(on chain: ChainID) -> [EmbeddedSignature] {
        [
            Possession.signature(
                proof,
                purpose: DelegationGrant.purpose,
                key: key,
                member: member,
                chain: chain
            )
        ]
    }

    /// Checks the rules that need no state.
    public func validate() throws(BodyError) {
        try require(!types.isEmpty, "types", found: "none", expected: "one type at least")
        try requireUnique(types.map(\.rawValue), "types")
        guard case .commitments(let ids) = scope else { return }
        try require(
            !ids.isEmpty,
            "commitments",
            found: "none",
            expected: "one at least, or all: true in its place"
        )
        try requireUnique(ids, "commitments")
        try require(
            !types.contains(.planPublish),
            "types",
            found: "\(TransactionType.planPublish)",
            expected: "all: true in the place of commitments, since a plan is none"
        )
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("all", ifTrue: scope == .all)
            map.field("key") { $0.encode(key) }
            map.type(.delegationGrant)
            map.field("proof") { $0.encode(bytes: proof) }
            map.field("types", types)
            map.field("member", member)
            map.field("expires") { $0.encode(expires) }
            if case .commitments(let ids) = scope { map.field("commitments", ids) }
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let isAll = try map.optionalTrue("all")
            let key = try map.field("key") { (decoder) throws(CBORError) in try decoder.decodeKeyEntry() }
            try map.type(.delegationGrant)
            let proof = try map.field("proof") { (decoder) throws(CBORError) in
                Array(try decoder.decodeBytes(count: key.algorithm.signatureByteCount))
            }
            let types: [TransactionType] = try map.list(
                "types",
                maximum: DelegationGrant.maximumListCount
            )
            let member: MemberID = try map.field("member")
            let expires = try map.field("expires") { (decoder) throws(CBORError) in
                try decoder.decode(Timestamp.self)
            }
            return DelegationGrant(
                member: member,
                key: key,
                proof: proof,
                types: types,
                scope: try map.delegationScope(isAll: isAll),
                expires: expires
            )
        }
    }
}

extension CBORMapDecoder {
    /// Reads `commitments` where they are, and checks that `all` or they are given, not both.
    package mutating func delegationScope(isAll: Bool) throws(CBORError) -> DelegationScope {
        let at = offset
        let ids: [CommitmentID]? = try optionalList(
            "commitments",
            maximum: DelegationGrant.maximumListCount
        )
        switch (isAll, ids) {
        case (true, nil): return .all
        case (false, let ids?): return .commitments(ids)
        case (true, .some), (false, nil):
            throw .invalidValue("a delegation has either all or commitments", offset: at)
        }
    }
}

/// `delegation.revoke`: takes back what a key was lent, for ever; what it signed stays.
public struct DelegationRevoke: BodyContent {
    /// The member that lent.
    public var member: MemberID
    /// The id of the delegate key.
    public var key: KeyID
    public var reason: Text?

    public init(member: MemberID, key: KeyID, reason: Text? = nil) {
        (self.member, self.key, self.reason) = (member, key, reason)
    }

    public var subject: SubjectID { SubjectID(checked: member.text) }

    /// Has no rule between its fields.
    public func validate() throws(BodyError) {}

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("key", key)
            map.type(.delegationRevoke)
            map.field("member", member)
            map.field("reason", ifPresent: reason)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let key: KeyID = try map.field("key")
            try map.type(.delegationRevoke)
            let member: MemberID = try map.field("member")
            return DelegationRevoke(member: member, key: key, reason: try map.optional("reason"))
        }
    }
}
