import JalonAPITestKit
import JalonSchema
import Testing

@testable import JalonAPI

@Suite("An answer that a client has already")
struct EntityTagTests {
    private static let paths = [
        "/v1/status", "/v1/commitments?limit=2", "/v1/commitments/CN-HN-2020-001", "/v1/plans",
        "/v1/commitments/CN-HN-2020-001/milestones", "/v1/disputes", "/v1/directives", "/feed.rss?lang=en",
        "/v1/export/commitments.csv", "/v1/export/milestones.jsonl",
    ]

    @Test("is answered with 304 and no body until a block comes", arguments: EntityTagTests.paths)
    func notModified(path: String) async throws {
        try await TestServer.run { server async throws in
            let first = try await server.get(path)
            let tag = try #require(first.headers["etag"])
            #expect(first.headers["jalon-height"] == "0")
            for named in [tag, "W/\(tag)", "\"x\", \(tag)"] {
                let again = try await server.get(path, headers: ["If-None-Match: \(named)"])
                #expect(again.status == 304, "\(named)")
                #expect(again.body.isEmpty)
                #expect(again.headers["etag"] == tag)
            }
            await server.ledger.makeBlock()
            let next = try await server.get(path, headers: ["If-None-Match: \(tag)"])
            #expect(next.status == 200)
            #expect(next.headers["etag"] != tag)
            #expect(next.headers["jalon-height"] == "1")
        }
    }

    @Test("has another tag for another request, day, height or language")
    func distinct() async throws {
        try await TestServer.run { server async throws in
            await server.ledger.makeBlock()
            var tags: [String?] = []
            for path in [
                "/v1/commitments", "/v1/commitments?limit=2", "/v1/commitments?asOf=2021-01-01",
                "/v1/commitments?height=0", "/feed.rss?lang=en", "/feed.rss?lang=fr",
            ] {
                tags.append(try await server.get(path).headers["etag"])
            }
            tags.append(try await server.get("/feed.rss", headers: ["Accept-Language: fr"]).headers["etag"])
            tags.append(try await server.get("/feed.rss", headers: ["Accept-Language: en"]).headers["etag"])
            #expect(!tags.contains(nil))
            #expect(Set(tags).count == tags.count)
        }
    }

    @Test("may be kept for a while where its height was asked for, and is asked for again where not")
    func caching() async throws {
        try await TestServer.run { server async throws in
            await server.ledger.makeBlock()
            let head = try await server.get("/v1/commitments")
            #expect(head.headers["cache-control"] == "no-cache")
            let past = try await server.get("/v1/commitments?height=1")
            #expect(past.headers["cache-control"] == "public, max-age=3600")
            #expect(past.headers["jalon-height"] == "1")
        }
    }

    @Test("is never one of what the node alone knows, or of an error")
    func untagged() async throws {
        try await TestServer.run { server async throws in
            for path in [
                "/v1/head", "/v1/members", "/v1/governance", "/v1/regions/CN-HN/acts", "/v1/evidence",
                "/metrics",
                "/v1/commitments/CN-XX-1",
            ] {
                let answer = try await server.get(path, headers: ["If-None-Match: *"])
                #expect(answer.status != 304, "\(path)")
                #expect(answer.headers["etag"] == nil, "\(path)")
            }
            #expect(try await server.get("/v1/plans", headers: ["If-None-Match: *"]).status == 304)
        }
    }

    @Test("asked for by HEAD has the tag that GET gives")
    func head() async throws {
        try await TestServer.run { server async throws in
            for path in Self.paths {
                let (get, head) = (try await server.get(path), try await server.request("HEAD", path))
                #expect(head.status == 200, "\(path)")
                #expect(head.headers["etag"] == get.headers["etag"], "\(path)")
                #expect(head.headers["content-type"] == get.headers["content-type"], "\(path)")
                #expect(head.body.isEmpty, "\(path)")
            }
        }
    }

    @Test("can be asked about by a page of another site, which sees the tag")
    func crossOrigin() async throws {
        try await TestServer.run { server async throws in
            let preflight = try await server.request(
                "OPTIONS",
                "/v1/plans",
                headers: ["Origin: https://a.example"]
            )
            #expect(preflight.headers["access-control-allow-headers"] == "If-None-Match, Last-Event-ID")
            let answer = try await server.get("/v1/plans")
            #expect(answer.headers["access-control-expose-headers"]?.contains("ETag") == true)
        }
    }
}
