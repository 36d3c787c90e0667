import JalonCodec
import JalonCrypto
package import JalonModel

/// Checks a snapshot item by item, from the genesis alone.
///
/// The ends of the epochs lead from the genesis' validators to those who sealed the last block; its id covers every
/// block back to the base by their links, its log root what they hold, its state root the leaves. Neither a transaction's
/// signature is checked nor one executed: that is what the validators vouch for who sealed the block.
package struct SnapshotCheck: Sendable {
    private let genesis: Genesis
    private let verifier = KeySignatureVerifier()
    private var contexts: [VotingContext]
    private var epochs: [EpochChange] = []
    private var finalization: Certificate?
    private var head: Snapshot.Head?
    private var base: Snapshot.Base?
    private var counts = (epochs: UInt64(0), blocks: UInt64(0), leaves: UInt64(0))
    private var tip: (id: BlockID, height: Height, timestamp: Timestamp)
    private var header: BlockHeader?
    private var signers: [ValidatorIndex] = []
    private var frontier = MerkleFrontier()
    private var window: ReplayWindow
    /// The leaves of the state, decoded some thousands at a time.
    private var parts: [DecodedLeaves] = []
    private var leaves: [(path: String, value: [UInt8])] = []
    private var lastPath: String?

    /// An item that holds as far as can be said by now, as it is to be stored.
    package enum Taken: Sendable {
        case head(Snapshot.Head)
        case epoch(EpochChange)
        case base(Snapshot.Base)
        /// With the ids of its transactions; its finalization was checked.
        case block(Block, [TransactionID], Certificate?)
        case leaf(LeafChange)
    }

    package init(genesis: Genesis) {
        self.genesis = genesis
        contexts = [
            VotingContext(
                network: genesis.network,
                chain: genesis.chain,
                epoch: Epoch(0),
                validators: genesis.validators
            )
        ]
        tip = (genesis.blockID, Height(0), genesis.time)
        window = ReplayWindow(maxLifetime: genesis.parameters.maxLifetimeMilliseconds)
    }

    /// What comes next; `nil` once everything is there.
    package var next: Snapshot.Kind? {
        guard let head else { return .head }
        if counts.epochs < head.epochCount { return .epoch }
        if base == nil { return .base }
        if counts.blocks < head.blockCount { return .block }
        return counts.leaves < head.leafCount ? .leaf : nil
    }

    /// What of the items came, and of how many: blocks and leaves, which are what takes time.
    package var progress: (done: UInt64, total: UInt64) {
        guard let head else { return (0, 0) }
        let (total, overflow) = head.blockCount.addingReportingOverflow(head.leafCount)
        return (counts.blocks + counts.leaves, overflow ? .max : total)
    }

    /// Where the next item stands, for whoever says that it can't be read.
    package var place: String {
        guard let head else { return "the head" }
        return switch next {
        case nil, .head: "the end"
        case .epoch: "end of epoch \(counts.epochs)"
        case .base: "the base"
        case .block: "block \(tip.height.next)"
        case .leaf: "leaf \(counts.leaves + 1) of \(head.leafCount)"
        }
    }

    /// Takes the next item.
    ///
    /// - Returns: The item, decoded and checked.
    /// - Throws: ``SnapshotError`` for the first thing that is wrong.
    package mutating func take(_ item: Snapshot.Item) throws(SnapshotError) -> Taken {
        switch (next, item) {
        case (.head, .head(let head)):
            try check(head)
            self.head = head
            return .head(head)
        case (.epoch, .epoch(let change)):
            do throws(ProofError) { contexts.append(try change.verify(in: contexts, by: verifier)) } catch {
                throw .epoch(Epoch(counts.epochs), closing: change.header.height, error)
            }
            counts.epochs += 1
            epochs.append(change)
            return .epoch(change)
        case (.base, .base(let base)):
            try start(from: base)
            return .base(base)
        case (.block, .block(let bytes, let finalization)): return try take(block: bytes, finalization)
        case (.leaf, .leaf(let path, let value)):
            guard lastPath.map({ $0.precedesBytewise(path) }) ?? true else { throw .unsortedLeaf(path) }
            leaves.append((path, value))
            if leaves.count >= SnapshotCheck.partCount { try decodeLeaves() }
            lastPath = path
            counts.leaves += 1
            return .leaf(LeafChange(path: path, value: value))
        default: throw .unexpectedItem
        }
    }

    /// What the whole snapshot proves.
    ///
    /// - Throws: ``SnapshotError`` where something is missing, or the leaves are not the block's state.
    package consuming func finish() throws(SnapshotError) -> SnapshotGround {
        try decodeLeaves()
        guard next == nil, let base, let header, let finalization else { throw .incomplete(missing: place) }
        let state: LedgerState
        do throws(StateError) { state = try LedgerState(restoring: parts) } catch { throw .badState(error) }
        guard state.root == header.stateRoot else {
            throw .otherState(header.height, found: state.root, expected: header.stateRoot)
        }
        let set = contexts[contexts.count - 1].validators
        return SnapshotGround(
            base: base,
            epochs: epochs,
            header: header,
            finalization: finalization,
            state: state,
            frontier: frontier,
            window: window,
            signers: signers.compactMap { set[$0]?.member },
            validatorCount: set.count
        )
    }

    // MARK: - Parts

    /// Leaves that are decoded at once.
    private static let partCount = 4_096

    private mutating func decodeLeaves() throws(SnapshotError) {
        do throws(StateError) { parts.append(try DecodedLeaves(leaves)) } catch { throw .badState(error) }
        leaves.removeAll(keepingCapacity: true)
    }

    private func check(_ head: Snapshot.Head) throws(SnapshotError) {
        guard head.network == genesis.network else {
            throw .otherNetwork(found: head.network, expected: genesis.network)
        }
        guard head.chain == genesis.chain else {
            throw .otherChain(found: head.chain, expected: genesis.chain)
        }
        guard head.height > Height(0) else { throw .badCount("the genesis needs no snapshot") }
        guard head.epochCount <= UInt64(Snapshot.maximumEpochCount) else {
            throw .badCount("\(head.epochCount) epochs, at most \(Snapshot.maximumEpochCount) are read")
        }
        guard (1...head.height.value).contains(head.blockCount) else {
            throw .badCount("\(head.blockCount) blocks up to block \(head.height)")
        }
    }

    private mutating func start(from base: Snapshot.Base) throws(SnapshotError) {
        guard let head else { throw .unexpectedItem }
        let height = Height(head.height.value - head.blockCount)
        guard base.height == height else {
            throw .badBase("it is block \(base.height), expected \(height) before \(head.blockCount) blocks")
        }
        guard let header = base.header else {
            guard base.frontier == MerkleFrontier() else {
                throw .badBase("a log of \(base.frontier.size) transactions at the genesis")
            }
            self.base = base
            return
        }
        guard header.chain == genesis.chain else {
            throw .otherChain(found: header.chain, expected: genesis.chain)
        }
        guard base.frontier.size == header.logSize, base.frontier.root == header.logRoot else {
            throw .badBase("the frontier is not that of the log of block \(height)")
        }
        self.base = base
        frontier = base.frontier
        tip = (header.id, header.height, header.timestamp)
    }

    private mutating func take(
        block bytes: [UInt8],
        _ finalization: [UInt8]
    ) throws(SnapshotError) -> Taken {
        let height = tip.height.next
        let block: Block
        do {
            block = try CBORDecoder.decode(bytes[...]) { (decoder) throws(CBORError) in
                try Block(from: &decoder)
            }
        } catch { throw .badBlock(height, "its bytes are not a block: \(error)") }
        let ids = try follow(block, at: height)
        let certificate = try certificate(finalization, of: block.header)
        guard let head, let base else { throw .unexpectedItem }
        counts.blocks += 1
        header = block.header
        guard counts.blocks == head.blockCount else { return .block(block, ids, certificate) }
        guard let certificate else { throw .badBlock(height, "the last one has no finalization") }
        self.finalization = certificate
        guard block.header.epoch.value == head.epochCount else {
            throw .badBlock(height, "it is of epoch \(block.header.epoch), not of \(head.epochCount)")
        }
        if let left = base.header, window.covers(left.timestamp, at: block.header.timestamp) {
            throw .shortWindow(base: left.timestamp, head: block.header.timestamp)
        }
        return .block(block, ids, certificate)
    }

    /// Checks that a block follows the last one, and takes its transactions into log and window.
    private mutating func follow(_ block: Block, at height: Height) throws(SnapshotError) -> [TransactionID] {
        let header = block.header
        guard header.chain == genesis.chain, header.height == height else {
            throw .badBlock(height, "it is block \(header.height) of the chain \(header.chain)")
        }
        guard header.parent == tip.id else {
            throw .badBlock(height, "its parent is \(header.parent), expected \(tip.id)")
        }
        guard header.timestamp > tip.timestamp else {
            throw .badBlock(height, "its time is \(header.timestamp), not after its parent's")
        }
        frontier.append(contentsOf: block.transactions.lazy.map { LeafHash(of: $0) })
        guard header.logSize == frontier.size, header.logRoot == frontier.root else {
            throw .badBlock(height, "its transactions do not make its log root")
        }
        var ids: [TransactionID] = []
        for (place, bytes) in block.transactions.enumerated() {
            do throws(CBORError) { ids.append(try Transaction.id(of: bytes)) } catch {
                throw .badBlock(height, "transaction \(place) is none: \(error)")
            }
        }
        window.insert(ids, at: header.timestamp)
        guard window.count <= ReplayWindow.maximumCount else { throw .longWindow(count: window.count) }
        tip = (block.id, height, header.timestamp)
        return ids
    }

    private mutating func certificate(
        _ bytes: [UInt8],
        of header: BlockHeader
    ) throws(SnapshotError) -> Certificate? {
        guard !bytes.isEmpty else { return nil }
        do {
            let certificate = try CBORDecoder.decode(bytes[...]) { (decoder) throws(CBORError) in
                try Certificate(from: &decoder)
            }
            signers = try Seal(header: header, finalization: certificate).verify(in: contexts, by: verifier)
            return certificate
        } catch let error as ProofError {
            throw .notSealed(header.height, error)
        } catch {
            throw .badBlock(header.height, "its finalization does not decode: \(error)")
        }
    }
}

/// What a checked snapshot proves: a block of the chain, and everything that the next one is checked against.
package struct SnapshotGround: Sendable {
    package let base: Snapshot.Base
    /// The ends of the epochs before the block's.
    package let epochs: [EpochChange]
    /// The block whose state it is.
    package let header: BlockHeader
    package let finalization: Certificate
    package let state: LedgerState
    /// The log after the block.
    package let frontier: MerkleFrontier
    /// The ids of the transactions that may not come again.
    package let window: ReplayWindow
    /// The members whose validators sealed the block.
    package let signers: [MemberID]
    /// Validators of the block's epoch.
    package let validatorCount: Int
}
