package import JalonCrypto
package import JalonModel
package import Logging
package import NIOCore
import NIOPosix
import Synchronization

/// Moves frames between this node and its peers, over mutual TLS, and nothing else.
///
/// ``run()`` listens, dials, and serves until its task is cancelled. What arrives comes out of ``events``; ``send(_:body:to:)``
/// never waits. A peer is its node key, whatever address it comes from, and has at most one connection.
package final class PeerNetwork: Sendable {
    struct State {
        var registry: Registry
        /// All connections whose sockets are open.
        var open: [UInt64: Connection] = [:]
        var lastConnection: UInt64 = 0
        var bound: [NetworkAddress] = []
        var isRunning = false
        var isStopped = false
    }

    /// What happens, for one reader; it ends when ``run()`` does.
    package let events: NetworkEvents
    let configuration: NetworkConfiguration
    let identity: TLSIdentity
    let group: any EventLoopGroup
    let logger: Logger
    let meter = Meter()
    let queue: EventQueue
    let state: Mutex<State>
    /// Told whenever a dial may be due.
    let wakeUps: (stream: AsyncStream<Void>, continuation: AsyncStream<Void>.Continuation)

    /// Makes a network that does nothing yet; its event loops are by default those that the whole process shares.
    ///
    /// - Throws: ``NetworkError/identity(reason:)``.
    package init(
        configuration: NetworkConfiguration,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        logger: Logger
    ) throws(NetworkError) {
        self.configuration = configuration
        self.group = group
        self.logger = logger
        identity = try TLSIdentity(configuration.identity)
        queue = EventQueue(limit: configuration.limits.inbox)
        events = NetworkEvents(queue: queue)
        wakeUps = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let now = NIODeadline.now()
        var registry = Registry(
            own: configuration.identity.publicKey.id,
            allowsUnknown: configuration.allowsUnknownPeers,
            limits: configuration.limits,
            timing: configuration.timing,
            at: now
        )
        _ = registry.update(configuration.peers, at: now)
        state = Mutex(State(registry: registry))
    }

    /// The id of this node's own key.
    package var ownID: KeyID { configuration.identity.publicKey.id }

    // MARK: - Running

    /// Listens, dials and serves until the task is cancelled, then closes every socket; once in its life.
    ///
    /// - Throws: ``NetworkError`` when an address can't be bound.
    package func run() async throws {
        let isFirst = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning
        }
        precondition(isFirst, "a network runs once")
        defer { queue.finish() }
        let servers = try await listen()
        do {
            try await withThrowingDiscardingTaskGroup { group in
                for server in servers { group.addTask { try await self.accept(from: server) } }
                group.addTask { await self.dialWhenDue() }
            }
        } catch {
            await closeAll()
            // Cancellation is the way to end, not a failure.
            guard Task.isCancelled else { throw error }
            return
        }
        await closeAll()
    }

    private func closeAll() async {
        let open = state.withLock { state in
            state.isStopped = true
            return Array(state.open.values)
        }
        for connection in open { connection.close(.shutdown) }
        for connection in open { await connection.closed() }
    }

    // MARK: - Sending

    /// Queues a frame for each of these peers, and returns at once.
    ///
    /// It is dropped and counted for a peer that is not connected, that is a stranger to whom this kind does not go, or whose
    /// lane is full.
    package func send(_ kind: FrameKind, body: [UInt8], to peers: [KeyID]) {
        guard kind != .hello, let bytes = Frame.encode(kind, body) else {
            logger.error(
                "a frame that no peer would take is not sent",
                metadata: ["frame.kind": "\(kind)", "frame.byteCount": "\(body.count)"]
            )
            meter.dropped(peers.map { _ in kind }, .tooLong)
            return
        }
        let (targets, absent, strangers) = state.withLock { state in
            var targets: [Connection] = []
            var absent = 0
            var strangers = 0
            for peer in peers {
                guard let entry = state.registry.connected[peer],
                    let connection = state.open[entry.connection]
                else {
                    absent += 1
                    continue
                }
                if entry.isKnown || kind.isForStrangers { targets.append(connection) } else { strangers += 1 }
            }
            return (targets, absent, strangers)
        }
        for target in targets { target.send(SendQueue.Item(kind: kind, bytes: bytes)) }
        meter.dropped([FrameKind](repeating: kind, count: absent), .notConnected)
        meter.dropped([FrameKind](repeating: kind, count: strangers), .unknownPeer)
    }

    // MARK: - Peers

    /// Replaces the known peers.
    ///
    /// Whoever becomes known or ceases to be connects anew; nobody else notices.
    package func updatePeers(_ peers: [PeerAddress]) {
        let changed = state.withLock { state in
            state.registry.update(peers, at: .now()).compactMap { state.open[$0] }
        }
        for connection in changed { connection.close(.standingChanged) }
        wakeUps.continuation.yield()
    }

    /// Drops a peer's connection and refuses it for a while.
    ///
    /// - Parameters:
    ///   - peer: Whom to drop, connected or not.
    ///   - duration: For how long its connections are refused.
    /// - Returns: Whether it had a connection.
    @discardableResult
    package func disconnect(_ peer: KeyID, refusingFor duration: Duration) -> Bool {
        let connection = state.withLock { state in
            let now = NIODeadline.now()
            state.registry.refuse(peer, until: now + TimeAmount(duration), at: now)
            return state.registry.connected[peer].flatMap { state.open[$0.connection] }
        }
        connection?.close(.requested)
        return connection != nil
    }

    /// Whether a peer has a connection now.
    package func isConnected(_ peer: KeyID) -> Bool {
        state.withLock { $0.registry.connected[peer] != nil }
    }

    /// The peers that are connected, sorted.
    package var connectedPeers: [KeyID] {
        state.withLock { $0.registry.connected.keys.sorted() }
    }

    /// All known peers and all connected ones, sorted by key.
    package var peers: [PeerStatus] {
        let statuses = state.withLock { state in
            var statuses: [KeyID: PeerStatus] = [:]
            for (address, failure) in state.registry.knownPeers {
                statuses[address.key.id] = PeerStatus(
                    id: address.key.id,
                    addresses: address.addresses,
                    isKnown: true,
                    remote: nil,
                    lastFailure: failure
                )
            }
            for (id, entry) in state.registry.connected {
                let connection = state.open[entry.connection]
                statuses[
                    id,
                    default: PeerStatus(id: id, addresses: [], isKnown: false, remote: nil, lastFailure: nil)
                ].remote = connection?.remote
                statuses[id]?.security = connection?.security.map { "\($0)" }
                statuses[id]?.lastFailure = nil
            }
            return statuses.values
        }
        return statuses.sorted { $0.id < $1.id }
    }

    /// Where this node listens, with the real ports; empty before ``NetworkEvent/listening(_:)``.
    package var boundAddresses: [NetworkAddress] { state.withLock { $0.bound } }

    /// What was counted so far.
    package var counters: NetworkCounters { meter.value }
}

/// How this node stands with a peer.
package struct PeerStatus: Equatable, Sendable {
    package var id: KeyID
    package var addresses: [NetworkAddress]
    package var isKnown: Bool
    /// The other end of its connection; `nil` while it is not connected.
    package var remote: String?
    /// The protocol that its connection's handshake agreed on, for example `tlsv13`; `nil` while it is not connected.
    package var security: String?
    /// Why the last attempt failed or the last connection ended, in words; `nil` while it is connected.
    package var lastFailure: DisconnectReason?
}

extension FrameKind {
    /// Whether a peer that is not known may send and get it: what following the chain needs, and nothing of agreeing on it.
    var isForStrangers: Bool {
        switch self {
        case .hello, .tip, .request, .certificate, .block, .finalBlock: true
        case .vote, .proposal, .transactions, .evidence, .standingRequest, .standing, .readiness: false
        }
    }
}
