import JalonCrypto
import JalonModel
import JalonState
import Testing

@Suite("What others say, along a commitment's life")
struct VoiceLifeTests {
    private let commitment = "CN-HN-2020-001"

    private func joint() throws -> (ledger: TestLedger, proposal: TransactionID, body: CommitmentPropose) {
        var parameters = Parameters()
        parameters.activation = .regulator
        var proposed: CommitmentPropose?
        let (ledger, proposal) = try TestLedger.with(parameters: parameters) {
            $0.joint = try ["cn-gz", "cn-js"].map(TestLedger.memberID)
            proposed = $0
        }
        return (ledger, proposal, try #require(proposed))
    }

    @Test("a regulator activates a joint proposal only once all have signed")
    func activation() throws {
        var (ledger, proposal, _) = try joint()
        try ledger.apply(TestLedger.cosign(proposal), by: "cn-gz")
        let refusal = try ledger.refusal(TestLedger.step(.activate, commitment), by: "regulator")
        #expect(refusal.code == .notCosigned && refusal.message.contains("cn-js"))
        try ledger.apply(TestLedger.cosign(proposal), by: "cn-js")
        try ledger.apply(TestLedger.step(.activate, commitment), by: "regulator")
        #expect(try ledger.state.commitment(TestLedger.commitmentID(commitment))?.life == .active)
        #expect(try ledger.restored().root == ledger.state.root)
    }

    @Test("signatures of a proposal that was returned are none of the next one, disputes about it stay open")
    func returned() throws {
        var (ledger, first, body) = try joint()
        let id = try TestLedger.commitmentID(commitment)
        try ledger.apply(TestLedger.cosign(first), by: "cn-gz")
        let dispute = try ledger.apply(TestLedger.dispute(), by: "audit")
        try ledger.apply(TestLedger.step(.return, commitment), by: "regulator")
        #expect(try ledger.refusal(TestLedger.cosign(first), by: "cn-js").code == .life)
        body.title = try LocalizedText(zh: "重新提出")
        let second = try ledger.apply(.commitmentPropose(body), by: "cn-hn")
        #expect(ledger.state.cosigners(ofProposal: id)?.signed == [])
        #expect(ledger.state.commitment(id)?.openDisputeCount == 1)
        #expect(try ledger.refusal(TestLedger.cosign(first), by: "cn-js").code == .unknownSubject)
        for member in ["cn-gz", "cn-js"] { try ledger.apply(TestLedger.cosign(second), by: member) }
        let restored = try ledger.restored()
        #expect(restored.root == ledger.state.root)
        #expect(restored.commitment(id) == ledger.state.commitment(id))
        try ledger.apply(TestLedger.resolution(of: dispute, .rejected), by: "regulator")
        #expect(ledger.state.commitment(id)?.openDisputeCount == 0)
    }

    @Test("an amendment keeps open disputes, and a final milestone that waits for signatures closes nothing")
    func amended() throws {
        var (ledger, _) = try TestLedger.with {
            $0.counterparties = Counterparties(members: [try TestLedger.memberID("cn-gz")], required: 1)
        }
        let id = try TestLedger.commitmentID(commitment)
        try ledger.apply(TestLedger.dispute(), by: "audit")
        try ledger.apply(
            TestLedger.amendment(commitment, .editorial) { $0.title = try LocalizedText(zh: "上链") },
            by: "cn-hn"
        )
        #expect(ledger.state.commitment(id)?.openDisputeCount == 1)
        let final = try ledger.apply(
            TestLedger.report(
                commitment,
                TestLedger.content(.value(decimal("1")), at: "2021-06-30", isFinal: true)
            ),
            by: "cn-hn"
        )
        #expect(
            try ledger.refusal(TestLedger.step(.close, commitment), by: "cn-hn").code == .noFinalMilestone
        )
        try ledger.apply(TestLedger.cosign(final), by: "cn-gz")
        try ledger.apply(TestLedger.step(.close, commitment), by: "cn-hn")
        try ledger.apply(TestLedger.attestation(.confirmed, of: final), by: "audit")
        #expect(ledger.state.milestone(final)?.verificationLevel == .attested)
    }

    @Test("a delegate key co-signs where it was lent that")
    func delegate() throws {
        var (ledger, proposal, _) = try joint()
        let key = try TestLedger.key("cn-gz", .delegate)
        try ledger.apply(ledger.grant([.cosign], of: "cn-gz"), by: "cn-gz")
        try ledger.apply(TestLedger.cosign(proposal), for: "cn-gz", with: key)
        #expect(ledger.state.cosigns(of: proposal).map(\.provenance.key) == [key.publicKey.id])
        let dispute = try ledger.sign(TestLedger.dispute(), by: "cn-gz", .init(key: key))
        #expect(try ledger.refusal(dispute).code == .notDelegated)
    }
}
