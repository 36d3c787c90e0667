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
    /// How many of its last answers to a request for final blocks were not worth it.
    var failedAnswers = 0
    /// The first block that it holds, where it told that it has none before: a hint.
    var beginsAt: Height?
    /// The highest final block that it was asked for.
    var askedThrough = Height(0)
    /// How many more answers from storage it may ask for, refilled with time.
    var servings = Budget(capacity: 64, refillInterval: 50)

    /// Whether it neither is a validator nor, as far as its tip told, hears it.
    func isDeaf(to signer: ValidatorIndex) -> Bool {
        index != signer && !(tip?.hears(signer) ?? false)
    }

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
///
/// Two arrays side by side: most questions are about all of them, and a look-up is a search among a few ids.
struct PeerTable: Sendable {
    private(set) var ids: [PeerID] = []
    private var peers: [Peer] = []

    subscript(id: PeerID) -> Peer? { place(of: id).map { peers[$0] } }

    var count: Int { ids.count }

    func contains(_ id: PeerID) -> Bool { place(of: id) != nil }

    /// The first place whose id is not below this one.
    private func firstPlace(notBelow id: PeerID) -> Int {
        var (low, high) = (0, ids.count)
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func place(of id: PeerID) -> Int? {
        let place = firstPlace(notBelow: id)
        return place < ids.count && ids[place] == id ? place : nil
    }

    mutating func insert(_ id: PeerID, _ peer: Peer) {
        let place = firstPlace(notBelow: id)
        if place < ids.count, ids[place] == id {
            peers[place] = peer
        } else {
            ids.insert(id, at: place)
            peers.insert(peer, at: place)
        }
    }

    mutating func remove(_ id: PeerID) {
        guard let place = place(of: id) else { return }
        ids.remove(at: place)
        peers.remove(at: place)
    }

    mutating func update(_ id: PeerID, _ body: (inout Peer) -> Void) {
        guard let place = place(of: id) else { return }
        body(&peers[place])
    }

    /// The ids of those of which something holds, in the order of their ids.
    func ids(where holds: (Peer) -> Bool) -> [PeerID] {
        var found: [PeerID] = []
        for place in ids.indices where holds(peers[place]) {
            // Mostly it is none, or nearly all.
            if found.isEmpty { found.reserveCapacity(ids.count - place) }
            found.append(ids[place])
        }
        return found
    }

    /// Whether the tip of any connected peer shows a greater height.
    func isAnyone(above height: Height) -> Bool {
        for peer in peers {
            if let shown = peer.tip?.finalHeight, shown > height { return true }
        }
        return false
    }

    /// The connected peers whose tips show a greater height, in the order of their ids.
    func ids(above height: Height) -> [PeerID] {
        ids { peer in peer.tip.map { $0.finalHeight > height } ?? false }
    }

    /// The connected validators, by peer, in the order of their ids.
    var validators: [PeerID] { ids { $0.index != nil } }

    /// What the wall clocks of the other validators that are connected show now, as far as their tips told.
    ///
    /// One of each, the latest: a member may have several nodes, and has one say all the same.
    func validatorClocks(
        at now: UInt64,
        but own: ValidatorIndex?
    ) -> [(index: ValidatorIndex, clock: Timestamp)] {
        var clocks: [(index: ValidatorIndex, clock: Timestamp)] = []
        clocks.reserveCapacity(peers.count)
        for peer in peers {
            guard let index = peer.index, index != own, let clock = peer.wallClock(at: now) else { continue }
            if let place = clocks.firstIndex(where: { $0.index == index }) {
                clocks[place].clock = max(clocks[place].clock, clock)
            } else {
                clocks.append((index, clock))
            }
        }
        return clocks
    }

    /// Whether this node hears the validator at `index` directly.
    func hears(_ index: ValidatorIndex) -> Bool {
        peers.contains { $0.index == index }
    }
}

/// The machine's wall clock since a moment when it was believed, at the start or after a jump that others confirmed.
struct WallClock: Hashable, Sendable {
    /// How far two clocks may lie apart and still be said to show the same time, in milliseconds.
    static let tolerance: UInt64 = 10_000

    private let base: Clock

    init(start: Clock) {
        base = start
    }

    /// What the wall clock would show at a monotonic time, had it never jumped.
    func expected(at monotonic: UInt64) -> Timestamp {
        base.wall.advanced(byMilliseconds: monotonic > base.monotonic ? monotonic - base.monotonic : 0)
    }
}

extension Timestamp {
    /// Whether two times lie within the tolerance of clocks.
    func isNear(_ other: Timestamp) -> Bool {
        max(self, other).value - min(self, other).value <= WallClock.tolerance
    }
}
