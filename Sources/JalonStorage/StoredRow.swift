import Foundation
import GRDB
import GRDBSQLite
import JalonCodec
import JalonCrypto
import JalonModel

/// A row read back, by whose accessors nothing traps: a damaged file can hold any type in any column.
struct StoredRow {
    private let row: Row
    /// The statement that stands at the row; `nil` for a row that is a copy.
    ///
    /// Of the many rows that a check goes through SQLite itself is asked: a `Data` or a `DatabaseValue` made for each column
    /// costs several times as much.
    private let statement: SQLiteStatement?
    let table: String

    /// A row with a statement lasts until that is stepped on.
    fileprivate init(_ row: Row, at statement: SQLiteStatement? = nil, table: String) {
        (self.row, self.statement, self.table) = (row, statement, table)
    }

    /// A count from 0 to 2⁶³ − 1, as nothing else is stored in most columns.
    func count(_ column: Int) throws(StorageError) -> UInt64 {
        guard let count = UInt64(exactly: try integer(column)) else { throw damaged("a negative count") }
        return count
    }

    func integer(_ column: Int) throws(StorageError) -> Int64 {
        if let statement, sqlite3_column_type(statement, CInt(column)) == SQLITE_INTEGER {
            return sqlite3_column_int64(statement, CInt(column))
        }
        guard case .int64(let value) = storage(column) else {
            throw damaged("no integer in column \(column)")
        }
        return value
    }

    func text(_ column: Int) throws(StorageError) -> String {
        guard case .string(let value) = storage(column) else { throw damaged("no text in column \(column)") }
        return value
    }

    func bytes(_ column: Int) throws(StorageError) -> [UInt8] {
        [UInt8](try data(column))
    }

    func data(_ column: Int) throws(StorageError) -> Data {
        guard case .blob(let value) = storage(column) else { throw damaged("no bytes in column \(column)") }
        return value
    }

    /// Hands over the bytes of a column where SQLite holds them: only for as long as `body` runs.
    func withBytes<Value>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> Value) throws -> Value {
        if let statement, sqlite3_column_type(statement, CInt(column)) == SQLITE_BLOB {
            let bytes = sqlite3_column_blob(statement, CInt(column))
            let count = sqlite3_column_bytes(statement, CInt(column))
            // SQLite gives no pointer to no bytes, and none where memory is short.
            guard bytes != nil || count == 0 else { throw DatabaseError(resultCode: .SQLITE_NOMEM) }
            return try body(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
        }
        return try data(column).withUnsafeBytes(body)
    }

    func isNull(_ column: Int) -> Bool {
        if case .null = storage(column) { true } else { false }
    }

    /// Whether the bytes of a column have the checksum that stands in the column after them.
    func holdsChecksum(_ column: Int) throws -> Bool {
        guard case .int64(let checksum) = storage(column + 1) else { return false }
        return try withBytes(column) { checksum == Checksum.of($0) }
    }

    /// Bytes whose checksum stands in the column after them.
    func checkedBytes(_ column: Int, key: String) throws(StorageError) -> [UInt8] {
        let bytes = try bytes(column)
        guard try integer(column + 1) == Checksum.of(bytes) else {
            throw .damaged(table: table, key: key, reason: "the checksum is another")
        }
        return bytes
    }

    private func storage(_ column: Int) -> DatabaseValue.Storage {
        column < row.count ? (row[column] as DatabaseValue).storage : .null
    }

    private func damaged(_ reason: String) -> StorageError {
        var key = "unknown"
        switch storage(0) {
        case .int64(let value): key = String(value)
        case .string(let value): key = value
        case .blob(let value): key = Hex.encode(value)
        case .double, .null: break
        }
        return .damaged(table: table, key: key, reason: reason)
    }
}

/// Tells damage from data.
enum Checksum {
    /// The first eight bytes of the SHA-256, as SQLite stores integers.
    static func of(_ bytes: some Sequence<UInt8>) -> Int64 { prefix(SHA256.hash(bytes)) }

    /// The first eight bytes of a digest, as SQLite stores integers.
    static func prefix(_ digest: Digest) -> Int64 {
        Int64(bitPattern: digest.prefix)
    }
}

/// Decodes what a table holds under a key.
///
/// - Throws: ``StorageError/damaged(table:key:reason:)``.
func decodeStored<Value>(
    _ bytes: [UInt8],
    table: String,
    key: String,
    _ body: (inout CBORDecoder) throws(CBORError) -> Value
) throws(StorageError) -> Value {
    do {
        return try CBORDecoder.decode(bytes[...], body)
    } catch {
        throw .damaged(table: table, key: key, reason: "\(error)")
    }
}

extension Database {
    /// Runs a statement that gives no rows; it is prepared once a connection.
    func run(_ sql: String, _ arguments: [any DatabaseValueConvertible]) throws {
        try cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments))
    }

    /// The first row, if there is one.
    func first(
        _ table: String,
        _ sql: String,
        _ arguments: [any DatabaseValueConvertible] = []
    ) throws -> StoredRow? {
        let statement = try cachedStatement(sql: sql)
        return try Row.fetchOne(statement, arguments: StatementArguments(arguments)).map {
            StoredRow($0, table: table)
        }
    }

    /// Hands each row to `body` until that says `false`; one row is in memory at a time.
    func each(
        _ table: String,
        _ sql: String,
        _ arguments: [any DatabaseValueConvertible] = [],
        _ body: (StoredRow) throws -> Bool
    ) throws {
        let statement = try cachedStatement(sql: sql)
        let rows = try Row.fetchCursor(statement, arguments: StatementArguments(arguments))
        while let row = try rows.next() {
            guard try body(StoredRow(row, at: statement.sqliteStatement, table: table)) else { return }
        }
    }

    /// The value of a pragma that gives an integer.
    func pragma(_ name: String) throws -> Int64 {
        guard let row = try Row.fetchOne(self, sql: "PRAGMA \(name)") else { return 0 }
        return try StoredRow(row, table: name).integer(0)
    }
}

extension Counter {
    /// As SQLite stores it: a counter is at most 2⁶³ − 1.
    var stored: Int64 { Int64(clamping: value) }
}

extension TypedDigest {
    /// As SQLite stores it.
    var stored: Data { Data(bytes) }
}
