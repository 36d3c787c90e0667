import NIOCore
import Synchronization

/// Closes a connection whose client leaves an answer unread, or has too many, and tells the server's streams when it stops.
///
/// A writer waits while the channel is not writable, so that what a slow client costs is bounded; this bounds for how
/// long.
final class ConnectionGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Never

    private let limit: TimeAmount
    private let stop: Latch<Void>
    private let counts: ConnectionCounts
    private var stalled: Scheduled<Void>?
    /// Whose connection it is, once it is counted.
    private var client: ClientAddress?

    init(limit: TimeAmount, stop: Latch<Void>, counts: ConnectionCounts) {
        (self.limit, self.stop, self.counts) = (limit, stop, counts)
    }

    func channelActive(context: ChannelHandlerContext) {
        if let address = context.channel.remoteAddress.map(ClientAddress.init), !address.isLoopback {
            guard counts.take(address) else { return context.close(promise: nil) }
            client = address
        }
        context.fireChannelActive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            stalled?.cancel()
            stalled = nil
        } else if stalled == nil {
            let channel = context.channel
            stalled = context.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Hummingbird lets open requests end by themselves on a graceful stop; a feed never would.
        if event is ChannelShouldQuiesceEvent { stop.open(.success(())) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        stalled?.cancel()
        stalled = nil
        if let client { counts.give(client) }
        client = nil
        context.fireChannelInactive()
    }
}

/// How many connections each client has, so that none takes them all.
final class ConnectionCounts: Sendable {
    private let maximum: Int
    // Asked by address, never iterated.
    private let counts = Mutex<[ClientAddress: Int]>([:])

    /// - Parameter maximum: The most connections of one client.
    init(maximum: Int) {
        self.maximum = maximum
    }

    /// Counts one more.
    ///
    /// - Returns: `false` where the client has as many as it may.
    func take(_ client: ClientAddress) -> Bool {
        counts.withLock { counts in
            let own = counts[client] ?? 0
            guard own < maximum else { return false }
            counts[client] = own + 1
            return true
        }
    }

    func give(_ client: ClientAddress) {
        counts.withLock { counts in
            let left = (counts[client] ?? 0) - 1
            counts[client] = left > 0 ? left : nil
        }
    }

    /// Clients that have any.
    var clientCount: Int { counts.withLock { $0.count } }
}
