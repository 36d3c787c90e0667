import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Serves the HTTP API and the page of one node.
package final class APIServer<Ledger: LedgerReading & TransactionSubmitting>: Sendable {
    private let configuration: APIConfiguration
    private let ledger: Ledger
    private let logger: Logger
    private let bound = Latch<any Channel>()

    package init(configuration: APIConfiguration, ledger: Ledger, logger: Logger) {
        self.configuration = configuration
        self.ledger = ledger
        self.logger = logger
    }

    /// The port that is listened at, once it is.
    ///
    /// - Throws: What ``run()`` threw where it could not listen.
    package var port: Int {
        get async throws { try await bound.value().localAddress?.port ?? 0 }
    }

    /// Serves until the task is cancelled or its service group shuts down gracefully; call it once.
    ///
    /// Both stop it alike: nothing more is accepted, open requests end, feeds and waits at once, and what is left
    /// after ``stopLimit`` is cut.
    ///
    /// - Throws: ``APIServerError`` where the address can't be listened at.
    package func run() async throws {
        let stop = Latch<Void>()
        let limits = configuration.limits
        let stall = TimeAmount(limits.writeTimeout)
        let counts = ConnectionCounts(maximum: limits.clientConnections)
        let http = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [ConnectionGuard(limit: stall, stop: stop, counts: counts)],
                idleTimeout: TimeAmount(limits.idleTimeout),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerByteCount,
                    maxHeaderListSize: limits.headerByteCount,
                    maxHeaderFieldCount: limits.headerCount
                )
            )
        )
        let certificate = configuration.certificate
        let application = Application(
            responder: APIResponder(
                ledger: ledger,
                limits: limits,
                others: configuration.others,
                scheme: certificate == nil ? "http" : "https",
                stop: stop
            ),
            server: try certificate.map { try .tls(http, tlsConfiguration: $0.configuration) } ?? http,
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: .maximum(limits.connections, logger: logger)
            ),
            onServerRunning: { [bound] channel in
                bound.open(.success(channel))
            },
            logger: logger
        )
        try await run(application)
    }

    /// How long requests may go on once the server stops.
    private static var stopLimit: Duration { .seconds(3) }

    /// Runs the application apart from this task, so that ending this task stops it in order.
    ///
    /// Cancelled outright it would drop a connection that was just accepted and not yet handled, for which NIO ends the
    /// process.
    private func run(_ application: some Service) async throws {
        var configuration = ServiceGroupConfiguration(services: [application], logger: logger)
        configuration.maximumGracefulShutdownDuration = Self.stopLimit
        let group = ServiceGroup(configuration: configuration)
        let stopping = Latch<Void>()
        // Detached: it must inherit neither this task's cancellation nor its service group's shutdown.
        let serving = Task.detached { try await group.run() }
        let watching = Task {
            try await stopping.value()
            await self.stopAccepting()
            await group.triggerGracefulShutdown()
        }
        let result = await withTaskCancellationOrGracefulShutdownHandler {
            await serving.result
        } onCancelOrGracefulShutdown: {
            stopping.open(.success(()))
        }
        watching.cancel()
        guard case .failure(let error) = result, !stopping.isOpen else {
            bound.open(.failure(CancellationError()))
            return
        }
        guard !bound.isOpen else { throw error }
        let reason = serverError(error)
        bound.open(.failure(reason))
        throw reason
    }

    /// Accepts nothing more and lets what was accepted arrive at its handler.
    private func stopAccepting() async {
        guard bound.isOpen, let channel = try? await bound.value() else { return }
        try? await channel.pipeline.addHandler(AcceptStop(), position: .first)
        try? await channel.setOption(ChannelOptions.autoRead, value: false).get()
        // An accepted connection hops to its event loop and back a few times until the server holds it.
        for _ in 0..<5 {
            for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
                try? await loop.submit {}.get()
            }
        }
    }

    private func serverError(_ error: any Error) -> any Error {
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        let address = "\(host):\(configuration.port)"
        if let error = error as? IOError {
            return error.errnoCode == EADDRINUSE
                ? APIServerError.addressInUse(address)
                : APIServerError.notBound(address, reason: "\(error)")
        }
        return APIServerError.notBound(address, reason: "\(error)")
    }
}

/// Lets a listening channel accept nothing more.
private final class AcceptStop: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = Never

    func read(context: ChannelHandlerContext) {}
}
