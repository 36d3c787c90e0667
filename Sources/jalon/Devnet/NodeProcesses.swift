import Foundation
import JalonClient
import JalonSchema

/// The nodes of a devnet, each a process of this same program.
///
/// Each holds the reading end of a pipe whose writing end is this process': however this process ends, they notice and
/// stop.
final class NodeProcesses: Sendable {
    private let nodes: [(node: DevnetNode, process: Process)]
    private let lifeline: Pipe

    /// Starts every node.
    init(_ nodes: [DevnetNode]) throws {
        lifeline = Pipe()
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        var started: [(DevnetNode, Process)] = []
        do {
            for node in nodes {
                started.append((node, try NodeProcesses.start(node, program: program, lifeline: lifeline)))
            }
        } catch {
            for (_, process) in started { process.terminate() }
            throw Failure("E_FAILED", "a node can't be started: \(error)", status: .failed)
        }
        self.nodes = started
    }

    private static func start(_ node: DevnetNode, program: URL, lifeline: Pipe) throws -> Process {
        let log = URL(fileURLWithPath: node.log)
        if !FileManager.default.fileExists(atPath: node.log) { try Data().write(to: log) }
        let handle = try FileHandle(forWritingTo: log)
        try handle.seekToEnd()
        let process = Process()
        process.executableURL = program
        process.arguments = ["node", "run", node.configuration, "--stop-with-input"]
        // The handle and not the pipe: a pipe would be closed here with the first process that it goes to.
        process.standardInput = lifeline.fileHandleForReading
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        return process
    }

    /// Waits until every node answers and hears a quorum.
    ///
    /// - Throws: ``Failure`` where one ends before, or it takes too long.
    func waitUntilReady(within limit: Duration) async throws {
        let end = ContinuousClock.now + limit
        for (node, process) in nodes {
            let client = try LedgerClient(node.api, timeout: .seconds(2))
            while true {
                guard process.isRunning else { throw ended(node, process) }
                if let status = try? await client.head(), status.validators.hasQuorum { break }
                guard ContinuousClock.now < end else {
                    throw Failure(
                        "E_NOT_READY",
                        "\(node.member) is not ready after \(Format.seconds(limit))",
                        next: "Its log: \(node.log)",
                        status: .unreachable
                    )
                }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private func ended(_ node: DevnetNode, _ process: Process) -> Failure {
        let log = FileManager.default.contents(atPath: node.log) ?? Data()
        let last = String(decoding: log.suffix(2_000), as: UTF8.self).split(separator: "\n").suffix(3)
        return Failure(
            "E_FAILED",
            "\(node.member) ended with the code \(process.terminationStatus): \(last.joined(separator: " / "))",
            next: "Its log: \(node.log)",
            status: .failed
        )
    }

    /// Ends every node, first by asking.
    func stop() {
        for (_, process) in nodes where process.isRunning { process.terminate() }
        if !haveEnded(within: 10) {
            for (_, process) in nodes where process.isRunning { kill(process.processIdentifier, SIGKILL) }
            _ = haveEnded(within: 2)
        }
    }

    /// Asks again and again: to wait for a process in Foundation's way needs a run loop, which no task has.
    private func haveEnded(within seconds: TimeInterval) -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        while nodes.contains(where: { $0.process.isRunning }) {
            guard Date() < end else { return false }
            usleep(20_000)
        }
        return true
    }
}
