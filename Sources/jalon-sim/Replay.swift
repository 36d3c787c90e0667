import ArgumentParser
import JalonSimulator

extension JalonSim {
    /// Runs one seed and prints what happens.
    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "replay",
            abstract: "Runs one seed and prints one line an event; exit 1 where a rule is broken."
        )

        @Option(help: "The seed.")
        var seed: UInt64

        @Flag(help: "Print only the outcome.")
        var quiet = false

        @OptionGroup var options: PlanOptions

        func run() async throws {
            let plan = options.plan(seed: seed)
            print(
                "seed \(seed), \(plan.world.validatorCount) validators, \(plan.topology), core \(plan.core)"
            )
            print("faults: \(plan.faults.all.map(\.name).joined(separator: " "))")
            for traitor in plan.world.traitors {
                print("traitor \(traitor.node): \(traitor.behaviours.map(\.name).joined(separator: " "))")
            }
            if !plan.world.twins.isEmpty { print("twins of \(plan.world.twins)") }
            if !plan.rollbacks.isEmpty { print("disks that go back: \(plan.rollbacks)") }
            for outsider in plan.outsiders { print("outsider \(outsider.node): \(outsider.fate)") }
            var simulation = quiet ? Simulation(plan: plan) : Simulation(plan: plan) { print($0) }
            let outcome = simulation.run()
            print(
                "event hash \(String(outcome.eventHash.value, radix: 16)), \(outcome.deliveryCount) messages,"
            )
            print("\(outcome.finalBlockCount) final blocks, \(outcome.transactionCount) transactions")
            guard let violation = outcome.violation else { return print("no rule was broken") }
            print("\(violation)")
            throw ExitCode(1)
        }
    }
}
