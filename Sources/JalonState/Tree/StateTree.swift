package import JalonCrypto

/// The state's compact sparse Merkle tree, persistent: an older version stays valid at no cost.
///
/// A path's place is its SHA-256, most significant bit first. A leaf hashes as H(0x02 ‖ place ‖ SHA-256(value)), an
/// inner node as H(0x03 ‖ left ‖ right); an empty subtree is 32 zero bytes, and a subtree with one leaf *is* that leaf.
/// The tree keeps digests only: the values are the records of ``LedgerState``.
package struct StateTree: Sendable {
    private var top: Node = .empty

    /// The empty tree, whose root is 32 zero bytes.
    package init() {}

    /// The root that a block's header carries.
    package var root: Digest { top.hash }

    /// Sets and removes leaves, hashing each inner node on their paths once.
    ///
    /// - Parameter changes: Each path at most once, in any order; `nil` removes, also a path that is not there.
    /// - Complexity: O(k log n) hashes for k changes.
    package mutating func update(_ changes: some Sequence<(path: String, value: [UInt8]?)>) {
        let places = changes.map {
            (place: StateTree.place(of: $0.path), value: $0.value, note: nil as UInt32?)
        }
        update(sorted: places.sorted { $0.place < $1.place })
    }

    /// The same for places in ascending order, with a note that memory keeps at a leaf: it is no part of what is hashed.
    mutating func update(sorted changes: [(place: Digest, value: [UInt8]?, note: UInt32?)]) {
        for (left, right) in zip(changes, changes.dropFirst()) {
            precondition(left.place < right.place, "a path stands at most once among one block's changes")
        }
        let leaves = changes.map { place, value, note in
            Change(
                place: place,
                leaf: value.map { Leaf(place: place, valueHash: SHA256.hash($0), note: note) }
            )
        }
        top = StateTree.updating(top, leaves[...], depth: 0)
    }

    /// Proves what stands, or that nothing stands, at a path.
    ///
    /// - Complexity: O(log n).
    package func proof(path: String) -> StateProof {
        let place = StateTree.place(of: path)
        var siblings: [Digest] = []
        var node = top
        while case .inner(let inner) = node {
            let goesRight = place.bit(siblings.count)
            siblings.append(goesRight ? inner.left.hash : inner.right.hash)
            node = goesRight ? inner.right : inner.left
        }
        if case .leaf(let leaf) = node, leaf.place != place {
            return StateProof(
                siblings: siblings,
                otherLeaf: .init(place: leaf.place, valueHash: leaf.valueHash)
            )
        }
        return StateProof(siblings: siblings, otherLeaf: nil)
    }

    /// Whether this value stands at a path.
    ///
    /// - Complexity: O(log n), and two hashes.
    func holds(path: String, value: [UInt8]) -> Bool {
        let place = StateTree.place(of: path)
        guard let leaf = leaf(at: place) else { return false }
        return leaf.valueHash == SHA256.hash(value)
    }

    /// The note that was left at a path; `nil` where there is none, or no such leaf.
    ///
    /// - Complexity: O(log n).
    func note(path: String) -> UInt32? {
        leaf(at: StateTree.place(of: path))?.note
    }

    private func leaf(at place: Digest) -> Leaf? {
        StateTree.leaf(in: top, at: place, depth: 0)
    }

    /// Recursive, so that nodes are borrowed on the way: counting references to the top ones would make readers wait for
    /// each other.
    private static func leaf(in node: Node, at place: Digest, depth: Int) -> Leaf? {
        switch node {
        case .empty: nil
        case .leaf(let leaf): leaf.place == place ? leaf : nil
        case .inner(let inner):
            leaf(in: place.bit(depth) ? inner.right : inner.left, at: place, depth: depth + 1)
        }
    }

    // MARK: - Building

    /// A leaf's place and hashes, which can be had for each leaf alone.
    struct HashedLeaf: Sendable {
        let place: Digest
        let valueHash: Digest
        let hash: Digest

        init(path: String, value: [UInt8]) {
            place = StateTree.place(of: path)
            valueHash = SHA256.hash(value)
            hash = StateTree.leafHash(place: place, valueHash: valueHash)
        }
    }

    /// Builds a tree of all its leaves in one go.
    ///
    /// - Parameters:
    ///   - leaves: In any order.
    ///   - note: What memory keeps at the leaf of that index.
    /// - Throws: The index of a leaf that stands where another one does.
    init(_ leaves: [HashedLeaf], note: (Int) -> UInt32?) throws(DuplicateLeaf) {
        // The first eight bytes all but always decide, and are cheaper to move about than a leaf.
        var order = leaves.indices.map { (prefix: leaves[$0].place.prefix, index: UInt32($0)) }
        order.sort { left, right in
            left.prefix != right.prefix
                ? left.prefix < right.prefix
                : leaves[Int(left.index)].place < leaves[Int(right.index)].place
        }
        for (left, right) in zip(order, order.dropFirst()) where left.prefix == right.prefix {
            guard leaves[Int(left.index)].place != leaves[Int(right.index)].place else {
                throw DuplicateLeaf(index: Int(right.index))
            }
        }
        let changes = order.map { _, index in
            let leaf = leaves[Int(index)]
            return Change(place: leaf.place, leaf: Leaf(leaf, note: note(Int(index))))
        }
        top = StateTree.building(changes[...], depth: 0)
    }

    /// Two leaves stand at one place.
    struct DuplicateLeaf: Error {
        /// The place of one of them among those that were given.
        let index: Int
    }

    // MARK: - Hashes

    /// Where a path stands: SHA-256 of its UTF-8 bytes.
    static func place(of path: String) -> Digest {
        SHA256.hash(path.utf8)
    }

    static func leafHash(place: Digest, valueHash: Digest) -> Digest {
        SHA256.hash(prefix: 0x02, place, valueHash)
    }

    static func innerHash(_ left: Digest, _ right: Digest) -> Digest {
        SHA256.hash(prefix: 0x03, left, right)
    }

    // MARK: - Nodes

    private enum Node: Sendable {
        case empty
        case leaf(Leaf)
        case inner(Inner)

        var hash: Digest {
            switch self {
            case .empty: .zero
            case .leaf(let leaf): leaf.hash
            case .inner(let inner): inner.hash
            }
        }
    }

    private final class Leaf: Sendable {
        let place: Digest
        let valueHash: Digest
        let hash: Digest
        let note: UInt32?

        init(place: Digest, valueHash: Digest, note: UInt32?) {
            self.place = place
            self.valueHash = valueHash
            self.note = note
            hash = StateTree.leafHash(place: place, valueHash: valueHash)
        }

        init(_ leaf: HashedLeaf, note: UInt32?) {
            (place, valueHash, hash) = (leaf.place, leaf.valueHash, leaf.hash)
            self.note = note
        }
    }

    private final class Inner: Sendable {
        let left: Node
        let right: Node
        let hash: Digest

        init(_ left: Node, _ right: Node) {
            self.left = left
            self.right = right
            hash = StateTree.innerHash(left.hash, right.hash)
        }
    }

    private struct Change {
        let place: Digest
        /// `nil` removes.
        let leaf: Leaf?
    }

    /// The subtree at `depth` after the changes, which are sorted, distinct and all below it.
    private static func updating(_ node: Node, _ changes: ArraySlice<Change>, depth: Int) -> Node {
        guard let first = changes.first else { return node }
        switch node {
        case .inner(let inner):
            let middle = boundary(changes, depth: depth)
            return joined(
                updating(inner.left, changes[..<middle], depth: depth + 1),
                updating(inner.right, changes[middle...], depth: depth + 1)
            )
        case .leaf(let leaf) where !changes.contains(where: { $0.place == leaf.place }):
            // The leaf that stands here takes part like a changed one.
            let kept = Change(place: leaf.place, leaf: leaf)
            let index = changes.firstIndex { leaf.place < $0.place } ?? changes.endIndex
            return building(changes[..<index] + [kept] + changes[index...], depth: depth)
        case .leaf, .empty:
            if changes.count == 1 { return first.leaf.map(Node.leaf) ?? .empty }
            return building(changes, depth: depth)
        }
    }

    /// A subtree that held nothing but what stands among the changes.
    private static func building(_ changes: ArraySlice<Change>, depth: Int) -> Node {
        guard changes.count > 1 else { return changes.first?.leaf.map(Node.leaf) ?? .empty }
        let middle = boundary(changes, depth: depth)
        return joined(
            building(changes[..<middle], depth: depth + 1),
            building(changes[middle...], depth: depth + 1)
        )
    }

    private static func joined(_ left: Node, _ right: Node) -> Node {
        switch (left, right) {
        case (.empty, .empty), (.empty, .leaf): right
        case (.leaf, .empty): left
        case (.empty, .inner), (.inner, .empty), (.leaf, .leaf), (.leaf, .inner), (.inner, .leaf),
            (.inner, .inner):
            .inner(Inner(left, right))
        }
    }

    /// Where the places whose bit at `depth` is 1 begin.
    private static func boundary(_ changes: ArraySlice<Change>, depth: Int) -> Int {
        var (low, high) = (changes.startIndex, changes.endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if changes[middle].place.bit(depth) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
