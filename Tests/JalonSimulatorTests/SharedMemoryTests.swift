import JalonCore
import JalonCrypto
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

    @Test(
        "A block is applied once on one state; another state, other transactions or another time are applied anew"
    )
    func blocks() throws {
        var laboratory = Laboratory(validatorCount: 1)
        let membership = laboratory.world.membership
        let memory = BlockMemory()
        let parent = memory.start(of: membership.genesis)
        #expect(memory.start(of: membership.genesis) === parent)
        let transactions = try (0..<2).map { _ in
            let transaction = laboratory.make(by: 0)
            let key = membership.authoritySigner(0).publicKey
            return try #require(transaction.verified(key: key, by: membership.scheme))
        }
        let time = laboratory.world.trueTime
        func context(_ time: Timestamp) -> BlockContext {
            BlockContext(membership.genesis, height: Height(1), timestamp: time)
        }
        let applied = try memory.apply(transactions, on: parent, context: context(time))
        #expect(try memory.apply(transactions, on: parent, context: context(time)) === applied)
        let anew = try BlockApplier().apply(transactions, on: parent, context: context(time))
        #expect(anew.state.root == applied.state.root && anew.changes == applied.changes)
        let equal = BlockApplier().start(of: membership.genesis)
        #expect(try memory.apply(transactions, on: equal, context: context(time)) !== applied)
        let later = context(time.advanced(byMilliseconds: 1))
        #expect(try memory.apply(transactions, on: parent, context: later) !== applied)
        let one = try memory.apply([transactions[0]], on: parent, context: context(time))
        #expect(one !== applied && one.state.root != applied.state.root)
        #expect(throws: BlockRefusal.self) {
            try memory.apply(transactions + [transactions[0]], on: parent, context: context(time))
        }
    }

    @Test("What a leader made becomes the others' state only where it is equal to it")
    func takenBlocks() throws {
        var laboratory = Laboratory(validatorCount: 1)
        let membership = laboratory.world.membership
        let memory = BlockMemory()
        let parent = memory.start(of: membership.genesis)
        let transaction = laboratory.make(by: 0)
        let key = membership.authoritySigner(0).publicKey
        let transactions = [try #require(transaction.verified(key: key, by: membership.scheme))]
        let context = BlockContext(
            membership.genesis,
            height: Height(1),
            timestamp: laboratory.world.trueTime
        )
        func taken(_ made: AppliedBlock) -> AppliedBlock {
            memory.taken(made, of: transactions, on: parent, context: context)
        }
        let made = try BlockApplier().apply(transactions, on: parent, context: context)
        let shared = taken(made)
        #expect(shared !== made && shared.state.root == made.state.root && shared.changes == made.changes)
        #expect(try memory.apply(transactions, on: parent, context: context) === shared)
        // Neither another state nor other changes than those of the block are replaced: the others will refuse it.
        let otherState = AppliedBlock(state: parent.state, changes: made.changes)
        #expect(taken(otherState) === otherState)
        let otherChanges = AppliedBlock(state: made.state, changes: [])
        #expect(taken(otherChanges) === otherChanges)
    }

    @Test("A cheap signature is its message's and its key's, whole")
    func cheapSignatures() {
        let membership = Membership(validatorCount: 2, scheme: .cheap)
        let (signer, other) = (membership.authoritySigner(0), membership.authoritySigner(1))
        let message: [UInt8] = [1, 2, 3]
        let signature = signer.sign(message)
        func isValid(_ signature: [UInt8], _ message: [UInt8], _ key: PublicKey) -> Bool {
            CheapVerifier().isValid(signature: signature[...], message: message, key: key)
        }
        #expect(signature.count == 64 && isValid(signature, message, signer.publicKey))
        #expect(!isValid(signature, [1, 2], signer.publicKey))
        #expect(!isValid(signature, message, other.publicKey))
        #expect(!isValid(Array(signature.dropLast()), message, signer.publicKey))
        #expect(!isValid(signature + [0], message, signer.publicKey))
        for place in signature.indices {
            var changed = signature
            changed[place] ^= 0x10
            #expect(!isValid(changed, message, signer.publicKey), "byte \(place)")
        }
    }
}
