import JalonCrypto
import NIOCore
import Synchronization

/// What waits for the node: a mailbox a peer, emptied in turn, so that a busy peer delays nobody but itself.
///
/// A full mailbox makes the task of its connection wait, which ceases to read the socket, which slows the peer down.
final class EventQueue: Sendable {
    private struct Waiter {
        var connection: UInt64
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct Mailbox {
        var events = CircularBuffer<NetworkEvent>()
        var byteCount = 0
        /// The connection whose frames are taken.
        var connection: UInt64?
        var waiters: [Waiter] = []
    }

    private struct State {
        var mailboxes: [KeyID: Mailbox] = [:]
        /// The mailboxes with events, in the order of their turns.
        var turns = CircularBuffer<KeyID>()
        var consumer: CheckedContinuation<Void, Never>?
        var isFinished = false
    }

    private enum Put { case done, refused, full }
    private enum Taken {
        case event(NetworkEvent)
        case nothing
        case finished
    }

    private let limit: QueueLimit
    private let state = Mutex(State())

    init(limit: QueueLimit) {
        self.limit = limit
    }

    // MARK: - Adding

    /// Adds an event that is not a frame, whatever waits already: the beginnings and ends of connections are few.
    ///
    /// From now on the frames of `connection` are taken, and no other's.
    func post(_ event: NetworkEvent, of peer: KeyID, connection: UInt64?) {
        let (waiters, consumer) = state.withLock { state -> ([Waiter], CheckedContinuation<Void, Never>?) in
            guard !state.isFinished else { return ([], nil) }
            append(event, byteCount: 0, of: peer, to: &state)
            state.mailboxes[peer]?.connection = connection
            // Whoever waited to add a frame of another connection learns that it is over.
            let waiters = state.mailboxes[peer]?.waiters ?? []
            state.mailboxes[peer]?.waiters = []
            return (waiters, take(&state.consumer))
        }
        for waiter in waiters { waiter.continuation.resume() }
        consumer?.resume()
    }

    /// Whether so much waits for this peer that a new connection would only add to it.
    func isCongested(_ peer: KeyID) -> Bool {
        state.withLock { ($0.mailboxes[peer]?.events.count ?? 0) > limit.count + 16 }
    }

    /// Adds a frame, as soon as there is room.
    ///
    /// - Returns: Whether it was added; `false` when the connection is no longer its peer's, the queue is finished or the
    ///   task was cancelled.
    func put(_ event: NetworkEvent, byteCount: Int, of peer: KeyID, connection: UInt64) async -> Bool {
        while !Task.isCancelled {
            switch tryPut(event, byteCount: byteCount, of: peer, connection: connection) {
            case .done: return true
            case .refused: return false
            case .full: await waitForRoom(of: peer, connection: connection)
            }
        }
        return false
    }

    private func tryPut(_ event: NetworkEvent, byteCount: Int, of peer: KeyID, connection: UInt64) -> Put {
        let (put, consumer) = state.withLock { state -> (Put, CheckedContinuation<Void, Never>?) in
            guard !state.isFinished, let mailbox = state.mailboxes[peer], mailbox.connection == connection
            else { return (.refused, nil) }
            guard hasRoom(mailbox) else { return (.full, nil) }
            append(event, byteCount: byteCount, of: peer, to: &state)
            return (.done, take(&state.consumer))
        }
        consumer?.resume()
        return put
    }

    private func waitForRoom(of peer: KeyID, connection: UInt64) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    // All that could resume it is looked at under the lock once more, so that no wake-up is missed.
                    guard !Task.isCancelled, !state.isFinished, let mailbox = state.mailboxes[peer],
                        mailbox.connection == connection, !hasRoom(mailbox)
                    else { return false }
                    state.mailboxes[peer]?.waiters.append(
                        Waiter(connection: connection, continuation: continuation)
                    )
                    return true
                }
                if !isWaiting { continuation.resume() }
            }
        } onCancel: {
            let waiters = state.withLock { state -> [Waiter] in
                let waiters = state.mailboxes[peer]?.waiters ?? []
                state.mailboxes[peer]?.waiters.removeAll { $0.connection == connection }
                return waiters.filter { $0.connection == connection }
            }
            for waiter in waiters { waiter.continuation.resume() }
        }
    }

    private func hasRoom(_ mailbox: Mailbox) -> Bool {
        mailbox.events.count < limit.count && mailbox.byteCount < limit.byteCount
    }

    private func append(_ event: NetworkEvent, byteCount: Int, of peer: KeyID, to state: inout State) {
        var mailbox = state.mailboxes.removeValue(forKey: peer) ?? Mailbox()
        if mailbox.events.isEmpty { state.turns.append(peer) }
        mailbox.events.append(event)
        mailbox.byteCount += byteCount
        state.mailboxes[peer] = mailbox
    }

    // MARK: - Taking

    /// The next event, as soon as there is one.
    ///
    /// - Returns: `nil` when the queue is finished or the task was cancelled.
    func next() async -> NetworkEvent? {
        while !Task.isCancelled {
            switch takeNext() {
            case .event(let event): return event
            case .finished: return nil
            case .nothing: await waitForEvent()
            }
        }
        return nil
    }

    private func takeNext() -> Taken {
        let (taken, waiters) = state.withLock { state -> (Taken, [Waiter]) in
            guard !state.isFinished else { return (.finished, []) }
            guard let peer = state.turns.popFirst(),
                var mailbox = state.mailboxes.removeValue(forKey: peer),
                let event = mailbox.events.popFirst()
            else { return (.nothing, []) }
            if case .frame(_, let body, _) = event { mailbox.byteCount -= body.count }
            if !mailbox.events.isEmpty { state.turns.append(peer) }
            let waiters = hasRoom(mailbox) ? mailbox.waiters : []
            if !waiters.isEmpty { mailbox.waiters = [] }
            // An empty mailbox without a connection is forgotten: strangers come and go.
            if !mailbox.events.isEmpty || mailbox.connection != nil || !mailbox.waiters.isEmpty {
                state.mailboxes[peer] = mailbox
            }
            return (.event(event), waiters)
        }
        for waiter in waiters { waiter.continuation.resume() }
        return taken
    }

    private func waitForEvent() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isWaiting = state.withLock { state in
                    guard !Task.isCancelled, !state.isFinished, state.turns.isEmpty else { return false }
                    precondition(state.consumer == nil, "one task alone reads the events")
                    state.consumer = continuation
                    return true
                }
                if !isWaiting { continuation.resume() }
            }
        } onCancel: {
            let consumer = state.withLock { take(&$0.consumer) }
            consumer?.resume()
        }
    }

    /// Ends the events, and lets go of all who wait.
    func finish() {
        let (waiters, consumer) = state.withLock { state -> ([Waiter], CheckedContinuation<Void, Never>?) in
            state.isFinished = true
            let waiters = state.mailboxes.values.flatMap(\.waiters)
            state.mailboxes = [:]
            state.turns.removeAll()
            return (waiters, take(&state.consumer))
        }
        for waiter in waiters { waiter.continuation.resume() }
        consumer?.resume()
    }
}

/// Moves a continuation out of its place, so that it is resumed once.
private func take(_ continuation: inout CheckedContinuation<Void, Never>?) -> CheckedContinuation<
    Void, Never
>? {
    defer { continuation = nil }
    return continuation
}

/// The events of a ``PeerNetwork``, for one reader; they end when the network does.
///
/// A reader that is slow makes the peers slow: what it does not take stays in bounded queues, then in the peers' own.
package struct NetworkEvents: AsyncSequence, Sendable {
    package typealias Element = NetworkEvent
    package typealias Failure = Never

    let queue: EventQueue

    package struct AsyncIterator: AsyncIteratorProtocol, Sendable {
        let queue: EventQueue

        package mutating func next() async -> NetworkEvent? { await queue.next() }
        package mutating func next(isolation actor: isolated (any Actor)?) async -> NetworkEvent? {
            await queue.next()
        }
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(queue: queue) }
}
