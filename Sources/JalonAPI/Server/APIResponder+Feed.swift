import Hummingbird
import JalonSchema
import NIOCore

extension APIResponder {
    /// Server-Sent Events (WHATWG HTML §9.2), one a final block, its `id` the height.
    ///
    /// Starts after the height that `Last-Event-ID` or the parameter `after` names, else with the next block.
    func feed(_ request: Request, query: Query) async throws -> Response {
        let head = try await ledger.nodeStatus().head.height
        var start = try query.integer("after", in: 0...UInt64(Int64.max)) ?? head
        // The client's own memory is newer than the address it was once given.
        if let text = request.lastEventID, let height = UInt64(decimalDigits: text) { start = height }
        guard request.method != .head else {
            return .bytes(ByteBuffer(), type: "text/event-stream")
        }
        guard !request.announcesBody else { throw API.Problem.malformed("a GET takes no body here") }
        guard let place = subscribers.take() else { throw API.Problem.busy("the feed is") }
        let first = min(start, head)
        let ends = ContinuousClock.now + limits.feedLifetime
        let body = ResponseBody { [ledger, limits, stop] writer in
            defer { withExtendedLifetime(place) {} }
            try await request.body.consumeWithCancellationOnInboundClose { _ in
                try await writer.write(
                    ByteBuffer(string: "retry: 2000\nid: \(first)\n\n")
                )
                var height = first
                while ContinuousClock.now < ends {
                    let outcome = try await race(limit: limits.heartbeat, stop: stop) { [height] in
                        try await ledger.feedEvent(after: height)
                    }
                    switch outcome {
                    case .value(let event):
                        height = event.height
                        try await writer.write(try frame(of: event))
                    case .timedOut: try await writer.write(ByteBuffer(string: ":\n\n"))
                    case .stopping: return
                    }
                }
            }
            try await writer.finish(nil)
        }
        var response = Response(status: .ok, body: body)
        response.headers[.contentType] = "text/event-stream"
        response.headers[.cacheControl] = "no-store"
        return response
    }

    private func frame(of event: API.FeedEvent) throws -> ByteBuffer {
        var buffer = ByteBuffer(string: "id: \(event.height)\nevent: block\ndata: ")
        buffer.writeBytes(try jsonBytes(event))
        buffer.writeString("\n\n")
        return buffer
    }
}
