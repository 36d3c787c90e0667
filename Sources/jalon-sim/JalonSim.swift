import ArgumentParser
import Foundation
import JalonSimulator

/// The simulator's program: many seeds at once, or one seed line by line.
@main
struct JalonSim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jalon-sim",
        abstract: "Runs the node's own core in simulated networks, disks and clocks, each run from one seed.",
        subcommands: [
            Run.self, Replay.self, Scenarios.self, CrashAtEveryWrite.self, Twins.self, Mutants.self,
            Hunt.self,
        ]
    )

    /// Maps what came of it to an exit code.
    ///
    /// Exit 0: nothing was found. 1: a rule was broken, or a fault that was on never happened. 2: a wrong command line.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            let message = fullMessage(for: error)
            let code = exitCode(for: error)
            if !message.isEmpty {
                FileHandle(fileDescriptor: code == .success ? 1 : 2).write(Data((message + "\n").utf8))
            }
            Foundation.exit(code == .validationFailure ? 2 : code.rawValue)
        }
    }
}

extension Profile: ExpressibleByArgument {}

/// What a run is made of, beside its seed.
struct PlanOptions: ParsableArguments {
    @Option(help: "Validators, 1 to 34. [default: 1, 4 or 7, drawn from the seed]")
    var validators: Int?

    @Option(
        help:
            "swarm draws which faults are on; storm has all; calm, work and busy none; traitors has more than f liars."
    )
    var profile: Profile = .swarm

    func validate() throws {
        if let validators, !(1...34).contains(validators) {
            throw ValidationError("--validators is \(validators), expected 1 to 34")
        }
    }

    func plan(seed: UInt64) -> SimulationPlan {
        SimulationPlan(seed: seed, profile: profile, validatorCount: validators)
    }
}
