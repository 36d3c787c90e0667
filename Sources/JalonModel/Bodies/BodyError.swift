public import JalonCodec

/// Why bytes or values are not a transaction's body, whatever the state of the ledger.
public enum BodyError: Error, Equatable, Sendable {
    /// The bytes are not the one encoding of a body, or a single value breaks its own form.
    case malformed(CBORError)
    /// The `type` names no kind of transaction.
    case unknownType(String)
    /// A rule between fields does not hold. `field` is the path of the offending one, for example `target.max`.
    case invalid(field: String, found: String, expected: String)
}

extension BodyError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let error):
            error.description
        case .unknownType(let type):
            "unknown type of transaction '\(type)': expected \(TransactionType.form)"
        case .invalid(let field, let found, let expected):
            "\(field) is \(found), expected \(expected)"
        }
    }
}

/// A rule of one body: what holds, or how it is broken.
func require(
    _ holds: Bool,
    _ field: String,
    found: @autoclosure () -> String,
    expected: @autoclosure () -> String
) throws(BodyError) {
    guard holds else { throw .invalid(field: field, found: found(), expected: expected()) }
}

extension Text {
    /// Checks the byte count of a text from a field.
    func require(_ limit: TextLimit, _ field: String) throws(BodyError) {
        guard byteCount <= limit.byteCount else {
            throw .invalid(field: field, found: "\(byteCount) bytes", expected: "at most \(limit.byteCount)")
        }
    }
}

extension LocalizedText {
    /// Checks the byte count of each language of a text from a field.
    func require(_ limit: TextLimit, _ field: String) throws(BodyError) {
        for language in Language.allCases {
            try text(in: language)?.require(limit, "\(field).\(language)")
        }
    }
}

/// Checks that a list from a field names nothing twice.
func requireUnique<Element: Comparable>(_ list: [Element], _ field: String) throws(BodyError) {
    let sorted = list.sorted()
    for (left, right) in zip(sorted, sorted.dropFirst()) where left == right {
        throw .invalid(field: field, found: "\(left) twice", expected: "each entry once")
    }
}

extension BodyError {
    /// A rule of the genesis' members that a member who joins breaks.
    init(_ error: GenesisError) {
        switch error {
        case .invalid(let field, let found, let expected):
            self = .invalid(field: field, found: found, expected: expected)
        default: self = .invalid(field: "action.member", found: error.description, expected: "a valid member")
        }
    }
}
