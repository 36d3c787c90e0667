import GRDB
import JalonCrypto
import JalonModel

extension Database {
    /// Newest first out of the table, to stop at the first block that is too old.
    func recent(
        since time: Timestamp,
        tip: BlockHeader
    ) throws -> [(timestamp: Timestamp, transactions: [TransactionID])] {
        let table = RecentAudit.table
        var recent: [(timestamp: Timestamp, transactions: [TransactionID])] = []
        var (size, newer, isWhole) = (tip.logSize, Timestamp?.none, false)
        let rows = "SELECT log_size, time, ids, checksum FROM recent_transactions ORDER BY log_size DESC"
        try each(table, rows) { row in
            let (logSize, timestamp) = (try row.count(0), Timestamp(try row.count(1)))
            let key = "log size \(logSize)"
            // Each row must begin where the next one ends: a hole would let a transaction in twice.
            guard logSize == size else {
                throw StorageError.damaged(table: table, key: key, reason: "the log goes on at \(size)")
            }
            isWhole = timestamp < time
            guard newer.map({ timestamp < $0 }) ?? (timestamp <= tip.timestamp) else {
                throw StorageError.damaged(
                    table: table,
                    key: key,
                    reason: "its time is \(timestamp), that of the block after it \(newer ?? tip.timestamp)"
                )
            }
            // Between the first row and the one that ends the reading a wrong time breaks the order, or is that of a moment
            // in which no other block is. At the two ends only the blocks tell.
            if newer == nil || isWhole { try check(timestamp, ofRow: logSize, key: key) }
            newer = timestamp
            if isWhole { return false }
            let bytes = try row.checkedBytes(2, key: key)
            let ids = stride(from: 0, to: bytes.count, by: Digest.byteCount).compactMap {
                TransactionID(bytes: bytes[$0..<min($0 + Digest.byteCount, bytes.count)])
            }
            guard ids.count * Digest.byteCount == bytes.count, !ids.isEmpty, UInt64(ids.count) <= size else {
                throw StorageError.damaged(table: table, key: key, reason: "\(bytes.count) bytes of ids")
            }
            size -= UInt64(ids.count)
            recent.append((timestamp, ids))
            return true
        }
        let end = RecentAudit.end(logSize: tip.logSize, first: try base()?.frontier.size ?? 0)
        guard isWhole || size <= end else {
            throw StorageError.damaged(table: table, key: "log size \(size)", reason: "missing")
        }
        return recent.reversed()
    }

    /// Holds the time of a row of the recent transactions against its block's.
    private func check(_ time: Timestamp, ofRow logSize: UInt64, key: String) throws {
        // Blocks without transactions end the log at the same place, after the one that has some.
        let header = try first(
            "block",
            """
            SELECT block.id, header FROM chain JOIN block ON block.number = chain.block
                WHERE log_size = ? ORDER BY height LIMIT 1
            """,
            [Int64(clamping: logSize)]
        )?
        .header()
        guard let header, header.timestamp == time else {
            let found = header.map { "that of block \($0.height) \($0.timestamp)" } ?? "no block ends there"
            throw StorageError.damaged(
                table: RecentAudit.table,
                key: key,
                reason: "its time is \(time), \(found)"
            )
        }
    }
}
