import Hummingbird
package import Logging
import NIOCore

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
    private let bound = Latch<Int>()

    package init(configuration: APIConfiguration, ledger: Ledger, logger: Logger) {
        self.configuration = configuration
        self.ledger = ledger
        self.logger = logger
    }

    /// The port that is listened at, once it is.
    ///
    /// - Throws: What ``run()`` threw where it could not listen.
    package var port: Int {
        get async throws { try await bound.value() }
    }

    /// Serves until the task is cancelled or its service group shuts down gracefully; call it once.
    ///
    /// A graceful stop lets open requests end and closes feeds at once.
    ///
    /// - Throws: ``APIServerError`` where the address can't be listened at.
    package func run() async throws {
        let stop = Latch<Void>()
        let limits = configuration.limits
        let stall = TimeAmount(limits.writeTimeout)
        let application = Application(
            responder: APIResponder(ledger: ledger, limits: limits, stop: stop),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [ConnectionGuard(limit: stall, stop: stop)],
                    idleTimeout: TimeAmount(limits.idleTimeout),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: limits.headerByteCount,
                        maxHeaderListSize: limits.headerByteCount,
                        maxHeaderFieldCount: limits.headerCount
                    )
                )
            ),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: .maximum(limits.connections, logger: logger)
            ),
            onServerRunning: { [bound] channel in
                bound.open(.success(channel.localAddress?.port ?? 0))
            },
            logger: logger
        )
        do {
            try await application.run()
        } catch {
            // Once cancelled, the service group inside reports that its server ended; that is what was wanted.
            guard !Task.isCancelled else {
                bound.open(.failure(CancellationError()))
                return
            }
            guard !bound.isOpen else { throw error }
            let error = serverError(error)
            bound.open(.failure(error))
            throw error
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
