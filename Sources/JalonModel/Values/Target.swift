public import JalonCodec

/// What a commitment wants to reach.
///
/// In the encoding a map whose `op` names the case.
public enum Target: CBORValue {
    /// `ge`, `gt`, `le` or `lt` a value.
    case bound(Comparison, Decimal)
    /// `approx`: a value, and how far beside it still counts.
    case approx(Decimal, tolerance: Decimal)
    /// `range`: from `min` to `max`, both included.
    case range(min: Decimal, max: Decimal, sense: RangeSense)
    /// `checklist`: so many of the items done. Without items, and 0 required, for what nobody can tick off.
    case checklist([ChecklistItem], required: Int)
    /// `level`: a rubric, and the level to reach.
    case level([Level], required: Int)

    /// The most items of a checklist, and levels of a rubric.
    public static let maximumCount = 64

    /// The operator, as the encoding names it.
    public var op: TargetOperator {
        switch self {
        case .bound(.ge, _): .ge
        case .bound(.gt, _): .gt
        case .bound(.le, _): .le
        case .bound(.lt, _): .lt
        case .approx: .approx
        case .range: .range
        case .checklist: .checklist
        case .level: .level
        }
    }

    /// V, the target as its operator reads: the value; of a range the minimum; of `approx` the value less its tolerance;
    /// of a checklist the items required; of a rubric the level required.
    public var threshold: Decimal {
        switch self {
        case .bound(_, let value): value
        // A value near −10¹⁸ less its tolerance is refused by the rules; without one the value stands.
        case .approx(let value, let tolerance): value.subtracting(tolerance) ?? value
        case .range(let min, _, _): min
        case .checklist(_, let required), .level(_, let required): Decimal(count: UInt32(clamping: required))
        }
    }
}

/// How a value compares with a bound.
public enum Comparison: String, CaseIterable, Sendable {
    case ge, gt, le, lt
}

/// The operators of targets, as the encoding names them.
public enum TargetOperator: String, CodedChoice {
    case ge, gt, le, lt, approx, range, checklist, level
}

/// What the two ends of a range mean.
public enum RangeSense: String, CodedChoice {
    /// Met at `min`; `max` is drawn as ambition.
    case threshold
    /// Stay inside.
    case corridor
}

/// One entry of a checklist.
public struct ChecklistItem: CBORValue {
    public var id: ItemID
    public var name: LocalizedText

    public init(id: ItemID, name: LocalizedText) {
        (self.id, self.name) = (id, name)
    }

    /// The name's languages stand beside the id, as in the plans' own lists.
    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("en", ifPresent: name.en)
            map.field("fr", ifPresent: name.fr)
            map.field("id", id)
            map.field("zh", name.zh)
            map.field("official", ifPresent: name.encodedOfficial)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        let at = decoder.offset
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let en: Text? = try map.optional("en")
            let fr: Text? = try map.optional("fr")
            let id: ItemID = try map.field("id")
            let zh: Text = try map.field("zh")
            let official: Language? = try map.optional("official")
            let name = try LocalizedText(zh: zh, en: en, fr: fr, encodedOfficial: official, offset: at)
            return ChecklistItem(id: id, name: name)
        }
    }
}

/// One level of a rubric.
public struct Level: CBORValue {
    /// The level's number, from 1.
    public var id: Int
    public var name: LocalizedText
    /// When it is due: the dues are the trajectory of such a target.
    public var due: CalendarDay?

    /// The greatest number of a level.
    public static let maximumID = 1_000

    public init(id: Int, name: LocalizedText, due: CalendarDay? = nil) {
        (self.id, self.name, self.due) = (id, name, due)
    }

    /// The name's languages stand beside the id, as in the plans' own lists.
    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("en", ifPresent: name.en)
            map.field("fr", ifPresent: name.fr)
            map.field("id") { $0.encode(Int64(id)) }
            map.field("zh", name.zh)
            map.field("due", ifPresent: due)
            map.field("official", ifPresent: name.encodedOfficial)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        let at = decoder.offset
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let en: Text? = try map.optional("en")
            let fr: Text? = try map.optional("fr")
            let id = Int(try map.field("id", in: 1...UInt64(Level.maximumID)))
            let zh: Text = try map.field("zh")
            let due: CalendarDay? = try map.optional("due")
            let official: Language? = try map.optional("official")
            let name = try LocalizedText(zh: zh, en: en, fr: fr, encodedOfficial: official, offset: at)
            return Level(id: id, name: name, due: due)
        }
    }
}

// MARK: - Encoding

extension Target {
    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("op", op)
            switch self {
            case .bound(_, let value):
                map.field("value", value)
            case .approx(let value, let tolerance):
                map.field("value", value)
                map.field("tolerance", tolerance)
            case .range(let min, let max, let sense):
                map.field("max", max)
                map.field("min", min)
                map.field("sense", sense)
            case .checklist(let items, let required):
                map.field("items", items)
                map.field("required") { $0.encode(Int64(required)) }
            case .level(let levels, let required):
                map.field("levels", levels)
                map.field("required") { $0.encode(Int64(required)) }
            }
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        // `op` is the shortest key, so it stands first and picks what follows.
        self = try decoder.decodeMap { (map) throws(CBORError) in
            switch try map.field("op", TargetOperator.self) {
            case .ge: .bound(.ge, try map.field("value"))
            case .gt: .bound(.gt, try map.field("value"))
            case .le: .bound(.le, try map.field("value"))
            case .lt: .bound(.lt, try map.field("value"))
            case .approx: .approx(try map.field("value"), tolerance: try map.field("tolerance"))
            case .range: try Target(rangeFrom: &map)
            case .checklist:
                .checklist(
                    try map.list("items", maximum: Target.maximumCount),
                    required: Int(try map.field("required", in: 0...UInt64(Target.maximumCount)))
                )
            case .level:
                .level(
                    try map.list("levels", maximum: Target.maximumCount),
                    required: Int(try map.field("required", in: 1...UInt64(Level.maximumID)))
                )
            }
        }
    }

    private init(rangeFrom map: inout CBORMapDecoder) throws(CBORError) {
        let max: Decimal = try map.field("max")
        let min: Decimal = try map.field("min")
        self = .range(min: min, max: max, sense: try map.field("sense"))
    }
}
