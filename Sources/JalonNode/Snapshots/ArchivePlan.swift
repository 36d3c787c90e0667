import JalonModel
import JalonState
import JalonStorage

/// Which blocks lose their bodies, and with which state the ledger begins then.
struct ArchivePlan {
    let archive: LedgerArchive
    private let firstHeld: Height

    private static let day: UInt64 = 86_400_000

    /// Finds them.
    ///
    /// The last one has a finalization of its own, and lies outside of the replay window of a later block that has one: with
    /// the state of that the ledger begins, as if a snapshot of it had been joined.
    ///
    /// - Returns: `nil` where there is none to drop.
    init?(_ kept: ArchiveSetup.Kept, _ reader: LedgerReader, _ genesis: Genesis) throws {
        let base = try reader.base()
        firstHeld = base?.firstBlock ?? Height(1)
        let sealed = try reader.sealedHeight(atOrBelow: reader.finalHeight())
        guard sealed >= firstHeld, let tip = try reader.header(at: sealed) else { return nil }
        let window = ReplayWindow(maxLifetime: genesis.parameters.maxLifetimeMilliseconds)
        func header(_ height: Height) throws -> BlockHeader {
            guard let header = try reader.header(at: height) else {
                throw StorageError.damaged(table: "chain", key: "height \(height)", reason: "missing")
            }
            return header
        }
        // Times ascend with heights, so the blocks that may go are the first ones.
        let goes = try ArchivePlan.count(of: firstHeld, upTo: sealed) { height in
            let header = try header(height)
            let isOld =
                switch kept {
                case .days(let days):
                    header.timestamp.value < ArchivePlan.time(days, before: tip.timestamp).value
                case .blocks(let count): count < sealed.value && height.value <= sealed.value - count
                case .from(let first): height < first
                }
            return isOld && !window.covers(header.timestamp, at: tip.timestamp)
        }
        guard goes > 0 else { return nil }
        let last = try reader.sealedHeight(atOrBelow: Height(firstHeld.value + goes - 1))
        guard last >= firstHeld else { return nil }
        let time = try header(last).timestamp
        let inWindow = try ArchivePlan.count(of: last.next, upTo: sealed) { height in
            window.covers(time, at: try header(height).timestamp)
        }
        let start = max(Height(last.value + inWindow + 1), base?.stateHeight ?? Height(0))
        guard let (stateHeight, _) = try reader.finalization(atOrAbove: start) else { return nil }
        archive = LedgerArchive(last: last, stateHeight: stateHeight)
    }

    /// Refuses where the new ledger, and the file, would not fit beside the old one.
    ///
    /// - Throws: `StorageError.noSpace`.
    func checkSpace(_ reader: LedgerReader, _ bodies: ArchiveSetup.Bodies) throws {
        let dropped = try reader.byteCounts(from: firstHeld, to: archive.last)
        let whole = try reader.byteCount()
        // Half of what is left may be indexes that are copied in another order; the rest is what has to stay free to vote.
        let copy = whole - min(whole, dropped.bodies) + dropped.bare
        var needed = copy + copy / 8 + DataFolder.votingByteCount
        if case .file(let path) = bodies {
            needed += try ArchiveFile.neededByteCount(path, reader, dropped.bodies)
        }
        let available = try reader.availableByteCount()
        guard available >= needed else {
            throw StorageError.noSpace(path: reader.folder, needed: needed, available: available)
        }
    }

    /// How many of the first heights of a range hold what holds for none after the first that does not.
    private static func count(
        of first: Height,
        upTo last: Height,
        _ holds: (Height) throws -> Bool
    ) throws -> UInt64 {
        guard first <= last else { return 0 }
        var (low, high) = (first.value, last.value + 1)
        while low < high {
            let middle = low + (high - low) / 2
            if try holds(Height(middle)) { low = middle + 1 } else { high = middle }
        }
        return low - first.value
    }

    private static func time(_ days: UInt64, before tip: Timestamp) -> Timestamp {
        let (length, overflow) = days.multipliedReportingOverflow(by: day)
        return tip.reduced(byMilliseconds: overflow ? .max : length)
    }
}
