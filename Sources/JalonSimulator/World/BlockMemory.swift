import JalonCore
import JalonModel
import JalonState

/// Blocks that were applied, once for all nodes of one world that stand on the very same state.
///
/// What comes of a block depends on the state before it, its height and time, and the bytes of its transactions alone. States
/// are the same here only where they are one object: a node that read its state back from a disk goes on by itself, so
/// that a state that came back wrong shows as it would anywhere. A block is applied apart from how its leader made it, and
/// the oracle's own executor shares nothing with either.
// @unchecked Sendable, because what a core applies with has to be: it is one world's, and one thread runs a world.
final class BlockMemory: BlockApplying, @unchecked Sendable {
    private struct Known {
        let parent: AppliedBlock
        let height: Height
        let timestamp: Timestamp
        /// The hashes of the transactions' full bytes.
        let leaves: [LeafHash]
        let applied: AppliedBlock
    }

    private static let capacity = 32

    private let applier = BlockApplier()
    private var known: [Known] = []
    /// Where the next one is kept.
    private var next = 0
    private var genesis: (chain: ChainID, applied: AppliedBlock)?

    func start(of genesis: Genesis) -> AppliedBlock {
        if let known = self.genesis, known.chain == genesis.chain { return known.applied }
        let applied = applier.start(of: genesis)
        self.genesis = (genesis.chain, applied)
        return applied
    }

    func apply(
        _ transactions: [Verified<Transaction>],
        on parent: AppliedBlock,
        context: BlockContext
    ) throws(BlockRefusal) -> AppliedBlock {
        for known in known
        where known.parent === parent && known.height == context.height
            && known.timestamp == context.timestamp
            && known.leaves.elementsEqual(transactions.lazy.map(\.value.leaf))
        { return known.applied }
        let applied = try applier.apply(transactions, on: parent, context: context)
        keep(
            Known(
                parent: parent,
                height: context.height,
                timestamp: context.timestamp,
                leaves: transactions.map(\.value.leaf),
                applied: applied
            )
        )
        return applied
    }

    /// What a leader made is compared with what its block comes to when it is applied: only where they are equal the two become one.
    func taken(
        _ made: AppliedBlock,
        of transactions: [Verified<Transaction>],
        on parent: AppliedBlock,
        context: BlockContext
    ) -> AppliedBlock {
        guard let applied = try? apply(transactions, on: parent, context: context),
            applied.state.root == made.state.root, applied.changes == made.changes
        else { return made }
        return applied
    }

    private func keep(_ new: Known) {
        if known.count < BlockMemory.capacity {
            known.append(new)
        } else {
            known[next] = new
            next = (next + 1) % BlockMemory.capacity
        }
    }
}
