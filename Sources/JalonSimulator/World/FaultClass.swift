/// The kinds of damage that a run may draw (testing, section 2).
package enum FaultClass: Int, CaseIterable, Hashable, Sendable {
    /// A message is lost.
    case drop
    /// A message takes many times its usual time.
    case delay
    /// A message overtakes another.
    case reorder
    /// A message arrives again.
    case duplicate
    /// A frame changes on its way: the receiver ends the connection, as TLS does.
    case corruptFrame
    /// Nodes are split into groups that hear nothing of each other.
    case partition
    /// Messages pass in one direction only.
    case oneWayPartition
    /// A link holds back all messages and lets them go at once.
    case clog
    /// Two nodes never have a link.
    case cutLink
    /// A connection breaks and is made anew.
    case disconnect
    /// A node dies between two events and starts again.
    case crash
    /// A node dies at a write: before it, after it, or between two sends that follow it.
    case crashAtWrite
    /// A node dies while it starts.
    case crashAtStart
    /// All nodes die at once.
    case crashAll
    /// A node stands still for a while, then goes on.
    case pause
    /// A node takes long for every event.
    case slowProcess
    /// A write takes long.
    case slowDisk
    /// A write fails: the process ends, and all of it or nothing is durable.
    case syncError
    /// A disk fills up, and has room again.
    case fullDisk
    /// A node's wall clock jumps, up to 10 s either way.
    case clockJump
    /// A node's wall clock stands still for a while.
    case clockFreeze
    /// A node's monotonic clock is up to 5 % fast or slow.
    case clockDrift
    /// A node outside the healed core stays dead for ever.
    case deadForEver
    /// A machine goes back to an older image of itself and nobody tells it: it counts as Byzantine from then on.
    case silentRollback
    /// A disk is gone: the operator starts the node from an empty one.
    case lostDisk
    /// The operator puts an older backup of a disk back.
    case oldBackup
    /// A record reads back damaged: the start fails, and the operator starts the node from an empty disk.
    case damagedRecord
    /// Two processes, honest code each, with one identity and a disk each.
    case twins
    /// A Byzantine node signs two different blocks, or votes that contradict each other.
    case equivocate
    /// A Byzantine node keeps its own votes and proposals to itself.
    case withhold
    /// A Byzantine node sends each message to some of its peers only.
    case selective
    /// A Byzantine leader proposes one tick before its voters give up.
    case lateProposal
    /// A Byzantine node sends frames that were cut, lengthened or changed.
    case garbage
    /// A Byzantine node sends old messages again, also under another epoch or chain.
    case replay
    /// A Byzantine leader proposes a block that breaks a rule.
    case badBlock
    /// A Byzantine node proposes where another leads.
    case forgedProposal
    /// A Byzantine node sends certificates that prove nothing.
    case badCertificate
    /// A Byzantine node lies about where it stands, whom it hears and what time it is.
    case lyingTip
    /// A Byzantine node answers requests wrongly, not at all, or unasked.
    case wrongBlocks
    /// A Byzantine node accuses others of what they did not do.
    case evidenceSpam
    /// A Byzantine node votes for views that nobody is in.
    case futureVotes
    /// A Byzantine node lies to one that rejoins: too low, too high without proof, or not at all.
    case lyingStanding
    /// Byzantine nodes, more of them than a network withstands, agree on what they sign to split it.
    case conspire
    /// A member is admitted with a seat.
    case admit
    /// A validator is removed.
    case remove
    /// The validator that leads is removed.
    case removeLeader
    /// A validator changes its key.
    case rotateKey
    /// A member is suspended, or reinstated.
    case suspend
    /// A parameter is changed.
    case setParameter
    /// A member that was admitted never starts its node.
    case deadJoiner
    /// The network goes over to rules that some of its programs do not know: those stop, and are replaced.
    case mixedVersions

    /// The name in a summary.
    package var name: String { String(describing: self) }

    /// Whether nodes keep the rules after a rollback that they are told of.
    ///
    /// Only then may runs lose disks: until the core can rejoin, such a node votes twice.
    package static let canRejoin = true

    /// The classes that only a node that rejoins can live with.
    package static let needsRejoining: [FaultClass] = [.lostDisk, .oldBackup, .damagedRecord]

    /// What a Byzantine node does on purpose.
    package static let behaviours: [FaultClass] = [
        .equivocate, .withhold, .selective, .lateProposal, .garbage, .replay, .badBlock, .forgedProposal,
        .badCertificate, .lyingTip, .wrongBlocks, .evidenceSpam, .futureVotes, .lyingStanding,
    ]

    /// What the members of a network do to it: on in the profile "operations" alone.
    package static let operations: [FaultClass] = [
        .admit, .remove, .removeLeader, .rotateKey, .suspend, .setParameter, .deadJoiner,
        .mixedVersions,
    ]

    /// The classes that make a validator count among the f that may be faulty.
    package static let faulty: [FaultClass] =
        [.silentRollback, .twins, .conspire] + needsRejoining + behaviours
}

/// How often each class of faults fired.
package struct FaultCounts: Hashable, Sendable {
    private var counts = [UInt64](repeating: 0, count: FaultClass.allCases.count)

    package init() {}

    package subscript(fault: FaultClass) -> UInt64 {
        get { counts[fault.rawValue] }
        set { counts[fault.rawValue] = newValue }
    }

    /// Adds the counts of another run.
    package mutating func add(_ other: FaultCounts) {
        for position in counts.indices { counts[position] += other.counts[position] }
    }

    /// Every class with its count, in one order.
    package var all: [(fault: FaultClass, count: UInt64)] {
        FaultClass.allCases.map { ($0, self[$0]) }
    }
}

/// A set of fault classes, in one order.
package struct FaultSet: Hashable, Sendable {
    private var bits: UInt64 = 0

    package init(_ faults: [FaultClass] = []) {
        for fault in faults { insert(fault) }
    }

    /// Every class that nodes can live with today: a conspiracy overruns them.
    package static let everything = FaultSet(
        FaultClass.allCases.filter {
            $0 != .conspire && (FaultClass.canRejoin || !FaultClass.needsRejoining.contains($0))
                && !FaultClass.operations.contains($0)
        }
    )

    package mutating func insert(_ fault: FaultClass) { bits |= 1 << UInt64(fault.rawValue) }

    package mutating func remove(_ fault: FaultClass) { bits &= ~(1 << UInt64(fault.rawValue)) }

    package mutating func formUnion(_ other: FaultSet) { bits |= other.bits }

    package func contains(_ fault: FaultClass) -> Bool { bits & (1 << UInt64(fault.rawValue)) != 0 }

    /// The members, in the order of ``FaultClass``.
    package var all: [FaultClass] { FaultClass.allCases.filter(contains) }
}
