import JalonSchema
import JalonStorage
import Synchronization

/// What a node's disk holds and how long it will do, measured now and then by the driver, and read by the API.
final class StorageMeter: Sendable {
    /// The growth is looked up anew after so many measurements of the rest.
    private static let growthInterval = 60

    private struct State {
        var use: API.StorageUse?
        var growth: (day: LedgerGrowth, week: LedgerGrowth)?
        var measurements = 0
    }

    private let state = Mutex(State())

    /// The last measurement; `nil` before the first.
    var use: API.StorageUse? { state.withLock { $0.use } }

    /// Measures, where `free` bytes may still be written; what can't be read now stays as it was.
    func measure(_ reader: LedgerReader, free: UInt64) {
        let isDue = state.withLock { state in
            defer { state.measurements += 1 }
            return state.measurements % StorageMeter.growthInterval == 0
        }
        if isDue, let day = try? reader.growth(in: LedgerGrowth.day),
            let week = try? reader.growth(in: 7 * LedgerGrowth.day)
        {
            state.withLock { $0.growth = (day, week) }
        }
        guard let byteCount = try? reader.byteCount() else { return }
        state.withLock { state in
            state.use = API.StorageUse(
                ledgerBytes: byteCount,
                freeBytes: free,
                growth: state.growth.map { StorageMeter.growth($0.day, $0.week, free: free) }
            )
        }
    }

    /// Takes the faster of the last day and the last week, for a disk that is full too early is worse.
    static func growth(_ day: LedgerGrowth, _ week: LedgerGrowth, free: UInt64) -> API.StorageGrowth {
        let rate = max(day.bytesPerDay, week.bytesPerDay)
        let room = free > DataFolder.votingByteCount ? free - DataFolder.votingByteCount : 0
        return API.StorageGrowth(
            bytesPerDay: rate,
            lastDayBytesPerDay: day.bytesPerDay,
            lastWeekBytesPerDay: week.bytesPerDay,
            measuredHours: week.spanMilliseconds / LedgerGrowth.least,
            daysUntilFull: rate > 0 ? room / rate : nil
        )
    }
}
