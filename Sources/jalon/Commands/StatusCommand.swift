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
        help: ArgumentHelp("The block to judge after: the head's only, else it says what to ask instead.")
    )
    var height: UInt64?

    @OptionGroup var node: NodeOptions
    @OptionGroup var format: OutputOptions

    func run() async throws {
        let (client, output) = (try node.client(), format.output)
        if let asOf { _ = try ArgumentValue.day(asOf, "--as-of") }
        if let height { try Status.check(height, head: try await client.head().head.height) }
        if let explain {
            let commitment = try await client.commitment(explain, asOf: asOf)
            if output.isJSON { return output.json(commitment.status) }
            let isDemonstration = try await client.head().isDemonstrationDate && asOf == nil
            output.line(commitment.statusLine(isDemonstrationDate: isDemonstration, output: output))
            for step in commitment.status.explanation { output.line("  \(step.line)") }
            let flags = commitment.status.flags
            if !flags.isEmpty { output.line("  flags: \(flags.joined(separator: ", "))") }
            return
        }
        if overdue {
            let late = try await client.commitments(CommitmentQuery(asOf: asOf)).filter(\.isLate)
            if output.isJSON { return output.json(late) }
            guard !late.isEmpty else { return output.note("Nothing is late.") }
            return output.table(CommitmentCommand.heading, late.map { CommitmentCommand.row($0, output) })
        }
        let (status, report) = (try await client.head(), try await client.status(asOf: asOf))
        if output.isJSON { return output.json(Overview(node: status, status: report)) }
        show(status, output)
        show(report, output)
    }

    /// A node keeps the blocks of all heights, and the state of the newest alone.
    static func check(_ height: UInt64, head: UInt64) throws {
        guard height < head else {
            guard height > head else { return }
            throw Failure(
                "E_HEIGHT",
                "the node's last final block is \(head), there is no \(height) yet",
                next: "Wait for it: jalon feed --after \(head)",
                status: .refused
            )
        }
        throw Failure(
            "E_PAST_HEIGHT",
            "this node keeps the state of its newest block only, \(head), and can't judge after block \(height)",
            next:
                "What was reported by a day, as it counts today: --as-of DAY. What the later blocks changed: "
                + "jalon feed --after \(height) --count \(min(head - height, 1_000))",
            status: .refused
        )
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
        if status.hasDemoData {
            output.line(output.styled("DEMO DATA: reported values are fictional", .yellow))
        }
    }

    private func show(_ report: API.StatusReport, _ output: Output) {
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
        abstract: "Follow the final blocks; with --json an object a line."
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
        for try await event in try node.client().feed(after: after) {
            if output.isJSON {
                output.jsonLine(event)
            } else {
                output.line(
                    "\(output.styled("block \(event.height)", .bold))  state \(Format.short(event.stateRoot))  "
                        + Format.count(event.transactions.count, "transaction")
                )
                for entry in event.transactions {
                    let summary = entry.summary.map { $0.en ?? $0.zh } ?? "\(entry.type) \(entry.subject)"
                    output.line("  \(entry.issuer)  \(summary)\(entry.isFictional ? "  DEMO DATA" : "")")
                }
            }
            left -= 1
            if left == 0 { return }
        }
    }
}
