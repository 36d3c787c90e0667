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
    /// A write takes long.
    case slowDisk
    /// A node's wall clock jumps.
    case clockJump
    /// A node outside the healed core stays dead for ever.
    case deadForEver

    /// The name in a summary.
    package var name: String { String(describing: self) }
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

    /// Every class.
    package static let everything = FaultSet(FaultClass.allCases)

    package mutating func insert(_ fault: FaultClass) { bits |= 1 << UInt64(fault.rawValue) }

    package mutating func remove(_ fault: FaultClass) { bits &= ~(1 << UInt64(fault.rawValue)) }

    package mutating func formUnion(_ other: FaultSet) { bits |= other.bits }

    package func contains(_ fault: FaultClass) -> Bool { bits & (1 << UInt64(fault.rawValue)) != 0 }

    /// The members, in the order of ``FaultClass``.
    package var all: [FaultClass] { FaultClass.allCases.filter(contains) }
}
