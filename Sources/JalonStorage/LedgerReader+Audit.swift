import GRDB
import JalonCrypto
package import JalonModel

extension LedgerReader {
    /// Looks for damage outside the blocks of the chain: SQLite's structure, and the journal's rows.
    ///
    /// - Returns: The first problem in words, or `nil`.
    /// - Throws: ``StorageError``, also for a row that can't be read at all.
    /// - Complexity: Reads the whole file.
    package func structureProblem() throws(StorageError) -> String? {
        try read { try $0.structureProblem() ?? JournalAudit(database: $0).problem() }
    }

    /// Looks for damage in columns that repeat what a block of the chain says, and in the index of transactions.
    ///
    /// What the blocks themselves say is the caller's to check; here each row is only held against its block.
    ///
    /// - Parameter known: Blocks that the caller read from this file and checked; those are not read again.
    /// - Returns: The first problem in words, or `nil`.
    /// - Throws: ``StorageError``, also for a row that can't be read at all.
    /// - Complexity: Reads the index, and reads and hashes every transaction of blocks that are not known.
    package func indexProblem(known: AuditedBlocks) throws(StorageError) -> String? {
        try read { database in
            var audit = IndexAudit(database: database, known: known)
            return try audit.problem()
        }
    }
}

/// What is known of blocks that were read from a ledger's file and checked, as much as an audit asks for.
package struct AuditedBlocks: Sendable {
    // By height, asked and never iterated.
    private var blocks: [Height: AuditedBlock] = [:]

    package init() {}

    /// Notes a block whose body has the checksum that stands beside it in the file.
    package mutating func insert(_ final: FinalBlock) {
        blocks[final.block.header.height] = AuditedBlock(final.block, final.transactions)
    }

    /// What is known of a block; `nil` where none of this height and encoded id is known.
    fileprivate func block(at height: UInt64, id: [UInt8]) -> AuditedBlock? {
        guard let block = blocks[Height(height)], block.id.bytes == id else { return nil }
        return block
    }
}

/// What tables beside a block say of it, where they are in order.
struct AuditedBlock: Sendable {
    let id: BlockID
    let timestamp: Timestamp
    /// The keys of its transactions in their index, in the block's order.
    let keys: [Int64]
    /// The hash of their ids, one after the other.
    let ids: Digest

    init(_ block: Block, _ transactions: [TransactionID]) {
        (id, timestamp) = (block.id, block.header.timestamp)
        keys = transactions.map { Checksum.prefix($0.digest) }
        var hash = SHA256()
        for id in transactions { hash.update(id.digest) }
        ids = hash.finalize()
    }
}

extension Database {
    /// SQLite's own check of pages, tables and indexes.
    fileprivate func structureProblem() throws -> String? {
        var problem: String?
        try each("integrity_check", "PRAGMA integrity_check(1)") { row in
            let text = try row.text(0)
            if text != "ok" { problem = "SQLite finds: \(text)" }
            return false
        }
        return problem
    }
}

/// Holds the index of transactions, the recent ones and the columns beside the blocks against the blocks; one bucket of the
/// index is in memory at a time.
private struct IndexAudit {
    private let database: Database
    private let known: AuditedBlocks
    private var bucket: UInt64 = 0
    private var expected: [Entry] = []
    private var logSize: UInt64 = 0

    private struct Entry: Hashable, Comparable {
        let key: Int64
        let place: Int64

        static func < (left: Entry, right: Entry) -> Bool {
            (left.key, left.place) < (right.key, right.place)
        }
    }

    init(database: Database, known: AuditedBlocks) {
        (self.database, self.known) = (database, known)
    }

    mutating func problem() throws -> String? {
        var found: String?
        let archived = try database.archived()
        logSize = try archived?.frontier.size ?? database.base()?.frontier.size ?? 0
        bucket = logSize / RecordWriter.bucketSize
        let before = try database.first(
            "transaction_place",
            "SELECT count(*) FROM transaction_place WHERE bucket < ?",
            [Int64(clamping: bucket)]
        )
        guard try before?.count(0) == 0 else {
            return "the index of transactions names some that are not held"
        }
        if let archived, let problem = try problem(of: archived) { return problem }
        var recent = try RecentAudit(database, first: logSize)
        try database.each(
            "chain",
            """
            SELECT block.id, height, log_size, block.number
                FROM chain JOIN block ON block.number = chain.block ORDER BY height
            """
        ) { row in
            found = try problem(of: row, &recent)
            return found == nil
        }
        if let found { return found }
        if let problem = try bucketProblem() ?? recent.rest() { return problem }
        let beyond = try database.first(
            "transaction_place",
            "SELECT count(*) FROM transaction_place WHERE bucket > ?",
            [Int64(clamping: bucket)]
        )
        return try beyond?.count(0) == 0 ? nil : "the index of transactions goes beyond the end of the log"
    }

    /// Goes through the transactions whose bodies were dropped: their ids are kept.
    private mutating func problem(of archived: ArchivedBlocks) throws -> String? {
        var found: String?
        try database.eachBareBlock(from: archived.first, to: archived.last) { block in
            for id in block.transactionIDs {
                found = try take(Checksum.prefix(id.digest))
                if found != nil { return false }
            }
            return true
        }
        return found
    }

    /// Takes the key of the next transaction of the log: the beginning of its id.
    private mutating func take(_ key: Int64) throws -> String? {
        if logSize / RecordWriter.bucketSize != bucket {
            if let problem = try bucketProblem() { return problem }
            (bucket, expected) = (logSize / RecordWriter.bucketSize, [])
        }
        let place = Int64(logSize % RecordWriter.bucketSize)
        expected.append(Entry(key: key, place: place))
        logSize += 1
        return nil
    }

    /// Holds a row of the chain, with its block's id, against the block.
    private mutating func problem(of row: StoredRow, _ recent: inout RecentAudit) throws -> String? {
        let height = try row.count(1)
        let block = try known.block(at: height, id: row.bytes(0)) ?? readBlock(row.count(3), at: height)
        for key in block?.keys ?? [] {
            if let problem = try take(key) { return problem }
        }
        guard let block, try row.count(2) == logSize else {
            return "the row \(height) of the table chain names another height or log size than its block"
        }
        return try recent.problem(of: block, at: height, logSize: logSize)
    }

    /// Reads a block of which nothing is known.
    ///
    /// - Returns: `nil` where the block says another height.
    private func readBlock(_ number: UInt64, at height: UInt64) throws -> AuditedBlock? {
        let row = try database.first(
            "block",
            "SELECT id, header, body, checksum FROM block WHERE number = ?",
            [Int64(clamping: number)]
        )
        guard let block = try row?.block(), block.header.height.value == height else { return nil }
        let ids = try block.transactions.map { bytes in
            do {
                return try Transaction.id(of: bytes)
            } catch {
                throw StorageError.damaged(table: "block", key: "height \(height)", reason: "\(error)")
            }
        }
        return AuditedBlock(block, ids)
    }

    private func bucketProblem() throws -> String? {
        var stored: [Entry] = []
        try database.each(
            "transaction_place",
            "SELECT key, place FROM transaction_place WHERE bucket = ? ORDER BY key, place",
            [Int64(clamping: bucket)]
        ) { row in
            stored.append(Entry(key: try row.integer(0), place: try row.integer(1)))
            return stored.count <= expected.count
        }
        guard stored == expected.sorted() else {
            let place = bucket * RecordWriter.bucketSize
            return "the index of transactions is not that of the log's places from \(place) on"
        }
        return nil
    }
}
