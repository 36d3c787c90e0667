import JalonConsensus
import JalonCrypto
package import JalonModel
package import JalonState

/// Who said that it is ready for a set of validators that may come.
struct ReadinessState: Sendable {
    /// By the hash of the set; only those of the tip's state.
    private(set) var notices: [Digest: [Verified<ReadinessNotice>]] = [:]
    /// Notices that are being checked.
    var inFlight: Set<ReadinessNotice> = []
    /// At which height this node last said so, by the hash of the set.
    var saidAt: [Digest: Height] = [:]
    /// Which notice was repeated last.
    var turn = 0

    /// The most notices that go out with a tip.
    static let repeatedCount = 6

    /// Forgets what no set of these is for; what is said of an epoch is over with it.
    mutating func keep(_ sets: [LedgerState.NextValidators]) {
        guard !notices.isEmpty || !saidAt.isEmpty || !inFlight.isEmpty else { return }
        let hashes = sets.map(\.validators.hash)
        notices = notices.filter { hashes.contains($0.key) }
        saidAt = saidAt.filter { hashes.contains($0.key) }
        inFlight = inFlight.filter { hashes.contains($0.validators) }
    }

    /// Whether a notice is newer than what is known of its signer.
    func isNews(_ notice: ReadinessNotice) -> Bool {
        let known = notices[notice.validators]?.first { $0.value.index == notice.index }
        return known.map { $0.value.readiness.height < notice.readiness.height } ?? true
    }

    mutating func insert(_ notice: Verified<ReadinessNotice>) {
        notices[notice.value.validators, default: []].removeAll { $0.value.index == notice.value.index }
        notices[notice.value.validators, default: []].append(notice)
    }

    /// The notices for a set that a block at `height` may rest on, by index.
    func fresh(_ set: ValidatorSet, at height: Height) -> [Verified<ReadinessNotice>] {
        (notices[set.hash] ?? [])
            .filter {
                $0.value.readiness.height < height
                    && $0.value.readiness.height.value + Readiness.maximumAge >= height.value
            }
            .sorted { $0.value.index < $1.value.index }
    }
}

/// A set of validators that waits, and who of it is ready: what a page and a refusal show.
package struct PendingValidators: Sendable {
    package let validators: ValidatorSet
    package let changes: [PendingRecord]
    /// Who is ready, ascending.
    package let ready: [ValidatorIndex]
    /// Their notices, of which a person may make the transaction by hand.
    package let notices: [Verified<ReadinessNotice>]
}

extension Core {
    /// The sets of validators that wait, the one that makes the most changes first, and who is ready, as far as this node
    /// knows.
    package var pendingValidators: [PendingValidators] {
        state.nextValidators.map { next in
            let notices = readiness.fresh(next.validators, at: tip.height.next)
            return PendingValidators(
                validators: next.validators,
                changes: next.changes,
                ready: notices.map(\.value.index),
                notices: notices
            )
        }
    }

    // MARK: - Readiness

    /// The applied tip moved: says for which sets this node is ready, and forgets what is over.
    mutating func updateReadiness() {
        guard !state.pendingChanges.isEmpty || !readiness.notices.isEmpty || !readiness.saidAt.isEmpty else {
            return
        }
        let sets = state.nextValidators
        readiness.keep(sets)
        for set in sets { sayReady(for: set.validators, again: false) }
    }

    /// A node is ready where it holds its key, may vote as far as it knows, and has applied the tip.
    ///
    /// It says so anew once half of what it said has aged.
    private mutating func sayReady(for set: ValidatorSet, again: Bool) {
        let isSettled = standing.phase == .settled || !configuration.guards[.readinessSettled]
        guard let key = configuration.key(in: set), isSettled, diskSpace == .ample, tip.height > Height(0)
        else { return }
        let height = tip.height
        if !again, let said = readiness.saidAt[set.hash],
            height.value < said.value + Readiness.maximumAge / 2
        {
            return
        }
        let notice = ReadinessNotice.signed(
            set,
            epoch: state.epoch.next,
            height: height,
            chain: genesis.chain,
            key: key
        )
        guard let notice else { return }
        readiness.saidAt[set.hash] = height
        readiness.insert(notice)
        turn.send(.readiness(notice.value), to: peers.ids)
    }

    /// Who is ready, as far as this node knows, for the sets that wait.
    private var readyNotices: [ReadinessNotice] {
        guard !readiness.notices.isEmpty else { return [] }
        return state.nextValidators.flatMap { set in
            readiness.fresh(set.validators, at: tip.height.next).map(\.value)
        }
    }

    /// Tells a peer that connects who is ready.
    mutating func tellReadiness(to peer: PeerID) {
        for notice in readyNotices { turn.send(.readiness(notice), to: [peer]) }
    }

    /// Tells all peers who is ready, a few at a time in turn: with each tip, since nothing else repeats it, and a long
    /// queue of changes must not fill the links for ever.
    mutating func repeatReadiness() {
        let notices = readyNotices
        guard !notices.isEmpty else { return }
        for _ in 0..<min(notices.count, ReadinessState.repeatedCount) {
            readiness.turn = (readiness.turn + 1) % notices.count
            turn.send(.readiness(notices[readiness.turn]), to: peers.ids)
        }
    }

    mutating func onReadiness(_ notice: ReadinessNotice, from peer: PeerID) {
        guard notice.epoch == state.epoch.next, readiness.isNews(notice),
            let set = state.nextValidators.first(where: { $0.validators.hash == notice.validators }),
            readiness.inFlight.count < ValidatorSet.maximumCount * 8,
            readiness.inFlight.insert(notice).inserted
        else { return }
        let subject = Verification.Subject.readiness(notice, set.validators, genesis.chain)
        turn.add(.verify(Verification(source: peer, subject: subject)))
    }

    mutating func onVerifiedReadiness(_ notice: Verified<ReadinessNotice>, from peer: PeerID?) {
        guard notice.value.epoch == state.epoch.next, readiness.isNews(notice.value),
            state.nextValidators.contains(where: { $0.validators.hash == notice.value.validators })
        else { return }
        readiness.insert(notice)
        // Once to everybody: few and rare, and who is ready may have no link to the leader.
        guard configuration.guards[.readinessPassedOn] else { return }
        turn.send(.readiness(notice.value), to: peers.ids.filter { $0 != peer })
    }

    /// The set that a child of `parent` may start an epoch with: a quorum of it is ready.
    func readyValidators(after parent: ChainPoint) -> (set: ValidatorSet, ready: [Verified<ReadinessNotice>])?
    {
        guard !parent.state.pendingChanges.isEmpty else { return nil }
        for next in parent.state.nextValidators {
            let ready = readiness.fresh(next.validators, at: parent.height.next)
            let needed = next.validators.quorum - (configuration.guards[.readinessQuorum] ? 0 : 1)
            if ready.count >= needed { return (next.validators, ready) }
        }
        return nil
    }

    /// The transaction that closes the epoch, made by the leader that proposes it: nobody has to be there when a quorum is
    /// ready.
    mutating func activation(after parent: ChainPoint, at time: Timestamp) -> Verified<Transaction>? {
        guard let own = simplex.own, let key = configuration.key(in: simplex.context.validators),
            let member = simplex.context.validators[own]?.member,
            let (set, ready) = readyValidators(after: parent)
        else { return nil }
        return ValidatorsActivate.signed(
            set,
            epoch: parent.state.epoch.next,
            ready: ready,
            network: genesis.network,
            chain: genesis.chain,
            issuer: member,
            nonce: jitter.nonce(),
            expires: time.advanced(byMilliseconds: parent.state.parameters.maxLifetimeMilliseconds),
            key: key
        )
    }

    // MARK: - The next epoch

    /// The consensus of the epoch that starts after `tip`.
    static func simplex(
        after tip: ChainPoint,
        genesis: Genesis,
        configuration: Configuration,
        at now: UInt64
    ) -> Simplex {
        let state = tip.state
        let parameters = state.parameters
        return Simplex(
            context: VotingContext(
                network: genesis.network,
                chain: genesis.chain,
                epoch: state.epoch,
                validators: state.validators
            ),
            timing: Timing(delta: parameters.deltaMilliseconds, cap: parameters.timeoutCapMilliseconds),
            offset: configuration.guards[.rotationOffset] ? state.epochStart.value : 0,
            base: BlockFacts(base: tip.id, view: tip.view, logRoot: tip.frontier.root),
            key: configuration.key(in: state.validators),
            guards: configuration.guards,
            at: now
        )
    }

    /// Which peers are validators may have changed.
    mutating func knowMembers() {
        validatorPeers = Core.validatorPeers(of: state)
        for peer in peers.ids {
            peers.update(peer) { [validatorPeers] known in known.index = validatorPeers[peer] }
        }
    }

    /// The closing block was applied: the next validators go on from it.
    mutating func startEpoch() {
        let wasRejoining = standing.phase == .rejoining && configuration.guards[.rejoinInNextEpoch]
        simplex = Core.simplex(
            after: tree.tip,
            genesis: genesis,
            configuration: configuration,
            at: clock.monotonic
        )
        assemblies = [:]
        if configuration.guards[.readinessOfEpoch] { readiness = ReadinessState() }
        (waitingForTime, unfinalTip, pacedUntil, retryAt) = (nil, nil, nil, nil)
        (amnesty, questions) = ([:], [])
        knowMembers()
        let (epoch, guards) = (state.epoch, configuration.guards)
        for peer in peers.ids {
            peers.update(peer) { known in
                if guards[.tipOfEpoch] { known.tip = known.tip?.inEpoch(epoch) }
                (known.helpedAt, known.entrySentAt) = (nil, nil)
            }
        }
        // Votes of the new epoch may have been cast before this folder was rolled back to the old one: it is asked for
        // as at a start.
        standing = Core.standing(
            wasRejoining ? .required : nil,
            isValidator: simplex.own != nil,
            nonce: jitter.nonce(),
            guards: configuration.guards
        )
        if !configuration.guards[.epochCheck], !wasRejoining { standing.phase = .settled }
        updateMayVote()
        turn.send(.tip(ownTip()), to: peers.ids)
        turn.add(.notify(.view(state.epoch, simplex.view)))
    }
}

extension Tip {
    /// The tip as far as it says anything in an epoch: views and validators of another one are not comparable.
    func inEpoch(_ epoch: Epoch) -> Tip {
        guard self.epoch != epoch else { return self }
        var tip = self
        (tip.finalView, tip.view, tip.hears) = (View(0), View(0), [])
        return tip
    }
}
