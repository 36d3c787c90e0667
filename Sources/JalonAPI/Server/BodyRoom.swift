import NIOCore
import Synchronization

/// Room for bodies that are on their way here, shared by all clients: none may take more than a part of it, so that one
/// that sends slowly keeps nobody else out.
final class BodyRoom: Sendable {
    private struct State {
        var taken = 0
        var takenByClient: [ClientAddress: Int] = [:]
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
        Share(of: self, client: ClientAddress(address))
    }

    private func take(_ count: Int, for client: ClientAddress) -> Bool {
        state.withLock { state in
            let own = state.takenByClient[client] ?? 0
            guard count <= byteCount - state.taken, count <= byteCountPerClient - own else { return false }
            state.taken += count
            state.takenByClient[client] = own + count
            return true
        }
    }

    private func give(_ count: Int, of client: ClientAddress) {
        state.withLock { state in
            state.taken -= count
            let left = (state.takenByClient[client] ?? 0) - count
            state.takenByClient[client] = left > 0 ? left : nil
        }
    }

    /// What one body takes; given back when the value goes.
    final class Share: Sendable {
        private let room: BodyRoom
        private let client: ClientAddress
        private let taken = Mutex(0)

        fileprivate init(of room: BodyRoom, client: ClientAddress) {
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
