public import JalonCrypto

/// The log's whole RFC 9162 tree in memory, for its proofs: every complete subtree's root, 64 bytes a leaf.
///
/// It only grows, so each root and proof of an earlier size stays available for ever.
public struct MerkleTree: Sendable {
    /// `levels[k][i]` is the root over leaves i·2ᵏ ..< (i + 1)·2ᵏ; level 0 is the leaf hashes.
    private var levels: [[Digest]]

    /// A log without leaves.
    public init() {
        levels = [[]]
    }

    /// A log with these leaves, in their order.
    public init(leaves: some Sequence<LeafHash>) {
        self.init()
        append(contentsOf: leaves)
    }

    /// The number of leaves.
    public var size: UInt64 { UInt64(levels[0].count) }

    /// The root over all leaves.
    public var root: Digest { MerkleHash.root(ofPeaks: peaks(at: size)) }

    /// The leaf hash at `index`, or `nil` where the log is shorter.
    public subscript(index: UInt64) -> LeafHash? {
        index < size ? LeafHash(levels[0][Int(index)]) : nil
    }

    /// Adds a leaf at the end.
    ///
    /// - Complexity: O(1) hashes, amortised.
    public mutating func append(_ leaf: LeafHash) {
        levels[0].append(leaf.digest)
        var level = 0
        // An even count at a level completes a pair there: its parent stands one level higher.
        while levels[level].count.isMultiple(of: 2) {
            let count = levels[level].count
            let parent = MerkleHash.node(levels[level][count - 2], levels[level][count - 1])
            level += 1
            if level == levels.count { levels.append([]) }
            levels[level].append(parent)
        }
    }

    /// Adds leaves at the end, in their order.
    public mutating func append(contentsOf leaves: some Sequence<LeafHash>) {
        for leaf in leaves { append(leaf) }
    }

    // MARK: - Earlier sizes

    /// The root over the first `size` leaves, or `nil` where the log is shorter.
    ///
    /// - Complexity: O(log n) hashes.
    public func root(at size: UInt64) -> Digest? {
        size <= self.size ? MerkleHash.root(ofPeaks: peaks(at: size)) : nil
    }

    /// The frontier over the first `size` leaves, or `nil` where the log is shorter.
    public func frontier(at size: UInt64) -> MerkleFrontier? {
        size <= self.size ? MerkleFrontier(size: size, peaks: peaks(at: size)) : nil
    }

    /// The proof that the leaf at `index` is in the log of `size` leaves (RFC 9162 §2.1.3.1).
    ///
    /// - Returns: `nil` where `index` is not below `size` or the log is shorter than `size`.
    /// - Complexity: O(log² n) hashes at most, O(log n) where `size` is a power of two.
    public func inclusionProof(leaf index: UInt64, size: UInt64) -> InclusionProof? {
        guard size <= self.size, let ranges = MerklePath.inclusion(of: index, size: size) else { return nil }
        return InclusionProof(size: size, index: index, path: ranges.map(root(over:)))
    }

    /// The proof that the log of `size` leaves starts with the log of `earlier` leaves (RFC 9162 §2.1.4.1).
    ///
    /// - Returns: `nil` where `earlier` is zero or above `size`, or the log is shorter than `size`.
    /// - Complexity: O(log² n) hashes at most.
    public func consistencyProof(from earlier: UInt64, to size: UInt64) -> ConsistencyProof? {
        guard size <= self.size, let ranges = MerklePath.consistency(from: earlier, to: size) else {
            return nil
        }
        return ConsistencyProof(earlierSize: earlier, size: size, path: ranges.map(root(over:)))
    }

    // MARK: - Subtrees

    /// The root of a complete subtree, which the log holds.
    func root(of subtree: MerklePath.Subtree) -> Digest { levels[subtree.level][Int(subtree.index)] }

    /// The roots of the complete subtrees of the first `size` leaves, the largest first.
    private func peaks(at size: UInt64) -> [Digest] { MerklePath.subtrees(of: 0..<size).map(root(of:)) }

    private func root(over range: Range<UInt64>) -> Digest {
        MerkleHash.root(ofPeaks: MerklePath.subtrees(of: range).map(root(of:)))
    }
}
