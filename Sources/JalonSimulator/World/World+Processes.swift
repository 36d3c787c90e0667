import JalonCore
import JalonCrypto
import JalonModel
import JalonState

/// Processes: starting, handling events, performing effects, dying.
extension World {
    /// Starts a node from what is on its disk.
    package func start(_ node: Int) {
        precondition(!nodes[node].isRunning, "a node that runs is not started again")
        nodes[node].life += 1
        nodes[node].isStarting = true
        let clock = nodes[node].clock.reading(at: now)
        nodes[node].handledAt = clock.wall
        nodes[node].isClockRight = nodes[node].clock.error(at: now) < World.rightClock
        do {
            let process = SimulatedProcess(core: try makeCore(node))
            let (view, height, root) = (process.place, process.core.tip.height, process.core.state.root)
            say("node \(node) starts at height \(height), epoch \(view.epoch), view \(view.view)")
            if isHonest(node) {
                ask { (oracle) throws(Finding) in
                    try oracle.started(node, view: view, height: height, stateRoot: root)
                }
            }
            nodes[node].effects = process.start(at: clock)
            nodes[node].process = process
        } catch {
            return report(Finding("D3", "node \(node) does not start from its disk: \(error)"))
        }
        release(node)
        eventHash.combine(UInt64(node) << 8 | 1)
        for peer in nodes.indices where peer != node {
            let wait = random.number(in: 100_000...300_000)
            queue.schedule(.dial(node, peer), at: now + Moment.Span(microseconds: wait))
        }
        if nodes[node].mind != nil { scheduleMischief(node) }
        pump(node)
    }

    /// Makes a node's core from its disk: the one place where a core comes into being.
    ///
    /// One that `isTrial` is thrown away, and decodes no leaf that an earlier trial decoded.
    private func makeCore(_ node: Int, isTrial: Bool = false) throws(CoreError) -> Core {
        let identity = nodes[node].identity
        var configuration = Core.Configuration(
            keys: membership.validatorSigners(identity),
            node: membership.peers[identity],
            seed: self.configuration.seed &+ UInt64(node) &+ nodes[node].life << 8
        )
        configuration.guards = self.configuration.guards
        configuration.knownRules = nodes[node].knownRules
        configuration.reader = transactions
        if !isTrial { configuration.applier = blocks }
        if let count = self.configuration.mempoolCount { configuration.mempoolCount = count }
        let reach = membership.genesis.parameters.replayReach
        let restored = nodes[node].disk.restored(replayReach: reach)
        return try Core(
            genesis: membership.genesis,
            restored: restored,
            state: isTrial ? trialState(of: restored) : nil,
            configuration: configuration,
            verifier: verifier,
            clock: nodes[node].clock.reading(at: now)
        )
    }

    /// The state of what a disk gives back; `nil` where it holds none, or one that can't be: the core will say so.
    private func trialState(of restored: RestoredLedger) -> LedgerState? {
        restored.leaves.isEmpty ? nil : try? trialStates.state(of: restored.leaves)
    }

    /// A clock that is wrong by less than so many milliseconds is right enough for rule T1: a jump of the core's own
    /// clock is then believed without asking anybody.
    static let rightClock: UInt64 = 4_900

    /// Kills a node: what is not durable is gone.
    package func crash(_ node: Int) {
        guard nodes[node].isRunning else { return }
        say("node \(node) dies")
        eventHash.combine(UInt64(node) << 8 | 2)
        // A process that dies inside a write leaves all of it or nothing.
        if let records = nodes[node].writing, nodes[node].doom != .beforeWrite {
            if nodes[node].doom == .afterWrite || random.happens(perMille: 500) { makeDurable(records, node) }
        }
        if nodes[node].isStarting { faults[.crashAtStart] += 1 }
        nodes[node].die()
        nodes[node].life += 1
        for peer in nodes.indices where peer != node {
            let connection = nodes[peer].connections[node]
            guard connection != 0 else { continue }
            // What is under way may still arrive until the peer sees that the connection is gone.
            let wait = Moment.Span(microseconds: random.number(in: 1_000...40_000))
            queue.schedule(.lose(peer, peer: node, connection: connection), at: now + wait)
        }
    }

    /// Starts a node that is down after a while.
    package func restart(_ node: Int, after span: Moment.Span) {
        queue.schedule(.restart(node, life: nodes[node].life), at: now + span)
    }

    /// Lets a node stand still for a while.
    package func pause(_ node: Int, for span: Moment.Span) {
        guard nodes[node].isRunning, nodes[node].pausedUntil == nil else { return }
        say("node \(node) stands still")
        nodes[node].pausedUntil = now + span
        queue.schedule(.wake(node, life: nodes[node].life), at: now + span)
    }

    /// Hands transactions of a client to a node.
    package func submit(_ transactions: [[UInt8]], to node: Int) {
        guard nodes[node].isRunning else { return }
        var fingerprint: UInt64 = 0
        for bytes in transactions { fingerprint = fingerprint &* 31 &+ EventHash.fingerprint(of: bytes) }
        enqueue(.submitted(transactions), fingerprint: fingerprint, at: node)
    }

    // MARK: - Events

    /// Takes an event at once or, where the process is busy or stands still, when it goes on.
    func enqueue(_ posted: Posted, at node: Int) {
        let machine = nodes[node]
        guard machine.isRunning else { return }
        // Mostly nothing else waits there.
        if violation == nil, machine.isIdle { handle(posted, node) } else { machine.inbox.append(posted) }
        pump(node)
    }

    func enqueue(_ event: Event, fingerprint: UInt64, at node: Int) {
        enqueue(Posted(event, fingerprint: fingerprint), at: node)
    }

    /// Performs effects and handles events until the process has to wait.
    func pump(_ node: Int) {
        let machine = nodes[node]
        while violation == nil, machine.mayGoOn {
            if let effect = machine.takeEffect() {
                perform(effect, node)
            } else if let posted = machine.takeEvent() {
                handle(posted, node)
            } else {
                return arm(node)
            }
        }
    }

    private func handle(_ posted: Posted, _ node: Int) {
        let machine = nodes[node]
        guard let process = machine.process else { return }
        stepCount += 1
        machine.isStarting = false
        eventHash.combine(now.microseconds)
        eventHash.combine(UInt64(node) << 8 | posted.event.number)
        eventHash.combine(posted.fingerprint)
        exercise.note(posted.event)
        say("node \(node) \(posted.event.line(membership))")
        let clock = machine.clock.reading(at: now)
        if case .diskSpaceChanged(let space) = posted.event { machine.diskSpace = space }
        machine.handledAt = clock.wall
        if machine.isClockRight, machine.clock.error(at: now) >= World.rightClock {
            machine.isClockRight = false
        }
        machine.effects = process.handle(posted.event, at: clock)
        if isHonest(node) {
            let view = process.place
            ask { (oracle) throws(Finding) in try oracle.progressed(node, view: view) }
            checkBounds(process, node)
        }
        if machine.slowness > 0 {
            let wait = Moment.Span(microseconds: random.number(in: 1_000...machine.slowness))
            machine.pausedUntil = now + wait
            queue.schedule(.wake(node, life: machine.life), at: now + wait)
            faults[.slowProcess] += 1
        }
    }

    /// Rule R1: now and then, since it costs a look at everything that is held.
    private func checkBounds(_ process: SimulatedProcess, _ node: Int) {
        let waiting = nodes[node].inbox.count
        if waiting > 200_000 { report(Finding("R1", "\(waiting) events wait for node \(node)")) }
        guard stepCount % 256 == 0, let excess = process.excess() else { return }
        report(Finding("R1", "node \(node) holds \(excess)"))
    }

    // MARK: - Effects

    private func perform(_ effect: Effect, _ node: Int) {
        exercise.note(effect)
        if case .persist(let records) = effect { return beginWrite(records, node) }
        release(node)
        switch effect {
        case .persist: break
        case .send(let message, let peers):
            send(message, to: peers, from: node)
            if case .afterSends(let count) = nodes[node].doom {
                nodes[node].doom = .afterSends(count - 1)
                if count <= 1 { dieByWrite(node) }
            }
        case .verify(let verification):
            let outcome = checked.run(verification, by: verifier)
            let span = Moment.Span(microseconds: random.number(in: 50...400))
            queue.schedule(
                .event(
                    node,
                    life: nodes[node].life,
                    Posted(.verified(outcome), fingerprint: outcome.result.number)
                ),
                at: now + span
            )
        case .notify(let notice): tell(notice, node)
        case .serve(let request, let peer): serve(request, to: peer, from: node)
        case .penalize(let peer, let misbehaviour): penalize(peer, misbehaviour, by: node)
        case .halt(let reason): halt(node, reason)
        }
    }

    /// A node stops itself: right only where more validators are Byzantine than a network withstands, or before rules that
    /// its program does not know.
    private func halt(_ node: Int, _ reason: HaltReason) {
        if isHonest(node), !isOverrun {
            guard case .unknownRules(let height, let version) = reason else {
                return report(Finding("X", "node \(node) halts: \(reason)"))
            }
            ask { (oracle) throws(Finding) in
                try oracle.stopped(node, before: height, rules: version, known: nodes[node].knownRules)
            }
            faults[.mixedVersions] += 1
        }
        say("node \(node) halts: \(reason)")
        kill(node)
    }

    /// Own votes that are durable are out from the first thing on that happens after them.
    private func release(_ node: Int) {
        guard !nodes[node].unreleased.isEmpty else { return }
        let released = nodes[node].unreleased
        nodes[node].unreleased = []
        guard isHonest(node) else { return }
        let nodes = nodes
        ask { (oracle) throws(Finding) in
            let faulty = oracle.faulty
            try oracle.release(released, of: node) { block in
                nodes.count { faulty & (1 << UInt64($0.identity)) == 0 && $0.holds(block) }
            }
        }
    }

    /// Answers from the disk, as the driver does from its storage.
    private func serve(_ request: FetchRequest, to peer: PeerID, from node: Int) {
        switch request {
        case .block(let id):
            if let block = nodes[node].disk.finalBlock(id) { send(.block(block), to: [peer], from: node) }
        case .finalBlocks(let height, let count):
            for (block, finalization) in nodes[node].disk.finalBlocks(from: height, count: count) {
                send(.finalBlock(block, finalization: finalization), to: [peer], from: node)
            }
        case .transactions, .certificates:
            report(Finding("X", "node \(node) asks its storage for what only the core holds"))
        }
    }

    private func tell(_ notice: Notice, _ node: Int) {
        guard isHonest(node) else { return }
        switch notice {
        case .final(let final):
            say("node \(node) finalized height \(final.block.header.height) \(final.block.id.short)")
            ask { (oracle) throws(Finding) in try oracle.finalized(final, by: node) }
        case .evidence(let evidence):
            let signer = oracle.epochs.node(evidence.first.signer, in: evidence.first.epoch) ?? -1
            say("node \(node) has evidence against node \(signer)")
            guard signer >= 0, oracle.isByzantine(signer) else {
                return report(Finding("V1", "node \(node) has evidence against the honest node \(signer)"))
            }
            accused.insert(signer)
        case .view(let epoch, let view): say("node \(node) enters epoch \(epoch), view \(view)")
        case .rejected(let leaf, _, let rejection):
            say("node \(node) rejects \(leaf.short): \(rejection.code.rawValue) \(rejection.message)")
        case .alreadyFinal(_, let leaf):
            if !oracle.isOverrun, oracle.chain.height(of: leaf) == nil {
                report(Finding("D1", "node \(node) says that \(leaf.short) is final, which it is not"))
            }
        case .pending: break
        }
        notices.append(NodeNotice(node: node, life: nodes[node].life, notice: notice))
    }

    // MARK: - Writes

    private func beginWrite(_ records: [Record], _ node: Int) {
        guard !records.isEmpty else { return }
        nodes[node].writing = records
        writeCount += 1
        if nodes[node].diskSpace != .ample, isHonest(node), records.contains(where: \.isVote) {
            report(Finding("X", "node \(node) votes on a disk that is \(nodes[node].diskSpace)"))
        }
        if let planned = configuration.plannedCrash, planned.write == writeCount {
            switch planned.point {
            case .beforeWrite: nodes[node].doom = .beforeWrite
            case .afterWrite: nodes[node].doom = .afterWrite
            case .afterSend: nodes[node].doom = .afterSends(1)
            }
        }
        if isDamaged, random.happens(perMille: configuration.crashesPerWriteMille) { drawDoom(node) }
        if isDamaged, random.happens(perMille: configuration.failuresPerWriteMille) {
            faults[.syncError] += 1
            nodes[node].doom = random.happens(perMille: 500) ? .beforeWrite : .afterWrite
        }
        var latency = random.number(in: configuration.writeLatency)
        if isDamaged, random.happens(perMille: configuration.slowWritesPerMille) {
            latency = random.heavyTail(base: Moment.Span(microseconds: latency), doublings: 8).microseconds
            faults[.slowDisk] += 1
        }
        queue.schedule(
            .written(node, life: nodes[node].life),
            at: now + Moment.Span(microseconds: latency)
        )
    }

    private func drawDoom(_ node: Int) {
        switch random.number(in: 0...3) {
        case 0: nodes[node].doom = .beforeWrite
        case 1: nodes[node].doom = .afterWrite
        default: nodes[node].doom = .afterSends(Int(random.number(in: 1...3)))
        }
    }

    func finishWrite(_ node: Int) {
        guard let records = nodes[node].writing else { return }
        guard nodes[node].doom != .beforeWrite, nodes[node].doom != .afterWrite else {
            return dieByWrite(node)
        }
        nodes[node].writing = nil
        makeDurable(records, node)
        pump(node)
    }

    private func dieByWrite(_ node: Int) {
        faults[.crashAtWrite] += 1
        crash(node)
        restart(node, after: Moment.Span(microseconds: random.number(in: configuration.downtime)))
    }

    private func makeDurable(_ records: [Record], _ node: Int) {
        nodes[node].disk.write(records)
        say("node \(node) wrote \(records.map(\.line).joined(separator: ", "))")
        guard isHonest(node) else { return }
        let (machine, wall) = (nodes[node], nodes[node].isClockRight ? nodes[node].handledAt : nil)
        ask { (oracle) throws(Finding) in
            try oracle.durable(records, of: node, wall: wall) { machine.holds($0) }
        }
        nodes[node].unreleased += records.compactMap(\.ownVote)
        if random.happens(perMille: configuration.trialStartsPerMille) { tryStart(node) }
    }

    /// Starts a second process from the disk as it is now, looks at it and throws it away.
    private func tryStart(_ node: Int) {
        do {
            var core = try makeCore(node, isTrial: true)
            let view = EpochView(core.epoch, core.view)
            let (height, root) = (core.tip.height, core.state.root)
            ask { (oracle) throws(Finding) in
                try oracle.checkStart(node, view: view, height: height, stateRoot: root)
            }
            for effect in core.start(at: nodes[node].clock.reading(at: now)) {
                // What it would send before it writes anything must be durable already.
                guard case .send(let message, _) = effect else { break }
                ask { (oracle) throws(Finding) in try oracle.sent(message, by: node) }
            }
        } catch {
            report(Finding("D3", "node \(node) would not start from its disk: \(error)"))
        }
    }
}

extension Record {
    /// The own vote that this record is.
    var ownVote: OwnVote? {
        switch self {
        case .vote(let vote): OwnVote(vote.ballot, epoch: vote.epoch)
        case .proposal(let proposal):
            OwnVote(.notarize(proposal.view, proposal.block), epoch: proposal.header.epoch)
        case .block, .certificate, .final, .rejoin, .evidence: nil
        }
    }

    /// Whether it is an own vote.
    var isVote: Bool { ownVote != nil }
}
