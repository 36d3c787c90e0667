import JalonModel

extension Scenario {
    /// Members that send more than there is room for.
    static let onFloods: [Scenario] = [
        Scenario("a member that fills its share of a mempool keeps what it was told waits") {
            make throws(Finding) in
            var laboratory = make(4) { world in
                world.mempoolCount = 40
                world.parameters = smallBlocks
            }
            var flood: [LeafHash] = []
            for _ in 0..<100 {
                let leaf = laboratory.submit(to: 0)
                for node in 1..<4 { laboratory.submitAgain(leaf, to: node) }
                flood.append(leaf)
            }
            laboratory.run(milliseconds: 1)
            let waited = try laboratory.waitForFinal(laboratory.submit(to: 1))
            try laboratory.expect(waited < 1_000, "L2", "one transaction beside a flood took \(waited) ms")
            for leaf in flood where laboratory.isPending(leaf, at: 0) { try laboratory.waitForFinal(leaf) }
        },
        Scenario("where several members fill a mempool, those that hold most give way") {
            make throws(Finding) in
            var laboratory = make(7) { $0.mempoolCount = 8 }
            for member in 0..<4 {
                for _ in 0..<4 { laboratory.submitAgain(laboratory.submit(to: member), to: 4) }
            }
            laboratory.run(milliseconds: 1)
            try laboratory.waitForFinal(laboratory.submit(to: 4), limit: 5_000)
        },
        Scenario("one transaction waits for no flood of another member's") { make throws(Finding) in
            var laboratory = make(4) { $0.parameters = smallBlocks }
            for _ in 0..<300 { laboratory.submit(to: 0) }
            laboratory.run(milliseconds: 300)
            let waited = try laboratory.waitForFinal(laboratory.submit(to: 1))
            try laboratory.expect(waited < 1_000, "L2", "one transaction beside a flood took \(waited) ms")
        },
    ]

    /// Blocks that hold two transactions.
    private static var smallBlocks: Parameters {
        var parameters = Parameters(validatorCount: 4)
        parameters.maxBlockTransactionCount = 2
        return parameters
    }
}
