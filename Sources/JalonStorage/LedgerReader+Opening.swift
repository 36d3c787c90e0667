import GRDB
import JalonModel

extension LedgerReader {
    /// Opens a ledger to read it, as `verify` does: beside a running node, of a node that stands still, or a copy.
    ///
    /// Nothing is written for a ledger that stands still, so a copy on a read-only medium will do; a node can't start on
    /// it until the reader is gone. Beside a running node SQLite's own locks are used. A copy must be made while the
    /// node stands still, or have the write-ahead log with it; one with such a log has to lie where SQLite may write its
    /// index of it.
    ///
    /// - Throws: ``StorageError``.
    package static func open(readOnly folder: String) throws(StorageError) -> LedgerReader {
        let folder = DataFolder.trimmed(folder)
        let path = LedgerFile.path(in: folder)
        do {
            try LedgerFile.check(in: folder)
            let lock = try sharedLock(in: folder)
            let isStill = lock.isFree && !hasLog(folder)
            let source = isStill ? immutable(path) : path
            let connect: @Sendable () throws -> any DatabaseReader = {
                try DatabaseQueue(path: source, configuration: LedgerFile.configuration(readOnly: true))
            }
            let first = try connect()
            let identity = try first.read { try LedgerFile.identity($0, folder: folder) }
            return LedgerReader(
                first,
                identity: identity,
                folder: folder,
                lock: lock.file,
                connect: connect
            )
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN {
            throw .readFailed(
                path: path,
                reason:
                    "\(error). A copy that has a write-ahead log must lie in a folder that can be written to"
            )
        } catch {
            throw StorageError(error, path: path)
        }
    }

    /// Keeps a node from starting meanwhile; a copy without a lock file has none to keep.
    private static func sharedLock(in folder: String) throws(SystemError) -> (file: OpenFile?, isFree: Bool) {
        guard let file = try? OpenFile(DataFolder.lockFile(in: folder), for: .reading) else {
            return (nil, true)
        }
        return try file.lock(.shared) ? (file, true) : (nil, false)
    }

    private static func hasLog(_ folder: String) -> Bool {
        guard let status = try? FileStatus(of: LedgerFile.writeAheadLog(in: folder)) else { return false }
        return status.byteCount > 0
    }

    /// A path in the form in which SQLite takes options (RFC 3986 escapes).
    private static func immutable(_ path: String) -> String {
        let plain = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-._~".utf8)
        let digits = Array("0123456789ABCDEF".utf8)
        let escaped = path.utf8.flatMap { byte in
            plain.contains(byte)
                ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return "file:" + String(decoding: escaped, as: UTF8.self) + "?immutable=1"
    }
}
