import JalonCrypto

/// The log's RFC 9162 tree without its lowest levels, for the proofs of a long log: 64 bytes for every
/// ``runLength`` leaves.
///
/// It keeps the root of each complete run of leaves and all that stands above. What a proof needs from inside a run
/// is made again of the run's leaf hashes, which the caller reads: those of two runs at most.
public struct MerkleOutline: Sendable {
    /// Leaves of a run.
    public static let runLength: UInt64 = 1 << UInt64(runLevel)
    private static let runLevel = 8

    /// Its leaves are the roots of the complete runs.
    private var runs = MerkleTree()
    /// The leaves after the last complete run.
    private var rest = MerkleTree()
    /// Where the leaves begin that are known one by one, and what of their run lies in front of them.
    private let start: UInt64
    private let front: MerkleFrontier

    /// A log without leaves.
    public init() {
        (start, front) = (0, MerkleFrontier())
    }

    /// A log whose first leaves are known by their complete subtrees alone: it has the proofs from there on.
    public init(after frontier: MerkleFrontier) {
        let (count, rest) = frontier.size.quotientAndRemainder(dividingBy: MerkleOutline.runLength)
        let above = frontier.peaks.prefix(count.nonzeroBitCount)
        runs = MerkleTree(after: MerkleFrontier(size: count, peaks: Array(above)))
        front = MerkleFrontier(size: rest, peaks: Array(frontier.peaks.dropFirst(above.count)))
        self.rest = MerkleTree(after: front)
        start = frontier.size
    }

    /// The number of leaves.
    public var size: UInt64 { runs.size * MerkleOutline.runLength + rest.size }

    /// Adds a leaf at the end.
    ///
    /// - Complexity: O(1) hashes, amortised.
    public mutating func append(_ leaf: LeafHash) {
        rest.append(leaf)
        guard rest.size == MerkleOutline.runLength else { return }
        runs.append(LeafHash(rest.root))
        rest = MerkleTree()
    }

    /// Adds leaves at the end, in their order.
    public mutating func append(contentsOf leaves: some Sequence<LeafHash>) {
        for leaf in leaves { append(leaf) }
    }

    /// The proof that the leaf at `index` is in the log of `size` leaves (RFC 9162 §2.1.3.1).
    ///
    /// - Parameters:
    ///   - index: The leaf's place, from 0.
    ///   - size: Leaves of the log at the time of the proof.
    ///   - leaves: Reads the leaf hashes of a complete run, in order, as far as they are known; called twice at most.
    /// - Returns: `nil` where `index` is not below `size`, the log is shorter than `size` or begins after the leaf, or
    ///   what was read is not the run.
    /// - Throws: What `leaves` throws.
    /// - Complexity: O(log² n + ``runLength``) hashes.
    public func inclusionProof<Failure: Error>(
        leaf index: UInt64,
        size: UInt64,
        reading leaves: (Range<UInt64>) throws(Failure) -> [LeafHash]
    ) throws(Failure) -> InclusionProof? {
        guard size <= self.size, let ranges = MerklePath.inclusion(of: index, size: size),
            let path = try roots(over: ranges, reading: leaves)
        else { return nil }
        return InclusionProof(size: size, index: index, path: path)
    }

    /// The proof that the log of `size` leaves starts with the log of `earlier` leaves (RFC 9162 §2.1.4.1).
    ///
    /// - Parameters:
    ///   - earlier: Leaves of the earlier log, one at least.
    ///   - size: Leaves of the later log.
    ///   - leaves: Reads the leaf hashes of a complete run, in order, as far as they are known; called twice at most.
    /// - Returns: `nil` where `earlier` is zero or above `size`, the log is shorter than `size`, or what was read is
    ///   not the run.
    /// - Throws: What `leaves` throws.
    /// - Complexity: O(log² n + ``runLength``) hashes.
    public func consistencyProof<Failure: Error>(
        from earlier: UInt64,
        to size: UInt64,
        reading leaves: (Range<UInt64>) throws(Failure) -> [LeafHash]
    ) throws(Failure) -> ConsistencyProof? {
        guard size <= self.size, let ranges = MerklePath.consistency(from: earlier, to: size),
            let path = try roots(over: ranges, reading: leaves)
        else { return nil }
        return ConsistencyProof(earlierSize: earlier, size: size, path: path)
    }

    /// The roots over ranges of a path; the runs that they end in stand one after the other.
    private func roots<Failure: Error>(
        over ranges: [Range<UInt64>],
        reading leaves: (Range<UInt64>) throws(Failure) -> [LeafHash]
    ) throws(Failure) -> [Digest]? {
        var roots: [Digest] = []
        var last: (run: UInt64, tree: MerkleTree)?
        for range in ranges {
            var peaks: [Digest] = []
            for subtree in MerklePath.subtrees(of: range) {
                let above = subtree.level - MerkleOutline.runLevel
                guard above < 0 else {
                    guard let root = runs.root(of: .init(level: above, index: subtree.index)) else {
                        return nil
                    }
                    peaks.append(root)
                    continue
                }
                let run = subtree.index >> UInt64(-above)
                if last?.run != run { last = try tree(of: run, reading: leaves).map { (run, $0) } }
                guard let last, last.run == run else { return nil }
                let place = subtree.index - (run << UInt64(-above))
                guard let root = last.tree.root(of: .init(level: subtree.level, index: place)) else {
                    return nil
                }
                peaks.append(root)
            }
            roots.append(MerkleHash.root(ofPeaks: peaks))
        }
        return roots
    }

    private func tree<Failure: Error>(
        of run: UInt64,
        reading leaves: (Range<UInt64>) throws(Failure) -> [LeafHash]
    ) throws(Failure) -> MerkleTree? {
        guard run < runs.size else { return rest }
        let first = run * MerkleOutline.runLength
        let end = first + MerkleOutline.runLength
        guard end > start else { return nil }
        var tree = start > first ? MerkleTree(after: front) : MerkleTree()
        tree.append(contentsOf: try leaves(max(first, start)..<end))
        // A run that is not what it was, by a damaged disk say, would make a proof of nothing.
        return tree.size == MerkleOutline.runLength && tree.root == runs[run]?.digest ? tree : nil
    }
}
