public import JalonCodec

/// What kind of thing an indicator measures.
public enum Measure: String, CodedChoice {
    case count, amount, percent, index, ordinal, checklist, qualitative
}

/// How the values of periods belong together.
public enum Accumulation: String, CodedChoice {
    /// A running total.
    case cumulative
    /// A value per period; they are summed.
    case flow
    /// A point in time; it may fall.
    case stock
}

/// Where a value should go.
public enum Direction: String, CodedChoice {
    case up, down, maintain
}

/// What a commitment measures, and how.
public struct Indicator: CBORValue {
    public var code: IndicatorCode
    public var unit: UnitCode
    /// The most decimals of its values, 0 to 6.
    public var scale: Int
    public var measure: Measure
    public var accumulation: Accumulation
    public var direction: Direction
    /// How it is counted.
    public var method: LocalizedText?

    public init(
        code: IndicatorCode,
        unit: UnitCode,
        scale: Int = 0,
        measure: Measure,
        accumulation: Accumulation,
        direction: Direction,
        method: LocalizedText? = nil
    ) {
        (self.code, self.unit, self.scale) = (code, unit, scale)
        (self.measure, self.accumulation, self.direction) = (measure, accumulation, direction)
        self.method = method
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("code", code)
            map.field("unit", unit)
            map.field("scale") { $0.encode(Int64(scale)) }
            map.field("method", ifPresent: method)
            map.field("measure", measure)
            map.field("direction", direction)
            map.field("accumulation", accumulation)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let code: IndicatorCode = try map.field("code")
            let unit: UnitCode = try map.field("unit")
            let scale = Int(try map.field("scale", in: 0...UInt64(Decimal.maximumScale)))
            let method: LocalizedText? = try map.optional("method")
            let measure: Measure = try map.field("measure")
            let direction: Direction = try map.field("direction")
            return Indicator(
                code: code,
                unit: unit,
                scale: scale,
                measure: measure,
                accumulation: try map.field("accumulation"),
                direction: direction,
                method: method
            )
        }
    }
}
