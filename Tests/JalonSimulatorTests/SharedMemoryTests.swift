import JalonCore
import JalonModel
import JalonState
import Testing

@testable import JalonSimulator

@Suite("What the nodes of one world read and check once")
struct SharedMemoryTests {
    @Test("A transaction is what it is when it is read anew, and what is none is refused each time")
    func transactions() throws {
        var laboratory = Laboratory(validatorCount: 1)
        let memory = TransactionMemory()
        let transaction = laboratory.make(by: 0)
        for _ in 0..<2 {
            let read = try memory.read(transaction.bytes)
            #expect(read == transaction && read.bytes == transaction.bytes)
        }
        var changed = transaction.bytes
        changed[changed.count - 1] ^= 1
        #expect(
            try memory.read(changed).leaf == LeafHash(of: changed),
            "another signature, another transaction"
        )
        let cut = Array(transaction.bytes.dropLast())
        for _ in 0..<2 { #expect(throws: (any Error).self) { try memory.read(cut) } }
    }

    @Test("A state tried out is the one restored anew, whichever leaves came, changed or went")
    func trialStates() throws {
        var laboratory = Laboratory(validatorCount: 4)
        var states = TrialStates()
        var older: [[LeafChange]] = []
        for round in 0..<40 {
            try laboratory.makeFinal(at: round % 4)
            laboratory.run(milliseconds: 500)
            let leaves = laboratory.world.nodes[round % 4].disk.restored(replayReach: 3_600_000).leaves
            #expect(zip(leaves, leaves.dropFirst()).allSatisfy { $0.path.precedesBytewise($1.path) })
            older.append(leaves)
            // Now and then a disk that is behind.
            for leaves in [leaves, older[round / 2]] {
                let anew = try LedgerState(
                    restoring: leaves.compactMap { leaf in leaf.value.map { (leaf.path, $0) } }
                )
                let tried = try states.state(of: leaves)
                #expect(tried.root == anew.root && tried.leafCount == anew.leafCount)
            }
        }
        let root = try #require(laboratory.world.nodes[3].disk.finalBlocks.last).header.stateRoot
        #expect(try states.state(of: try #require(older.last)).root == root)
    }

    @Test("A leaf that can't be is refused by a trial too, also beside those that are known")
    func badLeaf() throws {
        var laboratory = Laboratory(validatorCount: 1)
        try laboratory.makeFinal(at: 0)
        var leaves = laboratory.world.nodes[0].disk.restored(replayReach: 3_600_000).leaves
        var states = TrialStates()
        _ = try states.state(of: leaves)
        leaves[0] = LeafChange(path: leaves[0].path, value: [0xFF])
        #expect(throws: StateError.self) { try states.state(of: leaves) }
    }
}
