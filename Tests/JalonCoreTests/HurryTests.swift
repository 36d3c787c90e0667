import JalonCrypto
import JalonModel
import Testing

@testable import JalonCore

@Suite("Nothing waits until somebody asks a second time")
struct HurryTests {
    let provinces: Provinces
    let plan: Transaction
    let proposal: Proposal
    let block: Block
    let leader: Int
    let follower: Int
    let other: Int

    init() throws {
        let provinces = try Provinces(4)
        self.provinces = provinces
        let leader = provinces.leader(1)
        self.leader = leader
        let followers = (0..<4).filter { $0 != leader }
        (follower, other) = (followers[0], followers[1])
        plan = try provinces.plan(1)
        (proposal, block) = try TestNode.proposed(provinces, [plan])
    }

    private func isTransactions(_ message: PeerMessage) -> Bool {
        if case .transactions = message { true } else { false }
    }

    private func makeFinal(_ node: inout TestNode) throws {
        node.submit(plan)
        node.receive(.proposal(proposal), from: leader)
        node.receive(.certificate(try provinces.certificate(.notarize(View(1), block.id))), from: leader)
        let final = Ballot.finalize(View(1), block.id, logRoot: block.header.logRoot)
        node.receive(.certificate(try provinces.certificate(final)), from: leader)
        #expect(node.core.tip.id == block.id)
    }

    @Test("The transactions of a block that is final already are sent to who asks for them")
    func recent() throws {
        var node = try TestNode(provinces, follower)
        try makeFinal(&node)
        node.receive(.request(.transactions([plan.leaf])), from: other)
        #expect(node.sent == [.transactions([plan.bytes])])
        #expect(node.targets(of: isTransactions) == [provinces.all[other].node])
    }

    @Test("A transaction that nobody here knows of is not promised")
    func unknown() throws {
        var node = try TestNode(provinces, follower)
        node.receive(.request(.transactions([plan.leaf])), from: other)
        #expect(node.sent.isEmpty)
        node.receive(.transactions([plan.bytes]), from: leader)
        #expect(!node.targets(of: isTransactions).contains(provinces.all[other].node))
    }

    @Test("Who asks for a transaction that a block here waits for gets it when it was checked, once")
    func onItsWay() throws {
        var node = try TestNode(provinces, follower)
        node.receive(.proposal(proposal), from: leader)
        for _ in 0..<2 {
            node.receive(.request(.transactions([plan.leaf])), from: other)
            #expect(node.sent.isEmpty)
        }
        node.receive(.transactions([plan.bytes]), from: leader)
        #expect(node.targets(of: isTransactions) == [provinces.all[other].node])
        #expect(node.votes == [.notarize(View(1), block.id)])
    }

    /// A proposal that names a transaction whose signature is broken, and that transaction.
    private func forgedProposal() throws -> (Proposal, Transaction) {
        var bytes = plan.bytes
        bytes[bytes.count - 1] ^= 1
        let forged = try Transaction(bytes: bytes)
        var header = proposal.header
        var log = MerkleFrontier()
        log.append(forged.leaf)
        header.logRoot = log.root
        return (provinces.proposal(header, leaves: [forged.leaf]), forged)
    }

    @Test("What is found invalid is passed on to nobody")
    func invalid() throws {
        let (lie, forged) = try forgedProposal()
        var node = try TestNode(provinces, follower)
        node.receive(.proposal(lie), from: leader)
        #expect(node.requests == [.transactions([forged.leaf])])
        node.receive(.request(.transactions([forged.leaf])), from: other)
        node.receive(.transactions([forged.bytes]), from: leader)
        #expect(node.targets(of: isTransactions).isEmpty)
        #expect(node.votes == [.nullify(View(1))])
    }

    @Test("A transaction that is being checked when a proposal names it completes the block")
    func checked() throws {
        var node = try TestNode(provinces, follower)
        func verifications(_ effects: [Effect]) -> [JalonCore.Verification] {
            effects.compactMap { if case .verify(let verification) = $0 { verification } else { nil } }
        }
        func hear(_ message: PeerMessage) -> [Effect] {
            node.core.handle(.received(message, from: provinces.all[leader].node), at: node.clock)
        }
        func finish(_ verification: JalonCore.Verification) -> [Effect] {
            node.core.handle(.verified(verification.run(by: CheapVerifier())), at: node.clock)
        }
        let first = try #require(verifications(hear(.transactions([plan.bytes]))).first)
        let second = try #require(verifications(hear(.proposal(proposal))).first)
        for effect in finish(second) {
            if case .send(.request, _) = effect { Issue.record("what is here already is asked for") }
        }
        let votes = finish(first).compactMap { effect in
            if case .send(.vote(let vote), _) = effect { vote.ballot } else { nil }
        }
        #expect(votes == [.notarize(View(1), block.id)])
    }

    @Test("One that is found invalid when a proposal names it has the proposal refused at once")
    func checkedInvalid() throws {
        let (lie, forged) = try forgedProposal()
        var node = try TestNode(provinces, follower)
        func hear(_ message: PeerMessage) -> [Effect] {
            node.core.handle(.received(message, from: provinces.all[leader].node), at: node.clock)
        }
        let begun = hear(.transactions([forged.bytes]))
        // Its check ends after the proposal's.
        var waiting = hear(.proposal(lie)) + begun
        var ballots: [Ballot] = []
        while !waiting.isEmpty {
            switch waiting.removeFirst() {
            case .verify(let verification):
                let outcome = verification.run(by: CheapVerifier())
                waiting += node.core.handle(.verified(outcome), at: node.clock)
            case .send(.vote(let vote), _): ballots.append(vote.ballot)
            default: break
            }
        }
        #expect(ballots == [.nullify(View(1))])
    }

    @Test("What a proposal names leaves before the proposal is written, to all")
    func ahead() throws {
        var node = try TestNode(provinces, leader)
        node.submit(plan)
        try #require(node.proposals.count == 1)
        let sent = node.effects.firstIndex {
            if case .send(.transactions, _) = $0 { true } else { false }
        }
        let written = node.effects.firstIndex { if case .persist = $0 { true } else { false } }
        #expect(try #require(sent) < (try #require(written)))
        #expect(Set(node.targets(of: isTransactions)).count == 3)
    }

    @Test("Peers are told within 100 ms that another validator is heard, or not any more")
    func hearing() throws {
        var node = try TestNode(provinces, follower, isConnected: false)
        func tips() -> [Tip] { node.sent.compactMap { if case .tip(let tip) = $0 { tip } else { nil } } }
        node.handle(.connected(provinces.all[other].node))
        node.wait(200)
        node.handle(.connected(provinces.all[leader].node))
        node.wait(100)
        #expect(tips().last?.hears(ValidatorIndex(leader)) == true)
        node.wait(300)
        #expect(tips().isEmpty, "and not told again")
        node.handle(.disconnected(provinces.all[leader].node))
        node.wait(100)
        #expect(tips().last?.hears(ValidatorIndex(leader)) == false)
    }
}

@Suite("What is kept for others is bounded")
struct KeptForOthersTests {
    @Test("Final transactions: the newest blocks, in number and in bytes")
    func recent() throws {
        let provinces = try Provinces(4)
        var recent = RecentTransactions()
        for number in 0..<200 {
            let plan = try provinces.plan(number)
            let key = provinces.all[0].authority.publicKey
            recent.append([try #require(plan.verified(key: key, by: CheapVerifier()))])
        }
        #expect(recent.blockCount == RecentTransactions.maximumBlocks)
        var numbers: [LeafHash] = []
        recent.forEach { numbers.append($0.leaf) }
        #expect(numbers.first == (try provinces.plan(199)).leaf)
        #expect(numbers.count == RecentTransactions.maximumBlocks)
    }

    @Test("Questions: so many, and each once")
    func askers() {
        var askers = Askers()
        let peer = KeyID(SHA256.hash([1]))
        for number in 0..<Askers.maximumCount + 10 {
            askers.add(peer, for: LeafHash(of: [UInt8(number & 0xFF), UInt8(number >> 8)]))
        }
        askers.add(peer, for: LeafHash(of: [0, 0]))
        #expect(askers.count == Askers.maximumCount)
        #expect(askers.take(LeafHash(of: [0, 0])) == [peer])
        #expect(askers.take(LeafHash(of: [0, 0])).isEmpty)
        #expect(askers.count == Askers.maximumCount - 1)
    }
}
