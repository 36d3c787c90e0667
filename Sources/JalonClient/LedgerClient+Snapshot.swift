import AsyncHTTPClient
import NIOCore
import NIOHTTP1

extension LedgerClient {
    /// Fetches a snapshot of the node's ledger, piece by piece.
    ///
    /// - Parameter take: Given each piece, in order.
    /// - Throws: ``ClientError``, and whatever `take` throws.
    package func snapshot(_ take: ([UInt8]) throws -> Void) async throws {
        let address = address
        let request = HTTPClientRequest(url: address + "/v1/snapshot")
        let response: HTTPClientResponse
        do {
            response = try await connections.execute(request, timeout: .hours(1))
        } catch { throw clientError(error, of: address) }
        guard response.status == .ok else {
            var body = try await response.body.collect(upTo: 1 << 20)
            return try checkOK(
                Answer(
                    status: Int(response.status.code),
                    type: response.headers.first(name: "Content-Type") ?? "",
                    bytes: body.readBytes(length: body.readableBytes) ?? []
                )
            )
        }
        var pieces = response.body.makeAsyncIterator()
        while true {
            let piece: ByteBuffer?
            do { piece = try await pieces.next() } catch { throw clientError(error, of: address) }
            guard let piece else { return }
            try take(Array(piece.readableBytesView))
        }
    }
}
