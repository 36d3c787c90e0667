import JalonCodec
import JalonConsensus
import JalonCrypto
import JalonModel
import JalonState

extension Core {
    static func restoredTip(
        genesis: Genesis,
        restored: RestoredLedger,
        state known: LedgerState?,
        applier: any BlockApplying
    ) throws(CoreError) -> ChainPoint {
        guard let header = restored.tip else {
            return ChainPoint(genesis: genesis, applied: applier.start(of: genesis))
        }
        guard header.chain == genesis.chain else {
            throw .tipMismatch("the block at height \(header.height) is of chain \(header.chain)")
        }
        let frontier: MerkleFrontier
        do {
            frontier = try CBORDecoder.decode((restored.frontier ?? [])[...]) { (decoder) throws(CBORError) in
                try MerkleFrontier(from: &decoder)
            }
        } catch {
            throw .tipMismatch("the log frontier: \(error)")
        }
        guard frontier.size == header.logSize, frontier.root == header.logRoot else {
            throw .tipMismatch("the log frontier is not the one of height \(header.height)")
        }
        // Not `??`, which loses the type of the error.
        let state = if let known { known } else { try Core.state(of: restored) }
        guard state.root == header.stateRoot else {
            throw .tipMismatch(
                "state root \(state.root), but block \(header.height) says \(header.stateRoot)"
            )
        }
        let applied = AppliedBlock(state: state, changes: [])
        return ChainPoint(header: header, id: header.id, applied: applied, frontier: frontier)
    }

    private static func state(of restored: RestoredLedger) throws(CoreError) -> LedgerState {
        do {
            return try LedgerState(restoring: restored)
        } catch {
            throw .state(error.description)
        }
    }

    /// Which peers are validators: the node keys in their members' records.
    static func validatorPeers(of state: LedgerState) -> [PeerID: ValidatorIndex] {
        var peers: [PeerID: ValidatorIndex] = [:]
        for index in state.validators.indices {
            guard let validator = state.validators[index], let member = state.member(validator.member) else {
                continue
            }
            for node in member.nodes { peers[node.key.id] = index }
        }
        return peers
    }

    /// Replays the journal: certificates, own votes, own proposals, held blocks.
    ///
    /// What it says was done is never done otherwise; what is sent again are the same bytes.
    mutating func restore(_ restored: RestoredLedger, verifier: some SignatureVerifying) throws(CoreError) {
        for block in restored.blocks.sorted(by: { ($0.header.height, $0.id) < ($1.header.height, $1.id) }) {
            tree.insert(block, isDurable: true, origin: .own)
        }
        // The closing block of the epoch before is the base of this one, which consensus has already.
        if let header = restored.tip, !header.closesEpoch {
            simplex.restoreTip(BlockFacts(header: header, id: tree.tip.id))
        }
        var certificates: [Verified<Certificate>] = []
        let epoch = simplex.context.epoch
        for certificate in restored.certificates where certificate.epoch == epoch {
            guard let verified = certificate.verified(in: simplex.context, by: verifier) else {
                throw .invalidRecord("a certificate for view \(certificate.view)")
            }
            certificates.append(verified)
        }
        simplex.restore(certificates: certificates, at: clock.monotonic)
        var proposals: [Verified<Proposal>] = []
        for proposal in restored.proposals where proposal.header.epoch == epoch {
            guard let own = simplex.own,
                let verified = proposal.verified(leader: own, in: simplex.context, by: verifier)
            else { throw .invalidRecord("an own proposal for view \(proposal.view)") }
            proposals.append(verified)
        }
        var votes: [Verified<Vote>] = []
        for vote in restored.votes where vote.epoch == epoch {
            guard vote.signer == simplex.own, let verified = vote.verified(in: simplex.context, by: verifier)
            else {
                throw .invalidRecord("an own vote for view \(vote.view)")
            }
            votes.append(verified)
        }
        simplex.restore(proposals: proposals, votes: votes, at: clock.monotonic)
        // The retry timer sends what is still of use; what the replay brings about is done by the first turn.
        for block in tree.heldInOrder where tree.leadsElsewhere(block) { tree.drop(block) }
        retryAt = clock.monotonic
    }
}
