import ArgumentParser
import Foundation
import JalonCrypto
import JalonModel
import JalonNode

/// `jalon verify`: checks a whole ledger without trusting anybody.
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Check every byte of a ledger: structure, links, signatures, certificates, execution, roots.",
        discussion: """
            Reads only: a node's data folder (beside the running node, or a copy), a file of jalon export, or the
            ledger of a node over its API. No stored hash, root or status goes into it. Ends with 0 where everything is
            in order, else with 4 and the first bad block. The genesis is the one thing that has to be believed:
            compare the chain's id with the one that you know, or give it with --chain.

            For example: jalon verify cn-hn/data
                         jalon verify http://127.0.0.1:8401 --chain 5f0c…
            """
    )

    @Argument(help: "A node's data folder, an exported file, or a node's address.")
    var ledger: String?

    @Option(help: ArgumentHelp("The data folder of a node, or a copy of one.", valueName: "folder"))
    var data: String?

    @Option(help: ArgumentHelp("The chain's id that the ledger must have.", valueName: "id"))
    var chain: String?

    @Flag(
        help: """
            Only links, roots, the head's certificate and those of the epochs: seconds, and no signature of a \
            transaction. For a data folder.
            """
    )
    var quick = false

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
        let place = try await LedgerPlace.given(ledger, data: data)
        if quick {
            guard case .folder = place else {
                throw Failure.usage(
                    "--quick compares the state that a data folder holds, which this is not",
                    next: "Leave --quick away, or give a data folder."
                )
            }
        }
        var bar = ProgressBar(isShown: output.isErrorTerminal && !output.isJSON)
        let result: Result<VerificationReport, any Error>
        do {
            let report =
                quick
                ? try await place.verifier.verifyQuickly(chain: chain) { bar.show($0) }
                : try await place.verifier.verify(chain: chain) { bar.show($0) }
            result = .success(report)
        } catch {
            result = .failure(error)
        }
        bar.clear()
        let report = try result.get()
        let duration = ContinuousClock.now - start
        if output.isJSON { return output.json(VerificationSummary(report)) }
        switch report.depth {
        case .full: output.done("blocks 0–\(report.height) verified in \(Format.seconds(duration))")
        case .quick:
            output.done(
                "blocks 0–\(report.height): links, roots and seals are in order (\(Format.seconds(duration)))"
            )
            output.note(
                "  The signatures of the transactions were not checked, and none was executed: without --quick."
            )
        }
        output.show(report)
    }
}

extension Output {
    /// The lines that say what a check found.
    func show(_ report: VerificationReport) {
        line(
            "  \(report.transactionCount) transactions, \(report.signatureCount) signatures, "
                + "\(report.certificateCount) finalizations by a quorum of \(report.validatorCount) validators, "
                + "\(report.leafCount) leaves of the state"
        )
        line("  network \(report.network)   chain \(report.chain)")
        line("  head \(report.head)")
        line("  state root \(report.stateRoot)")
    }
}

/// A report as `--json` shows it.
struct VerificationSummary: Encodable {
    let depth: String
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
        depth = report.depth.rawValue
        (network, chain, height) = (report.network.text, report.chain.hex, report.height.value)
        (head, stateRoot, logRoot) = (report.head.hex, report.stateRoot.hex, report.logRoot.hex)
        (transactions, signatures) = (report.transactionCount, report.signatureCount)
        (finalizations, leaves) = (report.certificateCount, report.leafCount)
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

    /// Shows how far a check has come, how fast it goes and how long it will take.
    mutating func show(_ progress: VerificationProgress) {
        let elapsed = Double((ContinuousClock.now - start).components.seconds)
        let (done, total) = (progress.height.value, progress.finalHeight.value)
        var what = "blocks"
        if elapsed >= 1, done > 0 {
            let rate = Int(Double(progress.transactionCount) / elapsed)
            let left = Int(elapsed * Double(total - min(done, total)) / Double(done))
            what += ", \(rate) transactions/s, \(left) s left "
        }
        show(done, of: total, what)
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
