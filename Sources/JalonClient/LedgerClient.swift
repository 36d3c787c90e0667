import AsyncHTTPClient
import FoundationEssentials
import JalonCrypto
package import JalonModel
package import JalonSchema

/// A client of the HTTP API, of one node or of several that stand in for each other.
///
/// It holds nothing but their addresses: copies share them and the process's connections.
package struct LedgerClient: Sendable {
    /// Bytes of the longest answer that is read.
    package static let maximumAnswerByteCount = 64 << 20
    /// Transactions of one request; more are sent in several.
    package static let maximumBatchCount = 256
    /// Bytes of one request.
    package static let maximumBatchByteCount = 1 << 20
    /// Seconds that one request waits for a transaction; longer waits are several requests.
    static let waitSeconds = 25

    /// The node that is asked now, without a slash at the end.
    package var address: String { nodes.current }
    let nodes: NodeList
    let connections: HTTPClient
    /// How long a node may take to answer.
    let timeout: Duration

    /// - Parameters:
    ///   - address: `http://host:port` or `https://host:port`, with a path before `/v1` where a proxy has one.
    ///   - timeout: For an answer; waiting for a transaction and the feed have their own.
    /// - Throws: ``ClientError/badAddress(_:)``.
    package init(_ address: String, timeout: Duration = .seconds(20)) throws(ClientError) {
        try self.init([address], timeout: timeout)
    }

    /// A client of several nodes of one network, of which it asks the first that answers and is up to date.
    ///
    /// Where that one fails later it goes on with the next, also in the middle of a wait or a feed.
    ///
    /// - Parameters:
    ///   - addresses: At least one, in the order in which they are asked.
    ///   - timeout: For one node's answer.
    ///   - trust: For addresses of `https://`.
    ///   - didMove: Told when another node is asked than before.
    /// - Throws: ``ClientError/badAddress(_:)``, ``ClientError/badTrust(path:reason:)``.
    package init(
        _ addresses: [String],
        timeout: Duration = .seconds(20),
        trust: Trust = .system,
        didMove: @escaping @Sendable (NodeChange) -> Void = { _ in }
    ) throws(ClientError) {
        guard !addresses.isEmpty else { throw .badAddress("") }
        var bases: [String] = []
        for address in addresses {
            let base = try LedgerClient.base(of: address)
            if !bases.contains(base) { bases.append(base) }
        }
        nodes = NodeList(bases, didMove: didMove)
        connections = try Connections.client(trusting: trust)
        self.timeout = timeout
    }

    private static func base(of address: String) throws(ClientError) -> String {
        var base = address
        while base.hasSuffix("/") { base.removeLast() }
        guard let url = URL(string: base), url.scheme == "http" || url.scheme == "https",
            let host = url.host(), !host.isEmpty, url.query() == nil, url.fragment() == nil
        else { throw .badAddress(address) }
        return base
    }

    // MARK: - Writing

    /// Hands in transactions, in order, in as many requests as it takes.
    ///
    /// - Parameter transactions: Full bytes of each.
    /// - Returns: One answer each, in their order: `final`, `pending`, `rejected` with its problem, or `unknown` where the
    ///   node did not check it in time.
    /// - Throws: ``ClientError``; what stood in earlier requests is accepted then, and may be sent again unharmed.
    package func submit(_ transactions: [[UInt8]]) async throws(ClientError) -> [API.Transaction] {
        var answers: [API.Transaction] = []
        for range in LedgerClient.batches(of: transactions) {
            let body = transactions[range].flatMap(\.self)
            let result = try await handIn(body, type: "application/cbor-seq")
            guard result.transactions.count == range.count else {
                throw .badAnswer(
                    address: address,
                    reason: "\(result.transactions.count) answers to \(range.count) transactions"
                )
            }
            answers += result.transactions
        }
        return answers
    }

    /// How transactions are shared out over requests.
    ///
    /// - Parameter transactions: Full bytes of each.
    /// - Returns: Their places, in order, one range a request.
    package static func batches(of transactions: [[UInt8]]) -> [Range<Int>] {
        var batches: [Range<Int>] = []
        var (first, byteCount) = (0, 0)
        for (place, transaction) in transactions.enumerated() {
            let isFull =
                place - first == maximumBatchCount || byteCount + transaction.count > maximumBatchByteCount
            if isFull, place > first {
                batches.append(first..<place)
                (first, byteCount) = (place, 0)
            }
            byteCount += transaction.count
        }
        if first < transactions.count { batches.append(first..<transactions.count) }
        return batches
    }

    /// Hands in one transaction.
    ///
    /// - Throws: ``ClientError/refused(_:)`` where a rule refuses it.
    package func submit(_ transaction: [UInt8]) async throws(ClientError) -> API.Transaction {
        let result = try await handIn(transaction, type: "application/cose")
        guard let answer = result.transactions.first, result.transactions.count == 1 else {
            throw .badAnswer(
                address: address,
                reason: "\(result.transactions.count) answers to one transaction"
            )
        }
        if let problem = answer.problem { throw .refused(problem) }
        return answer
    }

    private func handIn(_ body: [UInt8], type: String) async throws(ClientError) -> API.SubmitResult {
        let answer = try await send(post: ClientRequest.submissions, body, type: type)
        // Not the node's own words: something before it lost it after it was handed on.
        if answer.status >= 500, answer.problem == nil {
            throw .broken(address: address, reason: "HTTP status \(answer.status)")
        }
        return try await decoded(answer)
    }

    /// Waits until a transaction is final.
    ///
    /// - Throws: ``ClientError/refused(_:)`` where the node rejects it or it expired;
    ///   ``ClientError/notConfirmedInTime(_:)`` where that took too long.
    package func confirm(
        _ id: TransactionID,
        within limit: Duration
    ) async throws(ClientError) -> API.Transaction {
        let end = ContinuousClock.now + limit
        while true {
            let left = end - ContinuousClock.now
            let transaction = try await wait(for: id, atMost: max(.zero, left))
            switch transaction.state {
            case .final: return transaction
            case .expired:
                throw .refused(
                    transaction.problem
                        ?? API.Problem(
                            code: "E_EXPIRED",
                            title: "Expired",
                            status: 422,
                            detail: "the transaction \(id.hex) expired before a block held it",
                            hint: "Nothing was recorded: sign and send it anew.",
                            transaction: id.hex
                        )
                )
            case .rejected:
                if let problem = transaction.problem { throw .refused(problem) }
                throw .badAnswer(address: address, reason: "a rejection without a reason")
            case .pending, .unknown:
                guard ContinuousClock.now < end else { throw .notConfirmedInTime(transaction) }
            }
        }
    }

    // MARK: - Reading

    /// The node, its head and its view of the network.
    package func head() async throws(ClientError) -> API.NodeStatus { try await get("/v1/head") }

    /// What the node knows of a transaction; `state` is `unknown` for one never seen.
    package func transaction(_ id: TransactionID) async throws(ClientError) -> API.Transaction {
        try await decoded(try await send(get: "/v1/transactions/\(id.hex)"), or: 404)
    }

    /// Final transactions whose ids begin with these digits, 8 to 16 of them, the newest first; 20 at the most.
    package func transactions(beginningWith digits: String) async throws(ClientError) -> [API.Transaction] {
        let matches: API.IDMatches = try await get("/v1/ids/\(escaped(digits))")
        return matches.transactions
    }

    /// The full bytes of a transaction.
    package func transactionBytes(_ id: TransactionID) async throws(ClientError) -> [UInt8] {
        try await bytes("/v1/transactions/\(id.hex)/bytes")
    }

    /// Waits once for a transaction to be final, rejected or expired; it may still be pending or unknown after.
    package func wait(
        for id: TransactionID,
        atMost limit: Duration
    ) async throws(ClientError) -> API.Transaction {
        let seconds = Int(limit.components.seconds) + (limit.components.attoseconds > 0 ? 1 : 0)
        let bounded = min(max(0, seconds), LedgerClient.waitSeconds)
        let path = "/v1/transactions/\(id.hex)/wait?timeout=\(bounded)"
        return try await decoded(try await send(get: path, within: timeout + .seconds(bounded)), or: 404)
    }

    /// The encoded genesis, not checked.
    package func genesis() async throws(ClientError) -> [UInt8] { try await bytes("/v1/genesis") }

    /// Final blocks from a height on, as an export holds them: at most `limit`, at most 256; empty above the head.
    package func ledger(from height: UInt64, limit: Int) async throws(ClientError) -> [UInt8] {
        try await bytes("/v1/ledger?from=\(height)&limit=\(min(max(1, limit), 256))")
    }

    /// A final block; `nil` for the head.
    package func block(at height: UInt64?) async throws(ClientError) -> API.Block {
        try await get("/v1/blocks/\(height.map(String.init) ?? "head")")
    }

    package func header(at height: UInt64) async throws(ClientError) -> API.Header {
        try await get("/v1/headers/\(height)")
    }

    /// The events of final blocks, for ever: it connects again by itself and misses none.
    ///
    /// - Parameters:
    ///   - height: The first event is that of the next block; `nil` starts with the next one to come.
    ///   - attempts: Attempts to connect that may fail one after the other before the feed does.
    /// - Returns: A sequence that connects when it is iterated.
    package func feed(after height: UInt64? = nil, attempts: Int = 5) -> Feed<API.FeedEvent> {
        Feed(client: self, height: height, attempts: attempts)
    }

    /// Ever newer heads, for ever; heads between may be passed over.
    ///
    /// The first event is the head above `height` or, where that is `nil`, above the present one.
    package func heads(after height: UInt64? = nil, attempts: Int = 5) -> Feed<API.Head> {
        Feed(client: self, height: height, attempts: attempts)
    }

    /// What the node has counted, in Prometheus' text format.
    package func metrics() async throws(ClientError) -> String {
        let answer = try await send(get: "/metrics")
        try checkOK(answer)
        return String(decoding: answer.bytes, as: UTF8.self)
    }

    // MARK: - Requests

    /// The bytes of an answer that is not JSON.
    func bytes(_ path: String) async throws(ClientError) -> [UInt8] {
        let answer = try await send(get: path)
        try checkOK(answer)
        return answer.bytes
    }

    func get<Value: Decodable>(_ path: String) async throws(ClientError) -> Value {
        try await decoded(try await send(get: path))
    }

    /// All pages of a list: `entries` takes a page apart.
    func all<Page: Decodable, Entry>(
        _ path: String,
        _ query: [(name: String, value: String?)] = [],
        entries: (Page) -> ([Entry], next: String?)
    ) async throws(ClientError) -> [Entry] {
        var all: [Entry] = []
        var cursor: String?
        repeat {
            let given = [("limit", "500")] + query + [("cursor", cursor)]
            let pairs = given.compactMap { name, value in value.map { "\(name)=\(escaped($0))" } }
            let page: Page = try await get(path + "?" + pairs.joined(separator: "&"))
            let (part, next) = entries(page)
            all += part
            guard next != cursor || cursor == nil else {
                throw .badAnswer(address: address, reason: "a page that points at itself")
            }
            cursor = next
        } while cursor != nil
        return all
    }

    private func decoded<Value: Decodable>(
        _ answer: Answer,
        or other: Int = 200
    ) async throws(ClientError) -> Value {
        if answer.status != other || answer.isProblem { try checkOK(answer) }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(answer.bytes))
        } catch {
            throw .badAnswer(address: address, reason: "\(error)")
        }
    }

    func checkOK(_ answer: Answer) throws(ClientError) {
        guard !(200...299).contains(answer.status) else { return }
        if let problem = answer.problem { throw .refused(problem) }
        throw .badAnswer(address: address, reason: "HTTP status \(answer.status)")
    }
}

/// Which commitments to list; an absent field asks for all.
package struct CommitmentQuery: Hashable, Sendable {
    package var region: String?
    package var sector: String?
    package var status: API.StatusCode?
    package var plan: String?
    /// The day to judge at; absent: the network's own.
    package var asOf: String?
    /// What stood after this block; absent: after the last one.
    package var height: UInt64?

    package init(
        region: String? = nil,
        sector: String? = nil,
        status: API.StatusCode? = nil,
        plan: String? = nil,
        asOf: String? = nil,
        height: UInt64? = nil
    ) {
        self.region = region
        self.sector = sector
        self.status = status
        self.plan = plan
        self.asOf = asOf
        self.height = height
    }

    func text(cursor: String?) -> String {
        let pairs = [
            ("limit", "500"), ("region", region), ("sector", sector), ("status", status?.rawValue),
            ("plan", plan),
            ("asOf", asOf), ("height", height.map { "\($0)" }), ("cursor", cursor),
        ]
        return "?"
            + pairs.compactMap { name, value in value.map { "\(name)=\(escaped($0))" } }.joined(
                separator: "&"
            )
    }
}

/// Escapes a query's value: all but the unreserved characters of RFC 3986.
func escaped(_ text: String) -> String {
    var escaped = ""
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            escaped.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            escaped += "%" + (digits.count == 1 ? "0" : "") + digits
        }
    }
    return escaped
}
