import JalonAPITestKit
import JalonClient
import JalonModel
import JalonSchema
import Synchronization
import Testing

@Suite("A client of several nodes")
struct FailoverTests {
    /// An address at which nobody listens.
    private static let dead = "http://127.0.0.1:1"

    /// The changes that a client told of.
    private final class Changes: Sendable {
        private let list = Mutex<[NodeChange]>([])

        var all: [NodeChange] { list.withLock { $0 } }

        func add(_ change: NodeChange) { list.withLock { $0.append(change) } }
    }

    private func makeClient(
        _ addresses: [String],
        _ changes: Changes = Changes(),
        timeout: Duration = .seconds(5)
    ) throws -> LedgerClient {
        try LedgerClient(addresses, timeout: timeout, didMove: { changes.add($0) })
    }

    @Test("asks the first that answers, and says that it does")
    func first() async throws {
        try await TestServer.run { server async throws in
            let changes = Changes()
            let client = try makeClient([Self.dead, server.address], changes)
            #expect(try await client.head().network == "test-network")
            #expect(client.address == server.address)
            #expect(changes.all.map(\.to) == [server.address])
            #expect(changes.all.first?.reason.contains("Connection refused") == true)
        }
    }

    @Test("says nothing where the first is ready, and asks nobody else")
    func calm() async throws {
        try await TestServer.run { server async throws in
            let changes = Changes()
            let client = try makeClient([server.address, Self.dead], changes)
            _ = try await client.head()
            #expect(client.address == server.address)
            #expect(changes.all.isEmpty)
        }
    }

    @Test("passes over a node that is not ready, and takes it where no other answers")
    func behind() async throws {
        try await TestServer.run { late async throws in
            await late.ledger.makeBlock()
            await late.ledger.setConnected(2)
            try await TestServer.run { ready async throws in
                let changes = Changes()
                let client = try makeClient([late.address, ready.address], changes)
                _ = try await client.head()
                #expect(client.address == ready.address)
                #expect(changes.all.first?.reason.contains("2 of 7 validators connected") == true)
            }
            let alone = try makeClient([Self.dead, late.address])
            #expect(try await alone.head().isReady == false)
        }
    }

    @Test("goes on with another where the one it asked dies between two questions")
    func dying() async throws {
        try await TestServer.run { second async throws in
            await second.ledger.makeBlock()
            let changes = Changes()
            let client = try await TestServer.run { first async throws in
                let client = try makeClient([first.address, second.address], changes)
                #expect(try await client.head().head.height == 0)
                return client
            }
            #expect(try await client.head().head.height == 1)
            #expect(changes.all.count == 1)
        }
    }

    @Test("waits on for a transaction at another node where the one it waited at dies")
    func waiting() async throws {
        let transaction = try Samples.transaction()
        try await TestServer.run { second async throws in
            _ = try await second.ledger.submit([transaction])
            let first = FakeLedger()
            let client: LedgerClient
            let waiting: Task<API.Transaction, any Error>
            (client, waiting) = try await TestServer.run(ledger: first) { server async throws in
                let client = try makeClient([server.address, second.address])
                _ = try await client.submit(transaction.bytes)
                let waiting = Task { try await client.confirm(transaction.id, within: .seconds(20)) }
                return (client, waiting)
            }
            await second.ledger.makeBlock()
            #expect(try await waiting.value.height == 1)
            #expect(client.address == second.address)
        }
    }

    @Test("hands in the same bytes at the next node, where they are recorded once")
    func submitting() async throws {
        let transaction = try Samples.transaction()
        try await TestServer.run { busy async throws in
            await busy.ledger.setFailure(
                API.Problem(
                    code: "E_STOPPING",
                    title: "Not now",
                    status: 503,
                    detail: "this node is stopping"
                )
            )
            try await TestServer.run { server async throws in
                let client = try makeClient([busy.address, server.address])
                let answer = try await client.submit(transaction.bytes)
                #expect(answer.state == .pending)
                #expect(try await client.submit(transaction.bytes).id == answer.id)
            }
        }
    }

    @Test("takes a refusal for an answer, and asks nobody else for another")
    func refusal() async throws {
        let refused = try Samples.transaction(about: FakeLedger.refusedSubject)
        try await TestServer.run { first async throws in
            try await TestServer.run { second async throws in
                let client = try makeClient([first.address, second.address])
                let error = await #expect(throws: ClientError.self) { try await client.submit(refused.bytes) }
                guard case .refused(let problem) = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(problem.code == "E_NOT_RESPONSIBLE")
                #expect(await second.ledger.submissionCount == 0)
            }
        }
    }

    @Test("does not take it for refused where the one before may have it", arguments: [true, false])
    func openSubmission(isFirstSilent: Bool) async throws {
        let transaction = try Samples.transaction()
        @Sendable func problem(_ code: String) -> API.Problem {
            API.Problem(code: code, title: "Not now", status: 503, detail: "what")
        }
        try await TestServer.run { first async throws in
            await first.ledger.setFailure(problem(isFirstSilent ? "E_TIMEOUT" : "E_MEMPOOL_FULL"))
            try await TestServer.run { second async throws in
                await second.ledger.setFailure(problem("E_MEMPOOL_FULL"))
                // A node is chosen by its readiness, which these can't tell either: so the first is asked.
                let client = try makeClient([first.address, second.address])
                let error = await #expect(throws: ClientError.self) {
                    try await client.submit(transaction.bytes)
                }
                #expect(error?.isUnanswered == isFirstSilent)
                guard case .noneReachable(let failures) = error else {
                    #expect(!isFirstSilent)
                    return
                }
                #expect(isFirstSilent && failures.count == 2)
            }
        }
    }

    @Test("that reaches none names each and why")
    func none() async throws {
        let other = "http://127.0.0.1:2"
        let client = try makeClient([Self.dead, other])
        let error = await #expect(throws: ClientError.self) { try await client.head() }
        guard case .noneReachable(let failures) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(failures.count == 2)
        let words = "\(try #require(error))"
        #expect(words.contains("http://127.0.0.1:1 can't be reached: Connection refused"))
        #expect(words.contains("http://127.0.0.1:2 can't be reached: Connection refused"))
    }

    @Test("follows the feed over a node that dies, without a gap or a block twice")
    func feed() async throws {
        try await TestServer.run { second async throws in
            for _ in 1...4 { await second.ledger.makeBlock() }
            let (client, seen) = try await TestServer.run { first async throws in
                for _ in 1...2 { await first.ledger.makeBlock() }
                let client = try makeClient([first.address, second.address])
                var feed = client.feed(after: 0).makeAsyncIterator()
                var seen: [UInt64] = []
                for _ in 1...2 { seen.append(try await feed.next()?.height ?? 0) }
                return (client, seen)
            }
            var feed = client.feed(after: seen.last).makeAsyncIterator()
            var heights = seen
            for _ in 1...2 { heights.append(try await feed.next()?.height ?? 0) }
            #expect(heights == [1, 2, 3, 4])
        }
    }
}
