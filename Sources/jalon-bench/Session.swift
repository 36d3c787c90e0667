import Foundation
import JalonClient
import JalonCrypto
import JalonModel
import JalonSchema

/// One measurement from the network's making to the report.
struct Session {
    let program: String
    let folder: String
    let size: Size
    let parts: Set<Part>

    func run() async throws -> Report {
        var report = Report(size: size)
        let started = ContinuousClock.now
        if !parts.isSubset(of: [.state, .ledger]) { try await measureNetwork(&report) }
        if parts.contains(.state) {
            say("the cost of a milestone at \(size.stateCounts.small) and \(size.stateCounts.large)")
            report.state = try StateCost.measure(small: size.stateCounts.small, large: size.stateCounts.large)
        }
        if parts.contains(.ledger) {
            let (small, large) = size.ledgerCounts
            say("a ledger of \(size.ledgerCommitments) commitments with \(small) and \(large) milestones")
            report.ledger = try await LedgerCost.measure(
                program: program,
                folder: folder + "-ledger",
                commitments: size.ledgerCommitments,
                small: small,
                large: large
            )
        }
        report.seconds = (ContinuousClock.now - started).seconds
        return report
    }

    private func measureNetwork(_ report: inout Report) async throws {
        let network = try BenchNetwork(program: program, folder: folder)
        defer { network.stop() }
        var workload = Workload(
            chain: network.chain,
            members: network.members.map { ($0.id, $0.region, $0.key) }
        )
        try await start(network, workload, &report)
        let track = HeadTrack(nodeCount: network.nodes.count)
        let clients = network.nodes.map(\.client)
        let following = Task { try await track.follow(clients) }
        defer { following.cancel() }
        try await propose(network, workload)
        let load = Load(network: network, track: track)
        let limit = try Limit(workload)
        report.verificationSeconds.append(try limit.secondsPerVerification())
        report.allCoresPerSecond = try limit.verificationsPerSecond(cores: report.cores)
        try await measureThroughput(load, &workload, limit, &report)
        if parts.contains(.latency) { try await measureLatency(load, &workload, &report) }
        if parts.contains(.feed) { try await measureFeed(network, &workload, &report) }
        if parts.contains(.backup) { try await measureBackup(load, &workload, &report) }
        if parts.contains(.idle) { try await measureIdle(network, &report) }
        following.cancel()
        if parts.contains(.restart) { try await measureRestart(network, &workload, &report) }
        try await fill(network, &workload, upTo: size.length)
        try await network.checkHonesty()
        try await measureStill(network, limit, &report)
    }

    // MARK: - Parts

    /// From four new processes to the first transaction that is final.
    private func start(_ network: BenchNetwork, _ workload: Workload, _ report: inout Report) async throws {
        say("start to first final transaction")
        let plan = try workload.plan(of: 0, at: Workload.now())
        let start = ContinuousClock.now
        try network.start()
        let client = network.nodes[0].client
        while (try? await client.submit(plan.bytes)) == nil {
            guard ContinuousClock.now - start < .seconds(30) else {
                throw BenchFailure("no node takes a transaction; see \(network.nodes[0].description.log)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        _ = try await client.confirm(plan.id, within: .seconds(30))
        report.firstFinalSeconds = (ContinuousClock.now - start).seconds
        for node in network.nodes { try await network.waitUntilReady(node) }
        try await network.checkHonesty()
    }

    private func propose(_ network: BenchNetwork, _ workload: Workload) async throws {
        say("plans and commitments")
        let time = Workload.now()
        for index in workload.members.indices {
            let transactions =
                (index == 0 ? [] : [try workload.plan(of: index, at: time)])
                + (try workload.commitments(of: index, at: time))
            let answers = try await network.nodes[index].client.submit(transactions.map(\.bytes))
            if let problem = answers.first(where: { $0.state == .rejected })?.problem {
                throw BenchFailure("a commitment was refused: \(problem.detail)")
            }
        }
        let count = workload.members.count * (workload.commitmentCount + 1)
        try await network.wait(for: UInt64(count))
    }

    private func measureThroughput(
        _ load: Load,
        _ workload: inout Workload,
        _ limit: Limit,
        _ report: inout Report
    ) async throws {
        for run in 1...size.runs {
            for (isBatched, count) in [(false, size.single), (true, size.batched)]
            where parts.contains(isBatched ? .batched : .single) {
                say(
                    "throughput, \(isBatched ? "sequences of 100" : "one a request"), run \(run) of \(size.runs)"
                )
                let transactions = try workload.milestones(count, at: Workload.now())
                report.transactionByteCount = transactions[0].bytes.count
                let verified = try await load.network.verifiedSignatures()
                let before = try limit.secondsPerVerification()
                var result = try await load.saturate(
                    transactions,
                    size: isBatched ? 100 : 1,
                    connections: isBatched ? 2 : 16
                )
                let checked = try await load.network.verifiedSignatures() - verified
                guard checked >= Double(count * load.network.nodes.count) else {
                    throw BenchFailure(
                        "\(Int(checked)) signatures were verified for \(count) transactions on each node"
                    )
                }
                let after = try limit.secondsPerVerification()
                report.verificationSeconds += [before, after]
                result.verificationSeconds = (before + after) / 2
                if isBatched { report.batched.append(result) } else { report.single.append(result) }
                say("  \(Int(result.rate)) a second, p50 \(Int(result.percentile(0.5))) ms")
            }
        }
        report.memory = load.network.nodes.map(\.memory.peak).max() ?? 0
    }

    private func measureLatency(_ load: Load, _ workload: inout Workload, _ report: inout Report) async throws
    {
        for rate in [10, 100] {
            say("latency at \(rate) a second")
            let transactions = try workload.milestones(rate * size.latencySeconds, at: Workload.now())
            report.latency[rate] = try await load.pace(transactions, rate: rate)
        }
    }

    /// Four blocks a second while a thousand read the feed of one node; what is told is handed in at another.
    private func measureFeed(_ network: BenchNetwork, _ workload: inout Workload, _ report: inout Report)
        async throws
    {
        say("\(FeedResult.rate) blocks a second for \(FeedResult.readerCount) readers of one node")
        let (reading, client) = (network.nodes[0], network.nodes[1].client)
        let readers = try FeedReaders(reading.description.api, count: FeedResult.readerCount)
        readers.start()
        let transactions = try workload.milestones(
            FeedResult.rate * size.latencySeconds,
            at: Workload.now()
        )
        var sent: [(height: UInt64, time: ContinuousClock.Instant)] = []
        var final: [Double] = []
        let (begin, cpu) = (ContinuousClock.now, reading.cpuSeconds)
        for (index, transaction) in transactions.enumerated() {
            try await Task.sleep(until: begin + .milliseconds(1_000 / FeedResult.rate * index))
            let time = ContinuousClock.now
            _ = try await client.submit(transaction.bytes)
            let answer = try await client.confirm(transaction.id, within: .seconds(10))
            final.append((ContinuousClock.now - time).seconds * 1_000)
            sent.append((answer.height ?? 0, time))
        }
        try await Task.sleep(for: .seconds(1))
        let seconds = (ContinuousClock.now - begin).seconds
        let corePart = (reading.cpuSeconds - cpu) / seconds
        let arrivals = readers.end()
        let seen = sent.flatMap { entry in
            (arrivals[entry.height] ?? []).map { ($0 - entry.time).seconds * 1_000 }
        }
        guard seen.count == sent.count * FeedResult.readerCount else {
            throw BenchFailure(
                "\(FeedResult.readerCount) readers saw \(seen.count) events of \(sent.count) blocks"
            )
        }
        report.feed = FeedResult(
            readers: FeedResult.readerCount,
            final: final.sorted(),
            seen: seen.sorted(),
            corePart: corePart
        )
    }

    /// The same load with and without backups of one node, in turn, since machines are noisy.
    private func measureBackup(_ load: Load, _ workload: inout Workload, _ report: inout Report) async throws
    {
        try await fill(load.network, &workload, upTo: size.backupCount)
        var result = BackupResult()
        let count = BackupResult.rate * size.latencySeconds
        for run in 1...size.runs {
            say(
                "latency at \(BackupResult.rate) a second without and with backups, run \(run) of \(size.runs)"
            )
            result.without.append(
                try await load.pace(
                    try workload.milestones(count, at: Workload.now()),
                    rate: BackupResult.rate
                )
            )
            let transactions = try workload.milestones(count, at: Workload.now())
            let copies = BackupCopies(
                program: program,
                data: load.network.nodes[0].dataFolder,
                out: "\(folder)/backup.sqlite"
            )
            copies.start()
            let outcome: Load.Result
            do { outcome = try await load.pace(transactions, rate: BackupResult.rate) } catch {
                _ = try? await copies.end()
                throw error
            }
            result.copies += try await copies.end()
            result.with.append(outcome)
        }
        report.backup = result
    }

    private func measureIdle(_ network: BenchNetwork, _ report: inout Report) async throws {
        say("idle for \(size.idleSeconds) s")
        // What the last load left to tidy up is not idleness.
        try await Task.sleep(for: .seconds(3))
        let (height, cpu) = (try await network.nodes[0].client.head().head.height, network.cpuSeconds)
        let start = ContinuousClock.now
        try await Task.sleep(for: .seconds(size.idleSeconds))
        let seconds = (ContinuousClock.now - start).seconds
        report.idleCPU = (network.cpuSeconds - cpu) / seconds / Double(network.nodes.count)
        report.idleBlocks = try await network.nodes[0].client.head().head.height - height
    }

    private func measureRestart(
        _ network: BenchNetwork,
        _ workload: inout Workload,
        _ report: inout Report
    ) async throws {
        let node = network.nodes[network.nodes.count - 1]
        let others = Array(network.nodes.dropLast())
        try await fill(network, &workload, upTo: size.restartCount)
        var logSize = try await network.nodes[0].client.head().head.logSize
        say("restart after kill -9 with \(logSize) transactions")
        node.stop(isKilled: true)
        var start = ContinuousClock.now
        try node.start()
        try await network.waitUntilReady(node)
        report.restart = (Int(logSize), (ContinuousClock.now - start).seconds)

        say("catching up on \(size.awayCount) transactions")
        node.stop()
        try await fill(others, try workload.milestones(size.awayCount, at: Workload.now()))
        logSize += UInt64(size.awayCount)
        try await network.wait(for: logSize, on: others)
        start = ContinuousClock.now
        try node.start()
        try await network.waitUntilReady(node)
        try await network.wait(for: logSize, on: [node])
        report.catchUp = (size.awayCount, (ContinuousClock.now - start).seconds)
    }

    /// Makes the ledger as long as a part needs it.
    private func fill(_ network: BenchNetwork, _ workload: inout Workload, upTo count: Int) async throws {
        let logSize = try await network.nodes[0].client.head().head.logSize
        guard logSize < UInt64(count) else { return }
        let missing = count - Int(logSize)
        say("\(missing) more transactions first")
        try await fill(network.nodes, try workload.milestones(missing, at: Workload.now()))
        try await network.wait(for: UInt64(count))
    }

    /// Hands transactions in without timing them.
    private func fill(_ nodes: [NodeProcess], _ transactions: [Transaction]) async throws {
        let clients = nodes.map(\.client)
        var base = try await clients[0].head().head.logSize
        for start in stride(from: 0, to: transactions.count, by: 4_000) {
            let part = transactions[start..<min(start + 4_000, transactions.count)]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, client) in clients.enumerated() {
                    let own = part.indices.filter { $0 % clients.count == index }.map {
                        transactions[$0].bytes
                    }
                    group.addTask {
                        let answers = try await client.submit(own)
                        if let refused = answers.first(where: { $0.state == .rejected }) {
                            throw BenchFailure("refused: \(refused.problem?.detail ?? "")")
                        }
                    }
                }
                try await group.waitForAll()
            }
            base += UInt64(part.count)
            while try await clients[0].head().head.logSize < base {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    /// What needs nodes that stand still: the files' sizes, and verification.
    private func measureStill(_ network: BenchNetwork, _ limit: Limit, _ report: inout Report) async throws {
        let logSize = try await network.nodes[0].client.head().head.logSize
        network.stop()
        let bytes = network.nodes.map(\.ledgerByteCount).reduce(0, +) / network.nodes.count
        report.bytesPerTransaction = Double(bytes) / Double(logSize)
        report.logSize = Int(logSize)
        guard parts.contains(.verify) else { return }
        say("verify \(logSize) transactions")
        for _ in 0..<size.runs {
            let before = try limit.secondsPerVerification()
            let start = ContinuousClock.now
            let signatureCount = try verify(network.nodes[0])
            let seconds = (ContinuousClock.now - start).seconds
            let after = try limit.secondsPerVerification()
            let work = Double(signatureCount) * (before + after) / 2
            report.verifications.append((Double(logSize) / seconds, work / seconds / Double(report.cores)))
            report.verificationSeconds += [before, after]
        }
        let start = ContinuousClock.now
        _ = try verify(network.nodes[0], "--quick")
        report.quickVerificationSeconds = (ContinuousClock.now - start).seconds
    }

    /// Verifies a node's ledger by the program.
    ///
    /// - Returns: How many signatures were checked, of transactions and of votes.
    private func verify(_ node: NodeProcess, _ arguments: String...) throws -> Int {
        let verify = Process()
        verify.executableURL = URL(fileURLWithPath: program)
        verify.arguments = ["verify", "--data", node.dataFolder, "--json"] + arguments
        let output = Pipe()
        verify.standardOutput = output
        try verify.run()
        let written = try output.fileHandleForReading.readToEnd() ?? Data()
        verify.waitUntilExit()
        guard verify.terminationStatus == 0 else {
            throw BenchFailure("jalon verify found something wrong")
        }
        struct Outcome: Decodable { let signatures: Int }
        return try JSONDecoder().decode(Outcome.self, from: written).signatures
    }

    /// What is being done goes to the standard error, so that the output is the report alone.
    private func say(_ text: String) {
        FileHandle.standardError.write(Data("bench: \(text)\n".utf8))
    }
}
