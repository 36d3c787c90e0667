import Foundation
import GRDB
import JalonCodec
import JalonCrypto
package import JalonModel

/// Makes a copy of a ledger that leaves out the bodies of its first blocks and keeps what proves them.
///
/// The copy is a new file, so that the space is really given back, and so that nothing happens to the ledger before it has
/// taken its place (see ``LedgerReplacement``). The journal and the own votes go along: whoever starts on it goes on as
/// on the one before.
package struct LedgerArchive: Hashable, Sendable {
    /// The last block to lose its body.
    package let last: Height
    /// The block whose state the copy begins with.
    package let stateHeight: Height

    package init(last: Height, stateHeight: Height) {
        (self.last, self.stateHeight) = (last, stateHeight)
    }

    /// Tables that are copied as they are, in an order in which no row refers to one that comes later.
    static let copiedTables = [
        "candidate", "certificate", "vote", "proposal", "transaction_place", "note", "evidence",
        "commitment_block",
    ]

    /// Tables of which a part goes along, or that are made anew.
    static let otherTables = [
        "meta", "block", "chain", "finalization", "recent_transactions", "bare_block", "base_state", "state",
    ]

    /// Makes the copy.
    ///
    /// - Parameters:
    ///   - whole: The ledger, which nothing is written to meanwhile.
    ///   - folder: A new folder for the copy.
    ///   - leaves: The state after the block at ``stateHeight``; `nil` where the ledger begins with it already.
    ///   - progress: Told after each block that loses its body, and before each table; it ends the copying by throwing.
    /// - Returns: The copy, opened.
    /// - Throws: ``StorageError``, and what `progress` throws.
    package func copy(
        _ whole: LedgerStore,
        to folder: DataFolder,
        leaves: [LeafChange]?,
        progress: (Step) throws -> Void = { _ in }
    ) throws -> LedgerStore {
        let identity = whole.identity
        try LedgerStore.create(in: folder, genesis: whole.reader.genesis(), identity: identity).close()
        var thrown: (any Error)?
        do {
            let queue = try DatabaseQueue(
                path: LedgerFile.path(in: folder.path),
                configuration: LedgerArchive.configuration
            )
            try queue.writeWithoutTransaction { database in
                // Nobody reads the file before it is whole, and it is synchronized then.
                try database.execute(
                    sql:
                        "PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"
                )
                try database.execute(
                    sql: "ATTACH ? AS whole",
                    arguments: [LedgerFile.path(in: whole.folder.path)]
                )
                try database.inTransaction {
                    do { try fill(database, leaves, progress) } catch {
                        thrown = error
                        throw error
                    }
                    return .commit
                }
                try database.execute(sql: "DETACH whole")
            }
            try queue.close()
        } catch {
            throw thrown ?? StorageError(error, path: folder.path, isWrite: true)
        }
        return try LedgerStore.open(in: folder, expecting: identity)
    }

    /// What is being copied.
    package enum Step: Hashable, Sendable {
        case block(Height, of: Height)
        case table(String)
    }

    private static var configuration: Configuration {
        var configuration = LedgerFile.configuration()
        configuration.maximumReaderCount = 1
        return configuration
    }

    // MARK: - Parts

    private func fill(
        _ database: Database,
        _ leaves: [LeafChange]?,
        _ progress: (Step) throws -> Void
    ) throws {
        try progress(.table("bare_block"))
        let (archived, base) = try fillBareBlocks(database, progress)
        try progress(.table("block"))
        try fillBlocks(database)
        for table in LedgerArchive.copiedTables {
            try progress(.table(table))
            try database.run("INSERT INTO main.\(table) SELECT * FROM whole.\(table)", [])
        }
        // What no block of the window needs any more goes with the bodies.
        try database.run(
            "INSERT INTO main.recent_transactions SELECT * FROM whole.recent_transactions WHERE log_size > ?",
            [Int64(clamping: base.frontier.size)]
        )
        try progress(.table("base_state"))
        if let leaves {
            for leaf in leaves {
                try database.run(
                    "INSERT INTO main.base_state (path, value) VALUES (?, ?)",
                    [leaf.path, Data(leaf.value ?? [])]
                )
            }
        } else {
            try database.run("INSERT INTO main.base_state SELECT * FROM whole.base_state", [])
        }
        try progress(.table("state"))
        try fillState(database)
        try progress(.table("meta"))
        try database.run("INSERT OR REPLACE INTO main.meta SELECT * FROM whole.meta", [])
        try database.run(
            "INSERT OR REPLACE INTO main.meta (name, value) VALUES (?, ?), (?, ?)",
            [LedgerBase.name, Data(base.encoded), ArchivedBlocks.name, Data(archived.encoded)]
        )
    }

    /// Writes in what the state differs from the one that the copy begins with.
    private func fillState(_ database: Database) throws {
        // Of a ledger that holds every block, this is its table `state` alone.
        let current = Database.currentState(in: "whole.")
        try database.run(
            """
            INSERT INTO main.state SELECT path, value FROM (\(current) ORDER BY path) AS leaf WHERE NOT EXISTS
                (SELECT 1 FROM main.base_state AS base WHERE base.path = leaf.path AND base.value = leaf.value)
            """,
            []
        )
        try database.run(
            """
            INSERT INTO main.state SELECT path, x'' FROM main.base_state AS base WHERE path NOT IN
                (SELECT path FROM (\(current)))
            """,
            []
        )
    }

    /// Writes the blocks up to ``last`` without their bodies, and those that had lost them before.
    private func fillBareBlocks(
        _ database: Database,
        _ progress: (Step) throws -> Void
    ) throws -> (ArchivedBlocks, LedgerBase) {
        let before = try LedgerArchive.beginning(database)
        try database.run("INSERT INTO main.bare_block SELECT * FROM whole.bare_block", [])
        var (frontier, next) = (before.frontier, before.height.next)
        let blocks = """
            SELECT block.id, header, body, block.checksum, finalization.bytes, finalization.checksum, chain.height
                FROM whole.chain JOIN whole.block ON block.number = chain.block
                LEFT JOIN whole.finalization ON finalization.height = chain.height
                WHERE chain.height <= ? ORDER BY chain.height
            """
        try database.each("block", blocks, [last.stored]) { row in
            let block = try row.block()
            let key = "height \(next)"
            let finalization = try row.isNull(4) ? nil : row.checkedBytes(4, key: key)
            let leaves = block.transactions.map { LeafHash(of: $0) }
            frontier.append(contentsOf: leaves)
            guard block.header.height == next, frontier.size == block.header.logSize,
                frontier.root == block.header.logRoot
            else {
                throw StorageError.damaged(
                    table: "block",
                    key: key,
                    reason: "it does not make its log root"
                )
            }
            let ids = try block.transactions.enumerated().map { position, bytes in
                try row.transactionID(of: bytes, position: position, height: next)
            }
            try database.write(
                bare: BareBlock(
                    header: block.header,
                    leaves: leaves.flatMap(\.bytes),
                    ids: ids.flatMap(\.bytes),
                    finalization: finalization
                )
            )
            try progress(.block(next, of: last))
            next = next.next
            return true
        }
        guard next == last.next else {
            throw StorageError.damaged(table: "chain", key: "height \(next)", reason: "missing")
        }
        return (
            ArchivedBlocks(first: before.first, last: last, frontier: before.archiveFrontier),
            LedgerBase(height: last, stateHeight: stateHeight, frontier: frontier)
        )
    }

    private func fillBlocks(_ database: Database) throws {
        let kept = "(SELECT block FROM whole.chain WHERE height <= ?)"
        for (table, condition) in [
            ("block", "number NOT IN \(kept)"), ("chain", "height > ?"), ("finalization", "height > ?"),
        ] {
            try database.run(
                "INSERT INTO main.\(table) SELECT * FROM whole.\(table) WHERE \(condition)",
                [last.stored]
            )
        }
    }

    /// Where a ledger begins before it is archived.
    private struct Beginning {
        /// The last block whose body is not held.
        let height: Height
        let frontier: MerkleFrontier
        /// The first block whose leaves are known without its body, or will be, and the log before it.
        let first: Height
        let archiveFrontier: MerkleFrontier
    }

    private static func beginning(_ database: Database) throws -> Beginning {
        // The new file says nothing of it yet, so that what is read for a moment is the other's.
        try database.run(
            "INSERT INTO main.meta SELECT * FROM whole.meta WHERE name IN (?, ?)",
            [LedgerBase.name, ArchivedBlocks.name]
        )
        let base = try database.base()
        let archived = try database.archived()
        let (height, frontier) = (base?.height ?? Height(0), base?.frontier ?? MerkleFrontier())
        return Beginning(
            height: height,
            frontier: frontier,
            first: archived?.first ?? height.next,
            archiveFrontier: archived?.frontier ?? frontier
        )
    }
}
