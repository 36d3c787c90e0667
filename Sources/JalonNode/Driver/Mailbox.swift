import Synchronization

/// A queue with many writers, and as many readers as share its work: the way into the driver's task.
///
/// ``send(_:)`` never waits and is for what the driver itself brought about, which is bounded by what it asked for;
/// ``deliver(_:)`` waits while the queue is full and is for what comes from outside.
final class Mailbox<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        /// Of the elements, in so far as they are counted.
        var byteCount = 0
        /// Whoever waits for an element; each element wakes one.
        var readers: [CheckedContinuation<Void, Never>] = []
        var writers: [CheckedContinuation<Void, Never>] = []
        var isFinished = false
    }

    private let capacity: Int
    private let byteCapacity: Int
    private let size: @Sendable (Element) -> Int
    private let state = Mutex(State())

    /// Makes an empty one; one element more than the bytes allow may be in it.
    ///
    /// - Parameters:
    ///   - capacity: The count from which ``deliver(_:)`` waits.
    ///   - byteCapacity: The bytes from which it waits as well.
    ///   - size: The bytes of an element.
    init(
        capacity: Int,
        byteCapacity: Int = .max,
        size: @escaping @Sendable (Element) -> Int = { _ in 0 }
    ) {
        self.capacity = capacity
        self.byteCapacity = byteCapacity
        self.size = size
    }

    /// Adds an element at once; after ``finish()`` it is dropped.
    func send(_ element: Element) {
        let reader = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.isFinished else { return nil }
            state.elements.append(element)
            state.byteCount += size(element)
            return state.readers.popLast()
        }
        reader?.resume()
    }

    /// Adds an element as soon as there is room.
    func deliver(_ element: Element) async {
        // Nearly always there is room, and then nothing has to be suspended.
        if state.withLock({ hasRoom($0) || $0.isFinished }) { return send(element) }
        await withCheckedContinuation { continuation in
            let mayGoOn = state.withLock { state in
                guard !hasRoom(state), !state.isFinished else { return true }
                state.writers.append(continuation)
                return false
            }
            if mayGoOn { continuation.resume() }
        }
        send(element)
    }

    /// Whether a writer waits for room.
    var hasWaitingWriter: Bool { state.withLock { !$0.writers.isEmpty } }

    private func hasRoom(_ state: borrowing State) -> Bool {
        state.elements.count < capacity && state.byteCount < byteCapacity
    }

    /// Everything that waits, oldest first, at most `maximum`; waits for one at least.
    ///
    /// Empty once finished.
    func receive(maximum: Int) async -> [Element] {
        while true {
            if state.withLock({ $0.elements.isEmpty && !$0.isFinished }) { await waitForElement() }
            let (taken, writers, isFinished) = state.withLock { state in
                let taken = Array(state.elements.prefix(maximum))
                state.elements.removeFirst(taken.count)
                state.byteCount -= taken.reduce(0) { $0 + size($1) }
                let writers = hasRoom(state) ? state.writers : []
                if !writers.isEmpty { state.writers = [] }
                return (taken, writers, state.isFinished)
            }
            for writer in writers { writer.resume() }
            // Another reader may have taken the element that woke this one.
            if !taken.isEmpty || isFinished { return taken }
        }
    }

    private func waitForElement() async {
        await withCheckedContinuation { continuation in
            let mayGoOn = state.withLock { state in
                guard state.elements.isEmpty, !state.isFinished else { return true }
                state.readers.append(continuation)
                return false
            }
            if mayGoOn { continuation.resume() }
        }
    }

    /// Ends the queue: what waits is still received, what comes is dropped.
    func finish() {
        let waiting = state.withLock { state in
            state.isFinished = true
            defer { (state.readers, state.writers) = ([], []) }
            return state.readers + state.writers
        }
        for continuation in waiting { continuation.resume() }
    }
}
