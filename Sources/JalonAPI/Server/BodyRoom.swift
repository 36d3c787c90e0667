import NIOCore
import Synchronization

/// Room for bodies that are on their way here, shared by all clients: none may take more than a part of it, so that one
/// that sends slowly keeps nobody else out.
final class BodyRoom: Sendable {
    private struct State {
        var taken = 0
        var takenByClient: [[UInt8]: Int] = [:]
    }

    private let byteCount: Int
    private let byteCountPerClient: Int
    private let state = Mutex(State())

    init(byteCount: Int, perClient: Int) {
        (self.byteCount, byteCountPerClient) = (byteCount, perClient)
    }

    /// Bytes that are taken now.
    var taken: Int { state.withLock { $0.taken } }

    /// A share for one body, empty at first.
    func share(for address: SocketAddress?) -> Share {
        Share(of: self, client: address.map(BodyRoom.client) ?? [])
    }

    /// Whose address it is: one of IPv4, or the network of one of IPv6, as a client has all of its addresses.
    static func client(_ address: SocketAddress) -> [UInt8] {
        // RFC 3493, section 3.3: family, port and flow information stand before the address.
        let all = address.withSockAddr { pointer, count in
            Array(UnsafeRawBufferPointer(start: pointer, count: count))
        }
        switch address {
        case .v4: return Array(all.dropFirst(4).prefix(4))
        case .v6:
            let bytes = Array(all.dropFirst(8).prefix(16))
            // RFC 4291, section 2.5.5.2: an address of IPv4, on a socket that takes both.
            let isMapped = bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
            return Array(isMapped ? bytes.suffix(4) : bytes.prefix(8))
        case .unixDomainSocket: return []
        }
    }

    private func take(_ count: Int, for client: [UInt8]) -> Bool {
        state.withLock { state in
            let own = state.takenByClient[client] ?? 0
            guard count <= byteCount - state.taken, count <= byteCountPerClient - own else { return false }
            state.taken += count
            state.takenByClient[client] = own + count
            return true
        }
    }

    private func give(_ count: Int, of client: [UInt8]) {
        state.withLock { state in
            state.taken -= count
            let left = (state.takenByClient[client] ?? 0) - count
            state.takenByClient[client] = left > 0 ? left : nil
        }
    }

    /// What one body takes; given back when the value goes.
    final class Share: Sendable {
        private let room: BodyRoom
        private let client: [UInt8]
        private let taken = Mutex(0)

        fileprivate init(of room: BodyRoom, client: [UInt8]) {
            (self.room, self.client) = (room, client)
        }

        /// Takes room for more bytes.
        ///
        /// - Returns: `false` where there is none, for this client or at all.
        func take(_ count: Int) -> Bool {
            guard room.take(count, for: client) else { return false }
            taken.withLock { $0 += count }
            return true
        }

        deinit { room.give(taken.withLock { $0 }, of: client) }
    }
}
