import JalonCrypto
import JalonModel
import JalonState

/// Signs two things that contradict each other and gives one to each half of the network, or both to everybody.
struct Equivocate: Behaviour {
    let fault = FaultClass.equivocate
    /// Whether everybody gets both.
    let isShameless: Bool
    private let genesisRoot: Digest
    private let genesisTime: Timestamp
    /// The second proposal of the newest view that was led.
    private var second: (view: View, proposal: Proposal)?

    init(membership: Membership, isShameless: Bool) {
        self.isShameless = isShameless
        genesisRoot = LedgerState(genesis: membership.genesis).root
        genesisTime = membership.genesis.time
    }

    mutating func outgoing(_ message: PeerMessage, to peer: Int, _ situation: Situation) -> [TimedFrame]? {
        switch message {
        case .proposal(let proposal) where situation.leads(proposal.view):
            return split(proposal, to: peer, situation)
        case .vote(let vote) where vote.signer == situation.own: return split(vote, to: peer, situation)
        default: return nil
        }
    }

    /// Whether a peer is of the half that gets the second version.
    private func isOther(_ peer: Int, in view: View) -> Bool { (UInt64(peer) + view.value / 2) % 2 == 0 }

    private mutating func split(_ proposal: Proposal, to peer: Int, _ situation: Situation) -> [TimedFrame]? {
        if second?.view != proposal.view {
            guard let other = otherProposal(than: proposal, situation) else { return nil }
            second = (proposal.view, other)
        }
        guard let other = second?.proposal else { return nil }
        situation.act(fault)
        if isShameless {
            situation.memory.contradictionCount += 1
            return [TimedFrame(.proposal(proposal)), TimedFrame(.vote(other.vote(by: situation.own)))]
        }
        return isOther(peer, in: proposal.view) ? [TimedFrame(.proposal(other))] : nil
    }

    /// Another valid block in the same place: the next millisecond, or without transactions.
    private func otherProposal(than proposal: Proposal, _ situation: Situation) -> Proposal? {
        var header = proposal.header
        guard header.view == proposal.view else { return nil }
        if proposal.leaves.isEmpty {
            header.timestamp = header.timestamp.advanced(byMilliseconds: 1)
        } else if let parent = situation.memory.header(of: header.parent) {
            (header.logSize, header.logRoot) = (parent.logSize, parent.logRoot)
            header.stateRoot = parent.stateRoot
        } else if header.height.value == 1 {
            (header.logSize, header.logRoot) = (0, SHA256.hash([UInt8]()))
            header.stateRoot = genesisRoot
        } else {
            return nil
        }
        header.bodyByteCount = 0
        return situation.proposal(proposal.view, header, [], proposal.justification)
    }

    private func split(_ vote: Vote, to peer: Int, _ situation: Situation) -> [TimedFrame]? {
        guard let ballot = contradiction(of: vote.ballot, situation) else { return nil }
        guard isShameless || isOther(peer, in: vote.view) else { return nil }
        situation.act(fault)
        let other = TimedFrame(.vote(situation.vote(ballot)))
        guard isShameless else { return [other] }
        if vote.kind != .nullify { situation.memory.contradictionCount += 1 }
        return [TimedFrame(.vote(vote)), other]
    }

    private func contradiction(of ballot: Ballot, _ situation: Situation) -> Ballot? {
        let view = ballot.view
        switch ballot {
        case .notarize(_, let block):
            if let second, second.view == view { return .notarize(view, second.proposal.block) }
            let other = situation.memory.votes.last {
                $0.view == view && $0.kind == .notarize && $0.ballot.block != block
            }
            return .notarize(view, other?.ballot.block ?? BlockID(situation.randomDigest()))
        case .finalize: return .nullify(view)
        case .nullify:
            guard let certificate = situation.memory.certificates.last(where: { $0.view == view }),
                certificate.kind == .notarize,
                let header = situation.memory.header(of: certificate.block)
            else { return nil }
            return .finalize(view, certificate.block, logRoot: header.logRoot)
        }
    }
}
