import Synchronization

/// Something that happens once and that many may wait for.
final class Latch<Value: Sendable>: Sendable {
    private struct State {
        var result: Result<Value, any Error>?
        var waiters: [UInt64: CheckedContinuation<Value, any Error>] = [:]
        var lastWaiter: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Whether it happened.
    var isOpen: Bool { state.withLock { $0.result != nil } }

    /// Lets everybody through; only the first call counts.
    func open(_ result: Result<Value, any Error>) {
        let waiters = state.withLock { state in
            guard state.result == nil else { return [CheckedContinuation<Value, any Error>]() }
            state.result = result
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume(with: result) }
    }

    /// The value, once there is one.
    ///
    /// - Throws: The error that the latch was opened with; `CancellationError` where the task is cancelled.
    func value() async throws -> Value {
        let number = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Value, any Error>? = state.withLock { state in
                    if let result = state.result { return result }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.waiters[number] = continuation
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume(throwing: CancellationError())
        }
    }
}

/// A bounded number of places; one that is full says so at once.
final class Places: Sendable {
    private let limit: Int
    private let taken = Mutex(0)

    init(_ limit: Int) { self.limit = limit }

    /// Places taken now.
    var count: Int { taken.withLock { $0 } }

    /// - Returns: A place that is given back when the value goes; `nil` where none is free.
    func take() -> Place? {
        let isFree = taken.withLock { taken in
            guard taken < limit else { return false }
            taken += 1
            return true
        }
        return isFree ? Place(of: self) : nil
    }

    /// A place taken.
    final class Place: Sendable {
        private let places: Places

        fileprivate init(of places: Places) { self.places = places }

        deinit { places.taken.withLock { $0 -= 1 } }
    }
}

/// How a race of an operation against the clock and the end of the server ended.
enum Outcome<Value: Sendable>: Sendable {
    case value(Value)
    case timedOut
    case stopping
}

/// Runs an operation for at most `limit`; then it is cancelled and waited for.
func race<Value: Sendable>(
    limit: Duration,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Outcome<Value> {
    let task = Task { try await operation() }
    let ticket = Deadlines.shared.add(limit) { task.cancel() }
    let result = await withTaskCancellationHandler {
        await task.result
    } onCancel: {
        task.cancel()
    }
    let isInTime = Deadlines.shared.remove(ticket)
    if !isInTime, case .failure = result { return .timedOut }
    return .value(try result.get())
}

/// Runs an operation for at most `limit`, or until `stop` opens; what loses is cancelled and waited for.
func race<Value: Sendable>(
    limit: Duration,
    stop: Latch<Void>,
    _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Outcome<Value> {
    try await withThrowingTaskGroup(of: Outcome<Value>.self) { group in
        group.addTask { .value(try await operation()) }
        group.addTask {
            try await Task.sleep(for: limit)
            return .timedOut
        }
        group.addTask {
            try await stop.value()
            return .stopping
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}
