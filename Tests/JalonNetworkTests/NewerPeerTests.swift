import JalonCrypto
import JalonModel
@testable import JalonNetwork
import NIOCore
import Testing

@Suite("A peer whose program is newer")
struct NewerPeerTests {
    /// Writes bytes and leaves the connection open until `body` is done.
    private func speaking(
        _ bytes: [UInt8],
        over raw: RawPeer,
        _ body: () async throws -> Void
    ) async throws {
        try await raw.channel.executeThenClose { _, outbound in
            try await outbound.write(ByteBuffer(bytes: bytes))
            try await body()
        }
    }

    @Test("says what this program does not know, and stays connected", arguments: [true, false])
    func unknownKind(isKnown: Bool) async throws {
        let (one, two) = try makePair()
        let peer = try PeerAddress(key: two.publicKey, addresses: [])
        try await running(try makeNetwork(makeConfiguration(one, peers: isKnown ? [peer] : []))) { nodes in
            var first = nodes[0]
            let raw = try await RawPeer(to: first.address, key: two)
            let hello = frameBytes(1, try makeHello().encoded)
            let news = frameBytes(14, [1, 2, 3]) + frameBytes(200, [UInt8](repeating: 7, count: 100_000))
            try await speaking(hello + news + frameBytes(6, [1]) + news + frameBytes(6, [2]), over: raw) {
                () async throws in
                #expect(try await first.connected().isKnown == isKnown)
                #expect(try await first.frame().body == [1])
                #expect(try await first.frame().body == [2])
                #expect(first.network.connectedPeers == [two.publicKey.id])
            }
            #expect(try await first.disconnected() == .closedByPeer)
            let unknown = first.network.counters.receivedUnknown
            #expect(unknown.frames == 4)
            #expect(unknown.bytes == 2 * (8 + 100_005))
            #expect(first.network.counters.disconnections["violation"] == nil)
        }
    }

    @Test("and says nothing else is held to its budget like every other")
    func flood() async throws {
        let (one, two) = try makePair()
        let peer = try PeerAddress(key: two.publicKey, addresses: [])
        let network = try makeNetwork(
            makeConfiguration(one, peers: [peer]) {
                $0.limits.knownBudget.receivedFrames = Rate(perSecond: 20, burst: 10)
            }
        )
        try await running(network) { nodes in
            var first = nodes[0]
            let raw = try await RawPeer(to: first.address, key: two)
            let hello = frameBytes(1, try makeHello().encoded)
            let flood = (0..<20).flatMap { _ in frameBytes(99, []) }
            let start = ContinuousClock.now
            try await speaking(hello + flood + frameBytes(6, [1]), over: raw) { () async throws in
                try await first.connected()
                // Ten at once, ten more at 20 a second; the tip's turn comes after them.
                #expect(try await first.frame().kind == .tip)
                #expect(ContinuousClock.now - start > .milliseconds(300))
            }
            #expect(first.network.counters.receivedUnknown.frames == 20)
        }
    }
}
