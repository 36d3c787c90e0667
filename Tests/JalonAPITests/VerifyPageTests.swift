import Foundation
import JalonAPI
import JalonAPITestKit
import JalonCrypto
import Testing

@Suite("The page that lets a reader verify")
struct VerifyPageTests {
    private static let transaction = String(repeating: "ab", count: 32)

    @Test(
        "says of each of the six steps that it is not checked, until the reader's browser has run it",
        arguments: [("zh", "未核验"), ("en", "not checked"), ("fr", "non vérifié")]
    )
    func frame(language: String, words: String) async throws {
        try await TestServer.run { server async throws in
            let body = try await server.get("/verify?transaction=\(Self.transaction)&lang=\(language)").body
            for step in ["document", "signature", "inclusion", "seal", "genesis", "state"] {
                #expect(body.contains("<li data-step=\"\(step)\" data-verdict=\"unchecked\">"), "\(step)")
            }
            // The six, the one of other files, and the summary.
            #expect(body.components(separatedBy: ">\(words)<").count == 9)
            #expect(body.contains("<noscript>"))
            #expect(body.contains("data-transaction=\"\(Self.transaction)\""))
        }
    }

    @Test("keeps to the policy of all pages, and its files are served")
    func policy() async throws {
        try await TestServer.run { server async throws in
            let page = try await server.get("/verify?lang=en")
            #expect(page.status == 200)
            #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
            #expect(
                !page.body.contains("<style") && !page.body.contains(" style=") && !page.body.contains(" onc")
            )
            for path in ["/static/verify.js", "/static/verify.css"] {
                #expect(page.body.contains(path))
                #expect(try await server.get(path).status == 200)
            }
        }
    }

    @Test("keeps the transaction when the language is changed, and links to what can be downloaded")
    func links() async throws {
        try await TestServer.run { server async throws in
            let body = try await server.get("/verify?transaction=\(Self.transaction)&lang=en").body
            #expect(body.contains("transaction=\(Self.transaction)") && body.contains("hreflang=\"fr\""))
            #expect(body.contains("href=\"/v1/transactions/\(Self.transaction)/proof\""))
            #expect(body.contains("href=\"/static/verify.html?lang=en\""))
            #expect(!(try await server.get("/verify?lang=en").body.contains("data-transaction")))
        }
    }

    @Test(
        "refuses what is no transaction's id",
        arguments: ["abc", "%3Cscript%3E", String(repeating: "g", count: 64)]
    )
    func malformed(text: String) async throws {
        try await TestServer.run { server async throws in
            let answer = try await server.get("/verify?transaction=\(text)")
            #expect(answer.status == 400)
            #expect(
                answer.headers["content-type"]?.contains("html") == false || !answer.body.contains("<script>")
            )
        }
    }
}

@Suite("The verifier as one file")
struct OfflineVerifierTests {
    /// What stands between two marks.
    private func inside(_ text: String, _ start: String, _ end: String) throws -> String {
        let from = try #require(text.range(of: start)).upperBound
        let to = try #require(text[from...].range(of: end)).lowerBound
        return String(text[from..<to])
    }

    @Test("lets only the script and the style run that stand in it", arguments: ["zh", "en", "fr"])
    func policy(language: String) async throws {
        try await TestServer.run { server async throws in
            let answer = try await server.get("/static/verify.html?lang=\(language)")
            #expect(answer.headers["content-disposition"]?.contains("jalon-verify.html") == true)
            let policy = try inside(answer.body, "Content-Security-Policy\" content=\"", "\"")
                .replacingOccurrences(of: "&#39;", with: "'")
            #expect(
                policy.hasPrefix("default-src 'none'; ") && !policy.contains("unsafe")
                    && !policy.contains("connect")
            )
            for (tag, directive) in [("script", "script-src"), ("style", "style-src")] {
                let content = try inside(answer.body, "<\(tag)>", "</\(tag)>")
                let hash = Data(SHA256.hash(Array(content.utf8)).bytes).base64EncodedString()
                #expect(policy.contains("\(directive) 'sha256-\(hash)'"), "\(tag)")
                #expect(content.count > 1_000)
            }
        }
    }

    @Test("needs nothing from elsewhere, and holds the script that the page has")
    func whole() async throws {
        try await TestServer.run { server async throws in
            let body = try await server.get("/static/verify.html?lang=en").body
            #expect(!body.contains(" src=") && !body.contains("<link") && !body.contains("<a "))
            let script = try await server.get("/static/verify.js").body
            #expect(try inside(body, "<script>", "</script>") == script)
            #expect(body.contains("data-offline") && body.contains("<html lang=\"en\">"))
        }
    }
}
