/// The folder of one node, held by one process.
///
/// It has mode 0700 and is no symbolic link. The lock on its file `lock` lasts as long as this object, so at most for
/// the life of the process, however that ends; the file names the process by its id.
package final class DataFolder: Sendable {
    /// The path as given, without a slash at its end.
    package let path: String
    private let lock: OpenFile

    /// Opens a folder that is there.
    package convenience init(opening path: String) throws(DataFolderError) {
        try self.init(path, mayCreate: false)
    }

    /// Opens a folder, making it if there is nothing at `path`.
    package convenience init(creating path: String) throws(DataFolderError) {
        try self.init(path, mayCreate: true)
    }

    private init(_ path: String, mayCreate: Bool) throws(DataFolderError) {
        let path = DataFolder.trimmed(path)
        do {
            if mayCreate { try DataFolder.create(path) }
            try DataFolder.check(path)
            lock = try DataFolder.lock(folder: path)
            self.path = path
        } catch let error as SystemError {
            throw .system(error)
        } catch let error as DataFolderError {
            throw error
        } catch {
            preconditionFailure("nothing else is thrown in here")
        }
    }

    /// Bytes that have to be free for a node to vote.
    package static let votingByteCount: UInt64 = 64 << 20

    /// Bytes that have to be free for a node to write anything.
    package static let writingByteCount: UInt64 = 16 << 20

    /// The path of a file in the folder.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Bytes that may still be written to the folder's file system.
    package func availableByteCount() throws(SystemError) -> UInt64 {
        try OpenFile.availableByteCount(at: path)
    }

    /// A path without slashes at its end: with one, a symbolic link would look like the folder that it points to.
    static func trimmed(_ path: String) -> String {
        var path = path[...]
        while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
        return String(path)
    }

    static func lockFile(in folder: String) -> String { "\(folder)/lock" }

    private static func create(_ path: String) throws(SystemError) {
        do throws(SystemError) {
            try OpenFile.createFolder(path)
        } catch {
            guard error.exists else { throw error }
            return
        }
        try OpenFile.synchronizeFolder(OpenFile.parent(of: path))
    }

    private static func check(_ path: String) throws {
        let status: FileStatus
        do throws(SystemError) {
            status = try FileStatus(of: path)
        } catch {
            throw error.isNotFound ? DataFolderError.notFound(path: path) : .system(error)
        }
        switch status.kind {
        case .folder: break
        case .symbolicLink: throw DataFolderError.symbolicLink(path: path)
        case .regular, .other: throw DataFolderError.notAFolder(path: path)
        }
        guard status.isOwn else { throw DataFolderError.otherOwner(path: path, owner: status.owner) }
        guard status.mode & 0o077 == 0 else {
            throw DataFolderError.openToOthers(path: path, mode: status.octalMode)
        }
    }

    private static func lock(folder: String) throws -> OpenFile {
        let path = lockFile(in: folder)
        let file: OpenFile
        do throws(SystemError) {
            file = try OpenFile(path, for: .updating)
        } catch {
            throw error.isSymbolicLink ? DataFolderError.symbolicLink(path: path) : .system(error)
        }
        guard try file.lock(.exclusive) else {
            // A reader (`verify`) shares the lock and writes no id, so what stands in the file would be an old one.
            let isRead = try OpenFile(path, for: .reading).lock(.shared)
            if isRead { throw DataFolderError.beingRead(path: folder) }
            let text = String(decoding: try file.read(limit: 16), as: UTF8.self)
            throw DataFolderError.inUse(path: folder, process: Int32(text.prefix { $0.isNumber }))
        }
        try file.replace(with: Array("\(OpenFile.processID)\n".utf8))
        return file
    }
}

/// Why a node's folder can't be used.
package enum DataFolderError: Error, Hashable, Sendable {
    case notFound(path: String)
    case notAFolder(path: String)
    case symbolicLink(path: String)
    /// The folder belongs to the user of this number.
    case otherOwner(path: String, owner: UInt32)
    /// Others than the owner may read or write it. `mode` is octal.
    case openToOthers(path: String, mode: String)
    /// Another process runs on it; its id where the lock file names one.
    case inUse(path: String, process: Int32?)
    /// Another process verifies it, and that needs it to stand still.
    case beingRead(path: String)
    case system(SystemError)
}

extension DataFolderError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notFound(let path):
            "there is no folder \(path): make one with 'jalon join'"
        case .notAFolder(let path):
            "\(path) is not a folder"
        case .symbolicLink(let path):
            "\(path) is a symbolic link, which could lead a second process to the same data: give the folder itself"
        case .otherOwner(let path, let owner):
            "\(path) belongs to the user number \(owner): run as that user, or chown -R it to this one"
        case .openToOthers(let path, let mode):
            "\(path) has mode \(mode), so that others may get in: run chmod 700 \(path)"
        case .inUse(let path, let process):
            "another process\(process.map { " (pid \($0))" } ?? "") uses \(path): one folder, one process"
        case .beingRead(let path):
            "another process verifies \(path): start again when it is done"
        case .system(let error):
            error.description
        }
    }
}
