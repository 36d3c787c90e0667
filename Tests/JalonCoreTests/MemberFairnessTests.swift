import JalonCrypto
import JalonModel
import JalonState
import Testing

@testable import JalonCore

@Suite("Members share a mempool")
struct MemberFairnessTests {
    let provinces: Provinces

    init() throws {
        provinces = try Provinces(4)
    }

    private func verified(_ transaction: Transaction) throws -> Verified<Transaction> {
        let province = try #require(provinces.all.first { $0.id == transaction.issuer })
        return try #require(
            transaction.verified(key: province.authority.publicKey, by: CheapVerifier())
        )
    }

    private func plans(_ count: Int, by province: Int, from first: Int = 1, titleLength: Int = 1) throws
        -> [Verified<Transaction>]
    {
        try (first..<first + count).map {
            try verified(provinces.plan($0, by: province, titleLength: titleLength))
        }
    }

    private func mempool(holding all: [Verified<Transaction>], count: Int, byteCount: Int = 64 << 20)
        -> Mempool
    {
        var mempool = Mempool(maximumCount: count, maximumByteCount: byteCount)
        for transaction in all { mempool.insert(transaction, at: 0) }
        return mempool
    }

    @Test("A member fills a quarter of the places, and another still finds one")
    func shareOfCount() throws {
        let mempool = mempool(holding: try plans(5, by: 0), count: 20)
        #expect(mempool.room(for: try provinces.plan(6, by: 0)) == .none(waiting: 5))
        #expect(mempool.room(for: try provinces.plan(6, by: 1)) == .free)
    }

    @Test("A member fills a quarter of the bytes, and has room again once some left")
    func shareOfBytes() throws {
        let all = try plans(3, by: 0)
        let size = all[0].value.bytes.count
        var mempool = mempool(holding: all, count: 1_000, byteCount: 4 * (3 * size + 10))
        #expect(mempool.room(for: try provinces.plan(4, by: 0)) == .none(waiting: 3))
        #expect(mempool.room(for: try provinces.plan(4, by: 1)) == .free)
        mempool.remove(all[1].value.id)
        #expect(mempool.room(for: try provinces.plan(4, by: 0)) == .free)
        #expect(mempool.byteCount == 2 * size)
    }

    @Test("Where all of it is full, who holds most loses its newest, and one that holds as much gets nothing")
    func mostGivesWay() throws {
        let all = try [plans(4, by: 0), plans(2, by: 1), plans(2, by: 2)].flatMap { $0 }
        var mempool = mempool(holding: all, count: 8)
        #expect(mempool.room(for: try provinces.plan(9, by: 3)) == .heldBy(provinces.all[0].id))
        let lost = mempool.shrink(provinces.all[0].id, for: 400)
        #expect(lost.map(\.id) == [all[3].value.id])
        #expect(mempool.room(for: try provinces.plan(9, by: 3)) == .free)
        mempool.insert(try verified(provinces.plan(9, by: 3)), at: 0)
        let even = self.mempool(
            holding: try (0..<4).flatMap { try plans(2, by: $0) },
            count: 8
        )
        // Its quarter is full, whatever the others hold.
        #expect(even.room(for: try provinces.plan(9, by: 3)) == .none(waiting: 2))
    }

    @Test("Where the bytes are full, who holds most bytes loses, however few transactions those are")
    func mostBytesGiveWay() throws {
        let large = try plans(2, by: 0, titleLength: 90)
        let small = try plans(4, by: 1)
        let byteCount = (large + small).reduce(0) { $0 + $1.value.bytes.count }
        let mempool = mempool(holding: large + small, count: 100, byteCount: byteCount)
        #expect(mempool.room(for: try provinces.plan(9, by: 2)) == .heldBy(provinces.all[0].id))
    }

    @Test("The members take turns, each in its order of admission, and who waits longest begins")
    func turns() throws {
        let (flood, second, third) = (
            try plans(6, by: 0), try plans(1, by: 2), try plans(2, by: 1)
        )
        var mempool = mempool(holding: flood + second + third, count: 100)
        mempool.remove(flood[0].value.id)
        let order = mempool.turns.map(\.transaction.value.id)
        #expect(Set(order).count == 8 && order.count == 8)
        // A turn is a kibibyte, of which a plan takes about a third.
        let ids = flood.dropFirst().map(\.value.id)
        #expect(order.filter { ids.contains($0) } == ids)
        let place = try #require(order.firstIndex(of: second[0].value.id))
        #expect(order.first == ids[0] && place <= 4)
        #expect(order[place + 1] == third[0].value.id)
    }

    @Test(
        "Of two members that wait with much, each gets as many bytes, whatever the size of its transactions"
    )
    func turnsByBytes() throws {
        let (large, small) = (try plans(20, by: 0, titleLength: 90), try plans(60, by: 1))
        let mempool = mempool(holding: large + small, count: 1_000)
        var bytes: [MemberID: Int] = [:]
        var total = 0
        for entry in mempool.turns {
            let transaction = entry.transaction.value
            total += transaction.bytes.count
            guard total <= 16_000 else { break }
            bytes[transaction.issuer, default: 0] += transaction.bytes.count
        }
        let (first, other) = (bytes[provinces.all[0].id] ?? 0, bytes[provinces.all[1].id] ?? 0)
        #expect(abs(first - other) <= 2_048, "\(first) and \(other) bytes")
    }

    @Test(
        "Of a flood of 10,000 a node takes a share, and another member's single one stands in the next block"
    )
    func flood() throws {
        var node = try TestNode(provinces, provinces.leader(1))
        let flood = try (1...10_000).map { try provinces.plan($0, by: 0) }
        let single = try provinces.plan(1, by: 1)
        node.handle(.submitted((flood + [single]).map(\.bytes)))
        #expect(node.rejections.count == 5_000 && Set(node.rejections) == ["E_OVERLOADED"])
        #expect(node.core.isPending(single.id) && node.core.mempoolCount == 5_001)
        let block = try #require(node.proposals.first)
        #expect(block.leaves.contains(single.leaf) && block.leaves.count > 1_000)
        // What builds on another stands behind it: the order in the block is that of admission.
        let places = flood.map(\.leaf).filter { block.leaves.contains($0) }
        #expect(block.leaves.filter { $0 != single.leaf } == places)
    }

    @Test("A client whose transaction gives way is told, and may send it again")
    func told() throws {
        let provinces = try Provinces(7)
        var node = try TestNode(provinces, nil, mempoolCount: 8)
        for province in 0..<4 {
            node.submit(try provinces.plan(1, by: province), try provinces.plan(2, by: province))
        }
        let single = try provinces.plan(1, by: 4)
        node.submit(single)
        let told = node.notices.compactMap { notice -> (TransactionID, Refusal)? in
            if case .rejected(_, let id?, let refusal) = notice { (id, refusal) } else { nil }
        }
        #expect(told.count == 1 && told.first?.1.code == .overloaded)
        #expect(told.first?.1.retryAfterSeconds == 2)
        #expect(node.core.isPending(single.id) && node.core.mempoolCount == 8)
        let lost = try #require(told.first?.0)
        #expect(!node.core.isPending(lost))
        // It is judged anew, and is no duplicate of itself; there is no room for it still.
        for province in 0..<4 {
            let second = try provinces.plan(2, by: province)
            guard second.id == lost else { continue }
            node.submit(second)
            #expect(node.rejections == ["E_OVERLOADED"])
        }
    }
}

@Suite("Observers open disputes")
struct DisputeRateTests {
    let provinces: Provinces

    init() throws {
        provinces = try Provinces(4, observers: 2)
    }

    /// A node that follows, with a commitment that nobody has disputed.
    private func node() throws -> TestNode {
        var node = try TestNode(provinces, nil)
        node.submit(
            try provinces.plan(1),
            try provinces.commitment(1, plan: 1),
            try provinces.commitment(2, plan: 1)
        )
        #expect(node.core.mempoolCount == 3)
        return node
    }

    private func wait(_ node: TestNode) -> UInt64? {
        node.notices.lazy.compactMap { notice -> UInt64? in
            if case .rejected(_, _, let refusal) = notice { refusal.retryAfterSeconds } else { nil }
        }.first
    }

    @Test("Four are taken at once; the bucket then says when the next may come, of this observer only")
    func burst() throws {
        var rate = DisputeRate()
        let (first, second) = (MemberID(checked: "observer-0"), MemberID(checked: "observer-1"))
        for _ in 0..<4 {
            #expect(rate.refusal(of: first, at: 1_000_000) == nil)
            rate.take(first, at: 1_000_000)
        }
        let refusal = try #require(rate.refusal(of: first, at: 1_100_000))
        #expect(refusal.code == .rateLimited && refusal.retryAfterSeconds == 800)
        #expect(refusal.message.contains("observer-0") && refusal.hint.contains("800 seconds"))
        #expect(rate.refusal(of: second, at: 1_100_000) == nil)
        #expect(rate.refusal(of: first, at: 1_899_999) != nil)
        #expect(rate.refusal(of: first, at: 1_900_000) == nil)
    }

    @Test("What is earned of the next one is not lost by looking")
    func remainder() {
        var budget = Budget(capacity: 2, refillInterval: 100)
        #expect(budget.take(at: 0) && budget.take(at: 0) && !budget.take(at: 90))
        #expect(budget.wait(at: 90) == 10)
        #expect(budget.take(at: 190) && !budget.take(at: 190))
        #expect(budget.wait(at: 190) == 10 && budget.take(at: 200))
        #expect(budget.take(at: 10_000) && budget.take(at: 10_000) && !budget.take(at: 10_000))
    }

    @Test("A client hears how long to wait; what a rule refuses does not count")
    func client() throws {
        var node = try node()
        let id = provinces.commitmentID(1)
        let unknown = CommitmentID(checked: "CN-100-2020-999")
        for number in 0..<6 {
            node.submit(try provinces.dispute(number, about: unknown))
            #expect(node.rejections == ["E_UNKNOWN_COMMITMENT"])
        }
        for number in 10..<14 {
            node.submit(try provinces.dispute(number, about: id))
            #expect(node.rejections == [])
        }
        node.submit(try provinces.dispute(14, about: id))
        #expect(node.rejections == ["E_RATE_LIMITED"] && wait(node) == 900)
        // The same bytes as before are answered as before.
        node.submit(try provinces.dispute(13, about: id))
        #expect(node.rejections == [])
        node.submit(try provinces.dispute(15, about: id, by: 1))
        #expect(node.rejections == [])
    }

    @Test(
        "It is judged where a dispute enters the network: not what a validator passes on, but what an observer's node sends"
    )
    func entrance() throws {
        var node = try node()
        let id = provinces.commitmentID(2)
        node.handle(.connected(provinces.observerNodes[0]))
        for number in 0..<4 {
            let dispute = try provinces.dispute(number, about: id)
            node.handle(.received(.transactions([dispute.bytes]), from: provinces.observerNodes[0]))
            #expect(node.core.isPending(dispute.id))
        }
        let fifth = try provinces.dispute(4, about: id)
        node.handle(.received(.transactions([fifth.bytes]), from: provinces.observerNodes[0]))
        #expect(!node.core.isPending(fifth.id) && node.penalties.isEmpty)
        // Above the rate it is a rule's turn: an observer has at most four open.
        node.receive(.transactions([fifth.bytes]), from: 0)
        #expect(!node.core.isPending(fifth.id))
        var other = try self.node()
        let disputes = try (0..<4).map { try provinces.dispute($0, about: id) }
        other.receive(.transactions(disputes.map(\.bytes)), from: 0)
        #expect(disputes.allSatisfy { other.core.isPending($0.id) })
        #expect(other.core.disputeRate.refusal(of: disputes[0].issuer, at: 0) == nil)
    }
}
