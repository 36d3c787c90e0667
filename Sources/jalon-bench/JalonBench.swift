import ArgumentParser
import Foundation

/// Measures a network of real nodes on this machine: `scripts/bench`.
@main
struct JalonBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jalon-bench",
        abstract: "Measures four real nodes on this machine, and prints a table and, on the last line, JSON.",
        discussion: """
            Each figure stands beside the machine's own limit, measured in the same run: how many Ed25519 signatures
            libsodium verifies in a second on one core. It fails unless every node writes with PRAGMA synchronous = 2,
            talks to its peers by TLS 1.3 and verified each transaction itself.
            """
    )

    @Flag(help: "One run of each instead of three, and smaller ones.")
    var quick = false

    @Option(help: ArgumentHelp("The jalon program to measure.", valueName: "file"))
    var program = ".build/release/jalon"

    @Option(help: ArgumentHelp("Where the network is made; it has to be new.", valueName: "folder"))
    var folder: String?

    @Option(help: ArgumentHelp("Only these parts, for example batched,state.", valueName: "parts"))
    var only: String?

    @Option(
        help: ArgumentHelp(
            "Make the ledger at least so long before it is verified.",
            valueName: "transactions"
        )
    )
    var length: Int?

    @Flag(help: "Keep the folder, with the ledgers and logs.")
    var keep = false

    /// Maps what came of it to an exit code.
    ///
    /// Exit 0: measured, and every condition of an honest measurement held. 1: not. 2: a wrong command line.
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

    func run() async throws {
        let parts = try only.map { text in
            try text.split(separator: ",").map { name in
                guard let part = Part(rawValue: String(name)) else {
                    let known = Part.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("--only names '\(name)', expected some of \(known)")
                }
                return part
            }
        }
        let place = folder ?? FileManager.default.temporaryDirectory.path + "/jalon-bench-\(getpid())"
        guard !FileManager.default.fileExists(atPath: place) else {
            throw ValidationError("\(place) is there already: give another --folder")
        }
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw ValidationError("\(program) is no program: swift build -c release --product jalon")
        }
        defer {
            for made in keep ? [] : [place, place + "-ledger"] {
                try? FileManager.default.removeItem(atPath: made)
            }
        }
        var size = quick ? Size.quick : Size.full
        size.length = length ?? 0
        let session = Session(program: program, folder: place, size: size, parts: Set(parts ?? Part.allCases))
        let report = try await session.run()
        print(report.table)
        print(try report.json())
    }
}

/// What can be measured by itself.
enum Part: String, CaseIterable {
    case single, batched, latency, feed, backup, idle, restart, verify, state, ledger
}

/// How much is measured.
struct Size {
    /// How often each throughput is measured; medians are reported.
    let runs: Int
    /// Transactions of a run, sent one a request.
    let single: Int
    /// Transactions of a run, sent in sequences of 100.
    let batched: Int
    /// Seconds at each low rate.
    let latencySeconds: Int
    /// Transactions in the ledger before it is backed up under load.
    let backupCount: Int
    let idleSeconds: Int
    /// Transactions in the ledger before a node is restarted.
    let restartCount: Int
    /// Transactions made while a node is away.
    let awayCount: Int
    /// Transactions that the ledger has at least when it is verified.
    var length = 0
    /// Milestones at which the cost of one more is measured.
    let stateCounts: (small: Int, large: Int)
    /// Commitments of a large ledger, and its milestones at both sizes.
    let ledgerCommitments = 30_000
    let ledgerCounts: (small: Int, large: Int)

    static let full = Size(
        runs: 3,
        single: 12_000,
        batched: 30_000,
        latencySeconds: 10,
        backupCount: 100_000,
        idleSeconds: 30,
        restartCount: 100_000,
        awayCount: 20_000,
        stateCounts: (10_000, 300_000),
        ledgerCounts: (10_000, 1_000_000)
    )
    static let quick = Size(
        runs: 1,
        single: 6_000,
        batched: 20_000,
        latencySeconds: 4,
        backupCount: 20_000,
        idleSeconds: 10,
        restartCount: 0,
        awayCount: 6_000,
        stateCounts: (10_000, 100_000),
        ledgerCounts: (10_000, 50_000)
    )
}

/// A condition of the measurement that does not hold, or a step that went wrong.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
