import ArgumentParser
import JalonClient
import JalonCrypto
import JalonModel
import JalonSchema

/// `jalon attest`: what auditors found about milestones.
struct AttestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: "Attest a milestone as its auditor, take that back, list what was attested.",
        subcommands: [Issue.self, Revoke.self, List.self]
    )

    private static let ids = "The ids: jalon attest list COMMITMENT"

    /// `jalon attest issue`.
    struct Issue: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "issue",
            abstract: "Say what was found about a milestone: confirmed, reserved, refuted or unable.",
            discussion: """
                jalon attest issue 9a40… --verdict confirmed --method 'site visit' --reason 'as reported' \
                --evidence visit.pdf --key auditor.pem
                A milestone that is refuted counts no more; one that is confirmed has verification level L3.
                """
        )

        @Argument(help: ArgumentHelp("The transaction that reported the milestone.", valueName: "id"))
        var milestone: String

        @Option(help: "confirmed, reserved, refuted or unable.")
        var verdict: String

        @Option(help: "How it was examined.")
        var method: String

        @Option(help: "What part of it was examined, where not all of it was.")
        var sample: String?

        @Option(help: "Why, in words; everybody can read it.")
        var reason: String

        @OptionGroup var files: EvidenceOptions
        @OptionGroup var send: SendOptions

        func run() async throws {
            let id = try await ArgumentValue.transaction(
                milestone,
                of: MilestoneCommand.reporting,
                asking: try send.node.client()
            )
            let verdict = try ArgumentValue.choice(verdict, "--verdict", Verdict.self)
            let method = try ArgumentValue.text(method, "--method", limit: .title)
            let sample = try sample.map { try ArgumentValue.text($0, "--sample", limit: .title) }
            let reason = try ArgumentValue.text(reason, "--reason")
            let evidence = try files.described()
            let found = try await MilestoneCommand.milestone(id, try send.node.client())
            let commitment = try ArgumentValue.identifier(
                found.commitment,
                "the commitment",
                CommitmentID.self
            )
            try await send.send { _, _ in
                [
                    .attestationIssue(
                        AttestationIssue(
                            commitment: commitment,
                            milestone: id,
                            verdict: verdict,
                            method: method,
                            sample: sample,
                            evidence: evidence,
                            reason: reason
                        )
                    )
                ]
            } summary: { client, output in
                try await AttestCommand.printStanding(of: id, commitment, client, output)
            }
        }
    }

    /// `jalon attest revoke`.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke",
            abstract: "Take an attestation of one's own back; it stays readable and is marked revoked.",
            discussion: "jalon attest revoke 41d0… --reason 'the sample was wrong' --key auditor.pem"
        )

        @Argument(help: ArgumentHelp("The transaction that attested.", valueName: "id"))
        var id: String

        @Option(help: "Why, in words; everybody can read it.")
        var reason: String

        @OptionGroup var send: SendOptions

        func run() async throws {
            let id = try await ArgumentValue.transaction(
                id,
                of: [.attestationIssue],
                list: AttestCommand.ids,
                asking: try send.node.client()
            )
            let reason = try ArgumentValue.text(reason, "--reason")
            let old = try await send.node.client().attestation(id)
            let commitment = try ArgumentValue.identifier(old.commitment, "the commitment", CommitmentID.self)
            let milestone = try await ArgumentValue.transaction(
                old.milestone,
                asking: try send.node.client()
            )
            try await send.send { _, _ in
                [
                    .attestationRevoke(
                        AttestationRevoke(commitment: commitment, attestation: id, reason: reason)
                    )
                ]
            } summary: { client, output in
                try await AttestCommand.printStanding(of: milestone, commitment, client, output)
            }
        }
    }

    /// `jalon attest list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List what was attested of a commitment's milestones, or of one milestone.",
            discussion: "jalon attest list CN-HN-2020-001"
        )

        @Argument(
            help: ArgumentHelp(
                "A commitment's id, or the transaction that reported a milestone.",
                valueName: "id"
            )
        )
        var subject: String

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let (client, output) = (try node.client(), format.output)
            let attestations: [API.Attestation]
            if let milestone = TransactionID(hex: subject) {
                attestations = try await client.attestations(of: milestone)
            } else {
                let id = try ArgumentValue.identifier(subject, "the id", CommitmentID.self)
                attestations = try await client.milestones(of: id).flatMap(\.attestations)
            }
            if output.isJSON { return output.json(attestations) }
            guard !attestations.isEmpty else { return output.note("Nothing is attested of \(subject).") }
            output.table(
                ["verdict", "auditor", "state", "reason", "milestone", "attestation"],
                attestations.map {
                    [
                        $0.verdict, $0.auditor, $0.revoked == nil ? "stands" : "revoked", $0.reason,
                        $0.milestone, $0.id,
                    ]
                }
            )
        }
    }

    /// Says what the verdict means for the milestone and its commitment.
    private static func printStanding(
        of milestone: TransactionID,
        _ commitment: CommitmentID,
        _ client: LedgerClient,
        _ output: Output
    ) async throws {
        if let found = try await client.milestones(of: commitment).first(where: { $0.id == milestone.hex }) {
            output.line("  the milestone is \(found.life), verification level \(found.verificationLevel)")
        }
        try await MilestoneCommand.printStatus(of: commitment, client, output)
    }
}
