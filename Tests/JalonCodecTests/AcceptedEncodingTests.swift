import JalonCodec
import JalonTestKit
import Testing

/// An item and the one encoding it has.
struct Example: Sendable, CustomTestStringConvertible {
    let hex: String
    let item: Item

    init(_ hex: String, _ item: Item) {
        self.hex = hex
        self.item = item
    }

    var testDescription: String { hex }
}

@Suite("Deterministic encodings are written and read")
struct AcceptedEncodingTests {
    /// RFC 8949, appendix A, as far as the subset goes, then its own edges.
    static let examples: [Example] = [
        Example("00", .integer(0)),
        Example("01", .integer(1)),
        Example("0a", .integer(10)),
        Example("17", .integer(23)),
        Example("1818", .integer(24)),
        Example("1819", .integer(25)),
        Example("1864", .integer(100)),
        Example("1903e8", .integer(1000)),
        Example("1a000f4240", .integer(1_000_000)),
        Example("1b000000e8d4a51000", .integer(1_000_000_000_000)),
        Example("20", .integer(-1)),
        Example("29", .integer(-10)),
        Example("3863", .integer(-100)),
        Example("3903e7", .integer(-1000)),
        Example("f4", .bool(false)),
        Example("f5", .bool(true)),
        Example("f6", .null),
        Example("40", .bytes([])),
        Example("4401020304", .bytes([1, 2, 3, 4])),
        Example("60", .text("")),
        Example("6161", .text("a")),
        Example("6449455446", .text("IETF")),
        Example("62225c", .text("\"\\")),
        Example("62c3bc", .text("ü")),
        Example("63e6b0b4", .text("水")),
        Example("64f0908591", .text("\u{10151}")),
        Example("80", .array([])),
        Example("83010203", .array([.integer(1), .integer(2), .integer(3)])),
        Example(
            "8301820203820405",
            .array([
                .integer(1), .array([.integer(2), .integer(3)]), .array([.integer(4), .integer(5)]),
            ])
        ),
        Example(
            "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
            .array((1...25).map { .integer($0) })
        ),
        Example("a0", .map([])),
        Example("a201020304", .map([pair(1, .integer(2)), pair(3, .integer(4))])),
        Example(
            "a26161016162820203",
            .map([pair("a", .integer(1)), pair("b", .array([.integer(2), .integer(3)]))])
        ),
        Example("826161a161626163", .array([.text("a"), .map([pair("b", .text("c"))])])),
        Example(
            "a56161614161626142616361436164614461656145",
            .map([
                pair("a", .text("A")), pair("b", .text("B")), pair("c", .text("C")), pair("d", .text("D")),
                pair("e", .text("E")),
            ])
        ),
        // The edges of every length of head.
        Example("18ff", .integer(255)),
        Example("190100", .integer(256)),
        Example("19ffff", .integer(65_535)),
        Example("1a00010000", .integer(65_536)),
        Example("1affffffff", .integer(4_294_967_295)),
        Example("1b0000000100000000", .integer(4_294_967_296)),
        Example("1b7fffffffffffffff", .integer(Int64.max)),
        Example("3b7ffffffffffffffe", .integer(-Int64.max)),
        Example("d280", .sign1(.array([]))),
        // Order is that of the encoded keys' bytes: 24 before −1 before texts, short texts before long ones.
        Example(
            "a418180020016161f56262624100",
            .map([
                pair(24, .integer(0)), pair(-1, .integer(1)), pair("a", .bool(true)), pair("bb", .bytes([0])),
            ])
        ),
        // 24 fields: the head of a map that does not fit into one byte.
        Example(
            "b818" + (0..<24).map { hexByte($0 < 24 ? $0 : 0) + "00" }.joined(),
            .map((0..<24).map { pair(.integer(Int64($0)), .integer(0)) })
        ),
    ]

    private static func pair(_ key: CBORKey, _ value: Item) -> Item.Pair { Item.Pair(key: key, value: value) }

    private static func hexByte(_ value: Int) -> String { Hex.encode([UInt8(value)]) }

    @Test("an item is written as the standard says", arguments: examples)
    func encodes(_ example: Example) {
        #expect(Hex.encode(example.item.encoded) == example.hex)
    }

    @Test("its bytes are read back as the same item", arguments: examples)
    func decodes(_ example: Example) throws {
        let read = try CBORDecoder.decode(bytes(example.hex)[...]) { (decoder) throws(CBORError) in
            try example.item.decodeSameForm(from: &decoder)
        }
        #expect(read == example.item)
    }

    @Test("its bytes pass as one item of any kind", arguments: examples)
    func skips(_ example: Example) throws {
        let input = bytes(example.hex)
        let item = try CBORDecoder.decode(input[...]) { (decoder) throws(CBORError) in
            try decoder.decodeEncodedItem()
        }
        #expect(Array(item) == input)
    }

    @Test("every example of the independent implementation is one")
    func vectors() throws {
        for example in try Vectors.load().cbor {
            let matching = AcceptedEncodingTests.examples.filter { $0.hex == example.encoding }
            #expect(matching.count == 1, "no example for: \(example.note)")
        }
    }

    @Test("random items survive the way through bytes", arguments: 1...200)
    func roundTrip(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let item = Item.random(using: &generator, depth: 4)
        let input = item.encoded
        let read = try CBORDecoder.decode(input[...]) { (decoder) throws(CBORError) in
            try item.decodeSameForm(from: &decoder)
        }
        #expect(read == item)
        let skipped = try CBORDecoder.decode(input[...]) { (decoder) throws(CBORError) in
            try decoder.decodeEncodedItem()
        }
        #expect(Array(skipped) == input)
    }

    @Test("a slice that starts anywhere is read with offsets from its own start")
    func slices() throws {
        let input: [UInt8] = [0xFF, 0xFF, 0x82, 0x18, 0x2A, 0x61]
        var decoder = CBORDecoder(input[2..<5])
        #expect(throws: CBORError.tooLong(count: 2, limit: 1, offset: 0)) {
            try decoder.decodeArray(maximum: 1) { (decoder) throws(CBORError) in try decoder.decodeInteger() }
        }
        decoder = CBORDecoder(input[3..<5])
        #expect(try decoder.decodeInteger() == 42)
        #expect(decoder.offset == 2)
        #expect(decoder.isAtEnd)
    }

    @Test("optional fields are read where they stand and are absent where they do not")
    func optionalFields() throws {
        func read(_ hex: String) throws -> [Int64?] {
            try CBORDecoder.decode(bytes(hex)[...]) { (decoder) throws(CBORError) in
                try decoder.decodeMap { (map) throws(CBORError) in
                    let first = try map.optional(1) { (decoder) throws(CBORError) in
                        try decoder.decodeInteger()
                    }
                    let second = try map.field(2) { (decoder) throws(CBORError) in try decoder.decodeInteger()
                    }
                    let third = try map.optional(3) { (decoder) throws(CBORError) in
                        try decoder.decodeInteger()
                    }
                    return [first, second, third]
                }
            }
        }
        #expect(try read("a10205") == [nil, 5, nil])
        #expect(try read("a2010402 05") == [4, 5, nil])
        #expect(try read("a301040205 0306") == [4, 5, 6])
        var encoder = CBOREncoder()
        encoder.encodeMap { map in
            map.field(1, ifPresent: Int64?.none) { $0.encode($1) }
            map.field(2, ifPresent: Int64(5)) { $0.encode($1) }
        }
        #expect(Hex.encode(encoder.bytes) == "a10205")
    }

    @Test("entries with any text keys are read in their order")
    func entries() throws {
        let read = try CBORDecoder.decode(bytes("a3616101616202626161 03")[...]) {
            (decoder) throws(CBORError) in
            try decoder.decodeEntries(maximum: 3) { (key, decoder) throws(CBORError) in
                "\(key)=\(try decoder.decodeInteger())"
            }
        }
        #expect(read == ["a=1", "b=2", "aa=3"])
    }

    @Test("a text field is found before the map is read, and the decoder does not move")
    func peeking() throws {
        let decoder = CBORDecoder(bytes("a30182f6a0 6161 01 6474797065 6378797a"))
        #expect(try decoder.peekText(atKey: "type", maximum: 3) == "xyz")
        #expect(try decoder.peekText(atKey: "kind", maximum: 3) == nil)
        #expect(decoder.offset == 0)
        #expect(try CBORDecoder(bytes("83010203")).peekArrayCount() == 3)
    }

    @Test("a text is passed where it is the one that is looked for, and nothing moves where it is not")
    func passing() throws {
        var decoder = CBORDecoder(bytes("6378797a 01"))
        for other in ["", "xy", "xyzz", "xyy"] {
            let passed = decoder.take(text: other)
            #expect(!passed)
            #expect(decoder.offset == 0)
        }
        let passed = ["xyz", "xyz"].map { decoder.take(text: $0) }
        #expect(passed == [true, false])
        let number = try decoder.decodeInteger()
        #expect(number == 1)
        let passedEnd = decoder.take(text: "xyz")
        #expect(!passedEnd)
    }

    @Test("16 nested containers are read")
    func deepest() throws {
        let input = [UInt8](repeating: 0x81, count: 15) + [0x80]
        let item = try CBORDecoder.decode(input[...]) { (decoder) throws(CBORError) in
            try decoder.decodeEncodedItem()
        }
        #expect(item.count == 16)
    }

    @Test("a value that is tried is read with its bytes where it stands there, and else nothing moves")
    func attempts() throws {
        var decoder = CBORDecoder(bytes("1864") + bytes("6161"))
        let text = decoder.attempt { (decoder) throws(CBORError) in try decoder.decodeText(maximum: 8) }
        #expect(text == nil)
        #expect(decoder.offset == 0)
        let number = decoder.attempt { (decoder) throws(CBORError) in try decoder.decodeInteger() }
        #expect(number?.value == 100)
        #expect(number.map { Array($0.encoded) } == bytes("1864"))
        let rest = try decoder.decodeText(maximum: 8)
        #expect(rest == "a")
    }

    @Test("an encoder that starts anew holds what it writes from then on")
    func restarts() {
        var encoder = CBOREncoder(capacity: 16)
        encoder.encode("before")
        encoder.restart()
        #expect(encoder.bytes.isEmpty)
        encoder.encode(UInt64(100))
        #expect(encoder.bytes == bytes("1864"))
    }
}
