import Foundation
import JalonAPI
import JalonAPITestKit
import JalonClient
import JalonCrypto
import JalonModel
import JalonSchema
import Testing

@testable import jalon

@Suite("Sending, where answers are lost")
struct SendingTests {
    private static func submission(
        _ address: String,
        limit: Duration = .zero
    ) throws -> Submission {
        // Other tests may leave this one little time.
        Submission(client: try LedgerClient(address, timeout: .seconds(600)), limit: limit)
    }

    private static func transactions(_ count: UInt8) throws -> [Transaction] {
        try (1...count).map { try Samples.transaction(number: $0) }
    }

    private func unavailable(_ code: String) -> API.Problem {
        API.Problem(code: code, title: "Not now", status: 503, detail: "what")
    }

    @Test("the same bytes are sent again after a connection broke, and nothing is there twice")
    func again() async throws {
        let transaction = try Samples.transaction()
        try await TestServer.run { server async throws in
            try await LossyProxy.run(before: server, losing: 2) { proxy async throws in
                let outcome = try await Self.submission(proxy.address).send(transaction)
                #expect(outcome.answer.state == .pending)
                #expect(await server.ledger.submissionCount == 3)
                await server.ledger.makeBlock()
                let block = try await server.ledger.block(.head)
                #expect(block?.transactions.map(\.id) == [transaction.id.hex])
            }
        }
    }

    @Test("a refusal that comes at the second attempt is one")
    func refusedLater() async throws {
        let refused = try Samples.transaction(about: FakeLedger.refusedSubject)
        try await TestServer.run { server async throws in
            try await LossyProxy.run(before: server, losing: 1) { proxy async throws in
                let error = await #expect(throws: ClientError.self) {
                    try await Self.submission(proxy.address).send(refused)
                }
                #expect(error.map { Failure($0).status } == .refused)
                #expect(error.map { Failure($0).code } == "E_NOT_RESPONSIBLE")
            }
        }
    }

    @Test("where none comes through it ends with 6 and the id, never with 5", arguments: [true, false])
    func lost(isSequence: Bool) async throws {
        let transactions = try Self.transactions(isSequence ? 2 : 1)
        try await TestServer.run { server async throws in
            try await LossyProxy.run(before: server, losing: 1_000) { proxy async throws in
                let submission = try Self.submission(proxy.address)
                let failure: Failure?
                if isSequence {
                    let answers = try await submission.send(all: transactions)
                    #expect(answers.map(\.state) == [.unknown, .unknown])
                    failure = submission.failure(in: answers)
                } else {
                    failure = await #expect(throws: Failure.self) {
                        try await submission.send(transactions[0])
                    }
                }
                #expect(failure?.status == .notConfirmed && failure?.code == "E_NOT_CONFIRMED")
                let words = "\(failure?.message ?? "") \(failure?.next ?? "")"
                for transaction in transactions { #expect(words.contains(transaction.id.hex)) }
                #expect(await server.ledger.submissionCount > 1)
            }
        }
    }

    @Test("where every answer is lost but it is recorded, that is found by asking")
    func asked() async throws {
        let transaction = try Samples.transaction()
        try await TestServer.run { server async throws in
            try await LossyProxy.run(before: server, losing: 1_000) { proxy async throws in
                async let outcome = Self.submission(proxy.address, limit: .seconds(600)).send(transaction)
                try await server.ledger.submissions(reach: 1)
                await server.ledger.makeBlock()
                #expect(try await outcome.answer.height == 1)
            }
        }
    }

    @Test("where nobody listens nothing was sent: 5, at once")
    func nobody() async throws {
        let transactions = try Self.transactions(2)
        let submission = try Self.submission("http://127.0.0.1:1", limit: .seconds(60))
        let one = await #expect(throws: ClientError.self) { try await submission.send(transactions[0]) }
        #expect(one.map { Failure($0).status } == .unreachable)
        let many = await #expect(throws: ClientError.self) { try await submission.send(all: transactions) }
        #expect(many.map { Failure($0).status } == .unreachable)
    }

    @Test(
        "a node that gave up on it may still take it, one that has no room has not",
        arguments: [("E_TIMEOUT", .notConfirmed), ("E_STOPPING", .notConfirmed), ("E_BUSY", .unreachable)]
            as [(String, ProgramExit)]
    )
    func problems(code: String, status: ProgramExit) async throws {
        let transaction = try Samples.transaction()
        try await TestServer.run { server async throws in
            await server.ledger.setFailure(unavailable(code))
            let error = await #expect(throws: (any Error).self) {
                try await Self.submission(server.address).send(transaction)
            }
            #expect(error.map { Failure($0).status } == status)
        }
    }

    @Test("what was not checked is sent again until it is")
    func unchecked() async throws {
        let transactions = try Self.transactions(3)
        try await TestServer.run { server async throws in
            await server.ledger.setUnchecked(1)
            let submission = try Self.submission(server.address, limit: .seconds(600))
            async let answers = submission.send(all: transactions)
            // All at once, which is left unchecked, and then each.
            for count in 2...4 {
                try await server.ledger.submissions(reach: count)
                await server.ledger.makeBlock()
            }
            #expect(try await answers.map(\.state) == [.final, .final, .final])
            #expect(submission.failure(in: try await answers) == nil)
        }
    }

    @Test("what never was checked ends with 6 and the ids, however long somebody waits", arguments: [0, 1])
    func neverChecked(seconds: Int) async throws {
        let transactions = try Self.transactions(2)
        try await TestServer.run { server async throws in
            await server.ledger.setUnchecked(1_000)
            let submission = try Self.submission(server.address, limit: .seconds(seconds))
            let answers = try await submission.send(all: transactions)
            #expect(answers.map(\.state) == [.unknown, .unknown])
            let failure = submission.failure(in: answers)
            #expect(failure?.status == .notConfirmed)
            for transaction in transactions {
                #expect(failure?.message.contains(transaction.id.hex) == true)
            }
        }
    }

    @Test("what waits is no failure where nobody waits for it, and one where somebody does")
    func pending() async throws {
        let transactions = try Self.transactions(2)
        try await TestServer.run { server async throws in
            let patient = try Self.submission(server.address, limit: .seconds(1))
            let answers = try await patient.send(all: transactions)
            #expect(answers.map(\.state) == [.pending, .pending])
            #expect(patient.failure(in: answers)?.status == .notConfirmed)
            #expect(try Self.submission(server.address).failure(in: answers) == nil)
        }
    }

    @Test("refused ones of many end with 3, but what is open comes first")
    func mixed() async throws {
        let transactions = [
            try Samples.transaction(), try Samples.transaction(about: FakeLedger.refusedSubject),
        ]
        try await TestServer.run { server async throws in
            let submission = try Self.submission(server.address)
            let answers = try await submission.send(all: transactions)
            #expect(submission.failure(in: answers)?.code == "E_NOT_RESPONSIBLE")
            #expect(submission.failure(in: answers)?.status == .refused)
            let patient = try Self.submission(server.address, limit: .seconds(1))
            #expect(patient.failure(in: answers)?.status == .notConfirmed)
        }
    }

    @Test("a node that was started again and knows it no more gets it again")
    func restarted() async throws {
        let transaction = try Samples.transaction()
        try await TestServer.run { server async throws in
            async let outcome = Self.submission(server.address, limit: .seconds(600)).send(transaction)
            try await server.ledger.submissions(reach: 1)
            await server.ledger.loseMemory()
            try await server.ledger.submissions(reach: 2)
            await server.ledger.makeBlock()
            #expect(try await outcome.answer.height == 1)
        }
    }

    @Test("the command itself ends so")
    func command() async throws {
        let transaction = try Samples.transaction()
        let file = FileManager.default.temporaryDirectory.path + "/jalon-\(UUID().uuidString).tx"
        try Data(transaction.bytes).write(to: URL(fileURLWithPath: file))
        defer { try? FileManager.default.removeItem(atPath: file) }
        try await TestServer.run { server async throws in
            try await LossyProxy.run(before: server, losing: 1_000) { proxy async throws in
                let line = ["transaction", "send", file, "--wait", "0", "--node", proxy.address]
                #expect(await Program.run(line) == .notConfirmed)
            }
        }
    }
}

@Suite("What is said of a transaction that is not final")
struct UnconfirmedTests {
    private let id = String(repeating: "41", count: 32)

    @Test("that a node has: accepted")
    func pending() {
        let failure = Failure(notConfirmed: API.Transaction(id: id, state: .pending), at: "http://a:1")
        #expect(failure.message == "accepted, not confirmed in time")
        #expect(failure.status == .notConfirmed)
    }

    @Test("that no node has: not that it was accepted, and what to do")
    func unknown() {
        let failure = Failure(ClientError.notConfirmedInTime(API.Transaction(id: id, state: .unknown)))
        #expect(failure.status == .notConfirmed && failure.code == "E_NOT_CONFIRMED")
        let words = "\(failure.message) \(failure.next ?? "")"
        #expect(!words.contains("accepted") && !words.contains("Don't resend"))
        #expect(words.contains("does not know \(id)"))
        #expect(words.contains("jalon transaction wait \(id) --node URL"))
    }

    @Test("is waited for where answers are lost, or the node has no room for the question")
    func silentForAWhile() async throws {
        let transaction = try Samples.transaction()
        var limits = APIConfiguration.Limits()
        limits.waiters = 1
        try await TestServer.run(limits: limits) { server async throws in
            let client = try LedgerClient(server.address, timeout: .seconds(600))
            _ = try await client.submit(transaction.bytes)
            async let other = client.confirm(transaction.id, within: .seconds(600))
            try await server.ledger.waits(reach: 1)
            let submission = Submission(client: client, limit: .seconds(600))
            async let busy = submission.confirm(transaction.id)
            let none = Submission(client: client, limit: .zero)
            let failure = await #expect(throws: Failure.self) { try await none.confirm(transaction.id) }
            #expect(failure?.status == .notConfirmed)
            await server.ledger.makeBlock()
            #expect(try await other.height == 1)
            #expect(try await busy.height == 1)
            try await LossyProxy.run(before: server, losing: 2) { proxy async throws in
                let lossy = Submission(client: try LedgerClient(proxy.address), limit: .seconds(600))
                #expect(try await lossy.confirm(transaction.id).height == 1)
            }
        }
    }

    @Test("is not waited for where nobody listens")
    func nobodyListens() async throws {
        let submission = Submission(client: try LedgerClient("http://127.0.0.1:1"), limit: .seconds(600))
        let failure = await #expect(throws: Failure.self) {
            try await submission.confirm(try #require(TransactionID(hex: id)))
        }
        #expect(failure?.status == .notConfirmed)
    }

    @Test("also by the command that waits for an id that was never seen")
    func wait() async throws {
        try await TestServer.run { server async throws in
            let submission = Submission(client: try LedgerClient(server.address), limit: .zero)
            let failure = await #expect(throws: Failure.self) {
                try await submission.confirm(try #require(TransactionID(hex: id)))
            }
            #expect(failure?.message == "not confirmed: \(server.address) does not know \(id)")
            let line = ["transaction", "wait", id, "--wait", "0", "--node", server.address]
            #expect(await Program.run(line) == .notConfirmed)
        }
    }
}

@Suite("A receipt that is asked for with what is sent")
struct AskedReceiptTests {
    private let folder = FileManager.default.temporaryDirectory.path

    @Test("is refused, before anything is sent, where its file can't be written")
    func noFolder() throws {
        let one = [try Samples.transaction()]
        #expect(throws: Never.self) {
            try ReceiptFile.check("\(folder)/jalon-\(UUID().uuidString).scitt", for: one)
            try ReceiptFile.check("jalon-\(UUID().uuidString).scitt", for: one)
        }
        for path in ["/nonexistent/x", "/dev/null/x"] {
            let failure = #expect(throws: Failure.self) { try ReceiptFile.check(path, for: one) }
            #expect(failure?.status == .usage)
            #expect(failure?.next?.hasPrefix("Nothing was sent.") == true)
        }
    }

    @Test("and that can't be had afterwards leaves no doubt that it is recorded")
    func afterwards() async throws {
        let transaction = try Samples.transaction()
        try await TestServer.run { server async throws in
            _ = try await server.ledger.submit([transaction])
            await server.ledger.makeBlock()
            // This server's receipts are none.
            let failure = await #expect(throws: Failure.self) {
                try await ReceiptFile.write(
                    of: transaction.id,
                    in: 1,
                    try LedgerClient(server.address),
                    to: "/nonexistent/x",
                    Output()
                )
            }
            #expect(failure?.status == .failed && failure?.code == "E_RECEIPT")
            #expect(failure?.message.contains("it is recorded, in block 1") == true)
            #expect(failure?.next?.contains("jalon receipt \(transaction.id.hex) --out FILE") == true)
        }
    }
}
