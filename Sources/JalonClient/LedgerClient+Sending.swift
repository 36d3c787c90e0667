import AsyncHTTPClient
import FoundationEssentials
import JalonSchema
import NIOCore
import NIOHTTP1

/// What is asked of a node, whichever it is.
struct ClientRequest {
    /// Where transactions are handed in.
    static let submissions = "/v1/transactions"

    var path: String
    var body: [UInt8]?
    /// The body's media type.
    var type = ""
}

extension LedgerClient {
    /// How long a node may take to say whether it is up to date.
    private static var choiceLimit: Duration { .seconds(3) }

    func send(get path: String, within limit: Duration? = nil) async throws(ClientError) -> Answer {
        try await send(ClientRequest(path: path), within: limit ?? timeout)
    }

    func send(post path: String, _ body: [UInt8], type: String) async throws(ClientError) -> Answer {
        try await send(ClientRequest(path: path, body: body, type: type), within: timeout)
    }

    /// Sends a request to the present node, and to each of the others where that one does not answer it.
    ///
    /// Asking again is harmless, and so is handing in again: the same bytes are recorded once.
    private func send(_ request: ClientRequest, within limit: Duration) async throws(ClientError) -> Answer {
        guard nodes.hasSeveral else { return try await send(request, to: address, within: limit) }
        if nodes.mustChoose() { await choose() }
        var failures: [ClientError] = []
        for _ in nodes.addresses {
            let asked = address
            do {
                let answer = try await send(request, to: asked, within: limit)
                guard let problem = answer.problem, problem.mayDoElsewhere else { return answer }
                failures.append(.refused(problem))
                nodes.move(from: asked, because: problem.detail)
            } catch {
                try Task.checkCancellation(or: error)
                failures.append(error)
                nodes.move(from: asked, because: error.reason)
            }
        }
        // One of them may have it, whatever the others say.
        if request.path == ClientRequest.submissions, failures.contains(where: \.isUnanswered) {
            throw .noneReachable(failures)
        }
        // A node that answered, if only that it can't now, says more than those that did not.
        if let refused = failures.first(where: \.isRefusal) { throw refused }
        throw .noneReachable(failures)
    }

    private func send(_ request: ClientRequest, to address: String, within limit: Duration)
        async throws(ClientError) -> Answer
    {
        var prepared = HTTPClientRequest(url: address + request.path)
        if let body = request.body {
            prepared.method = .POST
            prepared.headers.add(name: "Content-Type", value: request.type)
            prepared.body = .bytes(ByteBuffer(bytes: body))
        }
        prepared.headers.add(
            name: "Accept",
            value: "application/json, application/problem+json, */*;q=0.1"
        )
        do {
            return try await withDeadline(limit) { [prepared, connections] in
                let response = try await connections.execute(prepared, timeout: TimeAmount(limit))
                var body = try await response.body.collect(upTo: LedgerClient.maximumAnswerByteCount)
                return Answer(
                    status: Int(response.status.code),
                    type: response.headers.first(name: "Content-Type") ?? "",
                    bytes: body.readBytes(length: body.readableBytes) ?? []
                )
            }
        } catch {
            throw clientError(error, of: address)
        }
    }

    // MARK: - Which node

    /// Takes the first node that is ready, or else the one that is furthest.
    private func choose() async {
        var best: (place: Int, height: UInt64)?
        var reason = ""
        for (place, address) in nodes.addresses.enumerated() {
            let state: NodeReadiness
            do {
                let answer = try await send(
                    ClientRequest(path: "/health/ready"),
                    to: address,
                    within: min(timeout, LedgerClient.choiceLimit)
                )
                state = try JSONDecoder().decode(NodeReadiness.self, from: Data(answer.bytes))
            } catch {
                if place == 0 { reason = (error as? ClientError)?.reason ?? "it gave no answer of the API's" }
                continue
            }
            if place == 0 { reason = state.reasons.joined(separator: "; ") }
            if state.isReady { return nodes.choose(place, because: reason) }
            if state.height > best?.height ?? 0 { best = (place, state.height) }
        }
        if let best { nodes.choose(best.place, because: reason) }
    }
}

/// What `/health/ready` says, whether with 200 or 503.
private struct NodeReadiness: Decodable {
    let isReady: Bool
    let reasons: [String]
    let height: UInt64
}

extension API.Problem {
    /// Whether another node may well do what this one can't now, or holds what this one does not: a node that joined by a
    /// snapshot lacks the first blocks.
    ///
    /// A state that is being made is not: elsewhere it would be begun anew.
    fileprivate var mayDoElsewhere: Bool {
        status == 410 || status == 503 && code != "E_PAST_HEIGHT" && code != "E_NOT_SEALED"
    }
}

extension ClientError {
    fileprivate var isRefusal: Bool { if case .refused = self { true } else { false } }
}

extension Task where Success == Never, Failure == Never {
    /// Goes on only where the task was not cancelled.
    fileprivate static func checkCancellation(or error: ClientError) throws(ClientError) {
        if isCancelled { throw error }
    }
}

/// An answer, read whole.
struct Answer {
    let status: Int
    let type: String
    let bytes: [UInt8]

    var isProblem: Bool { type.hasPrefix("application/problem+json") }

    /// The problem that it is; `nil` for every other answer.
    var problem: API.Problem? {
        isProblem ? try? JSONDecoder().decode(API.Problem.self, from: Data(bytes)) : nil
    }
}
