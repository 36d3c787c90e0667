import Synchronization

/// Counts what anybody can bring about as often as he likes, so that the log gets a line with a number each second at most.
final class LineCount: Sendable {
    /// Milliseconds between two lines.
    private static let interval: UInt64 = 1_000

    private struct State {
        /// Since the last line.
        var count: UInt64 = 0
        /// Monotonic milliseconds.
        var saidAt: UInt64?
    }

    private let state = Mutex(State())

    /// Counts one more.
    ///
    /// - Parameter now: Monotonic milliseconds.
    /// - Returns: How many there were since the last line, this one included; `nil` before the next is due.
    func take(at now: UInt64) -> UInt64? {
        state.withLock { state in
            state.count += 1
            if let saidAt = state.saidAt, now < saidAt + LineCount.interval { return nil }
            defer { state = State(saidAt: now) }
            return state.count
        }
    }
}
