import JalonModel

extension Scenario {
    /// Much, little and no work.
    static let onWork: [Scenario] = [
        Scenario("a hundred transactions a second wait for nobody") { make throws(Finding) in
            for seed in UInt64(1)...10 { try make.run(.busy, seed: seed, validatorCount: 4) }
        },
        Scenario("one transaction every 3 s for an hour makes no empty block") { make throws(Finding) in
            var laboratory = make(4)
            for round in 0..<1_200 {
                laboratory.submit(to: round % 4)
                laboratory.run(milliseconds: 3_000)
                try laboratory.check()
            }
            try expectNoEmptyBlock(in: laboratory, transactions: 1_200)
        },
        Scenario("work that lasts a millisecond leaves nothing behind") { make throws(Finding) in
            var laboratory = make(4) { world in
                world.quality = LinkQuality(latency: 100...150)
                world.writeLatency = 20...40
            }
            for round in 0..<60 {
                laboratory.submit(to: round % 4)
                laboratory.run(milliseconds: 700)
                try laboratory.check()
            }
            try expectNoEmptyBlock(in: laboratory, transactions: 60)
            let views = laboratory.world.highestView.value
            try laboratory.expect(views <= 62, "L3", "\(views) views for 60 transactions")
        },
        Scenario("an idle network: the daily block and nothing else") { make throws(Finding) in
            for (count, days) in [(1, UInt64(7)), (2, 2)] {
                var laboratory = make(count)
                try laboratory.makeFinal(at: 0)
                laboratory.run(milliseconds: days * 86_400_000 + 3_600_000)
                let blocks = laboratory.blocks(of: 0)
                let heartbeats = blocks.count { $0.transactions.isEmpty }
                try laboratory.expect(
                    blocks.count == heartbeats + 1 && heartbeats == Int(days),
                    "L3",
                    "\(heartbeats) empty blocks of \(blocks.count) in \(days) days"
                )
            }
        },
        Scenario("a transaction that can't stand in a block makes none") { make throws(Finding) in
            var laboratory = make(4)
            laboratory.world.block([1], isOneWay: false, true)
            let leaf = laboratory.submit(to: 0)
            let rival = laboratory.submitRival(of: leaf, to: 1)
            try laboratory.waitForFinal(leaf)
            laboratory.world.block([1], isOneWay: false, false)
            laboratory.run(milliseconds: 8_000)
            let (height, view) = (laboratory.world.finalHeight, laboratory.world.highestView)
            laboratory.run(milliseconds: 60_000)
            let isQuiet = laboratory.world.finalHeight == height && laboratory.world.highestView == view
            try laboratory.expect(isQuiet, "L3", "blocks or views without work")
            try laboratory.expect(
                rival.map { !laboratory.isFinal($0) } ?? false,
                "S7",
                "both rivals are final"
            )
            try expectNoEmptyBlock(in: laboratory, transactions: 1)
        },
    ]

    private static func expectNoEmptyBlock(in laboratory: Laboratory, transactions: Int) throws(Finding) {
        let blocks = laboratory.blocks(of: 0)
        let empty = blocks.count { $0.transactions.isEmpty }
        try laboratory.expect(empty == 0, "L3", "\(empty) of \(blocks.count) blocks are empty")
        let count = laboratory.world.finalTransactionCount
        try laboratory.expect(
            count == transactions,
            "L2",
            "\(count) of \(transactions) transactions are final"
        )
    }
}
