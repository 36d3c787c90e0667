import JalonConsensus
import JalonCrypto
package import JalonModel

/// Whether this node may vote, and what it waits for where it may not (protocol, section 5, "Rejoining").
package enum VotingState: Hashable, Sendable {
    /// It is no validator.
    case observing
    /// It starts: so many peers must say first which votes of this node they hold.
    case checking(answers: Int, needed: Int)
    /// It lost votes of its own, or may have: so many other validators must say first where they stand.
    case rejoining(answers: Int, needed: Int, silent: [ValidatorIndex])
    /// The disk is too full for another vote.
    case diskFull
    /// It votes; since it rejoined, in no view below `first`.
    case voting(first: View)
}

/// The questions to the other validators before the first vote, and what came back.
struct StandingState: Sendable {
    enum Phase: Hashable, Sendable {
        /// Own votes may be cast.
        case settled
        /// At the start, with a journal that is believed until a peer knows better.
        case checking
        /// The journal lacks votes, or may.
        case rejoining
    }

    var phase: Phase
    /// Ties answers to the question that is open now.
    var nonce: [UInt8]
    /// Who answered, ascending.
    var answered: [ValidatorIndex] = []
    /// The greatest view that an answer proved, with the certificate that proves it.
    var greatest: (view: View, proof: Certificate?) = (View(1), nil)
    /// When the question is asked again.
    var askAt: UInt64?
    /// The certificate behind the first view in which this node votes since it rejoined.
    var proof: Certificate?

    /// Answers that are being checked: at most one of each validator.
    var inFlight: Set<ValidatorIndex> = []
}

extension Core {
    /// Where an own vote stands now.
    package var votingState: VotingState {
        guard simplex.own != nil else { return .observing }
        switch standing.phase {
        case .checking: return .checking(answers: standing.answered.count, needed: neededAnswers)
        case .rejoining:
            let silent = simplex.context.validators.indices.filter {
                $0 != simplex.own && !standing.answered.contains($0)
            }
            return .rejoining(answers: standing.answered.count, needed: neededAnswers, silent: silent)
        case .settled: return diskSpace == .ample ? .voting(first: simplex.firstVote) : .diskFull
        }
    }

    /// The validators whose answers are needed: f + 1 at a start, 2f + 1 to rejoin; alone there is nobody to ask.
    private var neededAnswers: Int {
        let validators = simplex.context.validators
        guard validators.count > 1 else { return 0 }
        let faults = validators.faultTolerance
        let isWhole = standing.phase == .rejoining && configuration.guards[.rejoinAnswers]
        return isWhole ? 2 * faults + 1 : faults + 1
    }

    /// What a start calls for: a node that votes asks before its first vote.
    static func standing(_ restored: Rejoin?, isValidator: Bool, nonce: [UInt8], guards: Guards)
        -> StandingState
    {
        var state = StandingState(phase: isValidator ? .checking : .settled, nonce: nonce)
        switch restored {
        case .required: if isValidator { state.phase = .rejoining }
        case .granted(_, _, let proof): state.proof = proof
        case nil: break
        }
        if !guards[.startCheck] { state.phase = .settled }
        return state
    }

    /// Allows votes where nothing stands against them.
    mutating func updateMayVote() {
        let hasSpace = diskSpace == .ample || !configuration.guards[.diskSpace]
        simplex.mayVote = hasSpace && standing.phase == .settled
    }

    // MARK: - Asking

    /// Asks a peer that has just connected, where this node waits for answers.
    mutating func askStanding(_ peer: PeerID) {
        guard standing.phase != .settled, let own = simplex.own, peers[peer]?.index != own else { return }
        let request = StandingRequest(
            nonce: standing.nonce,
            epoch: simplex.context.epoch,
            asker: own,
            isRejoining: standing.phase == .rejoining
        )
        turn.send(.standingRequest(request), to: [peer])
    }

    /// Asks all peers, and again until enough validators have answered: who has may pass the question on.
    mutating func askStandingWhenDue() {
        guard standing.phase != .settled else {
            standing.askAt = nil
            return
        }
        if neededAnswers == 0 { return settle() }
        if let askAt = standing.askAt, clock.monotonic < askAt { return }
        standing.askAt = clock.monotonic + jitter.around(simplex.timing.retryInterval)
        for peer in peers.ids { askStanding(peer) }
    }

    /// Own votes are missing in the journal: no more of them before the others said where they stand.
    mutating func startRejoining() {
        guard simplex.own != nil, standing.phase != .rejoining, configuration.guards[.forgottenVote] else {
            return
        }
        standing = StandingState(phase: .rejoining, nonce: jitter.nonce())
        turn.persist(.rejoin(.required))
        updateMayVote()
        askStandingWhenDue()
    }

    // MARK: - Answering

    mutating func onStandingRequest(_ request: StandingRequest, from peer: PeerID) {
        guard request.epoch == simplex.context.epoch, takeServing(peer), request.asker != simplex.own,
            simplex.context.validators[request.asker] != nil
        else { return }
        // By way of one that does not vote, too: it may be the only way.
        if simplex.own != nil || configuration.guards[.standingPassedOn] { passOn(request, from: peer) }
        if request.isRejoining, simplex.context.validators.faultTolerance == 0 {
            // Every certificate needs all validators here, so who lost its votes casts some of them again.
            amnesty[request.asker] = simplex.view.next
        }
        guard let own = simplex.own, let key = configuration.key(in: simplex.context.validators) else {
            return
        }
        let answer = Standing.Content(
            nonce: request.nonce,
            epoch: simplex.context.epoch,
            entry: simplex.entry?.value,
            rejoinProof: standing.proof,
            isRejoining: standing.phase == .rejoining,
            votes: simplex.votes(of: request.asker, maximum: Standing.maximumVoteCount)
        )
        turn.send(
            .standing(Standing.signed(answer, by: own, key: key, in: simplex.context)),
            to: [peer]
        )
    }

    /// Passes a question on to the peers that do not hear the asker, and remembers where its answers go.
    private mutating func passOn(_ request: StandingRequest, from peer: PeerID) {
        let (now, interval) = (clock.monotonic, simplex.timing.retryInterval)
        if let known = questions.firstIndex(where: { $0.nonce == request.nonce }) {
            guard now >= questions[known].at + interval / 2 else { return }
            questions.remove(at: known)
        }
        if questions.count >= Core.maximumQuestions { questions.removeFirst() }
        questions.append(Question(nonce: request.nonce, peer: peer, at: now))
        let deaf = peers.ids { $0.isDeaf(to: request.asker) }.filter { $0 != peer }
        turn.send(.standingRequest(request), to: deaf)
    }

    /// A question of somebody else that was passed on.
    struct Question: Sendable {
        let nonce: [UInt8]
        /// Who asked it here: answers go back there.
        let peer: PeerID
        let at: UInt64
        /// Signatures of the answers that went back there: each goes once, as the ways of several nodes may make a ring,
        /// in which an answer would go round for ever.
        var answers: [[UInt8]] = []
    }

    /// The most questions of others that are remembered.
    static let maximumQuestions = 128
    /// The most answers to one of them that are remembered: two of each validator, as a liar may answer in others' names.
    static let maximumAnswers = 2 * ValidatorSet.maximumCount

    private mutating func takeServing(_ peer: PeerID) -> Bool {
        var isAllowed = false
        peers.update(peer) { isAllowed = $0.servings.take(at: clock.monotonic) }
        return isAllowed
    }

    // MARK: - Hearing

    mutating func onStanding(_ answer: Standing, from peer: PeerID) {
        // What says it is from here and comes from elsewhere is not passed on in this node's name.
        guard answer.signer != simplex.own else { return }
        guard answer.content.nonce == standing.nonce else { return passOn(answer, from: peer) }
        guard standing.phase != .settled, answer.content.epoch == simplex.context.epoch,
            !standing.answered.contains(answer.signer),
            standing.inFlight.insert(answer.signer).inserted
        else { return }
        turn.add(.verify(Verification(source: peer, subject: .standing(answer, simplex.context))))
    }

    private mutating func passOn(_ answer: Standing, from peer: PeerID) {
        let place = questions.lastIndex { $0.nonce == answer.content.nonce }
        guard let place, questions[place].peer != peer, takeServing(peer) else { return }
        let isNew = !questions[place].answers.contains(answer.signature)
        guard isNew || !configuration.guards[.answersPassedOnce] else { return }
        if questions[place].answers.count >= Core.maximumAnswers { questions[place].answers.removeFirst() }
        questions[place].answers.append(answer.signature)
        turn.send(.standing(answer), to: [questions[place].peer])
    }

    /// The signatures of an answer were checked, those of its certificates and votes too.
    mutating func onVerifiedStanding(_ answer: VerifiedStanding) {
        if let entry = answer.entry { take(entry) }
        if answer.votes.contains(where: { simplex.isForgotten($0.value) }) { startRejoining() }
        guard standing.phase != .settled, answer.nonce == standing.nonce,
            !standing.answered.contains(answer.signer)
        else { return }
        if standing.phase == .rejoining {
            // One that may have forgotten its own votes can't say what it saw of others.
            guard !answer.isRejoining else { return }
            note(view(provenBy: answer.entry?.value, margin: 0), answer.entry?.value)
            note(view(provenBy: answer.rejoinProof?.value, margin: rejoinMargin), answer.rejoinProof?.value)
        }
        standing.answered.append(answer.signer)
        standing.answered.sort()
        if standing.answered.count >= neededAnswers { settle() }
    }

    private func view(provenBy certificate: Certificate?, margin: UInt64) -> View {
        certificate.map { View($0.view.value + 1 + margin) } ?? View(1)
    }

    private mutating func note(_ view: View, _ proof: Certificate?) {
        if view > standing.greatest.view { standing.greatest = (view, proof) }
    }

    /// How far after the greatest proven view the first own vote is.
    ///
    /// A vote in view v needs the certificate of v − 1, in which a quorum voted; one of those answered with v − 1 or more.
    /// Where no fault is tolerated every certificate needs this node, and waiting for a later view would be for ever.
    private var rejoinMargin: UInt64 {
        guard simplex.context.validators.faultTolerance > 0 else { return 0 }
        return configuration.guards[.rejoinMargin] ? 2 : 1
    }

    /// Enough answers came.
    private mutating func settle() {
        if standing.phase == .rejoining {
            let isOwn = simplex.view >= standing.greatest.view
            let proof = isOwn ? simplex.entry?.value : standing.greatest.proof
            let greatest = max(simplex.view, standing.greatest.view)
            let first = View(greatest.value + rejoinMargin)
            turn.persist(.rejoin(.granted(simplex.context.epoch, firstView: first, proof: proof)))
            simplex.firstVote = first
            standing.proof = proof
        }
        standing.phase = .settled
        standing.askAt = nil
        updateMayVote()
        updateReadiness()
        simplex.timerFired(at: clock.monotonic)
    }

    // MARK: - What comes to light later

    /// Hands a checked certificate to consensus, unless it shows that own votes were lost.
    mutating func take(_ certificate: Verified<Certificate>) {
        if simplex.holdsForgottenVote(certificate.value) { startRejoining() }
        simplex.handle(certificate, at: clock.monotonic)
    }

    /// Hands a checked vote to consensus; one of the own key that this node does not know of must not count as its own.
    mutating func take(_ vote: Verified<Vote>) {
        guard vote.value.signer != simplex.own else {
            if simplex.isForgotten(vote.value) { startRejoining() }
            return
        }
        simplex.handle(vote, at: clock.monotonic)
    }
}

/// What of a `Standing` was checked.
package struct VerifiedStanding: Sendable {
    package let nonce: [UInt8]
    package let signer: ValidatorIndex
    package let entry: Verified<Certificate>?
    package let rejoinProof: Verified<Certificate>?
    package let isRejoining: Bool
    /// Votes of the asker.
    package let votes: [Verified<Vote>]
}
