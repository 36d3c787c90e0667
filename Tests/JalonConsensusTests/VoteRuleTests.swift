import JalonConsensus
import JalonCrypto
import JalonModel
import Testing

@Suite("A view is nullified for a reason, once, and nothing follows it")
struct NullifyTests {
    let network = Network(4)

    @Test("Without a proposal the leader timer nullifies, exactly at 2Δ")
    func leaderTimer() {
        var node = Node.follower(network)
        #expect(node.simplex.deadline == 1_000)
        node.advance(to: 999)
        #expect(node.cast.isEmpty)
        node.advance(to: 1_000)
        #expect(node.cast == [.nullify(View(1))])
        #expect(node.simplex.deadline == nil)
        node.advance(to: 9_000)
        #expect(node.cast.count == 1)
    }

    @Test("With a proposal the advance timer nullifies at 4Δ, also after an own notarize")
    func advanceTimer() {
        var node = Node.follower(network)
        let header = network.header(1)
        node.accepts(network.proposal(header))
        #expect(node.simplex.deadline == 2_000)
        node.advance(to: 2_000)
        #expect(node.cast == [.notarize(View(1), header.id), .nullify(View(1))])
    }

    @Test("f + 1 nullify votes are joined, f are not", arguments: [4, 5, 7, 10, 34])
    func joins(count: Int) {
        let network = Network(count)
        var node = Node(network, count - 1)
        let others = (0..<count - 1).filter { $0 != network.leader(1) }
        for signer in others.prefix(network.faultTolerance) {
            node.receive(network.vote(.nullify(View(1)), by: signer))
        }
        #expect(node.cast.isEmpty)
        node.receive(network.vote(.nullify(View(1)), by: others[network.faultTolerance]))
        #expect(node.cast == [.nullify(View(1))])
    }

    @Test("f + 1 nullify votes that came before the view are joined on entering it")
    func joinsOnEntering() {
        var node = Node(network, 3)
        let others = (0..<3).filter { $0 != network.leader(2) }
        for signer in others.prefix(2) { node.receive(network.vote(.nullify(View(2)), by: signer)) }
        #expect(node.cast.isEmpty)
        node.receive(network.notarization(1, network.header(1)))
        #expect(node.cast == [.nullify(View(2))])
    }

    @Test("The leader's own nullify is followed")
    func followsTheLeader() {
        var node = Node.follower(network)
        node.receive(network.vote(.nullify(View(1)), by: network.leader(1)))
        #expect(node.cast == [.nullify(View(1))])
    }

    @Test("After a nullify there is neither notarize nor finalize in that view")
    func nothingAfterwards() {
        var node = Node.follower(network)
        let header = network.header(1)
        node.advance(to: 1_000)
        node.accepts(network.proposal(header))
        node.receive(network.notarization(1, header))
        #expect(node.cast == [.nullify(View(1))])
        #expect(node.view == 2)
    }

    @Test("A left view is not nullified")
    func notALeftView() {
        var node = Node.follower(network)
        node.receive(network.notarization(1, network.header(1)))
        for signer in 0..<2 { node.receive(network.vote(.nullify(View(1)), by: signer)) }
        #expect(!node.cast.contains(.nullify(View(1))))
    }

    @Test("Who may not vote casts nothing and has no deadline; when it may again it goes on")
    func mayNotVote() {
        var node = Node.follower(network)
        node.simplex.mayVote = false
        #expect(node.simplex.deadline == nil)
        node.advance(to: 5_000)
        #expect(node.cast.isEmpty)
        node.simplex.mayVote = true
        node.advance(to: 5_001)
        #expect(node.cast == [.nullify(View(1))])
    }
}

@Suite("A silent leader is skipped")
struct SkipTests {
    let network = Network(4)
    /// The leader of view 1 comes again in view 5.
    private var silent: Int { network.leader(1) }

    private func node(hasWork: Bool = true) -> Node {
        var node = Node(network, (0..<4).first { $0 != network.leader(1) && $0 != network.leader(5) } ?? 0)
        if !hasWork { node.simplex.setWork(false, timersFrom: 0, at: 0) }
        return node
    }

    private func nullifyThrough(_ last: UInt64, _ node: inout Node) {
        for view in node.view...last { node.receive(network.nullification(view)) }
        node.clearOutputs()
    }

    @Test("Its next view is nullified on entering it")
    func isSkipped() {
        var node = node()
        nullifyThrough(3, &node)
        node.receive(network.nullification(4))
        #expect(node.cast == [.nullify(View(5))])
    }

    @Test("Without work its view is left alone, and nullified once there is work")
    func onlyWithWork() {
        var node = node(hasWork: false)
        nullifyThrough(4, &node)
        #expect(node.cast.isEmpty)
        node.simplex.setWork(true, timersFrom: 0, at: 0)
        node.collect()
        #expect(node.cast == [.nullify(View(5))])
    }

    @Test("A proposal that was seen before the nullification spares the leader")
    func notWithProposal() {
        var node = node()
        node.receive(network.proposal(network.header(1)))
        nullifyThrough(3, &node)
        node.receive(network.nullification(4))
        #expect(!node.cast.contains(.nullify(View(5))))
    }

    @Test("A signed vote for a later view ends it")
    func endsWithAVote() {
        var node = node()
        nullifyThrough(3, &node)
        node.receive(network.vote(.nullify(View(4)), by: silent))
        node.receive(network.nullification(4))
        #expect(!node.cast.contains(.nullify(View(5))))
    }

    @Test("A vote for the same or an earlier view does not")
    func staysWithAnOldVote() {
        var node = node()
        nullifyThrough(3, &node)
        node.receive(network.vote(.nullify(View(1)), by: silent))
        node.receive(network.nullification(4))
        #expect(node.cast == [.nullify(View(5))])
    }

    @Test("A vote for a later view that came before the nullification counts as well")
    func voteBeforeNullification() {
        var node = node()
        node.receive(network.vote(.nullify(View(2)), by: silent))
        nullifyThrough(3, &node)
        node.receive(network.nullification(4))
        #expect(!node.cast.contains(.nullify(View(5))))
    }
}

@Suite("A block is voted final where it is notarized and held")
struct FinalizeTests {
    let network = Network(4)

    @Test("Notarization and block together bring the vote, in either order, without an own notarize")
    func inEitherOrder() {
        let header = network.header(1)
        let ballot = Ballot.finalize(View(1), header.id, logRoot: header.logRoot)
        var first = Node.follower(network)
        first.receive(network.notarization(1, header))
        #expect(first.cast.isEmpty)
        #expect(first.missingBlocks == [header.id])
        first.holds(header)
        #expect(first.cast == [ballot])

        var second = Node.follower(network)
        second.holds(header)
        second.receive(network.notarization(1, header))
        #expect(second.cast == [ballot])
        #expect(second.missingBlocks.isEmpty)
    }

    @Test("A view that was left long ago is still finalized")
    func afterLeaving() {
        let header = network.header(1)
        var node = Node.follower(network)
        node.receive(network.notarization(1, header))
        for view in 2...20 as ClosedRange<UInt64> { node.receive(network.nullification(view)) }
        node.clearOutputs()
        node.holds(header)
        #expect(node.cast.first == .finalize(View(1), header.id, logRoot: header.logRoot))
    }

    @Test("A view that this node nullified is not finalized, nor one at or below the final view")
    func refused() {
        let header = network.header(1)
        var node = Node.follower(network)
        node.advance(to: 1_000)
        node.receive(network.notarization(1, header))
        node.holds(header)
        #expect(node.cast == [.nullify(View(1))])

        var late = Node.follower(network)
        late.receive(network.notarization(1, header))
        late.receive(network.finalization(2, network.header(2, on: header)))
        late.holds(header)
        #expect(late.cast.isEmpty)
    }

    @Test("An observer votes nothing")
    func observer() {
        var node = Node(network, nil)
        node.accepts(network.proposal(network.header(1)))
        node.receive(network.notarization(1, network.header(1)))
        node.advance(to: 100_000)
        #expect(node.cast.isEmpty && node.simplex.deadline == nil)
    }
}

@Suite("A finalization decides")
struct DecideTests {
    let network = Network(4)

    @Test("It moves the final view, also of a view that is not the newest, and never back")
    func movesForward() {
        let (first, second) = (network.header(1), network.header(3))
        var node = Node(network, nil)
        node.receive(network.finalization(3, second))
        node.receive(network.finalization(1, first))
        #expect(node.finalized == [second.id])
        #expect(node.simplex.finalView == View(3) && node.simplex.finalBlock == second.id)
        #expect(node.view == 4)
    }

    @Test("Two finalizations of one view that differ are reported")
    func conflict() {
        let (one, other) = (network.header(1), network.header(1, variant: 1))
        var node = Node(network, nil)
        node.receive(network.finalization(1, one))
        #expect(node.simplex.wants(network.finalization(1, other).value))
        node.receive(network.finalization(1, other))
        #expect(node.conflicts == [other.id])
        #expect(node.simplex.finalBlock == one.id)
    }

    @Test("A block that is final and not held is asked for")
    func asksForTheBlock() {
        var node = Node(network, 0)
        node.receive(network.finalization(1, network.header(1)))
        #expect(node.missingBlocks == [network.header(1).id])
    }
}
