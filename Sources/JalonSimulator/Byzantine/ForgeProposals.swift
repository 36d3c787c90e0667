import JalonCrypto
import JalonModel

/// Proposes where another leads, and passes others' proposals on with another body or justification: neither is covered by
/// the leader's signature.
struct ForgeProposals: Behaviour {
    let fault = FaultClass.forgedProposal
    private var lastView = View(0)

    mutating func tick(_ situation: Situation) -> [(frame: Frame, to: Int)] {
        let memory = situation.memory
        guard let latest = memory.proposals.last, latest.view > lastView, memory.random.happens(perMille: 300)
        else { return [] }
        lastView = latest.view
        situation.act(fault)
        // A forged signature costs the connections; the other kind does not.
        let forged =
            memory.random.happens(perMille: 60)
            ? outOfTurn(latest, situation) : passedOn(latest, situation)
        return situation.others.map { (.message(.proposal(forged)), $0) }
    }

    private func outOfTurn(_ latest: Proposal, _ situation: Situation) -> Proposal {
        var header = latest.header
        let view = situation.view.value > latest.view.value ? situation.view : latest.view.next
        header.view = view
        header.leader =
            situation.memory.random.happens(perMille: 500) ? situation.own : situation.leader(of: view)
        header.bodyByteCount = 0
        return situation.proposal(view, header, [], latest.justification)
    }

    private func passedOn(_ latest: Proposal, _ situation: Situation) -> Proposal {
        var leaves = latest.leaves
        var justification = latest.justification
        switch situation.memory.random.number(in: 0...3) {
        case 0: leaves.append(LeafHash(situation.randomDigest()))
        case 1: leaves = leaves.reversed() + [LeafHash(situation.randomDigest())]
        case 2: justification = Justification(parent: nil, nullifications: [])
        default:
            let others = situation.memory.certificates.suffix(3)
            justification = Justification(parent: justification.parent, nullifications: Array(others))
        }
        return Proposal(
            view: latest.view,
            header: latest.header,
            leaves: leaves,
            justification: justification,
            signature: latest.signature
        )
    }
}
