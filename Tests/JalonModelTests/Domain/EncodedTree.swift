/// Any encoding of the codec's subset as a tree that a test can damage in one place: a map's fields in their order, so
/// that a wrong order can be made too.
indirect enum EncodedTree: Equatable, Sendable {
    case integer(Int64)
    case bytes([UInt8])
    case text(String)
    case array([EncodedTree])
    case map([Field])
    case bool(Bool)

    struct Field: Equatable, Sendable {
        var key: String
        var value: EncodedTree
    }

    init(_ bytes: [UInt8]) {
        var position = 0
        self = EncodedTree.parse(bytes, &position)
        precondition(position == bytes.count, "a test's base is one whole encoding")
    }

    // MARK: - Damage

    /// This tree with the value at `path` changed, or removed where it is `nil`.
    ///
    /// An absent key is added in its place in the order. A path names map keys and array indices, with dots between them.
    func setting(_ path: String, _ value: EncodedTree?) -> EncodedTree {
        setting(path.split(separator: ".").map(String.init)[...], value)
    }

    func at(_ path: String) -> EncodedTree {
        path.split(separator: ".").reduce(self) { tree, part in
            switch tree {
            case .map(let fields): fields.first { $0.key == part }?.value ?? .map([])
            case .array(let items): items[Int(part) ?? 0]
            default: tree
            }
        }
    }

    private func setting(_ path: ArraySlice<String>, _ value: EncodedTree?) -> EncodedTree {
        guard let first = path.first else { return value ?? self }
        let rest = path.dropFirst()
        switch self {
        case .map(var fields):
            let index = fields.firstIndex { $0.key == first }
            if rest.isEmpty, value == nil {
                if let index { fields.remove(at: index) }
            } else if let index {
                fields[index].value = fields[index].value.setting(rest, value)
            } else {
                fields.append(Field(key: first, value: value ?? .map([])))
                fields.sort {
                    EncodedTree.text($0.key).encoded.lexicographicallyPrecedes(
                        EncodedTree.text($1.key).encoded
                    )
                }
            }
            return .map(fields)
        case .array(var items):
            let index = Int(first) ?? items.count
            if rest.isEmpty, value == nil {
                items.remove(at: index)
            } else if index < items.count {
                items[index] = items[index].setting(rest, value)
            } else {
                items.append(value ?? .map([]))
            }
            return .array(items)
        default: return value ?? self
        }
    }

    // MARK: - Bytes

    var encoded: [UInt8] {
        switch self {
        case .integer(let value):
            value >= 0
                ? EncodedTree.head(0, UInt64(value)) : EncodedTree.head(1, UInt64(-1 - value))
        case .bytes(let bytes): EncodedTree.head(2, UInt64(bytes.count)) + bytes
        case .text(let text): EncodedTree.head(3, UInt64(text.utf8.count)) + Array(text.utf8)
        case .array(let items): EncodedTree.head(4, UInt64(items.count)) + items.flatMap(\.encoded)
        case .map(let fields):
            EncodedTree.head(5, UInt64(fields.count))
                + fields.flatMap { EncodedTree.text($0.key).encoded + $0.value.encoded }
        case .bool(let value): [value ? 0xF5 : 0xF4]
        }
    }

    private static func head(_ major: UInt8, _ value: UInt64) -> [UInt8] {
        let byteCount = value < 24 ? 0 : value < 1 << 8 ? 1 : value < 1 << 16 ? 2 : value < 1 << 32 ? 4 : 8
        guard byteCount > 0 else { return [major << 5 | UInt8(value)] }
        let short = UInt8(24 + byteCount.trailingZeroBitCount)
        return [major << 5 | short]
            + (0..<byteCount).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }

    private static func parse(_ bytes: [UInt8], _ position: inout Int) -> EncodedTree {
        let initial = bytes[position]
        position += 1
        if initial == 0xF4 || initial == 0xF5 { return .bool(initial == 0xF5) }
        var value = UInt64(initial & 31)
        if value >= 24 {
            let byteCount = 1 << Int(value - 24)
            value = bytes[position..<position + byteCount].reduce(0) { $0 << 8 | UInt64($1) }
            position += byteCount
        }
        let count = Int(value)
        func string() -> [UInt8] {
            position += count
            return Array(bytes[position - count..<position])
        }
        switch initial >> 5 {
        case 0: return .integer(Int64(value))
        case 1: return .integer(-1 - Int64(value))
        case 2: return .bytes(string())
        case 3: return .text(String(decoding: string(), as: UTF8.self))
        case 4: return .array((0..<count).map { _ in parse(bytes, &position) })
        default:
            return .map(
                (0..<count).map { _ in
                    guard case .text(let key) = parse(bytes, &position) else {
                        preconditionFailure("Jalon's own maps have text keys")
                    }
                    return Field(key: key, value: parse(bytes, &position))
                }
            )
        }
    }
}

extension EncodedTree: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral
{
    init(stringLiteral value: String) { self = .text(value) }
    init(integerLiteral value: Int64) { self = .integer(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(arrayLiteral elements: EncodedTree...) { self = .array(elements) }
}
