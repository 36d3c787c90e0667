import JalonModel

/// Lies to a node that starts or rejoins: low, high without proof, with votes that are none, or not at all.
struct LieAboutStanding: Behaviour {
    let fault = FaultClass.lyingStanding

    mutating func outgoing(_ message: PeerMessage, to peer: Int, _ situation: Situation) -> [TimedFrame]? {
        guard case .standing(let standing) = message, standing.signer == situation.own else { return nil }
        situation.act(fault)
        let content = standing.content
        switch situation.memory.random.number(in: 0...4) {
        case 0: return []
        case 1: return [answer(content, entry: nil, votes: [], situation)]
        case 2:
            let old = situation.memory.random.pick(situation.memory.certificates)
            return [answer(content, entry: old, votes: [], situation)]
        case 3:
            let high = content.entry.map { entry in
                Certificate(
                    epoch: entry.epoch,
                    ballot: .nullify(View(entry.view.value + 1_000)),
                    bitmap: entry.bitmap,
                    signatures: entry.signatures
                )
            }
            return [answer(content, entry: high, votes: content.votes, situation)]
        default:
            let own = situation.vote(.nullify(situation.view))
            return [answer(content, entry: content.entry, votes: [own], situation)]
        }
    }

    private func answer(
        _ content: Standing.Content,
        entry: Certificate?,
        votes: [Vote],
        _ situation: Situation
    ) -> TimedFrame {
        let lie = Standing.Content(
            nonce: content.nonce,
            epoch: content.epoch,
            entry: entry,
            rejoinProof: nil,
            isRejoining: false,
            votes: votes
        )
        return TimedFrame(
            .standing(
                Standing.signed(lie, by: situation.own, key: situation.signer, in: situation.context)
            )
        )
    }
}
