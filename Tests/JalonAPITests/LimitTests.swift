import Foundation
import JalonAPI
import JalonAPITestKit
import JalonCrypto
import JalonModel
import NIOCore
import Testing

@Suite("A client that asks too much")
struct LimitTests {
    private func limits(_ change: (inout APIConfiguration.Limits) -> Void) -> APIConfiguration.Limits {
        var limits = APIConfiguration.Limits()
        change(&limits)
        return limits
    }

    @Test("with a header of more than 16 KiB or 100 fields is cut off with 400")
    func headers() async throws {
        try await TestServer.run { server async throws in
            let most = (0..<90).map { "X-\($0): 1" }
            #expect(try await server.get("/health/live", headers: most).status == 200)
            let many = (0..<101).map { "X-\($0): 1" }
            #expect(try await server.get("/health/live", headers: many).status == 400)
            let long = ["X-Long: " + String(repeating: "a", count: 17 << 10)]
            #expect(try await server.get("/health/live", headers: long).status == 400)
            let sum = (0..<20).map { "X-\($0): " + String(repeating: "a", count: 1 << 10) }
            #expect(try await server.get("/health/live", headers: sum).status == 400)
        }
    }

    @Test(
        "with what is no HTTP is cut off",
        arguments: [
            "\u{0}\u{1}\u{2}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
            "GET / HTTP/1.1\r\nA B: c\r\n\r\n",
        ]
    )
    func garbage(text: String) async throws {
        try await TestServer.run { server async throws in
            #expect([0, 400].contains(try await server.exchange(Array(text.utf8)).status))
            #expect(try await server.get("/health/live").status == 200)
        }
    }

    @Test(
        "with tricks in the path gets nothing",
        arguments: [
            "/../../etc/passwd", "/static/../v1/head", "/static/%2e%2e/page.css", "/static//page.css", "/%00",
        ]
    )
    func paths(target: String) async throws {
        try await TestServer.run { server async throws in
            let found = try await server.get(target).status
            #expect(found == 400)
        }
    }

    @Test("with a body above the limit gets 413 before the body is read")
    func announcedBody() async throws {
        try await TestServer.run(limits: limits { $0.bodyByteCount = 1_000 }) { server async throws in
            let head =
                "POST /v1/transactions HTTP/1.1\r\nHost: a\r\nContent-Type: application/cose\r\nContent-Length: 1001\r\n\r\n"
            #expect(try await server.exchange(Array(head.utf8)).status == 413)
            let accepted = try await server.post([UInt8](repeating: 0, count: 1_000))
            #expect(accepted.status == 400)
        }
    }

    @Test("with a body that grows above the limit in chunks gets 413")
    func chunkedBody() async throws {
        try await TestServer.run(limits: limits { $0.bodyByteCount = 1_000 }) { server async throws in
            let head =
                "POST /v1/transactions HTTP/1.1\r\nHost: a\r\nContent-Type: application/cose\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n"
            let chunk = "200\r\n" + String(repeating: "a", count: 512) + "\r\n"
            #expect(try await server.exchange(Array((head + chunk + chunk).utf8)).status == 413)
        }
    }

    @Test("with a body that does not come gets 408")
    func slowBody() async throws {
        try await TestServer.run(limits: limits { $0.bodyTimeout = .milliseconds(100) }) {
            server async throws in
            let head =
                "POST /v1/transactions HTTP/1.1\r\nHost: a\r\nContent-Type: application/cose\r\n"
                + "Content-Length: 500\r\n\r\nabc"
            #expect(try await server.exchange(Array(head.utf8)).status == 408)
        }
    }

    @Test("with bodies that come slowly keeps nobody else from submitting")
    func slowBodies() async throws {
        try await TestServer.run(limits: limits { $0.submissions = 1 }) { server async throws in
            let transaction = try Samples.transaction()
            let head =
                "POST /v1/transactions HTTP/1.1\r\nHost: a\r\nContent-Type: application/cose\r\n"
                + "Content-Length: 500\r\n\r\nabc"
            try await RawConnection.open(port: server.port) { slow async throws in
                try await slow.send(head)
                try await RawConnection.open(port: server.port) { slower async throws in
                    try await slower.send(head)
                    for _ in 0..<20 {
                        #expect([200, 202].contains(try await server.post(transaction.bytes).status))
                    }
                }
            }
        }
    }

    @Test("with more bytes of bodies than one client may send at once gets 503, and others' are read")
    func bodyRoom() async throws {
        try await TestServer.run(limits: limits { $0.clientBodiesByteCount = 1_000 }) {
            server async throws in
            let refused = try await server.post([UInt8](repeating: 0, count: 1_001))
            #expect(refused.status == 503 && refused.body.contains("E_BUSY"))
            // What was taken for the one that failed is given back.
            for _ in 0..<3 {
                #expect(try await server.post([UInt8](repeating: 0, count: 1_000)).status == 400)
            }
        }
    }

    @Test("for a snapshot and takes it too slowly is cut off, and its place is free again")
    func slowSnapshot() async throws {
        let strict = limits {
            $0.snapshots = 1
            $0.snapshotGrace = .zero
            $0.snapshotByteRate = 1 << 40
        }
        try await TestServer.run(limits: strict) { server async throws in
            for _ in 0..<3 {
                let answer = try await server.get("/v1/snapshot")
                #expect(answer.status == 200 && answer.body.utf8.count < 300_000)
            }
        }
        try await TestServer.run(limits: limits { $0.snapshots = 1 }) { server async throws in
            #expect(try await server.get("/v1/snapshot").body.utf8.count == 300_000)
        }
    }

    @Test("with a header that does not end is cut off")
    func slowHeader() async throws {
        try await TestServer.run(limits: limits { $0.idleTimeout = .milliseconds(100) }) {
            server async throws in
            let found = try await server.exchange(Array("GET / HTTP/1.1\r\nHost: a\r\nX-".utf8)).status
            #expect(found == 0)
        }
    }

    @Test("with a body on a GET is refused, and its connection closed")
    func bodyOnRead() async throws {
        try await TestServer.run { server async throws in
            let text = "GET /v1/head HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n"
            #expect(try await server.exchange(Array(text.utf8)).status == 400)
        }
    }

    @Test("of a node that does not answer gets 503 in time")
    func stuckNode() async throws {
        try await TestServer.run(limits: limits { $0.requestTimeout = .milliseconds(100) }) {
            server async throws in
            await server.ledger.setAnswersNever(true)
            let answer = try await server.get("/v1/members")
            #expect(answer.status == 503)
            #expect(answer.headers["retry-after"] != nil)
            #expect(answer.body.contains("E_TIMEOUT"))
        }
    }

    @Test("by waiting or following where all places are taken gets 503, and the place once it is free")
    func places() async throws {
        let tight = limits {
            $0.subscribers = 1
            $0.waiters = 0
            $0.submissions = 0
        }
        try await TestServer.run(limits: tight) { server async throws in
            #expect(
                try await server.get("/v1/transactions/\(Samples.digest(1))/wait?timeout=0").status == 503
            )
            #expect(try await server.post([0]).status == 503)
            try await RawConnection.open(port: server.port) { connection async throws in
                try await connection.send("GET /v1/feed HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await connection.read(until: "retry:")
                #expect(try await server.get("/v1/feed").status == 503)
            }
            // The server notices the closed connection by itself; how soon is the system's affair.
            var status = 503
            while status == 503 { status = try await server.request("HEAD", "/v1/feed").status }
            while true {
                let answer = try await RawConnection.open(port: server.port) { connection async throws in
                    try await connection.send("GET /v1/feed HTTP/1.1\r\nHost: a\r\n\r\n")
                    return RawAnswer(try await connection.read(until: "\r\n\r\n"))
                }
                if answer.status == 200 { break }
            }
        }
    }

    @Test("may use one connection for many requests")
    func keepAlive() async throws {
        try await TestServer.run { server async throws in
            let text = try await RawConnection.open(port: server.port) { connection async throws in
                for _ in 0..<3 { try await connection.send("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n") }
                try await connection.send("GET /v1/plans HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                return await connection.readToEnd()
            }
            #expect(text.components(separatedBy: "HTTP/1.1 200 OK").count == 5)
        }
    }
}
