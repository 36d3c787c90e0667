import JalonCore
import JalonModel
import JalonState

/// An event on its way to a process, in one place: events are large, and wait in one queue after the other.
final class Posted {
    let event: Event
    /// What the hash over a run takes in of it.
    let fingerprint: UInt64

    init(_ event: Event, fingerprint: UInt64) {
        self.event = event
        self.fingerprint = fingerprint
    }

    /// The message, where it is one that a peer sent.
    var message: PeerMessage? { if case .received(let message, _) = event { message } else { nil } }
}

/// A message under way.
struct Delivery {
    let from: Int
    let to: Int
    /// The connection it travels on: it arrives only while the receiver still has that one.
    let connection: UInt64
    /// Its place among the messages of this direction.
    let number: UInt64
    let isCopy: Bool
    let content: Content

    enum Content {
        /// A message that was received.
        case message(Posted)
        /// A frame whose body does not decode.
        case malformed(FrameKind)
        /// A frame that changed on its way.
        case corrupt
    }
}

/// A process with the node's own core.
///
/// A class, so that nothing ever copies the core; what is asked of it after each event is read once.
final class SimulatedProcess {
    var core: Core
    /// The core's deadline and view, as the last event left them.
    private(set) var deadline: UInt64?
    private(set) var place: EpochView
    var view: View { place.view }

    init(core: consuming Core) {
        self.core = core
        place = EpochView(Epoch(0), View(0))
        read()
    }

    func start(at clock: Clock) -> [Effect] {
        defer { read() }
        return core.start(at: clock)
    }

    func handle(_ event: Event, at clock: Clock) -> [Effect] {
        defer { read() }
        return core.handle(event, at: clock)
    }

    private func read() {
        (deadline, place) = SimulatedProcess.read(&core)
    }

    // In place: reading a property of a property of a class would copy the whole core.
    @inline(never)
    private static func read(_ core: inout Core) -> (UInt64?, EpochView) {
        (core.deadline, EpochView(core.epoch, core.view))
    }

    /// What of the core's memory is above its bound; `nil` where all of it is below.
    func excess() -> String? { SimulatedProcess.excess(&core) }

    @inline(never)
    private static func excess(_ core: inout Core) -> String? { core.excess }
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

    /// The validator that it is: two twins have the same.
    let identity: Int
    var disk = SimulatedDisk()
    var clock: SimulatedClock
    /// The newest rule set that the installed program knows.
    var knownRules = LedgerState.ruleSet
    /// The process; `nil` while it is down.
    var process: SimulatedProcess?
    /// What the running process does beside its core; `nil` for an honest one.
    var mind: ByzantineMind?
    /// How often a process started; events for an earlier one are void.
    var life: UInt64 = 0
    /// Whether the running process has handled an event after its start.
    var isStarting = false
    /// Effects that are still to be performed, from `nextEffect` on.
    var effects: [Effect] = []
    var nextEffect = 0
    /// The records of the write under way.
    var writing: [Record]?
    /// Own votes that are durable, where nothing was done since that anybody could have noticed.
    var unreleased: [OwnVote] = []
    var doom: Doom?
    /// Events that wait until the effects are performed, from `nextEvent` on.
    var inbox: [Posted] = []
    var nextEvent = 0
    /// Until when the process stands still.
    var pausedUntil: Moment?
    /// Microseconds that each event takes at the most; 0 for none.
    var slowness: UInt64 = 0
    /// The deadline for which the one timer is set.
    var armed: UInt64?
    /// How much may still be written, as far as the process was told.
    var diskSpace = DiskSpace.ample
    /// What the wall clock showed at the last event, and whether it was right in all of this life.
    var handledAt = Timestamp(0)
    var isClockRight = true
    /// The connection with each process as this node sees it; 0 for none.
    var connections: [UInt64]
    /// Until when each process is refused.
    var refusals: [Moment]
    /// Bytes sent in the current second.
    var sentByteCount = 0
    var sentSecond: UInt64 = 0
    /// What a backup of the disk would give back.
    var backup: (disk: SimulatedDisk, facts: NodeFacts)?

    init(identity: Int, clock: SimulatedClock, processCount: Int) {
        self.identity = identity
        self.clock = clock
        connections = Array(repeating: 0, count: processCount)
        refusals = Array(repeating: .start, count: processCount)
    }

    var isRunning: Bool { process != nil }

    /// Whether it neither stands still nor waits for a write.
    var mayGoOn: Bool { isRunning && pausedUntil == nil && writing == nil }

    /// Whether an event would be handled at once.
    var isIdle: Bool { mayGoOn && effects.isEmpty && inbox.isEmpty }

    /// Whether a block is on the disk.
    func holds(_ block: BlockID) -> Bool { disk.holds(block) }

    func takeEffect() -> Effect? {
        guard nextEffect < effects.count else {
            effects.removeAll(keepingCapacity: true)
            nextEffect = 0
            return nil
        }
        defer { nextEffect += 1 }
        return effects[nextEffect]
    }

    func takeEvent() -> Posted? {
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
        process = nil
        effects = []
        nextEffect = 0
        writing = nil
        doom = nil
        inbox = []
        nextEvent = 0
        pausedUntil = nil
        armed = nil
        diskSpace = .ample
        for peer in connections.indices {
            connections[peer] = 0
            refusals[peer] = .start
        }
    }
}
