import JalonModel
import Testing

@testable import JalonSimulator

@Suite("A node that dies at a write")
struct CrashTests {
    /// Two transactions at four nodes, one after the other.
    private func run(_ crash: WorldConfiguration.PlannedCrash?) throws -> World {
        var laboratory = Laboratory(validatorCount: 4) { world in
            world.plannedCrash = crash
            world.downtime = 200_000...400_000
            world.trialStartsPerMille = 0
        }
        for round in 0..<2 {
            // The node that takes the transaction may be the one that dies: the client then asks the next one.
            let leaf = laboratory.submit(to: round % 4)
            laboratory.run(milliseconds: 400)
            if !laboratory.isFinal(leaf) { laboratory.submitAgain(leaf, to: (round + 1) % 4) }
            try laboratory.waitForFinal(leaf)
        }
        laboratory.run(milliseconds: 8_000)
        #expect(Set(laboratory.heights).count == 1)
        return laboratory.world
    }

    @Test("breaks no rule, whichever write it is", arguments: WorldConfiguration.CrashPoint.allCases)
    func everyWrite(point: WorldConfiguration.CrashPoint) throws {
        let count = try run(nil).writeCount
        #expect(count >= 2 * 4 * 2)
        for write in 1...count {
            let world = try run(WorldConfiguration.PlannedCrash(write: write, point: point))
            #expect(world.violation == nil, "write \(write)")
            #expect(world.finalTransactionCount == 2, "write \(write)")
            // After the last send of a write there may be none for a node to die at.
            #expect(world.faults[.crashAtWrite] == 1 || point == .afterSend, "write \(write)")
        }
    }
}
