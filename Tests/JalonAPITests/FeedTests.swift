import JalonAPI
import JalonAPITestKit
import Logging
import Testing

@Suite("The feed over HTTP")
struct FeedTests {
    private func follow(
        _ server: TestServer,
        _ headers: [String] = [],
        target: String = "/v1/feed",
        _ body: (inout RawConnection) async throws -> Void
    ) async throws {
        try await RawConnection.open(port: server.port) { connection async throws in
            let lines = ["GET \(target) HTTP/1.1", "Host: a"] + headers
            try await connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
            try await body(&connection)
        }
    }

    @Test("tells the next block when it comes, its id the height")
    func live() async throws {
        try await TestServer.run { server async throws in
            await server.ledger.makeBlock()
            try await follow(server) { connection async throws in
                let opening = try await connection.read(until: "id: 1")
                #expect(opening.contains("text/event-stream"))
                #expect(!opening.contains("event: block"))
                await server.ledger.makeBlock()
                let text = try await connection.read(until: "\"height\":2")
                #expect(Array(text.utf8).contains(Array("id: 2\nevent: block\ndata: {".utf8)))
            }
        }
    }

    @Test(
        "resumes after the height that the client has seen, without a gap",
        arguments: ["header", "parameter"]
    )
    func resume(way: String) async throws {
        try await TestServer.run { server async throws in
            for _ in 0..<5 { await server.ledger.makeBlock() }
            let headers = way == "header" ? ["Last-Event-ID: 2"] : []
            let target = way == "header" ? "/v1/feed?after=4" : "/v1/feed?after=2"
            try await follow(server, headers, target: target) { connection async throws in
                let text = try await connection.read(until: "\"height\":5")
                let told = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("id: ") }
                #expect(told == ["id: 2", "id: 3", "id: 4", "id: 5"])
            }
        }
    }

    @Test(
        "starts at the head where the client claims more than there is, or nonsense",
        arguments: ["99", "x", "-1", ""]
    )
    func ahead(id: String) async throws {
        try await TestServer.run { server async throws in
            await server.ledger.makeBlock()
            try await follow(server, ["Last-Event-ID: \(id)"]) { connection async throws in
                _ = try await connection.read(until: "id: 1")
                await server.ledger.makeBlock()
                #expect(try await connection.read(until: "event: block").contains("id: 2"))
            }
        }
    }

    @Test("tells the newest head alone where heads are asked for, however many blocks came before")
    func heads() async throws {
        try await TestServer.run { server async throws in
            for _ in 0..<5 { await server.ledger.makeBlock() }
            try await follow(server, target: "/v1/feed?detail=heads&after=1") { connection async throws in
                let text = try await connection.read(until: "\"height\":5")
                let told = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("event: ") }
                #expect(told == ["event: head"])
                await server.ledger.makeBlock()
                #expect(try await connection.read(until: "\"height\":6").contains("id: 6\nevent: head"))
            }
        }
    }

    @Test("refuses a detail that it does not know", arguments: ["headers", "", "BLOCKS"])
    func unknownDetail(detail: String) async throws {
        try await TestServer.run { server async throws in
            let answer = try await server.get("/v1/feed?detail=\(detail)")
            #expect(answer.status == 400 && answer.body.contains("E_QUERY"))
            #expect(answer.body.contains("blocks or heads"))
        }
    }

    @Test("says that it is there while nothing happens")
    func heartbeat() async throws {
        var limits = APIConfiguration.Limits()
        limits.heartbeat = .milliseconds(20)
        try await TestServer.run(limits: limits) { server async throws in
            try await follow(server) { connection async throws in
                let found = try await connection.read(until: "\r\n:\n\n")
                #expect(found.utf8.count(where: { $0 == UInt8(ascii: ":") }) > 3)
            }
        }
    }

    @Test("ends after its lifetime, so that clients spread over time")
    func lifetime() async throws {
        var limits = APIConfiguration.Limits()
        limits.feedLifetime = .milliseconds(50)
        limits.heartbeat = .milliseconds(20)
        try await TestServer.run(limits: limits) { server async throws in
            try await follow(server) { connection async throws in
                #expect(await connection.readToEnd().hasSuffix("0\r\n\r\n"))
            }
        }
    }
}

@Suite("The server of the API")
struct ServerTests {
    private func server(port: Int) -> APIServer<FakeLedger> {
        APIServer(
            configuration: APIConfiguration(port: port),
            ledger: FakeLedger(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    @Test("says that its port is in use")
    func portInUse() async throws {
        try await TestServer.run { running in
            let second = server(port: running.port)
            await #expect(throws: APIServerError.addressInUse("127.0.0.1:\(running.port)")) {
                try await second.run()
            }
            await #expect(throws: APIServerError.addressInUse("127.0.0.1:\(running.port)")) {
                try await second.port
            }
        }
    }

    @Test("stops when its task is cancelled, also under an open feed")
    func cancelled() async throws {
        let server = server(port: 0)
        let running = Task { try await server.run() }
        let port = try await server.port
        let text = try await RawConnection.open(port: port) { connection async throws in
            try await connection.send("GET /v1/feed HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await connection.read(until: "retry:")
            running.cancel()
            return await connection.readToEnd()
        }
        #expect(text.contains("text/event-stream"))
        try await running.value
    }

    @Test("stops in order while connections keep coming", arguments: 1...10)
    func stopsUnderLoad(round: Int) async throws {
        let server = server(port: 0)
        let running = Task { try await server.run() }
        let port = try await server.port
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    // Until nobody listens any more.
                    while true {
                        do {
                            try await RawConnection.open(port: port) { connection async throws in
                                try await connection.send(
                                    "GET /v1/head HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                                )
                                _ = await connection.readToEnd()
                            }
                        } catch { return }
                    }
                }
            }
            running.cancel()
            try await group.waitForAll()
        }
        try await running.value
    }

    @Test("reads the address to listen at")
    func addresses() throws {
        let configuration = try APIConfiguration(listen: "[::1]:8081")
        #expect(configuration.host == "::1")
        #expect(configuration.port == 8_081)
        #expect(configuration.isLoopback)
        #expect(try APIConfiguration(listen: "127.0.0.1:0").isLoopback)
        #expect(try !APIConfiguration(listen: "0.0.0.0:80").isLoopback)
        #expect(try !APIConfiguration(listen: "node.example:80").isLoopback)
    }

    @Test(
        "refuses what is no address",
        arguments: ["", "8080", ":8080", "localhost", "a:b", "a:65536", "::1:80", "a:-1"]
    )
    func badAddresses(text: String) {
        #expect(throws: APIServerError.badAddress(text)) { try APIConfiguration(listen: text) }
    }
}
