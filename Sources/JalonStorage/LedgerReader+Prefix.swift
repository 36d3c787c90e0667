import GRDB
import JalonCrypto
package import JalonModel

/// The first hexadecimal digits of an id, as people copy them from a list: 8 to 16.
package struct IDPrefix: Hashable, Sendable {
    package static let digitCounts = 8...16

    /// In lower case.
    package let digits: String

    /// - Returns: `nil` where the text is not 8 to 16 hexadecimal digits.
    package init?(_ text: String) {
        let digits = text.lowercased()
        guard IDPrefix.digitCounts.contains(digits.utf8.count), UInt64(digits, radix: 16) != nil,
            digits.utf8.first != UInt8(ascii: "+")
        else { return nil }
        self.digits = digits
    }

    /// What the first eight bytes of such an id may be, as the index keeps them.
    var keys: ClosedRange<Int64> {
        let free = 64 - 4 * digits.utf8.count
        let first = (UInt64(digits, radix: 16) ?? 0) << UInt64(free)
        let last = first | (free == 0 ? 0 : UInt64.max >> UInt64(64 - free))
        // The sign is among the digits that are given, so the range is one of signed numbers too.
        return Int64(bitPattern: first)...Int64(bitPattern: last)
    }
}

extension LedgerReader {
    /// Final transactions whose ids begin with these digits, the newest first.
    ///
    /// - Parameters:
    ///   - prefix: The digits.
    ///   - limit: The most transactions, at least 1.
    /// - Returns: The transactions.
    /// - Throws: `StorageError`.
    /// - Complexity: One search in a tree for every 16,384 transactions of the log, and the reading of one block for each
    ///   that is found.
    package func transactions(withPrefix prefix: IDPrefix, limit: Int) throws(StorageError)
        -> [StoredTransaction]
    {
        try read { database in
            try database.places(withPrefix: prefix, limit: limit).compactMap {
                try database.transaction(at: $0)
            }
        }
    }

    /// Final transactions whose ids begin with these digits and whose bodies were dropped, the newest first.
    ///
    /// - Parameters:
    ///   - prefix: The digits.
    ///   - limit: The most transactions, at least 1, held ones included.
    /// - Returns: The ids.
    /// - Throws: `StorageError`.
    package func archivedTransactions(withPrefix prefix: IDPrefix, limit: Int) throws(StorageError)
        -> [TransactionID]
    {
        try read { database in
            guard try database.archived() != nil else { return [] }
            return try database.places(withPrefix: prefix, limit: limit).compactMap { index in
                guard let block = try database.archivedBlock(of: index),
                    let position = Int(exactly: index - block.firstIndex),
                    block.transactionIDs.indices.contains(position)
                else { return nil }
                let id = block.transactionIDs[position]
                return id.hex.hasPrefix(prefix.digits) ? id : nil
            }
        }
    }
}

extension Database {
    /// The places of the log where the index says that an id begins with these digits, the newest bucket first.
    fileprivate func places(withPrefix prefix: IDPrefix, limit: Int) throws -> [UInt64] {
        let tip = "SELECT log_size FROM chain ORDER BY height DESC LIMIT 1"
        guard let size = try first("chain", tip)?.count(0), size > 0 else { return [] }
        var places: [UInt64] = []
        try each(
            "transaction_place",
            """
            WITH RECURSIVE held (bucket) AS
                (VALUES (?1) UNION ALL SELECT bucket - 1 FROM held WHERE bucket > 0)
            SELECT index_.bucket, index_.place
                FROM held CROSS JOIN transaction_place AS index_
                ON index_.bucket = held.bucket AND index_.key BETWEEN ?2 AND ?3
            """,
            [
                Int64(clamping: (size - 1) / RecordWriter.bucketSize), prefix.keys.lowerBound,
                prefix.keys.upperBound,
            ]
        ) { row in
            let (start, overflow) = try row.count(0).multipliedReportingOverflow(by: RecordWriter.bucketSize)
            let place = try row.count(1)
            if !overflow, place < RecordWriter.bucketSize { places.append(start + place) }
            return places.count < limit
        }
        return places
    }
}
