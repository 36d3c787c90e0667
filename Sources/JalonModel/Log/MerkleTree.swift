public import JalonCrypto

/// The log's whole RFC 9162 tree in memory, for its proofs: every complete subtree's root, 64 bytes a leaf.
///
/// It only grows, so each root and proof of an earlier size stays available for ever. One that begins after a frontier has
/// those of the sizes and leaves from there on.
public struct MerkleTree: Sendable {
    /// `levels[k][i − starts[k]]` is the root over leaves i·2ᵏ ..< (i + 1)·2ᵏ; level 0 is the leaf hashes.
    private var levels: [[Digest]]
    /// The place of the first root that each level holds: those before lie wholly in front of where the tree begins.
    private var starts: [UInt64]

    /// A log without leaves.
    public init() {
        levels = [[]]
        starts = [0]
    }

    /// A log whose first leaves are known by their complete subtrees alone.
    public init(after frontier: MerkleFrontier) {
        self.init()
        var peaks = frontier.peaks[...]
        for level in 0..<(64 - frontier.size.leadingZeroBitCount) {
            if level == levels.count { (levels, starts) = (levels + [[]], starts + [0]) }
            starts[level] = frontier.size >> UInt64(level)
            // The subtree that waits for its sibling, the smallest first.
            guard starts[level] & 1 == 1, let peak = peaks.popLast() else { continue }
            starts[level] -= 1
            levels[level] = [peak]
        }
    }

    /// A log with these leaves, in their order.
    public init(leaves: some Sequence<LeafHash>) {
        self.init()
        append(contentsOf: leaves)
    }

    /// The number of leaves.
    public var size: UInt64 { starts[0] + UInt64(levels[0].count) }

    /// The root over all leaves.
    public var root: Digest {
        guard let peaks = peaks(at: size) else {
            preconditionFailure("a tree holds its own complete subtrees")
        }
        return MerkleHash.root(ofPeaks: peaks)
    }

    /// The leaf hash at `index`, or `nil` where the log is shorter or begins later.
    public subscript(index: UInt64) -> LeafHash? {
        index < size ? root(of: .init(level: 0, index: index)).map { LeafHash($0) } : nil
    }

    /// Adds a leaf at the end.
    ///
    /// - Complexity: O(1) hashes, amortised.
    public mutating func append(_ leaf: LeafHash) {
        levels[0].append(leaf.digest)
        var level = 0
        // An even count at a level completes a pair there: its parent stands one level higher.
        while (starts[level] + UInt64(levels[level].count)).isMultiple(of: 2) {
            let count = levels[level].count
            let parent = MerkleHash.node(levels[level][count - 2], levels[level][count - 1])
            level += 1
            if level == levels.count { (levels, starts) = (levels + [[]], starts + [0]) }
            levels[level].append(parent)
        }
    }

    /// Adds leaves at the end, in their order.
    public mutating func append(contentsOf leaves: some Sequence<LeafHash>) {
        for leaf in leaves { append(leaf) }
    }

    // MARK: - Earlier sizes

    /// The root over the first `size` leaves, or `nil` where the log is shorter or begins later.
    ///
    /// - Complexity: O(log n) hashes.
    public func root(at size: UInt64) -> Digest? {
        size <= self.size ? peaks(at: size).map { MerkleHash.root(ofPeaks: $0) } : nil
    }

    /// The frontier over the first `size` leaves, or `nil` where the log is shorter or begins later.
    public func frontier(at size: UInt64) -> MerkleFrontier? {
        size <= self.size ? peaks(at: size).map { MerkleFrontier(size: size, peaks: $0) } : nil
    }

    /// The proof that the leaf at `index` is in the log of `size` leaves (RFC 9162 §2.1.3.1).
    ///
    /// - Returns: `nil` where `index` is not below `size`, the log is shorter than `size` or begins after the leaf.
    /// - Complexity: O(log² n) hashes at most, O(log n) where `size` is a power of two.
    public func inclusionProof(leaf index: UInt64, size: UInt64) -> InclusionProof? {
        guard size <= self.size, let ranges = MerklePath.inclusion(of: index, size: size),
            let path = roots(over: ranges)
        else { return nil }
        return InclusionProof(size: size, index: index, path: path)
    }

    /// The proof that the log of `size` leaves starts with the log of `earlier` leaves (RFC 9162 §2.1.4.1).
    ///
    /// - Returns: `nil` where `earlier` is zero or above `size`, the log is shorter than `size` or begins later.
    /// - Complexity: O(log² n) hashes at most.
    public func consistencyProof(from earlier: UInt64, to size: UInt64) -> ConsistencyProof? {
        guard size <= self.size, let ranges = MerklePath.consistency(from: earlier, to: size),
            let path = roots(over: ranges)
        else { return nil }
        return ConsistencyProof(earlierSize: earlier, size: size, path: path)
    }

    // MARK: - Subtrees

    /// The root of a complete subtree; `nil` where it lies in front of where the tree begins.
    ///
    /// - Precondition: The log is as long as the subtree reaches.
    func root(of subtree: MerklePath.Subtree) -> Digest? {
        let start = starts[subtree.level]
        return subtree.index < start ? nil : levels[subtree.level][Int(subtree.index - start)]
    }

    /// The roots of the complete subtrees of the first `size` leaves, the largest first.
    private func peaks(at size: UInt64) -> [Digest]? { roots(of: MerklePath.subtrees(of: 0..<size)) }

    private func roots(of subtrees: [MerklePath.Subtree]) -> [Digest]? {
        var roots: [Digest] = []
        for subtree in subtrees {
            guard let root = root(of: subtree) else { return nil }
            roots.append(root)
        }
        return roots
    }

    private func roots(over ranges: [Range<UInt64>]) -> [Digest]? {
        var path: [Digest] = []
        for range in ranges {
            guard let roots = roots(of: MerklePath.subtrees(of: range)) else { return nil }
            path.append(MerkleHash.root(ofPeaks: roots))
        }
        return path
    }
}
