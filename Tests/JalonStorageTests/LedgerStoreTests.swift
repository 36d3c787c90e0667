import Foundation
import JalonCodec
import JalonCrypto
import JalonModel
import Testing

@testable import JalonStorage

@Suite("A ledger on its disk")
struct LedgerStoreTests {
    private let place: TestFolder
    private var chain: TestChain
    private let hour: UInt64 = 3_600_000

    init() throws {
        place = try TestFolder()
        chain = try TestChain()
    }

    // MARK: - Opening

    @Test("begins with a genesis and nothing else")
    func fresh() throws {
        let store = try place.makeLedger(chain)
        #expect(store.identity == chain.identity)
        #expect(try store.reader.genesis() == chain.genesis)
        #expect(try store.reader.finalHeight() == Height(0))
        #expect(Snapshot(try store.reader.restore(replayReach: hour)) == Snapshot())
        #expect(try store.reader.block(at: Height(0)) == nil)
    }

    @Test("commits with synchronous = 2, read back, also when opened again")
    func durable() throws {
        #expect(try place.makeLedger(chain).synchronous() == 2)
        #expect(try place.openLedger().synchronous() == 2)
    }

    @Test("keeps its files to their owner, also where somebody widened the mode")
    mutating func modes() throws {
        let path = place.file("node/ledger.sqlite")
        do {
            let store = try place.makeLedger(chain)
            try store.perform([.certificate(chain.nullification(1))])
            for name in ["", "-wal", "-shm"] { #expect(try mode(of: path + name) == 0o600) }
        }
        try setMode(0o644, of: path)
        _ = try place.openLedger()
        #expect(try mode(of: path) == 0o600)
    }

    @Test("is made once in a folder")
    func twice() throws {
        _ = try place.makeLedger(chain)
        #expect(throws: StorageError.exists(path: place.file("node"))) { try place.makeLedger(chain) }
        #expect(try place.openLedger().reader.genesis() == chain.genesis)
    }

    @Test("can be made where making it was cut off")
    func cutOff() throws {
        _ = try DataFolder(creating: place.file("node"))
        try writeBytes([], to: place.file("node/ledger.sqlite"))
        #expect(throws: StorageError.noLedger(path: place.file("node"))) { try place.openLedger() }
        #expect(try place.makeLedger(chain).identity == chain.identity)
    }

    @Test("is not made with a genesis that its chain is not named after")
    func otherGenesis() throws {
        let folder = try DataFolder(creating: place.file("node"))
        #expect(throws: StorageError.self) {
            try LedgerStore.create(in: folder, genesis: chain.genesis + [0], identity: chain.identity)
        }
        #expect(throws: StorageError.noLedger(path: folder.path)) { try LedgerStore.open(in: folder) }
    }

    @Test("is not opened for another network or chain, and both are named")
    func otherLedger() throws {
        _ = try place.makeLedger(chain)
        let folder = try DataFolder(opening: place.file("node"))
        _ = try LedgerStore.open(in: folder, expecting: chain.identity)
        for other in [try TestChain(seed: 2).identity, try TestChain(network: "other").identity] {
            let error = #expect(throws: StorageError.self) {
                try LedgerStore.open(in: folder, expecting: other)
            }
            #expect(error == .otherLedger(path: folder.path, found: chain.identity, expected: other))
            #expect(error?.description.contains("\(chain.identity)") == true)
            #expect(error?.description.contains("\(other)") == true)
        }
    }

    @Test("is not opened where there is none")
    func missing() throws {
        _ = try DataFolder(creating: place.file("node"))
        #expect(throws: StorageError.noLedger(path: place.file("node"))) { try place.openLedger() }
    }

    @Test("is not opened by a program older than its tables")
    func newer() throws {
        do { try place.makeLedger(chain).execute("PRAGMA user_version = 99") }
        #expect(
            throws: StorageError.newerSchema(
                path: place.file("node/ledger.sqlite"),
                found: 99,
                known: Schema.version
            )
        ) { try place.openLedger() }
    }

    // MARK: - Restarting

    @Test("gives back after every turn what was performed", arguments: 1...8 as ClosedRange<UInt64>)
    func restart(seed: UInt64) throws {
        let history = try History(seed: seed, turnCount: 120)
        var store: LedgerStore? = try place.makeLedger(history.chain)
        var model = LedgerModel()
        for (turn, records) in history.turns.enumerated() {
            try store?.perform(records)
            model.perform(records)
            if turn % 7 == 0 {
                store = nil
                store = try place.openLedger()
            }
            let restored = try #require(store).reader.restore(replayReach: 9_000)
            #expect(Snapshot(restored) == model.snapshot(maxLifetime: 9_000), "turn \(turn)")
        }
        #expect(try store?.integrityProblem() == nil)
    }

    @Test("changes nothing where records come again", arguments: 21...24 as ClosedRange<UInt64>)
    func repeated(seed: UInt64) throws {
        let history = try History(seed: seed, turnCount: 60)
        let store = try place.makeLedger(history.chain)
        for records in history.turns {
            try store.perform(records)
            let before = Snapshot(try store.reader.restore(replayReach: hour))
            try store.perform(records)
            #expect(Snapshot(try store.reader.restore(replayReach: hour)) == before)
        }
    }

    @Test("gives the ids of a lifetime, the block at its very beginning included")
    mutating func window() throws {
        let store = try place.makeLedger(chain)
        var ids: [[TransactionID]] = []
        for time in [1_000, 2_000, 3_000, 4_000] as [UInt64] {
            let final = try chain.next(2, time: time)
            ids.append(final.transactions)
            try store.perform([.final(final), .final(try chain.next(0, time: time + 1))])
        }
        let recent = try store.reader.restore(replayReach: 2_001).recent
        #expect(recent.map(\.transactions) == Array(ids[1...]))
        #expect(recent.map(\.timestamp) == [2_000, 3_000, 4_000].map { Timestamp($0) })
        #expect(try store.reader.restore(replayReach: 2_000).recent.count == 2)
        #expect(try store.reader.restore(replayReach: .max).recent.map(\.transactions) == ids)
        #expect(try store.reader.restore(replayReach: 0).recent.isEmpty)
    }

    @Test("keeps the newest own votes, whatever became final since")
    mutating func newestVote() throws {
        let store = try place.makeLedger(chain)
        let old = chain.vote(.nullify(View(2)))
        let newest = chain.vote(.nullify(View(4)))
        try store.perform([.vote(old), .vote(newest)])
        let final = try chain.next(view: 9)
        try store.perform([.certificate(chain.finalization(final.block)), .final(final)])
        #expect(try store.reader.restore(replayReach: hour).votes == [newest])
    }

    @Test("remembers what it was last told of lost votes")
    mutating func rejoin() throws {
        let store = try place.makeLedger(chain)
        #expect(try store.reader.restore(replayReach: hour).rejoin == nil)
        try store.perform([.rejoin(.required)])
        #expect(try store.reader.restore(replayReach: hour).rejoin == .required)
        let granted = Rejoin.granted(Epoch(0), firstView: View(9), proof: chain.nullification(6))
        try store.perform([.rejoin(granted)])
        #expect(try store.reader.restore(replayReach: hour).rejoin == granted)
        // Another view, in bytes that are a note like any other.
        let changed = Rejoin.granted(Epoch(0), firstView: View(8), proof: chain.nullification(6)).encoded
        for bytes in ["81", Hex.encode(changed)] {
            try store.execute("UPDATE note SET value = x'\(bytes)' WHERE name = 'rejoin'")
            #expect(throws: StorageError.self) { try store.reader.restore(replayReach: hour) }
        }
        // As an older program wrote it.
        try store.execute("DELETE FROM note WHERE name <> 'rejoin'")
        guard case .granted(_, View(8), _) = try store.reader.restore(replayReach: hour).rejoin else {
            Issue.record("a note without a checksum is not read")
            return
        }
    }

    @Test("keeps one pair of contradicting votes a validator and view, in their order")
    mutating func evidence() throws {
        let store = try place.makeLedger(chain)
        var pairs: [Equivocation] = []
        for view in [5, 3, 3] as [UInt64] {
            let votes = (0..<2).map { _ in chain.vote(.notarize(View(view), BlockID(chain.digest()))) }
            pairs.append(try #require(Equivocation(votes[0], votes[1])))
        }
        try store.perform(pairs.map { .evidence($0) })
        #expect(try store.reader.restore(replayReach: hour).evidence == Array(pairs.prefix(2)))
        try store.execute("UPDATE evidence SET signer = 7, bytes = x'80' WHERE view = 3")
        #expect(throws: StorageError.self) { try store.reader.restore(replayReach: hour) }
    }

    @Test("of the first version gets its new tables, and can be read without them")
    mutating func oldVersion() throws {
        let final = try chain.next(2)
        do {
            let store = try place.makeLedger(chain)
            try store.perform([.final(final)])
            for table in ["evidence", "commitment_block", "bare_block", "base_state"] {
                try store.execute("DROP TABLE \(table)")
            }
            try store.execute("PRAGMA user_version = 1")
            #expect(try store.reader.restore(replayReach: hour).evidence.isEmpty)
        }
        let store = try place.openLedger()
        let votes = (0..<2).map { _ in chain.vote(.notarize(View(8), BlockID(chain.digest()))) }
        let pair = try #require(Equivocation(votes[0], votes[1]))
        try store.perform([.evidence(pair)])
        let restored = try store.reader.restore(replayReach: hour)
        #expect(restored.evidence == [pair])
        #expect(restored.tip == final.block.header)
    }

    // MARK: - Refusing

    @Test("takes final blocks only one after the other")
    mutating func order() throws {
        let store = try place.makeLedger(chain)
        let first = try chain.next()
        let second = try chain.next()
        #expect(
            throws: StorageError.notNext(
                found: Height(2),
                expected: Height(1),
                reason: "blocks between are missing"
            )
        ) { try store.perform([.final(second)]) }
        #expect(throws: StorageError.stopped(path: place.file("node/ledger.sqlite"))) {
            try store.perform([.final(first)])
        }
    }

    @Test("takes no block of another chain")
    func otherChain() throws {
        let store = try place.makeLedger(chain)
        var other = try TestChain(seed: 2)
        let final = try other.next()
        #expect(
            throws: StorageError.notNext(
                found: Height(1),
                expected: Height(1),
                reason: "its parent is another block"
            )
        ) { try store.perform([.final(final)]) }
    }

    @Test("takes no second block at a height, and none on another parent")
    mutating func fork() throws {
        let store = try place.makeLedger(chain)
        var fork = try TestChain()
        let first = try chain.next(1)
        _ = try fork.next(2)
        try store.perform([.final(first)])
        do {
            var other = try TestChain()
            let final = try other.next(2)
            #expect(throws: StorageError.self) { try store.perform([.final(final)]) }
        }
        let child = try fork.next()
        #expect(throws: StorageError.self) { try place.reopened(store).perform([.final(child)]) }
    }

    @Test("leaves nothing of a turn that fails in its middle")
    mutating func atomic() throws {
        var store: LedgerStore? = try place.makeLedger(chain)
        try store?.perform([.final(try chain.next(2, changes: [LeafChange(path: "member/a", value: [1])]))])
        let before = Snapshot(try #require(store).reader.restore(replayReach: hour))
        let block = chain.candidate([try chain.transaction()])
        let changes = [LeafChange(path: "member/a", value: nil), LeafChange(path: "member/b", value: [2])]
        let turn: [Record] = [
            .block(block), .certificate(chain.notarization(block)),
            .vote(chain.vote(.notarize(View(2), block.id))),
            .final(try chain.finalize(block, changes: changes)), .vote(chain.vote(.nullify(View(3)))),
            .vote(chain.vote(.finalize(View(3), block.id, logRoot: .zero))),
        ]
        #expect(throws: StorageError.self) { try store?.perform(turn) }
        #expect(Snapshot(try #require(store).reader.restore(replayReach: hour)) == before)
        store = nil
        #expect(Snapshot(try place.openLedger().reader.restore(replayReach: hour)) == before)
    }

    @Test("lets no own vote out that contradicts a stored one", arguments: Contradiction.allCases)
    mutating func contradiction(_ contradiction: Contradiction) throws {
        let store = try place.makeLedger(chain)
        let (one, two) = (chain.candidate([try chain.transaction()], view: 5), chain.candidate(view: 5))
        let view = View(5)
        let (stored, next): (Record, Record) =
            switch contradiction {
            case .twoNotarizes:
                (.vote(chain.vote(.notarize(view, one.id))), .vote(chain.vote(.notarize(view, two.id))))
            case .twoFinalizes:
                (
                    .vote(chain.vote(.finalize(view, one.id, logRoot: .zero))),
                    .vote(chain.vote(.finalize(view, two.id, logRoot: .zero)))
                )
            case .finalizeThenNullify:
                (
                    .vote(chain.vote(.finalize(view, one.id, logRoot: .zero))),
                    .vote(chain.vote(.nullify(view)))
                )
            case .nullifyThenFinalize:
                (
                    .vote(chain.vote(.nullify(view))),
                    .vote(chain.vote(.finalize(view, one.id, logRoot: .zero)))
                )
            case .nullifyThenNotarize:
                (.vote(chain.vote(.nullify(view))), .vote(chain.vote(.notarize(view, one.id))))
            case .twoProposals: (.proposal(chain.proposal(one)), .proposal(chain.proposal(two)))
            case .proposalThenNotarize:
                (.proposal(chain.proposal(one)), .vote(chain.vote(.notarize(view, two.id))))
            case .nullifyThenProposal: (.vote(chain.vote(.nullify(view))), .proposal(chain.proposal(one)))
            }
        try store.perform([stored])
        let error = #expect(throws: StorageError.self) { try store.perform([next]) }
        guard case .contradictingVote(Epoch(0), View(5), _) = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
    }

    enum Contradiction: CaseIterable {
        case twoNotarizes, twoFinalizes, finalizeThenNullify, nullifyThenFinalize, nullifyThenNotarize
        case twoProposals, proposalThenNotarize, nullifyThenProposal
    }

    @Test("takes the votes that may follow each other in a view, and the same one again")
    mutating func votesInOrder() throws {
        let store = try place.makeLedger(chain)
        let block = chain.candidate(view: 5)
        let notarize = chain.vote(.notarize(View(5), block.id))
        let nullify = chain.vote(.nullify(View(5)))
        try store.perform([.proposal(chain.proposal(block)), .vote(notarize)])
        try store.perform([.vote(nullify)])
        try store.perform([.vote(notarize), .vote(nullify)])
        #expect(try store.reader.restore(replayReach: hour).votes == [notarize, nullify])
    }
}

extension TestFolder {
    /// A second store beside one that refuses to write, as after a restart of the process.
    fileprivate func reopened(_ store: LedgerStore) throws -> LedgerStore {
        try LedgerStore.open(in: store.folder)
    }
}
