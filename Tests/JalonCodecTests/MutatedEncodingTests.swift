import JalonCodec
import JalonTestKit
import Testing

@Suite("Damaged encodings")
struct MutatedEncodingTests {
    @Test("whatever passes as an item has no second encoding, and nothing traps", arguments: 1...60)
    func mutations(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<100 {
            let item = Item.random(using: &generator, depth: 3)
            let mutated = Mutation.mutated(item.encoded, using: &generator)
            guard let read = try? CBORDecoder.decode(mutated[...], Item.any) else { continue }
            #expect(read.encoded == mutated)
        }
    }

    @Test("random bytes never trap", arguments: 1...20)
    func noise(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) + 1_000)
        for _ in 0..<1_000 {
            let noise = generator.bytes(generator.below(40))
            if let read = try? CBORDecoder.decode(noise[...], Item.any) { #expect(read.encoded == noise) }
            _ = try? CBORDecoder(noise).peekText(atKey: "type", maximum: 8)
        }
    }

    @Test("an encoding that is cut anywhere is refused", arguments: 1...40)
    func cuts(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) + 2_000)
        let input = Item.random(using: &generator, depth: 3).encoded
        for count in stride(from: 0, to: input.count, by: max(1, input.count / 64)) {
            #expect(throws: CBORError.self) {
                try CBORDecoder.decode(input[..<count]) { (decoder) throws(CBORError) in
                    _ = try decoder.decodeEncodedItem()
                }
            }
        }
    }
}

extension Item {
    /// Reads an item of any kind, by its first byte.
    static func any(from decoder: inout CBORDecoder) throws(CBORError) -> Item {
        let start = decoder
        let encoded = Array(try decoder.decodeEncodedItem())
        var inner = start
        switch encoded[0] >> 5 {
        case 0, 1: return .integer(try inner.decodeInteger())
        case 2: return .bytes(Array(try inner.decodeBytes(maximum: .max)))
        case 3: return .text(try inner.decodeText(maximum: .max))
        case 4:
            return .array(
                try inner.decodeArray(maximum: .max) { (decoder) throws(CBORError) in try any(from: &decoder)
                }
            )
        case 5: return .map(try pairs(of: encoded))
        case 6:
            try inner.decodeSign1Tag()
            return .sign1(try any(from: &inner))
        default:
            if encoded[0] == 0xF6 { return .null }
            return .bool(try inner.decodeBool())
        }
    }

    private static func pairs(of encoded: [UInt8]) throws(CBORError) -> [Pair] {
        // A head of a map differs from an array's of twice the count in the major type only, and the items
        // are the same.
        var head = CBOREncoder()
        var pairs: [Pair] = []
        let (count, headCount) = mapHead(encoded)
        head.encodeArrayHead(2 * count)
        let items = try CBORDecoder.decode((head.bytes + encoded[headCount...])[...]) {
            (decoder) throws(CBORError) in
            try decoder.decodeArray(maximum: .max) { (decoder) throws(CBORError) in try any(from: &decoder) }
        }
        for index in stride(from: 0, to: items.count, by: 2) {
            let key: CBORKey =
                switch items[index] {
                case .integer(let value): .integer(value)
                case .text(let value): .text(value)
                default: throw .invalidValue("a key of another kind passed", offset: 0)
                }
            pairs.append(Pair(key: key, value: items[index + 1]))
        }
        return pairs
    }

    private static func mapHead(_ encoded: [UInt8]) -> (count: Int, byteCount: Int) {
        let short = Int(encoded[0] & 0x1F)
        if short < 24 { return (short, 1) }
        let byteCount = 1 << (short - 24)
        return (encoded[1...byteCount].reduce(0) { $0 << 8 | Int($1) }, 1 + byteCount)
    }
}
