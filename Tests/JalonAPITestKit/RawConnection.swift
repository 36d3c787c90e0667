import NIOCore
import NIOPosix

/// A plain TCP connection that sends what it is told, right or wrong.
package struct RawConnection {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var received = ByteBuffer()

    /// Connects, and closes afterwards.
    package static func open<Value: Sendable>(
        port: Int,
        _ body: (inout RawConnection) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawConnection(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&connection)
        }
    }

    package func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    package func send(_ bytes: [UInt8]) async throws {
        try await outbound.write(ByteBuffer(bytes: bytes))
    }

    /// Reads until these bytes stand in what came, or the other side closes.
    package mutating func read(until text: String) async throws -> String {
        // Bytes, because a carriage return and a line feed are one `Character`, which hides both.
        let wanted = Array(text.utf8)
        while !Array(received.readableBytesView).contains(wanted) {
            guard let part = try await inbound.next(isolation: #isolation) else { break }
            received.writeImmutableBuffer(part)
        }
        return String(buffer: received)
    }

    /// Reads until the other side closes; a reset counts as closing.
    package mutating func readToEnd() async -> String {
        while let part = try? await inbound.next(isolation: #isolation) {
            received.writeImmutableBuffer(part)
        }
        return String(buffer: received)
    }
}

/// An answer as it came over the wire.
package struct RawAnswer: Sendable {
    package let status: Int
    /// By lower-case name.
    package let headers: [String: String]
    package let body: String

    package init(_ text: String) {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = parts[0].split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        status = words.count > 1 ? Int(words[1]) ?? 0 : 0
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let pair = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { continue }
            headers[pair[0].lowercased()] = String(pair[1].drop { $0 == " " })
        }
        self.headers = headers
        body = parts.count == 2 ? String(parts[1]) : ""
    }
}
