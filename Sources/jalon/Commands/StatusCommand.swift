import ArgumentParser
import JalonClient
import JalonModel
import JalonSchema

/// `jalon status`: where a node and the network's commitments stand.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the node, the network and how the commitments stand.",
        discussion: "jalon status --explain CN-HN-2020-001 says how one status came about."
    )

    @Option(help: ArgumentHelp("How the status of one commitment came about.", valueName: "id"))
    var explain: CommitmentID?

    @Flag(help: "Only commitments that are late: a report is overdue, behind, missed, or without data.")
    var overdue = false

    @Option(help: ArgumentHelp("The day to judge at.", valueName: "day"))
    var asOf: String?

    @Option(
        help: ArgumentHelp(
            "What stood after this block: the node executes the chain again up to it."
        )
    )
    var height: UInt64?

    @OptionGroup var node: NodeOptions
    @OptionGroup var format: OutputOptions

    func run() async throws {
        let (client, output) = (try node.client(), format.output)
        if let asOf { _ = try ArgumentValue.day(asOf, "--as-of") }
        if let explain {
            let commitment = try await patiently {
                try await client.commitment(explain, asOf: asOf, after: height)
            }
            if output.isJSON { return output.json(commitment.status) }
            let isDemonstration = try await isDemonstration(client)
            output.line(commitment.statusLine(isDemonstrationDate: isDemonstration, output: output))
            for step in commitment.status.explanation { output.line("  \(step.line)") }
            let flags = commitment.status.flags
            if !flags.isEmpty { output.line("  flags: \(flags.joined(separator: ", "))") }
            return
        }
        if overdue {
            let late = try await patiently {
                try await client.commitments(CommitmentQuery(asOf: asOf, height: height)).filter(\.isLate)
            }
            if output.isJSON { return output.json(late) }
            guard !late.isEmpty else { return output.note("Nothing is late.") }
            return output.table(CommitmentCommand.heading, late.map { CommitmentCommand.row($0, output) })
        }
        let report = try await patiently {
            try await client.status(asOf: asOf, after: height)
        }
        let status = try await client.head()
        if output.isJSON { return output.json(Overview(node: status, status: report)) }
        show(status, output)
        show(report, output)
    }

    /// Whether the day is one that the network fixed for a demonstration.
    private func isDemonstration(_ client: LedgerClient) async throws -> Bool {
        guard asOf == nil else { return false }
        guard let height else { return try await client.head().isDemonstrationDate }
        return try await patiently {
            try await client.status(after: height).isDemonstrationDate
        }
    }

    /// Asks again while the node makes the state after a past block, for ten minutes at the most.
    private func patiently<Value>(_ ask: () async throws -> Value) async throws -> Value {
        let end = ContinuousClock.now + .seconds(600)
        while true {
            do {
                return try await ask()
            } catch {
                guard let seconds = Status.pause(error), height != nil, ContinuousClock.now < end else {
                    throw error
                }
                format.output.note("\(error)")
                try await Task.sleep(for: .seconds(Int64(clamping: seconds)))
            }
        }
    }

    /// After how many seconds a node wants to be asked again; `nil` where that would change nothing.
    private static func pause(_ error: any Error) -> UInt64? {
        guard case .refused(let problem) = error as? ClientError, problem.status == 503 else { return nil }
        return problem.retryAfter
    }

    private struct Overview: Encodable {
        let node: API.NodeStatus
        let status: API.StatusReport
    }

    private func show(_ status: API.NodeStatus, _ output: Output) {
        let validators = status.validators
        output.line("network     \(status.network)   chain \(Format.short(status.chain))")
        output.line(
            "node        \(status.member ?? "–"), \(status.isValidator ? "validator" : "observer"), jalon \(status.version)"
        )
        output.line(
            "head        block \(status.head.height)   state \(Format.short(status.head.stateRoot))   "
                + "\(status.head.logSize) transactions"
        )
        let quorum = validators.hasQuorum ? "" : output.styled("   no quorum: writes wait", .red)
        output.line(
            "validators  \(validators.connected) of \(validators.total) reachable, \(validators.needed) needed\(quorum)"
        )
        if validators.toleratedFaults == 0 {
            output.line(
                "            One that stops stops the network: fewer than four validators tolerate no fault."
            )
        }
        if let words = status.voting?.words { output.line("voting      \(output.styled(words, .yellow))") }
        if let storage = status.storage { output.line("disk        \(storage.words)") }
        if status.isReady {
            output.line("ready       yes")
        } else {
            output.line(
                "ready       \(output.styled("no", .red)): \(status.notReady.joined(separator: "; "))"
            )
        }
        for warning in status.warnings ?? [] {
            output.line("warning     \(output.styled(warning, .yellow))")
        }
        if status.hasDemoData {
            output.line(output.styled("DEMO DATA: reported values are fictional", .yellow))
        }
    }

    private func show(_ report: API.StatusReport, _ output: Output) {
        if height != nil {
            output.line(
                "after       block \(report.head.height), \(Format.moment(report.head.timestamp))   state "
                    + Format.short(report.head.stateRoot)
            )
        }
        let demonstration = report.isDemonstrationDate ? " (demonstration date)" : ""
        output.line("as of       \(Format.day(report.asOf))\(demonstration)")
        output.table(
            ["region", "commitments", "status"],
            report.regions.map { region in
                [
                    Format.name(region.region), "\(region.commitments)",
                    region.counts.map {
                        output.styled("\($0.status.sign) \($0.status.words) \($0.count)", $0.status.style)
                    }.joined(separator: "  "),
                ]
            }
        )
    }
}

extension API.Voting {
    /// What the vote waits for; `nil` where nothing is in the way.
    var words: String? {
        let count = "\(answers ?? 0) of \(needed ?? 0)"
        switch state {
        case .voting: return nil
        case .diskFull: return "not now: less than 64 MiB of the disk are free"
        case .checking: return "not yet: asks its peers for forgotten votes, \(count) answered"
        case .rejoining:
            let silent = (waitsFor ?? []).joined(separator: ", ")
            return "not yet: rejoins after losing votes, \(count) answered, waits for \(silent)"
        }
    }
}

extension API.StorageUse {
    /// For example `1.2 GiB used, 70.3 GiB free, grows by 12.0 MiB a day: enough for 5 990 days`.
    var words: String {
        let text = "\(Format.bytes(ledgerBytes)) used, \(Format.bytes(freeBytes)) free"
        guard let growth else { return text + "; growth: not enough data yet" }
        let rate = "grows by \(Format.bytes(growth.bytesPerDay)) a day"
        let basis = growth.measuredHours < 168 ? " (by \(growth.measuredHours) h of blocks)" : ""
        guard let days = growth.daysUntilFull else { return "\(text); does not grow" }
        // More than a century says that nobody knows.
        let enough = days > 36_500 ? "for more than 100 years" : "for \(Format.number("\(days)")) days"
        return "\(text); \(rate)\(basis): enough \(enough)"
    }
}

extension API.Commitment {
    /// Whether somebody should ask.
    var isLate: Bool {
        switch status.current {
        case .behind, .missed, .noData, .awaitingFinal: true
        default: status.flags.contains("overdueReport")
        }
    }
}

/// `jalon feed`: what becomes final, as it does.
struct FeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed",
        abstract: "Follow the final blocks; with --json an object a line.",
        discussion: "For example: jalon feed --after 0 --count 20"
    )

    @Option(help: ArgumentHelp("Begin after this block; 0 tells everything.", valueName: "height"))
    var after: UInt64?

    @Option(help: ArgumentHelp("End after so many blocks.", valueName: "count"))
    var count: Int?

    @OptionGroup var node: NodeOptions
    @OptionGroup var format: OutputOptions

    func run() async throws {
        let output = format.output
        var left = count ?? .max
        guard left > 0 else { throw Failure.usage("--count is \(left), expected 1 or more") }
        let client = try node.client()
        var names = try await MemberNames(asking: client)
        for try await event in client.feed(after: after) {
            if output.isJSON {
                output.jsonLine(event)
            } else {
                // Who joined meanwhile has a name too.
                if !event.transactions.allSatisfy({ names.knows($0.issuer) }) {
                    names = try await MemberNames(asking: client)
                }
                for line in FeedCommand.lines(event, names, output) { output.line(line) }
            }
            left -= 1
            if left == 0 { return }
        }
    }

    /// A block for people: when, and who did what.
    static func lines(_ event: API.FeedEvent, _ names: MemberNames, _ output: Output) -> [String] {
        let moment = Format.moment(event.timestamp)
        let state = output.styled("state \(Format.short(event.stateRoot))", .dim)
        let heading = "\(output.styled("block \(event.height)", .bold))  \(moment)  \(state)"
        return [heading]
            + event.transactions.map { entry in
                let summary = entry.summary.map { $0.en ?? $0.zh } ?? "\(entry.type) \(entry.subject)"
                let demo = entry.isFictional ? output.styled("  DEMO DATA", .yellow) : ""
                return "  \(names.name(entry.issuer))  \(summary)\(demo)"
            }
    }
}
