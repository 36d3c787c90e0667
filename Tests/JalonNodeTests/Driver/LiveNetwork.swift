import Foundation
import JalonCrypto
import JalonModel
import JalonNetwork
import JalonSchema
import JalonStorage
import Logging
import Synchronization
import Testing

@testable import JalonNode

/// Real nodes in this process: real sockets on the loopback, real files, real clocks.
final class LiveNetwork: Sendable {
    let genesis: Genesis
    let folder: TemporaryFolder
    private let ports: [Int]
    private let authority: PrivateKey
    private let issuer: MemberID
    private let planCount = Mutex<UInt32>(0)

    private let isRing: Bool

    /// In a ring each node knows the address of the next one alone, so no node has a link to all.
    init(validatorCount: Int, isRing: Bool = false) throws {
        self.isRing = isRing
        folder = try TemporaryFolder()
        var generator = SystemRandomNumberGenerator()
        ports = try LiveNetwork.freePorts(validatorCount)
        var members: [Member] = []
        var validators: [Validator] = []
        var first: PrivateKey?
        for number in 0..<validatorCount {
            let (authority, node) = (try PrivateKey(using: &generator), try PrivateKey(using: &generator))
            let validator = try PrivateKey(using: &generator)
            let id = try #require(MemberID("xz-\(number)"))
            try KeyFile.save(node, at: "\(folder.path)/node-\(number).pem")
            try KeyFile.save(validator, at: "\(folder.path)/validator-\(number).pem")
            let address = try #require(NodeAddress("127.0.0.1:\(ports[number])"))
            members.append(
                Member(
                    id: id,
                    roles: [.province],
                    name: try LocalizedText(zh: "地区"),
                    region: RegionCode("XZ-\(number)"),
                    authorityKeys: [authority.publicKey],
                    nodes: [NodeEntry(key: node.publicKey, addresses: isRing ? [] : [address])]
                )
            )
            validators.append(Validator(key: validator.publicKey, member: id))
            first = first ?? authority
        }
        authority = try #require(first)
        issuer = try #require(MemberID("xz-0"))
        var parameters = Parameters(validatorCount: validatorCount)
        parameters.deltaMilliseconds = 100
        genesis = try Genesis(
            network: try #require(NetworkID("live")),
            time: WallTime.now(),
            parameters: parameters,
            members: members,
            validators: try ValidatorSet(validators)
        )
        try Data(genesis.encoded).write(to: URL(fileURLWithPath: "\(folder.path)/genesis.cbor"))
    }

    /// A node on its folder, which tells of what it made durable and writes to `log`, where there is one.
    func node(
        _ number: Int,
        log: LogLines? = nil,
        didPersist: @escaping @Sendable ([JalonModel.Record]) throws -> Void = { _ in }
    ) throws -> Node {
        var logger = Logger(label: "node-\(number)")
        logger.logLevel = ProcessInfo.processInfo.environment["JALON_TEST_LOG"] == nil ? .critical : .debug
        return try Node(
            configuration: configuration(number),
            passphrases: PassphraseSource(environment: [:]),
            acceptTime: false,
            logger: log?.logger(.info) ?? logger,
            didPersist: didPersist
        )
    }

    /// Where everything of a node is.
    func configuration(_ number: Int) throws -> NodeConfiguration {
        NodeConfiguration(
            genesis: "\(folder.path)/genesis.cbor",
            data: "\(folder.path)/data-\(number)",
            listen: SocketAddress(host: "127.0.0.1", port: ports[number]),
            apiListen: SocketAddress(host: "127.0.0.1", port: 0),
            keys: NodeKeys(
                node: "\(folder.path)/node-\(number).pem",
                validator: "\(folder.path)/validator-\(number).pem"
            ),
            peers: isRing ? [try neighbour(of: number)] : []
        )
    }

    private func neighbour(of number: Int) throws -> PeerConfiguration {
        let next = (number + 1) % ports.count
        return PeerConfiguration(
            member: MemberID("xz-\(next)"),
            addresses: [try #require(NodeAddress("127.0.0.1:\(ports[next])"))]
        )
    }

    /// The network alone of a member's node, connecting to the first node: for what no node would send.
    func bareNetwork(_ number: Int) throws -> PeerNetwork {
        let key = try KeyFile.load(at: "\(folder.path)/node-\(number).pem")
        let first = try KeyFile.load(at: "\(folder.path)/node-0.pem")
        let hello = Hello(
            network: genesis.network,
            chain: genesis.chain,
            epoch: Epoch(0),
            height: Height(0),
            validatorsHash: genesis.validators.hash
        )
        let address = try NetworkAddress("127.0.0.1:\(ports[0])")
        return try PeerNetwork(
            configuration: NetworkConfiguration(
                identity: key,
                listen: [],
                peers: [try PeerAddress(key: first.publicKey, addresses: [address])],
                hello: { hello }
            ),
            logger: Logger(label: "bare") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// A node of no member: made as `jalon join --mirror` makes it.
    func mirror() throws -> Node {
        var generator = SystemRandomNumberGenerator()
        let joined = try JoinSetup(
            invitation: Invitation(genesis: genesis),
            keyFolder: "\(folder.path)/mirror",
            folder: "\(folder.path)/mirror",
            listen: SocketAddress(host: "127.0.0.1", port: 0),
            apiListen: SocketAddress(host: "127.0.0.1", port: 0)
        ).runMirror(using: &generator)
        let configuration = try NodeConfiguration(file: joined.configuration)
        var logger = Logger(label: "mirror")
        logger.logLevel = .critical
        return try Node(configuration: configuration, logger: logger)
    }

    /// A plan that the first member may publish, a new one each time.
    func plan() throws -> Transaction {
        let number = planCount.withLock { count in
            count += 1
            return count
        }
        let nonce = (0..<4).flatMap { _ in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
        let day = try #require(CalendarDay("2020-06-30"))
        let plan = PlanPublish(
            id: try #require(PlanID("XZ-0-2020-P\(number)")),
            region: try #require(RegionCode("XZ-0")),
            title: try LocalizedText(zh: "计划 \(number)"),
            issuer: try Text("发布者"),
            published: try #require(CalendarDate(date: day, precision: .day, basis: .explicit)),
            source: Source(kind: .press)
        )
        return try Transaction.signed(
            body: TransactionBody.planPublish(plan).encoded,
            subject: plan.subject,
            issuer: issuer,
            chain: genesis.chain,
            nonce: nonce,
            expires: WallTime.now().advanced(byMilliseconds: 600_000),
            key: authority
        )
    }

    /// Hands a new plan to a node, and waits until it is final there and on the `others`.
    func finalizePlan(on node: Node, _ others: [Node] = []) async throws {
        let transaction = try plan()
        _ = try await node.ledger.submit([transaction])
        for node in [node] + others {
            #expect(try await node.ledger.settledTransaction(transaction.id).state == .final)
        }
    }

    /// The last port that a network of this process was given.
    private static let lastPort = Mutex(Int.random(in: 20_000..<32_000))

    /// Ports that nobody listens at now, below those that the system gives to outgoing connections, and each for one
    /// network of this process: another could take it between this and the node's start.
    private static func freePorts(_ count: Int) throws -> [Int] {
        let ports = lastPort.withLock { last in
            var ports: [Int] = []
            for _ in 0..<12_000 where ports.count < count {
                last = last + 1 < 32_000 ? last + 1 : 20_000
                if isFree(last) { ports.append(last) }
            }
            return ports
        }
        try #require(ports.count == count, "no free ports between 20000 and 32000")
        return ports
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
