/// What a node must not forget, in the units in which it becomes durable.
///
/// The records of one turn become durable together, before anything of that turn is sent (protocol, section
/// 5, "durable before sending"). Indirect: a record is made once and handed on often.
public indirect enum Record: Hashable, Sendable {
    /// A block that is held: proposed, fetched or synced.
    case block(Block)
    /// An own proposal. It *is* the own notarize vote of its view: the two are one record.
    case proposal(Proposal)
    /// An own vote.
    case vote(Vote)
    /// A certificate, of any kind.
    case certificate(Certificate)
    /// A block became final and was applied; the height marker moves in the same storage transaction.
    case final(FinalBlock)
    /// Whether own votes may be lost, or from which view on there are none.
    case rejoin(Rejoin)
    /// Two contradicting votes of a validator.
    case evidence(Equivocation)
}

/// What applying one final block changes.
public struct FinalBlock: Hashable, Sendable {
    public let block: Block
    /// Ids of the block's transactions, in their order.
    public let transactions: [TransactionID]
    /// Changed leaves of the state, in the order of their places in its tree.
    public let changes: [LeafChange]
    /// The encoded frontier of the log after the block.
    public let frontier: [UInt8]

    public init(block: Block, transactions: [TransactionID], changes: [LeafChange], frontier: [UInt8]) {
        self.block = block
        self.transactions = transactions
        self.changes = changes
        self.frontier = frontier
    }
}

/// What a node read back from its storage at start.
public struct RestoredLedger: Sendable {
    /// The last block applied; `nil` where that is the genesis.
    public var tip: BlockHeader?
    /// The encoded frontier of the log after the tip; `nil` at the genesis.
    public var frontier: [UInt8]?
    /// Every leaf of the state after the tip; empty at the genesis.
    public var leaves: [LeafChange]
    /// Ids of the transactions in final blocks since the tip's time − maxLifetime, by block, ascending by
    /// time.
    public var recent: [(timestamp: Timestamp, transactions: [TransactionID])]
    /// Blocks held above the tip, in no order that matters.
    public var blocks: [Block]
    /// Certificates held: the highest finalization, and everything for views from it on.
    public var certificates: [Certificate]
    /// Own votes for views above that finalization's, and the newest one in any case.
    public var votes: [Vote]
    /// Own proposals for views above that finalization's.
    public var proposals: [Proposal]
    /// What was noted of lost votes; `nil` where none ever were.
    public var rejoin: Rejoin?
    /// Contradicting votes of validators, in the order in which they were found.
    public var evidence: [Equivocation]

    public init(
        tip: BlockHeader? = nil,
        frontier: [UInt8]? = nil,
        leaves: [LeafChange] = [],
        recent: [(timestamp: Timestamp, transactions: [TransactionID])] = [],
        blocks: [Block] = [],
        certificates: [Certificate] = [],
        votes: [Vote] = [],
        proposals: [Proposal] = [],
        rejoin: Rejoin? = nil,
        evidence: [Equivocation] = []
    ) {
        self.tip = tip
        self.frontier = frontier
        self.leaves = leaves
        self.recent = recent
        self.blocks = blocks
        self.certificates = certificates
        self.votes = votes
        self.proposals = proposals
        self.rejoin = rejoin
        self.evidence = evidence
    }
}
