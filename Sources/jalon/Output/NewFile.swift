import Foundation

/// Files that commands make: nothing is ever overwritten.
enum NewFile {
    /// Writes a new file.
    ///
    /// - Parameters:
    ///   - bytes: All that it holds.
    ///   - path: Where nothing stands yet.
    ///   - option: With which the command was told the name, or can be.
    /// - Returns: The path.
    /// - Throws: ``Failure``.
    @discardableResult
    static func write(_ bytes: [UInt8], to path: String, option: String) throws -> String {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .withoutOverwriting)
        } catch {
            throw Failure.usage(
                "\(path) can't be written, or is there already",
                next: "Give another name with \(option)."
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
