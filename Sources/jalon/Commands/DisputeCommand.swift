import ArgumentParser
import JalonClient
import JalonCrypto
import JalonModel
import JalonSchema

/// `jalon dispute`: signed objections.
struct DisputeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dispute",
        abstract: "Object to a commitment or a milestone, answer that, resolve it, list the disputes.",
        subcommands: [Open.self, Answer.self, Resolve.self, List.self, Show.self]
    )

    private static let ids = "The ids: jalon dispute list"

    /// `jalon dispute open`.
    struct Open: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "open",
            abstract: "Object to a commitment or to one of its milestones.",
            discussion: """
                jalon dispute open CN-HB-2020-001 --ground wrongRegion \
                --text 'the official plan is Hebei’s' --key auditor.pem
                """
        )

        @Argument(
            help: ArgumentHelp(
                "A commitment's id, or the transaction that reported a milestone.",
                valueName: "id"
            )
        )
        var subject: String

        @Option(help: "wrongRegion, wrongValue, wrongSource, duplicate or other.")
        var ground: String

        @Option(help: "What is wrong, in words; everybody can read it.")
        var text: String

        @OptionGroup var files: EvidenceOptions
        @OptionGroup var send: SendOptions

        func run() async throws {
            let ground = try ArgumentValue.choice(ground, "--ground", DisputeGround.self)
            let text = try ArgumentValue.text(text, "--text")
            let evidence = try files.described()
            let milestone = TransactionID(hex: subject)
            var id = subject
            if let milestone {
                id = try await MilestoneCommand.milestone(milestone, try send.node.client()).commitment
            }
            let commitment = try ArgumentValue.identifier(id, "the id", CommitmentID.self)
            try await send.send { _, _ in
                [
                    .disputeOpen(
                        DisputeOpen(
                            commitment: commitment,
                            milestone: milestone,
                            ground: ground,
                            text: text,
                            evidence: evidence
                        )
                    )
                ]
            } summary: { client, output in
                let found = try await client.commitment(commitment)
                let lead = found.responsible.first { $0.role == "lead" }?.member ?? "–"
                output.line("  \(Format.count(found.openDisputeCount, "open dispute")) about \(commitment)")
                let id = found.disputes.last { $0.state == .open }?.id ?? "DISPUTE"
                output.line("  \(lead) is to answer: jalon dispute answer \(id) --text …")
            }
        }
    }

    /// `jalon dispute answer`.
    struct Answer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "answer",
            abstract: "Answer a dispute as the one who leads the commitment; once.",
            discussion: "jalon dispute answer 41d0… --text 'that was a slip' --key cn-hb.pem"
        )

        @Argument(help: ArgumentHelp("The transaction that opened it.", valueName: "id"))
        var id: String

        @Option(help: "The answer; everybody can read it.")
        var text: String

        @OptionGroup var files: EvidenceOptions
        @OptionGroup var send: SendOptions

        func run() async throws {
            let id = try await ArgumentValue.transaction(
                id,
                of: [.disputeOpen],
                list: DisputeCommand.ids,
                asking: try send.node.client()
            )
            let text = try ArgumentValue.text(text, "--text")
            let evidence = try files.described()
            let commitment = try await DisputeCommand.commitment(of: id, try send.node.client())
            try await send.send { _, _ in
                [
                    .disputeAnswer(
                        DisputeAnswer(commitment: commitment, dispute: id, text: text, evidence: evidence)
                    )
                ]
            } summary: { client, output in
                try await DisputeCommand.printStanding(of: id, client, output)
            }
        }
    }

    /// `jalon dispute resolve`.
    struct Resolve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resolve",
            abstract: "End a dispute as a regulator that is no party to it.",
            discussion: """
                jalon dispute resolve 41d0… --outcome upheld --reason 'the plan is Hebei’s' --key regulator.pem
                What follows from it is for the parties to sign.
                """
        )

        @Argument(help: ArgumentHelp("The transaction that opened it.", valueName: "id"))
        var id: String

        @Option(help: "upheld, rejected or withdrawn.")
        var outcome: String

        @Option(help: "Why, in words; everybody can read it.")
        var reason: String

        @OptionGroup var send: SendOptions

        func run() async throws {
            let id = try await ArgumentValue.transaction(
                id,
                of: [.disputeOpen],
                list: DisputeCommand.ids,
                asking: try send.node.client()
            )
            let outcome = try ArgumentValue.choice(outcome, "--outcome", DisputeOutcome.self)
            let reason = try ArgumentValue.text(reason, "--reason")
            let commitment = try await DisputeCommand.commitment(of: id, try send.node.client())
            try await send.send { _, _ in
                [
                    .disputeResolve(
                        DisputeResolve(commitment: commitment, dispute: id, outcome: outcome, reason: reason)
                    )
                ]
            } summary: { client, output in
                try await DisputeCommand.printStanding(of: id, client, output)
                guard outcome == .upheld else { return }
                output.line(
                    "  To put it right: jalon commitment amend or supersede, jalon milestone correct or retract"
                )
            }
        }
    }

    /// `jalon dispute list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List disputes, oldest first.",
            discussion: "jalon dispute list --commitment CN-HB-2020-001 --open"
        )

        @Option(help: ArgumentHelp("Only those about one commitment and its milestones.", valueName: "id"))
        var commitment: CommitmentID?

        @Flag(help: "Only those that wait for their end.")
        var open = false

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let output = format.output
            let disputes = try await node.client().disputes(about: commitment, isOpen: open ? true : nil)
            if output.isJSON { return output.json(disputes) }
            guard !disputes.isEmpty else { return output.note("No dispute fits.") }
            output.table(
                ["commitment", "state", "ground", "opened by", "text", "dispute"],
                disputes.map {
                    [$0.commitment, $0.state.rawValue, $0.ground, $0.opener, $0.text, $0.id]
                }
            )
        }
    }

    /// `jalon dispute show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show a dispute with its answer and its resolution.",
            discussion: "jalon dispute show 41d0…"
        )

        @Argument(help: ArgumentHelp("The transaction that opened it.", valueName: "id"))
        var id: String

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let output = format.output
            let id = try await ArgumentValue.transaction(
                id,
                of: [.disputeOpen],
                list: DisputeCommand.ids,
                asking: try node.client()
            )
            let dispute = try await node.client().dispute(id)
            if output.isJSON { return output.json(dispute) }
            output.line(output.styled("\(dispute.commitment)  \(dispute.state.rawValue)", .bold))
            output.facts([
                ("dispute", dispute.id), ("milestone", dispute.milestone),
                ("opened by", "\(dispute.opener) in block \(dispute.height)"), ("ground", dispute.ground),
                ("text", dispute.text),
                (
                    "evidence",
                    dispute.evidence.isEmpty ? nil : dispute.evidence.map(\.name).joined(separator: ", ")
                ),
                ("answer", dispute.answer?.line ?? "none yet, by \(dispute.respondent ?? "–")"),
                ("resolution", dispute.resolution?.line ?? "none yet, by a regulator"),
            ])
        }
    }

    private static func commitment(of id: TransactionID, _ client: LedgerClient) async throws -> CommitmentID
    {
        let dispute = try await client.dispute(id)
        return try ArgumentValue.identifier(dispute.commitment, "the commitment")
    }

    private static func printStanding(
        of id: TransactionID,
        _ client: LedgerClient,
        _ output: Output
    ) async throws {
        let dispute = try await client.dispute(id)
        let next =
            dispute.state == .answered ? "; a regulator resolves it: jalon dispute resolve \(id.hex)" : ""
        output.line("  the dispute about \(dispute.commitment) is \(dispute.state)\(next)")
    }
}
