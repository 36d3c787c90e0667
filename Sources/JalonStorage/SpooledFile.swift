import Foundation

/// A file that is read by whoever holds this, and gone with the last of them: it has no name any more.
package final class SpooledFile: Sendable {
    package let byteCount: Int
    private let file: OpenFile

    /// Opens a file and takes its name away.
    ///
    /// - Throws: ``StorageError/system(_:)``.
    package init(taking path: String) throws(StorageError) {
        do throws(SystemError) {
            file = try OpenFile(path, for: .reading)
            byteCount = Int(clamping: try FileStatus(of: file).byteCount)
        } catch { throw .system(error) }
        OpenFile.remove(path)
    }

    /// Removes what attempts left that did not come to an end, those of other processes too, which were killed.
    package static func discard(_ path: String) {
        OpenFile.remove(path)
        let folder = OpenFile.parent(of: path)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            let left = "\(folder)/\(name)"
            if left.hasPrefix("\(path)\(NewFile.partSuffix)") { OpenFile.remove(left) }
        }
    }

    /// At most so many bytes from a place on; none at the end.
    package func read(from offset: Int, limit: Int) throws(StorageError) -> [UInt8] {
        do throws(SystemError) { return try file.read(limit: limit, from: offset) } catch {
            throw .system(error)
        }
    }
}
