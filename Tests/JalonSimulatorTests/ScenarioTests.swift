import JalonCore
import JalonModel
import Testing

@testable import JalonSimulator

@Suite("A network without faults")
struct HealthyNetworkTests {
    @Test("finalizes what one client submits, at every node", arguments: [1, 2, 3, 4, 7])
    func finalizes(validatorCount: Int) throws {
        var laboratory = Laboratory(validatorCount: validatorCount)
        let waited = try laboratory.makeFinal(at: 0)
        #expect(waited < 1_000)
        laboratory.run(milliseconds: 2_000)
        #expect(laboratory.heights == Array(repeating: Height(1), count: validatorCount))
        #expect(laboratory.world.violation == nil)
    }

    @Test("takes transactions at all nodes, one after the other")
    func manyTransactions() throws {
        var laboratory = Laboratory(validatorCount: 4)
        for round in 0..<20 { try laboratory.makeFinal(at: round % 4) }
        laboratory.run(milliseconds: 2_000)
        #expect(Set(laboratory.heights).count == 1)
        #expect(laboratory.world.finalTransactionCount == 20)
        #expect(laboratory.world.violation == nil)
    }

    @Test("gives the same answer to the same transaction and writes nothing")
    func sameAnswer() throws {
        var laboratory = Laboratory(validatorCount: 4)
        let leaf = laboratory.submit(to: 0)
        try laboratory.waitForFinal(leaf)
        laboratory.run(milliseconds: 2_000)
        let height = laboratory.world.finalHeight
        let block = try #require(laboratory.world.nodes[1].disk.finalBlocks.last)
        laboratory.world.submit(block.transactions, to: 2)
        laboratory.run(milliseconds: 3_000)
        #expect(laboratory.world.finalHeight == height)
        let answers = laboratory.heard.filter { told in
            guard told.node == 2, case .alreadyFinal(_, let answered) = told.notice else { return false }
            return answered == leaf
        }
        #expect(answers.count == 1)
        #expect(laboratory.world.violation == nil)
    }

    @Test("makes no block and enters no view without work", arguments: [1, 4, 7])
    func idle(validatorCount: Int) throws {
        var laboratory = Laboratory(validatorCount: validatorCount)
        try laboratory.makeFinal(at: 0)
        laboratory.run(milliseconds: 20_000)
        let (height, view) = (laboratory.world.finalHeight, laboratory.world.highestView)
        let messageCount = laboratory.world.sentCount
        laboratory.run(milliseconds: 600_000)
        #expect(laboratory.world.finalHeight == height)
        #expect(laboratory.world.highestView == view)
        // A tip every 5 s to each peer, and half as much again for what a tip may bring about.
        let tips = UInt64(120 * validatorCount * (validatorCount - 1))
        #expect(laboratory.world.sentCount - messageCount <= tips + tips / 2)
        #expect(laboratory.world.violation == nil)
    }
}

@Suite("What once went wrong somewhere")
struct ScenarioTests {
    @Test("does not go wrong here", arguments: Scenario.all.filter { !$0.takesLong })
    func plays(scenario: Scenario) {
        #expect(scenario.run() == nil)
    }
}

@Suite("A node that was away")
struct AwayTests {
    @Test("lets a node that was away catch up")
    func catchUp() throws {
        var laboratory = Laboratory(validatorCount: 4)
        laboratory.world.crash(1)
        for _ in 0..<12 { try laboratory.makeFinal(at: 0) }
        laboratory.world.restart(1, after: .milliseconds(10))
        laboratory.run(milliseconds: 12_000)
        #expect(laboratory.heights[1] == laboratory.world.finalHeight)
        #expect(laboratory.world.violation == nil)
    }
}
