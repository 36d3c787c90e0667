import ArgumentParser
import JalonNode

extension NodeCommand {
    /// `jalon node resync`.
    struct Resync: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resync",
            abstract: "Put a damaged ledger aside, for a stopped node to fetch it anew from its peers.",
            discussion: """
                For a copy in which 'jalon verify' found a bad block. Nothing is deleted: the damaged ledger lies in
                a folder of its own inside the data folder afterwards. At its next start the node fetches every block
                from all peers that have it, checking each against the validators' signatures, and a validator
                rejoins before it votes. Where a backup is at hand, 'jalon restore' is faster: move the damaged
                ledger away and run that instead. With --snapshot it goes on from one of the last blocks in seconds,
                and does not hold the blocks before.

                For example: jalon node resync cn-hn/node.yaml
                """
        )

        @Argument(help: "The node's YAML file.")
        var file: String

        @Option(help: ArgumentHelp("The data folder.", valueName: "folder"))
        var data: String?

        @Option(
            help: ArgumentHelp(
                "What jalon snapshot wrote, or the address of a node that makes one.",
                valueName: "file"
            )
        )
        var snapshot: String?

        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            guard let snapshot else { return try run(snapshot: nil) }
            try await SnapshotPlace.withFile(snapshot, format.output) { try run(snapshot: $0) }
        }

        private func run(snapshot: String?) throws {
            let output = format.output
            let configuration = try NodeConfiguration.given(file, data: data)
            let aside = try ResyncSetup.run(
                configuration,
                snapshot: snapshot,
                passphrases: passphrase.source(configured: configuration.keys.passphraseFile)
            )
            if output.isJSON { return output.json(Report(data: configuration.data, aside: aside)) }
            output.done(
                snapshot == nil
                    ? "\(configuration.data) fetches the ledger anew at its next start: jalon node run \(file)"
                    : "\(configuration.data) goes on from the snapshot at its next start: jalon node run \(file)"
            )
            if let aside {
                output.line("  The damaged ledger lies in \(aside). When nobody needs it: rm -r \(aside)")
            }
        }

        /// What was done, as `--json` shows it.
        private struct Report: Encodable {
            let data: String
            let aside: String?
        }
    }
}
