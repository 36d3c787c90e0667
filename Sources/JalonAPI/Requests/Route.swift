import JalonCrypto
import JalonModel
import JalonSchema

/// What a path names: a closed list, and what is not here is not served.
enum Route: Hashable {
    // The page
    case overview
    case commitmentPage(CommitmentID)
    case membersPage
    case governancePage
    case directivesPage
    case regionPage(RegionCode)
    case transactionPage(TransactionID)
    case blockPage(BlockReference)
    case nodesPage
    case methodologyPage
    case dataPage
    case verifyPage
    case offlineVerifier
    case asset(PageAsset)

    // The API
    case openAPI
    case live
    case ready
    case metrics
    case genesis
    case ledger
    case snapshot
    case head
    case status
    case members
    case nodes
    case evidence
    case governance
    case plans
    case commitments
    case commitment(CommitmentID)
    case milestones(CommitmentID)
    case attestations
    case attestation(TransactionID)
    case disputes
    case dispute(TransactionID)
    case directives
    case directive(TransactionID)
    case delegations
    case regionActs(RegionCode)
    case submit
    case transaction(TransactionID)
    case transactionsBeginning(String)
    case transactionWait(TransactionID)
    case transactionBytes(TransactionID)
    case receipt(TransactionID)
    case transactionProof(TransactionID)
    case consistencyProof
    case stateProof
    case block(BlockReference)
    case header(UInt64)
    case export(Export)
    case feed
    case rss

    /// The methods of RFC 9110 that the path answers, `OPTIONS` apart.
    var methods: [String] {
        switch self {
        case .submit: ["POST"]
        case .receipt, .transactionProof: ["GET", "HEAD", "POST"]
        default: ["GET", "HEAD"]
        }
    }

    /// Whether the answer is a page for people and not the API's.
    var isPage: Bool {
        switch self {
        case .overview, .commitmentPage, .membersPage, .governancePage, .directivesPage, .regionPage,
            .transactionPage, .blockPage, .nodesPage, .methodologyPage, .dataPage, .verifyPage:
            true
        default: false
        }
    }

    /// Whether the answer follows from the ledger's state after one block and from nothing else of the node: that of
    /// `/v1/governance` also tells who said to be ready, which comes without a block, and how far back a region's acts are
    /// looked for in one request depends on what the node remembers.
    var isOfState: Bool {
        switch self {
        case .status, .plans, .commitments, .commitment, .milestones, .attestations, .attestation, .disputes,
            .dispute, .directives, .directive, .delegations:
            true
        default: false
        }
    }

    /// The parameters that a query may hold; `nil` where others are let pass, as links from elsewhere add them.
    var parameters: [String]? {
        switch self {
        case .overview, .commitmentPage, .membersPage, .governancePage, .directivesPage, .regionPage,
            .transactionPage, .blockPage, .nodesPage, .methodologyPage, .dataPage, .verifyPage,
            .offlineVerifier, .asset:
            nil
        case .openAPI, .live, .ready, .metrics, .genesis, .head, .members, .nodes, .evidence, .governance,
            .plans,
            .submit, .snapshot,
            .transaction, .transactionsBeginning, .transactionBytes, .receipt, .transactionProof, .block,
            .header, .attestation,
            .dispute, .directive:
            []
        case .status: ["asOf", "height", "limit", "cursor"]
        case .commitments:
            [
                "region", "sector", "status", "plan", "due", "attested", "q", "asOf", "height", "limit",
                "cursor",
            ]
        case .commitment: ["asOf", "height"]
        case .milestones, .regionActs: ["limit", "cursor"]
        case .attestations: ["milestone", "limit", "cursor"]
        case .disputes: ["commitment", "open", "limit", "cursor"]
        case .directives: ["to", "from", "limit", "cursor"]
        case .delegations: ["member", "limit", "cursor"]
        case .transactionWait: ["timeout"]
        case .ledger: ["from", "limit"]
        case .consistencyProof: ["from", "to"]
        case .stateProof: ["path"]
        case .export(let export): export.parameters
        case .feed: ["after", "detail"]
        case .rss: ["lang"]
        }
    }

    /// Finds the route of a path.
    ///
    /// - Throws: 404 where there is none, 400 where an id in the path does not have the form of one.
    init(_ segments: [String]) throws(API.Problem) {
        guard let first = segments.first else {
            self = .overview
            return
        }
        let rest = Array(segments.dropFirst())
        let route: Route? =
            switch first {
            case "v1": try Route.api(rest)
            case "health": rest == ["live"] ? .live : rest == ["ready"] ? .ready : nil
            case "metrics": rest.isEmpty ? .metrics : nil
            case "static": rest.count == 1 ? Route.file(rest[0]) : nil
            case "verify": rest.isEmpty ? .verifyPage : nil
            case "feed.rss": rest.isEmpty ? .rss : nil
            case "members": rest.isEmpty ? .membersPage : nil
            case "governance": rest.isEmpty ? .governancePage : nil
            case "directives": rest.isEmpty ? .directivesPage : nil
            case "commitments": rest.count == 1 ? .commitmentPage(try Route.identifier(rest[0])) : nil
            case "regions": rest.count == 1 ? .regionPage(try Route.identifier(rest[0])) : nil
            case "transactions": rest.count == 1 ? .transactionPage(try Route.digest(rest[0])) : nil
            case "blocks": rest.count == 1 ? .blockPage(try Route.blockReference(rest[0])) : nil
            case "nodes": rest.isEmpty ? .nodesPage : nil
            case "methodology": rest.isEmpty ? .methodologyPage : nil
            case "data": rest.isEmpty ? .dataPage : nil
            default: nil
            }
        guard let route else {
            throw .notFound(
                "E_NOT_FOUND",
                "there is nothing at /\(segments.joined(separator: "/"))",
                hint: "The API is described at /v1/openapi.json."
            )
        }
        self = route
    }

    private static func file(_ name: String) -> Route? {
        name == "verify.html" ? .offlineVerifier : PageAsset(rawValue: name).map { .asset($0) }
    }

    private static func api(_ segments: [String]) throws(API.Problem) -> Route? {
        switch segments.count {
        case 1:
            switch segments[0] {
            case "openapi.json": .openAPI
            case "genesis": .genesis
            case "ledger": .ledger
            case "snapshot": .snapshot
            case "head": .head
            case "status": .status
            case "members": .members
            case "nodes": .nodes
            case "evidence": .evidence
            case "governance": .governance
            case "plans": .plans
            case "commitments": .commitments
            case "attestations": .attestations
            case "disputes": .disputes
            case "directives": .directives
            case "delegations": .delegations
            case "transactions": .submit
            case "feed": .feed
            default: nil
            }
        case 2:
            switch segments[0] {
            case "transactions": .transaction(try digest(segments[1]))
            case "commitments": .commitment(try identifier(segments[1]))
            case "attestations": .attestation(try digest(segments[1]))
            case "disputes": .dispute(try digest(segments[1]))
            case "directives": .directive(try digest(segments[1]))
            case "blocks": .block(try blockReference(segments[1]))
            case "headers": .header(try height(segments[1]))
            case "ids": .transactionsBeginning(try firstDigits(segments[1]))
            case "export": Export(rawValue: segments[1]).map { .export($0) }
            case "proofs":
                segments[1] == "consistency" ? .consistencyProof : segments[1] == "state" ? .stateProof : nil
            default: nil
            }
        case 3:
            switch (segments[0], segments[2]) {
            case ("transactions", "wait"): .transactionWait(try digest(segments[1]))
            case ("transactions", "bytes"): .transactionBytes(try digest(segments[1]))
            case ("transactions", "receipt"): .receipt(try digest(segments[1]))
            case ("transactions", "proof"): .transactionProof(try digest(segments[1]))
            case ("commitments", "milestones"): .milestones(try identifier(segments[1]))
            case ("regions", "acts"): .regionActs(try identifier(segments[1]))
            default: nil
            }
        default: nil
        }
    }

    private static func identifier<ID: Identifier>(_ text: String) throws(API.Problem) -> ID {
        guard let id = ID(text) else { throw .malformed("'\(text)' is no id: expected \(ID.form)") }
        return id
    }

    private static func digest<Value: TypedDigest>(_ text: String) throws(API.Problem) -> Value {
        guard let value = Value(hex: text) else {
            throw .malformed("'\(text)' is no id: expected 64 hexadecimal digits")
        }
        return value
    }

    private static func firstDigits(_ text: String) throws(API.Problem) -> String {
        let isHex = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                UInt8(ascii: "A")...UInt8(ascii: "F"):
                true
            default: false
            }
        }
        guard isHex, (8...16).contains(text.utf8.count) else {
            throw .malformed("'\(text)' begins no id: expected 8 to 16 hexadecimal digits")
        }
        return text.lowercased()
    }

    private static func height(_ text: String) throws(API.Problem) -> UInt64 {
        guard let height = UInt64(decimalDigits: text), height <= UInt64(Int64.max) else {
            throw .malformed("'\(text)' is no height: expected a whole number")
        }
        return height
    }

    private static func blockReference(_ text: String) throws(API.Problem) -> BlockReference {
        if text == "head" { return .head }
        if let height = UInt64(decimalDigits: text), height <= UInt64(Int64.max) { return .height(height) }
        guard let id = BlockID(hex: text) else {
            throw .malformed("'\(text)' names no block: expected 'head', a height or 64 hexadecimal digits")
        }
        return .id(id)
    }
}
