/// An ordered map that shares its structure: a copy is one reference, and a change copies one path of a wide tree, in
/// place where nobody else holds it.
///
/// It is a B-tree with wide leaves and narrow inner nodes. Its iteration order is the keys' own, so what
/// is computed from it is the same in every process, and states of blocks that are not final yet cost only what they
/// changed.
package struct PersistentMap<Key: Comparable & Sendable, Value: Sendable>: Sendable {
    private var root: Node?

    /// Entries in the map.
    package private(set) var count = 0

    package init() {}

    /// Builds a map of entries whose keys ascend, each of them once.
    ///
    /// - Parameter entries: In ascending order of their keys; two equal ones trap.
    /// - Complexity: O(n).
    package init(sorted entries: [(key: Key, value: Value)]) {
        for index in entries.indices.dropFirst() {
            precondition(entries[index - 1].key < entries[index].key, "the keys of a sorted map ascend")
        }
        guard !entries.isEmpty else { return }
        var (height, capacity) = (0, Self.maximumLeafCount)
        while capacity < entries.count {
            height += 1
            capacity = Self.capacity(above: capacity)
        }
        root = Node.built(of: entries[...], height: height, capacity: capacity)
        count = entries.count
    }

    package var isEmpty: Bool { root == nil }

    /// The value of a key; assigning `nil` removes it.
    ///
    /// - Complexity: O(log n), to read and to write.
    package subscript(key: Key) -> Value? {
        get {
            root?.value(of: key)
        }
        set {
            if let newValue { set(newValue, for: key) } else { remove(key) }
        }
    }

    /// The first entry in order.
    package var first: (key: Key, value: Value)? {
        guard var node = root else { return nil }
        while let child = node.child(0) { node = child }
        return node.entries[0]
    }

    /// The last entry in order.
    package var last: (key: Key, value: Value)? {
        guard var node = root else { return nil }
        while let child = node.child(node.entries.count) { node = child }
        return node.entries[node.entries.count - 1]
    }

    /// The last entry whose key stands before `key`, which needn't be in the map.
    ///
    /// - Complexity: O(log n).
    package func last(before key: Key) -> (key: Key, value: Value)? {
        var node = root
        var found: (key: Key, value: Value)?
        while let current = node {
            let index = current.firstIndex(notBefore: key)
            if index > 0 { found = current.entries[index - 1] }
            node = current.child(index)
        }
        return found
    }

    /// The first entry whose key stands after `key`, which needn't be in the map.
    ///
    /// - Complexity: O(log n).
    package func first(after key: Key) -> (key: Key, value: Value)? {
        var node = root
        var found: (key: Key, value: Value)?
        while let current = node {
            var index = current.firstIndex(notBefore: key)
            if current.holds(key, at: index) { index += 1 }
            if index < current.entries.count { found = current.entries[index] }
            node = current.child(index)
        }
        return found
    }

    /// The entries whose keys are not before `lower`, in order.
    package func entries(from lower: Key) -> PersistentMapEntries<Key, Value> {
        PersistentMapEntries(root, from: lower)
    }

    /// The entries whose keys lie within `range`, in order.
    package func entries(
        in range: ClosedRange<Key>
    ) -> some Sequence<(key: Key, value: Value)> {
        entries(from: range.lowerBound).prefix { !(range.upperBound < $0.key) }
    }

    /// The values in the order of their keys.
    package var values: [Value] {
        var values: [Value] = []
        values.reserveCapacity(count)
        for entry in self { values.append(entry.value) }
        return values
    }

    // MARK: - Changing

    /// Changes the value of a key in place: a value that holds references is then not copied with them.
    ///
    /// - Parameters:
    ///   - key: Of the value; where it is not in the map nothing is done.
    ///   - body: Changes the value.
    /// - Returns: What `body` gives; `nil` where the key is not in the map.
    /// - Complexity: O(log n).
    package mutating func change<Result>(_ key: Key, _ body: (inout Value) -> Result) -> Result? {
        Node.unique(&root)?.change(key, body)
    }

    private mutating func set(_ value: Value, for key: Key) {
        guard root != nil else {
            root = Node([(key, value)], children: [])
            count = 1
            return
        }
        var isNew = false
        let split = Node.unique(&root)?.set(value, for: key, &isNew)
        if isNew { count += 1 }
        if let split, let old = root {
            root = Node([split.entry], children: [old, split.right])
        }
    }

    private mutating func remove(_ key: Key) {
        // Looked up first, so that removing nothing copies nothing.
        guard self[key] != nil, let node = Node.unique(&root) else { return }
        node.remove(key)
        count -= 1
        if node.entries.isEmpty { root = node.child(0) }
    }
}

extension PersistentMap: Sequence {
    package func makeIterator() -> PersistentMapEntries<Key, Value> {
        PersistentMapEntries(root, from: nil)
    }

    package var underestimatedCount: Int { count }
}

extension PersistentMap: Equatable where Value: Equatable {
    package static func == (left: Self, right: Self) -> Bool {
        if left.root === right.root { return true }
        guard left.count == right.count else { return false }
        return zip(left, right).allSatisfy { pair in
            !(pair.0.key < pair.1.key) && !(pair.1.key < pair.0.key) && pair.0.value == pair.1.value
        }
    }
}

/// Walks a ``PersistentMap`` in order; the map may change meanwhile, the walk keeps the one it started on.
package struct PersistentMapEntries<Key: Comparable & Sendable, Value: Sendable>: Sequence, IteratorProtocol {
    // From the root down: the nodes whose entry at the index, and then what stands right of it, are still to come.
    private var stack: [(node: PersistentMap<Key, Value>.Node, index: Int)] = []

    fileprivate init(_ root: PersistentMap<Key, Value>.Node?, from lower: Key?) {
        var node = root
        while let current = node {
            let index = lower.map { current.firstIndex(notBefore: $0) } ?? 0
            stack.append((current, index))
            if let lower, current.holds(lower, at: index) { break }
            node = current.child(index)
        }
    }

    package mutating func next() -> (key: Key, value: Value)? {
        while let (node, index) = stack.last {
            guard index < node.entries.count else {
                stack.removeLast()
                continue
            }
            stack[stack.count - 1].index += 1
            var child = node.child(index + 1)
            while let current = child {
                stack.append((current, 0))
                child = current.child(0)
            }
            return node.entries[index]
        }
        return nil
    }
}

extension PersistentMap {
    /// The most entries of a leaf, and of an inner node; one more splits it.
    ///
    /// Wide leaves make paths short. An inner node that is copied counts one more reference to each of its children, which
    /// far apart in memory cost more than the copy: so those are narrow.
    fileprivate static var maximumLeafCount: Int { 15 }
    fileprivate static var maximumInnerCount: Int { 7 }

    /// The most entries of a subtree whose children hold `capacity` at most.
    private static func capacity(above capacity: Int) -> Int {
        maximumInnerCount + (maximumInnerCount + 1) * capacity
    }

    /// Entries in order and, in an inner node, the subtrees around them: one more than entries.
    ///
    /// Unchecked, in both ways: like the storage of an array it is changed only while a single reference to it exists, which
    /// ``unique(_:)`` makes sure of.
    fileprivate final class Node: @unchecked Sendable {
        typealias Entry = (key: Key, value: Value)
        /// What a node that became too large gives to its parent: an entry, and all that stands right of it.
        typealias Split = (entry: Entry, right: Node)

        @exclusivity(unchecked) private(set) var entries: [Entry]
        @exclusivity(unchecked) private var children: [Node]

        init(_ entries: [Entry], children: [Node]) {
            (self.entries, self.children) = (entries, children)
        }

        /// The node as one that may be changed: itself, or a copy where others hold it too.
        static func unique(_ node: inout Node?) -> Node? {
            if !isKnownUniquelyReferenced(&node) { node = node?.copy() }
            return node
        }

        private func copy() -> Node { Node(entries, children: children) }

        /// A subtree of so many levels of inner nodes, each as full as its neighbours.
        ///
        /// - Parameters:
        ///   - entries: At least one.
        ///   - height: Levels of inner nodes; 0 for a leaf.
        ///   - capacity: The most entries that such a subtree takes.
        /// - Returns: Its top node.
        static func built(of entries: ArraySlice<Entry>, height: Int, capacity: Int) -> Node {
            guard height > 0 else { return Node(Array(entries), children: []) }
            let below = (capacity - PersistentMap.maximumInnerCount) / (PersistentMap.maximumInnerCount + 1)
            // As few children as take the entries, so that each is at least half full.
            let childCount = (entries.count + 1 + below) / (below + 1)
            let (size, larger) = (entries.count + 1 - childCount).quotientAndRemainder(dividingBy: childCount)
            var (own, children): ([Entry], [Node]) = ([], [])
            own.reserveCapacity(childCount - 1)
            children.reserveCapacity(childCount)
            var start = entries.startIndex
            for number in 0..<childCount {
                let end = start + size + (number < larger ? 1 : 0)
                children.append(built(of: entries[start..<end], height: height - 1, capacity: below))
                guard end < entries.endIndex else { break }
                own.append(entries[end])
                start = end + 1
            }
            return Node(own, children: children)
        }

        // MARK: Reading

        /// The place of the first key that does not stand before `key`; the number of entries where none is.
        ///
        /// The last one is looked at first: what comes in the order of time, as reports do, mostly stands behind all others,
        /// and each other entry that is looked at may have to be waited for.
        func firstIndex(notBefore key: Key) -> Int {
            var (low, high) = (0, entries.count)
            if high > 0, entries[high - 1].key < key { return high }
            while low < high {
                let middle = (low + high) / 2
                if entries[middle].key < key { low = middle + 1 } else { high = middle }
            }
            return low
        }

        /// Whether the key at the place that ``firstIndex(notBefore:)`` gave is the one looked for.
        func holds(_ key: Key, at index: Int) -> Bool {
            index < entries.count && !(key < entries[index].key)
        }

        func value(of key: Key) -> Value? {
            // Down without counting references: this node holds all that are below it.
            var node = Unmanaged.passUnretained(self)
            while true {
                let (found, child) = node._withUnsafeGuaranteedRef { $0.valueOrChild(of: key) }
                guard let child else { return found }
                node = child
            }
        }

        /// The value of a key that stands in this node, or the subtree in which it can only stand.
        private func valueOrChild(of key: Key) -> (Value?, Unmanaged<Node>?) {
            let index = firstIndex(notBefore: key)
            if holds(key, at: index) { return (entries[index].value, nil) }
            return (nil, children.isEmpty ? nil : .passUnretained(children[index]))
        }

        /// The subtree left of the entry at `index`; `nil` in a leaf.
        func child(_ index: Int) -> Node? { children.isEmpty ? nil : children[index] }

        // MARK: Changing

        private var maximumCount: Int {
            children.isEmpty ? PersistentMap.maximumLeafCount : PersistentMap.maximumInnerCount
        }

        /// The fewest entries, but for the root and for what ascending keys began.
        private var minimumCount: Int { maximumCount / 2 }
        private var isSpare: Bool { entries.count > minimumCount }

        func set(_ value: Value, for key: Key, _ isNew: inout Bool) -> Split? {
            let index = firstIndex(notBefore: key)
            if holds(key, at: index) {
                entries[index].value = value
                return nil
            }
            if children.isEmpty {
                entries.insert((key, value), at: index)
                isNew = true
            } else if let split = uniqueChild(index).set(value, for: key, &isNew) {
                entries.insert(split.entry, at: index)
                children.insert(split.right, at: index + 1)
            }
            guard entries.count > maximumCount else { return nil }
            // What comes in ascending order leaves full nodes behind: halves would never fill up.
            return split(at: index == entries.count - 1 ? entries.count - 2 : entries.count / 2)
        }

        func change<Result>(_ key: Key, _ body: (inout Value) -> Result) -> Result? {
            let index = firstIndex(notBefore: key)
            if holds(key, at: index) { return body(&entries[index].value) }
            return children.isEmpty ? nil : uniqueChild(index).change(key, body)
        }

        /// Removes a key that stands in this subtree; it may then have one entry too few.
        func remove(_ key: Key) {
            let index = firstIndex(notBefore: key)
            let isHere = holds(key, at: index)
            guard !children.isEmpty else {
                precondition(isHere, "a key that is removed stands in the map")
                entries.remove(at: index)
                return
            }
            if isHere {
                entries[index] = uniqueChild(index).removeLast()
            } else {
                uniqueChild(index).remove(key)
            }
            refill(index)
        }

        private func removeLast() -> Entry {
            guard !children.isEmpty else { return entries.removeLast() }
            let entry = uniqueChild(entries.count).removeLast()
            refill(entries.count)
            return entry
        }

        private func uniqueChild(_ index: Int) -> Node {
            if !isKnownUniquelyReferenced(&children[index]) { children[index] = children[index].copy() }
            return children[index]
        }

        private func split(at middle: Int) -> Split {
            let right = Node(
                Array(entries[(middle + 1)...]),
                children: children.isEmpty ? [] : Array(children[(middle + 1)...])
            )
            let entry = entries[middle]
            entries.removeSubrange(middle...)
            if !children.isEmpty { children.removeSubrange((middle + 1)...) }
            return (entry, right)
        }

        /// Gives a child that has an entry too few one of a neighbour's, or joins the two.
        private func refill(_ index: Int) {
            guard children[index].entries.count < children[index].minimumCount else { return }
            if index > 0, children[index - 1].isSpare {
                let (left, child) = (uniqueChild(index - 1), uniqueChild(index))
                child.entries.insert(entries[index - 1], at: 0)
                entries[index - 1] = left.entries.removeLast()
                if let subtree = left.children.popLast() { child.children.insert(subtree, at: 0) }
            } else if index < entries.count, children[index + 1].isSpare {
                let (child, right) = (uniqueChild(index), uniqueChild(index + 1))
                child.entries.append(entries[index])
                entries[index] = right.entries.removeFirst()
                if !right.children.isEmpty { child.children.append(right.children.removeFirst()) }
            } else {
                join(at: index > 0 ? index - 1 : index)
            }
        }

        /// Joins the children around an entry, and the entry with them.
        private func join(at index: Int) {
            let (left, right) = (uniqueChild(index), children.remove(at: index + 1))
            left.entries.append(entries.remove(at: index))
            left.entries += right.entries
            left.children += right.children
        }
    }
}

/// A value behind one reference, so that what holds many of them copies references.
package final class Shared<Value: Sendable>: @unchecked Sendable {
    // Unchecked, in both ways: it is changed only while a single reference to it exists.
    @exclusivity(unchecked) private var stored: Value

    package init(_ value: Value) { stored = value }

    /// Read where it stands: a copy for each question would count every reference that the value holds.
    package var value: Value {
        _read { yield stored }
    }

    /// Changes the value: in place where nobody else holds it, else in a copy that takes its place.
    static func change<Result>(_ shared: inout Shared, _ body: (inout Value) -> Result) -> Result {
        if !isKnownUniquelyReferenced(&shared) { shared = Shared(shared.value) }
        return body(&shared.stored)
    }
}
