import JalonCodec
import JalonCrypto
import JalonTestKit
import Testing

@Suite("Ed25519 signatures")
struct SignatureTests {
    /// RFC 8032 §7.1, tests 1 to 3: seed, public key, message, signature.
    static let standard: [(String, String, String, String)] = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ]

    @Test("the examples of RFC 8032 are made and accepted", arguments: standard)
    func rfc8032(seed: String, publicKey: String, message: String, signature: String) throws {
        let key = try PrivateKey(seed: bytes(seed))
        #expect(Hex.encode(key.publicKey.raw) == publicKey)
        #expect(Hex.encode(key.sign(bytes(message))) == signature)
        let read = try PublicKey(raw: bytes(publicKey))
        #expect(read == key.publicKey)
        #expect(read.isValid(signature: bytes(signature), for: bytes(message)))
        // Slices and lazy collections go other ways through the same check.
        #expect(read.isValid(signature: bytes("00" + signature)[1...], for: bytes("00" + message)[1...]))
        #expect(
            read.isValid(signature: bytes(signature).lazy.map { $0 }, for: bytes(message).lazy.map { $0 })
        )
    }

    @Test("the independent implementation's signatures are made from its seeds")
    func vectors() throws {
        let vectors = try Vectors.load()
        for statement in vectors.transactions {
            let key = try PrivateKey(seed: [UInt8](repeating: statement.seed, count: 32))
            #expect(Hex.encode(key.publicKey.raw) == statement.publicKey)
            #expect(key.publicKey.id.hex == statement.kid)
            #expect(Hex.encode(key.sign(bytes(statement.toBeSigned))) == statement.signature)
        }
        for vote in vectors.finalizeVotes + [vectors.notarizeVote, vectors.nullifyVote] {
            let key = try PrivateKey(seed: [UInt8](repeating: vote.seed, count: 32))
            #expect(key.publicKey.id.hex == vote.kid)
            #expect(Hex.encode(key.sign(bytes(vote.toBeSigned))) == vote.signature)
        }
    }

    /// Signatures over the empty message for the key of RFC 8032's test 1, made with its private key where it
    /// is needed: each would pass under a looser rule.
    @Test(
        "a signature that only a looser rule accepts is refused",
        arguments: [
            (
                "S + L: the same signature, in another form",
                "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901554c8c7872aa064e049dbb3013fbf29380d25bf5f0595bbe24655141438e7a101b"
            ),
            (
                "R is the identity: it fits the equation",
                "0100000000000000000000000000000000000000000000000000000000000000756cf9b1d6f0d7a979b9d2af3dc2bc1294ec7cb6daa20eaff534c024fc57920f"
            ),
            (
                "R is the identity, not in its canonical form",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f3fdd9411ef77c7b937c975b1193128983db0482a002663080c0dd63cf3466c06"
            ),
            (
                "R has a part of order 8: it fits the equation with the cofactor only",
                "e87997aa4252662127e6038862cb45483f6abf88fac62efe41e9e2a76f24444310aaecf060159cb6f1f8f9dfdcbbb17388aeac2d1bcf0322c8075e84357f3d0e"
            ),
        ]
    )
    func looserRules(_: String, signature: String) throws {
        let key = try PrivateKey(seed: bytes(SignatureTests.standard[0].0)).publicKey
        #expect(!key.isValid(signature: bytes(signature), for: []))
    }

    @Test("another message, key, bit or length is refused", arguments: 1...20)
    func changed(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let key = try PrivateKey(using: &generator)
        let other = try PrivateKey(using: &generator)
        let message = generator.bytes(1 + generator.below(200))
        let signature = key.sign(message)
        #expect(key.publicKey.isValid(signature: signature, for: message))
        #expect(!other.publicKey.isValid(signature: signature, for: message))
        #expect(!key.publicKey.isValid(signature: signature, for: message.dropLast()))
        #expect(!key.publicKey.isValid(signature: signature.dropLast(), for: message))
        #expect(!key.publicKey.isValid(signature: signature + [0], for: message))
        #expect(!key.publicKey.isValid(signature: [], for: message))
        for _ in 0..<20 {
            var flipped = signature
            flipped[generator.below(64)] ^= 1 << UInt8(generator.below(8))
            #expect(!key.publicKey.isValid(signature: flipped, for: message))
        }
    }
}
