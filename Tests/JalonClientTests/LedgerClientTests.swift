import JalonAPI
import JalonAPITestKit
import JalonCrypto
import JalonModel
import JalonSchema
import NIOCore
import NIOPosix
import Testing

@testable import JalonClient

@Suite("A client and a node")
struct LedgerClientTests {
    private func client(_ server: TestServer) throws -> LedgerClient { try LedgerClient(server.address) }

    @Test("agree on everything that is read")
    func reading() async throws {
        try await TestServer.run { server async throws in
            await server.ledger.makeBlock()
            let client = try client(server)
            #expect(try await client.head() == server.ledger.nodeStatus())
            #expect(try await client.members() == server.ledger.members())
            #expect(try await client.plans() == server.ledger.plans())
            #expect(try await client.commitments() == Samples.commitments)
            #expect(
                try await client.commitments(CommitmentQuery(region: "CN-HE")).map(\.id) == ["CN-HE-2020-001"]
            )
            let id = try #require(CommitmentID("CN-HN-2020-001"))
            #expect(try await client.commitment(id) == Samples.commitments[2])
            #expect(try await client.commitment(id, asOf: "2022-01-01").status.asOf == "2022-01-01")
            #expect(try await client.milestones(of: id) == Samples.commitments[2].lastMilestone.map { [$0] })
            let milestone = try #require(TransactionID(hex: Samples.digest(77)))
            #expect(try await client.attestations(of: milestone) == Samples.attestations)
            #expect(try await client.disputes() == Samples.disputes)
            #expect(try await client.disputes(isOpen: true) == [Samples.disputes[1]])
            #expect(try await client.disputes(about: id).isEmpty)
            #expect(try await client.directives(to: MemberID("cn-he")) == Samples.directives)
            #expect(try await client.directives(from: MemberID("cn-he")).isEmpty)
            let member = try #require(MemberID("cn-hn"))
            #expect(try await client.delegations(of: member) == Samples.delegations)
            let dispute = try #require(TransactionID(hex: Samples.disputes[0].id))
            #expect(try await client.dispute(dispute) == Samples.disputes[0])
            let directive = try #require(TransactionID(hex: Samples.directives[0].id))
            #expect(try await client.directive(directive) == Samples.directives[0])
            let attestation = try #require(TransactionID(hex: Samples.attestations[0].id))
            #expect(try await client.attestation(attestation) == Samples.attestations[0])
            #expect(try await client.status().regions == Samples.regions(of: Samples.commitments))
            #expect(try await client.block(at: nil).header.height == 1)
            #expect(try await client.header(at: 0) == Samples.header(0))
        }
    }

    @Test("read all pages of a long list")
    func pages() async throws {
        let many = (1...1_203).map { number in
            let digits = String(number)
            return Samples.commitment(
                "CN-HN-2020-" + String(repeating: "0", count: 4 - digits.count) + digits,
                Samples.hunan,
                title: API.LocalizedText(zh: "承诺"),
                status: .noData
            )
        }
        try await TestServer.run(ledger: FakeLedger(commitments: many)) { server async throws in
            let found = try await client(server).commitments().map(\.id)
            #expect(found == many.map(\.id))
        }
    }

    @Test("make a transaction final")
    func confirm() async throws {
        try await TestServer.run { server async throws in
            let client = try client(server)
            let transaction = try Samples.transaction()
            #expect(try await client.transaction(transaction.id).state == .unknown)
            #expect(try await client.submit(transaction.bytes).state == .pending)
            async let confirmed = client.confirm(transaction.id, within: .seconds(20))
            await server.ledger.makeBlock()
            #expect(try await confirmed.height == 1)
            #expect(try await client.transactionBytes(transaction.id) == transaction.bytes)
            let id = transaction.id
            #expect(try await client.transparentStatement(of: id) == Samples.file("receipt", id.hex))
            #expect(try await client.proof(of: id) == Samples.file("proof", id.hex))
            #expect(try await client.stateProof(at: "plan/A-1") == Samples.file("state", "plan/A-1"))
            #expect(try await client.consistencyProof(from: 1, to: nil) == Samples.file("consistency", "1-1"))
            #expect(try await client.consistencyProof(from: 1, to: 9) == Samples.file("consistency", "1-9"))
            #expect(try await client.submit(transaction.bytes).state == .final)
        }
    }

    @Test("send many transactions in as many requests as it takes, and keep the order")
    func batches() async throws {
        try await TestServer.run { server async throws in
            let transactions = try (0..<300).map { number in
                try Samples.transaction(
                    about: "CN-HN-2020-\(number)",
                    paddedTo: number.isMultiple(of: 60) ? 60_000 : 0
                )
            }
            let answers = try await client(server).submit(transactions.map(\.bytes))
            #expect(answers.map(\.id) == transactions.map(\.id.hex))
            #expect(await server.ledger.submissionCount == 2)
        }
    }

    @Test("tell a refusal with its code, and a transaction that is not final in time")
    func refusals() async throws {
        try await TestServer.run { server async throws in
            let client = try client(server)
            let refused = try Samples.transaction(about: FakeLedger.refusedSubject)
            let error = await #expect(throws: ClientError.self) { try await client.submit(refused.bytes) }
            guard case .refused(let problem) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(problem.code == "E_NOT_RESPONSIBLE")
            #expect(problem.transaction == refused.id.hex)

            let transaction = try Samples.transaction()
            let pending = try await client.submit(transaction.bytes)
            await #expect(throws: ClientError.notConfirmedInTime(pending)) {
                try await client.confirm(transaction.id, within: .zero)
            }
            await server.ledger.expire()
            let expired = await #expect(throws: ClientError.self) {
                try await client.confirm(transaction.id, within: .seconds(5))
            }
            guard case .refused(let problem) = expired else {
                Issue.record("\(String(describing: expired))")
                return
            }
            #expect(problem.code == "E_EXPIRED")
        }
    }

    @Test("tell what is unknown")
    func unknown() async throws {
        try await TestServer.run { server async throws in
            let client = try client(server)
            let id = try #require(CommitmentID("CN-XX-2020-001"))
            let error = await #expect(throws: ClientError.self) { try await client.commitment(id) }
            guard case .refused(let problem) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(problem.code == "E_UNKNOWN_COMMITMENT")
            #expect(problem.hint != nil)
        }
    }

    @Test("tell that nobody listens")
    func unreachable() async throws {
        let port = try await TestServer.run { $0.port }
        let client = try LedgerClient("http://127.0.0.1:\(port)")
        let error = await #expect(throws: ClientError.self) { try await client.head() }
        guard case .unreachable(let address, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(address == client.address)
        #expect(reason == "Connection refused", "the system's words alone")
    }

    @Test("tell that no answer came in time")
    func timeout() async throws {
        try await TestServer.run { server async throws in
            await server.ledger.setAnswersNever(true)
            let client = try LedgerClient(server.address, timeout: .milliseconds(100))
            await #expect(throws: ClientError.timedOut(address: server.address)) {
                try await client.members()
            }
        }
    }

    @Test(
        "refuse an address that is none",
        arguments: ["", "127.0.0.1:80", "ftp://a", "http://", "http://a/?x=1", "http://a/#x"]
    )
    func badAddress(text: String) {
        #expect(throws: ClientError.badAddress(text)) { try LedgerClient(text) }
    }

    @Test("follow the heads, the newest at once, and read the metrics")
    func heads() async throws {
        try await TestServer.run { server async throws in
            for _ in 0..<3 { await server.ledger.makeBlock() }
            var heads = try client(server).heads(after: 1).makeAsyncIterator()
            #expect(try await heads.next()?.height == 3)
            await server.ledger.makeBlock()
            #expect(try await heads.next()?.height == 4)
            #expect(try await client(server).metrics().contains("jalon_ledger_final_height_blocks 4"))
        }
    }

    @Test("follow the feed in order, from any height")
    func feed() async throws {
        try await TestServer.run { server async throws in
            for _ in 0..<3 { await server.ledger.makeBlock() }
            var feed = try client(server).feed(after: 1).makeAsyncIterator()
            #expect(try await feed.next()?.height == 2)
            #expect(try await feed.next()?.height == 3)
            await server.ledger.makeBlock()
            #expect(try await feed.next()?.height == 4)
        }
    }
}

@Suite("A server that is no node")
struct ForeignServerTests {
    /// Answers the first request of each connection with what `answer` makes of it, and closes.
    private func serving<Value: Sendable>(
        _ answer: @escaping @Sendable (String) -> String,
        _ body: @escaping @Sendable (LedgerClient) async throws -> Value
    ) async throws -> Value {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(OneAnswer(answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        do {
            let value = try await body(try LedgerClient("http://127.0.0.1:\(port)"))
            try await server.close()
            return value
        } catch {
            try await server.close()
            throw error
        }
    }

    @Test("does not make a feed lose or repeat a block by breaking off after each")
    func breakingFeed() async throws {
        try await serving { request in
            let seen = request.split(separator: "\r\n").first { $0.hasPrefix("Last-Event-ID: ") }
            let height = (seen?.split(separator: " ").last).flatMap { UInt64($0) } ?? 0
            // The block that the client has seen, again, and the next.
            let events = [height, height + 1].map { height in
                "id: \(height)\nevent: block\ndata: {\"height\":\(height),\"block\":\"\",\"stateRoot\":\"\","
                    + "\"timestamp\":0,\"transactions\":[]}\n\n"
            }
            return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + events.joined()
        } _: { client async throws in
            var feed = client.feed(after: 6).makeAsyncIterator()
            for height: UInt64 in 7...9 {
                let event = try await feed.next()
                #expect(event?.height == height)
            }
        }
    }

    @Test("ends a feed with the reason after so many attempts")
    func brokenFeed() async throws {
        try await serving { _ in
            ""
        } _: { client async throws in
            var feed = client.feed(attempts: 1).makeAsyncIterator()
            let error = await #expect(throws: ClientError.self) { try await feed.next() }
            guard case .broken = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test(
        "is told from a node by its answers",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p>x",
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]",
            "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        ]
    )
    func answers(text: String) async throws {
        try await serving { _ in
            text
        } _: { client async throws in
            let error = await #expect(throws: ClientError.self) { try await client.head() }
            guard case .badAnswer = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("and that closes at once broke the connection: it may have done what it was asked")
    func closes() async throws {
        try await serving { _ in
            ""
        } _: { client async throws in
            let error = await #expect(throws: ClientError.self) { try await client.head() }
            guard case .broken(let address, let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(address == client.address)
            #expect(reason == "it was closed before the answer was whole")
            #expect(error?.isUnanswered == true && error?.isFinalWord == false)
        }
    }

    @Test(
        "that loses a submission's answer leaves open whether it was taken",
        arguments: [
            "", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{",
            "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 503 Not now\r\nContent-Type: application/problem+json\r\nContent-Length: 72\r\n\r\n"
                + #"{"code":"E_TIMEOUT","title":"t","status":503,"detail":"not checked yet"}"#,
        ]
    )
    func lostAnswer(text: String) async throws {
        let bytes = try Samples.transaction().bytes
        try await serving { _ in
            text
        } _: { client async throws in
            let one = await #expect(throws: ClientError.self) { try await client.submit(bytes) }
            #expect(one?.isUnanswered == true, "\(String(describing: one))")
            let many = await #expect(throws: ClientError.self) { try await client.submit([bytes]) }
            #expect(many?.isUnanswered == true, "\(String(describing: many))")
        }
    }

    @Test("that takes no connection or refuses leaves nothing open")
    func surelyNot() async throws {
        let bytes = try Samples.transaction().bytes
        let port = try await TestServer.run { $0.port }
        for host in ["127.0.0.1", "localhost"] {
            let client = try LedgerClient("http://\(host):\(port)")
            let error = await #expect(throws: ClientError.self) { try await client.submit(bytes) }
            #expect(error == .unreachable(address: client.address, reason: "Connection refused"))
            #expect(error?.isUnanswered == false)
        }
        try await TestServer.run { server async throws in
            let refused = try Samples.transaction(about: FakeLedger.refusedSubject)
            let client = try LedgerClient(server.address)
            let error = await #expect(throws: ClientError.self) { try await client.submit(refused.bytes) }
            #expect(error?.isUnanswered == false && error?.isFinalWord == true)
        }
    }
}

/// Answers the first bytes that come and closes.
private final class OneAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: @Sendable (String) -> String
    private var isDone = false

    init(_ answer: @escaping @Sendable (String) -> String) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return }
        isDone = true
        let text = answer(String(buffer: unwrapInboundIn(data)))
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        context.close(promise: nil)
    }
}
