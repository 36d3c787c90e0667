import Foundation
import JalonCrypto
import Testing

@testable import JalonStorage

@Suite("A file with a private key")
struct KeyFileTests {
    private let place: TestFolder
    private let key: PrivateKey

    init() throws {
        place = try TestFolder()
        key = try PrivateKey(seed: [UInt8](repeating: 7, count: 32))
    }

    @Test("is written with mode 0600 and read again")
    func clear() throws {
        let path = place.file("validator.pem")
        try KeyFile.save(key, at: path)
        #expect(try mode(of: path) == 0o600)
        let loaded = try KeyFile.load(at: path) {
            Issue.record("asked for a passphrase that nobody needs")
            return nil
        }
        #expect(loaded.publicKey == key.publicKey)
    }

    @Test("asks once for the passphrase, where it is encrypted")
    func encrypted() throws {
        let path = place.file("validator.pem")
        try KeyFile.save(key, at: path, passphrase: Array("correct horse".utf8))
        var asked = 0
        let loaded = try KeyFile.load(at: path) {
            asked += 1
            return Array("correct horse".utf8)
        }
        #expect(asked == 1)
        #expect(loaded.publicKey == key.publicKey)
        #expect(throws: KeyFileError.unusable(path: path, .wrongPassphrase)) {
            try KeyFile.load(at: path) { Array("battery".utf8) }
        }
        #expect(throws: KeyFileError.unusable(path: path, .encrypted)) { try KeyFile.load(at: path) { nil } }
        #expect(throws: KeyFileError.unusable(path: path, .encrypted)) { try KeyFile.load(at: path) }
        // Why there is no passphrase is said, not that there is none.
        #expect(throws: KeyFileError.notFound(path: "p")) {
            try KeyFile.load(at: path) { () throws(KeyFileError) in throw .notFound(path: "p") }
        }
    }

    @Test("is opened by a passphrase in a file, without the line break at its end")
    func passphraseFile() throws {
        let path = place.file("passphrase")
        for (content, passphrase) in [("a b\n", "a b"), ("a b\r\n", "a b"), ("a\n\n", "a\n"), ("a", "a")] {
            try Data(content.utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            #expect(try KeyFile.passphrase(at: path) == Array(passphrase.utf8))
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        #expect(throws: KeyFileError.openToOthers(path: path, mode: "0640")) {
            try KeyFile.passphrase(at: path)
        }
        #expect(try KeyFile.passphrase(at: path, isGuarded: true) == [UInt8(ascii: "a")])
        try Data("\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: KeyFileError.emptyPassphrase(path: path)) {
            try KeyFile.passphrase(at: path, isGuarded: true)
        }
        #expect(throws: KeyFileError.notFound(path: place.file("none"))) {
            try KeyFile.passphrase(at: place.file("none"))
        }
    }

    @Test("is not written with an empty passphrase")
    func emptyPassphrase() throws {
        let path = place.file("validator.pem")
        #expect(throws: KeyFileError.emptyPassphrase(path: path)) {
            try KeyFile.save(key, at: path, passphrase: [])
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("is never overwritten, and not written through a symbolic link, dangling or not")
    func existing() throws {
        let path = place.file("validator.pem")
        try KeyFile.save(key, at: path)
        let before = try readBytes(path)
        let other = try PrivateKey(seed: [UInt8](repeating: 8, count: 32))
        try FileManager.default.createSymbolicLink(atPath: place.file("link"), withDestinationPath: path)
        try FileManager.default.createSymbolicLink(
            atPath: place.file("dangling"),
            withDestinationPath: place.file("nowhere")
        )
        for name in ["validator.pem", "link", "dangling"] {
            #expect(throws: KeyFileError.exists(path: place.file(name))) {
                try KeyFile.save(other, at: place.file(name))
            }
        }
        #expect(try readBytes(path) == before)
        #expect(!FileManager.default.fileExists(atPath: place.file("nowhere")))
    }

    @Test(
        "is refused where its mode lets others in, with the command to run",
        arguments: [0o640, 0o604, 0o700, 0o666]
    )
    func open(to mode: Int) throws {
        let path = place.file("validator.pem")
        try KeyFile.save(key, at: path)
        try setMode(mode, of: path)
        let error = #expect(throws: KeyFileError.self) { try KeyFile.load(at: path) }
        #expect(error == .openToOthers(path: path, mode: "0" + String(mode, radix: 8)))
        #expect(error?.description.contains("chmod 600 \(path)") == true)
    }

    @Test("is read where its mode is stricter, and through a symbolic link, as secrets are mounted")
    func mounted() throws {
        let path = place.file("validator.pem")
        try KeyFile.save(key, at: path)
        try setMode(0o400, of: path)
        try FileManager.default.createSymbolicLink(atPath: place.file("link"), withDestinationPath: path)
        #expect(try KeyFile.load(at: place.file("link")).publicKey == key.publicKey)
    }

    @Test("is refused where it belongs to another user", .enabled(if: geteuid() == 0))
    func owner() throws {
        let path = place.file("validator.pem")
        try KeyFile.save(key, at: path)
        try FileManager.default.setAttributes([.ownerAccountID: 65_534], ofItemAtPath: path)
        #expect(throws: KeyFileError.otherOwner(path: path, owner: 65_534)) { try KeyFile.load(at: path) }
    }

    @Test("is refused where it is missing, a folder, too long or no key")
    func other() throws {
        #expect(throws: KeyFileError.notFound(path: place.file("none"))) {
            try KeyFile.load(at: place.file("none"))
        }
        #expect(throws: KeyFileError.notAKeyFile(path: place.path)) { try KeyFile.load(at: place.path) }
        let path = place.file("validator.pem")
        try writeBytes([UInt8](repeating: 45, count: KeyFile.maximumByteCount + 1), to: path)
        try setMode(0o600, of: path)
        #expect(throws: KeyFileError.notAKeyFile(path: path)) { try KeyFile.load(at: path) }
        try writeBytes(Array("no key at all\n".utf8), to: path)
        try setMode(0o600, of: path)
        #expect(throws: KeyFileError.unusable(path: path, .notPrivateKeyPEM)) { try KeyFile.load(at: path) }
    }

    @Test("is not left half written where its folder is missing")
    func noFolder() throws {
        #expect(throws: KeyFileError.self) { try KeyFile.save(key, at: place.file("none/validator.pem")) }
    }
}
