import ArgumentParser
import Foundation
import JalonSimulator

/// What an enumeration found: the last line, in JSON.
private struct EnumerationReport: Encodable {
    var runs: UInt64
    var total: UInt64
    var violations: Int
    var wallSeconds: Double

    func text() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

/// Runs numbered cases, some at a time, and prints what breaks a rule.
///
/// - Returns: How many did.
private func enumerate(
    _ cases: Range<UInt64>,
    jobs: Int,
    _ run: @escaping @Sendable (UInt64) -> (name: String, violation: Violation?)
) async -> Int {
    var violations = 0
    await withTaskGroup(of: (name: String, violation: Violation?).self) { group in
        var waiting = cases[...]
        func addNext() {
            guard let next = waiting.popFirst() else { return }
            group.addTask { run(next) }
        }
        for _ in 0..<jobs { addNext() }
        for await outcome in group {
            addNext()
            guard let violation = outcome.violation else { continue }
            violations += 1
            print("\(outcome.name): \(violation)")
            fflush(nil)
        }
    }
    return violations
}

private func seconds(since start: ContinuousClock.Instant) -> Double {
    let (seconds, attoseconds) = (ContinuousClock.now - start).components
    return ((Double(seconds) + Double(attoseconds) * 1e-18) * 100).rounded() / 100
}

extension JalonSim {
    /// Twins in every arrangement.
    struct Twins: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "twins",
            abstract:
                "Plays twins (two processes, one identity): four validators, a split of the network in each of seven views.",
            discussion: """
                All cases are enumerated, spread evenly, so that any number of them covers all kinds; --from goes on where
                another run ended. A case that fails prints its number: --from NUMBER --cases 1 plays it again.
                """
        )

        @Option(help: "How many cases; there are \(TwinsCase.total).")
        var cases: UInt64 = 1_000

        @Option(help: "The first case.")
        var from: UInt64 = 0

        @Flag(help: "All of them.")
        var all = false

        @Option(help: "Cases that run at the same time.")
        var jobs = 2

        func validate() throws {
            guard jobs >= 1 else { throw ValidationError("--jobs is \(jobs), expected 1 or more") }
            guard cases >= 1, cases <= TwinsCase.total, from < TwinsCase.total else {
                throw ValidationError("--cases and --from are at most \(TwinsCase.total)")
            }
        }

        func run() async throws {
            let start = ContinuousClock.now
            let count = all ? TwinsCase.total : cases
            let violations = await enumerate(from..<from + count, jobs: jobs) { number in
                ("case \(number)", TwinsCase(number).run())
            }
            let report = EnumerationReport(
                runs: count,
                total: TwinsCase.total,
                violations: violations,
                wallSeconds: seconds(since: start)
            )
            print(try report.text())
            if violations > 0 { throw ExitCode(1) }
        }
    }

    /// A crash at every write.
    struct CrashAtEveryWrite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "crash-everywhere",
            abstract:
                "Fifty blocks of four nodes, again for each write: a node dies before it, after it, after one send."
        )

        @Option(help: "Runs at the same time.")
        var jobs = 2

        func validate() throws {
            guard jobs >= 1 else { throw ValidationError("--jobs is \(jobs), expected 1 or more") }
        }

        func run() async throws {
            let start = ContinuousClock.now
            let whole = CrashEverywhere(nil).run()
            if let violation = whole.violation { print("without a crash: \(violation)") }
            let points = WorldConfiguration.CrashPoint.allCases
            let count = whole.writeCount * UInt64(points.count)
            let found = await enumerate(0..<count, jobs: jobs) { number in
                let point = points[Int(number % UInt64(points.count))]
                let write = 1 + number / UInt64(points.count)
                let crash = WorldConfiguration.PlannedCrash(write: write, point: point)
                return ("write \(write), \(point)", CrashEverywhere(crash).run().violation)
            }
            let violations = found + (whole.violation == nil ? 0 : 1)
            let report = EnumerationReport(
                runs: count,
                total: count,
                violations: violations,
                wallSeconds: seconds(since: start)
            )
            print(try report.text())
            if violations > 0 { throw ExitCode(1) }
        }
    }
}
