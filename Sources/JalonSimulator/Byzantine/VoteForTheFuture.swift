import JalonCrypto
import JalonModel

/// Floods its peers with valid votes for views that nobody is in.
struct VoteForTheFuture: Behaviour {
    let fault = FaultClass.futureVotes

    mutating func tick(_ situation: Situation) -> [(frame: Frame, to: Int)] {
        let memory = situation.memory
        guard memory.random.happens(perMille: 250), let peer = memory.random.pick(situation.others) else {
            return []
        }
        situation.act(fault)
        return (0..<30).map { _ in
            let distances: [UInt64] = [
                1, 2, 3, 256, 257, 1_000_000, UInt64(Int64.max) - situation.view.value,
            ]
            let distance = memory.random.pick(distances) ?? 1
            let view = View(situation.view.value + distance)
            let block = BlockID(situation.randomDigest())
            let ballots: [Ballot] = [
                .notarize(view, block), .nullify(view),
                .finalize(view, block, logRoot: situation.randomDigest()),
            ]
            let ballot = memory.random.pick(ballots) ?? .nullify(view)
            return (.message(.vote(situation.vote(ballot))), peer)
        }
    }
}
