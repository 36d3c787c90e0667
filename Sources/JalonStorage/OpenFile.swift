// The system calls, whichever C library they come from.
import Foundation

/// A system call on a file that failed.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried, for example "open".
    package let operation: String
    package let path: String
    /// The value of `errno`.
    package let code: Int32

    /// Takes the code of the call that failed just now.
    init(_ operation: String, path: String) {
        self.init(operation, path: path, code: errno)
    }

    init(_ operation: String, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    package var description: String {
        "\(operation) \(path): \(String(cString: strerror(code)))"
    }

    var isNotFound: Bool { code == ENOENT }
    var exists: Bool { code == EEXIST }
    /// A last component that is a symbolic link, under `O_NOFOLLOW`.
    var isSymbolicLink: Bool { code == ELOOP }
    var wouldBlock: Bool { code == EWOULDBLOCK }
    var isFull: Bool { code == ENOSPC || code == EDQUOT }
}

/// What the file system says about a path.
struct FileStatus {
    enum Kind { case folder, regular, symbolicLink, other }

    let kind: Kind
    /// The permission bits, 12 of them.
    let mode: UInt32
    let owner: UInt32
    let byteCount: UInt64
    /// Tells file systems apart.
    let device: UInt64

    private init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFDIR: kind = .folder
        case S_IFREG: kind = .regular
        case S_IFLNK: kind = .symbolicLink
        default: kind = .other
        }
        mode = UInt32(status.st_mode) & 0o7777
        owner = UInt32(status.st_uid)
        byteCount = UInt64(clamping: status.st_size)
        device = UInt64(status.st_dev)
    }

    /// Of the path itself, not of what a symbolic link points to.
    ///
    /// - Throws: ``SystemError``, also where there is nothing.
    init(of path: String) throws(SystemError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw SystemError("lstat", path: path) }
        self.init(status)
    }

    init(of file: OpenFile) throws(SystemError) {
        var status = stat()
        guard fstat(file.descriptor, &status) == 0 else { throw SystemError("fstat", path: file.path) }
        self.init(status)
    }

    /// Whether the process' user owns it.
    var isOwn: Bool { owner == UInt32(geteuid()) }

    /// The permission bits as `chmod` takes them, for example "0640".
    var octalMode: String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

/// An open file, closed with the last reference to it.
///
/// All system calls of this module stand here.
final class OpenFile: Sendable {
    enum Purpose {
        case reading
        /// Created if it is not there, mode 0600; symbolic links are refused.
        case updating
        /// Created; it is an error if anything stands there already, a dangling symbolic link included.
        case creating
    }

    enum Sharing { case shared, exclusive }

    let path: String
    let descriptor: Int32

    init(_ path: String, for purpose: Purpose) throws(SystemError) {
        let flags =
            switch purpose {
            case .reading: O_RDONLY
            case .updating: O_RDWR | O_CREAT | O_NOFOLLOW
            case .creating: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
            }
        // Not blocking, so that a named pipe put in a file's place can't hold the process up.
        descriptor = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw SystemError("open", path: path) }
        self.path = path
    }

    deinit { close(descriptor) }

    /// The first `limit` bytes from an offset on, or fewer where the file ends before.
    func read(limit: Int, from offset: Int = 0) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: min(limit, 1 << 16))
        while bytes.count < limit {
            let count = pread(
                descriptor,
                &buffer,
                min(buffer.count, limit - bytes.count),
                off_t(offset + bytes.count)
            )
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError("read", path: path)
            }
            if count == 0 { break }
            bytes.append(contentsOf: buffer.prefix(count))
        }
        return bytes
    }

    /// Makes `bytes` the whole content.
    func replace(with bytes: [UInt8]) throws(SystemError) {
        guard ftruncate(descriptor, 0) == 0 else { throw SystemError("truncate", path: path) }
        try write(bytes, at: 0)
    }

    /// Writes bytes from an offset on.
    func write(_ bytes: [UInt8], at offset: Int) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset + written))
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemError("write", path: path)
            }
            written += count
        }
    }

    /// Returns when content and size are on durable media.
    func synchronize() throws(SystemError) {
        guard fsync(descriptor) == 0 else { throw SystemError("fsync", path: path) }
    }

    func setMode(_ mode: UInt32) throws(SystemError) {
        guard fchmod(descriptor, mode_t(mode)) == 0 else { throw SystemError("chmod", path: path) }
    }

    /// Takes the advisory lock without waiting; it lasts until the file is closed.
    ///
    /// - Returns: Whether it was free.
    func lock(_ sharing: Sharing) throws(SystemError) -> Bool {
        let operation = sharing == .shared ? LOCK_SH : LOCK_EX
        while flock(descriptor, operation | LOCK_NB) != 0 {
            let error = SystemError("flock", path: path)
            if error.wouldBlock { return false }
            if error.code != EINTR { throw error }
        }
        return true
    }

    // MARK: - Paths

    /// Makes the entries of a folder durable: a new file survives a power cut only after this.
    static func synchronizeFolder(_ path: String) throws(SystemError) {
        try OpenFile(path, for: .reading).synchronize()
    }

    /// Makes a folder of mode 0700.
    static func createFolder(_ path: String) throws(SystemError) {
        guard mkdir(path, 0o700) == 0 else { throw SystemError("mkdir", path: path) }
    }

    static func remove(_ path: String) {
        _ = unlink(path)
    }

    /// Removes a folder that holds nothing.
    static func removeFolder(_ path: String) {
        _ = rmdir(path)
    }

    /// Whether anything stands at a path, a dangling symbolic link too.
    static func isThere(_ path: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            _ = try FileStatus(of: path)
        } catch {
            guard error.isNotFound else { throw error }
            return false
        }
        return true
    }

    /// Gives a file another name in the same file system, in one step; what stood there is gone.
    static func move(_ path: String, to other: String) throws(SystemError) {
        guard rename(path, other) == 0 else { throw SystemError("rename", path: path) }
    }

    /// Gives a file another name in the same folder, where nothing may stand.
    static func moveWithoutReplacing(_ path: String, to other: String) throws(SystemError) {
        if link(path, other) == 0 { return remove(path) }
        let error = SystemError("link", path: other)
        // Some file systems, those of memory sticks, know no links.
        guard [EPERM, EOPNOTSUPP, EMLINK].contains(error.code) else { throw error }
        if try isThere(other) { throw SystemError("rename", path: other, code: EEXIST) }
        try move(path, to: other)
    }

    /// The bytes that an ordinary user may still write to the file system of `path`.
    static func availableByteCount(at path: String) throws(SystemError) -> UInt64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw SystemError("statvfs", path: path) }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(
            by: UInt64(status.f_frsize)
        )
        return overflow ? .max : bytes
    }

    static var processID: Int32 { getpid() }

    /// The time as part of a file's name, for example `2026-11-27T001205Z`.
    static var timeName: String {
        var (now, parts) = (time(nil), tm())
        gmtime_r(&now, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let count = strftime(&buffer, buffer.count, "%Y-%m-%dT%H%M%SZ", &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Holds the thread up.
    static func rest(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return }
        usleep(UInt32(clamping: seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
    }

    /// The folder that holds `path`.
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
