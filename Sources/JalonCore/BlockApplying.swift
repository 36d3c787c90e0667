package import JalonModel
package import JalonState

/// The state after a block and what the block changed in it; a class that never changes, so that what came of one
/// execution is told from what came of another by identity.
package final class AppliedBlock: Sendable {
    /// The state after the block.
    package let state: LedgerState
    /// The changed leaves, in the order of their places in the tree; of a state that no block made there are none.
    package let changes: [LeafChange]

    package init(state: LedgerState, changes: [LeafChange]) {
        self.state = state
        self.changes = changes
    }
}

/// Applies the transactions of blocks for a core: the same ones on the same state always with the same result.
package protocol BlockApplying: Sendable {
    /// The state that a chain starts with.
    func start(of genesis: Genesis) -> AppliedBlock

    /// Applies a block's transactions, in their order, to the state before it.
    ///
    /// - Parameters:
    ///   - transactions: All of the block's, their signatures checked.
    ///   - parent: The state before the block.
    ///   - context: What the rules know of the block.
    /// - Returns: The state after the block, its root computed.
    /// - Throws: ``BlockRefusal`` that names the first transaction that can't be applied.
    func apply(
        _ transactions: [Verified<Transaction>],
        on parent: AppliedBlock,
        context: BlockContext
    ) throws(BlockRefusal) -> AppliedBlock

    /// Takes what a leader made while it chose its block's transactions.
    ///
    /// - Returns: The same state and changes.
    func taken(
        _ made: AppliedBlock,
        of transactions: [Verified<Transaction>],
        on parent: AppliedBlock,
        context: BlockContext
    ) -> AppliedBlock
}

/// Applies them anew each time, as a node does; only a simulated world has what all its nodes apply applied once.
package struct BlockApplier: BlockApplying {
    package init() {}

    package func start(of genesis: Genesis) -> AppliedBlock {
        AppliedBlock(state: LedgerState(genesis: genesis), changes: [])
    }

    package func apply(
        _ transactions: [Verified<Transaction>],
        on parent: AppliedBlock,
        context: BlockContext
    ) throws(BlockRefusal) -> AppliedBlock {
        var execution = BlockExecution(on: parent.state, context: context)
        for (place, transaction) in transactions.enumerated() {
            do {
                try execution.apply(transaction)
            } catch {
                throw BlockRefusal(text: "transaction \(place): \(error)")
            }
        }
        let (state, changes) = execution.finish()
        return AppliedBlock(state: state, changes: changes)
    }

    package func taken(
        _ made: AppliedBlock,
        of transactions: [Verified<Transaction>],
        on parent: AppliedBlock,
        context: BlockContext
    ) -> AppliedBlock { made }
}

/// Why a block is not valid, in words.
package struct BlockRefusal: Error, Equatable, Sendable {
    package let text: String
}
