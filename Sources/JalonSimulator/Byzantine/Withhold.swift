import JalonModel

/// Keeps most of its own votes and proposals to itself.
struct Withhold: Behaviour {
    let fault = FaultClass.withhold

    mutating func outgoing(_ message: PeerMessage, to peer: Int, _ situation: Situation) -> [TimedFrame]? {
        switch message {
        case .vote(let vote): guard vote.signer == situation.own else { return nil }
        case .proposal(let proposal): guard situation.leads(proposal.view) else { return nil }
        default: return nil
        }
        guard situation.memory.random.happens(perMille: 850) else { return nil }
        situation.act(fault)
        return []
    }
}
