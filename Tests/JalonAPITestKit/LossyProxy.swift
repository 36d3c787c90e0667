import NIOCore
import NIOPosix
import Synchronization

/// Passes bytes on to a server and back, but loses the answers to the first submissions: it closes instead.
package struct LossyProxy: Sendable {
    private typealias Channel = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    package let address: String

    /// Runs while `body` does.
    ///
    /// - Parameters:
    ///   - server: Where everything goes to.
    ///   - count: Answers to submissions that are lost.
    ///   - body: What is done meanwhile.
    /// - Returns: What `body` does.
    /// - Throws: What `body` does.
    package static func run<Value: Sendable>(
        before server: TestServer,
        losing count: Int,
        _ body: @escaping @Sendable (LossyProxy) async throws -> Value
    ) async throws -> Value {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture { try Channel(wrappingChannelSynchronously: channel) }
            }
        let losses = Losses(count)
        let port = listener.channel.localAddress?.port ?? 0
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await listener.executeThenClose { clients in
                    try await withThrowingDiscardingTaskGroup { connections in
                        for try await client in clients {
                            connections.addTask { try? await pass(client, to: server.port, losses) }
                        }
                    }
                }
            }
            defer { group.cancelAll() }
            return try await body(LossyProxy(address: "http://127.0.0.1:\(port)"))
        }
    }

    private static func pass(_ client: Channel, to port: Int, _ losses: Losses) async throws {
        let server = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try Channel(wrappingChannelSynchronously: channel) }
            }
        let lost = Mark()
        try await client.executeThenClose { requests, toClient in
            try await server.executeThenClose { answers, toServer in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for try await part in requests {
                            if String(buffer: part).hasPrefix("POST "), losses.take() {
                                lost.set()
                            }
                            try await toServer.write(part)
                        }
                    }
                    group.addTask {
                        for try await part in answers {
                            if lost.isSet { return }
                            try await toClient.write(part)
                        }
                    }
                    // Whichever side ends, the other does.
                    try await group.next()
                    group.cancelAll()
                }
            }
        }
    }

    /// Whether a connection's next answer is to be lost.
    private final class Mark: Sendable {
        private let state = Mutex(false)

        var isSet: Bool { state.withLock { $0 } }

        func set() { state.withLock { $0 = true } }
    }

    /// How many answers are still to be lost.
    private final class Losses: Sendable {
        private let left: Mutex<Int>

        init(_ count: Int) { left = Mutex(count) }

        func take() -> Bool {
            left.withLock { left in
                guard left > 0 else { return false }
                left -= 1
                return true
            }
        }
    }
}
