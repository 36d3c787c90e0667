import Dispatch
import JalonCore
import JalonModel
import JalonState
import JalonStorage
import Synchronization

/// Decodes a state's leaves on all cores while they are read: a start waits for nothing longer than for this.
final class StateReading: Sendable {
    private let queue = DispatchQueue(label: "jalon.state", attributes: .concurrent)
    private let group = DispatchGroup()
    private let parts = Mutex<[Int: Result<DecodedLeaves, StateError>]>([:])
    private let windowGroup = DispatchGroup()
    private let window = Mutex<ReplayWindow?>(nil)

    private init() {}

    /// Gives back what a node starts from, the leaves as a state.
    ///
    /// - Parameters:
    ///   - reader: Of the ledger.
    ///   - genesis: Of its network.
    /// - Returns: What storage gave back, without the leaves; the state that those make, `nil` before the first block; and the
    ///   replay window, where the genesis' lifetime of transactions still holds.
    /// - Throws: `StorageError`, and `CoreError.state` where the leaves make no state.
    static func restore(
        _ reader: LedgerReader,
        genesis: Genesis
    ) throws -> (restored: RestoredLedger, state: LedgerState?, window: ReplayWindow?) {
        let reading = StateReading()
        var count = 0
        let restored = try reader.restore(replayReach: genesis.parameters.replayReach) { leaves in
            reading.decode(leaves, number: count)
            count += 1
        }
        guard restored.tip != nil else { return (restored, nil, nil) }
        reading.fillWindow(maxLifetime: genesis.parameters.maxLifetimeMilliseconds, with: restored.recent)
        do throws(StateError) {
            let parts = try reading.decoded()
            let state = try LedgerState(restoring: parts, by: ProcessorMapper())
            // Letting go of a million leaves takes a while, which nobody has to wait for.
            DispatchQueue.global(qos: .utility).async { withExtendedLifetime(parts) {} }
            return (restored, state, reading.filledWindow())
        } catch {
            throw CoreError.state(error.description)
        }
    }

    private func decode(_ leaves: LeafBatch, number: Int) {
        queue.async(group: group) { [self] in
            let part: Result<DecodedLeaves, StateError>
            do throws(StateError) {
                part = .success(try DecodedLeaves(leaves))
            } catch {
                part = .failure(error)
            }
            parts.withLock { $0[number] = part }
        }
    }

    private func fillWindow(
        maxLifetime: UInt64,
        with blocks: [(timestamp: Timestamp, transactions: [TransactionID])]
    ) {
        queue.async(group: windowGroup) { [self] in
            let filled = ReplayWindow(maxLifetime: maxLifetime, blocks: blocks)
            window.withLock { $0 = filled }
        }
    }

    private func filledWindow() -> ReplayWindow? {
        windowGroup.wait()
        return window.withLock { $0 }
    }

    /// - Throws: The error of the first part that has one.
    private func decoded() throws(StateError) -> [DecodedLeaves] {
        group.wait()
        let parts = parts.withLock { parts in
            defer { parts = [:] }
            return parts
        }
        var decoded: [DecodedLeaves] = []
        for number in 0..<parts.count {
            if let part = try parts[number]?.get() { decoded.append(part) }
        }
        return decoded
    }
}
