import GRDB
import JalonCrypto
import JalonModel

/// The one SQLite file of a ledger: where it is, whether it looks like one, and how connections to it are set up.
enum LedgerFile {
    static let name = "ledger.sqlite"

    static func path(in folder: String) -> String { "\(folder)/\(name)" }

    static func writeAheadLog(in folder: String) -> String { "\(folder)/\(name)-wal" }

    /// The names that belong to a ledger: its own, and SQLite's beside it.
    static let names = [name, "\(name)-wal", "\(name)-shm", "\(name)-journal"]

    /// Looks whether there is a file that could be one: SQLite would make a missing one.
    ///
    /// The file itself is not opened: when a process closes a file, POSIX takes all its locks on it away, those of a
    /// store that is open in the same process too.
    ///
    /// - Throws: ``StorageError/noLedger(path:)`` or ``StorageError/corrupt(path:reason:)``.
    static func check(in folder: String) throws {
        let path = path(in: folder)
        let status: FileStatus
        do throws(SystemError) {
            status = try FileStatus(of: path)
        } catch {
            throw error.isNotFound ? StorageError.noLedger(path: folder) : .system(error)
        }
        guard status.kind == .regular else { throw StorageError.corrupt(path: path, reason: "not a file") }
        guard status.byteCount > 0 else { throw StorageError.noLedger(path: folder) }
    }

    /// Looks at the first bytes before SQLite may write, as it would into any database; and takes the file's mode
    /// back to 0600.
    ///
    /// Only for who holds the folder and has no connection to the file yet, for the reason that ``check(in:)`` gives.
    static func prepare(in folder: String) throws {
        let path = path(in: folder)
        let file = try OpenFile(path, for: .reading)
        let header = try file.read(limit: 100)
        guard header.count == 100, header.starts(with: Array("SQLite format 3".utf8) + [0]) else {
            throw StorageError.corrupt(path: path, reason: "not an SQLite file")
        }
        // 0 is what a creation leaves that was cut off; SQLite rolls it back, and then there are no tables.
        let applicationID = header[68..<72].reduce(0) { $0 << 8 | Int64($1) }
        guard applicationID == Schema.applicationID || applicationID == 0 else {
            throw StorageError.corrupt(path: path, reason: foreign)
        }
        if try FileStatus(of: file).mode & 0o077 != 0 { try file.setMode(0o600) }
    }

    private static let foreign = "an SQLite file, but not a ledger's"

    /// Settings of every connection.
    static func configuration(readOnly: Bool = false) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = readOnly
        configuration.foreignKeysEnabled = true
        configuration.label = "ledger"
        // Somebody may look in with sqlite3: wait for their lock instead of stopping the node.
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 8
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    /// Settings of the writer, which GRDB's pool overrides while it opens: so they come after, and are read back.
    ///
    /// - Returns: The level of `synchronous` that was read back: 2, FULL.
    static func prepareWriter(_ database: Database, path: String) throws -> Int64 {
        try database.execute(
            sql: """
                PRAGMA synchronous = FULL;
                PRAGMA fullfsync = ON;
                PRAGMA checkpoint_fullfsync = ON;
                PRAGMA secure_delete = OFF;
                PRAGMA cache_size = -64000;
                PRAGMA wal_autocheckpoint = 4000;
                PRAGMA journal_size_limit = 67108864;
                """
        )
        let synchronous = try database.pragma("synchronous")
        guard synchronous == 2, try database.pragma("foreign_keys") == 1 else {
            throw StorageError.notDurable(path: path, synchronous: synchronous)
        }
        return synchronous
    }

    /// Reads which ledger this is, and checks that the genesis is the one that its chain is named after.
    static func identity(_ database: Database, folder: String) throws -> LedgerIdentity {
        guard try Schema.check(database, path: path(in: folder)) > 0 else {
            throw StorageError.noLedger(path: folder)
        }
        guard try database.pragma("application_id") == Schema.applicationID else {
            throw StorageError.corrupt(path: path(in: folder), reason: foreign)
        }
        func value(_ name: String) throws -> StoredRow {
            guard let row = try database.first("meta", "SELECT value FROM meta WHERE name = ?", [name]) else {
                throw StorageError.damaged(table: "meta", key: name, reason: "missing")
            }
            return row
        }
        guard let network = NetworkID(try value("network").text(0)) else {
            throw StorageError.damaged(table: "meta", key: "network", reason: "not \(NetworkID.form)")
        }
        let chain = ChainID(SHA256.hash(try value("genesis").bytes(0)))
        guard try value("chain").bytes(0) == chain.bytes else {
            throw StorageError.damaged(table: "meta", key: "genesis", reason: "its hash is \(chain)")
        }
        return LedgerIdentity(network: network, chain: chain)
    }
}
