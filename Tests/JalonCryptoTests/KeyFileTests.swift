import Foundation
import JalonCodec
import JalonCrypto
import JalonTestKit
import Testing

@Suite("Keys in PEM form", .serialized)
struct KeyFileTests {
    /// The private key of RFC 8410 §10.3, and its public key of §10.1.
    static let example = pem("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC")
    /// A PEM text is put together here, so that a search for committed keys finds none.
    static func pem(_ base64: String) -> String {
        "-----BEGIN PRIVATE KEY-----\n\(base64)\n-----END PRIVATE KEY-----\n"
    }
    static let examplePublicKey = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"

    private func key(_ seed: UInt8 = 7) throws -> PrivateKey {
        try PrivateKey(seed: [UInt8](repeating: seed, count: 32))
    }

    @Test("the example of RFC 8410 is read and written to the byte")
    func standard() throws {
        let pem = Array(KeyFileTests.example.utf8)
        let key = try PrivateKey(pem: pem)
        #expect(Hex.encode(key.publicKey.raw) == KeyFileTests.examplePublicKey)
        #expect(try key.pem() == pem)
        // A passphrase that is not needed does no harm: the configuration names one for every key.
        #expect(try PrivateKey(pem: pem, passphrase: Array("x".utf8)).publicKey == key.publicKey)
    }

    @Test("an encrypted key is read with its passphrase and with no other")
    func encrypted() throws {
        let key = try key()
        let pem = try key.pem(passphrase: Array("correct horse".utf8))
        #expect(String(decoding: pem, as: UTF8.self).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----"))
        let read = try PrivateKey(pem: pem, passphrase: Array("correct horse".utf8))
        #expect(read.publicKey == key.publicKey)
        #expect(read.sign([1, 2, 3]) == key.sign([1, 2, 3]))
        #expect(throws: KeyError.encrypted) { try PrivateKey(pem: pem) }
        for wrong in ["", "correct hors", "correct horse ", "Correct horse"] {
            #expect(throws: KeyError.wrongPassphrase) {
                try PrivateKey(pem: pem, passphrase: Array(wrong.utf8))
            }
        }
    }

    @Test("the longest passphrase works, and one that could not be given back is refused")
    func passphrases() throws {
        let longest = [UInt8](repeating: UInt8(ascii: "p"), count: 1_024)
        let pem = try key().pem(passphrase: longest)
        #expect(try PrivateKey(pem: pem, passphrase: longest).publicKey == key().publicKey)
        for unusable in [[], longest + [UInt8(ascii: "p")], Array("a\0b".utf8)] {
            #expect(throws: KeyError.unusablePassphrase) { try key().pem(passphrase: unusable) }
        }
    }

    @Test(
        "what is no PKCS#8 Ed25519 key is refused",
        arguments: [
            ("nothing", "", KeyError.notPrivateKeyPEM),
            ("no PEM", "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC", .notPrivateKeyPEM),
            (
                "a public key",
                "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n",
                .notPrivateKeyPEM
            ),
            (
                "a cut key",
                KeyFileTests.pem("MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp"),
                .notPrivateKeyPEM
            ),
            (
                "an X25519 key",
                KeyFileTests.pem("MC4CAQAwBQYDK2VuBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC"),
                .unknownAlgorithm
            ),
        ]
    )
    func refuses(_: String, pem: String, error: KeyError) {
        #expect(throws: error) { try PrivateKey(pem: Array(pem.utf8)) }
    }

    @Test("nothing prints the secret")
    func secrets() throws {
        let key = try key()
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("7, 7, 7"))
            #expect(!text.contains("- 7\n"))
            #expect(!text.contains("0707"))
        }
    }

    @Test("new keys differ, and come from the generator that is given")
    func generated() throws {
        var generator = SeededGenerator(seed: 1)
        let first = try PrivateKey(using: &generator)
        let second = try PrivateKey(using: &generator)
        #expect(first.publicKey != second.publicKey)
        var again = SeededGenerator(seed: 1)
        #expect(try PrivateKey(using: &again).publicKey == first.publicKey)
    }

    // MARK: - With openssl

    @Test("openssl reads a key, encrypted and not, and finds the same public key")
    func opensslReads() throws {
        let key = try key()
        let plain = try openssl(["pkey", "-pubout", "-outform", "DER"], input: key.pem())
        #expect(plain == key.publicKey.subjectPublicKeyInfo)
        let encrypted = try openssl(
            ["pkey", "-passin", "pass:open sesame", "-pubout", "-outform", "DER"],
            input: key.pem(passphrase: Array("open sesame".utf8))
        )
        #expect(encrypted == key.publicKey.subjectPublicKeyInfo)
    }

    @Test("a key that openssl made is read, encrypted and not")
    func opensslWrites() throws {
        let made = try openssl(["genpkey", "-algorithm", "ed25519"], input: [])
        let key = try PrivateKey(pem: made)
        #expect(
            try openssl(["pkey", "-pubout", "-outform", "DER"], input: made)
                == key.publicKey.subjectPublicKeyInfo
        )
        let encrypted = try openssl(
            ["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", "pass:x y"],
            input: made
        )
        #expect(try PrivateKey(pem: encrypted, passphrase: Array("x y".utf8)).publicKey == key.publicKey)
    }

    @Test("an RSA key that openssl made is refused by its algorithm")
    func rsa() throws {
        let made = try openssl(
            ["genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:1024"],
            input: []
        )
        #expect(throws: KeyError.unknownAlgorithm) { try PrivateKey(pem: made) }
    }

    @Test("the certificate is self-signed, shows the key, and has no end")
    func certificate() throws {
        let key = try key()
        let pem = try key.selfSignedCertificatePEM()
        #expect(try key.selfSignedCertificatePEM() == pem, "the same key has one certificate")
        let publicKey = try openssl(["x509", "-noout", "-pubkey"], input: pem)
        #expect(
            try openssl(["pkey", "-pubin", "-outform", "DER"], input: publicKey)
                == key.publicKey.subjectPublicKeyInfo
        )
        let text = String(
            decoding: try openssl(
                ["x509", "-noout", "-subject", "-issuer", "-startdate", "-enddate"],
                input: pem
            ),
            as: UTF8.self
        )
        #expect(text.contains("notBefore=Jan  1 00:00:00 1970 GMT"))
        #expect(text.contains("notAfter=Dec 31 23:59:59 9999 GMT"))
        #expect(text.contains("subject=CN = jalon-node"))
        #expect(text.contains("issuer=CN = jalon-node"))
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("certificate.pem")
        try Data(pem).write(to: file)
        let verdict = try openssl(["verify", "-check_ss_sig", "-CAfile", file.path, file.path], input: [])
        #expect(String(decoding: verdict, as: UTF8.self).contains("OK"))
    }

    /// Runs the `openssl` command.
    private func openssl(_ arguments: [String], input: [UInt8]) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        // From a file, not a pipe: a process that another test starts meanwhile would inherit the writing
        // end.
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data(input).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let stdout = Pipe()
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = stdout
        process.standardError = FileHandle.nullDevice
        try process.run()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "openssl \(arguments)")
        return Array(output)
    }
}
