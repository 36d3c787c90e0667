import ArgumentParser
import Foundation
import JalonCrypto
import JalonModel
import JalonNode
import JalonStorage

/// `jalon verify`: checks a whole ledger without trusting anybody.
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Check every byte of a data folder: structure, links, signatures, certificates, execution, roots.",
        discussion: """
            Reads only. No stored hash, root or status goes into it. Ends with 0 where everything is in order, else
            with 4 and the first bad block. The genesis is the one thing that has to be believed: compare the chain's
            id with the one that you know, or give it with --chain.
            """
    )

    @Option(help: ArgumentHelp("The data folder of a node, or a copy of one.", valueName: "folder"))
    var data: String

    @Option(help: ArgumentHelp("The chain's id that the ledger must have.", valueName: "id"))
    var chain: String?

    @OptionGroup var format: OutputOptions

    func run() async throws {
        let output = format.output
        let chain = try chain.map { text in
            guard let chain = ChainID(hex: text) else {
                throw Failure.usage("--chain is '\(text)', expected 64 hexadecimal digits")
            }
            return chain
        }
        let start = ContinuousClock.now
        var bar = ProgressBar(isShown: output.isErrorTerminal && !output.isJSON)
        let reader = try LedgerReader.open(readOnly: data)
        let result: Result<VerificationReport, any Error>
        do {
            let report = try await LedgerVerifier(reader).verify(chain: chain) { progress in
                bar.show(progress.height.value, of: progress.finalHeight.value, "blocks")
            }
            result = .success(report)
        } catch {
            result = .failure(error)
        }
        bar.clear()
        let report = try result.get()
        let duration = ContinuousClock.now - start
        if output.isJSON { return output.json(Report(report)) }
        output.done("blocks 0–\(report.height) verified in \(Format.seconds(duration))")
        output.line(
            "  \(report.transactionCount) transactions, \(report.signatureCount) signatures, "
                + "\(report.certificateCount) finalizations by a quorum of \(report.validatorCount) validators, "
                + "\(report.leafCount) leaves of the state"
        )
        output.line("  network \(report.network)   chain \(report.chain)")
        output.line("  head \(report.head)")
        output.line("  state root \(report.stateRoot)")
    }

    /// A report as `--json` shows it.
    private struct Report: Encodable {
        let network: String
        let chain: String
        let height: UInt64
        let head: String
        let stateRoot: String
        let logRoot: String
        let transactions: UInt64
        let signatures: Int
        let finalizations: Int
        let leaves: Int

        init(_ report: VerificationReport) {
            (network, chain, height) = (report.network.text, report.chain.hex, report.height.value)
            (head, stateRoot, logRoot) = (report.head.hex, report.stateRoot.hex, report.logRoot.hex)
            (transactions, signatures) = (report.transactionCount, report.signatureCount)
            (finalizations, leaves) = (report.certificateCount, report.leafCount)
        }
    }
}

/// A bar on the standard error, once something has taken longer than a second.
struct ProgressBar {
    private let isShown: Bool
    private let start = ContinuousClock.now
    private var hasShown = false

    init(isShown: Bool) {
        self.isShown = isShown
    }

    mutating func show(_ done: UInt64, of total: UInt64, _ what: String) {
        guard isShown, total > 0, ContinuousClock.now - start > .seconds(1) else { return }
        hasShown = true
        write("\r\(ProgressBar.text(done, of: total, what))")
    }

    /// Takes the bar away.
    mutating func clear() {
        if hasShown { write("\r\u{1B}[K") }
    }

    /// The bar's text, always of the same width for the same total.
    static func text(_ done: UInt64, of total: UInt64, _ what: String) -> String {
        let width = 30
        let part = Double(min(done, total)) / Double(max(1, total))
        let filled = Int(part * Double(width))
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
        let digits = String(total).count
        let number = String(done)
        return
            "\(bar) \(String(repeating: " ", count: max(0, digits - number.count)))\(number) of \(total) \(what)"
    }

    private func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
