import ArgumentParser
import Foundation
import JalonClient
import JalonCrypto
import JalonModel
import JalonNode
import JalonStorage

/// `jalon snapshot`: a ledger's state in one file, for a node to join by.
struct SnapshotCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Write the state after the last block into one file, for new nodes to join by.",
        discussion: """
            The file holds the state, the blocks of the last hour (the network's maxLifetime), and what shows from the
            genesis alone that a quorum of validators sealed exactly this state. Nothing in it has to be believed, and
            nothing of the node is in it: no keys and no votes. A node may run meanwhile, and gives out the same at
            /v1/snapshot.

            For example: jalon snapshot cn-hn/data --out today.jalon-snapshot
                         jalon join invitation.jalon --mirror my-mirror --snapshot today.jalon-snapshot
            """
    )

    @Argument(help: "A node's data folder, or a node's address.")
    var ledger: String?

    @Option(help: ArgumentHelp("The data folder of a node, or a copy of one.", valueName: "folder"))
    var data: String?

    @Option(help: ArgumentHelp("The file to make.", valueName: "file"))
    var out: String

    @OptionGroup var format: OutputOptions

    func run() async throws {
        let output = format.output
        let start = ContinuousClock.now
        switch (ledger, data) {
        case (nil, nil):
            throw Failure.usage("no ledger is given", next: "Give a node's data folder, or a node's address.")
        case (.some, .some):
            throw Failure.usage("two ledgers are given", next: "Give the one or the other, without --data.")
        default: break
        }
        if let ledger, SnapshotPlace.isAddress(ledger) {
            let byteCount = try await SnapshotPlace.download(ledger, to: out, output)
            if output.isJSON { return output.json(Written(file: out, height: nil, bytes: byteCount)) }
            output.done("\(out) fetched from \(ledger) (\(Format.bytes(byteCount)))")
            return output.note("  Whoever joins by it checks it; nothing of it is believed.")
        }
        let reader = try LedgerReader.open(readOnly: data ?? ledger ?? "")
        // A snapshot can wait, the votes of the node beside it can't.
        _ = nice(19)
        var bar = ProgressBar(isShown: output.isErrorTerminal && !output.isJSON)
        let report: SnapshotSetup.Report
        do {
            defer { bar.clear() }
            var known = MerkleFrontier()
            report = try SnapshotSetup.make(of: reader, at: out, known: &known) {
                bar.show($0, of: $1, "leaves")
            }
        }
        if output.isJSON {
            return output.json(Written(file: out, height: report.height.value, bytes: report.byteCount))
        }
        output.done(
            "\(out) holds the state after block \(report.height), \(Format.bytes(report.byteCount)), in "
                + Format.seconds(ContinuousClock.now - start)
        )
        output.line("  network \(report.identity.network)   chain \(report.identity.chain)")
        output.line("  \(report.leafCount) leaves of the state, blocks \(report.firstBlock)–\(report.height)")
    }

    private struct Written: Encodable {
        let file: String
        let height: UInt64?
        let bytes: UInt64
    }
}

/// Where a person says that a snapshot is.
enum SnapshotPlace {
    static func isAddress(_ text: String) -> Bool {
        text.hasPrefix("http://") || text.hasPrefix("https://")
    }

    /// Fetches a node's snapshot into a new file.
    ///
    /// - Returns: The bytes of the file.
    static func download(_ address: String, to path: String, _ output: Output) async throws -> UInt64 {
        let file = try JalonStorage.NewFile(path)
        // An address of the snapshot itself will do as well as the node's.
        let suffix = "/v1/snapshot"
        let node = address.hasSuffix(suffix) ? String(address.dropLast(suffix.count)) : address
        let client = try LedgerClient([node], trust: NodeOptions.trust())
        try await client.snapshot { try file.append($0) }
        return try file.finish()
    }

    /// Gives a snapshot as a file: the one that is named, or a node's, fetched for as long as `body` takes.
    static func withFile<Value>(
        _ text: String,
        _ output: Output,
        _ body: (String) throws -> Value
    ) async throws -> Value {
        guard isAddress(text) else { return try body(text) }
        let path = FileManager.default.temporaryDirectory.path + "/jalon-\(UUID().uuidString).snapshot"
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try await download(text, to: path, output)
        return try body(path)
    }
}

extension Output {
    /// Says what a ledger begins with that was made out of a snapshot.
    func show(_ start: JoinedSnapshot) {
        line(
            "  It goes on from block \(start.height), whose state is checked: sealed by "
                + "\(start.signers.count) of \(start.validatorCount) validators "
                + "(\(start.signers.map(\.text).joined(separator: ", ")))"
        )
        line("  state root \(start.stateRoot)")
        guard start.firstBlock > Height(1) else { return }
        line("  Blocks before \(start.firstBlock) are not held here: other nodes have them.")
    }
}
