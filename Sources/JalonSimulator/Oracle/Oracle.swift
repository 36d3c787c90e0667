import JalonCore
import JalonCrypto
import JalonModel
import JalonState

/// Watches the wires, the disks and what nodes call final, and says which rule was broken (testing, section 1).
///
/// It has its own arithmetic and its own memory; a crash of a node is no event for it, so what it holds against a node
/// holds across restarts. Only honest nodes are watched; what Byzantine ones sign counts as signed by them in any case.
struct Oracle {
    private(set) var votes: VoteLedger
    private(set) var chain: ReferenceChain
    private(set) var executor: ReferenceExecutor
    private(set) var nodes: [NodeFacts]
    /// Validators whose disks went back at some time: they count among the f.
    private(set) var rolledBack: UInt64 = 0
    /// Whether more validators are Byzantine than a network withstands.
    let isOverrun: Bool
    /// The epochs so far.
    private(set) var epochs: EpochTable
    /// Checks signatures for the oracle, which shares no answer with the nodes.
    let verifier: RememberingVerifier
    let genesisTime: Timestamp
    /// Certificates whose signatures were checked.
    private var checked: Set<Certificate> = []

    init(membership: Membership, byzantine: UInt64 = 0) {
        epochs = EpochTable(membership: membership)
        isOverrun = byzantine.nonzeroBitCount > epochs.last.faultTolerance
        votes = VoteLedger(
            nodeCount: membership.count,
            validators: epochs.last.nodes,
            byzantine: byzantine,
            isOverrun: isOverrun
        )
        chain = ReferenceChain(genesis: membership.genesis.blockID)
        executor = ReferenceExecutor(membership: membership)
        nodes = Array(repeating: NodeFacts(), count: membership.count)
        verifier = RememberingVerifier(membership.scheme)
        genesisTime = membership.genesis.time
    }

    /// Whether nothing that the validator does is held against it.
    func isByzantine(_ validator: Int) -> Bool { votes.isByzantine(validator) }

    /// Whether the validator counts among the f that may be faulty.
    func isFaulty(_ validator: Int) -> Bool { faulty & (1 << UInt64(validator)) != 0 }

    /// A bit for each validator that counts among the f.
    var faulty: UInt64 { votes.byzantine | rolledBack }

    /// The height up to which there is something final: of validators that are all honest what they let out decides,
    /// else what an honest node calls final, since a Byzantine one may never send what it could have signed.
    var finalHeight: Height {
        guard votes.byzantine != 0 else { return chain.height }
        return nodes.indices.filter { !isByzantine($0) }.map { nodes[$0].calledHeight }.max() ?? Height(0)
    }

    // MARK: - Disks

    /// Records of a node became durable on its disk.
    ///
    /// `wall` is what its wall clock showed when it decided on them, `nil` where that clock was wrong; `holds` says whether a
    /// block is on its disk.
    mutating func durable(
        _ records: [Record],
        of node: Int,
        wall: Timestamp?,
        holds: (BlockID) -> Bool
    ) throws(Finding) {
        // What a vote or a final block rests on may stand behind it in the same write, which is durable as a whole.
        for record in records {
            try takePremise(record, of: node)
            if case .block(let block) = record, let wall { nodes[node].blockWalls[block.id] = wall }
        }
        for record in records {
            switch record {
            case .vote(let vote):
                guard epochs.node(vote.signer, in: vote.epoch) == node else {
                    throw Finding("S5", "node \(node) writes a vote of \(vote.signer) as its own")
                }
                try take(OwnVote(vote.ballot, epoch: vote.epoch), of: node, wall: wall, holds: holds)
            case .proposal(let proposal):
                let ballot = Ballot.notarize(proposal.view, proposal.block)
                // A leader stamps what the clocks around it show: who hears mostly liars is refused by its voters.
                try take(OwnVote(ballot, epoch: proposal.header.epoch), of: node, wall: nil, holds: holds)
            case .final(let final): try take(final, of: node)
            case .block, .certificate, .rejoin, .evidence: break
            }
        }
        // After all of them: a block may stand on one that got the decisive vote in the same write.
        for vote in records.compactMap(\.ownVote) where !isOverrun {
            guard case .notarize(let view, let block) = vote.ballot else { continue }
            try checkJustification(of: block, in: view, epoch: vote.epoch, by: node)
        }
    }

    private mutating func takePremise(_ record: Record, of node: Int) throws(Finding) {
        switch record {
        case .block(let block): chain.learn(block)
        case .certificate(let certificate):
            let place = EpochView(certificate.epoch, certificate.view)
            nodes[node].certified.insert(place)
            switch certificate.kind {
            case .notarize: nodes[node].notarized[place] = certificate.block
            case .finalize: nodes[node].finalizations.append(certificate.block)
            case .nullify: break
            }
        case .final(let final): chain.learn(final.block)
        case .vote, .proposal, .rejoin, .evidence: break
        }
    }

    private mutating func take(
        _ vote: OwnVote,
        of node: Int,
        wall: Timestamp?,
        holds: (BlockID) -> Bool
    ) throws(Finding) {
        try checkPremises(of: vote.ballot, epoch: vote.epoch, of: node, holds: holds)
        if case .notarize(let view, let block) = vote.ballot, let wall {
            // Judged when the block was at hand: who may not vote yet does so later, and its clock may have been set between.
            let isTimely = nodes[node].blockWalls[block].map {
                timeFault(of: block, in: view, wall: $0) == nil
            }
            if isTimely != true, let fault = timeFault(of: block, in: view, wall: wall) {
                throw Finding("T1", "node \(node), \(fault)")
            }
        }
        if !isOverrun, vote.ballot.kind != .nullify, let header = chain.header(of: vote.ballot.block) {
            try checkRules(of: header.height, by: node, "votes for")
        }
        nodes[node].votes.insert(vote)
        nodes[node].lastVoted = max(nodes[node].lastVoted, EpochView(vote.epoch, vote.ballot.view))
    }

    /// The table "durable before sending".
    private func checkPremises(
        of ballot: Ballot,
        epoch: Epoch,
        of node: Int,
        holds: (BlockID) -> Bool
    ) throws(Finding) {
        let view = ballot.view
        // Rule S9: nobody votes in an epoch before the block that it stands on is durable and applied.
        guard let start = epochs[epoch]?.start, nodes[node].durableHeight >= start else {
            throw Finding("S9", "node \(node) votes in epoch \(epoch) before its closing block is durable")
        }
        let place = EpochView(epoch, view)
        func fail(_ what: String) -> Finding {
            Finding("S5", "node \(node) votes to \(ballot.kind) in view \(view) before \(what) is durable")
        }
        switch ballot {
        case .notarize(_, let block):
            guard holds(block) else { throw fail("the block") }
        case .nullify: break
        case .finalize(_, let block, _):
            guard holds(block) else { throw fail("the block") }
            guard nodes[node].notarized[place] == block else { throw fail("its notarization") }
            return
        }
        guard view.value == 1 || nodes[node].certified.contains(EpochView(epoch, View(view.value - 1))) else {
            throw fail("the certificate that entered the view")
        }
    }

    /// The premise of rule S3: a parent that a quorum can have notarized, and every view between nullified by one.
    private func checkJustification(of id: BlockID, in view: View, epoch: Epoch, by node: Int) throws(Finding)
    {
        guard let header = chain.header(of: id) else { return }
        guard header.view == view else {
            // Rule S9: only the block that closes an epoch is proposed again.
            guard header.validatorsHash != header.nextValidatorsHash else {
                throw Finding(
                    "S9",
                    "node \(node) notarizes \(id.short) of view \(header.view) in view \(view)"
                )
            }
            return
        }
        if let parent = chain.header(of: header.parent), parent.epoch == header.epoch,
            parent.validatorsHash != parent.nextValidatorsHash
        {
            throw Finding("S9", "node \(node) notarizes \(id.short), a child of a closing block in its epoch")
        }
        // Own votes of this very write are not out yet, and what a lost disk knew of may be in a certificate.
        func own(_ ballot: Ballot) -> UInt64 {
            rolledBack | (nodes[node].votes.contains(OwnVote(ballot, epoch: epoch)) ? 1 << UInt64(node) : 0)
        }
        let isOnBase = header.parent == epochs[epoch]?.base
        guard
            isOnBase
                || votes.isNotarizable(
                    header.parent,
                    in: header.parentView,
                    epoch: epoch,
                    with: own(.notarize(header.parentView, header.parent))
                )
        else {
            throw Finding("S3", "node \(node) notarizes \(id.short), whose parent no quorum notarized")
        }
        var gap = isOnBase ? View(1) : header.parentView.next
        while gap < view {
            guard votes.isNullifiable(gap, epoch: epoch, with: own(.nullify(gap))) else {
                throw Finding(
                    "S3",
                    "node \(node) notarizes \(id.short) over view \(gap), which no quorum nullified"
                )
            }
            gap = gap.next
        }
    }

    /// Rule T1: an honest voter waits for a block from the future and refuses one from the past.
    ///
    /// - Returns: What is wrong with a vote at this time, in words, or `nil`.
    private func timeFault(of id: BlockID, in view: View, wall: Timestamp) -> String? {
        guard let header = chain.header(of: id), header.view == view else { return nil }
        let parent = chain.header(of: header.parent)?.timestamp ?? genesisTime
        let soonest = parent.advanced(byMilliseconds: 1)
        // The parameter maxSkew and the bound of 30 s, with 2 s for what the node's own view of its clock may differ.
        let latest = max(wall.advanced(byMilliseconds: 500), soonest).advanced(byMilliseconds: 2_000)
        let earliest = max(soonest, wall.reduced(byMilliseconds: 32_000))
        guard header.timestamp > latest || header.timestamp < earliest else { return nil }
        return "whose clock shows \(wall), notarizes \(id.short) of \(header.timestamp)"
    }

    /// A message of a liar arrives.
    mutating func heard(_ message: PeerMessage) {
        switch message {
        case .block(let block), .finalBlock(let block, _): chain.hear(block.header)
        case .proposal(let proposal): chain.hear(proposal.header)
        case .vote, .certificate, .transactions, .tip, .request, .evidence, .standingRequest,
            .standing, .readiness:
            break
        }
    }

    /// A final block rests on a durable finalization of itself or of a descendant.
    private mutating func take(_ final: FinalBlock, of node: Int) throws(Finding) {
        let (id, height) = (final.block.id, final.block.header.height)
        guard height == nodes[node].durableHeight.next else {
            throw Finding("S6", "node \(node) writes height \(height) after \(nodes[node].durableHeight)")
        }
        if nodes[node].covered.remove(id) == nil {
            var covered = nodes[node].covered
            nodes[node].finalizations.removeAll { chain.cover(from: $0, downTo: height, into: &covered) }
            nodes[node].covered = covered
            guard nodes[node].covered.remove(id) != nil else {
                throw Finding("S5", "node \(node) applies \(id.short) before a finalization of it is durable")
            }
        }
        nodes[node].durableHeight = height
    }

    /// Something happened after these votes were durable: they count from now on.
    ///
    /// `holderCount` says on how many disks of nodes that are not faulty a block is.
    mutating func release(_ released: [OwnVote], of node: Int, holderCount: (BlockID) -> Int) throws(Finding)
    {
        for vote in released {
            guard let finalizable = try votes.add(vote.ballot, epoch: vote.epoch, of: node) else { continue }
            for block in try chain.extend(to: finalizable) {
                if let closing = chain.block(block) {
                    let count = epochs.epochs.count
                    try epochs.take(closing)
                    if epochs.epochs.count > count { votes.begin(epochs.last.nodes) }
                }
                // Of a quorum of votes f may be of faulty nodes.
                let holders = holderCount(block)
                let epoch = chain.header(of: block)?.epoch ?? Epoch(0)
                guard holders > epochs[epoch]?.faultTolerance ?? 0 else {
                    throw Finding("D2", "\(block.short) is final and on \(holders) honest disks only")
                }
            }
        }
    }

    /// A node starts from another disk than the one it had.
    mutating func replaceDisk(of node: Int, with facts: NodeFacts, isSilent: Bool) throws(Finding) {
        rolledBack |= 1 << UInt64(node)
        if isSilent {
            votes.markByzantine(node)
            for block in try votes.finalizable() { _ = try chain.extend(to: block) }
        }
        let rules = nodes[node].knownRules
        nodes[node] = facts
        nodes[node].knownRules = rules
        nodes[node].view = EpochView(Epoch(0), View(0))
        nodes[node].calledHeight = facts.durableHeight
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
        guard !isOverrun else { return }
        try chain.check(final.block, stateRoot: final.state.root, of: node)
        try execute(final)
        try checkRules(of: height, by: node, "calls final")
    }

    // MARK: - Programs

    /// A node gets a program that knows these rules.
    mutating func install(_ rules: UInt64, at node: Int) { nodes[node].knownRules = rules }

    /// A node stopped before a height whose rules its program does not know.
    func stopped(_ node: Int, before height: Height, rules: UInt64, known: UInt64) throws(Finding) {
        guard height == nodes[node].durableHeight.next, rules > known,
            executor.height.next < height || executor.rules(at: height) >= rules
        else {
            throw Finding(
                "U1",
                "node \(node), which knows the rules \(known), stops before height \(height) for the rules \(rules)"
            )
        }
    }

    /// Rule U1: nobody votes for a block, or calls one final, by rules that its program does not know.
    private func checkRules(of height: Height, by node: Int, _ act: String) throws(Finding) {
        let rules = executor.rules(at: height)
        guard rules <= nodes[node].knownRules else {
            throw Finding(
                "U1",
                "node \(node) \(act) height \(height), which goes by the rules \(rules) that it does not know"
            )
        }
    }

    /// Rule S7, for the blocks up to this one: one of which no node lived to tell is executed with its successor.
    private mutating func execute(_ final: FinalizedBlock) throws(Finding) {
        while executor.height < final.block.header.height {
            let height = executor.height.next
            guard height != final.block.header.height else {
                return try executor.execute(final.block, final.transactions)
            }
            guard let block = chain.block(at: height) else { return }
            var transactions: [Transaction] = []
            for bytes in block.transactions {
                do { transactions.append(try Transaction(bytes: bytes)) } catch {
                    throw Finding(
                        "S7",
                        "a transaction of the final \(block.id.short) does not decode: \(error)"
                    )
                }
            }
            try executor.execute(block, transactions)
        }
    }

    /// A process starts with this view and height.
    mutating func started(_ node: Int, view: EpochView, height: Height, stateRoot: Digest) throws(Finding) {
        nodes[node].view = EpochView(Epoch(0), View(0))
        try checkStart(node, view: view, height: height, stateRoot: stateRoot)
        nodes[node].view = view
        nodes[node].calledHeight = height
    }

    /// Rules S6 and D3 of a start, also of one that is only tried out.
    func checkStart(_ node: Int, view: EpochView, height: Height, stateRoot: Digest) throws(Finding) {
        guard height >= nodes[node].durableHeight else {
            throw Finding("S6", "node \(node) starts at height \(height) below \(nodes[node].durableHeight)")
        }
        guard view >= nodes[node].lastVoted || view.view.value == 0 else {
            throw Finding(
                "S6",
                "node \(node) starts in view \(view.view) and has voted in \(nodes[node].lastVoted.view)"
            )
        }
        guard !isOverrun else { return }
        if let header = chain.header(of: chain.final[Int(min(height, chain.height).value)]),
            header.height == height, header.stateRoot != stateRoot
        {
            throw Finding("D3", "node \(node) starts at height \(height) with another state than the chain's")
        }
    }

    /// A node handled an event.
    mutating func progressed(_ node: Int, view: EpochView) throws(Finding) {
        guard view >= nodes[node].view else {
            throw Finding("S6", "node \(node) goes back from view \(nodes[node].view.view) to \(view.view)")
        }
        nodes[node].view = view
    }

    /// Rule S8: checks the signatures of a certificate, of the same one once.
    mutating func isValid(_ certificate: Certificate) -> Bool {
        if checked.contains(certificate) { return true }
        guard let context = epochs[certificate.epoch]?.context,
            certificate.verified(in: context, by: verifier) != nil
        else { return false }
        checked.insert(certificate)
        return true
    }
}
