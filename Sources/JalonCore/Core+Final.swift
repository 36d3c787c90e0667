import JalonConsensus
import JalonModel
import JalonState

/// The blocks above the tip that are known to be final, because a finalization is held for them or for a descendant.
///
/// A node that is far behind hears of a new one with every block of the others: all that is done for each is a step along
/// the chain.
struct FinalBlocks: Sendable {
    private var ids: Set<BlockID> = []
    /// Those of them that are not held: the ends of the chains that lead down from finalized blocks.
    private(set) var missing: [Missing] = []

    struct Missing: Hashable, Sendable {
        let id: BlockID
        /// By the header of its child; `nil` where no child is held.
        let height: Height?
    }

    func contains(_ id: BlockID) -> Bool { ids.contains(id) }

    /// - Returns: Whether it was not known.
    mutating func insert(_ id: BlockID) -> Bool { ids.insert(id).inserted }

    mutating func remove(_ id: BlockID) {
        ids.remove(id)
        found(id)
    }

    mutating func miss(_ id: BlockID, height: Height?) {
        guard let place = missing.firstIndex(where: { $0.id == id }) else {
            return missing.append(Missing(id: id, height: height))
        }
        // Known by now: one that is far above the tip is not asked for again at once.
        if height != nil { missing[place] = Missing(id: id, height: height) }
    }

    /// It is held, or not needed any more.
    mutating func found(_ id: BlockID) { missing.removeAll { $0.id == id } }
}

extension Core {
    /// Missing blocks this far above the tip are left to sync, which brings them in their order.
    static let fetchDistance: UInt64 = 64

    /// A verified finalization is held for this block.
    mutating func markFinal(_ block: BlockID) {
        guard block != tree.tip.id, finalBlocks.insert(block) else { return }
        followFinal(from: block, height: nil)
    }

    /// A block is held: if it is final, so are its ancestors.
    mutating func noteHeld(_ block: Block) {
        guard finalBlocks.contains(block.id) else { return }
        guard block.header.height > tree.tip.height else {
            return halt(.conflictingFinalizations(tree.tip.id, block.id))
        }
        followFinal(from: block.id, height: block.header.height)
    }

    /// Marks the ancestors of a final block, down to the tip, to one that is marked already or to one that is missing.
    private mutating func followFinal(from block: BlockID, height: Height?) {
        var (next, height) = (block, height)
        while true {
            guard let header = tree[next]?.block.header else { return finalBlocks.miss(next, height: height) }
            finalBlocks.found(next)
            guard header.parent != tree.tip.id else { return }
            guard header.height.value > tree.tip.height.value + 1 else {
                return halt(.conflictingFinalizations(tree.tip.id, block))
            }
            guard configuration.guards[.finalAncestors], finalBlocks.insert(header.parent) else { return }
            (next, height) = (header.parent, header.height.previous)
        }
    }

    /// Applies what is final, in height order, as far as it is held and executed.
    mutating func decide() {
        applyFinal()
        for missing in finalBlocks.missing {
            if let height = missing.height, height.value > tree.tip.height.value + Core.fetchDistance {
                continue
            }
            want(.block(missing.id))
        }
    }

    private mutating func applyFinal() {
        while !isHalted {
            let final = tree.children(of: tree.tip.id).filter { finalBlocks.contains($0) }
            guard let id = final.first else { return }
            guard final.count == 1 else { return halt(.conflictingFinalizations(final[0], final[1])) }
            if case .invalid(let reason) = tree[id]?.stage {
                return halt(.finalBlockInvalid(tree.tip.height.next, id, reason: reason))
            }
            guard let executed = tree.executed(id) else { return advance(id) }
            finalBlocks.remove(id)
            apply(executed)
        }
    }

    private mutating func apply(_ executed: ExecutedBlock) {
        let block = executed.block
        let transactions = executed.transactions.map(\.value)
        // With the first block the storage gets the genesis' leaves too: it knows no state of its own.
        let changes =
            block.header.height.value == 1
            ? executed.point.state.leaves.map { LeafChange(path: $0.path, value: $0.value) }
            : executed.point.applied.changes
        turn.persist(
            .final(
                FinalBlock(
                    block: block,
                    transactions: transactions.map(\.id),
                    changes: changes,
                    frontier: executed.point.frontier.encoded
                )
            )
        )
        let parameters = state.parameters
        let dropped = tree.advance(to: executed)
        replay.insert(transactions.map(\.id), at: block.header.timestamp)
        if configuration.guards[.recentKept] { recentTransactions.append(executed.transactions) }
        admission.advance(past: executed.transactions.filter { !mempool.contains($0.value.id) })
        for transaction in transactions { mempool.remove(transaction.id) }
        refreshAdmission()
        if configuration.guards[.readmit] { readmit(dropped) }
        simplex.prune { [tree] id in tree[id] != nil || id == tree.tip.id }
        if executed.point.applied.changes.contains(where: { $0.path.utf8.starts(with: "member/".utf8) }) {
            knowMembers()
        }
        turn.add(
            .notify(
                .final(FinalizedBlock(block: block, transactions: transactions, state: executed.point.state))
            )
        )
        if block.header.closesEpoch {
            startEpoch()
            // Of the next epoch some blocks may have come before it began here.
            checkRun()
        } else if state.parameters != parameters {
            simplex.timing = Timing(
                delta: state.parameters.deltaMilliseconds,
                cap: state.parameters.timeoutCapMilliseconds
            )
        }
        noteSyncedTip()
        updateReadiness()
        haltAtUnknownRules()
        advanceTree()
    }

    /// Transactions of blocks that will never be final wait for another block again.
    private mutating func readmit(_ blocks: [Block]) {
        for block in blocks {
            for bytes in block.transactions {
                guard let transaction = try? configuration.reader.read(bytes),
                    !replay.contains(transaction.id)
                else { continue }
                check([transaction], source: nil, isOwn: false)
            }
        }
    }
}
