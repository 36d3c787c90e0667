import Foundation
import GRDB
package import JalonModel
import Synchronization

/// The ledger of one node on its disk: the only writer, and readers that never wait for it.
///
/// One call of ``perform(_:)`` is one SQLite transaction, in the write-ahead log and synchronized when it returns.
/// There is one store for a folder.
package struct LedgerStore: Sendable {
    /// Reads on connections of their own.
    package let reader: LedgerReader
    /// The folder, whose lock lasts as long as the store.
    package let folder: DataFolder
    private let pool: DatabasePool
    private let health = Health()

    /// Whether a write failed, and how many did not; shared, as the store is used from several tasks.
    private final class Health: Sendable {
        private let stopped = Atomic(false)
        private let writes = Atomic<UInt64>(0)
        var isStopped: Bool { stopped.load(ordering: .sequentiallyConsistent) }
        var writeCount: UInt64 { writes.load(ordering: .relaxed) }
        func stop() { stopped.store(true, ordering: .sequentiallyConsistent) }
        func countWrite() { writes.wrappingAdd(1, ordering: .relaxed) }
    }

    /// Writes since the ledger was opened, each synchronized once.
    package var writeCount: UInt64 { health.writeCount }

    /// What SQLite read back for `PRAGMA synchronous` on the writer's connection when the ledger was opened.
    package let synchronousLevel: Int64

    /// Where the ledger before lies, whose replacement was cut off and came to its end by this opening; mostly `nil`.
    package let before: String?

    /// Which ledger this is.
    package var identity: LedgerIdentity { reader.identity }

    // MARK: - Opening

    /// Makes a ledger with a genesis and no block.
    ///
    /// A creation that was cut off leaves nothing that counts, so it can be done again.
    ///
    /// `genesis` is the encoded genesis, whose SHA-256 is the chain's id.
    ///
    /// - Throws: ``StorageError/exists(path:)`` where the folder holds a ledger.
    package static func create(
        in folder: DataFolder,
        genesis: [UInt8],
        identity: LedgerIdentity
    ) throws(StorageError) -> LedgerStore {
        let path = LedgerFile.path(in: folder.path)
        do {
            try makeFile(path)
            // A rollback journal: the file gets everything in one step, before it becomes one with a write-ahead log.
            var configuration = LedgerFile.configuration()
            configuration.maximumReaderCount = 1
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.inTransaction(.exclusive) { database in
                let tables = try database.first("schema", "SELECT count(*) FROM sqlite_schema")?.integer(0)
                guard tables == 0 else { throw StorageError.exists(path: folder.path) }
                try Schema.migrate(database, path: path)
                try database.run(
                    "INSERT INTO meta (name, value) VALUES ('network', ?), ('chain', ?), ('genesis', ?)",
                    [identity.network.text, identity.chain.stored, Data(genesis)]
                )
                _ = try LedgerFile.identity(database, folder: folder.path)
                return .commit
            }
            try queue.close()
            try OpenFile.synchronizeFolder(folder.path)
        } catch {
            throw StorageError(error, path: path, isWrite: true)
        }
        return try open(in: folder, expecting: identity)
    }

    /// Opens the ledger of a folder: the one expected, or any where that is `nil`.
    ///
    /// - Throws: ``StorageError``, for example ``StorageError/noLedger(path:)``,
    ///   ``StorageError/otherLedger(path:found:expected:)`` or ``StorageError/corrupt(path:reason:)``.
    package static func open(
        in folder: DataFolder,
        expecting expected: LedgerIdentity? = nil
    ) throws(StorageError) -> LedgerStore {
        let path = LedgerFile.path(in: folder.path)
        do {
            // A replacement that was cut off is whole, and says what the one before lacks.
            let before = try LedgerReplacement.finish(in: folder)
            try LedgerFile.check(in: folder.path)
            try LedgerFile.prepare(in: folder.path)
            // Looked at before the pool, which would start to write.
            let found = try identity(of: path, folder: folder.path)
            if let expected, expected != found {
                throw StorageError.otherLedger(path: folder.path, found: found, expected: expected)
            }
            let pool = try DatabasePool(path: path, configuration: LedgerFile.configuration())
            let synchronous = try pool.writeWithoutTransaction { database in
                let synchronous = try LedgerFile.prepareWriter(database, path: path)
                try database.inTransaction(.immediate) {
                    try Schema.migrate(database, path: path)
                    return .commit
                }
                return synchronous
            }
            return LedgerStore(
                reader: LedgerReader(pool, identity: found, folder: folder.path, lock: nil),
                folder: folder,
                pool: pool,
                synchronousLevel: synchronous,
                before: before
            )
        } catch {
            throw StorageError(error, path: path)
        }
    }

    private init(
        reader: LedgerReader,
        folder: DataFolder,
        pool: DatabasePool,
        synchronousLevel: Int64,
        before: String?
    ) {
        self.reader = reader
        self.folder = folder
        self.pool = pool
        self.synchronousLevel = synchronousLevel
        self.before = before
    }

    // MARK: - Writing

    /// Makes the records of one turn durable, all of them or none.
    ///
    /// Records that are held already change nothing. Where it throws, nothing of the turn may be sent and the process
    /// has to end: the store refuses every later write.
    ///
    /// - Throws: ``StorageError``.
    package func perform(_ records: [JalonModel.Record]) throws(StorageError) {
        guard !records.isEmpty else { return }
        try write { database in
            var writer = RecordWriter(database: database, chain: identity.chain)
            for record in records { try writer.write(record) }
            try writer.finish()
        }
    }

    /// Makes everything anew that follows from the blocks, in one transaction: where each transaction stands and which are
    /// recent, out of their bytes; the state and the log's frontier, which only executing them gives.
    ///
    /// - Parameters:
    ///   - leaves: The state after the last final block; none where there is no block.
    ///   - frontier: The encoded frontier of the log.
    ///   - progress: Told after each block.
    /// - Throws: ``StorageError``; everything is as before then.
    /// - Complexity: Reads every block.
    package func rebuild(
        state leaves: [LeafChange],
        frontier: [UInt8],
        progress: (Height) -> Void = { _ in }
    ) throws(StorageError) {
        try write { database in
            let writer = RecordWriter(database: database, chain: identity.chain)
            try database.run("REINDEX", [])
            try writer.rebuildIndexes(progress: progress)
            try writer.replaceState(leaves, frontier: frontier)
        }
    }

    /// Takes out the votes and proposals of the journal, as those of another node are no own ones.
    package func dropJournal() throws(StorageError) {
        try write { database in
            try database.run("DELETE FROM vote", [])
            try database.run("DELETE FROM proposal", [])
        }
    }

    /// What SQLite finds wrong with the file and its references first; `nil` where it is whole.
    ///
    /// - Complexity: Reads the whole file.
    package func integrityProblem() throws(StorageError) -> String? {
        try reader.read { database in
            var problem: String?
            try database.each("integrity", "PRAGMA integrity_check(1)") { row in
                let text = try row.text(0)
                if text != "ok" { problem = text }
                return false
            }
            try database.each("references", "PRAGMA foreign_key_check") { row in
                if problem == nil { problem = "a row of \(try row.text(0)) refers to none" }
                return false
            }
            return problem
        }
    }

    /// Closes the file after moving the write-ahead log into it.
    ///
    /// Reads and writes fail from then on.
    package func close() throws(StorageError) {
        do {
            // GRDB closes its writer first, and what is then left can't move the log: so it is moved before. Where a
            // reader is busy that waits for the next start.
            _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            try pool.close()
        } catch {
            throw StorageError(error, path: LedgerFile.path(in: folder.path), isWrite: true)
        }
    }

    /// One transaction; after one that failed there is none.
    func write(_ body: (Database) throws -> Void) throws(StorageError) {
        let path = LedgerFile.path(in: folder.path)
        do {
            try pool.writeWithoutTransaction { database in
                guard !health.isStopped else { throw StorageError.stopped(path: path) }
                do {
                    try database.inTransaction(.immediate) {
                        try body(database)
                        return .commit
                    }
                    health.countWrite()
                } catch {
                    health.stop()
                    throw error
                }
            }
        } catch {
            throw StorageError(error, path: path, isWrite: true)
        }
    }

    // MARK: - For tests

    /// The number that `synchronous` reads back on the writer's connection.
    func synchronous() throws -> Int64 {
        try pool.writeWithoutTransaction { try $0.pragma("synchronous") }
    }

    /// Sets how many pages the file may have, so that a test can fill the disk.
    func limitPages(to count: Int) throws {
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(count)") }
    }

    /// Runs any SQL on the writer's connection, so that a test can damage a row.
    func execute(_ sql: String) throws {
        try pool.writeWithoutTransaction { try $0.execute(sql: sql) }
    }

    // MARK: - Files

    private static func makeFile(_ path: String) throws(SystemError) {
        do throws(SystemError) {
            // SQLite gives its other files the mode of this one.
            try OpenFile(path, for: .creating).setMode(0o600)
        } catch {
            guard error.exists else { throw error }
        }
    }

    private static func identity(of path: String, folder: String) throws -> LedgerIdentity {
        let queue = try DatabaseQueue(path: path, configuration: LedgerFile.configuration())
        let identity = try queue.read { try LedgerFile.identity($0, folder: folder) }
        try queue.close()
        return identity
    }
}
