import JalonCrypto
import JalonModel
import Testing

@testable import JalonSimulator

private func block(_ number: UInt8) -> BlockID { BlockID(SHA256.hash([number])) }

@Suite("Votes that contradict each other")
struct VoteLedgerTests {
    private let epoch = Epoch(0)
    private let view = View(5)

    /// The rule that the last of these votes breaks; each is a node and what it votes.
    private func broken(_ votes: [(node: Int, ballot: Ballot)], count: Int = 4) -> String? {
        var ledger = VoteLedger(nodeCount: count, validators: Array(0..<count))
        for (index, vote) in votes.enumerated() {
            do { _ = try ledger.add(vote.ballot, epoch: epoch, of: vote.node) } catch {
                return index == votes.count - 1 ? error.rule : "too early: \(error.rule)"
            }
        }
        return nil
    }

    @Test("break S4 where one node casts both")
    func oneNode() {
        let one = Ballot.notarize(view, block(1))
        let other = Ballot.notarize(view, block(2))
        let finalize = Ballot.finalize(view, block(1), logRoot: .zero)
        let finalizeOther = Ballot.finalize(view, block(2), logRoot: .zero)
        #expect(broken([(0, one), (0, other)]) == "S4")
        #expect(broken([(0, .nullify(view)), (0, one)]) == "S4")
        #expect(broken([(0, .nullify(view)), (0, finalize)]) == "S4")
        #expect(broken([(0, finalize), (0, .nullify(view))]) == "S4")
        #expect(broken([(0, finalize), (0, finalizeOther)]) == "S4")
    }

    @Test("are none where one node repeats itself, nullifies after it notarized, or votes in another view")
    func allowed() {
        let one = Ballot.notarize(view, block(1))
        #expect(broken([(0, one), (0, one)]) == nil)
        #expect(broken([(0, one), (0, .nullify(view)), (0, one)]) == nil)
        #expect(broken([(0, .nullify(view)), (0, .notarize(View(6), block(2)))]) == nil)
    }

    @Test("break S2 where a block is finalizable that is not notarizable")
    func finalizableOnly() {
        let finalize = Ballot.finalize(view, block(1), logRoot: .zero)
        #expect(broken([(0, finalize), (1, finalize), (2, finalize)]) == "S2")
    }

    @Test(
        "make a block finalizable with the vote that completes a quorum of n − f",
        arguments: [(1, 1), (4, 3), (6, 5), (7, 5)]
    )
    func quorum(count: Int, quorum: Int) throws {
        var ledger = VoteLedger(nodeCount: count, validators: Array(0..<count))
        for node in 0..<quorum { _ = try ledger.add(.notarize(view, block(1)), epoch: epoch, of: node) }
        for node in 0..<quorum {
            let finalizable = try ledger.add(
                .finalize(view, block(1), logRoot: .zero),
                epoch: epoch,
                of: node
            )
            #expect((finalizable == block(1)) == (node == quorum - 1))
        }
    }
}

@Suite("What is called final")
struct ReferenceChainTests {
    private func header(height: UInt64, parent: BlockID, time: UInt64 = 0) -> BlockHeader {
        BlockHeader(
            chain: ChainID(.zero),
            epoch: Epoch(0),
            view: View(height),
            height: Height(height),
            parentView: View(height - 1),
            parent: parent,
            timestamp: Timestamp(1_000 + height + time),
            leader: ValidatorIndex(0),
            logSize: 0,
            logRoot: .zero,
            bodyByteCount: 0,
            stateRoot: .zero,
            validatorsHash: .zero,
            nextValidatorsHash: .zero
        )
    }

    @Test("grows by a block with all its ancestors")
    func grows() throws {
        var chain = ReferenceChain(genesis: block(0))
        let (one, two) = (
            header(height: 1, parent: block(0)),
            header(height: 2, parent: header(height: 1, parent: block(0)).id)
        )
        chain.learn(one.id, header: one, leaves: [])
        chain.learn(two.id, header: two, leaves: [])
        #expect(try chain.extend(to: two.id) == [one.id, two.id])
        #expect(try chain.extend(to: one.id).isEmpty)
        #expect(chain.height == Height(2))
    }

    @Test("breaks S3 by a second block at a height")
    func fork() throws {
        var chain = ReferenceChain(genesis: block(0))
        let (one, other) = (header(height: 1, parent: block(0)), header(height: 1, parent: block(0), time: 7))
        for header in [one, other] { chain.learn(header.id, header: header, leaves: []) }
        _ = try chain.extend(to: one.id)
        #expect(throws: Finding.self) { try chain.extend(to: other.id) }
    }

    @Test("breaks S3 by a child of a block that lost")
    func branch() throws {
        var chain = ReferenceChain(genesis: block(0))
        let (one, other) = (header(height: 1, parent: block(0)), header(height: 1, parent: block(0), time: 7))
        let child = header(height: 2, parent: other.id)
        for header in [one, other, child] { chain.learn(header.id, header: header, leaves: []) }
        _ = try chain.extend(to: one.id)
        #expect(throws: Finding.self) { try chain.extend(to: child.id) }
    }

    @Test("breaks D1 by a transaction that stands there twice")
    func twice() throws {
        var chain = ReferenceChain(genesis: block(0))
        let one = header(height: 1, parent: block(0))
        let two = header(height: 2, parent: one.id)
        let leaf = LeafHash(of: [1])
        chain.learn(one.id, header: one, leaves: [leaf])
        chain.learn(two.id, header: two, leaves: [leaf])
        _ = try chain.extend(to: one.id)
        #expect(throws: Finding.self) { try chain.extend(to: two.id) }
    }
}
