/// A hash over everything that happened in a run, in its order (rule R2).
///
/// It tells runs apart; it withstands nobody.
package struct EventHash: Hashable, Sendable {
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// A number for bytes, taken eight at a time.
    static func fingerprint(of bytes: [UInt8]) -> UInt64 {
        var hash = EventHash()
        bytes.withUnsafeBytes { bytes in
            let whole = bytes.count & ~7
            for offset in stride(from: 0, to: whole, by: 8) {
                hash.combine(
                    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                )
            }
            var rest = UInt64(bytes.count)
            for byte in bytes[whole...] { rest = rest << 8 | UInt64(byte) }
            hash.combine(rest)
        }
        return hash.value
    }

    mutating func combine(_ word: UInt64) {
        // Multiplication carries upwards only; the shift brings high bits back down.
        value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
        value ^= value >> 29
    }
}
