/// What happens when, in the order of time and, at one moment, in the order in which it was scheduled.
struct EventQueue<Action> {
    /// Plain numbers, since the heap moves its entries about: the action stays in its slot.
    private struct Entry {
        let moment: Moment
        let sequence: UInt64
        let slot: Int

        func precedes(_ other: Entry) -> Bool {
            moment == other.moment ? sequence < other.sequence : moment < other.moment
        }
    }

    // A binary heap, the earliest entry at the root.
    private var heap: [Entry] = []
    private var scheduled: UInt64 = 0
    /// The actions that wait, by slot.
    private var actions: [Action?] = []
    private var freeSlots: [Int] = []

    /// The moment of the earliest entry.
    var nextMoment: Moment? { heap.first?.moment }

    /// Entries that wait.
    var count: Int { heap.count }

    mutating func schedule(_ action: Action, at moment: Moment) {
        let slot: Int
        if let free = freeSlots.popLast() {
            slot = free
            actions[slot] = action
        } else {
            slot = actions.count
            actions.append(action)
        }
        let entry = Entry(moment: moment, sequence: scheduled, slot: slot)
        heap.append(entry)
        scheduled += 1
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entry.precedes(heap[parent]) else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = entry
    }

    /// Removes the earliest entry.
    mutating func popFirst() -> (moment: Moment, action: Action)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        var action: Action?
        swap(&action, &actions[first.slot])
        freeSlots.append(first.slot)
        guard let action else { preconditionFailure("the slot of an entry holds its action") }
        if !heap.isEmpty { sink(last) }
        return (first.moment, action)
    }

    /// Puts an entry in the root's place, and then where it belongs.
    private mutating func sink(_ entry: Entry) {
        var parent = 0
        while true {
            var least = 2 * parent + 1
            guard least < heap.count else { break }
            if least + 1 < heap.count, heap[least + 1].precedes(heap[least]) { least += 1 }
            guard heap[least].precedes(entry) else { break }
            heap[parent] = heap[least]
            parent = least
        }
        heap[parent] = entry
    }
}
