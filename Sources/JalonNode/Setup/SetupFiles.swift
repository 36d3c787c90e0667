import Foundation

/// Files and folders that a setup makes: always new, never overwritten.
enum SetupFiles {
    /// Makes a folder that only its owner may enter, and those above it; one that is there stays as it is.
    static func makeFolder(_ path: String) throws(SetupError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw .file(path: path, reason: "the folder can't be made: \(error.localizedDescription)")
        }
    }

    /// Refuses a path where anything stands.
    static func requireAbsent(_ path: String) throws(SetupError) {
        guard (try? FileManager.default.attributesOfItem(atPath: path)) == nil else {
            throw .exists(path: path)
        }
    }

    /// Writes a new file.
    static func write(_ bytes: some Sequence<UInt8>, to path: String) throws(SetupError) {
        try requireAbsent(path)
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        } catch {
            throw .file(path: path, reason: "can't be written: \(error.localizedDescription)")
        }
    }

    /// The path from the root, so that a file can name it from anywhere.
    static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    /// Reads a file of at most `limit` bytes.
    static func read(_ path: String, limit: Int) throws(SetupError) -> [UInt8] {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            let isAbsent = (error as? CocoaError)?.code == .fileReadNoSuchFile
            throw .file(path: path, reason: isAbsent ? "there is no such file" : error.localizedDescription)
        }
        guard data.count <= limit else { throw .file(path: path, reason: "more than \(limit) bytes") }
        return Array(data)
    }
}
