import HTTPTypes
import Hummingbird
import JalonSchema

extension APIResponder {
    /// How often an answer is read again because a block came meanwhile.
    private static var attempts: Int { 3 }

    /// Answers what follows from the ledger's state after one block: says after which, tags it, and answers 304 to
    /// whoever has it already, without reading anything.
    ///
    /// The height is looked at before and after, so that a tag never stands on bytes of another block.
    ///
    /// - Parameters:
    ///   - target: The request's.
    ///   - request: For its `If-None-Match`.
    ///   - variant: What the answer depends on besides the target and the state.
    ///   - read: Makes the answer.
    /// - Returns: The answer; without a tag where new blocks came each time it was read.
    /// - Throws: What `read` throws.
    func state(
        _ target: RequestTarget,
        _ request: Request,
        variant: String = "",
        _ read: () async throws -> Response
    ) async throws -> Response {
        let pinned = target.query["height"] == nil ? nil : try target.query.height()
        let asked = request.headers[.ifNoneMatch]
        for attempt in 1... {
            let before = try await ledger.nodeStatus()
            let height = pinned ?? before.head.height
            let tag = EntityTag(
                target: request.head.path ?? "",
                variant: variant,
                chain: before.chain,
                height: height,
                version: before.version
            )
            if tag.isNamed(in: asked) { return Response.notModified(tag, isPinned: pinned != nil) }
            var response = try await read()
            guard response.status == .ok else { return response }
            if pinned == nil, try await ledger.nodeStatus().head.height != height {
                guard attempt < Self.attempts else { return response }
                continue
            }
            if tag.isNamed(in: asked, orAny: true) {
                return Response.notModified(tag, isPinned: pinned != nil)
            }
            response.identify(tag, height: height, isPinned: pinned != nil)
            return response
        }
        throw API.Problem.internal
    }
}

extension Response {
    /// Says of which height it is, and how long it may be kept: one of a height that was asked for never changes.
    mutating func identify(_ tag: EntityTag, height: UInt64, isPinned: Bool) {
        headers[.eTag] = tag.text
        headers[.jalonHeight] = "\(height)"
        headers[.cacheControl] = Response.caching(isPinned: isPinned)
    }

    /// What is at hand still stands (RFC 9110 §15.4.5).
    static func notModified(_ tag: EntityTag, isPinned: Bool) -> Response {
        var response = Response(status: .notModified)
        response.headers[.eTag] = tag.text
        response.headers[.cacheControl] = caching(isPinned: isPinned)
        return response
    }

    private static func caching(isPinned: Bool) -> String { isPinned ? "public, max-age=3600" : "no-cache" }
}
