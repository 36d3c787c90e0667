import JalonModel
import JalonState
import Testing

@Suite("A province amends its commitment")
struct AmendRuleTests {
    private static let id = "CN-HN-2020-001"
    private var ledger: TestLedger

    init() throws {
        ledger = try TestLedger()
        try ledger.publishRealPlans()
    }

    private func easier(_ version: UInt64 = 1, _ value: String = "1000") throws -> TransactionBody {
        try TestLedger.amendment(Self.id, of: version) { $0.target = .bound(.ge, try decimal(value)) }
    }

    private func renamed(_ version: UInt64 = 1, _ title: String = "上链") throws -> TransactionBody {
        try TestLedger.amendment(Self.id, of: version, .editorial) { $0.title = try LocalizedText(zh: title) }
    }

    private func status(on date: String = "2021-07-01") throws -> CommitmentStatus {
        try ledger.status(Self.id, on: date)
    }

    // MARK: - Versions

    @Test("an amendment makes the next version, and the first stays as it was proposed")
    mutating func versions() throws {
        let before = try ledger.commitment(Self.id)
        let id = try ledger.apply(easier(), by: "cn-hn")
        #expect(
            ledger.changes.map(\.path).sorted() == ["commitment/\(Self.id)", "version/\(Self.id)/2"]
        )
        let after = try ledger.commitment(Self.id)
        #expect(after.original == before.original && after.versions.count == 2)
        #expect(after.record.version == 2 && after.record.changed == nil)
        #expect(after.current.number == 2 && after.current.origin.transaction == id)
        var expected = before.original.body
        expected.target = .bound(.ge, try decimal("1000"))
        #expect(after.current.body == expected)
        let why = try #require(after.current.amendment)
        #expect(why.amendmentClass == .material && why.reasonCode.text == "newPlan")
        #expect(why.reason.string == "规划调整" && after.original.amendment == nil)
    }

    @Test("an editorial one makes a version too, and does not count as a change of the promise")
    mutating func editorial() throws {
        try ledger.apply(renamed(), by: "cn-hn")
        #expect(try ledger.commitment(Self.id).versions.count == 2)
        #expect(try !status().flags.contains(.amended))
        try ledger.apply(easier(2), by: "cn-hn")
        #expect(try status().flags.contains(.amended))
        try ledger.apply(renamed(3, "企业上链"), by: "cn-hn")
        #expect(try status().flags.contains(.amended), "what was changed once stays changed")
        #expect(try ledger.commitment(Self.id).current.number == 4)
    }

    @Test("the golden case: after an amendment to 1 000, originally at risk, currently claimed")
    mutating func golden() throws {
        try ledger.apply(TestLedger.report(Self.id, value: "9500", at: "2021-06-30"), by: "cn-hn")
        try ledger.apply(easier(), by: "cn-hn")
        let status = try status()
        #expect(status.original.name == .atRisk && status.original.ratio == PartsPerMillion(721_007))
        #expect(status.original.version == 1 && status.current.version == 2)
        #expect(status.current.name == .claimed && status.current.expected != nil)
    }

    @Test(
        "an amendment of another version than the one in force is refused",
        arguments: [2, 3, 9] as [UInt64]
    )
    mutating func expectedVersion(found: UInt64) throws {
        let early = try ledger.refusal(easier(found), by: "cn-hn")
        #expect(early.code == .version)
        #expect(early.message.contains("\(found)") && early.message.contains("is 1"))
        try ledger.apply(easier(), by: "cn-hn")
        #expect(try ledger.refusal(easier(1, "2000"), by: "cn-hn").code == .version)
    }

    @Test("of two amendments in one block of the same version the second is refused")
    mutating func sameBlock() throws {
        let first = try ledger.sign(easier(), by: "cn-hn")
        let second = try ledger.sign(renamed(), by: "cn-hn")
        let third = try ledger.sign(renamed(2), by: "cn-hn")
        var execution = BlockExecution(on: ledger.state, context: ledger.context)
        try execution.apply(first)
        #expect(throws: Refusal.self) { try execution.apply(second) }
        try execution.apply(third)
        let (state, changes) = execution.finish()
        #expect(changes.count == 3)
        let id = try #require(CommitmentID(Self.id))
        #expect(state.commitment(id)?.current.number == 3)
        #expect(NaiveTree.root(of: state) == state.root)
    }

    @Test("a commitment has at most 1 000 versions")
    mutating func limit() throws {
        var state = ledger.state
        for version in 1...999 as ClosedRange<UInt64> {
            let amendment = try ledger.sign(renamed(version, "上链\(version)"), by: "cn-hn")
            try state.apply(amendment, context: ledger.context, position: version)
        }
        let next = try ledger.sign(renamed(1_000), by: "cn-hn")
        let context = ledger.context
        let refusal = #expect(throws: Refusal.self) { try state.check(next, context: context) }
        #expect(refusal?.code == .versionLimit && refusal?.message.contains("1000") == true)
        #expect(state.commitment(try #require(CommitmentID(Self.id)))?.versions.count == 1_000)
    }

    // MARK: - What can't change

    @Test(
        "what a milestone's number means can't change",
        arguments: ["code", "unit", "measure", "accumulation", "direction", "target"]
    )
    mutating func immutable(field: String) throws {
        let before = try ledger.commitment(Self.id).current.body
        let body = try TestLedger.amendment(Self.id) { changes in
            var indicator = before.indicator
            switch field {
            case "code": indicator.code = try #require(IndicatorCode("OTHER"))
            case "unit": indicator.unit = try #require(UnitCode("park"))
            case "measure": indicator.measure = .amount
            case "accumulation": indicator.accumulation = .stock
            case "direction": indicator.direction = .maintain
            default: changes.target = .level([Level(id: 1, name: try LocalizedText(zh: "级"))], required: 1)
            }
            if field != "target" { changes.indicator = indicator }
        }
        let refusal = try ledger.refusal(body, by: "cn-hn")
        #expect(refusal.code == .immutable && refusal.message.contains(field), "\(refusal)")
        #expect(refusal.hint.contains("supersede"))
    }

    @Test("how an indicator is counted and its decimals can change")
    mutating func method() throws {
        var indicator = try ledger.commitment(Self.id).current.body.indicator
        (indicator.method, indicator.scale) = (try LocalizedText(zh: "按注册企业统计"), 2)
        try ledger.apply(TestLedger.amendment(Self.id) { $0.indicator = indicator }, by: "cn-hn")
        #expect(try ledger.commitment(Self.id).current.body.indicator == indicator)
        try ledger.apply(TestLedger.report(Self.id, value: "1.25", at: "2021-06-30"), by: "cn-hn")
    }

    @Test("an amendment that changes nothing is refused")
    mutating func unchanged() throws {
        let title = try ledger.commitment(Self.id).current.body.title
        let same = try TestLedger.amendment(Self.id, .editorial) { $0.title = title }
        #expect(try ledger.refusal(same, by: "cn-hn").code == .unchanged)
        let absent = try TestLedger.amendment(Self.id, removes: [.baseline])
        #expect(try ledger.refusal(absent, by: "cn-hn").code == .unchanged)
        let empty = try TestLedger.amendment(Self.id)
        #expect(try ledger.refusal(empty, by: "cn-hn").code == .invalidField)
    }

    // MARK: - The result is what could be proposed

    @Test("the result obeys the rules of a proposal")
    mutating func result() throws {
        typealias Change = (inout CommitmentChanges) throws -> Void
        let nobody = try #require(MemberID("cn-hx"))
        let other = try #require(MemberID("cn-gz"))
        let cases: [(Refusal.Code, String, Change)] = [
            (.invalidField, "deadline", { $0.start = try day("2022-12-31") }),
            (.invalidField, "target.value", { $0.target = .bound(.ge, try decimal("1.5")) }),
            (.invalidField, "target ", { $0.baseline = try decimal("30000") }),
            (.invalidField, "curve", { $0.curve = .step }),
            (.invalidField, "related", { $0.related = [try #require(CommitmentID("CN-HN-2020-001"))] }),
            (.invalidField, "responsible", { $0.responsible = [] }),
            (.unknownSector, "industri", { $0.sectors = [try #require(SectorCode("industri"))] }),
            (.unknownMember, "cn-hx", { $0.responsible = [Responsible(.member(nobody), role: .lead)] }),
            (.unknownMember, "cn-hx", { $0.counterparties = Counterparties(members: [nobody], required: 1) }),
            (.lead, "cn-gz", { $0.responsible = [Responsible(.member(other), role: .lead)] }),
        ]
        for (code, names, change) in cases {
            let refusal = try ledger.refusal(TestLedger.amendment(Self.id) { try change(&$0) }, by: "cn-hn")
            #expect(refusal.code == code && refusal.message.contains(names), "\(refusal)")
        }
    }

    @Test("a deadline is removed together with the line that leads to it")
    mutating func removed() throws {
        let alone = try TestLedger.amendment(Self.id, removes: [.deadline])
        let refusal = try ledger.refusal(alone, by: "cn-hn")
        #expect(refusal.code == .invalidField && refusal.message.hasPrefix("curve"))
        try ledger.apply(
            TestLedger.amendment(Self.id, removes: [.deadline]) { $0.curve = Curve.none },
            by: "cn-hn"
        )
        #expect(try ledger.commitment(Self.id).current.body.deadline == nil)
        #expect(try status().current.name == .inProgress)
        #expect(try status().original.name == .notStarted)
    }

    @Test("new milestones fit the version in force, and each version counts its own items alone")
    mutating func items() throws {
        let id = "CN-BJ-2020-001"
        func item(_ id: String) throws -> ChecklistItem {
            ChecklistItem(id: try #require(ItemID(id)), name: try LocalizedText(zh: "区"))
        }
        let items = try [item("110108"), item("110101"), item("110102"), item("110106")]
        let amendment = try TestLedger.amendment(id) { $0.target = .checklist(items, required: 4) }
        try ledger.apply(amendment, by: "cn-bj")
        func done(_ ids: String...) throws -> TransactionBody {
            let reading = Reading.doneItems(try ids.map { try #require(ItemID($0)) })
            return try TestLedger.report(id, TestLedger.content(reading, at: "2021-06-30"))
        }
        let gone = try ledger.refusal(done("110105"), by: "cn-bj")
        #expect(gone.code == .value && gone.hint.contains("110106"))
        try ledger.apply(done("110108", "110101", "110102"), by: "cn-bj")
        let status = try ledger.status(id, on: "2021-07-01")
        #expect(try status.current.amount == decimal("3"))
        #expect(try status.original.amount == decimal("1"), "two of them were not promised first")
    }

    // MARK: - Who, and when

    @Test("an amendment is its region's")
    mutating func who() throws {
        for member in ["cn-gz", "regulator"] {
            let refusal = try ledger.refusal(easier(), by: member)
            #expect(refusal.code == .notResponsible && refusal.message.contains("may: cn-hn"))
        }
        for member in ["audit", "watch"] {
            #expect(try ledger.refusal(easier(), by: member).code == .role)
        }
    }

    @Test("a regulator amends what is the country's")
    mutating func national() throws {
        try ledger.apply(.planPublish(TestLedger.plan("CN")), by: "regulator")
        try ledger.apply(.commitmentPropose(TestLedger.national("CN-2020-001")), by: "regulator")
        let lead = try TestLedger.amendment("CN-2020-001") { changes in
            changes.responsible = [Responsible(.member(try #require(MemberID("cn-gz"))), role: .lead)]
        }
        #expect(try ledger.refusal(lead, by: "cn-hn").code == .notResponsible)
        try ledger.apply(lead, by: "regulator")
        let report = try TestLedger.report("CN-2020-001", value: "1", at: "2021-06-30")
        #expect(try ledger.refusal(report, by: "cn-hn").code == .notResponsible)
        try ledger.apply(report, by: "cn-gz")
    }

    @Test("only what is active is amended")
    mutating func life() throws {
        for (step, back) in [(LifeStep.suspend, LifeStep.resume), (.cancel, nil)] as [(LifeStep, LifeStep?)] {
            try ledger.apply(TestLedger.step(step, Self.id), by: "cn-hn")
            let refusal = try ledger.refusal(easier(), by: "cn-hn")
            #expect(refusal.code == .notActive)
            if let back { try ledger.apply(TestLedger.step(back, Self.id), by: "cn-hn") }
        }
        #expect(
            try ledger.refusal(TestLedger.amendment("CN-HN-2020-099") { $0.curve = .step }, by: "cn-hn").code
                == .unknownCommitment
        )
    }
}
