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
    /// What connected peers told of themselves, in the order of their ids.
    var tips: [PeerTip]
    /// Connected validators, this node included where it is one.
    var connectedValidators: Int
    var evidence: [Equivocation]
    /// Sets of validators that wait, and who is ready for them.
    var pendingValidators: [PendingValidators]
    /// Whether own votes may be cast, and what they wait for.
    var voting: VotingState
    /// Whether its disk has room for votes and blocks.
    var diskSpace: DiskSpace
    /// Whether this node votes.
    var isValidator: Bool
    /// A height that the network has reached as far as peers tell: one that more than f of them claim, so that a single
    /// liar can't make this node look late; of fewer peers the least.
    var bestPeerHeight: Height
    /// Who proposes in the current view, and who in the next one.
    var leader: MemberID?
    var nextLeader: MemberID?

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
        diskSpace = core.diskSpace
        isValidator = core.own != nil
        blockView = core.tip.view
        frontier = core.tip.frontier
        tips = core.connectedPeers.compactMap { peer in
            core.tip(of: peer).map { PeerTip(peer: peer, tip: $0.tip, heardAt: $0.at) }
        }
        leader = context.validators[core.leader(of: view)]?.member
        nextLeader = context.validators[core.leader(of: view.next)]?.member
        let claims = tips.map(\.tip.finalHeight).sorted(by: >)
        let index = min(core.context.validators.faultTolerance, claims.count - 1)
        bestPeerHeight = max(height, index >= 0 ? claims[index] : height)
    }
}

/// What a peer told of itself, and when.
struct PeerTip: Sendable {
    let peer: KeyID
    let tip: Tip
    /// Monotonic milliseconds.
    let heardAt: UInt64
}
