import JalonCrypto
import JalonModel
import Testing

@testable import JalonConsensus

@Suite("Timers run only while there is work, and stretch by half")
struct TimerTests {
    let network = Network(4)

    @Test("Without work there is no deadline")
    func idle() {
        let node = Node(network, 3, hasWork: false)
        #expect(node.simplex.deadline == nil)
    }

    @Test("While work lasts the timers of a view never restart")
    func noRestart() {
        var node = Node.follower(network)
        node.now = 700
        node.simplex.setWork(true, timersFrom: 700, at: 700)
        #expect(node.simplex.deadline == 1_000)
    }

    @Test("When work ceases both are cleared, when it returns both start anew")
    func ceasesAndReturns() {
        var node = Node.follower(network)
        node.simplex.setWork(false, timersFrom: 0, at: 300)
        #expect(node.simplex.deadline == nil)
        node.simplex.setWork(true, timersFrom: 700, at: 700)
        #expect(node.simplex.deadline == 1_700)
    }

    @Test("With a minimum interval the timers of every view start at parent + interval")
    func minimumInterval() {
        var node = Node.follower(network)
        // The host knows only after the certificate what the next block stands on.
        node.simplex.handle(network.nullification(1), at: 100)
        #expect(node.simplex.deadline == nil)
        node.simplex.setWork(true, timersFrom: 10_100, at: 100)
        #expect(node.simplex.deadline == 11_100)
        node.simplex.setWork(true, timersFrom: 20_000, at: 200)
        #expect(node.simplex.deadline == 11_100)
    }

    @Test("The spans are 2Δ and 4Δ times (3/2)^k, and K is the least that reaches the cap")
    func spans() {
        let timing = Timing(delta: 500, cap: 8_000)
        #expect(timing.maximumStep == 6)
        #expect((0...6).map(timing.leaderTimeout) == [1_000, 1_500, 2_250, 3_375, 5_062, 7_593, 11_389])
        #expect(timing.advanceTimeout(step: 1) == 3_000)
        #expect(timing.retryInterval == 1_000)
        #expect(Timing(delta: 10, cap: 1).maximumStep == 0)
        #expect(Timing(delta: 60_000, cap: 600_000).leaderTimeout(step: 4) >= 600_000)
    }

    @Test("One step more after f + 1 views without finality, one back after f + 1 with it, never above K")
    func backOff() {
        var backoff = Backoff(faultTolerance: 1, maximumStep: 3)
        var steps: [Int] = []
        for _ in 0..<10 {
            backoff.judge(final: false)
            steps.append(backoff.step)
        }
        #expect(steps == [0, 1, 1, 2, 2, 3, 3, 3, 3, 3])
        backoff.judge(final: true)
        #expect(backoff.step == 3)
        backoff.judge(final: true)
        #expect(backoff.step == 2)
        backoff.judge(final: false)
        backoff.judge(final: true)
        #expect(backoff.step == 2, "a streak that was broken begins again")
    }

    @Test(
        "Timers do not double for ever: after 2,000 nullified views they are at K and the next view is not later"
    )
    func bounded() {
        var node = Node(network, 3)
        for view in 1...2_000 as ClosedRange<UInt64> { node.receive(network.nullification(view)) }
        let deadline = node.simplex.deadline ?? 0
        #expect(deadline <= Network.timing.advanceTimeout(step: Network.timing.maximumStep))
    }

    @Test("A jump over many views counts once")
    func jumpCountsOnce() {
        var node = Node(network, nil)
        node.receive(network.nullification(500))
        #expect(node.simplex.backoff.step == 0)
    }

    @Test(
        "View w − 2 counts as final when w is entered by the finalization of w − 1 or the final view is w − 2"
    )
    func judgedOnEntering() {
        var node = Node(network, nil)
        var parent: BlockHeader?
        for view in 1...20 as ClosedRange<UInt64> {
            let header = network.header(view, on: parent)
            if let parent { node.receive(network.finalization(view - 1, parent)) }
            node.receive(network.notarization(view, header))
            parent = header
        }
        #expect(node.simplex.backoff.step == 0)
    }

    @Test("A view counts as left long ago after Δ, also where views follow each other quickly")
    func leftLongAgo() {
        var node = Node(network, nil)
        for view in 1...9 as ClosedRange<UInt64> {
            node.now = view * 100
            node.receive(network.nullification(view))
        }
        #expect(node.view == 10)
        // View 9 was left at 900, view 3 at 300.
        #expect(!node.simplex.wasLeft(View(9), at: 1_400) && node.simplex.wasLeft(View(9), at: 1_401))
        #expect(!node.simplex.wasLeft(View(4), at: 900) && node.simplex.wasLeft(View(3), at: 901))
        #expect(!node.simplex.wasLeft(View(10), at: 90_000))
    }
}

@Suite("A retry says what may have been lost, and nothing settled")
struct RetryTests {
    let network = Network(4)

    @Test("Own notarizes and nullifies are repeated only while their view has no certificate")
    func ownVotes() {
        var node = Node.follower(network)
        node.advance(to: 1_000)
        #expect(node.simplex.ownVotesToRepeat.map(\.ballot) == [.nullify(View(1))])
        #expect(node.simplex.hasUnresolved)
        node.receive(network.nullification(1))
        #expect(node.simplex.ownVotesToRepeat.isEmpty)
        #expect(!node.simplex.hasUnresolved)
    }

    @Test("Own finalizes above the final view are repeated with their notarizations, however many views ago")
    func ownFinalizes() {
        let header = network.header(1)
        var node = Node.follower(network)
        node.holds(header)
        node.receive(network.notarization(1, header))
        node.simplex.setWork(false, timersFrom: 0, at: 0)
        for view in 2...200 as ClosedRange<UInt64> { node.receive(network.nullification(view)) }
        #expect(
            node.simplex.ownVotesToRepeat.first?.ballot
                == .finalize(View(1), header.id, logRoot: header.logRoot)
        )
        #expect(node.simplex.notarizationsToRepeat.map(\.view) == [View(1)])
        node.receive(network.finalization(200, network.header(200)))
        #expect(!node.simplex.ownVotesToRepeat.contains { $0.kind == .finalize })
        #expect(node.simplex.notarizationsToRepeat.isEmpty)
    }

    @Test("Others' votes of the view and the one before are passed on, not older ones")
    func othersVotes() {
        var node = Node(network, 3)
        for view in 1...3 as ClosedRange<UInt64> {
            node.receive(network.vote(.nullify(View(view)), by: network.leader(view) == 0 ? 1 : 0))
            if view < 3 { node.receive(network.nullification(view)) }
        }
        #expect(node.simplex.othersVotesToRepeat.map(\.view).sorted() == [View(2), View(3)])
    }

    @Test("The first proposal of the view is passed on, anyone's")
    func proposal() {
        var node = Node.follower(network)
        #expect(node.simplex.proposalToRepeat == nil)
        node.receive(network.proposal(network.header(1)))
        #expect(node.simplex.proposalToRepeat?.block == network.header(1).id)
    }
}

@Suite("Work is judged on the greatest certified block that is held")
struct WorkTests {
    let network = Network(4)

    @Test("The base first, then what is notarized and held, never what is not held")
    func greatestReadyBlock() {
        let (first, second) = (network.header(1), network.header(2, on: network.header(1)))
        var node = Node(network, nil)
        #expect(node.simplex.greatestReadyBlock == network.base.id)
        node.holds(first)
        #expect(node.simplex.greatestReadyBlock == network.base.id)
        node.receive(network.notarization(1, first))
        #expect(node.simplex.greatestReadyBlock == first.id)
        node.receive(network.notarization(2, second))
        #expect(node.simplex.greatestReadyBlock == first.id)
        node.holds(second)
        #expect(node.simplex.greatestReadyBlock == second.id)
    }
}
