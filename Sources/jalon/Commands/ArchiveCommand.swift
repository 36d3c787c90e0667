import ArgumentParser
import Foundation
import JalonCrypto
import JalonModel
import JalonNode
import JalonStorage

/// `jalon archive`: old bodies go, every proof stays.
struct ArchiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "Drop the bodies of a stopped node's old blocks, and keep every proof of them.",
        discussion: """
            The bodies go into a file (--to), which holds every block from the first one on and grows with each archive, or
            nowhere (--discard). What stays of a block are its header, its seal, and the hash and id of each transaction: a
            receipt or a proof of any old transaction is still made here, by whoever has its bytes or the file. The node
            goes on as before; whoever needs the bodies asks another node.

            What is dropped is verified and executed before, what is left is verified before it takes the ledger's place:
            killed at any moment, the folder holds the old ledger or the new one. The blocks of the last hour (the
            network's maxLifetime) always stay.

            For example: jalon archive cn-hn/node.yaml --to old.jalon-export
                         jalon archive cn-hn/node.yaml --to old.jalon-export --keep-days 90
                         jalon verify cn-hn/data --archive old.jalon-export
                         jalon proof get --tx 9a40… --archive old.jalon-export
            """
    )

    @OptionGroup var node: StoppedNode

    @Option(
        help: ArgumentHelp(
            "The file that the bodies go into; one of an earlier archive goes on.",
            valueName: "file"
        )
    )
    var to: String?

    @Flag(help: "Let the bodies go, into no file.")
    var discard = false

    @Option(help: ArgumentHelp("Keep the blocks of so many days (default: 30).", valueName: "days"))
    var keepDays: UInt64?

    @Option(help: ArgumentHelp("Keep so many of the last blocks.", valueName: "blocks"))
    var keepBlocks: UInt64?

    @Option(help: ArgumentHelp("Keep the blocks from this height on.", valueName: "height"))
    var from: UInt64?

    @OptionGroup var format: OutputOptions

    func validate() throws {
        guard (to != nil) != discard else {
            throw ValidationError(
                "say what becomes of the bodies: --to FILE keeps them in a file, --discard lets them go"
            )
        }
        guard [keepDays, keepBlocks, from].count(where: { $0 != nil }) <= 1 else {
            throw ValidationError("give one of --keep-days, --keep-blocks and --from")
        }
    }

    private var kept: ArchiveSetup.Kept {
        if let keepBlocks { return .blocks(keepBlocks) }
        if let from { return .from(Height(min(from, UInt64(Int64.max)))) }
        return .days(keepDays ?? 30)
    }

    func run() async throws {
        let output = format.output
        let (folder, genesis) = try node.place()
        let start = ContinuousClock.now
        let bar = SharedProgressBar(isShown: output.isErrorTerminal && !output.isJSON)
        let result: Result<ArchiveSetup.Report, any Error>
        do {
            let report = try await ArchiveSetup.run(
                in: folder,
                genesis: genesis,
                keeping: kept,
                bodies: to.map { .file($0) } ?? .discarded
            ) { bar.show($0) }
            result = .success(report)
        } catch {
            result = .failure(error)
        }
        bar.clear()
        let report = try result.get()
        if output.isJSON { return output.json(Report(report, file: to)) }
        show(report, ContinuousClock.now - start, folder, output)
    }

    private func show(
        _ report: ArchiveSetup.Report,
        _ duration: Duration,
        _ folder: String,
        _ output: Output
    ) {
        defer {
            for left in ArchiveCommand.leftovers(in: folder) {
                output.note("  An older ledger lies in \(left): remove it when nobody needs it.")
            }
        }
        guard let dropped = report.dropped else {
            output.line("There is nothing to archive: no block is older than what is kept, and is sealed.")
            return output.note("  The ledger holds the blocks \(report.firstBlock)–\(report.height).")
        }
        output.done(
            "blocks \(dropped.first)–\(dropped.last) are archived (\(dropped.transactionCount) transactions), in "
                + Format.seconds(duration)
        )
        output.line(
            "  the ledger: \(Format.bytes(report.byteCountBefore)) before, \(Format.bytes(report.byteCountAfter)) now; whole "
                + "from block \(report.firstBlock) on"
        )
        if let to, let byteCount = report.fileByteCount {
            output.line(
                "  their bodies: \(to), \(Format.bytes(byteCount)), every block from the first one on"
            )
            output.line("  Check both: jalon verify \(folder) --archive \(to)")
        } else {
            output.line("  Their bodies are gone from here. Check the rest: jalon verify \(folder)")
        }
    }

    /// Ledgers that something put aside before, or that an archive cut off at its last step left.
    private static func leftovers(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix("ledger-until-") }.sorted().map { "\(folder)/\($0)" }
    }

    /// What was done, as `--json` shows it.
    private struct Report: Encodable {
        let network: String
        let chain: String
        /// Absent where there was nothing to drop, with the two after it.
        let firstDropped, lastDropped, transactions: UInt64?
        let firstBlock: UInt64
        let height: UInt64
        let bytesBefore, bytesAfter: UInt64
        let file: String?
        let fileBytes: UInt64?

        init(_ report: ArchiveSetup.Report, file: String?) {
            (network, chain) = (report.identity.network.text, report.identity.chain.hex)
            (firstDropped, lastDropped) = (report.dropped?.first.value, report.dropped?.last.value)
            transactions = report.dropped?.transactionCount
            (firstBlock, height) = (report.firstBlock.value, report.height.value)
            (bytesBefore, bytesAfter) = (report.byteCountBefore, report.byteCountAfter)
            (self.file, fileBytes) = (file, report.fileByteCount)
        }
    }
}

extension SharedProgressBar {
    /// Shows how far an archive has come.
    fileprivate func show(_ progress: ArchiveSetup.Progress) {
        switch progress {
        case .executed(let height, let last): show(height.value, of: last.value, "blocks verified")
        case .written(let height, let last): show(height.value, of: last.value, "blocks written")
        case .dropped(let height, let last): show(height.value, of: last.value, "blocks archived")
        case .copied, .checked, .replaced: break
        }
    }
}
