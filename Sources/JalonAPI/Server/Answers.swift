import FoundationEssentials
import HTTPTypes
import Hummingbird
import JalonSchema
import Logging
import NIOCore

/// A request's context: the channel, so that an answer can close it.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}

extension HTTPField.Name {
    /// The block after which an answer stood.
    static let jalonHeight = HTTPField.Name("Jalon-Height") ?? .age
}

/// A value in JSON on one line, its keys sorted so that equal values have equal bytes.
func jsonBytes(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
}

/// The connection was closed on purpose after an answer.
struct ConnectionEnded: Error {}

extension Response {
    /// An answer with these bytes.
    static func bytes(_ buffer: ByteBuffer, type: String, status: Int = 200) -> Response {
        var response = Response(
            status: .init(code: status),
            body: ResponseBody(byteBuffer: buffer)
        )
        response.headers[.contentType] = type
        response.headers[.cacheControl] = "no-cache"
        return response
    }

    /// An answer in JSON.
    static func json(
        _ value: some Encodable,
        type: String = "application/json",
        status: Int = 200
    ) throws -> Response {
        bytes(ByteBuffer(bytes: try jsonBytes(value)), type: type, status: status)
    }

    /// A problem of RFC 9457.
    static func problem(_ problem: API.Problem) -> Response {
        var response: Response
        do {
            response = try json(problem, type: "application/problem+json", status: problem.status)
        } catch {
            response = Response(status: .internalServerError)
        }
        if let seconds = problem.retryAfter ?? (problem.status == 503 ? 2 : nil) {
            response.headers[.retryAfter] = "\(seconds)"
        }
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// The same answer, after which the connection is closed whatever the client still sends.
    ///
    /// The write side is closed first and the rest a second later: closing at once would reset the connection under
    /// a client that is still sending, which then never reads the answer.
    func closing(_ channel: any Channel) -> Response {
        var response = self
        let body = response.body
        response.headers[.connection] = "close"
        response.body = ResponseBody(contentLength: body.contentLength) { writer in
            try await body.write(writer)
            try? await channel.close(mode: .output)
            try await Task.sleep(for: .seconds(1))
            throw ConnectionEnded()
        }
        return response
    }
}
