package import JalonModel

/// The ids of the transactions in recent blocks, so that none is applied twice (protocol, section 2).
///
/// It is a function of the chain: which ids it holds depends only on the blocks inserted and on the newest block's
/// time. Time is cut into twelve slices a lifetime, and a slice leaves as a whole once it lies before the
/// newest time − lifetime; what it then holds for up to one slice too long has expired anyway.
package struct ReplayWindow: Sendable {
    /// The most ids; a block that would pass it is invalid.
    package static let maximumCount = 4_000_000

    private struct Slice: Sendable {
        let number: UInt64
        var ids: Set<TransactionID>
    }

    /// Milliseconds, the parameter `maxLifetime` that it was made for.
    package let lifetime: UInt64
    private let sliceLength: UInt64
    // At most 14, ascending by number. Sets are asked, never iterated.
    private var slices: [Slice] = []

    /// Ids held.
    package private(set) var count = 0

    /// - Parameter maxLifetime: Milliseconds, the parameter of that name.
    package init(maxLifetime: UInt64) {
        lifetime = maxLifetime
        sliceLength = ReplayWindow.sliceLength(maxLifetime: maxLifetime)
    }

    /// A window that holds what was read back: blocks in their order.
    package init(
        maxLifetime: UInt64,
        blocks: [(timestamp: Timestamp, transactions: [TransactionID])]
    ) {
        self.init(maxLifetime: maxLifetime)
        // Room for all of a slice at once: growing it step by step would hash each id twice.
        for slice in blocks.chunked(by: { [sliceLength] in $0.timestamp.value / sliceLength }) {
            guard let first = slice.first else { continue }
            let count = slice.reduce(0) { $0 + $1.transactions.count }
            insert([], at: first.timestamp)
            slices[slices.endIndex - 1].ids.reserveCapacity(count)
            for block in slice { insert(block.transactions, at: block.timestamp) }
        }
    }

    /// Whether the id stands in a block of the window.
    package func contains(_ id: TransactionID) -> Bool {
        slices.contains { $0.ids.contains(id) }
    }

    /// The ids that are held once a block of this time comes, its own not counted.
    package func count(at time: Timestamp) -> Int {
        let oldest = oldestSlice(at: time)
        return slices.reduce(0) { $1.number >= oldest ? $0 + $1.ids.count : $0 }
    }

    /// Adds the ids of a block and lets go of what lies before its time − lifetime.
    ///
    /// `time` is the block's timestamp, not before that of the block inserted last.
    ///
    /// - Complexity: O(1) for each id, amortised; in place where the window is not shared.
    package mutating func insert(_ added: some Sequence<TransactionID>, at time: Timestamp) {
        let oldest = oldestSlice(at: time)
        while let first = slices.first, first.number < oldest {
            count -= first.ids.count
            slices.removeFirst()
        }
        begin(time)
        let last = slices.endIndex - 1
        for id in added where slices[last].ids.insert(id).inserted { count += 1 }
    }

    /// Adds an id of the next block where no block of the window holds it; ``insert(_:at:)`` ends the block.
    ///
    /// - Parameters:
    ///   - id: Of one of its transactions.
    ///   - time: The block's timestamp.
    /// - Returns: Whether it is new; else it was held already.
    /// - Complexity: O(1), amortised.
    package mutating func take(_ id: TransactionID, at time: Timestamp) -> Bool {
        begin(time)
        let last = slices.endIndex - 1
        // By their places: the newest set must not be held twice while it grows.
        for index in 0..<last where slices[index].ids.contains(id) { return false }
        guard slices[last].ids.insert(id).inserted else { return false }
        count += 1
        return true
    }

    /// Begins the slice of a time, where it is not the last one already.
    private mutating func begin(_ time: Timestamp) {
        let number = time.value / sliceLength
        precondition(slices.last.map { $0.number <= number } ?? true, "blocks are inserted in their order")
        if slices.last?.number != number { slices.append(Slice(number: number, ids: [])) }
    }

    /// Whether the ids of a block at `time` are still held once one at `newest` comes.
    package func covers(_ time: Timestamp, at newest: Timestamp) -> Bool {
        time.value / sliceLength >= oldestSlice(at: newest)
    }

    /// How far before its newest block a window may still hold ids, in milliseconds: what a start has to read back, so that it
    /// holds what a node holds that never stopped.
    package static func reach(maxLifetime: UInt64) -> UInt64 {
        let (reach, overflow) = maxLifetime.addingReportingOverflow(sliceLength(maxLifetime: maxLifetime))
        return overflow ? .max : reach
    }

    private static func sliceLength(maxLifetime: UInt64) -> UInt64 { max(1, maxLifetime / 12) }

    /// Whether two blocks leave the window together.
    package func leavesTogether(_ one: Timestamp, _ other: Timestamp) -> Bool {
        one.value / sliceLength == other.value / sliceLength
    }

    private func oldestSlice(at time: Timestamp) -> UInt64 {
        time.reduced(byMilliseconds: lifetime).value / sliceLength
    }
}

extension Array {
    /// The parts in which neighbours have the same key.
    fileprivate func chunked<Key: Equatable>(by key: (Element) -> Key) -> [ArraySlice<Element>] {
        var parts: [ArraySlice<Element>] = []
        var start = startIndex
        for index in indices where index > start && key(self[index]) != key(self[start]) {
            parts.append(self[start..<index])
            start = index
        }
        if start < endIndex { parts.append(self[start...]) }
        return parts
    }
}

extension Parameters {
    /// How far before its last block a node reads transactions' ids back, in milliseconds.
    package var replayReach: UInt64 { ReplayWindow.reach(maxLifetime: maxLifetimeMilliseconds) }
}
