/// A map key: an integer (COSE labels) or an ASCII or UTF-8 text (Jalon's own fields).
public enum CBORKey: Hashable, Sendable {
    case integer(Int64)
    case text(String)
}

extension CBORKey: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, CustomStringConvertible {
    public init(stringLiteral value: String) {
        self = .text(value)
    }

    public init(integerLiteral value: Int64) {
        self = .integer(value)
    }

    public var description: String {
        switch self {
        case .integer(let value): String(value)
        case .text(let value): "\"\(value)\""
        }
    }
}
