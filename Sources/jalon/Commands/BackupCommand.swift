import ArgumentParser
import Foundation
import JalonCrypto
import JalonModel
import JalonNode
import JalonStorage

/// `jalon backup`: one consistent file of a node's ledger, while the node goes on.
struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy a node's ledger into one file, while the node goes on.",
        discussion: """
            The file is the ledger as it stood after one whole write: an SQLite file (mode 0600) that 'jalon restore'
            takes and sqlite3 opens. It holds no private key: keep those elsewhere. Any node's backup serves any
            other node of the network. For example, every night:

              jalon backup --data cn-hn/data --out /backups/cn-hn-$(date +%F).sqlite
            """
    )

    @Option(help: ArgumentHelp("The data folder of the node, running or not.", valueName: "folder"))
    var data: String

    @Option(help: ArgumentHelp("The new file; one that is there is never overwritten.", valueName: "file"))
    var out: String

    @OptionGroup var format: OutputOptions

    func run() throws {
        let output = format.output
        let start = ContinuousClock.now
        let reader = try LedgerReader.open(readOnly: data)
        // A copy can wait, the votes of the node beside it can't.
        _ = nice(19)
        let backup = try CopyBar.showing(output) { bar in try reader.backUp(to: out, progress: bar) }
        if output.isJSON { return output.json(Report(backup, file: out)) }
        output.done(
            "\(out) holds blocks 0–\(backup.height), \(Format.bytes(backup.byteCount)), in "
                + Format.seconds(ContinuousClock.now - start)
        )
        output.line("  network \(backup.identity.network)   chain \(backup.identity.chain)")
        output.line("  To put it back on an empty data folder: jalon restore \(out) --config NODE.YAML")
    }

    /// A backup as `--json` shows it.
    private struct Report: Encodable {
        let network: String
        let chain: String
        let height: UInt64
        let bytes: UInt64
        let file: String

        init(_ backup: LedgerBackup, file: String) {
            (network, chain) = (backup.identity.network.text, backup.identity.chain.hex)
            (height, bytes, self.file) = (backup.height.value, backup.byteCount, file)
        }
    }
}

/// The progress bar of a copy.
enum CopyBar {
    /// Runs a copy with a bar that counts its MiB.
    static func showing<Value>(
        _ output: Output,
        _ copy: ((UInt64, UInt64) -> Void) throws -> Value
    ) rethrows -> Value {
        var bar = ProgressBar(isShown: output.isErrorTerminal && !output.isJSON)
        defer { bar.clear() }
        return try copy { done, total in bar.show(done >> 20, of: total >> 20, "MiB") }
    }
}

/// `jalon restore`: a backup in the place of a ledger that was lost.
struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup into the data folder of a stopped node.",
        discussion: """
            Checks the backup first: its network, the file, the state of its last block. A ledger that is there is
            never overwritten. A backup is older than the node's last votes, so a validator rejoins at its next
            start: it fetches what it lacks from its peers, and votes once other validators have said where they
            stand ('jalon status' tells whom it waits for). The backup may be of another node of the network.

            For example: jalon restore cn-hn-2026-01-31.sqlite --config cn-hn/node.yaml
            """
    )

    @Argument(help: "What 'jalon backup' wrote.")
    var file: String

    @Option(help: ArgumentHelp("The node's YAML file.", valueName: "file"))
    var config: String

    @Option(help: ArgumentHelp("The data folder.", valueName: "folder"))
    var data: String?

    @OptionGroup var passphrase: PassphraseOptions

    @Flag(help: "Take a backup in which this node is the only validator: there is no newer copy anywhere.")
    var soleValidator = false

    @OptionGroup var format: OutputOptions

    func run() throws {
        let output = format.output
        let configuration = try NodeConfiguration.given(config, data: data)
        let setup = try RestoreSetup(configuration)
        let report = try CopyBar.showing(output) { bar in
            try setup.run(
                file,
                isSole: soleValidator,
                passphrases: passphrase.source(configured: configuration.keys.passphraseFile),
                progress: bar
            )
        }
        if output.isJSON { return output.json(Report(report, data: configuration.data)) }
        output.done(
            "\(configuration.data) holds blocks 0–\(report.height), of \(Format.moment(report.timestamp.value))"
        )
        output.line("  network \(report.identity.network)   chain \(report.identity.chain)")
        output.line(
            report.rejoins
                ? "  It rejoins at its next start, so that it votes in no view again: jalon node run \(config)"
                : "  It fetches what it lacks at its next start: jalon node run \(config)"
        )
    }

    /// What was restored, as `--json` shows it.
    private struct Report: Encodable {
        let network: String
        let chain: String
        let height: UInt64
        let timestamp: UInt64
        let rejoins: Bool
        let data: String

        init(_ report: RestoreSetup.Report, data: String) {
            (network, chain) = (report.identity.network.text, report.identity.chain.hex)
            (height, timestamp) = (report.height.value, report.timestamp.value)
            (rejoins, self.data) = (report.rejoins, data)
        }
    }
}

extension NodeConfiguration {
    /// What a node's file and the environment say, with the data folder of a flag before them.
    static func given(_ file: String, data: String?) throws -> NodeConfiguration {
        var configuration = try NodeConfiguration(
            file: file,
            environment: ProcessInfo.processInfo.environment
        )
        configuration.data = data ?? configuration.data
        return configuration
    }
}
