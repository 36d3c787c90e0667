import JalonCrypto
import JalonModel
import JalonSchema
import Testing

@testable import JalonAPI

@Suite("A request's target")
struct RequestTargetTests {
    @Test(
        "is cut into decoded segments",
        arguments: [
            ("/", []), ("/v1/head", ["v1", "head"]), ("/a%2Db", ["a-b"]), ("/%E6%B2%B3", ["河"]),
            ("http://node.example:8080/v1/head?x=1", ["v1", "head"]), ("https://node.example", []),
        ]
    )
    func accepts(target: String, segments: [String]) throws {
        #expect(try RequestTarget(target).segments == segments)
    }

    @Test(
        "is refused where it could mean two things",
        arguments: [
            "", "v1/head", "*", "/v1//head", "/v1/head/", "//v1", "/v1/../head", "/v1/./head",
            "/v1/%2e%2e/head",
            "/v1%2Fhead", "/v1/%5Chead", "/v1/%00", "/v1/%0A", "/v1/%zz", "/v1/%4", "/%ff", "/v1/\u{7F}",
            "ftp://x/", "/河",
        ]
    )
    func refuses(target: String) {
        #expect(throws: API.Problem.self) { try RequestTarget(target) }
    }

    @Test("is refused above its longest length, with 414")
    func tooLong() {
        let most = "/" + String(repeating: "a", count: RequestTarget.maximumByteCount - 1)
        #expect(throws: Never.self) { try RequestTarget(most) }
        let problem = #expect(throws: API.Problem.self) { try RequestTarget(most + "a") }
        #expect(problem?.status == 414)
    }

    @Test("keeps each parameter of its query, decoded")
    func query() throws {
        let query = try RequestTarget("/?region=CN-HN&text=a+b%26c&empty").query
        #expect(query["region"] == "CN-HN")
        #expect(query["text"] == "a b&c")
        #expect(query["empty"] == "")
        #expect(query["other"] == nil)
    }

    @Test(
        "is refused with a repeated, cut or seventeenth parameter",
        arguments: ["/?a=1&a=2", "/?a=%4", "/?\(many)"]
    )
    func badQuery(target: String) {
        #expect(throws: API.Problem.self) { try RequestTarget(target) }
    }

    private static let many = (0..<17).map { "p\($0)=1" }.joined(separator: "&")

    @Test(
        "holds whole numbers without signs, blanks or leading zeros",
        arguments: ["-1", "+1", "01", " 1", "1e3", "", "99"]
    )
    func badInteger(text: String) throws {
        let query = try Query("limit=\(text)")
        #expect(throws: API.Problem.self) { try query.integer("limit", in: 0...60) }
        #expect(try Query("limit=60").integer("limit", in: 0...60) == 60)
    }

    @Test(
        "holds real days",
        arguments: ["2021-02-29", "2021-13-01", "2021-00-10", "2021-1-1", "21-01-01", "2021/01/01"]
    )
    func badDay(text: String) throws {
        #expect(throws: API.Problem.self) { try Query("asOf=\(text)"[...]).day("asOf") }
        #expect(try Query("asOf=2020-02-29").day("asOf") == "2020-02-29")
    }
}

@Suite("A path")
struct RouteTests {
    private func route(_ path: String) throws -> Route { try Route(try RequestTarget(path).segments) }

    @Test("names its route")
    func routes() throws {
        let digest = String(repeating: "ab", count: 32)
        let id = try #require(TransactionID(hex: digest))
        let block = try #require(BlockID(hex: digest))
        let commitment = try #require(CommitmentID("CN-HN-2020-001"))
        let expected: [(String, Route)] = [
            ("/", .overview), ("/commitments/CN-HN-2020-001", .commitmentPage(commitment)),
            ("/static/page.css", .asset(.styleSheet)), ("/static/page.js", .asset(.script)),
            ("/health/live", .live),
            ("/health/ready", .ready), ("/v1/openapi.json", .openAPI), ("/v1/head", .head),
            ("/v1/status", .status),
            ("/v1/members", .members), ("/v1/plans", .plans), ("/v1/commitments", .commitments),
            ("/v1/commitments/CN-HN-2020-001", .commitment(commitment)),
            ("/v1/commitments/CN-HN-2020-001/milestones", .milestones(commitment)),
            ("/v1/transactions", .submit), ("/v1/transactions/\(digest)", .transaction(id)),
            ("/v1/transactions/\(digest)/wait", .transactionWait(id)),
            ("/v1/transactions/\(digest)/bytes", .transactionBytes(id)), ("/v1/blocks/head", .block(.head)),
            ("/v1/blocks/17", .block(.height(17))), ("/v1/blocks/\(digest)", .block(.id(block))),
            ("/v1/headers/0", .header(0)), ("/v1/feed", .feed), ("/feed.rss", .rss),
            ("/v1/export/milestones.csv", .export(.milestonesCSV)),
        ]
        for (path, route) in expected { #expect(try self.route(path) == route, "\(path)") }
    }

    @Test(
        "that names nothing is 404, a malformed id 400",
        arguments: [
            ("/v2/head", 404), ("/v1", 404), ("/v1/nothing", 404), ("/v1/head/more", 404),
            ("/static/page.txt", 404),
            ("/health", 404), ("/commitments", 404), ("/V1/head", 404), ("/v1/transactions/12", 400),
            ("/v1/blocks/-1", 400), ("/v1/blocks/99999999999999999999", 400), ("/v1/headers/head", 400),
            ("/v1/commitments/a%20b", 400), ("/v1/transactions/\(String(repeating: "g", count: 64))", 400),
        ]
    )
    func refuses(path: String, status: Int) {
        let problem = #expect(throws: API.Problem.self) { try route(path) }
        #expect(problem?.status == status)
    }
}
