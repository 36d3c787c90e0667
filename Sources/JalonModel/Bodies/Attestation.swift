public import JalonCodec

/// What an auditor found about a milestone.
public enum Verdict: String, CodedChoice {
    /// The value holds: the milestone's verification level is L3.
    case confirmed
    /// It holds with reservations, which the reason names.
    case reserved
    /// It does not hold: the milestone counts no more.
    case refuted
    /// Nothing could be said.
    case unable
}

/// `attestation.issue`: an auditor's verdict on a milestone.
public struct AttestationIssue: BodyContent {
    public var commitment: CommitmentID
    /// The transaction that reported, or last corrected, the milestone.
    public var milestone: TransactionID
    public var verdict: Verdict
    /// How it was examined.
    public var method: Text
    /// What part of it was examined; absent where all of it was.
    public var sample: Text?
    public var evidence: [Evidence]
    public var reason: Text

    public init(
        commitment: CommitmentID,
        milestone: TransactionID,
        verdict: Verdict,
        method: Text,
        sample: Text? = nil,
        evidence: [Evidence] = [],
        reason: Text
    ) {
        (self.commitment, self.milestone, self.verdict) = (commitment, milestone, verdict)
        (self.method, self.sample, self.evidence, self.reason) = (method, sample, evidence, reason)
    }

    public var subject: SubjectID { SubjectID(checked: commitment.text) }

    /// Checks the rules that need no state.
    public func validate() throws(BodyError) {
        try method.require(.title, "method")
        try sample?.require(.title, "sample")
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.type(.attestationIssue)
            map.field("method", method)
            map.field("reason", reason)
            map.field("sample", ifPresent: sample)
            map.field("verdict", verdict)
            map.field("evidence", evidence)
            map.field("milestone", milestone)
            map.field("commitment", commitment)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            try map.type(.attestationIssue)
            let method: Text = try map.field("method")
            let reason: Text = try map.field("reason")
            let sample: Text? = try map.optional("sample")
            let verdict: Verdict = try map.field("verdict")
            let evidence: [Evidence] = try map.evidence()
            let milestone: TransactionID = try map.field("milestone")
            return AttestationIssue(
                commitment: try map.field("commitment"),
                milestone: milestone,
                verdict: verdict,
                method: method,
                sample: sample,
                evidence: evidence,
                reason: reason
            )
        }
    }
}

/// `attestation.revoke`: an auditor takes its own verdict back; it stays readable and is marked revoked.
public struct AttestationRevoke: BodyContent {
    public var commitment: CommitmentID
    /// The transaction that attested.
    public var attestation: TransactionID
    public var reason: Text

    public init(commitment: CommitmentID, attestation: TransactionID, reason: Text) {
        (self.commitment, self.attestation, self.reason) = (commitment, attestation, reason)
    }

    public var subject: SubjectID { SubjectID(checked: commitment.text) }

    /// Has no rule between its fields.
    public func validate() throws(BodyError) {}

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.type(.attestationRevoke)
            map.field("reason", reason)
            map.field("commitment", commitment)
            map.field("attestation", attestation)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            try map.type(.attestationRevoke)
            let reason: Text = try map.field("reason")
            let commitment: CommitmentID = try map.field("commitment")
            return AttestationRevoke(
                commitment: commitment,
                attestation: try map.field("attestation"),
                reason: reason
            )
        }
    }
}

extension CBORMapDecoder {
    /// Reads the evidence of a body, of as many files as a milestone may have.
    mutating func evidence() throws(CBORError) -> [Evidence] {
        try list("evidence", maximum: MilestoneContent.maximumEvidenceCount)
    }
}
