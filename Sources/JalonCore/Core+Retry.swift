import JalonConsensus
import JalonModel

extension Core {
    // MARK: - Timers

    mutating func onTimerFired() {
        let now = clock.monotonic
        // Nothing else comes by that would drop what has expired on an idle node.
        if !mempool.isEmpty { refreshAdmission() }
        simplex.timerFired(at: now)
        if now >= tipAt {
            tipAt = now + Core.tipInterval
            turn.send(.tip(ownTip()), to: peers.ids)
            repeatReadiness()
        }
        if let retryAt, now >= retryAt {
            self.retryAt = nil
            retry()
        }
        if let resendAt, now >= resendAt {
            self.resendAt = nil
            resendTransactions()
        }
        driveSync()
    }

    /// Arms the timers of retry and resend while there is something to repeat, and disarms them when there is not.
    mutating func armRetries() {
        let interval = simplex.timing.retryInterval
        if simplex.hasUnresolved {
            if retryAt == nil { retryAt = clock.monotonic + jitter.around(interval) }
        } else {
            retryAt = nil
        }
        if mempool.isEmpty {
            resendAt = nil
        } else if resendAt == nil {
            resendAt = clock.monotonic + interval
        }
        driveSyncWhenIdle()
    }

    /// Tips that came in this turn may call for a sync that no timer is armed for yet.
    private mutating func driveSyncWhenIdle() {
        guard !sync.isActive || sync.deadline.map({ clock.monotonic >= $0 }) ?? true else { return }
        if sync.deadline == nil || (sync.deadline ?? 0) <= clock.monotonic { driveSync() }
    }

    // MARK: - Retry

    /// Sends again what an unresolved view may lack: only to peers that lack it, as far as their tips show.
    private mutating func retry() {
        guard configuration.guards[.retry] else { return }
        let all = peers.ids
        for vote in simplex.ownVotesToRepeat { turn.send(.vote(vote), to: all) }
        if let finalization = simplex.finalization?.value {
            turn.send(.certificate(finalization), to: lagging { $0.finalView < finalization.view })
        }
        if let entry = simplex.entry?.value {
            turn.send(.certificate(entry), to: lagging { $0.view <= entry.view })
        }
        for notarization in simplex.notarizationsToRepeat {
            turn.send(.certificate(notarization), to: lagging { $0.finalView < notarization.view })
        }
        if let proposal = simplex.proposalToRepeat {
            let silent = peers.ids { $0.index.map { !simplex.hasVote(of: $0, in: proposal.view) } ?? true }
            turn.send(.proposal(proposal), to: silent)
        }
        for vote in simplex.othersVotesToRepeat {
            turn.send(.vote(vote), to: peers.ids { $0.isDeaf(to: vote.signer) })
        }
    }

    private func lagging(_ isBehind: (Tip) -> Bool) -> [PeerID] {
        peers.ids { $0.tip.map(isBehind) ?? true }
    }

    // MARK: - Fetch

    /// Asks for a missing piece, of whoever sent what names it first, once `delay` milliseconds have passed.
    mutating func want(_ want: Fetcher.Want, after delay: UInt64 = 0) {
        var preferred: PeerID?
        var delay = delay
        switch want {
        case .block(let id):
            guard tree[id] == nil, id != tree.tip.id else { return }
            preferred = sources[id]
            // Its transactions were asked for already. Where they do not come the whole block helps: those that had them may
            // have moved on, and a leader may have named others here than its header commits to, which nobody has.
            if assemblies[id] != nil {
                guard configuration.guards[.fetchWhole] || finalBlocks.contains(id) else { return }
                delay = max(delay, simplex.timing.delta / 2)
            }
        case .transactions(let id): preferred = sources[id]
        case .certificates: break
        }
        fetcher.add(want, preferred: preferred, at: clock.monotonic + delay)
    }

    /// Drops requests for what is held by now or lies behind.
    mutating func pruneFetches() {
        guard !fetcher.entries.isEmpty else { return }
        let (tree, assemblies, simplex, finalBlocks) = (tree, assemblies, simplex, finalBlocks)
        fetcher.prune { want in
            switch want {
            case .block(let id):
                // Certified itself, or the ancestor that a final or any other held block stands on.
                tree[id] == nil && id != tree.tip.id
                    && (simplex.isCertified(id) || simplex.isBeingValidated(id)
                        || finalBlocks.contains(id)
                        || tree.children(of: id).contains { child in
                            tree[child]?.block.header.height.value ?? 0 > tree.tip.height.value + 1
                        })
            case .transactions(let id): assemblies[id] != nil
            case .certificates(let views): simplex.waitsForCertificates && simplex.lacksCertificate(in: views)
            }
        }
    }

    mutating func requestDue() {
        let due = fetcher.due(
            at: clock.monotonic,
            peers: peers.ids,
            interval: max(simplex.timing.delta / 2, 1),
            takesTurns: configuration.guards[.fetchOthers]
        )
        for (want, peer) in due {
            switch want {
            case .block(let id): turn.send(.request(.block(id)), to: [peer])
            case .transactions(let id):
                guard let assembly = assemblies[id] else { continue }
                // What is being checked here already is on its way to the block.
                let missing = assembly.missingInOrder.filter { !inFlight.contains($0) }
                if !missing.isEmpty { turn.send(.request(.transactions(missing)), to: [peer]) }
            case .certificates(let views):
                turn.send(.request(.certificates(simplex.context.epoch, views)), to: [peer])
            }
        }
    }
}
