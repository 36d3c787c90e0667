public import JalonCodec

/// A text for people, compared and measured as UTF-8 bytes.
///
/// `String` compares by canonical equivalence, which follows Unicode tables that change; a rule of the ledger must not.
/// Control and bidi-control scalars are refused, so that no text can hide or turn around what stands beside it.
/// Normalization (NFC) is the command line's and is not judged.
public struct Text: CBORValue, Comparable, CustomStringConvertible {
    /// The text as it was given.
    public let string: String

    /// Takes a text of 1 to `limit` bytes.
    public init(_ string: String, limit: TextLimit = .text) throws(TextError) {
        try Text.check(string)
        guard string.utf8.count <= limit.byteCount else {
            throw .tooLong(byteCount: string.utf8.count, limit: limit.byteCount)
        }
        self.string = string
    }

    /// UTF-8 bytes of the text.
    public var byteCount: Int { string.utf8.count }

    public var description: String { string }

    public static func == (left: Text, right: Text) -> Bool {
        left.string.equalsBytewise(right.string)
    }

    public static func < (left: Text, right: Text) -> Bool {
        left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in string.utf8 { hasher.combine(byte) }
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encode(string)
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        let at = decoder.offset
        let string = try decoder.decodeText(maximum: TextLimit.text.byteCount)
        do { try Text.check(string) } catch { throw .invalidValue(error.description, offset: at) }
        self.string = string
    }

    private static func check(_ string: String) throws(TextError) {
        guard !string.isEmpty else { throw .empty }
        for scalar in string.unicodeScalars where isForbidden(scalar) { throw .forbiddenScalar(scalar) }
    }

    /// C0, DEL and C1 controls, and the scalars of the property Bidi_Control (UAX #9), as ranges: the rule of a block
    /// must not follow a table that changes.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

/// How long a text may be, in UTF-8 bytes.
public enum TextLimit: Hashable, Sendable {
    /// A title or name: 600 bytes.
    case title
    /// A paragraph: 4,000 bytes.
    case text

    public var byteCount: Int {
        switch self {
        case .title: 600
        case .text: 4_000
        }
    }
}

/// Why a text was refused.
public enum TextError: Error, Hashable, Sendable {
    case empty
    case tooLong(byteCount: Int, limit: Int)
    case forbiddenScalar(Unicode.Scalar)
    /// The language that `official` names has no text.
    case officialLanguageMissing(Language)
}

extension TextError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "the text is empty; leave it out or write something"
        case .tooLong(let byteCount, let limit):
            "the text has \(byteCount) bytes, at most \(limit) are allowed"
        case .forbiddenScalar(let scalar):
            "the text holds the control character U+\(String(scalar.value, radix: 16, uppercase: true)); remove it"
        case .officialLanguageMissing(let language):
            "the original's language is \(language), but that text is missing"
        }
    }
}
