import JalonCrypto
import JalonModel

/// The one chain that everything final must lie on, kept naively: rules S3, D1 and the first half of D3.
struct ReferenceChain {
    /// What is known of a block that some node holds.
    private struct KnownBlock {
        let header: BlockHeader
        let leaves: [LeafHash]
        /// The whole block; `nil` where only its header and leaves were told.
        var block: Block?
    }

    private var known: [BlockID: KnownBlock] = [:]
    /// Final blocks by height, the genesis first.
    private(set) var final: [BlockID]
    /// Where each final transaction stands.
    private var heights: [LeafHash: Height] = [:]
    /// Transactions in final blocks.
    var transactionCount: Int { heights.count }

    /// Headers of blocks that liars sent: an honest node may hold one that is not durable yet.
    private var heard: [BlockID: BlockHeader] = [:]

    init(genesis: BlockID) {
        final = [genesis]
    }

    /// The height of the highest block that a quorum made final.
    var height: Height { Height(UInt64(final.count - 1)) }

    /// The header of a known block.
    func header(of id: BlockID) -> BlockHeader? { known[id]?.header }

    /// The final block at a height, as far as its body is known.
    func block(at height: Height) -> Block? {
        guard height <= self.height else { return nil }
        return known[final[Int(height.value)]]?.block
    }

    /// A known block, as far as its body is known.
    func block(_ id: BlockID) -> Block? { known[id]?.block }

    /// The height at which a transaction is final.
    func height(of leaf: LeafHash) -> Height? { heights[leaf] }

    /// Takes a block that a node made durable.
    mutating func learn(_ block: Block) {
        guard known[block.id] == nil else { return }
        let leaves = block.transactions.map { LeafHash(of: $0) }
        known[block.id] = KnownBlock(header: block.header, leaves: leaves, block: block)
    }

    /// Takes a block by its header and leaves.
    mutating func learn(_ id: BlockID, header: BlockHeader, leaves: @autoclosure () -> [LeafHash]) {
        if known[id] == nil { known[id] = KnownBlock(header: header, leaves: leaves()) }
    }

    /// Hears of a block that perhaps only liars hold: its header is what its id says, and no more is taken from it.
    mutating func hear(_ header: BlockHeader) {
        let id = header.id
        if known[id] == nil { heard[id] = header }
    }

    /// Gathers a block and its ancestors down to a height.
    ///
    /// - Returns: Whether all of them are known, or were heard of.
    func cover(from id: BlockID, downTo height: Height, into blocks: inout Set<BlockID>) -> Bool {
        var next = id
        var branch: [BlockID] = []
        while true {
            guard let header = known[next]?.header ?? heard[next] else { return false }
            guard header.height >= height else { break }
            branch.append(next)
            guard header.height > height else { break }
            next = header.parent
        }
        blocks.formUnion(branch)
        return true
    }

    /// Takes a block that a quorum of durable votes made final, with all its ancestors.
    ///
    /// - Returns: The blocks that became final with it, ascending by height.
    mutating func extend(to tip: BlockID) throws(Finding) -> [BlockID] {
        var branch: [(id: BlockID, block: KnownBlock)] = []
        var next = tip
        while final.last != next {
            guard let block = known[next] else {
                throw Finding(
                    "S3",
                    "\(next.short) is finalizable, or an ancestor of such a block, and nobody holds it"
                )
            }
            guard block.header.height > height else {
                guard final[Int(block.header.height.value)] == next else {
                    let other = final[Int(block.header.height.value)]
                    throw Finding(
                        "S3",
                        "\(tip.short) is finalizable; at height \(block.header.height) \(other.short) is final"
                    )
                }
                guard branch.isEmpty else {
                    throw Finding(
                        "S3",
                        "\(tip.short) is finalizable and branches off below the final \(height)"
                    )
                }
                return []
            }
            branch.append((next, block))
            next = block.header.parent
        }
        for (id, block) in branch.reversed() { try append(id, block) }
        return branch.reversed().map(\.id)
    }

    private mutating func append(_ id: BlockID, _ block: KnownBlock) throws(Finding) {
        guard block.header.height == height.next else {
            throw Finding("S3", "\(id.short) says height \(block.header.height) and stands at \(height.next)")
        }
        if let parent = final.last.flatMap({ known[$0]?.header }), block.header.timestamp <= parent.timestamp
        {
            throw Finding("S3", "\(id.short) is not later than its parent")
        }
        final.append(id)
        for leaf in block.leaves {
            if let earlier = heights.updateValue(block.header.height, forKey: leaf) {
                throw Finding(
                    "D1",
                    "\(leaf.short) is final at height \(earlier) and at \(block.header.height)"
                )
            }
        }
    }

    /// Checks what a node says is final.
    func check(_ block: Block, stateRoot: Digest, of node: Int) throws(Finding) {
        let height = block.header.height
        guard height <= self.height else {
            throw Finding(
                "S3",
                "node \(node) holds \(block.id.short) final at \(height) without a quorum of durable votes"
            )
        }
        guard final[Int(height.value)] == block.id else {
            let other = final[Int(height.value)]
            throw Finding(
                "D1",
                "node \(node) holds \(block.id.short) final at \(height), where \(other.short) is"
            )
        }
        guard block.header.stateRoot == stateRoot else {
            throw Finding(
                "D3",
                "node \(node) reached another state at \(height) than the header of \(block.id.short)"
            )
        }
    }
}
