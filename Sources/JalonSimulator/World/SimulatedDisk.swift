package import JalonModel

/// What one node has on durable media, and what its storage would read back from it.
///
/// The rows of the real storage, with the same pruning: a start sees exactly what `RestoredLedger` promises.
package struct SimulatedDisk: Sendable {
    /// Final blocks, the one of height 1 first.
    package private(set) var finalBlocks: [Block] = []
    /// The finalization of a block that was finalized itself.
    private var finalizations: [BlockID: Certificate] = [:]
    private var finalTransactions: [[TransactionID]] = []
    private var frontier: [UInt8]?
    /// By path, ascending: as a storage reads them back.
    private var leaves: [LeafChange] = []
    /// What changed since they were last read, block by block.
    private var newLeaves: [[LeafChange]] = []
    private var blocks: [Block] = []
    private var certificates: [Certificate] = []
    /// The highest finalization held.
    private var highestFinalization: Certificate?
    private var votes: [Vote] = []
    private var proposals: [Proposal] = []
    private var rejoin: Rejoin?
    private var evidence: [Equivocation] = []
    /// Ids of the blocks and encodings of what else is held, so that the same record twice is one row.
    private var heldBlocks: Set<BlockID> = []

    /// The first block that it can give to others; those before it are not on this disk.
    private var firstHeight = Height(1)

    /// Whether the operator said that this disk may lack what the node did: it must rejoin before it votes.
    ///
    /// What `jalon node rejoin` leaves behind; a start hands it to the core.
    package var mustRejoin: Bool { rejoin == .required }

    /// Records written so far.
    package private(set) var recordCount = 0

    package init() {}

    /// The height of the last block applied.
    package var finalHeight: Height { Height(UInt64(finalBlocks.count)) }

    /// Whether a block is held, final or not.
    package func holds(_ block: BlockID) -> Bool { heldBlocks.contains(block) }

    // MARK: - Writing

    /// Leaves what a ledger that began with a snapshot has: the state, and no block before this height.
    package mutating func forgetBlocks(below height: Height) { firstHeight = height }

    /// What an operator does with `jalon node rejoin`.
    package mutating func requireRejoin() { rejoin = .required }

    /// Makes the records of one turn durable.
    package mutating func write(_ records: [Record]) {
        for record in records { write(record) }
        recordCount += records.count
        prune()
    }

    private mutating func write(_ record: Record) {
        switch record {
        case .block(let block):
            if heldBlocks.insert(block.id).inserted { blocks.append(block) }
        case .proposal(let proposal):
            if !proposals.contains(proposal) { proposals.append(proposal) }
        case .vote(let vote):
            if !votes.contains(vote) { votes.append(vote) }
        case .certificate(let certificate):
            if certificate.kind == .finalize {
                finalizations[certificate.block] = certificate
                let position = highestFinalization.map { ($0.epoch, $0.view) }
                if position.map({ $0 < (certificate.epoch, certificate.view) }) ?? true {
                    highestFinalization = certificate
                }
            }
            if !certificates.contains(where: {
                $0.epoch == certificate.epoch && $0.ballot == certificate.ballot
            }) {
                certificates.append(certificate)
            }
        case .final(let final): apply(final)
        case .rejoin(let rejoin): self.rejoin = rejoin
        case .evidence(let pair): if !evidence.contains(pair) { evidence.append(pair) }
        }
    }

    private mutating func apply(_ final: FinalBlock) {
        // The height is the primary key of a table without holes: a record out of turn would fail in a real storage.
        precondition(
            final.block.header.height == finalHeight.next,
            "final blocks are written in the order of their heights"
        )
        heldBlocks.insert(final.block.id)
        finalBlocks.append(final.block)
        finalTransactions.append(final.transactions)
        frontier = final.frontier
        newLeaves.append(final.changes)
    }

    private mutating func prune() {
        let height = finalHeight
        blocks.removeAll { $0.header.height <= height }
        guard let highest = highestFinalization else { return }
        let position = (highest.epoch, highest.view)
        certificates.removeAll { ($0.epoch, $0.view) < position }
        let newest = votes.max { ($0.epoch, $0.view) < ($1.epoch, $1.view) }
        votes.removeAll { ($0.epoch, $0.view) <= position && $0.view != newest?.view }
        proposals.removeAll { ($0.header.epoch, $0.view) <= position }
    }

    // MARK: - Reading back

    /// What a start finds; `replayReach` milliseconds is how far back the replay window reaches.
    package mutating func restored(replayReach: UInt64) -> RestoredLedger {
        takeNewLeaves()
        let tip = finalBlocks.last?.header
        let oldest = tip.map { $0.timestamp.reduced(byMilliseconds: replayReach) } ?? Timestamp(0)
        let recent = zip(finalBlocks, finalTransactions)
            .map { (timestamp: $0.header.timestamp, transactions: $1) }
            .filter { $0.timestamp >= oldest }
        return RestoredLedger(
            tip: tip,
            frontier: frontier,
            leaves: leaves,
            recent: recent,
            blocks: blocks,
            certificates: certificates,
            votes: votes,
            proposals: proposals,
            rejoin: rejoin,
            evidence: evidence
        )
    }

    /// Puts what was written among the leaves, the newest value of each path.
    private mutating func takeNewLeaves() {
        guard !newLeaves.isEmpty else { return }
        var new: [(number: Int, leaf: LeafChange)] = []
        for leaf in newLeaves.joined() { new.append((new.count, leaf)) }
        newLeaves = []
        // Of one path the newest first.
        new.sort { one, other in
            one.leaf.path.equalsBytewise(other.leaf.path)
                ? one.number > other.number : one.leaf.path.precedesBytewise(other.leaf.path)
        }
        var merged: [LeafChange] = []
        merged.reserveCapacity(leaves.count + new.count)
        var old = leaves[...]
        for (_, leaf) in new {
            if let last = merged.last, last.path.equalsBytewise(leaf.path) { continue }
            while let first = old.first, first.path.precedesBytewise(leaf.path) {
                merged.append(old.removeFirst())
            }
            if let first = old.first, first.path.equalsBytewise(leaf.path) { old.removeFirst() }
            merged.append(leaf)
        }
        leaves = (merged + old).filter { $0.value != nil }
    }

    /// The final block with this id.
    package func finalBlock(_ id: BlockID) -> Block? {
        finalBlocks.last { $0.id == id && $0.header.height >= firstHeight }
    }

    /// Final blocks from a height on, at most `count`, each with its finalization where it was finalized itself.
    ///
    /// Where the block asked for is not held, the first one that is, as the node's driver answers.
    package func finalBlocks(from height: Height, count: UInt64) -> [(
        block: Block, finalization: Certificate?
    )] {
        guard height.value > 0, height <= finalHeight else { return [] }
        guard height >= firstHeight else { return finalBlocks(from: firstHeight, count: 1) }
        let first = Int(height.value) - 1
        let last = min(finalBlocks.count, first + Int(count))
        return finalBlocks[first..<last].map { ($0, finalizations[$0.id]) }
    }
}
