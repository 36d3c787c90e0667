import JalonCrypto
import JalonModel
import Testing

/// Sound attestations, disputes, co-signatures and directives, with every field and with only those they need.
extension Domain {
    private static func commitmentID() throws -> CommitmentID {
        try #require(CommitmentID("CN-HN-2020-001"))
    }

    private static func transaction(_ byte: UInt8) -> TransactionID { TransactionID(SHA256.hash([byte])) }

    static func attestation() throws -> AttestationIssue {
        AttestationIssue(
            commitment: try commitmentID(),
            milestone: transaction(3),
            verdict: .confirmed,
            method: try text("现场核查"),
            sample: try text("30/9500"),
            evidence: [try evidence()],
            reason: try text("抽样一致")
        )
    }

    static func revocation() throws -> AttestationRevoke {
        AttestationRevoke(
            commitment: try commitmentID(),
            attestation: transaction(4),
            reason: try text("样本有误")
        )
    }

    static func dispute() throws -> DisputeOpen {
        DisputeOpen(
            commitment: try commitmentID(),
            milestone: transaction(3),
            ground: .wrongRegion,
            text: try text("属于河北"),
            evidence: [try evidence()]
        )
    }

    static func answer() throws -> DisputeAnswer {
        DisputeAnswer(commitment: try commitmentID(), dispute: transaction(5), text: try text("已核对"))
    }

    static func resolution() throws -> DisputeResolve {
        DisputeResolve(
            commitment: try commitmentID(),
            dispute: transaction(5),
            outcome: .upheld,
            reason: try text("成立")
        )
    }

    static func cosign() throws -> Cosign {
        Cosign(transaction: transaction(3), about: .commitment(try commitmentID()))
    }

    static func recoveryCosign() throws -> Cosign {
        Cosign(transaction: transaction(6), about: .member(try #require(MemberID("cn-hn"))))
    }

    static func directive() throws -> DirectiveIssue {
        DirectiveIssue(
            to: try #require(MemberID("cn-hn")),
            about: try commitmentID(),
            due: try day("2021-07-31"),
            title: try LocalizedText(zh: "补交证据", en: "Evidence is missing"),
            text: try LocalizedText(zh: "请说明")
        )
    }

    static func acknowledgement() throws -> DirectiveAcknowledge {
        DirectiveAcknowledge(to: try #require(MemberID("cn-hn")), directive: transaction(7))
    }

    static func reply() throws -> DirectiveReply {
        DirectiveReply(
            to: try #require(MemberID("cn-hn")),
            directive: transaction(7),
            text: try text("见附件"),
            evidence: [try evidence()]
        )
    }

    /// One of each, and each once more without what may be left out.
    static func voices() throws -> [TransactionBody] {
        var (attestation, dispute, answer) = (try attestation(), try dispute(), try answer())
        var bodies: [TransactionBody] = [.attestationIssue(attestation), .disputeOpen(dispute)]
        (attestation.sample, attestation.evidence) = (nil, [])
        (dispute.milestone, dispute.evidence) = (nil, [])
        bodies += [.attestationIssue(attestation), .disputeOpen(dispute), .disputeAnswer(answer)]
        answer.evidence = [try evidence()]
        var directive = try directive()
        bodies += [.disputeAnswer(answer), .directiveIssue(directive)]
        directive.about = nil
        return bodies + [
            .directiveIssue(directive), .attestationRevoke(try revocation()),
            .disputeResolve(try resolution()), .cosign(try cosign()), .cosign(try recoveryCosign()),
            .directiveAcknowledge(try acknowledgement()), .directiveReply(try reply()),
        ]
    }
}
