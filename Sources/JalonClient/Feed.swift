import AsyncHTTPClient
import FoundationEssentials
package import JalonSchema
import NIOCore
import NIOHTTP1

/// What a feed tells of: one of its details.
package protocol FeedContent: Decodable, Sendable {
    /// The parameter `detail` of `GET /v1/feed`, which names the events too.
    static var detail: (parameter: String, event: String) { get }
    /// The event's place in the feed.
    var height: UInt64 { get }
}

extension API.FeedEvent: FeedContent {
    package static var detail: (parameter: String, event: String) { ("blocks", "block") }
}

extension API.Head: FeedContent {
    package static var detail: (parameter: String, event: String) { ("heads", "head") }
}

/// The events that a node tells: every final block, in order and without a gap, or ever newer heads.
///
/// When the connection breaks it is made again and resumed after the last height seen.
package struct Feed<Element: FeedContent>: AsyncSequence, Sendable {
    package typealias Failure = any Error

    let client: LedgerClient
    let height: UInt64?
    let attempts: Int

    package func makeAsyncIterator() -> Iterator {
        Iterator(client: client, height: height, attempts: attempts)
    }

    package struct Iterator: AsyncIteratorProtocol {
        private let client: LedgerClient
        private var height: UInt64?
        private let attempts: Int
        private var failures = 0
        /// The node that is followed.
        private var address: String
        private var body: HTTPClientResponse.Body.AsyncIterator?
        private var parser = ServerSentEventParser()
        private var events: ArraySlice<ServerSentEvent> = []

        fileprivate init(client: LedgerClient, height: UInt64?, attempts: Int) {
            self.client = client
            address = client.address
            self.height = height
            self.attempts = attempts
        }

        /// - Throws: ``ClientError`` once too many attempts failed one after the other, or the node refuses;
        ///   `CancellationError` where the task is cancelled.
        package mutating func next() async throws -> Element? {
            while true {
                if let event = events.popFirst() {
                    guard event.name == Element.detail.event else { continue }
                    let decoded = try decode(event)
                    // A feed that repeats itself after a reconnection is not told twice.
                    if let height, decoded.height <= height { continue }
                    height = decoded.height
                    return decoded
                }
                do {
                    try await read()
                } catch {
                    body = nil
                    try Task.checkCancellation()
                    let error = client.clientError(error, of: address)
                    if case .refused(let problem) = error, problem.status != 503 { throw error }
                    let nodeCount = client.nodes.addresses.count
                    if case .badAnswer = error, nodeCount == 1 { throw error }
                    failures += 1
                    guard failures < attempts * nodeCount else { throw error }
                    client.nodes.move(from: address, because: error.reason)
                    // A pause only after all of them failed.
                    let rounds = failures / nodeCount
                    guard failures.isMultiple(of: nodeCount) else { continue }
                    try await Task.sleep(for: .milliseconds(250 << (rounds < 5 ? rounds : 5)))
                }
            }
        }

        private mutating func read() async throws {
            if body == nil { try await connect() }
            // Taken out while it is asked: an iterator can't be read in two places at once.
            guard var reading = body.take(), let part = try await reading.next(isolation: #isolation) else {
                throw ClientError.broken(address: address, reason: "the feed ended")
            }
            do {
                events = try parser.parse(part.readableBytesView)[...]
            } catch {
                throw ClientError.badAnswer(address: address, reason: "an event that is too long")
            }
            body = reading
            if height == nil { height = parser.firstID.flatMap { UInt64($0) } }
            failures = 0
        }

        private mutating func connect() async throws {
            address = client.address
            var request = HTTPClientRequest(
                url: address + "/v1/feed?detail=\(Element.detail.parameter)"
            )
            request.headers.add(name: "Accept", value: "text/event-stream")
            if let height { request.headers.add(name: "Last-Event-ID", value: String(height)) }
            let response = try await client.connections.execute(request, deadline: .distantFuture)
            guard response.status.code == 200 else {
                let bytes = try await response.body.collect(upTo: 1 << 16)
                if let problem = try? JSONDecoder().decode(
                    API.Problem.self,
                    from: Data(bytes.readableBytesView)
                ) {
                    throw ClientError.refused(problem)
                }
                throw ClientError.badAnswer(
                    address: address,
                    reason: "HTTP status \(response.status.code)"
                )
            }
            parser = ServerSentEventParser()
            body = response.body.makeAsyncIterator()
        }

        private func decode(_ event: ServerSentEvent) throws -> Element {
            do {
                return try JSONDecoder().decode(Element.self, from: Data(event.data.utf8))
            } catch {
                throw ClientError.badAnswer(address: address, reason: "\(error)")
            }
        }
    }
}
