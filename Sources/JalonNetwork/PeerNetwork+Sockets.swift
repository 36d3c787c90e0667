import JalonCrypto
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A connection and its frames, once its handlers stand.
struct OpenConnection: Sendable {
    let connection: Connection
    let frames: NIOAsyncChannel<ReceivedFrame, Never>
}

extension PeerNetwork {
    typealias Server = NIOAsyncChannel<OpenConnection?, Never>

    // MARK: - Listening

    /// Binds every address, or none.
    func listen() async throws -> [Server] {
        var servers: [Server] = []
        do {
            for address in configuration.listen { servers.append(try await bind(address)) }
        } catch {
            for server in servers { try? await server.executeThenClose { _ in } }
            throw error
        }
        let bound = servers.map { server in
            let address = server.channel.localAddress
            return NetworkAddress(host: address?.ipAddress ?? "", port: address?.port ?? 0)
        }
        state.withLock { $0.bound = bound }
        queue.post(.listening(bound), of: ownID, connection: nil)
        for address in bound { logger.info("listening for peers", metadata: ["address": "\(address)"]) }
        return servers
    }

    private func bind(_ address: NetworkAddress) async throws(NetworkError) -> Server {
        let logger = logger
        do {
            return try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 512)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers([
                            AcceptBackoffHandler(),
                            AcceptErrorHandler { error in
                                logger.warning(
                                    "a connection could not be accepted",
                                    metadata: ["error": "\(error)"]
                                )
                            },
                        ])
                    }
                }
                .bind(host: address.host, port: address.port) { channel in
                    channel.eventLoop.makeSucceededFuture(self.open(channel, dialling: nil))
                }
        } catch {
            throw NetworkError(binding: address, failed: error)
        }
    }

    /// Serves every connection that a listener accepts.
    func accept(from server: Server) async throws {
        try await server.executeThenClose { accepted in
            try await withThrowingDiscardingTaskGroup { group in
                for try await open in accepted {
                    if let open { group.addTask { _ = await self.serve(open) } }
                }
            }
        }
    }

    // MARK: - Dialling

    /// Dials every peer that is due, until the task is cancelled.
    func dialWhenDue() async {
        await withDiscardingTaskGroup { group in
            wakeUps.continuation.yield()
            var timer: Scheduled<Void>?
            for await _ in wakeUps.stream {
                timer?.cancel()
                let (due, next) = state.withLock { $0.registry.takeDue(at: .now()) }
                for target in due { group.addTask { await self.dial(target) } }
                let continuation = wakeUps.continuation
                timer = next.map { self.group.next().scheduleTask(deadline: $0) { _ = continuation.yield() } }
            }
            timer?.cancel()
        }
    }

    private func dial(_ target: Registry.Target) async {
        var reason: DisconnectReason?
        do {
            reason = await serve(try await connect(to: target))
        } catch {
            reason = Task.isCancelled ? .shutdown : DisconnectReason(of: error)
        }
        if let reason {
            let isNews = state.withLock { $0.registry.dialFailed(target.key.id, reason, at: .now()) }
            logger.log(
                level: isNews && reason != .shutdown ? .notice : .debug,
                "dialling a peer failed",
                metadata: [
                    "peer.id": "\(target.key.id)", "peer.address": "\(target.address)", "reason": "\(reason)",
                ]
            )
        }
        wakeUps.continuation.yield()
    }

    private func connect(to target: Registry.Target) async throws -> OpenConnection {
        // A dial does not end with its task by itself: closing its sockets ends it.
        let attempts = Mutex<(channels: [any Channel], isOver: Bool)>(([], false))
        let open = try await withTaskCancellationHandler {
            try await ClientBootstrap(group: group)
                .connectTimeout(TimeAmount(configuration.timing.handshakeTimeout))
                .connect(host: target.address.host, port: target.address.port) { channel in
                    let isOver = attempts.withLock { attempts in
                        attempts.channels.append(channel)
                        return attempts.isOver
                    }
                    if isOver { channel.close(promise: nil) }
                    return channel.eventLoop.makeSucceededFuture(self.open(channel, dialling: target))
                }
        } onCancel: {
            let channels = attempts.withLock { attempts in
                attempts.isOver = true
                return attempts.channels
            }
            for channel in channels { channel.close(promise: nil) }
        }
        guard let open else { throw ChannelError.ioOnClosedChannel }
        return open
    }

    // MARK: - Pipelines

    /// Builds a connection's pipeline, on its event loop.
    ///
    /// `target` is what this node dials, `nil` for an accepted connection.
    ///
    /// - Returns: `nil`, and the channel closed, beyond the limits of connections whose handshake is not done.
    private func open(_ channel: any Channel, dialling target: Registry.Target?) -> OpenConnection? {
        let now = NIODeadline.now()
        let host = Host(channel.remoteAddress)
        let remote =
            target?.address
            ?? NetworkAddress(
                host: channel.remoteAddress?.ipAddress ?? "unknown",
                port: channel.remoteAddress?.port ?? 0
            )
        if target == nil { meter.count { $0.accepted += 1 } }
        let connection = state.withLock { state -> Connection? in
            guard !state.isStopped else { return nil }
            state.lastConnection += 1
            let id = state.lastConnection
            if target == nil && !state.registry.accept(id, from: host, at: now) { return nil }
            let connection = Connection(
                id: id,
                expected: target?.key,
                host: target == nil ? host : nil,
                remote: remote.description,
                budget: configuration.limits.unknownBudget,
                meter: meter,
                at: now
            )
            state.open[id] = connection
            return connection
        }
        guard let connection else {
            meter.count { $0.turnedAway += 1 }
            channel.close(promise: nil)
            return nil
        }
        connection.attach(channel)
        channel.closeFuture.whenComplete { _ in self.forget(connection) }
        do {
            setOptions(of: channel)
            let watchdog = Watchdog(connection: connection, timing: configuration.timing)
            try channel.pipeline.syncOperations.addHandlers([
                watchdog,
                identity.handler(isDialled: target != nil) { self.judge($0, of: connection) },
                ByteToMessageHandler(FrameDecoder()),
                Pump(connection: connection, watchdog: watchdog, meter: meter),
            ])
            let frames = try NIOAsyncChannel<ReceivedFrame, Never>(
                wrappingChannelSynchronously: channel,
                configuration: .init(backPressureStrategy: .init(lowWatermark: 2, highWatermark: 8))
            )
            return OpenConnection(connection: connection, frames: frames)
        } catch {
            // The channel ended while its pipeline was built.
            connection.close(DisconnectReason(of: error))
            return nil
        }
    }

    private func forget(_ connection: Connection) {
        state.withLock { state in
            state.open[connection.id] = nil
            state.registry.endHandshake(connection.id)
        }
        connection.detach()
    }

    /// Decides on the key of a certificate, in the TLS handshake.
    private func judge(_ key: PublicKey?, of connection: Connection) -> Bool {
        guard let key else {
            connection.note(.unusableKey)
            return false
        }
        if let expected = connection.expected, expected != key {
            connection.note(.wrongKey(expected: expected.id, found: key.id))
            return false
        }
        let standing = state.withLock { $0.registry.standing(of: key.id, from: connection.host, at: .now()) }
        if case .refused(let reason) = standing {
            connection.note(reason)
            return false
        }
        connection.prove(key)
        return true
    }

    /// Sets what TCP can do for frames.
    ///
    /// Small frames go at once; a peer whose machine or link died is noticed; little waits in the kernel, where nothing
    /// urgent could overtake it. A system that lacks an option does without.
    private func setOptions(of channel: any Channel) {
        guard let options = channel.syncOptions else { return }
        try? options.setOption(.socketOption(.so_keepalive), value: 1)
        try? options.setOption(.tcpOption(.tcp_nodelay), value: 1)
        #if os(Linux)
        // linux/tcp.h: TCP_KEEPIDLE, TCP_KEEPINTVL (seconds), TCP_KEEPCNT, TCP_USER_TIMEOUT (ms), TCP_NOTSENT_LOWAT (bytes)
        for (name, value) in [(4, 5), (5, 3), (6, 3), (18, 15_000), (25, 128 << 10)] as [(CInt, Int)] {
            try? options.setOption(.tcpOption(NIOBSDSocket.Option(rawValue: name)), value: value)
        }
        #endif
    }
}

extension NetworkError {
    /// Says in our words why binding failed.
    init(binding address: NetworkAddress, failed error: any Error) {
        switch error {
        case let error as NetworkError: self = error
        case let error as IOError where error.errnoCode == EADDRINUSE: self = .addressInUse(address)
        case let error as IOError where error.errnoCode == EADDRNOTAVAIL: self = .addressNotHere(address)
        case let error as IOError where error.errnoCode == EACCES || error.errnoCode == EPERM:
            self = .notPermitted(address)
        case is SocketAddressError: self = .addressNotHere(address)
        default: self = .cannotListen(address, reason: String(describing: error))
        }
    }
}

extension DisconnectReason {
    /// Says in our words what ended a connection.
    init(of error: any Error) {
        switch error {
        case let reason as DisconnectReason: self = reason
        case let error as FrameError: self = .violation(error)
        case NIOSSLError.uncleanShutdown: self = .closedByPeer
        case let error as NIOSSLError: self = .handshakeFailed(String(describing: error))
        case let error as BoringSSLError: self = .handshakeFailed(String(describing: error))
        case let error as IOError where [ECONNRESET, EPIPE].contains(error.errnoCode): self = .closedByPeer
        case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.eof:
            self = .closedByPeer
        case let error as NIOConnectionError:
            let causes = error.connectionErrors.map { "\($0.target): \($0.error)" }
            self = .failed(
                causes.isEmpty ? "the name \(error.host) does not resolve" : causes.joined(separator: "; ")
            )
        default: self = .failed(String(describing: error))
        }
    }
}
