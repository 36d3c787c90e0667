import Foundation

/// What was measured, as a table for people and as one line of JSON.
struct Report {
    let size: Size
    let cores = ProcessInfo.processInfo.activeProcessorCount
    var seconds = 0.0
    /// Measured before and after each run; the median counts.
    var verificationSeconds: [Double] = []
    /// What libsodium verifies in a second on all cores at once.
    var allCoresPerSecond: Double?
    var transactionByteCount = 0
    var single: [Load.Result] = []
    var batched: [Load.Result] = []
    /// By rate a second.
    var latency: [Int: Load.Result] = [:]
    /// The part of a core that one node uses.
    var idleCPU: Double?
    var idleBlocks: UInt64?
    var firstFinalSeconds: Double?
    var restart: (count: Int, seconds: Double)?
    var catchUp: (count: Int, seconds: Double)?
    var memory: Int?
    var logSize = 0
    var bytesPerTransaction: Double?
    /// Transactions a second, and the part of cores × limit that all its signatures are, those of votes too.
    var verifications: [(rate: Double, ratio: Double)] = []
    /// Of `jalon verify --quick`, from the program's start to its end.
    var quickVerificationSeconds: Double?
    var state: StateCost.Result?
    var feed: FeedResult?
    var backup: BackupResult?
    var ledger: LedgerCost.Result?

    init(size: Size) { self.size = size }

    // MARK: - Ratios

    var limit: Double { verificationSeconds.median }

    /// Which part of the machine's power to verify signatures went into transactions: each run against the limit around it.
    func limitRatio(_ results: [Load.Result]) -> Double {
        results.map { $0.rate * Double(BenchNetwork.validatorCount) * $0.verificationSeconds / Double(cores) }
            .median
    }

    private func rate(_ results: [Load.Result]) -> Double { results.map(\.rate).median }

    private var verifyRate: Double { verifications.map(\.rate).median }

    /// The part of cores × limit that `jalon verify` reaches.
    private var verifyRatio: Double { verifications.map(\.ratio).median }

    /// A bound that a figure has to keep.
    struct Floor {
        let name: String
        let holds: Bool
    }

    var floors: [Floor] {
        var floors: [Floor] = []
        func check(_ name: String, _ holds: Bool?) {
            if let holds { floors.append(Floor(name: name, holds: holds)) }
        }
        check("limitRatio in sequences ≥ 0.25", batched.isEmpty ? nil : limitRatio(batched) >= 0.25)
        check("limitRatio one a request ≥ 0.18", single.isEmpty ? nil : limitRatio(single) >= 0.18)
        check("p50 at 10 a second ≤ 25 ms", latency[10].map { $0.percentile(0.5) <= 25 })
        check(
            "p95 to final ≤ 100 ms beside 1,000 readers",
            feed.map { FeedResult.percentile($0.final, 0.95) <= 100 }
        )
        check("p95 to an open stream ≤ 500 ms", feed.map { FeedResult.percentile($0.seen, 0.95) <= 500 })
        check("a backup moves p95 by less than 2 ×", backup.map { $0.ratio < 2 })
        check("an idle node < 1 % of a core", idleCPU.map { $0 < 0.01 })
        check("no blocks while idle", idleBlocks.map { $0 == 0 })
        check("first final ≤ 2 s after start", firstFinalSeconds.map { $0 <= 2 })
        check("verify ≥ 0.65 of cores × limit", verifications.isEmpty ? nil : verifyRatio >= 0.65)
        check("≤ 900 bytes a transaction and node", bytesPerTransaction.map { $0 <= 900 })
        check("cost with many milestones ≤ 1.5 × that with few", state.map { $0.ratio <= 1.5 })
        for figures in ledger.map({ [$0.small, $0.large] }) ?? [] {
            let words = "with \(figures.milestones) milestones"
            check("overview < 50 ms \(words)", figures.overviewMilliseconds < 50)
            check(
                "start < \(figures.milestones > 100_000 ? 6 : 1) s \(words)",
                figures.startSeconds < (figures.milestones > 100_000 ? 6 : 1)
            )
        }
        return floors
    }

    // MARK: - Table

    var table: String {
        var lines: [String] = []
        func row(_ name: String, _ value: String) {
            lines.append(name.padding(toLength: 46, withPad: " ", startingAt: 0) + value)
        }
        if limit > 0 {
            row("libsodium on one core", "\(whole(1 / limit)) verifications/s (\(decimal(limit * 1e6)) µs)")
            if let allCoresPerSecond {
                row(
                    "libsodium on all cores at once",
                    "\(whole(allCoresPerSecond)) verifications/s   "
                        + "\(decimal(allCoresPerSecond * limit / Double(cores), 2)) of cores × limit"
                )
            }
        }
        for (name, results) in [("one a request", single), ("sequences of 100", batched)]
        where !results.isEmpty {
            let rate = rate(results)
            row(
                "throughput, \(name)",
                "\(whole(rate)) tx/s   limitRatio \(decimal(limitRatio(results), 3))   runs "
                    + results.map { whole($0.rate) }.joined(separator: " ")
            )
            row("  submit to final, p50/p95/p99", latencies(results))
            row(
                "  CPU s per 1,000 tx, nodes / client",
                "\(decimal(results.map(\.cpuPerThousand).median, 3)) / "
                    + decimal(results.map(\.clientPerThousand).median, 3)
            )
        }
        for rate in latency.keys.sorted() {
            if let result = latency[rate] { row("latency at \(rate) tx/s, p50/p95/p99", latencies([result])) }
        }
        if let feed {
            row(
                "\(FeedResult.rate) blocks/s to \(feed.readers) readers, p50/p95/p99",
                percentiles(feed.seen) + "   the node: \(decimal(feed.corePart * 100)) % of a core"
            )
            row("  submit to final meanwhile, p50/p95/p99", percentiles(feed.final))
        }
        if let backup {
            row(
                "p95 at \(BackupResult.rate) tx/s, without / with backups",
                "\(decimal(backup.p95Without)) / \(decimal(backup.p95With)) ms   ratio \(decimal(backup.ratio, 2))"
            )
            row(
                "  a backup",
                "\(backup.byteCount >> 20) MiB in \(decimal(backup.seconds)) s, \(backup.copies.count) of them"
            )
        }
        if let idleCPU, let idleBlocks {
            row(
                "idle, a node",
                "\(decimal(idleCPU * 100, 2)) % of a core, \(idleBlocks) blocks in \(size.idleSeconds) s"
            )
        }
        if let firstFinalSeconds {
            row("start to first final transaction", "\(decimal(firstFinalSeconds, 2)) s")
        }
        if let restart {
            row("restart with \(restart.count) transactions", "\(decimal(restart.seconds, 2)) s")
        }
        if let catchUp {
            row(
                "catching up on \(catchUp.count) transactions",
                "\(decimal(catchUp.seconds, 2)) s (\(whole(Double(catchUp.count) / catchUp.seconds)) tx/s)"
            )
        }
        if !verifications.isEmpty {
            row(
                "verify, full, \(logSize) transactions",
                "\(whole(verifyRate)) tx/s   \(decimal(verifyRatio, 2)) of cores × limit"
            )
        }
        if let quickVerificationSeconds {
            row("verify, quick, \(logSize) transactions", "\(decimal(quickVerificationSeconds, 2)) s")
        }
        if let bytesPerTransaction {
            row(
                "disk",
                "\(whole(bytesPerTransaction)) bytes a transaction (of \(transactionByteCount)) and node"
            )
        }
        if let memory { row("memory, the largest node", "\(memory >> 20) MiB at its peak") }
        if let state {
            row(
                "state, \(size.stateCounts.small) / \(size.stateCounts.large) milestones",
                "\(decimal(state.small)) / \(decimal(state.large)) µs a transaction   ratio \(decimal(state.ratio, 2))"
            )
        }
        if let ledger {
            row(
                "a ledger of \(ledger.commitments) commitments",
                "\(whole(ledger.bytesPerCommitment)) bytes a commitment, "
                    + "\(whole(ledger.bytesPerMilestone)) a milestone in memory"
            )
            for figures in [ledger.small, ledger.large] {
                row("  with \(figures.milestones) milestones", figures.line)
            }
        }
        for floor in floors { lines.append("\(floor.holds ? "✔" : "✖") \(floor.name)") }
        lines.append("\(cores) cores, \(decimal(seconds, 0)) s in all")
        return lines.joined(separator: "\n")
    }

    private func latencies(_ results: [Load.Result]) -> String {
        [0.5, 0.95, 0.99].map { part in decimal(results.map { $0.percentile(part) }.median) }
            .joined(separator: " / ") + " ms"
    }

    private func percentiles(_ values: [Double]) -> String {
        [0.5, 0.95, 0.99].map { decimal(FeedResult.percentile(values, $0)) }.joined(separator: " / ") + " ms"
    }

    private func whole(_ value: Double) -> String { String(Int(value.rounded())) }

    private func decimal(_ value: Double, _ places: Int = 1) -> String {
        String(format: "%.\(places)f", value)
    }

    // MARK: - JSON

    /// The figures on one line; what was not measured is left out.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(Figures(self)), as: UTF8.self)
    }

    private struct Figures: Encodable {
        struct Throughput: Encodable {
            let transactionsPerSecond, limitRatio, p50, p95, p99, cpuPerThousand, clientCPUPerThousand: Double
            let runs: [Double]
        }
        struct Latency: Encodable { let p50, p95, p99: Double }
        struct Timed: Encodable {
            let transactions: Int
            let seconds: Double
        }
        struct Backup: Encodable {
            let p95Without, p95With, ratio, seconds: Double
            let bytes: Int
        }
        struct Ledger: Encodable {
            let commitments: Int
            let sizes: [LedgerCost.Figures]
            let ratio, bytesPerCommitment, bytesPerMilestone: Double
        }
        struct State: Encodable { let smallMicroseconds, largeMicroseconds, ratio: Double }

        let cores: Int
        let seconds: Double
        let verificationsPerSecond: Double?
        let single, batched: Throughput?
        let latency10, latency100: Latency?
        let feedSeen, feedFinal: Latency?
        let feedCorePart: Double?
        let idleCorePart: Double?
        let idleBlocks: UInt64?
        let firstFinalSeconds: Double?
        let restart, catchUp: Timed?
        let verifyTransactionsPerSecond, verifyRatio, allCoresVerificationsPerSecond: Double?
        let quickVerification: Timed?
        let bytesPerTransaction: Double?
        let memoryBytes: Int?
        let state: State?
        let backup: Backup?
        let ledger: Ledger?
        let floors: [String: Bool]

        init(_ report: Report) {
            func throughput(_ results: [Load.Result]) -> Throughput? {
                guard !results.isEmpty else { return nil }
                let rate = results.map(\.rate).median
                func part(_ part: Double) -> Double { results.map { $0.percentile(part) }.median }
                return Throughput(
                    transactionsPerSecond: rate,
                    limitRatio: report.limitRatio(results),
                    p50: part(0.5),
                    p95: part(0.95),
                    p99: part(0.99),
                    cpuPerThousand: results.map(\.cpuPerThousand).median,
                    clientCPUPerThousand: results.map(\.clientPerThousand).median,
                    runs: results.map(\.rate)
                )
            }
            func latency(_ result: Load.Result?) -> Latency? {
                result.map {
                    Latency(p50: $0.percentile(0.5), p95: $0.percentile(0.95), p99: $0.percentile(0.99))
                }
            }
            (cores, seconds) = (report.cores, report.seconds)
            verificationsPerSecond = report.limit > 0 ? 1 / report.limit : nil
            (single, batched) = (throughput(report.single), throughput(report.batched))
            func spread(_ values: [Double]?) -> Latency? {
                values.map {
                    Latency(
                        p50: FeedResult.percentile($0, 0.5),
                        p95: FeedResult.percentile($0, 0.95),
                        p99: FeedResult.percentile($0, 0.99)
                    )
                }
            }
            (feedSeen, feedFinal) = (spread(report.feed?.seen), spread(report.feed?.final))
            feedCorePart = report.feed?.corePart
            (latency10, latency100) = (latency(report.latency[10]), latency(report.latency[100]))
            (idleCorePart, idleBlocks) = (report.idleCPU, report.idleBlocks)
            firstFinalSeconds = report.firstFinalSeconds
            restart = report.restart.map { Timed(transactions: $0.count, seconds: $0.seconds) }
            catchUp = report.catchUp.map { Timed(transactions: $0.count, seconds: $0.seconds) }
            verifyTransactionsPerSecond = report.verifications.isEmpty ? nil : report.verifyRate
            verifyRatio = report.verifications.isEmpty ? nil : report.verifyRatio
            allCoresVerificationsPerSecond = report.allCoresPerSecond
            quickVerification = report.quickVerificationSeconds.map {
                Timed(transactions: report.logSize, seconds: $0)
            }
            (bytesPerTransaction, memoryBytes) = (report.bytesPerTransaction, report.memory)
            state = report.state.map {
                State(smallMicroseconds: $0.small, largeMicroseconds: $0.large, ratio: $0.ratio)
            }
            backup = report.backup.map {
                Backup(
                    p95Without: $0.p95Without,
                    p95With: $0.p95With,
                    ratio: $0.ratio,
                    seconds: $0.seconds,
                    bytes: $0.byteCount
                )
            }
            ledger = report.ledger.map {
                Ledger(
                    commitments: $0.commitments,
                    sizes: [$0.small, $0.large],
                    ratio: $0.ratio,
                    bytesPerCommitment: $0.bytesPerCommitment,
                    bytesPerMilestone: $0.bytesPerMilestone
                )
            }
            floors = Dictionary(report.floors.map { ($0.name, $0.holds) }) { first, _ in first }
        }
    }
}
