public import JalonCodec
import JalonCrypto

/// A value with one encoding in deterministic CBOR, which its decoder alone accepts.
public protocol CBORValue: Hashable, Sendable {
    /// Writes the value as one item.
    func encode(to encoder: inout CBOREncoder)

    /// Reads one item; every rule that a single value can break is checked here.
    init(from decoder: inout CBORDecoder) throws(CBORError)
}

extension CBORValue {
    /// The encoding.
    public var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 128)
        encode(to: &encoder)
        return encoder.bytes
    }

    /// Decodes one value that takes the whole input.
    public static func decode(_ bytes: some Collection<UInt8>) throws(CBORError) -> Self {
        try decode(Array(bytes)[...])
    }

    /// Decodes one value that takes the whole input, which is not copied.
    public static func decode(_ bytes: ArraySlice<UInt8>) throws(CBORError) -> Self {
        try CBORDecoder.decode(bytes) { (decoder) throws(CBORError) in try Self(from: &decoder) }
    }
}

/// A choice of a closed list, written as a text.
public protocol CodedChoice: CBORValue, CaseIterable, RawRepresentable, CustomStringConvertible
where RawValue == String {}

extension CodedChoice {
    public var description: String { rawValue }

    /// The allowed texts, for an error: "up, down or maintain".
    public static var form: String {
        let names = allCases.map(\.rawValue)
        guard let last = names.last, names.count > 1 else { return names.joined() }
        return names.dropLast().joined(separator: ", ") + " or " + last
    }

    /// The choice whose text has exactly these bytes.
    ///
    /// `init(rawValue:)` compares as `String` does, by canonical equivalence, which among ASCII texts is that of the bytes;
    /// and every choice is ASCII.
    init?(exactly text: String) {
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        self.init(rawValue: text)
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encode(rawValue)
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        for choice in Self.allCases where decoder.take(text: choice.rawValue) {
            self = choice
            return
        }
        let at = decoder.offset
        let text = try decoder.decodeText(maximum: 64)
        guard let choice = Self(exactly: text) else {
            throw .invalidValue("'\(text)' is not \(Self.form)", offset: at)
        }
        self = choice
    }
}

// MARK: - Map fields

extension CBORMapEncoder {
    mutating func field(_ key: CBORKey, _ value: some CBORValue) {
        field(key) { value.encode(to: &$0) }
    }

    mutating func field(_ key: CBORKey, _ value: some Identifier) {
        field(key) { $0.encode(value) }
    }

    mutating func field(_ key: CBORKey, _ value: Digest) {
        field(key) { $0.encode(value) }
    }

    mutating func field(_ key: CBORKey, _ value: some TypedDigest) {
        field(key) { $0.encode(value) }
    }

    mutating func field(_ key: CBORKey, _ value: UInt64) {
        field(key) { $0.encode(value) }
    }

    mutating func field(_ key: CBORKey, _ value: Bool) {
        field(key) { $0.encode(value) }
    }

    mutating func field(_ key: CBORKey, _ values: [some CBORValue]) {
        field(key) { $0.encode(array: values) { $1.encode(to: &$0) } }
    }

    mutating func field(_ key: CBORKey, _ values: [some Identifier]) {
        field(key) { $0.encode(array: values) { $0.encode($1) } }
    }

    mutating func field(_ key: CBORKey, ifPresent value: (some CBORValue)?) {
        if let value { field(key, value) }
    }

    mutating func field(_ key: CBORKey, ifPresent value: (some Identifier)?) {
        if let value { field(key, value) }
    }

    mutating func field(_ key: CBORKey, ifPresent value: Digest?) {
        if let value { field(key, value) }
    }

    mutating func field(_ key: CBORKey, ifPresent value: (some TypedDigest)?) {
        if let value { field(key, value) }
    }

    mutating func field(_ key: CBORKey, ifPresent values: [some Identifier]?) {
        if let values { field(key, values) }
    }

    mutating func field(_ key: CBORKey, ifPresent values: [some CBORValue]?) {
        if let values { field(key, values) }
    }

    /// Writes a field that is there only where it is true.
    mutating func field(_ key: CBORKey, ifTrue value: Bool) {
        if value { field(key, true) }
    }

    /// Writes the `type` of a transaction's body.
    mutating func type(_ type: TransactionType) {
        field("type", type)
    }
}

extension CBORMapDecoder {
    mutating func field<Value: CBORValue>(
        _ key: CBORKey,
        _ type: Value.Type = Value.self
    ) throws(CBORError) -> Value {
        try field(key) { (decoder) throws(CBORError) in try Value(from: &decoder) }
    }

    mutating func field<Value: Identifier>(
        _ key: CBORKey,
        _ type: Value.Type = Value.self
    ) throws(CBORError) -> Value {
        try field(key) { (decoder) throws(CBORError) in try decoder.decode(Value.self) }
    }

    mutating func field<Value: TypedDigest>(
        _ key: CBORKey,
        _ type: Value.Type = Value.self
    ) throws(CBORError) -> Value {
        try field(key) { (decoder) throws(CBORError) in try decoder.decode(Value.self) }
    }

    mutating func field(_ key: CBORKey, _ type: Digest.Type = Digest.self) throws(CBORError) -> Digest {
        try field(key) { (decoder) throws(CBORError) in try decoder.decodeDigest() }
    }

    mutating func field(_ key: CBORKey, _ type: Bool.Type = Bool.self) throws(CBORError) -> Bool {
        try field(key) { (decoder) throws(CBORError) in try decoder.decodeBool() }
    }

    mutating func field(_ key: CBORKey, in range: ClosedRange<UInt64>) throws(CBORError) -> UInt64 {
        try field(key) { (decoder) throws(CBORError) in try decoder.decodeUnsigned(in: range) }
    }

    mutating func list<Value: CBORValue>(_ key: CBORKey, maximum: Int) throws(CBORError) -> [Value] {
        try field(key) { (decoder) throws(CBORError) in
            try decoder.decodeArray(maximum: maximum) { (decoder) throws(CBORError) in
                try Value(from: &decoder)
            }
        }
    }

    mutating func list<Value: Identifier>(_ key: CBORKey, maximum: Int) throws(CBORError) -> [Value] {
        try field(key) { (decoder) throws(CBORError) in
            try decoder.decodeArray(maximum: maximum) { (decoder) throws(CBORError) in
                try decoder.decode(Value.self)
            }
        }
    }

    mutating func optionalList<Value: Identifier>(
        _ key: CBORKey,
        maximum: Int
    ) throws(CBORError) -> [Value]? {
        try optional(key) { (decoder) throws(CBORError) in
            try decoder.decodeArray(maximum: maximum) { (decoder) throws(CBORError) in
                try decoder.decode(Value.self)
            }
        }
    }

    mutating func optionalList<Value: CBORValue>(
        _ key: CBORKey,
        maximum: Int
    ) throws(CBORError) -> [Value]? {
        try optional(key) { (decoder) throws(CBORError) in
            try decoder.decodeArray(maximum: maximum) { (decoder) throws(CBORError) in
                try Value(from: &decoder)
            }
        }
    }

    mutating func optional<Value: CBORValue>(
        _ key: CBORKey,
        _ type: Value.Type = Value.self
    ) throws(CBORError) -> Value? {
        try optional(key) { (decoder) throws(CBORError) in try Value(from: &decoder) }
    }

    mutating func optional<Value: Identifier>(
        _ key: CBORKey,
        _ type: Value.Type = Value.self
    ) throws(CBORError) -> Value? {
        try optional(key) { (decoder) throws(CBORError) in try decoder.decode(Value.self) }
    }

    mutating func optional(_ key: CBORKey, _ type: Digest.Type = Digest.self) throws(CBORError) -> Digest? {
        try optional(key) { (decoder) throws(CBORError) in try decoder.decodeDigest() }
    }

    mutating func optional<Value: TypedDigest>(
        _ key: CBORKey,
        _ type: Value.Type = Value.self
    ) throws(CBORError) -> Value? {
        try optional(key) { (decoder) throws(CBORError) in try decoder.decode(Value.self) }
    }

    /// Reads a boolean that is there only where it is true.
    mutating func optionalTrue(_ key: CBORKey) throws(CBORError) -> Bool {
        try optional(key) { (decoder) throws(CBORError) in
            let at = decoder.offset
            guard try decoder.decodeBool() else {
                throw .invalidValue("\(key) may only be true; leave it out instead", offset: at)
            }
            return true
        } ?? false
    }

    /// Reads the `type` of a transaction's body, which the caller has looked up already.
    mutating func type(_ expected: TransactionType) throws(CBORError) {
        try field("type") { (decoder) throws(CBORError) in
            if decoder.take(text: expected.rawValue) { return }
            let at = decoder.offset
            let found = try TransactionType(from: &decoder)
            guard found == expected else {
                throw .invalidValue("the type is \(found), expected \(expected)", offset: at)
            }
        }
    }
}

extension CBORDecoder {
    mutating func decodeUnsigned(in range: ClosedRange<UInt64>) throws(CBORError) -> UInt64 {
        let upper = Int64(clamping: range.upperBound)
        return UInt64(try decodeInteger(in: Int64(clamping: range.lowerBound)...upper))
    }
}
