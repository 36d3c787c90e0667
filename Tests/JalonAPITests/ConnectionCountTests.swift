import NIOCore
import NIOEmbedded
import Testing

@testable import JalonAPI

@Suite("Connections of one client")
struct ConnectionCountTests {
    private func address(_ text: String) throws -> SocketAddress {
        try SocketAddress(ipAddress: text, port: 1)
    }

    private func connection(_ counts: ConnectionCounts, from address: SocketAddress) throws -> EmbeddedChannel
    {
        let guardian = ConnectionGuard(limit: .seconds(1), stop: Latch(), counts: counts)
        let channel = EmbeddedChannel(handlers: [guardian])
        try channel.connect(to: address).wait()
        return channel
    }

    @Test(
        "are bounded, a client's own alone, and make room again when they end; this machine may have any number"
    )
    func bounds() throws {
        let counts = ConnectionCounts(maximum: 2)
        let (one, other) = (try address("192.0.2.1"), try address("192.0.2.2"))
        let first = try connection(counts, from: one)
        let second = try connection(counts, from: one)
        let third = try connection(counts, from: one)
        #expect(first.isActive && second.isActive && !third.isActive)
        #expect(try connection(counts, from: other).isActive)
        try first.close().wait()
        #expect(try connection(counts, from: one).isActive)
        #expect(try !connection(counts, from: one).isActive)
        for _ in 0..<4 {
            for local in ["127.0.0.9", "::1", "::ffff:127.0.0.1"] {
                #expect(try connection(counts, from: try address(local)).isActive)
            }
        }
        #expect(counts.clientCount == 2)
    }

    @Test("an address of IPv4 is one client, however it is written, and a network of IPv6")
    func clients() throws {
        func client(_ text: String) throws -> ClientAddress { ClientAddress(try address(text)) }
        let plain = try client("192.0.2.1")
        #expect(plain.bytes == [192, 0, 2, 1] && !plain.isLoopback)
        #expect(try client("::ffff:192.0.2.1") == plain)
        #expect(try client("::ffff:192.0.2.2") != plain)
        let network = try client("2001:db8:1:2::1")
        #expect(try client("2001:db8:1:2:ffff::9") == network && !network.isLoopback)
        #expect(try client("2001:db8:1:3::1") != network)
    }
}
