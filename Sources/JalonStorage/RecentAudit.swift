import GRDB
import JalonCrypto
import JalonModel

/// Holds the table of recent transactions against the blocks, which it repeats in part.
///
/// The table has a row for each block with transactions whose body is held and that ends among the last
/// ``RecordWriter/recentCount`` places of the log.
struct RecentAudit {
    static let table = "recent_transactions"

    private let database: Database
    /// Where the part of the log ends that has no rows.
    private let end: UInt64
    private var count: UInt64 = 0

    /// `first` is the size of the log before the first block whose body is held.
    init(_ database: Database, first: UInt64) throws {
        self.database = database
        let last = try database.first("chain", "SELECT coalesce(max(log_size), 0) FROM chain")
        end = RecentAudit.end(logSize: try last?.count(0) ?? 0, first: first)
    }

    /// Where the part of the log ends that has no rows.
    ///
    /// - Parameters:
    ///   - logSize: Of the log after the last block.
    ///   - first: Of the log before the first block whose body is held.
    /// - Returns: A size of the log.
    static func end(logSize: UInt64, first: UInt64) -> UInt64 {
        max(first, logSize > RecordWriter.recentCount ? logSize - RecordWriter.recentCount : 0)
    }

    /// Compares the row of the next block, where it has one.
    ///
    /// - Parameters:
    ///   - block: The block.
    ///   - height: Where it stands.
    ///   - logSize: Of the log after it.
    /// - Returns: The problem in words, or `nil`.
    /// - Throws: What reading throws.
    mutating func problem(of block: AuditedBlock, at height: UInt64, logSize: UInt64) throws -> String? {
        guard !block.keys.isEmpty, logSize > end else { return nil }
        count += 1
        let row = try database.first(
            RecentAudit.table,
            "SELECT time, ids, checksum FROM recent_transactions WHERE log_size = ?",
            [Int64(clamping: logSize)]
        )
        let name = "the row \(logSize) of the table \(RecentAudit.table)"
        guard let row else { return "\(name) is missing, that of block \(height)" }
        guard try row.count(0) == block.timestamp.value else {
            return "\(name) has the time \(try row.count(0)), block \(height) has \(block.timestamp)"
        }
        guard try row.integer(2) == Checksum.prefix(block.ids), try SHA256.hash(row.bytes(1)) == block.ids
        else { return "\(name) has other ids, or another checksum, than those of block \(height)" }
        return nil
    }

    /// Looks for rows of no block, once each block was compared.
    func rest() throws -> String? {
        let held = try database.first(RecentAudit.table, "SELECT count(*) FROM recent_transactions")
        guard try held?.count(0) != count else { return nil }
        let extra = try database.first(
            RecentAudit.table,
            """
            SELECT log_size FROM recent_transactions
                WHERE log_size <= ? OR log_size NOT IN (SELECT log_size FROM chain) ORDER BY log_size LIMIT 1
            """,
            [Int64(clamping: end)]
        )
        let name = try extra.map { " \(try $0.integer(0))" } ?? ""
        return "the row\(name) of the table \(RecentAudit.table) is of no block that needs one"
    }
}
