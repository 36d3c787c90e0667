import JalonCodec
import JalonTestKit
import Testing

/// One change to a valid encoding that its decoder must refuse, and a piece of the reason that it gives.
struct Patch: Sendable, CustomTestStringConvertible {
    let name: String
    /// The item to change: its index in the outermost array, then in the array that stands there, and so on.
    let path: [Int]
    let change: Change
    let reason: String

    enum Change: Sendable {
        case replace(String)
        case insert(String)
        case remove
    }

    init(_ name: String, _ path: [Int], _ change: Change, _ reason: String) {
        self.name = name
        self.path = path
        self.change = change
        self.reason = reason
    }

    var testDescription: String { name }

    /// The changed encoding.
    func applied(to encoding: [UInt8]) throws -> [UInt8] {
        try Patch.applied(change, at: path[...], to: encoding)
    }

    private static func applied(_ change: Change, at path: ArraySlice<Int>, to encoding: [UInt8]) throws
        -> [UInt8]
    {
        guard let index = path.first else { return encoding }
        var items = try items(of: encoding)
        if path.count > 1 {
            items[index] = try applied(change, at: path.dropFirst(), to: items[index])
        } else {
            switch change {
            case .replace(let hex): items[index] = bytes(hex)
            case .insert(let hex): items.insert(bytes(hex), at: index)
            case .remove: items.remove(at: index)
            }
        }
        var encoder = CBOREncoder()
        encoder.encode(array: items) { $0.append(encoded: $1) }
        return encoder.bytes
    }

    private static func items(of encoding: [UInt8]) throws -> [[UInt8]] {
        try CBORDecoder.decode(encoding[...]) { (decoder) throws(CBORError) in
            try decoder.decodeArray(maximum: .max) { (decoder) throws(CBORError) in
                Array(try decoder.decodeEncodedItem())
            }
        }
    }

    /// Expects that `read` refuses the changed encoding for the reason.
    func expectRefusal<Value>(
        of encoding: [UInt8],
        _ read: (inout CBORDecoder) throws(CBORError) -> Value
    ) throws {
        let changed = try applied(to: encoding)
        let error = #expect(throws: CBORError.self) { _ = try WireSample.decode(changed, read) }
        let description = error?.description ?? ""
        #expect(description.contains(reason), "refused for another reason: \(description)")
    }
}

/// Encodings of items that patches put in.
enum Hexes {
    static let digest = "5820" + Digest32.hex
    static let zeros = "5820" + String(repeating: "00", count: 32)
    static let shortDigest = "581f" + String(repeating: "11", count: 31)
    static let signature = "5840" + String(repeating: "22", count: 64)
    static let longSignature = "5881" + String(repeating: "22", count: 129)

    private enum Digest32 { static let hex = String(repeating: "11", count: 32) }
}
