import JalonAPITestKit
import JalonModel
import JalonSchema
import Testing

@testable import JalonAPI

@Suite("A body of transactions")
struct TransactionSequenceTests {
    @Test("holds one transaction")
    func single() throws {
        let transaction = try Samples.transaction()
        #expect(TransactionSequence.single(transaction.bytes) == .transaction(transaction))
    }

    @Test("holds a sequence, in order")
    func sequence() throws {
        let transactions = try (1...3).map { try Samples.transaction(number: $0) }
        let items = try TransactionSequence.items(transactions.flatMap(\.bytes))
        #expect(items == transactions.map { .transaction($0) })
    }

    @Test("answers for an item that is CBOR and no transaction, and keeps the others")
    func mixed() throws {
        let transaction = try Samples.transaction()
        let items = try TransactionSequence.items([0x01] + transaction.bytes)
        #expect(items.count == 2)
        #expect(items.last == .transaction(transaction))
        guard case .malformed(let problem) = items.first else {
            Issue.record("the integer passed for a transaction")
            return
        }
        #expect(problem.code == "E_MALFORMED")
    }

    @Test(
        "is refused as a whole where its items can't be told apart",
        arguments: [[], [0xFF], [0xD2, 0x84], [0x1C]]
    )
    func broken(bytes: [UInt8]) {
        #expect(throws: API.Problem.self) { try TransactionSequence.items(bytes) }
    }

    @Test("is refused where one transaction is cut, whatever stands before it")
    func cut() throws {
        let bytes = try Samples.transaction().bytes
        #expect(throws: API.Problem.self) { try TransactionSequence.items(bytes + bytes.dropLast()) }
    }

    @Test("holds at most 256 items")
    func count() throws {
        let most = [UInt8](repeating: 0x01, count: TransactionSequence.maximumCount)
        #expect(try TransactionSequence.items(most).count == 256)
        let problem = #expect(throws: API.Problem.self) { try TransactionSequence.items(most + [0x01]) }
        #expect(problem?.status == 413)
    }

    @Test("holds a transaction of 64 KiB, and none longer")
    func longest() throws {
        let empty = try Samples.transaction(paddedTo: 60_000).bytes.count - 60_000
        let longest = try Samples.transaction(paddedTo: BlockLimits.transactionByteCount - empty)
        #expect(longest.bytes.count == BlockLimits.transactionByteCount)
        #expect(TransactionSequence.single(longest.bytes) == .transaction(longest))
        guard case .malformed(let problem) = TransactionSequence.single(longest.bytes + [0]) else {
            Issue.record("65537 bytes passed")
            return
        }
        #expect(problem.code == "E_TOO_LARGE")
    }
}
