import FoundationEssentials

/// The wall clock, and moments as text.
enum Clock {
    /// Milliseconds since 1970 UTC.
    static func now() -> UInt64 {
        UInt64(max(0, Date.now.timeIntervalSince1970 * 1_000))
    }

    /// `2021-07-01T10:42:07Z`.
    static func text(of milliseconds: UInt64) -> String {
        // The year 9999 is where the text form ends.
        let seconds = min(milliseconds / 1_000, 253_402_300_799)
        return Date(timeIntervalSince1970: Double(seconds)).ISO8601Format()
    }
}
