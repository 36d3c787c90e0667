package import JalonModel

extension Simplex {
    // MARK: - For the host's decisions of gossip

    /// Whether something is waiting in ``takeOutputs()``.
    package var hasOutputs: Bool { !outputs.isEmpty }

    /// Whether there is work, as far as the host said.
    package var hasWorkNow: Bool { hasWork }

    /// Whether a vote would tell anything new, its signature aside: a second, different one would (it is evidence).
    package func wants(_ vote: Vote) -> Bool {
        guard vote.epoch == context.epoch || !guards[.voteOfEpoch],
            context.validators[vote.signer] != nil, isTracked(vote.view)
        else { return false }
        guard let state = views[vote.view] else { return true }
        guard let seen = state.vote(vote.kind, of: vote.signer)?.value else { return true }
        return seen.ballot != vote.ballot && !state.accused[vote.signer.value]
    }

    /// Whether a certificate would tell anything new, its signatures aside.
    package func wants(_ certificate: Certificate) -> Bool {
        guard certificate.epoch == context.epoch || !guards[.certificateOfEpoch] else { return false }
        if certificate.view == finalView, certificate.kind == .finalize {
            return certificate.block != finalBlock
        }
        guard certificate.view > finalView else { return false }
        guard let state = views[certificate.view] else { return true }
        return switch certificate.kind {
        case .notarize: !state.isNotarized
        case .nullify: !state.isNullified
        case .finalize: !state.isFinalized
        }
    }

    /// Whether a vote under the own key, once its signature is checked, is one that this node does not know of.
    ///
    /// Its journal was rolled back then, or a second node has its key. Views that are settled, or were given up by
    /// rejoining, don't matter.
    package func isForgotten(_ vote: Vote) -> Bool {
        vote.signer == own && vote.epoch == context.epoch && isForgotten(vote.ballot)
    }

    /// Whether a certificate, once its signatures are checked, holds a forgotten vote of this node.
    package func holdsForgottenVote(_ certificate: Certificate) -> Bool {
        guard let own, certificate.signers(in: context)?.contains(own) == true else { return false }
        return certificate.epoch == context.epoch && isForgotten(certificate.ballot)
    }

    private func isForgotten(_ ballot: Ballot) -> Bool {
        guard let own, ballot.view > finalView, ballot.view >= firstVote else { return false }
        return views[ballot.view]?.vote(ballot.kind, of: own)?.value.ballot != ballot
    }

    /// The votes of a validator above the final view, newest first, at most `maximum`.
    package func votes(of signer: ValidatorIndex, maximum: Int) -> [Vote] {
        var votes: [Vote] = []
        for view in views.keys.reversed() where view > finalView {
            guard let state = views[view] else { continue }
            for kind in VoteKind.allCases {
                guard votes.count < maximum else { return votes }
                if let vote = state.vote(kind, of: signer)?.value { votes.append(vote) }
            }
        }
        return votes
    }

    /// Whether no proposal of a view is held yet.
    package func lacksProposal(for view: View) -> Bool {
        view > finalView && views[view]?.hasProposal != true
    }

    /// The first verified proposal of a view's leader.
    package func proposal(of view: View) -> Proposal? { views[view]?.proposal?.value }

    /// Whose notarize vote for a block was seen first in a view, ascending.
    package func voters(for block: BlockID, in view: View) -> [ValidatorIndex] {
        let votes = views[view]?.votes(.notarize) ?? []
        return votes.filter { $0.value.ballot.block == block }.map(\.value.signer)
    }

    /// The proposal of a view whose justification holds and whose block is being validated.
    package func proposalInValidation(of view: View) -> Proposal? {
        guard let state = views[view], state.verdict == .validating else { return nil }
        return state.proposal?.value
    }

    /// The views whose proposal names this block and is being validated, ascending.
    package func viewsInValidation(of block: BlockID) -> [View] {
        views.keys.filter { views[$0]?.verdict == .validating && views[$0]?.proposedBlock == block }
    }

    /// The block of the greatest view that is notarized or final and ready; `nil` where that is the applied tip or base.
    package var greatestReadyBlock: BlockID? {
        for view in notarized.reversed() where view > finalView {
            if let block = views[view]?.certifiedBlock, ready[block] != nil { return block }
        }
        return ready[finalBlock] != nil ? finalBlock : nil
    }

    /// Whether a certificate is held for this block above the final view, or it is the final block itself.
    package func isCertified(_ block: BlockID) -> Bool {
        block == finalBlock || views.values.contains { $0.certifiedBlock == block }
    }

    /// Whether the current view's proposal names this block and is being validated.
    package func isBeingValidated(_ block: BlockID) -> Bool {
        proposalInValidation(of: view)?.block == block
    }

    /// Whether the current view can't go on without older certificates: for the gap of its proposal, or for an own one.
    package var waitsForCertificates: Bool {
        if timers.pieces != nil { return true }
        guard case .waitingForCertificates = views[view]?.verdict else { return false }
        return true
    }

    /// Whether a view of this range is above the final one and has no certificate here.
    package func lacksCertificate(in range: ClosedRange<View>) -> Bool {
        var candidate = max(range.lowerBound, finalView.next)
        while candidate <= range.upperBound, candidate < view {
            if views[candidate]?.isNullified != true { return true }
            candidate = candidate.next
        }
        return false
    }

    // MARK: - What it holds

    /// Others' votes are kept for so many views below the current one.
    package static var voteHorizonCount: Int { Int(clamping: voteHorizon) }

    /// Views of which anything is held.
    package var viewCount: Int { views.count }

    /// Votes that are held.
    package var voteCount: Int { views.values.reduce(0) { $0 + $1.votes.count } }

    // MARK: - For the host's retries

    /// Views above the final one that are open here, newest first, as many as a retry looks at.
    private var openViews: [View] {
        var open: [View] = []
        var candidate = view
        while candidate > finalView, open.count < Simplex.repeatHorizon {
            open.append(candidate)
            guard let lower = candidate.previous else { break }
            candidate = lower
        }
        return open
    }

    /// Whether an own vote stands in an unresolved view, or a notarized block is not final.
    package var hasUnresolved: Bool {
        if unfinalNotarizations || !ownFinalizes.isEmpty { return true }
        guard let own else { return false }
        var (open, count) = (view, 0)
        while open > finalView, count < Simplex.repeatHorizon {
            if views[open]?.hasOpenVote(of: own) ?? false { return true }
            guard let lower = open.previous else { break }
            (open, count) = (lower, count + 1)
        }
        return false
    }

    private var unfinalNotarizations: Bool {
        guard let newest = notarized.last, newest > finalView else { return false }
        return newest.value + UInt64(Simplex.repeatHorizon) > view.value
    }

    /// Own finalizes above the final view, and own other votes of views without any certificate, newest first.
    package var ownVotesToRepeat: [Vote] {
        guard let own else { return [] }
        var votes = ownFinalizes.suffix(Simplex.repeatHorizon).reversed().compactMap {
            views[$0]?.vote(.finalize, of: own)?.value
        }
        for view in openViews {
            guard let state = views[view], !state.isResolved else { continue }
            for kind in [VoteKind.notarize, .nullify] {
                if let vote = state.vote(kind, of: own)?.value { votes.append(vote) }
            }
        }
        return votes
    }

    /// The notarizations behind own finalizes, newest first.
    package var notarizationsToRepeat: [Certificate] {
        ownFinalizes.suffix(16).reversed().compactMap { views[$0]?.notarization?.value }
    }

    /// The first proposal of the current view, anyone's.
    package var proposalToRepeat: Proposal? { views[view]?.proposal?.value }

    /// Others' votes of the current view and the one before.
    package var othersVotesToRepeat: [Vote] {
        let recent = [view, view.previous].compactMap { $0 }
        return recent.flatMap { views[$0]?.votes ?? [] }.filter { $0.signer != own && $0.view > finalView }
    }

    /// Whether any vote of this validator in a view was seen.
    package func hasVote(of signer: ValidatorIndex, in view: View) -> Bool {
        guard let state = views[view] else { return false }
        return VoteKind.allCases.contains { state.holds($0, of: signer) }
    }
}
