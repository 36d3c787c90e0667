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
        guard index < size, size <= self.size else { return nil }
        var path: [Digest] = []
        var range = 0..<size
        // From the root down; the path stands from the leaf up, so it is turned round at the end.
        while range.count > 1 {
            let (left, right) = MerkleTree.split(range)
            if index < left.upperBound {
                path.append(root(over: right))
                range = left
            } else {
                path.append(root(over: left))
                range = right
            }
        }
        return InclusionProof(size: size, index: index, path: path.reversed())
    }

    /// The proof that the log of `size` leaves starts with the log of `earlier` leaves (RFC 9162 §2.1.4.1).
    ///
    /// - Returns: `nil` where `earlier` is zero or above `size`, or the log is shorter than `size`.
    /// - Complexity: O(log² n) hashes at most.
    public func consistencyProof(from earlier: UInt64, to size: UInt64) -> ConsistencyProof? {
        guard earlier > 0, earlier <= size, size <= self.size else { return nil }
        var path: [Digest] = []
        var range = 0..<size
        // Whether the earlier tree is a subtree on the left edge, whose root the verifier has.
        var isEarlierRoot = true
        while range.upperBound > earlier {
            let (left, right) = MerkleTree.split(range)
            if earlier <= left.upperBound {
                path.append(root(over: right))
                range = left
            } else {
                path.append(root(over: left))
                range = right
                isEarlierRoot = false
            }
        }
        if !isEarlierRoot { path.append(root(over: range)) }
        return ConsistencyProof(earlierSize: earlier, size: size, path: path.reversed())
    }

    // MARK: - Subtrees

    /// The largest power of two below the count goes left (RFC 9162 §2.1.1).
    private static func split(_ range: Range<UInt64>) -> (Range<UInt64>, Range<UInt64>) {
        let count = range.upperBound - range.lowerBound
        let half = UInt64(1) << UInt64(63 - (count - 1).leadingZeroBitCount)
        let middle = range.lowerBound + half
        return (range.lowerBound..<middle, middle..<range.upperBound)
    }

    /// The roots of the complete subtrees of the first `size` leaves, the largest first.
    private func peaks(at size: UInt64) -> [Digest] { peaks(over: 0..<size) }

    /// - Precondition: The range starts at a multiple of the largest power of two that fits in it and the log
    ///   holds it, which is so for every subtree that ``split(_:)`` makes.
    private func peaks(over range: Range<UInt64>) -> [Digest] {
        var peaks: [Digest] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let level = 63 - (range.upperBound - start).leadingZeroBitCount
            peaks.append(levels[level][Int(start >> UInt64(level))])
            start += UInt64(1) << UInt64(level)
        }
        return peaks
    }

    private func root(over range: Range<UInt64>) -> Digest {
        MerkleHash.root(ofPeaks: peaks(over: range))
    }
}
