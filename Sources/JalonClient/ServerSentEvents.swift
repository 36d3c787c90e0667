/// One event of a stream.
struct ServerSentEvent: Equatable {
    var id: String?
    var name: String
    var data: String
}

/// Cuts a stream of bytes into Server-Sent Events (WHATWG HTML §9.2.6), however it is cut on the way.
struct ServerSentEventParser {
    /// Bytes of the longest event; a server that sends more is not the API.
    static let maximumByteCount = 2 << 20

    private var line: [UInt8] = []
    private var isAfterCarriageReturn = false
    private var data: String?
    private var name = ""
    private var id: String?
    private var byteCount = 0
    /// The first id that was said, also by an event without data.
    private(set) var firstID: String?

    /// An event is longer than ``maximumByteCount``.
    struct TooLong: Error, Equatable {}

    /// Takes the next bytes.
    ///
    /// - Returns: The events that they complete, in order.
    mutating func parse(_ bytes: some Sequence<UInt8>) throws(TooLong) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            defer { isAfterCarriageReturn = byte == UInt8(ascii: "\r") }
            switch byte {
            case UInt8(ascii: "\n") where isAfterCarriageReturn: continue
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                if let event = endLine() { events.append(event) }
            default:
                byteCount += 1
                guard byteCount <= ServerSentEventParser.maximumByteCount else { throw TooLong() }
                line.append(byte)
            }
        }
        return events
    }

    private mutating func endLine() -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else { return endEvent() }
        let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        var value = parts.count == 2 ? parts[1] : []
        if value.first == UInt8(ascii: " ") { value.removeFirst() }
        let text = String(decoding: value, as: UTF8.self)
        switch String(decoding: parts[0], as: UTF8.self) {
        case "data": data = data.map { $0 + "\n" + text } ?? text
        case "event": name = text
        case "id":
            id = text
            if firstID == nil { firstID = text }
        default: break
        }
        return nil
    }

    private mutating func endEvent() -> ServerSentEvent? {
        defer { (data, name, id, byteCount) = (nil, "", nil, 0) }
        guard let data else { return nil }
        return ServerSentEvent(id: id, name: name.isEmpty ? "message" : name, data: data)
    }
}
