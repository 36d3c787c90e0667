import ArgumentParser
import Foundation
import JalonCrypto
import JalonModel
import JalonNode
import JalonStorage

/// `jalon index`: what is derived from the blocks.
struct IndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Make anew what a ledger's file derives from its blocks.",
        subcommands: [Rebuild.self]
    )

    /// `jalon index rebuild`.
    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rebuild",
            abstract: "Execute all blocks of a stopped node, and replace what was derived from them.",
            discussion: """
                For a ledger whose blocks are in order, and in which 'jalon verify' found something else damaged: the
                state, the log's frontier, the index of transactions. Each block is checked as 'jalon verify' does it;
                one that is bad ends it with 4, with nothing changed, and then 'jalon node resync' is what helps. All
                is replaced in one write: cut off, it changes nothing.

                For example: jalon index rebuild cn-hn/node.yaml
                """
        )

        @OptionGroup var node: StoppedNode
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let output = format.output
            let (folder, genesis) = try node.place()
            let start = ContinuousClock.now
            var bar = ProgressBar(isShown: output.isErrorTerminal && !output.isJSON)
            let result: Result<IndexRebuild.Report, any Error>
            do {
                let report = try await IndexRebuild.run(in: folder, genesis: genesis) { progress in
                    switch progress {
                    case .executed(let height, let last):
                        bar.show(height.value, of: last.value, "blocks executed")
                    case .indexed(let height, let last):
                        bar.show(height.value, of: last.value, "blocks indexed")
                    }
                }
                result = .success(report)
            } catch {
                result = .failure(error)
            }
            bar.clear()
            let report = try result.get()
            if output.isJSON { return output.json(Report(report)) }
            output.done(
                "blocks 0–\(report.height) executed and everything derived from them written anew in "
                    + Format.seconds(ContinuousClock.now - start)
            )
            output.line("  \(report.transactionCount) transactions, \(report.leafCount) leaves of the state")
            output.line("  Check it: jalon verify --data \(folder)")
        }

        /// What was made anew, as `--json` shows it.
        private struct Report: Encodable {
            let network: String
            let chain: String
            let height: UInt64
            let transactions: UInt64
            let leaves: Int

            init(_ report: IndexRebuild.Report) {
                (network, chain) = (report.identity.network.text, report.identity.chain.hex)
                (height, transactions) = (report.height.value, report.transactionCount)
                leaves = report.leafCount
            }
        }
    }
}
