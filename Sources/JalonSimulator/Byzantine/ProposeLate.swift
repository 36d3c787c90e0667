import JalonModel

/// Proposes one tick before its voters give up, or one after.
struct ProposeLate: Behaviour {
    let fault = FaultClass.lateProposal

    mutating func outgoing(_ message: PeerMessage, to peer: Int, _ situation: Situation) -> [TimedFrame]? {
        guard case .proposal(let proposal) = message, situation.leads(proposal.view) else { return nil }
        situation.act(fault)
        let timeout = 2 * situation.delta
        let early = situation.memory.random.number(in: 1...60)
        return [TimedFrame(message, delay: .milliseconds(timeout - min(early, timeout)))]
    }
}
