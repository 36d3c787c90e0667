import JalonCrypto
import JalonModel

/// Sends what it once saw again, as it was or under another epoch, view or chain.
struct Replay: Behaviour {
    let fault = FaultClass.replay

    mutating func tick(_ situation: Situation) -> [(frame: Frame, to: Int)] {
        let memory = situation.memory
        guard memory.random.happens(perMille: 400) else { return [] }
        var frames: [(frame: Frame, to: Int)] = []
        for _ in 0...memory.random.index(below: 4) {
            guard let message = memory.random.pick(memory.messages),
                let peer = memory.random.pick(situation.others)
            else { break }
            situation.act(fault)
            // A changed one is no longer signed and costs the connection: mostly they are the old ones.
            let isChanged = memory.random.happens(perMille: 40)
            frames.append((.message(isChanged ? changed(message, situation) : message), peer))
        }
        return frames
    }

    private func changed(_ message: PeerMessage, _ situation: Situation) -> PeerMessage {
        let random = situation.memory.random.number(in: 0...1)
        switch message {
        case .vote(let vote):
            let epoch = random == 0 ? vote.epoch.next : vote.epoch
            let ballot = random == 0 ? vote.ballot : Ballot.nullify(vote.view.next)
            return .vote(Vote(epoch: epoch, ballot: ballot, signer: vote.signer, signature: vote.signature))
        case .certificate(let certificate):
            let epoch = random == 0 ? certificate.epoch.next : certificate.epoch
            let ballot = random == 0 ? certificate.ballot : Ballot.nullify(certificate.view.next)
            return .certificate(
                Certificate(
                    epoch: epoch,
                    ballot: ballot,
                    bitmap: certificate.bitmap,
                    signatures: certificate.signatures
                )
            )
        case .proposal(let proposal):
            var header = proposal.header
            if random == 0 {
                header.epoch = header.epoch.next
            } else {
                header.chain = ChainID(situation.randomDigest())
            }
            return .proposal(
                Proposal(
                    view: proposal.view,
                    header: header,
                    leaves: proposal.leaves,
                    justification: proposal.justification,
                    signature: proposal.signature
                )
            )
        case .tip(var tip):
            tip.epoch = tip.epoch.next
            return .tip(tip)
        case .transactions, .request, .block, .finalBlock, .evidence, .standingRequest, .standing, .readiness:
            return message
        }
    }
}
