import JalonModel
import JalonState

extension Scenario {
    /// The rules that follow those of today, as far as a simulated upgrade goes: they change nothing but who knows them.
    private static let nextRules = LedgerState.ruleSet + 1

    /// Nodes whose programs or ledgers are not the same.
    static let onPrograms: [Scenario] = [
        Scenario("who does not know the next rules stops before them, is replaced and catches up") {
            make throws(Finding) in
            var laboratory = make(4)
            let world = laboratory.world
            try laboratory.makeFinal(at: 0)
            // One after the other, while the network goes on.
            for node in 0..<3 {
                world.upgrade(node, to: nextRules, restartingAfter: .milliseconds(200))
                try laboratory.makeFinal(at: 3)
                laboratory.run(milliseconds: 1_500)
                try laboratory.waitForTip([node])
            }
            let height = try laboratory.passUpgrade(to: nextRules, inBlocks: 8, by: [0, 1, 2, 3])
            while world.finalHeight.value < height.value + 4 { try laboratory.makeFinal(at: 1) }
            laboratory.run(milliseconds: 2_000)
            try laboratory.expect(
                !world.isRunning(3) && world.height(of: 3).next == height,
                "U1",
                "node 3 is at height \(world.height(of: 3)), the next rules begin at \(height)"
            )
            // Started again as it is, it stops again.
            world.restart(3, after: .milliseconds(10))
            laboratory.run(milliseconds: 1_000)
            try laboratory.expect(!world.isRunning(3), "U1", "node 3 goes on by rules that it does not know")
            world.upgrade(3, to: nextRules, restartingAfter: .milliseconds(10))
            laboratory.run(milliseconds: 1_000)
            try laboratory.waitForTip([3])
            world.crash(0)
            try laboratory.makeFinal(at: 3)
        },
        Scenario("nobody votes by rules that it does not know, on a block that is not final here yet either")
        {
            make throws(Finding) in
            var laboratory = make(4)
            let world = laboratory.world
            for node in 1..<4 {
                world.upgrade(node, to: nextRules, restartingAfter: .milliseconds(50))
                laboratory.run(milliseconds: 1_500)
            }
            let height = try laboratory.passUpgrade(to: nextRules, inBlocks: 6, by: [0, 1, 2, 3])
            // Node 0 hears of every block and of no finality.
            world.hideFinality(from: 0)
            while world.finalHeight.value < height.value + 3 { try laboratory.makeFinal(at: 1) }
            world.lens = nil
            try laboratory.wait("U1", "node 0 to stop", limit: 20_000) { !$0.world.isRunning(0) }
            try laboratory.expect(
                world.height(of: 0).next == height,
                "U1",
                "node 0 stopped at height \(world.height(of: 0)), the next rules begin at \(height)"
            )
        },
        Scenario("where too few know the next rules the network waits before them for newer programs") {
            make throws(Finding) in
            var laboratory = make(4)
            let world = laboratory.world
            world.upgrade(3, to: nextRules, restartingAfter: .milliseconds(50))
            laboratory.run(milliseconds: 1_500)
            let height = try laboratory.passUpgrade(to: nextRules, inBlocks: 6, by: [0, 1, 2, 3])
            while world.finalHeight.next < height { try laboratory.makeFinal(at: 3) }
            let waiting = laboratory.submit(to: 3)
            laboratory.run(milliseconds: 10_000)
            try laboratory.expect(
                world.finalHeight.next == height && (0..<3).allSatisfy { !world.isRunning($0) },
                "U1",
                "height \(world.finalHeight) is final, the next rules begin at \(height)"
            )
            for node in 0..<2 { world.upgrade(node, to: nextRules, restartingAfter: .milliseconds(10)) }
            try laboratory.waitForFinal(waiting, limit: 15_000)
            try laboratory.waitForTip([0, 1, 3])
        },
        Scenario("peers whose ledgers begin later are neither waited for nor blamed") {
            make throws(Finding) in
            var laboratory = make(7)
            let world = laboratory.world
            let peers = world.membership.peers
            // They are asked in the order of their ids: the only one that holds all blocks comes last.
            let order = (0..<6).sorted { peers[$0] < peers[$1] }
            for turn in 0..<80 { try laboratory.makeFinal(at: turn % 6) }
            laboratory.run(milliseconds: 6_000)
            for node in order.dropLast() { world.nodes[node].disk.forgetBlocks(below: Height(79)) }
            world.crash(6)
            var disk = SimulatedDisk()
            disk.requireRejoin()
            world.replaceDisk(6, with: disk)
            // The one that holds all is met last, however the connections fall.
            let holder = order[order.count - 1]
            world.cut(6, holder)
            world.restart(6, after: .milliseconds(10))
            laboratory.run(milliseconds: 400)
            world.join(6, holder)
            // Each of the five would cost a second.
            try laboratory.waitForTip([6], limit: 2_500)
            try laboratory.makeFinal(at: 6)
        },
    ]
}
