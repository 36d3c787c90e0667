import JalonCodec
import JalonCrypto
import JalonState
import Testing

@testable import JalonModel

@Suite("A snapshot is checked with the genesis alone")
struct SnapshotTests {
    private let chain: ProofChain
    /// The state after each block.
    private let states: [LedgerState]
    private static let minute: UInt64 = 60_000

    /// Six blocks, 40 s apart, in a network whose transactions live for a minute.
    init() throws {
        var parameters = Parameters()
        parameters.maxLifetimeMilliseconds = SnapshotTests.minute
        var chain = try ProofChain(parameters: parameters)
        var states: [LedgerState] = []
        for region in ["CN-GZ", "CN-HN", "CN-BJ", "CN-HE", "CN-HI"] {
            chain.ledger.setTime(chain.ledger.time.advanced(byMilliseconds: 40_000))
            try chain.apply(.planPublish(TestLedger.plan(region)), by: region.lowercased())
            states.append(chain.ledger.state)
        }
        chain.ledger.setTime(chain.ledger.time.advanced(byMilliseconds: 40_000))
        try chain.block()
        states.append(chain.ledger.state)
        (self.chain, self.states) = (chain, states)
    }

    /// The items of a snapshot of the last block that starts after `base` blocks.
    private func items(base: Int = 3, genesisOf other: Genesis? = nil) -> [Snapshot.Item] {
        SnapshotTests.items(of: chain, base: base, genesisOf: other)
    }

    private static func items(of chain: ProofChain, base: Int, genesisOf other: Genesis? = nil)
        -> [Snapshot.Item]
    {
        let genesis = other ?? chain.genesis
        let count = chain.blocks.count
        let leaves = chain.ledger.state.leaves
        let header = base == 0 ? nil : chain.blocks[base - 1].header
        let frontier = chain.tree.frontier(at: header?.logSize ?? 0) ?? MerkleFrontier()
        let head = Snapshot.Head(
            network: genesis.network,
            chain: genesis.chain,
            height: chain.blocks[count - 1].header.height,
            epochCount: UInt64(chain.epochs.count),
            blockCount: UInt64(count - base),
            leafCount: UInt64(leaves.count)
        )
        let blocks = (base..<count).map { index in
            Snapshot.Item.block(
                chain.blocks[index].encoded,
                finalization: chain.seals[index].finalization.encoded
            )
        }
        return [.head(head)] + chain.epochs.map { .epoch($0) }
            + [.base(Snapshot.Base(header: header, frontier: frontier))] + blocks
            + leaves.map { .leaf(path: $0.path, value: $0.value) }
    }

    /// Encodes, reads and checks items as a file's are.
    private func check(_ items: [Snapshot.Item]) throws -> SnapshotGround {
        try check(items.map(\.encoded))
    }

    private func check(_ encoded: [[UInt8]]) throws -> SnapshotGround {
        var check = SnapshotCheck(genesis: chain.genesis)
        for bytes in encoded {
            guard let kind = check.next else { throw SnapshotError.unexpectedItem }
            let item = try CBORDecoder.decode(bytes[...]) { (decoder) throws(CBORError) in
                try Snapshot.Item(kind, from: &decoder)
            }
            #expect(item.encoded == bytes)
            _ = try check.take(item)
        }
        return try check.finish()
    }

    @Test("and gives the state, the log and the window of its block", arguments: [0, 1, 3])
    func whole(base: Int) throws {
        let ground = try check(items(base: base))
        #expect(ground.header == chain.blocks[5].header)
        #expect(ground.state.root == chain.ledger.state.root)
        #expect(ground.frontier == chain.tree.frontier(at: chain.tree.size))
        #expect(ground.base.height == Height(UInt64(base)))
        #expect(ground.signers.count == 5 && ground.validatorCount == 7)
        let recent = try Transaction(bytes: chain.blocks[4].transactions[0]).id
        #expect(ground.window.contains(recent))
    }

    @Test("The base may be so old that the window lies in the blocks, and no younger")
    func shortWindow() throws {
        let window = ReplayWindow(maxLifetime: SnapshotTests.minute)
        let head = chain.blocks[5].header.timestamp
        let youngest = try #require(
            (1...5).last { !window.covers(chain.blocks[$0 - 1].header.timestamp, at: head) }
        )
        #expect(try check(items(base: youngest)).base.height == Height(UInt64(youngest)))
        let base = chain.blocks[youngest].header.timestamp
        #expect(throws: SnapshotError.shortWindow(base: base, head: head)) {
            try check(items(base: youngest + 1))
        }
    }

    @Test("of another network it is refused, with both named")
    func otherNetwork() throws {
        var parameters = Parameters()
        parameters.maxLifetimeMilliseconds = SnapshotTests.minute + 1
        let other = try TestLedger(parameters: parameters).genesis
        #expect(throws: SnapshotError.otherChain(found: other.chain, expected: chain.genesis.chain)) {
            try check(items(genesisOf: other))
        }
    }

    @Test("Counts that lie are found out, and nothing is made ready for what they promise")
    func counts() throws {
        guard case .head(let head) = items()[0] else { return }
        func lied(_ epochs: UInt64, _ blocks: UInt64, _ leaves: UInt64) -> [Snapshot.Item] {
            let head = Snapshot.Head(
                network: head.network,
                chain: head.chain,
                height: head.height,
                epochCount: epochs,
                blockCount: blocks,
                leafCount: leaves
            )
            return [.head(head)] + items().dropFirst()
        }
        let (epochs, blocks, leaves) = (head.epochCount, head.blockCount, head.leafCount)
        for (epochs, blocks, leaves) in [
            (epochs + 1, blocks, leaves), (UInt64(1_025), blocks, leaves), (epochs, blocks + 1, leaves),
            (epochs, blocks - 1, leaves), (epochs, 0, leaves), (epochs, 7, leaves),
            (epochs, blocks, leaves + 1), (epochs, blocks, leaves - 1), (epochs, blocks, UInt64(Int64.max)),
        ] {
            #expect(throws: (any Error).self, "\(epochs) \(blocks) \(leaves)") {
                try check(lied(epochs, blocks, leaves))
            }
        }
    }

    @Test("No item can be left out, doubled, or stand elsewhere")
    func order() throws {
        let all = items()
        for index in all.indices {
            var (without, twice) = (all, all)
            without.remove(at: index)
            twice.insert(all[index], at: index)
            #expect(throws: (any Error).self, "without \(index)") { try check(without) }
            #expect(throws: (any Error).self, "twice \(index)") { try check(twice) }
            guard index > 0 else { continue }
            var swapped = all
            swapped.swapAt(index, index - 1)
            #expect(throws: (any Error).self, "swapped \(index)") { try check(swapped) }
        }
    }

    @Test("No flipped bit of any item goes unnoticed", arguments: [1, 2, 3] as [UInt8])
    func flipped(bit: UInt8) throws {
        let all = items().map(\.encoded)
        for index in all.indices {
            // Every byte of the first items, some of the leaves.
            for position in stride(from: 0, to: all[index].count, by: index < 6 ? 11 : 29) {
                var changed = all
                changed[index][position] ^= 1 << bit
                #expect(throws: (any Error).self, "item \(index), byte \(position)") { try check(changed) }
            }
        }
    }

    @Test(
        "A log so long that no leaf fits behind it is refused before one is added",
        arguments: [UInt64(1) << 62, UInt64(1) << 62 + 1, UInt64(Int64.max) - 1, UInt64(Int64.max)]
    )
    func longLog(size: UInt64) throws {
        let peaks = [Digest](repeating: .zero, count: size.nonzeroBitCount)
        let frontier = MerkleFrontier(size: size, peaks: peaks)
        var items = items(base: 3)
        guard case .base(let base) = items[1], var header = base.header else { return }
        (header.logSize, header.logRoot) = (size, frontier.root)
        items[1] = .base(Snapshot.Base(header: header, frontier: frontier))
        var following = chain.blocks[3].header
        following.parent = header.id
        let next = Block(header: following, transactions: chain.blocks[3].transactions)
        items[2] = .block(next.encoded, finalization: [])
        // Up to there the author of a file may say what he wants; what follows has to be sealed.
        if size <= MerkleFrontier.maximumReadSize {
            #expect(throws: SnapshotError.self) { try check(items) }
        } else {
            #expect(throws: CBORError.self) { try check(items) }
        }
    }

    @Test("A finalization by too few, and a last block without one, are refused")
    func unsealed() throws {
        var chain = chain
        let weak = try chain.block(signers: 4)
        let block = chain.blocks[6]
        for finalization in [weak.finalization.encoded, []] {
            var changed = items()
            guard case .head(let head) = changed[0] else { return }
            changed[0] = .head(
                Snapshot.Head(
                    network: head.network,
                    chain: head.chain,
                    height: Height(7),
                    epochCount: 0,
                    blockCount: head.blockCount + 1,
                    leafCount: head.leafCount
                )
            )
            changed.insert(.block(block.encoded, finalization: finalization), at: 2 + Int(head.blockCount))
            #expect(throws: SnapshotError.self) { try check(changed) }
        }
    }

    @Test("A state of another block is refused")
    func otherState() throws {
        let earlier = states[2].leaves
        let changed = items().filter { if case .leaf = $0 { false } else { true } }
        guard case .head(let head) = changed[0] else { return }
        let lied = Snapshot.Head(
            network: head.network,
            chain: head.chain,
            height: head.height,
            epochCount: head.epochCount,
            blockCount: head.blockCount,
            leafCount: UInt64(earlier.count)
        )
        #expect(
            throws: SnapshotError.otherState(
                Height(6),
                found: states[2].root,
                expected: chain.ledger.state.root
            )
        ) {
            try check(
                [.head(lied)] + changed.dropFirst() + earlier.map { .leaf(path: $0.path, value: $0.value) }
            )
        }
    }

    @Test("The ends of the epochs lead from the genesis' validators to those who sealed it")
    func epochs() throws {
        var parameters = Parameters()
        parameters.maxLifetimeMilliseconds = SnapshotTests.minute
        var chain = try ProofChain(parameters: parameters)
        try chain.ledger.enact(.admit(TestLedger.admission()))
        try chain.apply(chain.ledger.activation(), by: "watch")
        for _ in 0..<5 {
            chain.ledger.setTime(chain.ledger.time.advanced(byMilliseconds: 40_000))
            try chain.block()
        }
        let change = try #require(chain.epochs.first)
        func check(_ epochs: [EpochChange]) throws -> SnapshotGround {
            var check = SnapshotCheck(genesis: chain.genesis)
            for item in SnapshotTests.items(of: chain, base: 2) {
                if case .epoch = item {
                    for change in epochs { _ = try check.take(.epoch(change)) }
                } else {
                    _ = try check.take(item)
                }
            }
            return try check.finish()
        }
        #expect(try check([change]).epochs == [change])
        #expect(try check([change]).validatorCount == 8)
        #expect(throws: SnapshotError.unexpectedItem) { try check([]) }
        #expect(throws: SnapshotError.unexpectedItem) { try check([change, change]) }
        let others = EpochChange(
            header: change.header,
            finalization: change.finalization,
            validators: chain.genesis.validators
        )
        #expect(
            throws: SnapshotError.epoch(Epoch(0), closing: change.header.height, .otherValidators(Epoch(1)))
        ) { try check([others]) }
        let later = chain.seals[1]
        let foreign = EpochChange(
            header: later.header,
            finalization: later.finalization,
            validators: change.validators
        )
        #expect(throws: SnapshotError.self) { try check([foreign]) }
    }
}
