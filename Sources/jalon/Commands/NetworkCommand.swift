import ArgumentParser
import Foundation
import JalonCodec
import JalonCrypto
import JalonModel
import JalonNode

/// `jalon network`: the beginning of a network.
struct NetworkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "network",
        abstract: "Make a network out of its members' files, show an invitation.",
        subcommands: [Create.self, Show.self]
    )

    /// `jalon network create`.
    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "create",
            abstract: "Check the members' files and write the invitation that each of them joins with.",
            discussion: "For example: jalon network create *.member.json --network cn-plans-2020"
        )

        @Argument(help: "The members' files, as jalon member init wrote them.")
        var files: [String]

        @Option(help: ArgumentHelp("The network's id (default: what --parameters says).", valueName: "id"))
        var network: NetworkID?

        @Option(
            help: ArgumentHelp(
                "A YAML file of parameters, units and sectors, such as Config/demo/network.yaml.",
                valueName: "file"
            )
        )
        var parameters: String?

        @Option(help: ArgumentHelp("The invitation.", valueName: "file"))
        var out = "invitation.jalon"

        @OptionGroup var format: OutputOptions

        func run() throws {
            let members = try files.map { try MemberFile(file: $0) }
            let validatorCount = members.filter { $0.validatorKey != nil }.count
            let input =
                try parameters.map { try NetworkInput(file: $0, validatorCount: validatorCount) }
                ?? NetworkInput(validatorCount: validatorCount)
            let now = Timestamp(UInt64(max(0, Date().timeIntervalSince1970 * 1_000)))
            let genesis = try NetworkSetup.genesis(
                members: members,
                input: input,
                network: network,
                time: now
            )
            let invitation = Invitation(genesis: genesis)
            try invitation.write(to: out)
            let output = format.output
            if output.isJSON { return output.json(NetworkReport(genesis)) }
            NetworkCommand.show(genesis, output)
            output.done("\(out)   send it to every member, and tell them the chain's id another way")
        }
    }

    /// `jalon network show`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show what an invitation says, after checking it.",
            discussion: "For example: jalon network show invitation.jalon"
        )

        @Argument(help: "The invitation.")
        var file: String

        @OptionGroup var format: OutputOptions

        func run() throws {
            let genesis = try Invitation(file: file).genesis
            let output = format.output
            if output.isJSON { return output.json(NetworkReport(genesis)) }
            NetworkCommand.show(genesis, output)
        }
    }

    static func show(_ genesis: Genesis, _ output: Output) {
        let set = genesis.validators
        output.line("network     \(genesis.network)")
        output.line("chain       \(genesis.chain)")
        output.line(
            "validators  \(set.count), of which \(set.quorum) seal a block and \(set.faultTolerance) may fail"
        )
        if set.faultTolerance == 0 {
            output.line(
                "            With fewer than four validators the network stands still when one of them does."
            )
        }
        if let day = genesis.parameters.statusDate {
            output.line("as of       \(day): statuses are judged at this day (demonstration date)")
        }
        output.table(
            ["member", "name", "region", "roles", "seals blocks", "addresses"],
            genesis.members.map { member in
                [
                    member.id.text,
                    [member.name.en, member.name.zh].compactMap { $0?.string }.joined(separator: " "),
                    member.region?.text ?? "–", member.roles.map(\.rawValue).joined(separator: ", "),
                    set.index(of: member.id) == nil ? "no" : "yes",
                    member.nodes.flatMap(\.addresses).map(\.text).joined(separator: ", "),
                ]
            }
        )
    }
}

/// A genesis as `--json` shows it.
struct NetworkReport: Encodable {
    struct Entry: Encodable {
        let id: String
        let roles: [String]
        let region: String?
        let isValidator: Bool
        let addresses: [String]
        let authorityKeys: [String]
        let nodeKeys: [String]
        let validatorKey: String?
    }

    let network: String
    let chain: String
    let time: UInt64
    let quorum: Int
    let toleratedFaults: Int
    let parameters: [String: String]
    let members: [Entry]

    init(_ genesis: Genesis) {
        (network, chain, time) = (genesis.network.text, genesis.chain.hex, genesis.time.value)
        (quorum, toleratedFaults) = (genesis.validators.quorum, genesis.validators.faultTolerance)
        var parameters: [String: String] = [:]
        for (parameter, value) in genesis.parameters.leaves {
            parameters[parameter.rawValue] = Hex.encode(value)
        }
        self.parameters = parameters
        members = genesis.members.map { member in
            Entry(
                id: member.id.text,
                roles: member.roles.map(\.rawValue),
                region: member.region?.text,
                isValidator: genesis.validators.index(of: member.id) != nil,
                addresses: member.nodes.flatMap(\.addresses).map(\.text),
                authorityKeys: member.authorityKeys.map(\.id.hex),
                nodeKeys: member.nodes.map(\.key.id.hex),
                validatorKey: genesis.validators.index(of: member.id).flatMap {
                    genesis.validators[$0]?.key.id.hex
                }
            )
        }
    }
}

/// `jalon join`: makes this machine a member's node.
struct Join: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Make a node ready to run: its genesis, configuration and empty ledger.",
        discussion: """
            For example: jalon join invitation.jalon --keys cn-hn
            A member that the network admits later joins with --applicant: its node follows the chain, and seals blocks \
            once it is admitted and a quorum is ready, without a restart.
            Anybody may run a mirror, which follows, serves and verifies: \
            jalon join invitation.jalon --mirror my-mirror
            With --snapshot the node goes on from one of the last blocks, in seconds whatever the chain's length, instead \
            of fetching every block; the snapshot is checked from the genesis alone. It does not hold the blocks before.
            """
    )

    @Argument(help: "The coordinator's invitation.")
    var invitation: String

    @Option(help: ArgumentHelp("A member's folder of node.pem and validator.pem.", valueName: "folder"))
    var keys: String?

    @Flag(help: "The network has not admitted the member of --keys yet: follow until it does.")
    var applicant = false

    @Option(help: ArgumentHelp("Make a mirror, with a new key, in this new folder.", valueName: "folder"))
    var mirror: String?

    @Option(
        help: ArgumentHelp(
            "For the genesis, the configuration and the data (default: that of the keys).",
            valueName: "folder"
        )
    )
    var folder: String?

    @Option(help: ArgumentHelp("Where peers connect.", valueName: "host:port"))
    var listen = "0.0.0.0:7400"

    @Option(help: ArgumentHelp("Where the API and the page are served.", valueName: "host:port"))
    var apiListen = "127.0.0.1:8400"

    @Option(
        help: ArgumentHelp(
            "What jalon snapshot wrote, or the address of a node that makes one.",
            valueName: "file"
        )
    )
    var snapshot: String?

    @OptionGroup var passphrase: PassphraseOptions
    @OptionGroup var format: OutputOptions

    func validate() throws {
        guard (keys == nil) != (mirror == nil) else {
            throw ValidationError("give --keys FOLDER for a member's node, or --mirror FOLDER for a mirror")
        }
        guard !applicant || keys != nil else {
            throw ValidationError("--applicant is for a member's node: give --keys FOLDER")
        }
    }

    func run() async throws {
        guard let snapshot else { return try run(snapshot: nil) }
        try await SnapshotPlace.withFile(snapshot, format.output) { try run(snapshot: $0) }
    }

    private func run(snapshot: String?) throws {
        let invitation = try Invitation(file: invitation)
        let base = keys ?? mirror ?? ""
        var setup = JoinSetup(
            invitation: invitation,
            keyFolder: base,
            folder: folder ?? base,
            listen: try ArgumentValue.address(listen, "--listen"),
            apiListen: try ArgumentValue.address(apiListen, "--api-listen"),
            passphrases: passphrase.source(),
            snapshot: snapshot
        )
        let bar = SharedProgressBar(isShown: format.output.isErrorTerminal && !format.output.isJSON)
        setup.progress = { bar.show($0, of: $1, "blocks and leaves") }
        defer { bar.clear() }
        var generator = SystemRandomNumberGenerator()
        let joined =
            mirror == nil ? try setup.run(isApplicant: applicant) : try setup.runMirror(using: &generator)
        bar.clear()
        let role =
            mirror != nil ? "mirror" : applicant ? "applicant" : joined.isValidator ? "validator" : "observer"
        let (output, genesis) = (format.output, invitation.genesis)
        if output.isJSON {
            return output.json([
                "member": joined.member?.text ?? "", "network": genesis.network.text,
                "chain": genesis.chain.hex,
                "role": role, "configuration": joined.configuration,
                "data": joined.data, "height": "\(joined.start?.height ?? Height(0))",
            ])
        }
        let article = role == "observer" || role == "applicant" ? "an" : "a"
        output.done("\(joined.member?.text ?? base) is ready for \(genesis.network) as \(article) \(role)")
        output.line("  chain \(genesis.chain)   is it the one that the coordinator named to you another way?")
        if let start = joined.start { output.show(start) }
        output.line("  Next: jalon node run \(joined.configuration)")
        if applicant {
            output.line("  A validator proposes it: jalon governance propose admit FILE.member.json")
        }
    }
}
