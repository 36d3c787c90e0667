import Foundation
import JalonCrypto
import JalonModel
import JalonNode

/// One node of a devnet, as it is run.
struct DevnetNode: Codable, Hashable, Sendable {
    let member: String
    /// The file for `jalon node run`.
    let configuration: String
    /// Where its output goes.
    let log: String
    /// The API's address.
    let api: String
    /// The file of the member's authority key.
    let authorityKey: String
    let isValidator: Bool
}

/// A devnet that is made: what its folder's `devnet.json` holds.
struct DevnetLayout: Codable, Hashable, Sendable {
    let network: String
    let chain: String
    let nodes: [DevnetNode]
    /// Three commands to try.
    let commands: [String]
}

/// A devnet that is to be made, or was.
struct DevnetPlan {
    let folder: String
    let members: [MemberInput]
    /// Parameters, units and sectors; `nil` for the defaults.
    let networkFile: String?
    let network: NetworkID?
    let firstPort: Int
    let firstAPIPort: Int

    private var layoutPath: String { "\(folder)/devnet.json" }

    /// The network of the folder, made where there is none.
    func madeOrFound() throws -> DevnetLayout {
        if let data = FileManager.default.contents(atPath: layoutPath) {
            guard let layout = try? JSONDecoder().decode(DevnetLayout.self, from: data) else {
                throw Failure.usage(
                    "\(layoutPath) is no devnet's",
                    next: "Give another --folder, or remove that one."
                )
            }
            let found = layout.nodes.map(\.member)
            guard found == members.map(\.id.text) else {
                throw Failure.usage(
                    "\(folder) holds a network of \(found.joined(separator: ", "))",
                    next: "Give another --folder, or remove that one."
                )
            }
            return layout
        }
        return try made()
    }

    /// Members that are nobody: regions of the codes that ISO 3166 leaves to users.
    static func inventedMembers(_ count: Int) throws -> [MemberInput] {
        try (1...count).map { number in
            let digits = String(number)
            let code = "XZ-" + String(repeating: "0", count: max(0, 2 - digits.count)) + digits
            guard let id = MemberID(code.lowercased()), let region = RegionCode(code) else {
                preconditionFailure("\(code) is a region's code")
            }
            let name = try LocalizedText(zh: "示例地区 \(number)", en: "Region \(number)", fr: "Région \(number)")
            return MemberInput(id: id, roles: [.province], name: name, region: region)
        }
    }

    // MARK: - Making

    private func made() throws -> DevnetLayout {
        let (ports, apiPorts) = (
            try FreePorts.find(members.count, from: firstPort),
            try FreePorts.find(members.count, from: firstAPIPort)
        )
        var generator = SystemRandomNumberGenerator()
        var files: [MemberFile] = []
        for (member, port) in zip(members, ports) {
            guard let address = NodeAddress("127.0.0.1:\(port)") else {
                preconditionFailure("a port makes an address")
            }
            let setup = MemberSetup(
                id: member.id,
                roles: member.roles,
                name: member.name,
                region: member.region,
                addresses: [address],
                isObserver: !member.roles.contains(.province),
                nodeFolder: "\(folder)/\(member.id)",
                authorityFolder: authorityFolder(of: member),
                file: "\(folder)/\(member.id).member.json"
            )
            files.append(try setup.run(using: &generator))
        }
        let validatorCount = files.filter { $0.validatorKey != nil }.count
        let input =
            try networkFile.map { try NetworkInput(file: $0, validatorCount: validatorCount) }
            ?? NetworkInput(validatorCount: validatorCount)
        let now = Timestamp(UInt64(max(0, Date().timeIntervalSince1970 * 1_000)))
        let genesis = try NetworkSetup.genesis(members: files, input: input, network: network, time: now)
        let invitation = Invitation(genesis: genesis)
        try invitation.write(to: "\(folder)/invitation.jalon")
        var nodes: [DevnetNode] = []
        for (index, member) in members.enumerated() {
            let nodeFolder = "\(folder)/\(member.id)"
            var setup = JoinSetup(
                invitation: invitation,
                keyFolder: nodeFolder,
                folder: nodeFolder,
                listen: SocketAddress(host: "127.0.0.1", port: ports[index]),
                apiListen: SocketAddress(host: "127.0.0.1", port: apiPorts[index])
            )
            setup.apiNodes = apiPorts.filter { $0 != apiPorts[index] }.prefix(WebOrigin.maximumCount)
                .compactMap { WebOrigin("http://127.0.0.1:\($0)") }
            let joined = try setup.run()
            nodes.append(
                DevnetNode(
                    member: member.id.text,
                    configuration: joined.configuration,
                    log: "\(nodeFolder)/node.log",
                    api: "http://127.0.0.1:\(apiPorts[index])",
                    authorityKey: "\(authorityFolder(of: member))/authority.pem",
                    isValidator: joined.isValidator
                )
            )
        }
        let layout = DevnetLayout(
            network: genesis.network.text,
            chain: genesis.chain.hex,
            nodes: nodes,
            commands: try commands(genesis)
        )
        try write(Output.encoded(layout, pretty: true), to: layoutPath)
        return layout
    }

    private func authorityFolder(of member: MemberInput) -> String { "\(folder)/keys/\(member.id)" }

    /// Three commands that work for the first member at once, with the files that they need.
    private func commands(_ genesis: Genesis) throws -> [String] {
        guard let region = members.first?.region else { return [] }
        let day = CalendarDay(timestamp: genesis.time, utcOffsetMinutes: genesis.parameters.utcOffsetMinutes)
        let year = day.parts.year
        let (plan, commitment) = ("\(region)-\(year)-P9", "\(region)-\(year)-900")
        try write(
            """
            # A plan to try: jalon plan publish this file.
            plans:
              - id: \(plan)
                region: \(region)
                title: {zh: 示例计划, en: A plan to try, fr: Un plan à essayer}
                issuer: 示例
                published: {date: "\(day)", precision: day, basis: explicit}
                source: {kind: press}

            """,
            to: "\(folder)/plan.yaml"
        )
        try write(
            """
            # A commitment to try, after its plan: jalon commitment propose this file.
            commitments:
              - id: \(commitment)
                plan: \(plan)
                region: \(region)
                title: {zh: 一百家企业, en: A hundred enterprises, fr: Cent entreprises}
                indicator: {code: ENT_ONCHAIN, unit: enterprise, measure: count, accumulation: cumulative, direction: up}
                target: {op: ge, value: "100"}
                start: "\(day.adding(days: -100))"
                deadline: {date: "\(day.adding(days: 265))", precision: day, basis: explicit}

            """,
            to: "\(folder)/commitment.yaml"
        )
        return [
            "jalon plan publish \(folder)/plan.yaml",
            "jalon commitment propose \(folder)/commitment.yaml",
            "jalon milestone report \(commitment) --value 25 --at \(day.adding(days: -1)) --fictional",
        ]
    }

    private func write(_ text: String, to path: String) throws {
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        } catch {
            throw Failure(
                "E_FILE",
                "\(path) can't be written: \(error.localizedDescription)",
                status: .failed
            )
        }
    }
}
