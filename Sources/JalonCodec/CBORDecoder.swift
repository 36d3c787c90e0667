/// Reads deterministic CBOR in the strict subset of ``CBOREncoder``, item by item, without recursion into
/// what the caller does not ask for.
///
/// It rejects every other encoding of the same value: long heads, indefinite lengths, unsorted or repeated
/// keys, unknown fields, bad UTF-8 and left-over bytes. Limits stand at the call site, and a count is checked
/// against the limit and against the bytes that remain *before* anything is allocated.
public struct CBORDecoder: Sendable {
    /// Nested arrays, maps and tags that may be open at once.
    public static let maximumDepth = 16

    /// The next byte to read, counted from the start of the input.
    public var offset: Int { position - start }

    private let input: ArraySlice<UInt8>
    private let start: Int
    private var position: Int
    private var depth = 0

    /// Starts at the first byte of `input`, which the decoder shares and does not copy.
    public init(_ input: ArraySlice<UInt8>) {
        self.input = input
        start = input.startIndex
        position = input.startIndex
    }

    /// Starts at the first byte of `input`.
    public init(_ input: [UInt8]) {
        self.init(input[...])
    }

    /// Decodes one item that takes the whole input.
    ///
    /// - Throws: ``CBORError/trailingBytes(offset:byteCount:)`` where bytes are left, and whatever `body`
    ///   throws.
    public static func decode<Value>(
        _ input: ArraySlice<UInt8>,
        _ body: (inout CBORDecoder) throws(CBORError) -> Value
    ) throws(CBORError) -> Value {
        var decoder = CBORDecoder(input)
        let value = try body(&decoder)
        try decoder.finish()
        return value
    }

    /// Whether every byte has been read.
    public var isAtEnd: Bool { position == input.endIndex }

    /// Checks that no byte is left.
    public func finish() throws(CBORError) {
        guard isAtEnd else {
            throw .trailingBytes(offset: offset, byteCount: input.endIndex - position)
        }
    }

    // MARK: - Scalars

    /// Reads an integer within `range`.
    public mutating func decodeInteger(
        in range: ClosedRange<Int64> = (-Int64.max)...Int64.max
    ) throws(CBORError) -> Int64 {
        let at = offset
        let (major, argument) = try head(expected: "an integer")
        guard major == .unsigned || major == .negative else { throw unexpected("an integer", at: at) }
        guard argument <= UInt64(Int64.max) - (major == .negative ? 1 : 0) else {
            throw .integerOutOfRange(offset: at)
        }
        let value = major == .unsigned ? Int64(argument) : -1 - Int64(argument)
        guard range.contains(value) else { throw .integerOutOfRange(offset: at) }
        return value
    }

    /// Reads an integer from 0 to `maximum`, at most 2⁶³ − 1.
    public mutating func decodeUnsigned(
        maximum: UInt64 = UInt64(Int64.max)
    ) throws(CBORError) -> UInt64 {
        let upper = Int64(min(maximum, UInt64(Int64.max)))
        return UInt64(try decodeInteger(in: 0...upper))
    }

    /// Reads a byte string of at most `maximum` bytes, as a slice of the input.
    public mutating func decodeBytes(maximum: Int) throws(CBORError) -> ArraySlice<UInt8> {
        try string(.bytes, expected: "a byte string", maximum: maximum)
    }

    /// Reads a byte string of exactly `count` bytes, as a slice of the input.
    public mutating func decodeBytes(count: Int) throws(CBORError) -> ArraySlice<UInt8> {
        let at = offset
        let slice = try string(.bytes, expected: "a byte string", maximum: count)
        guard slice.count == count else { throw .wrongCount(expected: count, found: slice.count, offset: at) }
        return slice
    }

    /// Reads a text of at most `maximum` UTF-8 bytes.
    public mutating func decodeText(maximum: Int) throws(CBORError) -> String {
        let at = offset
        let slice = try string(.text, expected: "a text", maximum: maximum)
        // ASCII, which nearly every text is, needs no validation; and decoding it is the faster way to a string.
        if slice.isASCII { return String(decoding: slice, as: UTF8.self) }
        guard let text = String(validating: slice, as: UTF8.self) else { throw .invalidUTF8(offset: at) }
        return text
    }

    /// Reads a text of at most `maximum` UTF-8 bytes as its bytes, every rule checked and no string made.
    private mutating func decodeTextBytes(maximum: Int = Int.max) throws(CBORError) -> ArraySlice<UInt8> {
        let at = offset
        let slice = try string(.text, expected: "a text", maximum: maximum)
        guard slice.isASCII || String(validating: slice, as: UTF8.self) != nil else {
            throw .invalidUTF8(offset: at)
        }
        return slice
    }

    /// Moves past the text that stands here where it is exactly this one, without making a string of it.
    ///
    /// - Returns: Whether it is; else nothing moves.
    public mutating func take(text: String) -> Bool {
        take(.text(text))
    }

    /// Reads a boolean.
    public mutating func decodeBool() throws(CBORError) -> Bool {
        let byte = try peekByte()
        guard byte == 0xF4 || byte == 0xF5 else { throw unexpected("a boolean", at: offset) }
        position += 1
        return byte == 0xF5
    }

    /// Reads null.
    public mutating func decodeNull() throws(CBORError) {
        guard try peekByte() == 0xF6 else { throw unexpected("null", at: offset) }
        position += 1
    }

    /// Reads tag 18 (COSE_Sign1).
    public mutating func decodeSign1Tag() throws(CBORError) {
        guard try peekByte() == 0xD2 else { throw unexpected("tag 18 (COSE_Sign1)", at: offset) }
        position += 1
    }

    // MARK: - Containers

    /// Reads an array of at most `maximum` items, each with one call of `body`.
    public mutating func decodeArray<Element>(
        maximum: Int,
        _ body: (inout CBORDecoder) throws(CBORError) -> Element
    ) throws(CBORError) -> [Element] {
        let count = try arrayHead(maximum: maximum)
        try enter()
        var elements: [Element] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try body(&self)) }
        leave()
        return elements
    }

    /// Reads an array of exactly `count` items that `body` reads one after the other.
    public mutating func decodeArray<Value>(
        count: Int,
        _ body: (inout CBORDecoder) throws(CBORError) -> Value
    ) throws(CBORError) -> Value {
        let at = offset
        let found = try arrayHead(maximum: max(count, input.endIndex - position))
        guard found == count else { throw .wrongCount(expected: count, found: found, offset: at) }
        try enter()
        let value = try body(&self)
        leave()
        return value
    }

    /// Reads a map whose fields `body` takes in the bytewise order of their encoded keys.
    ///
    /// A key that `body` does not take, at its place in that order, is an error: so unknown, repeated and
    /// unsorted keys are all refused by the same check, and nothing is looked up.
    public mutating func decodeMap<Value>(
        _ body: (inout CBORMapDecoder) throws(CBORError) -> Value
    ) throws(CBORError) -> Value {
        let count = try mapHead()
        try enter()
        var map = CBORMapDecoder(decoder: self, remaining: count)
        let value = try body(&map)
        self = try map.finished()
        leave()
        return value
    }

    /// Reads a map with any text keys, each pair with one call of `body`, and checks the order of the keys.
    public mutating func decodeEntries<Element>(
        maximum: Int,
        keyMaximum: Int = 64,
        _ body: (String, inout CBORDecoder) throws(CBORError) -> Element
    ) throws(CBORError) -> [Element] {
        let at = offset
        let count = try mapHead()
        guard count <= maximum else { throw .tooLong(count: UInt64(count), limit: maximum, offset: at) }
        try enter()
        var elements: [Element] = []
        elements.reserveCapacity(count)
        var previous: ArraySlice<UInt8>?
        for _ in 0..<count {
            let keyStart = position
            let keyOffset = offset
            let key = try decodeText(maximum: keyMaximum)
            let encoded = input[keyStart..<position]
            if let previous, !previous.lexicographicallyPrecedes(encoded) {
                throw .unexpectedKey("\"\(key)\"", offset: keyOffset)
            }
            previous = encoded
            elements.append(try body(key, &self))
        }
        leave()
        return elements
    }

    /// Reads a value where one of this kind stands here, and gives the bytes of its encoding with it.
    ///
    /// - Returns: `nil` where `body` throws; then nothing moves.
    public mutating func attempt<Value>(
        _ body: (inout CBORDecoder) throws(CBORError) -> Value
    ) -> (value: Value, encoded: ArraySlice<UInt8>)? {
        var copy = self
        guard let value = try? body(&copy) else { return nil }
        let encoded = input[position..<copy.position]
        self = copy
        return (value, encoded)
    }

    /// Reads any one item and gives the bytes of its encoding, every rule of the subset checked.
    public mutating func decodeEncodedItem() throws(CBORError) -> ArraySlice<UInt8> {
        let from = position
        try skip()
        return input[from..<position]
    }

    /// Reads a text at a key of the map that starts here, without moving; `nil` where the key is absent.
    ///
    /// This is how a body's `type`, which does not stand first in the order, picks the decoder for the rest.
    public func peekText(atKey key: String, maximum: Int) throws(CBORError) -> String? {
        var copy = self
        let count = try copy.mapHead()
        try copy.enter()
        for _ in 0..<count {
            if try copy.nextIsText() {
                // As bytes: a Swift String takes characters for equal that the encoding tells apart.
                let found = try copy.decodeTextBytes()
                if found.elementsEqual(key.utf8) { return try copy.decodeText(maximum: maximum) }
            } else {
                try copy.skip()
            }
            try copy.skip()
        }
        return nil
    }

    /// The number of items of the array that starts here, without moving.
    public func peekArrayCount() throws(CBORError) -> Int {
        var copy = self
        return try copy.arrayHead(maximum: Int.max)
    }

    // MARK: - Parts

    func invalidKey(at: Int) -> String {
        var copy = self
        copy.position = start + at
        if let text = try? copy.decodeText(maximum: 128) { return "\"\(text)\"" }
        copy.position = start + at
        if let integer = try? copy.decodeInteger() { return String(integer) }
        return "of another kind"
    }

    /// Moves past the key if it stands here.
    ///
    /// Compared in place for integers with a head of one byte and texts with one of two at most, which nearly all are: a map
    /// asks for each of its keys.
    mutating func take(_ key: CBORKey) -> Bool {
        if case .text(var text) = key, text.utf8.count < 24 {
            return text.withUTF8 { take(head: MajorType.text.rawValue << 5 | UInt8($0.count), $0) }
        }
        if case .text(var text) = key, text.utf8.count <= 0xFF {
            return text.withUTF8 { text in
                guard input.endIndex - position > 1, input[position + 1] == UInt8(text.count) else {
                    return false
                }
                return take(head: MajorType.text.rawValue << 5 | 24, text, after: 2)
            }
        }
        if case .integer(let value) = key, (-24...23).contains(value) {
            let (major, argument) = value < 0 ? (MajorType.negative, -1 - value) : (MajorType.unsigned, value)
            return take(
                head: major.rawValue << 5 | UInt8(argument),
                UnsafeBufferPointer(start: nil, count: 0)
            )
        }
        return key.encoded.withUnsafeBufferPointer { bytes in
            guard let head = bytes.first else { return false }
            return take(head: head, UnsafeBufferPointer(rebasing: bytes.dropFirst()))
        }
    }

    /// Moves past a first byte and what stands `headCount` bytes after it, if they stand here.
    private mutating func take(
        head: UInt8,
        _ rest: UnsafeBufferPointer<UInt8>,
        after headCount: Int = 1
    ) -> Bool {
        guard input.endIndex - position >= headCount + rest.count, input[position] == head else {
            return false
        }
        for index in 0..<rest.count where input[position + headCount + index] != rest[index] { return false }
        position += headCount + rest.count
        return true
    }

    private mutating func skip() throws(CBORError) {
        let at = offset
        let byte = try peekByte()
        switch byte {
        case 0xF4...0xF6:
            position += 1
            return
        case 0xD2:
            position += 1
            try enter()
            try skip()
            leave()
            return
        default: break
        }
        switch MajorType(rawValue: byte >> 5) {
        case .unsigned, .negative: _ = try decodeInteger()
        case .bytes: _ = try decodeBytes(maximum: Int.max)
        case .text: _ = try decodeTextBytes()
        case .array:
            let count = try arrayHead(maximum: Int.max)
            try enter()
            for _ in 0..<count { try skip() }
            leave()
        case .map: try skipMap()
        case .tag, .simple, nil: throw .notDeterministic(offset: at)
        }
    }

    private mutating func skipMap() throws(CBORError) {
        let count = try mapHead()
        try enter()
        var previous: ArraySlice<UInt8>?
        for _ in 0..<count {
            let keyOffset = offset
            let keyStart = position
            if try nextIsText() { _ = try decodeTextBytes() } else { _ = try decodeInteger() }
            let encoded = input[keyStart..<position]
            if let previous, !previous.lexicographicallyPrecedes(encoded) {
                throw .unexpectedKey(invalidKey(at: keyOffset), offset: keyOffset)
            }
            previous = encoded
            try skip()
        }
        leave()
    }

    private func nextIsText() throws(CBORError) -> Bool {
        try peekByte() >> 5 == MajorType.text.rawValue
    }

    private func peekByte() throws(CBORError) -> UInt8 {
        guard position < input.endIndex else { throw .truncated(offset: offset) }
        return input[position]
    }

    private func unexpected(_ expected: String, at: Int) -> CBORError {
        .unexpected(expected: expected, initialByte: input[start + at], offset: at)
    }

    private mutating func enter() throws(CBORError) {
        depth += 1
        guard depth <= CBORDecoder.maximumDepth else { throw .tooDeep(offset: offset) }
    }

    private mutating func leave() {
        depth -= 1
    }

    private mutating func arrayHead(maximum: Int) throws(CBORError) -> Int {
        let at = offset
        let (major, count) = try head(expected: "an array")
        guard major == .array else { throw unexpected("an array", at: at) }
        // Every item takes a byte at least, so a count above what remains can't be true.
        let limit = min(maximum, input.endIndex - position)
        guard count <= UInt64(limit) else { throw .tooLong(count: count, limit: limit, offset: at) }
        return Int(count)
    }

    private mutating func mapHead() throws(CBORError) -> Int {
        let at = offset
        let (major, count) = try head(expected: "a map")
        guard major == .map else { throw unexpected("a map", at: at) }
        let limit = (input.endIndex - position) / 2
        guard count <= UInt64(limit) else { throw .tooLong(count: count, limit: limit, offset: at) }
        return Int(count)
    }

    private mutating func string(
        _ type: MajorType,
        expected: String,
        maximum: Int
    ) throws(CBORError) -> ArraySlice<UInt8> {
        let at = offset
        let (major, count) = try head(expected: expected)
        guard major == type else { throw unexpected(expected, at: at) }
        let remaining = input.endIndex - position
        guard count <= UInt64(maximum) else { throw .tooLong(count: count, limit: maximum, offset: at) }
        guard count <= UInt64(remaining) else { throw .truncated(offset: input.endIndex - start) }
        let slice = input[position..<position + Int(count)]
        position += Int(count)
        return slice
    }

    private mutating func head(expected: String) throws(CBORError) -> (MajorType, UInt64) {
        let at = offset
        let byte = try peekByte()
        guard let major = MajorType(rawValue: byte >> 5), major != .simple, major != .tag else {
            throw .unexpected(expected: expected, initialByte: byte, offset: at)
        }
        let short = byte & 0x1F
        guard short >= 24 else {
            position += 1
            return (major, UInt64(short))
        }
        guard short <= 27 else { throw .notDeterministic(offset: at) }
        let byteCount = 1 << Int(short - 24)
        guard input.endIndex - position > byteCount else { throw .truncated(offset: input.endIndex - start) }
        var value: UInt64 = 0
        for index in 1...byteCount { value = value << 8 | UInt64(input[position + index]) }
        let smallest: UInt64 = short == 24 ? 24 : 1 << (8 * UInt64(byteCount / 2))
        guard value >= smallest else { throw .notDeterministic(offset: at) }
        position += 1 + byteCount
        return (major, value)
    }
}

extension ArraySlice where Element == UInt8 {
    /// Whether no byte has its highest bit set.
    fileprivate var isASCII: Bool {
        withUnsafeBytes { bytes in
            var index = 0
            while bytes.count - index >= 8 {
                let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                guard word & 0x8080_8080_8080_8080 == 0 else { return false }
                index += 8
            }
            while index < bytes.count {
                guard bytes[index] < 0x80 else { return false }
                index += 1
            }
            return true
        }
    }
}
