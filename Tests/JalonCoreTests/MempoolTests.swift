import JalonCrypto
import JalonModel
import JalonState
import Testing

@testable import JalonCore

@Suite("Transactions wait for a block")
struct MempoolTests {
    let provinces: Provinces
    let follower: Int

    init() throws {
        provinces = try Provinces(4)
        let leader = provinces.leader(1)
        follower = (0..<4).first { $0 != leader } ?? 0
    }

    private func verified(_ transaction: Transaction) throws -> Verified<Transaction> {
        try #require(transaction.verified(key: provinces.all[0].authority.publicKey, by: CheapVerifier()))
    }

    @Test("One that left and came again stands in the order once, at the end")
    func order() throws {
        let (first, second) = (try verified(provinces.plan(1)), try verified(provinces.plan(2)))
        var mempool = Mempool(maximumCount: 10, maximumByteCount: 1 << 20)
        mempool.insert(first, at: 0)
        mempool.insert(second, at: 0)
        mempool.remove(first.value.id)
        mempool.insert(first, at: 1)
        #expect(mempool.inOrder.map(\.transaction.value.id) == [second.value.id, first.value.id])
    }

    @Test("A client is always answered: pending, pending again, overloaded, refused, malformed")
    func answers() throws {
        var node = try TestNode(provinces, follower, mempoolCount: 1)
        let plan = try provinces.plan(1)
        for _ in 0..<2 {
            node.submit(plan)
            guard case .pending(plan.id, _) = node.notices.first else {
                Issue.record("not pending")
                return
            }
        }
        node.submit(try provinces.plan(2))
        #expect(node.rejections == ["E_OVERLOADED"])
        node.handle(.submitted([[1, 2, 3]]))
        #expect(node.rejections == ["E_MALFORMED"])
    }

    @Test(
        "Ids that were taken in before a start count; those of another lifetime of transactions are taken in anew"
    )
    func takenIn() throws {
        let genesis = provinces.genesis
        let (known, stored) = (try provinces.plan(1).id, try provinces.plan(2).id)
        for (isOther, expected) in [(false, known), (true, stored)] {
            let lifetime = genesis.parameters.maxLifetimeMilliseconds + (isOther ? 1 : 0)
            let core = try Core(
                genesis: genesis,
                restored: RestoredLedger(recent: [(timestamp: Provinces.start, transactions: [stored])]),
                window: ReplayWindow(
                    maxLifetime: lifetime,
                    blocks: [(timestamp: Provinces.start, transactions: [known])]
                ),
                configuration: Core.Configuration(key: nil, node: KeyID(SHA256.hash([99])), seed: 7),
                verifier: CheapVerifier(),
                clock: Clock(monotonic: 0, wall: Provinces.start)
            )
            #expect(core.replay.contains(known) == (expected == known))
            #expect(core.replay.contains(stored) == (expected == stored))
        }
    }

    @Test(
        "A transaction that stands in the chain is answered as final and not taken again, from a peer neither"
    )
    func replay() throws {
        let plan = try provinces.plan(1)
        let (proposal, block) = try TestNode.proposed(provinces, [plan])
        var node = try TestNode(provinces, follower)
        node.submit(plan)
        node.receive(.proposal(proposal), from: provinces.leader(1))
        node.receive(
            .certificate(
                try provinces.certificate(.finalize(View(1), block.id, logRoot: block.header.logRoot))
            ),
            from: provinces.leader(1)
        )
        node.submit(plan)
        guard case .alreadyFinal(plan.id, _) = node.notices.first else {
            Issue.record("not answered as final")
            return
        }
        node.receive(.transactions([plan.bytes]), from: provinces.leader(1))
        #expect(node.core.mempoolCount == 0 && node.effects.isEmpty)
    }

    @Test("A copy with a broken signature does not keep the real one out")
    func poisonedCopy() throws {
        let plan = try provinces.plan(1)
        var bytes = plan.bytes
        bytes[bytes.count - 1] ^= 1
        let copy = try Transaction(bytes: bytes)
        #expect(copy.id == plan.id)
        var node = try TestNode(provinces, follower)
        node.receive(.transactions([bytes]), from: provinces.leader(1))
        #expect(node.core.mempoolCount == 0 && node.penalties == [.invalidSignature(.transactions)])
        node.receive(.transactions([plan.bytes]), from: provinces.leader(1))
        #expect(node.core.isPending(plan.id))
    }

    @Test("A transaction is judged at the time of the day, also while others wait")
    func timeOfTheDay() throws {
        var node = try TestNode(provinces, nil)
        node.submit(try provinces.plan(1))
        // Its expiry lies five seconds further ahead than the parameter maxLifetime allows.
        let early = try provinces.plan(2, expiresAfter: 3_605_000)
        node.submit(early)
        #expect(node.rejections == ["E_NOT_YET_VALID"] && !node.core.isPending(early.id))
        node.wait(6_000)
        node.submit(early)
        #expect(node.rejections.isEmpty && node.core.isPending(early.id))
    }

    @Test("What a final block contradicts leaves the mempool with it, and its client is told why")
    func contradicted() throws {
        let (plan, rival) = (try provinces.plan(1), try provinces.plan(1, expiresAfter: 50_000))
        #expect(plan.id != rival.id && plan.subject == rival.subject)
        let (proposal, block) = try TestNode.proposed(provinces, [rival])
        var node = try TestNode(provinces, follower)
        node.submit(plan)
        let (other, third) = (try provinces.plan(2), try provinces.plan(3))
        node.submit(other, third)
        node.receive(.proposal(proposal), from: provinces.leader(1))
        node.receive(.transactions([rival.bytes]), from: provinces.leader(1))
        node.receive(
            .certificate(
                try provinces.certificate(.finalize(View(1), block.id, logRoot: block.header.logRoot))
            ),
            from: provinces.leader(1)
        )
        #expect(node.core.tip.id == block.id)
        #expect(node.rejections == ["E_DUPLICATE_ID"] && !node.core.isPending(plan.id))
        #expect(node.core.isPending(other.id) && node.core.isPending(third.id))
    }

    @Test("What has expired leaves an idle mempool, and its client is told")
    func expiry() throws {
        var node = try TestNode(provinces, nil)
        let plan = try provinces.plan(1, expiresAfter: 20_000)
        node.submit(plan)
        #expect(node.core.isPending(plan.id))
        node.wait(60_000)
        #expect(!node.core.isPending(plan.id))
        #expect(node.rejections == ["E_EXPIRED"])
    }
}
