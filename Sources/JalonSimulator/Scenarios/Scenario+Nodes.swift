import JalonModel

extension Scenario {
    /// Nodes that are dead for a while.
    static let onNodes: [Scenario] = [
        Scenario("a dead leader costs its timeout once, full mesh") { make throws(Finding) in
            var laboratory = make(4)
            try deadLeader(in: &laboratory)
        },
        Scenario("a dead leader costs its timeout once, two links cut") { make throws(Finding) in
            var laboratory = make(7) { world in
                world.missingLinks = [WorldConfiguration.Pair(0, 1), WorldConfiguration.Pair(2, 4)]
            }
            try deadLeader(in: &laboratory)
        },
        Scenario("below a quorum nothing becomes final, and all of it when there is one again") {
            make throws(Finding) in
            for (count, dead) in [(2, [1]), (4, [2, 3]), (7, [0, 3, 6])] {
                var laboratory = make(count)
                for node in dead { laboratory.world.crash(node) }
                let alive = (0..<count).first { !dead.contains($0) } ?? 0
                let leaf = laboratory.submit(to: alive)
                laboratory.run(milliseconds: 15_000)
                try laboratory.expect(!laboratory.isFinal(leaf), "S3", "final without a quorum")
                for node in dead { laboratory.world.restart(node, after: .milliseconds(100)) }
                try laboratory.waitForFinal(leaf)
            }
        },
        Scenario("all nodes die at once and lose nothing") { make throws(Finding) in
            var laboratory = make(4)
            for node in 0..<4 { try laboratory.makeFinal(at: node) }
            let leaf = laboratory.submit(to: 0)
            laboratory.run(milliseconds: 15)
            for node in 0..<4 {
                laboratory.world.crash(node)
                laboratory.world.restart(node, after: .milliseconds(200 + 300 * UInt64(node)))
            }
            laboratory.run(milliseconds: 3_000)
            laboratory.submitAgain(leaf, to: 1)
            try laboratory.waitForFinal(leaf)
            laboratory.run(milliseconds: 6_000)
            let heights = laboratory.heights
            try laboratory.expect(Set(heights).count == 1, "L2", "heights \(heights)")
        },
    ]

    private static func deadLeader(in laboratory: inout Laboratory) throws(Finding) {
        laboratory.world.crash(3)
        var (slow, worst) = (0, UInt64(0))
        for _ in 0..<20 {
            let waited = try laboratory.makeFinal(at: 0)
            worst = max(worst, waited)
            if waited >= 900 { slow += 1 }
        }
        try laboratory.expect(worst < 1_900, "L1", "a dead leader cost \(worst) ms, its timer is 1,000")
        // The leader timer is 2Δ = 1 s; it is waited for once, with what an unlucky first turn adds.
        try laboratory.expect(slow <= 2, "L1", "\(slow) of 20 transactions waited for the dead leader")
    }
}
