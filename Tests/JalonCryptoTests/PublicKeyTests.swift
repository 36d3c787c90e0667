import JalonCodec
import JalonCrypto
import JalonTestKit
import Testing

@Suite("Public keys from outside")
struct PublicKeyTests {
    @Test("a sound key is taken, and known by the hash of its SubjectPublicKeyInfo")
    func sound() throws {
        // The example of RFC 8410 §10.1.
        let info = bytes(
            "302a300506032b6570032100 19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"
        )
        let key = try PublicKey(subjectPublicKeyInfo: info)
        #expect(key.raw == Array(info.suffix(32)))
        #expect(key.subjectPublicKeyInfo == info)
        #expect(key.id == KeyID(SHA256.hash(info)))
        #expect(try key == PublicKey(raw: info.suffix(32)))
    }

    @Test(
        "a weak key is refused",
        arguments: [
            ("the identity", "0100000000000000000000000000000000000000000000000000000000000000"),
            ("order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
            ("order 4", "0000000000000000000000000000000000000000000000000000000000000000"),
            ("order 4, the other", "0000000000000000000000000000000000000000000000000000000000000080"),
            ("order 8", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
            ("order 8, the second", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
            ("order 8, the third", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"),
            ("order 8, the fourth", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
            (
                "the identity, not canonical",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
            ),
            ("0 as p, not canonical", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
            ("the identity with a sign", "0100000000000000000000000000000000000000000000000000000000000080"),
            ("2²⁵⁵ − 1", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"),
            ("not on the curve", "0200000000000000000000000000000000000000000000000000000000000000"),
            ("outside the main subgroup", "9158312a9a8d6e3b34c891d6d61444f8b8211c5117ebad15bdb0bd68b07e0245"),
        ]
    )
    func weak(_: String, raw: String) {
        // Sound keys are remembered, weak ones refused each time.
        for _ in 0..<2 { #expect(throws: KeyError.weakKey) { try PublicKey(raw: bytes(raw)) } }
        #expect(throws: KeyError.weakKey) {
            try PublicKey(subjectPublicKeyInfo: bytes("302a300506032b6570032100" + raw))
        }
    }

    @Test("another length is refused", arguments: [0, 31, 33])
    func length(count: Int) {
        let raw = [UInt8](repeating: 9, count: count)
        #expect(throws: KeyError.wrongByteCount(expected: 32, found: count)) { try PublicKey(raw: raw) }
        #expect(throws: KeyError.wrongByteCount(expected: 32, found: count)) {
            try PublicKey(subjectPublicKeyInfo: bytes("302a300506032b6570032100") + raw)
        }
        #expect(throws: KeyError.wrongByteCount(expected: 32, found: count)) { try PrivateKey(seed: raw) }
    }

    @Test("the key info of another algorithm is refused")
    func algorithm() {
        // X25519 (RFC 8410).
        let info = bytes(
            "302a300506032b656e032100 19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"
        )
        #expect(throws: KeyError.unknownAlgorithm) { try PublicKey(subjectPublicKeyInfo: info) }
        #expect(throws: KeyError.unknownAlgorithm) { try PublicKey(subjectPublicKeyInfo: []) }
    }

    @Test("every error says what to do")
    func descriptions() {
        let errors: [KeyError] = [
            .wrongByteCount(expected: 32, found: 1), .weakKey, .unknownAlgorithm, .notPrivateKeyPEM,
            .encrypted, .wrongPassphrase, .unusablePassphrase, .libraryFailure("X"),
        ]
        #expect(Set(errors.map(\.description)).count == errors.count)
    }
}
