import ArgumentParser
import Foundation
import JalonConsensus
import JalonSimulator

extension JalonSim {
    /// Plays the scenarios.
    struct Scenarios: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "scenarios",
            abstract: "Plays every scenario and prints a line for each; exit 1 where a rule is broken."
        )

        @Option(help: "Only those whose name contains this text.")
        var only: String?

        @Option(help: "A rule that the nodes leave out.")
        var without: Guard?

        @Flag(help: "Print one line an event.")
        var transcript = false

        func run() async throws {
            var log: (@Sendable (String) -> Void)?
            if transcript { log = { @Sendable (line: String) in print(line) } }
            var broken = 0
            for scenario in Scenario.all where only.map(scenario.name.contains) ?? true {
                let clock = ContinuousClock()
                let start = clock.now
                let violation = scenario.run(log: log) { world in
                    if let without { world.guards = Guards(without: without) }
                }
                let wall = start.duration(to: clock.now)
                let seconds = wall.formatted(.units(allowed: [.seconds], fractionalPart: .show(length: 2)))
                if violation != nil { broken += 1 }
                print("\(violation == nil ? "ok" : "BROKEN")  \(seconds)  \(scenario.name)")
                if let violation { print("    \(violation.rule): \(violation.finding)") }
                fflush(nil)
            }
            if broken > 0 { throw ExitCode(1) }
        }
    }
}
