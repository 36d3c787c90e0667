import Foundation
import JalonAPITestKit
import JalonCrypto
import JalonModel
import JalonSchema
import Testing

@testable import JalonAPI

@Suite("Reading over HTTP")
struct ReadingTests {
    private func decode<Value: Decodable>(_ type: Value.Type, _ answer: RawAnswer) throws -> Value {
        try JSONDecoder().decode(type, from: Data(answer.body.utf8))
    }

    @Test("answers every route of the API in JSON, readable from any site")
    func everyRoute() async throws {
        try await TestServer.run { server async throws in
            await server.ledger.makeBlock()
            let paths = [
                "/v1/head", "/v1/status", "/v1/members", "/v1/plans", "/v1/commitments",
                "/v1/commitments/CN-HN-2020-001", "/v1/commitments/CN-HN-2020-001/milestones",
                "/v1/blocks/head",
                "/v1/blocks/1", "/v1/blocks/\(Samples.digest(1))", "/v1/headers/0", "/v1/openapi.json",
                "/v1/evidence", "/v1/governance",
                "/v1/evidence", "/v1/attestations?milestone=\(Samples.digest(77))",
                "/v1/attestations/\(Samples.digest(30))", "/v1/disputes",
                "/v1/disputes/\(Samples.digest(40))",
                "/v1/directives", "/v1/directives/\(Samples.digest(50))", "/v1/delegations?member=cn-hn",
                "/health/live", "/health/ready",
            ]
            for path in paths {
                let answer = try await server.get(path)
                #expect(answer.status == 200, "\(path)")
                #expect(answer.headers["content-type"] == "application/json", "\(path)")
                #expect(answer.headers["access-control-allow-origin"] == "*", "\(path)")
                #expect(answer.headers["x-content-type-options"] == "nosniff", "\(path)")
                #expect(throws: Never.self, "\(path)") {
                    try JSONSerialization.jsonObject(with: Data(answer.body.utf8))
                }
            }
        }
    }

    @Test("answers what anybody can check in the bytes' own media types")
    func proofs() async throws {
        try await TestServer.run { server async throws in
            let file = "application/vnd.jalon.proof+cbor"
            let cases = [
                (
                    "/v1/proofs/state?path=commitment%2FCN-HN-2020-001", file,
                    "state commitment/CN-HN-2020-001"
                ),
                ("/v1/proofs/consistency?from=3&to=7", file, "consistency 3-7"),
                ("/v1/proofs/consistency?from=0", file, "consistency 0-0"),
            ]
            for (path, type, body) in cases {
                let answer = try await server.get(path)
                #expect(answer.status == 200, "\(path)")
                #expect(answer.headers["content-type"] == type && answer.body == body, "\(path)")
            }
            let transaction = try Samples.transaction()
            _ = try await server.post(transaction.bytes)
            let path = "/v1/transactions/\(transaction.id.hex)"
            let receipt = try await server.get("\(path)/receipt")
            #expect(receipt.headers["content-type"] == "application/scitt-statement+cose")
            #expect(receipt.body == "receipt \(transaction.id.hex)")
            let proof = try await server.get("\(path)/proof")
            #expect(proof.headers["content-type"] == file && proof.body == "proof \(transaction.id.hex)")
            let refused = [
                "/v1/proofs/state", "/v1/proofs/state?path=", "/v1/proofs/consistency",
                "/v1/proofs/state?from=1",
                "/v1/proofs/consistency?from=x", "/v1/proofs/consistency?from=1&to=-1",
            ]
            for path in refused {
                let answer = try await server.get(path)
                #expect(answer.status == 400 && answer.body.contains("E_QUERY"), "\(path)")
            }
            #expect(try await server.get("/v1/proofs/other").status == 404)
        }
    }

    @Test("describes every route that it answers, and none else")
    func description() async throws {
        try await TestServer.run { server async throws in
            let body = try await server.get("/v1/openapi.json").body
            let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
            let paths = try #require(object?["paths"] as? [String: Any])
            for path in paths.keys {
                let method = path == "/v1/transactions" ? "POST" : "HEAD"
                let target =
                    path.replacing(
                        "{id}",
                        with: path.contains("commitments") ? "CN-HN-2020-001" : Samples.digest(1)
                    )
                    .replacing("{reference}", with: "head").replacing("{height}", with: "0")
                    .replacing("{digits}", with: "00000000").replacing("{code}", with: "CN-HN")
                let waits = target.hasSuffix("/wait") ? "?timeout=0" : ""
                let answer = try await server.request(method, target + waits)
                #expect(answer.status != 405, "\(path)")
                #expect(
                    answer.headers["content-type"] != "application/problem+json" || answer.status != 500,
                    "\(path)"
                )
            }
            #expect(paths.count == 41)
        }
    }

    @Test("hands out the genesis and the blocks, to be checked elsewhere")
    func ledger() async throws {
        try await TestServer.run { server async throws in
            let genesis = try await server.get("/v1/genesis")
            #expect(genesis.headers["content-type"] == "application/cbor" && genesis.body == "genesis")
            let blocks = try await server.get("/v1/ledger?from=1&limit=5")
            #expect(blocks.headers["content-type"] == "application/cbor-seq")
            #expect(blocks.body == "from 1, 5 at most")
            #expect(try await server.get("/v1/ledger").body == "from 1, 256 at most")
            #expect(try await server.get("/v1/ledger?from=9999").body.isEmpty)
            for bad in ["from=0", "from=x", "from=-1", "limit=0", "limit=257", "to=3"] {
                let answer = try await server.get("/v1/ledger?\(bad)")
                #expect(answer.status == 400 && answer.body.contains("E_QUERY"), "\(bad)")
            }
        }
    }

    @Test("sends a snapshot in pieces, and no more at once than it may")
    func snapshot() async throws {
        try await TestServer.run { server async throws in
            let answer = try await server.get("/v1/snapshot")
            #expect(answer.status == 200 && answer.headers["content-type"] == "application/cbor-seq")
            #expect(answer.headers["content-length"] == "300000" && answer.body.utf8.count == 300_000)
            #expect(try await server.get("/v1/snapshot?from=3").status == 400)
        }
        var limits = APIConfiguration.Limits()
        limits.snapshots = 0
        try await TestServer.run(limits: limits) { server async throws in
            let answer = try await server.get("/v1/snapshot")
            #expect(answer.status == 429 && answer.body.contains("E_BUSY"))
            #expect(answer.headers["retry-after"] == "10")
        }
    }

    @Test("tells what is missing with a problem, a stable code and a hint")
    func missing() async throws {
        try await TestServer.run { server async throws in
            let cases = [
                ("/v1/commitments/CN-HN-2020-00", "E_UNKNOWN_COMMITMENT"),
                ("/v1/blocks/7", "E_UNKNOWN_BLOCK"),
                ("/v1/headers/7", "E_UNKNOWN_BLOCK"), ("/nothing", "E_NOT_FOUND"),
                ("/v1/transactions/\(Samples.digest(1))/bytes", "E_UNKNOWN_TRANSACTION"),
                ("/v1/transactions/\(Samples.digest(1))/receipt", "E_UNKNOWN_TRANSACTION"),
                ("/v1/transactions/\(Samples.digest(1))/proof", "E_UNKNOWN_TRANSACTION"),
                ("/v1/attestations/\(Samples.digest(1))", "E_UNKNOWN_ATTESTATION"),
                ("/v1/disputes/\(Samples.digest(1))", "E_UNKNOWN_DISPUTE"),
                ("/v1/directives/\(Samples.digest(1))", "E_UNKNOWN_DIRECTIVE"),
            ]
            for (path, code) in cases {
                let answer = try await server.get(path)
                #expect(answer.status == 404, "\(path)")
                #expect(answer.headers["content-type"] == "application/problem+json", "\(path)")
                let problem = try decode(API.Problem.self, answer)
                #expect(problem.code == code)
                #expect(problem.type == "urn:jalon:problem:\(code)")
                #expect(problem.status == 404)
            }
            let hinted = try decode(API.Problem.self, try await server.get("/v1/commitments/CN-HN-2020-00"))
            #expect(hinted.hint == "Did you mean CN-HB-2020-001?")
        }
    }

    @Test("filters and pages commitments")
    func filters() async throws {
        try await TestServer.run { server async throws in
            func ids(_ query: String) async throws -> [String] {
                try decode(API.CommitmentPage.self, try await server.get("/v1/commitments?\(query)"))
                    .commitments.map(\.id)
            }
            #expect(try await ids("region=CN-HE") == ["CN-HE-2020-001"])
            #expect(try await ids("status=atRisk") == ["CN-HN-2020-001"])
            #expect(try await ids("plan=CN-HB-2020-P1") == ["CN-HB-2020-001"])
            #expect(try await ids("sector=finance").isEmpty)
            let first = try decode(API.CommitmentPage.self, try await server.get("/v1/commitments?limit=2"))
            #expect(first.total == 3)
            let next = try #require(first.next)
            #expect(try await ids("limit=2&cursor=\(next)") == ["CN-HN-2020-001"])
            let dated = try decode(
                API.Commitment.self,
                try await server.get("/v1/commitments/CN-HN-2020-001?asOf=2022-01-01")
            )
            #expect(dated.status.asOf == "2022-01-01")
        }
    }

    @Test(
        "refuses parameters that it does not know or can't read",
        arguments: [
            "/v1/commitments?regio=CN-HN", "/v1/commitments?limit=0", "/v1/commitments?limit=501",
            "/v1/commitments?status=late", "/v1/commitments?plan=a/b", "/v1/status?asOf=yesterday",
            "/v1/head?x=1",
            "/v1/commitments?cursor=%20", "/v1/transactions/\(Samples.digest(1))/wait?timeout=61",
            "/v1/feed?after=-1",
        ]
    )
    func badParameters(target: String) async throws {
        try await TestServer.run { server async throws in
            let answer = try await server.get(target)
            #expect(answer.status == 400)
            #expect(try decode(API.Problem.self, answer).code == "E_QUERY")
        }
    }

    @Test("answers HEAD with the same header and no body")
    func head() async throws {
        try await TestServer.run { server async throws in
            let get = try await server.get("/v1/members")
            let head = try await server.request("HEAD", "/v1/members")
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            #expect(head.headers["content-length"] == get.headers["content-length"])
            #expect(Int(get.headers["content-length"] ?? "") == get.body.utf8.count)
        }
    }

    @Test(
        "refuses other methods and says which are possible",
        arguments: [
            ("POST", "/v1/head", "GET, HEAD, OPTIONS"),
            ("DELETE", "/v1/commitments/CN-HN-2020-001", "GET, HEAD, OPTIONS"),
            ("GET", "/v1/transactions", "POST, OPTIONS"), ("PUT", "/", "GET, HEAD, OPTIONS"),
            ("PROPFIND", "/v1/feed", "GET, HEAD, OPTIONS"),
        ]
    )
    func methods(method: String, target: String, allowed: String) async throws {
        try await TestServer.run { server async throws in
            let answer = try await server.request(method, target)
            #expect(answer.status == 405)
            #expect(answer.headers["allow"] == allowed)
        }
    }

    @Test("lets browsers read from other sites, and not submit")
    func crossOrigin() async throws {
        try await TestServer.run { server async throws in
            let read = try await server.request(
                "OPTIONS",
                "/v1/head",
                headers: ["Origin: https://elsewhere.example"]
            )
            #expect(read.headers["access-control-allow-origin"] == "*")
            #expect(read.headers["access-control-allow-methods"] == "GET, HEAD")
            let write = try await server.request("OPTIONS", "/v1/transactions")
            #expect(write.headers["access-control-allow-methods"] == nil)
            let sent = try await server.post(try Samples.transaction().bytes)
            #expect(sent.headers["access-control-allow-origin"] == nil)
        }
    }

    @Test("says that it is not ready without a quorum, and stays alive")
    func readiness() async throws {
        try await TestServer.run { server async throws in
            await server.ledger.setConnected(4)
            let ready = try await server.get("/health/ready")
            #expect(ready.status == 503)
            #expect(ready.body.contains("4 of 7 validators connected, 5 needed"))
            #expect(try await server.get("/health/live").status == 200)
        }
    }

    @Test("tells nothing of an error inside but that it happened")
    func internalError() async throws {
        struct Secret: Error { let path = "/var/lib/jalon/secret" }
        try await TestServer.run { server async throws in
            await server.ledger.setFailure(Secret())
            let answer = try await server.get("/v1/head")
            #expect(answer.status == 500)
            #expect(try decode(API.Problem.self, answer).code == "E_INTERNAL")
            #expect(!answer.body.contains("secret"))
        }
    }
}

@Suite("The description of the API")
struct DescriptionTests {
    private func document() throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(OpenAPI.document))
        return try #require(object as? [String: Any])
    }

    @Test("names every parameter that the state has a path for")
    func parameters() throws {
        let paths = try #require(try document()["paths"] as? [String: Any])
        let text = try JSONSerialization.data(withJSONObject: try #require(paths["/v1/proofs/state"]))
        for parameter in Parameter.allCases {
            #expect(String(decoding: text, as: UTF8.self).contains(parameter.rawValue), "\(parameter)")
        }
    }

    @Test("describes no path that leads nowhere, and says of each whether its answer is tagged as it is")
    func routes() throws {
        let paths = try #require(try document()["paths"] as? [String: [String: Any]])
        for (path, methods) in paths {
            let id = path.contains("commitments") ? "CN-HN-2020-001" : Samples.digest(1)
            let target = path.replacing("{id}", with: id).replacing("{reference}", with: "head")
                .replacing("{height}", with: "0").replacing("{digits}", with: "00000000")
                .replacing("{code}", with: "CN-HN")
            let route = try Route(target.split(separator: "/").map(String.init))
            #expect(methods.keys.allSatisfy { route.methods.contains($0.uppercased()) }, "\(path)")
            let answers = (methods["get"] as? [String: Any])?["responses"] as? [String: Any]
            let isExport = if case .export = route { true } else { false }
            #expect((answers?["304"] != nil) == (route.isOfState || isExport || route == .rss), "\(path)")
        }
    }

    @Test("names every answer by its status, and leaves none to a default")
    func answers() throws {
        let paths = try #require(try document()["paths"] as? [String: [String: Any]])
        for (path, methods) in paths {
            for (_, method) in methods {
                let answers = try #require(
                    (method as? [String: Any])?["responses"] as? [String: Any],
                    "\(path)"
                )
                #expect(answers["default"] == nil, "\(path)")
                for status in ["400", "500", "503"] { #expect(answers[status] != nil, "\(path) \(status)") }
            }
        }
    }
}
