/// A file that is written from its start to its end, and has its name only once it is whole and durable.
///
/// What was written of one that is not finished is removed with it.
package final class NewFile {
    private let path: String
    private let file: OpenFile
    private let mayReplace: Bool
    private var byteCount = 0
    private var buffer: [UInt8] = []

    private static let bufferByteCount = 1 << 20
    /// What stands between the later name and the process's id while a file is written.
    static let partSuffix = ".part-"

    /// Makes the file, mode 0600, under a name of its own beside its later one.
    ///
    /// - Throws: ``StorageError/fileExists(path:)`` where something stands under the later name, unless that may be
    ///   replaced.
    package init(_ path: String, mayReplace: Bool = false) throws(StorageError) {
        self.mayReplace = mayReplace
        if !mayReplace, (try? FileStatus(of: path)) != nil { throw .fileExists(path: path) }
        let temporary = "\(path)\(NewFile.partSuffix)\(OpenFile.processID)"
        // Left by a process of the same id that was killed.
        OpenFile.remove(temporary)
        do throws(SystemError) { file = try OpenFile(temporary, for: .creating) } catch {
            throw .system(error)
        }
        self.path = path
    }

    /// Bytes of what stands at a path; `nil` where nothing does.
    package static func byteCount(at path: String) throws(StorageError) -> UInt64? {
        do throws(SystemError) {
            return try OpenFile.isThere(path) ? FileStatus(of: path).byteCount : nil
        } catch { throw .system(error) }
    }

    deinit { OpenFile.remove(file.path) }

    /// Adds bytes at the end; they are written in pieces.
    ///
    /// - Throws: ``StorageError/diskFull(path:)`` and ``StorageError/system(_:)``.
    package func append(_ bytes: [UInt8]) throws(StorageError) {
        buffer += bytes
        if buffer.count >= NewFile.bufferByteCount { try flush() }
    }

    /// Makes the file durable and gives it its name.
    ///
    /// - Returns: Its bytes.
    package func finish() throws(StorageError) -> UInt64 {
        try flush()
        do throws(SystemError) {
            try file.synchronize()
            if mayReplace {
                try OpenFile.move(file.path, to: path)
            } else {
                try OpenFile.moveWithoutReplacing(file.path, to: path)
            }
            try OpenFile.synchronizeFolder(OpenFile.parent(of: path))
        } catch {
            throw error.exists ? .fileExists(path: path) : .system(error)
        }
        return UInt64(byteCount)
    }

    private func flush() throws(StorageError) {
        do throws(SystemError) { try file.write(buffer, at: byteCount) } catch {
            throw error.isFull ? .diskFull(path: path) : .system(error)
        }
        byteCount += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }
}
