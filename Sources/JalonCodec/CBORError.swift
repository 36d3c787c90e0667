/// Why a byte string is not the one deterministic encoding of the value that was asked for.
public enum CBORError: Error, Equatable, Sendable {
    /// The input ends before the item does. `offset` is where the missing byte should stand.
    case truncated(offset: Int)
    /// Bytes are left after the outermost item.
    case trailingBytes(offset: Int, byteCount: Int)
    /// An item of another kind stands where `expected` was asked for.
    case unexpected(expected: String, initialByte: UInt8, offset: Int)
    /// The value has a shorter encoding, an indefinite length, a reserved length, a float or an unknown tag.
    case notDeterministic(offset: Int)
    /// An integer outside ±(2⁶³ − 1) or outside the range that the caller allows.
    case integerOutOfRange(offset: Int)
    /// A byte string, text or list longer than the caller's limit, or than the bytes that remain.
    case tooLong(count: UInt64, limit: Int, offset: Int)
    /// A byte string, text or list whose length is not the fixed one.
    case wrongCount(expected: Int, found: Int, offset: Int)
    /// More than ``CBORDecoder/maximumDepth`` nested items.
    case tooDeep(offset: Int)
    /// A text that is not valid UTF-8.
    case invalidUTF8(offset: Int)
    /// A required map key is missing: the key that stands at its place, if any, is named.
    case missingKey(String, found: String?, offset: Int)
    /// A key that is unknown here, repeated, or out of the bytewise order of the encodings.
    case unexpectedKey(String, offset: Int)
    /// A well-formed value that the type does not allow, with the reason in words.
    case invalidValue(String, offset: Int)
}

extension CBORError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let offset):
            "the CBOR input ends at byte \(offset), inside an item"
        case .trailingBytes(let offset, let byteCount):
            "\(byteCount) bytes are left over after the item that ends at byte \(offset)"
        case .unexpected(let expected, let initialByte, let offset):
            "expected \(expected) at byte \(offset), found initial byte 0x\(String(initialByte, radix: 16))"
        case .notDeterministic(let offset):
            "the item at byte \(offset) is not in its deterministic form (RFC 8949, 4.2.1)"
        case .integerOutOfRange(let offset):
            "the integer at byte \(offset) is outside the allowed range"
        case .tooLong(let count, let limit, let offset):
            "the item at byte \(offset) announces a length of \(count); at most \(limit) is possible here"
        case .wrongCount(let expected, let found, let offset):
            "the item at byte \(offset) has length \(found); exactly \(expected) is required"
        case .tooDeep(let offset):
            "more than \(CBORDecoder.maximumDepth) nested items at byte \(offset)"
        case .invalidUTF8(let offset):
            "the text at byte \(offset) is not valid UTF-8"
        case .missingKey(let key, let found, let offset):
            if let found {
                "the key \(key) is missing at byte \(offset), where \(found) stands"
            } else {
                "the key \(key) is missing at byte \(offset), where the map ends"
            }
        case .unexpectedKey(let key, let offset):
            "the key \(key) at byte \(offset) is unknown, repeated or out of order"
        case .invalidValue(let reason, let offset):
            "at byte \(offset): \(reason)"
        }
    }
}
