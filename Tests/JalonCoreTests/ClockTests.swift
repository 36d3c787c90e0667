import JalonCrypto
import JalonModel
import Testing

@testable import JalonCore

@Suite("Clocks are believed with care")
struct ClockTests {
    let provinces: Provinces
    let leader: Int
    let follower: Int

    init() throws {
        provinces = try Provinces(4)
        let leader = provinces.leader(1)
        self.leader = leader
        follower = (0..<4).first { $0 != leader } ?? 0
    }

    private func tip(clock: Timestamp) -> PeerMessage {
        .tip(
            Tip(
                epoch: Epoch(0),
                finalView: View(0),
                finalHeight: Height(0),
                finalBlock: provinces.genesis.blockID,
                view: View(1),
                hears: [0xF0],
                clock: clock
            )
        )
    }

    @Test(
        "A jump of the wall clock counts only where f + 1 validators show the new time",
        arguments: [0, 1, 2, 3]
    )
    func jump(confirming: Int) throws {
        var node = try TestNode(provinces, follower)
        let others = (0..<4).filter { $0 != follower }
        let day: UInt64 = 86_400_000
        for (place, peer) in others.enumerated() {
            node.receive(
                tip(clock: Provinces.start.advanced(byMilliseconds: place < confirming ? day : 0)),
                from: peer
            )
        }
        node.clock.wall = Provinces.start.advanced(byMilliseconds: day)
        node.clock.monotonic = 5
        node.handle(.timerFired)
        let time = node.core.ownTime()
        #expect((time >= Provinces.start.advanced(byMilliseconds: day)) == (confirming >= 2))
        // Peers are told what the machine shows, so that they can confirm a jump that they see themselves.
        #expect(node.core.ownTip().clock == node.clock.wall)
    }

    @Test("A message from which nothing follows moves no deadline")
    func restingDeadline() throws {
        var node = try TestNode(provinces, follower)
        let vote = PeerMessage.vote(provinces.vote(.nullify(View(1)), by: leader))
        node.receive(vote, from: leader)
        let deadline = node.core.workDeadline
        #expect(deadline != nil)
        node.clock.wall = Provinces.start.advanced(byMilliseconds: 5_000)
        node.receive(vote, from: leader)
        #expect(node.core.workDeadline == deadline && node.effects.isEmpty)
        node.handle(.timerFired)
        #expect(node.core.workDeadline != deadline)
    }

    @Test("A tip with the last of all times does no harm, nor does one with the first")
    func hostileTips() throws {
        var node = try TestNode(provinces, leader)
        let others = (0..<4).filter { $0 != leader }
        node.receive(tip(clock: Timestamp(UInt64(Int64.max))), from: others[0])
        node.receive(tip(clock: Timestamp(0)), from: others[1])
        node.clock.wall = Provinces.start.advanced(byMilliseconds: 100_000_000)
        node.wait(6_000)
        node.submit(try provinces.plan(1))
        #expect(node.core.deadline != nil)
    }

    @Test("A leader whose clock is ahead stamps the lower median of the clocks it sees")
    func lowerMedian() throws {
        var node = try TestNode(provinces, leader)
        for peer in 0..<4 where peer != leader {
            node.receive(tip(clock: Provinces.start.reduced(byMilliseconds: 3_000)), from: peer)
        }
        node.submit(try provinces.plan(1))
        #expect(node.proposals.first?.header.timestamp == Provinces.start.reduced(byMilliseconds: 3_000))
    }

    @Test("A block from the future is waited for, one of 31 seconds ago is nullified, one of 29 is voted for")
    func timeRule() throws {
        let plan = try provinces.plan(1)
        let (proposal, block) = try TestNode.proposed(provinces, [plan])
        func voter(wall: Timestamp) throws -> TestNode {
            var node = try TestNode(provinces, follower, isConnected: false)
            node.clock.wall = wall
            for (index, province) in provinces.all.enumerated() where index != follower {
                node.handle(.connected(province.node))
                node.receive(tip(clock: wall), from: index)
            }
            node.submit(plan)
            node.receive(.proposal(proposal), from: leader)
            return node
        }
        let start = Provinces.start
        #expect(
            try voter(wall: start.advanced(byMilliseconds: 29_000)).votes == [.notarize(View(1), block.id)]
        )
        #expect(try voter(wall: start.advanced(byMilliseconds: 31_000)).votes == [.nullify(View(1))])
        #expect(try voter(wall: start.reduced(byMilliseconds: 500)).votes == [.notarize(View(1), block.id)])
        var early = try voter(wall: start.reduced(byMilliseconds: 900))
        #expect(early.votes.isEmpty)
        early.wait(399)
        #expect(early.votes.isEmpty)
        early.wait(2)
        #expect(early.votes == [.notarize(View(1), block.id)])
    }

    /// A voter that hears one validator, and whose machine started `skew` milliseconds beside the others and was set right.
    private func setRight(_ skew: Int64) throws -> (TestNode, Block) {
        let plan = try provinces.plan(1)
        let (proposal, block) = try TestNode.proposed(provinces, [plan])
        let start = Provinces.start
        let wrong =
            skew < 0
            ? start.reduced(byMilliseconds: skew.magnitude) : start.advanced(byMilliseconds: skew.magnitude)
        var node = try TestNode(provinces, follower, wall: wrong)
        for peer in 0..<4 where peer != follower && peer != leader {
            node.handle(.disconnected(provinces.all[peer].node))
        }
        node.clock.wall = start
        node.receive(tip(clock: start), from: leader)
        node.submit(plan)
        node.receive(.proposal(proposal), from: leader)
        return (node, block)
    }

    @Test(
        "Votes for the block of the view confirm a clock where f validators are heard",
        arguments: [Int64(-12_000), -86_400_000, 40_000, 86_400_000]
    )
    func votersConfirm(skew: Int64) throws {
        var (node, block) = try setRight(skew)
        #expect(node.votes.isEmpty)
        let voter = try #require((0..<4).first { $0 != follower && $0 != leader })
        // Its leader's vote again tells nothing new, nor does one for nothing.
        node.receive(.vote(provinces.vote(.notarize(View(1), block.id), by: leader)), from: leader)
        node.receive(.vote(provinces.vote(.nullify(View(1)), by: voter)), from: leader)
        #expect(node.votes.isEmpty)
        node.receive(.vote(provinces.vote(.notarize(View(1), block.id), by: voter)), from: leader)
        #expect(node.votes.first == .notarize(View(1), block.id))
        #expect(node.core.ownTime() == node.clock.wall)
    }

    @Test("Votes for a block of another time confirm no clock")
    func votersOfAnotherTime() throws {
        var (node, block) = try setRight(-12_000)
        node.clock.wall = Provinces.start.advanced(byMilliseconds: 11_000)
        for voter in 0..<4 where voter != follower && voter != leader {
            node.receive(.vote(provinces.vote(.notarize(View(1), block.id), by: voter)), from: leader)
        }
        #expect(node.core.ownTime() < Provinces.start)
    }

    @Test("A validator that is alone believes its machine")
    func alone() throws {
        var node = try TestNode(try Provinces(1), 0)
        node.clock.wall = Provinces.start.advanced(byMilliseconds: 3_600_000)
        node.handle(.timerFired)
        #expect(node.core.ownTime() == node.clock.wall)
    }
}
