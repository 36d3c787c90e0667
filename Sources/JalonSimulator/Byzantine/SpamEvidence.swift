import JalonCrypto
import JalonModel

/// Accuses others of votes that they did not cast, many times at once.
struct SpamEvidence: Behaviour {
    let fault = FaultClass.evidenceSpam

    mutating func tick(_ situation: Situation) -> [(frame: Frame, to: Int)] {
        let memory = situation.memory
        // Each burst costs a connection for 30 s.
        guard memory.random.happens(perMille: 40), let peer = memory.random.pick(situation.others),
            let vote = memory.votes.last(where: { $0.signer != situation.own && $0.kind == .notarize })
        else { return [] }
        situation.act(fault)
        var frames: [(frame: Frame, to: Int)] = []
        for _ in 0..<20 {
            let view =
                memory.random.happens(perMille: 500) ? vote.view : View(1 + memory.random.number(in: 0...99))
            func forged() -> Vote {
                let ballot = Ballot.notarize(view, BlockID(situation.randomDigest()))
                let signature = situation.vote(ballot).signature
                return Vote(epoch: vote.epoch, ballot: ballot, signer: vote.signer, signature: signature)
            }
            let first = view == vote.view ? vote : forged()
            guard let pair = Equivocation(first, forged()) else { continue }
            frames.append((.message(.evidence(pair)), peer))
        }
        return frames
    }
}
