import JalonCore
import JalonModel

/// A message under way.
struct Delivery {
    let from: Int
    let to: Int
    /// The connection it travels on: it arrives only while the receiver still has that one.
    let connection: UInt64
    /// Its place among the messages of this direction.
    let number: UInt64
    let isCopy: Bool
    let message: PeerMessage
    let fingerprint: UInt64
}

/// One machine: a disk, clocks and, while it runs, a process with the node's own core.
final class SimulatedNode {
    /// What an injected crash waits for.
    enum Doom: Equatable {
        /// After so many more sends.
        case afterSends(Int)
        /// When the write under way is durable.
        case afterWrite
        /// Before the write under way is durable.
        case beforeWrite
    }

    var disk = SimulatedDisk()
    var clock: SimulatedClock
    /// The process; `nil` while it is down.
    var core: Core?
    /// How often a process started; events for an earlier one are void.
    var life: UInt64 = 0
    /// Whether the running process has handled an event after its start.
    var isStarting = false
    /// Effects that are still to be performed, from `nextEffect` on.
    var effects: [Effect] = []
    var nextEffect = 0
    /// The records of the write under way.
    var writing: [Record]?
    var doom: Doom?
    /// Events that wait until the effects are performed, from `nextEvent` on.
    var inbox: [(event: Event, fingerprint: UInt64)] = []
    var nextEvent = 0
    /// Until when the process stands still.
    var pausedUntil: Moment?
    /// The deadline for which the one timer is set.
    var armed: UInt64?
    /// The connection with each peer as this node sees it; 0 for none.
    var connections: [UInt64]

    init(clock: SimulatedClock, connections: [UInt64]) {
        self.clock = clock
        self.connections = connections
    }

    var isRunning: Bool { core != nil }

    func takeEffect() -> Effect? {
        guard nextEffect < effects.count else {
            effects.removeAll(keepingCapacity: true)
            nextEffect = 0
            return nil
        }
        defer { nextEffect += 1 }
        return effects[nextEffect]
    }

    func takeEvent() -> (event: Event, fingerprint: UInt64)? {
        guard nextEvent < inbox.count else {
            inbox.removeAll(keepingCapacity: true)
            nextEvent = 0
            return nil
        }
        defer { nextEvent += 1 }
        return inbox[nextEvent]
    }

    /// Everything that was only in memory is gone.
    func die() {
        core = nil
        effects = []
        nextEffect = 0
        writing = nil
        doom = nil
        inbox = []
        nextEvent = 0
        pausedUntil = nil
        armed = nil
        for peer in connections.indices { connections[peer] = 0 }
    }
}
