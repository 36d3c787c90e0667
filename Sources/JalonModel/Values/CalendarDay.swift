public import JalonCodec

/// A day of the proleptic Gregorian calendar (ISO 8601), from 0001-01-01 to 9999-12-31.
///
/// Its one text form, also its encoding, is `YYYY-MM-DD`.
public struct CalendarDay: CBORValue, Comparable, CustomStringConvertible {
    /// Days since 1970-01-01; negative before it.
    public let daysSince1970: Int

    public static let first = CalendarDay(clamping: -719_162)
    public static let last = CalendarDay(clamping: 2_932_896)
    private static let range = -719_162...2_932_896

    private init(clamping days: Int) {
        daysSince1970 = min(max(days, CalendarDay.range.lowerBound), CalendarDay.range.upperBound)
    }

    /// - Returns: `nil` outside the years 0001 to 9999.
    public init?(daysSince1970: Int) {
        guard CalendarDay.range.contains(daysSince1970) else { return nil }
        self.daysSince1970 = daysSince1970
    }

    /// - Returns: `nil` where the calendar has no such day.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month),
            (1...CalendarDay.dayCount(ofMonth: month, year: year)).contains(day)
        else { return nil }
        // Years begin in March here, so that the leap day is the last of its year.
        let shifted = month > 2 ? year : year - 1
        let era = shifted.flooredQuotient(by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        daysSince1970 = era * 146_097 + dayOfEra - 719_468
    }

    /// - Returns: `nil` where the text is not exactly `YYYY-MM-DD`, or names no day.
    public init?(_ text: String) {
        let utf8 = text.utf8
        guard utf8.count == 10 else { return nil }
        // All eight digits as one number.
        var number = 0
        for (index, byte) in utf8.enumerated() {
            switch index {
            case 4, 7: guard byte == UInt8(ascii: "-") else { return nil }
            default:
                guard byte.isDigit else { return nil }
                number = number * 10 + Int(byte - UInt8(ascii: "0"))
            }
        }
        self.init(year: number / 10_000, month: number / 100 % 100, day: number % 100)
    }

    /// The day of a time, as clocks show it at `utcOffsetMinutes` east of UTC; it stays at 9999-12-31.
    public init(timestamp: Timestamp, utcOffsetMinutes: Int) {
        let minutes = Int(clamping: timestamp.value / 60_000) + utcOffsetMinutes
        self.init(clamping: minutes.flooredQuotient(by: 1_440))
    }

    /// Year, month and day.
    public var parts: (year: Int, month: Int, day: Int) {
        let shifted = daysSince1970 + 719_468
        let era = shifted.flooredQuotient(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    public var description: String {
        let (year, month, day) = parts
        return String(unsafeUninitializedCapacity: 10) { text in
            var number = year * 10_000 + month * 100 + day
            for index in (0..<10).reversed() {
                if index == 4 || index == 7 {
                    text[index] = UInt8(ascii: "-")
                } else {
                    text[index] = UInt8(ascii: "0") + UInt8(number % 10)
                    number /= 10
                }
            }
            return 10
        }
    }

    public static func < (left: CalendarDay, right: CalendarDay) -> Bool {
        left.daysSince1970 < right.daysSince1970
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encode(description)
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        let at = decoder.offset
        let text = try decoder.decodeText(maximum: 10)
        guard let day = CalendarDay(text) else {
            throw .invalidValue("'\(text)' is not a day such as 2021-06-30", offset: at)
        }
        self = day
    }
}

// MARK: - Arithmetic

extension CalendarDay {
    /// The day so many days later, or earlier where negative; it stays within the years 0001 to 9999.
    public func adding(days: Int) -> CalendarDay {
        let (sum, overflow) = daysSince1970.addingReportingOverflow(days)
        return overflow ? (days > 0 ? .last : .first) : CalendarDay(clamping: sum)
    }

    /// The same day of the month so many months later, or earlier where negative, and the month's last day where it
    /// has no such day; it stays within the years 0001 to 9999.
    public func adding(months: Int) -> CalendarDay {
        let (year, month, day) = parts
        let (total, overflow) = months.addingReportingOverflow(year * 12 + month - 1)
        guard !overflow, total <= 9999 * 12 + 11 else { return .last }
        let newYear = total.flooredQuotient(by: 12)
        guard newYear >= 1 else { return .first }
        let newMonth = total - newYear * 12 + 1
        let newDay = min(day, CalendarDay.dayCount(ofMonth: newMonth, year: newYear))
        return CalendarDay(year: newYear, month: newMonth, day: newDay) ?? self
    }

    /// Days from `other` to this day; negative where this one is earlier.
    public func days(since other: CalendarDay) -> Int { daysSince1970 - other.daysSince1970 }

    /// Whether this is the last day of its month.
    public var endsMonth: Bool {
        let (year, month, day) = parts
        return day == CalendarDay.dayCount(ofMonth: month, year: year)
    }

    /// - Precondition: `month` is 1 to 12.
    static func dayCount(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }
}

extension Int {
    /// The quotient floored toward −∞, where `/` truncates toward 0.
    fileprivate func flooredQuotient(by divisor: Int) -> Int {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
