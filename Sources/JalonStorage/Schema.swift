import GRDB

/// The tables, and the way from each version to the next.
///
/// The header and body of a block are the truth, stored once; its encoding is `0x82 ‖ header ‖ body`. Certificates,
/// votes and proposals are the journal of consensus. `state`, `recent_transactions`, `transaction_place`,
/// `commitment_block` and the log's frontier follow from the blocks. A `checksum` is the first eight bytes of the SHA-256
/// of what stands before it: it tells damage from data, and proves nothing. That of `recent_transactions` covers the ids
/// alone: the time is held against the block's. A row of `note` has its checksum in another row.
enum Schema {
    /// The version that this program writes.
    static var version: Int { migrations.count }

    /// "JALN": tells the file from any other SQLite file (bytes 68 to 71 of it).
    static let applicationID: Int64 = 0x4A41_4C4E

    private static let migrations = [version1, version2, version3, version4, version5, version6]

    /// Brings the tables up to ``version``, in the caller's transaction.
    ///
    /// - Throws: ``StorageError/newerSchema(path:found:known:)``, and what SQLite throws.
    static func migrate(_ database: Database, path: String) throws {
        let found = try check(database, path: path)
        for migration in migrations.dropFirst(found) { try database.execute(sql: migration) }
        if (1..<3).contains(found) { try database.fillCommitmentBlocks() }
        if found < version { try database.execute(sql: "PRAGMA user_version = \(version)") }
    }

    /// - Returns: The version of the tables; 0 where there are none.
    @discardableResult
    static func check(_ database: Database, path: String) throws -> Int {
        let found = Int(clamping: try database.pragma("user_version"))
        guard (0...version).contains(found) else {
            throw StorageError.newerSchema(path: path, found: found, known: version)
        }
        return found
    }

    /// Final blocks stand in `chain`, the others in `candidate`: a block's row itself is never written again.
    ///
    /// `transaction_place` is the one index with random keys, so it is cut into buckets by the place in the log: a
    /// block writes only into the newest bucket, which is a few hundred KiB, instead of one page of a large tree for
    /// every transaction. The key is the first eight bytes of the id; who looks up compares the transaction itself.
    private static let version1 = """
        PRAGMA application_id = \(applicationID);
        CREATE TABLE meta (
            name TEXT NOT NULL PRIMARY KEY,
            value ANY NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE block (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
            header BLOB NOT NULL,
            body BLOB NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE chain (
            height INTEGER PRIMARY KEY CHECK (height > 0),
            block INTEGER NOT NULL UNIQUE REFERENCES block (number),
            log_size INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX chain_by_log_size ON chain (log_size);
        CREATE TABLE candidate (
            height INTEGER NOT NULL,
            block INTEGER NOT NULL,
            PRIMARY KEY (height, block)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE finalization (
            height INTEGER PRIMARY KEY REFERENCES chain (height),
            epoch INTEGER NOT NULL,
            view INTEGER NOT NULL,
            bytes BLOB NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE certificate (
            epoch INTEGER NOT NULL,
            view INTEGER NOT NULL,
            kind INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
            block BLOB NOT NULL,
            bytes BLOB NOT NULL,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (epoch, view, kind, block)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX finalization_before_block ON certificate (block) WHERE kind = 3;
        CREATE TABLE vote (
            epoch INTEGER NOT NULL,
            view INTEGER NOT NULL,
            kind INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
            block BLOB NOT NULL,
            bytes BLOB NOT NULL,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (epoch, view, kind)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE proposal (
            epoch INTEGER NOT NULL,
            view INTEGER NOT NULL,
            block BLOB NOT NULL,
            bytes BLOB NOT NULL,
            checksum INTEGER NOT NULL,
            PRIMARY KEY (epoch, view)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE state (
            path TEXT NOT NULL PRIMARY KEY,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE transaction_place (
            bucket INTEGER NOT NULL,
            key INTEGER NOT NULL,
            place INTEGER NOT NULL,
            PRIMARY KEY (bucket, key, place)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE recent_transactions (
            log_size INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            ids BLOB NOT NULL,
            checksum INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE note (
            name TEXT NOT NULL PRIMARY KEY,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// Contradicting votes of validators: `bytes` is the pair as nodes tell it each other.
    private static let version2 = """
        CREATE TABLE evidence (
            number INTEGER PRIMARY KEY,
            epoch INTEGER NOT NULL,
            view INTEGER NOT NULL,
            signer INTEGER NOT NULL,
            bytes BLOB NOT NULL,
            checksum INTEGER NOT NULL,
            UNIQUE (signer, epoch, view)
        ) STRICT;
        """

    /// What a ledger begins with that does not hold the first blocks.
    ///
    /// The row `base` of `meta` says where it begins (see ``LedgerBase``), `base_state` is the state at the first block
    /// whose state is known, and `bare_block` holds what is known of blocks without bodies. The checksum of such a row
    /// covers all its bytes, one after the other.
    private static let version4 = """
        CREATE TABLE bare_block (
            height INTEGER PRIMARY KEY CHECK (height > 0),
            log_size INTEGER NOT NULL,
            header BLOB NOT NULL,
            leaves BLOB,
            finalization BLOB,
            checksum INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX bare_block_by_log_size ON bare_block (log_size);
        CREATE TABLE base_state (
            path TEXT NOT NULL PRIMARY KEY,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// The ids of the transactions whose bodies an archive dropped: 32 bytes each, in their order.
    ///
    /// A row of `bare_block` that has leaves has ids too, and the row `archive` of `meta` says where such rows begin (see
    /// ``ArchivedBlocks``).
    private static let version5 = "ALTER TABLE bare_block ADD COLUMN ids BLOB;"

    /// Where a ledger begins with a state of its own, `state` holds only what differs from it since.
    ///
    /// A leaf that is gone since has an empty value. Of a ledger that holds every block nothing changes.
    private static let version6 = """
        INSERT INTO state SELECT path, x'' FROM base_state AS base
            WHERE NOT EXISTS (SELECT 1 FROM state WHERE state.path = base.path);
        DELETE FROM state WHERE path IN
            (SELECT base.path FROM base_state AS base JOIN state AS now ON now.path = base.path AND now.value = base.value);
        """

    /// The blocks that may hold a step in a commitment's life; it follows from the blocks, too.
    private static let version3 = """
        CREATE TABLE commitment_block (
            commitment TEXT NOT NULL,
            height INTEGER NOT NULL,
            PRIMARY KEY (commitment, height)
        ) STRICT, WITHOUT ROWID;
        """
}
