public import JalonCodec

/// What kind of number a reported value is.
public enum ValueStatus: String, CodedChoice {
    case normal, provisional, estimated
    /// The way of counting changed: the value may fall below its neighbours.
    case seriesBreak
}

/// What was measured: exactly one of `value`, `level` and `doneItems`.
public enum Reading: Hashable, Sendable {
    case value(Decimal)
    /// The level reached; 0 where none is.
    case level(Int)
    /// The items of the checklist that are done.
    case doneItems([ItemID])
}

/// What a milestone says, in a report and again in a correction.
public struct MilestoneContent: Hashable, Sendable {
    /// The most files of evidence of a milestone.
    public static let maximumEvidenceCount = 16

    /// The first day of the period; a flow needs it.
    public var periodStart: CalendarDay?
    /// The last day of the period, or the day of measurement.
    public var periodEnd: CalendarDay
    public var reading: Reading
    public var valueStatus: ValueStatus
    public var evidence: [Evidence]
    public var note: Text?
    /// Whether no further milestone is to come.
    public var isFinal: Bool
    /// Whether the value is invented, for a demonstration: shown as `DEMO DATA`.
    public var isFictional: Bool

    public init(
        periodStart: CalendarDay? = nil,
        periodEnd: CalendarDay,
        reading: Reading,
        valueStatus: ValueStatus = .normal,
        evidence: [Evidence] = [],
        note: Text? = nil,
        isFinal: Bool = false,
        isFictional: Bool = false
    ) {
        (self.periodStart, self.periodEnd, self.reading) = (periodStart, periodEnd, reading)
        (self.valueStatus, self.evidence, self.note) = (valueStatus, evidence, note)
        (self.isFinal, self.isFictional) = (isFinal, isFictional)
    }

    func validate() throws(BodyError) {
        if let periodStart {
            try require(
                periodStart <= periodEnd,
                "periodStart",
                found: "\(periodStart)",
                expected: "a day not after periodEnd, \(periodEnd)"
            )
        }
        if case .doneItems(let items) = reading { try requireUnique(items, "doneItems") }
    }
}

/// `milestone.report`: one measured progress report on a commitment.
public struct MilestoneReport: BodyContent {
    public var commitment: CommitmentID
    public var content: MilestoneContent

    public init(commitment: CommitmentID, content: MilestoneContent) {
        (self.commitment, self.content) = (commitment, content)
    }

    public var subject: SubjectID { SubjectID(checked: commitment.text) }

    /// Checks the rules that need no state.
    public func validate() throws(BodyError) {
        try content.validate()
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("note", ifPresent: content.note)
            map.type(.milestoneReport)
            map.content(content)
            map.field("evidence", content.evidence)
            map.doneItems(content)
            map.field("fictional", ifTrue: content.isFictional)
            map.field("periodEnd", content.periodEnd)
            map.field("commitment", commitment)
            map.field("periodStart", ifPresent: content.periodStart)
            map.field("valueStatus", content.valueStatus)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let note: Text? = try map.optional("note")
            try map.type(.milestoneReport)
            let head = try map.contentHead()
            let evidence: [Evidence] = try map.list(
                "evidence",
                maximum: MilestoneContent.maximumEvidenceCount
            )
            let reading = try map.reading(head)
            let isFictional = try map.optionalTrue("fictional")
            let periodEnd: CalendarDay = try map.field("periodEnd")
            let commitment: CommitmentID = try map.field("commitment")
            let periodStart: CalendarDay? = try map.optional("periodStart")
            return MilestoneReport(
                commitment: commitment,
                content: MilestoneContent(
                    periodStart: periodStart,
                    periodEnd: periodEnd,
                    reading: reading,
                    valueStatus: try map.field("valueStatus"),
                    evidence: evidence,
                    note: note,
                    isFinal: head.isFinal,
                    isFictional: isFictional
                )
            )
        }
    }
}

// MARK: - Fields that reports and corrections share

/// What stands before the evidence in the order of the keys: `final`, and `level` or `value` where it is one of them.
struct MilestoneHead {
    let isFinal: Bool
    let level: Int?
    let value: Decimal?
    let offset: Int
}

extension CBORMapEncoder {
    mutating func content(_ content: MilestoneContent) {
        field("final", content.isFinal)
        switch content.reading {
        case .level(let level): field("level") { $0.encode(Int64(level)) }
        case .value(let value): field("value", value)
        case .doneItems: break
        }
    }

    mutating func doneItems(_ content: MilestoneContent) {
        if case .doneItems(let items) = content.reading { field("doneItems", items) }
    }
}

extension CBORMapDecoder {
    mutating func contentHead() throws(CBORError) -> MilestoneHead {
        let isFinal: Bool = try field("final")
        let at = offset
        let level = try optional("level") { (decoder) throws(CBORError) in
            Int(try decoder.decodeUnsigned(maximum: UInt64(Level.maximumID)))
        }
        return MilestoneHead(isFinal: isFinal, level: level, value: try optional("value"), offset: at)
    }

    /// Reads `doneItems` where they are, and checks that the milestone measures exactly one thing.
    mutating func reading(_ head: MilestoneHead) throws(CBORError) -> Reading {
        let items: [ItemID]? = try optionalList("doneItems", maximum: Target.maximumCount)
        switch (head.value, head.level, items) {
        case (let value?, nil, nil): return .value(value)
        case (nil, let level?, nil): return .level(level)
        case (nil, nil, let items?): return .doneItems(items)
        default:
            throw .invalidValue(
                "a milestone has exactly one of value, level and doneItems",
                offset: head.offset
            )
        }
    }
}
