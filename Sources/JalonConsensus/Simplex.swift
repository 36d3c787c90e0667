import JalonCrypto
package import JalonModel

/// Simplex consensus with round-robin leaders for one epoch (protocol, section 5): pure, by value, without a clock.
///
/// Views advance only by certificates, votes are never locked and there is no message to change a view. Simplex orders
/// block ids; whether a block is valid and held is told to it by ``blockReady(_:at:)`` and ``judged(_:valid:at:)``.
/// Everything it wants done stands in ``takeOutputs()`` after each call.
///
/// Times are milliseconds of a monotonic clock.
package struct Simplex: Sendable {
    /// Others' votes are kept for this many views below the current one.
    static let voteHorizon: UInt64 = 256
    /// A retry repeats own finalizes of at most so many views, and looks for other open votes in so many.
    static let repeatHorizon = 64

    package let context: VotingContext
    package var timing: Timing
    /// The own place among the validators; `nil` for an observer.
    package let own: ValidatorIndex?
    /// The block that the epoch stands on.
    package let base: BlockFacts

    /// The current view.
    package internal(set) var view = View(1)
    /// The certificate by which the current view was entered; `nil` in the first.
    package internal(set) var entry: Verified<Certificate>?
    /// The highest finalization held; `nil` while nothing but the base is final.
    package internal(set) var finalization: Verified<Certificate>?
    /// Whether votes may be cast: not on a full disk, not before peers were asked for forgotten votes, and not while
    /// rejoining.
    package var mayVote = true
    /// No vote in a view below this: where own votes were lost it lies past every view that they may have been for.
    package var firstVote = View(1)
    /// When the current view was entered, and the ones before it that were entered less than Δ earlier, ascending.
    private(set) var entries: [(view: View, at: UInt64)]

    let key: (any Signing)?
    let offset: UInt64
    let guards: Guards
    /// Whether there is something to agree on; timers run only while there is.
    var hasWork = false
    var views = ViewTable()
    var ready: [BlockID: BlockFacts] = [:]
    /// Views above the final one with a notarization, ascending: few, however many views came to nothing.
    var notarized: [View] = []
    /// Views with a notarization whose block was not ready yet, ascending.
    var unfinalized: [View] = []
    var backoff: Backoff
    /// By leader: the last view that ended in nullification without a proposal of it, while it is skipped for that.
    var skipped: [View?]
    /// By validator: the greatest view that a signed vote of it was for.
    var heard: [View]
    /// Views above the final one with an own finalize vote, ascending.
    var ownFinalizes: [View] = []
    var timers = Timers()
    /// Whether the timers of the current view start with the next ``setWork(_:timersFrom:at:)``: the host knows from
    /// when on a block may come, and that depends on the certificate by which the view was entered.
    var timersAreDue = false
    var outputs: [Output] = []
    /// Own votes of before a restart that do not count: none but in a mutant.
    var untallied: Set<Ballot> = []

    /// Deadlines of the current view.
    struct Timers: Hashable, Sendable {
        /// No proposal by then: nullify.
        var leader: UInt64?
        /// No certificate by then: nullify.
        var advance: UInt64?
        /// The own proposal's missing pieces did not come by then: nullify.
        var pieces: UInt64?

        /// The first of them.
        var earliest: UInt64? {
            let earliest = min(leader ?? .max, advance ?? .max, pieces ?? .max)
            return earliest == .max ? nil : earliest
        }
    }

    /// Starts an epoch.
    ///
    /// `offset` shifts the rotation of leaders: 0 in epoch 0, later the closing height before. `key` is the own validator
    /// key, or `nil` for an observer; it is ignored where it is no validator's of this epoch.
    package init(
        context: VotingContext,
        timing: Timing,
        offset: UInt64,
        base: BlockFacts,
        key: (any Signing)?,
        guards: Guards = .all,
        at now: UInt64
    ) {
        self.context = guards[.quorum] ? context : VotingContext(weakened: context)
        self.guards = guards
        self.timing = timing
        self.offset = offset
        self.base = base
        own = key.flatMap { context.validators.index(of: $0.publicKey.id) }
        self.key = own == nil ? nil : key
        entries = [(View(1), now)]
        backoff = Backoff(
            faultTolerance: context.validators.faultTolerance,
            maximumStep: !guards[.backoff] ? 0 : guards[.backoffBound] ? timing.maximumStep : 40
        )
        skipped = [View?](repeating: nil, count: context.validators.count)
        heard = [View](repeating: View(0), count: context.validators.count)
        ready[base.id] = base
    }

    /// The view of the highest finalization, 0 while there is none.
    package var finalView: View { finalization?.value.view ?? View(0) }

    /// The block of the highest finalization, or the base.
    package var finalBlock: BlockID { finalization?.value.block ?? base.id }

    /// Who leads a view.
    package func leader(of view: View) -> ValidatorIndex {
        context.validators.leader(of: view, offset: offset)
    }

    /// The next moment at which ``timerFired(at:)`` has something to do.
    package var deadline: UInt64? {
        guard mayVote(in: view) else { return nil }
        return timers.earliest
    }

    /// Whether votes may be cast in a view.
    func mayVote(in view: View) -> Bool { mayVote && view >= firstVote }

    /// Hands over what is to be done and forgets it.
    package mutating func takeOutputs() -> [Output] {
        var taken: [Output] = []
        swap(&taken, &outputs)
        return taken
    }

    // MARK: - Events

    /// Takes a vote whose signature was checked, own or another's.
    package mutating func handle(_ vote: Verified<Vote>, at now: UInt64) {
        accept(vote, at: now)
        step(at: now)
    }

    /// Takes a certificate whose signatures were checked.
    package mutating func handle(_ certificate: Verified<Certificate>, at now: UInt64) {
        accept(certificate, at: now)
        step(at: now)
    }

    /// Takes a proposal whose leader's vote was checked; certificates of its justification were handled before.
    package mutating func handle(_ proposal: Verified<Proposal>, at now: UInt64) {
        let view = proposal.value.view
        guard proposal.value.header.epoch == context.epoch || !guards[.proposalOfEpoch],
            view > finalView, view <= self.view.next
        else { return }
        let signer = leader(of: view)
        // The vote counts even where the block is refused: it is signed, and a second one is evidence.
        accept(proposal.vote(by: signer), at: now)
        guard view > finalView else { return step(at: now) }
        let keepsFirst = guards[.firstProposal]
        update(view) { state in
            if !state.hasProposal {
                state.proposal = proposal
            } else if !keepsFirst, state.proposal != proposal {
                (state.proposal, state.verdict) = (proposal, .unjudged)
            }
        }
        if view == self.view { timers.leader = nil }
        judgeJustification(of: view)
        step(at: now)
    }

    /// The block is held, durable by the end of this turn, valid, and its ancestors are too.
    package mutating func blockReady(_ facts: BlockFacts, at now: UInt64) {
        guard ready.updateValue(facts, forKey: facts.id) == nil else { return }
        step(at: now)
    }

    /// The block of this view's proposal was validated, the time rule included.
    package mutating func judged(_ view: View, valid: Bool, at now: UInt64) {
        guard views[view]?.verdict == .validating else { return }
        update(view) { $0.verdict = valid ? .valid : .invalid }
        step(at: now)
    }

    /// Whether there is work; to be told after every event, since the timers of a new view start with it.
    ///
    /// While it lasts the timers of a view never restart; when it returns both start anew.
    ///
    /// The timers start at `start`, not before `now`: later where blocks have a minimum interval.
    package mutating func setWork(_ hasWork: Bool, timersFrom start: UInt64, at now: UInt64) {
        guard hasWork != self.hasWork || (hasWork && (timersAreDue || !guards[.steadyTimers])) else { return }
        self.hasWork = hasWork
        timersAreDue = false
        if hasWork { startTimers(at: max(start, now)) } else { timers = Timers() }
        step(at: now)
    }

    /// Whether a view was left more than Δ ago: who still votes in it lacks something.
    package func wasLeft(_ view: View, at now: UInt64) -> Bool {
        guard view < self.view else { return false }
        // A view that was left before the entries that are remembered was left long enough ago.
        guard let first = entries.first, first.view <= view else { return true }
        guard let left = entries.first(where: { $0.view > view })?.at else { return false }
        return now > left + timing.delta
    }

    /// Moves to a view.
    mutating func move(to newView: View, at now: UInt64) {
        view = newView
        entries.append((newView, now))
        // Of the views entered over Δ ago only the newest is of use; a bound, too, for a network that is very fast.
        while entries.count > 1, entries[1].at + timing.delta < now || entries.count > 64 {
            entries.removeFirst()
        }
    }

    /// ``deadline`` was reached.
    package mutating func timerFired(at now: UInt64) {
        step(at: now)
    }

    /// Forgets blocks that can't matter any more; called when the final tip was applied.
    package mutating func prune(keeping isHeld: (BlockID) -> Bool) {
        let held = ready.filter { isHeld($0.key) || $0.key == finalBlock }
        ready = held
    }

    // MARK: - The step

    /// Does whatever the state of the current view calls for, until nothing more follows.
    mutating func step(at now: UInt64) {
        var before: Progress
        repeat {
            before = progress
            finalizeWhatIsReady(at: now)
            stepCurrentView(at: now)
        } while progress != before
    }

    /// What a pass of ``step(at:)`` may change: when it did, another pass may find more to do.
    private struct Progress: Equatable {
        var view: View
        var outputCount: Int
    }

    private var progress: Progress {
        Progress(view: view, outputCount: outputs.count)
    }

    private mutating func stepCurrentView(at now: UInt64) {
        judgeJustification(of: view)
        if mustNullify(at: now) { return cast(.nullify(view), at: now) }
        guard let state = views[view], state.verdict == .valid, let block = state.proposedBlock,
            mayNotarize(block), ready[block] != nil
        else { return }
        cast(.notarize(view, block), at: now)
    }

    /// Whether no own notarize or nullify was cast in the current view.
    private func mayNotarize(_ block: BlockID) -> Bool {
        guard let own, mayVote(in: view) else { return false }
        let state = views[view]
        if let earlier = state?.vote(.notarize, of: own) {
            return !guards[.firstProposal] && earlier.value.ballot.block != block
        }
        return state?.holds(.nullify, of: own) != true || !guards[.notarizeBeforeNullify]
    }

    private func mustNullify(at now: UInt64) -> Bool {
        guard let own, mayVote(in: view) else { return false }
        let leader = leader(of: view)
        let state = views[view]
        guard state?.holds(.nullify, of: own) != true, state?.holds(.finalize, of: own) != true else {
            return false
        }
        let nullifies = state?.voteCount(.nullify) ?? 0
        if nullifies > context.validators.faultTolerance, guards[.joinNullifies] { return true }
        if leader != own, state?.holds(.nullify, of: leader) == true, guards[.joinLeader] { return true }
        if state?.verdict == .invalid, guards[.nullifyInvalid] { return true }
        if let advance = timers.advance, now >= advance { return true }
        if let pieces = timers.pieces, now >= pieces { return true }
        guard state?.hasProposal != true else { return false }
        if let deadline = timers.leader, now >= deadline { return true }
        return hasWork && leader != own && skipped[leader.value] != nil
    }
}
