import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import Testing

@testable import JalonNode

@Suite("Transactions are handed in")
struct SubmittingTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test("and become final, with their place in block and log")
    func final() async throws {
        let node = try TestNode(folder)
        let transaction = try node.sign(.planPublish(TestNode.plan()))
        #expect(try await node.ledger.submit([transaction]).map(\.state) == [.pending])
        let settled = try await node.ledger.settledTransaction(transaction.id)
        #expect(
            settled.state == .final && settled.height == 1 && settled.position == 0 && settled.logIndex == 0
        )
        #expect(settled.block == node.view.snapshot.block.hex)
        #expect(settled.timestamp == node.view.snapshot.timestamp.value)
        #expect(
            settled.type == "plan.publish" && settled.issuer == "cn-hn" && settled.subject == "CN-HN-2020-P1"
        )
        #expect(settled.body?["id"] == .string("CN-HN-2020-P1"))
        #expect(settled.body?["title"]?["zh"] == .string("三年行动计划"))
        #expect(try await node.ledger.transactionBytes(transaction.id) == transaction.bytes)
        // Once more: the same answer, and nothing is written.
        let head = node.view.snapshot.block
        #expect(try await node.ledger.submit([transaction]) == [settled])
        #expect(node.view.snapshot.block == head && node.view.snapshot.mempoolCount == 0)
    }

    @Test("together, each building on those before it, in one submission")
    func together() async throws {
        let node = try TestNode(folder)
        let transactions = [
            try node.sign(.planPublish(TestNode.plan())),
            try node.sign(.commitmentPropose(TestNode.enterprises())),
            try node.sign(TestNode.report("CN-HN-2020-001", .value(decimal("1")), at: "2021-06-30")),
            try node.sign(TestNode.report("CN-HN-2020-009", .value(decimal("1")), at: "2021-06-30")),
        ]
        let answers = try await node.ledger.submit(transactions)
        #expect(answers.map(\.state) == [.pending, .pending, .pending, .rejected])
        #expect(answers.map(\.id) == transactions.map(\.id.hex))
        #expect(node.submissionCount == 1)
        for transaction in transactions.prefix(3) {
            #expect(try await node.ledger.settledTransaction(transaction.id).state == .final)
        }
    }

    @Test("and a refused one is answered with its problem, also when asked for later")
    func refused() async throws {
        let node = try TestNode(folder)
        try await node.fill()
        let transaction = try node.sign(
            TestNode.report("CN-HN-2020-001", .value(decimal("9800")), at: "2021-06-30")
        )
        let answer = try #require(try await node.ledger.submit([transaction]).first)
        #expect(answer.state == .rejected)
        #expect(answer.problem?.code == "E_DUPLICATE_PERIOD" && answer.problem?.status == 409)
        #expect(answer.problem?.transaction == transaction.id.hex && answer.problem?.hint != nil)
        let later = try await node.ledger.settledTransaction(transaction.id)
        #expect(later.state == .rejected && later.problem == answer.problem)
        #expect(try await node.ledger.transactionBytes(transaction.id) == nil)
    }

    @Test("and a copy with a broken signature is refused without a word about the statement itself")
    func brokenSignature() async throws {
        let node = try TestNode(folder)
        let transaction = try node.sign(.planPublish(TestNode.plan()))
        var bytes = transaction.bytes
        bytes[bytes.count - 1] ^= 1
        let copy = try Transaction(bytes: bytes)
        #expect(copy.id == transaction.id)
        let answer = try #require(try await node.ledger.submit([copy]).first)
        #expect(
            answer.state == .rejected && answer.problem?.code == "E_SIGNATURE"
                && answer.problem?.status == 403
        )
        #expect(try await node.ledger.transaction(transaction.id).state == .unknown)
        #expect(try await node.ledger.submit([transaction]).map(\.state) == [.pending])
    }

    @Test("and what no known key signed is not looked for on the disk, however long the statement is final")
    func unsignedCopy() async throws {
        let node = try TestNode(folder)
        let transaction = try node.sign(.planPublish(TestNode.plan()))
        _ = try await node.ledger.submit([transaction])
        // Its id leaves the window of replays with a block of more than an hour later.
        node.advance(milliseconds: 7_200_000)
        let later = TestNode.start.advanced(byMilliseconds: 7_500_000)
        let next = try node.sign(.commitmentPropose(TestNode.enterprises()), expires: later)
        #expect(try await node.ledger.submit([next]).map(\.state) == [.pending])
        #expect(try await node.ledger.settledTransaction(next.id).state == .final)
        var bytes = transaction.bytes
        bytes[bytes.count - 1] ^= 1
        let copy = try #require(try await node.ledger.submit([Transaction(bytes: bytes)]).first)
        #expect(copy.state == .rejected && copy.problem?.code == "E_SIGNATURE")
        // The statement itself is expired by now, and final all the same.
        #expect(try await node.ledger.submit([transaction]).map(\.state) == [.final])
    }

    @Test("and wait where there is no quorum, readable all the while")
    func pending() async throws {
        let node = try TestNode(folder, validatorCount: 4)
        let transaction = try node.sign(.planPublish(TestNode.plan()))
        #expect(try await node.ledger.submit([transaction]).map(\.state) == [.pending])
        let answer = try await node.ledger.transaction(transaction.id)
        #expect(answer.state == .pending && answer.type == "plan.publish" && answer.height == nil)
        #expect(try await node.ledger.transactionBytes(transaction.id) == transaction.bytes)
        let waiting = Task { try await node.ledger.settledTransaction(transaction.id) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        // A broken copy of what waits changes nothing of it.
        var bytes = transaction.bytes
        bytes[bytes.count - 1] ^= 1
        _ = try await node.ledger.submit([Transaction(bytes: bytes)])
        #expect(try await node.ledger.transactionBytes(transaction.id) == transaction.bytes)
    }

    @Test("and whoever waits for one hears of it when it comes")
    func waited() async throws {
        let node = try TestNode(folder)
        let transaction = try node.sign(.planPublish(TestNode.plan()))
        async let settled = node.ledger.settledTransaction(transaction.id)
        _ = try await node.ledger.submit([transaction])
        #expect(try await settled.state == .final)
    }

    @Test("and a driver that does not answer holds no request up")
    func silentDriver() async throws {
        let node = try TestNode(folder, submissionLimit: .milliseconds(1), isDriven: false)
        let answer = try #require(
            try await node.ledger.submit([node.sign(.planPublish(TestNode.plan()))]).first
        )
        #expect(
            answer.state == .unknown && answer.problem?.code == "E_TIMEOUT" && answer.problem?.status == 503
        )
    }

    @Test("and a node that stops answers whoever still waits")
    func stopping() async throws {
        let node = try TestNode(folder, isDriven: false)
        let transaction = try node.sign(.planPublish(TestNode.plan()))
        async let submitted = node.ledger.submit([transaction])
        let settled = Task { try await node.ledger.settledTransaction(transaction.id) }
        node.view.finish()
        #expect(try await submitted.map(\.problem?.code) == ["E_TIMEOUT"])
        await #expect(throws: CancellationError.self) { try await settled.value }
    }

    @Test("and one that was never seen is unknown")
    func unknown() async throws {
        let node = try TestNode(folder)
        let transaction = try node.sign(.planPublish(TestNode.plan()))
        let answer = try await node.ledger.transaction(transaction.id)
        #expect(answer == API.Transaction(id: transaction.id.hex, state: .unknown))
        #expect(try await node.ledger.transactionBytes(transaction.id) == nil)
    }

    @Test("and one whose time a final block has passed is expired for ever")
    func expired() async throws {
        let node = try TestNode(folder)
        let late = try node.sign(
            .planPublish(TestNode.plan()),
            expires: TestNode.start.reduced(byMilliseconds: 1)
        )
        let refused = try #require(try await node.ledger.submit([late]).first)
        #expect(refused.state == .rejected && refused.problem?.code == "E_EXPIRED")
        try await node.apply(.planPublish(TestNode.plan()))
        #expect(try await node.ledger.transaction(late.id).state == .expired)
    }
}
