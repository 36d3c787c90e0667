import JalonCodec
import JalonCrypto
import JalonModel

extension CBORMapEncoder {
    mutating func field(_ key: CBORKey, value: some CBORValue) {
        field(key) { value.encode(to: &$0) }
    }

    mutating func field(_ key: CBORKey, values: [some CBORValue]) {
        field(key) { $0.encode(array: values) { $1.encode(to: &$0) } }
    }

    mutating func field(_ key: CBORKey, ifPresent value: (some CBORValue)?) {
        field(key, ifPresent: value) { $1.encode(to: &$0) }
    }

    /// Writes a field that is there only where it is true.
    mutating func field(_ key: CBORKey, ifTrue value: Bool) {
        if value { field(key) { $0.encode(true) } }
    }
}

extension CBORMapDecoder {
    mutating func value<Value: CBORValue>(
        _ key: CBORKey,
        _ type: Value.Type = Value.self
    ) throws(CBORError) -> Value {
        try field(key) { (decoder) throws(CBORError) in try Value(from: &decoder) }
    }

    mutating func optionalValue<Value: CBORValue>(
        _ key: CBORKey,
        _ type: Value.Type = Value.self
    ) throws(CBORError) -> Value? {
        try optional(key) { (decoder) throws(CBORError) in try Value(from: &decoder) }
    }

    mutating func values<Value: CBORValue>(
        _ key: CBORKey,
        _ type: Value.Type = Value.self,
        maximum: Int
    ) throws(CBORError) -> [Value] {
        try field(key) { (decoder) throws(CBORError) in
            try decoder.decodeArray(maximum: maximum) { (decoder) throws(CBORError) in
                try Value(from: &decoder)
            }
        }
    }

    mutating func identifier<Value: Identifier>(
        _ key: CBORKey,
        _ type: Value.Type = Value.self
    ) throws(CBORError) -> Value {
        try field(key) { (decoder) throws(CBORError) in try decoder.decode(Value.self) }
    }

    mutating func counter<Value: Counter>(
        _ key: CBORKey,
        _ type: Value.Type = Value.self
    ) throws(CBORError) -> Value {
        try field(key) { (decoder) throws(CBORError) in try decoder.decode(Value.self) }
    }

    mutating func transaction(_ key: CBORKey) throws(CBORError) -> TransactionID {
        try field(key) { (decoder) throws(CBORError) in try decoder.decode(TransactionID.self) }
    }

    mutating func optionalTransaction(_ key: CBORKey) throws(CBORError) -> TransactionID? {
        try optional(key) { (decoder) throws(CBORError) in try decoder.decode(TransactionID.self) }
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
}
