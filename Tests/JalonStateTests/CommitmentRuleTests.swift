import JalonCrypto
import JalonModel
import JalonState
import Testing

@Suite("A province publishes its plan and proposes its commitments")
struct CommitmentRuleTests {
    private var ledger: TestLedger

    init() throws {
        ledger = try TestLedger()
    }

    private func propose(
        _ id: String,
        _ change: (inout CommitmentPropose) throws -> Void = { _ in }
    ) throws -> TransactionBody {
        var body = try #require(RealPlans.commitments.first { $0.id == id }).body()
        try change(&body)
        return .commitmentPropose(body)
    }

    @Test("all 25 real commitments can be proposed and are active at once")
    mutating func realCommitments() throws {
        try ledger.publishRealPlans()
        #expect(ledger.state.plans.count == 7)
        #expect(ledger.state.commitments.count == 25)
        #expect(ledger.state.commitments.map(\.id.text) == RealPlans.commitments.map(\.id).sorted())
        for real in RealPlans.commitments {
            let id = try #require(CommitmentID(real.id))
            let commitment = try #require(ledger.state.commitment(id))
            #expect(commitment.life == .active)
            #expect(commitment.current == commitment.original)
            #expect(try commitment.current.body == real.body())
            #expect(commitment.record.origin.issuer.text == real.region.lowercased())
        }
    }

    @Test("a plan is read back as it was published, with its place in the chain")
    mutating func plan() throws {
        let body = try TestLedger.plan("CN-HN")
        let time = ledger.time
        let id = try ledger.apply(.planPublish(body), by: "cn-hn")
        let record = try #require(ledger.state.plan(body.id))
        #expect(record.body == body)
        #expect(record.origin.transaction == id)
        #expect(record.origin.height == Height(1) && record.origin.time == time)
        #expect(ledger.changes.map(\.path) == ["plan/CN-HN-2020-P1"])
        #expect(ledger.changes.map(\.value) == [record.encoded])
    }

    @Test("a second plan or commitment with the id of another is refused")
    mutating func duplicateID() throws {
        try ledger.publishRealPlans()
        let plan = try ledger.refusal(.planPublish(TestLedger.plan("CN-HN")), by: "cn-hn")
        #expect(plan.code == .duplicateID)
        #expect(plan.message.contains("CN-HN-2020-P1"))
        let commitment = try ledger.refusal(propose("CN-HN-2020-001"), by: "cn-hn")
        #expect(commitment.code == .duplicateID)
    }

    @Test("a plan or commitment of another region is refused")
    mutating func region() throws {
        let plan = try ledger.refusal(.planPublish(TestLedger.plan("CN-HN")), by: "cn-gz")
        #expect(plan.code == .region)
        #expect(plan.message.contains("CN-HN") && plan.message.contains("CN-GZ"))
        try ledger.apply(.planPublish(TestLedger.plan("CN-HN")), by: "cn-hn")
        #expect(try ledger.refusal(propose("CN-HN-2020-001"), by: "cn-gz").code == .region)
    }

    @Test("who is neither province nor regulator publishes nothing", arguments: ["audit", "watch"])
    mutating func role(member: String) throws {
        let refusal = try ledger.refusal(.planPublish(TestLedger.plan("CN-HN")), by: member)
        #expect(refusal.code == .role)
        #expect(refusal.message.contains(member))
    }

    @Test("a regulator publishes national plans and no region's")
    mutating func nationalPlan() throws {
        #expect(try ledger.refusal(.planPublish(TestLedger.plan("CN-HN")), by: "regulator").code == .region)
        try ledger.apply(.planPublish(TestLedger.plan("CN")), by: "regulator")
        #expect(try ledger.refusal(.planPublish(TestLedger.plan("CN")), by: "cn-hn").code == .region)
        func national(_ change: (inout CommitmentPropose) throws -> Void) throws -> TransactionBody {
            try propose("CN-HN-2020-001") { body in
                body.id = try #require(CommitmentID("CN-2020-001"))
                body.plan = try #require(PlanID("CN-2020-P1"))
                body.region = try #require(RegionCode("CN"))
                try change(&body)
            }
        }
        try ledger.apply(national { _ in }, by: "regulator")
        let lead = try ledger.refusal(
            national { body in
                body.id = try #require(CommitmentID("CN-2020-002"))
                body.responsible = [Responsible(.member(try #require(MemberID("regulator"))), role: .lead)]
            },
            by: "regulator"
        )
        #expect(lead.code == .lead, "a regulator reports no milestones")
    }

    @Test("a commitment of a plan that nobody published is refused, naming the nearest plan")
    mutating func unknownPlan() throws {
        let alone = try ledger.refusal(propose("CN-HN-2020-001"), by: "cn-hn")
        #expect(alone.code == .unknownPlan)
        #expect(!alone.message.contains("nearest"))
        try ledger.apply(.planPublish(TestLedger.plan("CN-HN")), by: "cn-hn")
        let refusal = try ledger.refusal(
            propose("CN-HN-2020-001") { $0.plan = try #require(PlanID("CN-HN-2020-P2")) },
            by: "cn-hn"
        )
        #expect(refusal.code == .unknownPlan)
        #expect(refusal.message.contains("nearest: CN-HN-2020-P1"))
    }

    @Test("a commitment of another region's plan is refused")
    mutating func otherPlan() throws {
        try ledger.apply(.planPublish(TestLedger.plan("CN-GZ")), by: "cn-gz")
        let refusal = try ledger.refusal(
            propose("CN-HN-2020-001") { $0.plan = try #require(PlanID("CN-GZ-2020-P1")) },
            by: "cn-hn"
        )
        #expect(refusal.code == .region)
    }

    @Test("a sector outside the network's list is refused, a unit outside it is not")
    mutating func sector() throws {
        try ledger.apply(.planPublish(TestLedger.plan("CN-HN")), by: "cn-hn")
        let refusal = try ledger.refusal(
            propose("CN-HN-2020-001") { $0.sectors = [try #require(SectorCode("industri"))] },
            by: "cn-hn"
        )
        #expect(refusal.code == .unknownSector)
        #expect(refusal.message.contains("nearest: industry"))
        #expect(refusal.hint.contains("finance"))
        try ledger.apply(
            propose("CN-HN-2020-001") { $0.indicator.unit = try #require(UnitCode("windmill")) },
            by: "cn-hn"
        )
    }

    @Test("an unknown member as lead, in support, as joint signer or as counterparty is refused")
    mutating func unknownMembers() throws {
        try ledger.apply(.planPublish(TestLedger.plan("CN-HN")), by: "cn-hn")
        let nobody = try #require(MemberID("cn-hx"))
        let changes: [(inout CommitmentPropose) -> Void] = [
            { $0.responsible = [Responsible(.member(nobody), role: .lead)] },
            { $0.responsible.append(Responsible(.member(nobody), role: .support)) },
            { $0.joint = [nobody] },
            { $0.counterparties = Counterparties(members: [nobody], required: 1) },
        ]
        for change in changes {
            let refusal = try ledger.refusal(propose("CN-HN-2020-001") { change(&$0) }, by: "cn-hn")
            #expect(refusal.code == .unknownMember)
            #expect(refusal.message.contains("cn-hx"))
        }
    }

    @Test("who may not co-sign is named neither as joint signer nor as counterparty")
    mutating func observers() throws {
        try ledger.apply(.planPublish(TestLedger.plan("CN-HN")), by: "cn-hn")
        let (watch, audit) = (try TestLedger.memberID("watch"), try TestLedger.memberID("audit"))
        let changes: [(MemberID, inout CommitmentPropose) -> Void] = [
            { $1.joint = [$0] },
            { $1.counterparties = Counterparties(members: [$0], required: 1) },
        ]
        for (place, change) in changes.enumerated() {
            let id = "CN-HN-2020-00\(place + 1)"
            let refusal = try ledger.refusal(propose(id) { change(watch, &$0) }, by: "cn-hn")
            #expect(refusal.code == .role)
            #expect(refusal.message.contains("watch") && refusal.message.contains("observer"))
            try ledger.apply(propose(id) { change(audit, &$0) }, by: "cn-hn")
        }
    }

    @Test("a lead that is not the region's province is refused", arguments: ["cn-gz", "audit"])
    mutating func lead(member: String) throws {
        try ledger.apply(.planPublish(TestLedger.plan("CN-HN")), by: "cn-hn")
        let refusal = try ledger.refusal(
            propose("CN-HN-2020-001") {
                $0.responsible = [Responsible(.member(try #require(MemberID(member))), role: .lead)]
            },
            by: "cn-hn"
        )
        #expect(refusal.code == .lead)
    }

    @Test("rules between fields are refused with the field's name")
    mutating func invalidField() throws {
        try ledger.apply(.planPublish(TestLedger.plan("CN-HN")), by: "cn-hn")
        let cases: [(field: String, change: (inout CommitmentPropose) throws -> Void)] = [
            ("id", { $0.id = try #require(CommitmentID("CN-GZ-2020-001")) }),
            ("responsible", { $0.responsible = [] }),
            (
                "target.max",
                { $0.target = .range(min: try decimal("3"), max: try decimal("2"), sense: .threshold) }
            ),
            ("target", { $0.baseline = try decimal("30000") }),
            ("deadline", { $0.start = try day("2022-12-31") }),
            (
                "trajectory.date",
                {
                    $0.trajectory = [
                        TrajectoryPoint(date: try day("2021-12-31"), value: try decimal("1")),
                        TrajectoryPoint(date: try day("2021-12-31"), value: try decimal("2")),
                    ]
                }
            ),
            ("target.value", { $0.target = .bound(.ge, try decimal("1.5")) }),
        ]
        for (field, change) in cases {
            let refusal = try ledger.refusal(propose("CN-HN-2020-001", change), by: "cn-hn")
            #expect(refusal.code == .invalidField)
            #expect(refusal.message.hasPrefix(field), "\(refusal.message)")
        }
    }

    @Test("a way downwards whose upper end is above the baseline is refused")
    mutating func downwards() throws {
        try ledger.apply(.planPublish(TestLedger.plan("CN-HN")), by: "cn-hn")
        func falling(to target: Target) throws -> TransactionBody {
            try propose("CN-HN-2020-001") {
                $0.indicator.direction = .down
                $0.indicator.accumulation = .stock
                $0.baseline = try decimal("25")
                $0.target = target
            }
        }
        let refusal = try ledger.refusal(
            falling(to: .range(min: decimal("20"), max: decimal("30"), sense: .threshold)),
            by: "cn-hn"
        )
        #expect(refusal.code == .invalidField)
        try ledger.apply(
            falling(to: .range(min: decimal("10"), max: decimal("20"), sense: .threshold)),
            by: "cn-hn"
        )
    }

    @Test("a commitment with joint signers waits for them")
    mutating func joint() throws {
        try ledger.apply(.planPublish(TestLedger.plan("CN-HN")), by: "cn-hn")
        try ledger.apply(
            propose("CN-HN-2020-001") { $0.joint = [try #require(MemberID("cn-gz"))] },
            by: "cn-hn"
        )
        #expect(try ledger.state.commitment(#require(CommitmentID("CN-HN-2020-001")))?.life == .proposed)
        let refusal = try ledger.refusal(
            TestLedger.report("CN-HN-2020-001", value: "1", at: "2021-06-30"),
            by: "cn-hn"
        )
        #expect(refusal.code == .notActive)
        #expect(refusal.message.contains("proposed"))
    }

    @Test("where a regulator activates, a proposal waits for it")
    func regulatorActivates() throws {
        var parameters = Parameters()
        parameters.activation = .regulator
        var ledger = try TestLedger(parameters: parameters)
        try ledger.publishRealPlans()
        #expect(ledger.state.commitments.allSatisfy { $0.life == .proposed })
    }
}
