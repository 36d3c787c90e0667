import JalonCodec
import JalonCrypto
import JalonModel
import JalonTestKit
import Testing

@Suite("The envelope of a transaction")
struct TransactionTests {
    let key: PrivateKey
    let transaction: Transaction

    init() throws {
        key = try PrivateKey(seed: [UInt8](repeating: 5, count: 32))
        transaction = try TransactionTests.signed(body: bytes("a1647479706561 78"), key: key)
    }

    private static func signed(body: [UInt8], nonce: Int = 16, key: PrivateKey) throws -> Transaction {
        try Transaction.signed(
            body: body,
            subject: SubjectID(checked: "S-1"),
            issuer: MemberID(checked: "m-1"),
            chain: ChainID(.of("chain")),
            nonce: [UInt8](repeating: 9, count: nonce),
            expires: Timestamp(1_000),
            key: key
        )
    }

    /// One part of an envelope, to be written otherwise.
    struct Envelope {
        var tag = "d2"
        var header = "84"
        var protected: [UInt8]
        var unprotected = "a0"
        var payload: [UInt8]
        var signature: [UInt8]
        var tail = ""

        var bytes: [UInt8] {
            var encoder = CBOREncoder()
            encoder.append(encoded: JalonTestKit.bytes(tag + header))
            encoder.encode(bytes: protected)
            encoder.append(encoded: JalonTestKit.bytes(unprotected))
            encoder.encode(bytes: payload)
            encoder.encode(bytes: signature)
            encoder.append(encoded: JalonTestKit.bytes(tail))
            return encoder.bytes
        }
    }

    private var kid: String { "5820" + key.publicKey.id.hex }
    private static let contentType = "781d" + Hex.encode(Array(Transaction.contentType.utf8))
    private var chain: String { "5820" + Digest.of("chain").hex }

    private func protected(
        algorithm: String = "27",
        type: String = contentType,
        kid: String? = nil,
        claims: String = "a201636d2d310263532d31",
        tail: String = "",
        count: String = "a4"
    ) -> [UInt8] {
        bytes(count + "01" + algorithm + "03" + type + "04" + (kid ?? self.kid) + "0f" + claims + tail)
    }

    private func payload(
        body: String = "a1647479706561 78",
        chain: String? = nil,
        nonce: String = "50" + String(repeating: "09", count: 16),
        expires: String = "1903e8",
        tail: String = "",
        count: String = "a4"
    ) -> [UInt8] {
        bytes(
            count + "64626f6479" + body + "65636861696e" + (chain ?? self.chain) + "656e6f6e6365" + nonce
                + "6765787069726573" + expires + tail
        )
    }

    /// An envelope whose signature is right whatever its parts are.
    private func envelope(
        protected: [UInt8]? = nil,
        payload: [UInt8]? = nil,
        _ change: (inout Envelope) -> Void = { _ in }
    ) -> [UInt8] {
        let protected = protected ?? self.protected()
        let payload = payload ?? self.payload()
        var message = CBOREncoder()
        message.encodeArrayHead(4)
        message.encode("Signature1")
        message.encode(bytes: protected)
        message.encode(bytes: [])
        message.encode(bytes: payload)
        var envelope = Envelope(protected: protected, payload: payload, signature: key.sign(message.bytes))
        change(&envelope)
        return envelope.bytes
    }

    @Test("written by hand is the one that is made")
    func byHand() throws {
        #expect(envelope() == transaction.bytes)
        let read = try Transaction(bytes: envelope())
        #expect(read == transaction)
        #expect(read.verified(key: key.publicKey, by: KeySignatureVerifier()) != nil)
        #expect(read.nonce == [UInt8](repeating: 9, count: 16))
        #expect(read.expires == Timestamp(1_000))
        #expect(Array(read.body) == bytes("a1647479706561 78"))
        #expect(read.leaf == LeafHash(of: read.bytes))
        #expect(read.id == TransactionID(SHA256.hash(read.toBeSigned)))
    }

    @Test("in another form is refused, though its signature is right")
    func refused() {
        let cases: [(String, [UInt8])] = [
            ("nothing", []),
            ("no tag", envelope { $0.tag = "" }),
            ("tag 17", envelope { $0.tag = "d1" }),
            ("tag 18 in two bytes", envelope { $0.tag = "d812" }),
            ("an array of indefinite length", envelope { ($0.header, $0.tail) = ("9f", "ff") }),
            ("a long array head", envelope { $0.header = "9804" }),
            ("five items", envelope { ($0.header, $0.tail) = ("85", "00") }),
            ("bytes left over", envelope { $0.tail = "00" }),
            ("an unprotected header with a field", envelope { $0.unprotected = "a10400" }),
            ("an empty protected header", envelope(protected: [])),
            ("a protected header of 513 bytes", envelope(protected: [UInt8](repeating: 0, count: 513))),
            ("another algorithm", envelope(protected: protected(algorithm: "26"))),
            ("an algorithm by name", envelope(protected: protected(algorithm: "6545644453 41"))),
            ("another content type", envelope(protected: protected(type: "646a736f6e"))),
            ("a content type by number", envelope(protected: protected(type: "183c"))),
            ("a key id of 31 bytes", envelope(protected: protected(kid: Hexes.shortDigest))),
            ("claims without a subject", envelope(protected: protected(claims: "a101636d2d31"))),
            ("claims without an issuer", envelope(protected: protected(claims: "a10263532d31"))),
            ("claims with an expiry", envelope(protected: protected(claims: "a301636d2d310263532d310400"))),
            ("claims in another order", envelope(protected: protected(claims: "a20263532d3101636d2d31"))),
            ("an issuer with a slash", envelope(protected: protected(claims: "a201636d2f310263532d31"))),
            ("an empty subject", envelope(protected: protected(claims: "a201636d2d310260"))),
            (
                "a subject of 65 bytes",
                envelope(
                    protected: protected(claims: "a201636d2d31027841" + String(repeating: "61", count: 65))
                )
            ),
            (
                "a subject that only looks like ASCII",
                envelope(protected: protected(claims: "a201636d2d310263e284aa"))
            ),
            ("another label", envelope(protected: protected(tail: "19018b01", count: "a5"))),
            ("bytes after the protected header", envelope(protected: protected() + [0])),
            ("a body that is not deterministic", envelope(payload: payload(body: "a16474797065781801"))),
            ("a body with its keys out of order", envelope(payload: payload(body: "a26162006161 00"))),
            ("a chain of 31 bytes", envelope(payload: payload(chain: Hexes.shortDigest))),
            (
                "a nonce of 15 bytes",
                envelope(payload: payload(nonce: "4f" + String(repeating: "09", count: 15)))
            ),
            (
                "a nonce of 17 bytes",
                envelope(payload: payload(nonce: "51" + String(repeating: "09", count: 17)))
            ),
            ("a negative expiry", envelope(payload: payload(expires: "20"))),
            ("an expiry in a longer form", envelope(payload: payload(expires: "1a000003e8"))),
            ("another field", envelope(payload: payload(tail: "6765787472617300", count: "a5"))),
            ("a field repeated", envelope(payload: payload(tail: "6765787069726573 00", count: "a5"))),
            ("bytes after the payload", envelope(payload: payload() + [0])),
            ("an empty payload", envelope(payload: [])),
            ("a signature of 63 bytes", envelope { $0.signature.removeLast() }),
            ("a signature of 65 bytes", envelope { $0.signature.append(0) }),
            ("no signature", envelope { $0.signature = [] }),
        ]
        for (name, input) in cases {
            #expect(throws: CBORError.self, "\(name)") { try Transaction(bytes: input) }
        }
    }

    @Test("is bounded at 64 KiB, to the byte")
    func bounds() throws {
        func body(_ count: Int) -> [UInt8] {
            var encoder = CBOREncoder()
            encoder.encodeMap { $0.field("type") { $0.encode(bytes: [UInt8](repeating: 0, count: count)) } }
            return encoder.bytes
        }
        let base = try TransactionTests.signed(body: body(60_000), key: key).bytes.count - 60_000
        let room = BlockLimits.transactionByteCount - base
        #expect(try TransactionTests.signed(body: body(room), key: key).bytes.count == 65_536)
        #expect(throws: CBORError.tooLong(count: 65_537, limit: 65_536, offset: 0)) {
            try TransactionTests.signed(body: body(room + 1), key: key)
        }
        #expect(throws: CBORError.self) { try TransactionTests.signed(body: body(1), nonce: 15, key: key) }
        #expect(throws: CBORError.self) { try TransactionTests.signed(body: [], key: key) }
    }

    @Test("is verified under the key that it names, and under no other")
    func verification() throws {
        let verifier = KeySignatureVerifier()
        let other = try PrivateKey(seed: [UInt8](repeating: 6, count: 32))
        #expect(transaction.verified(key: other.publicKey, by: verifier) == nil)
        let broken = try Transaction(bytes: envelope { $0.signature[3] ^= 4 })
        #expect(broken.verified(key: key.publicKey, by: verifier) == nil)
        // The same id, but other bytes: before verification they must not be taken for each other.
        #expect(broken.id == transaction.id)
        #expect(broken.leaf != transaction.leaf)
        #expect(broken != transaction)
    }
}
