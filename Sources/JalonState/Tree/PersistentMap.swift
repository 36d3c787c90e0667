/// An ordered map that shares its structure: a copy is one reference, and a change copies one path of a balanced tree.
///
/// It is an AVL tree of immutable nodes. Its iteration order is the keys' own, so what is computed from it is the same
/// in every process, and states of blocks that are not final yet cost only what they changed.
package struct PersistentMap<Key: Comparable & Sendable, Value: Sendable>: Sendable {
    private var root: Node?

    /// Entries in the map.
    package private(set) var count = 0

    package init() {}

    package var isEmpty: Bool { root == nil }

    /// The value of a key; assigning `nil` removes it.
    ///
    /// - Complexity: O(log n), to read and to write.
    package subscript(key: Key) -> Value? {
        get {
            var node = root
            while let current = node {
                if key < current.key {
                    node = current.left
                } else if current.key < key {
                    node = current.right
                } else {
                    return current.value
                }
            }
            return nil
        }
        set {
            if let newValue {
                var isNew = false
                root = Node.setting(root, Entry(key, newValue), &isNew)
                if isNew { count += 1 }
            } else if self[key] != nil {
                root = root.flatMap { Node.removing($0, key) }
                count -= 1
            }
        }
    }

    /// The first entry in order.
    package var first: (key: Key, value: Value)? {
        var node = root
        while let left = node?.left { node = left }
        return node.map { ($0.key, $0.value) }
    }

    /// The last entry in order.
    package var last: (key: Key, value: Value)? {
        var node = root
        while let right = node?.right { node = right }
        return node.map { ($0.key, $0.value) }
    }

    /// The last entry whose key stands before `key`, which needn't be in the map.
    ///
    /// - Complexity: O(log n).
    package func last(before key: Key) -> (key: Key, value: Value)? {
        var node = root
        var found: Node?
        while let current = node {
            if current.key < key {
                found = current
                node = current.right
            } else {
                node = current.left
            }
        }
        return found.map { ($0.key, $0.value) }
    }

    /// The first entry whose key stands after `key`, which needn't be in the map.
    ///
    /// - Complexity: O(log n).
    package func first(after key: Key) -> (key: Key, value: Value)? {
        var node = root
        var found: Node?
        while let current = node {
            if key < current.key {
                found = current
                node = current.left
            } else {
                node = current.right
            }
        }
        return found.map { ($0.key, $0.value) }
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
    // The nodes whose own entry, and then whose right subtree, are still to come.
    private var stack: [PersistentMap<Key, Value>.Node] = []

    fileprivate init(_ root: PersistentMap<Key, Value>.Node?, from lower: Key?) {
        var node = root
        while let current = node {
            if let lower, current.key < lower {
                node = current.right
            } else {
                stack.append(current)
                node = current.left
            }
        }
    }

    package mutating func next() -> (key: Key, value: Value)? {
        guard let node = stack.popLast() else { return nil }
        var child = node.right
        while let current = child {
            stack.append(current)
            child = current.left
        }
        return (node.key, node.value)
    }
}

extension PersistentMap {
    /// A key with its value: shared by every node that stands for it, so that copying a path copies no values.
    fileprivate final class Entry: Sendable {
        let key: Key
        let value: Value

        init(_ key: Key, _ value: Value) {
            self.key = key
            self.value = value
        }
    }

    /// One entry and the two subtrees around it.
    fileprivate final class Node: Sendable {
        let entry: Entry
        let left: Node?
        let right: Node?
        let height: Int8

        var key: Key { entry.key }
        var value: Value { entry.value }

        init(_ entry: Entry, _ left: Node?, _ right: Node?) {
            self.entry = entry
            self.left = left
            self.right = right
            height = 1 + Swift.max(left?.height ?? 0, right?.height ?? 0)
        }

        static func setting(_ node: Node?, _ entry: Entry, _ isNew: inout Bool) -> Node {
            guard let node else {
                isNew = true
                return Node(entry, nil, nil)
            }
            if entry.key < node.key {
                return balanced(node.entry, setting(node.left, entry, &isNew), node.right)
            }
            if node.key < entry.key {
                return balanced(node.entry, node.left, setting(node.right, entry, &isNew))
            }
            return Node(entry, node.left, node.right)
        }

        /// The tree without a key that is in it.
        static func removing(_ node: Node, _ key: Key) -> Node? {
            if key < node.key {
                return balanced(node.entry, node.left.flatMap { removing($0, key) }, node.right)
            }
            if node.key < key {
                return balanced(node.entry, node.left, node.right.flatMap { removing($0, key) })
            }
            guard let right = node.right else { return node.left }
            guard node.left != nil else { return right }
            var successor = right
            while let left = successor.left { successor = left }
            return balanced(successor.entry, node.left, removing(right, successor.key))
        }

        /// A node with `entry` over two subtrees whose heights differ by 2 at most.
        private static func balanced(_ entry: Entry, _ left: Node?, _ right: Node?) -> Node {
            let difference = (left?.height ?? 0) - (right?.height ?? 0)
            if difference > 1, let left {
                if let inner = left.right, inner.height > (left.left?.height ?? 0) {
                    return Node(
                        inner.entry,
                        Node(left.entry, left.left, inner.left),
                        Node(entry, inner.right, right)
                    )
                }
                return Node(left.entry, left.left, Node(entry, left.right, right))
            }
            if difference < -1, let right {
                if let inner = right.left, inner.height > (right.right?.height ?? 0) {
                    return Node(
                        inner.entry,
                        Node(entry, left, inner.left),
                        Node(right.entry, inner.right, right.right)
                    )
                }
                return Node(right.entry, Node(entry, left, right.left), right.right)
            }
            return Node(entry, left, right)
        }
    }
}
