import Synchronization

/// The deadlines of many operations, nearly all of which end before theirs: one sleeping task watches over all of them, and
/// none has a timer of its own.
package final class Deadlines: Sendable {
    /// Those of this process.
    package static let shared = Deadlines()

    /// A deadline that is watched.
    package struct Ticket: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct State {
        var entries: [UInt64: (deadline: ContinuousClock.Instant, expire: @Sendable () -> Void)] = [:]
        var lastNumber: UInt64 = 0
        /// When the watching task wakes up; `nil` where none sleeps.
        var wakesAt: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    package init() {}

    /// Calls `expire` once `limit` has passed, unless the deadline is removed before.
    package func add(_ limit: Duration, _ expire: @escaping @Sendable () -> Void) -> Ticket {
        let deadline = ContinuousClock.now + limit
        let (ticket, mustWatch) = state.withLock { state in
            state.lastNumber += 1
            state.entries[state.lastNumber] = (deadline, expire)
            let mustWatch = state.wakesAt.map { deadline < $0 } ?? true
            if mustWatch { state.wakesAt = deadline }
            return (Ticket(number: state.lastNumber), mustWatch)
        }
        if mustWatch { watch(until: deadline) }
        return ticket
    }

    /// Removes a deadline.
    ///
    /// - Returns: Whether it was still to come.
    @discardableResult
    package func remove(_ ticket: Ticket) -> Bool {
        state.withLock { $0.entries.removeValue(forKey: ticket.number) != nil }
    }

    private func watch(until moment: ContinuousClock.Instant) {
        Task {
            var next: ContinuousClock.Instant? = moment
            while let wakesAt = next {
                try? await Task.sleep(until: wakesAt)
                next = expireDue(wokenAt: wakesAt)
            }
        }
    }

    /// - Returns: When to look again; `nil` where nothing is left, or another task watches for something earlier.
    private func expireDue(wokenAt: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        let now = ContinuousClock.now
        let (due, next) = state.withLock { state in
            let due = state.entries.filter { $0.value.deadline <= now }
            for number in due.keys { state.entries[number] = nil }
            guard state.wakesAt == wokenAt else { return (due, nil as ContinuousClock.Instant?) }
            state.wakesAt = state.entries.values.map(\.deadline).min()
            return (due, state.wakesAt)
        }
        for entry in due.values.sorted(by: { $0.deadline < $1.deadline }) { entry.expire() }
        return next
    }
}
