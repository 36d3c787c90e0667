public import JalonCodec

/// A count with a meaning of its own, from 0 to 2⁶³ − 1, so that a height can't be passed for a view.
public protocol Counter: Hashable, Comparable, Sendable, CustomStringConvertible {
    var value: UInt64 { get }

    /// - Precondition: `value` ≤ 2⁶³ − 1; bytes from outside are checked by the decoder.
    init(_ value: UInt64)
}

extension Counter {
    /// The count after this one; it stays at 2⁶³ − 1, which no chain reaches.
    public var next: Self { Self(min(value + 1, UInt64(Int64.max))) }

    /// The count before this one, or `nil` before 0.
    public var previous: Self? { value == 0 ? nil : Self(value - 1) }

    public var description: String { String(value) }

    public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

/// Blocks since the genesis, whose height is 0.
public struct Height: Counter {
    public let value: UInt64
    public init(_ value: UInt64) { self.value = value }
}

/// One attempt to agree on a block, counted in its epoch from 1; 0 is the genesis'.
public struct View: Counter {
    public let value: UInt64
    public init(_ value: UInt64) { self.value = value }
}

/// The span between two changes of the validators, counted from 0.
public struct Epoch: Counter {
    public let value: UInt64
    public init(_ value: UInt64) { self.value = value }
}

/// Milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct Timestamp: Counter {
    public let value: UInt64
    public init(_ value: UInt64) { self.value = value }

    /// This time and `milliseconds` more; it stays at 2⁶³ − 1.
    public func advanced(byMilliseconds milliseconds: UInt64) -> Timestamp {
        let (sum, overflow) = value.addingReportingOverflow(milliseconds)
        return Timestamp(overflow ? UInt64(Int64.max) : min(sum, UInt64(Int64.max)))
    }

    /// This time and `milliseconds` less; it stays at 0.
    public func reduced(byMilliseconds milliseconds: UInt64) -> Timestamp {
        Timestamp(value > milliseconds ? value - milliseconds : 0)
    }
}

extension CBOREncoder {
    /// Writes a counter as an unsigned integer.
    public mutating func encode(_ counter: some Counter) {
        encode(counter.value)
    }
}

extension CBORDecoder {
    /// Reads a counter, an unsigned integer of at most 2⁶³ − 1.
    public mutating func decode<Value: Counter>(_ type: Value.Type = Value.self) throws(CBORError) -> Value {
        Value(try decodeUnsigned())
    }
}
