import JalonCodec
import JalonTestKit
import Testing

/// Bytes that are not the encoding of what is asked for, and the reason that the decoder gives.
struct Refusal: Sendable, CustomTestStringConvertible {
    let name: String
    let input: [UInt8]
    let error: CBORError
    let read: @Sendable (inout CBORDecoder) throws(CBORError) -> Void

    init(
        _ name: String,
        _ hex: String,
        _ error: CBORError,
        _ read: @escaping @Sendable (inout CBORDecoder) throws(CBORError) -> Void
    ) {
        self.name = name
        input = bytes(hex)
        self.error = error
        self.read = read
    }

    var testDescription: String { name }
}

@Suite("Every other encoding is refused, with its place")
struct RefusedEncodingTests {
    typealias Read = @Sendable (inout CBORDecoder) throws(CBORError) -> Void

    static let integer: Read = { (decoder) throws(CBORError) in _ = try decoder.decodeInteger() }
    static let unsigned: Read = { (decoder) throws(CBORError) in _ = try decoder.decodeUnsigned() }
    static let upTo10: Read = { (decoder) throws(CBORError) in _ = try decoder.decodeUnsigned(maximum: 10) }
    static let twoBytes: Read = { (decoder) throws(CBORError) in _ = try decoder.decodeBytes(count: 2) }
    static let shortBytes: Read = { (decoder) throws(CBORError) in _ = try decoder.decodeBytes(maximum: 4) }
    static let anyBytes: Read = { (decoder) throws(CBORError) in _ = try decoder.decodeBytes(maximum: .max) }
    static let text: Read = { (decoder) throws(CBORError) in _ = try decoder.decodeText(maximum: 8) }
    static let text24: Read = { (decoder) throws(CBORError) in _ = try decoder.decodeText(maximum: 24) }
    static let bool: Read = { (decoder) throws(CBORError) in _ = try decoder.decodeBool() }
    static let null: Read = { (decoder) throws(CBORError) in try decoder.decodeNull() }
    static let tag: Read = { (decoder) throws(CBORError) in try decoder.decodeSign1Tag() }
    static let item: Read = { (decoder) throws(CBORError) in _ = try decoder.decodeEncodedItem() }
    static let count: Read = { (decoder) throws(CBORError) in _ = try decoder.peekArrayCount() }
    static let typeText: Read = { (decoder) throws(CBORError) in
        _ = try decoder.peekText(atKey: "type", maximum: 4)
    }
    static let integers: Read = { (decoder) throws(CBORError) in
        _ = try decoder.decodeArray(maximum: 3) { (decoder) throws(CBORError) in try decoder.decodeInteger() }
    }
    static let anyIntegers: Read = { (decoder) throws(CBORError) in
        _ = try decoder.decodeArray(maximum: .max) { (decoder) throws(CBORError) in
            try decoder.decodeInteger()
        }
    }
    static let pair: Read = { (decoder) throws(CBORError) in
        try decoder.decodeArray(count: 2) { (decoder) throws(CBORError) in
            _ = try decoder.decodeInteger()
            _ = try decoder.decodeInteger()
        }
    }
    /// A map with 1 and "a", both required, and an optional 2 between them.
    static let map: Read = { (decoder) throws(CBORError) in
        try decoder.decodeMap { (map) throws(CBORError) in
            _ = try map.field(1) { (decoder) throws(CBORError) in try decoder.decodeInteger() }
            _ = try map.optional(2) { (decoder) throws(CBORError) in try decoder.decodeInteger() }
            _ = try map.field("a") { (decoder) throws(CBORError) in try decoder.decodeInteger() }
        }
    }
    static let entries: Read = { (decoder) throws(CBORError) in
        _ = try decoder.decodeEntries(maximum: 3, keyMaximum: 4) { (_, decoder) throws(CBORError) in
            try decoder.decodeInteger()
        }
    }
    /// Arrays in arrays, through the typed function.
    static let nested: Read = { (decoder) throws(CBORError) in try open(&decoder) }

    private static func open(_ decoder: inout CBORDecoder) throws(CBORError) {
        _ = try decoder.decodeArray(maximum: 1) { (decoder) throws(CBORError) in try open(&decoder) }
    }

    static let scalars: [Refusal] = [
        Refusal("nothing", "", .truncated(offset: 0), integer),
        Refusal("bytes left over", "0000", .trailingBytes(offset: 1, byteCount: 1), integer),
        Refusal(
            "a text for an integer",
            "6161",
            .unexpected(expected: "an integer", initialByte: 0x61, offset: 0),
            integer
        ),
        Refusal(
            "a tag for an integer",
            "c100",
            .unexpected(expected: "an integer", initialByte: 0xC1, offset: 0),
            integer
        ),
        Refusal(
            "a float for an integer",
            "f90000",
            .unexpected(expected: "an integer", initialByte: 0xF9, offset: 0),
            integer
        ),
        Refusal("2⁶³", "1b8000000000000000", .integerOutOfRange(offset: 0), integer),
        Refusal("2⁶⁴ − 1", "1bffffffffffffffff", .integerOutOfRange(offset: 0), integer),
        Refusal("−2⁶³", "3b7fffffffffffffff", .integerOutOfRange(offset: 0), integer),
        Refusal("−2⁶⁴", "3bffffffffffffffff", .integerOutOfRange(offset: 0), integer),
        Refusal("a negative for an unsigned", "20", .integerOutOfRange(offset: 0), unsigned),
        Refusal("11 where 10 is the most", "0b", .integerOutOfRange(offset: 0), upTo10),
        Refusal("0 in two bytes", "1800", .notDeterministic(offset: 0), integer),
        Refusal("23 in two bytes", "1817", .notDeterministic(offset: 0), integer),
        Refusal("255 in three bytes", "1900ff", .notDeterministic(offset: 0), integer),
        Refusal("65535 in five bytes", "1a0000ffff", .notDeterministic(offset: 0), integer),
        Refusal("2³² − 1 in nine bytes", "1b00000000ffffffff", .notDeterministic(offset: 0), integer),
        Refusal("−24 in three bytes", "390017", .notDeterministic(offset: 0), integer),
        Refusal("a reserved length", "1c", .notDeterministic(offset: 0), integer),
        Refusal("an integer of indefinite length", "1f", .notDeterministic(offset: 0), integer),
        Refusal("a head cut after one byte", "18", .truncated(offset: 1), integer),
        Refusal("a head cut after eight bytes", "1b01020304050607", .truncated(offset: 8), integer),
        Refusal(
            "a number for a boolean",
            "01",
            .unexpected(expected: "a boolean", initialByte: 1, offset: 0),
            bool
        ),
        Refusal(
            "null for a boolean",
            "f6",
            .unexpected(expected: "a boolean", initialByte: 0xF6, offset: 0),
            bool
        ),
        Refusal("nothing for a boolean", "", .truncated(offset: 0), bool),
        Refusal(
            "undefined for null",
            "f7",
            .unexpected(expected: "null", initialByte: 0xF7, offset: 0),
            null
        ),
        Refusal("nothing for null", "", .truncated(offset: 0), null),
        Refusal(
            "tag 17 for tag 18",
            "d1",
            .unexpected(expected: "tag 18 (COSE_Sign1)", initialByte: 0xD1, offset: 0),
            tag
        ),
        Refusal(
            "tag 18 in two bytes",
            "d812",
            .unexpected(expected: "tag 18 (COSE_Sign1)", initialByte: 0xD8, offset: 0),
            tag
        ),
        Refusal("nothing for a tag", "", .truncated(offset: 0), tag),
    ]

    static let strings: [Refusal] = [
        Refusal(
            "a text for a byte string",
            "6161",
            .unexpected(expected: "a byte string", initialByte: 0x61, offset: 0),
            shortBytes
        ),
        Refusal(
            "a byte string for a text",
            "4161",
            .unexpected(expected: "a text", initialByte: 0x41, offset: 0),
            text
        ),
        Refusal("one byte for two", "4100", .wrongCount(expected: 2, found: 1, offset: 0), twoBytes),
        Refusal("three bytes for two", "43000000", .tooLong(count: 3, limit: 2, offset: 0), twoBytes),
        Refusal(
            "five bytes where four are the most",
            "450102030405",
            .tooLong(count: 5, limit: 4, offset: 0),
            shortBytes
        ),
        Refusal(
            "nine bytes of text where eight are the most",
            "69616161616161616161",
            .tooLong(count: 9, limit: 8, offset: 0),
            text
        ),
        Refusal("a cut byte string", "440102", .truncated(offset: 3), shortBytes),
        Refusal("a cut text", "646162", .truncated(offset: 3), text),
        Refusal(
            "2⁶³ bytes",
            "5b8000000000000000",
            .tooLong(count: 1 << 63, limit: .max, offset: 0),
            anyBytes
        ),
        Refusal(
            "2⁶⁴ − 1 bytes",
            "5bffffffffffffffff",
            .tooLong(count: .max, limit: .max, offset: 0),
            anyBytes
        ),
        Refusal("2⁶³ − 1 bytes, none there", "5b7fffffffffffffff", .truncated(offset: 9), anyBytes),
        Refusal("a byte string of indefinite length", "5f4100ff", .notDeterministic(offset: 0), anyBytes),
        Refusal("a text of indefinite length", "7f6161ff", .notDeterministic(offset: 0), text),
        Refusal("a long head of a byte string", "580100", .notDeterministic(offset: 0), anyBytes),
        Refusal("a lone continuation byte", "6180", .invalidUTF8(offset: 0), text),
        Refusal("a cut character", "62e6b0", .invalidUTF8(offset: 0), text),
        Refusal("an overlong slash", "62c0af", .invalidUTF8(offset: 0), text),
        Refusal("half of a surrogate pair", "63eda080", .invalidUTF8(offset: 0), text),
        Refusal("a character above U+10FFFF", "64f4908080", .invalidUTF8(offset: 0), text),
    ]

    static let containers: [Refusal] = [
        Refusal(
            "a map for an array",
            "a0",
            .unexpected(expected: "an array", initialByte: 0xA0, offset: 0),
            integers
        ),
        Refusal(
            "an array for a map",
            "80",
            .unexpected(expected: "a map", initialByte: 0x80, offset: 0),
            map
        ),
        Refusal(
            "four items where three are the most",
            "8401020304",
            .tooLong(count: 4, limit: 3, offset: 0),
            integers
        ),
        Refusal("three items for two", "83010203", .wrongCount(expected: 2, found: 3, offset: 0), pair),
        Refusal("one item for two", "8101", .wrongCount(expected: 2, found: 1, offset: 0), pair),
        Refusal("more items than bytes", "830102", .tooLong(count: 3, limit: 2, offset: 0), integers),
        Refusal(
            "2⁶⁴ − 1 items",
            "9bffffffffffffffff",
            .tooLong(count: .max, limit: 0, offset: 0),
            anyIntegers
        ),
        Refusal(
            "2³² − 1 items",
            "9affffffff00",
            .tooLong(count: 0xFFFF_FFFF, limit: 1, offset: 0),
            anyIntegers
        ),
        Refusal("an array of indefinite length", "9f00ff", .notDeterministic(offset: 0), integers),
        Refusal("a long head of an array", "980100", .notDeterministic(offset: 0), integers),
        Refusal("a map of indefinite length", "bf0100ff", .notDeterministic(offset: 0), map),
        Refusal(
            "more fields than bytes",
            "a2010061",
            .tooLong(count: 2, limit: 1, offset: 0),
            { (decoder) throws(CBORError) in
                try decoder.decodeMap { (_) throws(CBORError) in }
            }
        ),
        Refusal("2⁶⁴ − 1 fields", "bbffffffffffffffff", .tooLong(count: .max, limit: 0, offset: 0), map),
        Refusal("2⁶⁴ − 1 entries", "bbffffffffffffffff", .tooLong(count: .max, limit: 0, offset: 0), entries),
        Refusal(
            "a count of a map is no array's",
            "a0",
            .unexpected(expected: "an array", initialByte: 0xA0, offset: 0),
            count
        ),
        Refusal("a count above the bytes", "8200", .tooLong(count: 2, limit: 1, offset: 0), count),
        Refusal(
            "17 nested arrays",
            String(repeating: "81", count: 16) + "80",
            .tooDeep(offset: 17),
            nested
        ),
        Refusal(
            "17 nested arrays in any item",
            String(repeating: "81", count: 16) + "80",
            .tooDeep(offset: 17),
            item
        ),
        Refusal(
            "17 nested maps in any item",
            String(repeating: "a100", count: 16) + "a0",
            .tooDeep(offset: 33),
            item
        ),
        Refusal(
            "17 nested tags in any item",
            String(repeating: "d2", count: 17) + "00",
            .tooDeep(offset: 17),
            item
        ),
    ]

    static let maps: [Refusal] = [
        Refusal("no field", "a0", .missingKey("1", found: nil, offset: 1), map),
        Refusal("the last field is missing", "a10100", .missingKey("\"a\"", found: nil, offset: 3), map),
        Refusal("the first field is missing", "a1616100", .missingKey("1", found: "\"a\"", offset: 1), map),
        Refusal("fields out of order", "a26161000100", .missingKey("1", found: "\"a\"", offset: 1), map),
        Refusal("a repeated field", "a301000100616100", .missingKey("\"a\"", found: "1", offset: 3), map),
        Refusal(
            "an unknown field between",
            "a301000300616100",
            .missingKey("\"a\"", found: "3", offset: 3),
            map
        ),
        Refusal("an unknown field at the end", "a30100616100616200", .unexpectedKey("\"b\"", offset: 6), map),
        Refusal("the last field repeated", "a30100616100616100", .unexpectedKey("\"a\"", offset: 6), map),
        Refusal(
            "an optional field repeated",
            "a40100020002006161 00",
            .missingKey("\"a\"", found: "2", offset: 5),
            map
        ),
        Refusal(
            "a key of another kind",
            "a2010041 6100",
            .missingKey("\"a\"", found: "of another kind", offset: 3),
            map
        ),
        Refusal(
            "a key in a longer form",
            "a2180100616100",
            .missingKey("1", found: "of another kind", offset: 1),
            map
        ),
        Refusal("entries out of order", "a2616200616100", .unexpectedKey("\"a\"", offset: 4), entries),
        Refusal(
            "a longer key before a shorter one",
            "a262616100616200",
            .unexpectedKey("\"b\"", offset: 5),
            entries
        ),
        Refusal("an entry repeated", "a2616100616100", .unexpectedKey("\"a\"", offset: 4), entries),
        Refusal(
            "four entries where three are the most",
            "a46161006162006163006164 00",
            .tooLong(count: 4, limit: 3, offset: 0),
            entries
        ),
        Refusal(
            "a key longer than allowed",
            "a165616161616100",
            .tooLong(count: 5, limit: 4, offset: 1),
            entries
        ),
        Refusal(
            "an integer key for an entry",
            "a10100",
            .unexpected(expected: "a text", initialByte: 1, offset: 1),
            entries
        ),
        Refusal(
            "an array for entries",
            "80",
            .unexpected(expected: "a map", initialByte: 0x80, offset: 0),
            entries
        ),
    ]

    static let items: [Refusal] = [
        Refusal("nothing for an item", "", .truncated(offset: 0), item),
        Refusal("a float", "f93c00", .notDeterministic(offset: 0), item),
        Refusal("a double", "fb3ff199999999999a", .notDeterministic(offset: 0), item),
        Refusal("undefined", "f7", .notDeterministic(offset: 0), item),
        Refusal("a simple value", "f0", .notDeterministic(offset: 0), item),
        Refusal("a simple value of two bytes", "f8ff", .notDeterministic(offset: 0), item),
        Refusal("false in two bytes", "f814", .notDeterministic(offset: 0), item),
        Refusal("a break", "ff", .notDeterministic(offset: 0), item),
        Refusal("a date", "c11a514b67b0", .notDeterministic(offset: 0), item),
        Refusal("a bignum", "c249010000000000000000", .notDeterministic(offset: 0), item),
        Refusal("a long head inside", "82001817", .notDeterministic(offset: 2), item),
        Refusal("bad UTF-8 inside", "8161ff", .invalidUTF8(offset: 1), item),
        Refusal("2⁶³ inside", "811b8000000000000000", .integerOutOfRange(offset: 1), item),
        Refusal("a cut array", "8201", .tooLong(count: 2, limit: 1, offset: 0), item),
        Refusal("a cut string inside", "81440102", .truncated(offset: 4), item),
        Refusal("keys out of order", "a202000100", .unexpectedKey("1", offset: 3), item),
        Refusal("keys repeated", "a201000100", .unexpectedKey("1", offset: 3), item),
        Refusal("a text key before an integer key", "a26161000100", .unexpectedKey("1", offset: 4), item),
        Refusal(
            "a byte string as a key",
            "a1410000",
            .unexpected(expected: "an integer", initialByte: 0x41, offset: 1),
            item
        ),
        Refusal(
            "an array as a key",
            "a18000",
            .unexpected(expected: "an integer", initialByte: 0x80, offset: 1),
            item
        ),
        Refusal(
            "a type in an array",
            "80",
            .unexpected(expected: "a map", initialByte: 0x80, offset: 0),
            typeText
        ),
        Refusal(
            "a type that is no text",
            "a1647479706501",
            .unexpected(expected: "a text", initialByte: 1, offset: 6),
            typeText
        ),
        Refusal(
            "a type longer than allowed",
            "a16474797065656162636465",
            .tooLong(count: 5, limit: 4, offset: 6),
            typeText
        ),
        Refusal(
            "a type behind a broken value",
            "a20118176474797065 6161",
            .notDeterministic(offset: 2),
            typeText
        ),
    ]

    @Test("a scalar in another form", arguments: scalars)
    func refusesScalar(_ refusal: Refusal) { refuses(refusal) }

    @Test("a string in another form", arguments: strings)
    func refusesString(_ refusal: Refusal) { refuses(refusal) }

    @Test("a container in another form", arguments: containers)
    func refusesContainer(_ refusal: Refusal) { refuses(refusal) }

    @Test("a map with other keys", arguments: maps)
    func refusesMap(_ refusal: Refusal) { refuses(refusal) }

    @Test("any item in another form", arguments: items)
    func refusesItem(_ refusal: Refusal) { refuses(refusal) }

    private func refuses(_ refusal: Refusal) {
        #expect(throws: refusal.error) {
            try CBORDecoder.decode(refusal.input[...], refusal.read)
        }
        #expect(!refusal.error.description.isEmpty)
    }

    @Test("bytes that are no UTF-8, at whatever place among those that are", arguments: 1...20)
    func invalidUTF8(count: Int) {
        for place in 0..<count {
            for (wrong, isText) in [([0xFF], false), ([0xC3], false), ([0xC3, 0xA9], true)]
                as [([UInt8], Bool)]
            {
                var text = [UInt8](repeating: UInt8(ascii: "a"), count: count)
                text.replaceSubrange(place...place, with: wrong)
                var encoder = CBOREncoder()
                encoder.encode(String(repeating: "a", count: text.count))
                let input = Array(encoder.bytes.dropLast(text.count)) + text
                for read in [RefusedEncodingTests.text24, RefusedEncodingTests.item] {
                    let isRead = (try? CBORDecoder.decode(input[...], read)) != nil
                    #expect(isRead == isText)
                }
            }
        }
    }

    @Test("a key that only looks like the one that is asked for is another key")
    func lookalikes() throws {
        // U+212A, the Kelvin sign, is canonically equal to K for a Swift String, and three bytes instead of
        // one.
        let decoder = CBORDecoder(bytes("a163e284aa6178"))
        #expect(try decoder.peekText(atKey: "K", maximum: 4) == nil)
    }
}
