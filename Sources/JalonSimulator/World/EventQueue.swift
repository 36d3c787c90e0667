/// What happens when, in the order of time and, at one moment, in the order in which it was scheduled.
struct EventQueue<Action> {
    private struct Entry {
        let moment: Moment
        let sequence: UInt64
        let action: Action

        func precedes(_ other: Entry) -> Bool {
            moment == other.moment ? sequence < other.sequence : moment < other.moment
        }
    }

    // A binary heap, the earliest entry at the root.
    private var heap: [Entry] = []
    private var scheduled: UInt64 = 0

    /// The moment of the earliest entry.
    var nextMoment: Moment? { heap.first?.moment }

    /// Entries that wait.
    var count: Int { heap.count }

    mutating func schedule(_ action: Action, at moment: Moment) {
        heap.append(Entry(moment: moment, sequence: scheduled, action: action))
        scheduled += 1
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].precedes(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Removes the earliest entry.
    mutating func popFirst() -> (moment: Moment, action: Action)? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return (first.moment, first.action) }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].precedes(heap[least]) { least = child }
            }
            guard least != parent else { break }
            heap.swapAt(parent, least)
            parent = least
        }
        return (first.moment, first.action)
    }
}
