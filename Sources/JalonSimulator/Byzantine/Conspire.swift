import JalonCrypto
import JalonModel

/// What those that conspire agreed on: by view the two versions of a block, one for each half of the network.
final class Conspiracy {
    private var versions: [View: [Proposal]] = [:]

    /// The version that a peer gets of the block of a view.
    func version(in view: View, for peer: Int) -> Proposal? {
        versions[view]?[(peer + Int(view.value / 2)) % 2]
    }

    /// Agrees on the versions of a view, once.
    func agree(_ view: View, on made: () -> [Proposal]) {
        if versions[view] == nil { versions[view] = made() }
    }
}

/// Proposes two blocks where it leads and votes for both, as the others that conspire do.
///
/// One of the two may be invalid; each half of the network sees votes for its own only. With more than f of them both can
/// become final.
struct Conspire: Behaviour {
    let fault = FaultClass.conspire
    private let conspiracy: Conspiracy

    init(_ conspiracy: Conspiracy) { self.conspiracy = conspiracy }

    mutating func outgoing(_ message: PeerMessage, to peer: Int, _ situation: Situation) -> [TimedFrame]? {
        switch message {
        case .proposal(let proposal) where situation.leads(proposal.view):
            conspiracy.agree(proposal.view) { [proposal, otherVersion(of: proposal, situation)] }
            guard let version = conspiracy.version(in: proposal.view, for: peer) else { return nil }
            situation.act(fault)
            return [TimedFrame(.proposal(version))] + votes(for: version, situation)
        case .vote(let vote) where vote.signer == situation.own:
            guard let version = conspiracy.version(in: vote.view, for: peer) else { return nil }
            situation.act(fault)
            return votes(for: version, situation)
        case .certificate(let certificate):
            // What one half decided is not told to the other: that comes to light by itself.
            let version = conspiracy.version(in: certificate.view, for: peer)
            return version == nil || version?.block == certificate.block ? nil : []
        default: return nil
        }
    }

    private func votes(for version: Proposal, _ situation: Situation) -> [TimedFrame] {
        let (view, block) = (version.view, version.block)
        let ballots = [
            Ballot.notarize(view, block), .finalize(view, block, logRoot: version.header.logRoot),
        ]
        return ballots.map { TimedFrame(.vote(situation.vote($0))) }
    }

    /// A block a millisecond later, or of a state that it does not lead to.
    private func otherVersion(of proposal: Proposal, _ situation: Situation) -> Proposal {
        var header = proposal.header
        if situation.memory.random.happens(perMille: 500) {
            header.timestamp = header.timestamp.advanced(byMilliseconds: 1)
        } else {
            header.stateRoot = situation.randomDigest()
        }
        return situation.proposal(proposal.view, header, proposal.leaves, proposal.justification)
    }
}
