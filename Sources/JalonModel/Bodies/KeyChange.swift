public import JalonCodec
public import JalonCrypto

/// `key.rotate`: a new key in the place of one of the member's own.
///
/// An authority key signs for its own successor; for the recovery key, a node's key or the validator key any authority
/// key of the member signs, since those sign no transactions.
public struct KeyRotate: BodyContent {
    public var member: MemberID
    public var old: KeyID
    public var key: PublicKey
    /// The new key's signature over ``Possession/statement(purpose:key:member:chain:)``.
    public var proof: [UInt8]
    /// What both keys are for.
    public var purpose: KeyPurpose

    public init(member: MemberID, old: KeyID, key: PublicKey, purpose: KeyPurpose, proof: [UInt8]) {
        (self.member, self.old, self.key) = (member, old, key)
        (self.purpose, self.proof) = (purpose, proof)
    }

    public var subject: SubjectID { SubjectID(checked: member.text) }

    /// Checks the rules that need no state.
    public func validate() throws(BodyError) {
        try require(key.id != old, "key", found: "the old key", expected: "another one")
        try require(
            purpose != .node || key.algorithm == .ed25519,
            "key.algorithm",
            found: "\(key.algorithm)",
            expected: "ed25519: it is the identity of a node"
        )
    }

    func signatures(on chain: ChainID) -> [EmbeddedSignature] {
        [Possession.signature(proof, purpose: purpose.rawValue, key: key, member: member, chain: chain)]
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("key") { $0.encode(key) }
            map.field("old", old)
            map.type(.keyRotate)
            map.field("proof") { $0.encode(bytes: proof) }
            map.field("member", member)
            map.field("purpose", purpose)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let key = try map.field("key") { (decoder) throws(CBORError) in try decoder.decodeKeyEntry() }
            let old: KeyID = try map.field("old")
            try map.type(.keyRotate)
            let proof = try map.field("proof") { (decoder) throws(CBORError) in
                Array(try decoder.decodeBytes(maximum: 128))
            }
            let member: MemberID = try map.field("member")
            return KeyRotate(
                member: member,
                old: old,
                key: key,
                purpose: try map.field("purpose"),
                proof: proof
            )
        }
    }
}

/// `key.recover`: a new authority key for a member that lost its own, signed by its recovery key.
///
/// It waits for a regulator's `cosign` and then for the parameter `recoveryDelay`.
public struct KeyRecover: BodyContent {
    public var member: MemberID
    public var key: PublicKey
    /// The new key's signature over ``Possession/statement(purpose:key:member:chain:)`` for an authority key.
    public var proof: [UInt8]
    /// Since when the lost keys may have been somebody else's: what they signed from then on is flagged.
    public var compromisedSince: Timestamp?

    public init(member: MemberID, key: PublicKey, proof: [UInt8], compromisedSince: Timestamp? = nil) {
        (self.member, self.key) = (member, key)
        (self.proof, self.compromisedSince) = (proof, compromisedSince)
    }

    public var subject: SubjectID { SubjectID(checked: member.text) }

    /// Has no rule between its fields.
    public func validate() throws(BodyError) {}

    func signatures(on chain: ChainID) -> [EmbeddedSignature] {
        let purpose = KeyPurpose.authority.rawValue
        return [Possession.signature(proof, purpose: purpose, key: key, member: member, chain: chain)]
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("key") { $0.encode(key) }
            map.type(.keyRecover)
            map.field("proof") { $0.encode(bytes: proof) }
            map.field("member", member)
            map.field("compromisedSince", ifPresent: compromisedSince) { $0.encode($1) }
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let key = try map.field("key") { (decoder) throws(CBORError) in try decoder.decodeKeyEntry() }
            try map.type(.keyRecover)
            let proof = try map.field("proof") { (decoder) throws(CBORError) in
                Array(try decoder.decodeBytes(maximum: 128))
            }
            let member: MemberID = try map.field("member")
            return KeyRecover(
                member: member,
                key: key,
                proof: proof,
                compromisedSince: try map.optional("compromisedSince") { (decoder) throws(CBORError) in
                    try decoder.decode(Timestamp.self)
                }
            )
        }
    }
}
