import Foundation
import JalonAPI
import JalonAPITestKit
import JalonCrypto
import JalonModel
import JalonSchema
import Testing

@Suite("Submitting over HTTP")
struct SubmittingTests {
    private func result(_ answer: RawAnswer) throws -> [API.Transaction] {
        try JSONDecoder().decode(API.SubmitResult.self, from: Data(answer.body.utf8)).transactions
    }

    private func problem(_ answer: RawAnswer) throws -> API.Problem {
        #expect(answer.headers["content-type"] == "application/problem+json")
        return try JSONDecoder().decode(API.Problem.self, from: Data(answer.body.utf8))
    }

    @Test("accepts one transaction, pending first and final once a block holds it, and records it once")
    func one() async throws {
        try await TestServer.run { server async throws in
            let transaction = try Samples.transaction()
            let first = try await server.post(transaction.bytes)
            #expect(first.status == 202)
            #expect(try result(first).map(\.id) == [transaction.id.hex])
            #expect(try result(first).map(\.state) == [.pending])
            #expect(try await server.post(transaction.bytes).body == first.body)
            await server.ledger.makeBlock()
            let after = try await server.post(transaction.bytes)
            #expect(after.status == 200)
            #expect(try result(after).map(\.state) == [.final])
            #expect(try result(after).map(\.height) == [1])
            #expect(try await server.get("/v1/transactions/\(transaction.id.hex)").status == 200)
        }
    }

    @Test("accepts a sequence and answers for each in order")
    func sequence() async throws {
        try await TestServer.run { server async throws in
            let good = try Samples.transaction(number: 1)
            let refused = try Samples.transaction(about: FakeLedger.refusedSubject, number: 2)
            let answer = try await server.post(
                good.bytes + [0x01] + refused.bytes,
                type: "application/cbor-seq"
            )
            #expect(answer.status == 202)
            let transactions = try result(answer)
            #expect(transactions.map(\.state) == [.pending, .rejected, .rejected])
            #expect(transactions.map { $0.problem?.code } == [nil, "E_MALFORMED", "E_NOT_RESPONSIBLE"])
        }
    }

    @Test("answers a refusal with its code, its status and the way on")
    func refusal() async throws {
        try await TestServer.run { server async throws in
            let answer = try await server.post(
                try Samples.transaction(about: FakeLedger.refusedSubject).bytes
            )
            #expect(answer.status == 403)
            let problem = try problem(answer)
            #expect(problem.code == "E_NOT_RESPONSIBLE")
            #expect(problem.hint == "See: jalon member list")
        }
    }

    @Test("tells who has to wait for how long, and everybody where the node is busy")
    func retryAfter() async throws {
        try await TestServer.run { server async throws in
            let bytes = try Samples.transaction().bytes
            let limited = API.Problem.refusal(
                code: "E_RATE_LIMITED",
                detail: "the observer opened 4 disputes here lately",
                retryAfter: 870
            )
            await server.ledger.setFailure(limited)
            let answer = try await server.post(bytes)
            #expect(answer.status == 429 && answer.headers["retry-after"] == "870")
            #expect(try problem(answer).retryAfter == 870)
            await server.ledger.setFailure(API.Problem.unavailable("E_BUSY", "busy"))
            let busy = try await server.post(bytes)
            #expect(busy.status == 503 && busy.headers["retry-after"] == "2")
            await server.ledger.setFailure(nil)
            #expect(try await server.post(bytes).headers["retry-after"] == nil)
        }
    }

    @Test(
        "refuses what is no transaction, and the ledger never sees it",
        arguments: [[], [0x00], [0xD2, 0x84, 0x40]]
    )
    func malformed(bytes: [UInt8]) async throws {
        try await TestServer.run { server async throws in
            #expect(try await server.post(bytes).status == 400)
            #expect(try await server.post(bytes, type: "application/cbor-seq").status != 202)
            #expect(await server.ledger.submissionCount == 0)
        }
    }

    @Test("refuses every prefix and every flipped head byte of a transaction without a crash")
    func damaged() async throws {
        let bytes = try Samples.transaction().bytes
        try await TestServer.run { server async throws in
            for count in stride(from: 1, to: bytes.count, by: 23) {
                #expect(try await server.post(Array(bytes.prefix(count))).status == 400)
            }
            for index in 0..<8 {
                var damaged = bytes
                damaged[index] ^= 0x20
                #expect([202, 400].contains(try await server.post(damaged).status))
            }
        }
    }

    @Test(
        "refuses other media types and encoded bodies with 415",
        arguments: [
            ["Content-Type: application/json"], ["Content-Type: text/plain"], [],
            ["Content-Type: application/cose", "Content-Encoding: gzip"],
        ]
    )
    func mediaType(headers: [String]) async throws {
        try await TestServer.run { server async throws in
            let answer = try await server.request(
                "POST",
                "/v1/transactions",
                headers: headers,
                body: try Samples.transaction().bytes
            )
            #expect(answer.status == 415)
            #expect(try problem(answer).code == "E_MEDIA_TYPE")
        }
    }

    @Test("takes the media type with its parameters")
    func parameters() async throws {
        try await TestServer.run { server async throws in
            let type = "Application/COSE; cose-type=\"cose-sign1\""
            #expect(try await server.post(try Samples.transaction().bytes, type: type).status == 202)
        }
    }

    @Test("waits until the transaction is final")
    func wait() async throws {
        try await TestServer.run { server async throws in
            let transaction = try Samples.transaction()
            _ = try await server.post(transaction.bytes)
            async let waiting = server.get("/v1/transactions/\(transaction.id.hex)/wait?timeout=20")
            await server.ledger.makeBlock()
            let answer = try await waiting
            #expect(answer.status == 200)
            #expect(answer.body.contains("\"state\":\"final\""))
            let bytes = try await server.get("/v1/transactions/\(transaction.id.hex)/bytes")
            #expect(bytes.headers["content-type"] == "application/cose")
            #expect(bytes.headers["content-length"] == "\(transaction.bytes.count)")
        }
    }

    @Test("stops waiting when the time is over and says what it knows")
    func waitInVain() async throws {
        try await TestServer.run { server async throws in
            let transaction = try Samples.transaction()
            _ = try await server.post(transaction.bytes)
            let pending = try await server.get("/v1/transactions/\(transaction.id.hex)/wait?timeout=0")
            #expect(pending.body.contains("\"state\":\"pending\""))
            await server.ledger.expire()
            let expired = try await server.get("/v1/transactions/\(transaction.id.hex)/wait?timeout=20")
            #expect(expired.body.contains("\"state\":\"expired\""))
            let unknown = try await server.get("/v1/transactions/\(Samples.digest(1))/wait?timeout=0")
            #expect(unknown.status == 404)
            #expect(unknown.body.contains("\"state\":\"unknown\""))
        }
    }
}
