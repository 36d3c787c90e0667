public import JalonCodec
public import JalonCrypto

/// The hashes of an RFC 9162 tree (§2.1.1) that the log is made with.
enum MerkleHash {
    /// The root of a log without leaves: SHA-256 of nothing.
    static let empty = SHA256.hash(EmptyCollection())

    /// An inner node: SHA-256(0x01 ‖ left ‖ right).
    static func node(_ left: Digest, _ right: Digest) -> Digest {
        SHA256.hash(prefix: 0x01, left, right)
    }

    /// The root over complete subtrees, the largest first; ``empty`` where there are none.
    static func root(ofPeaks peaks: some BidirectionalCollection<Digest>) -> Digest {
        guard var root = peaks.last else { return empty }
        for peak in peaks.dropLast().reversed() { root = node(peak, root) }
        return root
    }
}

/// What is needed to append to the log and to know its root: the roots of its complete subtrees.
///
/// A log of n leaves is, from the left, one complete subtree for each bit that is set in n, the largest
/// first; so the frontier holds at most 63 hashes. A value: a copy goes its own way, which is how the root of
/// a block is found before the block is final.
public struct MerkleFrontier: Hashable, Sendable {
    /// The leaves appended so far.
    public private(set) var size: UInt64

    /// Roots of the complete subtrees, the largest (leftmost) first: as many as bits are set in ``size``.
    private(set) var peaks: [Digest]

    /// A log without leaves.
    public init() {
        size = 0
        peaks = []
    }

    init(size: UInt64, peaks: [Digest]) {
        precondition(size.nonzeroBitCount == peaks.count, "a frontier has one hash for each complete subtree")
        self.size = size
        self.peaks = peaks
    }

    /// The RFC 9162 root over all leaves; SHA-256 of nothing where there are none.
    ///
    /// - Complexity: O(log n) hashes.
    public var root: Digest { MerkleHash.root(ofPeaks: peaks) }

    /// Adds a leaf at the end.
    ///
    /// - Complexity: O(1) hashes, amortised.
    public mutating func append(_ leaf: LeafHash) {
        precondition(size < UInt64(Int64.max), "no log reaches 2⁶³ − 1 leaves")
        // Adding one to the size carries through its trailing ones: each carry joins two subtrees of one
        // size.
        var node = leaf.digest
        for _ in 0..<(~size).trailingZeroBitCount {
            node = MerkleHash.node(peaks.removeLast(), node)
        }
        peaks.append(node)
        size += 1
    }

    /// Adds leaves at the end, in their order.
    public mutating func append(contentsOf leaves: some Sequence<LeafHash>) {
        for leaf in leaves { append(leaf) }
    }
}

extension MerkleFrontier {
    /// The most leaves of a frontier that is read.
    ///
    /// Who writes a frontier need not show its leaves, and ``append(_:)`` needs room for those that follow: after so many
    /// there is room for more than anybody can bring, and no log comes near it.
    public static let maximumReadSize: UInt64 = 1 << 62

    /// Bytes of the longest encoding.
    public static let maximumByteCount = 16 + 63 * 34

    /// The encoding: `[size, [root of a complete subtree, …]]`, the largest subtree first.
    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeArrayHead(2)
        encoder.encode(size)
        encoder.encode(array: peaks) { $0.encode($1) }
    }

    /// The encoding's bytes.
    public var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 16 + 34 * peaks.count)
        encode(to: &encoder)
        return encoder.bytes
    }

    /// Reads a frontier.
    ///
    /// Its hashes are anybody's claim until ``root`` was compared with a certified
    /// header's.
    ///
    /// - Throws: `CBORError`, also where the number of hashes is not that of the bits set in the size, and where that is above
    ///   ``maximumReadSize``.
    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        let (size, peaks) = try decoder.decodeArray(count: 2) { (decoder) throws(CBORError) in
            let start = decoder.offset
            let size = try decoder.decodeUnsigned()
            let at = decoder.offset
            let peaks = try decoder.decodeArray(maximum: 63) { (decoder) throws(CBORError) in
                try decoder.decodeDigest()
            }
            guard peaks.count == size.nonzeroBitCount else {
                throw .wrongCount(expected: size.nonzeroBitCount, found: peaks.count, offset: at)
            }
            let limit = MerkleFrontier.maximumReadSize
            guard size <= limit else {
                throw .invalidValue("a log of \(size) leaves: at most \(limit) are read", offset: start)
            }
            return (size, peaks)
        }
        self.init(size: size, peaks: peaks)
    }
}
