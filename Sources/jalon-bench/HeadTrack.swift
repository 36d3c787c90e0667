import JalonClient
import JalonSchema
import Synchronization

/// When each node showed which head, as its feed of heads told it.
final class HeadTrack: Sendable {
    struct Entry: Sendable {
        let height: UInt64
        let logSize: UInt64
        let time: ContinuousClock.Instant
    }

    private struct State {
        /// By node, ascending by height.
        var entries: [[Entry]]
        var waiting: [(logSize: UInt64, continuation: CheckedContinuation<Void, Never>)] = []

        /// What every node has.
        var logSize: UInt64 { entries.map { $0.last?.logSize ?? 0 }.min() ?? 0 }
    }

    private let state: Mutex<State>

    init(nodeCount: Int) {
        state = Mutex(State(entries: Array(repeating: [], count: nodeCount)))
    }

    /// Follows the nodes until the task is cancelled.
    func follow(_ clients: [LedgerClient]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, client) in clients.enumerated() {
                group.addTask {
                    let head = try await client.head().head
                    self.note(head, of: index)
                    for try await head in client.heads(after: head.height) { self.note(head, of: index) }
                }
            }
            try await group.waitForAll()
        }
    }

    private func note(_ head: API.Head, of node: Int) {
        let now = ContinuousClock.now
        let ready = state.withLock { state in
            state.entries[node].append(Entry(height: head.height, logSize: head.logSize, time: now))
            let reached = state.logSize
            defer { state.waiting.removeAll { $0.logSize <= reached } }
            return state.waiting.filter { $0.logSize <= reached }
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    /// Transactions that are final on every node.
    var logSize: UInt64 { state.withLock { $0.logSize } }

    /// Waits until every node has so many transactions.
    func wait(for logSize: UInt64) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.logSize >= logSize { return true }
                state.waiting.append((logSize, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    /// When the last node had the block at a height.
    func time(of height: UInt64) -> ContinuousClock.Instant? {
        state.withLock { state in
            var latest: ContinuousClock.Instant?
            for entries in state.entries {
                var (low, high) = (0, entries.count)
                while low < high {
                    let middle = (low + high) / 2
                    if entries[middle].height < height { low = middle + 1 } else { high = middle }
                }
                guard low < entries.count else { return nil }
                latest = max(latest ?? entries[low].time, entries[low].time)
            }
            return latest
        }
    }

    /// Forgets all but the newest head of each node.
    func forget() {
        state.withLock { state in
            for index in state.entries.indices { state.entries[index] = state.entries[index].suffix(1) }
        }
    }
}
