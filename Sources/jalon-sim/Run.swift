import ArgumentParser
import Foundation
import JalonSimulator
import Synchronization

extension JalonSim {
    /// Runs seeds and sums up what came of them.
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run",
            abstract: "Runs many seeds; the last line printed is a summary in JSON."
        )

        @Option(help: "How many seeds.")
        var seeds: UInt64 = 200

        @Option(help: "The first seed.")
        var from: UInt64 = 1

        @Option(help: "Seeds that run at the same time.")
        var jobs = 1

        @Option(help: "Lines of the transcript to print for a seed that fails.")
        var lines = 60

        @OptionGroup var options: PlanOptions

        func validate() throws {
            guard jobs >= 1 else { throw ValidationError("--jobs is \(jobs), expected 1 or more") }
            guard seeds >= 1 else { throw ValidationError("--seeds is 0, expected 1 or more") }
            guard lines >= 0 else { throw ValidationError("--lines is \(lines), expected 0 or more") }
            guard !from.addingReportingOverflow(seeds - 1).overflow else {
                throw ValidationError("--from \(from) and \(seeds) seeds go past the last one, \(UInt64.max)")
            }
        }

        func run() async throws {
            let clock = ContinuousClock()
            let start = clock.now
            var summary = Summary()
            let options = options
            await withTaskGroup(of: SimulationOutcome.self) { group in
                var next = from
                var left = seeds
                func addNext() {
                    guard left > 0 else { return }
                    let seed = next
                    left -= 1
                    next &+= 1
                    group.addTask { Run.outcome(of: options.plan(seed: seed)) }
                }
                for _ in 0..<jobs { addNext() }
                for await outcome in group {
                    addNext()
                    summary.add(outcome)
                    if let violation = outcome.violation { report(outcome, violation) }
                }
            }
            summary.finish(wall: start.duration(to: clock.now))
            print(try summary.json())
            if !summary.isClean { throw ExitCode(1) }
        }

        /// Runs a seed, every fiftieth twice: the same seed is the same run to its last event (rule R2).
        private static func outcome(of plan: SimulationPlan) -> SimulationOutcome {
            var simulation = Simulation(plan: plan)
            let outcome = simulation.run()
            guard plan.seed % 50 == 0 else { return outcome }
            var again = Simulation(plan: plan)
            return outcome.compared(with: again.run())
        }

        /// Prints a failing seed with the end of its transcript, which a second run of it gives.
        private func report(_ outcome: SimulationOutcome, _ violation: Violation) {
            print("seed \(outcome.seed), \(outcome.validatorCount) validators: \(violation)")
            let tail = Tail(lineCount: lines)
            var simulation = Simulation(plan: options.plan(seed: outcome.seed)) { tail.add($0) }
            _ = simulation.run()
            for line in tail.lines { print("    \(line)") }
            print("    replay: jalon-sim replay --seed \(outcome.seed)\(options.arguments)")
            // A run may be ended by hand, and a pipe holds back what was printed.
            fflush(nil)
        }
    }
}

extension PlanOptions {
    /// The options as a command line has them.
    var arguments: String {
        let count = validators.map { " --validators \($0)" } ?? ""
        return count + (profile == .swarm ? "" : " --profile \(profile.rawValue)")
    }
}

/// The last lines of a transcript.
final class Tail: Sendable {
    private let kept: Mutex<[String]>
    private let lineCount: Int

    init(lineCount: Int) {
        self.lineCount = lineCount
        kept = Mutex([])
    }

    func add(_ line: String) {
        kept.withLock { lines in
            lines.append(line)
            // Cut now and then, not at every line.
            if lines.count > 2 * lineCount + 64 { lines.removeFirst(lines.count - lineCount) }
        }
    }

    var lines: [String] { kept.withLock { Array($0.suffix(lineCount)) } }
}
