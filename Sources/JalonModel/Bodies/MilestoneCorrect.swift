public import JalonCodec

/// `milestone.correct`: replaces a milestone, which stays readable and is marked replaced.
///
/// It states the whole milestone anew, so that it can be read alone: a field left out is absent in the result, not
/// taken from the old one. `commitment` is repeated because the claim `sub` must equal it; a correction can't move a
/// milestone to another commitment.
public struct MilestoneCorrect: BodyContent {
    public var commitment: CommitmentID
    /// The transaction that reported, or last corrected, the milestone.
    public var milestone: TransactionID
    public var content: MilestoneContent
    public var reasonCode: ReasonCode
    public var reason: Text

    public init(
        commitment: CommitmentID,
        milestone: TransactionID,
        content: MilestoneContent,
        reasonCode: ReasonCode,
        reason: Text
    ) {
        (self.commitment, self.milestone, self.content) = (commitment, milestone, content)
        (self.reasonCode, self.reason) = (reasonCode, reason)
    }

    public var subject: SubjectID { SubjectID(checked: commitment.text) }

    /// Checks the rules that need no state.
    public func validate() throws(BodyError) {
        try content.validate()
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("note", ifPresent: content.note)
            map.type(.milestoneCorrect)
            map.content(content)
            map.field("reason", reason)
            map.field("evidence", content.evidence)
            map.doneItems(content)
            map.field("fictional", ifTrue: content.isFictional)
            map.field("milestone", milestone)
            map.field("periodEnd", content.periodEnd)
            map.field("commitment", commitment)
            map.field("reasonCode", reasonCode)
            map.field("periodStart", ifPresent: content.periodStart)
            map.field("valueStatus", content.valueStatus)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let note: Text? = try map.optional("note")
            try map.type(.milestoneCorrect)
            let head = try map.contentHead()
            let reason: Text = try map.field("reason")
            let evidence: [Evidence] = try map.list(
                "evidence",
                maximum: MilestoneContent.maximumEvidenceCount
            )
            let reading = try map.reading(head)
            let isFictional = try map.optionalTrue("fictional")
            let milestone: TransactionID = try map.field("milestone")
            let periodEnd: CalendarDay = try map.field("periodEnd")
            let commitment: CommitmentID = try map.field("commitment")
            let reasonCode: ReasonCode = try map.field("reasonCode")
            let periodStart: CalendarDay? = try map.optional("periodStart")
            let content = MilestoneContent(
                periodStart: periodStart,
                periodEnd: periodEnd,
                reading: reading,
                valueStatus: try map.field("valueStatus"),
                evidence: evidence,
                note: note,
                isFinal: head.isFinal,
                isFictional: isFictional
            )
            return MilestoneCorrect(
                commitment: commitment,
                milestone: milestone,
                content: content,
                reasonCode: reasonCode,
                reason: reason
            )
        }
    }
}

/// `milestone.retract`: takes a milestone back; it stays readable and is marked retracted.
public struct MilestoneRetract: BodyContent {
    public var commitment: CommitmentID
    /// The transaction that reported, or last corrected, the milestone.
    public var milestone: TransactionID
    public var reasonCode: ReasonCode
    public var reason: Text

    public init(commitment: CommitmentID, milestone: TransactionID, reasonCode: ReasonCode, reason: Text) {
        (self.commitment, self.milestone) = (commitment, milestone)
        (self.reasonCode, self.reason) = (reasonCode, reason)
    }

    public var subject: SubjectID { SubjectID(checked: commitment.text) }

    /// Has no rule between its fields.
    public func validate() throws(BodyError) {}

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.type(.milestoneRetract)
            map.field("reason", reason)
            map.field("milestone", milestone)
            map.field("commitment", commitment)
            map.field("reasonCode", reasonCode)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            try map.type(.milestoneRetract)
            let reason: Text = try map.field("reason")
            let milestone: TransactionID = try map.field("milestone")
            let commitment: CommitmentID = try map.field("commitment")
            return MilestoneRetract(
                commitment: commitment,
                milestone: milestone,
                reasonCode: try map.field("reasonCode"),
                reason: reason
            )
        }
    }
}
