public import JalonCodec

/// A value expected at a day between start and deadline.
public struct TrajectoryPoint: CBORValue {
    public var date: CalendarDay
    public var value: Decimal

    public init(date: CalendarDay, value: Decimal) {
        (self.date, self.value) = (date, value)
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("date", date)
            map.field("value", value)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            TrajectoryPoint(date: try map.field("date"), value: try map.field("value"))
        }
    }
}

/// How the expected value runs from point to point.
public enum Curve: String, CodedChoice {
    /// Straight from each point to the next.
    case linear
    /// Each point's value from its day on.
    case step
    /// Nothing is expected on the way.
    case none
}

/// How often a commitment is reported on.
public enum ReportingInterval: String, CodedChoice {
    case monthly, quarterly, halfYearly, yearly

    /// Calendar months of the interval.
    public var monthCount: Int {
        switch self {
        case .monthly: 1
        case .quarterly: 3
        case .halfYearly: 6
        case .yearly: 12
        }
    }
}

/// When reports are due.
public struct Reporting: CBORValue {
    public var every: ReportingInterval
    /// The day by which the first report is due.
    public var firstDue: CalendarDay
    /// Days after a due date until it counts as overdue.
    public var graceDays: Int

    /// Days of grace, at most.
    public static let maximumGraceDays = 366

    public init(every: ReportingInterval = .yearly, firstDue: CalendarDay, graceDays: Int = 90) {
        (self.every, self.firstDue, self.graceDays) = (every, firstDue, graceDays)
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("every", every)
            map.field("firstDue", firstDue)
            map.field("graceDays") { $0.encode(Int64(graceDays)) }
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            Reporting(
                every: try map.field("every"),
                firstDue: try map.field("firstDue"),
                graceDays: Int(try map.field("graceDays", in: 0...UInt64(Reporting.maximumGraceDays)))
            )
        }
    }
}

/// How well a milestone is vouched for; a higher level includes the lower ones.
public enum VerificationLevel: String, CodedChoice, Comparable {
    /// Declared.
    case declared = "L0"
    /// An evidence digest is given.
    case evidenced = "L1"
    /// Co-signed.
    case cosigned = "L2"
    /// Attested by an auditor.
    case attested = "L3"

    public static func < (left: VerificationLevel, right: VerificationLevel) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }
}

/// What a milestone needs before its value can count as achieved.
public struct Verification: CBORValue {
    public var minimumLevel: VerificationLevel

    public init(minimumLevel: VerificationLevel = .evidenced) {
        self.minimumLevel = minimumLevel
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { $0.field("minimumLevel", minimumLevel) }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            Verification(minimumLevel: try map.field("minimumLevel"))
        }
    }
}
