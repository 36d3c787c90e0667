import Foundation
import JalonModel
import Testing

@testable import JalonStorage

@Suite("A ledger is backed up")
struct BackupTests {
    private let place: TestFolder
    private let store: LedgerStore
    private let out: String

    init() throws {
        place = try TestFolder()
        var chain = try TestChain()
        store = try place.makeLedger(chain)
        for _ in 0..<40 { try store.perform([.final(try chain.next(3))]) }
        out = place.file("copy.sqlite")
    }

    /// The backup as a ledger of its own.
    private func opened() throws -> LedgerStore {
        let folder = try DataFolder(creating: place.file("again"))
        try LedgerReplacement.copy(out, into: folder)
        return try LedgerStore.open(in: folder, expecting: store.identity)
    }

    @Test("beside its writer, into one file that holds what the ledger held and no more")
    func whole() throws {
        let reader = try LedgerReader.open(readOnly: place.file("node"))
        var told: [UInt64] = []
        let backup = try reader.backUp(to: out) { done, total in told.append(total - done) }
        #expect(backup.identity == store.identity)
        #expect(backup.height == Height(40))
        #expect(backup.byteCount == UInt64(try readBytes(out).count))
        #expect(told.last == 0)
        #expect(try mode(of: out) == 0o600)
        // Bytes 18 and 19 of an SQLite file are 2 where it needs a write-ahead log.
        #expect(try readBytes(out)[18...19] == [1, 1])
        let names = try FileManager.default.contentsOfDirectory(atPath: place.path)
        #expect(names.sorted() == ["copy.sqlite", "node"])
        let copy = try opened()
        #expect(try copy.integrityProblem() == nil)
        #expect(
            Snapshot(try copy.reader.restore(replayReach: .max))
                == Snapshot(try store.reader.restore(replayReach: .max))
        )
    }

    @Test("as it stood when the backup began, whatever is written meanwhile")
    func snapshot() throws {
        var chain = try TestChain(seed: 2)
        let store = try LedgerStore.create(
            in: DataFolder(creating: place.file("other")),
            genesis: chain.genesis,
            identity: chain.identity
        )
        // Enough for several steps.
        for _ in 0..<30 { try store.perform([.final(try chain.next(400))]) }
        let reader = try LedgerReader.open(readOnly: place.file("other"))
        var steps = 0
        let backup = try reader.backUp(to: out) { _, _ in
            steps += 1
            #expect(throws: Never.self) { try store.perform([.final(try chain.next(100))]) }
        }
        #expect(steps > 3)
        #expect(backup.height == Height(30))
        #expect(try store.reader.finalHeight() == Height(30 + UInt64(steps)))
        let folder = try DataFolder(creating: place.file("again"))
        try LedgerReplacement.copy(out, into: folder)
        let copy = try LedgerStore.open(in: folder)
        #expect(try copy.integrityProblem() == nil)
        #expect(try copy.reader.finalHeight() == Height(30))
    }

    @Test("when its node stands still, too")
    func still() throws {
        try store.close()
        let backup = try LedgerReader.open(readOnly: place.file("node")).backUp(to: out)
        #expect(backup.height == Height(40))
        #expect(try opened().reader.finalHeight() == Height(40))
    }

    @Test("over what a backup left that was cut off")
    func cutOff() throws {
        try writeBytes(Array("half a backup".utf8), to: out + ".part")
        #expect(try store.reader.backUp(to: out).height == Height(40))
        #expect(try opened().reader.finalHeight() == Height(40))
    }

    @Test("never over a file")
    func exists() throws {
        try writeBytes([7], to: out)
        #expect(throws: BackupError.exists(path: out)) { try store.reader.backUp(to: out) }
        #expect(try readBytes(out) == [7])
    }

    @Test("by one process at a time")
    func twice() throws {
        let other = try OpenFile(out + ".part", for: .updating)
        #expect(try other.lock(.exclusive))
        #expect(throws: BackupError.beingWritten(path: out + ".part")) { try store.reader.backUp(to: out) }
        #expect(try !OpenFile.isThere(out))
    }

    @Test("only where there is a folder for it, and nothing is left behind otherwise")
    func nowhere() throws {
        #expect(throws: BackupError.self) { try store.reader.backUp(to: place.file("nowhere/copy")) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == ["node"])
    }
}

@Suite("A ledger is put in another's place")
struct ReplacementTests {
    private let place: TestFolder
    private let old: TestChain
    private let new: TestChain
    private let folder: DataFolder

    init() throws {
        place = try TestFolder()
        (old, new) = (try TestChain(seed: 1), try TestChain(seed: 2))
        do {
            var chain = old
            let store = try place.makeLedger(chain)
            try store.perform([.final(try chain.next(2))])
            try store.close()
        }
        folder = try DataFolder(opening: place.file("node"))
    }

    private func makeNew(_ incoming: DataFolder) throws -> LedgerStore {
        try LedgerStore.create(in: incoming, genesis: new.genesis, identity: new.identity)
    }

    private func names(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    @Test("and the one before lies in a folder of its own, whole")
    func replaced() throws {
        let aside = try #require(try LedgerReplacement.run(in: folder, makeNew))
        #expect(try LedgerStore.open(in: folder).identity == new.identity)
        #expect(try mode(of: aside) == 0o700)
        let before = try LedgerReader.open(readOnly: aside)
        #expect(before.identity == old.identity)
        #expect(try before.finalHeight() == Height(1))
    }

    @Test("and where there was none, nothing is put aside")
    func none() throws {
        let empty = try DataFolder(creating: place.file("empty"))
        #expect(try !LedgerReplacement.isThere(in: empty))
        #expect(try LedgerReplacement.run(in: empty, makeNew) == nil)
        #expect(try LedgerReplacement.isThere(in: empty))
        #expect(try LedgerStore.open(in: empty).identity == new.identity)
        #expect(try names(empty.path).filter { !$0.hasPrefix("ledger.sqlite") } == ["lock"])
    }

    @Test("or stands where it stood when the new one can't be made")
    func failed() throws {
        struct Refused: Error {}
        #expect(throws: Refused.self) {
            try LedgerReplacement.run(in: folder) { incoming in
                try makeNew(incoming).close()
                throw Refused()
            }
        }
        #expect(try names(folder.path).filter { !$0.hasPrefix("ledger.sqlite") } == ["lock"])
        #expect(try LedgerStore.open(in: folder).identity == old.identity)
    }

    @Test(
        "by the next opening, where a crash came between two steps",
        arguments: [[], ["ledger.sqlite"], ["ledger.sqlite", "ledger.sqlite-wal"]]
    )
    func crash(moved: [String]) throws {
        // What `run` does before the crash: the new one has its name, and some of the old files lie aside.
        try writeBytes([], to: folder.file("ledger.sqlite-wal"))
        let incoming = try DataFolder(creating: folder.file("incoming"))
        try makeNew(incoming).close()
        try OpenFile.move(incoming.file("ledger.sqlite"), to: folder.file(LedgerReplacement.nextName))
        try OpenFile.createFolder(folder.file("aside"))
        for name in moved { try OpenFile.move(folder.file(name), to: folder.file("aside/\(name)")) }
        #expect(try LedgerReplacement.isThere(in: folder))
        let store = try LedgerStore.open(in: folder)
        #expect(store.identity == new.identity)
        #expect(try !OpenFile.isThere(folder.file(LedgerReplacement.nextName)))
    }

    @Test("and the one before stays whole, wherever the crash came", arguments: 0...4)
    func crashAside(step: Int) throws {
        var chain = old
        _ = try chain.next(2)
        // Its last block stands in the write-ahead log alone.
        do {
            let store = try LedgerStore.open(in: folder)
            try store.perform([.final(try chain.next(1))])
            for name in ["ledger.sqlite", "ledger.sqlite-wal"] {
                try writeBytes(readBytes(folder.file(name)), to: place.file(name))
            }
            try store.close()
        }
        for name in ["ledger.sqlite", "ledger.sqlite-wal"] {
            try writeBytes(readBytes(place.file(name)), to: folder.file(name))
        }
        let incoming = try DataFolder(creating: folder.file("incoming"))
        try makeNew(incoming).close()
        let (next, aside) = (
            folder.file(LedgerReplacement.nextName), folder.file(LedgerReplacement.asideName)
        )
        try OpenFile.move(incoming.file("ledger.sqlite"), to: next)
        // The steps, as far as they came.
        let steps: [() throws -> Void] = [
            { try OpenFile.createFolder(aside) },
            { try OpenFile.move(folder.file("ledger.sqlite"), to: "\(aside)/ledger.sqlite") },
            { try OpenFile.move(folder.file("ledger.sqlite-wal"), to: "\(aside)/ledger.sqlite-wal") },
            { try OpenFile.move(next, to: folder.file("ledger.sqlite")) },
        ]
        for done in steps.prefix(step) { try done() }

        let store = try LedgerStore.open(in: folder)
        #expect(store.identity == new.identity)
        let before = try names(folder.path).filter { $0.hasPrefix("ledger-until-") }
        #expect(before.count == 1)
        let path = try #require(before.first.map(folder.file))
        #expect(store.before == path, "whoever opens it is told")
        #expect(try LedgerReader.open(readOnly: path).finalHeight() == Height(2))
        #expect(try !OpenFile.isThere(aside) && !OpenFile.isThere(next))
        try store.close()
        #expect(try LedgerStore.open(in: folder).before == nil)
    }

    @Test("but not by a file that is missing, or none")
    func noBackup() throws {
        let incoming = try DataFolder(creating: place.file("incoming"))
        let path = place.file("nothing")
        #expect(throws: StorageError.noBackup(path: path)) {
            try LedgerReplacement.copy(path, into: incoming)
        }
        #expect(throws: StorageError.noBackup(path: place.path)) {
            try LedgerReplacement.copy(place.path, into: incoming)
        }
    }
}
