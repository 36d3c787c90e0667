import JalonModel

/// What is known of one connected peer.
struct Peer: Sendable {
    /// Its member's place among the validators; `nil` for a node that does not vote.
    var index: ValidatorIndex?
    /// Its newest tip: a hint.
    var tip: Tip?
    /// When that came, monotonic milliseconds.
    var tipAt: UInt64 = 0
    /// When a late message of it was last answered with what it lacks.
    var helpedAt: UInt64?
    /// When the own entry certificate was last sent to it because of its tip.
    var entrySentAt: UInt64?
    /// The first block that it holds, where it told that it has none before: a hint.
    var firstBlock = Height(1)
    /// How many more answers from storage it may ask for, refilled with time.
    var servings = Budget(capacity: 64, refillInterval: 50)

    /// What its wall clock shows now, by its newest tip and the time since: no own wall clock is part of the answer.
    func wallClock(at now: UInt64) -> Timestamp? {
        tip?.clock.advanced(byMilliseconds: now > tipAt ? now - tipAt : 0)
    }
}

/// A token bucket over monotonic milliseconds.
struct Budget: Hashable, Sendable {
    private let capacity: UInt64
    /// Milliseconds for one token.
    private let refillInterval: UInt64
    private var tokens: UInt64
    private var refilledAt: UInt64 = 0

    init(capacity: UInt64, refillInterval: UInt64) {
        self.capacity = capacity
        self.refillInterval = refillInterval
        tokens = capacity
    }

    /// Takes a token.
    ///
    /// - Returns: `false` where none is left.
    mutating func take(at now: UInt64) -> Bool {
        let earned = (max(now, refilledAt) - refilledAt) / refillInterval
        if earned >= capacity - tokens {
            (tokens, refilledAt) = (capacity, max(now, refilledAt))
        } else {
            // What was earned of the next token stays.
            tokens += earned
            refilledAt += earned * refillInterval
        }
        guard tokens > 0 else { return false }
        tokens -= 1
        return true
    }

    /// Milliseconds until there is a token; 0 where there is one now.
    func wait(at now: UInt64) -> UInt64 {
        let passed = max(now, refilledAt) - refilledAt
        return tokens > 0 || passed >= refillInterval ? 0 : refillInterval - passed
    }
}

/// The connected peers, in the order of their ids.
struct PeerTable: Sendable {
    private(set) var ids: [PeerID] = []
    private var peers: [PeerID: Peer] = [:]

    subscript(id: PeerID) -> Peer? { peers[id] }

    var count: Int { ids.count }

    mutating func insert(_ id: PeerID, _ peer: Peer) {
        if peers.updateValue(peer, forKey: id) == nil {
            let index = ids.firstIndex { $0 > id } ?? ids.endIndex
            ids.insert(id, at: index)
        }
    }

    mutating func remove(_ id: PeerID) {
        if peers.removeValue(forKey: id) != nil { ids.removeAll { $0 == id } }
    }

    mutating func update(_ id: PeerID, _ body: (inout Peer) -> Void) {
        guard var peer = peers[id] else { return }
        body(&peer)
        peers[id] = peer
    }

    /// The connected peers whose tips show a greater height, in the order of their ids.
    func ids(above height: Height) -> [PeerID] {
        ids.filter { id in
            guard let shown = peers[id]?.tip?.finalHeight else { return false }
            return shown > height
        }
    }

    /// Those of some peers that hold a block of this height, as far as they told; all of them where none does.
    func ids(holding height: Height, of some: [PeerID]) -> [PeerID] {
        let holders = some.filter { id in peers[id].map { $0.firstBlock <= height } ?? false }
        return holders.isEmpty ? some : holders
    }

    /// The connected validators, by peer, in the order of their ids.
    var validators: [PeerID] { ids.filter { peers[$0]?.index != nil } }

    /// What the wall clocks of the connected validators show now, as far as their tips told.
    func validatorClocks(at now: UInt64) -> [Timestamp] {
        ids.compactMap { id in
            guard let peer = peers[id], peer.index != nil else { return nil }
            return peer.wallClock(at: now)
        }
    }

    /// Whether this node hears the validator at `index` directly.
    func hears(_ index: ValidatorIndex) -> Bool {
        ids.contains { peers[$0]?.index == index }
    }
}

/// The own clock, which believes a jump of the machine's only where f + 1 peers see the same time.
struct WallClock: Hashable, Sendable {
    /// How far the wall clock may move away from wall at start + monotonic.
    static let tolerance: UInt64 = 10_000

    private var base: Clock

    init(start: Clock) {
        base = start
    }

    /// The time to use at this moment.
    ///
    /// `confirmations` says of a wall time how many peers' clocks stand within the tolerance of it.
    mutating func time(
        at clock: Clock,
        faultTolerance: Int,
        confirmations: (Timestamp) -> Int
    ) -> Timestamp {
        let elapsed = clock.monotonic > base.monotonic ? clock.monotonic - base.monotonic : 0
        let expected = base.wall.advanced(byMilliseconds: elapsed)
        let distance = max(expected, clock.wall).value - min(expected, clock.wall).value
        guard distance > WallClock.tolerance else { return clock.wall }
        guard confirmations(clock.wall) > faultTolerance else { return expected }
        base = clock
        return clock.wall
    }
}
