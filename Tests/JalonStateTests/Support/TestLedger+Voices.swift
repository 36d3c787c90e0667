import JalonCrypto
import JalonModel
import JalonState
import Testing

extension TestLedger {
    static func commitmentID(_ text: String) throws -> CommitmentID { try #require(CommitmentID(text)) }

    static func memberID(_ text: String) throws -> MemberID { try #require(MemberID(text)) }

    private static func evidence(_ count: Int) throws -> [Evidence] {
        try content(.level(1), at: "2021-06-30", evidence: count).evidence
    }

    // MARK: - Bodies

    static func attestation(
        _ verdict: Verdict,
        of milestone: TransactionID,
        _ commitment: String = "CN-HN-2020-001",
        evidence count: Int = 0
    ) throws -> TransactionBody {
        .attestationIssue(
            AttestationIssue(
                commitment: try commitmentID(commitment),
                milestone: milestone,
                verdict: verdict,
                method: try Text("现场核查"),
                evidence: try evidence(count),
                reason: try Text("核查结果")
            )
        )
    }

    static func revocation(
        of attestation: TransactionID,
        _ commitment: String = "CN-HN-2020-001"
    ) throws -> TransactionBody {
        .attestationRevoke(
            AttestationRevoke(
                commitment: try commitmentID(commitment),
                attestation: attestation,
                reason: try Text("样本有误")
            )
        )
    }

    static func dispute(
        _ commitment: String = "CN-HN-2020-001",
        milestone: TransactionID? = nil,
        ground: DisputeGround = .wrongValue
    ) throws -> TransactionBody {
        .disputeOpen(
            DisputeOpen(
                commitment: try commitmentID(commitment),
                milestone: milestone,
                ground: ground,
                text: try Text("有异议"),
                evidence: try evidence(1)
            )
        )
    }

    static func answer(
        to dispute: TransactionID,
        _ commitment: String = "CN-HN-2020-001"
    ) throws -> TransactionBody {
        .disputeAnswer(
            DisputeAnswer(
                commitment: try commitmentID(commitment),
                dispute: dispute,
                text: try Text("已核对")
            )
        )
    }

    static func resolution(
        of dispute: TransactionID,
        _ outcome: DisputeOutcome,
        _ commitment: String = "CN-HN-2020-001"
    ) throws -> TransactionBody {
        .disputeResolve(
            DisputeResolve(
                commitment: try commitmentID(commitment),
                dispute: dispute,
                outcome: outcome,
                reason: try Text("裁定")
            )
        )
    }

    static func cosign(
        _ transaction: TransactionID,
        _ commitment: String = "CN-HN-2020-001"
    ) throws -> TransactionBody {
        .cosign(Cosign(transaction: transaction, about: .commitment(try commitmentID(commitment))))
    }

    static func directive(
        to member: String = "cn-hn",
        about commitment: String? = nil,
        due: String = "2021-07-02"
    ) throws -> TransactionBody {
        .directiveIssue(
            DirectiveIssue(
                to: try memberID(member),
                about: try commitment.map(commitmentID),
                due: try day(due),
                title: try LocalizedText(zh: "补交证据"),
                text: try LocalizedText(zh: "请说明")
            )
        )
    }

    static func acknowledgement(
        of directive: TransactionID,
        to member: String = "cn-hn"
    ) throws -> TransactionBody {
        .directiveAcknowledge(DirectiveAcknowledge(to: try memberID(member), directive: directive))
    }

    static func reply(
        to directive: TransactionID,
        by member: String = "cn-hn"
    ) throws -> TransactionBody {
        .directiveReply(
            DirectiveReply(to: try memberID(member), directive: directive, text: try Text("见附件"))
        )
    }

    // MARK: - Ledgers

    /// With a commitment of Hunan that `change` made another, beside its plan.
    static func with(
        parameters: Parameters = Parameters(),
        _ change: (inout CommitmentPropose) throws -> Void
    ) throws -> (ledger: TestLedger, proposal: TransactionID) {
        var ledger = try TestLedger(parameters: parameters, hasGuests: true)
        try ledger.apply(.planPublish(plan("CN-HN")), by: "cn-hn")
        var body = try #require(RealPlans.commitments.first { $0.id == "CN-HN-2020-001" }).body()
        try change(&body)
        let proposal = try ledger.apply(.commitmentPropose(body), by: "cn-hn")
        return (ledger, proposal)
    }

    /// The status of a commitment on the day of the head block.
    func status(_ commitment: String = "CN-HN-2020-001") throws -> CommitmentStatus {
        try #require(state.status(of: TestLedger.commitmentID(commitment), on: state.date(of: time)))
    }

    /// The same state, made anew from its leaves.
    func restored() throws -> LedgerState { try LedgerState(restoring: state.leaves) }
}
