package import JalonModel
import Synchronization

/// What the network counted since it was made, for metrics; every key is from a closed set.
package struct NetworkCounters: Hashable, Sendable {
    /// Frames and their bytes, heads included.
    package struct Traffic: Hashable, Sendable {
        package var frames: UInt64 = 0
        package var bytes: UInt64 = 0

        package init() {}

        mutating func count(_ byteCount: Int) {
            frames += 1
            bytes += UInt64(byteCount)
        }
    }

    /// Why a frame was not sent or not handed on.
    package enum Drop: String, CaseIterable, Sendable {
        /// Its lane was full, or its connection ended before it was written.
        case unsent
        /// The peer is not connected.
        case notConnected = "not-connected"
        /// The body is longer than its kind allows.
        case tooLong = "too-long"
        /// The peer is not known and the kind is none of those that sync needs.
        case unknownPeer = "unknown-peer"
        /// More requests than the peer's budget allows.
        case overBudget = "over-budget"
    }

    package var received: [FrameKind: Traffic] = [:]
    /// Frames of kinds that this program does not know: passed over.
    package var receivedUnknown = Traffic()
    package var sent: [FrameKind: Traffic] = [:]
    package var dropped: [Drop: [FrameKind: UInt64]] = [:]
    /// Connections that passed the handshake.
    package var connections: UInt64 = 0
    /// Connections accepted by TCP.
    package var accepted: UInt64 = 0
    /// Connections closed as soon as accepted, beyond a limit.
    package var turnedAway: UInt64 = 0
    /// Connections that failed before the handshake was done, by ``DisconnectReason/label``.
    package var handshakeFailures: [String: UInt64] = [:]
    /// Connections that ended after the handshake, by ``DisconnectReason/label``.
    package var disconnections: [String: UInt64] = [:]

    package init() {}

    /// Frames dropped for one reason, of every kind.
    package func dropped(_ reason: Drop) -> UInt64 { (dropped[reason] ?? [:]).values.reduce(0, +) }
}

/// The counters, counted on by event loops and tasks alike.
final class Meter: Sendable {
    private let counters = Mutex(NetworkCounters())

    var value: NetworkCounters { counters.withLock { $0 } }

    func count(_ change: (inout NetworkCounters) -> Void) {
        counters.withLock { change(&$0) }
    }

    func received(_ frame: ReceivedFrame) {
        count { counters in
            switch frame {
            case .known(let known):
                counters.received[known.kind, default: NetworkCounters.Traffic()].count(frame.byteCount)
            case .unknown: counters.receivedUnknown.count(frame.byteCount)
            }
        }
    }

    func sent(_ kind: FrameKind, byteCount: Int) {
        count { $0.sent[kind, default: NetworkCounters.Traffic()].count(byteCount) }
    }

    func dropped(_ kinds: [FrameKind], _ reason: NetworkCounters.Drop) {
        guard !kinds.isEmpty else { return }
        count { counters in
            for kind in kinds { counters.dropped[reason, default: [:]][kind, default: 0] += 1 }
        }
    }
}
