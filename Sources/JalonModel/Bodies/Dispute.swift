public import JalonCodec

/// What a dispute says is wrong.
public enum DisputeGround: String, CodedChoice {
    /// It stands under another region than the one that promised.
    case wrongRegion
    case wrongValue
    case wrongSource
    /// It is counted, or promised, a second time.
    case duplicate
    case other
}

/// How a dispute ended.
public enum DisputeOutcome: String, CodedChoice {
    /// The objection is right; what follows from it is for the parties to sign.
    case upheld
    case rejected
    /// Whoever opened it does not insist.
    case withdrawn
}

/// `dispute.open`: a signed objection to a commitment, or to one of its milestones.
public struct DisputeOpen: BodyContent {
    /// The commitment in question, or the one whose milestone is.
    public var commitment: CommitmentID
    /// The milestone in question; absent where it is the commitment itself.
    public var milestone: TransactionID?
    public var ground: DisputeGround
    public var text: Text
    public var evidence: [Evidence]

    public init(
        commitment: CommitmentID,
        milestone: TransactionID? = nil,
        ground: DisputeGround,
        text: Text,
        evidence: [Evidence] = []
    ) {
        (self.commitment, self.milestone, self.ground) = (commitment, milestone, ground)
        (self.text, self.evidence) = (text, evidence)
    }

    public var subject: SubjectID { SubjectID(checked: commitment.text) }

    /// Has no rule between its fields.
    public func validate() throws(BodyError) {}

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("text", text)
            map.type(.disputeOpen)
            map.field("ground", ground)
            map.field("evidence", evidence)
            map.field("milestone", ifPresent: milestone)
            map.field("commitment", commitment)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let text: Text = try map.field("text")
            try map.type(.disputeOpen)
            let ground: DisputeGround = try map.field("ground")
            let evidence: [Evidence] = try map.evidence()
            let milestone: TransactionID? = try map.optional("milestone")
            return DisputeOpen(
                commitment: try map.field("commitment"),
                milestone: milestone,
                ground: ground,
                text: text,
                evidence: evidence
            )
        }
    }
}

/// `dispute.answer`: what the respondent, the commitment's lead, says to it; once.
public struct DisputeAnswer: BodyContent {
    public var commitment: CommitmentID
    /// The transaction that opened the dispute.
    public var dispute: TransactionID
    public var text: Text
    public var evidence: [Evidence]

    public init(commitment: CommitmentID, dispute: TransactionID, text: Text, evidence: [Evidence] = []) {
        (self.commitment, self.dispute) = (commitment, dispute)
        (self.text, self.evidence) = (text, evidence)
    }

    public var subject: SubjectID { SubjectID(checked: commitment.text) }

    /// Has no rule between its fields.
    public func validate() throws(BodyError) {}

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("text", text)
            map.type(.disputeAnswer)
            map.field("dispute", dispute)
            map.field("evidence", evidence)
            map.field("commitment", commitment)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let text: Text = try map.field("text")
            try map.type(.disputeAnswer)
            let dispute: TransactionID = try map.field("dispute")
            let evidence: [Evidence] = try map.evidence()
            return DisputeAnswer(
                commitment: try map.field("commitment"),
                dispute: dispute,
                text: text,
                evidence: evidence
            )
        }
    }
}

/// `dispute.resolve`: how a regulator that is not a party ends a dispute.
public struct DisputeResolve: BodyContent {
    public var commitment: CommitmentID
    /// The transaction that opened the dispute.
    public var dispute: TransactionID
    public var outcome: DisputeOutcome
    public var reason: Text

    public init(commitment: CommitmentID, dispute: TransactionID, outcome: DisputeOutcome, reason: Text) {
        (self.commitment, self.dispute) = (commitment, dispute)
        (self.outcome, self.reason) = (outcome, reason)
    }

    public var subject: SubjectID { SubjectID(checked: commitment.text) }

    /// Has no rule between its fields.
    public func validate() throws(BodyError) {}

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.type(.disputeResolve)
            map.field("reason", reason)
            map.field("dispute", dispute)
            map.field("outcome", outcome)
            map.field("commitment", commitment)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            try map.type(.disputeResolve)
            let reason: Text = try map.field("reason")
            let dispute: TransactionID = try map.field("dispute")
            let outcome: DisputeOutcome = try map.field("outcome")
            return DisputeResolve(
                commitment: try map.field("commitment"),
                dispute: dispute,
                outcome: outcome,
                reason: reason
            )
        }
    }
}
