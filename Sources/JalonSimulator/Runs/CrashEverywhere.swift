import JalonModel

/// Four nodes make fifty blocks, one after the other, and one of them dies at a chosen write.
package struct CrashEverywhere: Sendable {
    private static let blockCount = 50

    /// Where a node dies; `nil` for a run without a crash.
    private let crash: WorldConfiguration.PlannedCrash?

    package init(_ crash: WorldConfiguration.PlannedCrash?) {
        self.crash = crash
    }

    /// Plays it.
    ///
    /// - Returns: The writes of all nodes, and the first rule that was broken or `nil`.
    package func run() -> (writeCount: UInt64, violation: Violation?) {
        var laboratory = Laboratory(validatorCount: 4) { world in
            world.plannedCrash = crash
            world.downtime = 200_000...400_000
            world.trialStartsPerMille = 0
        }
        let world = laboratory.world
        do {
            for round in 0..<CrashEverywhere.blockCount {
                let leaf = laboratory.submit(to: round % 4)
                // The node that takes the transaction may be the one that dies: the client then asks the next one.
                for _ in 0..<40 where !laboratory.isFinal(leaf) { laboratory.run(milliseconds: 10) }
                if !laboratory.isFinal(leaf) { laboratory.submitAgain(leaf, to: (round + 1) % 4) }
                try laboratory.waitForFinal(leaf)
            }
            laboratory.run(milliseconds: 8_000)
            try laboratory.check()
            let heights = laboratory.heights
            try laboratory.expect(Set(heights).count == 1, "L2", "heights \(heights)")
            let count = world.finalTransactionCount
            try laboratory.expect(
                count == CrashEverywhere.blockCount,
                "D1",
                "\(count) of \(CrashEverywhere.blockCount) transactions are final"
            )
        } catch {
            let violation = Violation(
                rule: error.rule,
                finding: error.text,
                moment: world.now,
                step: world.stepCount
            )
            return (world.writeCount, violation)
        }
        return (world.writeCount, nil)
    }
}
