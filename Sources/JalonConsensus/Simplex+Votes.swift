import JalonCrypto
package import JalonModel

extension Simplex {
    /// Changes the state of a view, making it where there is none.
    mutating func update(_ view: View, _ body: (inout ViewState) -> Void) {
        let count = context.validators.count
        body(&views[view, default: ViewState(validatorCount: count)])
    }

    /// Signs and tallies an own vote, once.
    mutating func cast(_ ballot: Ballot, at now: UInt64) {
        guard let own, let key, mayVote(in: ballot.view) else { return }
        assertMayCast(ballot, by: own)
        let vote = Vote.signed(ballot, by: own, key: key, in: context)
        outputs.append(.cast(vote))
        if ballot.view == view, ballot.kind == .nullify { timers = Timers() }
        accept(vote, at: now)
    }

    /// What no own vote may break: every path that signs goes through here.
    private func assertMayCast(_ ballot: Ballot, by own: ValidatorIndex) {
        guard guards.isWhole else { return }
        let state = views[ballot.view]
        precondition(
            state?.holds(ballot.kind, of: own) != true,
            "a validator votes once of a kind in a view"
        )
        precondition(
            ballot.kind != .notarize || state?.holds(.nullify, of: own) != true,
            "after a nullify there is no other vote in that view"
        )
        precondition(
            ballot.kind != .finalize || state?.holds(.nullify, of: own) != true,
            "a view that was nullified by its voter is not finalized by it"
        )
        precondition(
            ballot.kind != .nullify || state?.holds(.finalize, of: own) != true,
            "a finalize vote implies that the view was left"
        )
    }

    /// Signs a proposal, and with it the own notarize vote, for the slot that ``proposalSlot(at:)`` just gave.
    ///
    /// `leaves` are the leaf hashes of the block's transactions, in their order.
    ///
    /// - Returns: What is to be made durable and then sent; `nil` where the slot is no longer this node's.
    package mutating func propose(
        in slot: ProposalSlot,
        header: BlockHeader,
        leaves: [LeafHash],
        at now: UInt64
    ) -> Proposal? {
        guard let own, let key, mayVote(in: view), slot.view == view, leader(of: view) == own else {
            return nil
        }
        assertMayCast(.notarize(view, header.id), by: own)
        let (proposal, vote) = Proposal.signed(
            view: view,
            header: header,
            leaves: leaves,
            justification: slot.justification,
            by: own,
            key: key,
            in: context
        )
        update(view) { state in
            state.proposal = proposal
            state.verdict = .valid
        }
        timers.leader = nil
        timers.pieces = nil
        accept(vote, at: now)
        step(at: now)
        return proposal.value
    }

    /// Counts a verified vote: first seen stays, a contradiction is evidence, a quorum makes a certificate.
    mutating func accept(_ verified: Verified<Vote>, at now: UInt64) {
        let vote = verified.value
        guard vote.epoch == context.epoch || !guards[.voteOfEpoch],
            context.validators[vote.signer] != nil
        else { return }
        heard[vote.signer.value] = max(heard[vote.signer.value], vote.view)
        if let since = skipped[vote.signer.value], vote.view > since, guards[.unskip] {
            skipped[vote.signer.value] = nil
        }
        guard isTracked(vote.view) || (vote.signer == own && vote.view > finalView) else { return }
        let state = views[vote.view]
        if let other = state?.contradiction(to: vote), state?.accused[vote.signer.value] != true {
            update(vote.view) { $0.accused[vote.signer.value] = true }
            if let evidence = Equivocation(other, vote) { outputs.append(.evidence(evidence)) }
        }
        let isSecond = state?.holds(vote.kind, of: vote.signer) == true
        guard !isSecond || (vote.signer == own && !guards[.firstProposal]) else { return }
        update(vote.view) { $0.keep(verified) }
        if vote.signer == own, vote.kind == .finalize { ownFinalizes.insertSorted(vote.view) }
        tally(vote.ballot, at: now)
    }

    /// Whether votes of a view are kept: the last 256 up to the one after the current.
    package func isTracked(_ view: View) -> Bool {
        view > finalView && view <= self.view.next && view.value + Simplex.voteHorizon >= self.view.value
    }

    private mutating func tally(_ ballot: Ballot, at now: UInt64) {
        guard let state = views[ballot.view] else { return }
        switch ballot.kind {
        case .notarize: if state.isNotarized { return }
        case .nullify: if state.isNullified { return }
        case .finalize: if state.isFinalized { return }
        }
        // Most votes are not the one that makes the quorum.
        guard state.voteCount(ballot.kind) >= context.quorum else { return }
        let votes = state.votes(ballot.kind).filter {
            $0.value.ballot == ballot && ($0.value.signer != own || !untallied.contains(ballot))
        }
        guard votes.count >= context.quorum,
            let certificate = Certificate.assembled(from: votes, in: context)
        else { return }
        accept(certificate, at: now)
    }

    /// Votes finalize for every notarized view whose block is ready and that this node did not nullify.
    mutating func finalizeWhatIsReady(at now: UInt64) {
        guard let own, mayVote, !unfinalized.isEmpty else { return }
        var waiting: [View] = []
        for view in unfinalized {
            guard view > finalView, view >= firstVote, let state = views[view],
                let block = state.notarizedBlock, !state.holds(.finalize, of: own),
                !state.holds(.nullify, of: own) || !guards[.finalizeWithoutNullify]
            else { continue }
            if let facts = ready[block] {
                cast(.finalize(view, block, logRoot: facts.logRoot), at: now)
            } else {
                waiting.append(view)
            }
        }
        unfinalized = waiting.filter { $0 > finalView }
    }
}
