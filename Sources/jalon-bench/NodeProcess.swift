import Foundation
import JalonClient

/// One node of the measured network, a process of its own.
final class NodeProcess {
    /// A node as `devnet.json` describes it.
    struct Description: Decodable {
        let member: String
        let configuration: String
        let log: String
        let api: String
        let authorityKey: String
    }

    let description: Description
    let client: LedgerClient
    private let program: String
    private var process: Process?
    /// CPU time of this node's processes that have ended.
    private var endedSeconds = 0.0

    init(_ description: Description, program: String) throws {
        self.description = description
        self.program = program
        client = try LedgerClient(description.api, timeout: .seconds(30))
    }

    /// The folder that holds the ledger.
    var dataFolder: String {
        URL(fileURLWithPath: description.configuration).deletingLastPathComponent().path + "/data"
    }

    var processID: Int32? { process?.processIdentifier }

    func start() throws {
        let log = URL(fileURLWithPath: description.log)
        if !FileManager.default.fileExists(atPath: description.log) { try Data().write(to: log) }
        let handle = try FileHandle(forWritingTo: log)
        try handle.seekToEnd()
        let started = Process()
        started.executableURL = URL(fileURLWithPath: program)
        started.arguments = ["node", "run", description.configuration]
        started.standardInput = FileHandle.nullDevice
        started.standardOutput = handle
        started.standardError = handle
        try started.run()
        process = started
    }

    /// Ends the process, by asking or, where `isKilled`, as a power cut would.
    func stop(isKilled: Bool = false) {
        guard let process else { return }
        endedSeconds = cpuSeconds
        kill(process.processIdentifier, isKilled ? SIGKILL : SIGTERM)
        let end = ContinuousClock.now + .seconds(15)
        while process.isRunning, ContinuousClock.now < end { usleep(2_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        self.process = nil
    }

    // MARK: - What the system says of it

    /// User and system time of all threads, of earlier processes too.
    var cpuSeconds: Double {
        guard let processID,
            let text = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return endedSeconds }
        // Fields 14 and 15, the third being the first after the name in brackets.
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else {
            return endedSeconds
        }
        return endedSeconds + (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Resident memory in bytes: now, and at its highest.
    var memory: (now: Int, peak: Int) {
        guard let processID,
            let text = try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8)
        else { return (0, 0) }
        func kilobytes(_ name: String) -> Int {
            let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
            return line?.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) }
                ?? 0
        }
        return (kilobytes("VmRSS") << 10, kilobytes("VmHWM") << 10)
    }

    /// Bytes of the ledger's file; after an orderly stop it holds everything.
    var ledgerByteCount: Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: dataFolder + "/ledger.sqlite")
        return (attributes?[.size] as? Int) ?? 0
    }

    /// A sample of the node's metrics, by the text before its value.
    func metric(_ name: String) async throws -> Double {
        let text = try await client.metrics()
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        // A sample whose label has never occurred is not there.
        return line?.split(separator: " ").last.flatMap { Double($0) } ?? 0
    }
}
