import NIOCore

/// Closes a connection whose client leaves an answer unread, and tells the server's streams when it stops.
///
/// A writer waits while the channel is not writable, so that what a slow client costs is bounded; this bounds for how
/// long.
final class ConnectionGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Never

    private let limit: TimeAmount
    private let stop: Latch<Void>
    private var stalled: Scheduled<Void>?

    init(limit: TimeAmount, stop: Latch<Void>) {
        self.limit = limit
        self.stop = stop
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
        context.fireChannelInactive()
    }
}
