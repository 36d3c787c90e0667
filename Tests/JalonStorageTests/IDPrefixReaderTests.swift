import JalonCrypto
import Testing

@testable import JalonStorage

@Suite("The first digits of an id, as the index keeps them")
struct IDPrefixReaderTests {
    @Test(
        "hold every id that begins with them, and the nearest others not",
        arguments: [
            "00000000", "7fffffff", "80000000", "ffffffff", "9a40c51e", "0123456789abcdef", "ABCDEF0123",
        ]
    )
    func range(digits: String) throws {
        let keys = try #require(IDPrefix(digits)).keys
        func key(_ rest: Character) throws -> Int64 {
            let hex = digits.lowercased() + String(repeating: rest, count: 64 - digits.count)
            return Checksum.prefix(try #require(Digest(hex: hex)))
        }
        #expect(try keys.lowerBound == key("0"))
        #expect(try keys.upperBound == key("f"))
        #expect(try keys.contains(key("7")))
    }

    @Test(
        "are refused where they are not 8 to 16 hexadecimal digits",
        arguments: ["", "9a40c51", "+1234567", "9a40c51g", "0123456789abcdef0"]
    )
    func refused(text: String) { #expect(IDPrefix(text) == nil) }
}
