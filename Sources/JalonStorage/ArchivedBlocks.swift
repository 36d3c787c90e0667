import GRDB
import JalonCodec
import JalonCrypto
package import JalonModel

/// The blocks whose bodies an archive dropped: their headers, seals, leaf hashes and ids are held.
package struct ArchivedBlocks: Hashable, Sendable {
    package let first: Height
    /// The last block whose body is not held.
    package let last: Height
    /// The log before the first of them.
    package let frontier: MerkleFrontier

    package init(first: Height, last: Height, frontier: MerkleFrontier) {
        (self.first, self.last, self.frontier) = (first, last, frontier)
    }

    /// The name of the row in `meta`.
    static let name = "archive"

    /// The encoding: `[first height, frontier]`; the last is that of the ledger's base.
    var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: MerkleFrontier.maximumByteCount)
        encoder.encodeArrayHead(2)
        encoder.encode(first.value)
        frontier.encode(to: &encoder)
        return encoder.bytes
    }
}

/// Where a transaction stands whose bytes are not held.
package struct ArchivedTransaction: Hashable, Sendable {
    package let location: TransactionLocation
    /// The hash of its full bytes in the log.
    package let leaf: LeafHash

    /// The transaction, where these are its bytes; `nil` where the log holds the hash of others.
    package func transaction(_ bytes: [UInt8]) -> StoredTransaction? {
        LeafHash(of: bytes) == leaf ? StoredTransaction(location: location, bytes: bytes) : nil
    }
}

extension LedgerReader {
    /// The blocks whose bodies an archive dropped; `nil` where there are none.
    package func archived() throws(StorageError) -> ArchivedBlocks? {
        try read { try $0.archived() }
    }

    /// Finds a final transaction whose body was dropped; `nil` where there is none.
    ///
    /// What the id is the hash of is not held any more: that it belongs to the leaf is this ledger's word, until somebody
    /// shows the bytes.
    ///
    /// - Complexity: That of ``transaction(_:)``.
    package func archivedTransaction(_ id: TransactionID) throws(StorageError) -> ArchivedTransaction? {
        try read { database in
            guard try database.archived() != nil else { return nil }
            var found: ArchivedTransaction?
            try database.eachPlace(of: id) { index in
                guard let block = try database.archivedBlock(of: index),
                    let position = Int(exactly: index - block.firstIndex),
                    block.transactionIDs.indices.contains(position), block.transactionIDs[position] == id
                else { return true }
                found = ArchivedTransaction(
                    location: TransactionLocation(
                        height: block.header.height,
                        position: position,
                        logIndex: index
                    ),
                    leaf: block.leafHashes[position]
                )
                return false
            }
            return found
        }
    }

    /// What the bodies of a range of blocks take, and what the blocks would take without them, in bytes.
    ///
    /// - Complexity: Looks at each of the blocks' rows, and reads none of the bodies.
    package func byteCounts(
        from first: Height,
        to last: Height
    ) throws(StorageError) -> (bodies: UInt64, bare: UInt64) {
        try read { database in
            let row = try database.first(
                "block",
                """
                SELECT coalesce(sum(length(body)), 0), coalesce(sum(length(header)), 0), count(*),
                    coalesce(max(chain.log_size), 0) - coalesce((SELECT max(log_size) FROM chain WHERE height < ?1), 0)
                    FROM chain JOIN block ON block.number = chain.block WHERE height BETWEEN ?1 AND ?2
                """,
                [first.stored, last.stored]
            )
            guard let row else { return (0, 0) }
            let leaves = try row.count(3) * 2 * UInt64(Digest.byteCount)
            // Half a KiB of a block are its certificate and what SQLite adds.
            return (try row.count(0), try row.count(1) + row.count(2) * 512 + leaves)
        }
    }

    /// Blocks without bodies in the order of their heights, at most `count` of them.
    package func bareBlocks(
        from height: Height,
        to last: Height,
        count: Int
    ) throws(StorageError) -> [BareBlock] {
        try read { database in
            var blocks: [BareBlock] = []
            try database.eachBareBlock(from: height, to: last) { block in
                blocks.append(block)
                return blocks.count < count
            }
            return blocks
        }
    }
}

extension Database {
    func archived() throws -> ArchivedBlocks? {
        guard let base = try base(),
            let row = try first("meta", "SELECT value FROM meta WHERE name = ?", [ArchivedBlocks.name])
        else { return nil }
        let archived = try decodeStored(row.bytes(0), table: "meta", key: ArchivedBlocks.name) {
            (decoder) throws(CBORError) in
            try decoder.decodeArray(count: 2) { (decoder) throws(CBORError) in
                ArchivedBlocks(
                    first: Height(try decoder.decodeUnsigned(maximum: UInt64(Int64.max))),
                    last: base.height,
                    frontier: try MerkleFrontier(from: &decoder)
                )
            }
        }
        guard archived.first > Height(0), archived.first <= archived.last else {
            throw StorageError.damaged(
                table: "meta",
                key: ArchivedBlocks.name,
                reason: "it begins with block \(archived.first), and ends with \(archived.last)"
            )
        }
        return archived
    }

    /// Hands over blocks without bodies, ascending, until `body` says `false`.
    func eachBareBlock(from first: Height, to last: Height, _ body: (BareBlock) throws -> Bool) throws {
        try each(
            "bare_block",
            "SELECT * FROM bare_block WHERE height BETWEEN ? AND ? ORDER BY height",
            [first.stored, last.stored]
        ) { try body(BareBlock($0)) }
    }

    /// The lowest block without a body at or above a height that has a finalization of its own.
    func sealedBareBlock(atOrAbove height: Height) throws -> BareBlock? {
        guard let base = try base(), height <= base.height else { return nil }
        return try first(
            "bare_block",
            "SELECT * FROM bare_block WHERE height >= ? AND finalization IS NOT NULL ORDER BY height LIMIT 1",
            [height.stored]
        )
        .map { try BareBlock($0) }
    }

    /// The block without a body that holds a place of the log; `nil` where its leaves are not known.
    func archivedBlock(of index: UInt64) throws -> BareBlock? {
        guard let base = try base(), index < base.frontier.size, let place = Int64(exactly: index) else {
            return nil
        }
        let row = try first(
            "bare_block",
            "SELECT * FROM bare_block WHERE log_size > ? ORDER BY log_size, height LIMIT 1",
            [place]
        )
        guard let block = try row.map({ try BareBlock($0) }), block.leaves != nil, block.firstIndex <= index
        else { return nil }
        return block
    }

    /// The leaf hashes of the part of a range whose bodies were dropped, from the range's beginning on; none where that is
    /// not known.
    func archivedLeaves(in range: Range<UInt64>) throws -> [LeafHash] {
        guard let archived = try archived(), let first = try archivedBlock(of: range.lowerBound) else {
            return []
        }
        var hashes: [LeafHash] = []
        try eachBareBlock(from: first.header.height, to: archived.last) { block in
            for (index, leaf) in zip(block.firstIndex..., block.leafHashes) where range.contains(index) {
                hashes.append(leaf)
            }
            return block.header.logSize < range.upperBound
        }
        return hashes
    }
}
