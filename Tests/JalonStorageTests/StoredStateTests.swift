import Foundation
import JalonCrypto
import JalonModel
import Testing

@testable import JalonStorage

/// It begins with a = 1, b = 2 and c = 3; since then b was changed, c is gone and d came.
@Suite("The state of a ledger that begins later")
struct StoredStateTests {
    private let place: TestFolder
    private let store: LedgerStore

    private static let leaves = [("a", 1), ("b", 9), ("d", 4)].map { leaf($0, $1) }

    private static func leaf(_ path: String, _ value: UInt8?) -> LeafChange {
        LeafChange(path: path, value: value.map { [$0] })
    }

    init() throws {
        place = try TestFolder()
        store = try place.makeLedger(TestChain())
        let base = LedgerBase(height: Height(3), stateHeight: Height(5), frontier: MerkleFrontier())
        try store.write { database in
            try database.run(
                "INSERT INTO meta (name, value) VALUES (?, ?)",
                [LedgerBase.name, Data(base.encoded)]
            )
        }
        try store.execute(
            """
            INSERT INTO base_state VALUES ('a', x'01'), ('b', x'02'), ('c', x'03');
            INSERT INTO state VALUES ('b', x'09'), ('c', x''), ('d', x'04');
            """
        )
    }

    /// What `state` itself holds.
    private func rows(_ store: LedgerStore) throws -> [String: [UInt8]] {
        var rows: [String: [UInt8]] = [:]
        try store.reader.read { database in
            try database.each("state", "SELECT path, value FROM state") { row in
                rows[try row.text(0)] = try row.bytes(1)
                return true
            }
        }
        return rows
    }

    private func expectLeaves(_ expected: [LeafChange], of store: LedgerStore) throws {
        var leaves: [LeafChange] = []
        _ = try store.reader.eachLeaf { leaves.append($0) }
        #expect(leaves == expected)
        #expect(try store.reader.restore(replayReach: 0).leaves == expected)
        var batches: [LeafChange] = []
        _ = try store.reader.restore(replayReach: 0) { batch in
            for index in 0..<batch.count {
                let (path, value) = batch[index]
                batches.append(LeafChange(path: String(decoding: path, as: UTF8.self), value: Array(value)))
            }
        }
        #expect(batches == expected)
        for path in ["a", "b", "c", "d", "e"] {
            #expect(try store.reader.leaf(at: path) == expected.first { $0.path == path }?.value, "\(path)")
        }
        #expect(try store.reader.read { try $0.leafCount() } == UInt64(expected.count))
    }

    @Test("is what it began with, under what differs since")
    func read() throws {
        try expectLeaves(Self.leaves, of: store)
        var before: [LeafChange] = []
        try store.reader.read { database in
            try database.eachBaseLeaf {
                before.append($0)
                return true
            }
        }
        #expect(before == [Self.leaf("a", 1), Self.leaf("b", 2), Self.leaf("c", 3)])
    }

    @Test("takes changes, of leaves that it began with and of others")
    func changed() throws {
        try store.write { database in
            try database.write(changes: [Self.leaf("a", nil), Self.leaf("d", nil), Self.leaf("e", nil)])
        }
        try expectLeaves([Self.leaf("b", 9)], of: store)
        #expect(try rows(store) == ["a": [], "b": [9], "c": []])
        try store.write { database in
            try database.write(changes: [Self.leaf("a", 7), Self.leaf("c", 3), Self.leaf("e", 5)])
        }
        let expected = [Self.leaf("a", 7), Self.leaf("b", 9), Self.leaf("c", 3), Self.leaf("e", 5)]
        try expectLeaves(expected, of: store)
    }

    @Test("is made anew as what differs, whatever stood there")
    func replaced() throws {
        try store.execute("UPDATE state SET value = x'77'; INSERT INTO state VALUES ('z', x'')")
        try store.write { try $0.replaceState(by: Self.leaves) }
        #expect(try rows(store) == ["b": [9], "c": [], "d": [4]])
        try expectLeaves(Self.leaves, of: store)
    }

    @Test(
        "that an older program wrote is read as it is, and holds what differs once it was brought up to date"
    )
    func older() throws {
        let full = "DELETE FROM state; INSERT INTO state VALUES ('a', x'01'), ('b', x'09'), ('d', x'04')"
        try store.execute("\(full); PRAGMA user_version = 5")
        try expectLeaves(Self.leaves, of: store)
        try store.write { try Schema.migrate($0, path: place.path) }
        #expect(try rows(store) == ["b": [9], "c": [], "d": [4]])
        try expectLeaves(Self.leaves, of: store)
    }

    @Test("is all in one table where the ledger holds every block")
    func whole() throws {
        try store.execute("DELETE FROM meta WHERE name = 'base'; DELETE FROM base_state; DELETE FROM state")
        try store.write { try $0.write(changes: Self.leaves + [Self.leaf("a", nil)]) }
        try expectLeaves(Array(Self.leaves.dropFirst()), of: store)
        #expect(try rows(store) == ["b": [9], "d": [4]])
        try store.write { try $0.replaceState(by: Self.leaves) }
        #expect(try rows(store) == ["a": [1], "b": [9], "d": [4]])
    }
}
