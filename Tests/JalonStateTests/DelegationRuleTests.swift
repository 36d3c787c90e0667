import JalonCrypto
import JalonModel
import Testing

@testable import JalonState

@Suite("A member lends a key some of what it may do")
struct DelegationRuleTests {
    private static let id = "CN-HN-2020-001"
    private var ledger: TestLedger
    private let key: PrivateKey

    init() throws {
        ledger = try TestLedger()
        try ledger.publishRealPlans()
        key = try TestLedger.key("cn-hn", .delegate)
    }

    private static let reporting: [TransactionType] = [
        .milestoneReport, .milestoneCorrect, .milestoneRetract,
    ]

    private func report(_ id: String = Self.id, _ value: String = "1", _ periodEnd: String = "2021-06-30")
        throws -> TransactionBody
    {
        try TestLedger.report(id, value: value, at: periodEnd)
    }

    // MARK: - Granting

    @Test("a grant registers the key and what it may do")
    mutating func grant() throws {
        let scope = try TestLedger.listed(Self.id)
        let expires = ledger.time.advanced(byMilliseconds: 1_000)
        let id = try ledger.apply(ledger.grant(Self.reporting, on: scope, until: expires), by: "cn-hn")
        let path = key.publicKey.id.hex
        #expect(ledger.changes.map(\.path).sorted() == ["delegation/\(path)", "key/\(path)"])
        let record = try #require(ledger.state.key(key.publicKey.id))
        #expect(record.kind == .delegate && record.isActive && record.member.text == "cn-hn")
        #expect(record.height == ledger.height)
        let delegation = try #require(ledger.state.delegation(key.publicKey.id))
        #expect(delegation.types == Self.reporting && delegation.scope == scope)
        #expect(delegation.expires == expires && delegation.revokedBy == nil)
        #expect(delegation.origin.transaction == id && delegation.member.text == "cn-hn")
        #expect(ledger.state.delegations(of: delegation.member) == [delegation])
        #expect(ledger.state.delegations(of: try #require(MemberID("cn-he"))).isEmpty)
        #expect(ledger.state.delegations(of: try #require(MemberID("cn-js"))).isEmpty)
    }

    @Test("a key that serves another purpose or member, or was revoked, is refused")
    mutating func keyTaken() throws {
        for kind in [KeyKind.authority, .recovery, .validator, .node] {
            for member in ["cn-hn", "cn-gz"] {
                let taken = try TestLedger.key(member, kind)
                let refusal = try ledger.refusal(ledger.grant(Self.reporting, to: taken), by: "cn-hn")
                #expect(refusal.code == .keyTaken)
                #expect(refusal.message.contains("\(kind)") && refusal.message.contains(member))
            }
        }
        try ledger.apply(ledger.grant(Self.reporting, to: key), by: "cn-hn")
        let other = try ledger.grant(Self.reporting, of: "cn-gz", to: key)
        #expect(try ledger.refusal(other, by: "cn-gz").code == .keyTaken)
        try ledger.apply(TestLedger.revocation(of: key), by: "cn-hn")
        let revoked = try ledger.refusal(ledger.grant(Self.reporting, to: key), by: "cn-hn")
        #expect(revoked.code == .keyTaken && revoked.message.contains("no longer active"))
    }

    @Test("a proof that another key signed, or for another member or chain, does not verify")
    mutating func possession() throws {
        let stranger = try TestLedger.spareKey(200)
        let wrong = try ledger.grant(Self.reporting, to: key, provenBy: stranger)
        #expect(try !ledger.verifies(wrong, by: "cn-hn"))
        guard case .delegationGrant(var body) = try ledger.grant(Self.reporting, of: "cn-gz", to: key) else {
            return
        }
        body.member = try #require(MemberID("cn-hn"))
        #expect(try !ledger.verifies(.delegationGrant(body), by: "cn-hn"))
        func proof(on chain: ChainID) -> [UInt8] {
            key.sign(
                Possession.statement(
                    purpose: DelegationGrant.purpose,
                    key: key.publicKey,
                    member: body.member,
                    chain: chain
                )
            )
        }
        body.proof = proof(on: ChainID(SHA256.hash([1])))
        #expect(try !ledger.verifies(.delegationGrant(body), by: "cn-hn"))
        body.proof = proof(on: ledger.genesis.chain)
        #expect(try ledger.verifies(.delegationGrant(body), by: "cn-hn"))
    }

    @Test("a grant that ends before it begins is refused")
    mutating func past() throws {
        for expires in [ledger.time, ledger.time.reduced(byMilliseconds: 1)] {
            let refusal = try ledger.refusal(ledger.grant(Self.reporting, until: expires), by: "cn-hn")
            #expect(refusal.code == .delegationExpired && refusal.message.contains("\(expires)"))
        }
        let next = ledger.time.advanced(byMilliseconds: 1)
        try ledger.apply(ledger.grant(Self.reporting, until: next), by: "cn-hn")
    }

    @Test(
        "what can't be lent is refused, and what can is named",
        arguments: TransactionType.allCases
    )
    mutating func delegable(type: TransactionType) throws {
        let body = try ledger.grant([.milestoneReport, type].uniqued())
        guard type.permission(of: .delegate) == .no else {
            try ledger.apply(body, by: "cn-hn")
            return
        }
        let refusal = try ledger.refusal(body, by: "cn-hn")
        #expect(refusal.code == .notDelegable && refusal.message.contains(type.rawValue))
        #expect(refusal.hint.contains("milestone.report") && !refusal.hint.contains("governance"))
    }

    @Test("nobody lends what it may not do itself: an auditor's key reports nothing")
    mutating func auditor() throws {
        let body = try ledger.grant([.milestoneReport], of: "audit")
        let refusal = try ledger.refusal(body, by: "audit")
        #expect(refusal.code == .notDelegable && refusal.hint.contains("cosign"))
        try ledger.apply(ledger.grant([.cosign], of: "audit"), by: "audit")
    }

    @Test("a grant for commitments that don't exist is refused, unless they may be proposed with it")
    mutating func unknownCommitment() throws {
        let scope = try TestLedger.listed(Self.id, "CN-HN-2020-088")
        let refusal = try ledger.refusal(ledger.grant(Self.reporting, on: scope), by: "cn-hn")
        #expect(refusal.code == .unknownCommitment && refusal.message.contains("CN-HN-2020-088"))
        try ledger.apply(ledger.grant(Self.reporting + [.commitmentPropose], on: scope), by: "cn-hn")
        var body = try #require(RealPlans.commitments.first { $0.id == Self.id }).body()
        body.id = try #require(CommitmentID("CN-HN-2020-088"))
        try ledger.apply(.commitmentPropose(body), for: "cn-hn", with: key)
        body.id = try #require(CommitmentID("CN-HN-2020-089"))
        #expect(try ledger.refusal(.commitmentPropose(body), for: "cn-hn", with: key).code == .notDelegated)
    }

    @Test("a member lends for itself alone, with its own key")
    mutating func own() throws {
        let body = try ledger.grant(Self.reporting, of: "cn-gz")
        let refusal = try ledger.refusal(body, by: "cn-hn")
        #expect(refusal.code == .notResponsible && refusal.message.contains("cn-gz"))
        for member in ["regulator", "watch"] {
            let body = try ledger.grant([.cosign], of: member)
            #expect(try ledger.refusal(body, by: member).code == .role)
        }
    }

    @Test("a delegate lends nothing on")
    mutating func noRedelegation() throws {
        try ledger.apply(ledger.grant([.milestoneReport]), by: "cn-hn")
        let further = try ledger.grant([.milestoneReport], to: TestLedger.spareKey(200))
        #expect(try ledger.refusal(further, for: "cn-hn", with: key).code == .notDelegated)
        let revocation = try TestLedger.revocation(of: key)
        #expect(try ledger.refusal(revocation, for: "cn-hn", with: key).code == .notDelegated)
    }

    @Test("64 delegations may be in force at once: expired, revoked and replaced ones make room")
    mutating func limit() throws {
        let soon = ledger.time.advanced(byMilliseconds: 200_000)
        for number in 0..<64 {
            let key = try TestLedger.spareKey(UInt8(100 + number))
            try ledger.apply(ledger.grant([.cosign], to: key, until: number == 0 ? soon : nil), by: "cn-hn")
        }
        let next = try TestLedger.spareKey(200)
        let refusal = try ledger.refusal(ledger.grant([.cosign], to: next), by: "cn-hn")
        #expect(refusal.code == .delegationLimit && refusal.message.contains("64"))
        try ledger.apply(
            ledger.grant([.cosign, .milestoneReport], to: TestLedger.spareKey(101)),
            by: "cn-hn"
        )
        try ledger.apply(TestLedger.revocation(of: TestLedger.spareKey(101)), by: "cn-hn")
        try ledger.apply(ledger.grant([.cosign], to: next), by: "cn-hn")
        let last = try TestLedger.spareKey(201)
        #expect(try ledger.refusal(ledger.grant([.cosign], to: last), by: "cn-hn").code == .delegationLimit)
        try ledger.apply(ledger.grant([.cosign], of: "cn-gz", to: last), by: "cn-gz")
        while ledger.time <= soon { try ledger.apply([]) }
        try ledger.apply(ledger.grant([.cosign], to: TestLedger.spareKey(202)), by: "cn-hn")
        let expired = try ledger.grant([.cosign], to: TestLedger.spareKey(100))
        #expect(try ledger.refusal(expired, by: "cn-hn").code == .delegationLimit, "it would count again")
    }

    @Test("a member lends to at most 4 096 keys in all its time; one of them may be granted again")
    mutating func keyLimit() throws {
        let member = try #require(MemberID("cn-hn"))
        try ledger.apply(ledger.grant([.cosign]), by: "cn-hn")
        let sample = try #require(ledger.state.delegation(key.publicKey.id))
        var state = ledger.state
        for number in 1..<4_096 {
            let id = KeyID(SHA256.hash("\(number)".utf8))
            let record = DelegationRecord(
                key: id,
                types: sample.types,
                scope: .all,
                expires: Timestamp(1),
                origin: sample.origin
            )
            state.delegationsByPlace[DelegationPlace(member: member, key: id)] = Shared(record)
        }
        let new = try ledger.sign(ledger.grant([.cosign], to: TestLedger.spareKey(200)), by: "cn-hn")
        let context = ledger.context
        let refusal = #expect(throws: Refusal.self) { try state.check(new, context: context) }
        #expect(refusal?.code == .delegationLimit && refusal?.message.contains("4096") == true)
        let again = try ledger.sign(ledger.grant([.cosign]), by: "cn-hn")
        #expect(throws: Never.self) { try state.check(again, context: context) }
    }

    // MARK: - Acting

    @Test("a delegate signs what it was granted on what it was granted for")
    mutating func scope() throws {
        let scope = try TestLedger.listed(Self.id)
        try ledger.apply(ledger.grant([.milestoneReport], on: scope), by: "cn-hn")
        let id = try ledger.apply(report(), for: "cn-hn", with: key)
        #expect(ledger.state.milestone(id)?.key == key.publicKey.id)
        let other = try ledger.refusal(report("CN-HN-2020-002"), for: "cn-hn", with: key)
        #expect(other.code == .notDelegated && other.message.contains("CN-HN-2020-002"))
        let type = try ledger.refusal(TestLedger.retraction(Self.id, of: id), for: "cn-hn", with: key)
        #expect(type.code == .notDelegated && type.message.contains("milestone.retract"))
        let foreign = try ledger.refusal(report("CN-GZ-2020-001"), for: "cn-hn", with: key)
        #expect(foreign.code == .notResponsible, "the member itself may not")
    }

    @Test("until the grant expires, the last time included")
    mutating func expiry() throws {
        let expires = ledger.time.advanced(byMilliseconds: 5_000)
        try ledger.apply(ledger.grant([.milestoneReport], until: expires), by: "cn-hn")
        while ledger.time < expires { try ledger.apply([]) }
        #expect(ledger.time == expires)
        try ledger.apply(report(), for: "cn-hn", with: key)
        let refusal = try ledger.refusal(report(Self.id, "2", "2021-07-01"), for: "cn-hn", with: key)
        #expect(refusal.code == .delegationExpired && refusal.message.contains("\(expires)"))
        // Granted anew it may go on, with the same key.
        try ledger.apply(ledger.grant([.milestoneReport]), by: "cn-hn")
        try ledger.apply(report(Self.id, "2", "2021-07-01"), for: "cn-hn", with: key)
    }

    @Test("a new grant for the key takes the old one's place")
    mutating func replaced() throws {
        try ledger.apply(ledger.grant([.milestoneReport], on: TestLedger.listed(Self.id)), by: "cn-hn")
        try ledger.apply(
            ledger.grant([.milestoneReport], on: TestLedger.listed("CN-HN-2020-002")),
            by: "cn-hn"
        )
        #expect(ledger.changes.map(\.path) == ["delegation/\(key.publicKey.id)"])
        #expect(try ledger.refusal(report(), for: "cn-hn", with: key).code == .notDelegated)
        try ledger.apply(report("CN-HN-2020-002"), for: "cn-hn", with: key)
    }

    @Test("once revoked the key signs nothing more, and what it signed stays")
    mutating func revoked() throws {
        try ledger.apply(ledger.grant([.milestoneReport]), by: "cn-hn")
        let id = try ledger.apply(report(), for: "cn-hn", with: key)
        let revocation = try ledger.apply(TestLedger.revocation(of: key), by: "cn-hn")
        let path = key.publicKey.id.hex
        #expect(ledger.changes.map(\.path).sorted() == ["delegation/\(path)", "key/\(path)"])
        #expect(ledger.state.delegation(key.publicKey.id)?.revokedBy == revocation)
        #expect(ledger.state.key(key.publicKey.id)?.isActive == false)
        let refusal = try ledger.refusal(report(Self.id, "2", "2021-07-01"), for: "cn-hn", with: key)
        #expect(refusal.code == .keyInactive)
        #expect(ledger.state.milestone(id)?.state == .effective)
        let twice = try ledger.refusal(TestLedger.revocation(of: key), by: "cn-hn")
        #expect(twice.code == .unknownDelegation && twice.message.contains("\(revocation)"))
    }

    @Test("what was never lent, or by another member, can't be revoked")
    mutating func unknownDelegation() throws {
        let stranger = try TestLedger.spareKey(200)
        #expect(
            try ledger.refusal(TestLedger.revocation(of: stranger), by: "cn-hn").code == .unknownDelegation
        )
        let authority = try TestLedger.key("cn-hn")
        #expect(
            try ledger.refusal(TestLedger.revocation(of: authority), by: "cn-hn").code == .unknownDelegation
        )
        try ledger.apply(ledger.grant([.milestoneReport]), by: "cn-hn")
        let other = try TestLedger.revocation(of: key, by: "cn-gz")
        #expect(try ledger.refusal(other, by: "cn-gz").code == .unknownDelegation)
        let foreign = try TestLedger.revocation(of: key, by: "cn-hn")
        #expect(try ledger.refusal(foreign, by: "cn-gz").code == .notResponsible)
    }

    @Test("a delegate changes its own reports only, its member all of them")
    mutating func ownReports() throws {
        try ledger.apply(ledger.grant(Self.reporting), by: "cn-hn")
        let own = try ledger.apply(report(), for: "cn-hn", with: key)
        let members = try ledger.apply(report(Self.id, "2", "2021-07-01"), by: "cn-hn")
        let content = try TestLedger.content(.value(decimal("2")), at: "2021-07-01")
        for body in [
            try TestLedger.correction(Self.id, of: members, content),
            try TestLedger.retraction(Self.id, of: members),
        ] {
            let refusal = try ledger.refusal(body, for: "cn-hn", with: key)
            #expect(refusal.code == .notDelegated && refusal.message.contains("own reports"))
        }
        let corrected = try ledger.apply(
            TestLedger.correction(
                Self.id,
                of: own,
                TestLedger.content(.value(decimal("1")), at: "2021-06-29")
            ),
            for: "cn-hn",
            with: key
        )
        try ledger.apply(TestLedger.retraction(Self.id, of: corrected), for: "cn-hn", with: key)
        let again = try ledger.apply(report(), for: "cn-hn", with: key)
        try ledger.apply(TestLedger.retraction(Self.id, of: again), by: "cn-hn")
    }

    @Test("a delegate amends words, not the promise")
    mutating func editorial() throws {
        try ledger.apply(ledger.grant([.commitmentAmend], on: TestLedger.listed(Self.id)), by: "cn-hn")
        let material = try TestLedger.amendment(Self.id) { $0.target = .bound(.ge, try decimal("1")) }
        let refusal = try ledger.refusal(material, for: "cn-hn", with: key)
        #expect(refusal.code == .notDelegated && refusal.message.contains("material"))
        let words = try TestLedger.amendment(Self.id, .editorial) { $0.title = try LocalizedText(zh: "上链") }
        try ledger.apply(words, for: "cn-hn", with: key)
        let other = try TestLedger.amendment("CN-HN-2020-002", .editorial) {
            $0.title = try LocalizedText(zh: "园区")
        }
        #expect(try ledger.refusal(other, for: "cn-hn", with: key).code == .notDelegated)
    }

    @Test("with all of its region a delegate publishes plans, of its region")
    mutating func plans() throws {
        try ledger.apply(ledger.grant([.planPublish, .milestoneReport]), by: "cn-hn")
        var plan = try TestLedger.plan("CN-HN")
        plan.id = try #require(PlanID("CN-HN-2021-P1"))
        try ledger.apply(.planPublish(plan), for: "cn-hn", with: key)
        plan = try TestLedger.plan("CN-GZ")
        plan.id = try #require(PlanID("CN-GZ-2021-P1"))
        #expect(try ledger.refusal(.planPublish(plan), for: "cn-hn", with: key).code == .region)
        try ledger.apply(ledger.grant([.milestoneReport], on: TestLedger.listed(Self.id)), by: "cn-hn")
        plan.id = try #require(PlanID("CN-GZ-2021-P2"))
        #expect(try ledger.refusal(.planPublish(plan), for: "cn-hn", with: key).code == .notDelegated)
    }
}

extension [TransactionType] {
    fileprivate func uniqued() -> [TransactionType] {
        reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
