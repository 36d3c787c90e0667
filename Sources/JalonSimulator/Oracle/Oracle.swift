import JalonCore
import JalonCrypto
import JalonModel
import JalonState

/// Watches the wires, the disks and what nodes call final, and says which rule was broken (testing, section 1).
///
/// It has its own arithmetic and its own memory; a crash of a node is no event for it, so what it holds against a node
/// holds across restarts.
struct Oracle {
    /// What must only grow, for one node.
    private struct NodeFacts {
        /// The view of the running process; 0 while there is none.
        var view = View(0)
        /// The height that the disk says is applied.
        var durableHeight = Height(0)
        /// The height that the running process last called final.
        var calledHeight = Height(0)
        /// Views with a durable certificate of any kind, and with a durable notarization.
        var certified: Set<View> = []
        var notarized: [View: BlockID] = [:]
    }

    private(set) var votes: VoteLedger
    private(set) var chain: ReferenceChain
    private var nodes: [NodeFacts]
    private let faultTolerance: Int

    init(membership: Membership) {
        votes = VoteLedger(validatorCount: membership.count)
        chain = ReferenceChain(genesis: membership.genesis.blockID)
        nodes = Array(repeating: NodeFacts(), count: membership.count)
        faultTolerance = (membership.count - 1) / 3
    }

    /// A node's disk is lost: what it held is forgotten.
    mutating func forgetDisk(_ node: Int) {
        nodes[node] = NodeFacts()
        votes.forget(node)
    }

    // MARK: - Disks

    /// Records of a node became durable on its disk; `holderCount` says how many nodes' disks hold a block.
    mutating func durable(
        _ records: [Record],
        of node: Int,
        disk: SimulatedDisk,
        holderCount: (BlockID) -> Int
    ) throws(Finding) {
        // What a vote rests on may stand behind it in the same write, which is durable as a whole.
        for record in records { try takePremise(record, of: node) }
        for record in records {
            switch record {
            case .vote(let vote):
                guard vote.signer.value == node else {
                    throw Finding("S5", "node \(node) writes a vote of \(vote.signer) as its own")
                }
                try take(vote.ballot, epoch: vote.epoch, of: node, disk: disk, holderCount: holderCount)
            case .proposal(let proposal):
                let ballot = Ballot.notarize(proposal.view, proposal.block)
                try take(ballot, epoch: proposal.header.epoch, of: node, disk: disk, holderCount: holderCount)
            case .block, .certificate, .final, .rejoin, .evidence: break
            }
        }
    }

    private mutating func takePremise(_ record: Record, of node: Int) throws(Finding) {
        switch record {
        case .block(let block):
            chain.learn(block.id, header: block.header, leaves: block.transactions.map { LeafHash(of: $0) })
        case .certificate(let certificate):
            nodes[node].certified.insert(certificate.view)
            if certificate.kind == .notarize { nodes[node].notarized[certificate.view] = certificate.block }
        case .final(let final):
            let height = final.block.header.height
            guard height == nodes[node].durableHeight.next else {
                throw Finding("S6", "node \(node) writes height \(height) after \(nodes[node].durableHeight)")
            }
            nodes[node].durableHeight = height
        case .vote, .proposal, .rejoin, .evidence: break
        }
    }

    private mutating func take(
        _ ballot: Ballot,
        epoch: Epoch,
        of node: Int,
        disk: SimulatedDisk,
        holderCount: (BlockID) -> Int
    ) throws(Finding) {
        try checkPremises(of: ballot, of: node, disk: disk)
        guard let finalizable = try votes.add(ballot, epoch: epoch, of: node) else { return }
        for block in try chain.extend(to: finalizable) {
            let holders = holderCount(block)
            guard holders > faultTolerance else {
                throw Finding("D2", "\(block.short) is final and on \(holders) disks only")
            }
        }
    }

    /// The table "durable before sending".
    private func checkPremises(of ballot: Ballot, of node: Int, disk: SimulatedDisk) throws(Finding) {
        let view = ballot.view
        func fail(_ what: String) -> Finding {
            Finding("S5", "node \(node) votes to \(ballot.kind) in view \(view) before \(what) is durable")
        }
        switch ballot {
        case .notarize(_, let block):
            guard disk.holds(block) else { throw fail("the block") }
        case .nullify: break
        case .finalize(_, let block, _):
            guard disk.holds(block) else { throw fail("the block") }
            guard nodes[node].notarized[view] == block else { throw fail("its notarization") }
            return
        }
        guard view.value == 1 || nodes[node].certified.contains(View(view.value - 1)) else {
            throw fail("the certificate that entered the view")
        }
    }

    // MARK: - Wires

    /// A node sends a message.
    mutating func sent(_ message: PeerMessage, by node: Int) throws(Finding) {
        switch message {
        case .vote(let vote):
            try checkSent(vote.ballot, epoch: vote.epoch, signer: vote.signer.value, by: node)
        case .certificate(let certificate): try checkSent(certificate, by: node)
        case .finalBlock(let block, let finalization):
            guard block.header.height <= chain.height, chain.final[Int(block.header.height.value)] == block.id
            else {
                throw Finding("D1", "node \(node) serves \(block.id.short) as final, which it is not")
            }
            if let finalization { try checkSent(finalization, by: node) }
        case .proposal(let proposal):
            let header = proposal.header
            let leader = Int((proposal.view.value - 1) % UInt64(nodes.count))
            try checkSent(
                .notarize(proposal.view, proposal.block),
                epoch: header.epoch,
                signer: leader,
                by: node
            )
        case .evidence: throw Finding("V1", "node \(node) blames an honest one")
        case .standing(let standing):
            let content = standing.content
            for certificate in [content.entry, content.rejoinProof].compactMap({ $0 }) {
                try checkSent(certificate, by: node)
            }
            for vote in content.votes {
                try checkSent(vote.ballot, epoch: vote.epoch, signer: vote.signer.value, by: node)
            }
        case .transactions, .tip, .request, .block, .standingRequest: break
        }
    }

    /// Rule S5, and nobody's vote is made up.
    private func checkSent(_ ballot: Ballot, epoch: Epoch, signer: Int, by node: Int) throws(Finding) {
        guard votes.holds(ballot, epoch: epoch, of: signer) else {
            let whose = signer == node ? "its own" : "node \(signer)'s"
            throw Finding(
                "S5",
                "node \(node) sends \(whose) \(ballot.kind) in view \(ballot.view) before it is durable"
            )
        }
    }

    /// Rule S8, with votes known instead of signatures checked.
    private func checkSent(_ certificate: Certificate, by node: Int) throws(Finding) {
        var count = 0
        for signer in nodes.indices where certificate.bitmap[signer / 8] & (0x80 >> UInt8(signer % 8)) != 0 {
            count += 1
            guard votes.holds(certificate.ballot, epoch: certificate.epoch, of: signer) else {
                throw Finding(
                    "S8",
                    "node \(node) sends a \(certificate.kind) certificate of view \(certificate.view) "
                        + "with a vote that node \(signer) did not make durable"
                )
            }
        }
        guard count >= votes.quorum else {
            throw Finding(
                "S8",
                "node \(node) sends a certificate of \(count) votes, \(votes.quorum) are a quorum"
            )
        }
    }

    // MARK: - What nodes say

    /// A node tells its clients that a block is final.
    mutating func finalized(_ final: FinalizedBlock, by node: Int) throws(Finding) {
        let height = final.block.header.height
        guard height <= nodes[node].durableHeight else {
            throw Finding("S5", "node \(node) calls height \(height) final before that is durable")
        }
        guard height == nodes[node].calledHeight.next else {
            throw Finding("S6", "node \(node) calls height \(height) final after \(nodes[node].calledHeight)")
        }
        nodes[node].calledHeight = height
        try chain.check(final.block, stateRoot: final.state.root, of: node)
    }

    /// A process starts with this view and height.
    mutating func started(_ node: Int, view: View, height: Height, stateRoot: Digest) throws(Finding) {
        nodes[node].view = View(0)
        try checkStart(node, view: view, height: height, stateRoot: stateRoot)
        nodes[node].view = view
        nodes[node].calledHeight = height
    }

    /// Rules S6 and D3 of a start, also of one that is only tried out.
    func checkStart(_ node: Int, view: View, height: Height, stateRoot: Digest) throws(Finding) {
        guard height >= nodes[node].durableHeight else {
            throw Finding("S6", "node \(node) starts at height \(height) below \(nodes[node].durableHeight)")
        }
        guard view >= votes.lastVoted[node] || view.value == 0 else {
            throw Finding(
                "S6",
                "node \(node) starts in view \(view) and has voted in \(votes.lastVoted[node])"
            )
        }
        if let header = chain.header(of: chain.final[Int(min(height, chain.height).value)]),
            header.height == height, header.stateRoot != stateRoot
        {
            throw Finding("D3", "node \(node) starts at height \(height) with another state than the chain's")
        }
    }

    /// A node handled an event.
    mutating func progressed(_ node: Int, view: View) throws(Finding) {
        guard view >= nodes[node].view else {
            throw Finding("S6", "node \(node) goes back from view \(nodes[node].view) to \(view)")
        }
        nodes[node].view = view
    }
}
