package import JalonCrypto
package import JalonModel

/// What a ``PeerNetwork`` needs to know.
package struct NetworkConfiguration: Sendable {
    /// The node key: the TLS identity, and never a validator's or an authority's key.
    package var identity: PrivateKey
    /// Where to accept connections; empty for a node that only dials.
    package var listen: [NetworkAddress]
    /// The known peers: members of genesis, state, invitation or configuration; the own key is ignored.
    package var peers: [PeerAddress]
    /// Whether keys that are no known peer's get one of the few sync-only connections.
    package var allowsUnknownPeers: Bool
    package var limits: NetworkLimits
    package var timing: NetworkTiming
    /// The hello of this moment, asked once for each connection.
    package var hello: @Sendable () -> Hello

    package init(
        identity: PrivateKey,
        listen: [NetworkAddress],
        peers: [PeerAddress] = [],
        allowsUnknownPeers: Bool = true,
        limits: NetworkLimits = NetworkLimits(),
        timing: NetworkTiming = NetworkTiming(),
        hello: @escaping @Sendable () -> Hello
    ) {
        self.identity = identity
        self.listen = listen
        self.peers = peers
        self.allowsUnknownPeers = allowsUnknownPeers
        self.limits = limits
        self.timing = timing
        self.hello = hello
    }
}

/// When connections are tried, given up and tried again.
package struct NetworkTiming: Hashable, Sendable {
    /// From the first byte of TCP to the peer's whole hello.
    package var handshakeTimeout: Duration = .seconds(5)
    /// A connection on which no frame arrives for so long is closed: four times the interval of tips.
    package var idleTimeout: Duration = .seconds(20)
    /// The wait before the first retry; it doubles up to ``longestRetry``, jittered to 75–125 %.
    package var firstRetry: Duration = .milliseconds(100)
    package var longestRetry: Duration = .seconds(5)
    /// The wait after a refusal that only a person can mend: another chain, another key, other versions.
    package var refusedRetry: Duration = .seconds(30)
    /// How long the larger key of a pair waits for the smaller one to dial, so that two rarely dial at once.
    package var headStart: Duration = .milliseconds(300)

    package init() {}
}

/// How much anybody may use.
///
/// Known peers can't be crowded out: each has its own connection, queues and budget, and no count is shared with strangers
/// but that of unfinished handshakes.
package struct NetworkLimits: Hashable, Sendable {
    /// Accepted connections whose handshake is not done, in all and from one host.
    package var pendingHandshakes = 128
    package var pendingHandshakesPerHost = 48
    /// Connections accepted in a second, and at once after a quiet time.
    package var acceptRate = Rate(perSecond: 100, burst: 200)
    /// The same for one host, or one /64 of IPv6; this machine is not bounded.
    package var acceptRatePerHost = Rate(perSecond: 10, burst: 40)
    /// How many hosts are told apart so at once; beyond them ``acceptRate`` alone counts.
    package var rememberedHosts = 1_024
    /// Connections of keys that are no known peer's; a quarter of them may come from one host, or one /64 of IPv6.
    package var unknownPeers = 16
    /// Received and not yet taken by the reader of events, a peer: beyond it the peer's socket is not read.
    package var inbox = QueueLimit(count: 64, byteCount: 1 << 20)
    package var knownBudget = PeerBudget(
        receivedFrames: Rate(perSecond: 5_000, burst: 20_000),
        receivedBytes: Rate(perSecond: 64 << 20, burst: 64 << 20),
        requests: Rate(perSecond: 50, burst: 200),
        sentBytes: nil,
        outbox: OutboxLimits(scale: 1)
    )
    package var unknownBudget = PeerBudget(
        receivedFrames: Rate(perSecond: 50, burst: 200),
        receivedBytes: Rate(perSecond: 1 << 20, burst: 4 << 20),
        requests: Rate(perSecond: 4, burst: 16),
        sentBytes: Rate(perSecond: 2 << 20, burst: 4 << 20),
        outbox: OutboxLimits(scale: 4)
    )

    package init() {}
}

/// What one connection may use.
package struct PeerBudget: Hashable, Sendable {
    /// Beyond it the socket is not read for a while.
    package var receivedFrames: Rate
    package var receivedBytes: Rate
    /// Frames of kind ``FrameKind/request``, which cost reads of the disk; beyond it they are dropped and counted.
    package var requests: Rate
    /// Beyond it sending pauses; `nil` for no limit.
    package var sentBytes: Rate?
    /// What waits to be sent.
    package var outbox: OutboxLimits

    package init(
        receivedFrames: Rate,
        receivedBytes: Rate,
        requests: Rate,
        sentBytes: Rate?,
        outbox: OutboxLimits
    ) {
        self.receivedFrames = receivedFrames
        self.receivedBytes = receivedBytes
        self.requests = requests
        self.sentBytes = sentBytes
        self.outbox = outbox
    }
}

/// How often something may happen.
package struct Rate: Hashable, Sendable {
    /// In the long run.
    package var perSecond: Int
    /// At once, after a quiet time.
    package var burst: Int

    package init(perSecond: Int, burst: Int) {
        self.perSecond = perSecond
        self.burst = burst
    }
}

/// A queue is full when it holds so many items or so many bytes; one item more than the bytes allow may be in it.
package struct QueueLimit: Hashable, Sendable {
    package var count: Int
    package var byteCount: Int

    package init(count: Int, byteCount: Int) {
        self.count = count
        self.byteCount = byteCount
    }
}

/// What may wait to be sent on one connection, a lane of ``Lane``.
package struct OutboxLimits: Hashable, Sendable {
    package var consensus: QueueLimit
    package var transactions: QueueLimit
    package var block: QueueLimit
    package var sync: QueueLimit

    /// The usual limits divided by `scale`.
    package init(scale: Int) {
        consensus = QueueLimit(count: 4_096 / scale, byteCount: (4 << 20) / scale)
        transactions = QueueLimit(count: 1_024 / scale, byteCount: (4 << 20) / scale)
        block = QueueLimit(count: 64 / scale, byteCount: (4 << 20) / scale)
        sync = QueueLimit(count: 256 / scale, byteCount: (8 << 20) / scale)
    }

    subscript(lane: Lane) -> QueueLimit {
        switch lane {
        case .consensus: consensus
        case .transactions: transactions
        case .block: block
        case .sync: sync
        }
    }
}
