import ArgumentParser
import Foundation
import JalonConsensus
import JalonSimulator

extension Guard: ExpressibleByArgument {
    public init?(argument: String) {
        guard let found = Guard.allCases.first(where: { $0.name == argument }) else { return nil }
        self = found
    }

    public static var allValueStrings: [String] { allCases.map(\.name) }
    public var defaultValueDescription: String { name }
}

extension Guard {
    /// The name on a command line.
    var name: String { String(describing: self) }
}

extension JalonSim {
    /// Shows that oracle and faults notice a node that breaks one rule.
    struct Mutants: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "mutants",
            abstract: "Leaves out one rule of the nodes after the other; each time a run must fail.",
            discussion: """
                Each mutant is hunted by a process of its own, since one may also trap: by seeds of the swarm and the
                storm in turn, those of epochs by seeds of the operations, and by the scenarios. One that survives means a hole in the oracle or the faults.
                Exit 1 where one does; the last line is a summary in JSON.
                """
        )

        @Option(help: "Seeds that hunt one mutant at the most.")
        var seeds: UInt64 = 3_000

        @Option(help: "Seconds that hunt one mutant at the most.")
        var limit: UInt64 = 240

        @Option(help: "Mutants that are hunted at the same time.")
        var jobs = 2

        @Option(parsing: .upToNextOption, help: ArgumentHelp("Only these rules.", valueName: "rule"))
        var only: [Guard] = []

        func validate() throws {
            guard jobs >= 1 else { throw ValidationError("--jobs is \(jobs), expected 1 or more") }
            guard seeds >= 1, limit >= 1 else { throw ValidationError("--seeds and --limit are 1 or more") }
        }

        func run() async throws {
            let guards = only.isEmpty ? Guard.allCases : only
            var found: [Guard: Fate] = [:]
            let hunter = self
            await withTaskGroup(of: (Guard, Fate).self) { group in
                var waiting = guards[...]
                func addNext() {
                    guard let next = waiting.popFirst() else { return }
                    group.addTask { (next, hunter.hunt(next)) }
                }
                for _ in 0..<jobs { addNext() }
                for await (mutant, fate) in group {
                    addNext()
                    found[mutant] = fate
                    print(fate.line(mutant))
                    fflush(nil)
                }
            }
            let killed = guards.filter { found[$0]?.how != nil }
            let times = killed.compactMap { found[$0]?.seconds }.sorted()
            let report = Report(
                mutants: guards.count,
                killed: killed.count,
                survivors: guards.filter { !killed.contains($0) }.map(\.name),
                medianSeconds: times.isEmpty ? 0 : times[times.count / 2],
                worstSeconds: times.last ?? 0
            )
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            print(String(decoding: try encoder.encode(report), as: UTF8.self))
            if !report.survivors.isEmpty { throw ExitCode(1) }
        }

        private struct Report: Encodable {
            var mutants: Int
            var killed: Int
            var survivors: [String]
            var medianSeconds: Double
            var worstSeconds: Double
        }

        /// What became of a mutant.
        private struct Fate: Sendable {
            /// What killed it; `nil` where nothing did.
            var how: String?
            var seconds: Double

            func line(_ mutant: Guard) -> String {
                let time = String(format: "%6.1f s", seconds)
                let name = mutant.name.padding(toLength: 22, withPad: " ", startingAt: 0)
                return "\(how == nil ? "✖" : "✔") \(name) \(time)  \(how ?? "survived")"
            }
        }

        private func hunt(_ mutant: Guard) -> Fate {
            let clock = ContinuousClock()
            let start = clock.now
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = [
                "hunt", "--without", mutant.name, "--seeds", "\(seeds)", "--limit", "\(limit)",
            ]
            process.standardOutput = output
            // What a trap prints is of no use to anybody here.
            process.standardError = FileHandle.nullDevice
            var how: String?
            do {
                try process.run()
                let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                let line = text.split(separator: "\n").last.map { String($0) }
                switch (process.terminationReason, process.terminationStatus) {
                case (.exit, 0): break
                case (.exit, _): how = line ?? "exit \(process.terminationStatus)"
                default: how = "a trap, signal \(process.terminationStatus)"
                }
            } catch {
                print("\(mutant.name): no process could hunt it: \(error)")
            }
            let (seconds, attoseconds) = start.duration(to: clock.now).components
            return Fate(how: how, seconds: Double(seconds) + Double(attoseconds) * 1e-18)
        }
    }

    /// Runs scenarios and seeds against one mutant until one fails: what ``Mutants`` starts for each.
    struct Hunt: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "hunt",
            abstract:
                "Runs scenarios and seeds against one mutant until one of them fails; exit 1 where one does."
        )

        @Option(help: "The rule that the nodes leave out.")
        var without: Guard

        @Option(help: "Seeds at the most.")
        var seeds: UInt64 = 3_000

        @Option(help: "Seconds at the most.")
        var limit: UInt64 = 240

        @Option(help: "The first seed.")
        var from: UInt64 = 1

        func run() async throws {
            let end = ContinuousClock.now + .seconds(Int64(limit))
            let guards = Guards(without: without)
            // A few seeds first, since most mutants do not outlive those, then the scenarios, from the last one on: the
            // longest stand at the front, and the last were made for rules that seeds do not miss.
            // The rules of epochs have a scenario each, and their seeds take longer.
            let firstSeeds = without.isOfEpochs ? 0 : min(seeds, 40)
            try hunt(from..<from + firstSeeds, guards, until: end)
            try play(Scenario.all.filter { !$0.takesLong }.reversed(), guards)
            try hunt(from + firstSeeds..<from + seeds, guards, until: end)
            try play(Scenario.all.filter(\.takesLong), guards)
            print("survived")
        }

        private func play(_ scenarios: [Scenario], _ guards: Guards) throws {
            for scenario in scenarios {
                guard let violation = scenario.run({ $0.guards = guards }) else { continue }
                print("\(violation.rule): \(violation.finding)")
                throw ExitCode(1)
            }
        }

        private func hunt(_ seeds: Range<UInt64>, _ guards: Guards, until end: ContinuousClock.Instant) throws
        {
            for seed in seeds {
                guard ContinuousClock.now < end else { return }
                let profile: Profile = without.isOfEpochs ? .operations : seed % 2 == 0 ? .swarm : .storm
                var simulation = Simulation(
                    plan: SimulationPlan(seed: seed, profile: profile, guards: guards)
                )
                guard let violation = simulation.run().violation else { continue }
                print("seed \(seed), \(profile): \(violation)")
                throw ExitCode(1)
            }
        }
    }
}
