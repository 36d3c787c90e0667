public import JalonCodec

/// A text of restricted ASCII, so that comparing it can't depend on a version of Unicode.
public protocol Identifier: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The text itself.
    var text: String { get }

    /// - Returns: `nil` where the text does not have the form that ``form`` describes.
    init?(_ text: String)

    /// The form in words, for an error: "1 to 64 of A–Z, a–z, 0–9, '.' and '-'".
    static var form: String { get }

    /// UTF-8 bytes of the longest text.
    static var maximumByteCount: Int { get }
}

extension Identifier {
    public var description: String { text }

    public static func < (left: Self, right: Self) -> Bool {
        left.text.precedesBytewise(right.text)
    }
}

extension String {
    /// Whether the UTF-8 bytes are the other's.
    ///
    /// Not `==`, to which texts that look the same are equal.
    public func equalsBytewise(_ other: String) -> Bool {
        var (left, right) = (self, other)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                left.count == right.count && left.elementsEqual(right)
            }
        }
    }

    /// Whether the UTF-8 bytes stand before the other's in bytewise order.
    ///
    /// Not `<`, whose order follows Unicode; and not `lexicographicallyPrecedes`, which goes character by character.
    public func precedesBytewise(_ other: String) -> Bool {
        // In place where the texts are contiguous, as every native one is: maps ask this at each step down.
        let answer = utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { left.precedesBytewise($0) }
        }
        if case .some(.some(let precedes)) = answer { return precedes }
        return utf8.lexicographicallyPrecedes(other.utf8)
    }
}

extension UnsafeBufferPointer where Element == UInt8 {
    fileprivate func precedesBytewise(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
        let (left, right) = (UnsafeRawBufferPointer(self), UnsafeRawBufferPointer(other))
        let common = Swift.min(count, other.count)
        var index = 0
        // Eight bytes at a time: neighbouring keys mostly begin with the same ones.
        while index + 8 <= common {
            let one = left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let two = right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            if one != two { return UInt64(bigEndian: one) < UInt64(bigEndian: two) }
            index += 8
        }
        while index < common {
            if left[index] != right[index] { return left[index] < right[index] }
            index += 1
        }
        return count < other.count
    }
}

/// The characters of ids: `[A-Za-z0-9.-]{1,64}`.
func isIdentifierText(_ text: String) -> Bool {
    let utf8 = text.utf8
    guard (1...64).contains(utf8.count) else { return false }
    return utf8.withContiguousStorageIfAvailable { $0.allSatisfy(isIdentifierByte) }
        ?? utf8.allSatisfy(isIdentifierByte)
}

private func isIdentifierByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
        true
    default: false
    }
}

/// An id of the form `[A-Za-z0-9.-]{1,64}`.
public protocol PlainIdentifier: Identifier {
    init(checked text: String)
}

extension PlainIdentifier {
    public static var form: String { "1 to 64 of A-Z, a-z, 0-9, '.' and '-'" }
    public static var maximumByteCount: Int { 64 }

    public init?(_ text: String) {
        guard isIdentifierText(text) else { return nil }
        self.init(checked: text)
    }
}

/// An organisation of the network, for example `cn-hn`.
public struct MemberID: PlainIdentifier {
    public let text: String
    public init(checked text: String) { self.text = text }
}

/// The name of a network, for example `cn-plans-2020`: the `sub` of its votes.
public struct NetworkID: PlainIdentifier {
    public let text: String
    public init(checked text: String) { self.text = text }
}

/// A published plan, for example `CN-HN-2020-P1`.
public struct PlanID: PlainIdentifier {
    public let text: String
    public init(checked text: String) { self.text = text }
}

/// A commitment, for example `CN-HN-2020-001`.
public struct CommitmentID: PlainIdentifier {
    public let text: String
    public init(checked text: String) { self.text = text }
}

/// What a transaction is about: its claim `sub`, which equals an id of one of the other kinds.
public struct SubjectID: PlainIdentifier {
    public let text: String
    public init(checked text: String) { self.text = text }
}

extension CBOREncoder {
    /// Writes an identifier as a text.
    public mutating func encode(_ identifier: some Identifier) {
        encode(identifier.text)
    }
}

extension CBORDecoder {
    /// Reads a text of an identifier's form.
    public mutating func decode<Value: Identifier>(_ type: Value.Type = Value.self) throws(CBORError) -> Value
    {
        let at = offset
        let text = try decodeText(maximum: Value.maximumByteCount)
        guard let value = Value(text) else {
            throw .invalidValue("'\(text)' is not \(Value.form)", offset: at)
        }
        return value
    }
}
