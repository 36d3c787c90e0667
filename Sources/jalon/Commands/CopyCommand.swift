import ArgumentParser
import Foundation
import JalonModel
import JalonNode
import JalonStorage

/// `jalon export`: a copy of a ledger as one file.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a ledger into one file, to archive it, hand it on or verify it elsewhere.",
        discussion: """
            The file is a CBOR sequence (RFC 8742): the genesis, then every block with its finalization. It holds all
            that anybody needs to verify the ledger, and nothing of the node: no keys and no votes. A node may run
            meanwhile.

            For example: jalon export cn-hn/data --out ledger.jalon-export
                         jalon export http://127.0.0.1:8401 --out ledger.jalon-export
                         jalon verify ledger.jalon-export
            """
    )

    @Argument(help: "A node's data folder, or a node's address.")
    var ledger: String?

    @Option(help: ArgumentHelp("The data folder of a node, or a copy of one.", valueName: "folder"))
    var data: String?

    @Option(help: ArgumentHelp("The file to make.", valueName: "file"))
    var out: String

    @Option(
        help: ArgumentHelp(
            "The last block to write, or the last sealed one before it (default: the head).",
            valueName: "height"
        )
    )
    var to: UInt64?

    @OptionGroup var format: OutputOptions

    func run() async throws {
        let output = format.output
        let source: any ExportableLedger
        switch try await LedgerPlace.given(ledger, data: data) {
        case .folder(let reader): source = reader
        case .node(let node): source = node
        case .file(let file):
            throw Failure.usage(
                "\(ledger ?? "this") is an exported file already, of \(file.height) blocks",
                next: "Copy it, or give a data folder or a node's address."
            )
        }
        if let to, to > UInt64(Int64.max) {
            throw Failure.usage("--to is \(to), expected the height of a block")
        }
        let head = try await source.headHeight()
        let wanted = to.map { Height($0) } ?? head
        guard wanted <= head else {
            throw Failure.usage(
                "--to is \(wanted), and block \(head) is the last one of this ledger",
                next: "Nothing was written. Leave --to away for all that there is."
            )
        }
        var bar = ProgressBar(isShown: output.isErrorTerminal && !output.isJSON)
        let (height, byteCount): (Height, UInt64)
        do {
            defer { bar.clear() }
            (height, byteCount) = try await source.export(to: out, upTo: wanted) {
                bar.show($0.value, of: $1.value, "blocks")
            }
        }
        if output.isJSON {
            return output.json(Written(file: out, height: height.value, bytes: byteCount))
        }
        if height < wanted {
            output.note(
                "  Block \(height) is the last one up to \(wanted) that has a finalization of its own: a copy ends there."
            )
        }
        output.done("blocks 0–\(height) written to \(out) (\(Format.bytes(byteCount)))")
        output.line("  network \(source.identity.network)   chain \(source.identity.chain)")
        output.note("  Verify it: jalon verify \(out)")
    }

    private struct Written: Encodable {
        let file: String
        let height: UInt64
        let bytes: UInt64
    }
}

/// `jalon import`: fills a node's empty ledger from a copy.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract:
            "Fill the empty ledger of a stopped node from an exported file, a copy of a folder, or a node.",
        discussion: """
            Every block is checked as jalon verify does before it is stored; the node's own genesis is what is
            believed. A validator then rejoins at its next start, since no copy holds its votes.

            For example: jalon import ledger.jalon-export cn-hn/node.yaml
            """
    )

    @Argument(help: "An exported file, a data folder, or a node's address.")
    var ledger: String

    @Argument(help: "The node's YAML file.")
    var file: String

    @Option(help: ArgumentHelp("The data folder.", valueName: "folder"))
    var data: String?

    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var format: OutputOptions

    func run() async throws {
        let output = format.output
        let configuration = try NodeConfiguration.given(file, data: data)
        let place = try await LedgerPlace(ledger)
        var bar = ProgressBar(isShown: output.isErrorTerminal && !output.isJSON)
        let outcome: LedgerImport.Outcome
        do {
            defer { bar.clear() }
            outcome = try await LedgerImport(place.source).run(
                into: configuration,
                passphrases: passphrase.source(configured: configuration.keys.passphraseFile)
            ) { bar.show($0) }
        }
        if output.isJSON { return output.json(VerificationSummary(outcome.report)) }
        output.done("blocks 0–\(outcome.report.height) verified and imported into \(configuration.data)")
        output.show(outcome.report)
        let next = outcome.rejoins ? "The node rejoins at its start" : "Start the node"
        output.note("  \(next): jalon node run \(file)")
    }
}
