import JalonCrypto
package import JalonModel

extension Simplex {
    /// Keeps a verified certificate and does what it brings about: a new view, a new final tip.
    mutating func accept(_ verified: Verified<Certificate>, at now: UInt64) {
        let certificate = verified.value
        let isOfEpoch = certificate.epoch == context.epoch || !guards[.certificateOfEpoch]
        guard isOfEpoch, certificate.view > finalView else {
            if certificate.epoch == context.epoch { reportConflict(with: certificate) }
            return
        }
        guard keep(verified) else { return }
        outputs.append(.announce(verified))
        switch certificate.kind {
        case .notarize:
            notarized.insertSorted(certificate.view)
            unfinalized.insertSorted(certificate.view)
        case .nullify: noteSilentLeader(of: certificate.view)
        case .finalize: finalize(verified)
        }
        if certificate.kind != .nullify, ready[certificate.block] == nil {
            outputs.append(.missingBlock(certificate.block))
        }
        if certificate.view >= view { enter(certificate.view.next, by: verified, at: now) }
    }

    /// - Returns: Whether it is the first of its kind in its view.
    private mutating func keep(_ verified: Verified<Certificate>) -> Bool {
        let kind = verified.value.kind
        let state = views[verified.value.view]
        switch kind {
        case .notarize:
            guard state?.isNotarized != true else { return false }
            update(verified.value.view) { $0.notarization = verified }
        case .nullify:
            guard state?.isNullified != true else { return false }
            update(verified.value.view) { $0.nullification = verified }
        case .finalize:
            guard state?.isFinalized != true else { return false }
            update(verified.value.view) { $0.finalization = verified }
        }
        return true
    }

    private mutating func finalize(_ verified: Verified<Certificate>) {
        finalization = verified
        outputs.append(.finalized(verified))
        // Everything below the final view is settled, and of the view itself only the finalization is still needed.
        if guards[.forgetSettled] { views.removeAll(before: verified.value.view) }
        notarized.removeAll { $0 <= verified.value.view }
        unfinalized.removeAll { $0 <= verified.value.view }
        ownFinalizes.removeAll { $0 <= verified.value.view }
    }

    private mutating func reportConflict(with certificate: Certificate) {
        guard certificate.kind == .finalize, certificate.view == finalView, certificate.block != finalBlock
        else {
            return
        }
        outputs.append(.conflict(finalBlock, certificate.block))
    }

    /// A leader whose view ended in nullification with no proposal seen is skipped from then on.
    private mutating func noteSilentLeader(of view: View) {
        let leader = leader(of: view)
        guard guards[.skipSilent], leader != own, views[view]?.hasProposal != true,
            heard[leader.value] <= view
        else { return }
        skipped[leader.value] = max(skipped[leader.value] ?? view, view)
    }

    /// Enters a view: needs the certificate of the one before, and no block.
    private mutating func enter(_ newView: View, by certificate: Verified<Certificate>, at now: UInt64) {
        if newView.value >= 2 { backoff.judge(final: finalView.value + 2 >= newView.value) }
        let oldView = view
        move(to: newView, at: now)
        entry = certificate
        timers = Timers()
        timersAreDue = true
        dropVotes(leaving: oldView)
        outputs.append(.entered(newView))
    }

    /// Starts both timers of the current view.
    mutating func startTimers(at start: UInt64) {
        // Who has nullified the view, or may not vote, has nothing to wait for; a deadline that nothing answers would
        // fire again and again.
        guard let own, views[view]?.holds(.nullify, of: own) != true else { return }
        if views[view]?.hasProposal != true, guards[.leaderTimer] {
            timers.leader = start + timing.leaderTimeout(step: backoff.step)
        }
        if guards[.advanceTimer] { timers.advance = start + timing.advanceTimeout(step: backoff.step) }
    }

    /// Others' votes are kept for the last 256 views; certificates above the final view are all kept.
    private mutating func dropVotes(leaving oldView: View) {
        func floor(of view: View) -> UInt64 {
            view.value > Simplex.voteHorizon ? view.value - Simplex.voteHorizon : 0
        }
        let own = own
        // Votes were kept from the old view's floor up to the view after it: a jump leaves no more behind.
        var old = max(floor(of: oldView), finalView.value)
        let end = min(floor(of: view), oldView.value + 2)
        while old < end {
            let stale = View(old)
            old += 1
            guard let state = views[stale], state.votes.contains(where: { $0.signer != own }) else {
                continue
            }
            update(stale) { $0.forgetVotes(keeping: own) }
        }
    }

    /// Every certificate held for a view, by which a peer that is behind catches up.
    package func certificates(of view: View) -> [Certificate] {
        if view == finalView, views[view] == nil { return [finalization?.value].compactMap { $0 } }
        return views[view]?.certificates ?? []
    }
}

extension [View] {
    /// Inserts a view in ascending order, once.
    mutating func insertSorted(_ view: View) {
        let index = firstIndex { $0 >= view } ?? endIndex
        if index < endIndex, self[index] == view { return }
        insert(view, at: index)
    }
}
