import JalonModel
import Testing

extension DomainGenerator {
    private mutating func commitmentID() throws -> CommitmentID { try #require(CommitmentID(id())) }

    private mutating func transaction() -> TransactionID { TransactionID(digest()) }

    mutating func attestation() throws -> AttestationIssue {
        AttestationIssue(
            commitment: try commitmentID(),
            milestone: transaction(),
            verdict: choice(),
            method: try text(),
            sample: try maybe { try $0.text() },
            evidence: try list(2) { try $0.evidence() },
            reason: try text()
        )
    }

    mutating func revocation() throws -> AttestationRevoke {
        AttestationRevoke(commitment: try commitmentID(), attestation: transaction(), reason: try text())
    }

    mutating func dispute() throws -> DisputeOpen {
        DisputeOpen(
            commitment: try commitmentID(),
            milestone: maybe { $0.transaction() },
            ground: choice(),
            text: try text(),
            evidence: try list(2) { try $0.evidence() }
        )
    }

    mutating func answer() throws -> DisputeAnswer {
        DisputeAnswer(
            commitment: try commitmentID(),
            dispute: transaction(),
            text: try text(),
            evidence: try list(2) { try $0.evidence() }
        )
    }

    mutating func resolution() throws -> DisputeResolve {
        DisputeResolve(
            commitment: try commitmentID(),
            dispute: transaction(),
            outcome: choice(),
            reason: try text()
        )
    }

    mutating func cosign() throws -> Cosign {
        Cosign(
            transaction: transaction(),
            about: below(2) == 0 ? .commitment(try commitmentID()) : .member(try memberID())
        )
    }

    mutating func directive() throws -> DirectiveIssue {
        DirectiveIssue(
            to: try memberID(),
            about: try maybe { try $0.commitmentID() },
            due: day(),
            title: try localizedText(),
            text: try localizedText()
        )
    }

    mutating func acknowledgement() throws -> DirectiveAcknowledge {
        DirectiveAcknowledge(to: try memberID(), directive: transaction())
    }

    mutating func reply() throws -> DirectiveReply {
        DirectiveReply(
            to: try memberID(),
            directive: transaction(),
            text: try text(),
            evidence: try list(2) { try $0.evidence() }
        )
    }
}
