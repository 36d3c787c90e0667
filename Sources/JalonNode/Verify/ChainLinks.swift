import JalonCrypto
import JalonModel

/// What the next block has to follow.
struct ChainTip: Hashable, Sendable {
    let id: BlockID
    let height: Height
    let view: View
    let timestamp: Timestamp
}

/// How the blocks of a chain hang together, and the log that they fill: what can be checked without any state.
struct ChainLinks: Sendable {
    /// The last block that was followed.
    private(set) var tip: ChainTip
    /// The log after it.
    private(set) var log = MerkleFrontier()
    private let chain: ChainID

    init(_ genesis: Genesis) {
        chain = genesis.chain
        tip = ChainTip(id: genesis.blockID, height: Height(0), view: View(0), timestamp: genesis.time)
    }

    /// Goes on after a block that is known to be of the chain, with the log after it.
    init(after header: BlockHeader, log: MerkleFrontier) {
        chain = header.chain
        tip = ChainTip(
            id: header.id,
            height: header.height,
            view: header.view,
            timestamp: header.timestamp
        )
        self.log = log
    }

    /// Goes on to the next header; its log has to be given afterwards.
    ///
    /// - Parameters:
    ///   - header: The next block's.
    ///   - height: Where it stands.
    ///   - opensEpoch: Whether the block before it closed an epoch: views are counted anew in each.
    /// - Throws: ``BlockDefect`` for the first thing that does not fit.
    mutating func follow(
        _ header: BlockHeader,
        height: Height,
        opensEpoch: Bool
    ) throws(BlockDefect) {
        try BlockDefect.require(header.height == height, "height", found: header.height, expected: height)
        try BlockDefect.require(header.chain == chain, "chain", found: header.chain, expected: chain)
        try BlockDefect.require(header.parent == tip.id, "parent", found: header.parent, expected: tip.id)
        try BlockDefect.require(
            header.parentView == tip.view,
            "parent view",
            found: header.parentView,
            expected: tip.view
        )
        guard header.view > (opensEpoch ? View(0) : tip.view) else {
            throw BlockDefect("its view is \(header.view), not after its parent's, \(tip.view)")
        }
        guard header.timestamp > tip.timestamp else {
            throw BlockDefect("its time is \(header.timestamp), not after its parent's, \(tip.timestamp)")
        }
        tip = ChainTip(
            id: header.id,
            height: header.height,
            view: header.view,
            timestamp: header.timestamp
        )
    }

    /// Adds the leaves of the header's block to the log.
    ///
    /// - Throws: ``BlockDefect`` where the log is then not the header's.
    mutating func append(_ leaves: [LeafHash], of header: BlockHeader) throws(BlockDefect) {
        log.append(contentsOf: leaves)
        try BlockDefect.require(
            header.logSize == log.size,
            "log size",
            found: header.logSize,
            expected: log.size
        )
        try BlockDefect.require(
            header.logRoot == log.root,
            "log root",
            found: header.logRoot,
            expected: log.root
        )
    }
}

extension BlockDefect {
    /// Throws where a field of a header is not what it has to be.
    static func require<Value: Equatable>(
        _ holds: Bool,
        _ field: String,
        found: Value,
        expected: Value
    ) throws(BlockDefect) {
        guard holds else { throw BlockDefect("its \(field) is \(found), expected \(expected)") }
    }
}
