import JalonCrypto
import JalonModel
import JalonState
import Testing

@Suite("A dispute about a commitment or milestone")
struct DisputeRuleTests {
    private let commitment = "CN-HN-2020-001"
    private var ledger: TestLedger
    private let milestone: TransactionID

    init() throws {
        (ledger, _) = try TestLedger.with {
            $0.responsible.append(
                Responsible(.member(try TestLedger.memberID("regulator-2")), role: .support)
            )
        }
        milestone = try ledger.apply(
            TestLedger.report("CN-HN-2020-001", value: "9500", at: "2021-06-30"),
            by: "cn-hn"
        )
    }

    private func disputed() throws -> Bool { try ledger.status().flags.contains(.disputed) }

    private func state(_ id: TransactionID) -> DisputeState? { ledger.state.dispute(id)?.state }

    @Test("is opened, answered and resolved, and flags the commitment as long as it is not resolved")
    mutating func life() throws {
        #expect(try !disputed())
        let id = try ledger.apply(
            TestLedger.dispute(milestone: milestone, ground: .wrongRegion),
            by: "audit"
        )
        let opened = try #require(ledger.state.dispute(id))
        #expect(opened.opener.text == "audit" && opened.milestone == milestone && opened.isOpen)
        #expect(opened.ground == .wrongRegion && opened.evidence == [SHA256.hash([0])])
        #expect(opened.state == .open && opened.provenance.height == ledger.height)
        #expect(try disputed() && ledger.changes.map(\.path) == ["dispute/\(id)"])
        let answer = try ledger.apply(TestLedger.answer(to: id), by: "cn-hn")
        #expect(state(id) == .answered && ledger.state.dispute(id)?.answer?.transaction == answer)
        #expect(try disputed())
        let end = try ledger.apply(TestLedger.resolution(of: id, .upheld), by: "regulator")
        #expect(state(id) == .upheld && ledger.state.dispute(id)?.resolution?.transaction == end)
        #expect(try !disputed())
        #expect(
            ledger.state.milestone(milestone)?.state == .effective,
            "what follows is for the parties to sign"
        )
    }

    @Test("is opened by every member but the lead", arguments: ["cn-gz", "regulator", "audit", "watch"])
    mutating func openers(member: String) throws {
        let id = try ledger.apply(TestLedger.dispute(), by: member)
        #expect(ledger.state.dispute(id)?.milestone == nil)
        #expect(try ledger.state.openDisputeCount(by: TestLedger.memberID(member)) == 1)
    }

    @Test("is not opened by the lead, which puts it right instead")
    mutating func lead() throws {
        let refusal = try ledger.refusal(TestLedger.dispute(), by: "cn-hn")
        #expect(refusal.code == .party && refusal.hint.contains("jalon milestone correct"))
    }

    @Test("about what is not there, or counts no more, is refused")
    mutating func subjects() throws {
        #expect(
            try ledger.refusal(TestLedger.dispute("CN-HN-2020-009"), by: "audit").code == .unknownCommitment
        )
        let nothing = TransactionID(SHA256.hash([9]))
        #expect(
            try ledger.refusal(TestLedger.dispute(milestone: nothing), by: "audit").code == .unknownMilestone
        )
        try ledger.apply(TestLedger.attestation(.refuted, of: milestone), by: "audit")
        try ledger.apply(TestLedger.dispute(milestone: milestone), by: "cn-gz")
        let next = try ledger.apply(TestLedger.report(commitment, value: "1", at: "2021-06-30"), by: "cn-hn")
        try ledger.apply(TestLedger.retraction(commitment, of: next), by: "cn-hn")
        #expect(
            try ledger.refusal(TestLedger.dispute(milestone: next), by: "audit").code == .notEffective
        )
    }

    @Test("a member has 16 open at most, an observer 4, and one more once one is resolved")
    mutating func limit() throws {
        for (member, limit) in [("audit", 16), ("watch", 4)] {
            var last: TransactionID?
            for _ in 0..<limit { last = try ledger.apply(TestLedger.dispute(), by: member) }
            let refusal = try ledger.refusal(TestLedger.dispute(), by: member)
            #expect(refusal.code == .tooManyDisputes && refusal.message.contains("\(limit)"))
            try ledger.apply(TestLedger.resolution(of: #require(last), .rejected), by: "regulator")
            try ledger.apply(TestLedger.dispute(), by: member)
        }
        try ledger.apply(TestLedger.dispute(), by: "cn-gz")
        let restored = try ledger.restored()
        for member in ["audit", "watch", "cn-gz", "cn-js"] {
            let id = try TestLedger.memberID(member)
            #expect(restored.openDisputeCount(by: id) == ledger.state.openDisputeCount(by: id))
        }
    }

    @Test("only the respondent answers, once, and not after the end")
    mutating func answering() throws {
        let id = try ledger.apply(TestLedger.dispute(), by: "audit")
        let stranger = try ledger.refusal(TestLedger.answer(to: id), by: "cn-gz")
        #expect(stranger.code == .notAddressee && stranger.message.contains("cn-hn"))
        #expect(try ledger.refusal(TestLedger.answer(to: id), by: "watch").code == .role)
        #expect(
            try ledger.refusal(TestLedger.answer(to: milestone), by: "cn-hn").code == .unknownDispute
        )
        let answer = try ledger.apply(TestLedger.answer(to: id), by: "cn-hn")
        let twice = try ledger.refusal(TestLedger.answer(to: id), by: "cn-hn")
        #expect(twice.code == .disputeState && twice.message.contains("\(answer)"))
        let unanswered = try ledger.apply(TestLedger.dispute(), by: "audit")
        try ledger.apply(TestLedger.resolution(of: unanswered, .rejected), by: "regulator")
        #expect(
            try ledger.refusal(TestLedger.answer(to: unanswered), by: "cn-hn").code == .disputeState
        )
    }

    @Test("is resolved with each outcome, answered or not", arguments: DisputeOutcome.allCases)
    mutating func outcomes(outcome: DisputeOutcome) throws {
        let answered = try ledger.apply(TestLedger.dispute(), by: "audit")
        let silent = try ledger.apply(TestLedger.dispute(), by: "watch")
        try ledger.apply(TestLedger.answer(to: answered), by: "cn-hn")
        for id in [answered, silent] {
            try ledger.apply(TestLedger.resolution(of: id, outcome), by: "regulator")
            #expect(state(id)?.rawValue == outcome.rawValue)
            let twice = try ledger.refusal(TestLedger.resolution(of: id, .upheld), by: "regulator")
            #expect(twice.code == .disputeState && twice.message.contains(outcome.rawValue))
        }
        #expect(ledger.state.dispute(silent)?.answer == nil)
        #expect(try !disputed())
    }

    @Test("is not resolved by a party or by somebody who is no regulator")
    mutating func parties() throws {
        let id = try ledger.apply(TestLedger.dispute(), by: "regulator")
        let opener = try ledger.refusal(TestLedger.resolution(of: id, .upheld), by: "regulator")
        #expect(opener.code == .party && opener.message.contains("it opened it"))
        let responsible = try ledger.refusal(TestLedger.resolution(of: id, .upheld), by: "regulator-2")
        #expect(responsible.code == .party && responsible.message.contains("responsible"))
        for member in ["cn-hn", "cn-gz", "audit", "watch"] {
            #expect(
                try ledger.refusal(TestLedger.resolution(of: id, .withdrawn), by: member).code == .role,
                "also the opener's wish is recorded by a regulator"
            )
        }
        #expect(
            try ledger.refusal(TestLedger.resolution(of: milestone, .upheld), by: "regulator").code
                == .unknownDispute
        )
    }

    @Test("the regulator that proposed, or is a counterparty, is a party; a milestone is not the proposer's")
    func proposers() throws {
        var ledger = try TestLedger(hasGuests: true)
        try ledger.apply(.planPublish(TestLedger.plan("CN")), by: "regulator")
        var body = try #require(RealPlans.commitments.first { $0.id == "CN-HN-2020-001" }).body()
        body.id = try TestLedger.commitmentID("CN-2020-001")
        body.plan = try #require(PlanID("CN-2020-P1"))
        body.region = try #require(RegionCode("CN"))
        body.counterparties = Counterparties(
            members: [try TestLedger.memberID("regulator-2")],
            required: 1
        )
        try ledger.apply(.commitmentPropose(body), by: "regulator")
        let milestone = try ledger.apply(
            TestLedger.report("CN-2020-001", value: "1", at: "2021-06-30"),
            by: "cn-hn"
        )
        let whole = try ledger.apply(TestLedger.dispute("CN-2020-001"), by: "audit")
        let part = try ledger.apply(TestLedger.dispute("CN-2020-001", milestone: milestone), by: "audit")
        for (id, member) in [(whole, "regulator"), (whole, "regulator-2"), (part, "regulator-2")] {
            let refusal = try ledger.refusal(
                TestLedger.resolution(of: id, .upheld, "CN-2020-001"),
                by: member
            )
            #expect(refusal.code == .party)
        }
        try ledger.apply(TestLedger.resolution(of: part, .upheld, "CN-2020-001"), by: "regulator")
    }

    @Test("those of a commitment are listed by age, the resolved ones too, and none of another's")
    mutating func lists() throws {
        let real = try #require(RealPlans.commitments.first { $0.id == "CN-HN-2020-002" }).body()
        try ledger.apply(.commitmentPropose(real), by: "cn-hn")
        let first = try ledger.apply(TestLedger.dispute(), by: "audit")
        let other = try ledger.apply(TestLedger.dispute("CN-HN-2020-002"), by: "audit")
        let second = try ledger.apply(TestLedger.dispute(milestone: milestone), by: "cn-gz")
        try ledger.apply(TestLedger.resolution(of: first, .rejected), by: "regulator")
        let wrong = try ledger.refusal(
            TestLedger.resolution(of: second, .rejected, "CN-HN-2020-002"),
            by: "regulator"
        )
        #expect(wrong.code == .unknownDispute && wrong.message.contains(commitment))
        for state in [ledger.state, try ledger.restored()] {
            #expect(
                try state.disputes(of: TestLedger.commitmentID(commitment)).map(\.id) == [first, second]
            )
            #expect(state.disputes.map(\.id) == [first, other, second])
            #expect(try state.commitment(TestLedger.commitmentID(commitment))?.openDisputeCount == 1)
        }
    }
}
