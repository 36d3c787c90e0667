import Foundation
import JalonAPI
import JalonAPITestKit
import JalonSchema
import Testing

@Suite("What others say, over HTTP")
struct VoiceReadingTests {
    /// A member as the page names it.
    private static let hebei =
        "<span class=\"member\"><span lang=\"zh-Hans\">CN-HE</span> <code>cn-he</code></span>"

    private func decode<Value: Decodable>(_ type: Value.Type, _ answer: RawAnswer) throws -> Value {
        try JSONDecoder().decode(type, from: Data(answer.body.utf8))
    }

    @Test("is filtered by what it is about and by whom it is for")
    func filters() async throws {
        try await TestServer.run { server async throws in
            for (query, count) in [
                ("", 2), ("?open=true", 1), ("?open=false", 1), ("?commitment=CN-JS-2020-001", 2),
                ("?commitment=CN-HN-2020-001", 0), ("?limit=1", 1),
            ] {
                let page = try decode(API.DisputePage.self, try await server.get("/v1/disputes\(query)"))
                #expect(page.disputes.count == count, "\(query)")
            }
            for (query, count) in [
                ("", 1), ("?to=cn-he", 1), ("?to=cn-hn", 0), ("?to=cn-he&from=regulator", 1),
            ] {
                let page = try decode(API.DirectivePage.self, try await server.get("/v1/directives\(query)"))
                #expect(page.directives.count == count, "\(query)")
            }
            let attested = try await server.get("/v1/attestations?milestone=\(Samples.digest(77))&limit=1")
            let page = try decode(API.AttestationPage.self, attested)
            #expect(page.attestations == [Samples.attestations[0]] && page.next == Samples.digest(30))
            let lent = try await server.get("/v1/delegations?member=cn-hn")
            #expect(try decode(API.DelegationPage.self, lent).delegations == Samples.delegations)
        }
    }

    @Test(
        "is refused where the question is wrong or incomplete",
        arguments: [
            "/v1/attestations", "/v1/attestations?milestone=12", "/v1/disputes?open=perhaps",
            "/v1/disputes?commitment=%20", "/v1/directives?to=%20", "/v1/delegations",
            "/v1/delegations?member=%20", "/v1/disputes?about=CN-HN-2020-001", "/v1/disputes?limit=0",
        ]
    )
    func refused(target: String) async throws {
        try await TestServer.run { server async throws in
            let answer = try await server.get(target)
            #expect(answer.status == 400)
            #expect(try decode(API.Problem.self, answer).code == "E_QUERY")
        }
    }

    @Test("A commitment carries its life, versions, signatures, disputes and attestations")
    func commitment() async throws {
        try await TestServer.run(ledger: FakeLedger(commitments: [Samples.eventful])) { server async throws in
            let found = try decode(
                API.Commitment.self,
                try await server.get("/v1/commitments/CN-JS-2020-001")
            )
            #expect(found == Samples.eventful)
            #expect(found.jointSignatures?.isComplete == false && found.successor == "CN-JS-2020-002")
        }
    }

    @Test(
        "A commitment's page tells what happened to it, in three languages, and escapes it",
        arguments: [
            (
                "en",
                [
                    "superseded", "registered twice", "missing: \(VoiceReadingTests.hebei)",
                    "waits for co-signatures",
                    "refuted", "revoked: counted twice", "wrong region", "upheld", "supersede it",
                    "material change (<code>target</code>)", "budget", "amended it to version 2", "Timeline",
                ]
            ),
            ("zh", ["已被取代", "待联署：\(VoiceReadingTests.hebei)", "不实", "地区有误", "成立", "实质性修订", "时间线"]),
            (
                "fr",
                [
                    "remplacé", "il manque\u{A0}: \(VoiceReadingTests.hebei)", "réfuté", "mauvaise région",
                    "fondée",
                    "modification de fond", "Chronologie",
                ]
            ),
        ]
    )
    func page(language: String, words: [String]) async throws {
        try await TestServer.run(ledger: FakeLedger(commitments: [Samples.eventful])) { server async throws in
            let body = try await server.get("/commitments/CN-JS-2020-001?lang=\(language)").body
            for word in words { #expect(body.contains(word), "\(word)") }
            #expect(body.contains("/commitments/CN-JS-2020-002"))
            #expect(!body.contains("<b>") && !body.contains("<i>registered"))
            // The original is judged beside the version in force.
            #expect(body.contains("■") && body.contains("→"))
        }
    }

    @Test("The overview shows what stands in a commitment's place, who is missing and what is disputed")
    func overview() async throws {
        var proposed = Samples.eventful
        (proposed.id, proposed.life, proposed.successor) = ("CN-JS-2020-003", "proposed", nil)
        let ledger = FakeLedger(commitments: [Samples.eventful, proposed])
        try await TestServer.run(ledger: ledger) { server async throws in
            let body = try await server.get("/?lang=en").body
            #expect(body.contains("→ <a href=\"/commitments/CN-JS-2020-002?lang=en\">"))
            #expect(body.contains("missing: \(VoiceReadingTests.hebei)") && body.contains("open disputes: 1"))
        }
    }
}
