import JalonModel

/// What an honest node may send.
extension Oracle {
    /// An honest node sends a message.
    mutating func sent(_ message: PeerMessage, by node: Int) throws(Finding) {
        switch message {
        case .vote(let vote): try checkSent(vote, by: node)
        case .certificate(let certificate): try checkSent(certificate, by: node)
        case .finalBlock(let block, let finalization):
            if let finalization { try checkSent(finalization, by: node) }
            guard !isOverrun else { return }
            guard block.header.height <= chain.height, chain.final[Int(block.header.height.value)] == block.id
            else {
                throw Finding("D1", "node \(node) serves \(block.id.short) as final, which it is not")
            }
        case .proposal(let proposal): try checkSent(proposal, by: node)
        case .evidence(let pair):
            guard let epoch = epochs[pair.first.epoch], let signer = epoch.node(pair.first.signer),
                isByzantine(signer)
            else {
                throw Finding("V1", "node \(node) blames the honest node \(pair.first.signer)")
            }
            let context = epoch.context
            guard pair.verified(in: context, by: verifier) != nil else {
                throw Finding("V1", "node \(node) sends evidence that is none")
            }
        case .standing(let standing): try checkSent(standing, by: node)
        case .transactions, .tip, .request, .block, .standingRequest, .readiness: break
        }
    }

    private mutating func checkSent(_ standing: Standing, by node: Int) throws(Finding) {
        // What another signed is passed on unread.
        guard epochs.node(standing.signer, in: standing.content.epoch) == node else { return }
        let content = standing.content
        for certificate in [content.entry, content.rejoinProof].compactMap({ $0 }) {
            try checkSent(certificate, by: node)
        }
        for vote in content.votes { try checkSent(vote, by: node) }
    }

    private func checkSent(_ vote: Vote, by node: Int) throws(Finding) {
        guard let epoch = epochs[vote.epoch], let signer = epoch.node(vote.signer) else {
            throw Finding("S8", "node \(node) sends a vote of nobody, \(vote.signer) in epoch \(vote.epoch)")
        }
        if isByzantine(signer) {
            guard vote.verified(in: epoch.context, by: verifier) == nil else { return }
            throw Finding("S8", "node \(node) passes on a vote of node \(signer) that is not valid")
        }
        try checkDurable(vote.ballot, epoch: vote.epoch, signer: signer, by: node)
    }

    private mutating func checkSent(_ proposal: Proposal, by node: Int) throws(Finding) {
        guard let epoch = epochs[proposal.header.epoch] else {
            throw Finding(
                "S9",
                "node \(node) sends a proposal of epoch \(proposal.header.epoch), which never began"
            )
        }
        // The leader by the oracle's own arithmetic.
        let leader = epoch.leader(of: proposal.view)
        if isByzantine(leader) {
            let index = ValidatorIndex(epoch.nodes.firstIndex(of: leader) ?? 0)
            let isSigned = proposal.verified(leader: index, in: epoch.context, by: verifier) != nil
            // What stands in the justification of another's proposal is its business: whoever reads it looks for himself.
            guard !isSigned else { return }
            throw Finding("S8", "node \(node) passes on a proposal that its leader did not sign")
        }
        let ballot = Ballot.notarize(proposal.view, proposal.block)
        try checkDurable(ballot, epoch: proposal.header.epoch, signer: leader, by: node)
        guard leader == node else { return }
        for certificate in [proposal.justification.parent].compactMap({ $0 })
            + proposal.justification.nullifications
        { try checkSent(certificate, by: node) }
    }

    /// Rule S5, and nobody's vote is made up.
    private func checkDurable(_ ballot: Ballot, epoch: Epoch, signer: Int, by node: Int) throws(Finding) {
        let isKnown =
            signer == node
            ? nodes[node].votes.contains(OwnVote(ballot, epoch: epoch))
            : votes.holds(ballot, epoch: epoch, of: signer)
        guard isKnown else {
            let whose = signer == node ? "its own" : "node \(signer)'s"
            throw Finding(
                "S5",
                "node \(node) sends \(whose) \(ballot.kind) in view \(ballot.view) before it is durable"
            )
        }
    }

    /// Rule S8: the signatures hold, there is a quorum of them, and the honest signers really voted so.
    private mutating func checkSent(_ certificate: Certificate, by node: Int) throws(Finding) {
        // Words only where they are needed: most of what is sent is checked here.
        var what: String {
            "node \(node) sends a \(certificate.kind) certificate of view \(certificate.view)"
        }
        guard isValid(certificate) else { throw Finding("S8", "\(what) that does not verify") }
        guard let epoch = epochs[certificate.epoch] else {
            throw Finding("S9", "\(what) in epoch \(certificate.epoch), which never began")
        }
        var count = 0
        for (index, signer) in epoch.nodes.enumerated()
        where certificate.bitmap[index / 8] & (0x80 >> UInt8(index % 8)) != 0 {
            count += 1
            // A vote that only a lost disk knew of counts for the certificate that came of it.
            guard
                isFaulty(signer) || votes.holds(certificate.ballot, epoch: certificate.epoch, of: signer)
                    || nodes[signer].votes.contains(OwnVote(certificate.ballot, epoch: certificate.epoch))
            else {
                throw Finding("S8", "\(what) with a vote that node \(signer) did not make durable")
            }
        }
        guard count >= epoch.quorum else {
            throw Finding("S8", "\(what) of \(count) votes, \(epoch.quorum) are a quorum")
        }
    }
}
