/// Numbers and days as sentences hold them, for the page and for the words that the ledger's reader makes.
package enum WrittenForm {
    /// A day in words, `30 June 2021`; text that is no day as it stands.
    package static func day(_ text: String) -> (zh: String, en: String, fr: String) {
        guard let (year, month, day) = CalendarForm.parts(text) else { return (text, text, text) }
        return (
            "\(year)年\(month)月\(day)日",
            "\(day) \(englishMonths[month - 1]) \(year)",
            "\(day == 1 ? "1er" : String(day)) \(frenchMonths[month - 1]) \(year)"
        )
    }

    /// A decimal text with its digits in groups, `9 500`; in French the decimal mark is a comma.
    package static func number(_ text: String) -> (zh: String, en: String, fr: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let isNegative = parts[0].hasPrefix("-")
        let digits = isNegative ? parts[0].dropFirst() : parts[0]
        var whole = isNegative ? "\u{2212}" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { whole += "\u{202F}" }
            whole.append(digit)
        }
        guard parts.count == 2 else { return (whole, whole, whole) }
        return ("\(whole).\(parts[1])", "\(whole).\(parts[1])", "\(whole),\(parts[1])")
    }

    private static let englishMonths = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]
    private static let frenchMonths = [
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
        "novembre", "décembre",
    ]
}
