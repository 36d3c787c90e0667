import JalonConsensus
import JalonModel
import JalonState

extension Core {
    /// Performs what consensus asks for, in order.
    mutating func drainConsensus() {
        for output in simplex.takeOutputs() {
            switch output {
            case .cast(let vote): onCast(vote.value)
            case .announce(let certificate): onAnnounce(certificate.value)
            case .entered(let view): onEntered(view)
            case .validate(let proposal): onValidate(proposal.value)
            case .finalized(let certificate): markFinal(certificate.value.block)
            case .missingBlock(let block): want(.block(block))
            case .missingCertificates(let views): want(.certificates(views))
            case .evidence(let pair): keep(pair)
            case .conflict(let first, let second): halt(.conflictingFinalizations(first, second))
            }
        }
    }

    private mutating func onCast(_ vote: Vote) {
        turn.persist(.vote(vote))
        turn.send(.vote(vote), to: peers.ids)
    }

    private mutating func onAnnounce(_ certificate: Certificate) {
        turn.persist(.certificate(certificate))
        guard configuration.guards[.announce] else { return }
        let lacking = peers.ids { peer in
            guard let tip = peer.tip, tip.epoch == certificate.epoch else { return true }
            // A peer whose tip is past this view has what it would learn from it. One that hears all its signers may lack
            // them too: votes that come more than a view too early are not kept.
            return certificate.kind == .finalize
                ? tip.finalView < certificate.view : tip.view <= certificate.view
        }
        turn.send(.certificate(certificate), to: lacking)
    }

    private mutating func onEntered(_ view: View) {
        waitingForTime = nil
        turn.add(.notify(.view(simplex.context.epoch, view)))
    }

    /// The justification of a proposal holds: get its block together, execute it, and tell consensus.
    private mutating func onValidate(_ proposal: Proposal) {
        if tree[proposal.block] == nil, proposal.header.view == proposal.view { assemble(proposal) }
        judgeProposal(of: proposal.view)
    }

    /// Tells consensus what came of the block of a view's proposal, as soon as that is known.
    mutating func judgeProposal(of view: View) {
        guard let proposal = simplex.proposalInValidation(of: view) else { return }
        switch tree[proposal.block]?.stage {
        case .invalid:
            simplex.judged(view, valid: false, at: clock.monotonic)
        case .executed(let executed):
            judgeTime(of: proposal, parent: executed)
        case nil:
            if proposal.block == tree.tip.id {
                simplex.judged(view, valid: true, at: clock.monotonic)
            } else if proposal.header.height <= tree.tip.height {
                simplex.judged(view, valid: false, at: clock.monotonic)
            } else if proposal.header.view != proposal.view {
                want(.block(proposal.block))
            }
        case .received, .verifying, .verified: break
        }
    }

    /// The time rule, judged only when voting live: a block too new is waited for, a fresh one too old is refused.
    private mutating func judgeTime(of proposal: Proposal, parent executed: ExecutedBlock) {
        let view = proposal.view
        guard view == simplex.view, proposal.header.view == view, simplex.own != nil else {
            simplex.judged(view, valid: true, at: clock.monotonic)
            return
        }
        let now = ownTime()
        let timestamp = proposal.header.timestamp
        let parameters = tree.tip.state.parameters
        let oldest = now.reduced(byMilliseconds: Core.oldestFreshBlock)
        let soonest = (tree.point(proposal.header.parent)?.timestamp ?? tree.tip.timestamp)
            .advanced(byMilliseconds: 1)
        let isLate = timestamp < oldest && configuration.guards[.timeNotStale]
        if isLate, clock.wall < now, timestamp >= clock.wall.reduced(byMilliseconds: Core.oldestFreshBlock),
            configuration.guards[.votersConfirm]
        {
            // Old by a time that the machine's clock was set back from: others' votes may still confirm that clock.
            waitingForTime = (view, nil)
            return
        }
        guard !isLate, timestamp >= soonest || !configuration.guards[.timeAfterParent] else {
            simplex.judged(view, valid: false, at: clock.monotonic)
            return
        }
        let latest = max(now.advanced(byMilliseconds: parameters.maxSkewMilliseconds), soonest)
        guard timestamp > latest, configuration.guards[.timeNotAhead] else {
            waitingForTime = nil
            simplex.judged(view, valid: true, at: clock.monotonic)
            return
        }
        guard configuration.guards[.timeWaits] else {
            simplex.judged(view, valid: false, at: clock.monotonic)
            return
        }
        waitingForTime = (view, clock.monotonic + min(timestamp.value - latest.value, 60_000))
    }

    /// A fresh block older than this, in milliseconds, is refused.
    static let oldestFreshBlock: UInt64 = 30_000

    /// The own wall clock, as far as it may be believed.
    mutating func ownTime() -> Timestamp {
        guard configuration.guards[.jumpConfirmed] else { return clock.wall }
        let expected = wallClock.expected(at: clock.monotonic)
        // Others are looked at only where the own clock jumped.
        guard !clock.wall.isNear(expected) else { return clock.wall }
        guard isConfirmed(clock.wall) else { return expected }
        wallClock = WallClock(start: clock)
        return clock.wall
    }

    /// Whether f + 1 other validators, or nobody else is one, see about this time.
    ///
    /// The connected ones show it by their tips; as these may be no more than f, whoever votes for the fresh block of the
    /// current view shows it by the block's timestamp.
    private func isConfirmed(_ time: Timestamp) -> Bool {
        let validators = simplex.context.validators
        guard validators.indices.contains(where: { $0 != simplex.own }) else { return true }
        var seeing = peers.validatorClocks(at: clock.monotonic, but: simplex.own)
            .filter { $0.clock.isNear(time) }.map(\.index)
        if configuration.guards[.votersConfirm], let proposal = simplex.proposal(of: simplex.view),
            proposal.header.view == proposal.view, proposal.header.timestamp.isNear(time)
        {
            seeing += simplex.voters(for: proposal.block, in: proposal.view)
        }
        return Set(seeing.filter { $0 != simplex.own }).count > validators.faultTolerance
    }

    /// A block whose time had not come, or whose time is in doubt, may be judged now.
    mutating func judgeTimeAgain() {
        guard let waiting = waitingForTime else { return }
        waitingForTime = nil
        judgeProposal(of: waiting.view)
    }

    /// The timestamp that a leader would use on `parent`: never ahead of the lower median of the clocks it sees.
    mutating func leaderTime(on parent: ChainPoint) -> Timestamp {
        let now = ownTime()
        guard configuration.guards[.medianTime] else {
            return max(now, parent.timestamp.advanced(byMilliseconds: 1))
        }
        var clocks = peers.validatorClocks(at: clock.monotonic, but: simplex.own).map(\.clock)
        clocks.append(now)
        clocks.sort()
        let lowerMedian = clocks[(clocks.count - 1) / 2]
        return max(min(now, lowerMedian), parent.timestamp.advanced(byMilliseconds: 1))
    }

    /// Keeps a checked pair, durable before it is told on.
    mutating func keep(_ pair: Equivocation) {
        guard isNews(pair), configuration.guards[.evidence] else { return }
        evidence.append(pair)
        turn.persist(.evidence(pair))
        turn.add(.notify(.evidence(pair)))
        turn.send(.evidence(pair), to: peers.ids)
    }

    /// Whether a pair tells anything new: at most one of a signer in a view, and so many of a signer that nobody can crowd
    /// out the evidence against others.
    func isNews(_ pair: Equivocation) -> Bool {
        let (signer, view, epoch) = (pair.first.signer, pair.first.view, pair.first.epoch)
        if let amnesty = amnesty[signer], view <= amnesty { return false }
        var count = 0
        for held in evidence where held.first.signer == signer {
            guard held.first.epoch == epoch else { continue }
            if held.first.view == view { return false }
            count += 1
        }
        return count < Core.maximumEvidence
            && evidence.count < Core.maximumEvidence * ValidatorSet.maximumCount
    }

    /// The most pairs that are kept of one signer.
    static let maximumEvidence = 32
    /// The most pairs that a peer is sent when it connects, the newest.
    static let evidenceOnConnecting = 64

    /// Stops before a block that another rule set judges: this program does not know it.
    mutating func haltAtUnknownRules() {
        guard configuration.guards[.rulesHalt], let version = unknownRules(after: tree.tip) else { return }
        halt(.unknownRules(tree.tip.height.next, version: version))
    }

    /// The rules by which a child of this block would be judged, where this program does not know them.
    func unknownRules(after parent: ChainPoint) -> UInt64? {
        parent.state.unknownRules(at: parent.height.next, known: configuration.knownRules)
    }

    /// Whether a child of this block can be judged here; this node stops as soon as the block is final, and votes for nothing
    /// on it before.
    func knowsRules(after parent: ChainPoint) -> Bool {
        unknownRules(after: parent) == nil || !configuration.guards[.rulesKnown]
    }

    mutating func halt(_ reason: HaltReason) {
        guard !isHalted else { return }
        isHalted = true
        turn.add(.halt(reason))
    }
}
