import JalonCore
import JalonCrypto
import JalonModel
import JalonState

/// What readers see of a node: the last final state and where consensus stands, replaced as a whole after each turn.
struct LedgerSnapshot: Sendable {
    var state: LedgerState
    var height: Height
    var block: BlockID
    var timestamp: Timestamp
    /// The view in the block's header.
    var blockView: View
    /// The log after the block.
    var frontier: MerkleFrontier
    var finalView: View
    var view: View
    var context: VotingContext
    var mempoolCount: Int
    var connectedPeers: [KeyID]
    /// Connected validators, this node included where it is one.
    var connectedValidators: Int
    var evidence: [Equivocation]
    /// Sets of validators that wait, and who is ready for them.
    var pendingValidators: [PendingValidators]
    /// Whether own votes may be cast, and what they wait for.
    var voting: VotingState
    /// Whether this node votes.
    var isValidator: Bool
    /// A height that the network has reached as far as peers tell: one that more than f of them claim, so that a single
    /// liar can't make this node look late; of fewer peers the least.
    var bestPeerHeight: Height

    init(_ core: Core) {
        state = core.state
        height = core.tip.height
        block = core.tip.id
        timestamp = core.tip.timestamp
        finalView = core.finalView
        view = core.view
        context = core.context
        mempoolCount = core.mempoolCount
        connectedPeers = core.connectedPeers
        connectedValidators = core.connectedValidators
        evidence = core.evidenceHeld
        pendingValidators = core.pendingValidators
        voting = core.votingState
        isValidator = core.own != nil
        blockView = core.tip.view
        frontier = core.tip.frontier
        let claims = core.connectedPeers.compactMap { core.tip(of: $0)?.finalHeight }.sorted(by: >)
        let index = min(core.context.validators.faultTolerance, claims.count - 1)
        bestPeerHeight = max(height, index >= 0 ? claims[index] : height)
    }
}
