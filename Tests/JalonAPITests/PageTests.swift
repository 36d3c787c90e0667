import Foundation
import JalonAPI
import JalonAPITestKit
import JalonCrypto
import JalonModel
import JalonSchema
import Testing

@Suite("The page")
struct PageTests {
    @Test("is whole without its script, and allows nothing inline and nothing from elsewhere")
    func policy() async throws {
        try await TestServer.run { server async throws in
            let answer = try await server.get("/?lang=en")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
            let policy = try #require(answer.headers["content-security-policy"])
            #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
            #expect(
                !policy.contains("unsafe") && !policy.contains("http")
                    && policy.contains("form-action 'self'")
            )
            #expect(!answer.body.contains("<style") && !answer.body.contains(" style="))
            #expect(!answer.body.contains(" onclick") && !answer.body.contains("src=\"http"))
            for path in ["/static/page.css", "/static/page.js"] {
                #expect(answer.body.contains(path))
                #expect(try await server.get(path).status == 200)
            }
        }
    }

    @Test(
        "shows texts of the ledger as text, whatever stands in them",
        arguments: [
            "/?lang=en", "/commitments/CN-HE-2020-001?lang=en", "/commitments/CN-HN-2020-001?lang=en",
        ]
    )
    func escaping(target: String) async throws {
        try await TestServer.run { server async throws in
            let body = try await server.get(target).body
            #expect(body.contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;more&#39;"))
            #expect(!body.contains("<script>alert"))
            #expect(!body.contains("<b>q2"))
            #expect(!body.contains("javascript:"))
        }
    }

    @Test(
        "has one for members, governance and directives, in three languages, each linked from every other",
        arguments: ["members", "governance", "directives"],
        ["zh", "en", "fr"]
    )
    func morePages(page: String, language: String) async throws {
        try await TestServer.run { server async throws in
            let answer = try await server.get("/\(page)?lang=\(language)")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
            #expect(answer.headers["content-security-policy"]?.contains("default-src 'none'") == true)
            #expect(answer.body.contains("<a href=\"/\(page)?lang=\(language)\" aria-current=\"page\">"))
            for other in ["", "members", "governance", "directives"] where other != page {
                #expect(answer.body.contains("<a href=\"/\(other)?lang=\(language)\">"), "\(other)")
            }
            #expect(!answer.body.contains("<style") && !answer.body.contains(" style="))
            #expect(try await server.get("/\(page)/more").status == 404)
        }
    }

    @Test("shows the arithmetic of a vote, who voted how, and what waits for whom")
    func governance() async throws {
        try await TestServer.run { server async throws in
            let body = try await server.get("/governance?lang=en").body
            #expect(body.contains("yes 1, no 0 of 4 that count; 3 needed"))
            #expect(body.contains("the next 5 validators: 2 ready, 4 needed"))
            #expect(body.contains("</strong> · admission · ") && body.contains("admit cn-bj"))
            #expect(body.contains("<code>delta</code></th><td data-label=\"Value\">500\u{202F}ms</td>"))
            #expect(body.contains("<code>onTrack</code></th><td data-label=\"Value\">90.0\u{202F}%</td>"))
            let members = try await server.get("/members?lang=en").body
            #expect(members.contains("<span lang=\"zh-Hans\">CN-HN</span> <code>cn-hn</code>"))
        }
    }

    @Test(
        "is in three languages, by parameter or by the browser's header, with a switch",
        arguments: [
            ("zh", "zh-Hans", "各地承诺"), ("en", "en", "Commitments by region"),
            ("fr", "fr", "Engagements par région"),
        ]
    )
    func languages(code: String, tag: String, heading: String) async throws {
        try await TestServer.run { server async throws in
            for answer in [
                try await server.get("/?lang=\(code)"),
                try await server.get("/", headers: ["Accept-Language: \(code)"]),
            ] {
                #expect(answer.body.contains("<html lang=\"\(tag)\">"))
                #expect(answer.body.contains(heading))
                #expect(answer.headers["content-language"] == tag)
                for other in ["zh", "en", "fr"] { #expect(answer.body.contains("?lang=\(other)")) }
            }
        }
    }

    @Test("shows regions, targets, values, statuses and the head")
    func overview() async throws {
        try await TestServer.run { server async throws in
            await server.ledger.makeBlock()
            let body = try await server.get("/?lang=en").body
            #expect(
                body.contains("河北") && body.contains("CN-HE") && body.contains("湖北") && body.contains("CN-HB")
            )
            #expect(body.contains("at least 30\u{202F}000 enterprises, by end 2022"))
            #expect(body.contains("9\u{202F}500"))
            #expect(body.contains("▲") && body.contains("at risk"))
            #expect(body.contains(Samples.digest(1_001)))
            #expect(body.contains("7/7"))
        }
    }

    @Test("says DEMO DATA beside every invented value and above, and the demonstration's date")
    func demonstration() async throws {
        try await TestServer.run { server async throws in
            let body = try await server.get("/?lang=en").body
            #expect(body.components(separatedBy: "DEMO DATA").count == 3)
            #expect(body.contains("As of 1 July 2021 (demonstration date)"))
            let other = try await server.get("/?lang=en&asOf=2022-01-01").body
            #expect(!other.contains("demonstration date"))
            #expect(other.contains("As of 1 January 2022"))
        }
        let real = FakeLedger(commitments: [Samples.commitments[0]])
        try await TestServer.run(ledger: real) { server async throws in
            let found = try await server.get("/").body
            #expect(!found.contains("DEMO DATA"))
        }
    }

    @Test("warns in red without a quorum")
    func noQuorum() async throws {
        try await TestServer.run { server async throws in
            #expect(try await !server.get("/?lang=en").body.contains("nothing can be written now"))
            await server.ledger.setConnected(4)
            let body = try await server.get("/?lang=en").body
            #expect(body.contains("role=\"alert\""))
            #expect(body.contains("Only 4 validators connected, 5 needed"))
        }
    }

    @Test(
        "warns in red where the node's disk is full, in three languages; where it is short, a note says that it does not vote",
        arguments: [
            ("zh", "本节点磁盘已满", "暂不投票"), ("en", "This node&#39;s disk is full", "casts no votes for now"),
            ("fr", "Le disque de ce nœud est plein", "il ne vote pas"),
        ]
    )
    func diskShortage(language: String, full: String, short: String) async throws {
        try await TestServer.run { server async throws in
            await server.ledger.setDiskShortage(.exhausted)
            let alarmed = try await server.get("/?lang=\(language)").body
            #expect(alarmed.contains("role=\"alert\"><span aria-hidden=\"true\">✖</span> \(full)"))
            #expect(!alarmed.contains(short))
            #expect(try await server.get("/v1/head").body.contains("\"diskShortage\":\"exhausted\""))
            await server.ledger.setDiskShortage(.low)
            let noted = try await server.get("/?lang=\(language)").body
            #expect(noted.contains(short) && !noted.contains(full))
            await server.ledger.setDiskShortage(nil)
            #expect(try await !server.get("/?lang=\(language)").body.contains(short))
        }
    }

    @Test("of a commitment shows why it has its status, and its milestones")
    func commitment() async throws {
        try await TestServer.run { server async throws in
            let body = try await server.get("/commitments/CN-HN-2020-001?lang=en").body
            #expect(body.contains("9\u{202F}500 ÷ 13\u{202F}176 = 72.1\u{202F}%"))
            #expect(body.contains("30 June 2021"))
            #expect(try await server.get("/commitments/CN-XX-2020-001").status == 404)
        }
    }

    @Test("shows what came last in its feed")
    func feed() async throws {
        try await TestServer.run { server async throws in
            let transaction = try Samples.transaction()
            _ = try await server.post(transaction.bytes)
            for _ in 0..<25 { await server.ledger.makeBlock() }
            #expect(try await !server.get("/?lang=en").body.contains(transaction.id.hex))
            let next = try Samples.transaction(number: 2)
            _ = try await server.post(next.bytes)
            await server.ledger.makeBlock()
            #expect(try await server.get("/?lang=en").body.contains(next.id.hex))
        }
    }
}
