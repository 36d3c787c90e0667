import JalonCrypto
import JalonModel
import Testing

@testable import JalonCore

@Suite("Blocks come together from what peers have")
struct BlockTests {
    let provinces: Provinces
    let leader: Int
    let follower: Int

    init() throws {
        provinces = try Provinces(4)
        let leader = provinces.leader(1)
        self.leader = leader
        follower = (0..<4).first { $0 != leader } ?? 0
    }

    private func changed(_ header: BlockHeader, _ change: (inout BlockHeader) -> Void) -> BlockHeader {
        var header = header
        change(&header)
        return header
    }

    @Test("Missing transactions are asked of the proposal's sender, then of the others in turn, every Δ/2")
    func missingTransactions() throws {
        let plan = try provinces.plan(1)
        let (proposal, block) = try TestNode.proposed(provinces, [plan])
        var node = try TestNode(provinces, follower)
        node.receive(.proposal(proposal), from: leader)
        #expect(node.requests == [.transactions([plan.leaf])])
        let isRequest: (PeerMessage) -> Bool = {
            if case .request(.transactions) = $0 { true } else { false }
        }
        #expect(node.targets(of: isRequest) == [provinces.all[leader].node])
        node.wait(900)
        #expect(Set(node.targets(of: isRequest)).count >= 2)
        node.receive(.transactions([plan.bytes]), from: leader)
        #expect(node.votes == [.notarize(View(1), block.id)])
        #expect(node.core.isPending(plan.id), "it waits here too, should the block never be final")
    }

    enum Lie: CaseIterable { case stateRoot, logRoot, height, timestamp, validators, byteCount, leader }

    @Test("A block that fails validation is nullified at once and not voted for", arguments: Lie.allCases)
    func invalidBlock(lie: Lie) throws {
        let plan = try provinces.plan(1)
        let (proposal, _) = try TestNode.proposed(provinces, [plan])
        let header = changed(proposal.header) { header in
            switch lie {
            case .stateRoot: header.stateRoot = SHA256.hash([1])
            case .logRoot: header.logRoot = SHA256.hash([1])
            case .height: header.height = Height(2)
            case .timestamp: header.timestamp = provinces.genesis.time
            case .validators: header.nextValidatorsHash = SHA256.hash([1])
            case .byteCount: header.bodyByteCount += 1
            case .leader: header.leader = ValidatorIndex(follower)
            }
        }
        var node = try TestNode(provinces, follower)
        node.submit(plan)
        node.receive(.proposal(provinces.proposal(header, leaves: proposal.leaves)), from: leader)
        #expect(node.votes == [.nullify(View(1))])
    }

    @Test("Leaders that name transactions which nobody has do not use up the room for blocks")
    func withheldTransactions() throws {
        let plan = try provinces.plan(1)
        let (proposal, _) = try TestNode.proposed(provinces, [plan])
        var node = try TestNode(provinces, follower)
        var gap: [Certificate] = []
        for view in 1...100 as ClosedRange<UInt64> {
            let header = changed(proposal.header) { header in
                header.view = View(view)
                header.leader = ValidatorIndex(provinces.leader(view))
                header.stateRoot = SHA256.hash([UInt8(view)])
            }
            let leaf = LeafHash(of: [UInt8(view)])
            let newest = Array(gap.prefix(Justification.maximumNullifications))
            node.receive(.proposal(provinces.proposal(header, leaves: [leaf], gap: newest)), from: leader)
            let nullification = try provinces.certificate(.nullify(View(view)))
            gap.insert(nullification, at: 0)
            node.receive(.certificate(nullification), from: leader)
        }
        #expect(node.core.view == View(101))
        #expect(node.core.assemblies.count <= 1)
        #expect(node.core.fetcher.entries.count <= 1)
    }

    @Test(
        "A right header with another body neither spoils the block nor stops the node: another copy is asked for"
    )
    func wrongBody() throws {
        let plan = try provinces.plan(1)
        let (_, block) = try TestNode.proposed(provinces, [plan])
        var node = try TestNode(provinces, follower)
        let finalization = try provinces.certificate(
            .finalize(View(1), block.id, logRoot: block.header.logRoot)
        )
        node.receive(.certificate(finalization), from: leader)
        #expect(node.requests.contains(.block(block.id)))
        let other = Block(header: block.header, transactions: [try provinces.plan(2).bytes])
        #expect(other.id == block.id)
        node.receive(.block(other), from: leader)
        #expect(node.halts.isEmpty && node.penalties == [.malformed(.block)])
        node.wait(300)
        #expect(node.requests.contains(.block(block.id)))
        node.receive(.block(block), from: leader)
        #expect(node.core.tip.id == block.id && node.halts.isEmpty)
    }

    @Test("A final block that does not execute here halts the node, which names it and does nothing more")
    func halts() throws {
        let plan = try provinces.plan(1)
        let (_, block) = try TestNode.proposed(provinces, [plan])
        let header = changed(block.header) { $0.stateRoot = SHA256.hash([1]) }
        let bad = Block(header: header, transactions: block.transactions)
        var node = try TestNode(provinces, follower)
        node.receive(
            .certificate(try provinces.certificate(.finalize(View(1), bad.id, logRoot: header.logRoot))),
            from: leader
        )
        node.receive(.block(bad), from: leader)
        guard case .finalBlockInvalid(let height, let id, _) = node.halts.first else {
            Issue.record("the node goes on")
            return
        }
        #expect(height == Height(1) && id == bad.id)
        node.submit(plan)
        #expect(node.effects.isEmpty && node.core.deadline == nil)
    }

    @Test("A range with a liar's blocks is passed over, and the next peer's is taken")
    func syncWithALiar() throws {
        let plan = try provinces.plan(1)
        let (_, block) = try TestNode.proposed(provinces, [plan])
        let finalization = try provinces.certificate(
            .finalize(View(1), block.id, logRoot: block.header.logRoot)
        )
        var node = try TestNode(provinces, nil)
        for peer in 0..<2 {
            node.receive(
                .tip(
                    Tip(
                        epoch: Epoch(0),
                        finalView: View(0),
                        finalHeight: Height(9),
                        finalBlock: block.id,
                        view: View(1),
                        hears: [0],
                        clock: Provinces.start
                    )
                ),
                from: peer
            )
        }
        func asked() throws -> Int {
            let target = node.targets(of: { if case .request(.finalBlocks) = $0 { true } else { false } })
                .last
            return try #require((0..<4).first { provinces.all[$0].node == target })
        }
        node.wait(1_500)
        let liar = try asked()
        let wrong = Certificate(
            epoch: Epoch(0),
            ballot: finalization.ballot,
            bitmap: finalization.bitmap,
            signatures: [UInt8](repeating: 0, count: finalization.signatures.count)
        )
        node.receive(.finalBlock(block, finalization: wrong), from: liar)
        #expect(node.core.tip.height == Height(0))
        #expect(node.penalties == [.invalidSignature(.finalBlock)])
        let honest = try asked()
        #expect(honest != liar)
        node.receive(.finalBlock(block, finalization: finalization), from: honest)
        #expect(node.core.tip.id == block.id)
    }

    @Test(
        "A peer whose blocks begin later says so by its first one: another is asked at once, and it when its turn comes"
    )
    func syncWithALateBeginner() throws {
        let plan = try provinces.plan(1)
        let (_, block) = try TestNode.proposed(provinces, [plan])
        var later = block.header
        later.height = Height(5)
        let first = Block(header: later, transactions: block.transactions)
        var node = try TestNode(provinces, nil)
        func asked() -> [Int] { askedForRanges(node) }
        node.receive(tip(height: 9), from: 0)
        let beginner = try #require(asked().last)
        node.receive(tip(height: 9), from: 1)
        node.receive(.finalBlock(first, finalization: nil), from: beginner)
        let other = try #require(asked().last)
        #expect(other != beginner && node.penalties.isEmpty)
        let finalization = try provinces.certificate(
            .finalize(View(1), block.id, logRoot: block.header.logRoot)
        )
        node.receive(.finalBlock(block, finalization: finalization), from: other)
        #expect(node.core.tip.id == block.id && !asked().contains(beginner))
        // Where the other has no more to give, what the first one said counts as a failure like any other.
        node.wait(9_000)
        #expect(asked().contains(beginner))
    }

    private func tip(height: UInt64, of block: BlockID = .none) -> PeerMessage {
        .tip(
            Tip(
                epoch: Epoch(0),
                finalView: View(0),
                finalHeight: Height(height),
                finalBlock: block,
                view: View(1),
                hears: [0],
                clock: Provinces.start
            )
        )
    }

    private func askedForRanges(_ node: TestNode) -> [Int] {
        node.targets(of: { if case .request(.finalBlocks) = $0 { true } else { false } })
            .compactMap { target in (0..<4).first { provinces.all[$0].node == target } }
    }

    /// Blocks that link to the genesis and that nobody finalized.
    private func loose(_ count: Int, like block: Block) -> [Block] {
        var parent: BlockHeader?
        return (0..<count).map { _ in
            let header = changed(block.header) { header in
                header.height = (parent?.height ?? Height(0)).next
                header.parent = parent?.id ?? provinces.genesis.blockID
                (header.bodyByteCount, header.logSize, header.logRoot) = (0, 0, MerkleFrontier().root)
            }
            parent = header
            return Block(header: header, transactions: [])
        }
    }

    @Test("Who gives a block from time to time, and no finalization, is not waited for")
    func syncWithADripper() throws {
        let (_, block) = try TestNode.proposed(provinces, [try provinces.plan(1)])
        var node = try TestNode(provinces, nil)
        node.receive(tip(height: 500), from: 0)
        let dripper = try #require(askedForRanges(node).last)
        node.receive(tip(height: 500), from: 1)
        var askedAt: UInt64?
        for drop in loose(40, like: block) where askedAt == nil {
            node.receive(.finalBlock(drop, finalization: nil), from: dripper)
            node.wait(900)
            if askedForRanges(node).contains(where: { $0 != dripper }) { askedAt = node.clock.monotonic }
        }
        #expect(try #require(askedAt) < 12_000)
    }

    @Test("Where a whole answer holds no finalization its peer is asked on")
    func syncWithoutFinalization() throws {
        let (_, block) = try TestNode.proposed(provinces, [try provinces.plan(1)])
        var node = try TestNode(provinces, nil)
        node.receive(tip(height: 500), from: 0)
        node.receive(tip(height: 500), from: 1)
        node.wait(1_000)
        let peer = try #require(askedForRanges(node).last)
        for part in loose(256, like: block) {
            node.receive(.finalBlock(part, finalization: nil), from: peer)
        }
        #expect(node.requests == [.finalBlocks(from: Height(257), count: 256)])
        #expect(askedForRanges(node) == [peer] && node.penalties.isEmpty)
    }

    @Test(
        "A body in a range that is not its header's is refused when it comes, and the right one is taken of the next"
    )
    func syncWithAWrongBody() throws {
        let (plan, other) = (try provinces.plan(1), try provinces.plan(2))
        let (_, block) = try TestNode.proposed(provinces, [plan])
        let finalization = try provinces.certificate(
            .finalize(View(1), block.id, logRoot: block.header.logRoot)
        )
        var node = try TestNode(provinces, nil)
        node.receive(tip(height: 500), from: 0)
        let liar = try #require(askedForRanges(node).last)
        node.receive(tip(height: 500), from: 1)
        let wrong = Block(header: block.header, transactions: [other.bytes])
        node.receive(.finalBlock(wrong, finalization: finalization), from: liar)
        #expect(node.penalties == [.malformed(.finalBlock)] && node.core.tip.height == Height(0))
        let honest = try #require(askedForRanges(node).last)
        #expect(honest != liar)
        node.receive(.finalBlock(block, finalization: finalization), from: honest)
        #expect(node.core.tip.id == block.id && node.penalties.isEmpty)
    }

    @Test("A copy with other transactions, into which nobody has looked yet, gives way")
    func uncheckedCopy() throws {
        let (plan, other) = (try provinces.plan(1), try provinces.plan(2))
        let (_, block) = try TestNode.proposed(provinces, [plan])
        let wrong = Block(header: block.header, transactions: [other.bytes])
        var tree = BlockTree(tip: try TestNode(provinces, nil).core.tip)
        tree.insert(wrong, isDurable: false, origin: .peer(nil))
        tree.dropUnchecked(block.id, unlessOf: [other.leaf])
        #expect(tree[block.id] != nil)
        tree.setStage(.verified([]), of: block.id)
        tree.dropUnchecked(block.id, unlessOf: [plan.leaf])
        #expect(tree[block.id] != nil)
        tree.setStage(.received, of: block.id)
        tree.dropUnchecked(block.id, unlessOf: [plan.leaf])
        #expect(tree[block.id] == nil && tree.children(of: block.header.parent).isEmpty)
    }

    @Test("A peer with a slow link gets more time for a block whenever its turn comes again")
    func syncOverASlowLink() throws {
        let (_, block) = try TestNode.proposed(provinces, [try provinces.plan(1)])
        let finalization = try provinces.certificate(
            .finalize(View(1), block.id, logRoot: block.header.logRoot)
        )
        var node = try TestNode(provinces, nil)
        for peer in 0..<3 { node.receive(tip(height: 500), from: peer) }
        var answers: [(peer: Int, at: UInt64)] = askedForRanges(node).map { ($0, 5_000) }
        // A block takes 5 s to each of them, after what was asked before.
        while node.core.tip.height.value == 0, node.clock.monotonic < 120_000 {
            node.wait(100)
            for peer in askedForRanges(node) {
                let start = max(node.clock.monotonic, answers.last { $0.peer == peer }?.at ?? 0)
                answers.append((peer, start + 5_000))
            }
            for answer in answers where answer.at <= node.clock.monotonic {
                node.receive(.finalBlock(block, finalization: finalization), from: answer.peer)
                // No answer makes it ask anew at once, but the one that it takes.
                #expect(node.core.tip.height.value == 1 || askedForRanges(node).isEmpty)
            }
            answers.removeAll { $0.at <= node.clock.monotonic }
        }
        #expect(node.core.tip.id == block.id)
    }

    @Test("Strangers that have never failed take every other turn at most")
    func syncBesideStrangers() throws {
        var node = try TestNode(provinces, nil)
        let strangers = (0..<8).map { KeyID(SHA256.hash([UInt8($0)])) }
        node.receive(tip(height: 500), from: 0)
        // Its one answer fails.
        node.wait(900)
        for stranger in strangers {
            node.handle(.connected(stranger))
            node.handle(.received(tip(height: 500), from: stranger))
        }
        node.wait(30_000)
        let turns = node.targets(of: { if case .request(.finalBlocks) = $0 { true } else { false } })
        let own = askedForRanges(node).count
        #expect(own >= 3 && own < turns.count, "\(own) of \(turns.count)")
    }

    @Test("A wrong body that comes in the place of what is put together does not stop that")
    func wrongBodyOfAnAssembly() throws {
        let (plan, other) = (try provinces.plan(1), try provinces.plan(2))
        let (proposal, block) = try TestNode.proposed(provinces, [plan])
        var node = try TestNode(provinces, follower)
        node.receive(.proposal(proposal), from: leader)
        let liar = try #require((0..<4).first { $0 != follower && $0 != leader })
        node.receive(.block(Block(header: block.header, transactions: [other.bytes])), from: liar)
        #expect(node.penalties == [.malformed(.block)])
        node.receive(.transactions([plan.bytes]), from: leader)
        #expect(node.votes == [.notarize(View(1), block.id)])
    }

    @Test("Where the window of ids is full nothing is proposed, whatever waits")
    func fullWindow() throws {
        let limit = BlockLimits.transactionCount
        let provinces = try Provinces(1) { $0.replayWindowLimit = UInt64(limit) }
        var node = try TestNode(provinces, 0)
        let plans = try (0...limit).map { try provinces.plan($0 + 1).bytes }
        node.handle(.submitted(plans))
        node.wait(3_000)
        let finals = node.records.compactMap { if case .final(let final) = $0 { final.block } else { nil } }
        #expect(finals.reduce(0) { $0 + $1.transactions.count } == limit)
        #expect(!finals.contains { $0.transactions.isEmpty }, "\(finals.count) blocks")
        #expect(node.core.mempoolCount == 1)
    }

    @Test("Of a range's finalizations one is checked at a time: what came meanwhile needs its last alone")
    func syncChecksTheLast() throws {
        let provinces = try Provinces(1)
        var maker = try TestNode(provinces, 0)
        for number in 1...6 { maker.submit(try provinces.plan(number)) }
        let blocks = maker.records.compactMap { if case .final(let final) = $0 { final.block } else { nil } }
        try #require(blocks.count == 6)
        var node = try TestNode(provinces, nil)
        let peer = provinces.all[0].node
        let tip = Tip(
            epoch: Epoch(0),
            finalView: View(0),
            finalHeight: Height(6),
            finalBlock: blocks[5].id,
            view: View(1),
            hears: [0],
            clock: Provinces.start
        )
        node.receive(.tip(tip), from: 0)
        func finalizationChecks(_ effects: [Effect]) -> [JalonCore.Verification] {
            effects.compactMap {
                if case .verify(let verification) = $0, case .finalization = verification.subject {
                    verification
                } else {
                    nil
                }
            }
        }
        // The core by itself, so that a check takes as long as the test wants.
        var checks: [JalonCore.Verification] = []
        for block in blocks {
            let finalization = try provinces.certificate(
                .finalize(block.header.view, block.id, logRoot: block.header.logRoot)
            )
            let message = PeerMessage.finalBlock(block, finalization: finalization)
            checks += finalizationChecks(node.core.handle(.received(message, from: peer), at: node.clock))
        }
        try #require(checks.count == 1)
        let first = node.core.handle(.verified(checks[0].run(by: CheapVerifier())), at: node.clock)
        let next = finalizationChecks(first)
        try #require(next.count == 1)
        guard case .finalization(let last, _) = next[0].subject else { return }
        #expect(last.block == blocks[5].id)
        node.handle(.verified(next[0].run(by: CheapVerifier())))
        for effect in first {
            if case .verify(let verification) = effect, case .block = verification.subject {
                node.handle(.verified(verification.run(by: CheapVerifier())))
            }
        }
        #expect(node.core.tip.id == blocks[5].id)
    }

    @Test("A vote is relayed only to peers that do not hear its signer")
    func relay() throws {
        var node = try TestNode(provinces, follower)
        let others = (0..<4).filter { $0 != follower }
        let (signer, hearing, deaf) = (others[0], others[1], others[2])
        for (peer, hears) in [(hearing, UInt8(0xF0)), (deaf, UInt8(0))] {
            node.receive(
                .tip(
                    Tip(
                        epoch: Epoch(0),
                        finalView: View(0),
                        finalHeight: Height(0),
                        finalBlock: provinces.genesis.blockID,
                        view: View(1),
                        hears: [hears],
                        clock: Provinces.start
                    )
                ),
                from: peer
            )
        }
        let vote = provinces.vote(.nullify(View(1)), by: signer)
        node.receive(.vote(vote), from: signer)
        #expect(node.targets(of: { $0 == .vote(vote) }) == [provinces.all[deaf].node])
        node.receive(.vote(vote), from: signer)
        #expect(node.effects.isEmpty)
    }

    @Test("The same events at the same clocks give the same effects")
    func deterministic() throws {
        func run() throws -> [String] {
            var node = try TestNode(provinces, leader)
            var log: [String] = []
            for number in 1...20 {
                node.submit(try provinces.plan(number))
                log.append("\(node.sent)\(node.records.count)")
                node.wait(700)
                log.append("\(node.sent)\(String(describing: node.core.deadline))")
            }
            return log
        }
        #expect(try run() == run())
    }
}
