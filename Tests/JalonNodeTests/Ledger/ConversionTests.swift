import JalonCodec
import JalonModel
import JalonSchema
import JalonState
import Testing

@testable import JalonNode

@Suite("What the ledger holds is told as JSON")
struct ConversionTests {
    @Test("CBOR of every kind becomes JSON, its members sorted by name")
    func json() throws {
        var encoder = CBOREncoder()
        encoder.encodeMap { map in
            map.field("b") { $0.encode(bytes: [0xAB, 0x01]) }
            map.field("z") { $0.encode(Int64(-7)) }
            map.field("aa") { $0.encode(array: [true, false]) { $0.encode($1) } }
            map.field("zh") { $0.encode("三") }
        }
        let json = try API.JSON(cbor: encoder.bytes)
        #expect(
            json
                == .object([
                    API.JSON.Member("aa", .array([.bool(true), .bool(false)])),
                    API.JSON.Member("b", .string("ab01")),
                    API.JSON.Member("z", .integer(-7)), API.JSON.Member("zh", .string("三")),
                ])
        )
    }

    @Test(
        "Bytes that are no such CBOR are refused",
        arguments: [[], [0xA1], [0xFB, 0, 0, 0, 0, 0, 0, 0, 0], [0x00, 0x00]]
    )
    func noJSON(_ bytes: [UInt8]) {
        #expect(throws: CBORError.self) { try API.JSON(cbor: bytes) }
    }

    @Test("Each status has the same name on both sides", arguments: StatusName.allCases)
    func statusNames(_ name: StatusName) {
        #expect(API.StatusCode(name).rawValue == name.rawValue)
    }

    @Test("A map of the newest entries forgets the oldest")
    func recent() {
        var map = RecentMap<Int, String>(capacity: 3)
        for number in 1...6 { map[number] = "\(number)" }
        #expect(map[1] == nil && map[4] == "4" && map[6] == "6" && map.count <= 6)
        map[5] = nil
        #expect(map[5] == nil)
        map[4] = "four"
        #expect(map[4] == "four")
    }
}
