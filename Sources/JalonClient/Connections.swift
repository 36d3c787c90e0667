import AsyncHTTPClient
import NIOCore
import NIOSSL
import Synchronization

/// The process's HTTP connections.
enum Connections {
    /// A pool for each trust; they live as long as the process, so that nobody has to shut them down.
    private static let pools = Mutex<[Trust: HTTPClient]>([:])

    /// The pool of the clients that trust alike.
    ///
    /// - Throws: ``ClientError/badTrust(path:reason:)``.
    static func client(trusting trust: Trust) throws(ClientError) -> HTTPClient {
        if let pool = pools.withLock({ $0[trust] }) { return pool }
        var configuration = configuration
        configuration.tlsConfiguration = try trust.configuration()
        let new = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        return pools.withLock { pools in
            // Another may have been made meanwhile; this one has no connection yet.
            if let pool = pools[trust] {
                new.shutdown { _ in }
                return pool
            }
            pools[trust] = new
            return new
        }
    }

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            // A feed says that it is there every 15 seconds.
            timeout: HTTPClient.Configuration.Timeout(connect: .seconds(5), read: .seconds(45))
        )
        // Feeds and waits each hold a connection.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 128
        // A node that is down is to be named at once, not after many attempts.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return configuration
    }
}

/// The time for an answer is over.
struct DeadlineExceeded: Error {}

/// Runs an operation for at most `limit`; then it is cancelled.
func withDeadline<Value: Sendable>(
    _ limit: Duration,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw DeadlineExceeded()
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
