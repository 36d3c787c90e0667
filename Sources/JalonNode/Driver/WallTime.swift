import FoundationEssentials
import JalonModel

/// The machine's wall clock: the one place that reads it.
enum WallTime {
    static func now() -> Timestamp {
        Timestamp(UInt64(max(0, Date().timeIntervalSince1970 * 1_000)))
    }
}
