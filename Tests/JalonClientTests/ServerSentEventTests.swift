import Testing

@testable import JalonClient

@Suite("A stream of events")
struct ServerSentEventTests {
    private let text =
        ": hello\r\nretry: 2000\nid: 6\n\nid: 7\nevent: block\ndata: {\"a\":\ndata: 1}\n\n:\n\rdata:x\r\rdata: cut"
    private let expected = [
        ServerSentEvent(id: "7", name: "block", data: "{\"a\":\n1}"),
        ServerSentEvent(id: nil, name: "message", data: "x"),
    ]

    @Test("is the same however it is cut on the way", arguments: 1...20)
    func pieces(size: Int) throws {
        var parser = ServerSentEventParser()
        var events: [ServerSentEvent] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            events += try parser.parse(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        #expect(events == expected)
        #expect(parser.firstID == "6")
    }

    @Test("ends where an event is longer than the longest")
    func tooLong() throws {
        var parser = ServerSentEventParser()
        let piece = Array("data: ".utf8) + [UInt8](repeating: 65, count: (1 << 20) - 6)
        #expect(try parser.parse(piece).isEmpty)
        #expect(try parser.parse(piece).isEmpty)
        #expect(throws: ServerSentEventParser.TooLong()) { try parser.parse([65]) }
    }
}
