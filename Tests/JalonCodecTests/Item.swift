import JalonCodec
import JalonTestKit

/// Any value of the subset, for tests that need one.
indirect enum Item: Hashable, Sendable {
    case integer(Int64)
    case bytes([UInt8])
    case text(String)
    case array([Item])
    /// Pairs in the order in which they are written.
    case map([Pair])
    case bool(Bool)
    case null
    case sign1(Item)

    struct Pair: Hashable, Sendable {
        let key: CBORKey
        let value: Item
    }

    var encoded: [UInt8] {
        var encoder = CBOREncoder()
        encode(to: &encoder)
        return encoder.bytes
    }

    func encode(to encoder: inout CBOREncoder) {
        switch self {
        case .integer(let value): encoder.encode(value)
        case .bytes(let value): encoder.encode(bytes: value)
        case .text(let value): encoder.encode(value)
        case .array(let items): encoder.encode(array: items) { $1.encode(to: &$0) }
        case .map(let pairs):
            encoder.encodeMap { map in
                for pair in pairs { map.field(pair.key) { pair.value.encode(to: &$0) } }
            }
        case .bool(let value): encoder.encode(value)
        case .null: encoder.encodeNull()
        case .sign1(let item):
            encoder.encodeSign1Tag()
            item.encode(to: &encoder)
        }
    }

    /// Reads an item of the form of this one with the decoder's typed functions.
    func decodeSameForm(from decoder: inout CBORDecoder) throws(CBORError) -> Item {
        switch self {
        case .integer: return .integer(try decoder.decodeInteger())
        case .bytes: return .bytes(Array(try decoder.decodeBytes(maximum: 1 << 20)))
        case .text: return .text(try decoder.decodeText(maximum: 1 << 20))
        case .array(let items):
            var rest = items[...]
            return .array(
                try decoder.decodeArray(maximum: items.count) { (decoder) throws(CBORError) in
                    guard let form = rest.popFirst() else { return Item.null }
                    return try form.decodeSameForm(from: &decoder)
                }
            )
        case .map(let pairs):
            return .map(
                try decoder.decodeMap { (map) throws(CBORError) in
                    var read: [Pair] = []
                    for pair in pairs {
                        let value = try map.field(pair.key) { (decoder) throws(CBORError) in
                            try pair.value.decodeSameForm(from: &decoder)
                        }
                        read.append(Pair(key: pair.key, value: value))
                    }
                    return read
                }
            )
        case .bool: return .bool(try decoder.decodeBool())
        case .null:
            try decoder.decodeNull()
            return .null
        case .sign1(let item):
            try decoder.decodeSign1Tag()
            return .sign1(try item.decodeSameForm(from: &decoder))
        }
    }

    /// Makes a random item at most `depth` containers deep.
    static func random(using generator: inout SeededGenerator, depth: Int) -> Item {
        switch generator.below(depth > 0 ? 9 : 6) {
        case 0: return .integer(Int64(generator.count()))
        case 1: return .integer(-1 - Int64(min(generator.count(), UInt64(Int64.max) - 1)))
        case 2: return .bytes(generator.bytes(generator.below(300)))
        case 3: return .text(randomText(using: &generator))
        case 4: return .bool(generator.below(2) == 0)
        case 5: return .null
        case 6:
            return .array((0..<generator.below(30)).map { _ in random(using: &generator, depth: depth - 1) })
        case 7: return .sign1(random(using: &generator, depth: depth - 1))
        default:
            // Written in the bytewise order of the encoded keys, each key once.
            var keys: [CBORKey] = (0..<generator.below(30)).map { _ in
                switch generator.below(3) {
                case 0: .integer(Int64(generator.count()))
                case 1: .integer(-1 - Int64(generator.count() >> 1))
                default: .text(randomText(using: &generator))
                }
            }
            keys.sort { encoded($0).lexicographicallyPrecedes(encoded($1)) }
            var pairs: [Pair] = []
            for key in keys where pairs.last.map({ encoded($0.key) == encoded(key) }) != true {
                pairs.append(Pair(key: key, value: random(using: &generator, depth: depth - 1)))
            }
            return .map(pairs)
        }
    }

    private static func encoded(_ key: CBORKey) -> [UInt8] {
        switch key {
        case .integer(let value): Item.integer(value).encoded
        case .text(let value): Item.text(value).encoded
        }
    }

    private static func randomText(using generator: inout SeededGenerator) -> String {
        let scalars: [Unicode.Scalar] = ["a", "Z", "0", "-", "é", "中", "🦊", "\u{301}", "\u{0}"]
        var text = String.UnicodeScalarView()
        for _ in 0..<generator.below(40) { text.append(scalars[generator.below(scalars.count)]) }
        return String(text)
    }
}
