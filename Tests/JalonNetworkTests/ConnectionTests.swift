import JalonCrypto
import JalonModel
@testable import JalonNetwork
import Testing

@Suite("Two nodes that know each other")
struct KnownPeersTests {
    @Test(
        "exchange frames of every kind, empty and as long as the limit, in order",
        arguments: FrameKind.allCases
    )
    func everyKind(kind: FrameKind) async throws {
        guard kind != .hello else { return }
        let (one, two) = try makePair()
        let networks = (try makeNetwork(makeConfiguration(one)), try makeNetwork(makeConfiguration(two)))
        try await running(networks.0, networks.1) { nodes in
            var (first, second) = (nodes[0], nodes[1])
            second.network.updatePeers([try first.peer(reachable: false)])
            first.network.updatePeers([try second.peer()])
            try await first.connected()
            try await second.connected()
            let longest = (0..<kind.maximumByteCount).map { UInt8(truncatingIfNeeded: $0) }
            for body in [[], [1], longest] {
                first.network.send(kind, body: body, to: [second.id])
                let received = try await second.frame()
                #expect(received.kind == kind)
                #expect(received.body == body)
                #expect(received.peer == first.id)
                second.network.send(kind, body: body, to: [first.id])
                #expect(try await first.frame().body == body)
            }
            #expect(second.network.counters.received[kind]?.frames == 3)
            first.network.send(kind, body: longest + [0], to: [second.id])
            #expect(first.network.counters.dropped(.tooLong) == 1)
        }
    }

    @Test("learn each other's hello and key")
    func helloes() async throws {
        let (one, two) = try makePair()
        let networks = (try makeNetwork(makeConfiguration(one)), try makeNetwork(makeConfiguration(two)))
        try await running(networks.0, networks.1) { nodes in
            var (first, second) = (nodes[0], nodes[1])
            second.network.updatePeers([try first.peer()])
            first.network.updatePeers([try second.peer(reachable: false)])
            let seen = try await first.connected()
            #expect(seen.peer == second.id)
            #expect(seen.isKnown)
            #expect(seen.hello.height == Height(7))
            try await second.connected()
            #expect(second.network.connectedPeers == [first.id])
            #expect(second.network.peers.first?.remote == first.address.description)
        }
    }

    @Test("that dial at the same time end with one connection, and agree on which", arguments: 0..<5)
    func simultaneousDial(round: Int) async throws {
        let (one, two) = try makePair()
        let make = { (key: PrivateKey) in
            try makeNetwork(makeConfiguration(key) { $0.timing.headStart = .zero })
        }
        try await running(try make(one), try make(two)) { nodes in
            let (first, second) = (nodes[0], nodes[1])
            first.network.updatePeers([try second.peer()])
            second.network.updatePeers([try first.peer()])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (node, other) in [(first, second.id), (second, first.id)] {
                    // Each connection, also one that takes another's place, gets a frame from both sides.
                    group.addTask {
                        var node = node
                        while let event = try? await node.next() {
                            switch event {
                            case .connected: node.network.send(.tip, body: [1], to: [other])
                            case .frame, .listening, .disconnected: break
                            }
                        }
                    }
                }
                try await eventually {
                    [first, second].allSatisfy { $0.network.counters.received[.tip] != nil }
                }
                group.cancelAll()
            }
            try await eventually {
                guard let there = first.network.peers.first?.remote,
                    let here = second.network.peers.first?.remote
                else { return false }
                return (there == second.address.description) != (here == first.address.description)
            }
            for network in [first.network, second.network] {
                #expect(network.counters.connections <= 2)
                #expect(network.connectedPeers.count == 1)
            }
        }
    }

    @Test("connect again after one of them ended the connection, and again after a restart")
    func reconnect() async throws {
        let (one, two) = try makePair()
        let survivor = try makeNetwork(makeConfiguration(one))
        try await running(survivor) { nodes in
            var first = nodes[0]
            for _ in 0..<2 {
                let again = try makeNetwork(makeConfiguration(two, peers: [try first.peer()]))
                first.network.updatePeers([
                    try PeerAddress(key: two.publicKey, addresses: [])
                ])
                first = try await running(again) { [first] restarted in
                    var first = first
                    var second = restarted[0]
                    try await first.connected()
                    try await second.connected()
                    first.network.disconnect(second.id, refusingFor: .milliseconds(1))
                    #expect(try await first.disconnected() == .requested)
                    #expect(try await second.disconnected() == .closedByPeer)
                    try await first.connected()
                    try await second.connected()
                    return first
                }
                #expect(try await first.disconnected() == .closedByPeer)
            }
        }
    }

    @Test("try the next address when one does not answer")
    func severalAddresses() async throws {
        let (one, two) = try makePair()
        let deaf = try makeNetwork(makeConfiguration(one))
        // A port that was free a moment ago.
        let closed = try await running(deaf) { $0[0].address }
        try await running(try makeNetwork(makeConfiguration(one))) { nodes in
            let first = nodes[0]
            let target = try PeerAddress(key: one.publicKey, addresses: [closed, first.address])
            first.network.updatePeers([try PeerAddress(key: two.publicKey, addresses: [])])
            try await running(try makeNetwork(makeConfiguration(two, peers: [target]))) { nodes in
                var second = nodes[0]
                let seen = try await second.connected()
                #expect(seen.peer == first.id)
            }
        }
    }
}

@Suite("A connection that must not be")
struct RefusedConnectionTests {
    @Test("to a node with another key than the one expected at its address")
    func wrongKey() async throws {
        let (one, two) = try makePair()
        let stranger = try makeKey(3)
        let networks = (try makeNetwork(makeConfiguration(one)), try makeNetwork(makeConfiguration(two)))
        try await running(networks.0, networks.1) { nodes in
            let (first, second) = (nodes[0], nodes[1])
            first.network.updatePeers([
                try PeerAddress(key: stranger.publicKey, addresses: [second.address])
            ])
            try await eventually { first.network.counters.handshakeFailures["wrong-key"] == 1 }
            try await eventually { first.network.peers.first?.lastFailure != nil }
            #expect(
                first.network.peers.first?.lastFailure
                    == .wrongKey(expected: stranger.publicKey.id, found: second.id)
            )
            #expect(first.network.connectedPeers.isEmpty)
            #expect(second.network.connectedPeers.isEmpty)
        }
    }

    @Test("of another chain, network or version is refused on both sides with the reason")
    func incompatible() async throws {
        let (one, two) = try makePair()
        let ours = try makeHello()
        var version = ours
        version.versions = 2...3
        for theirs in [try makeHello(chain: 2), try makeHello(network: "other"), version] {
            let networks = (
                try makeNetwork(makeConfiguration(one, hello: ours)),
                try makeNetwork(makeConfiguration(two, hello: theirs))
            )
            try await running(networks.0, networks.1) { nodes in
                let (first, second) = (nodes[0], nodes[1])
                second.network.updatePeers([try first.peer(reachable: false)])
                first.network.updatePeers([try second.peer()])
                try await eventually {
                    first.network.counters.handshakeFailures["incompatible"] == 1
                        && second.network.counters.handshakeFailures["incompatible"] == 1
                        && first.network.peers.first?.lastFailure != nil
                }
                let expected = try #require(ours.incompatibility(with: theirs))
                #expect(first.network.peers.first?.lastFailure == .incompatible(expected))
                #expect(first.network.connectedPeers.isEmpty)
            }
        }
    }

    @Test("to the own address is never dialled: the own key among the peers is ignored")
    func ownKey() async throws {
        let (one, _) = try makePair()
        try await running(try makeNetwork(makeConfiguration(one))) { nodes in
            let first = nodes[0]
            first.network.updatePeers([try first.peer()])
            #expect(first.network.peers.isEmpty)
            let raw = try await RawPeer(to: first.address, key: one)
            _ = try await raw.talk([])
            try await eventually { first.network.counters.handshakeFailures["own-key"] == 1 }
        }
    }
}

@Suite("Starting")
struct StartTests {
    @Test("on an address in use names it and says what to do")
    func addressInUse() async throws {
        let (one, two) = try makePair()
        try await running(try makeNetwork(makeConfiguration(one))) { nodes in
            let address = nodes[0].address
            let second = try makeNetwork(makeConfiguration(two) { $0.listen = [address] })
            await #expect(throws: NetworkError.addressInUse(address)) { try await second.run() }
            let text = NetworkError.addressInUse(address).description
            #expect(text.contains(address.description))
            #expect(text.contains("choose another port"))
        }
    }

    @Test("on an address of another machine is refused")
    func foreignAddress() async throws {
        let address = try NetworkAddress("192.0.2.1:0")
        let network = try makeNetwork(makeConfiguration(makeKey(1)) { $0.listen = [address] })
        await #expect(throws: NetworkError.addressNotHere(address)) { try await network.run() }
    }

    @Test("and cancelling ends the events and leaves no connection")
    func shutdown() async throws {
        let (one, two) = try makePair()
        let networks = (try makeNetwork(makeConfiguration(one)), try makeNetwork(makeConfiguration(two)))
        let nodes = try await running(networks.0, networks.1) { nodes in
            var (first, second) = (nodes[0], nodes[1])
            second.network.updatePeers([try first.peer(reachable: false)])
            first.network.updatePeers([try second.peer()])
            try await first.connected()
            try await second.connected()
            return [first, second]
        }
        for var node in nodes {
            await #expect(throws: DeadlineReached.self) { while true { _ = try await node.next() } }
            #expect(node.network.connectedPeers.isEmpty)
        }
        // The ports are free again.
        let again = try makeNetwork(makeConfiguration(one) { $0.listen = [nodes[0].address] })
        _ = try await running(again) { $0[0].address }
    }

    @Test(
        "reads addresses of names, IPv4 and IPv6",
        arguments: [
            ("127.0.0.1:7000", "127.0.0.1", 7000), ("[::1]:0", "::1", 0),
            ("node.example:65535", "node.example", 65535),
        ]
    )
    func goodAddress(text: String, host: String, port: Int) throws {
        let address = try NetworkAddress(text)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.description == text)
    }

    @Test(
        "refuses text that is no address",
        arguments: [
            "", ":", "a", "a:", ":1", "a:65536", "a:-1", "a:+1", "a: 1", "::1:7000", "a b:1", "[]:1", "a:1:",
            "a:٣",
            "http://a:1", "[::1]", "a:000001",
        ]
    )
    func badAddress(text: String) {
        #expect(throws: NetworkError.badAddress(text)) { try NetworkAddress(text) }
    }

    @Test("refuses a peer at port 0, which nobody can dial")
    func portZero() throws {
        let key = try makeKey(1).publicKey
        let address = try NetworkAddress("a:0")
        #expect(throws: NetworkError.badAddress("a:0")) { try PeerAddress(key: key, addresses: [address]) }
    }
}
