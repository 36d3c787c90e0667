import Foundation
import JalonModel
import Testing

@testable import JalonStorage

@Suite("A ledger after a crash")
struct CrashTests {
    private let place: TestFolder
    private let lifetime: UInt64 = 9_000

    init() throws { place = try TestFolder() }

    private func restored(_ folder: String) throws -> Snapshot {
        let store = try LedgerStore.open(in: DataFolder(opening: place.file(folder)))
        return Snapshot(try store.reader.restore(replayReach: lifetime))
    }

    @Test("has every turn that was performed, without having been closed", arguments: [31, 32] as [UInt64])
    func killed(seed: UInt64) throws {
        let history = try History(seed: seed, turnCount: 40)
        let store = try place.makeLedger(history.chain)
        var model = LedgerModel()
        for (turn, records) in history.turns.enumerated() {
            try store.perform(records)
            model.perform(records)
            guard turn % 3 == 0 else { continue }
            try place.copyFiles(to: "copy-\(turn)")
            #expect(try restored("copy-\(turn)") == model.snapshot(maxLifetime: lifetime), "turn \(turn)")
        }
    }

    @Test("has whole turns and no part of one, wherever its log was cut", arguments: [41, 42] as [UInt64])
    func cutLog(seed: UInt64) throws {
        let history = try History(seed: seed, turnCount: 24)
        let store = try place.makeLedger(history.chain)
        var model = LedgerModel()
        var states = [model.snapshot(maxLifetime: lifetime)]
        for records in history.turns {
            try store.perform(records)
            model.perform(records)
            states.append(model.snapshot(maxLifetime: lifetime))
        }
        let log = try readBytes(place.file("node/ledger.sqlite-wal"))
        var random = SeededGenerator(seed: seed)
        var reached = 0
        for (number, length) in (0..<24).map({ _ in Int.random(in: 0...log.count, using: &random) }).sorted()
            .enumerated()
        {
            try place.copyFiles(to: "cut-\(number)")
            try writeBytes(Array(log.prefix(length)), to: place.file("cut-\(number)/ledger.sqlite-wal"))
            let snapshot = try restored("cut-\(number)")
            let turn = try #require(states.lastIndex(of: snapshot), "a state that no turn left: \(snapshot)")
            #expect(turn >= reached, "a longer log reaches no less far")
            reached = turn
        }
        #expect(reached > 0)
    }

    @Test("goes on where it stopped")
    func goesOn() throws {
        let history = try History(seed: 51, turnCount: 40)
        var model = LedgerModel()
        do {
            let store = try place.makeLedger(history.chain)
            for records in history.turns.prefix(20) {
                try store.perform(records)
                model.perform(records)
            }
            try place.copyFiles(to: "copy")
        }
        let store = try LedgerStore.open(in: DataFolder(opening: place.file("copy")))
        for records in history.turns.dropFirst(20) {
            try store.perform(records)
            model.perform(records)
        }
        #expect(
            Snapshot(try store.reader.restore(replayReach: lifetime)) == model.snapshot(maxLifetime: lifetime)
        )
    }
}

@Suite("A ledger on a full disk")
struct FullDiskTests {
    private let place: TestFolder
    private var chain: TestChain

    init() throws {
        place = try TestFolder()
        chain = try TestChain()
    }

    @Test("keeps what it had, says so, and writes nothing more")
    mutating func full() throws {
        let path = place.file("node/ledger.sqlite")
        var store: LedgerStore? = try place.makeLedger(chain)
        try store?.perform([.final(try chain.next(3, changes: [LeafChange(path: "member/a", value: [1])]))])
        let before = Snapshot(try #require(store).reader.restore(replayReach: 10_000))
        try store?.limitPages(to: 1)
        let block = chain.candidate(try [chain.transaction(byteCount: 60_000)])
        #expect(throws: StorageError.diskFull(path: path)) {
            try store?.perform([.vote(chain.vote(.nullify(View(1)))), .block(block)])
        }
        try store?.limitPages(to: 1_000_000)
        #expect(throws: StorageError.stopped(path: path)) {
            try store?.perform([.vote(chain.vote(.nullify(View(1))))])
        }
        #expect(throws: StorageError.stopped(path: path)) { try store?.perform([.rejoin(.required)]) }
        #expect(Snapshot(try #require(store).reader.restore(replayReach: 10_000)) == before)
        store = nil
        store = try place.openLedger()
        #expect(Snapshot(try #require(store).reader.restore(replayReach: 10_000)) == before)
        try store?.perform([.block(block)])
    }
}
