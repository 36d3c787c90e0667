package import JalonModel
package import JalonState

/// A block of the chain and what follows from it: what a child is executed and validated against.
///
/// A class that never changes: a state has many parts, and a point is asked for after every event.
package final class ChainPoint: Sendable {
    package let id: BlockID
    package let height: Height
    /// The view in the header.
    package let view: View
    package let timestamp: Timestamp
    /// What came of the block.
    let applied: AppliedBlock
    /// The state after the block: that of `applied`, here too, since one look through two classes would copy all of it.
    package let state: LedgerState
    /// The log after the block.
    package let frontier: MerkleFrontier

    /// The start of a chain.
    init(genesis: Genesis, applied: AppliedBlock) {
        id = genesis.blockID
        height = Height(0)
        view = View(0)
        timestamp = genesis.time
        self.applied = applied
        state = applied.state
        frontier = MerkleFrontier()
    }

    init(header: BlockHeader, id: BlockID, applied: AppliedBlock, frontier: MerkleFrontier) {
        self.id = id
        height = header.height
        view = header.view
        timestamp = header.timestamp
        self.applied = applied
        state = applied.state
        self.frontier = frontier
    }
}

/// A block that was executed on its parent and found valid; a class that never changes, as its point is.
final class ExecutedBlock: Sendable {
    let block: Block
    let transactions: [Verified<Transaction>]
    let ids: Set<TransactionID>
    let point: ChainPoint

    init(
        block: Block,
        transactions: [Verified<Transaction>],
        ids: Set<TransactionID>,
        point: ChainPoint
    ) {
        self.block = block
        self.transactions = transactions
        self.ids = ids
        self.point = point
    }
}

/// The blocks above the last applied one.
struct BlockTree: Sendable {
    /// The last applied final block.
    var tip: ChainPoint
    private(set) var held: [BlockID: HeldBlock] = [:]
    private var children: [BlockID: [BlockID]] = [:]

    struct HeldBlock: Sendable {
        let block: Block
        /// The hashes of its transactions' full bytes, in their order.
        let leaves: [LeafHash]
        var stage: Stage
        /// Whether the block is on durable media, or will be with the records of this turn.
        var isDurable: Bool
        let origin: Origin

        var isBeingVerified: Bool {
            if case .verifying = stage { true } else { false }
        }
    }

    /// Where the body of a held block is from.
    enum Origin: Hashable, Sendable {
        /// The own disk, or the own proposal.
        case own
        /// Put together here of the transactions that a proposal names.
        case proposal
        /// A peer's answer.
        case peer(PeerID?)
    }

    /// How far a held block has come.
    enum Stage: Sendable {
        /// Its transactions' signatures wait for the parent, whose state names the keys.
        case received
        case verifying
        case verified([Verified<Transaction>])
        case executed(ExecutedBlock)
        case invalid(String)
    }

    init(tip: ChainPoint) {
        self.tip = tip
    }

    subscript(id: BlockID) -> HeldBlock? { held[id] }

    /// The executed block with this id.
    func executed(_ id: BlockID) -> ExecutedBlock? {
        guard case .executed(let executed) = held[id]?.stage else { return nil }
        return executed
    }

    /// The tip or an executed block above it.
    func point(_ id: BlockID) -> ChainPoint? {
        id == tip.id ? tip : executed(id)?.point
    }

    /// Holds a block; one that is held already stays as it is.
    ///
    /// `leaves` are the hashes of its transactions where they are known; else they are worked out.
    mutating func insert(_ block: Block, leaves: [LeafHash]? = nil, isDurable: Bool, origin: Origin) {
        guard block.header.height > tip.height, held[block.id] == nil else { return }
        held[block.id] = HeldBlock(
            block: block,
            leaves: leaves ?? block.transactions.map { LeafHash(of: $0) },
            stage: .received,
            isDurable: isDurable,
            origin: origin
        )
        children[block.header.parent, default: []].append(block.id)
    }

    /// Lets go of a copy that nobody has looked into yet, unless its transactions are these.
    mutating func dropUnchecked(_ id: BlockID, unlessOf leaves: [LeafHash]) {
        guard let copy = held[id], case .received = copy.stage, copy.leaves != leaves else { return }
        drop(id)
    }

    mutating func setStage(_ stage: Stage, of id: BlockID) {
        held[id]?.stage = stage
    }

    mutating func markDurable(_ id: BlockID) {
        held[id]?.isDurable = true
    }

    /// Whether the signatures of any held block's transactions are being checked.
    var isVerifying: Bool { held.values.contains { $0.isBeingVerified } }

    /// The transactions of held blocks whose signatures are being checked.
    var leavesBeingVerified: Set<LeafHash> {
        Set(held.values.filter(\.isBeingVerified).flatMap(\.leaves))
    }

    /// Held children, in the order in which they came.
    func children(of id: BlockID) -> [BlockID] { children[id] ?? [] }

    /// Whether the branch of a held block ends beside the tip: then it leads nowhere.
    func leadsElsewhere(_ id: BlockID) -> Bool {
        var next = id
        while next != tip.id, let header = held[next]?.block.header {
            if header.height.value <= tip.height.value + 1, header.parent != tip.id { return true }
            next = header.parent
        }
        return false
    }

    /// Whether an unfinal ancestor of the block after `id`, `id` included, holds this transaction.
    func contains(_ transaction: TransactionID, upTo id: BlockID) -> Bool {
        var next = id
        while next != tip.id, let executed = executed(next) {
            if executed.ids.contains(transaction) { return true }
            next = executed.block.header.parent
        }
        return false
    }

    /// How many transactions the unfinal ancestors of the block after `id` hold, `id` included, as far as their
    /// timestamps count.
    func idCount(upTo id: BlockID, counting isCounted: (Timestamp) -> Bool) -> UInt64 {
        var count: UInt64 = 0
        var next = id
        while next != tip.id, let executed = executed(next) {
            if isCounted(executed.point.timestamp) { count += UInt64(executed.ids.count) }
            next = executed.block.header.parent
        }
        return count
    }

    /// The ids of the held blocks, by height and id.
    var heldInOrder: [BlockID] {
        held.keys.sorted { left, right in
            let (first, second) = (held[left]?.block.header.height, held[right]?.block.header.height)
            guard let first, let second, first != second else { return left < right }
            return first < second
        }
    }

    /// Lets go of a block that leads nowhere.
    mutating func drop(_ id: BlockID) {
        guard let parent = held.removeValue(forKey: id)?.block.header.parent else { return }
        children[parent]?.removeAll { $0 == id }
        if children[parent]?.isEmpty == true { children[parent] = nil }
    }

    /// Moves the tip to its executed child and lets go of every other branch.
    ///
    /// - Returns: The blocks that were let go without becoming final.
    mutating func advance(to executed: ExecutedBlock) -> [Block] {
        precondition(executed.block.header.parent == tip.id, "blocks are applied in height order")
        let siblings = children(of: tip.id).filter { $0 != executed.block.id }
        children[tip.id] = nil
        tip = executed.point
        held[executed.block.id] = nil
        var dropped: [Block] = []
        var queue = siblings
        while let id = queue.popLast() {
            if let block = held.removeValue(forKey: id)?.block { dropped.append(block) }
            queue.append(contentsOf: children.removeValue(forKey: id) ?? [])
        }
        return dropped + dropStale()
    }

    /// Lets go of blocks at or below the tip whose ancestors never came: no branch of the tip's leads to them.
    private mutating func dropStale() -> [Block] {
        let height = tip.height
        guard held.contains(where: { $0.value.block.header.height <= height }) else { return [] }
        let stale = heldInOrder.compactMap { held[$0]?.block }.filter { $0.header.height <= height }
        for block in stale { drop(block.id) }
        return stale
    }
}
