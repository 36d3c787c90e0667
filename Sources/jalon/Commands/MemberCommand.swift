import ArgumentParser
import JalonClient
import JalonModel
import JalonNode
import JalonSchema

/// `jalon member`: the organisations of a network.
struct MemberCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "member",
        abstract: "Make the keys of a new member, list a network's members, show one with its keys.",
        subcommands: [Init.self, List.self, Show.self]
    )

    /// `jalon member init`.
    struct Init: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "init",
            abstract: "Make the keys of a new member, and its file for the coordinator.",
            discussion: """
                Makes <id>/node.pem and <id>/validator.pem for the node's machine, <id>-authority/authority.pem for
                the office, which is to be kept off it, and <id>.member.json with the public keys and the proof that
                their holder made the file. With --recovery also a key for the day when the authority key is lost. For
                example:
                jalon member init cn-hn --role province --region CN-HN --name-zh 湖南省 --name-en Hunan \
                --address node.hn.example.cn:7400
                """
        )

        @Argument(help: "The member's id, for example cn-hn.")
        var id: MemberID

        @Option(
            help: ArgumentHelp("Take name, roles and region from a YAML file of members.", valueName: "file")
        )
        var from: String?

        @Option(help: "province, regulator, auditor or observer; repeatable (default: province).")
        var role: [String] = []

        @Option(help: "The name in Chinese.")
        var nameZh: String?

        @Option(help: "The name in English.")
        var nameEn: String?

        @Option(help: "The name in French.")
        var nameFr: String?

        @Option(help: ArgumentHelp("The region's ISO 3166-2 code, for a province.", valueName: "code"))
        var region: String?

        @Option(
            help: ArgumentHelp("Where other nodes may dial this one; repeatable.", valueName: "host:port")
        )
        var address: [String] = []

        @Flag(help: "Seal no blocks: make no validator key.")
        var observer = false

        @Option(
            help: ArgumentHelp(
                "Also make a recovery key, for the day when the authority key is lost: keep it in a vault.",
                valueName: "file"
            )
        )
        var recovery: String?

        @Flag(help: "Encrypt the authority key, and the recovery key, with a passphrase.")
        var encrypt = false

        @OptionGroup var passphraseOptions: PassphraseOptions

        @Option(help: ArgumentHelp("For the node's keys (default: <id>).", valueName: "folder"))
        var nodeFolder: String?

        @Option(help: ArgumentHelp("For the authority key (default: <id>-authority).", valueName: "folder"))
        var authorityFolder: String?

        @Option(help: ArgumentHelp("The member's file (default: <id>.member.json).", valueName: "file"))
        var out: String?

        @OptionGroup var format: OutputOptions

        func run() throws {
            let listed = try from.map(listed)
            let roles = try role.map { try ArgumentValue.choice($0, "--role", MemberRole.self) }
            let setup = MemberSetup(
                id: id,
                roles: roles.isEmpty ? listed?.roles ?? [.province] : roles,
                name: try nameZh == nil ? listed?.name ?? name() : name(),
                region: try region.map { try ArgumentValue.identifier($0, "--region") } ?? listed?.region,
                addresses: try address.map {
                    try ArgumentValue.identifier($0, "--address", NodeAddress.self)
                },
                isObserver: observer,
                nodeFolder: nodeFolder ?? id.text,
                authorityFolder: authorityFolder ?? "\(id)-authority",
                recoveryKeyPath: recovery,
                file: out ?? "\(id).member.json"
            )
            var generator = SystemRandomNumberGenerator()
            let passphrase = encrypt ? try passphraseOptions.new(for: setup.authorityKeyPath) : nil
            let made = try setup.run(using: &generator, passphrase: passphrase)
            let output = format.output
            if output.isJSON {
                return output.json([
                    "member": id.text, "file": setup.file, "authorityKey": setup.authorityKeyPath,
                    "nodeKey": setup.nodeKeyPath,
                    "validatorKey": made.validatorKey == nil ? "" : setup.validatorKeyPath,
                    "recoveryKey": recovery ?? "",
                ])
            }
            output.done("\(setup.file)   hand it to the coordinator; it holds no secret")
            output.line("  \(setup.nodeFolder)/   the node's keys: they stay on its machine")
            output.line(
                "  \(setup.authorityKeyPath)   signs for \(id): move it off the node's machine, to the office"
            )
            if let recovery {
                output.line("  \(recovery)   recovers from the loss of that one: jalon key explain recovery")
            }
            output.line(
                "  Next, with the coordinator's invitation: jalon join invitation.jalon --keys \(setup.nodeFolder)"
            )
        }

        /// This member's entry in a file of members.
        private func listed(_ file: String) throws -> MemberInput {
            let members = try LedgerInput.members(file: file)
            guard let member = members.first(where: { $0.id == id }) else {
                let meant = NearestName.nearest(to: id.text, among: members.map(\.id.text))
                throw Failure.usage(
                    "\(file) has no member \(id)",
                    next: meant.map { "Did you mean '\($0)'?" }
                )
            }
            return member
        }

        private func name() throws -> LocalizedText {
            guard let nameZh else {
                throw Failure.usage(
                    "no name is given",
                    next: "Give --name-zh, and --name-en and --name-fr if you can."
                )
            }
            do {
                return try LocalizedText(
                    zh: nameZh.normalizedToNFC,
                    en: nameEn?.normalizedToNFC,
                    fr: nameFr?.normalizedToNFC,
                    limit: .title
                )
            } catch {
                throw Failure.usage("the name: \(error)")
            }
        }
    }

    /// `jalon member show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show a member, its standing and its keys.",
            discussion: "For example: jalon member show cn-hn"
        )

        @Argument(help: "The member's id.")
        var id: MemberID

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let output = format.output
            let members = try await node.client().members().members
            guard let member = members.first(where: { $0.id == id.text }) else {
                let meant = NearestName.nearest(to: id.text, among: members.map(\.id))
                throw Failure(
                    "E_UNKNOWN_MEMBER",
                    "there is no member \(id)",
                    next: meant.map { "Did you mean '\($0)'?" } ?? "See: jalon member list",
                    status: .refused
                )
            }
            if output.isJSON { return output.json(member) }
            let standing = member.isRemoved ? "removed" : member.isSuspended ? "suspended" : "active"
            output.line("member      \(member.id)   \(Format.name(member.name))")
            output.line("standing    \(standing)\(member.isValidator ? ", seals blocks" : "")")
            output.line("roles       \(member.roles.joined(separator: ", "))")
            output.line("region      \(member.region?.code ?? "–")")
            output.table(
                ["key", "for", "algorithm", "active"],
                member.keys.map { [$0.id, $0.kind, $0.algorithm, $0.isActive ? "yes" : "no"] }
            )
        }
    }

    /// `jalon member list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the members of the node's network.",
            discussion: "For example: jalon member list --node http://127.0.0.1:8400"
        )

        @OptionGroup var node: NodeOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            let output = format.output
            let list = try await node.client().members()
            if output.isJSON { return output.json(list) }
            output.table(
                ["member", "name", "region", "roles", "seals blocks", "node"],
                list.members.map { member in
                    [
                        member.id, Format.name(member.name), member.region?.code ?? "–",
                        member.roles.joined(separator: ", "), member.isValidator ? "yes" : "no",
                        member.isConnected.map { $0 ? "connected" : "not connected" } ?? "–",
                    ]
                }
            )
        }
    }
}
