import JalonCrypto
import JalonModel
import JalonState
import Testing

/// The table of domain.md 6, written down once more: province, delegate, regulator, auditor, observer.
private let expected: [(types: [TransactionType], row: [Permission])] = [
    ([.planPublish, .commitmentPropose], [.own, .granted, .national, .no, .no]),
    ([.commitmentActivate, .commitmentReturn], [.no, .no, .yes, .no, .no]),
    ([.commitmentAmend], [.own, .granted, .own, .no, .no]),
    (
        [
            .commitmentWithdraw, .commitmentCancel, .commitmentSupersede, .commitmentSuspend,
            .commitmentResume,
            .commitmentClose,
        ],
        [.own, .no, .own, .no, .no]
    ),
    ([.milestoneReport, .milestoneCorrect, .milestoneRetract], [.own, .granted, .no, .no, .no]),
    ([.attestationIssue], [.no, .no, .no, .unlessParty, .no]),
    ([.attestationRevoke], [.no, .no, .no, .own, .no]),
    ([.disputeOpen], [.yes, .no, .yes, .yes, .yes]),
    ([.disputeAnswer], [.addressee, .no, .addressee, .addressee, .no]),
    ([.disputeResolve], [.no, .no, .unlessParty, .no, .no]),
    ([.delegationGrant, .delegationRevoke], [.own, .no, .no, .own, .no]),
    ([.governancePropose], [.validator, .no, .validatorOrAdmission, .validator, .no]),
    ([.governanceVote], [.validator, .no, .validator, .validator, .no]),
    ([.keyRotate, .keyRecover], [.own, .no, .own, .own, .own]),
    ([.cosign], [.named, .named, .named, .named, .no]),
    ([.directiveIssue], [.no, .no, .yes, .no, .no]),
    ([.directiveAcknowledge, .directiveReply], [.addressee, .no, .no, .no, .no]),
    ([.validatorsActivate], [.yes, .no, .yes, .yes, .yes]),
]

@Suite("The table of who may send what")
struct RoleTableTests {
    @Test("has a row for each type, and each cell is the domain's", arguments: TransactionType.allCases)
    func cells(type: TransactionType) throws {
        let rows = expected.filter { $0.types.contains(type) }.map(\.row)
        #expect(rows.count == 1)
        #expect(Actor.allCases.map { type.permission(of: $0) } == rows.first)
    }

    @Test(
        "each cell holds for a real transaction: who may, within its bounds, is accepted, who may not is refused",
        arguments: RoleSamples.types,
        Actor.allCases
    )
    func real(type: TransactionType, actor: Actor) throws {
        var samples = try RoleSamples()
        let transaction = try samples.transaction(type, by: actor)
        guard type.permission(of: actor) == .no else {
            #expect(throws: Never.self) {
                try samples.ledger.state.check(transaction, context: samples.ledger.context)
            }
            return
        }
        let code = try samples.ledger.refusal(transaction).code
        #expect([.role, .notDelegated, .notResponsible, .keyKind].contains(code), "\(code)")
        if actor == .delegate { #expect(code == (type == .keyRecover ? .keyKind : .notDelegated)) }
    }

    @Test(
        "what is one's own is nobody else's: the same from another province is refused",
        arguments: RoleSamples.types
    )
    func foreign(type: TransactionType) throws {
        guard type.permission(of: .province) == .own else { return }
        var samples = try RoleSamples()
        let body = try samples.body(type, by: .province)
        let key = type == .keyRecover ? try TestLedger.key("cn-gz", .recovery) : nil
        let transaction = try samples.ledger.sign(body, by: "cn-gz", .init(key: key))
        let code = try samples.ledger.refusal(transaction).code
        #expect([.region, .notResponsible].contains(code), "\(code)")
    }

    @Test(
        "a delegate key without a grant for the type is refused, whatever else it was granted",
        arguments: RoleSamples.types
    )
    func ungranted(type: TransactionType) throws {
        var samples = try RoleSamples()
        let all = TransactionType.allCases.filter { $0 != type && $0.permission(of: .delegate) != .no }
        try samples.ledger.apply(samples.ledger.grant(all), by: "cn-hn")
        let transaction = try samples.transaction(type, by: .delegate)
        let code = try samples.ledger.refusal(transaction).code
        #expect(code == (type == .keyRecover ? .keyKind : .notDelegated))
    }
}

/// A ledger on which a transaction of each type can be made that is within an actor's bounds.
///
/// To add a type: its body in ``body(_:by:)``, and what it needs in the initialiser.
struct RoleSamples {
    /// The types that there is a sample of.
    ///
    /// Not dispute.answer: the respondent is a province in any case, whatever other roles it has.
    static let types: [TransactionType] = [
        .planPublish, .commitmentPropose, .commitmentActivate, .commitmentReturn, .commitmentAmend,
        .commitmentWithdraw, .commitmentCancel, .commitmentSupersede, .commitmentSuspend, .commitmentResume,
        .commitmentClose, .milestoneReport, .milestoneCorrect, .milestoneRetract, .delegationGrant,
        .delegationRevoke, .attestationIssue, .attestationRevoke, .disputeOpen, .disputeResolve,
        .cosign, .directiveIssue, .directiveAcknowledge, .directiveReply, .governancePropose,
        .governanceVote, .keyRotate, .keyRecover, .validatorsActivate,
    ]

    var ledger: TestLedger
    /// A milestone of the province's own key, and one of its delegate's.
    private let reports: [Actor: TransactionID]
    /// A proposal of another province that asks for the signatures of each actor.
    private let joint: TransactionID
    private let attestation: TransactionID
    private let dispute: TransactionID
    private let directive: TransactionID
    private let proposal: TransactionID

    init() throws {
        var parameters = Parameters()
        parameters.activation = .regulator
        ledger = try TestLedger(parameters: parameters)
        // 001 is active with a final milestone, 002 proposed, 003 suspended, for the region and for the country.
        for (region, member) in [("CN-HN", "cn-hn"), ("CN", "regulator")] {
            try ledger.apply(.planPublish(TestLedger.plan(region)), by: member)
            for number in 1...3 {
                let id = "\(region)-2020-00\(number)"
                try ledger.apply(.commitmentPropose(RoleSamples.commitment(id, of: region)), by: member)
                if number != 2 { try ledger.apply(TestLedger.step(.activate, id), by: "regulator") }
                if number == 3 { try ledger.apply(TestLedger.step(.suspend, id), by: member) }
            }
        }
        let lent = TransactionType.allCases.filter { $0.permission(of: .delegate) != .no }
        try ledger.apply(ledger.grant(lent), by: "cn-hn")
        try ledger.apply(ledger.grant([.cosign], of: "audit"), by: "audit")
        let key = try TestLedger.key("cn-hn", .delegate)
        let own = try TestLedger.content(.value(decimal("2")), at: "2021-06-30", isFinal: true)
        let content = try TestLedger.content(.value(decimal("1")), at: "2021-03-31")
        var reports: [Actor: TransactionID] = [:]
        reports[.delegate] = try ledger.apply(
            TestLedger.report("CN-HN-2020-001", content),
            for: "cn-hn",
            with: key
        )
        reports[.province] = try ledger.apply(TestLedger.report("CN-HN-2020-001", own), by: "cn-hn")
        try ledger.apply(TestLedger.report("CN-2020-001", own), by: "cn-hn")
        self.reports = reports
        try ledger.apply(.planPublish(TestLedger.plan("CN-GZ")), by: "cn-gz")
        var asked = try #require(RealPlans.commitments.first { $0.id == "CN-GZ-2020-001" }).body()
        asked.joint = try ["cn-hn", "regulator", "audit"].map(TestLedger.memberID)
        joint = try ledger.apply(.commitmentPropose(asked), by: "cn-gz")
        let attested = try #require(reports[.delegate])
        attestation = try ledger.apply(
            TestLedger.attestation(.confirmed, of: attested),
            by: "audit"
        )
        dispute = try ledger.apply(TestLedger.dispute("CN-HN-2020-001"), by: "watch")
        directive = try ledger.apply(TestLedger.directive(to: "cn-hn"), by: "regulator")
        // The regulator and the auditor seal blocks too, as those who propose and vote.
        for (place, id) in ["regulator", "audit"].enumerated() {
            try ledger.give(id, seat: TestLedger.spareKey(UInt8(240 + place)))
        }
        proposal = try ledger.apply(
            ledger.proposal(.suspend(TestLedger.memberID("cn-js"))),
            by: "cn-bj"
        )
        try ledger.apply(ledger.rotation(of: "cn-he", .validator, to: TestLedger.spareKey(230)), by: "cn-he")
    }

    private static func commitment(_ id: String, of region: String) throws -> CommitmentPropose {
        var body = try TestLedger.national(id)
        body.plan = try #require(PlanID("\(region)-2020-P1"))
        body.region = try #require(RegionCode(region))
        return body
    }

    static func member(_ actor: Actor) -> String {
        switch actor {
        case .province, .delegate: "cn-hn"
        case .regulator: "regulator"
        case .auditor: "audit"
        case .observer: "watch"
        }
    }

    /// A transaction of the type, by the actor's key.
    mutating func transaction(_ type: TransactionType, by actor: Actor) throws -> Verified<Transaction> {
        let body = try body(type, by: actor)
        #expect(body.type == type)
        var key: PrivateKey? = actor == .delegate ? try TestLedger.key("cn-hn", .delegate) : nil
        if type == .keyRecover, actor != .delegate {
            key = try TestLedger.key(RoleSamples.member(actor), .recovery)
        }
        return try ledger.sign(body, by: RoleSamples.member(actor), .init(key: key))
    }

    /// What the actor may say where it may say anything of this type, and else what a province may.
    func body(_ type: TransactionType, by actor: Actor) throws -> TransactionBody {
        let region = actor == .regulator ? "CN" : "CN-HN"
        let report = reports[actor] ?? reports[.province]
        let content = try TestLedger.content(
            .value(decimal("1")),
            at: actor == .delegate ? "2021-03-31" : "2021-06-30"
        )
        switch type {
        case .planPublish:
            var plan = try TestLedger.plan(region)
            plan.id = try #require(PlanID("\(region)-2021-P1"))
            return .planPublish(plan)
        case .commitmentPropose:
            return .commitmentPropose(try RoleSamples.commitment("\(region)-2020-009", of: region))
        case .commitmentActivate: return try TestLedger.step(.activate, "CN-HN-2020-002")
        case .commitmentReturn: return try TestLedger.step(.return, "CN-HN-2020-002")
        case .commitmentAmend:
            return try TestLedger.amendment("\(region)-2020-001", .editorial) {
                $0.title = try LocalizedText(zh: "上链")
            }
        case .commitmentWithdraw: return try TestLedger.step(.withdraw, "\(region)-2020-002")
        case .commitmentCancel: return try TestLedger.step(.cancel, "\(region)-2020-001")
        case .commitmentSupersede:
            return try TestLedger.step(.supersede, "\(region)-2020-001", successor: "\(region)-2020-003")
        case .commitmentSuspend: return try TestLedger.step(.suspend, "\(region)-2020-001")
        case .commitmentResume: return try TestLedger.step(.resume, "\(region)-2020-003")
        case .commitmentClose: return try TestLedger.step(.close, "\(region)-2020-001")
        case .milestoneReport: return try TestLedger.report("CN-HN-2020-001", value: "2", at: "2021-07-01")
        case .milestoneCorrect:
            return try TestLedger.correction("CN-HN-2020-001", of: #require(report), content)
        case .milestoneRetract: return try TestLedger.retraction("CN-HN-2020-001", of: #require(report))
        case .delegationGrant:
            return try ledger.grant(
                [.cosign],
                of: RoleSamples.member(actor),
                to: TestLedger.spareKey(200)
            )
        case .delegationRevoke:
            let member = RoleSamples.member(actor)
            return try TestLedger.revocation(of: TestLedger.key(member, .delegate), by: member)
        case .attestationIssue:
            return try TestLedger.attestation(.confirmed, of: #require(reports[.province]))
        case .attestationRevoke: return try TestLedger.revocation(of: attestation)
        case .disputeOpen: return try TestLedger.dispute("CN-GZ-2020-001")
        case .disputeResolve: return try TestLedger.resolution(of: dispute, .upheld)
        case .cosign: return try TestLedger.cosign(joint, "CN-GZ-2020-001")
        case .directiveIssue: return try TestLedger.directive(to: "cn-hn")
        case .directiveAcknowledge: return try TestLedger.acknowledgement(of: directive)
        case .directiveReply: return try TestLedger.reply(to: directive)
        case .governancePropose:
            // What a regulator may propose without a seat, too.
            return try ledger.proposal(.admit(TestLedger.admission()))
        case .governanceVote: return ledger.vote(.yes, on: proposal)
        case .keyRotate:
            return try ledger.rotation(
                of: RoleSamples.member(actor),
                .recovery,
                to: TestLedger.spareKey(201)
            )
        case .keyRecover:
            return try ledger.recovery(of: RoleSamples.member(actor), to: TestLedger.spareKey(201))
        case .validatorsActivate: return try ledger.activation()
        default:
            Issue.record("no sample of \(type) yet")
            throw Missing.sample
        }
    }

    private enum Missing: Error { case sample }
}
