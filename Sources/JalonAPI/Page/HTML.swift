/// A piece of HTML: what the source writes is markup, what is interpolated is text and escaped.
///
/// So nobody can forget to escape: a title holding `<script>` is shown as that. Attribute values stand in double
/// quotes.
struct HTML: ExpressibleByStringInterpolation, Equatable, Sendable {
    let markup: String

    init(stringLiteral value: StaticString) {
        markup = value.description
    }

    init(stringInterpolation: StringInterpolation) {
        markup = stringInterpolation.markup
    }

    private init(markup: String) {
        self.markup = markup
    }

    static let empty: HTML = ""

    /// The pieces one after the other.
    static func join(_ pieces: some Sequence<HTML>, separator: HTML = "") -> HTML {
        HTML(markup: pieces.map(\.markup).joined(separator: separator.markup))
    }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var markup = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            markup.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        mutating func appendLiteral(_ literal: StaticString) {
            markup += literal.description
        }

        mutating func appendInterpolation(_ text: String) {
            for scalar in text.unicodeScalars {
                switch scalar {
                case "&": markup += "&amp;"
                case "<": markup += "&lt;"
                case ">": markup += "&gt;"
                case "\"": markup += "&quot;"
                case "'": markup += "&#39;"
                default: markup.unicodeScalars.append(scalar)
                }
            }
        }

        mutating func appendInterpolation(_ number: some FixedWidthInteger & Sendable) {
            markup += String(number)
        }

        mutating func appendInterpolation(_ html: HTML) {
            markup += html.markup
        }

        /// Inserts a piece where there is one.
        mutating func appendInterpolation(_ html: HTML?) {
            if let html { markup += html.markup }
        }
    }
}
