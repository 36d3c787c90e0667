import JalonCrypto
import JalonModel
import JalonState
import Testing

extension TestLedger {
    // MARK: - Life and amendments

    static func step(
        _ step: LifeStep,
        _ id: String,
        reason: String? = "规划调整",
        successor: String? = nil
    ) throws -> TransactionBody {
        .commitmentTransition(
            CommitmentTransition(
                step,
                try #require(CommitmentID(id)),
                reason: try reason.map { try Text($0) },
                successor: successor.flatMap { CommitmentID($0) }
            )
        )
    }

    static func amendment(
        _ id: String,
        of version: UInt64 = 1,
        _ amendmentClass: AmendmentClass = .material,
        removes: [CommitmentField] = [],
        _ change: (inout CommitmentChanges) throws -> Void = { _ in }
    ) throws -> TransactionBody {
        var changes = CommitmentChanges()
        try change(&changes)
        return .commitmentAmend(
            CommitmentAmend(
                id: try #require(CommitmentID(id)),
                expectedVersion: version,
                amendmentClass: amendmentClass,
                changes: changes,
                removes: removes,
                reasonCode: try #require(ReasonCode("newPlan")),
                reason: try Text("规划调整")
            )
        )
    }

    func commitment(_ id: String) throws -> Commitment {
        let id = try #require(CommitmentID(id))
        return try #require(state.commitment(id))
    }

    func status(_ id: String, on date: String) throws -> CommitmentStatus {
        let id = try #require(CommitmentID(id))
        return try #require(state.status(of: id, on: day(date)))
    }

    func life(_ id: String) throws -> CommitmentLife { try commitment(id).life }

    // MARK: - National plans

    /// A commitment of the country under its plan, led by a province.
    static func national(_ id: String, lead: String = "cn-hn") throws -> CommitmentPropose {
        var body = try #require(RealPlans.commitments.first { $0.id == "CN-HN-2020-001" }).body()
        body.id = try #require(CommitmentID(id))
        body.plan = try #require(PlanID("CN-2020-P1"))
        body.region = try #require(RegionCode("CN"))
        body.responsible = [Responsible(.member(try #require(MemberID(lead))), role: .lead)]
        return body
    }

    // MARK: - Delegations

    /// A key that no member has, by number.
    static func spareKey(_ number: UInt8) throws -> PrivateKey {
        try PrivateKey(seed: [UInt8](repeating: number, count: 32))
    }

    func grant(
        _ types: [TransactionType],
        on scope: DelegationScope = .all,
        of member: String = "cn-hn",
        to key: PrivateKey? = nil,
        until expires: Timestamp? = nil,
        provenBy prover: PrivateKey? = nil
    ) throws -> TransactionBody {
        let (key, member) = (
            try key ?? TestLedger.key(member, .delegate), try #require(MemberID(member))
        )
        let statement = Possession.statement(
            purpose: DelegationGrant.purpose,
            key: key.publicKey,
            member: member,
            chain: genesis.chain
        )
        return .delegationGrant(
            DelegationGrant(
                member: member,
                key: key.publicKey,
                proof: (prover ?? key).sign(statement),
                types: types,
                scope: scope,
                expires: expires ?? time.advanced(byMilliseconds: 86_400_000)
            )
        )
    }

    static func listed(_ ids: String...) throws -> DelegationScope {
        .commitments(try ids.map { try #require(CommitmentID($0)) })
    }

    static func revocation(of key: PrivateKey, by member: String = "cn-hn") throws -> TransactionBody {
        .delegationRevoke(DelegationRevoke(member: try #require(MemberID(member)), key: key.publicKey.id))
    }

    /// Signs with a key that a member lent something, applies, and gives the id.
    @discardableResult
    mutating func apply(
        _ body: TransactionBody,
        for member: String,
        with key: PrivateKey
    ) throws -> TransactionID {
        let transaction = try sign(body, by: member, Envelope(key: key))
        try apply([transaction])
        return transaction.value.id
    }

    /// The refusal of a body that is signed with a key that a member lent something.
    mutating func refusal(
        _ body: TransactionBody,
        for member: String,
        with key: PrivateKey
    ) throws -> Refusal {
        let transaction = try sign(body, by: member, Envelope(key: key))
        return try refusal(transaction)
    }
}
