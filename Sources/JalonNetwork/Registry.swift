import JalonCrypto
import NIOCore

/// Who is known, who is connected and who is to be dialled when: the decisions of the network, without a socket.
struct Registry {
    /// A connection that passed the handshake.
    struct Entry: Equatable {
        var connection: UInt64
        var since: NIODeadline
        var dialler: KeyID
        var isKnown: Bool
        /// Where it comes from; `nil` where this node dialled.
        var host: Host?
    }

    /// What to dial now.
    struct Target: Equatable {
        var key: PublicKey
        var address: NetworkAddress
    }

    enum Standing: Equatable {
        case known
        case unknown
        case refused(DisconnectReason)
    }

    enum Registration: Equatable {
        /// `replacing` is the connection that this one takes the place of.
        case accepted(isKnown: Bool, replacing: UInt64?)
        case refused(DisconnectReason)
    }

    private struct Peer {
        var address: PeerAddress
        /// Rounds over all addresses that failed since a connection lasted.
        var failures = 0
        var nextAddress = 0
        var nextAttempt: NIODeadline
        var isDialling = false
        var lastFailure: DisconnectReason?
    }

    private let own: KeyID
    private let allowsUnknown: Bool
    private let limits: NetworkLimits
    private let timing: NetworkTiming
    private var peers: [KeyID: Peer] = [:]
    private(set) var connected: [KeyID: Entry] = [:]
    /// The hosts of accepted connections whose handshake is not done.
    private var pending: [UInt64: Host] = [:]
    private var pendingPerHost: [Host: Int] = [:]
    private var accepts: TokenBucket
    /// Of the hosts from which connections came lately.
    private var acceptsPerHost: [Host: TokenBucket] = [:]
    /// Until when a peer is refused.
    private var refusals: [KeyID: NIODeadline] = [:]

    init(own: KeyID, allowsUnknown: Bool, limits: NetworkLimits, timing: NetworkTiming, at now: NIODeadline) {
        self.own = own
        self.allowsUnknown = allowsUnknown
        self.limits = limits
        self.timing = timing
        accepts = TokenBucket(limits.acceptRate, at: now)
    }

    // MARK: - Peers

    /// Replaces the known peers.
    ///
    /// - Returns: The connections whose peers' standing changed, in any order.
    mutating func update(_ addresses: [PeerAddress], at now: NIODeadline) -> [UInt64] {
        var updated: [KeyID: Peer] = [:]
        for address in addresses where address.key.id != own {
            // The first entry of a key wins.
            guard updated[address.key.id] == nil else { continue }
            if var peer = peers[address.key.id] {
                if peer.address != address {
                    peer.nextAddress = 0
                    if !peer.isDialling {
                        peer.nextAttempt = min(peer.nextAttempt, firstAttempt(of: address.key.id, at: now))
                    }
                }
                peer.address = address
                updated[address.key.id] = peer
            } else {
                updated[address.key.id] = Peer(
                    address: address,
                    nextAttempt: firstAttempt(of: address.key.id, at: now)
                )
            }
        }
        peers = updated
        return connected.filter { $0.value.isKnown != (updated[$0.key] != nil) }.map(\.value.connection)
    }

    var knownPeers: [(address: PeerAddress, lastFailure: DisconnectReason?)] {
        peers.values.map { ($0.address, $0.lastFailure) }
    }

    /// The smaller key of a pair dials first.
    private func firstAttempt(of peer: KeyID, at now: NIODeadline) -> NIODeadline {
        own < peer ? now : now + TimeAmount(timing.headStart)
    }

    mutating func refuse(_ peer: KeyID, until deadline: NIODeadline, at now: NIODeadline) {
        refusals = refusals.filter { $0.value > now }
        refusals[peer] = deadline
        if let attempt = peers[peer]?.nextAttempt { peers[peer]?.nextAttempt = max(attempt, deadline) }
    }

    // MARK: - Accepting

    /// Whether a connection that TCP accepted may begin its handshake.
    mutating func accept(_ connection: UInt64, from host: Host, at now: NIODeadline) -> Bool {
        guard pending.count < limits.pendingHandshakes,
            pendingPerHost[host, default: 0] < limits.pendingHandshakesPerHost,
            takeTurn(of: host, at: now), accepts.take(1, at: now)
        else { return false }
        pending[connection] = host
        pendingPerHost[host, default: 0] += 1
        return true
    }

    /// Whether a host may connect once more; it pays first, so that it can't use up what is for all.
    private mutating func takeTurn(of host: Host, at now: NIODeadline) -> Bool {
        guard !host.isLoopback else { return true }
        if acceptsPerHost[host] == nil, acceptsPerHost.count >= limits.rememberedHosts {
            // A host that was quiet for some seconds has all of its budget, as one that is not remembered.
            for (other, bucket) in acceptsPerHost where bucket.isFull(at: now) { acceptsPerHost[other] = nil }
            guard acceptsPerHost.count < limits.rememberedHosts else { return true }
        }
        let full = TokenBucket(limits.acceptRatePerHost, at: now)
        return acceptsPerHost[host, default: full].take(1, at: now)
    }

    /// The handshake of an accepted connection is over, one way or the other.
    mutating func endHandshake(_ connection: UInt64) {
        guard let host = pending.removeValue(forKey: connection), let count = pendingPerHost[host] else {
            return
        }
        pendingPerHost[host] = count > 1 ? count - 1 : nil
    }

    /// Whether a key that dials this node from `host` may go on.
    ///
    /// One host gets a quarter of the places for strangers at the most; this machine, which bounds itself, all of them.
    func standing(of key: KeyID, from host: Host?, at now: NIODeadline) -> Standing {
        if key == own { return .refused(.ownKey) }
        if let end = refusals[key], end > now { return .refused(.requested) }
        if peers[key] != nil { return .known }
        let strangers = connected.filter { !$0.value.isKnown && $0.key != key }
        guard allowsUnknown, strangers.count < limits.unknownPeers else { return .refused(.unknownKey(key)) }
        guard let host, !host.isLoopback else { return .unknown }
        let neighbours = strangers.count { $0.value.host == host }
        return neighbours < max(limits.unknownPeers / 4, 1) ? .unknown : .refused(.unknownKey(key))
    }

    // MARK: - Connections

    /// Decides whether a connection whose handshake is done is the one of its pair.
    ///
    /// Both sides decide alike: of two that were dialled at the same time the one dialled by the smaller key stays. Of two
    /// dialled by one side the newer stays, since nobody dials a peer to which it is connected; so does one that comes when
    /// the other is older than any handshake that began before it, since the other side must have lost that one.
    mutating func register(
        _ connection: UInt64,
        peer: KeyID,
        isDialled: Bool,
        from host: Host? = nil,
        at now: NIODeadline
    ) -> Registration {
        endHandshake(connection)
        let isKnown: Bool
        switch standing(of: peer, from: host, at: now) {
        case .known: isKnown = true
        case .unknown: isKnown = false
        case .refused(let reason): return .refused(reason)
        }
        let dialler = isDialled ? own : peer
        let old = connected[peer]
        if let old, old.dialler != dialler, dialler != min(own, peer),
            now - old.since < TimeAmount(timing.handshakeTimeout)
        {
            return .refused(.replaced)
        }
        connected[peer] = Entry(
            connection: connection,
            since: now,
            dialler: dialler,
            isKnown: isKnown,
            host: host
        )
        peers[peer]?.lastFailure = nil
        if isDialled { peers[peer]?.isDialling = false }
        return .accepted(isKnown: isKnown, replacing: old?.connection)
    }

    /// A connection that was registered ended.
    ///
    /// - Returns: Whether it still was its peer's.
    mutating func unregister(
        _ connection: UInt64,
        peer: KeyID,
        reason: DisconnectReason,
        at now: NIODeadline
    ) -> Bool {
        guard let entry = connected[peer], entry.connection == connection else { return false }
        connected[peer] = nil
        guard var known = peers[peer] else { return true }
        // One that did not last counts as a failure, so that two which can't agree don't connect ten times a second.
        let lasted = now - entry.since >= TimeAmount(timing.handshakeTimeout)
        known.failures = lasted ? 0 : known.failures + 1
        known.lastFailure = reason
        let wait = reason.isRefusal ? TimeAmount(timing.refusedRetry) : backOff(after: known.failures)
        known.nextAttempt = later(firstAttempt(of: peer, at: now) + wait, refusals[peer])
        peers[peer] = known
        return true
    }

    // MARK: - Dialling

    /// The peers to dial now, and when to ask again.
    mutating func takeDue(at now: NIODeadline) -> (due: [Target], next: NIODeadline?) {
        var due: [Target] = []
        var next: NIODeadline?
        for (key, peer) in peers
        where !peer.isDialling && connected[key] == nil && !peer.address.addresses.isEmpty {
            if peer.nextAttempt <= now {
                let addresses = peer.address.addresses
                due.append(
                    Target(key: peer.address.key, address: addresses[peer.nextAddress % addresses.count])
                )
                peers[key]?.isDialling = true
            } else {
                next = next.map { min($0, peer.nextAttempt) } ?? peer.nextAttempt
            }
        }
        return (due, next)
    }

    /// A dial ended without a registered connection.
    ///
    /// - Returns: Whether the failure is another one than the last, and so worth a line in the log.
    mutating func dialFailed(_ peer: KeyID, _ reason: DisconnectReason, at now: NIODeadline) -> Bool {
        guard var known = peers[peer] else { return false }
        known.isDialling = false
        guard connected[peer] == nil else {
            // The other side dialled too, and that connection is kept.
            peers[peer] = known
            return false
        }
        // Two addresses may fail in turns with different words.
        let isNews = known.lastFailure?.label != reason.label
        known.lastFailure = reason
        known.nextAddress += 1
        if known.nextAddress >= known.address.addresses.count {
            known.nextAddress = 0
            known.failures += 1
            let wait = reason.isRefusal ? TimeAmount(timing.refusedRetry) : backOff(after: known.failures)
            known.nextAttempt = later(now + wait, refusals[peer])
        } else {
            known.nextAttempt = now
        }
        peers[peer] = known
        return isNews
    }

    /// A known peer's accepted connection failed before its end of the handshake.
    ///
    /// - Returns: Whether the failure is another one than the last, and so worth a line in the log.
    mutating func acceptFailed(_ peer: KeyID, _ reason: DisconnectReason) -> Bool {
        guard let known = peers[peer], connected[peer] == nil, known.lastFailure?.label != reason.label
        else { return false }
        peers[peer]?.lastFailure = reason
        return true
    }

    /// Doubles from the first retry to the longest, jittered to 75–125 %.
    private func backOff(after failures: Int) -> TimeAmount {
        let first = TimeAmount(timing.firstRetry).nanoseconds
        let longest = TimeAmount(timing.longestRetry).nanoseconds
        let doubled = first.multipliedReportingOverflow(by: 1 << Int64(min(max(failures - 1, 0), 20)))
        let wait = doubled.overflow ? longest : min(doubled.partialValue, longest)
        return .nanoseconds(Int64(Double(wait) * Double.random(in: 0.75...1.25)))
    }

    private func later(_ deadline: NIODeadline, _ other: NIODeadline?) -> NIODeadline {
        other.map { max(deadline, $0) } ?? deadline
    }
}
