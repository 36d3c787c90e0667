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

    private init() {}

    /// Gives back what a node starts from, the leaves as a state.
    ///
    /// - Parameters:
    ///   - reader: Of the ledger.
    ///   - genesis: Of its network.
    /// - Returns: What storage gave back, without the leaves, and the state that those make; `nil` before the first block.
    /// - Throws: `StorageError`, and `CoreError.state` where the leaves make no state.
    static func restore(
        _ reader: LedgerReader,
        genesis: Genesis
    ) throws -> (restored: RestoredLedger, state: LedgerState?) {
        let reading = StateReading()
        var count = 0
        let restored = try reader.restore(replayReach: genesis.parameters.replayReach) { leaves in
            reading.decode(leaves, number: count)
            count += 1
        }
        guard restored.tip != nil else { return (restored, nil) }
        do throws(StateError) {
            return (restored, try LedgerState(restoring: try reading.decoded()))
        } catch {
            throw CoreError.state(error.description)
        }
    }

    private func decode(_ leaves: [LeafChange], number: Int) {
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

    /// - Throws: The error of the first part that has one.
    private func decoded() throws(StateError) -> [DecodedLeaves] {
        group.wait()
        let parts = parts.withLock { $0 }
        var decoded: [DecodedLeaves] = []
        for number in 0..<parts.count {
            if let part = try parts[number]?.get() { decoded.append(part) }
        }
        return decoded
    }
}
