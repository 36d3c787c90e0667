public import JalonCodec
public import JalonCrypto

/// The proof that a log only grew: that its first leaves are those of an earlier root (RFC 9162 §2.1.4).
public struct ConsistencyProof: Hashable, Sendable {
    /// Hashes of the longest path: one a level, and the subtree in which the earlier log ends.
    public static let maximumPathCount = 64
    /// Bytes of the longest encoding.
    public static let maximumByteCount = 24 + maximumPathCount * 34

    /// The leaves of the earlier log, one at least.
    public let earlierSize: UInt64
    /// The leaves of the later log.
    public let size: UInt64
    /// The subtrees' roots, from the bottom up; empty where the sizes are equal.
    public let path: [Digest]

    public init(earlierSize: UInt64, size: UInt64, path: [Digest]) {
        self.earlierSize = earlierSize
        self.size = size
        self.path = path
    }

    /// Whether the log with `root` starts with the log with `earlierRoot` (RFC 9162 §2.1.4.2).
    public func verify(earlierRoot: Digest, root: Digest) -> Bool {
        guard earlierSize > 0, earlierSize <= size else { return false }
        if earlierSize == size { return path.isEmpty && earlierRoot == root }
        // An earlier log that is one complete subtree is not in the path: the verifier has its root.
        var rest = path[...]
        let isComplete = earlierSize.nonzeroBitCount == 1
        guard let start = isComplete ? earlierRoot : rest.popFirst() else { return false }
        var node = earlierSize - 1
        var last = size - 1
        let shift = UInt64((~node).trailingZeroBitCount)
        node >>= shift
        last >>= shift
        var (earlier, later) = (start, start)
        for subtree in rest {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                earlier = MerkleHash.node(subtree, earlier)
                later = MerkleHash.node(subtree, later)
                let shift = UInt64(min(node.trailingZeroBitCount, 63))
                node >>= shift
                last >>= shift
            } else {
                later = MerkleHash.node(later, subtree)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && earlier == earlierRoot && later == root
    }
}

extension ConsistencyProof {
    /// The encoding of RFC 9942 §5.3: `[earlier size, size, [subtree, …]]`.
    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(3)
        encoder.encode(earlierSize)
        encoder.encode(size)
        encoder.encode(array: path) { $0.encode($1) }
    }

    /// The encoding's bytes.
    public var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 24 + 34 * path.count)
        encode(to: &encoder)
        return encoder.bytes
    }

    /// - Throws: `CBORError`, also where the earlier size is zero or above the later.
    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeArray(count: 3) { (decoder) throws(CBORError) in
            let at = decoder.offset
            let earlier = try decoder.decodeUnsigned()
            let size = try decoder.decodeUnsigned()
            guard earlier > 0, earlier <= size else {
                throw .invalidValue("a log of \(earlier) leaves before one of \(size)", offset: at)
            }
            let path = try decoder.decodeArray(maximum: ConsistencyProof.maximumPathCount) {
                (decoder) throws(CBORError) in try decoder.decodeDigest()
            }
            return ConsistencyProof(earlierSize: earlier, size: size, path: path)
        }
    }
}
