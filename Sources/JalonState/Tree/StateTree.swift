package import JalonCrypto

/// The state's compact sparse Merkle tree, persistent: an older version stays valid at no cost.
///
/// A path's place is its SHA-256, most significant bit first. A leaf hashes as H(0x02 ‖ place ‖ SHA-256(value)), an
/// inner node as H(0x03 ‖ left ‖ right); an empty subtree is 32 zero bytes, and a subtree with one leaf *is* that leaf.
/// The tree keeps digests only: the values are the records of ``LedgerState``.
package struct StateTree: Sendable {
    private var top = Subtree.empty

    /// The empty tree, whose root is 32 zero bytes.
    package init() {}

    /// The root that a block's header carries.
    package var root: Digest { top.hash }

    /// Sets and removes leaves, hashing each inner node on their paths once.
    ///
    /// - Parameter changes: Each path at most once, in any order; `nil` removes, also a path that is not there.
    /// - Complexity: O(k log n) hashes for k changes.
    package mutating func update(_ changes: some Sequence<(path: String, value: [UInt8]?)>) {
        let changes = changes.map {
            Change(
                place: StateTree.place(of: $0.path),
                valueHash: $0.value.map { SHA256.hash($0) },
                note: nil
            )
        }
        update(sorted: changes.sorted { $0.place < $1.place })
    }

    /// The same for changes in ascending order of their places.
    mutating func update(sorted changes: [Change]) {
        for index in changes.indices.dropFirst() {
            precondition(
                changes[index - 1].place < changes[index].place,
                "a path stands at most once among one block's changes"
            )
        }
        StateTree.update(&top, changes, changes.indices, depth: 0)
    }

    /// Proves what stands, or that nothing stands, at a path.
    ///
    /// - Complexity: O(log n).
    package func proof(path: String) -> StateProof {
        let place = StateTree.place(of: path)
        var siblings: [Digest] = []
        var node = top.node
        while case .inner(let inner) = node {
            let goesRight = place.bit(siblings.count)
            siblings.append(goesRight ? inner.left.hash : inner.right.hash)
            node = goesRight ? inner.right.node : inner.left.node
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

    /// Whether each of these leaves stands in the tree; `leaves` has each path at most once, in any order.
    ///
    /// All of them at once, level by level, for the reason that ``touchNodes(below:_:_:depth:)`` gives.
    ///
    /// - Complexity: O(k log n) for k leaves.
    func holds(_ leaves: [PlacedLeaf]) -> Bool {
        guard case .inner(let inner) = top.node else {
            return leaves.allSatisfy { top.node.isLeaf($0) }
        }
        var ways = leaves.indices.map { (leaf: $0, node: Unmanaged.passUnretained(inner)) }
        var depth = 0
        while !ways.isEmpty {
            var count = 0
            for index in ways.indices {
                let (leaf, node) = ways[index]
                let isRight = leaves[leaf].place.bit(depth)
                if let child = node._withUnsafeGuaranteedRef({ $0.innerChild(isRight) }) {
                    ways[count] = (leaf, child)
                    count += 1
                } else {
                    let isHere = node._withUnsafeGuaranteedRef {
                        (isRight ? $0.right : $0.left).node.isLeaf(leaves[leaf])
                    }
                    guard isHere else { return false }
                }
            }
            ways.removeLast(ways.count - count)
            depth += 1
        }
        return true
    }

    /// The note that was left at a place; `nil` where there is none, or no such leaf.
    ///
    /// - Complexity: O(log n).
    func note(at place: Digest) -> UInt32? {
        StateTree.note(in: top.node, at: place, depth: 0)
    }

    private static func note(in node: Node, at place: Digest, depth: Int) -> UInt32? {
        switch node {
        case .empty: nil
        case .leaf(let leaf): leaf.place == place ? leaf.note : nil
        case .inner(let inner):
            note(in: (place.bit(depth) ? inner.right : inner.left).node, at: place, depth: depth + 1)
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
        fileprivate let top: Subtree
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
            return Change(hashed, note: note)
        }
        return Section(top: building(changes, changes.indices, depth: sectionDepth))
    }

    /// Puts a tree together of all its sections, in their order.
    init(_ sections: [Section]) {
        precondition(sections.count == StateTree.sectionCount, "a tree has all its sections")
        var subtrees = sections.map(\.top)
        while subtrees.count > 1 {
            subtrees = stride(from: 0, to: subtrees.count, by: 2).map {
                StateTree.joined(subtrees[$0], subtrees[$0 + 1])
            }
        }
        top = subtrees[0]
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

        /// Whether it is exactly this leaf.
        func isLeaf(_ other: PlacedLeaf) -> Bool {
            guard case .leaf(let leaf) = self else { return false }
            return leaf.place == other.place && leaf.valueHash == other.valueHash
        }

        var isEmpty: Bool { if case .empty = self { true } else { false } }
        var isInner: Bool { if case .inner = self { true } else { false } }
    }

    /// A node and its hash, which stands beside the reference and not in the node: hashing the node above it needs no look
    /// at either of the two below, which may be far away in memory.
    fileprivate struct Subtree: Sendable {
        var node: Node
        var hash: Digest

        static let empty = Subtree(node: .empty, hash: .zero)
    }

    fileprivate final class Leaf: Sendable {
        let place: Digest
        let valueHash: Digest
        let note: UInt32?

        init(place: Digest, valueHash: Digest, note: UInt32?) {
            (self.place, self.valueHash, self.note) = (place, valueHash, note)
        }
    }

    /// Unchecked, in both ways: it is changed only while a single reference to it exists.
    fileprivate final class Inner: @unchecked Sendable {
        @exclusivity(unchecked) var left: Subtree
        @exclusivity(unchecked) var right: Subtree

        init(_ left: Subtree, _ right: Subtree) {
            (self.left, self.right) = (left, right)
        }

        var hash: Digest { StateTree.innerHash(left.hash, right.hash) }

        func copy() -> Inner { Inner(left, right) }

        /// The node below on one side, without counting the reference; `nil` where a leaf stands there, or nothing.
        func innerChild(_ isRight: Bool) -> Unmanaged<Inner>? {
            guard case .inner(let inner) = isRight ? right.node : left.node else { return nil }
            return .passUnretained(inner)
        }
    }

    /// What comes to stand at a place: a leaf, or none.
    struct Change: Sendable {
        let place: Digest
        fileprivate let subtree: Subtree

        /// - Parameters:
        ///   - place: Where it stands.
        ///   - valueHash: Of what stands there from now on; `nil` for nothing.
        ///   - note: What memory keeps at the leaf: it is no part of what is hashed.
        init(place: Digest, valueHash: Digest?, note: UInt32?) {
            self.place = place
            subtree =
                valueHash.map {
                    Subtree(
                        node: .leaf(Leaf(place: place, valueHash: $0, note: note)),
                        hash: StateTree.leafHash(place: place, valueHash: $0)
                    )
                } ?? .empty
        }

        fileprivate init(_ leaf: HashedLeaf, note: UInt32?) {
            place = leaf.place
            let node = Leaf(place: leaf.place, valueHash: leaf.valueHash, note: note)
            subtree = Subtree(node: .leaf(node), hash: leaf.hash)
        }

        /// A leaf that stands already takes part like a changed one.
        fileprivate init(_ leaf: Leaf, hash: Digest) {
            place = leaf.place
            subtree = Subtree(node: .leaf(leaf), hash: hash)
        }
    }

    /// The most changes whose nodes are looked at before they are made: with more the first would be far away again.
    private static var touchCount: Int { 128 }

    /// Looks at the nodes on the ways from a node at `depth` to the places of a range, level by level.
    ///
    /// A node is found through the one above it alone, and has to be waited for where it lies far away in memory: on one
    /// way after the other each wait is one of its own, side by side the processor has many of them at once.
    private static func touchNodes(below node: Node, _ changes: [Change], _ range: Range<Int>, depth: Int) {
        guard range.count > 8, case .inner(let inner) = node else { return }
        // The tree holds them all the while: counting references would cost more than the look.
        var ways = changes[range].map { (place: $0.place, node: Unmanaged.passUnretained(inner)) }
        var depth = depth
        while !ways.isEmpty {
            var count = 0
            for index in ways.indices {
                let (place, node) = ways[index]
                let child = node._withUnsafeGuaranteedRef { $0.innerChild(place.bit(depth)) }
                guard let child else { continue }
                ways[count] = (place, child)
                count += 1
            }
            ways.removeLast(ways.count - count)
            depth += 1
        }
    }

    /// Makes the changes of a range, which are sorted, distinct and all below the subtree, which stands at `depth`: in
    /// place where no older tree holds it, too.
    private static func update(
        _ subtree: inout Subtree,
        _ changes: [Change],
        _ range: Range<Int>,
        depth: Int,
        isTouched: Bool = false
    ) {
        guard !range.isEmpty else { return }
        let touches = !isTouched && range.count <= touchCount
        if touches { touchNodes(below: subtree.node, changes, range, depth: depth) }
        guard var inner = taken(from: &subtree.node) else {
            subtree = replacing(subtree, changes, range, depth: depth)
            return
        }
        if !isKnownUniquelyReferenced(&inner) { inner = inner.copy() }
        let middle = boundary(range, depth: depth) { changes[$0].place }
        let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
        update(&inner.left, changes, left, depth: depth + 1, isTouched: isTouched || touches)
        update(&inner.right, changes, right, depth: depth + 1, isTouched: isTouched || touches)
        if let only = onlyLeaf(inner.left, inner.right) {
            subtree = only
        } else {
            subtree.hash = inner.hash
            subtree.node = .inner(inner)
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
        _ old: Subtree,
        _ changes: [Change],
        _ range: Range<Int>,
        depth: Int
    ) -> Subtree {
        guard case .leaf(let leaf) = old.node,
            !changes[range].contains(where: { $0.place == leaf.place })
        else { return building(changes, range, depth: depth) }
        let standing = Change(leaf, hash: old.hash)
        if range.count == 1 {
            let new = changes[range.lowerBound]
            return new.subtree.node.isEmpty ? old : apart(standing, new, depth: depth)
        }
        var all = Array(changes[range])
        let index = all.firstIndex { leaf.place < $0.place } ?? all.endIndex
        all.insert(standing, at: index)
        return building(all, all.indices, depth: depth)
    }

    /// The subtree of two leaves with different places.
    private static func apart(_ one: Change, _ other: Change, depth: Int) -> Subtree {
        switch (one.place.bit(depth), other.place.bit(depth)) {
        case (false, true): joined(one.subtree, other.subtree)
        case (true, false): joined(other.subtree, one.subtree)
        case (false, false): joined(apart(one, other, depth: depth + 1), .empty)
        case (true, true): joined(.empty, apart(one, other, depth: depth + 1))
        }
    }

    /// A subtree that held nothing but what stands among the changes.
    private static func building(_ changes: [Change], _ range: Range<Int>, depth: Int) -> Subtree {
        guard let first = range.first else { return .empty }
        guard range.count > 1 else { return changes[first].subtree }
        let middle = boundary(range, depth: depth) { changes[$0].place }
        return joined(
            building(changes, range.lowerBound..<middle, depth: depth + 1),
            building(changes, middle..<range.upperBound, depth: depth + 1)
        )
    }

    private static func joined(_ left: Subtree, _ right: Subtree) -> Subtree {
        if let only = onlyLeaf(left, right) { return only }
        let inner = Inner(left, right)
        return Subtree(node: .inner(inner), hash: inner.hash)
    }

    /// What the two halves of a subtree come to where they hold one leaf at most; `nil` where they hold more.
    private static func onlyLeaf(_ left: Subtree, _ right: Subtree) -> Subtree? {
        if left.node.isEmpty, !right.node.isInner { return right }
        if right.node.isEmpty, !left.node.isInner { return left }
        return nil
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
