import GRDB
import JalonCodec
import JalonCrypto
package import JalonModel

/// Where a transaction stands.
package struct TransactionLocation: Hashable, Sendable {
    package let height: Height
    /// Its place in the block, from 0.
    package let position: Int
    /// Its place in the log, from 0: the leaf index of its receipts.
    package let logIndex: UInt64
}

/// A final transaction and where it stands.
package struct StoredTransaction: Hashable, Sendable {
    package let location: TransactionLocation
    /// The full bytes.
    package let bytes: [UInt8]
}

extension LedgerReader {
    /// Finds a final transaction; `nil` where no final block holds it.
    ///
    /// The index only proposes: the transaction itself is decoded and its id compared.
    ///
    /// - Complexity: One search in a tree for every 16,384 transactions after it, and the reading of one block.
    package func transaction(_ id: TransactionID) throws(StorageError) -> StoredTransaction? {
        try read { database in
            var found: StoredTransaction?
            try database.eachPlace(of: id) { index in
                guard let stored = try database.transaction(at: index) else { return true }
                do throws(CBORError) {
                    if try Transaction(bytes: stored.bytes).id == id { found = stored }
                } catch {
                    throw StorageError.damaged(
                        table: "block",
                        key: "height \(stored.location.height), transaction \(stored.location.position)",
                        reason: "\(error)"
                    )
                }
                return found == nil
            }
            return found
        }
    }

    /// Where a final transaction stands; `nil` where no final block holds it.
    ///
    /// - Complexity: That of ``transaction(_:)``.
    package func location(of id: TransactionID) throws(StorageError) -> TransactionLocation? {
        try transaction(id)?.location
    }

    /// The transaction at a place of the log, from 0; `nil` behind its end.
    package func transaction(atLogIndex index: UInt64) throws(StorageError) -> StoredTransaction? {
        try read { try $0.transaction(at: index) }
    }

    /// The height of the block that holds a place of the log; `nil` behind its end.
    package func height(ofLogIndex index: UInt64) throws(StorageError) -> Height? {
        try read { try $0.place(of: index)?.height }
    }

    /// Leaf hashes of a range of the log, in order; fewer where the log ends before.
    ///
    /// - Complexity: Reads and hashes every block that the range touches.
    package func leafHashes(in range: Range<UInt64>) throws(StorageError) -> [LeafHash] {
        try read { database in
            var hashes = try database.archivedLeaves(in: range)
            let start = range.lowerBound + UInt64(hashes.count)
            guard start < range.upperBound, let first = try database.place(of: start) else { return hashes }
            var next = first.logSize
            try database.each(
                "block",
                """
                SELECT block.id, header, body, checksum FROM chain JOIN block ON block.number = chain.block
                    WHERE height >= ? ORDER BY height
                """,
                [first.height.stored]
            ) { row in
                for bytes in try row.block().transactions {
                    if range.contains(next) { hashes.append(LeafHash(of: bytes)) }
                    next += 1
                }
                return next < range.upperBound
            }
            return hashes
        }
    }
}

extension Database {
    /// Hands over the places of the log where the index says that a transaction may stand, the newest bucket first, until
    /// `body` says `false`.
    ///
    /// The index knows the first eight bytes of an id alone.
    func eachPlace(of id: TransactionID, _ body: (UInt64) throws -> Bool) throws {
        let tip = "SELECT log_size FROM chain ORDER BY height DESC LIMIT 1"
        guard let size = try first("chain", tip)?.count(0), size > 0 else { return }
        try each(
            "transaction_place",
            """
            WITH RECURSIVE held (bucket) AS
                (VALUES (?1) UNION ALL SELECT bucket - 1 FROM held WHERE bucket > 0)
            SELECT index_.bucket, index_.place
                FROM held CROSS JOIN transaction_place AS index_
                ON index_.bucket = held.bucket AND index_.key = ?2
            """,
            [Int64(clamping: (size - 1) / RecordWriter.bucketSize), Checksum.prefix(id.digest)]
        ) { row in
            let (bucket, place) = (try row.count(0), try row.count(1))
            let (start, overflow) = bucket.multipliedReportingOverflow(by: RecordWriter.bucketSize)
            guard !overflow, place < RecordWriter.bucketSize else {
                throw StorageError.damaged(
                    table: "transaction_place",
                    key: id.hex,
                    reason: "a place outside the log"
                )
            }
            return try body(start + place)
        }
    }

    /// The block that holds a place of the log, and the size of the log before it; `nil` where that block is not held.
    func place(of index: UInt64) throws -> (height: Height, logSize: UInt64)? {
        let start = try base()?.frontier.size ?? 0
        guard index >= start, let index = Int64(exactly: index) else { return nil }
        let row = try first(
            "chain",
            "SELECT height FROM chain WHERE log_size > ? ORDER BY log_size, height LIMIT 1",
            [index]
        )
        guard let height = try row?.count(0) else { return nil }
        let before = try first(
            "chain",
            "SELECT log_size FROM chain WHERE height < ? ORDER BY height DESC LIMIT 1",
            [Int64(clamping: height)]
        )
        return (Height(height), try before?.count(0) ?? start)
    }

    func transaction(at index: UInt64) throws -> StoredTransaction? {
        guard let place = try place(of: index), index >= place.logSize else { return nil }
        let row = try first(
            "block",
            """
            SELECT id, header, body, checksum FROM block
                WHERE number = (SELECT block FROM chain WHERE height = ?)
            """,
            [place.height.stored]
        )
        let transactions = try row?.block().transactions ?? []
        guard let position = Int(exactly: index - place.logSize), position < transactions.count else {
            throw StorageError.damaged(
                table: "chain",
                key: "height \(place.height)",
                reason: "its log size fits no transaction \(index)"
            )
        }
        return StoredTransaction(
            location: TransactionLocation(height: place.height, position: position, logIndex: index),
            bytes: transactions[position]
        )
    }
}
