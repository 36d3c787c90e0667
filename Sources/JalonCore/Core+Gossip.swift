import JalonConsensus
import JalonModel

extension Core {
    // MARK: - Connections

    mutating func onConnected(_ peer: PeerID) {
        guard peer != configuration.node else { return }
        peers.insert(peer, Peer(index: validatorPeers[peer]))
        turn.send(.tip(ownTip()), to: [peer])
        tellHearing(of: peer)
        askStanding(peer)
        tellReadiness(to: peer)
        for pair in evidence.suffix(Core.evidenceOnConnecting) { turn.send(.evidence(pair), to: [peer]) }
    }

    mutating func onDisconnected(_ peer: PeerID) {
        tellHearing(of: peer)
        peers.remove(peer)
        noteGone(peer)
    }

    /// All are soon told when another validator is heard or not any more: until then they relay its votes, or don't.
    private mutating func tellHearing(of peer: PeerID) {
        guard peers[peer]?.index != nil else { return }
        tipAt.lower(to: clock.monotonic + Core.hearingInterval)
    }

    mutating func ownTip() -> Tip {
        var hears = [UInt8](repeating: 0, count: (simplex.context.validators.count + 7) / 8)
        for index in simplex.context.validators.indices where index == simplex.own || peers.hears(index) {
            hears[index.value / 8] |= 0x80 >> UInt8(index.value % 8)
        }
        return Tip(
            epoch: simplex.context.epoch,
            finalView: simplex.finalView,
            finalHeight: tree.tip.height,
            finalBlock: tree.tip.id,
            view: simplex.view,
            hears: hears,
            // As the machine shows it, believed or not: where many started with wrong clocks that were set right
            // since, only so can they see that they agree.
            clock: configuration.guards[.machineClock] ? clock.wall : ownTime()
        )
    }

    mutating func onTip(_ tip: Tip, from peer: PeerID) {
        let now = clock.monotonic
        let epoch = simplex.context.epoch
        let isComparable = !configuration.guards[.tipOfEpoch]
        peers.update(peer) { known in
            known.tip = isComparable ? tip : tip.inEpoch(epoch)
            known.tipAt = now
        }
        guard tip.epoch == epoch || isComparable else { return }
        if tip.finalView < simplex.finalView {
            help(peer, with: tip.finalView.next)
        } else if configuration.guards[.tipHelp], tip.finalView == simplex.finalView, tip.view < simplex.view,
            let entry = simplex.entry,
            peers[peer]?.entrySentAt.map({ clock.monotonic >= $0 + Core.tipInterval }) ?? true
        {
            peers.update(peer) { $0.entrySentAt = clock.monotonic }
            turn.send(.certificate(entry.value), to: [peer])
        }
    }

    /// So long connections are gathered before a tip tells of them, in milliseconds.
    static let hearingInterval: UInt64 = 100
    /// A tip goes to every peer so often, in milliseconds.
    static let tipInterval: UInt64 = 5_000

    // MARK: - Votes and certificates

    mutating func onVote(_ vote: Vote, from peer: PeerID) {
        guard vote.epoch == simplex.context.epoch || !configuration.guards[.voteOfEpoch] else { return }
        if isLate(vote) { help(peer, with: vote.view) }
        guard simplex.wants(vote) || simplex.isForgotten(vote), inFlight.begin(vote) else { return }
        turn.add(.verify(Verification(source: peer, subject: .vote(vote, simplex.context))))
    }

    /// Whether a vote shows that its sender lacks something: it is for a view that was left over Δ ago, or finalizes
    /// what is final here.
    private func isLate(_ vote: Vote) -> Bool {
        if vote.kind == .finalize { return vote.view <= simplex.finalView }
        return simplex.wasLeft(vote.view, at: clock.monotonic)
    }

    /// Sends a peer what brings it past a view: the finalization at or above it, else the own entry certificate and
    /// every certificate held for the view; at most once a retry interval.
    private mutating func help(_ peer: PeerID, with view: View) {
        guard configuration.guards[.help] else { return }
        let interval = simplex.timing.retryInterval
        if let helpedAt = peers[peer]?.helpedAt, clock.monotonic < helpedAt + interval { return }
        peers.update(peer) { $0.helpedAt = clock.monotonic }
        if let finalization = simplex.finalization, finalization.value.view >= view {
            turn.send(.certificate(finalization.value), to: [peer])
            return
        }
        var certificates = simplex.certificates(of: view)
        if let entry = simplex.entry?.value, !certificates.contains(entry) { certificates.append(entry) }
        for certificate in certificates { turn.send(.certificate(certificate), to: [peer]) }
    }

    mutating func onCertificate(_ certificate: Certificate, from peer: PeerID) {
        guard simplex.wants(certificate), inFlight.begin(certificate) else { return }
        turn.add(.verify(Verification(source: peer, subject: .certificate(certificate, simplex.context))))
    }

    // MARK: - Proposals

    mutating func onProposal(_ proposal: Proposal, from peer: PeerID) {
        let isOfEpoch =
            proposal.header.epoch == simplex.context.epoch || !configuration.guards[.proposalOfEpoch]
        guard isOfEpoch, proposal.header.chain == genesis.chain,
            proposal.view > simplex.finalView,
            simplex.lacksProposal(for: proposal.view) || !configuration.guards[.firstProposal]
        else { return }
        let leader = leader(of: proposal, from: peer)
        if proposal.view < simplex.view {
            if simplex.wasLeft(proposal.view, at: clock.monotonic) { help(peer, with: proposal.view) }
            // Late, but its block may be what is missing here.
            guard simplex.isTracked(proposal.view) else { return }
        }
        guard inFlight.beginProposal(in: proposal.view) else { return }
        let all = [proposal.justification.parent].compactMap { $0 } + proposal.justification.nullifications
        let unknown = all.filter { simplex.wants($0) }
        turn.add(
            .verify(
                Verification(
                    source: peer,
                    subject: .proposal(proposal, leader: leader, justification: unknown, simplex.context)
                )
            )
        )
    }

    /// Whose vote must come with a proposal.
    private func leader(of proposal: Proposal, from peer: PeerID) -> ValidatorIndex {
        let leader = simplex.leader(of: proposal.view)
        return configuration.guards[.leadersVote] ? leader : peers[peer]?.index ?? leader
    }

    private mutating func onVerifiedProposal(
        _ proposal: Verified<Proposal>,
        justification: [Verified<Certificate>],
        from peer: PeerID?
    ) {
        // Oldest first, so that views are entered in their order.
        for certificate in justification.sorted(by: { $0.value.view < $1.value.view }) {
            take(certificate)
        }
        let leader = simplex.leader(of: proposal.value.view)
        // An own proposal that this node does not know of is a forgotten vote, and must not count as its own.
        if leader == simplex.own {
            if simplex.isForgotten(proposal.value.vote(by: leader)) { startRejoining() }
            return
        }
        let isNews = simplex.lacksProposal(for: proposal.value.view)
        if let peer, sources[proposal.value.block] == nil { sources[proposal.value.block] = peer }
        simplex.handle(proposal, at: clock.monotonic)
        if isNews { relay(.proposal(proposal.value), signer: leader, from: peer) }
    }

    /// Passes a vote or proposal on to the peers that do not hear its signer themselves.
    private mutating func relay(_ message: PeerMessage, signer: ValidatorIndex, from source: PeerID?) {
        guard configuration.guards[.relay] else { return }
        var deaf = peers.ids { $0.isDeaf(to: signer) }
        deaf.removeAll { $0 == source }
        turn.send(message, to: deaf)
    }

    // MARK: - Checked

    mutating func onVerified(_ outcome: VerificationOutcome) {
        let source = outcome.verification.source
        release(outcome.verification.subject)
        switch outcome.result {
        case .vote(let vote):
            let isNews = simplex.wants(vote.value)
            take(vote)
            if isNews { relay(.vote(vote.value), signer: vote.value.signer, from: source) }
        case .certificate(let certificate): take(certificate)
        case .finalization(let certificate): onVerifiedFinalization(certificate)
        case .proposal(let proposal, let justification):
            onVerifiedProposal(proposal, justification: justification, from: source)
        case .transactions(let checked):
            switch outcome.verification.subject {
            case .transactions(let asked, let isOwn):
                onVerifiedTransactions(checked, of: asked, from: source, isOwn: isOwn)
            case .block(let id, _): onVerifiedBlock(id, checked)
            case .vote, .certificate, .proposal, .evidence, .finalization, .standing, .readiness: break
            }
        case .standing(let answer): onVerifiedStanding(answer)
        case .readiness(let notice): onVerifiedReadiness(notice, from: source)
        case .evidence(let pair): keep(pair.value)
        case .invalid:
            if case .finalization(let certificate, _) = outcome.verification.subject {
                onInvalidFinalization(of: certificate.block, from: source)
            }
            guard let source, !isPassedOn(outcome.verification.subject, by: source) else { return }
            turn.add(.penalize(source, .invalidSignature(outcome.verification.subject.kind)))
        }
    }

    /// Whether a peer only passed on, unchecked, what another signed: it is not to blame for it.
    private func isPassedOn(_ subject: Verification.Subject, by peer: PeerID) -> Bool {
        guard case .standing(let answer, _) = subject else { return false }
        return peers[peer]?.index != answer.signer
    }

    private mutating func release(_ subject: Verification.Subject) {
        switch subject {
        case .vote(let vote, _): inFlight.end(vote)
        case .certificate(let certificate, _): inFlight.end(certificate)
        case .proposal(let proposal, _, _, _): inFlight.endProposal(in: proposal.view)
        case .standing(let answer, _): standing.inFlight.remove(answer.signer)
        case .readiness(let notice, _, _): readiness.inFlight.remove(notice)
        case .transactions, .block, .evidence, .finalization: break
        }
    }

    mutating func onEvidence(_ pair: Equivocation, from peer: PeerID) {
        guard pair.first.epoch == simplex.context.epoch, isNews(pair) else { return }
        turn.add(.verify(Verification(source: peer, subject: .evidence(pair, simplex.context))))
    }

    // MARK: - Requests of peers

    mutating func onRequest(_ request: FetchRequest, from peer: PeerID) {
        var isAllowed = false
        peers.update(peer) { isAllowed = $0.servings.take(at: clock.monotonic) }
        guard isAllowed else { return }
        switch request {
        case .block(let id):
            // Only what was executed here: anything else may have another body than its header says.
            if let executed = tree.executed(id) {
                turn.send(.block(executed.block), to: [peer])
            } else {
                turn.add(.serve(request, to: peer))
            }
        case .transactions(let leaves):
            answer(leaves, to: peer)
        case .certificates(let epoch, let views):
            guard epoch == simplex.context.epoch else { return }
            sendCertificates(views, to: peer)
        case .finalBlocks: turn.add(.serve(request, to: peer))
        }
    }

    private mutating func sendCertificates(_ views: ClosedRange<View>, to peer: PeerID) {
        if let finalization = simplex.finalization?.value, finalization.view >= views.lowerBound {
            turn.send(.certificate(finalization), to: [peer])
        }
        var view = max(views.lowerBound, simplex.finalView.next)
        while view <= views.upperBound, view <= simplex.view {
            for certificate in simplex.certificates(of: view) {
                turn.send(.certificate(certificate), to: [peer])
            }
            view = view.next
        }
    }

    mutating func onBlock(_ block: Block, from peer: PeerID) {
        // Not asked for, or no longer: an honest peer's answer may come after another's, so nobody is blamed.
        guard fetcher.contains(.block(block.id)) || fetcher.contains(.transactions(block.id)) else { return }
        fetcher.remove(.block(block.id))
        fetcher.remove(.transactions(block.id))
        hold(block, origin: .peer(peer))
    }
}

extension Verification.Subject {
    /// The kind of frame that brought it.
    var kind: FrameKind {
        switch self {
        case .vote: .vote
        case .certificate: .certificate
        case .proposal: .proposal
        case .transactions, .block: .transactions
        case .evidence: .evidence
        case .finalization: .finalBlock
        case .standing: .standing
        case .readiness: .readiness
        }
    }
}
