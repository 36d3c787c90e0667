import ArgumentParser
import JalonClient
import JalonCodec
import JalonCrypto
import JalonModel
import JalonNode
import JalonSchema

/// `jalon governance`: what the validators decide about their network together.
struct GovernanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "governance",
        abstract: "Propose and vote: members, parameters, the version of the rules; see who is ready.",
        subcommands: [Propose.self, Vote.self, List.self, Show.self, Parameters.self]
    )

    /// `jalon governance propose`.
    struct Propose: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "propose",
            abstract: "Put a decision to the validators; a validator's own proposal counts as its yes.",
            discussion: """
                For example:
                jalon governance propose admit cn-xz.member.json --reason 西藏加入 --key cn-hn-authority/authority.pem
                jalon governance propose remove cn-xz --reason … --key …
                jalon governance propose set minimumValidators 5 --reason … --key …
                """,
            subcommands: [
                Admit.self, Suspend.self, Reinstate.self, Remove.self, Set.self, Upgrade.self,
            ]
        )
    }

    /// What every proposal has.
    struct ProposalOptions: ParsableArguments {
        @Option(help: "Why, for everybody to read.")
        var reason: String

        @Option(
            name: .customLong("height"),
            help: ArgumentHelp(
                "The first block in which it has its effect (default: the one after the deciding vote).",
                valueName: "height"
            )
        )
        var effectiveHeight: UInt64?

        @OptionGroup var send: SendOptions

        func propose(_ action: GovernanceAction) async throws {
            let reason = try ArgumentValue.text(reason, "--reason")
            guard effectiveHeight ?? 0 <= UInt64(Int64.max) else {
                throw Failure.usage("--height is too large")
            }
            try await send.send { _, client in
                [
                    .governancePropose(
                        GovernancePropose(
                            network: try await GovernanceCommand.network(client),
                            action: action,
                            reason: reason,
                            effectiveHeight: effectiveHeight.map { Height($0) }
                        )
                    )
                ]
            } summary: { client, output in
                guard let proposal = try await client.governance().proposals.first else { return }
                GovernanceCommand.show(proposal, output)
            }
        }
    }

    struct Admit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "admit",
            abstract: "Admit a member: the file that jalon member init made on its machine.",
            discussion:
                "For example: jalon governance propose admit cn-xz.member.json --reason 西藏加入 --key cn-hn-authority/authority.pem"
        )

        @Argument(help: "The member's file.")
        var file: String

        @OptionGroup var proposal: ProposalOptions

        func run() async throws {
            let member = try MemberFile(file: file)
            try await proposal.propose(.admit(member.admission))
        }
    }

    struct Suspend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "suspend",
            abstract:
                "Refuse a member's transactions and votes until it is reinstated; its node goes on sealing.",
            discussion:
                "For example: jalon governance propose suspend cn-hi --reason 密钥丢失 --key cn-hn-authority/authority.pem"
        )

        @Argument(help: "The member's id.")
        var member: MemberID

        @OptionGroup var proposal: ProposalOptions

        func run() async throws { try await proposal.propose(.suspend(member)) }
    }

    struct Reinstate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reinstate",
            abstract: "End a suspension.",
            discussion:
                "For example: jalon governance propose reinstate cn-hi --reason 已换新密钥 --key cn-hn-authority/authority.pem"
        )

        @Argument(help: "The member's id.")
        var member: MemberID

        @OptionGroup var proposal: ProposalOptions

        func run() async throws { try await proposal.propose(.reinstate(member)) }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove",
            abstract: "Remove a member for ever; what it signed stays. Shows the margin first.",
            discussion:
                "For example: jalon governance propose remove cn-xz --reason 退出 --key cn-hn-authority/authority.pem"
        )

        @Argument(help: "The member's id.")
        var member: MemberID

        @OptionGroup var proposal: ProposalOptions

        func run() async throws {
            let governance = try await proposal.send.node.client().governance()
            if governance.validators.contains(member.text), !proposal.send.format.json {
                let left = governance.validators.count - 1
                let quorum = Quorum.size(validatorCount: max(left, 1))
                proposal.send.format.output.note(
                    "validators after the change \(left), quorum \(quorum), may fail "
                        + "\(Quorum.faultTolerance(validatorCount: max(left, 1))); "
                        + "minimumValidators \(governance.parameters["minimumValidators"] ?? "?")"
                )
            }
            try await proposal.propose(.remove(member))
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Set a parameter; never retroactively. See jalon governance parameters.",
            discussion: "For example: jalon governance propose set onTrack 850000 --reason … --key …"
        )

        @Argument(help: "The parameter's name.")
        var parameter: String

        @Argument(help: "Its value, as jalon governance parameters shows values; 'none' unsets statusDate.")
        var value: String

        @OptionGroup var proposal: ProposalOptions

        func run() async throws {
            guard let known = Parameter.allCases.first(where: { $0.rawValue == parameter }) else {
                let names = Parameter.allCases.map(\.rawValue)
                let meant = NearestName.nearest(to: parameter, among: names)
                throw Failure.usage(
                    "there is no parameter '\(parameter)'",
                    next: meant.map { "Did you mean '\($0)'?" }
                        ?? "Parameters: \(names.joined(separator: ", "))"
                )
            }
            try await proposal.propose(.setParameter(known, try encoded(known)))
        }

        private func encoded(_ parameter: Parameter) throws -> [UInt8]? {
            if parameter == .statusDate, value == "none" { return nil }
            var encoder = CBOREncoder(capacity: 32)
            switch parameter {
            case .activation, .statusDate: encoder.encode(value)
            default:
                guard let number = Int64(value) else {
                    throw Failure.usage("\(parameter.rawValue) is '\(value)', expected a whole number")
                }
                encoder.encode(number)
            }
            return encoder.bytes
        }
    }

    struct Upgrade: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "upgrade",
            abstract:
                "Switch to the next version of the rules at a height; programs that don't know it stop there.",
            discussion:
                "For example: jalon governance propose upgrade 2 --height 20000 --reason 新规则 --key cn-hn-authority/authority.pem"
        )

        @Argument(help: "The number in jalon-block/N.")
        var version: UInt64

        @OptionGroup var proposal: ProposalOptions

        func run() async throws {
            guard (2...1_000_000).contains(version) else {
                throw Failure.usage("the version is \(version), expected 2 or more")
            }
            try await proposal.propose(.upgrade(version))
        }
    }

    /// `jalon governance vote`.
    struct Vote: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "vote",
            abstract: "Vote on a proposal as a validator's member; a vote stands.",
            discussion: "For example: jalon governance vote 9a40… yes --key cn-gz-authority/authority.pem"
        )

        @Argument(help: "The proposal's transaction id, or its first digits.")
        var proposal: String

        @Argument(help: "yes or no.")
        var ballot: String

        @OptionGroup var send: SendOptions

        func run() async throws {
            let ballot = try ArgumentValue.choice(ballot, "the vote", GovernanceBallot.self)
            let found = try await GovernanceCommand.find(proposal, send.node.client())
            guard let id = TransactionID(hex: found.id) else { return }
            try await send.send { _, client in
                [
                    .governanceVote(
                        GovernanceVote(
                            network: try await GovernanceCommand.network(client),
                            proposal: id,
                            ballot: ballot
                        )
                    )
                ]
            } summary: { client, output in
                GovernanceCommand.show(try await GovernanceCommand.find(found.id, client), output)
            }
        }
    }

    /// `jalon governance list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the proposals, what waits, and who is ready.",
            discussion: "For example: jalon governance list"
        )

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let (client, output) = (try node.client(), format.output)
            let governance = try await client.governance()
            if output.isJSON { return output.json(governance) }
            output.line(
                "epoch \(governance.epoch): \(governance.validators.count) validators, \(governance.quorum) seal a block"
            )
            if governance.proposals.isEmpty { output.line("no proposals yet") }
            if !governance.proposals.isEmpty {
                output.table(
                    ["proposal", "action", "about", "outcome", "yes", "no", "needed", "in effect from"],
                    governance.proposals.map { proposal in
                        [
                            Format.short(proposal.id), proposal.action, proposal.member ?? "–",
                            proposal.outcome,
                            "\(proposal.yes)", "\(proposal.no)", "\(proposal.needed) of \(proposal.voters)",
                            proposal.effectiveHeight.map { "block \($0)" } ?? "–",
                        ]
                    }
                )
            }
            let names = try await MemberNames(asking: client)
            for next in governance.next {
                let missing = next.members.filter { !next.ready.contains($0) }
                output.line(
                    "to \(next.members.count) validators: ready \(next.ready.count) of \(next.members.count), quorum "
                        + "\(next.quorum): not yet in effect; missing: \(names.show(missing))"
                )
            }
            for pending in governance.pending where pending.change == "recovery" {
                let when =
                    pending.due == nil
                    ? "waits for a regulator: jalon cosign" : "takes effect after its delay"
                output.line("the keys of \(pending.member) are being recovered; it \(when)")
            }
        }
    }

    /// `jalon governance show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show a proposal and its votes.",
            discussion: "For example: jalon governance show 9a40c51e"
        )

        @Argument(help: "The proposal's transaction id, or its first digits.")
        var proposal: String

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let output = format.output
            let proposal = try await GovernanceCommand.find(proposal, node.client())
            if output.isJSON { return output.json(proposal) }
            GovernanceCommand.show(proposal, output)
            output.line("  proposed by \(proposal.proposer) in block \(proposal.height): \(proposal.reason)")
            for vote in proposal.votes { output.line("  \(vote.ballot == "yes" ? "✔" : "✖") \(vote.member)") }
        }
    }

    /// `jalon governance parameters`.
    struct Parameters: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "parameters",
            abstract: "List the parameters in force.",
            discussion: "For example: jalon governance parameters"
        )

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let output = format.output
            let parameters = try await node.client().governance().parameters
            if output.isJSON { return output.json(parameters) }
            output.table(
                ["parameter", "value", "from", "to"],
                Parameter.allCases.map { parameter in
                    let range = JalonModel.Parameters.range(of: parameter)
                    return [
                        parameter.rawValue, parameters[parameter.rawValue] ?? "–",
                        range.map { "\($0.lowerBound)" } ?? "–", range.map { "\($0.upperBound)" } ?? "–",
                    ]
                }
            )
        }
    }

    // MARK: - Shared

    static func network(_ client: LedgerClient) async throws -> NetworkID {
        let network = try await client.head().network
        guard let id = NetworkID(network) else {
            throw ClientError.badAnswer(address: client.address, reason: "the network '\(network)'")
        }
        return id
    }

    /// The one proposal whose id begins so.
    static func find(_ prefix: String, _ client: LedgerClient) async throws -> API.Proposal {
        let found = try await client.governance().proposals.filter { $0.id.hasPrefix(prefix.lowercased()) }
        guard let first = found.first, found.count == 1 else {
            throw Failure(
                "E_UNKNOWN_PROPOSAL",
                found.isEmpty
                    ? "there is no proposal \(prefix)"
                    : "\(found.count) proposals begin with \(prefix)",
                next: "See: jalon governance list",
                status: .refused
            )
        }
        return first
    }

    static func show(_ proposal: API.Proposal, _ output: Output) {
        output.line(
            "  \(Format.short(proposal.id)) \(proposal.action) \(proposal.member ?? ""): \(proposal.outcome); yes "
                + "\(proposal.yes), no \(proposal.no) of \(proposal.voters), needed \(proposal.needed)"
        )
        if let height = proposal.effectiveHeight, proposal.outcome == "passed" {
            output.line("  in effect from block \(height)")
        } else if proposal.outcome == "open" {
            output.line("  the others vote with: jalon governance vote \(proposal.id.prefix(8)) yes")
        }
    }
}
