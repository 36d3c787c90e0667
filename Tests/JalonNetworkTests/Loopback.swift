import JalonCrypto
import JalonModel
@testable import JalonNetwork
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Testing

/// The situation did not come about in time.
struct DeadlineReached: Error {}

/// Runs `body`, and fails once `limit` has passed: a bound on a broken run, never a pace.
func within<Value: Sendable>(
    _ limit: Duration = .seconds(20),
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw DeadlineReached()
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw DeadlineReached() }
        return value
    }
}

func makeKey(_ number: UInt8) throws -> PrivateKey {
    try PrivateKey(seed: [UInt8](repeating: number, count: 32))
}

/// Two keys, the one with the smaller id first.
func makePair() throws -> (smaller: PrivateKey, larger: PrivateKey) {
    let one = try makeKey(1)
    let two = try makeKey(2)
    return one.publicKey.id < two.publicKey.id ? (one, two) : (two, one)
}

func makeHello(chain: UInt8 = 1, network: String = "test") throws -> Hello {
    Hello(
        network: try #require(NetworkID(network)),
        chain: ChainID(try #require(Digest([UInt8](repeating: chain, count: 32)))),
        epoch: Epoch(0),
        height: Height(7),
        validatorsHash: .zero
    )
}

func makeConfiguration(
    _ key: PrivateKey,
    peers: [PeerAddress] = [],
    hello: Hello? = nil,
    _ change: (inout NetworkConfiguration) -> Void = { _ in }
) throws -> NetworkConfiguration {
    let hello = try hello ?? makeHello()
    var configuration = NetworkConfiguration(
        identity: key,
        listen: [try NetworkAddress("127.0.0.1:0")],
        peers: peers,
        hello: { hello }
    )
    configuration.timing.headStart = .milliseconds(50)
    change(&configuration)
    return configuration
}

func makeNetwork(
    _ configuration: NetworkConfiguration,
    logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
) throws -> PeerNetwork {
    try PeerNetwork(configuration: configuration, logger: logger)
}

/// Remembers what was logged at the level info or above.
struct LogTap: LogHandler {
    final class Messages: Sendable {
        private let messages = Mutex<[String]>([])
        var all: [String] { messages.withLock { $0 } }
        func add(_ message: String) { messages.withLock { $0.append(message) } }
    }

    let messages = Messages()
    var logLevel = Logger.Level.info
    var metadata = Logger.Metadata()

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { messages.add(event.message.description) }
}

/// A node of a test: a network and the iterator over its events.
struct Node {
    let network: PeerNetwork
    private var iterator: NetworkEvents.AsyncIterator
    private(set) var address: NetworkAddress

    /// Waits until the network listens.
    init(_ network: PeerNetwork) async throws {
        self.network = network
        iterator = network.events.makeAsyncIterator()
        guard case .listening(let addresses) = await iterator.next(), let first = addresses.first else {
            throw DeadlineReached()
        }
        address = first
    }

    var id: KeyID { network.ownID }

    func peer(reachable: Bool = true) throws -> PeerAddress {
        try PeerAddress(
            key: network.configuration.identity.publicKey,
            addresses: reachable ? [address] : []
        )
    }

    mutating func next() async throws -> NetworkEvent {
        guard let event = await iterator.next() else { throw DeadlineReached() }
        return event
    }

    /// Skips all but the beginning of a connection.
    @discardableResult
    mutating func connected() async throws -> (peer: KeyID, hello: Hello, isKnown: Bool) {
        while true {
            if case .connected(let peer, let hello, let isKnown) = try await next() {
                return (peer, hello, isKnown)
            }
        }
    }

    /// Skips all but the end of a connection.
    @discardableResult
    mutating func disconnected() async throws -> DisconnectReason {
        while true {
            if case .disconnected(_, let reason) = try await next() { return reason }
        }
    }

    /// Skips all but frames.
    mutating func frame() async throws -> (kind: FrameKind, body: [UInt8], peer: KeyID) {
        while true {
            if case .frame(let kind, let body, let peer) = try await next() { return (kind, body, peer) }
        }
    }
}

/// Waits for something that comes about without an event, such as a count; ends with its task at the latest.
func eventually(_ condition: () throws -> Bool) async throws {
    while try !condition() {
        try Task.checkCancellation()
        await Task.yield()
    }
}

/// Runs networks while `body` uses them, then cancels them and waits for their ends.
func running<Value: Sendable>(
    _ networks: PeerNetwork...,
    body: @escaping @Sendable ([Node]) async throws -> Value
) async throws -> Value {
    try await within {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            for network in networks {
                group.addTask {
                    try await network.run()
                    return nil
                }
            }
            group.addTask {
                var nodes: [Node] = []
                for network in networks { nodes.append(try await Node(network)) }
                return try await body(nodes)
            }
            while let result = try await group.next() {
                guard let result else { continue }
                group.cancelAll()
                while try await group.next() != nil {}
                return result
            }
            throw DeadlineReached()
        }
    }
}

/// A TLS client that speaks bytes, for what no node would say.
struct RawPeer: Sendable {
    let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Connects with the identity `key`, or with no certificate at all.
    init(
        to address: NetworkAddress,
        key: PrivateKey?,
        version: TLSVersion = .tlsv13,
        signing: [NIOSSL.SignatureAlgorithm]? = [.ed25519]
    ) async throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.maximumTLSVersion = version
        configuration.verifySignatureAlgorithms = [.ed25519]
        configuration.signingSignatureAlgorithms = signing
        configuration.trustRoots = .certificates([])
        configuration.certificateVerification = .noHostnameVerification
        if let key {
            configuration.certificateChain = [
                .certificate(try NIOSSLCertificate(bytes: key.selfSignedCertificatePEM(), format: .pem))
            ]
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: key.pem(), format: .pem))
        }
        let context = try NIOSSLContext(configuration: configuration)
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(
                            context: context,
                            serverHostname: nil,
                            customVerificationCallback: { $1.succeed(.certificateVerified) }
                        )
                    )
                    return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// Writes bytes, then reads until the other side closes.
    func talk(_ bytes: [UInt8]) async throws -> [UInt8] {
        try await channel.executeThenClose { inbound, outbound in
            try? await outbound.write(ByteBuffer(bytes: bytes))
            var answer: [UInt8] = []
            do {
                for try await buffer in inbound { answer += buffer.readableBytesView }
            } catch {
                // A refusal may come as an alert or a reset.
            }
            return answer
        }
    }
}

/// The bytes of a frame, correct or not.
func frameBytes(_ kind: UInt8, _ body: [UInt8], length: UInt32? = nil) -> [UInt8] {
    let length = length ?? UInt32(body.count + 1)
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + [kind] + body
}
