import JalonCrypto
import JalonModel

/// Proposes, where it leads, blocks that break one rule each, with its own valid signature.
struct ProposeBadBlocks: Behaviour {
    let fault = FaultClass.badBlock
    /// The bad proposal of the newest view that was led: the same for everybody.
    private var bad: (view: View, proposal: Proposal)?

    mutating func outgoing(_ message: PeerMessage, to peer: Int, _ situation: Situation) -> [TimedFrame]? {
        guard case .proposal(let proposal) = message, situation.leads(proposal.view) else { return nil }
        if bad?.view != proposal.view { bad = (proposal.view, spoiled(proposal, situation)) }
        guard let bad else { return nil }
        situation.act(fault)
        return [TimedFrame(.proposal(bad.proposal))]
    }

    private func spoiled(_ proposal: Proposal, _ situation: Situation) -> Proposal {
        var header = proposal.header
        var leaves = proposal.leaves
        var justification = proposal.justification
        let parentTime = situation.memory.header(of: header.parent)?.timestamp
        switch situation.memory.random.number(in: 0...21) {
        case 0: header.stateRoot = situation.randomDigest()
        case 1: header.logRoot = situation.randomDigest()
        case 2: header.timestamp = header.timestamp.advanced(byMilliseconds: 3_600_000)
        case 3: header.timestamp = header.timestamp.advanced(byMilliseconds: 90 * 86_400_000)
        case 4: header.timestamp = header.timestamp.reduced(byMilliseconds: 40_000)
        case 5: header.timestamp = parentTime ?? Timestamp(0)
        case 6: header.parent = BlockID(situation.randomDigest())
        case 7: header.height = header.height.next
        case 8: header.leader = ValidatorIndex((situation.own.value + 1) % situation.membership.count)
        case 9: header.bodyByteCount = min(header.bodyByteCount + 1, UInt64(BlockLimits.bodyByteCount))
        case 10: header.validatorsHash = situation.randomDigest()
        case 11: header.nextValidatorsHash = situation.randomDigest()
        case 12: header.logSize += 1
        case 13: header.parentView = header.parentView.next
        case 14: header.epoch = header.epoch.next
        case 15: header.view = header.view.next
        case 16: leaves.append(leaves.first ?? LeafHash(situation.randomDigest()))
        case 17: leaves.append(LeafHash(situation.randomDigest()))
        case 18: leaves = Array(leaves.dropLast())
        case 19:
            // A hole in the gap, or a gap where none is.
            var nullifications = justification.nullifications
            if nullifications.isEmpty {
                nullifications = situation.memory.certificates.filter { $0.kind == .nullify }.suffix(1)
            } else {
                nullifications.remove(at: situation.memory.random.index(below: nullifications.count))
            }
            justification = Justification(parent: justification.parent, nullifications: nullifications)
        case 20: justification = Justification(parent: nil, nullifications: justification.nullifications)
        default: standOnOldParent(&header, &justification, situation)
        }
        return situation.proposal(proposal.view, header, leaves, justification)
    }

    /// Passes over a block that is notarized: without nullifications for the views between nobody may follow.
    private func standOnOldParent(
        _ header: inout BlockHeader,
        _ justification: inout Justification,
        _ situation: Situation
    ) {
        let parentView = header.parentView
        let old = situation.memory.certificates.last { $0.kind != .nullify && $0.view < parentView }
        guard let old, let parent = situation.memory.header(of: old.block) else { return }
        (header.parent, header.parentView) = (old.block, parent.view)
        header.height = parent.height.next
        justification = Justification(parent: old, nullifications: justification.nullifications)
    }
}
