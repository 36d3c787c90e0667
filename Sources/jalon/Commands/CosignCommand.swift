import ArgumentParser
import JalonClient
import JalonCrypto
import JalonModel
import JalonSchema

/// `jalon cosign`: another member signs for what a transaction says.
struct CosignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cosign",
        abstract: "Co-sign a joint proposal, a milestone as its counterparty, or a member's recovery.",
        discussion: """
            jalon cosign CN-JS-2020-001 --key cn-js-finance.pem
            With a commitment's id: its proposal, or the one milestone of it that waits. With a transaction's id: what
            that proposed, reported or asked for. It says who is still missing.
            """
    )

    @Argument(help: ArgumentHelp("A commitment's id, or a transaction's.", valueName: "id"))
    var subject: String

    @OptionGroup var send: SendOptions

    func run() async throws {
        let subject = try await Subject.find(self.subject, try send.node.client())
        try await send.send { _, _ in
            [.cosign(Cosign(transaction: subject.transaction, about: subject.about))]
        } summary: { client, output in
            output.line("  " + (try await subject.standing(client)))
        }
    }

    /// What is co-signed.
    struct Subject {
        enum Kind { case proposal, milestone, recovery }

        let kind: Kind
        let transaction: TransactionID
        let about: Cosign.About

        static func find(_ text: String, _ client: LedgerClient) async throws -> Subject {
            if let id = TransactionID(hex: text) { return try await find(id, client) }
            let id = try ArgumentValue.identifier(text, "the id", CommitmentID.self)
            return try await find(id, client)
        }

        /// The proposal where it waits, else the only milestone that does.
        private static func find(_ id: CommitmentID, _ client: LedgerClient) async throws -> Subject {
            let commitment = try await client.commitment(id)
            guard !commitment.joint.isEmpty || commitment.pendingMilestoneCount > 0 else {
                throw Failure(
                    "E_UNKNOWN_SUBJECT",
                    "nothing of \(id) waits for a co-signature",
                    next:
                        "Nothing was sent. A milestone that counts already is co-signed by its transaction: "
                        + "jalon milestone list \(id)",
                    status: .refused
                )
            }
            guard commitment.life != "proposed", commitment.pendingMilestoneCount > 0 else {
                return Subject(
                    kind: .proposal,
                    transaction: try transaction(commitment.transaction, client),
                    about: .commitment(id)
                )
            }
            let waiting = try await client.milestones(of: id).filter(\.isPending)
            guard let milestone = waiting.first, waiting.count == 1 else {
                let ids = waiting.map { "\($0.periodEnd) \($0.id)" }.joined(separator: ", ")
                throw Failure.usage(
                    "\(waiting.count) milestones of \(id) wait for co-signatures: \(ids)",
                    next: "Give the transaction of the one that you co-sign: jalon cosign TRANSACTION"
                )
            }
            return Subject(
                kind: .milestone,
                transaction: try transaction(milestone.id, client),
                about: .commitment(id)
            )
        }

        private static func find(_ id: TransactionID, _ client: LedgerClient) async throws -> Subject {
            let found = try await client.transaction(id)
            let commitment = found.subject.flatMap { CommitmentID($0) }
            switch (found.state, found.type, commitment, found.subject.flatMap { MemberID($0) }) {
            case (.final, "commitment.propose", let commitment?, _):
                return Subject(kind: .proposal, transaction: id, about: .commitment(commitment))
            case (.final, "milestone.report", let commitment?, _),
                (.final, "milestone.correct", let commitment?, _):
                return Subject(kind: .milestone, transaction: id, about: .commitment(commitment))
            case (.final, "key.recover", _, let member?):
                return Subject(kind: .recovery, transaction: id, about: .member(member))
            default:
                let what = found.state == .final ? "is a \(found.type ?? "transaction")" : "is \(found.state)"
                throw Failure(
                    "E_UNKNOWN_SUBJECT",
                    "\(id.hex) \(what), expected a final proposal, milestone or key.recover",
                    next: "Nothing was sent. See: jalon transaction show \(id.hex)",
                    status: .refused
                )
            }
        }

        private static func transaction(_ hex: String, _ client: LedgerClient) throws -> TransactionID {
            guard let id = TransactionID(hex: hex) else {
                throw ClientError.badAnswer(address: client.address, reason: "the transaction '\(hex)'")
            }
            return id
        }

        /// Who is missing, once this signature is final.
        func standing(_ client: LedgerClient) async throws -> String {
            guard case .commitment(let id) = about else {
                return
                    "The recovery takes effect after the network's delay: jalon transaction show \(transaction.hex)"
            }
            let commitment = try await client.commitment(id)
            let names = try await MemberNames(asking: client)
            if kind == .proposal {
                guard let joint = commitment.jointSignatures, !joint.isComplete else {
                    return "Everybody has signed. \(commitment.standing(names))"
                }
                return commitment.standing(names)
            }
            let milestones = try await client.milestones(of: id)
            guard let milestone = milestones.first(where: { $0.id == transaction.hex }),
                let signatures = milestone.cosignatures, milestone.isPending
            else { return "The milestone counts. \(commitment.id) \(commitment.status.current.words)" }
            let missing = names.show(signatures.missing)
            return
                "The milestone has \(signatures.signed.count) of \(signatures.required); missing: \(missing)"
        }
    }
}
