import ArgumentParser
import JalonClient
import JalonCrypto
import JalonModel
import JalonNode
import JalonSchema

/// `jalon commitment`: what regions promise.
struct CommitmentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commitment",
        abstract: "Propose a commitment, change it, end it, list them, show one.",
        subcommands: [
            Propose.self, Amend.self, Activate.self, Return.self, Withdraw.self, Cancel.self, Supersede.self,
            Suspend.self, Resume.self, Close.self, List.self, Show.self,
        ]
    )

    /// `jalon commitment propose`.
    struct Propose: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "propose",
            abstract: "Propose the commitments of a YAML file.",
            discussion: """
                The file is a list under 'commitments' (see Config/demo/commitments.yaml). What it leaves out is filled
                in before signing: lead = the region's member, reporting yearly, first due one year after the start,
                90 days of grace, verification level L1, a linear curve where there is a deadline.

                For example: jalon commitment propose commitments.yaml --region CN-HN --key cn-hn.pem
                """
        )

        @Argument(help: "The YAML file.")
        var file: String

        @Option(help: ArgumentHelp("Only this commitment; repeatable.", valueName: "id"))
        var only: [String] = []

        @Option(help: ArgumentHelp("Only those of one region.", valueName: "code"))
        var region: String?

        @OptionGroup var send: SendOptions

        func run() async throws {
            let inputs = try LedgerInput.commitments(file: file).filter {
                (only.isEmpty || only.contains($0.id.text)) && (region ?? $0.region.text) == $0.region.text
            }
            guard !inputs.isEmpty else { throw Failure.usage("\(file) has no such commitment") }
            try await send.send { signer, _ in
                try inputs.map { .commitmentPropose(try $0.filled(lead: signer.memberID)) }
            } summary: { client, output in
                if let id = inputs.first?.id {
                    output.line(
                        "  " + (try await client.commitment(id).standing(MemberNames(asking: client)))
                    )
                }
            }
        }
    }

    /// `jalon commitment list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List commitments with their statuses.",
            discussion: "For example: jalon commitment list --region CN-HN --status behind"
        )

        @OptionGroup var filter: FilterOptions
        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let output = format.output
            let commitments = try await node.client().commitments(try filter.query())
            if output.isJSON { return output.json(commitments) }
            guard !commitments.isEmpty else { return output.note("No commitment fits.") }
            output.table(CommitmentCommand.heading, commitments.map { CommitmentCommand.row($0, output) })
            if let day = commitments.first?.status.asOf { output.note("as of \(Format.day(day))") }
        }
    }

    /// `jalon commitment show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show a commitment: target, status and why, source.",
            discussion: "For example: jalon commitment show CN-HN-2020-001"
        )

        @Argument(help: "The commitment's id.")
        var id: CommitmentID

        @Option(help: ArgumentHelp("The day to judge at.", valueName: "day"))
        var asOf: String?

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let (client, output) = (try node.client(), format.output)
            if let asOf { _ = try ArgumentValue.day(asOf, "--as-of") }
            let commitment = try await client.commitment(id, asOf: asOf)
            if output.isJSON { return output.json(commitment) }
            let isDemonstration = try await client.head().isDemonstrationDate && asOf == nil
            let names = try await MemberNames(asking: client)
            CommitmentCommand.show(commitment, names, isDemonstrationDate: isDemonstration, output)
        }
    }

    static let heading = ["commitment", "status", "value", "expected", "target", "region", "title", ""]

    static func row(_ commitment: API.Commitment, _ output: Output) -> [String] {
        let status = commitment.status
        return [
            commitment.id,
            output.styled("\(status.current.sign) \(status.current.words)", status.current.style),
            status.value.map(Format.number) ?? "–", status.expected.map(Format.number) ?? "–",
            commitment.target.text, Format.name(commitment.region), Format.name(commitment.title),
            status.remarks,
        ]
    }

    static func show(
        _ commitment: API.Commitment,
        _ names: MemberNames,
        isDemonstrationDate: Bool,
        _ output: Output
    ) {
        output.line(output.styled("\(commitment.id)  \(Format.name(commitment.title))", .bold))
        output.line("  " + commitment.statusLine(isDemonstrationDate: isDemonstrationDate, output: output))
        var rows: [(String, String)] = [
            ("region", Format.name(commitment.region)),
            ("plan", commitment.plan + (commitment.planTitle.map { "  \(Format.name($0))" } ?? "")),
            ("promise", commitment.promise),
            ("from", commitment.start),
        ]
        if let deadline = commitment.deadline {
            rows.append(("deadline", "\(deadline.date) (\(deadline.precision), \(deadline.basis))"))
        }
        if !commitment.themes.isEmpty { rows.append(("themes", commitment.themes.joined(separator: ", "))) }
        let responsible = commitment.responsible.map { "\($0.member ?? $0.text ?? "") (\($0.role))" }
        rows.append(("responsible", responsible.joined(separator: ", ")))
        let reporting = commitment.reporting
        rows.append(
            (
                "reports",
                "\(reporting.every), from \(reporting.firstDue), \(reporting.graceDays) days of grace"
            )
        )
        rows.append(
            (
                "verification",
                "needs \(commitment.minimumLevel), has \(commitment.status.verificationLevel ?? "–")"
            )
        )
        if let joint = commitment.jointSignatures { rows.append(("co-signatures", joint.words(names))) }
        if let counterparties = commitment.counterparties {
            let members = names.show(counterparties.members)
            rows.append(("milestones by", "\(counterparties.required) of \(members) must co-sign each"))
        }
        rows.append(("life", commitment.lifeWords))
        rows.append(("original", commitment.status.original.words))
        if !commitment.status.flags.isEmpty {
            rows.append(("flags", commitment.status.flags.joined(separator: ", ")))
        }
        if let source = commitment.source {
            rows.append(("source", source.kind + (source.quote.map { ": \($0)" } ?? "")))
        }
        let pending = commitment.pendingMilestoneCount
        let waiting = pending > 0 ? " (\(pending) waiting for co-signatures)" : ""
        rows.append(
            ("milestones", "\(commitment.milestoneCount)\(waiting)   jalon milestone list \(commitment.id)")
        )
        if !commitment.disputes.isEmpty {
            let count = "\(commitment.openDisputeCount) open of \(commitment.disputes.count)"
            rows.append(("disputes", "\(count)   jalon dispute list --commitment \(commitment.id)"))
        }
        rows.append(("transaction", commitment.transaction))
        for (name, text) in rows {
            output.line("  \(output.styled(name.padding(to: 15), .dim))\(text)")
        }
        if commitment.versions.count > 1 {
            output.line("  versions")
            for version in commitment.versions { output.line("    \(version.line)") }
        }
        if commitment.lifeSteps.count > 1 || commitment.firstBlock != nil {
            output.line("  life")
            if let first = commitment.firstBlock {
                output.line("    (the node does not hold the steps before block \(first): ask another one)")
            }
            for step in commitment.lifeSteps { output.line("    \(step.line)") }
        }
        output.line("  why this status?")
        for step in commitment.status.explanation { output.line("    \(step.line)") }
    }
}

/// Which commitments to list.
struct FilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Of one region, for example CN-HN.", valueName: "code"))
    var region: String?

    @Option(help: ArgumentHelp("Of one sector, for example finance.", valueName: "code"))
    var sector: String?

    @Option(help: ArgumentHelp("With one status, for example atRisk.", valueName: "status"))
    var status: String?

    @Option(help: ArgumentHelp("Of one plan.", valueName: "id"))
    var plan: String?

    @Option(help: ArgumentHelp("The day to judge at.", valueName: "day"))
    var asOf: String?

    func query() throws -> CommitmentQuery {
        let statuses = API.StatusCode.allCases.map(\.rawValue)
        let code = try status.map { text in
            guard let code = API.StatusCode(rawValue: text) else {
                throw Failure.usage(
                    "--status is '\(text)', expected one of \(statuses.joined(separator: ", "))",
                    next: NearestName.nearest(to: text, among: statuses).map { "Did you mean '\($0)'?" }
                )
            }
            return code
        }
        if let asOf { _ = try ArgumentValue.day(asOf, "--as-of") }
        return CommitmentQuery(region: region, sector: sector, status: code, plan: plan, asOf: asOf)
    }
}

extension String {
    /// The text with spaces after it, up to `width` columns.
    func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - Format.width(self)))
    }
}
