import JalonCore
import JalonModel
import JalonState

/// An own vote, its signature aside.
struct OwnVote: Hashable, Sendable {
    let ballot: Ballot
    let epoch: Epoch

    init(_ ballot: Ballot, epoch: Epoch) {
        self.ballot = ballot
        self.epoch = epoch
    }
}

/// A view of an epoch.
struct EpochView: Hashable, Comparable, Sendable {
    let epoch: Epoch
    let view: View

    init(_ epoch: Epoch, _ view: View) { (self.epoch, self.view) = (epoch, view) }

    static func < (left: EpochView, right: EpochView) -> Bool {
        left.epoch != right.epoch ? left.epoch < right.epoch : left.view < right.view
    }
}

/// What the oracle holds against one disk, and against the process that runs on it.
struct NodeFacts: Sendable {
    /// The view of the running process; 0 while there is none.
    var view = EpochView(Epoch(0), View(0))
    /// The newest rule set that its program knows.
    var knownRules = LedgerState.ruleSet
    /// The height that the disk says is applied.
    var durableHeight = Height(0)
    /// The height that the running process last called final.
    var calledHeight = Height(0)
    /// Views with a durable certificate of any kind, and with a durable notarization.
    var certified: Set<EpochView> = []
    var notarized: [EpochView: BlockID] = [:]
    /// Durable votes.
    var votes: Set<OwnVote> = []
    /// The last view with a durable vote.
    var lastVoted = EpochView(Epoch(0), View(0))
    /// What the clock showed, where it was right, when a block was found valid.
    var blockWalls: [BlockID: Timestamp] = [:]
    /// Blocks with a durable finalization whose ancestors are not in `covered` yet.
    var finalizations: [BlockID] = []
    /// Blocks above the durable height that a durable finalization makes final.
    var covered: Set<BlockID> = []
}
