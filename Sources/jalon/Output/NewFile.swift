import Foundation

/// Files that commands make: nothing is ever overwritten.
enum NewFile {
    /// Writes a new file.
    ///
    /// - Returns: The path.
    @discardableResult
    static func write(_ bytes: [UInt8], to path: String) throws -> String {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        } catch {
            throw Failure.usage(
                "\(path) can't be written, or is there already",
                next: "Give another name with --out."
            )
        }
        return path
    }

    /// The bytes of a file of at most `limit` bytes.
    static func read(_ path: String, limit: Int) throws -> [UInt8] {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw Failure.usage("\(path) can't be read")
        }
        defer { try? handle.close() }
        let bytes = try Array(handle.read(upToCount: limit + 1) ?? Data())
        guard bytes.count <= limit else { throw Failure.usage("\(path) has more than \(limit) bytes") }
        return bytes
    }
}
