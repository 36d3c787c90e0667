import JalonModel

/// Sends each message to some of its peers only.
struct DeliverSelectively: Behaviour {
    let fault = FaultClass.selective

    mutating func outgoing(_ message: PeerMessage, to peer: Int, _ situation: Situation) -> [TimedFrame]? {
        guard situation.memory.random.happens(perMille: 450) else { return nil }
        situation.act(fault)
        return []
    }
}
