import Hummingbird
import JalonSchema
import NIOCore

extension APIResponder {
    /// How much the feed tells.
    private enum Detail: String {
        /// Every final block, with a line for each of its transactions.
        case blocks
        /// The newest head alone, however many blocks came since the last event.
        case heads
    }

    /// Server-Sent Events (WHATWG HTML §9.2), their `id` the height: one a final block, or with `detail=heads` the newest
    /// head.
    ///
    /// Starts after the height that `Last-Event-ID` or the parameter `after` names, else with the next block.
    func feed(_ request: Request, query: Query) async throws -> Response {
        let detailText = query["detail"] ?? Detail.blocks.rawValue
        guard let detail = Detail(rawValue: detailText) else {
            throw API.Problem.query("detail=\(detailText): expected blocks or heads")
        }
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
                        switch detail {
                        case .blocks:
                            let event = try await ledger.feedEvent(after: height)
                            return (height: event.height, frame: try frame("block", event.height, event))
                        case .heads:
                            let head = try await ledger.head(after: height)
                            return (height: head.height, frame: try frame("head", head.height, head))
                        }
                    }
                    switch outcome {
                    case .value(let event):
                        height = event.height
                        try await writer.write(event.frame)
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

    private func frame(_ name: String, _ height: UInt64, _ event: some Encodable) throws -> ByteBuffer {
        try frames.frame(FeedFrames.Key(name: name, height: height)) {
            var buffer = ByteBuffer(string: "id: \(height)\nevent: \(name)\ndata: ")
            buffer.writeBytes(try jsonBytes(event))
            buffer.writeString("\n\n")
            return buffer
        }
    }
}
