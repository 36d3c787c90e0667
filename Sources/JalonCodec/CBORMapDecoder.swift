/// Reads the fields of one map, asked for in the bytewise order of their encoded keys.
public struct CBORMapDecoder: Sendable {
    private var decoder: CBORDecoder
    private var remaining: Int

    init(decoder: CBORDecoder, remaining: Int) {
        self.decoder = decoder
        self.remaining = remaining
    }

    /// The next byte to read, counted from the start of the input.
    public var offset: Int { decoder.offset }

    /// Reads the value of a required field.
    ///
    /// - Throws: ``CBORError/missingKey(_:found:offset:)`` where another key or the map's end stands here.
    public mutating func field<Value>(
        _ key: CBORKey,
        _ body: (inout CBORDecoder) throws(CBORError) -> Value
    ) throws(CBORError) -> Value {
        guard let value = try optional(key, body) else {
            let found = remaining > 0 ? decoder.invalidKey(at: decoder.offset) : nil
            throw .missingKey(key.description, found: found, offset: decoder.offset)
        }
        return value
    }

    /// Reads the value of an optional field; `nil` where its key does not stand here.
    public mutating func optional<Value>(
        _ key: CBORKey,
        _ body: (inout CBORDecoder) throws(CBORError) -> Value
    ) throws(CBORError) -> Value? {
        guard remaining > 0, decoder.take(key) else { return nil }
        remaining -= 1
        return try body(&decoder)
    }

    func finished() throws(CBORError) -> CBORDecoder {
        guard remaining == 0 else {
            throw .unexpectedKey(decoder.invalidKey(at: decoder.offset), offset: decoder.offset)
        }
        return decoder
    }
}

extension CBORKey {
    /// The key as it stands in a map.
    var encoded: [UInt8] {
        var encoder = CBOREncoder()
        switch self {
        case .integer(let value): encoder.encode(value)
        case .text(let value): encoder.encode(value)
        }
        return encoder.bytes
    }
}
