import ArgumentParser
import JalonClient
import JalonCrypto
import JalonModel
import JalonSchema

/// `jalon directive`: what regulators ask of members.
struct DirectiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "directive",
        abstract: "Ask a member to do something by a day, acknowledge that, reply to it, list directives.",
        subcommands: [Issue.self, Acknowledge.self, Reply.self, List.self, Show.self]
    )

    private static let ids = "The ids: jalon directive list"

    /// `jalon directive issue`.
    struct Issue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "issue",
            abstract: "Ask a member to do something by a day, as a regulator.",
            discussion: """
                jalon directive issue cn-he --due 2026-12-31 --about CN-HE-2020-001 --title-zh 请说明进展 \
                --text-zh 请说明为何滞后。 --key regulator.pem
                """
        )

        @Argument(help: "The member that it goes to.")
        var to: MemberID

        @Option(help: ArgumentHelp("The day by which it is acknowledged and replied to.", valueName: "day"))
        var due: String

        @Option(help: ArgumentHelp("The commitment that it is about.", valueName: "id"))
        var about: CommitmentID?

        @Option(help: "The title in Chinese.")
        var titleZh: String

        @Option(help: "The title in English.")
        var titleEn: String?

        @Option(help: "The title in French.")
        var titleFr: String?

        @Option(help: "The text in Chinese.")
        var textZh: String

        @Option(help: "The text in English.")
        var textEn: String?

        @Option(help: "The text in French.")
        var textFr: String?

        @OptionGroup var send: SendOptions

        func run() async throws {
            let directive = DirectiveIssue(
                to: to,
                about: about,
                due: try ArgumentValue.day(due, "--due"),
                title: try ArgumentValue.localized(
                    zh: titleZh,
                    en: titleEn,
                    fr: titleFr,
                    "--title",
                    limit: .title
                ),
                text: try ArgumentValue.localized(zh: textZh, en: textEn, fr: textFr, "--text", limit: .text)
            )
            try await send.send { _, _ in
                [.directiveIssue(directive)]
            } summary: { _, output in
                output.line(
                    "  \(to) has until \(Format.day(directive.due.description)) to acknowledge it and to reply"
                )
            }
        }
    }

    /// `jalon directive acknowledge`.
    struct Acknowledge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "acknowledge",
            abstract: "Say that a directive was read, as its addressee; once.",
            discussion: "jalon directive acknowledge 41d0… --key cn-he.pem"
        )

        @Argument(help: ArgumentHelp("The transaction that issued it.", valueName: "id"))
        var id: String

        @OptionGroup var send: SendOptions

        func run() async throws {
            let id = try await ArgumentValue.transaction(
                id,
                of: [.directiveIssue],
                list: DirectiveCommand.ids,
                asking: try send.node.client()
            )
            let to = try await DirectiveCommand.addressee(of: id, try send.node.client())
            try await send.send { _, _ in
                [.directiveAcknowledge(DirectiveAcknowledge(to: to, directive: id))]
            } summary: { client, output in
                try await DirectiveCommand.printStanding(of: id, client, output)
            }
        }
    }

    /// `jalon directive reply`.
    struct Reply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reply",
            abstract: "Answer a directive as its addressee; a late answer is taken and flagged.",
            discussion: "jalon directive reply 41d0… --text 'in August' --evidence plan.pdf --key cn-he.pem"
        )

        @Argument(help: ArgumentHelp("The transaction that issued it.", valueName: "id"))
        var id: String

        @Option(help: "The reply; everybody can read it.")
        var text: String

        @OptionGroup var files: EvidenceOptions
        @OptionGroup var send: SendOptions

        func run() async throws {
            let id = try await ArgumentValue.transaction(
                id,
                of: [.directiveIssue],
                list: DirectiveCommand.ids,
                asking: try send.node.client()
            )
            let text = try ArgumentValue.text(text, "--text")
            let evidence = try files.described()
            let to = try await DirectiveCommand.addressee(of: id, try send.node.client())
            try await send.send { _, _ in
                [.directiveReply(DirectiveReply(to: to, directive: id, text: text, evidence: evidence))]
            } summary: { client, output in
                try await DirectiveCommand.printStanding(of: id, client, output)
            }
        }
    }

    /// `jalon directive list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List directives, oldest first.",
            discussion: "jalon directive list --to cn-he"
        )

        @Option(help: ArgumentHelp("Only those to one member.", valueName: "member"))
        var to: MemberID?

        @Option(help: ArgumentHelp("Only those from one regulator.", valueName: "member"))
        var from: MemberID?

        @Flag(help: "Only those that are due and not answered.")
        var overdue = false

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let output = format.output
            let directives = try await node.client().directives(to: to, from: from)
                .filter { $0.isOverdue || !overdue }
            if output.isJSON { return output.json(directives) }
            guard !directives.isEmpty else { return output.note("No directive fits.") }
            output.table(
                ["from", "to", "due", "state", "title", "directive"],
                directives.map { [$0.from, $0.to, $0.due, $0.standing, Format.name($0.title), $0.id] }
            )
        }
    }

    /// `jalon directive show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show a directive with its acknowledgement and its replies.",
            discussion: "jalon directive show 41d0…"
        )

        @Argument(help: ArgumentHelp("The transaction that issued it.", valueName: "id"))
        var id: String

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let output = format.output
            let id = try await ArgumentValue.transaction(
                id,
                of: [.directiveIssue],
                list: DirectiveCommand.ids,
                asking: try node.client()
            )
            let directive = try await node.client().directive(id)
            if output.isJSON { return output.json(directive) }
            output.line(output.styled(Format.name(directive.title), .bold))
            output.facts([
                ("directive", directive.id), ("from", "\(directive.from) in block \(directive.height)"),
                ("to", directive.to), ("about", directive.commitment), ("due", Format.day(directive.due)),
                ("state", directive.standing), ("text", Format.name(directive.text)),
                ("acknowledged", directive.acknowledgement?.line ?? "not yet"),
            ])
            output.facts(directive.replies.map { ("reply", $0.line) })
        }
    }

    private static func addressee(of id: TransactionID, _ client: LedgerClient) async throws -> MemberID {
        let directive = try await client.directive(id)
        return try ArgumentValue.identifier(directive.to, "the addressee")
    }

    private static func printStanding(
        of id: TransactionID,
        _ client: LedgerClient,
        _ output: Output
    ) async throws {
        let directive = try await client.directive(id)
        output.line("  due \(Format.day(directive.due)): \(directive.standing)")
        guard directive.replies.isEmpty else { return }
        output.line("  To say something: jalon directive reply \(id.hex) --text …")
    }
}

extension API.Directive {
    /// What was done about it.
    var standing: String {
        var parts: [String] = []
        if let acknowledgement {
            parts.append("acknowledged" + (acknowledgement.isLate ? " late" : ""))
        }
        if !replies.isEmpty {
            let isLate = replies[0].isLate
            parts.append(
                (replies.count == 1 ? "1 reply" : "\(replies.count) replies") + (isLate ? " late" : "")
            )
        }
        if parts.isEmpty { parts.append("unanswered") }
        if isOverdue { parts.append("overdue") }
        return parts.joined(separator: ", ")
    }
}
