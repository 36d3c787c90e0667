public import JalonCodec
public import JalonCrypto

/// A member who is to join, with the proof for each of its keys that it holds the private one.
public struct MemberAdmission: CBORValue {
    public var member: Member
    /// Signs votes; `nil` for a member that seals no blocks.
    public var validatorKey: PublicKey?
    /// A signature for each key, in the order of ``keys``.
    public var proofs: [[UInt8]]

    public init(member: Member, validatorKey: PublicKey?, proofs: [[UInt8]]) {
        (self.member, self.validatorKey, self.proofs) = (member, validatorKey, proofs)
    }

    /// Every key with its purpose, in the order of the proofs.
    public var keys: [(purpose: KeyPurpose, key: PublicKey)] {
        var keys: [(purpose: KeyPurpose, key: PublicKey)] = member.authorityKeys.map { (.authority, $0) }
        if let key = member.recoveryKey { keys.append((.recovery, key)) }
        keys += member.nodes.map { (.node, $0.key) }
        if let validatorKey { keys.append((.validator, validatorKey)) }
        return keys
    }

    var signatures: [EmbeddedSignature] {
        let digest = Possession.digest(of: member, validatorKey: validatorKey)
        return zip(keys, proofs).map { entry, proof in
            EmbeddedSignature(
                key: entry.key,
                message: Possession.statement(entry.purpose, digest),
                signature: proof
            )
        }
    }

    func validate() throws(BodyError) {
        let all = keys
        try require(
            all.count == proofs.count,
            "action.proofs",
            found: "\(proofs.count)",
            expected: "one for each of the \(all.count) keys"
        )
        try requireUnique(all.map(\.key.id), "action.member keys")
        do { try GenesisFields.validate(member, "action.member") } catch { throw BodyError(error) }
        if validatorKey != nil {
            try require(
                member.roles != [.observer] && !member.nodes.isEmpty,
                "action.validatorKey",
                found: "present",
                expected: "absent: an observer, or a member without a node, seals no blocks"
            )
        }
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("member", member)
            map.field("proofs") { $0.encode(array: proofs) { $0.encode(bytes: $1) } }
            map.field("validatorKey", ifPresent: validatorKey) { $0.encode($1) }
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let member: Member = try map.field("member")
            let proofs = try map.field("proofs") { (decoder) throws(CBORError) in
                try decoder.decodeArray(maximum: 2 * Member.maximumKeyCount + 2) {
                    (decoder) throws(CBORError) in Array(try decoder.decodeBytes(maximum: 128))
                }
            }
            return MemberAdmission(
                member: member,
                validatorKey: try map.optional("validatorKey") { (decoder) throws(CBORError) in
                    try decoder.decodeKeyEntry()
                },
                proofs: proofs
            )
        }
    }
}

/// What the validators decide about together (domain, section 6).
public enum GovernanceAction: CBORValue {
    case admit(MemberAdmission)
    case suspend(MemberID)
    case reinstate(MemberID)
    case remove(MemberID)
    /// A parameter and its encoded value; `nil` for one that is to be unset, which only `statusDate` can be.
    case setParameter(Parameter, [UInt8]?)
    /// The number in `jalon-block/N`.
    case upgrade(UInt64)

    /// The name on the wire and on every page.
    public enum Kind: String, CodedChoice {
        case admit = "member.admit"
        case suspend = "member.suspend"
        case reinstate = "member.reinstate"
        case remove = "member.remove"
        case setParameter = "parameter.set"
        case upgrade = "protocol.upgrade"
    }

    public var kind: Kind {
        switch self {
        case .admit: .admit
        case .suspend: .suspend
        case .reinstate: .reinstate
        case .remove: .remove
        case .setParameter: .setParameter
        case .upgrade: .upgrade
        }
    }

    /// The member that it is about.
    public var member: MemberID? {
        switch self {
        case .admit(let admission): admission.member.id
        case .suspend(let id), .reinstate(let id), .remove(let id): id
        case .setParameter, .upgrade: nil
        }
    }

    func validate() throws(BodyError) {
        switch self {
        case .admit(let admission): try admission.validate()
        case .suspend, .reinstate, .remove: break
        case .setParameter(let parameter, let value):
            var parameters = Parameters()
            do { try parameters.set(parameter, encodedValue: value) } catch {
                throw .invalid(
                    field: "action.\(parameter.rawValue)",
                    found: "\(error)",
                    expected: "a value of its kind and in its range"
                )
            }
            try require(
                parameter != .maxLifetime,
                "action.parameter",
                found: parameter.rawValue,
                expected: "another one: the replay window of a running network can't change its span"
            )
        case .upgrade: break
        }
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("kind", kind)
            switch self {
            case .admit(let admission): map.field("admission", admission)
            case .suspend(let id), .reinstate(let id), .remove(let id): map.field("member", id)
            case .setParameter(let parameter, let value):
                map.field("value", ifPresent: value) { $0.append(encoded: $1) }
                map.field("parameter") { $0.encode(parameter.rawValue) }
            case .upgrade(let version): map.field("version", version)
            }
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let kind: Kind = try map.field("kind")
            switch kind {
            case .admit: return .admit(try map.field("admission"))
            case .suspend: return .suspend(try map.field("member"))
            case .reinstate: return .reinstate(try map.field("member"))
            case .remove: return .remove(try map.field("member"))
            case .setParameter:
                let value = try map.optional("value") { (decoder) throws(CBORError) in
                    Array(try decoder.decodeEncodedItem())
                }
                let parameter = try map.field("parameter") { (decoder) throws(CBORError) in
                    let at = decoder.offset
                    let name = try decoder.decodeText(maximum: 64)
                    let found = Parameter.allCases.first { $0.rawValue.equalsBytewise(name) }
                    guard let found else {
                        throw .invalidValue("there is no parameter '\(name)'", offset: at)
                    }
                    return found
                }
                return .setParameter(parameter, value)
            case .upgrade: return .upgrade(try map.field("version", in: 2...1_000_000))
            }
        }
    }
}

/// `governance.propose`: puts a decision to the validators.
public struct GovernancePropose: BodyContent {
    /// The network's id, which the claim `sub` repeats.
    public var network: NetworkID
    public var action: GovernanceAction
    public var reason: Text
    /// The first block in which it has its effect; where absent, the one after the vote that decides.
    public var effectiveHeight: Height?

    public init(network: NetworkID, action: GovernanceAction, reason: Text, effectiveHeight: Height? = nil) {
        (self.network, self.action) = (network, action)
        (self.reason, self.effectiveHeight) = (reason, effectiveHeight)
    }

    public var subject: SubjectID { SubjectID(checked: network.text) }

    /// Checks the rules that need no state.
    public func validate() throws(BodyError) {
        try action.validate()
        if case .upgrade = action {
            try require(
                effectiveHeight != nil,
                "effectiveHeight",
                found: "absent",
                expected: "the height at which every node must know the new version"
            )
        }
    }

    func signatures(on chain: ChainID) -> [EmbeddedSignature] {
        if case .admit(let admission) = action { return admission.signatures }
        return []
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.type(.governancePropose)
            map.field("action", action)
            map.field("reason", reason)
            map.field("network", network)
            map.field("effectiveHeight", ifPresent: effectiveHeight) { $0.encode($1) }
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            try map.type(.governancePropose)
            let action: GovernanceAction = try map.field("action")
            let reason: Text = try map.field("reason")
            let network: NetworkID = try map.field("network")
            return GovernancePropose(
                network: network,
                action: action,
                reason: reason,
                effectiveHeight: try map.optional("effectiveHeight") { (decoder) throws(CBORError) in
                    try decoder.decode(Height.self)
                }
            )
        }
    }
}

/// Yes or no.
public enum GovernanceBallot: String, CodedChoice {
    case yes, no
}

/// `governance.vote`: a validator's word on a proposal; once each.
public struct GovernanceVote: BodyContent {
    /// The network's id, which the claim `sub` repeats.
    public var network: NetworkID
    /// The transaction that proposed.
    public var proposal: TransactionID
    public var ballot: GovernanceBallot

    public init(network: NetworkID, proposal: TransactionID, ballot: GovernanceBallot) {
        (self.network, self.proposal, self.ballot) = (network, proposal, ballot)
    }

    public var subject: SubjectID { SubjectID(checked: network.text) }

    /// Has no rule between its fields.
    public func validate() throws(BodyError) {}

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.type(.governanceVote)
            map.field("ballot", ballot)
            map.field("network", network)
            map.field("proposal", proposal)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            try map.type(.governanceVote)
            let ballot: GovernanceBallot = try map.field("ballot")
            let network: NetworkID = try map.field("network")
            return GovernanceVote(network: network, proposal: try map.field("proposal"), ballot: ballot)
        }
    }
}
