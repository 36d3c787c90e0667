import GRDB
import JalonModel

/// How fast a ledger's file grows, by the times in its blocks.
package struct LedgerGrowth: Hashable, Sendable {
    /// Milliseconds from the first block of the window to the last: a day or a week, or less where the chain is younger.
    package let spanMilliseconds: UInt64
    /// Bytes by which the file grew in that time, estimated.
    package let byteCount: UInt64

    /// Bytes a day; 0 where the window is empty.
    package var bytesPerDay: UInt64 {
        guard spanMilliseconds > 0 else { return 0 }
        let day = Double(LedgerGrowth.day) / Double(spanMilliseconds)
        return UInt64(min(Double(byteCount) * day, 9e18))
    }

    package static let day: UInt64 = 86_400_000
    /// Below this nothing is said: an hour, in milliseconds.
    package static let least: UInt64 = 3_600_000
}

extension LedgerReader {
    /// Blocks that are measured of a range, evenly spread; the others count as these in the mean.
    private static let sampleCount: UInt64 = 2_000

    /// How much the file grew in the last `window` milliseconds of the chain's own time.
    ///
    /// What the blocks of that time hold, times what the file holds for each byte of a block: indexes, certificates and the
    /// state grow with them.
    ///
    /// - Returns: `nil` while the chain is younger than an hour.
    /// - Complexity: At most a few thousand rows are looked up.
    package func growth(in window: UInt64) throws(StorageError) -> LedgerGrowth? {
        let fileByteCount = try mainByteCount()
        return try read { database in
            let last = try database.finalHeight()
            guard last > Height(0) else { return nil }
            let lowest = try database.base()?.firstBlock ?? Height(1)
            let (first, end) = (try database.time(of: lowest), try database.time(of: last))
            let age = end.value > first.value ? end.value - first.value : 0
            guard age >= LedgerGrowth.least else { return nil }
            let span = min(age, window)
            let start = Timestamp(end.value - span)
            let begin = try database.firstHeight(after: start, from: lowest, to: last)
            let all = try database.blockByteCount(lowest...last, sampleCount: LedgerReader.sampleCount)
            let recent = try database.blockByteCount(begin...last, sampleCount: LedgerReader.sampleCount)
            // A file that holds little but its tables says nothing of what a block takes.
            let factor = min(max(Double(fileByteCount) / max(1, all), 1), 4)
            return LedgerGrowth(spanMilliseconds: span, byteCount: UInt64(min(recent * factor, 9e18)))
        }
    }

    private func mainByteCount() throws(StorageError) -> UInt64 {
        do throws(SystemError) {
            return try FileStatus(of: LedgerFile.path(in: folder)).byteCount
        } catch {
            throw .system(error)
        }
    }
}

extension Database {
    fileprivate func time(of height: Height) throws -> Timestamp {
        let row = try first(
            "block",
            "SELECT id, header FROM block WHERE number = (SELECT block FROM chain WHERE height = ?)",
            [height.stored]
        )
        guard let row else {
            throw StorageError.damaged(table: "chain", key: "height \(height)", reason: "missing")
        }
        return try row.header().timestamp
    }

    /// The lowest height whose block is younger than `start`; times ascend with heights.
    fileprivate func firstHeight(after start: Timestamp, from low: Height, to high: Height) throws -> Height {
        var (low, high) = (low.value, high.value)
        while low < high {
            let middle = low + (high - low) / 2
            if try time(of: Height(middle)) > start { high = middle } else { low = middle + 1 }
        }
        return Height(low)
    }

    /// Bytes of headers and bodies, exact where the range has no more blocks than are measured.
    fileprivate func blockByteCount(_ heights: ClosedRange<Height>, sampleCount: UInt64) throws -> Double {
        let (low, count) = (heights.lowerBound.value, heights.upperBound.value - heights.lowerBound.value + 1)
        let samples = min(count, sampleCount)
        var sum: UInt64 = 0
        for sample in 0..<samples {
            let row = try first(
                "block",
                """
                SELECT length(header) + length(body) FROM block
                    WHERE number = (SELECT block FROM chain WHERE height = ?)
                """,
                [Height(low + sample * count / samples).stored]
            )
            sum += try row?.count(0) ?? 0
        }
        return Double(sum) * Double(count) / Double(samples)
    }
}
