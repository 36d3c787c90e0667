import NIOCore
import Testing

@testable import JalonAPI

@Suite("Room for bodies that are being read")
struct BodyRoomTests {
    private func address(_ text: String) throws -> SocketAddress {
        try SocketAddress(ipAddress: text, port: 1)
    }

    @Test("is bounded for one client and for all together, and given back with each share")
    func bounds() throws {
        let room = BodyRoom(byteCount: 100, perClient: 60)
        let (first, second) = (try address("192.0.2.1"), try address("192.0.2.2"))
        do {
            let share = room.share(for: first)
            let other = room.share(for: second)
            #expect(share.take(40) && !share.take(21) && share.take(20))
            #expect(!room.share(for: first).take(1), "another body of the same client")
            #expect(!other.take(41) && other.take(40) && !other.take(1))
            #expect(room.taken == 100)
        }
        #expect(room.taken == 0)
        #expect(room.share(for: first).take(60))
    }
}
