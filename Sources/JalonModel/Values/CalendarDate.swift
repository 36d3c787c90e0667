public import JalonCodec

/// How exactly a document gives a date.
public enum DatePrecision: String, CodedChoice {
    case day, month, quarter, year
}

/// Where a date comes from.
public enum DateBasis: String, CodedChoice {
    /// The source gives it.
    case explicit
    /// It was concluded from the source.
    case inferred
    /// Nothing is known about its origin.
    case none
}

/// A date as a document gives it, only for `published` and `deadline`: "2022" is 2022-12-31, precision year.
public struct CalendarDate: CBORValue {
    /// The day; the last one of its month, quarter or year where the precision is coarser than a day.
    public let date: CalendarDay
    public let precision: DatePrecision
    public let basis: DateBasis

    /// - Returns: `nil` where `date` is not the last day of the span that `precision` names.
    public init?(date: CalendarDay, precision: DatePrecision, basis: DateBasis) {
        let month = date.parts.month
        let closesSpan =
            switch precision {
            case .day: true
            case .month: date.endsMonth
            case .quarter: date.endsMonth && month.isMultiple(of: 3)
            case .year: date.endsMonth && month == 12
            }
        guard closesSpan else { return nil }
        (self.date, self.precision, self.basis) = (date, precision, basis)
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("date", date)
            map.field("basis", basis)
            map.field("precision", precision)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        let at = decoder.offset
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let date: CalendarDay = try map.field("date")
            let basis: DateBasis = try map.field("basis")
            let precision: DatePrecision = try map.field("precision")
            guard let value = CalendarDate(date: date, precision: precision, basis: basis) else {
                throw .invalidValue("\(date) is not the last day of its \(precision)", offset: at)
            }
            return value
        }
    }
}
