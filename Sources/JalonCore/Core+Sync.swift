import JalonConsensus
import JalonModel

extension Core {
    /// Starts, continues or ends catching up, by what the peers' tips hint at.
    mutating func driveSync() {
        // Without room for blocks none is asked for: no peer is to be blamed for an answer that is not taken.
        guard peers.isAnyone(above: tree.tip.height), diskSpace != .exhausted, configuration.guards[.sync]
        else {
            if !sync.isIdle { sync = SyncState() }
            return
        }
        if let deadline = sync.deadline, sync.isActive, clock.monotonic < deadline { return }
        let since = sync.behindSince ?? clock.monotonic
        sync.behindSince = since
        guard isFarBehind || clock.monotonic >= since + simplex.timing.retryInterval else {
            sync.deadline = since + simplex.timing.retryInterval
            return
        }
        endRequest()
        forgetWhatIsStuck()
        let last = lastOfRange
        let ahead = peers.ids(above: last.height)
        // What was accepted is executed before more is asked for, where it is much; nobody can judge the next epoch before. And
        // nobody is asked for what stands on blocks that may be another's invention.
        guard sync.checking.isEmpty, !mustExecuteFirst, !ahead.isEmpty else {
            sync.waits = true
            sync.deadline = clock.monotonic + simplex.timing.retryInterval
            return
        }
        ask(nextToAsk(of: ahead, for: last.height.next), for: last.height.next)
    }

    /// Whether blocks are missing that consensus will hardly bring.
    private var isFarBehind: Bool {
        let ahead = peers.ids(above: tree.tip.height).compactMap { peers[$0]?.tip }
        let best = ahead.map(\.finalHeight.value).max() ?? 0
        // Nobody votes any more in an epoch that others have left.
        return best >= tree.tip.height.value + 3
            || configuration.guards[.syncToEpoch] && ahead.contains { $0.epoch > simplex.context.epoch }
    }

    // MARK: - Where it stands

    /// What was accepted above the tip.
    private var acceptedAbove: SyncState.Place? {
        sync.accepted.flatMap { $0.height > tree.tip.height ? $0 : nil }
    }

    /// The block that what is asked for next stands on.
    private var lastOfRange: SyncState.Place {
        acceptedAbove
            ?? SyncState.Place(id: tree.tip.id, height: tree.tip.height, log: tree.tip.frontier)
    }

    private var mustExecuteFirst: Bool {
        guard let accepted = acceptedAbove else { return false }
        return accepted.closesEpoch || accepted.height.value > tree.tip.height.value + SyncState.maximumAhead
    }

    /// The tip moved: more may be asked for.
    mutating func noteSyncedTip() {
        sync.movedAt = clock.monotonic
        guard sync.waits, !mustExecuteFirst else { return }
        sync.deadline = clock.monotonic
    }

    /// Where nothing moved for long the range is fetched anew from the tip on.
    private mutating func forgetWhatIsStuck() {
        let limit = SyncState.answerIntervals * simplex.timing.retryInterval
        guard clock.monotonic >= sync.movedAt + limit else { return }
        sync.accepted = nil
        sync.movedAt = clock.monotonic
    }

    // MARK: - Asking

    /// Ends the request, and notes whether the peer gave what it could: else others are asked before it, as anybody may say
    /// that it is ahead.
    private mutating func endRequest() {
        guard let request = sync.request else { return }
        sync.request = nil
        let reached = max(sync.accepted?.height ?? Height(0), tree.tip.height)
        // What came may still have to be judged itself.
        let isOpen =
            sync.checkingPeer == request.peer && !sync.checking.isEmpty
            || !sync.buffer.isEmpty && acceptedAbove?.closesEpoch == true
        if reached >= request.promisedThrough || request.isWorthwhile {
            peers.update(request.peer) { $0.failedAnswers = 0 }
        } else if !isOpen {
            fail(request.peer)
            sync.lastFailed = request.peer
        }
    }

    private mutating func fail(_ peer: PeerID) {
        peers.update(peer) { $0.failedAnswers = min($0.failedAnswers + 1, 1_000) }
    }

    private func failures(of peer: PeerID) -> Int { peers[peer]?.failedAnswers ?? 0 }

    /// Whom to ask next of those ahead: by turns one validator after the other, however often it failed, and whoever failed
    /// least often, validators first.
    ///
    /// Who has no failure to its name, as a stranger that comes again and again, so gets every other turn at most.
    private mutating func nextToAsk(of all: [PeerID], for first: Height) -> PeerID {
        // Not again at once who has just failed.
        let others = all.filter { $0 != sync.lastFailed }
        let ahead = others.isEmpty ? all : others
        if sync.attempts.isMultiple(of: 2), let peer = nextValidator(of: ahead, for: first) { return peer }
        func rank(_ id: PeerID) -> (Int, Int) { (failures(of: id), peers[id]?.index == nil ? 1 : 0) }
        let least = ahead.map(rank).min(by: <) ?? (0, 0)
        let best = ahead.filter { rank($0) == least }
        return best[sync.attempts / 2 % best.count]
    }

    /// The next in the order of the validators, so that none is passed over however others come and go.
    private mutating func nextValidator(of ahead: [PeerID], for first: Height) -> PeerID? {
        let candidates = ahead.compactMap { id -> (index: ValidatorIndex, id: PeerID)? in
            guard let peer = peers[id], let index = peer.index, peer.beginsAt ?? Height(0) <= first else {
                return nil
            }
            return (index, id)
        }
        let later = candidates.filter { candidate in sync.lastValidator.map { candidate.index > $0 } ?? true }
        guard let index = (later.isEmpty ? candidates : later).map(\.index).min() else { return nil }
        sync.lastValidator = index
        let nodes = candidates.filter { $0.index == index }
        return nodes[sync.attempts / 2 % nodes.count].id
    }

    private mutating func ask(_ peer: PeerID, for first: Height) {
        sync.attempts += 1
        sync.dropBuffer()
        sync.lastFailed = nil
        request(from: first, of: peer)
    }

    private mutating func request(from first: Height, of peer: PeerID) {
        sync.waits = false
        let interval = simplex.timing.retryInterval
        let through = Height(first.value + FetchRequest.maximumBlocks - 1)
        sync.request = SyncState.Request(
            peer: peer,
            from: first,
            through: through,
            promisedThrough: min(through, peers[peer]?.tip?.finalHeight ?? through),
            earlierThrough: peers[peer]?.askedThrough ?? Height(0),
            // Who failed before may have a slow link: it gets more time when its turn comes again.
            patience: interval << UInt64(min(failures(of: peer), SyncState.maximumDoublings)),
            startedAt: sync.buffer.isEmpty ? clock.monotonic : sync.request?.startedAt ?? clock.monotonic,
            interval: interval
        )
        peers.update(peer) { $0.askedThrough = max($0.askedThrough, through) }
        sync.deadline = sync.request?.deadline(at: clock.monotonic)
        turn.send(.request(.finalBlocks(from: first, count: FetchRequest.maximumBlocks)), to: [peer])
    }

    /// Nothing more comes of the request: the next peer is asked.
    private mutating func abandonRequest() {
        sync.dropBuffer()
        sync.deadline = clock.monotonic
    }

    /// A peer is gone, and with it what it was asked for.
    mutating func noteGone(_ peer: PeerID) {
        if sync.request?.peer == peer { sync.deadline = clock.monotonic }
    }

    // MARK: - Blocks that come

    /// A final block of a range came.
    mutating func onFinalBlock(_ block: Block, _ finalization: Certificate?, from peer: PeerID) {
        guard let request = sync.request, request.peer == peer else { return }
        let height = block.header.height
        // Blocks that consensus brought meanwhile are simply passed over.
        guard height > tree.tip.height else { return }
        let previous = sync.buffer.last?.place ?? sync.checking.last?.place ?? lastOfRange
        guard height == previous.height.next, block.header.parent == previous.id, height <= request.through
        else {
            guard saysItBeginsLater(height, request), configuration.guards[.firstBlockNoted] else {
                return resumeWhereBroken(at: block, finalization)
            }
            peers.update(peer) { $0.beginsAt = height }
            return askAnother(than: peer)
        }
        append(block, finalization, after: previous)
    }

    /// Puts a block behind those that came, where its body is the header's: one that is not would keep the right one out, once
    /// the header is known to be final.
    private mutating func append(
        _ block: Block,
        _ finalization: Certificate?,
        after previous: SyncState.Place
    ) {
        let leaves = block.transactions.map { LeafHash(of: $0) }
        var log = previous.log
        log.append(contentsOf: leaves)
        let hasItsBody = log.size == block.header.logSize && log.root == block.header.logRoot
        guard hasItsBody || !configuration.guards[.body] else {
            if let peer = sync.request?.peer { turn.add(.penalize(peer, .malformed(.finalBlock))) }
            return abandonRequest()
        }
        if let peer = sync.request?.peer, let first = peers[peer]?.beginsAt, block.header.height < first {
            peers.update(peer) { $0.beginsAt = nil }
        }
        let isIts = finalization.map { $0.kind == .finalize && $0.block == block.id } ?? false
        let place = SyncState.Place(block.header, id: block.id, log: log)
        sync.append(
            SyncState.RangeBlock(
                block: block,
                leaves: leaves,
                place: place,
                finalization: isIts ? finalization : nil
            )
        )
        sync.deadline = sync.request?.deadline(at: clock.monotonic)
        guard !sync.isBufferFull else { return abandonRequest() }
        if block.id == simplex.finalBlock { return acceptRun(through: block.id) }
        checkRun()
        askOn(after: place)
    }

    /// Asks a peer on whose whole answer holds no finalization that can be judged: the blocks between two may be more than one
    /// holds.
    private mutating func askOn(after place: SyncState.Place) {
        guard let request = sync.request, request.isWhole(through: place.height), sync.checking.isEmpty,
            sync.buffer.last?.place.id == place.id, acceptedAbove?.closesEpoch != true
        else { return }
        self.request(from: place.height.next, of: request.peer)
    }

    /// Whether a block is a peer's way to say that it holds none before: the first of its answer, beyond what was asked for,
    /// and none that is left of an answer before.
    private func saysItBeginsLater(_ height: Height, _ request: SyncState.Request) -> Bool {
        sync.buffer.isEmpty && request.acceptedCount == 0 && height > request.from
            && (height > request.earlierThrough || height == peers[request.peer]?.beginsAt)
    }

    /// The peer does not hold what comes next here: others are asked without waiting for more from this one.
    private mutating func askAnother(than peer: PeerID) {
        // Where nobody holds it they are asked once around, and again after the usual time.
        let others = peers.ids(above: lastOfRange.height).filter { $0 != peer }
        if others.contains(where: { failures(of: $0) <= failures(of: peer) }) { abandonRequest() }
    }

    /// The tip moved under the run: keep what links to it, drop the rest.
    private mutating func resumeWhereBroken(at block: Block, _ finalization: Certificate?) {
        guard sync.checking.isEmpty, acceptedAbove == nil, block.header.height == tree.tip.height.next,
            block.header.parent == tree.tip.id
        else { return }
        sync.dropBuffer()
        append(block, finalization, after: lastOfRange)
    }

    // MARK: - What a finalization covers

    /// Has the finalization of this epoch checked that covers most of what came, unless another is being checked.
    mutating func checkRun() {
        guard sync.checking.isEmpty,
            let end = sync.buffer.lastIndex(where: { $0.finalization?.epoch == simplex.context.epoch }),
            let finalization = sync.buffer[end].finalization
        else { return }
        sync.checking = sync.takeBuffered(end + 1)
        sync.checkingPeer = sync.bufferPeer
        let subject = Verification.Subject.finalization(finalization, simplex.context)
        turn.add(.verify(Verification(source: sync.bufferPeer, subject: subject)))
    }

    /// A finalization that ends a run was checked: its blocks are final.
    mutating func onVerifiedFinalization(_ certificate: Verified<Certificate>) {
        take(certificate)
        // It becomes durable before the run's last block starts another epoch; and where consensus knows of one that contradicts
        // it, nothing of the run may be taken for final.
        if configuration.guards[.finalizationFirst] { drainConsensus() }
        guard !isHalted else { return }
        let block = certificate.value.block
        // Consensus keeps the highest one alone. Whether that one's block stands on this run shows only when it is held: until
        // then the run rests on its own.
        if certificate.value.epoch == simplex.context.epoch, certificate.value.view < simplex.finalView,
            sync.checking.last?.place.id == block
        {
            turn.persist(.certificate(certificate.value))
        }
        acceptRun(through: block)
        checkRun()
    }

    /// A finalization that ends a run was found invalid: so is all that stands on the run.
    mutating func onInvalidFinalization(of block: BlockID, from peer: PeerID?) {
        guard sync.checking.last?.place.id == block else { return }
        sync.checking = []
        // Whoever was asked meanwhile was asked for what stands on it, and is not to blame.
        if sync.request?.peer != peer {
            if let peer { fail(peer) }
            sync.request = nil
        }
        abandonRequest()
    }

    private mutating func acceptRun(through id: BlockID) {
        var run = sync.checking.map { (block: $0, peer: sync.checkingPeer) }
        if run.last?.block.place.id != id {
            guard let end = sync.buffer.lastIndex(where: { $0.place.id == id }) else { return }
            run += sync.takeBuffered(end + 1).map { ($0, sync.bufferPeer) }
        }
        guard let last = run.last?.block.place else { return }
        sync.checking = []
        sync.accepted = last
        sync.movedAt = clock.monotonic
        for (block, peer) in run { sync.request?.noteAccepted(block, from: peer) }
        sync.deadline = sync.request?.deadline(at: clock.monotonic) ?? sync.deadline
        // While its finalization was checked, consensus may have brought some of the run.
        for (block, peer) in run where block.place.height > tree.tip.height {
            tree.dropUnchecked(block.place.id, unlessOf: block.leaves)
            hold(block.block, leaves: block.leaves, origin: .peer(peer))
        }
        if last.height > tree.tip.height { markFinal(id) }
        decide()
        sync.behindSince = nil
        if sync.request?.isWhole(through: last.height) ?? true { sync.deadline = clock.monotonic }
    }
}
