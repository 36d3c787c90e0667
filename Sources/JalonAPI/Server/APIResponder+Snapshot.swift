import Hummingbird
import JalonSchema
import NIOCore

extension APIResponder {
    /// Sends a snapshot piece by piece, as fast as the client reads it.
    func snapshot() async throws -> Response {
        guard let place = downloads.take() else { throw API.Problem.snapshotBusy }
        let outcome = try await race(limit: limits.snapshotTimeout, stop: stop) {
            try await ledger.snapshot()
        }
        let snapshot: StoredSnapshot
        switch outcome {
        case .value(let made): snapshot = made
        case .timedOut: throw API.Problem.timedOut
        case .stopping: throw API.Problem.shuttingDown
        }
        let body = ResponseBody(contentLength: snapshot.byteCount) { [stop] writer in
            defer { withExtendedLifetime(place) {} }
            var count = 0
            while count < snapshot.byteCount, !stop.isOpen {
                let bytes = try snapshot.read(count)
                guard !bytes.isEmpty else { throw ConnectionEnded() }
                try await writer.write(ByteBuffer(bytes: bytes))
                count += bytes.count
            }
            // A client must not take what it has for all of it.
            guard count == snapshot.byteCount else { throw ConnectionEnded() }
            try await writer.finish(nil)
        }
        var response = Response(status: .ok, body: body)
        response.headers[.contentType] = "application/cbor-seq"
        response.headers[.cacheControl] = "no-store"
        return response
    }
}
