import JalonCrypto
import JalonModel
import NIOCore
import NIOSSL
import Synchronization

/// One TCP connection, shared by its handlers on the event loop, its task, and whoever sends.
final class Connection: Sendable {
    /// What handlers are told through the pipeline.
    enum Signal: Sendable {
        /// Something waits to be written.
        case wake
        /// The handshake is done.
        case established
    }

    private struct State {
        var queue: SendQueue
        var channel: (any Channel)?
        var isWoken = false
        var isClosed = false
        var key: PublicKey?
        var security: TLSVersion?
        var reason: DisconnectReason?
    }

    let id: UInt64
    /// The key that must answer, where this node dialled.
    let expected: PublicKey?
    /// Where it comes from; `nil` where this node dialled.
    let host: Host?
    /// The other end, for the log.
    let remote: String
    private let meter: Meter
    private let state: Mutex<State>

    init(
        id: UInt64,
        expected: PublicKey?,
        host: Host?,
        remote: String,
        budget: PeerBudget,
        meter: Meter,
        at now: NIODeadline
    ) {
        self.id = id
        self.expected = expected
        self.host = host
        self.remote = remote
        self.meter = meter
        state = Mutex(State(queue: Connection.queue(budget, at: now)))
    }

    var isDialled: Bool { expected != nil }

    /// The key that TLS proved; `nil` before the peer's certificate was accepted.
    var key: PublicKey? { state.withLock { $0.key } }

    /// The protocol that the handshake agreed on; `nil` before.
    var security: TLSVersion? { state.withLock { $0.security } }

    /// Asks TLS what the handshake agreed on.
    func readSecurity() async {
        guard let channel = state.withLock({ $0.channel }) else { return }
        let version = try? await channel.nioSSL_tlsVersion().get()
        state.withLock { $0.security = version }
    }

    /// Why it ended, as far as that is known.
    var reason: DisconnectReason? { state.withLock { $0.reason } }

    func prove(_ key: PublicKey) {
        state.withLock { $0.key = key }
    }

    /// Keeps the first reason: what follows is its consequence.
    func note(_ reason: DisconnectReason) {
        state.withLock { if $0.reason == nil { $0.reason = reason } }
    }

    // MARK: - Life

    func attach(_ channel: any Channel) {
        state.withLock { $0.channel = channel }
    }

    /// The handshake is done: from now on the peer's own budget counts, and `answer` goes before all else.
    ///
    /// Nothing is written before ``begin()``, so that this may be called under a lock.
    func establish(budget: PeerBudget, answer: SendQueue.Item?, at now: NIODeadline) {
        state.withLock { state in
            state.queue = Connection.queue(budget, at: now)
            if let answer { _ = state.queue.append(answer) }
            state.isWoken = true
        }
    }

    /// Starts to write after ``establish(budget:answer:at:)``, and to watch for silence.
    func begin() {
        let channel = state.withLock { $0.channel }
        channel?.triggerUserOutboundEvent(Signal.established, promise: nil)
        channel?.triggerUserOutboundEvent(Signal.wake, promise: nil)
    }

    func close(_ reason: DisconnectReason) {
        note(reason)
        let channel = state.withLock { $0.channel }
        channel?.close(promise: nil)
    }

    /// Waits until the socket is closed.
    func closed() async {
        let channel = state.withLock { $0.channel }
        try? await channel?.closeFuture.get()
    }

    /// The channel is closed: lets go of it, and of all that was not sent.
    func detach() {
        let unsent = state.withLock { state in
            state.channel = nil
            state.isClosed = true
            return state.queue.removeAll()
        }
        meter.dropped(unsent, .unsent)
    }

    // MARK: - Sending

    /// Queues a frame; never waits.
    func send(_ item: SendQueue.Item) {
        let (dropped, wake) = state.withLock { state -> ([FrameKind], (any Channel)?) in
            guard !state.isClosed else { return ([item.kind], nil) }
            let dropped = state.queue.append(item)
            guard !state.isWoken else { return (dropped, nil) }
            state.isWoken = true
            return (dropped, state.channel)
        }
        meter.dropped(dropped, .unsent)
        wake?.triggerUserOutboundEvent(Signal.wake, promise: nil)
    }

    /// The pump starts to empty the queue: what is added from now on wakes it anew.
    func startDraining() {
        state.withLock { $0.isWoken = false }
    }

    func next(at now: NIODeadline) -> SendQueue.Next {
        state.withLock { $0.queue.next(at: now) }
    }

    private static func queue(_ budget: PeerBudget, at now: NIODeadline) -> SendQueue {
        SendQueue(limits: budget.outbox, budget: budget.sentBytes.map { TokenBucket($0, at: now) })
    }
}
