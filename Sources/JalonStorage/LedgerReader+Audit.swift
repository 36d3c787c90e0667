import GRDB
import JalonCodec
import JalonCrypto
import JalonModel

extension LedgerReader {
    /// Looks for damage outside the blocks' own bytes: SQLite's structure, columns that repeat what a block says, the
    /// journal's rows and the index of transactions.
    ///
    /// What the blocks themselves say is the caller's to check; here each row is only held against its block.
    ///
    /// - Returns: The first problem in words, or `nil`.
    /// - Throws: ``StorageError``, also for a row that can't be read at all.
    /// - Complexity: Reads the whole file, and hashes every transaction.
    package func auditProblem() throws(StorageError) -> String? {
        try read { database in
            if let problem = try database.structureProblem() { return problem }
            if let problem = try database.journalProblem() { return problem }
            var audit = IndexAudit(database: database)
            return try audit.problem()
        }
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

    init(database: Database) {
        self.database = database
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
            SELECT block.id, header, body, block.checksum, height, log_size
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
                found = try take(id)
                if found != nil { return false }
            }
            return true
        }
        return found
    }

    /// Takes the id of the next transaction of the log.
    private mutating func take(_ id: TransactionID) throws -> String? {
        if logSize / RecordWriter.bucketSize != bucket {
            if let problem = try bucketProblem() { return problem }
            (bucket, expected) = (logSize / RecordWriter.bucketSize, [])
        }
        let place = Int64(logSize % RecordWriter.bucketSize)
        expected.append(Entry(key: Checksum.prefix(id.digest), place: place))
        logSize += 1
        return nil
    }

    private mutating func problem(of row: StoredRow) throws -> String? {
        let block = try row.block()
        let height = try row.count(4)
        for bytes in block.transactions {
            let id: TransactionID
            do {
                id = try Transaction.id(of: bytes)
            } catch {
                throw StorageError.damaged(table: "block", key: "height \(height)", reason: "\(error)")
            }
            if let problem = try take(id) { return problem }
        }
        guard try row.count(5) == logSize, block.header.height.value == height else {
            return "the row \(height) of the table chain names another height or log size than its block"
        }
        return nil
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
