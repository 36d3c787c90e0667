import Foundation
import JalonModel
import Testing

@testable import JalonStorage

@Suite("A damaged ledger")
struct DamageTests {
    private let place: TestFolder
    private let history: History
    private let size: Int

    init() throws {
        place = try TestFolder()
        history = try History(seed: 61, turnCount: 60)
        let store = try place.makeLedger(history.chain)
        for records in history.turns { try store.perform(records) }
        try store.close()
        size = try readBytes(place.file("node/ledger.sqlite")).count
    }

    /// Everything that a node and a verifier read.
    private func readAll() throws {
        let store = try place.openLedger()
        let restored = try store.reader.restore(replayReach: 1_000_000)
        _ = try store.reader.genesis()
        let blocks = try store.reader.blocks(from: Height(1), count: 1_000, byteLimit: .max)
        for id in restored.recent.flatMap(\.transactions) { _ = try store.reader.location(of: id) }
        for block in blocks { _ = try store.reader.block(block.block.id) }
        let views = View(0)...View(1_000)
        _ = try store.reader.certificates(in: Epoch(0), views: views, count: 10_000)
        _ = try store.reader.leafHashes(in: 0..<1_000)
        _ = try store.reader.eachLeaf { _ in }
    }

    private func damage(_ body: (inout [UInt8]) -> Void) throws {
        let path = place.file("node/ledger.sqlite")
        var bytes = try readBytes(path)
        body(&bytes)
        try writeBytes(bytes, to: path)
    }

    @Test("is opened while it is whole, and nothing is found")
    func whole() throws {
        try readAll()
        let reader = try place.openLedger().reader
        #expect(try reader.structureProblem() == nil)
        #expect(try reader.indexProblem(known: AuditedBlocks()) == nil)
    }

    @Test("is named damaged where its header is flipped, with what to run", arguments: [0, 5, 15, 68, 70])
    func header(offset: Int) throws {
        try damage { $0[offset] ^= 0xFF }
        let error = #expect(throws: StorageError.self) { try place.openLedger() }
        guard case .corrupt = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(error?.description.contains("jalon node resync") == true)
    }

    @Test("is named damaged where it is cut short", arguments: [50, 99, 100, 4_000, 4_096, 10_000, 40_000])
    func cut(length: Int) throws {
        try damage { $0.removeLast(max(0, $0.count - length)) }
        let error = #expect(throws: StorageError.self) { try readAll() }
        guard case .corrupt = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
    }

    @Test("gives an error or the same answer where any byte is flipped, and never traps")
    func flipped() throws {
        let path = place.file("node/ledger.sqlite")
        let whole = try readBytes(path)
        var random = SeededGenerator(seed: 62)
        var found = 0
        for _ in 0..<150 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(
                    in: 1...255,
                    using: &random
                )
            }
            try writeBytes(bytes, to: path)
            do { try readAll() } catch is StorageError { found += 1 }
            for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        }
        #expect(found > 30, "the checksums find most of it: \(found) of 150")
    }

    @Test(
        "names the table of a row that was changed",
        arguments: [
            ("UPDATE block SET body = zeroblob(length(body)) WHERE length(body) > 1", "block"),
            ("UPDATE block SET header = zeroblob(length(header))", "block"),
            ("UPDATE recent_transactions SET ids = zeroblob(length(ids))", "recent_transactions"),
            (
                "DELETE FROM recent_transactions WHERE log_size = (SELECT max(log_size) FROM chain)",
                "recent_transactions"
            ),
            ("UPDATE vote SET bytes = zeroblob(length(bytes))", "vote"),
            ("UPDATE certificate SET bytes = zeroblob(length(bytes))", "certificate"),
            ("UPDATE finalization SET bytes = zeroblob(length(bytes))", "finalization"),
            ("UPDATE meta SET value = zeroblob(40) WHERE name = 'frontier'", "meta"),
            // The frontier of an empty log.
            ("UPDATE meta SET value = x'820080' WHERE name = 'frontier'", "meta"),
            ("UPDATE chain SET log_size = log_size + 1", "chain"),
        ]
    )
    func rows(sql: String, table: String) throws {
        do { try place.openLedger().execute(sql) }
        let error = #expect(throws: StorageError.self) { try readAll() }
        guard case .damaged(table, _, _) = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
    }

    @Test(
        "names the row of the recent transactions whose time is not its block's, and how to mend it",
        arguments: ["max", "min"],
        [-1_000_000_000, -1, 1, 1_000_000_000]
    )
    func recentTimes(end: String, added: Int) throws {
        let store = try place.openLedger()
        let reach: UInt64 = 20_000
        let whole = try store.reader.restore(replayReach: reach)
        let row = "(SELECT \(end)(log_size) FROM recent_transactions WHERE time >= \(try oldest(whole)))"
        try store.execute("UPDATE recent_transactions SET time = time + \(added) WHERE log_size = \(row)")
        // The oldest that is still wanted is not held against its block; full and quick checks do that.
        if end == "min", abs(added) == 1 { return }
        let error = #expect(throws: StorageError.self) { try store.reader.restore(replayReach: reach) }
        guard case .damaged("recent_transactions", let key, _) = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(key.hasPrefix("log size "))
        #expect(error?.description.contains("jalon index rebuild") == true)
    }

    private func oldest(_ restored: RestoredLedger) throws -> UInt64 {
        let times = restored.recent.map(\.timestamp.value)
        #expect(times.count > 3, "there are rows between the ends")
        return try #require(times.first)
    }

    @Test("gives no shorter window where its oldest rows are gone")
    func recentRows() throws {
        let store = try place.openLedger()
        let count = try store.reader.restore(replayReach: .max).recent.count
        try store.execute(
            "DELETE FROM recent_transactions WHERE log_size = (SELECT min(log_size) FROM recent_transactions)"
        )
        #expect(count > 3)
        #expect(throws: StorageError.self) { try store.reader.restore(replayReach: .max) }
    }

    @Test("is not opened where its genesis was changed")
    func genesis() throws {
        do { try place.openLedger().execute("UPDATE meta SET value = x'00' WHERE name = 'genesis'") }
        let error = #expect(throws: StorageError.self) { try place.openLedger() }
        guard case .damaged("meta", "genesis", _) = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
    }

    @Test("is none where the file belongs to another program, which is left as it is")
    func foreign() throws {
        do { try place.openLedger().execute("PRAGMA application_id = 7") }
        let path = place.file("node/ledger.sqlite")
        let before = try readBytes(path)
        #expect(throws: StorageError.corrupt(path: path, reason: "an SQLite file, but not a ledger's")) {
            try place.openLedger()
        }
        #expect(try readBytes(path) == before)
    }

    @Test("gets its indexes back from the blocks, and its state from who executed them")
    func rebuilt() throws {
        let store = try place.openLedger()
        let ids = try store.reader.restore(replayReach: .max).recent.flatMap(\.transactions)
        let before = try ids.map { try store.reader.location(of: $0) }
        #expect(!before.isEmpty && before.allSatisfy { $0 != nil })
        try store.execute("DELETE FROM transaction_place")
        #expect(try ids.allSatisfy { try store.reader.location(of: $0) == nil })
        let whole = Snapshot(try store.reader.restore(replayReach: .max))
        try store.execute("DELETE FROM recent_transactions; DELETE FROM state")
        try store.rebuild(state: whole.leaves, frontier: #require(whole.frontier))
        #expect(try ids.map { try store.reader.location(of: $0) } == before)
        #expect(Snapshot(try store.reader.restore(replayReach: .max)) == whole)
    }
}
