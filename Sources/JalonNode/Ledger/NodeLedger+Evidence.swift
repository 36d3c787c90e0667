import Foundation
import JalonAPI
import JalonCore
import JalonCrypto
import JalonModel
import JalonSchema

extension NodeLedger {
    func evidence() async throws -> API.MisconductList {
        let snapshot = view.snapshot
        let contexts = EpochContexts(genesis, snapshot.state)
        return API.MisconductList(
            evidence: snapshot.evidence.compactMap { pair in
                contexts[pair.first.epoch].map { API.Misconduct(pair, validators: $0.validators) }
            }
        )
    }
}

extension API.Misconduct {
    init(_ pair: Equivocation, validators: ValidatorSet) {
        let signer = pair.first.signer
        self.init(
            member: validators[signer]?.member.text ?? "",
            validator: signer.value,
            epoch: pair.first.epoch.value,
            view: pair.first.view.value,
            votes: [pair.first, pair.second].map { vote in
                API.ContradictingVote(
                    kind: "\(vote.kind)",
                    block: vote.kind == .nullify ? nil : vote.ballot.block.hex
                )
            },
            proof: Data(PeerMessage.evidence(pair).encoded).base64EncodedString()
        )
    }
}

extension API.Voting {
    /// - Returns: `nil` for an observer, which never votes.
    init?(_ state: VotingState, validators: ValidatorSet) {
        switch state {
        case .observing: return nil
        case .checking(let answers, let needed):
            self.init(state: .checking, answers: answers, needed: needed)
        case .rejoining(let answers, let needed, let silent):
            self.init(
                state: .rejoining,
                answers: answers,
                needed: needed,
                waitsFor: silent.compactMap { validators[$0]?.member.text }
            )
        case .diskFull: self.init(state: .diskFull)
        case .voting(let first): self.init(state: .voting, firstView: first.value > 1 ? first.value : nil)
        }
    }
}
