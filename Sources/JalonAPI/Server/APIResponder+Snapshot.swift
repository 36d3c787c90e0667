import Hummingbird
import JalonSchema
import NIOCore

extension APIConfiguration.Limits {
    /// Whether a client that took so many bytes of a snapshot by now is fast enough.
    fileprivate func isInTime(_ byteCount: Int, after duration: Duration) -> Bool {
        duration <= snapshotGrace + .seconds(byteCount / max(1, snapshotByteRate))
    }
}

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
        let body = ResponseBody(contentLength: snapshot.byteCount) { [stop, limits] writer in
            defer { withExtendedLifetime(place) {} }
            var count = 0
            let start = ContinuousClock.now
            while count < snapshot.byteCount, !stop.isOpen {
                // Who takes a little now and then would keep one of few places for ever.
                guard limits.isInTime(count, after: ContinuousClock.now - start) else {
                    throw ConnectionEnded()
                }
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
