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
    /// The last block that a finalization covers, while it waits to be executed.
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
        let holders = peers.ids(holding: tree.tip.height.next, of: ahead)
        ask(holders[sync.attempts % holders.count])
    }

    private mutating func ask(_ peer: PeerID) {
        // Nothing came in time, or everything asked for came: from the tip on, of the next peer.
        sync.attempts += 1
        sync.dropBuffer()
        sync.accepted = nil
        sync.answerByteCount = 0
        sync.peer = peer
        let first = tree.tip.height.next
        sync.requestedFrom = first
        sync.requestedThrough = Height(tree.tip.height.value + FetchRequest.maximumBlocks)
        sync.deadline = clock.monotonic + simplex.timing.retryInterval
        turn.send(.request(.finalBlocks(from: first, count: FetchRequest.maximumBlocks)), to: [peer])
    }

    /// A final block of a range came.
    mutating func onFinalBlock(_ block: Block, _ finalization: Certificate?, from peer: PeerID) {
        guard sync.peer == peer else { return }
        let height = block.header.height
        // Blocks that consensus brought meanwhile are simply passed over.
        guard height > tree.tip.height else { return }
        // What was accepted may still wait for its transactions: the next block stands on it all the same.
        let accepted = sync.accepted.flatMap { $0.header.height > tree.tip.height ? $0 : nil }
        let previous = sync.buffer.last?.block ?? sync.checking.last ?? accepted
        let linksTo = previous?.id ?? tree.tip.id
        let expected = previous?.header.height.next ?? tree.tip.height.next
        guard height == expected, block.header.parent == linksTo, height <= sync.requestedThrough else {
            let isNoted = isFirstHeld(height) && configuration.guards[.firstBlockNoted]
            return isNoted ? noteFirstBlock(height, of: peer) : resumeWhereBroken(at: block)
        }
        let isIts = finalization.map { $0.kind == .finalize && $0.block == block.id } ?? false
        sync.buffer.append((block, isIts ? finalization : nil))
        sync.bufferByteCount += Int(clamping: block.header.bodyByteCount)
        sync.answerByteCount += Int(clamping: block.header.bodyByteCount) + BlockHeader.maximumByteCount
        sync.deadline = clock.monotonic + simplex.timing.retryInterval
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

    /// The peer does not hold what comes next here: whoever does is asked, without waiting for more from this one.
    private mutating func noteFirstBlock(_ height: Height, of peer: PeerID) {
        peers.update(peer) { $0.firstBlock = max($0.firstBlock, height) }
        let others = peers.ids(holding: tree.tip.height.next, of: peers.ids(above: tree.tip.height))
        // Where nobody holds it, they are asked again in turn, as often as any.
        if !others.contains(peer) { abandonSync() }
    }

    /// The tip moved under the run, or the peer answers something else: keep what links to the tip, drop the rest.
    private mutating func resumeWhereBroken(at block: Block) {
        guard sync.checking.isEmpty, block.header.height == tree.tip.height.next,
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
        sync.accepted = nil
        sync.deadline = clock.monotonic
    }
}
