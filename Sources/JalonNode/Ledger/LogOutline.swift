import JalonCrypto
import JalonModel
import JalonStorage

/// The log's tree for proofs: grown from the disk as far as they need it, and kept.
///
/// All leaf hashes of a long log would take 64 bytes a transaction of memory in every node, for something that is
/// seldom asked for; reading all of them anew for each proof takes 2 µs a transaction. So an outline is kept, a quarter
/// of a byte a transaction, and a proof reads two runs of leaves, which takes a millisecond. It is made at the first proof
/// after a start, by one pass over the log, and grows by what is new from then on. An actor, so that proofs take one
/// core at most, whoever asks for how many.
actor LogOutline {
    /// Transactions read at once: a caller that waits no longer is noticed in between.
    private static let batchCount: UInt64 = 8_192

    private let reader: LedgerReader
    private var outline: MerkleOutline

    /// The frontier is that of the log before the first leaf that the disk holds.
    init(_ reader: LedgerReader, after frontier: MerkleFrontier = MerkleFrontier()) {
        self.reader = reader
        outline = MerkleOutline(after: frontier)
    }

    /// The proof that a transaction stands in the log that ends with a block.
    ///
    /// - Throws: `CancellationError` once the task is cancelled: what was read until then stays; ``StorageError``.
    func inclusionProof(of transaction: StoredTransaction, in header: BlockHeader) async throws
        -> InclusionProof
    {
        try await grow(to: header.logSize)
        let proof = try outline.inclusionProof(
            leaf: transaction.location.logIndex,
            size: header.logSize
        ) { range throws(StorageError) in try reader.leafHashes(in: range) }
        // The disk may be damaged: what proves nothing is not handed out.
        guard let proof, proof.verify(leaf: LeafHash(of: transaction.bytes), root: header.logRoot) else {
            throw LogOutline.damage(header)
        }
        return proof
    }

    /// The proof that the log that ends with a block begins with that of an earlier one, which is not empty.
    ///
    /// - Throws: `CancellationError`, ``StorageError``.
    func consistencyProof(from earlier: BlockHeader, to header: BlockHeader) async throws -> ConsistencyProof
    {
        try await grow(to: header.logSize)
        let proof = try outline.consistencyProof(from: earlier.logSize, to: header.logSize) {
            range throws(StorageError) in try reader.leafHashes(in: range)
        }
        guard let proof, proof.verify(earlierRoot: earlier.logRoot, root: header.logRoot) else {
            throw LogOutline.damage(header)
        }
        return proof
    }

    private func grow(to size: UInt64) async throws {
        while outline.size < size {
            try Task.checkCancellation()
            // Read and appended without a pause: whoever else waits here goes on where this one stopped.
            let start = outline.size
            let leaves = try reader.leafHashes(in: start..<min(size, start + LogOutline.batchCount))
            guard !leaves.isEmpty else {
                throw StorageError.damaged(
                    table: "chain",
                    key: "log index \(start)",
                    reason: "the log ends before a header says so"
                )
            }
            outline.append(contentsOf: leaves)
            await Task.yield()
        }
    }

    private static func damage(_ header: BlockHeader) -> StorageError {
        .damaged(
            table: "block",
            key: "height \(header.height) or below",
            reason: "the transactions do not make its log root"
        )
    }
}
