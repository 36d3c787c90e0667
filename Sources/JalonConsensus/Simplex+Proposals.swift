import JalonCrypto
import JalonModel

extension Simplex {
    // MARK: - Judging another's

    /// Judges the justification of a view's first proposal, as far as the certificates held allow.
    mutating func judgeJustification(of view: View) {
        guard let state = views[view], state.hasProposal else { return }
        let askedThrough: View
        switch state.verdict {
        case .unjudged: askedThrough = View(0)
        case .waitingForCertificates(let through): askedThrough = through
        case .validating, .valid, .invalid: return
        }
        guard let proposal = state.proposal else { return }
        switch judgement(of: proposal.value) {
        case .holds:
            update(view) { $0.verdict = .validating }
            outputs.append(.validate(proposal))
        case .missing(let views):
            // The gap has no limit: when one range has come the next is asked for.
            guard views.lowerBound > askedThrough else { return }
            outputs.append(.missingCertificates(views))
            update(view) { $0.verdict = .waitingForCertificates(through: views.upperBound) }
        case .broken:
            update(view) { $0.verdict = .invalid }
        }
    }

    private enum Judgement {
        case holds
        case missing(ClosedRange<View>)
        case broken
    }

    private func judgement(of proposal: Proposal) -> Judgement {
        let header = proposal.header
        guard let parentView = parentView(of: proposal), parentView < proposal.view else { return .broken }
        if header.view == proposal.view {
            guard header.leader == leader(of: proposal.view) || !guards[.leaderInHeader] else {
                return .broken
            }
        } else {
            // Only a closing block is proposed again, and only with the certificate of itself.
            let mayComeAgain = header.closesEpoch || !guards[.onlyClosingAgain]
            guard mayComeAgain, header.view < proposal.view, header.view <= parentView else {
                return .broken
            }
        }
        return gapJudgement(of: proposal, after: parentView)
    }

    /// The view in which the proposal's parent was certified; for a block proposed again, it itself.
    private func parentView(of proposal: Proposal) -> View? {
        let header = proposal.header
        let isReproposal = header.view != proposal.view
        if !guards[.parentCertified], !isReproposal { return header.parentView }
        guard let certificate = proposal.justification.parent else {
            // Only the base needs no certificate, and it is no closing block of this epoch.
            guard !isReproposal, header.parent == base.id, header.parentView == base.view,
                finalization == nil
            else { return nil }
            return View(0)
        }
        let certified = isReproposal ? proposal.block : header.parent
        guard certificate.kind != .nullify, certificate.epoch == context.epoch,
            certificate.block == certified,
            certifiedBlock(in: certificate.view) == certified
        else { return nil }
        if !isReproposal {
            guard certificate.view >= header.parentView else { return nil }
            if let parent = ready[header.parent] {
                let isClosing = parent.closesEpoch && guards[.closingHasNoChild]
                guard !isClosing, parent.view == header.parentView else { return nil }
            }
        }
        return certificate.view
    }

    /// The block that a held certificate of this view is for.
    private func certifiedBlock(in view: View) -> BlockID? {
        if view == finalView { return finalization?.value.block }
        return views[view]?.certifiedBlock
    }

    /// The nullifications that come along are exactly the newest of the gap; older ones must be held.
    private func gapJudgement(of proposal: Proposal, after parentView: View) -> Judgement {
        guard guards[.wholeGap] else { return .holds }
        let gap = proposal.view.value - parentView.value - 1
        let carried = min(gap, UInt64(Justification.maximumNullifications))
        let nullifications = proposal.justification.nullifications
        guard nullifications.count == Int(carried) else { return .broken }
        for (index, nullification) in nullifications.enumerated() {
            let expected = View(proposal.view.value - 1 - UInt64(index))
            guard nullification.kind == .nullify, nullification.view == expected,
                views[expected]?.isNullified == true
            else { return .broken }
        }
        let oldest = proposal.view.value - carried
        var missing: View?
        var view = parentView.next
        while view.value < oldest {
            if views[view]?.isNullified != true {
                missing = view
                break
            }
            view = view.next
        }
        guard let missing else { return .holds }
        return .missing(missing...View(min(oldest - 1, missing.value + FetchRequest.maximumViews - 1)))
    }

    // MARK: - Making the own

    /// Where this node may propose now: it leads the view, has not voted in it, and there is work.
    ///
    /// Where pieces are missing they are asked for, once a view, and the view is nullified after Δ without them.
    package mutating func proposalSlot(at now: UInt64) -> ProposalSlot? {
        guard let own, mayVote(in: view), hasWork, leader(of: view) == own,
            views[view]?.holds(.notarize, of: own) != true,
            views[view]?.holds(.nullify, of: own) != true
        else { return nil }
        switch parent() {
        case .found(let parentView, let block, let certificate):
            timers.pieces = nil
            let isReproposal = ready[block]?.closesEpoch == true && guards[.closingAgain]
            return ProposalSlot(
                view: view,
                parent: block,
                isReproposal: isReproposal,
                justification: Justification(parent: certificate, nullifications: gap(after: parentView))
            )
        case .missing(let output):
            if timers.pieces == nil {
                timers.pieces = now + timing.delta
                outputs.append(output)
            }
            return nil
        }
    }

    private enum ParentSearch {
        case found(View, BlockID, Certificate?)
        case missing(Output)
    }

    /// The greatest view below the current one whose certified block is ready, nullifications held for all between.
    private func parent() -> ParentSearch {
        var candidate = View(view.value - 1)
        while candidate > finalView {
            let state = views[candidate]
            if let block = state?.certifiedBlock, ready[block] != nil {
                return .found(candidate, block, state?.parentCertificate)
            }
            if state?.isNullified != true {
                if let block = state?.certifiedBlock { return .missing(.missingBlock(block)) }
                let first = max(
                    finalView.next.value,
                    candidate.value >= FetchRequest.maximumViews
                        ? candidate.value - FetchRequest.maximumViews + 1 : 0
                )
                return .missing(.missingCertificates(View(first)...candidate))
            }
            candidate = View(candidate.value - 1)
        }
        guard ready[finalBlock] != nil else { return .missing(.missingBlock(finalBlock)) }
        return .found(finalView, finalBlock, finalization?.value)
    }

    /// The newest nullifications between a parent's view and the current one, descending.
    private func gap(after parentView: View) -> [Certificate] {
        var nullifications: [Certificate] = []
        var candidate = View(view.value - 1)
        while candidate > parentView, nullifications.count < Justification.maximumNullifications {
            if let nullification = views[candidate]?.nullification {
                nullifications.append(nullification.value)
            }
            candidate = View(candidate.value - 1)
        }
        return nullifications
    }
}
