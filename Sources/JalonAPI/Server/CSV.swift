/// Comma-separated values (RFC 4180): UTF-8, lines end with CR LF, what needs it stands in double quotes.
enum CSV {
    /// U+FEFF in UTF-8, by which spreadsheet programs know the encoding.
    static let byteOrderMark = "\u{FEFF}"

    /// A cell's content.
    enum Cell: Equatable {
        /// Anybody's words: never a formula.
        case text(String)
        /// A number or a day as the ledger holds it, which is no formula, though it may begin with a sign.
        case value(String)
        case empty

        static func text(_ text: String?) -> Cell { text.map { .text($0) } ?? .empty }
        static func value(_ value: String?) -> Cell { value.map { .value($0) } ?? .empty }
        static func number(_ number: (some FixedWidthInteger)?) -> Cell {
            number.map { .value(String($0)) } ?? .empty
        }
        static func flag(_ flag: Bool) -> Cell { .value(flag ? "true" : "false") }
        /// Several words in one cell; none of them holds a blank.
        static func list(_ items: [String]) -> Cell {
            items.isEmpty ? .empty : .text(items.joined(separator: " "))
        }
    }

    /// A line with its end.
    static func line(_ cells: [Cell]) -> String {
        cells.map(written).joined(separator: ",") + "\r\n"
    }

    private static func written(_ cell: Cell) -> String {
        switch cell {
        case .empty: ""
        case .value(let value): quoted(value)
        case .text(let text): quoted(isFormula(text) ? "'" + text : text)
        }
    }

    /// Whether a spreadsheet program could take the text for a formula and run it: by its first character, of which
    /// some programs know the full-width forms too.
    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first else { return false }
        switch first {
        case "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠": return true
        default: return false
        }
    }

    private static func quoted(_ text: String) -> String {
        let mustQuote = text.unicodeScalars.contains { $0 == "\"" || $0 == "," || $0 == "\r" || $0 == "\n" }
        guard mustQuote else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
