import JalonModel
import Testing

@testable import JalonSimulator

@Suite("A node whose disk was lost")
struct LostDiskTests {
    @Test("catches up with a network that goes on working", arguments: [4, 7])
    func catchesUp(validatorCount: Int) throws {
        var laboratory = Laboratory(validatorCount: validatorCount)
        for round in 0..<100 {
            laboratory.submit(to: round % validatorCount)
            laboratory.run(milliseconds: 60)
        }
        laboratory.world.crash(1)
        var disk = SimulatedDisk()
        disk.requireRejoin()
        laboratory.world.replaceDisk(1, with: disk)
        laboratory.world.restart(1, after: .milliseconds(300))
        for _ in 0..<100 {
            laboratory.submit(to: 0)
            laboratory.run(milliseconds: 60)
        }
        laboratory.run(milliseconds: 3_000)
        #expect(laboratory.world.violation == nil)
        #expect(laboratory.heights[1] == laboratory.world.finalHeight)
    }
}
