import JalonConsensus
import Testing

@testable import JalonSimulator

@Suite("A flood of one member's transactions")
struct FloodTests {
    @Test(
        "is noticed where a node leaves out one rule against it",
        arguments: [Guard.mostGivesWay, .memberTurns]
    )
    func mutants(guarding: Guard) {
        let failed = Scenario.onFloods.compactMap { scenario in
            scenario.run({ $0.guards = Guards(without: guarding) })?.finding
        }
        #expect(!failed.isEmpty, "\(failed)")
    }
}
