public import JalonCodec

/// How much an amendment changes.
public enum AmendmentClass: String, CodedChoice {
    /// Words: nothing that the commitment is judged by, or that says who answers for it.
    case editorial
    /// The promise itself.
    case material
}

/// `commitment.amend`: makes the next version of an active commitment; version 1 stays and keeps being judged.
///
/// Every amendment makes a version with its class, an editorial one too, so that nothing is forgotten. What the result
/// must hold is what a proposal must.
public struct CommitmentAmend: BodyContent {
    public var id: CommitmentID
    /// The version in force that this one was written against; where another one came first, it is refused.
    public var expectedVersion: UInt64
    public var amendmentClass: AmendmentClass
    public var changes: CommitmentChanges
    /// Optional fields that the commitment is to have no more.
    public var removes: [CommitmentField]
    public var reasonCode: ReasonCode
    public var reason: Text
    /// Where the change was decided or published; the commitment's own source is among the changes.
    public var source: Source?

    public init(
        id: CommitmentID,
        expectedVersion: UInt64,
        amendmentClass: AmendmentClass,
        changes: CommitmentChanges,
        removes: [CommitmentField] = [],
        reasonCode: ReasonCode,
        reason: Text,
        source: Source? = nil
    ) {
        (self.id, self.expectedVersion, self.amendmentClass) = (id, expectedVersion, amendmentClass)
        (self.changes, self.removes) = (changes, removes)
        (self.reasonCode, self.reason, self.source) = (reasonCode, reason, source)
    }

    public var subject: SubjectID { SubjectID(checked: id.text) }

    /// The body that the amendment makes of the version in force, not validated.
    public func applied(to body: CommitmentPropose) -> CommitmentPropose {
        var body = changes.applied(to: body)
        for field in removes {
            switch field {
            case .description: body.description = nil
            case .baseline: body.baseline = nil
            case .deadline: body.deadline = nil
            case .counterparties: body.counterparties = nil
            case .source: body.source = nil
            case .curve, .start, .title, .target, .themes, .related, .sectors, .indicator, .reporting,
                .subregions,
                .trajectory, .responsible, .verification:
                break
            }
        }
        return body
    }

    /// Checks the rules that need no state.
    public func validate() throws(BodyError) {
        let changed = changes.fields
        try require(
            !changed.isEmpty || !removes.isEmpty,
            "changes",
            found: "empty",
            expected: "what changes, or an entry in removes"
        )
        try requireUnique(removes.map(\.rawValue), "removes")
        for field in removes {
            try require(
                field.isRemovable,
                "removes",
                found: "\(field)",
                expected:
                    "description, baseline, deadline, counterparties or source: no commitment is without "
                    + "the others"
            )
            try require(
                !changed.contains(field),
                "removes",
                found: "\(field)",
                expected: "a field that is not changed at the same time"
            )
        }
        if amendmentClass == .editorial {
            for field in changed + removes {
                try require(
                    field.isEditorial,
                    "class",
                    found: "editorial",
                    expected: "material, since \(field) changes"
                )
            }
        }
        try source?.validate()
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("id", id)
            map.type(.commitmentAmend)
            map.field("class", amendmentClass)
            map.field("reason", reason)
            map.field("source", ifPresent: source)
            map.field("changes", changes)
            map.field("removes", removes)
            map.field("reasonCode", reasonCode)
            map.field("expectedVersion", expectedVersion)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let id: CommitmentID = try map.field("id")
            try map.type(.commitmentAmend)
            let amendmentClass: AmendmentClass = try map.field("class")
            let reason: Text = try map.field("reason")
            let source: Source? = try map.optional("source")
            let changes: CommitmentChanges = try map.field("changes")
            let removes: [CommitmentField] = try map.list(
                "removes",
                maximum: CommitmentField.allCases.count
            )
            let reasonCode: ReasonCode = try map.field("reasonCode")
            return CommitmentAmend(
                id: id,
                expectedVersion: try map.field("expectedVersion", in: 1...UInt64(Int64.max)),
                amendmentClass: amendmentClass,
                changes: changes,
                removes: removes,
                reasonCode: reasonCode,
                reason: reason,
                source: source
            )
        }
    }
}
