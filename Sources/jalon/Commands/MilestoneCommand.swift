import ArgumentParser
import JalonClient
import JalonCrypto
import JalonModel
import JalonNode
import JalonSchema

/// `jalon milestone`: progress on a commitment.
struct MilestoneCommand: AsyncParsableCommand {
    /// What makes a milestone, whose id is the milestone's.
    static let reporting: [TransactionType] = [.milestoneReport, .milestoneCorrect]

    static let configuration = CommandConfiguration(
        commandName: "milestone",
        abstract: "Report progress on a commitment, correct it, list it.",
        subcommands: [Report.self, Correct.self, Retract.self, List.self]
    )
}

/// What a milestone says, as options of a report and of a correction.
struct MilestoneOptions: ParsableArguments {
    // Unconditional, so that a value below zero is one.
    @Option(
        parsing: .unconditional,
        help:
            "The value measured: a running total, or the period's own amount, by what the commitment counts."
    )
    var value: String?

    @Option(help: "The level reached, for a commitment that is measured in levels.")
    var level: Int?

    @Option(help: ArgumentHelp("The items done, for a checklist: ids separated by commas.", valueName: "ids"))
    var done: String?

    @Option(help: ArgumentHelp("The last day of the period, or the day of measurement.", valueName: "day"))
    var at: String?

    @Option(help: ArgumentHelp("The first day of the period; a value per period needs it.", valueName: "day"))
    var from: String?

    @Option(
        help:
            "normal (where none is given), provisional, estimated or seriesBreak (the way of counting changed)."
    )
    var valueStatus: String?

    @OptionGroup var files: EvidenceOptions

    @Option(help: "A remark.")
    var note: String?

    @Flag(help: "No further milestone is to come.")
    var final = false

    @Flag(help: "The value is invented, for a demonstration: shown as DEMO DATA wherever it appears.")
    var fictional = false

    func content() throws -> MilestoneContent {
        guard let at else {
            throw Failure.usage("--at is missing", next: "Give the last day of the period: --at 2021-06-30")
        }
        return MilestoneContent(
            periodStart: try from.map { try ArgumentValue.day($0, "--from") },
            periodEnd: try ArgumentValue.day(at, "--at"),
            reading: try reading(),
            valueStatus: try ArgumentValue.choice(valueStatus ?? "normal", "--value-status"),
            evidence: try files.described(),
            note: try note.map { try ArgumentValue.text($0, "--note") },
            isFinal: final,
            isFictional: fictional
        )
    }

    /// Takes what is not given from the milestone that is corrected, but for the evidence.
    mutating func fill(from old: API.Milestone) {
        at = at ?? old.periodEnd
        from = from ?? old.periodStart
        if value == nil, level == nil, done == nil {
            (value, level) = (old.value, old.level)
            done = old.doneItems?.joined(separator: ",")
        }
        valueStatus = valueStatus ?? old.valueStatus
        note = note ?? old.note
        final = final || old.isFinal
        fictional = fictional || old.isFictional
    }

    private func reading() throws -> Reading {
        switch (value, level, done) {
        case (let value?, nil, nil): return .value(try ArgumentValue.decimal(value, "--value"))
        case (nil, let level?, nil):
            guard (0...Level.maximumID).contains(level) else {
                throw Failure.usage("--level is \(level), expected 0 to \(Level.maximumID)")
            }
            return .level(level)
        case (nil, nil, let done?):
            let ids = done.split(separator: ",").map { $0.trimmingPrefix { $0 == " " } }
            return .doneItems(try ids.map { try ArgumentValue.identifier(String($0), "--done") })
        default:
            throw Failure.usage(
                "a milestone measures exactly one thing",
                next: "Give one of --value, --level and --done."
            )
        }
    }

    /// Looks at what the node knows, so that nothing is sent that is known to be wrong; the node decides.
    func check(_ content: MilestoneContent, for commitment: API.Commitment) throws {
        let expected: String? =
            switch (content.reading, commitment.target.op) {
            case (.doneItems, .checklist), (.level, .level): nil
            case (.value, .ge), (.value, .gt), (.value, .le), (.value, .lt), (.value, .approx),
                (.value, .range):
                nil
            case (_, .checklist):
                "--done with items of " + (commitment.target.items ?? []).map(\.id).joined(separator: ", ")
            case (_, .level):
                "--level with one of "
                    + (commitment.target.levels ?? []).map { "\($0.id)" }.joined(separator: ", ")
            default: "--value with \(Format.name(commitment.indicator.unit))"
            }
        if let expected {
            throw Failure(
                "E_VALUE",
                "\(commitment.id) is measured otherwise",
                next: "Nothing was sent. Give \(expected).",
                status: .refused
            )
        }
        if case .value(let value) = content.reading, value.scale > commitment.indicator.scale {
            throw Failure(
                "E_VALUE",
                "\(value) has \(value.scale) decimals, \(commitment.id) counts with \(commitment.indicator.scale)",
                next: "Nothing was sent.",
                status: .refused
            )
        }
    }
}

extension MilestoneCommand {
    /// `jalon milestone report`.
    struct Report: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "report",
            abstract: "Report a milestone, and wait until it is final.",
            discussion: """
                jalon milestone report CN-HN-2020-001 --value 9500 --at 2021-06-30 --evidence q2.pdf --key cn-hn.pem
                With --file, every milestone of a YAML file is reported (see Config/demo/milestones.yaml).
                """
        )

        @Argument(help: "The commitment's id, for example CN-HN-2020-001.")
        var commitment: CommitmentID?

        @OptionGroup(title: "Milestone") var milestone: MilestoneOptions

        @Option(help: ArgumentHelp("Report the milestones of a YAML file instead.", valueName: "file"))
        var file: String?

        @Option(help: ArgumentHelp("Of the file, those of one region only.", valueName: "code"))
        var region: String?

        @OptionGroup var send: SendOptions

        func run() async throws {
            if let file { return try await report(file: file) }
            guard let commitment else {
                throw Failure.usage("no commitment is given", next: "Their ids: jalon commitment list")
            }
            let content = try milestone.content()
            try await send.send { _, client in
                try milestone.check(content, for: try await client.commitment(commitment))
                return [.milestoneReport(MilestoneReport(commitment: commitment, content: content))]
            } summary: { client, output in
                try await MilestoneCommand.printStatus(of: commitment, client, output)
            }
        }

        private func report(file: String) async throws {
            let region = region
            let reports = try LedgerInput.milestones(file: file)
                .filter { report in region.map { report.commitment.text.hasPrefix($0 + "-") } ?? true }
            guard !reports.isEmpty else {
                throw Failure.usage("\(file) has no milestone\(region.map { " of \($0)" } ?? "")")
            }
            try await send.send { _, _ in reports.map { .milestoneReport($0) } }
        }
    }

    /// `jalon milestone correct`.
    struct Correct: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "correct",
            abstract: "Replace a milestone; the old one stays readable and is marked replaced.",
            discussion: """
                The correction states the milestone anew: what is not given is taken from the old one, but for the
                evidence, which is given again.

                For example: jalon milestone correct 9a40c51e --value 9800 --reason 录入错误 --key cn-hn.pem
                """
        )

        @Argument(help: ArgumentHelp("The transaction that reported it.", valueName: "id"))
        var id: String

        @OptionGroup(title: "Milestone") var milestone: MilestoneOptions
        @OptionGroup var why: ReasonOptions
        @OptionGroup var send: SendOptions

        func run() async throws {
            let id = try await ArgumentValue.transaction(
                id,
                of: MilestoneCommand.reporting,
                asking: try send.node.client()
            )
            let (code, reason) = (try why.code(), try why.text())
            let client = try send.node.client()
            let old = try await MilestoneCommand.milestone(id, client)
            var milestone = milestone
            milestone.fill(from: old)
            let content = try milestone.content()
            let commitment = try ArgumentValue.identifier(old.commitment, "the commitment", CommitmentID.self)
            try await send.send { _, _ in
                [
                    .milestoneCorrect(
                        MilestoneCorrect(
                            commitment: commitment,
                            milestone: id,
                            content: content,
                            reasonCode: code,
                            reason: reason
                        )
                    )
                ]
            } summary: { client, output in
                try await MilestoneCommand.printStatus(of: commitment, client, output)
            }
        }
    }

    /// `jalon milestone retract`.
    struct Retract: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retract",
            abstract: "Take a milestone back; it stays readable and is marked retracted.",
            discussion: "For example: jalon milestone retract 9a40c51e --reason 重复上报 --key cn-hn.pem"
        )

        @Argument(help: ArgumentHelp("The transaction that reported it.", valueName: "id"))
        var id: String

        @OptionGroup var why: ReasonOptions
        @OptionGroup var send: SendOptions

        func run() async throws {
            let id = try await ArgumentValue.transaction(
                id,
                of: MilestoneCommand.reporting,
                asking: try send.node.client()
            )
            let (code, reason) = (try why.code(), try why.text())
            let old = try await MilestoneCommand.milestone(id, try send.node.client())
            let commitment = try ArgumentValue.identifier(old.commitment, "the commitment", CommitmentID.self)
            try await send.send { _, _ in
                [
                    .milestoneRetract(
                        MilestoneRetract(
                            commitment: commitment,
                            milestone: id,
                            reasonCode: code,
                            reason: reason
                        )
                    )
                ]
            } summary: { client, output in
                try await MilestoneCommand.printStatus(of: commitment, client, output)
            }
        }
    }

    /// `jalon milestone list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List a commitment's milestones, the replaced ones too.",
            discussion: "For example: jalon milestone list CN-HN-2020-001"
        )

        @Argument(help: "The commitment's id.")
        var commitment: CommitmentID

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let output = format.output
            let client = try node.client()
            let milestones = try await client.milestones(of: commitment)
            if output.isJSON { return output.json(milestones) }
            guard !milestones.isEmpty else { return output.note("\(commitment) has no milestone yet.") }
            let names = try await MemberNames(asking: client)
            output.table(
                ["period", "value", "state", "level", "block", "transaction", "", ""],
                milestones.map { milestone in
                    [
                        (milestone.periodStart.map { "\($0) – " } ?? "") + milestone.periodEnd,
                        milestone.reading,
                        milestone.life.rawValue, milestone.verificationLevel, "\(milestone.height)",
                        milestone.id,
                        milestone.isFictional ? "DEMO DATA" : "", milestone.voices(names),
                    ]
                }
            )
        }
    }

    /// The milestone that a transaction reported.
    static func milestone(_ id: TransactionID, _ client: LedgerClient) async throws -> API.Milestone {
        let transaction = try await client.transaction(id)
        let subject = transaction.subject.flatMap { CommitmentID($0) }
        guard transaction.state == .final, let subject,
            let milestone = try await client.milestones(of: subject).first(where: { $0.id == id.hex })
        else {
            throw Failure(
                "E_UNKNOWN_MILESTONE",
                "\(id.hex) reported no milestone",
                next: "Nothing was sent. The ids: jalon milestone list COMMITMENT",
                status: .refused
            )
        }
        return milestone
    }

    /// Says how the commitment stands now.
    static func printStatus(of id: CommitmentID, _ client: LedgerClient, _ output: Output) async throws {
        let (status, commitment) = (try await client.head(), try await client.commitment(id))
        output.line(
            "  " + commitment.statusLine(isDemonstrationDate: status.isDemonstrationDate, output: output)
        )
        guard commitment.pendingMilestoneCount > 0, let counterparties = commitment.counterparties else {
            return
        }
        let count = Format.count(commitment.pendingMilestoneCount, "milestone")
        output.line(
            "  \(count) not counted before \(counterparties.required) of "
                + "\(counterparties.members.joined(separator: ", ")) co-sign: jalon milestone list \(id)"
        )
    }
}

/// Why something is corrected or taken back.
struct ReasonOptions: ParsableArguments {
    @Option(help: "Why, in words; everybody can read it.")
    var reason: String

    @Option(help: ArgumentHelp("Why, as a code of the office's own.", valueName: "code"))
    var reasonCode = "correction"

    func code() throws -> ReasonCode { try ArgumentValue.identifier(reasonCode, "--reason-code") }
    func text() throws -> Text { try ArgumentValue.text(reason, "--reason") }
}

extension API.Milestone {
    /// What was measured, in words.
    var reading: String {
        if let value { return Format.number(value) }
        if let level { return "level \(level)" }
        return (doneItems ?? []).joined(separator: ", ")
    }

    /// What others say of it: who is missing to co-sign it, and the verdicts that stand.
    func voices(_ names: MemberNames) -> String {
        var parts: [String] = []
        if let cosignatures, isPending {
            parts.append("counts with \(cosignatures.words(names))")
        }
        for attestation in attestations where attestation.revoked == nil {
            parts.append("\(attestation.verdict) by \(names.show(attestation.auditor))")
        }
        return parts.joined(separator: "; ")
    }
}
