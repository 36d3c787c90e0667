import JalonCrypto
import JalonModel
import JalonState
import Testing

@Suite("An auditor attests a milestone")
struct AttestationRuleTests {
    private let commitment = "CN-HN-2020-001"
    private var ledger: TestLedger
    private let milestone: TransactionID

    init() throws {
        (ledger, _) = try TestLedger.with { _ in }
        milestone = try ledger.apply(
            TestLedger.report("CN-HN-2020-001", value: "9500", at: "2021-06-30"),
            by: "cn-hn"
        )
    }

    private func record(_ id: TransactionID) throws -> MilestoneRecord {
        try #require(ledger.state.milestone(id))
    }

    private func effective() throws -> [TransactionID] {
        try ledger.state.effectiveMilestones(of: TestLedger.commitmentID(commitment)).map(\.id)
    }

    @Test("a verdict is read back with its place in the chain", arguments: Verdict.allCases)
    mutating func verdicts(verdict: Verdict) throws {
        let time = ledger.time
        let id = try ledger.apply(
            TestLedger.attestation(verdict, of: milestone, evidence: 2),
            by: "audit"
        )
        let attestation = try #require(ledger.state.attestation(id))
        #expect(attestation.verdict == verdict && attestation.milestone == milestone)
        #expect(attestation.auditor.text == "audit" && attestation.isStanding)
        #expect(attestation.provenance.time == time && attestation.provenance.height == ledger.height)
        #expect(attestation.evidence == [SHA256.hash([0]), SHA256.hash([1])])
        #expect(ledger.state.attestations(of: milestone) == [attestation])
        let isRefuted = verdict == .refuted
        #expect(try record(milestone).state == (isRefuted ? .excluded : .effective))
        #expect(try record(milestone).verificationLevel == (verdict == .confirmed ? .attested : .declared))
        #expect(try ledger.status().flags.contains(.refuted) == isRefuted)
        #expect(try ledger.status().current.amount == (isRefuted ? nil : decimal("9500")))
        let paths = ["attestation/\(id)"] + (isRefuted ? ["milestone/\(milestone)"] : [])
        #expect(ledger.changes.map(\.path).sorted() == paths)
    }

    @Test("who is no auditor attests nothing", arguments: ["cn-hn", "cn-gz", "regulator", "watch"])
    mutating func role(member: String) throws {
        let refusal = try ledger.refusal(TestLedger.attestation(.confirmed, of: milestone), by: member)
        #expect(refusal.code == .role && refusal.message.contains(member))
    }

    @Test("an auditor that answers for the commitment is a party, one that is a stranger to it is not")
    func party() throws {
        func attempt(_ change: (inout CommitmentPropose) throws -> Void) throws -> Refusal? {
            var (ledger, proposal) = try TestLedger.with(change)
            let guest = try TestLedger.memberID("cn-gd")
            if ledger.state.cosigners(ofProposal: try TestLedger.commitmentID(commitment))?.named == [guest] {
                try ledger.apply(TestLedger.cosign(proposal), by: "cn-gd")
            }
            let id = try ledger.apply(
                TestLedger.report(commitment, value: "1", at: "2021-06-30"),
                by: "cn-hn"
            )
            let body = try TestLedger.attestation(.confirmed, of: id)
            let transaction = try ledger.sign(body, by: "cn-gd")
            do throws(Refusal) {
                try ledger.state.check(transaction, context: ledger.context)
                return nil
            } catch {
                return error
            }
        }
        let guest = try TestLedger.memberID("cn-gd")
        #expect(try attempt { _ in } == nil)
        let support = try attempt { $0.responsible.append(Responsible(.member(guest), role: .support)) }
        #expect(support?.code == .party && support?.message.contains("cn-gd") == true)
        #expect(try attempt { $0.joint = [guest] }?.code == .party)
        #expect(try attempt { $0.counterparties = Counterparties(members: [guest], required: 1) } == nil)
    }

    @Test("an unknown commitment or milestone, or one of another commitment, is refused")
    mutating func unknown() throws {
        let nothing = TransactionID(SHA256.hash([9]))
        #expect(
            try ledger.refusal(TestLedger.attestation(.confirmed, of: nothing), by: "audit").code
                == .unknownMilestone
        )
        let other = try ledger.refusal(
            TestLedger.attestation(.confirmed, of: milestone, "CN-NH-2020-001"),
            by: "audit"
        )
        #expect(other.code == .unknownCommitment && other.message.contains("nearest: CN-HN-2020-001"))
    }

    @Test("what was corrected or retracted is not attested any more")
    mutating func notEffective() throws {
        let correction = try ledger.apply(
            TestLedger.correction(
                commitment,
                of: milestone,
                TestLedger.content(.value(decimal("9000")), at: "2021-06-30")
            ),
            by: "cn-hn"
        )
        let refusal = try ledger.refusal(TestLedger.attestation(.confirmed, of: milestone), by: "audit")
        #expect(refusal.code == .notEffective && refusal.message.contains("\(correction)"))
        try ledger.apply(TestLedger.attestation(.confirmed, of: correction), by: "audit")
        try ledger.apply(TestLedger.retraction(commitment, of: correction), by: "cn-hn")
        #expect(
            try ledger.refusal(TestLedger.attestation(.confirmed, of: correction), by: "audit-2").code
                == .notEffective
        )
    }

    @Test("an auditor says one thing at a time, several auditors say each their own")
    mutating func standing() throws {
        let first = try ledger.apply(TestLedger.attestation(.reserved, of: milestone), by: "audit")
        let again = try ledger.refusal(TestLedger.attestation(.confirmed, of: milestone), by: "audit")
        #expect(again.code == .duplicateAttestation)
        #expect(again.message.contains("\(first)") && again.hint.contains("attest revoke \(first)"))
        let second = try ledger.apply(TestLedger.attestation(.confirmed, of: milestone), by: "audit-2")
        #expect(try record(milestone).verificationLevel == .attested)
        try ledger.apply(TestLedger.revocation(of: first), by: "audit")
        let third = try ledger.apply(TestLedger.attestation(.confirmed, of: milestone), by: "audit")
        #expect(ledger.state.attestations(of: milestone).map(\.id) == [first, second, third])
        #expect(ledger.state.attestations(of: milestone).map(\.isStanding) == [false, true, true])
        for id in [second, third] {
            try ledger.apply(
                TestLedger.revocation(of: id),
                by: id == second ? "audit-2" : "audit"
            )
        }
        #expect(try record(milestone).verificationLevel == .declared)
    }

    @Test("only its own auditor revokes, and once")
    mutating func revoking() throws {
        let id = try ledger.apply(TestLedger.attestation(.confirmed, of: milestone), by: "audit")
        let stranger = try ledger.refusal(TestLedger.revocation(of: id), by: "audit-2")
        #expect(stranger.code == .notResponsible && stranger.message.contains("audit"))
        #expect(try ledger.refusal(TestLedger.revocation(of: id), by: "regulator").code == .role)
        #expect(
            try ledger.refusal(TestLedger.revocation(of: milestone), by: "audit").code == .unknownAttestation
        )
        let revocation = try ledger.apply(TestLedger.revocation(of: id), by: "audit")
        #expect(ledger.state.attestation(id)?.revoked?.transaction == revocation)
        let twice = try ledger.refusal(TestLedger.revocation(of: id), by: "audit")
        #expect(twice.code == .revoked && twice.message.contains("\(revocation)"))
    }

    @Test("an attestation on another commitment is not revoked under this one")
    mutating func otherCommitment() throws {
        let real = try #require(RealPlans.commitments.first { $0.id == "CN-HN-2020-002" }).body()
        try ledger.apply(.commitmentPropose(real), by: "cn-hn")
        let id = try ledger.apply(TestLedger.attestation(.confirmed, of: milestone), by: "audit")
        let refusal = try ledger.refusal(TestLedger.revocation(of: id, "CN-HN-2020-002"), by: "audit")
        #expect(refusal.code == .unknownAttestation && refusal.message.contains("CN-HN-2020-001"))
        #expect(
            try ledger.refusal(
                TestLedger.attestation(.confirmed, of: milestone, "CN-HN-2020-002"),
                by: "audit-2"
            ).code == .unknownMilestone
        )
    }

    // MARK: - Exclusion

    @Test("a refuted milestone counts again once every refutation was taken back")
    mutating func readmitted() throws {
        let first = try ledger.apply(TestLedger.attestation(.refuted, of: milestone), by: "audit")
        let second = try ledger.apply(TestLedger.attestation(.refuted, of: milestone), by: "audit-2")
        #expect(try record(milestone).changedBy == first && effective().isEmpty)
        #expect(
            try ledger.refusal(
                TestLedger.correction(
                    commitment,
                    of: milestone,
                    TestLedger.content(.value(decimal("1")), at: "2021-06-30")
                ),
                by: "cn-hn"
            ).code == .notEffective
        )
        try ledger.apply(TestLedger.revocation(of: first), by: "audit")
        #expect(try record(milestone).state == .excluded)
        // Whoever was the last to refute may also say the contrary.
        let last = try ledger.apply(TestLedger.revocation(of: second), by: "audit-2")
        #expect(try record(milestone).state == .effective && record(milestone).changedBy == last)
        #expect(try effective() == [milestone])
        #expect(ledger.state.milestoneCount == 1)
        #expect(try ledger.state.milestones(of: TestLedger.commitmentID(commitment)).map(\.id) == [milestone])
        #expect(try ledger.status().current.name == .atRisk)
        #expect(try !ledger.status().flags.contains(.refuted))
        let again = try ledger.apply(TestLedger.attestation(.refuted, of: milestone), by: "audit")
        #expect(try record(milestone).changedBy == again && effective().isEmpty)
        #expect(try ledger.restored().root == ledger.state.root)
    }

    @Test("a refuted one may be confirmed by another auditor, and stays excluded")
    mutating func confirmedAndRefuted() throws {
        try ledger.apply(TestLedger.attestation(.refuted, of: milestone), by: "audit")
        try ledger.apply(TestLedger.attestation(.confirmed, of: milestone), by: "audit-2")
        #expect(try record(milestone).state == .excluded)
    }

    @Test("what was reported for the same period meanwhile keeps its place")
    mutating func replaced() throws {
        let refutation = try ledger.apply(TestLedger.attestation(.refuted, of: milestone), by: "audit")
        let other = try ledger.apply(
            TestLedger.report(commitment, value: "9000", at: "2021-06-30"),
            by: "cn-hn"
        )
        try ledger.apply(TestLedger.revocation(of: refutation), by: "audit")
        #expect(try record(milestone).state == .replaced && record(milestone).changedBy == other)
        #expect(try effective() == [other])
        #expect(ledger.state.attestation(refutation)?.isStanding == false)
        #expect(try ledger.restored().root == ledger.state.root)
    }

    @Test(
        "so does a total that the old one would contradict, before it or after it",
        arguments: [("10000", "2021-03-31"), ("9000", "2021-07-01")]
    )
    mutating func contradicted(value: String, periodEnd: String) throws {
        let refutation = try ledger.apply(TestLedger.attestation(.refuted, of: milestone), by: "audit")
        let other = try ledger.apply(
            TestLedger.report(commitment, value: value, at: periodEnd),
            by: "cn-hn"
        )
        try ledger.apply(TestLedger.revocation(of: refutation), by: "audit")
        #expect(try record(milestone).state == .replaced && record(milestone).changedBy == other)
    }

    @Test("a total that fits to the old one leaves it its place")
    mutating func fitting() throws {
        let refutation = try ledger.apply(TestLedger.attestation(.refuted, of: milestone), by: "audit")
        let other = try ledger.apply(
            TestLedger.report(commitment, value: "9500", at: "2021-07-01"),
            by: "cn-hn"
        )
        try ledger.apply(TestLedger.revocation(of: refutation), by: "audit")
        #expect(try effective() == [milestone, other])
    }

    @Test("of a flow, an overlapping period keeps its place, of a stock every other day is free")
    func otherAccumulations() throws {
        for (accumulation, expected) in [
            (Accumulation.flow, MilestoneState.replaced), (.stock, .effective),
        ] {
            var (ledger, _) = try TestLedger.with { $0.indicator.accumulation = accumulation }
            func report(_ value: String, _ from: String, _ to: String) throws -> TransactionBody {
                try TestLedger.report(
                    commitment,
                    TestLedger.content(.value(decimal(value)), at: to, from: from)
                )
            }
            let old = try ledger.apply(report("5", "2021-01-01", "2021-06-30"), by: "cn-hn")
            let refutation = try ledger.apply(TestLedger.attestation(.refuted, of: old), by: "audit")
            try ledger.apply(report("3", "2021-01-01", "2021-03-31"), by: "cn-hn")
            try ledger.apply(TestLedger.revocation(of: refutation), by: "audit")
            #expect(ledger.state.milestone(old)?.state == expected)
        }
    }

    @Test("refuted, reported anew and taken back in one block is the same as in three")
    mutating func oneBlock() throws {
        var three = ledger
        let refutation = try ledger.sign(TestLedger.attestation(.refuted, of: milestone), by: "audit")
        let report = try ledger.sign(TestLedger.report(commitment, value: "1", at: "2021-06-30"), by: "cn-hn")
        let revocation = try ledger.sign(TestLedger.revocation(of: refutation.value.id), by: "audit")
        try ledger.apply([refutation, report, revocation])
        for transaction in [refutation, report, revocation] { try three.apply([transaction]) }
        for state in [ledger.state, three.state] {
            #expect(state.milestone(milestone)?.state == .replaced)
            #expect(state.milestone(milestone)?.changedBy == report.value.id)
            #expect(state.attestations(of: milestone).count == 1)
            #expect(NaiveTree.root(of: state) == state.root)
        }
    }
}
