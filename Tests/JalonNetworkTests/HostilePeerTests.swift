import JalonCrypto
import JalonModel
@testable import JalonNetwork
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Testing

@Suite("A peer that breaks the rules")
struct HostilePeerTests {
    @Test(
        "is disconnected, and only it",
        arguments: [
            ([0, 0, 0, 0], FrameError.empty),
            (
                frameBytes(77, [], length: 4 << 20),
                .tooLong(byteCount: (4 << 20) - 1, limit: FrameKind.block.maximumByteCount)
            ),
            (frameBytes(2, [], length: 514), .tooLong(byteCount: 513, limit: 512)),
            (
                [255, 255, 255, 255],
                .tooLong(byteCount: 4_294_967_294, limit: FrameKind.block.maximumByteCount)
            ),
            (frameBytes(1, []), .unexpectedHello),
        ] as [([UInt8], FrameError)]
    )
    func violation(bytes: [UInt8], error: FrameError) async throws {
        let (one, two) = try makePair()
        let peer = try PeerAddress(key: two.publicKey, addresses: [])
        try await running(try makeNetwork(makeConfiguration(one, peers: [peer]))) { nodes in
            var first = nodes[0]
            let raw = try await RawPeer(to: first.address, key: two)
            let hello = frameBytes(1, try makeHello().encoded)
            _ = try await raw.talk(hello + frameBytes(2, [1]) + bytes + frameBytes(2, [2]))
            // What came before the offence counts, what came after does not.
            #expect(try await first.connected().peer == two.publicKey.id)
            #expect(try await first.frame().body == [1])
            #expect(try await first.disconnected() == .violation(error))
            #expect(first.network.counters.disconnections["violation"] == 1)
            #expect(first.network.counters.received[.vote]?.frames == 1)
            // The node goes on.
            let again = try await RawPeer(to: first.address, key: two)
            _ = try await again.talk(hello + [0, 0, 0, 0])
            try await first.connected()
        }
    }

    @Test("by its first frame is not connected at all", arguments: 0..<3)
    func badHello(way: Int) async throws {
        let (one, two) = try makePair()
        let bytes = [frameBytes(2, [1]), frameBytes(1, [1, 2, 3]), frameBytes(1, [], length: 5_000)][way]
        let peer = try PeerAddress(key: two.publicKey, addresses: [])
        try await running(try makeNetwork(makeConfiguration(one, peers: [peer]))) { nodes in
            let first = nodes[0]
            _ = try await RawPeer(to: first.address, key: two).talk(bytes)
            try await eventually { first.network.counters.handshakeFailures["violation"] == 1 }
            #expect(first.network.counters.connections == 0)
        }
    }

    @Test("by silence, by one byte after another, or without TLS loses its place in time", arguments: 0..<3)
    func slowHandshake(way: Int) async throws {
        let (one, two) = try makePair()
        let peer = try PeerAddress(key: two.publicKey, addresses: [])
        let network = try makeNetwork(
            makeConfiguration(one, peers: [peer]) { $0.timing.handshakeTimeout = .milliseconds(300) }
        )
        try await running(network) { nodes in
            let first = nodes[0]
            switch way {
            case 0: _ = try await RawPeer(to: first.address, key: two).talk([])
            case 1:
                // The hello but for its last byte, a byte a write; then nothing.
                let bytes = frameBytes(1, try makeHello().encoded).dropLast()
                try await RawPeer(to: first.address, key: two).channel.executeThenClose { inbound, outbound in
                    for byte in bytes { try? await outbound.write(ByteBuffer(bytes: [byte])) }
                    do { for try await _ in inbound {} } catch {}
                }
            default:
                let plain = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(host: first.address.host, port: first.address.port) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                        }
                    }
                try await plain.executeThenClose { inbound, _ in for try await _ in inbound {} }
            }
            try await eventually { first.network.counters.handshakeFailures["handshake-timeout"] == 1 }
            try await eventually { first.network.state.withLock { $0.open.isEmpty } }
        }
    }

    @Test("by falling silent is disconnected; a node that sends is not")
    func idle() async throws {
        let (one, two) = try makePair()
        let peer = try PeerAddress(key: two.publicKey, addresses: [])
        let network = try makeNetwork(
            makeConfiguration(one, peers: [peer]) { $0.timing.idleTimeout = .milliseconds(200) }
        )
        try await running(network) { nodes in
            var first = nodes[0]
            _ = try await RawPeer(to: first.address, key: two).talk(frameBytes(1, try makeHello().encoded))
            try await first.connected()
            #expect(try await first.disconnected() == .idle)
        }
    }

    @Test(
        "by one byte now and then loses its place; a large frame over a slow link is no silence",
        arguments: [false, true]
    )
    func dripping(isLarge: Bool) async throws {
        let (one, two) = try makePair()
        let peer = try PeerAddress(key: two.publicKey, addresses: [])
        let network = try makeNetwork(
            makeConfiguration(one, peers: [peer]) { $0.timing.idleTimeout = .milliseconds(300) }
        )
        try await running(network) { nodes in
            var first = nodes[0]
            let raw = try await RawPeer(to: first.address, key: two)
            let hello = frameBytes(1, try makeHello().encoded)
            // A block whose first 64 KiB come at once would take a slow link 8 seconds; the rest comes within 2.
            let block = frameBytes(FrameKind.block.rawValue, [UInt8](repeating: 7, count: 70_000))
            let begun = isLarge ? 65_536 : 5
            try await raw.channel.executeThenClose { inbound, outbound in
                var answers = inbound.makeAsyncIterator()
                try await outbound.write(ByteBuffer(bytes: hello))
                _ = try await answers.next()
                do {
                    try await outbound.write(ByteBuffer(bytes: block[..<begun]))
                    for byte in block[begun..<begun + 60] {
                        try await Task.sleep(for: .milliseconds(25))
                        try await outbound.write(ByteBuffer(bytes: [byte]))
                    }
                    try await outbound.write(ByteBuffer(bytes: block[(begun + 60)...]))
                    while try await answers.next() != nil {}
                } catch {
                    // The node closed it.
                }
            }
            try await first.connected()
            if isLarge {
                guard case .frame(.block, let body, _) = try await first.next() else {
                    throw DeadlineReached()
                }
                #expect(body.count == 70_000)
            }
            guard case .disconnected(_, .idle) = try await first.next() else { throw DeadlineReached() }
        }
    }

    @Test("by many dials at once is turned away beyond the limit, and others still get in")
    func manyDials() async throws {
        let (one, two) = try makePair()
        let peer = try PeerAddress(key: two.publicKey, addresses: [])
        let network = try makeNetwork(
            makeConfiguration(one, peers: [peer]) {
                $0.limits.pendingHandshakesPerHost = 4
                $0.timing.handshakeTimeout = .seconds(2)
            }
        )
        try await running(network) { nodes in
            var first = nodes[0]
            let address = first.address
            try await withThrowingDiscardingTaskGroup { group in
                for _ in 0..<40 {
                    group.addTask {
                        let plain = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                            .connect(host: address.host, port: address.port) { channel in
                                channel.eventLoop.makeCompletedFuture {
                                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                                        wrappingChannelSynchronously: channel
                                    )
                                }
                            }
                        _ = try? await plain.executeThenClose { inbound, _ in for try await _ in inbound {} }
                    }
                }
            }
            #expect(first.network.counters.accepted == 40)
            #expect(first.network.counters.turnedAway >= 20)
            try await eventually { first.network.state.withLock { $0.open.isEmpty } }
            let raw = try await RawPeer(to: address, key: two)
            _ = try await raw.talk(frameBytes(1, try makeHello().encoded) + [0, 0, 0, 0])
            try await first.connected()
        }
    }
}

@Suite("TLS")
struct TLSTests {
    @Test("is version 1.3 and shows the node key's certificate")
    func version() async throws {
        let (one, two) = try makePair()
        try await running(try makeNetwork(makeConfiguration(one))) { nodes in
            let raw = try await RawPeer(to: nodes[0].address, key: two)
            let hello = try makeHello()
            try await raw.channel.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(bytes: frameBytes(1, hello.encoded)))
                // The node answers with its own.
                for try await buffer in inbound {
                    #expect(
                        buffer.getInteger(at: buffer.readerIndex + 4, as: UInt8.self)
                            == FrameKind.hello.rawValue
                    )
                    break
                }
                #expect(try await raw.channel.channel.nioSSL_tlsVersion().get() == .tlsv13)
                let certificate = try #require(try await raw.channel.channel.nioSSL_peerCertificate().get())
                #expect(
                    try certificate.extractPublicKey().toSPKIBytes() == one.publicKey.subjectPublicKeyInfo
                )
            }
        }
    }

    @Test("of version 1.2, without a certificate, or signed otherwise is refused", arguments: 0..<3)
    func refused(way: Int) async throws {
        let (one, two) = try makePair()
        let peer = try PeerAddress(key: two.publicKey, addresses: [])
        try await running(try makeNetwork(makeConfiguration(one, peers: [peer]))) { nodes in
            let first = nodes[0]
            let raw =
                switch way {
                case 0: try await RawPeer(to: first.address, key: two, version: .tlsv12)
                case 1: try await RawPeer(to: first.address, key: nil)
                default:
                    try await RawPeer(to: first.address, key: two, signing: [.ecdsaSecp256R1Sha256])
                }
            let answer = try await raw.talk(frameBytes(1, try makeHello().encoded))
            // Not even the hello was shown.
            #expect(answer.isEmpty)
            try await eventually { first.network.counters.handshakeFailures["handshake-failed"] == 1 }
            #expect(first.network.counters.connections == 0)
        }
    }
}

@Suite("A peer that is not known")
struct StrangerTests {
    @Test("is refused where strangers are not allowed, before it sees anything")
    func refused() async throws {
        let (one, two) = try makePair()
        let network = try makeNetwork(makeConfiguration(one) { $0.allowsUnknownPeers = false })
        try await running(network) { nodes in
            let first = nodes[0]
            let answer = try await RawPeer(to: first.address, key: two).talk(
                frameBytes(1, try makeHello().encoded)
            )
            #expect(answer.isEmpty)
            try await eventually { first.network.counters.handshakeFailures["unknown-key"] == 1 }
        }
    }

    @Test("is told apart, syncs, and takes no part in agreeing")
    func syncOnly() async throws {
        let (one, two) = try makePair()
        let networks = (try makeNetwork(makeConfiguration(one)), try makeNetwork(makeConfiguration(two)))
        try await running(networks.0, networks.1) { nodes in
            var (first, second) = (nodes[0], nodes[1])
            second.network.updatePeers([try first.peer()])
            #expect(try await first.connected().isKnown == false)
            #expect(try await second.connected().isKnown)
            for kind in [FrameKind.vote, .proposal, .transactions, .evidence, .request] {
                second.network.send(kind, body: [kind.rawValue], to: [first.id])
            }
            #expect(try await first.frame().kind == .request)
            try await eventually { first.network.counters.dropped(.unknownPeer) == 4 }
            first.network.send(.vote, body: [], to: [second.id])
            first.network.send(.finalBlock, body: [5], to: [second.id])
            #expect(try await second.frame().kind == .finalBlock)
            #expect(first.network.counters.dropped(.unknownPeer) == 5)
            // It becomes a member: it connects anew, as one.
            first.network.updatePeers([try second.peer(reachable: false)])
            #expect(try await first.disconnected() == .standingChanged)
            #expect(try await first.connected().isKnown)
        }
    }

    @Test(
        "comes and goes without a line in the log, where a known peer has one each time",
        arguments: [false, true]
    )
    func logged(isKnown: Bool) async throws {
        let (one, two) = try makePair()
        let tap = LogTap()
        let peers = isKnown ? [try PeerAddress(key: two.publicKey, addresses: [])] : []
        let network = try makeNetwork(
            makeConfiguration(one, peers: peers),
            logger: Logger(label: "") { _ in tap }
        )
        try await running(network) { nodes in
            var first = nodes[0]
            let raw = try await RawPeer(to: first.address, key: two)
            _ = try await raw.talk(frameBytes(1, try makeHello().encoded) + [0, 0, 0, 0])
            #expect(try await first.connected().isKnown == isKnown)
            try await first.disconnected()
            try await eventually { first.network.counters.disconnections["violation"] == 1 }
            #expect(first.network.counters.connections == 1)
        }
        let lines = tap.messages.all.filter { $0.hasPrefix("peer ") }
        #expect(lines == (isKnown ? ["peer connected", "peer disconnected"] : []))
    }

    @Test("has a budget of requests; what is beyond it is dropped and counted")
    func budget() async throws {
        let (one, two) = try makePair()
        let network = try makeNetwork(
            makeConfiguration(one) { $0.limits.unknownBudget.requests = Rate(perSecond: 1, burst: 3) }
        )
        try await running(network, try makeNetwork(makeConfiguration(two))) { nodes in
            var (first, second) = (nodes[0], nodes[1])
            second.network.updatePeers([try first.peer()])
            try await first.connected()
            try await second.connected()
            for mark in UInt8(0)..<20 { second.network.send(.request, body: [mark], to: [first.id]) }
            second.network.send(.certificate, body: [99], to: [first.id])
            var marks: [UInt8] = []
            while marks.last != 99 { marks += try await first.frame().body }
            #expect(Array(marks.prefix(3)) == [0, 1, 2])
            #expect(marks.count < 10)
            #expect(first.network.counters.dropped(.overBudget) >= 12)
        }
    }
}

@Suite("Under load")
struct LoadTests {
    @Test("a vote overtakes the blocks that wait before it, and a slow reader slows the sender down")
    func priority() async throws {
        let (one, two) = try makePair()
        let networks = (
            try makeNetwork(
                makeConfiguration(one) {
                    $0.limits.knownBudget.outbox.sync = QueueLimit(count: 100, byteCount: 100 << 20)
                }
            ),
            try makeNetwork(makeConfiguration(two))
        )
        try await running(networks.0, networks.1) { nodes in
            var (first, second) = (nodes[0], nodes[1])
            second.network.updatePeers([try first.peer(reachable: false)])
            first.network.updatePeers([try second.peer()])
            try await first.connected()
            try await second.connected()
            let count = 60
            let body = [UInt8](repeating: 7, count: FrameKind.finalBlock.maximumByteCount)
            for _ in 0..<count { first.network.send(.finalBlock, body: body, to: [second.id]) }
            first.network.send(.vote, body: [1], to: [second.id])
            var kinds: [FrameKind] = []
            // Nothing was taken until now: the inbox holds one block, the rest waits on the way and at the sender.
            for _ in 0...count { kinds.append(try await second.frame().kind) }
            let index = try #require(kinds.firstIndex(of: .vote))
            #expect(index < count - 20)
            #expect(first.network.counters.dropped(.unsent) == 0)
        }
    }

    @Test("what a peer does not take is dropped beyond the bound of its lane, and counted")
    func bounded() async throws {
        let (one, two) = try makePair()
        let networks = (try makeNetwork(makeConfiguration(one)), try makeNetwork(makeConfiguration(two)))
        try await running(networks.0, networks.1) { nodes in
            var (first, second) = (nodes[0], nodes[1])
            second.network.updatePeers([try first.peer(reachable: false)])
            first.network.updatePeers([try second.peer()])
            try await first.connected()
            try await second.connected()
            let body = [UInt8](repeating: 7, count: 1 << 20)
            for _ in 0..<100 { first.network.send(.finalBlock, body: body, to: [second.id]) }
            #expect(first.network.counters.dropped(.unsent) > 50)
            first.network.send(.vote, body: [], to: [KeyID(.zero)])
            #expect(first.network.counters.dropped(.notConnected) == 1)
        }
    }

    @Test("seven nodes connect each pair once", .timeLimit(.minutes(1)))
    func mesh() async throws {
        let keys = try (UInt8(1)...7).map { try makeKey($0) }
        let networks = try keys.map { try makeNetwork(makeConfiguration($0)) }
        try await running(
            networks[0],
            networks[1],
            networks[2],
            networks[3],
            networks[4],
            networks[5],
            networks[6]
        ) { nodes in
            let peers = try nodes.map { try $0.peer() }
            for node in nodes { node.network.updatePeers(peers) }
            try await eventually { nodes.allSatisfy { $0.network.connectedPeers.count == 6 } }
            for node in nodes { #expect(node.network.peers.count == 6) }
        }
    }
}
