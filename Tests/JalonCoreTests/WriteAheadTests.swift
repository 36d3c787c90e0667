import JalonCore
import JalonCrypto
import JalonModel
import Testing

@Suite("What a message rests on is durable before it leaves")
struct WriteAheadTests {
    let provinces: Provinces
    let follower: Int

    init() throws {
        provinces = try Provinces(4)
        let leader = provinces.leader(1)
        follower = (0..<4).first { $0 != leader } ?? 0
    }

    @Test("A proposal: the proposal, which is the vote, and its block")
    func proposal() throws {
        var node = try TestNode(provinces, provinces.leader(1))
        node.submit(try provinces.plan(1))
        let proposal = try #require(node.proposals.first)
        let durable = try node.durable { if case .proposal = $0 { true } else { false } }
        #expect(durable.contains(.proposal(proposal)))
        #expect(
            durable.contains { if case .block(let block) = $0 { block.id == proposal.block } else { false } }
        )
    }

    @Test("A notarize vote: the block and the vote")
    func notarize() throws {
        let plan = try provinces.plan(1)
        let (proposal, block) = try TestNode.proposed(provinces, [plan])
        var node = try TestNode(provinces, follower)
        node.submit(plan)
        node.receive(.proposal(proposal), from: provinces.leader(1))
        let vote = provinces.vote(.notarize(View(1), block.id), by: follower)
        #expect(node.votes == [.notarize(View(1), block.id)])
        let durable = try node.durable { $0 == .vote(vote) }
        #expect(durable.contains(.block(block)) && durable.contains(.vote(vote)))
    }

    @Test("A nullify vote: the vote")
    func nullify() throws {
        var node = try TestNode(provinces, follower)
        node.submit(try provinces.plan(1))
        node.wait(1_100)
        let vote = provinces.vote(.nullify(View(1)), by: follower)
        #expect(try node.durable { $0 == .vote(vote) }.contains(.vote(vote)))
    }

    @Test(
        "A finalize vote: the notarization, the block, the vote; and a vote in the next view its entry certificate"
    )
    func finalize() throws {
        let plan = try provinces.plan(1)
        let (proposal, block) = try TestNode.proposed(provinces, [plan])
        var node = try TestNode(provinces, follower)
        node.submit(plan)
        node.receive(.proposal(proposal), from: provinces.leader(1))
        let notarization = try provinces.certificate(.notarize(View(1), block.id))
        node.receive(.certificate(notarization), from: provinces.leader(1))
        let ballot = Ballot.finalize(View(1), block.id, logRoot: block.header.logRoot)
        let vote = provinces.vote(ballot, by: follower)
        let durable = try node.durable { $0 == .vote(vote) }
        for record in [.certificate(notarization), .block(block), .vote(vote)] as [Record] {
            #expect(durable.contains(record))
        }
    }

    @Test("Applying and telling clients: the finalization and the block's own record, in the same write")
    func final() throws {
        let plan = try provinces.plan(1)
        let (proposal, block) = try TestNode.proposed(provinces, [plan])
        var node = try TestNode(provinces, follower)
        node.submit(plan)
        node.receive(.proposal(proposal), from: provinces.leader(1))
        let finalization = try provinces.certificate(
            .finalize(View(1), block.id, logRoot: block.header.logRoot)
        )
        node.receive(.certificate(finalization), from: provinces.leader(1))
        let notice = try #require(
            node.effects.firstIndex { if case .notify(.final) = $0 { true } else { false } }
        )
        var durable: [Record] = []
        for effect in node.effects[..<notice] {
            if case .persist(let records) = effect { durable.append(contentsOf: records) }
        }
        #expect(durable.contains(.certificate(finalization)))
        #expect(durable.contains { if case .final(let final) = $0 { final.block == block } else { false } })
        #expect(node.core.tip.id == block.id && node.core.mempoolCount == 0)
    }

    @Test(
        "A restart from the records says nothing else: the vote is repeated byte for byte, the transaction waits again"
    )
    func restart() throws {
        let plan = try provinces.plan(1)
        let (proposal, block) = try TestNode.proposed(provinces, [plan])
        var node = try TestNode(provinces, follower)
        node.submit(plan)
        node.receive(.proposal(proposal), from: provinces.leader(1))
        let votes = node.records.compactMap { if case .vote(let vote) = $0 { vote } else { nil } }
        var again = try TestNode(
            provinces,
            follower,
            restored: RestoredLedger(blocks: [block], votes: votes)
        )
        #expect(again.core.isPending(plan.id))
        again.wait(2_500)
        #expect(again.sent.contains(.vote(votes[0])))
        #expect(!again.votes.contains { $0.kind == .notarize && $0.block != block.id })
    }

    @Test("With little disk space nobody votes, with none nothing is received")
    func diskSpace() throws {
        let plan = try provinces.plan(1)
        let (proposal, _) = try TestNode.proposed(provinces, [plan])
        for space in [DiskSpace.low, .exhausted] {
            var node = try TestNode(provinces, follower)
            node.submit(plan)
            node.handle(.diskSpaceChanged(space))
            node.receive(.proposal(proposal), from: provinces.leader(1))
            #expect(node.votes.isEmpty)
            node.wait(5_000)
            #expect(node.votes.isEmpty)
            node.handle(.diskSpaceChanged(.ample))
            node.wait(5_000)
            #expect(!node.votes.isEmpty)
        }
    }

    @Test("Without disk space a node still hears how far the others are, writes nothing and asks for nothing")
    func tips() throws {
        var node = try TestNode(provinces, follower)
        node.handle(.diskSpaceChanged(.exhausted))
        let written = node.records.count
        for peer in (0..<4) where peer != follower {
            node.receive(.tip(tip(height: 9)), from: peer)
            #expect(node.core.tip(of: provinces.all[peer].node)?.tip.finalHeight == Height(9))
            #expect(node.requests.isEmpty)
        }
        node.wait(20_000)
        #expect(node.requests.isEmpty && node.records.count == written)
        #expect(node.core.diskSpace == .exhausted)
        node.handle(.diskSpaceChanged(.ample))
        #expect(node.requests == [.finalBlocks(from: Height(1), count: FetchRequest.maximumBlocks)])
    }

    private func tip(height: UInt64) -> Tip {
        Tip(
            epoch: Epoch(0),
            finalView: View(height),
            finalHeight: Height(height),
            finalBlock: BlockID(SHA256.hash([1])),
            view: View(height + 1),
            hears: [0],
            clock: Provinces.start
        )
    }
}
