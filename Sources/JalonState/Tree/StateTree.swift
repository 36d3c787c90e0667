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
        for index in changes.indices.dropFirst() {
            precondition(
                changes[index - 1].place < changes[index].place,
                "a path stands at most once among one block's changes"
            )
        }
        let leaves = changes.map { place, value, note in
            Change(
                place: place,
                leaf: value.map { Leaf(place: place, valueHash: SHA256.hash($0), note: note) }
            )
        }
        StateTree.update(&top, leaves, leaves.indices, depth: 0)
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

    /// A leaf as the tree knows it: where it stands, and the hash of what stands there.
    struct PlacedLeaf: Sendable {
        let place: Digest
        let valueHash: Digest

        init(path: some Sequence<UInt8>, value: some Sequence<UInt8>) {
            (place, valueHash) = (SHA256.hash(path), SHA256.hash(value))
        }

        /// Which of ``StateTree/sectionCount`` sections of the tree it stands in.
        var section: Int { place.section }
    }

    /// Whether each of these leaves stands in the tree.
    ///
    /// All of them at once, so that the nodes they share are looked at once: each look may have to wait for memory.
    /// `leaves` has each path at most once, in any order.
    ///
    /// - Complexity: O(k log n) for k leaves.
    func holds(_ leaves: some Sequence<PlacedLeaf>) -> Bool {
        let sorted = leaves.sorted { $0.place < $1.place }
        return StateTree.holds(top, sorted, sorted.indices, depth: 0)
    }

    private static func holds(
        _ node: Node,
        _ leaves: [PlacedLeaf],
        _ range: Range<Int>,
        depth: Int
    ) -> Bool {
        guard let first = range.first else { return true }
        switch node {
        case .empty: return false
        case .leaf(let leaf):
            return range.count == 1 && leaf.place == leaves[first].place
                && leaf.valueHash == leaves[first].valueHash
        case .inner(let inner):
            let middle = boundary(range, depth: depth) { leaves[$0].place }
            return holds(inner.left, leaves, range.lowerBound..<middle, depth: depth + 1)
                && holds(inner.right, leaves, middle..<range.upperBound, depth: depth + 1)
        }
    }

    /// The note that was left at a place; `nil` where there is none, or no such leaf.
    ///
    /// - Complexity: O(log n).
    func note(at place: Digest) -> UInt32? {
        StateTree.note(in: top, at: place, depth: 0)
    }

    private static func note(in node: Node, at place: Digest, depth: Int) -> UInt32? {
        switch node {
        case .empty: nil
        case .leaf(let leaf): leaf.place == place ? leaf.note : nil
        case .inner(let inner):
            note(in: place.bit(depth) ? inner.right : inner.left, at: place, depth: depth + 1)
        }
    }

    // MARK: - Building

    /// A leaf's place and hashes, which can be had for each leaf alone.
    struct HashedLeaf: Sendable {
        let place: Digest
        let valueHash: Digest
        let hash: Digest
        /// What memory keeps at it, counted from where its group begins to count.
        let note: UInt32?

        init(path: some Sequence<UInt8>, value: some Sequence<UInt8>, note: UInt32?) {
            place = SHA256.hash(path)
            valueHash = SHA256.hash(value)
            hash = StateTree.leafHash(place: place, valueHash: valueHash)
            self.note = note
        }

        /// Which of ``StateTree/sectionCount`` sections of the tree it stands in.
        var section: Int { place.section }
    }

    /// The part of a tree that holds the places with the same first bits.
    struct Section: Sendable {
        fileprivate let top: Node
    }

    fileprivate static var sectionDepth: Int { 5 }
    static var sectionCount: Int { 1 << sectionDepth }

    /// Builds one section of all its leaves in one go.
    ///
    /// - Parameter groups: Leaves of that section, in any order, and what the notes of each group are counted from.
    /// - Returns: That part of the tree.
    /// - Throws: The place at which two leaves stand.
    static func section(
        of groups: [(leaves: [HashedLeaf], firstNote: UInt32)]
    ) throws(DuplicateLeaf) -> Section {
        // The first eight bytes all but always decide, and are cheaper to move about than a leaf.
        var order: [(prefix: UInt64, group: UInt32, index: UInt32)] = []
        order.reserveCapacity(groups.reduce(0) { $0 + $1.leaves.count })
        for (group, part) in groups.enumerated() {
            for index in part.leaves.indices {
                order.append((part.leaves[index].place.prefix, UInt32(group), UInt32(index)))
            }
        }
        func leaf(_ index: Int) -> HashedLeaf {
            groups[Int(order[index].group)].leaves[Int(order[index].index)]
        }
        order.sort { left, right in
            guard left.prefix == right.prefix else { return left.prefix < right.prefix }
            return groups[Int(left.group)].leaves[Int(left.index)].place
                < groups[Int(right.group)].leaves[Int(right.index)].place
        }
        for index in order.indices.dropFirst() where order[index - 1].prefix == order[index].prefix {
            guard leaf(index - 1).place != leaf(index).place else {
                throw DuplicateLeaf(place: leaf(index).place)
            }
        }
        let changes = order.indices.map { index in
            let hashed = leaf(index)
            let note = hashed.note.map { groups[Int(order[index].group)].firstNote + $0 }
            return Change(place: hashed.place, leaf: Leaf(hashed, note: note))
        }
        return Section(top: building(changes, changes.indices, depth: sectionDepth))
    }

    /// Puts a tree together of all its sections, in their order.
    init(_ sections: [Section]) {
        precondition(sections.count == StateTree.sectionCount, "a tree has all its sections")
        var nodes = sections.map(\.top)
        while nodes.count > 1 {
            nodes = stride(from: 0, to: nodes.count, by: 2).map {
                StateTree.joined(nodes[$0], nodes[$0 + 1])
            }
        }
        top = nodes[0]
    }

    /// Two leaves stand at one place.
    struct DuplicateLeaf: Error {
        let place: Digest
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

    fileprivate enum Node: Sendable {
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

    fileprivate final class Leaf: Sendable {
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

    /// Unchecked, in both ways: it is changed only while a single reference to it exists.
    fileprivate final class Inner: @unchecked Sendable {
        @exclusivity(unchecked) var left: Node
        @exclusivity(unchecked) var right: Node
        @exclusivity(unchecked) var hash: Digest

        init(_ left: Node, _ right: Node, hash: Digest) {
            self.left = left
            self.right = right
            self.hash = hash
        }

        convenience init(_ left: Node, _ right: Node) {
            self.init(left, right, hash: StateTree.innerHash(left.hash, right.hash))
        }

        func copy() -> Inner { Inner(left, right, hash: hash) }
    }

    private struct Change {
        let place: Digest
        /// `nil` removes.
        let leaf: Leaf?
    }

    /// Makes the changes of a range, which are sorted, distinct and all below the node, which stands at `depth`: in place
    /// where no older tree holds it, too.
    private static func update(_ node: inout Node, _ changes: [Change], _ range: Range<Int>, depth: Int) {
        guard !range.isEmpty else { return }
        guard var inner = taken(from: &node) else {
            node = replacing(node, changes, range, depth: depth)
            return
        }
        if !isKnownUniquelyReferenced(&inner) { inner = inner.copy() }
        let middle = boundary(range, depth: depth) { changes[$0].place }
        update(&inner.left, changes, range.lowerBound..<middle, depth: depth + 1)
        update(&inner.right, changes, middle..<range.upperBound, depth: depth + 1)
        switch (inner.left, inner.right) {
        case (.empty, .empty), (.empty, .leaf): node = inner.right
        case (.leaf, .empty): node = inner.left
        case (.empty, .inner), (.inner, .empty), (.leaf, .leaf), (.leaf, .inner), (.inner, .leaf),
            (.inner, .inner):
            inner.hash = innerHash(inner.left.hash, inner.right.hash)
            node = .inner(inner)
        }
    }

    /// An inner node out of its place, so that no reference to it stays there.
    private static func taken(from node: inout Node) -> Inner? {
        guard case .inner(let inner) = node else { return nil }
        node = .empty
        return inner
    }

    /// The subtree that takes the place of an empty one or of a leaf.
    private static func replacing(
        _ node: Node,
        _ changes: [Change],
        _ range: Range<Int>,
        depth: Int
    ) -> Node {
        guard case .leaf(let leaf) = node, !changes[range].contains(where: { $0.place == leaf.place }) else {
            return building(changes, range, depth: depth)
        }
        if range.count == 1 {
            guard let new = changes[range.lowerBound].leaf else { return node }
            return apart(leaf, new, depth: depth)
        }
        // The leaf that stands here takes part like a changed one.
        var all = Array(changes[range])
        let index = all.firstIndex { leaf.place < $0.place } ?? all.endIndex
        all.insert(Change(place: leaf.place, leaf: leaf), at: index)
        return building(all, all.indices, depth: depth)
    }

    /// The subtree of two leaves with different places.
    private static func apart(_ one: Leaf, _ other: Leaf, depth: Int) -> Node {
        switch (one.place.bit(depth), other.place.bit(depth)) {
        case (false, true): joined(.leaf(one), .leaf(other))
        case (true, false): joined(.leaf(other), .leaf(one))
        case (false, false): joined(apart(one, other, depth: depth + 1), .empty)
        case (true, true): joined(.empty, apart(one, other, depth: depth + 1))
        }
    }

    /// A subtree that held nothing but what stands among the changes.
    private static func building(_ changes: [Change], _ range: Range<Int>, depth: Int) -> Node {
        guard let first = range.first else { return .empty }
        guard range.count > 1 else { return changes[first].leaf.map(Node.leaf) ?? .empty }
        let middle = boundary(range, depth: depth) { changes[$0].place }
        return joined(
            building(changes, range.lowerBound..<middle, depth: depth + 1),
            building(changes, middle..<range.upperBound, depth: depth + 1)
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

    /// Where in a sorted range the places whose bit at `depth` is 1 begin.
    private static func boundary(_ range: Range<Int>, depth: Int, _ place: (Int) -> Digest) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = low + (high - low) / 2
            if place(middle).bit(depth) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension Digest {
    /// The section of a tree in which a leaf of this place stands.
    fileprivate var section: Int { Int(prefix >> UInt64(64 - StateTree.sectionDepth)) }
}
