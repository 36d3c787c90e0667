public import JalonCodec

/// A decimal number in fixed point: a count of millionths, below 10¹⁸ in magnitude.
///
/// Its one text form is `-?(0|[1-9]\d{0,17})(\.\d{1,6})?` without `-0` and without trailing zeros; that text is also
/// its encoding. There is no floating point anywhere.
public struct Decimal: CBORValue, Comparable, CustomStringConvertible {
    /// The most decimals that a number can have.
    public static let maximumScale = 6
    /// UTF-8 bytes of the longest text form.
    public static let maximumByteCount = 26

    public static let zero = Decimal(unchecked: 0)

    private static let unit: Int128 = 1_000_000
    private static let bound: Int128 = unit * 1_000_000_000_000_000_000

    /// The number times 10⁶.
    public var millionths: Int128 { Int128(high) << 64 | Int128(low) }

    // In two halves: an Int128 aligns all that it stands in to 16 bytes, for which the allocator takes more time and room.
    private let high: Int64
    private let low: UInt64

    private init(unchecked millionths: Int128) {
        (high, low) = (Int64(millionths >> 64), UInt64(truncatingIfNeeded: millionths))
    }

    /// - Returns: `nil` where the number would not be below 10¹⁸ in magnitude.
    public init?(millionths: Int128) {
        guard -Decimal.bound < millionths, millionths < Decimal.bound else { return nil }
        self.init(unchecked: millionths)
    }

    /// A whole number, which always fits but for its last digit: `nil` from 10¹⁸ in magnitude.
    public init?(_ whole: Int64) {
        self.init(millionths: Int128(whole) * Decimal.unit)
    }

    /// A count, far below 10¹⁸.
    public init(count: UInt32) {
        self.init(unchecked: Int128(count) * Decimal.unit)
    }

    /// - Returns: `nil` where the text is not exactly of the form above.
    public init?(_ text: String) {
        var rest = text[...].utf8
        guard rest.count <= Decimal.maximumByteCount else { return nil }
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest = rest.dropFirst() }
        let whole = rest.prefix(while: \.isDigit)
        rest = rest.dropFirst(whole.count)
        guard (1...18).contains(whole.count), whole.count == 1 || whole.first != UInt8(ascii: "0") else {
            return nil
        }
        // Eighteen digits fit into 64 bits, in which counting is several times as fast.
        var count: UInt64 = 0
        for digit in whole { count = count * 10 + UInt64(digit - UInt8(ascii: "0")) }
        var millionths = Int128(count) * Decimal.unit
        if !rest.isEmpty {
            let fraction = rest.dropFirst()
            guard rest.first == UInt8(ascii: "."), (1...Decimal.maximumScale).contains(fraction.count),
                fraction.allSatisfy(\.isDigit), fraction.last != UInt8(ascii: "0")
            else { return nil }
            var (part, weight): (UInt64, UInt64) = (0, 1_000_000)
            for digit in fraction {
                weight /= 10
                part += UInt64(digit - UInt8(ascii: "0")) * weight
            }
            millionths += Int128(part)
        }
        guard !(isNegative && millionths == 0) else { return nil }
        self.init(unchecked: isNegative ? -millionths : millionths)
    }

    /// The text form.
    public var description: String {
        let (quotient, remainder) = millionths.magnitude.quotientAndRemainder(
            dividingBy: Decimal.unit.magnitude
        )
        // Below 10¹⁸ and 10⁶.
        var (whole, fraction) = (String(UInt64(quotient)), UInt64(remainder))
        if millionths < 0 { whole = "-" + whole }
        guard fraction > 0 else { return whole }
        var width = Decimal.maximumScale
        while fraction.isMultiple(of: 10) {
            fraction /= 10
            width -= 1
        }
        let digits = String(fraction)
        let zeros = String(repeating: "0", count: width - digits.utf8.count)
        return whole + "." + zeros + digits
    }

    /// The number of decimals in the text form, 0 to 6.
    public var scale: Int {
        var (scale, rest) = (Decimal.maximumScale, UInt64(millionths.magnitude % Decimal.unit.magnitude))
        while scale > 0, rest.isMultiple(of: 10) {
            rest /= 10
            scale -= 1
        }
        return scale
    }

    public static func < (left: Decimal, right: Decimal) -> Bool { left.millionths < right.millionths }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encode(description)
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        let at = decoder.offset
        let text = try decoder.decodeText(maximum: Decimal.maximumByteCount)
        guard let value = Decimal(text) else {
            throw .invalidValue("'\(text)' is not a decimal number such as 9500 or -0.25", offset: at)
        }
        self = value
    }
}

// MARK: - Arithmetic

extension Decimal {
    /// - Returns: `nil` where the sum would not be below 10¹⁸ in magnitude.
    public func adding(_ other: Decimal) -> Decimal? {
        Decimal(millionths: millionths + other.millionths)
    }

    /// - Returns: `nil` where the difference would not be below 10¹⁸ in magnitude.
    public func subtracting(_ other: Decimal) -> Decimal? {
        Decimal(millionths: millionths - other.millionths)
    }

    /// The greatest number of at most `scale` decimals that is not above this one: floored toward −∞.
    ///
    /// - Parameter scale: 0 to 6; what is outside counts as the nearer end.
    /// - Returns: `nil` where the floor would be −10¹⁸.
    public func floored(toScale scale: Int) -> Decimal? {
        var step: Int128 = 1
        for _ in 0..<(Decimal.maximumScale - min(max(scale, 0), Decimal.maximumScale)) { step *= 10 }
        return Decimal(millionths: millionths.flooredQuotient(by: step) * step)
    }

    /// The point at `elapsed` of `total` on the straight line from this number to `goal`, floored to a millionth.
    ///
    /// It never leaves the span of the two numbers: `elapsed` is clamped to 0…`total`.
    ///
    /// - Precondition: `total` > 0.
    public func interpolated(to goal: Decimal, elapsed: Int, total: Int) -> Decimal {
        precondition(total > 0, "a line has a length")
        // (2 · 10²⁴) · 2³² stays far below 2¹²⁷; a span of days is below 2³².
        let part = Int128(min(max(elapsed, 0), total))
        let moved = ((goal.millionths - millionths) * part).flooredQuotient(by: Int128(total))
        return Decimal(unchecked: millionths + moved)
    }
}

extension Int128 {
    /// The quotient floored toward −∞, where `/` truncates toward 0.
    func flooredQuotient(by divisor: Int128) -> Int128 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder != 0 && (remainder < 0) != (divisor < 0) ? quotient - 1 : quotient
    }
}
