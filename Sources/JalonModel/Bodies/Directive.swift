public import JalonCodec

/// `directive.issue`: what a regulator asks a member to do by a day.
public struct DirectiveIssue: BodyContent {
    /// The addressee.
    public var to: MemberID
    /// The commitment that it is about; absent where it is about none.
    public var about: CommitmentID?
    /// The day by which it is to be acknowledged and replied to.
    public var due: CalendarDay
    public var title: LocalizedText
    public var text: LocalizedText

    public init(
        to: MemberID,
        about: CommitmentID? = nil,
        due: CalendarDay,
        title: LocalizedText,
        text: LocalizedText
    ) {
        (self.to, self.about, self.due) = (to, about, due)
        (self.title, self.text) = (title, text)
    }

    public var subject: SubjectID { SubjectID(checked: to.text) }

    /// Checks the rules that need no state.
    public func validate() throws(BodyError) {
        try title.require(.title, "title")
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("to", to)
            map.field("due", due)
            map.field("text", text)
            map.type(.directiveIssue)
            map.field("title", title)
            map.field("subject", ifPresent: about)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let to: MemberID = try map.field("to")
            let due: CalendarDay = try map.field("due")
            let text: LocalizedText = try map.field("text")
            try map.type(.directiveIssue)
            let title: LocalizedText = try map.field("title")
            return DirectiveIssue(
                to: to,
                about: try map.optional("subject"),
                due: due,
                title: title,
                text: text
            )
        }
    }
}

/// `directive.acknowledge`: the addressee says that it has read a directive; once.
public struct DirectiveAcknowledge: BodyContent {
    /// The addressee, as in the directive: the claim `sub` must equal it.
    public var to: MemberID
    /// The transaction that issued the directive.
    public var directive: TransactionID

    public init(to: MemberID, directive: TransactionID) {
        (self.to, self.directive) = (to, directive)
    }

    public var subject: SubjectID { SubjectID(checked: to.text) }

    /// Has no rule between its fields.
    public func validate() throws(BodyError) {}

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("to", to)
            map.type(.directiveAcknowledge)
            map.field("directive", directive)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let to: MemberID = try map.field("to")
            try map.type(.directiveAcknowledge)
            return DirectiveAcknowledge(to: to, directive: try map.field("directive"))
        }
    }
}

/// `directive.reply`: what the addressee answers; it may follow up on its own replies.
public struct DirectiveReply: BodyContent {
    /// The addressee, as in the directive: the claim `sub` must equal it.
    public var to: MemberID
    /// The transaction that issued the directive.
    public var directive: TransactionID
    public var text: Text
    public var evidence: [Evidence]

    public init(to: MemberID, directive: TransactionID, text: Text, evidence: [Evidence] = []) {
        (self.to, self.directive) = (to, directive)
        (self.text, self.evidence) = (text, evidence)
    }

    public var subject: SubjectID { SubjectID(checked: to.text) }

    /// Has no rule between its fields.
    public func validate() throws(BodyError) {}

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("to", to)
            map.field("text", text)
            map.type(.directiveReply)
            map.field("evidence", evidence)
            map.field("directive", directive)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let to: MemberID = try map.field("to")
            let text: Text = try map.field("text")
            try map.type(.directiveReply)
            let evidence: [Evidence] = try map.evidence()
            return DirectiveReply(
                to: to,
                directive: try map.field("directive"),
                text: text,
                evidence: evidence
            )
        }
    }
}
