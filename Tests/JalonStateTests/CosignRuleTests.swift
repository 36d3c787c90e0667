import JalonCrypto
import JalonModel
import JalonState
import Testing

@Suite("A member co-signs what names it")
struct CosignRuleTests {
    private let commitment = "CN-HN-2020-001"

    private func life(_ ledger: TestLedger) throws -> CommitmentLife? {
        try ledger.state.commitment(TestLedger.commitmentID(commitment))?.life
    }

    private func joint(
        _ members: [String],
        parameters: Parameters = Parameters()
    ) throws -> (ledger: TestLedger, proposal: TransactionID) {
        try TestLedger.with(parameters: parameters) { $0.joint = try members.map(TestLedger.memberID) }
    }

    // MARK: - Proposals

    @Test("a joint commitment is active once every member named has signed")
    func jointCommitment() throws {
        var (ledger, proposal) = try joint(["cn-gz", "audit"])
        let id = try TestLedger.commitmentID(commitment)
        #expect(
            try ledger.state.cosigners(ofProposal: id)?.missing
                == ["cn-gz", "audit"].map(TestLedger.memberID)
        )
        let time = ledger.time
        let cosign = try ledger.apply(TestLedger.cosign(proposal), by: "cn-gz")
        #expect(try life(ledger) == .proposed)
        #expect(ledger.changes.map(\.path) == ["cosign/\(proposal)/cn-gz"])
        let record = try #require(ledger.state.cosigns(of: proposal).first)
        #expect(record.member.text == "cn-gz" && record.transaction == cosign)
        #expect(record.about == .commitment(id) && record.provenance.time == time)
        #expect(try ledger.state.cosigners(ofProposal: id)?.missing == [TestLedger.memberID("audit")])
        try ledger.apply(TestLedger.cosign(proposal), by: "audit")
        #expect(try life(ledger) == .active)
        #expect(ledger.state.cosigners(ofProposal: id)?.isComplete == true)
        #expect(ledger.changes.map(\.path).contains("commitment/\(id)"))
        try ledger.apply(TestLedger.report(commitment, value: "1", at: "2021-06-30"), by: "cn-hn")
        #expect(try ledger.restored().root == ledger.state.root)
        #expect(NaiveTree.root(of: ledger.state) == ledger.state.root)
    }

    @Test("all of them may sign in one block")
    func oneBlock() throws {
        var (ledger, proposal) = try joint(["cn-gz", "cn-js"])
        let transactions = try ["cn-gz", "cn-js"].map { member in
            try ledger.sign(TestLedger.cosign(proposal), by: member)
        }
        try ledger.apply(transactions)
        #expect(try life(ledger) == .active)
    }

    @Test("whoever proposed has signed by that")
    func proposer() throws {
        let (alone, _) = try joint(["cn-hn"])
        #expect(try life(alone) == .active)
        var (ledger, proposal) = try joint(["cn-hn", "cn-gz"])
        #expect(try life(ledger) == .proposed)
        #expect(
            try ledger.state.cosigners(ofProposal: TestLedger.commitmentID(commitment))?.missing
                == [TestLedger.memberID("cn-gz")]
        )
        let refusal = try ledger.refusal(TestLedger.cosign(proposal), by: "cn-hn")
        #expect(refusal.code == .alreadyCosigned && refusal.hint.contains("cn-gz"))
        try ledger.apply(TestLedger.cosign(proposal), by: "cn-gz")
        #expect(try life(ledger) == .active)
    }

    @Test("where a regulator activates, all signatures leave it proposed")
    func regulatorActivates() throws {
        var parameters = Parameters()
        parameters.activation = .regulator
        var (ledger, proposal) = try joint(["cn-gz"], parameters: parameters)
        try ledger.apply(TestLedger.cosign(proposal), by: "cn-gz")
        #expect(try life(ledger) == .proposed)
        let id = try TestLedger.commitmentID(commitment)
        #expect(ledger.state.cosigners(ofProposal: id)?.isComplete == true)
    }

    @Test("who is not named, or named nowhere, or an observer, does not sign")
    func notNamed() throws {
        var (ledger, proposal) = try joint(["cn-gz"])
        let refusal = try ledger.refusal(TestLedger.cosign(proposal), by: "cn-js")
        #expect(refusal.code == .notNamed)
        #expect(refusal.message.contains("cn-js") && refusal.message.contains("cn-gz"))
        #expect(try ledger.refusal(TestLedger.cosign(proposal), by: "watch").code == .role)
        var (plain, other) = try TestLedger.with { _ in }
        let nobody = try plain.refusal(TestLedger.cosign(other), by: "cn-gz")
        #expect(nobody.code == .notNamed && nobody.message.contains("no co-signature is asked for"))
    }

    @Test("nobody signs twice, nor what is active already")
    func twice() throws {
        var (ledger, proposal) = try joint(["cn-gz", "cn-js"])
        let first = try ledger.apply(TestLedger.cosign(proposal), by: "cn-gz")
        let again = try ledger.refusal(TestLedger.cosign(proposal), by: "cn-gz")
        #expect(again.code == .alreadyCosigned && again.message.contains("\(first)"))
    }

    @Test("a proposal that was returned is not co-signed")
    func returned() throws {
        var (ledger, proposal) = try joint(["cn-gz"])
        var leaves = ledger.state.leaves
        let index = try #require(leaves.firstIndex { $0.path == "commitment/\(commitment)" })
        let range = try #require(leaves[index].value.firstRange(of: Array("proposed".utf8)))
        leaves[index].value.replaceSubrange(range, with: Array("returned".utf8))
        let state = try LedgerState(restoring: leaves)
        let transaction = try ledger.sign(TestLedger.cosign(proposal), by: "cn-gz")
        let refusal = #expect(throws: Refusal.self) {
            try state.check(transaction, context: ledger.context)
        }
        #expect(refusal?.code == .life && refusal?.message.contains("returned") == true)
        try ledger.apply([transaction])
    }

    @Test("what is neither the proposal nor a milestone of the commitment, or no recovery, is refused")
    func unknown() throws {
        var (ledger, _) = try joint(["cn-gz"])
        let nothing = TransactionID(SHA256.hash([9]))
        let refusal = try ledger.refusal(TestLedger.cosign(nothing), by: "cn-gz")
        #expect(refusal.code == .unknownSubject && refusal.message.contains("\(nothing)"))
        #expect(
            try ledger.refusal(TestLedger.cosign(nothing, "CN-HN-2020-009"), by: "cn-gz").code
                == .unknownCommitment
        )
        let recovery = Cosign(transaction: nothing, about: .member(try TestLedger.memberID("cn-hn")))
        #expect(try ledger.refusal(.cosign(recovery), by: "regulator").code == .unknownSubject)
    }

    // MARK: - Milestones

    private func withCounterparties(
        _ members: [String],
        required: Int
    ) throws -> (ledger: TestLedger, milestone: TransactionID) {
        var (ledger, _) = try TestLedger.with {
            $0.counterparties = Counterparties(
                members: try members.map(TestLedger.memberID),
                required: required
            )
            $0.target = .bound(.ge, try decimal("100"))
            $0.verification.minimumLevel = .cosigned
        }
        let milestone = try ledger.apply(
            TestLedger.report(commitment, value: "100", at: "2021-06-30"),
            by: "cn-hn"
        )
        return (ledger, milestone)
    }

    @Test("a milestone counts once as many counterparties as required have signed")
    func counterparties() throws {
        var (ledger, milestone) = try withCounterparties(["cn-gz", "cn-js", "audit"], required: 2)
        func record() throws -> MilestoneRecord { try #require(ledger.state.milestone(milestone)) }
        #expect(try record().requiredCosignatures == 2 && record().isPending && record().state == .effective)
        #expect(try ledger.status().current.latest == nil)
        // It takes its period all the same, and no later total may fall below it.
        #expect(
            try ledger.refusal(TestLedger.report(commitment, value: "1", at: "2021-06-30"), by: "cn-hn").code
                == .duplicatePeriod
        )
        #expect(
            try ledger.refusal(TestLedger.report(commitment, value: "1", at: "2021-07-01"), by: "cn-hn").code
                == .valueFell
        )
        try ledger.apply(TestLedger.cosign(milestone), by: "cn-gz")
        #expect(try record().isPending && ledger.status().current.latest == nil)
        #expect(ledger.changes.map(\.path) == ["cosign/\(milestone)/cn-gz"])
        let cosigners = try #require(ledger.state.cosigners(ofMilestone: milestone))
        #expect(cosigners.signed.map(\.text) == ["cn-gz"] && !cosigners.isComplete)
        #expect(cosigners.missing.map(\.text) == ["cn-js", "audit"] && cosigners.requiredCount == 2)
        try ledger.apply(TestLedger.cosign(milestone), by: "audit")
        #expect(try !record().isPending && record().verificationLevel == .cosigned)
        #expect(try ledger.status().current.latest == milestone)
        #expect(try ledger.status().current.name == .achieved)
        try ledger.apply(TestLedger.cosign(milestone), by: "cn-js")
        #expect(ledger.state.cosigns(of: milestone).map(\.member.text) == ["audit", "cn-gz", "cn-js"])
        let restored = try ledger.restored()
        #expect(restored.root == ledger.state.root)
        #expect(try restored.milestone(milestone) == record())
    }

    @Test("a correction starts anew, and what was corrected or refuted is not co-signed")
    func correction() throws {
        var (ledger, milestone) = try withCounterparties(["cn-gz", "cn-js"], required: 1)
        try ledger.apply(TestLedger.cosign(milestone), by: "cn-gz")
        #expect(try ledger.status().current.latest == milestone)
        let correction = try ledger.apply(
            TestLedger.correction(
                commitment,
                of: milestone,
                TestLedger.content(.value(decimal("90")), at: "2021-06-30")
            ),
            by: "cn-hn"
        )
        #expect(ledger.state.milestone(correction)?.isPending == true)
        #expect(try ledger.status().current.latest == nil)
        #expect(ledger.state.milestone(milestone)?.voices.cosignatureCount == 1, "what was said stays said")
        #expect(try ledger.refusal(TestLedger.cosign(milestone), by: "cn-js").code == .notEffective)
        try ledger.apply(TestLedger.attestation(.refuted, of: correction), by: "audit")
        #expect(try ledger.refusal(TestLedger.cosign(correction), by: "cn-gz").code == .notEffective)
    }

    @Test("who is no counterparty, signed already, or reported it, does not sign")
    func milestoneRefusals() throws {
        var (ledger, milestone) = try withCounterparties(["cn-gz"], required: 1)
        let stranger = try ledger.refusal(TestLedger.cosign(milestone), by: "cn-js")
        #expect(stranger.code == .notNamed && stranger.message.contains("counterparties"))
        try ledger.apply(TestLedger.cosign(milestone), by: "cn-gz")
        #expect(try ledger.refusal(TestLedger.cosign(milestone), by: "cn-gz").code == .alreadyCosigned)
    }

    @Test("nor does a lead that reported it and became a counterparty afterwards")
    func formerLead() throws {
        var ledger = try TestLedger(hasGuests: true)
        try ledger.apply(.planPublish(TestLedger.plan("CN")), by: "regulator")
        var body = try #require(RealPlans.commitments.first { $0.id == commitment }).body()
        let national = "CN-2020-001"
        body.id = try TestLedger.commitmentID(national)
        body.plan = try #require(PlanID("CN-2020-P1"))
        body.region = try #require(RegionCode("CN"))
        try ledger.apply(.commitmentPropose(body), by: "regulator")
        let milestone = try ledger.apply(
            TestLedger.report(national, value: "1", at: "2021-06-30"),
            by: "cn-hn"
        )
        let amendment = try TestLedger.amendment(national) {
            $0.responsible = [Responsible(.member(try TestLedger.memberID("cn-gz")), role: .lead)]
            $0.counterparties = Counterparties(members: [try TestLedger.memberID("cn-hn")], required: 1)
        }
        try ledger.apply(amendment, by: "regulator")
        let refusal = try ledger.refusal(TestLedger.cosign(milestone, national), by: "cn-hn")
        #expect(refusal.code == .party && refusal.message.contains("cn-hn"))
    }

    @Test("a report that waits for signatures is not overdue")
    func notOverdue() throws {
        var (ledger, milestone) = try withCounterparties(["cn-gz"], required: 1)
        ledger.advance(days: 200)
        #expect(try !ledger.status().flags.contains(.overdueReport))
        try ledger.apply(TestLedger.attestation(.refuted, of: milestone), by: "audit")
        #expect(try ledger.status().flags.contains(.overdueReport))
    }

    @Test("the claim names what the co-signed transaction is about")
    func subject() throws {
        var (ledger, milestone) = try withCounterparties(["cn-gz"], required: 1)
        let transaction = try ledger.sign(
            TestLedger.cosign(milestone),
            by: "cn-gz",
            .init(subject: "cn-hn")
        )
        #expect(try ledger.refusal(transaction).code == .subject)
    }
}
