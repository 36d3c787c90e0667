import Foundation
import GRDB
import JalonModel

// The leaves of the state. A ledger that holds every block has all of them in `state`. One that begins later keeps the
// state that it begins with in `base_state`, which nothing here can make anew and so is never written again; `state` then
// holds only what differs from it. A leaf that is gone since is a row with an empty value, which no leaf has.
extension Database {
    /// The version from which on `state` holds no more than the differences, where the ledger begins later.
    private static let differenceVersion = 6

    /// Whether `state` lies over `base_state`.
    func hasStateBelow() throws -> Bool {
        try pragma("user_version") >= Database.differenceVersion && base() != nil
    }

    /// The rows of path and value of the state after the last final block, in no order, as a query.
    private func currentState() throws -> String {
        try hasStateBelow() ? Database.currentState() : "SELECT path, value FROM state"
    }

    /// The same of a ledger that begins later; `schema` is the name of its file, followed by a point.
    static func currentState(in schema: String = "") -> String {
        """
        SELECT path, value FROM \(schema)state WHERE value <> x'' UNION ALL SELECT path, value \
        FROM \(schema)base_state AS base WHERE NOT EXISTS \
        (SELECT 1 FROM \(schema)state AS now WHERE now.path = base.path)
        """
    }

    /// Hands over the leaves after the last final block, ascending by path, until `body` says `false`.
    func eachLeaf(_ body: (LeafChange) throws -> Bool) throws {
        try each("state", "\(currentState()) ORDER BY path") { row in
            try body(LeafChange(path: row.text(0), value: row.bytes(1)))
        }
    }

    /// Hands over the leaves that the ledger begins with, ascending by path, until `body` says `false`.
    func eachBaseLeaf(_ body: (LeafChange) throws -> Bool) throws {
        try each("base_state", "SELECT path, value FROM base_state ORDER BY path") { row in
            try body(LeafChange(path: row.text(0), value: row.bytes(1)))
        }
    }

    /// Reads all leaves after the last final block, ascending by path, without memory of its own for each.
    func eachLeafBatch(of count: Int, _ take: (LeafBatch) -> Void) throws {
        var batch = LeafBatch()
        // The path itself stands among them, since two queries are only merged in the order of what they give.
        let leaves = "SELECT CAST(path AS BLOB), value, path FROM (\(try currentState())) ORDER BY path"
        try each("state", leaves) { row in
            try row.withBytes(0) { path in
                try row.withBytes(1) { batch.append(path: path, value: $0) }
            }
            if batch.count == count {
                take(batch)
                batch.removeAll()
            }
            return true
        }
        if batch.count > 0 { take(batch) }
    }

    /// The value of one leaf after the last final block; `nil` where there is none.
    func leaf(at path: String) throws -> [UInt8]? {
        let row = try first("state", "SELECT value FROM state WHERE path = ?", [path])
        guard try hasStateBelow() else { return try row?.bytes(0) }
        guard let row else {
            return try first("base_state", "SELECT value FROM base_state WHERE path = ?", [path])?.bytes(0)
        }
        let value = try row.bytes(0)
        return value.isEmpty ? nil : value
    }

    /// How many leaves there are after the last final block.
    func leafCount() throws -> UInt64 {
        try first("state", "SELECT count(*) FROM (\(currentState()))")?.count(0) ?? 0
    }

    /// Stores what a block changed.
    func write(changes: [LeafChange]) throws {
        for change in changes {
            if let value = change.value {
                try run(
                    "INSERT INTO state VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET value = excluded.value",
                    [change.path, Data(value)]
                )
            } else {
                try run("DELETE FROM state WHERE path = ?", [change.path])
                // Where the ledger began with it.
                try run("INSERT INTO state SELECT path, x'' FROM base_state WHERE path = ?", [change.path])
            }
        }
    }

    /// Stores all leaves anew.
    func replaceState(by leaves: [LeafChange]) throws {
        try run("DELETE FROM state", [])
        for leaf in leaves {
            try run(
                """
                INSERT INTO state SELECT ?1, ?2
                    WHERE NOT EXISTS (SELECT 1 FROM base_state WHERE path = ?1 AND value = ?2)
                """,
                [leaf.path, Data(leaf.value ?? [])]
            )
        }
        guard try hasStateBelow() else { return }
        let paths = Set(leaves.map(\.path))
        var gone: [String] = []
        try eachBaseLeaf { leaf in
            if !paths.contains(leaf.path) { gone.append(leaf.path) }
            return true
        }
        for path in gone { try run("INSERT INTO state (path, value) VALUES (?, x'')", [path]) }
    }
}
