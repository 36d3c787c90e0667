public import JalonCodec
public import JalonCrypto

/// The proof that a leaf stands at an index of a log of a certain size (RFC 9162 §2.1.3).
public struct InclusionProof: Hashable, Sendable {
    /// Hashes of the longest path.
    public static let maximumPathCount = 63
    /// Bytes of the longest encoding.
    public static let maximumByteCount = 24 + maximumPathCount * 34

    /// The leaves of the log.
    public let size: UInt64
    /// Where the leaf stands, from 0.
    public let index: UInt64
    /// The siblings of the nodes between leaf and root, the leaf's own first.
    public let path: [Digest]

    public init(size: UInt64, index: UInt64, path: [Digest]) {
        self.size = size
        self.index = index
        self.path = path
    }

    /// The root that follows from the leaf and the path (RFC 9162 §2.1.3.2).
    ///
    /// - Returns: `nil` where the index is not below the size or the path has another length than the tree's
    ///   there.
    public func root(leaf: LeafHash) -> Digest? {
        guard index < size else { return nil }
        var node = index
        var last = size - 1
        var root = leaf.digest
        for sibling in path {
            guard last > 0 else { return nil }
            if node & 1 == 1 || node == last {
                root = MerkleHash.node(sibling, root)
                // A last node without a sibling goes up unhashed, to the level where it has one.
                let shift = UInt64(min(node.trailingZeroBitCount, 63))
                node >>= shift
                last >>= shift
            } else {
                root = MerkleHash.node(root, sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 ? root : nil
    }

    /// Whether the leaf stands at ``index`` of the log of ``size`` leaves that has this root.
    public func verify(leaf: LeafHash, root: Digest) -> Bool {
        self.root(leaf: leaf) == root
    }
}

extension InclusionProof {
    /// The encoding of RFC 9942 §5.2: `[size, index, [sibling, …]]`.
    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(3)
        encoder.encode(size)
        encoder.encode(index)
        encoder.encode(array: path) { $0.encode($1) }
    }

    /// The encoding's bytes.
    public var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 24 + 34 * path.count)
        encode(to: &encoder)
        return encoder.bytes
    }

    /// - Throws: `CBORError`, also where the index is not below the size.
    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeArray(count: 3) { (decoder) throws(CBORError) in
            let size = try decoder.decodeUnsigned()
            let at = decoder.offset
            let index = try decoder.decodeUnsigned()
            guard index < size else {
                throw .invalidValue("leaf \(index) of a log of \(size) leaves", offset: at)
            }
            let path = try decoder.decodeArray(maximum: InclusionProof.maximumPathCount) {
                (decoder) throws(CBORError) in try decoder.decodeDigest()
            }
            return InclusionProof(size: size, index: index, path: path)
        }
    }
}
