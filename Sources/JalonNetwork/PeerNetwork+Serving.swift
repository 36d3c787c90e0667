import JalonCodec
import JalonCrypto
import JalonModel
import Logging
import NIOCore
import NIOSSL
import Synchronization

extension PeerNetwork {
    private typealias Frames = NIOAsyncChannelInboundStream<ReceivedFrame>

    private struct Greeting {
        var peer: KeyID
        var isKnown: Bool
    }

    /// Serves one connection from the hello to its end: the one task that it has.
    ///
    /// - Returns: Why the handshake failed; `nil` where it did not.
    func serve(_ open: OpenConnection) async -> DisconnectReason? {
        let connection = open.connection
        do {
            return try await open.frames.executeThenClose { frames in
                await self.converse(over: connection, frames)
            }
        } catch {
            // Closing twice is no failure.
            return connection.reason
        }
    }

    private func converse(over connection: Connection, _ stream: Frames) async -> DisconnectReason? {
        var frames = stream.makeAsyncIterator()
        let greeting: Greeting
        do {
            greeting = try await greet(over: connection, &frames)
        } catch {
            connection.note(DisconnectReason(of: error))
            let reason = connection.reason ?? .closedByPeer
            handshakeFailed(connection, reason)
            return reason
        }
        do {
            try await receive(from: greeting, over: connection, &frames)
            connection.note(Task.isCancelled ? .shutdown : .closedByPeer)
        } catch {
            connection.note(Task.isCancelled ? .shutdown : DisconnectReason(of: error))
        }
        ended(connection, of: greeting, connection.reason ?? .closedByPeer)
        return nil
    }

    // MARK: - Handshake

    private func greet(over connection: Connection, _ frames: inout Frames.AsyncIterator) async throws
        -> Greeting
    {
        let hello = configuration.hello()
        guard let bytes = Frame.encode(.hello, hello.encoded) else {
            preconditionFailure("a hello is shorter than its limit")
        }
        let item = SendQueue.Item(kind: .hello, bytes: bytes)
        // The side that dialled speaks first, so that the answer tells it that the other side keeps the connection.
        if connection.isDialled { connection.send(item) }
        guard let first = try await frames.next(isolation: #isolation) else {
            throw Task.isCancelled ? DisconnectReason.shutdown : .closedByPeer
        }
        meter.received(first)
        guard case .known(let frame) = first else {
            preconditionFailure("the first frame of a connection is a hello, or the connection ends")
        }
        await connection.readSecurity()
        // Without a key the certificate was not asked for, as in a resumed session: nobody is there.
        guard let key = connection.key else { throw DisconnectReason.unusableKey }
        let theirs: Hello
        do {
            theirs = try Hello(encoded: frame.body[...])
        } catch {
            throw FrameError.malformedHello(error.description)
        }
        if let error = hello.incompatibility(with: theirs) {
            // Both sides name the difference.
            if !connection.isDialled { connection.send(item) }
            throw DisconnectReason.incompatible(error)
        }
        return try register(connection, key.id, theirs, answer: connection.isDialled ? nil : item)
    }

    private func register(
        _ connection: Connection,
        _ peer: KeyID,
        _ hello: Hello,
        answer: SendQueue.Item?
    ) throws(DisconnectReason) -> Greeting {
        guard !queue.isCongested(peer) else { throw .congested }
        let (registration, replaced) = state.withLock { state -> (Registry.Registration, Connection?) in
            let now = NIODeadline.now()
            let registration = state.registry.register(
                connection.id,
                peer: peer,
                isDialled: connection.isDialled,
                from: connection.host,
                at: now
            )
            guard case .accepted(let isKnown, let replacing) = registration else {
                return (registration, nil)
            }
            connection.establish(
                budget: isKnown ? configuration.limits.knownBudget : configuration.limits.unknownBudget,
                answer: answer,
                at: now
            )
            // Under the lock, so that the events have the order of the decisions.
            if replacing != nil { queue.post(.disconnected(peer, .replaced), of: peer, connection: nil) }
            queue.post(.connected(peer, hello, isKnown: isKnown), of: peer, connection: connection.id)
            return (registration, replacing.flatMap { state.open[$0] })
        }
        if case .accepted = registration { connection.begin() }
        replaced?.close(.replaced)
        switch registration {
        case .refused(let reason): throw reason
        case .accepted(let isKnown, let replacing):
            meter.count { counters in
                counters.connections += 1
                if replacing != nil {
                    counters.disconnections[DisconnectReason.replaced.label, default: 0] += 1
                }
            }
            logger.log(
                level: PeerNetwork.level(isKnown: isKnown),
                "peer connected",
                metadata: [
                    "peer.id": "\(peer)", "peer.address": "\(connection.remote)", "peer.known": "\(isKnown)",
                    "connection.dialled": "\(connection.isDialled)",
                ]
            )
            return Greeting(peer: peer, isKnown: isKnown)
        }
    }

    private func handshakeFailed(_ connection: Connection, _ reason: DisconnectReason) {
        meter.count { $0.handshakeFailures[reason.label, default: 0] += 1 }
        // A failed dial is logged where it is dialled. Strangers can't fill the log.
        guard !connection.isDialled, reason != .shutdown else { return }
        let isNews = state.withLock { state in
            connection.key.map { state.registry.acceptFailed($0.id, reason) } ?? false
        }
        logger.log(
            level: isNews ? .notice : .debug,
            "a connection failed in its handshake",
            metadata: [
                "peer.address": "\(connection.remote)", "reason": "\(reason)",
                "peer.id": "\(connection.key.map { "\($0.id)" } ?? "unknown")",
            ]
        )
    }

    // MARK: - Frames

    private func receive(
        from greeting: Greeting,
        over connection: Connection,
        _ frames: inout Frames.AsyncIterator
    ) async throws {
        let limits = configuration.limits
        let budget = greeting.isKnown ? limits.knownBudget : limits.unknownBudget
        var frameBucket = TokenBucket(budget.receivedFrames, at: .now())
        var byteBucket = TokenBucket(budget.receivedBytes, at: .now())
        var requestBucket = TokenBucket(budget.requests, at: .now())
        var isNewer = false
        while let received = try await frames.next(isolation: #isolation) {
            let now = NIODeadline.now()
            meter.received(received)
            switch received {
            case .unknown(let kind, _):
                if !isNewer { passedOver(kind, of: greeting) }
                isNewer = true
            case .known(let frame) where !greeting.isKnown && !frame.kind.isForStrangers:
                meter.dropped([frame.kind], .unknownPeer)
            case .known(let frame) where frame.kind == .request && !requestBucket.take(1, at: now):
                meter.dropped([frame.kind], .overBudget)
            case .known(let frame):
                let isTaken = await queue.put(
                    .frame(kind: frame.kind, body: frame.body, from: greeting.peer),
                    byteCount: frame.body.count,
                    of: greeting.peer,
                    connection: connection.id
                )
                guard isTaken else { return }
            }
            let wait = max(frameBucket.charge(1, at: now), byteBucket.charge(received.byteCount, at: now))
            if wait > .zero { try await Task.sleep(for: .nanoseconds(wait.nanoseconds)) }
        }
    }

    /// Says once a connection that its peer speaks of more than this program knows.
    private func passedOver(_ kind: UInt8, of greeting: Greeting) {
        logger.log(
            // Strangers can't fill the log.
            level: greeting.isKnown ? .notice : .debug,
            "a peer sends messages of a kind that this program does not know: its program may be newer",
            metadata: ["peer.id": "\(greeting.peer)", "frame.kind": "\(kind)"]
        )
    }

    /// The level of what happens to a connection: strangers, who are in the counters, can't fill the log.
    private static func level(isKnown: Bool) -> Logger.Level { isKnown ? .info : .debug }

    private func ended(_ connection: Connection, of greeting: Greeting, _ reason: DisconnectReason) {
        let peer = greeting.peer
        let wasCurrent = state.withLock { state in
            let wasCurrent = state.registry.unregister(connection.id, peer: peer, reason: reason, at: .now())
            if wasCurrent { queue.post(.disconnected(peer, reason), of: peer, connection: nil) }
            return wasCurrent
        }
        guard wasCurrent else { return }
        meter.count { $0.disconnections[reason.label, default: 0] += 1 }
        logger.log(
            level: PeerNetwork.level(isKnown: greeting.isKnown),
            "peer disconnected",
            metadata: ["peer.id": "\(peer)", "peer.address": "\(connection.remote)", "reason": "\(reason)"]
        )
        wakeUps.continuation.yield()
    }
}
