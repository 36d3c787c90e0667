/// A hash over everything that happened in a run, in its order (rule R2).
///
/// It tells runs apart; it withstands nobody.
package struct EventHash: Hashable, Sendable {
    package private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// FNV-1a over bytes.
    static func fingerprint(of bytes: some Sequence<UInt8>) -> UInt64 {
        var hash = EventHash()
        for byte in bytes { hash.value = (hash.value ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash.value
    }

    mutating func combine(_ word: UInt64) {
        // Multiplication carries upwards only; the shift brings high bits back down.
        value = (value ^ word) &* 0x9E37_79B9_7F4A_7C15
        value ^= value >> 29
    }
}
