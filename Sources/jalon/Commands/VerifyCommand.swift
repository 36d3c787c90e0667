import ArgumentParser
import Foundation
import JalonCrypto
import JalonModel
import JalonNode
import JalonState
import JalonStorage
import Synchronization
import UnixSignals

/// `jalon verify`: checks a whole ledger without trusting anybody.
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract:
            "Check every byte of a ledger: structure, links, signatures, certificates, execution, roots.",
        discussion: """
            Reads only: a node's data folder (beside the running node, or a copy), a file of jalon export, or the
            ledger of a node over its API. No stored hash, root or status goes into it. Ends with 0 where everything is
            in order, else with 4 and the first bad block. The genesis is the one thing that has to be believed:
            compare the chain's id with the one that you know, or give it with --chain.

            For example: jalon verify cn-hn/data
                         jalon verify http://127.0.0.1:8401 --chain 5f0c…
                         jalon verify cn-hn/data --checkpoint seen --from seen
                         jalon verify cn-hn/data --archive old.jalon-export

            A checkpoint is a snapshot of the block that was reached: the next check goes on from there with --from, and
            says who vouches for what lies before.
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

    @Option(
        help: ArgumentHelp(
            "The file of jalon archive, with the blocks whose bodies the data folder dropped.",
            valueName: "file"
        )
    )
    var archive: String?

    @Option(
        help: ArgumentHelp(
            "Go on from what an earlier check wrote with --checkpoint, or from a snapshot.",
            valueName: "file"
        )
    )
    var from: String?

    @Option(
        help: ArgumentHelp(
            "Write how far the check came: at its end, once a minute, and when it is interrupted.",
            valueName: "file"
        )
    )
    var checkpoint: String?

    @OptionGroup var format: OutputOptions

    func run() async throws {
        let output = format.output
        if quick, from != nil || checkpoint != nil {
            throw Failure.usage(
                "--quick executes nothing, so that it has no checkpoint",
                next: "Leave --quick away."
            )
        }
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
        var verifier = try verifier(of: place)
        if let checkpoint {
            let interruption = Interruption()
            verifier.checkpoints = VerificationCheckpoints(path: checkpoint) { interruption.came }
        }
        var ground: SnapshotGround?
        if let from { ground = try await CheckpointFile.read(from, for: place) }
        var bar = ProgressBar(isShown: output.isErrorTerminal && !output.isJSON)
        let result: Result<VerificationReport, any Error>
        do {
            let report =
                quick
                ? try await verifier.verifyQuickly(chain: chain) { bar.show($0) }
                : try await verifier.verify(chain: chain, from: ground) { bar.show($0) }
            result = .success(report)
        } catch {
            result = .failure(error)
        }
        bar.clear()
        let report = try result.get()
        let duration = ContinuousClock.now - start
        if output.isJSON { return output.json(VerificationSummary(report)) }
        let first = report.start.map { $0.source == .ledger ? $0.firstBlock : $0.height.next } ?? Height(0)
        switch report.depth {
        case .full:
            output.done(
                first <= report.height
                    ? "blocks \(first)–\(report.height) verified in \(Format.seconds(duration))"
                    : "nothing came after block \(report.height), which is in order"
            )
        case .quick:
            output.done(
                "blocks \(first)–\(report.height): links, roots and seals are in order (\(Format.seconds(duration)))"
            )
            output.note(
                "  The signatures of the transactions were not checked, and none was executed: without --quick."
            )
        }
        output.show(report)
        if let checkpoint {
            output.note(
                "  To go on from here another time: jalon verify \(ledger ?? data ?? "") --from \(checkpoint)"
            )
        }
    }
}

extension Verify {
    /// Verifies the place, together with the archive's file where one was given.
    private func verifier(of place: LedgerPlace) throws -> LedgerVerifier {
        guard let archive else { return place.verifier }
        guard case .folder(let reader) = place, !quick else {
            throw Failure.usage(
                "--archive goes on from a file into a data folder, block by block",
                next: "Give the archived node's data folder, without --quick."
            )
        }
        return try LedgerVerifier(reader, archive: ExportedLedger(path: archive))
    }
}

/// Whether somebody asked the program to stop: then it first finishes what it is at.
final class Interruption: Sendable {
    private let flag = Atomic(false)

    init() {
        Task { [weak self] in
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                self?.flag.store(true, ordering: .relaxed)
            }
        }
    }

    var came: Bool { flag.load(ordering: .relaxed) }
}

/// What an earlier check wrote.
enum CheckpointFile {
    /// Checks it with the genesis of the ledger that is to be verified.
    static func read(_ path: String, for place: LedgerPlace) async throws -> SnapshotGround {
        let genesis = try Genesis.decode(await place.source.genesis())
        return try SnapshotFile.check(path, genesis: genesis)
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
        if let start = report.start { show(start) }
        line("  network \(report.network)   chain \(report.chain)")
        line("  head \(report.head)")
        line("  state root \(report.stateRoot)")
    }
}

extension Output {
    /// The lines that say where a check began, and who vouches for what lies before.
    private func show(_ start: VerificationStart) {
        let signers = start.signers.map(\.text).joined(separator: ", ")
        switch start.source {
        case .ledger:
            if let archive = start.archive {
                show(archive)
            } else {
                line(
                    "  The ledger begins with block \(start.firstBlock): it was joined by a snapshot of block \(start.height)."
                )
            }
        case .checkpoint: line("  It began after block \(start.height), from a checkpoint.")
        }
        line(
            "  The state after block \(start.height) was not executed here: \(start.signers.count) of "
                + "\(start.validatorCount) validators sealed it (\(signers))"
        )
    }
}

extension Output {
    /// The lines that say what of the archived blocks was checked, and what can't be.
    private func show(_ archive: ArchiveReport) {
        let seals = archive.certificateCount.map { ", \($0) finalizations" } ?? ""
        line(
            "  Blocks \(archive.first)–\(archive.last) are archived: their headers, \(archive.transactionCount) leaf hashes\(seals) "
                + "are in order."
        )
        line(
            "  Their bodies are not here: who dropped them executed them before. All of it: jalon verify … --archive FILE"
        )
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
    /// Absent where everything from the genesis on was checked.
    let start: Start?

    /// Where the check began, and who vouches for what lies before.
    struct Start: Encodable {
        let source: String
        let firstBlock: UInt64
        let height: UInt64
        let block: String
        let signers: [String]
        let validators: Int
        /// Absent where no block before is known.
        let archived: Archived?
    }

    /// Blocks whose bodies are not held.
    struct Archived: Encodable {
        let firstBlock: UInt64
        let lastBlock: UInt64
        let transactions: UInt64
        let finalizations: Int?
    }

    init(_ report: VerificationReport) {
        depth = report.depth.rawValue
        (network, chain, height) = (report.network.text, report.chain.hex, report.height.value)
        (head, stateRoot, logRoot) = (report.head.hex, report.stateRoot.hex, report.logRoot.hex)
        (transactions, signatures) = (report.transactionCount, report.signatureCount)
        (finalizations, leaves) = (report.certificateCount, report.leafCount)
        start = report.start.map {
            Start(
                source: $0.source.rawValue,
                firstBlock: $0.firstBlock.value,
                height: $0.height.value,
                block: $0.block.hex,
                signers: $0.signers.map(\.text),
                validators: $0.validatorCount,
                archived: $0.archive.map {
                    Archived(
                        firstBlock: $0.first.value,
                        lastBlock: $0.last.value,
                        transactions: $0.transactionCount,
                        finalizations: $0.certificateCount
                    )
                }
            )
        }
    }
}

/// A bar that is shown from wherever the work is done.
final class SharedProgressBar: Sendable {
    private let bar: Mutex<ProgressBar>

    init(isShown: Bool) {
        bar = Mutex(ProgressBar(isShown: isShown))
    }

    func show(_ done: UInt64, of total: UInt64, _ what: String) {
        bar.withLock { $0.show(done, of: total, what) }
    }

    func clear() { bar.withLock { $0.clear() } }
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
