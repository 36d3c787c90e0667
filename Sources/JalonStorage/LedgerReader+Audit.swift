import GRDB
import JalonCodec
import JalonCrypto
package import JalonModel

extension LedgerReader {
    /// Looks for damage outside the blocks of the chain: SQLite's structure, and the journal's rows.
    ///
    /// - Returns: The first problem in words, or `nil`.
    /// - Throws: ``StorageError``, also for a row that can't be read at all.
    /// - Complexity: Reads the whole file.
    package func structureProblem() throws(StorageError) -> String? {
        try read { try $0.structureProblem() ?? $0.journalProblem() }
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
    private var blocks: [Height: (id: BlockID, keys: [Int64])] = [:]

    package init() {}

    /// Notes a block whose body has the checksum that stands beside it in the file.
    ///
    /// - Parameters:
    ///   - id: The hash of its header.
    ///   - height: Its own.
    ///   - transactions: Ids of its transactions, in their order.
    package mutating func insert(_ id: BlockID, at height: Height, transactions: [TransactionID]) {
        blocks[height] = (id, transactions.map { Checksum.prefix($0.digest) })
    }

    /// The index's keys of a block's transactions; `nil` where no block of this height and encoded id is known.
    fileprivate func keys(at height: UInt64, id: [UInt8]) -> [Int64]? {
        guard let block = blocks[Height(height)], block.id.bytes == id else { return nil }
        return block.keys
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

    /// Certificates, votes and proposals: each row's columns against its bytes.
    fileprivate func journalProblem() throws -> String? {
        var problem: String?
        for table in ["finalization", "certificate"] {
            try each(table, "SELECT view, bytes, checksum, epoch FROM \(table)") { row in
                let key = "view \(try row.count(0))"
                let certificate = try row.certificate(1, key: key)
                if try certificate.view.value != row.count(0) || certificate.epoch.value != row.count(3) {
                    problem =
                        "the row \(key) of the table \(table) names another view or epoch than its bytes"
                }
                return problem == nil
            }
        }
        if problem != nil { return problem }
        try each("vote", "SELECT view, bytes, checksum, epoch FROM vote") { row in
            let key = "view \(try row.count(0))"
            let vote = try decodeStored(row.checkedBytes(1, key: key), table: "vote", key: key) {
                (decoder) throws(CBORError) in try Vote(from: &decoder)
            }
            if try vote.view.value != row.count(0) || vote.epoch.value != row.count(3) {
                problem = "the row \(key) of the table vote names another view or epoch than its bytes"
            }
            return problem == nil
        }
        if problem != nil { return problem }
        try each("proposal", "SELECT view, bytes, checksum FROM proposal") { row in
            let key = "view \(try row.count(0))"
            _ = try decodeStored(row.checkedBytes(1, key: key), table: "proposal", key: key) {
                (decoder) throws(CBORError) in try Proposal(from: &decoder)
            }
            return true
        }
        if try base() != nil {
            try each("bare_block", "SELECT * FROM bare_block") { row in
                _ = try BareBlock(row)
                return true
            }
        }
        // Those of the chain are read with the index.
        let candidates = """
            SELECT id, header, body, checksum FROM block WHERE number NOT IN (SELECT block FROM chain)
            """
        try each("block", candidates) { row in
            _ = try row.block()
            return true
        }
        return problem
    }
}

/// Holds the index of transactions, and the columns beside the blocks, against the blocks; one bucket of the index is in
/// memory at a time.
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
        try database.each(
            "chain",
            """
            SELECT block.id, height, log_size, block.number
                FROM chain JOIN block ON block.number = chain.block ORDER BY height
            """
        ) { row in
            found = try problem(of: row)
            return found == nil
        }
        if let found { return found }
        if let problem = try bucketProblem() { return problem }
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
    private mutating func problem(of row: StoredRow) throws -> String? {
        let height = try row.count(1)
        let keys = try known.keys(at: height, id: row.bytes(0)) ?? readKeys(ofBlock: row.count(3), at: height)
        for key in keys ?? [] {
            if let problem = try take(key) { return problem }
        }
        guard keys != nil, try row.count(2) == logSize else {
            return "the row \(height) of the table chain names another height or log size than its block"
        }
        return nil
    }

    /// The index's keys of the transactions of a block that has to be read for them.
    ///
    /// - Returns: `nil` where the block says another height.
    private func readKeys(ofBlock number: UInt64, at height: UInt64) throws -> [Int64]? {
        let row = try database.first(
            "block",
            "SELECT id, header, body, checksum FROM block WHERE number = ?",
            [Int64(clamping: number)]
        )
        guard let block = try row?.block(), block.header.height.value == height else { return nil }
        return try block.transactions.map { bytes in
            do {
                return Checksum.prefix(try Transaction.id(of: bytes).digest)
            } catch {
                throw StorageError.damaged(table: "block", key: "height \(height)", reason: "\(error)")
            }
        }
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
