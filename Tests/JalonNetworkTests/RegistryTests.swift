import JalonCrypto
import JalonModel
@testable import JalonNetwork
import NIOCore
import Testing

@Suite("The registry of one side")
struct RegistryTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func makeRegistry(
        _ own: PrivateKey,
        _ peers: [PeerAddress] = [],
        _ change: (inout NetworkLimits) -> Void = { _ in }
    ) -> Registry {
        var limits = NetworkLimits()
        change(&limits)
        var registry = Registry(
            own: own.publicKey.id,
            allowsUnknown: true,
            limits: limits,
            timing: NetworkTiming(),
            at: start
        )
        _ = registry.update(peers, at: start)
        return registry
    }

    private func makeHost(_ address: String) throws -> Host {
        Host(try SocketAddress(ipAddress: address, port: 7_000))
    }

    private func makePeer(_ key: PrivateKey, _ addresses: [String] = ["127.0.0.1:7000"]) throws -> PeerAddress
    {
        try PeerAddress(key: key.publicKey, addresses: try addresses.map { try NetworkAddress($0) })
    }

    @Test("keeps, in every order of two simultaneous handshakes, the connection that the smaller key dialled")
    func everyOrder() throws {
        let (smaller, larger) = try makePair()
        // Each side finishes the handshakes of connection 1 (dialled by the smaller) and 2 (by the larger) in either order.
        for smallerFirst in [UInt64(1), 2] {
            for largerFirst in [UInt64(1), 2] {
                for (own, other, isSmaller, first) in [
                    (smaller, larger, true, smallerFirst), (larger, smaller, false, largerFirst),
                ] {
                    var registry = makeRegistry(own, [try makePeer(other)])
                    for connection in [first, 3 - first] {
                        let registration = registry.register(
                            connection,
                            peer: other.publicKey.id,
                            isDialled: (connection == 1) == isSmaller,
                            at: start
                        )
                        let isSecond = connection != first
                        switch (connection, isSecond) {
                        case (1, true): #expect(registration == .accepted(isKnown: true, replacing: 2))
                        case (2, true): #expect(registration == .refused(.replaced))
                        default: #expect(registration == .accepted(isKnown: true, replacing: nil))
                        }
                    }
                    #expect(registry.connected[other.publicKey.id]?.connection == 1)
                }
            }
        }
    }

    @Test("takes the larger key's connection in place of an old one, which that side must have lost")
    func lostConnection() throws {
        let (smaller, larger) = try makePair()
        var registry = makeRegistry(smaller, [try makePeer(larger)])
        _ = registry.register(1, peer: larger.publicKey.id, isDialled: true, at: start)
        let young = registry.register(2, peer: larger.publicKey.id, isDialled: false, at: start + .seconds(4))
        #expect(young == .refused(.replaced))
        let old = registry.register(3, peer: larger.publicKey.id, isDialled: false, at: start + .seconds(5))
        #expect(old == .accepted(isKnown: true, replacing: 1))
        // The end of the replaced one is no end of the pair's connection.
        let peer = larger.publicKey.id
        let later = start + .seconds(6)
        #expect(registry.unregister(1, peer: peer, reason: .replaced, at: later) == false)
        #expect(registry.unregister(3, peer: peer, reason: .closedByPeer, at: later) == true)
    }

    @Test("dials the smaller key's peers at once and gives a smaller peer a head start")
    func headStart() throws {
        let (smaller, larger) = try makePair()
        var eager = makeRegistry(smaller, [try makePeer(larger)])
        #expect(eager.takeDue(at: start).due.count == 1)
        #expect(eager.takeDue(at: start).due.isEmpty)
        var patient = makeRegistry(larger, [try makePeer(smaller)])
        let (due, next) = patient.takeDue(at: start)
        #expect(due.isEmpty)
        #expect(next == start + .milliseconds(300))
        #expect(patient.takeDue(at: start + .milliseconds(300)).due.count == 1)
    }

    @Test("retries for ever: every address in turn, then from 100 ms up to 5 s, jittered")
    func backOff() throws {
        let (smaller, larger) = try makePair()
        var registry = makeRegistry(smaller, [try makePeer(larger, ["a:1", "b:2"])])
        var now = start
        var waits: [Double] = []
        for _ in 0..<12 {
            for host in ["a", "b"] {
                let (due, _) = registry.takeDue(at: now)
                #expect(due.map(\.address.host) == [host])
                _ = registry.dialFailed(larger.publicKey.id, .failed("refused"), at: now)
            }
            let (due, next) = registry.takeDue(at: now)
            #expect(due.isEmpty)
            let deadline = try #require(next)
            waits.append(Double((deadline - now).nanoseconds) / 1e6)
            now = deadline
        }
        for (index, wait) in waits.enumerated() {
            let nominal = min(100 * Double(1 << index), 5_000)
            #expect((nominal * 0.75...nominal * 1.25).contains(wait))
        }
    }

    @Test("waits 30 s after a refusal that only a person can mend, and tells the log once")
    func refusal() throws {
        let (smaller, larger) = try makePair()
        var registry = makeRegistry(smaller, [try makePeer(larger)])
        _ = registry.takeDue(at: start)
        let reason = DisconnectReason.incompatible(.versions(ours: 1...1, theirs: 2...2))
        #expect(registry.dialFailed(larger.publicKey.id, reason, at: start) == true)
        #expect(registry.takeDue(at: start).next == start + .seconds(30))
        #expect(registry.dialFailed(larger.publicKey.id, reason, at: start) == false)
    }

    @Test("does not dial ten times a second a peer whose connections don't last")
    func flapping() throws {
        let (smaller, larger) = try makePair()
        var registry = makeRegistry(smaller, [try makePeer(larger)])
        var now = start
        var waits: [TimeAmount] = []
        for connection in UInt64(1)...8 {
            #expect(registry.takeDue(at: now).due.count == 1)
            _ = registry.register(connection, peer: larger.publicKey.id, isDialled: true, at: now)
            _ = registry.unregister(connection, peer: larger.publicKey.id, reason: .closedByPeer, at: now)
            let next = try #require(registry.takeDue(at: now).next)
            waits.append(next - now)
            now = next
        }
        #expect(waits[7] >= .milliseconds(3_750))
        // One that lasted makes the next retry quick again.
        _ = registry.takeDue(at: now)
        _ = registry.register(9, peer: larger.publicKey.id, isDialled: true, at: now)
        now = now + .seconds(60)
        _ = registry.unregister(9, peer: larger.publicKey.id, reason: .closedByPeer, at: now)
        #expect(try #require(registry.takeDue(at: now).next) - now <= .milliseconds(125))
    }

    @Test("bounds unfinished handshakes in all, from one host, and in a second")
    func pendingHandshakes() throws {
        var registry = makeRegistry(try makeKey(1)) {
            $0.pendingHandshakes = 3
            $0.pendingHandshakesPerHost = 2
            $0.acceptRate = Rate(perSecond: 1, burst: 5)
        }
        let (a, b, c) = try (makeHost("192.0.2.1"), makeHost("192.0.2.2"), makeHost("192.0.2.3"))
        #expect(registry.accept(1, from: a, at: start) == true)
        #expect(registry.accept(2, from: a, at: start) == true)
        #expect(registry.accept(3, from: a, at: start) == false)
        #expect(registry.accept(4, from: b, at: start) == true)
        #expect(registry.accept(5, from: c, at: start) == false)
        registry.endHandshake(1)
        registry.endHandshake(1)
        #expect(registry.accept(6, from: a, at: start) == true)
        registry.endHandshake(2)
        registry.endHandshake(6)
        #expect(registry.accept(7, from: a, at: start) == true)
        registry.endHandshake(7)
        #expect(registry.accept(8, from: a, at: start) == false)
        #expect(registry.accept(9, from: a, at: start + .seconds(1)) == true)
    }

    @Test("lets one host connect so often, which leaves the others what is for all")
    func acceptsPerHost() throws {
        var registry = makeRegistry(try makeKey(1)) {
            $0.acceptRate = Rate(perSecond: 10, burst: 20)
            $0.acceptRatePerHost = Rate(perSecond: 1, burst: 4)
            $0.rememberedHosts = 2
        }
        var number: UInt64 = 0
        /// How many of 50 dials at once are taken, each of which ends its handshake.
        func dial(_ address: String, at now: NIODeadline) throws -> Int {
            let host = try makeHost(address)
            return (0..<50).count { _ in
                number += 1
                defer { registry.endHandshake(number) }
                return registry.accept(number, from: host, at: now)
            }
        }
        #expect(try dial("2001:db8:1:2::1", at: start) == 4)
        #expect(try dial("2001:db8:1:2::2", at: start) == 0)
        #expect(try dial("192.0.2.1", at: start) == 4)
        // So many hosts are told apart; the next ones share what is for all, and once one was quiet it gives its place.
        #expect(try dial("192.0.2.2", at: start) == 12)
        #expect(try dial("192.0.2.1", at: start + .seconds(2)) == 2)
        #expect(try dial("192.0.2.3", at: start + .seconds(5)) == 4)
        #expect(try dial("127.0.0.1", at: start + .seconds(20)) == 20)
    }

    @Test("gives strangers a few connections, and none of a known peer's")
    func strangers() throws {
        let (one, two) = try makePair()
        var registry = makeRegistry(one, [try makePeer(two)]) { $0.unknownPeers = 2 }
        let strangers = try (UInt8(10)..<13).map { try makeKey($0).publicKey.id }
        for (index, stranger) in strangers.prefix(2).enumerated() {
            #expect(
                registry.register(UInt64(index), peer: stranger, isDialled: false, at: start)
                    == .accepted(isKnown: false, replacing: nil)
            )
        }
        #expect(
            registry.register(7, peer: strangers[2], isDialled: false, at: start)
                == .refused(.unknownKey(strangers[2]))
        )
        #expect(
            registry.register(8, peer: two.publicKey.id, isDialled: false, at: start)
                == .accepted(isKnown: true, replacing: nil)
        )
        // A stranger that becomes known, and a peer that ceases to be, connect anew.
        let changed = registry.update([try makePeer(try makeKey(10))], at: start)
        #expect(changed.sorted() == [0, 8])
    }

    @Test("gives one host a quarter of the strangers' places, and another host the next; this machine all")
    func strangersPerHost() throws {
        let (one, known) = try makePair()
        var registry = makeRegistry(one, [try makePeer(known)]) { $0.unknownPeers = 8 }
        var number: UInt64 = 0
        func come(_ address: String) throws -> Bool {
            number += 1
            let registration = registry.register(
                number,
                peer: try makeKey(UInt8(10 + number)).publicKey.id,
                isDialled: false,
                from: try makeHost(address),
                at: start
            )
            return registration == .accepted(isKnown: false, replacing: nil)
        }
        #expect(try come("2001:db8:1:2::1") && come("2001:db8:1:2:ffff::2"))
        #expect(try !come("2001:db8:1:2:3::3"))
        #expect(try come("2001:db8:1:3::1"))
        #expect(try come("192.0.2.1") && come("192.0.2.1") && !come("192.0.2.1") && come("192.0.2.2"))
        // A known peer there has its place, and whoever has one keeps it when it comes again.
        let host = try makeHost("192.0.2.1")
        #expect(registry.standing(of: known.publicKey.id, from: host, at: start) == .known)
        #expect(registry.standing(of: try makeKey(15).publicKey.id, from: host, at: start) == .unknown)
        #expect(try come("127.0.0.1") && come("127.0.0.1") && !come("127.0.0.1"))
        // Whoever leaves makes room for another of its host.
        _ = registry.unregister(1, peer: try makeKey(11).publicKey.id, reason: .idle, at: start)
        #expect(try !come("192.0.2.1") && come("2001:db8:1:2::9"))
    }

    @Test("gives this machine every place for strangers")
    func strangersHere() throws {
        var registry = makeRegistry(try makeKey(1)) { $0.unknownPeers = 8 }
        for (number, address) in ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"].enumerated() {
            for place in 0..<2 {
                let registration = registry.register(
                    UInt64(2 * number + place),
                    peer: try makeKey(UInt8(10 + 2 * number + place)).publicKey.id,
                    isDialled: false,
                    from: try makeHost(address),
                    at: start
                )
                #expect(registration == .accepted(isKnown: false, replacing: nil))
            }
        }
    }

    @Test("tells hosts apart by their address of IPv4, or the /64 of one of IPv6")
    func hosts() throws {
        #expect(try makeHost("192.0.2.1") != makeHost("192.0.2.2"))
        #expect(try makeHost("192.0.2.1") == makeHost("::ffff:192.0.2.1"))
        #expect(try makeHost("2001:db8::1") == makeHost("2001:db8::2:0:0:1"))
        #expect(try makeHost("2001:db8::1") != makeHost("2001:db8:0:1::1"))
        #expect(try !makeHost("192.0.2.1").isLoopback && !makeHost("2001:db8::1").isLoopback)
        #expect(!Host(nil).isLoopback)
    }

    @Test("refuses a peer that the node dropped, until its time is over")
    func dropped() throws {
        let (one, two) = try makePair()
        var registry = makeRegistry(one, [try makePeer(two)])
        registry.refuse(two.publicKey.id, until: start + .seconds(9), at: start)
        #expect(registry.standing(of: two.publicKey.id, from: nil, at: start) == .refused(.requested))
        #expect(registry.takeDue(at: start).next == start + .seconds(9))
        #expect(registry.standing(of: two.publicKey.id, from: nil, at: start + .seconds(9)) == .known)
    }
}
