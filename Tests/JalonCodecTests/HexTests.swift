import JalonCodec
import Testing

@Suite("Hexadecimal text")
struct HexTests {
    @Test("bytes are written in lower case and read in either")
    func roundTrip() {
        #expect(Hex.encode([0x00, 0x0F, 0xAB, 0xFF]) == "000fabff")
        #expect(Hex.decode("000fabff") == [0x00, 0x0F, 0xAB, 0xFF])
        #expect(Hex.decode("ABcd") == [0xAB, 0xCD])
        #expect(Hex.decode("") == [])
    }

    @Test(
        "anything else is refused",
        arguments: ["0", "0g", "g0", " 00", "0x00", "00 ", "é0", "０0", "/0", ":0", "@0", "`0", "-1"]
    )
    func refuses(_ text: String) {
        #expect(Hex.decode(text) == nil)
    }
}
