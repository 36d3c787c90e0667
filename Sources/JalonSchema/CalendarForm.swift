/// Days by their form.
package enum CalendarForm {
    /// Whether the text is a day of the Gregorian calendar, `2021-06-30`.
    package static func isDay(_ text: String) -> Bool { parts(text) != nil }

    /// Year, month and day; `nil` for text that is no day.
    package static func parts(_ text: String) -> (year: Int, month: Int, day: Int)? {
        let utf8 = Array(text.utf8)
        guard utf8.count == 10, utf8[4] == UInt8(ascii: "-"), utf8[7] == UInt8(ascii: "-"),
            let year = Int(digits: utf8[0..<4]), let month = Int(digits: utf8[5..<7]),
            let day = Int(digits: utf8[8..<10]), year >= 1, (1...12).contains(month), day >= 1,
            day <= dayCount(month: month, year: year)
        else { return nil }
        return (year, month, day)
    }

    private static func dayCount(month: Int, year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int {
    fileprivate init?(digits: ArraySlice<UInt8>) {
        var value = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        self = value
    }
}
