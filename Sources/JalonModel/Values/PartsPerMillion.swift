public import JalonCodec

/// A ratio in parts per million, floored toward −∞: 1,000,000 is the whole.
public struct PartsPerMillion: CBORValue, Comparable, CustomStringConvertible {
    public let value: Int64

    public init(_ value: Int64) {
        self.value = value
    }

    public static let zero = PartsPerMillion(0)
    public static let one = PartsPerMillion(1_000_000)

    /// How far `value` has come on the way from `origin` to `goal`: ⌊(value − origin) · 10⁶ / (goal − origin)⌋.
    ///
    /// - Returns: `nil` where `goal` equals `origin`. A ratio beyond ±(2⁶³ − 1) parts stays there.
    public init?(of value: Decimal, from origin: Decimal, to goal: Decimal) {
        let way = goal.millionths - origin.millionths
        guard way != 0 else { return nil }
        // The differences are below 2 · 10²⁴, so the product is below 2 · 10³⁰ and Int128 holds it.
        let ratio = ((value.millionths - origin.millionths) * 1_000_000).flooredQuotient(by: way)
        self.init(Int64(clamping: Swift.min(Swift.max(ratio, Int128(-Int64.max)), Int128(Int64.max))))
    }

    /// This ratio within 0…1,000,000.
    public var clamped: PartsPerMillion { Swift.min(Swift.max(self, .zero), .one) }

    public var description: String { String(value) }

    public static func < (left: PartsPerMillion, right: PartsPerMillion) -> Bool { left.value < right.value }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encode(value)
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        value = try decoder.decodeInteger()
    }
}
