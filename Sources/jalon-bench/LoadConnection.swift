import Foundation

/// A kept-alive HTTP/1.1 connection that hands transactions in and costs as little as it can: the load shares its machine
/// with the nodes that are measured.
///
/// It blocks its thread, speaks to loopback alone and understands no more of HTTP than the node's own answers need.
final class LoadConnection {
    private let socket: Int32
    private let host: String
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    /// Connects to `http://127.0.0.1:port`.
    ///
    /// - Throws: ``BenchFailure`` where nobody listens there.
    init(_ address: String) throws {
        let port = try Loopback.port(of: address)
        host = "127.0.0.1:\(port)"
        socket = try Loopback.connect(to: port)
    }

    deinit { close(socket) }

    /// Hands transactions in, in one request, and waits until the node has judged them.
    ///
    /// - Throws: ``BenchFailure`` where one is refused or the answer is none.
    func submit(_ transactions: ArraySlice<[UInt8]>) throws {
        let type = transactions.count == 1 ? "cose" : "cbor-seq"
        let byteCount = transactions.reduce(0) { $0 + $1.count }
        var request = Array(
            """
            POST /v1/transactions HTTP/1.1\r
            Host: \(host)\r
            Content-Type: application/\(type)\r
            Content-Length: \(byteCount)\r
            \r

            """.utf8
        )
        request.reserveCapacity(request.count + byteCount)
        for transaction in transactions { request += transaction }
        var sent = 0
        while sent < request.count {
            let count = request[sent...].withUnsafeBytes { write(socket, $0.baseAddress, $0.count) }
            guard count > 0 else { throw BenchFailure("the node at \(host) closed a connection") }
            sent += count
        }
        let (status, body) = try answer()
        guard status == 202 || status == 200, !body.contains("\"rejected\"") else {
            throw BenchFailure("the node at \(host) answered \(status): \(body.prefix(400))")
        }
    }

    private func answer() throws -> (status: Int, body: String) {
        var received: [UInt8] = []
        var head: (status: Int, end: Int, byteCount: Int)?
        while true {
            if head == nil { head = try LoadConnection.head(of: received) }
            if let head, received.count >= head.end + head.byteCount {
                return (head.status, String(decoding: received[head.end...], as: UTF8.self))
            }
            let count = read(socket, &buffer, buffer.count)
            guard count > 0 else { throw BenchFailure("the node at \(host) closed a connection") }
            received += buffer.prefix(count)
        }
    }

    private static func head(of bytes: [UInt8]) throws -> (status: Int, end: Int, byteCount: Int)? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.utf8.firstRange(of: "\r\n\r\n".utf8) else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }),
            let byteCount = length?.split(separator: ":").last.flatMap({
                Int($0.trimmingCharacters(in: .whitespaces))
            })
        else { throw BenchFailure("an answer without a status or a length") }
        return (status, text.utf8.distance(from: text.startIndex, to: end.upperBound), byteCount)
    }
}
