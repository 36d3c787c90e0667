import Hummingbird
import JalonCrypto
import JalonModel
import JalonSchema
import Logging
import NIOCore

/// Answers requests: one closed list of routes, and the same checks before each.
struct APIResponder<Ledger: LedgerReading & TransactionSubmitting>: HTTPResponder {
    let ledger: Ledger
    let limits: APIConfiguration.Limits
    /// Opens when the server stops.
    let stop: Latch<Void>
    /// The addresses of other nodes that serve the same pages.
    let others: [String]

    /// For bodies that are being read; and for what is done with those that came whole.
    let bodies: BodyRoom
    let submissions: Places
    let waiters: Places
    let subscribers: Places
    let downloads: Places
    let exports: Places
    let frames = FeedFrames()
    /// `http` or `https`, for links to this node.
    let scheme: String

    init(
        ledger: Ledger,
        limits: APIConfiguration.Limits,
        others: [String],
        scheme: String,
        stop: Latch<Void>
    ) {
        self.scheme = scheme
        self.ledger = ledger
        self.others = others
        self.limits = limits
        self.stop = stop
        bodies = BodyRoom(byteCount: limits.bodiesByteCount, perClient: limits.clientBodiesByteCount)
        submissions = Places(limits.submissions)
        waiters = Places(limits.waiters)
        subscribers = Places(limits.subscribers)
        downloads = Places(limits.snapshots)
        exports = Places(limits.exports)
    }

    func respond(to request: Request, context: APIContext) async throws -> Response {
        var response: Response
        var isBodyRead = false
        do {
            response = try await answer(request, from: context.channel.remoteAddress, isBodyRead: &isBodyRead)
        } catch let problem as API.Problem {
            response = Self.wantsPage(request) ? page(of: problem, for: request) : .problem(problem)
        } catch is CancellationError {
            response = .problem(.shuttingDown)
        } catch {
            context.logger.error(
                "request failed",
                metadata: ["error": "\(error)", "http.path": "\(request.uri.path)"]
            )
            response = .problem(.internal)
        }
        if request.method != .post {
            // What is read is public, and nothing here depends on who asks. Submitting from another site is refused
            // to browsers: it needs no page, only a key, and a page must not use its visitors to send.
            response.headers[.accessControlAllowOrigin] = "*"
            response.headers[.accessControlExposeHeaders] =
                "Content-Disposition, ETag, Jalon-Height, Retry-After"
        }
        response.headers[.xContentTypeOptions] = "nosniff"
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        }
        if request.method == .head { response = response.createHeadResponse() }
        return request.announcesBody && !isBodyRead ? response.closing(context.channel) : response
    }

    // MARK: - One request

    private func answer(
        _ request: Request,
        from client: SocketAddress?,
        isBodyRead: inout Bool
    ) async throws -> Response {
        if request.method == .options, request.head.path == "*" { return Response(status: .ok) }
        let target = try RequestTarget(request.head.path ?? "")
        let route = try Route(target.segments)
        guard request.method != .options else { return preflight(route) }
        guard route.methods.contains(request.method.rawValue) else { return methodNotAllowed(route, request) }
        if let known = route.parameters { try target.query.allow(known) }

        switch route {
        case .submit: return try await submit(request, from: client, isBodyRead: &isBodyRead)
        case .feed: return try await feed(request, query: target.query)
        case .receipt(let id) where request.method == .post,
            .transactionProof(let id) where request.method == .post:
            return try await prove(id, route, request, from: client, isBodyRead: &isBodyRead)
        default: break
        }
        guard !request.announcesBody else {
            throw API.Problem.malformed("a \(request.method.rawValue) takes no body here")
        }
        if route == .snapshot { return try await snapshot() }
        if case .transactionWait(let id) = route { return try await wait(for: id, query: target.query) }
        if case .export(let list) = route { return try await export(list, target, request) }
        if route == .rss { return try await rss(target, request) }
        let languages = request.headers[.acceptLanguage]
        func answer() async throws -> Response {
            let outcome = try await race(limit: limits.requestTimeout) {
                try await read(route, query: target.query, languages: languages)
            }
            guard case .value(let response) = outcome else { throw API.Problem.timedOut }
            return response
        }
        return route.isOfState ? try await state(target, request, answer) : try await answer()
    }

    private func read(_ route: Route, query: Query, languages: String?) async throws -> Response {
        switch route {
        case .overview, .commitmentPage, .membersPage, .governancePage, .directivesPage, .regionPage,
            .transactionPage, .blockPage, .nodesPage, .methodologyPage, .dataPage, .verifyPage,
            .offlineVerifier, .asset:
            try await page(route, query: query, languages: languages)
        case .openAPI: .bytes(ByteBuffer(bytes: OpenAPI.document), type: "application/json")
        case .live: try .json(["status": "live"])
        case .ready: try await ready()
        case .metrics:
            .bytes(ByteBuffer(string: try await ledger.metrics().text), type: NodeMetrics.contentType)
        case .genesis:
            .bytes(ByteBuffer(bytes: try await ledger.genesis()), type: "application/cbor")
        case .ledger:
            .bytes(
                ByteBuffer(
                    bytes: try await ledger.ledger(
                        from: query.integer("from", in: 1...UInt64(Int64.max)) ?? 1,
                        limit: query.integer("limit", in: 1...APIResponder.maximumLedgerCount)
                            ?? APIResponder.maximumLedgerCount
                    )
                ),
                type: "application/cbor-seq"
            )
        case .head: try .json(try await ledger.nodeStatus())
        case .status:
            try .json(
                try await ledger.statusReport(
                    page: query.page(),
                    asOf: query.day("asOf"),
                    after: query.height()
                )
            )
        case .members: try .json(try await ledger.members())
        case .nodes: try .json(try await nodes())
        case .evidence: try .json(try await ledger.evidence())
        case .governance: try .json(try await ledger.governance())
        case .plans: try .json(try await ledger.plans())
        case .commitments:
            try .json(
                try await ledger.commitments(
                    query.filter(),
                    page: query.page(),
                    asOf: query.day("asOf"),
                    after: query.height()
                )
            )
        case .commitment(let id):
            try .json(
                try await ledger.commitment(id, asOf: query.day("asOf"), after: query.height())
            )
        case .milestones(let id): try .json(try await ledger.milestones(of: id, page: query.page()))
        case .attestations, .attestation, .disputes, .dispute, .directives, .directive, .delegations,
            .regionActs:
            try await readVoices(route, query: query)
        case .transaction(let id): try transactionAnswer(try await ledger.transaction(id))
        case .transactionsBeginning(let digits):
            try .json(
                API.IDMatches(
                    transactions: try await ledger.transactions(
                        beginningWith: digits,
                        limit: API.IDMatches.maximumCount
                    )
                )
            )
        case .transactionBytes(let id): try await bytes(of: id)
        case .receipt, .transactionProof, .consistencyProof, .stateProof:
            try await readProof(route, query: query)
        case .block(let reference): try .json(try await block(reference))
        case .header(let height): try .json(try await header(at: height))
        case .submit, .feed, .rss, .export, .transactionWait, .snapshot: throw API.Problem.internal
        }
    }

    /// What others say of commitments, and what regulators and members ask of others.
    private func readVoices(_ route: Route, query: Query) async throws -> Response {
        switch route {
        case .attestations:
            try .json(try await ledger.attestations(of: query.milestone(), page: query.page()))
        case .attestation(let id): try .json(try await ledger.attestation(id))
        case .disputes: try .json(try await ledger.disputes(query.disputeFilter(), page: query.page()))
        case .dispute(let id): try .json(try await ledger.dispute(id))
        case .directives: try .json(try await ledger.directives(query.directiveFilter(), page: query.page()))
        case .directive(let id): try .json(try await ledger.directive(id))
        case .delegations: try .json(try await ledger.delegations(of: query.member(), page: query.page()))
        case .regionActs(let region): try .json(try await ledger.acts(of: region, page: query.page()))
        default: throw API.Problem.internal
        }
    }

    /// The most blocks of one answer.
    static var maximumLedgerCount: Int { 256 }

    private func preflight(_ route: Route) -> Response {
        var response = Response(status: .ok)
        response.headers[.allow] = (route.methods + ["OPTIONS"]).joined(separator: ", ")
        if route != .submit {
            response.headers[.accessControlAllowOrigin] = "*"
            response.headers[.accessControlAllowMethods] = "GET, HEAD"
            response.headers[.accessControlAllowHeaders] = "If-None-Match, Last-Event-ID"
            response.headers[.accessControlMaxAge] = "600"
        }
        return response
    }

    private func methodNotAllowed(_ route: Route, _ request: Request) -> Response {
        let allowed = (route.methods + ["OPTIONS"]).joined(separator: ", ")
        var response = Response.problem(
            API.Problem(
                code: "E_METHOD",
                title: "Method not allowed",
                status: 405,
                detail: "\(request.method.rawValue) is not possible here",
                hint: "Possible: \(allowed)."
            )
        )
        response.headers[.allow] = allowed
        return response
    }

    // MARK: - Reading

    private func ready() async throws -> Response {
        let status = try await ledger.nodeStatus()
        return try .json(Readiness(status), status: status.isReady ? 200 : 503)
    }

    private func nodes() async throws -> API.NodeList {
        var list = try await ledger.nodes()
        list.others = others
        return list
    }

    func block(_ reference: BlockReference) async throws -> API.Block {
        guard let block = try await ledger.block(reference) else {
            throw API.Problem.notFound(
                "E_UNKNOWN_BLOCK",
                "this node holds no such final block",
                hint: "See /v1/head for its height."
            )
        }
        return block
    }

    private func header(at height: UInt64) async throws -> API.Header {
        guard let header = try await ledger.header(at: height) else {
            throw API.Problem.notFound(
                "E_UNKNOWN_BLOCK",
                "this node holds no final block \(height)",
                hint: "See /v1/head for its height."
            )
        }
        return header
    }

    private func bytes(of id: TransactionID) async throws -> Response {
        guard let bytes = try await ledger.transactionBytes(id) else {
            throw API.Problem.notFound("E_UNKNOWN_TRANSACTION", "this node holds no transaction \(id.hex)")
        }
        var response = Response.bytes(ByteBuffer(bytes: bytes), type: "application/cose")
        // The id is their hash: they are these for ever.
        response.headers[.cacheControl] = "public, max-age=31536000, immutable"
        return response
    }

    private func transactionAnswer(_ transaction: API.Transaction) throws -> Response {
        try .json(transaction, status: transaction.state == .unknown ? 404 : 200)
    }

    private func wait(for id: TransactionID, query: Query) async throws -> Response {
        let seconds = try query.integer("timeout", in: 0...limits.waitSeconds) ?? min(30, limits.waitSeconds)
        guard let place = waiters.take() else { throw API.Problem.busy("waiting for transactions is") }
        defer { withExtendedLifetime(place) {} }
        let outcome = try await race(limit: .seconds(seconds), stop: stop) {
            try await ledger.settledTransaction(id)
        }
        switch outcome {
        case .value(let transaction): return try transactionAnswer(transaction)
        case .timedOut, .stopping: return try transactionAnswer(try await ledger.transaction(id))
        }
    }

    // MARK: - Submitting

    /// A request's whole body, where there is room for it.
    func body(of request: Request, from client: SocketAddress?, limit: Int) async throws -> [UInt8] {
        try await request.body(limit: limit, within: limits.bodyTimeout, share: bodies.share(for: client))
    }

    private func submit(
        _ request: Request,
        from client: SocketAddress?,
        isBodyRead: inout Bool
    ) async throws -> Response {
        let isSequence = try request.isSequence()
        let bytes = try await body(of: request, from: client, limit: limits.bodyByteCount)
        isBodyRead = true
        // Only now: a body that comes slowly takes nobody's place.
        guard let place = submissions.take() else { throw API.Problem.busy("submitting is") }
        defer { withExtendedLifetime(place) {} }
        let items = isSequence ? try TransactionSequence.items(bytes) : [TransactionSequence.single(bytes)]
        let transactions = items.compactMap { item in
            if case .transaction(let transaction) = item { transaction } else { nil }
        }
        var answers: ArraySlice<API.Transaction> = []
        if !transactions.isEmpty {
            let outcome = try await race(limit: limits.requestTimeout) {
                try await ledger.submit(transactions)
            }
            guard case .value(let value) = outcome else { throw API.Problem.timedOut }
            answers = value[...]
        }
        var results: [API.Transaction] = []
        for item in items {
            switch item {
            case .malformed(let problem): results.append(API.Transaction(state: .rejected, problem: problem))
            case .transaction:
                guard let answer = answers.popFirst() else { throw API.Problem.internal }
                results.append(answer)
            }
        }
        if !isSequence, let problem = results.first?.problem { throw problem }
        let isPending = results.contains { $0.state == .pending }
        return try .json(API.SubmitResult(transactions: results), status: isPending ? 202 : 200)
    }
}

/// What `/health/ready` says: how far this node is behind the best height that a quorum signed.
private struct Readiness: Encodable {
    let isReady: Bool
    let reasons: [String]
    let height: UInt64
    let bestSignedHeight: UInt64
    let blocksBehind: UInt64

    init(_ status: API.NodeStatus) {
        isReady = status.isReady
        reasons = status.notReady
        height = status.head.height
        bestSignedHeight = status.bestSignedHeight
        blocksBehind = status.blocksBehind
    }
}
