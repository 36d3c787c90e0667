import JalonCodec
import JalonCrypto
import JalonTestKit
import Testing

@Suite("SHA-256 and its digests")
struct DigestTests {
    @Test(
        "the examples of FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ]
    )
    func standard(text: String, hex: String) {
        #expect(SHA256.hash(Array(text.utf8)).hex == hex)
        // A sequence without contiguous storage goes another way.
        #expect(SHA256.hash(text.utf8.lazy.map { $0 }).hex == hex)
        var hasher = SHA256()
        for byte in text.utf8 { hasher.update(byte: byte) }
        #expect(hasher.finalize().hex == hex)
    }

    @Test("a prefixed hash is that of the bytes put together")
    func prefixed() {
        let left = Digest.of("left")
        let right = Digest.of("right")
        #expect(SHA256.hash(prefix: 0x01, left, right) == SHA256.hash([0x01] + left.bytes + right.bytes))
        #expect(SHA256.hash(prefix: 0x00, [1, 2, 3]) == SHA256.hash([0, 1, 2, 3]))
        var hasher = SHA256()
        hasher.update(left)
        hasher.update([7, 8][...])
        #expect(hasher.finalize() == SHA256.hash(left.bytes + [7, 8]))
    }

    @Test("a text with a digest's digits behind it hashes as the text that they make", arguments: 0...99)
    func hexText(seed: Int) {
        let digest = Digest.of("\(seed)")
        let text = digest.hex(after: "path/")
        let digits = digest.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(text == "path/" + digits)
        #expect(SHA256.hash("path/", hex: digest) == SHA256.hash(text.utf8))
        #expect(SHA256.hash("", hex: digest) == SHA256.hash(digits.utf8))
    }

    @Test("a digest is its 32 bytes, in order and bit by bit", arguments: 1...20)
    func bytesAndOrder(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let raw = generator.bytes(32)
        var other = raw
        other[generator.below(32)] ^= 1 << UInt8(generator.below(8))
        let digest = try #require(Digest(raw))
        let changed = try #require(Digest(other))
        #expect(digest.bytes == raw)
        #expect(digest.hex == Hex.encode(raw))
        #expect(Digest(hex: digest.hex) == digest)
        #expect(digest != changed)
        #expect((digest < changed) == raw.lexicographicallyPrecedes(other))
        for index in 0..<256 {
            #expect(digest.bit(index) == (raw[index / 8] >> UInt8(7 - index % 8) & 1 == 1))
        }
    }

    @Test("of every byte it is known whether it is a digit, in capitals only where those are taken")
    func digits() {
        let digest = Digest.of("digits")
        for place in [0, 15, 16, 33, 63] {
            for byte in UInt8.min...UInt8.max {
                var text = Array(digest.hex.utf8)
                text[place] = byte
                var bytes: [UInt8]?
                if byte < 0x80 {
                    let string = String(decoding: text, as: UTF8.self)
                    bytes = Hex.decode(string)
                    #expect(Digest(hex: string)?.bytes == bytes)
                }
                let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
                // In a slice that does not begin at 0.
                #expect(Digest(lowerCaseHex: ([0] + text)[1...])?.bytes == (isCapital ? nil : bytes))
            }
        }
        #expect(Digest(lowerCaseHex: Array(digest.hex.utf8.dropLast())[...]) == nil)
        #expect(digest.hex(after: "é/") == "é/" + digest.hex && digest.hex(after: "") == digest.hex)
    }

    @Test("anything but 32 bytes is no digest", arguments: [0, 31, 33, 64])
    func refuses(count: Int) {
        #expect(Digest([UInt8](repeating: 0, count: count)) == nil)
        #expect(Digest(hex: String(repeating: "00", count: count)) == nil)
        #expect(KeyID(bytes: [UInt8](repeating: 0, count: count)) == nil)
        #expect(KeyID(hex: String(repeating: "00", count: count)) == nil)
    }

    @Test("a digest travels as a byte string of 32 bytes")
    func coding() throws {
        var encoder = CBOREncoder()
        encoder.encode(Digest.of("x"))
        encoder.encode(KeyID(.of("y")))
        #expect(encoder.bytes == [0x58, 0x20] + Digest.of("x").bytes + [0x58, 0x20] + Digest.of("y").bytes)
        var decoder = CBORDecoder(encoder.bytes)
        #expect(try decoder.decodeDigest() == .of("x"))
        #expect(try decoder.decode(KeyID.self) == KeyID(.of("y")))
        var short = CBORDecoder([0x41, 0x00])
        #expect(throws: CBORError.wrongCount(expected: 32, found: 1, offset: 0)) { try short.decodeDigest() }
    }
}
