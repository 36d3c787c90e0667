package import JalonModel

extension Simplex {
    /// The last applied block, at start.
    package mutating func restoreTip(_ facts: BlockFacts) {
        ready[facts.id] = facts
    }

    /// Replays the certificates of the journal; nothing of it needs to be made durable or announced again.
    package mutating func restore(certificates: [Verified<Certificate>], at now: UInt64) {
        for certificate in certificates.sorted(by: { $0.value.view < $1.value.view }) {
            accept(certificate, at: now)
        }
        outputs.removeAll { output in
            switch output {
            case .announce, .entered: true
            case .cast, .validate, .finalized, .missingBlock, .missingCertificates, .evidence, .conflict:
                false
            }
        }
    }

    /// Replays own proposals and votes: view = max(certificates + 1, own votes), and every own vote counts again.
    package mutating func restore(proposals: [Verified<Proposal>], votes: [Verified<Vote>], at now: UInt64) {
        if !guards[.ownVotesRetallied] {
            untallied = Set(
                votes.map(\.value.ballot) + proposals.map { .notarize($0.value.view, $0.value.block) }
            )
        }
        let highest = (proposals.map(\.value.view) + votes.map(\.value.view)).max()
        if let highest, highest > view {
            move(to: highest, at: now)
        }
        for proposal in proposals.sorted(by: { $0.value.view < $1.value.view })
        where proposal.value.view > finalView {
            let proposed = proposal.value.view
            update(proposed) { state in
                if !state.hasProposal {
                    state.proposal = proposal
                    state.verdict = .valid
                }
            }
            let vote = proposal.vote(by: leader(of: proposed))
            accept(vote, at: now)
        }
        for vote in votes.sorted(by: {
            ($0.value.view, $0.value.kind.rawValue) < ($1.value.view, $1.value.kind.rawValue)
        })
        where vote.value.view > finalView {
            accept(vote, at: now)
        }
    }
}
