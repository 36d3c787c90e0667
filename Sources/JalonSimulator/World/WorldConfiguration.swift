package import JalonConsensus
package import JalonModel

/// How a world behaves beside what happens to it.
package struct WorldConfiguration: Sendable {
    /// The seed of every chance in it.
    package var seed: UInt64
    /// The validators of the genesis.
    package var validatorCount: Int
    /// Nodes that are no part of the genesis and may join.
    package var joinerCount = 0
    package var scheme: SignatureScheme
    /// What the genesis says in numbers; `nil` for the defaults.
    package var parameters: Parameters?
    /// Pairs of nodes that never have a link.
    package var missingLinks: [Pair]
    /// What every direction of every link is like at first.
    package var quality: LinkQuality
    /// Microseconds that a write takes.
    package var writeLatency: ClosedRange<UInt64>
    /// Writes of a thousand that take up to a second.
    package var slowWritesPerMille: UInt64
    /// Writes of a thousand at which the node dies.
    package var crashesPerWriteMille: UInt64
    /// Writes of a thousand that fail.
    package var failuresPerWriteMille: UInt64 = 0
    /// Microseconds for which a node that died by itself stays down.
    package var downtime: ClosedRange<UInt64>
    /// Writes of a thousand after which a start from the disk is tried out.
    package var trialStartsPerMille: UInt64
    /// The most by which a wall clock is wrong, in milliseconds.
    package var maximumSkew: UInt64
    /// The most by which a monotonic clock is fast or slow, in millionths.
    package var maximumDrift: UInt64
    /// The Byzantine nodes, each with what it does.
    package var traitors: [(node: Int, behaviours: [FaultClass])] = []
    /// Whether traitors that equivocate send both versions to everybody; `nil` for some of them.
    package var traitorsAreShameless: Bool?
    /// Validators with a second process of the same identity.
    package var twins: [Int] = []

    /// Transactions that may wait at one node; `nil` for the node's own bound.
    package var mempoolCount: Int?

    /// The rules that the nodes keep: all of them but in a mutant.
    package var guards = Guards.all

    /// A write at which a node dies, counted over all nodes from 1; `nil` for none.
    package var plannedCrash: PlannedCrash?

    /// Where a node dies at a write.
    package enum CrashPoint: CaseIterable, Hashable, Sendable {
        /// Nothing of the write is durable.
        case beforeWrite
        /// All of it is durable, and nothing after it happened.
        case afterWrite
        /// One message went out, and nothing after it.
        case afterSend
    }

    package struct PlannedCrash: Hashable, Sendable {
        package let write: UInt64
        package let point: CrashPoint

        package init(write: UInt64, point: CrashPoint) {
            (self.write, self.point) = (write, point)
        }
    }

    package struct Pair: Hashable, Sendable {
        package let first: Int
        package let second: Int

        package init(_ first: Int, _ second: Int) {
            (self.first, self.second) = (min(first, second), max(first, second))
        }
    }

    /// A full mesh of good links, and nothing ever breaks.
    package init(seed: UInt64, validatorCount: Int) {
        self.seed = seed
        self.validatorCount = validatorCount
        scheme = .cheap
        missingLinks = []
        quality = .good
        writeLatency = 1_000...3_000
        slowWritesPerMille = 0
        crashesPerWriteMille = 0
        downtime = 100_000...3_000_000
        trialStartsPerMille = 20
        maximumSkew = 100
        maximumDrift = 500
    }
}
