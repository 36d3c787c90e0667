import JalonCrypto
import JalonModel
import Testing

@testable import JalonNode

@Suite("A delegate's file")
struct DelegateFileTests {
    private func made() throws -> DelegateFile {
        DelegateFile(
            member: try #require(MemberID("cn-hn")),
            chain: ChainID(SHA256.hash([1])),
            key: try PrivateKey(seed: [UInt8](repeating: 3, count: 32))
        )
    }

    private func read(_ text: String) throws(ConfigurationError) -> DelegateFile {
        try DelegateFile(StrictYAML(text: text, file: "office.delegate.json"))
    }

    @Test("comes back as it was written")
    func roundTrip() throws {
        let file = try made()
        #expect(try read(file.json) == file)
    }

    @Test(
        "whose proof is for another member, chain or key is refused",
        arguments: ["\"cn-hn\"", "\"chain\": \"", "\"key\": \"", "\"proof\": \"", "jalon-delegate/1"]
    )
    func refused(place: String) throws {
        let json = try made().json
        let range = try #require(json.firstRange(of: place))
        var bytes = Array(json.utf8)
        // The digit after the place, or its last character, becomes another.
        let offset = json.utf8.distance(from: json.startIndex, to: range.upperBound)
        let index = place.hasSuffix("\": \"") ? offset : offset - 2
        bytes[index] = bytes[index] == UInt8(ascii: "a") ? UInt8(ascii: "b") : UInt8(ascii: "a")
        #expect(throws: ConfigurationError.self) { try read(String(decoding: bytes, as: UTF8.self)) }
    }
}
