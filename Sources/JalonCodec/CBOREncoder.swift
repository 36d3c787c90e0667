/// Writes deterministic CBOR (RFC 8949 §4.2.1) in the strict subset of Jalon: integers within ±(2⁶³ − 1),
/// byte and text strings, arrays, maps with integer or text keys, booleans, null and tag 18.
///
/// Map fields are written in the bytewise order of their encoded keys; a wrong order or count is a bug of
/// ours and stops the program, so no encoding can leave that its own decoder would refuse.
public struct CBOREncoder: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8]

    /// - Parameter capacity: Bytes to reserve, a hint.
    public init(capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// Forgets what has been written, and keeps the room for it.
    public mutating func restart() {
        bytes.removeAll(keepingCapacity: true)
    }

    /// Writes an integer, any but `Int64.min`, which the subset leaves out.
    public mutating func encode(_ value: Int64) {
        precondition(value != Int64.min, "the codec's integers end at ±(2⁶³ − 1)")
        if value >= 0 {
            head(.unsigned, UInt64(value))
        } else {
            head(.negative, UInt64(-1 - value))
        }
    }

    /// Writes an unsigned integer, at most 2⁶³ − 1.
    public mutating func encode(_ value: UInt64) {
        precondition(value <= UInt64(Int64.max), "the codec's integers end at ±(2⁶³ − 1)")
        head(.unsigned, value)
    }

    /// Writes a byte string.
    public mutating func encode(bytes value: some Collection<UInt8>) {
        head(.bytes, UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// Writes a text string: the UTF-8 bytes as they are, without normalization.
    public mutating func encode(_ value: String) {
        var value = value
        value.withUTF8 { utf8 in
            head(.text, UInt64(utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }

    /// Writes a boolean.
    public mutating func encode(_ value: Bool) {
        bytes.append(value ? 0xF5 : 0xF4)
    }

    /// Writes null: only the detached payload of a COSE structure.
    public mutating func encodeNull() {
        bytes.append(0xF6)
    }

    /// Writes tag 18 (COSE_Sign1, RFC 9052 §2) before the array that follows.
    public mutating func encodeSign1Tag() {
        bytes.append(0xD2)
    }

    /// Writes the head of an array; the caller writes its `count` items.
    public mutating func encodeArrayHead(_ count: Int) {
        head(.array, UInt64(count))
    }

    /// Writes an array with one call of `body` for each element.
    public mutating func encode<Elements: Collection>(
        array elements: Elements,
        _ body: (inout CBOREncoder, Elements.Element) -> Void
    ) {
        encodeArrayHead(elements.count)
        for element in elements { body(&self, element) }
    }

    /// Writes a map whose fields `body` gives in the bytewise order of their encoded keys.
    public mutating func encodeMap(_ body: (inout CBORMapEncoder) -> Void) {
        // A map of fewer than 24 fields has a head of one byte, so reserve that one and widen it in the rare
        // other case: the fields are written in place, and optional ones needn't be counted beforehand.
        let start = bytes.count
        bytes.append(0)
        var map = CBORMapEncoder(encoder: CBOREncoder())
        swap(&map.encoder.bytes, &bytes)
        body(&map)
        swap(&map.encoder.bytes, &bytes)
        let count = map.count
        if count < 24 {
            bytes[start] = 0xA0 | UInt8(count)
        } else {
            var widened = CBOREncoder()
            widened.head(.map, UInt64(count))
            bytes.replaceSubrange(start...start, with: widened.bytes)
        }
    }

    /// Appends an item that is already encoded.
    public mutating func append(encoded item: some Collection<UInt8>) {
        bytes.append(contentsOf: item)
    }

    fileprivate mutating func encode(_ key: CBORKey) {
        switch key {
        case .integer(let value): encode(value)
        case .text(let value): encode(value)
        }
    }

    private mutating func head(_ major: MajorType, _ value: UInt64) {
        let type = major.rawValue << 5
        switch value {
        case 0..<24:
            bytes.append(type | UInt8(value))
        case 24...0xFF:
            bytes.append(type | 24)
            bytes.append(UInt8(value))
        case 0x100...0xFFFF:
            bytes.append(type | 25)
            append(value, byteCount: 2)
        case 0x1_0000...0xFFFF_FFFF:
            bytes.append(type | 26)
            append(value, byteCount: 4)
        default:
            bytes.append(type | 27)
            append(value, byteCount: 8)
        }
    }

    /// Whether bytes that were written stand before others in bytewise order.
    fileprivate func precedes(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        for offset in 0..<min(left.count, right.count) {
            let (one, other) = (bytes[left.lowerBound + offset], bytes[right.lowerBound + offset])
            if one != other { return one < other }
        }
        return left.count < right.count
    }

    private mutating func append(_ value: UInt64, byteCount: Int) {
        for index in (0..<byteCount).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))))
        }
    }
}

/// Writes the fields of one map, in the bytewise order of their encoded keys.
public struct CBORMapEncoder: Sendable {
    fileprivate var encoder: CBOREncoder
    fileprivate private(set) var count = 0
    private var previousKey: Range<Int>?

    fileprivate init(encoder: CBOREncoder) {
        self.encoder = encoder
    }

    /// Writes one field: the key, then what `value` writes.
    public mutating func field(_ key: CBORKey, _ value: (inout CBOREncoder) -> Void) {
        let start = encoder.bytes.count
        encoder.encode(key)
        let current = start..<encoder.bytes.count
        if let previousKey {
            precondition(
                encoder.precedes(previousKey, current),
                "the map key \(key) is not written in the bytewise order of the encodings"
            )
        }
        previousKey = current
        count += 1
        value(&encoder)
    }

    /// Writes a field where there is a value: an absent optional is a missing key, never null.
    public mutating func field<Value>(
        _ key: CBORKey,
        ifPresent value: Value?,
        _ body: (inout CBOREncoder, Value) -> Void
    ) {
        guard let value else { return }
        field(key) { body(&$0, value) }
    }
}

/// The three high bits of an initial byte (RFC 8949 §3.1).
enum MajorType: UInt8 {
    case unsigned = 0
    case negative = 1
    case bytes = 2
    case text = 3
    case array = 4
    case map = 5
    case tag = 6
    case simple = 7
}
