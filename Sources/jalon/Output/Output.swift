import Foundation
import JalonSchema

/// What the program says: lines for people, or JSON.
///
/// Tables are aligned and coloured on a terminal only; elsewhere
/// their cells are separated by tabs, without a heading.
struct Output: Sendable {
    /// Whether `--json` was given.
    var isJSON: Bool
    /// Whether a person looks at the standard output.
    var isTerminal: Bool
    /// Whether a person looks at the standard error.
    var isErrorTerminal: Bool

    init(isJSON: Bool = false) {
        let environment = ProcessInfo.processInfo.environment
        self.isJSON = isJSON
        isTerminal = isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
        isErrorTerminal = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
    }

    /// For people.
    static let standard = Output()

    // MARK: - Lines

    /// Writes a line to the standard output, at once.
    func line(_ text: String = "") {
        Output.write(text + "\n", to: .standardOutput)
    }

    /// Writes a line to the standard error, at once, unless JSON was asked for.
    func note(_ text: String) {
        guard !isJSON else { return }
        Output.write(text + "\n", to: .standardError)
    }

    /// Says that something was done.
    func done(_ text: String) {
        line("\(styled("✔", .green)) \(text)")
    }

    /// Says why something was not done.
    func fail(_ failure: Failure) {
        if isJSON {
            json(FailureReport(failure))
            return
        }
        let mark = isErrorTerminal && Style.isColorWanted ? Style.red.apply("✖") : "✖"
        let sentence = failure.message.hasSuffix(".") ? failure.message : failure.message + "."
        var text = "\(mark) \(failure.code)  \(failure.next == nil ? failure.message : sentence)\n"
        if let next = failure.next { text += "  \(next)\n" }
        Output.write(text, to: .standardError)
    }

    /// Writes a value as JSON, indented, its members sorted.
    func json(_ value: some Encodable) {
        line(Output.encoded(value, pretty: true))
    }

    /// Writes a value as JSON on one line.
    func jsonLine(_ value: some Encodable) {
        line(Output.encoded(value, pretty: false))
    }

    static func encoded(_ value: some Encodable, pretty: Bool) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        guard let data = try? encoder.encode(value) else {
            preconditionFailure("what the program prints has no value that JSON can't hold")
        }
        return String(decoding: data, as: UTF8.self)
    }

    private static func write(_ text: String, to handle: FileHandle) {
        // A reader that went away (`| head`) is no error of ours.
        try? handle.write(contentsOf: Data(text.utf8))
    }

    // MARK: - Style

    /// A text in a style, on a terminal that has colours.
    func styled(_ text: String, _ style: Style) -> String {
        isTerminal && Style.isColorWanted ? style.apply(text) : text
    }

    /// Colours of the terminal's own palette, so that they fit light and dark ones.
    enum Style: String {
        case green = "32"
        case yellow = "33"
        case red = "31"
        case cyan = "36"
        case dim = "2"
        case bold = "1"

        /// Whether the environment says nothing against colours (no-color.org).
        static var isColorWanted: Bool { (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty }

        func apply(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
    }

    // MARK: - Tables

    /// Writes a table.
    func table(_ heading: [String], _ rows: [[String]]) {
        line(Output.table(heading, rows, isTerminal: isTerminal, bold: { styled($0, .bold) }))
    }

    /// A table's text: aligned under its heading on a terminal, else cells separated by tabs.
    static func table(
        _ heading: [String],
        _ rows: [[String]],
        isTerminal: Bool,
        bold: (String) -> String = { $0 }
    ) -> String {
        guard isTerminal else { return rows.map { $0.joined(separator: "\t") }.joined(separator: "\n") }
        var widths = heading.map(Format.width)
        for row in rows {
            for (column, cell) in row.enumerated() where column < widths.count {
                widths[column] = max(widths[column], Format.width(cell))
            }
        }
        func aligned(_ row: [String]) -> String {
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                guard column + 1 < row.count, column < widths.count else { continue }
                line += String(repeating: " ", count: widths[column] - Format.width(cell) + 2)
            }
            return line
        }
        return ([bold(aligned(heading))] + rows.map(aligned)).joined(separator: "\n")
    }
}

/// A failure as `--json` shows it.
private struct FailureReport: Encodable {
    struct Content: Encodable {
        let code: String
        let message: String
        let next: String?
        let exit: Int32
    }

    let error: Content

    init(_ failure: Failure) {
        error = Content(
            code: failure.code,
            message: failure.message,
            next: failure.next,
            exit: failure.status.rawValue
        )
    }
}
