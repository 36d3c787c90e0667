import JalonCrypto
import JalonModel
import Testing

@testable import JalonState

/// Decisions, keys and epochs.
extension TestLedger {
    /// The provinces that seal blocks, in the order of their ids.
    static let sealing = ["cn-bj", "cn-gz", "cn-hb", "cn-he", "cn-hi", "cn-hn", "cn-js"]

    var network: NetworkID { genesis.network }

    // MARK: - Bodies

    func proposal(_ action: GovernanceAction, at height: UInt64? = nil) throws -> TransactionBody {
        .governancePropose(
            GovernancePropose(
                network: network,
                action: action,
                reason: try Text("理由"),
                effectiveHeight: height.map { Height($0) }
            )
        )
    }

    func vote(_ ballot: GovernanceBallot, on proposal: TransactionID) -> TransactionBody {
        .governanceVote(GovernanceVote(network: network, proposal: proposal, ballot: ballot))
    }

    /// A province of its own region that wants a seat; its keys are made from `seed`.
    static func admission(
        _ id: String = "cn-sd",
        seed: UInt8 = 220,
        hasSeat: Bool = true,
        roles: [MemberRole] = [.province],
        region: String? = nil,
        recovery: PrivateKey? = nil
    ) throws -> MemberAdmission {
        var keys = try (0..<4).map { try PrivateKey(seed: [UInt8](repeating: seed + UInt8($0), count: 32)) }
        if let recovery { keys[1] = recovery }
        let member = Member(
            id: try memberID(id),
            roles: roles,
            name: try LocalizedText(zh: "成员", en: id.uppercased()),
            region: RegionCode(region ?? id.uppercased()),
            authorityKeys: [keys[0].publicKey],
            recoveryKey: keys[1].publicKey,
            nodes: [NodeEntry(key: keys[2].publicKey)]
        )
        let validatorKey = hasSeat ? keys[3].publicKey : nil
        let digest = Possession.digest(of: member, validatorKey: validatorKey)
        let purposes: [KeyPurpose] = [.authority, .recovery, .node] + (hasSeat ? [.validator] : [])
        return MemberAdmission(
            member: member,
            validatorKey: validatorKey,
            proofs: zip(purposes, keys).map { $1.sign(Possession.statement($0, digest)) }
        )
    }

    /// The key that a member of ``admission(_:seed:hasSeat:roles:region:)`` signs with.
    static func admittedKey(_ seed: UInt8 = 220, validator: Bool = false) throws -> PrivateKey {
        try PrivateKey(seed: [UInt8](repeating: seed + (validator ? 3 : 0), count: 32))
    }

    func rotation(
        of member: String,
        _ purpose: KeyPurpose,
        from old: PrivateKey? = nil,
        to key: PrivateKey
    ) throws -> TransactionBody {
        let kind = KeyKind(purpose)
        let id = try TestLedger.memberID(member)
        let statement = Possession.statement(
            purpose: purpose.rawValue,
            key: key.publicKey,
            member: id,
            chain: genesis.chain
        )
        return .keyRotate(
            KeyRotate(
                member: id,
                old: try (old ?? TestLedger.key(member, kind)).publicKey.id,
                key: key.publicKey,
                purpose: purpose,
                proof: key.sign(statement)
            )
        )
    }

    func recovery(of member: String, to key: PrivateKey, since: Timestamp? = nil) throws -> TransactionBody {
        let id = try TestLedger.memberID(member)
        let statement = Possession.statement(
            purpose: KeyPurpose.authority.rawValue,
            key: key.publicKey,
            member: id,
            chain: genesis.chain
        )
        return .keyRecover(
            KeyRecover(member: id, key: key.publicKey, proof: key.sign(statement), compromisedSince: since)
        )
    }

    /// An activation of a set, for which so many of its validators are ready.
    func activation(
        _ set: ValidatorSet? = nil,
        epoch: UInt64? = nil,
        ready: Int? = nil,
        height: UInt64? = nil
    ) throws -> TransactionBody {
        let validators = try set ?? #require(state.nextValidators.first).validators
        let signed = height.map { Height($0) } ?? self.height
        let statement = Readiness.statement(
            chain: genesis.chain,
            epoch: Epoch(epoch ?? state.epoch.value + 1),
            validators: validators.hash,
            height: signed
        )
        return .validatorsActivate(
            ValidatorsActivate(
                network: network,
                epoch: Epoch(epoch ?? state.epoch.value + 1),
                validators: validators,
                ready: try validators.indices.prefix(ready ?? validators.quorum).map { index in
                    let key = try #require(validators[index].flatMap { TestLedger.keysByID[$0.key.id] })
                    return (index, Readiness(height: signed, signature: key.sign(statement)))
                }
            )
        )
    }

    /// Every key of these tests: their seeds are one byte, repeated.
    static let keysByID: [KeyID: PrivateKey] = {
        var keys: [KeyID: PrivateKey] = [:]
        for seed in UInt8(1)...255 {
            let key = try? PrivateKey(seed: [UInt8](repeating: seed, count: 32))
            if let key { keys[key.publicKey.id] = key }
        }
        return keys
    }()

    // MARK: - Doing it

    /// Gives a member that has no seat one: no rule does that to one that is there already.
    mutating func give(_ member: String, seat key: PrivateKey) throws {
        let validator = Validator(key: key.publicKey, member: try TestLedger.memberID(member))
        let record = KeyRecord(
            key: key.publicKey,
            member: validator.member,
            kind: .validator,
            isActive: true,
            height: height
        )
        try change { state in
            state.perform(.key(record))
            state.validators = try ValidatorSet(state.validators.validators + [validator])
            state.updateTree(at: [.key(key.publicKey.id)])
        }
    }

    /// Proposes as the first of these members, and lets the others say yes until it is decided.
    @discardableResult
    mutating func decide(
        _ action: GovernanceAction,
        at height: UInt64? = nil,
        by voters: [String] = TestLedger.sealing
    ) throws -> TransactionID {
        let id = try apply(proposal(action, at: height), by: voters[0])
        for voter in voters.dropFirst() where state.proposal(id)?.outcome == .open {
            try apply(vote(.yes, on: id), by: voter)
        }
        try #require(state.proposal(id)?.outcome == .passed)
        return id
    }

    /// The same, and the block in which it has its effect.
    @discardableResult
    mutating func enact(_ action: GovernanceAction, by voters: [String] = TestLedger.sealing) throws
        -> TransactionID
    {
        let id = try decide(action, by: voters)
        try apply([])
        return id
    }

    /// Closes the epoch.
    mutating func activate(_ set: ValidatorSet? = nil) throws {
        try apply(activation(set), by: "watch")
    }

    func outcome(_ proposal: TransactionID) -> GovernanceOutcome? { state.proposal(proposal)?.outcome }
}
