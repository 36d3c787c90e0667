import JalonConsensus
import JalonModel
import JalonState

/// Whether a waiting transaction executes on the tip, remembered as long as that can't have changed.
struct Includable: Sendable {
    private var tip: BlockID?
    private var version: UInt64 = 0
    /// A transaction that executes on the tip; `nil` where none does.
    private var witness: TransactionID?
    private var judgedAt: UInt64 = 0
    /// A "no" is judged again after so many milliseconds: dates and expiries move on.
    private static let lifetime: UInt64 = 1_000

    func known(tip: BlockID, mempool: Mempool, at now: UInt64) -> Bool? {
        guard self.tip == tip else { return nil }
        if let witness { return mempool.contains(witness) ? true : nil }
        return version == mempool.version && now < judgedAt + Includable.lifetime ? false : nil
    }

    mutating func remember(_ witness: TransactionID?, tip: BlockID, version: UInt64, at now: UInt64) {
        (self.witness, self.tip, self.version, judgedAt) = (witness, tip, version, now)
    }
}

extension Core {
    // MARK: - Work

    /// The greatest notarized or final block held with its state: what new work is judged on.
    var workTip: ChainPoint {
        simplex.greatestReadyBlock.flatMap { tree.point($0) } ?? tree.tip
    }

    /// Judges whether there is anything to agree on, and tells consensus when that changed.
    mutating func judgeWork() {
        let tip = workTip
        noteUnfinalTip(tip)
        let start = tip.timestamp.advanced(byMilliseconds: state.parameters.minimumBlockIntervalMilliseconds)
        let now = ownTime()
        let pause = start > now ? min(start.value - now.value, 60_000) : 0
        simplex.setWork(
            hasWork(on: tip),
            timersFrom: clock.monotonic + pause,
            at: clock.monotonic
        )
    }

    private mutating func noteUnfinalTip(_ tip: ChainPoint) {
        if tip.id == tree.tip.id || tip.id == simplex.finalBlock {
            unfinalTip = nil
        } else if unfinalTip?.block != tip.id {
            unfinalTip = (tip.id, clock.monotonic)
        }
    }

    private mutating func hasWork(on tip: ChainPoint) -> Bool {
        let guards = configuration.guards
        if unfinalTip != nil, !guards[.unfinalTipWaits] { return true }
        if !mempool.isEmpty, !guards[.includable] { return true }
        if let unfinalTip, clock.monotonic >= unfinalTip.since + simplex.timing.retryInterval { return true }
        // A closing block has no child in its epoch: nothing else is to be done before it is final.
        if tree.executed(tip.id)?.block.header.closesEpoch == true {
            return configuration.guards[.closingIsWork]
        }
        if isHeartbeatDue(on: tip) || readyValidators(after: tip) != nil { return true }
        if tip.state.hasEffects(at: tip.height.next, ownTime()) { return true }
        return hasIncludable(on: tip)
    }

    private mutating func isHeartbeatDue(on tip: ChainPoint) -> Bool {
        guard configuration.guards[.heartbeat] else { return false }
        let due = tip.timestamp.advanced(byMilliseconds: state.parameters.heartbeatMilliseconds)
        // The leader's time is never after the own one, and asks every peer's clock.
        return ownTime() >= due && leaderTime(on: tip) >= due
    }

    private mutating func hasIncludable(on tip: ChainPoint) -> Bool {
        guard !mempool.isEmpty else { return false }
        if let known = includable.known(tip: tip.id, mempool: mempool, at: clock.monotonic) { return known }
        let context = BlockContext(
            genesis,
            height: tip.height.next,
            timestamp: leaderTime(on: tip)
        )
        var witness: TransactionID?
        // Where the window of ids is full, a block would be empty, and so would the next.
        if room(at: context.timestamp, on: tip) > 0 {
            for entry in mempool.inOrder where !isReplayed(entry.transaction.value.id, on: tip.id) {
                guard (try? tip.state.check(entry.transaction, context: context)) != nil else { continue }
                witness = entry.transaction.value.id
                break
            }
        }
        includable.remember(witness, tip: tip.id, version: mempool.version, at: clock.monotonic)
        return witness != nil
    }

    /// How many transactions the window of ids leaves room for in a child of this block.
    private func room(at timestamp: Timestamp, on parent: ChainPoint) -> UInt64 {
        let limit = parent.state.parameters.replayWindowLimit
        return limit - min(limit, replayCount(at: timestamp, on: parent.id))
    }

    /// When work may appear by the passing of time alone.
    var workDeadline: UInt64? {
        var earliest = pacedUntil ?? UInt64.max
        if let unfinalTip, !simplex.hasWorkNow {
            earliest.lower(to: unfinalTip.since + simplex.timing.retryInterval)
        }
        let heartbeat = tree.tip.state.parameters.heartbeatMilliseconds
        let due = tree.tip.timestamp.advanced(byMilliseconds: heartbeat)
        if due > settledAt.wall {
            earliest.lower(to: settledAt.monotonic + min(due.value - settledAt.wall.value, heartbeat))
        }
        if !mempool.isEmpty, !simplex.hasWorkNow { earliest.lower(to: settledAt.monotonic + 1_000) }
        return earliest == UInt64.max ? nil : earliest
    }

    // MARK: - Proposing

    /// Proposes where this node leads, has not voted, and there is work.
    mutating func proposeIfDue() {
        pacedUntil = nil
        guard !isHalted, let slot = simplex.proposalSlot(at: clock.monotonic),
            let parent = tree.point(slot.parent)
        else { return }
        if slot.isReproposal { return propose(slot, again: parent) }
        guard knowsRules(after: parent) else { return }
        let interval = parent.height.value > 0 ? state.parameters.minimumBlockIntervalMilliseconds : 0
        let earliest = parent.timestamp.advanced(byMilliseconds: interval)
        let now = ownTime()
        if earliest > now, interval > 0 {
            pacedUntil = clock.monotonic + min(earliest.value - now.value, interval)
            return
        }
        let executed = build(on: parent, in: slot.view)
        flushOutgoing(hurries: true)
        guard sign(slot, executed) else { return }
        let leaves = executed.transactions.map(\.value.leaf)
        tree.insert(executed.block, leaves: leaves, isDurable: false, origin: .own)
        noteHeld(executed.block)
        adopt(executed)
    }

    /// Proposes a closing block again, byte for byte.
    private mutating func propose(_ slot: ProposalSlot, again parent: ChainPoint) {
        guard let executed = tree.executed(parent.id) else { return }
        _ = sign(slot, executed)
    }

    /// - Returns: Whether the proposal was made.
    private mutating func sign(_ slot: ProposalSlot, _ executed: ExecutedBlock) -> Bool {
        let proposal = simplex.propose(
            in: slot,
            header: executed.block.header,
            leaves: executed.transactions.map(\.value.leaf),
            at: clock.monotonic
        )
        guard let proposal else { return false }
        turn.persist(.proposal(proposal))
        turn.send(.proposal(proposal), to: peers.ids)
        return true
    }

    /// Builds a block of what waits, leaving out what fails.
    ///
    /// All of it is taken in order of admission or, where that is too much, the members' in turns.
    private mutating func build(on parent: ChainPoint, in view: View) -> ExecutedBlock {
        let parameters = parent.state.parameters
        let timestamp = leaderTime(on: parent)
        let maximumCount = min(parameters.maxBlockTransactionCount, room(at: timestamp, on: parent))
        let context = BlockContext(genesis, height: parent.height.next, timestamp: timestamp)
        var execution = BlockExecution(on: parent.state, context: context)
        var frontier = parent.frontier
        var chosen: [Verified<Transaction>] = []
        var byteCount: UInt64 = 0
        let known = knownTransactions
        func choose(_ verified: Verified<Transaction>) {
            let transaction = verified.value
            let size = UInt64(transaction.bytes.count)
            guard UInt64(chosen.count) < maximumCount, byteCount + size <= parameters.maxBlockByteCount,
                !known.contains(transaction.id, upTo: parent.id),
                parent.state.key(transaction.keyID) != nil,
                (try? execution.apply(verified)) != nil
            else { return }
            byteCount += size
            frontier.append(transaction.leaf)
            chosen.append(verified)
        }
        let activation = activation(after: parent, at: timestamp)
        // It is the last of its block: there must be room for it.
        var closing = activation.map { [$0] } ?? []
        let spare = closing.first.map { UInt64($0.value.bytes.count) } ?? 0
        func consider(_ verified: Verified<Transaction>) {
            if case .success(.validatorsActivate) = verified.value.content {
                closing.append(verified)
            } else if byteCount + spare + UInt64(verified.value.bytes.count) <= parameters.maxBlockByteCount {
                choose(verified)
            }
        }
        let fits =
            UInt64(mempool.count) <= maximumCount
            && UInt64(mempool.byteCount) + spare <= parameters.maxBlockByteCount
        if fits || !configuration.guards[.memberTurns] {
            for entry in mempool.inOrder {
                if UInt64(chosen.count + closing.count) >= maximumCount { break }
                consider(entry.transaction)
            }
        } else {
            var turns = mempool.turns
            while true {
                let taken = (UInt64(chosen.count + closing.count), byteCount + spare)
                let part = share(
                    of: &turns,
                    on: parent.id,
                    count: maximumCount - min(maximumCount, taken.0),
                    byteCount: parameters.maxBlockByteCount - min(parameters.maxBlockByteCount, taken.1)
                )
                if part.isEmpty { break }
                for entry in part { consider(entry.transaction) }
            }
        }
        for transaction in closing where !execution.isClosed { choose(transaction) }
        let (state, changes) = execution.finish()
        let applied = configuration.applier.taken(
            AppliedBlock(state: state, changes: changes),
            of: chosen,
            on: parent.applied,
            context: context
        )
        let header = BlockHeader(
            chain: genesis.chain,
            epoch: simplex.context.epoch,
            view: view,
            height: parent.height.next,
            parentView: parent.view,
            parent: parent.id,
            timestamp: timestamp,
            leader: simplex.leader(of: view),
            logSize: frontier.size,
            logRoot: frontier.root,
            bodyByteCount: byteCount,
            stateRoot: applied.state.root,
            validatorsHash: parent.state.validators.hash,
            nextValidatorsHash: applied.state.validators.hash
        )
        let block = Block(header: header, transactions: chosen.map(\.value.bytes))
        return ExecutedBlock(
            block: block,
            transactions: chosen,
            ids: Set(chosen.map(\.value.id)),
            point: ChainPoint(header: header, id: block.id, applied: applied, frontier: frontier)
        )
    }

    /// The next transactions in turn, as many as there is room for, and those in order of their admission: what builds on
    /// another stands behind it.
    ///
    /// - Complexity: Linear in what is taken; it looks past few that are too large for what room is left.
    private func share(
        of turns: inout Mempool.Turns,
        on parent: BlockID,
        count: UInt64,
        byteCount: UInt64
    ) -> [Mempool.Entry] {
        var part: [Mempool.Entry] = []
        var taken: UInt64 = 0
        var tooLarge = 0
        while UInt64(part.count) < count, tooLarge < 64, let entry = turns.next() {
            guard !isReplayed(entry.transaction.value.id, on: parent) else { continue }
            let size = UInt64(entry.transaction.value.bytes.count)
            guard taken + size <= byteCount else {
                tooLarge += 1
                continue
            }
            taken += size
            part.append(entry)
        }
        return part.sorted { $0.number < $1.number }
    }
}
