package import JalonCrypto

/// Private keys in files: PKCS#8 PEM, mode 0600, never overwritten.
package enum KeyFile {
    /// Bytes of the longest file that is read.
    package static let maximumByteCount = 16 << 10

    /// Loads a key; `passphrase` is asked once, and only where the file is encrypted.
    ///
    /// - Throws: ``KeyFileError``.
    package static func load(
        at path: String,
        passphrase: () throws(KeyFileError) -> [UInt8]? = { () throws(KeyFileError) in nil }
    ) throws(KeyFileError) -> PrivateKey {
        let pem = try read(path)
        do throws(KeyError) {
            return try PrivateKey(pem: pem)
        } catch .encrypted {
            let given = try passphrase()
            do throws(KeyError) { return try PrivateKey(pem: pem, passphrase: given) } catch {
                throw .unusable(path: path, error)
            }
        } catch {
            throw .unusable(path: path, error)
        }
    }

    /// Reads a passphrase from a file: its bytes without the line break at the end.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - isGuarded: Whether something else keeps others away from it, as systemd does from a service's credentials.
    /// - Returns: At least one byte.
    /// - Throws: ``KeyFileError``; a file that others may read is refused, as a key's is.
    package static func passphrase(
        at path: String,
        isGuarded: Bool = false
    ) throws(KeyFileError) -> [UInt8] {
        var bytes = try isGuarded ? contents(of: path).bytes : read(path)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw .emptyPassphrase(path: path) }
        return bytes
    }

    /// Writes a key to a new file, durable on return, in clear where `passphrase` is `nil`.
    ///
    /// - Throws: ``KeyFileError/exists(path:)`` where anything stands at `path`, a symbolic link included.
    package static func save(
        _ key: PrivateKey,
        at path: String,
        passphrase: [UInt8]? = nil
    ) throws(KeyFileError) {
        // libcrypto would take an empty one for none, and ask at the terminal.
        if let passphrase, passphrase.isEmpty { throw .emptyPassphrase(path: path) }
        let pem: [UInt8]
        do {
            pem = try key.pem(passphrase: passphrase)
        } catch {
            throw .unusable(path: path, error)
        }
        let file: OpenFile
        do {
            file = try OpenFile(path, for: .creating)
        } catch {
            throw error.exists || error.isSymbolicLink ? .exists(path: path) : .system(error)
        }
        do {
            // The mode at creation went through the umask, which may have left the owner without a right.
            try file.setMode(0o600)
            try file.replace(with: pem)
            try file.synchronize()
            try OpenFile.synchronizeFolder(OpenFile.parent(of: path))
        } catch {
            // Half a key is worth nothing, and would stand in the way of the next attempt.
            OpenFile.remove(path)
            throw .system(error)
        }
    }

    /// Reads through a symbolic link, as secrets are often mounted, and judges what is opened, not what is named.
    private static func read(_ path: String) throws(KeyFileError) -> [UInt8] {
        let (bytes, status) = try contents(of: path)
        guard status.isOwn else { throw .otherOwner(path: path, owner: status.owner) }
        guard status.mode & ~0o600 == 0 else { throw .openToOthers(path: path, mode: status.octalMode) }
        return bytes
    }

    private static func contents(
        of path: String
    ) throws(KeyFileError) -> (bytes: [UInt8], status: FileStatus) {
        let status: FileStatus
        let bytes: [UInt8]
        do {
            let file = try OpenFile(path, for: .reading)
            status = try FileStatus(of: file)
            bytes = status.kind == .regular ? try file.read(limit: maximumByteCount + 1) : []
        } catch {
            throw error.isNotFound ? .notFound(path: path) : .system(error)
        }
        guard status.kind == .regular, bytes.count <= maximumByteCount else { throw .notAKeyFile(path: path) }
        return (bytes, status)
    }
}

/// Why a key file can't be read or written.
package enum KeyFileError: Error, Equatable, Sendable {
    case notFound(path: String)
    /// Not a file, or one of more than ``KeyFile/maximumByteCount`` bytes.
    case notAKeyFile(path: String)
    /// Something stands where a new file should.
    case exists(path: String)
    /// The file belongs to the user of this number.
    case otherOwner(path: String, owner: UInt32)
    /// The mode, in octal, allows more than reading and writing by the owner.
    case openToOthers(path: String, mode: String)
    /// A passphrase without a byte would protect nothing.
    case emptyPassphrase(path: String)
    /// The bytes are no key that the ledger uses, or the passphrase is missing or wrong.
    case unusable(path: String, KeyError)
    case system(SystemError)
}

extension KeyFileError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notFound(let path): "there is no key file \(path)"
        case .notAKeyFile(let path):
            "\(path) is not a key file (a file of at most \(KeyFile.maximumByteCount) bytes)"
        case .exists(let path): "\(path) is there already, and a key is never overwritten: give another name"
        case .otherOwner(let path, let owner):
            "\(path) belongs to the user number \(owner): run as that user, or chown it to this one"
        case .openToOthers(let path, let mode):
            "\(path) has mode \(mode), which lets others at a secret: run chmod 600 \(path)"
        case .emptyPassphrase(let path):
            "the passphrase of \(path) is empty: give one, or none at all for a file in clear"
        case .unusable(let path, let error): "\(path): \(error)"
        case .system(let error): error.description
        }
    }
}
