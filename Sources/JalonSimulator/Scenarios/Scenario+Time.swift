import JalonModel

extension Scenario {
    private static let day: Int64 = 86_400_000

    /// Clocks that are wrong.
    static let onTime: [Scenario] = [
        Scenario("a leader's clock 3 s ahead costs nothing") { make throws(Finding) in
            try leaderAhead(3_000, make)
        },
        Scenario("a leader's clock 90 days ahead costs nothing") { make throws(Finding) in
            try leaderAhead(90 * day, make)
        },
        Scenario("a quorum's clocks months ahead, then right again") { make throws(Finding) in
            var laboratory = make(
                4,
                beforeStart: { world in
                    for node in 0..<3 { world.setClock(node, aheadByMilliseconds: 75 * day) }
                }
            )
            for node in 0..<4 { try laboratory.makeFinal(at: node) }
            for node in 0..<3 { laboratory.world.setClock(node, aheadByMilliseconds: 0) }
            for node in 0..<4 { try laboratory.makeFinal(at: node) }
            for node in 0..<4 {
                laboratory.world.crash(node)
                laboratory.world.restart(node, after: .milliseconds(500))
            }
            laboratory.run(milliseconds: 3_000)
            for node in 0..<4 { try laboratory.makeFinal(at: node) }
        },
        Scenario("machines that started with wrong clocks, each in its own way, and were set right since") {
            make throws(Finding) in
            // So far apart that the votes for no block confirm a clock: only the tips can.
            let wrong: [Int64] = [0, -19_000, -25_000, 31_000]
            var laboratory = make(
                4,
                beforeStart: { world in
                    for node in 1..<4 { world.setClock(node, aheadByMilliseconds: wrong[node]) }
                }
            )
            laboratory.run(milliseconds: 1_000)
            for node in 1..<4 { laboratory.world.setClock(node, aheadByMilliseconds: 0) }
            // Until tips have told everybody.
            laboratory.run(milliseconds: 6_000)
            for round in 0..<8 {
                let span = try laboratory.makeFinal(at: round % 4)
                try laboratory.expect(span < 600, "L1", "a transaction took \(span) ms")
            }
        },
        Scenario("a machine that hears f validators and started with a clock 12 s behind, set right since") {
            make throws(Finding) in
            try setRightAtTheEndOfALine(-12_000, make)
        },
        Scenario("a machine that hears f validators and started with a clock 40 s ahead, set right since") {
            make throws(Finding) in
            try setRightAtTheEndOfALine(40_000, make)
        },
    ]

    private static func setRightAtTheEndOfALine(_ skew: Int64, _ make: LaboratoryMaker) throws(Finding) {
        var laboratory = make(
            4,
            beforeStart: { world in
                world.setClock(2, aheadByMilliseconds: skew)
                world.cut(0, 2)
            }
        )
        laboratory.run(milliseconds: 1_000)
        laboratory.world.crash(3)
        laboratory.run(milliseconds: 1_000)
        laboratory.world.setClock(2, aheadByMilliseconds: 0)
        laboratory.run(milliseconds: 6_000)
        // The dead leader costs its timeout once.
        for round in 0..<3 { try laboratory.makeFinal(at: round) }
        for round in 0..<6 {
            let span = try laboratory.makeFinal(at: round % 3)
            try laboratory.expect(span < 1_500, "L1", "a transaction took \(span) ms")
        }
    }

    private static func leaderAhead(_ skew: Int64, _ make: LaboratoryMaker) throws(Finding) {
        var laboratory = make(4, beforeStart: { $0.setClock(1, aheadByMilliseconds: skew) })
        var worst: UInt64 = 0
        for round in 0..<20 { worst = max(worst, try laboratory.makeFinal(at: round % 4)) }
        try laboratory.expect(worst < 600, "L1", "a transaction took \(worst) ms")
        let latest = laboratory.world.trueTime.advanced(byMilliseconds: 1_000)
        let ahead = laboratory.blocks(of: 0).count { $0.header.timestamp > latest }
        try laboratory.expect(ahead == 0, "T1", "\(ahead) blocks are from the future")
        let led = laboratory.blocks(of: 0).count { $0.header.leader.value == 1 }
        try laboratory.expect(led >= 3, "L1", "the node with the wrong clock led \(led) blocks of 20")
    }
}
