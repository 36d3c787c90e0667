import JalonConsensus
import JalonModel
import JalonState

extension Core {
    /// A verified finalization is held for this block.
    mutating func markFinal(_ block: BlockID) {
        guard block != tree.tip.id, !finalMarks.contains(block) else { return }
        finalMarks.append(block)
    }

    /// Applies what is final, in height order, as far as it is held and executed.
    mutating func decide() {
        for mark in finalMarks { applyPath(to: mark) }
        finalMarks.removeAll { mark in
            guard mark != tree.tip.id else { return true }
            // A mark that is not held and is not the newest one may lie below the tip: drop it once the tip is past.
            return tree[mark] == nil && mark != simplex.finalBlock
        }
    }

    private mutating func applyPath(to mark: BlockID) {
        guard !isHalted, mark != tree.tip.id else { return }
        switch tree.path(to: mark) {
        case .missing(let missing):
            // Its transactions were asked for already; where those that had them have moved on, the whole block helps.
            want(.block(missing), after: assemblies[missing] == nil ? 0 : simplex.timing.delta / 2)
        case .elsewhere: halt(.conflictingFinalizations(tree.tip.id, mark))
        case .complete(let path):
            let isPart = path.count > 1 && !configuration.guards[.finalAncestors]
            for id in isPart ? [] : path {
                if case .invalid(let reason) = tree[id]?.stage {
                    let height = tree[id]?.block.header.height ?? tree.tip.height.next
                    return halt(.finalBlockInvalid(height, id, reason: reason))
                }
                guard let executed = tree.executed(id) else { return advance(id) }
                apply(executed)
            }
        }
    }

    private mutating func apply(_ executed: ExecutedBlock) {
        let block = executed.block
        let transactions = executed.transactions.map(\.value)
        // With the first block the storage gets the genesis' leaves too: it knows no state of its own.
        let changes =
            block.header.height.value == 1
            ? executed.point.state.leaves.map { LeafChange(path: $0.path, value: $0.value) }
            : executed.changes
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
        let dropped = tree.advance(to: executed)
        replay.insert(transactions.map(\.id), at: block.header.timestamp)
        admission.advance(past: executed.transactions.filter { !mempool.contains($0.value.id) })
        for transaction in transactions { mempool.remove(transaction.id) }
        refreshAdmission()
        if configuration.guards[.readmit] { readmit(dropped) }
        simplex.prune { [tree] id in tree[id] != nil || id == tree.tip.id }
        if executed.changes.contains(where: { $0.path.utf8.starts(with: "member/".utf8) }) {
            validatorPeers = Core.validatorPeers(of: tree.tip.state)
        }
        turn.add(
            .notify(
                .final(FinalizedBlock(block: block, transactions: transactions, state: executed.point.state))
            )
        )
        advanceTree()
    }

    /// Transactions of blocks that will never be final wait for another block again.
    private mutating func readmit(_ blocks: [Block]) {
        for block in blocks {
            for bytes in block.transactions {
                guard let transaction = try? Transaction(bytes: bytes), !replay.contains(transaction.id)
                else { continue }
                check([transaction], source: nil, isOwn: false)
            }
        }
    }
}
