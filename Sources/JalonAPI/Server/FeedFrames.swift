import NIOCore
import Synchronization

/// The newest events of the feed as they are sent, each made once however many follow.
final class FeedFrames: Sendable {
    struct Key: Hashable {
        /// The event's name.
        let name: String
        let height: UInt64
    }

    private struct State {
        var frames: [Key: ByteBuffer] = [:]
        /// The oldest first.
        var order: [Key] = []
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// `capacity` is how many events are kept.
    init(capacity: Int = 32) { self.capacity = capacity }

    /// The event's bytes, made by `make` where they are not at hand.
    func frame(_ key: Key, _ make: () throws -> ByteBuffer) rethrows -> ByteBuffer {
        if let frame = state.withLock({ $0.frames[key] }) { return frame }
        let made = try make()
        state.withLock { state in
            guard state.frames.updateValue(made, forKey: key) == nil else { return }
            state.order.append(key)
            if state.order.count > capacity { state.frames[state.order.removeFirst()] = nil }
        }
        return made
    }
}
