import NIOCore

/// Writes what waits, as fast as the socket takes it and no faster, so that what is urgent never waits behind more than one
/// frame and the socket's own small buffer; tells the watchdog of the frames that come.
final class Pump: ChannelDuplexHandler {
    typealias InboundIn = ReceivedFrame
    typealias InboundOut = ReceivedFrame
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Frames are flushed together up to so many bytes; more often would cost system calls, more rarely would hide that the
    /// socket is full.
    private static let flushByteCount = 32 << 10

    private let connection: Connection
    private let watchdog: Watchdog
    private let meter: Meter
    private var pause: Scheduled<Void>?

    init(connection: Connection, watchdog: Watchdog, meter: Meter) {
        self.connection = connection
        self.watchdog = watchdog
        self.meter = meter
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        pause?.cancel()
        pause = nil
    }

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext,
        event: Any,
        promise: EventLoopPromise<Void>?
    ) {
        if case .some(.wake) = event as? Connection.Signal {
            drain(context)
            promise?.succeed()
        } else {
            context.triggerUserOutboundEvent(event, promise: promise)
        }
    }

    func channelActive(context: ChannelHandlerContext) {
        // What was queued before had nowhere to go.
        drain(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        watchdog.frameCame()
        context.fireChannelRead(data)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        drain(context)
        context.fireChannelWritabilityChanged()
    }

    private func drain(_ context: ChannelHandlerContext) {
        connection.startDraining()
        guard pause == nil else { return }
        var unflushed = 0
        while context.channel.isActive, context.channel.isWritable {
            switch connection.next(at: .now()) {
            case .item(let item):
                meter.sent(item.kind, byteCount: item.bytes.readableBytes)
                context.write(wrapOutboundOut(item.bytes), promise: nil)
                unflushed += item.bytes.readableBytes
                if unflushed >= Pump.flushByteCount {
                    context.flush()
                    unflushed = 0
                }
                continue
            case .wait(let amount):
                pause = context.eventLoop.assumeIsolated().scheduleTask(in: amount) { [weak self] in
                    self?.pause = nil
                    self?.drain(context)
                }
            case .empty: break
            }
            break
        }
        if unflushed > 0 { context.flush() }
    }
}

/// Ends a connection whose handshake takes too long or on which no whole frame arrives any more.
///
/// Bytes of a frame that is not whole yet count as the time that the slowest link would take for them: one byte now and then
/// holds no place, and a large block may come over a slow link.
///
/// It stands next to the socket, before TLS, so that closing needs no answer of the peer. A connection that this node itself
/// does not read, because its events are not taken, is not idle.
final class Watchdog: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: Connection
    private let handshakeTimeout: TimeAmount
    private let idleTimeout: TimeAmount
    private var timer: Scheduled<Void>?
    /// Since when this node wants to read and no frame came.
    private var waitingSince: NIODeadline?
    /// Whether it waits for the socket now, as it may again when TLS gives a frame later than its bytes came.
    private var isReading = false
    /// What came since the last frame, or a little more: where in what was read the frame ended is not looked for.
    private var partialByteCount = 0
    private var lastReadByteCount = 0
    /// Bytes a second of the slowest link.
    private static let slowestRate: Int64 = 8 << 10
    /// More than the longest frame, and what carries it.
    private static let maximumPartial = 2 << 20

    init(connection: Connection, timing: NetworkTiming) {
        self.connection = connection
        handshakeTimeout = TimeAmount(timing.handshakeTimeout)
        idleTimeout = TimeAmount(timing.idleTimeout)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        schedule(context, in: handshakeTimeout) { $0.end(context, .handshakeTimeout) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
    }

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext,
        event: Any,
        promise: EventLoopPromise<Void>?
    ) {
        if case .some(.established) = event as? Connection.Signal {
            timer?.cancel()
            waitingSince = waitingSince.map { _ in .now() }
            schedule(context, in: idleTimeout) { $0.checkIdle(context) }
            promise?.succeed()
        } else {
            context.triggerUserOutboundEvent(event, promise: promise)
        }
    }

    func read(context: ChannelHandlerContext) {
        isReading = true
        if waitingSince == nil { waitingSince = .now() }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = false
        lastReadByteCount = unwrapInboundIn(data).readableBytes
        partialByteCount = min(partialByteCount + lastReadByteCount, Watchdog.maximumPartial)
        context.fireChannelRead(data)
    }

    /// A whole frame came; on the connection's event loop.
    func frameCame() {
        waitingSince = isReading ? .now() : nil
        partialByteCount = lastReadByteCount
    }

    private func checkIdle(_ context: ChannelHandlerContext) {
        guard isReading, let waitingSince else {
            waitingSince = nil
            return schedule(context, in: idleTimeout) { $0.checkIdle(context) }
        }
        let carried = TimeAmount.nanoseconds(Int64(partialByteCount) * (1_000_000_000 / Watchdog.slowestRate))
        let left = waitingSince + idleTimeout + carried - .now()
        if left > .zero {
            // What a slow link has time for is over as soon as the frame is whole.
            schedule(context, in: min(left, idleTimeout)) { $0.checkIdle(context) }
        } else {
            end(context, .idle)
        }
    }

    private func end(_ context: ChannelHandlerContext, _ reason: DisconnectReason) {
        connection.note(reason)
        context.close(promise: nil)
    }

    private func schedule(
        _ context: ChannelHandlerContext,
        in amount: TimeAmount,
        _ body: @escaping (Watchdog) -> Void
    ) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: amount) { [weak self] in
            if let self { body(self) }
        }
    }
}

/// Keeps a listener alive when one connection can't be accepted, for example because it was reset or files are scarce.
final class AcceptErrorHandler: ChannelInboundHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel

    private let log: @Sendable (any Error) -> Void

    init(log: @escaping @Sendable (any Error) -> Void) {
        self.log = log
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        log(error)
    }
}
