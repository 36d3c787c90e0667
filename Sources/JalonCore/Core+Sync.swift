import JalonConsensus
import JalonModel

/// Catching up over ranges of final blocks.
struct SyncState: Sendable {
    /// Blocks that came, hash-linked from the tip on, each with a finalization of it where one came too, not checked.
    var buffer: [(block: Block, finalization: Certificate?)] = []
    var bufferByteCount = 0
    /// Blocks whose covering finalization is being checked: one at a time, as the next to be checked covers all that came
    /// meanwhile.
    var checking: [Block] = []
    /// The last block that a checked finalization covers: what is asked for next stands on it, executed or not.
    var accepted: Block? {
        didSet { hasAccepted = accepted != nil }
    }
    /// Whether there is such a block: asked after every event, and a block is much to copy for one look.
    private(set) var hasAccepted = false
    /// The peer that is asked now.
    var peer: PeerID?
    /// The height from which it was asked.
    var requestedFrom = Height(0)
    /// The height up to which it was asked.
    var requestedThrough = Height(0)
    /// The height up to which it should be able to answer, by its tip.
    var promisedThrough = Height(0)
    /// How long nothing may come before the request is over, in milliseconds.
    var patience: UInt64 = 0
    /// When the request is over, however much still comes.
    var endsAt: UInt64 = 0
    /// Where the tip and what was accepted stood when the next request was last due.
    var standing: [Height] = []
    /// Whether what was accepted has to be executed before more is asked for.
    var waitsForTip = false
    /// Bytes of headers and bodies that came for the request.
    var answerByteCount = 0
    /// When the next peer is asked.
    var deadline: UInt64?
    /// Since when some peer's tip shows more final blocks.
    var behindSince: UInt64?
    /// Requests made so far: turns from peer to peer.
    var attempts = 0

    /// Bounds of what is held without a finalization.
    static let maximumBlocks = 1_024
    static let maximumByteCount = 64 << 20

    /// So many blocks may wait to be executed when the next are asked for.
    static let maximumAhead = UInt64(FetchRequest.maximumBlocks) / 2
    /// A whole answer may take so many times what is waited for its next block.
    static let answerIntervals: UInt64 = 8
    /// How often the time a peer gets is doubled at most: with 1 MiB blocks a link of 1 Mbit/s is enough.
    static let maximumDoublings = 3

    var isActive: Bool { peer != nil }

    /// Lets go of what came and is not being checked.
    mutating func dropBuffer() {
        buffer = []
        bufferByteCount = 0
    }

    /// Takes the first so many blocks out of the buffer.
    mutating func takeBuffered(_ count: Int) -> [Block] {
        let taken = buffer[..<count].map(\.block)
        buffer.removeFirst(count)
        bufferByteCount -= taken.reduce(0) { $0 + Int(clamping: $1.header.bodyByteCount) }
        return taken
    }

    /// Whether nothing was asked for or is waited for.
    var isIdle: Bool {
        peer == nil && behindSince == nil && deadline == nil && attempts == 0 && buffer.isEmpty
            && checking.isEmpty && !hasAccepted
    }

    /// Whether the answer is so long that no further block need be part of it.
    var isAnswerFull: Bool {
        answerByteCount + BlockLimits.bodyByteCount + BlockHeader.maximumByteCount
            > FetchRequest.answerByteCount
    }
}

extension Core {
    /// Starts, continues or ends catching up, by what the peers' tips hint at.
    mutating func driveSync() {
        // Without room for blocks none is asked for: no peer is to be blamed for an answer that is not taken.
        guard peers.isAnyone(above: tree.tip.height), diskSpace != .exhausted, configuration.guards[.sync]
        else {
            if !sync.isIdle { sync = SyncState() }
            return
        }
        let ahead = peers.ids(above: tree.tip.height)
        let since = sync.behindSince ?? clock.monotonic
        sync.behindSince = since
        let best = ahead.compactMap { peers[$0]?.tip?.finalHeight.value }.max() ?? 0
        // Nobody votes any more in an epoch that others have left.
        let isFar =
            best >= tree.tip.height.value + 3
            || (configuration.guards[.syncToEpoch]
                && ahead.contains { peers[$0]?.tip?.epoch ?? Epoch(0) > simplex.context.epoch })
        guard isFar || clock.monotonic >= since + simplex.timing.retryInterval else {
            sync.deadline = since + simplex.timing.retryInterval
            return
        }
        if let deadline = sync.deadline, sync.isActive, clock.monotonic < deadline { return }
        // Where nothing at all came of it, the next one is asked from the tip on.
        let standing = [tree.tip.height, acceptedAbove?.header.height ?? tree.tip.height]
        if sync.standing == standing { sync.accepted = nil }
        sync.standing = standing
        guard !mustExecuteFirst else {
            sync.waitsForTip = true
            sync.deadline = clock.monotonic + simplex.timing.retryInterval
            return
        }
        judgeAnswer()
        ask(nextToAsk(of: ahead))
    }

    /// The accepted block above the tip, on which the next one asked for stands.
    private var acceptedAbove: Block? {
        sync.accepted.flatMap { $0.header.height > tree.tip.height ? $0 : nil }
    }

    private var mustExecuteFirst: Bool {
        acceptedAbove.map { $0.header.height.value > tree.tip.height.value + SyncState.maximumAhead } ?? false
    }

    /// The tip moved: more may be asked for.
    mutating func noteSyncedTip() {
        guard sync.waitsForTip, !mustExecuteFirst else { return }
        sync.waitsForTip = false
        sync.deadline = clock.monotonic
    }

    /// Notes whether the peer that was asked gave what its tip promised, or all that one answer may hold: else others are asked
    /// before it, as anybody may say that it is ahead, or give a little from time to time.
    private mutating func judgeAnswer() {
        guard let peer = sync.peer else { return }
        let reached = max(sync.accepted?.header.height ?? Height(0), tree.tip.height)
        let isWhole =
            reached >= sync.promisedThrough || (sync.isAnswerFull && reached >= sync.requestedFrom)
        peers.update(peer) { $0.failedAnswers = isWhole ? 0 : min($0.failedAnswers + 1, 1_000) }
    }

    /// Whom to ask next of those ahead: in turns, of those who failed least often, validators first.
    private func nextToAsk(of ahead: [PeerID]) -> PeerID {
        // Strangers may come again and again, with no failure to their names: every other turn is a validator's.
        let validators = ahead.filter { peers[$0]?.index != nil }
        let candidates = sync.attempts.isMultiple(of: 2) && !validators.isEmpty ? validators : ahead
        func rank(_ id: PeerID) -> (Int, Int) { (failures(of: id), peers[id]?.index == nil ? 1 : 0) }
        guard let least = candidates.map(rank).min(by: <) else { return ahead[0] }
        let best = candidates.filter { rank($0) == least }
        return best[sync.attempts % best.count]
    }

    private func failures(of peer: PeerID) -> Int { peers[peer]?.failedAnswers ?? 0 }

    private mutating func ask(_ peer: PeerID) {
        // Nothing came in time, or everything asked for came: from what is final by now on, of the next peer.
        sync.attempts += 1
        sync.dropBuffer()
        sync.answerByteCount = 0
        sync.waitsForTip = false
        sync.peer = peer
        let last = sync.checking.last?.header.height ?? acceptedAbove?.header.height ?? tree.tip.height
        let through = Height(last.value + FetchRequest.maximumBlocks)
        sync.requestedFrom = last.next
        sync.requestedThrough = through
        sync.promisedThrough = min(through, peers[peer]?.tip?.finalHeight ?? through)
        // Who failed before may have a slow link: it gets more time when its turn comes again.
        sync.patience =
            simplex.timing.retryInterval << UInt64(min(failures(of: peer), SyncState.maximumDoublings))
        sync.deadline = clock.monotonic + sync.patience
        sync.endsAt = clock.monotonic + SyncState.answerIntervals * sync.patience
        turn.send(.request(.finalBlocks(from: last.next, count: FetchRequest.maximumBlocks)), to: [peer])
    }

    /// A final block of a range came.
    mutating func onFinalBlock(_ block: Block, _ finalization: Certificate?, from peer: PeerID) {
        guard sync.peer == peer else { return }
        let height = block.header.height
        // Blocks that consensus brought meanwhile are simply passed over.
        guard height > tree.tip.height else { return }
        // What was accepted may still wait for its transactions: the next block stands on it all the same.
        let previous = sync.buffer.last?.block ?? sync.checking.last ?? acceptedAbove
        let linksTo = previous?.id ?? tree.tip.id
        let expected = previous?.header.height.next ?? tree.tip.height.next
        guard height == expected, block.header.parent == linksTo, height <= sync.requestedThrough else {
            return isFirstHeld(height) && configuration.guards[.firstBlockNoted]
                ? askAnother(than: peer) : resumeWhereBroken(at: block)
        }
        let isIts = finalization.map { $0.kind == .finalize && $0.block == block.id } ?? false
        sync.buffer.append((block, isIts ? finalization : nil))
        sync.bufferByteCount += Int(clamping: block.header.bodyByteCount)
        sync.answerByteCount += Int(clamping: block.header.bodyByteCount) + BlockHeader.maximumByteCount
        sync.deadline = min(clock.monotonic + sync.patience, sync.endsAt)
        guard sync.buffer.count <= SyncState.maximumBlocks, sync.bufferByteCount <= SyncState.maximumByteCount
        else {
            return abandonSync()
        }
        if block.id == simplex.finalBlock { return acceptRun(through: block.id) }
        checkRun()
    }

    /// Has the finalization of this epoch checked that covers most of what came, unless another is being checked.
    mutating func checkRun() {
        guard sync.checking.isEmpty,
            let end = sync.buffer.lastIndex(where: { $0.finalization?.epoch == simplex.context.epoch }),
            let finalization = sync.buffer[end].finalization
        else { return }
        sync.checking = sync.takeBuffered(end + 1)
        let subject = Verification.Subject.finalization(finalization, simplex.context)
        turn.add(.verify(Verification(source: sync.peer, subject: subject)))
    }

    /// Whether a block is a peer's way to say that it holds none before: the first of its answer, beyond what was asked for.
    private func isFirstHeld(_ height: Height) -> Bool {
        sync.answerByteCount == 0 && sync.buffer.isEmpty && sync.checking.isEmpty
            && height > sync.requestedFrom
    }

    /// The peer does not hold what comes next here: others are asked without waiting for more from this one.
    private mutating func askAnother(than peer: PeerID) {
        // Where nobody holds it they are asked once around, and again after the usual time.
        let others = peers.ids(above: tree.tip.height).filter { $0 != peer }
        if others.contains(where: { failures(of: $0) <= failures(of: peer) }) { abandonSync() }
    }

    /// The tip moved under the run, or the peer answers something else: keep what links to the tip, drop the rest.
    private mutating func resumeWhereBroken(at block: Block) {
        guard sync.checking.isEmpty, acceptedAbove == nil, block.header.height == tree.tip.height.next,
            block.header.parent == tree.tip.id
        else { return }
        sync.dropBuffer()
        sync.buffer = [(block, nil)]
        sync.bufferByteCount = Int(clamping: block.header.bodyByteCount)
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
            sync.checking.last?.id == block
        {
            turn.persist(.certificate(certificate.value))
        }
        acceptRun(through: block)
        checkRun()
    }

    private mutating func acceptRun(through id: BlockID) {
        var run = sync.checking
        if run.last?.id != id {
            guard let end = sync.buffer.lastIndex(where: { $0.block.id == id }) else { return }
            run += sync.takeBuffered(end + 1)
        }
        guard let last = run.last else { return }
        sync.checking = []
        sync.accepted = last
        // While its finalization was checked, consensus may have brought some of the run.
        for block in run where block.header.height > tree.tip.height {
            hold(block, origin: .peer(sync.peer))
        }
        if last.header.height > tree.tip.height { markFinal(id) }
        decide()
        sync.behindSince = nil
        if last.header.height >= sync.requestedThrough || sync.isAnswerFull {
            sync.deadline = clock.monotonic
        }
    }

    /// The peer's answer is of no use: ask the next one.
    mutating func abandonSync() {
        sync.dropBuffer()
        sync.checking = []
        sync.deadline = clock.monotonic
    }
}
