import Foundation
import JalonAPI
import JalonAPITestKit
import JalonCrypto
import JalonModel
import JalonSchema
import Testing

@testable import JalonAPI

/// Every page, as it stands over the samples.
private let paths = [
    "/", "/members", "/governance", "/directives", "/nodes", "/methodology", "/data",
    "/commitments/CN-HN-2020-001",
    "/regions/CN-HN", "/transactions/\(Samples.digest(1))", "/blocks/1",
]

@Suite("Every page")
struct EveryPageTests {
    @Test(
        "is in three languages, whole without its script, with one heading of the first rank",
        arguments: paths
    )
    func languages(path: String) async throws {
        try await TestServer.run { server async throws in
            await server.ledger.makeBlock()
            for language in ["zh", "en", "fr"] {
                let answer = try await server.get("\(path)?lang=\(language)")
                #expect(answer.status == 200, "\(path)")
                #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
                #expect(answer.headers["content-security-policy"]?.contains("default-src 'none'") == true)
                #expect(answer.body.contains("<html lang=\"\(language == "zh" ? "zh-Hans" : language)\">"))
                #expect(answer.body.components(separatedBy: "<h1").count == 2, "\(path)")
                #expect(!answer.body.contains("<style") && !answer.body.contains(" style="))
                #expect(!answer.body.contains("<script>") && !answer.body.contains(" onclick"))
                #expect(answer.body.utf8.count < 100_000)
            }
        }
    }

    @Test("leaves no label in Chinese where another language is asked for", arguments: paths, ["en", "fr"])
    func translations(path: String, language: String) async throws {
        try await TestServer.run { server async throws in
            await server.ledger.makeBlock()
            let body = try await server.get("\(path)?lang=\(language)").body
            for tag in ["h2", "th", "dt", "label", "button", "caption", "summary", "figcaption"] {
                for piece in body.components(separatedBy: "<\(tag)").dropFirst() {
                    let label = piece.components(separatedBy: "</\(tag)>")[0]
                    // What the ledger itself has in Chinese alone is marked as such.
                    let own = label.components(separatedBy: "lang=\"zh-Hans\">").enumerated().map {
                        index,
                        part in
                        index == 0 ? part : part.components(separatedBy: "</span>").dropFirst().joined()
                    }.joined()
                    let hasChinese = own.unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) }
                    #expect(!hasChinese, "\(path): <\(tag)>\(label)")
                }
            }
        }
    }

    @Test("names each heading's rank in order", arguments: paths)
    func headings(path: String) async throws {
        try await TestServer.run { server async throws in
            await server.ledger.makeBlock()
            let body = try await server.get("\(path)?lang=en").body
            let ranks = body.components(separatedBy: "<h").dropFirst().compactMap { Int($0.prefix(1)) }
            #expect(ranks.first == 1)
            for (before, after) in zip(ranks, ranks.dropFirst()) { #expect(after <= before + 1) }
            let tables = body.components(separatedBy: "<table").count
            #expect(body.components(separatedBy: "<caption>").count == tables, "each table has a caption")
        }
    }

    @Test("links to pages that are there, before the first block too", arguments: paths, [0, 3])
    func links(path: String, height: Int) async throws {
        guard height > 0 || !path.hasPrefix("/blocks") else { return }
        try await TestServer.run { server async throws in
            for _ in 0..<height { await server.ledger.makeBlock() }
            let body = try await server.get("\(path)?lang=en").body
            let targets = Set(
                body.components(separatedBy: "href=\"/").dropFirst().map {
                    "/" + $0.components(separatedBy: "\"")[0]
                }
            )
            #expect(targets.count > 10)
            // What the API answers of a transaction that the fake never had is no link's fault.
            for target in targets.sorted() where !target.hasPrefix("/v1/transactions/") {
                // The samples say that they stand in blocks which the fake makes later.
                if height == 0, target.hasPrefix("/blocks/") {
                    #expect(!target.hasPrefix("/blocks/0"))
                    continue
                }
                let address = target.replacing("&amp;", with: "&").components(separatedBy: "#")[0]
                #expect(try await server.get(address).status == 200, "\(path) links to \(address)")
            }
        }
    }

    @Test("keeps its filters and its day in another language and in its links")
    func parameters() async throws {
        try await TestServer.run { server async throws in
            let body = try await server.get("/?lang=en&asOf=2022-01-01&status=behind&q=CN-HE+20").body
            #expect(body.contains("/?lang=fr&amp;asOf=2022-01-01&amp;q=CN-HE%2020&amp;status=behind"))
            #expect(body.contains("/commitments/CN-HE-2020-001?lang=en&amp;asOf=2022-01-01"))
        }
    }
}

@Suite("The overview's filters")
struct OverviewFilterTests {
    private func shown(_ query: String) async throws -> [String] {
        try await TestServer.run { server async throws in
            let body = try await server.get("/?lang=en&\(query)").body
            return ["CN-HB-2020-001", "CN-HE-2020-001", "CN-HN-2020-001"].filter {
                body.contains("<span class=\"id\">\($0)</span>")
            }
        }
    }

    @Test(
        "let pass what fits all of them, and an empty field lets everything pass",
        arguments: [
            ("region=&sector=&status=&due=&q=", 3), ("region=CN-HE", 1), ("sector=industry", 3),
            ("sector=finance", 0),
            ("status=atRisk", 1), ("status=atRisk&region=CN-HE", 0), ("due=2022-12-31", 3),
            ("due=2021-12-31", 0),
            ("attested=true", 0), ("q=put+CHAIN", 1), ("q=%E9%A2%86%E5%86%9B", 1), ("q=cn-h", 3),
            ("q=nothing", 0),
        ]
    )
    func filters(query: String, count: Int) async throws {
        #expect(try await shown(query).count == count, "\(query)")
    }

    @Test(
        "that can't be read are named",
        arguments: [
            ("status=nonsense", "there is no status &#39;nonsense&#39;"), ("due=tomorrow", "due=tomorrow"),
            ("attested=maybe", "attested=maybe"), ("region=%20", "region"),
            ("q=a+b+c+d+e+f+g+h+i", "q: expected"),
        ]
    )
    func wrong(query: String, words: String) async throws {
        try await TestServer.run { server async throws in
            let answer = try await server.get("/?lang=en&\(query)", headers: ["Accept: text/html"])
            #expect(answer.status == 400)
            #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
            #expect(answer.body.contains(words), "\(answer.body)")
        }
    }

    @Test("are the API's as well")
    func api() async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.get("/v1/commitments?q=put+chain").body.contains("\"total\":1"))
            #expect(try await server.get("/v1/commitments?due=2021-12-31").body.contains("\"total\":0"))
            #expect(try await server.get("/v1/commitments?attested=true").body.contains("\"total\":0"))
            #expect(try await server.get("/v1/commitments?q=").status == 400)
            #expect(try await server.get("/v1/commitments?due=soon").status == 400)
        }
    }

    @Test("say that nothing passes, and what an empty cell of the matrix means")
    func empty() async throws {
        try await TestServer.run { server async throws in
            #expect(
                try await server.get("/?lang=en&q=nothing").body.contains(
                    "No commitment passes these filters."
                )
            )
            #expect(
                try await server.get("/?lang=en").body.contains(
                    "An empty cell is no commitment, not “no data”"
                )
            )
        }
    }

    @Test(
        "find words whatever their case, and nothing else",
        arguments: [
            ("Été", "un ÉTÉ", true), ("ete", "été", false), ("链", "推动3万家企业上链", true), ("x y", "yx", true),
            ("x z", "yx", false), ("abc", "ab", false), ("aab", "aaab", true), ("×", "÷", false),
        ]
    )
    func words(filter: String, text: String, admits: Bool) throws {
        #expect(try #require(TextFilter(filter)).admits([nil, text]) == admits)
    }

    @Test("take no more words and bytes than they should")
    func bounds() {
        #expect(TextFilter("") == nil && TextFilter("  ") == nil)
        #expect(TextFilter(String(repeating: "a ", count: 9)) == nil)
        #expect(TextFilter(String(repeating: "a", count: 201)) == nil)
        #expect(TextFilter(String(repeating: "a", count: 200)) != nil)
    }
}

@Suite("A page that is not there")
struct ErrorPageTests {
    @Test(
        "is answered to a browser by a page with a way back, to a program by a problem",
        arguments: [
            ("/nowhere", 404), ("/commitments/CN-XX-2020-001", 404), ("/regions/CN-XX", 404),
            ("/regions/%20", 400),
            ("/blocks/99", 404), ("/blocks/x", 400), ("/transactions/12", 400), ("/?cursor=%20", 400),
        ]
    )
    func missing(path: String, status: Int) async throws {
        try await TestServer.run { server async throws in
            let target = path + (path.contains("?") ? "&" : "?") + "lang=fr"
            let page = try await server.get(target, headers: ["Accept: text/html,application/xhtml+xml"])
            #expect(page.status == status)
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
            #expect(
                page.body.contains("<a class=\"button\" href=\"/?lang=fr\">Retour à la vue d’ensemble</a>")
            )
            let problem = try await server.get(target)
            #expect(problem.status == status)
            #expect(problem.headers["content-type"] == "application/problem+json")
        }
    }

    @Test(
        "says what was wrong in the reader's language, by its code, with the program's own words below",
        arguments: JalonAPI.Language.allCases
    )
    func words(language: JalonAPI.Language) {
        let problems = [
            API.Problem.notFound("E_UNKNOWN_COMMITMENT", "there is no commitment <X>"),
            .notFound("E_NOT_FOUND", "there is nothing"), .notFound("E_UNKNOWN_BLOCK", "no block"),
            .query("q: expected words"), .malformed("no id"), .timedOut, .snapshotBusy, .internal,
            .shuttingDown,
            API.Problem(code: "E_BEFORE_FIRST_BLOCK", title: "", status: 410, detail: "the first block is 9"),
            API.Problem(code: "E_OF_TOMORROW", title: "", status: 409, detail: "new"),
        ]
        var sentences: Set<String> = []
        for problem in problems {
            let words = ProblemWords(problem: problem, language: language)
            let shown = ErrorPage(problem: problem, language: language).html.markup
            let (title, sentence): (HTML, HTML) = ("\(words.title)", "\(words.sentence)")
            #expect(shown.contains("<h1>\(title.markup)</h1>"))
            #expect(shown.contains("<p class=\"lead\">\(sentence.markup)</p>"))
            #expect(
                shown.contains("<code>\(problem.code)</code> <span lang=\"en\">") && !shown.contains("<X>")
            )
            sentences.insert(words.sentence)
        }
        #expect(sentences.count == 9)
        if language != .en { #expect(sentences.allSatisfy { !$0.contains("This node") }) }
    }

    @Test("shows what was asked for as text")
    func escaping() async throws {
        try await TestServer.run { server async throws in
            let page = try await server.get(
                "/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
                headers: ["Accept: text/html"]
            )
            #expect(!page.body.contains("<script>alert"))
            let other = try await server.get("/x%3Cscript%3E", headers: ["Accept: text/html"])
            #expect(other.status == 404 && other.body.contains("&lt;script&gt;"))
        }
    }

    @Test("of the API stays a problem, whoever asks")
    func programs() async throws {
        try await TestServer.run { server async throws in
            let answer = try await server.get("/v1/nowhere", headers: ["Accept: text/html"])
            #expect(answer.headers["content-type"] == "application/problem+json")
        }
    }
}

@Suite("The pages of regions, transactions, blocks and nodes")
struct PlacePageTests {
    @Test(
        "of a region lists every act that concerns it, the newest first, in pages, with its commitments as links"
    )
    func acts() async throws {
        try await TestServer.run { server async throws in
            for number in 1...30 {
                let transaction = try Samples.transaction(number: UInt8(number))
                _ = try await server.post(transaction.bytes)
                await server.ledger.makeBlock()
            }
            let body = try await server.get("/regions/CN-HN?lang=en").body
            #expect(body.contains("Latest acts"))
            let newest = try #require(body.firstRange(of: "/blocks/30?"))
            let older = try #require(body.firstRange(of: "/blocks/6?"))
            #expect(newest.lowerBound < older.lowerBound && !body.contains("/blocks/5?"))
            #expect(
                body.contains("<a href=\"/commitments/CN-HN-2020-001?lang=en\">CN-HN-2020-001</a> <a class")
            )
            #expect(body.contains("before=5.1#acts"))
            let rest = try await server.get("/regions/CN-HN?lang=en&before=5.1").body
            #expect(
                rest.contains("Earlier acts") && rest.contains("/blocks/5?") && !rest.contains("/blocks/6?")
            )
            // The switch of languages keeps the place.
            #expect(rest.contains("/regions/CN-HN?lang=fr&amp;before=5.1"))
            #expect(try await server.get("/regions/CN-HE?lang=en").body.contains("None back to block"))
        }
    }

    @Test("of a region shows its commitments, their counts and its members")
    func region() async throws {
        try await TestServer.run { server async throws in
            let body = try await server.get("/regions/CN-HN?lang=en").body
            #expect(body.contains("湖南") && body.contains("<code>CN-HN</code>"))
            #expect(body.contains("CN-HN-2020-001") && !body.contains("CN-HE-2020-001"))
            #expect(body.contains("<code>cn-hn</code></span>: province, validator"))
            #expect(try await server.get("/regions/CN-HE?lang=en").body.contains("CN-HE-2020-001"))
        }
        try await TestServer.run(ledger: FakeLedger(commitments: [])) { server async throws in
            let body = try await server.get("/regions/CN-HN?lang=en").body
            #expect(body.contains("This region has made no commitment"))
        }
    }

    @Test("of a transaction shows who signed what, where it stands, and what proves it")
    func transaction() async throws {
        try await TestServer.run { server async throws in
            let transaction = try Samples.transaction()
            let path = "/transactions/\(transaction.id.hex)"
            #expect(try await server.get("\(path)?lang=en").body.contains("this node has not seen it"))
            _ = try await server.post(transaction.bytes)
            #expect(try await server.get("\(path)?lang=en").body.contains("accepted, not yet in a block"))
            await server.ledger.makeBlock()
            let body = try await server.get("\(path)?lang=en").body
            #expect(body.contains("nobody can change it any more"))
            #expect(
                body.contains("<code>cn-hn</code>") && body.contains("/commitments/CN-HN-2020-001?lang=en")
            )
            for download in ["proof", "receipt", "bytes"] {
                #expect(body.contains("/v1\(path)/\(download)\""))
            }
            #expect(body.contains("/blocks/1?lang=en"))
        }
    }

    @Test("of a block shows its header, its transactions, who sealed it, and its neighbours")
    func block() async throws {
        try await TestServer.run { server async throws in
            let transaction = try Samples.transaction()
            _ = try await server.post(transaction.bytes)
            await server.ledger.makeBlock()
            await server.ledger.makeBlock()
            let body = try await server.get("/blocks/1?lang=en").body
            #expect(body.contains(transaction.id.hex) && body.contains(Samples.digest(1_001)))
            #expect(body.contains("1 of 7 validators signed that it is final (5 are needed)"))
            #expect(body.contains("/blocks/2?lang=en") && !body.contains("/blocks/0?lang=en"))
            let empty = try await server.get("/blocks/head?lang=en").body
            #expect(empty.contains("An empty block") && empty.contains("/blocks/1?lang=en"))
            #expect(!empty.contains("rel=\"next\""))
            let byID = try await server.get("/blocks/\(Samples.digest(1))?lang=en")
            #expect(byID.status == 200 && byID.body.contains("<h1>Block 1</h1>"))
        }
    }

    @Test(
        "tell how to run a mirror in commands that the program takes, and where a snapshot is",
        arguments: ["zh", "en", "fr"]
    )
    func mirror(language: String) async throws {
        try await TestServer.run { server async throws in
            let body = try await server.get("/data?lang=\(language)").body
            #expect(body.contains("jalon join invitation.jalon --mirror my-mirror\n"))
            #expect(body.contains("jalon node run my-mirror/node.yaml\n"))
            #expect(body.contains("href=\"/v1/snapshot\""))
        }
    }

    @Test("of the nodes shows who leads, who is behind, who contradicts, and where else the pages are")
    func nodes() async throws {
        try await TestServer.run(others: ["http://127.0.0.1:9"]) { server async throws in
            await server.ledger.makeBlock()
            let answer = try await server.get("/nodes?lang=en")
            let body = answer.body
            #expect(body.contains("7 of 7 validators have the same chain as this node, at block 1"))
            #expect(body.contains("4 blocks behind") && body.contains("another block!"))
            #expect(
                body.contains("proposes now") && body.contains("proposes next") && body.contains("mirror")
            )
            #expect(body.contains("\u{2212}40\u{202F}ms"))
            #expect(body.contains("<a href=\"http://127.0.0.1:9/nodes?lang=en\""))
            #expect(
                answer.headers["content-security-policy"]?.contains("connect-src 'self' http://127.0.0.1:9;")
                    == true
            )
            #expect(try await server.get("/?lang=en").body.contains("data-nodes=\"http://127.0.0.1:9\""))
            await server.ledger.setConnected(4)
            let fewer = try await server.get("/nodes?lang=en").body
            #expect(
                fewer.contains("4 of 7 validators have the same chain") && fewer.contains("not connected")
            )
            #expect(try await server.get("/v1/nodes").body.contains("\"others\":[\"http://127.0.0.1:9\"]"))
        }
    }

    @Test("of the method says the thresholds in force and that a page can lie")
    func methodology() async throws {
        try await TestServer.run { server async throws in
            let body = try await server.get("/methodology?lang=en").body
            #expect(body.contains("≥ 90.0\u{202F}%") && body.contains("≥ 70.0\u{202F}%"))
            #expect(body.contains("A page served by a node can lie"))
            for status in API.StatusCode.allCases {
                #expect(body.contains(StatusSign(status, in: .en).html.markup), "\(status)")
            }
        }
    }
}
