import ArgumentParser
import Foundation
import JalonClient
import JalonCrypto
import JalonModel
import JalonNode
import JalonSchema

/// `jalon delegation`: what members lend to keys of others.
struct DelegationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delegation",
        abstract: "Lend a key some of what a member may do, take that back, list it.",
        discussion: """
            Two offices, two commands: the delegate's own office makes a proof with its key, which never leaves it; the
            member grants with the proof's file.
              jalon delegation prove cn-hn --key office.pem --out office.delegate.json
              jalon delegation grant office.delegate.json --type milestone.report --commitment CN-HN-2020-001 \
            --until 2026-12-31 --key cn-hn.pem
            """,
        subcommands: [Prove.self, Grant.self, Revoke.self, List.self]
    )

    /// `jalon delegation prove`.
    struct Prove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prove",
            abstract: "Prove with a delegate's key that it is to serve a member; sends nothing.",
            discussion: "jalon delegation prove cn-hn --key office.pem --out office.delegate.json"
        )

        @Argument(help: "The member that will lend.")
        var member: MemberID

        @Option(help: ArgumentHelp("The new file (default: the standard output).", valueName: "file"))
        var out: String?

        @Option(help: ArgumentHelp("The network's chain, so that no node is asked.", valueName: "id"))
        var chain: String?

        @OptionGroup var key: KeyOptions
        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let output = format.output
            let file = DelegateFile(member: member, chain: try await chainID(), key: try key.load())
            guard let out else { return output.line(String(file.json.dropLast())) }
            do {
                try Data(file.json.utf8).write(to: URL(fileURLWithPath: out), options: .withoutOverwriting)
            } catch {
                throw Failure.usage("\(out) can't be written, or is there already")
            }
            if output.isJSON { return output.json(["file": out, "key": file.key.id.hex]) }
            output.done("\(out)   hand it to \(member); it holds no secret")
            output.line(
                "  Next, there: jalon delegation grant \(out) --type milestone.report --all --until DAY"
            )
        }

        private func chainID() async throws -> ChainID {
            if let chain {
                guard let id = ChainID(hex: chain) else {
                    throw Failure.usage("--chain is '\(chain)', expected 64 hexadecimal digits")
                }
                return id
            }
            let client = try node.client()
            let text = try await client.head().chain
            guard let id = ChainID(hex: text) else {
                throw ClientError.badAnswer(address: client.address, reason: "the chain '\(text)'")
            }
            return id
        }
    }

    /// `jalon delegation grant`.
    struct Grant: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "grant",
            abstract: "Lend a key some of what the member may do, until it expires.",
            discussion: """
                jalon delegation grant office.delegate.json --type milestone.report --commitment CN-HN-2020-001 \
                --until 2026-12-31 --key cn-hn.pem
                For a key that was lent something before, the new grant takes the place of the old one.
                """
        )

        @Argument(help: "The file that 'jalon delegation prove' made with the delegate's key.")
        var file: String

        @Option(
            help: ArgumentHelp(
                "A type that it may sign, for example milestone.report; repeatable.",
                valueName: "type"
            )
        )
        var type: [String] = []

        @Option(help: ArgumentHelp("A commitment that it may act on; repeatable.", valueName: "id"))
        var commitment: [String] = []

        @Flag(help: "It may act on whatever the member itself may.")
        var all = false

        @Option(help: ArgumentHelp("The last day, in UTC, at which it may sign.", valueName: "day"))
        var until: String

        @OptionGroup var send: SendOptions

        func run() async throws {
            let delegate = try DelegateFile(file: file)
            let types = try type.map { try ArgumentValue.choice($0, "--type", TransactionType.self) }
            guard !types.isEmpty else {
                throw Failure.usage("--type is missing", next: "For example: --type milestone.report")
            }
            let expires = try DelegationCommand.end(of: ArgumentValue.day(until, "--until"))
            let scope = try scope()
            try await send.send { signer, _ in
                guard delegate.chain == signer.chain else {
                    throw Failure(
                        "E_WRONG_CHAIN",
                        "the proof is for chain \(Format.short(delegate.chain.hex)), this is "
                            + Format.short(signer.chain.hex),
                        next: "Nothing was sent. Make it anew: jalon delegation prove \(signer.memberID)",
                        status: .refused
                    )
                }
                return [
                    .delegationGrant(
                        DelegationGrant(
                            member: delegate.member,
                            key: delegate.key,
                            proof: delegate.proof,
                            types: types,
                            scope: scope,
                            expires: expires
                        )
                    )
                ]
            } summary: { _, output in
                output.line("  the key \(delegate.key.id.hex) may sign \(type.joined(separator: ", "))")
                output.line(
                    "  for \(all ? "all that \(delegate.member) may act on" : commitment.joined(separator: ", "))"
                )
                output.line("  until the end of \(Format.day(until)) UTC. To take it back:")
                output.line("  jalon delegation revoke \(delegate.key.id.hex)")
            }
        }

        private func scope() throws -> DelegationScope {
            switch (all, commitment.isEmpty) {
            case (true, true): return .all
            case (false, false):
                return .commitments(try commitment.map { try ArgumentValue.identifier($0, "--commitment") })
            default:
                throw Failure.usage(
                    "give either --all or --commitment",
                    next: "Their ids: jalon commitment list"
                )
            }
        }
    }

    /// The last millisecond of a day in UTC.
    static func end(of day: CalendarDay) throws -> Timestamp {
        guard day.daysSince1970 >= 0 else {
            throw Failure.usage("--until is \(day), expected a day after 1970")
        }
        return Timestamp(UInt64(day.daysSince1970 + 1) * 86_400_000 - 1)
    }

    /// `jalon delegation revoke`.
    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke",
            abstract: "Take back what a key was lent, for ever; what it signed stays.",
            discussion: "jalon delegation revoke 9a40… --reason 'the office was closed' --key cn-hn.pem"
        )

        @Argument(help: ArgumentHelp("The id of the delegate key.", valueName: "key id"))
        var id: String

        @Option(help: "Why, in words, where there is something to say.")
        var reason: String?

        @OptionGroup var send: SendOptions

        func run() async throws {
            guard let id = KeyID(hex: id) else {
                throw Failure.usage(
                    "'\(id)' is no id of a key, expected 64 hexadecimal digits",
                    next: "The ids: jalon delegation list MEMBER"
                )
            }
            let reason = try reason.map { try ArgumentValue.text($0, "--reason") }
            try await send.send { signer, _ in
                [.delegationRevoke(DelegationRevoke(member: signer.memberID, key: id, reason: reason))]
            } summary: { _, output in
                output.line("  the key \(id.hex) signs no more; what it signed stays")
            }
        }
    }

    /// `jalon delegation list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List what a member ever lent to keys.",
            discussion: "jalon delegation list cn-hn"
        )

        @Argument(help: "The member.")
        var member: MemberID

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let output = format.output
            let delegations = try await node.client().delegations(of: member)
            if output.isJSON { return output.json(delegations) }
            guard !delegations.isEmpty else { return output.note("\(member) lent nothing to any key.") }
            output.table(
                ["state", "until", "types", "for", "key"],
                delegations.map {
                    [
                        $0.standing, Format.moment($0.expires), $0.types.joined(separator: ", "),
                        $0.isForAll ? "all" : $0.commitments.joined(separator: ", "), $0.key,
                    ]
                }
            )
        }
    }
}

extension API.Delegation {
    /// Whether the key may sign.
    var standing: String { isInForce ? "in force" : revokedBy == nil ? "expired" : "revoked" }
}

extension Format {
    /// A moment in UTC: `2026-12-31T23:59:59Z`.
    static func moment(_ milliseconds: UInt64) -> String {
        // The year 9999 is where the text form ends.
        Date(timeIntervalSince1970: Double(min(milliseconds / 1_000, 253_402_300_799))).ISO8601Format()
    }
}
