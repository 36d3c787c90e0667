import Foundation
import JalonCrypto
import JalonModel
import JalonState
import Testing

@testable import JalonNode
@testable import JalonStorage

@Suite("A stopped node's ledger is archived")
struct ArchiveTests {
    private let stopped: StoppedLedger

    init() throws { stopped = try StoppedLedger() }

    @Test("and keeps header, seal, hashes and ids of each block that loses its body")
    func kept() async throws {
        let report = try await stopped.archive()
        #expect(report.dropped?.first == Height(1) && report.dropped?.last == Height(8))
        #expect(report.dropped?.transactionCount == 14 && report.firstBlock == Height(9))
        #expect(report.height == Height(14) && report.fileByteCount == nil)

        let reader = try stopped.reader
        #expect(try reader.base()?.height == Height(8))
        #expect(try reader.archived()?.first == Height(1))
        #expect(try reader.finalHeight() == Height(14))
        for height in 1...8 {
            #expect(try reader.block(at: Height(UInt64(height))) == nil)
            #expect(try reader.header(at: Height(UInt64(height))) == stopped.block(height).header)
            let sealed = height == 3 ? 4 : height
            #expect(
                try reader.finalization(atOrAbove: Height(UInt64(height)))?.1
                    == stopped.ledger.certificate(for: stopped.block(sealed))
            )
        }
        #expect(try reader.block(at: Height(9)) == stopped.block(9))
        #expect(try reader.leafHashes(in: 0..<100) == stopped.leaves)
        #expect(try reader.leafHashes(in: 5..<17) == Array(stopped.leaves[5..<17]))
        let old = try Transaction(bytes: stopped.block(6).transactions[1])
        #expect(try reader.transaction(old.id) == nil)
        let archived = try #require(try reader.archivedTransaction(old.id))
        #expect(archived.leaf == old.leaf && archived.location.logIndex == 9)
        #expect(archived.location.height == Height(6) && archived.location.position == 1)
        #expect(archived.transaction(old.bytes)?.bytes == old.bytes)
        #expect(archived.transaction(stopped.block(6).transactions[0]) == nil)
        let held = try Transaction(bytes: stopped.block(9).transactions[0])
        #expect(try reader.archivedTransaction(held.id) == nil)
        #expect(try reader.transaction(held.id)?.location.logIndex == 14)
        #expect(try reader.restore(replayReach: 60_000).tip == stopped.block(14).header)
        let names = try FileManager.default.contentsOfDirectory(atPath: stopped.data)
        #expect(names.allSatisfy { ["lock", "ledger.sqlite"].contains($0) }, "\(names)")
    }

    @Test("and holds no leaf of its state twice, nor after it was rebuilt, nor archived again")
    func stateOnce() async throws {
        func counts() throws -> (base: UInt64, changed: UInt64, all: UInt64, same: UInt64) {
            try stopped.reader.read { database in
                func count(_ rows: String) throws -> UInt64 {
                    try database.first("state", "SELECT count(*) FROM \(rows)")?.count(0) ?? 0
                }
                return (
                    try count("base_state"), try count("state"), try database.leafCount(),
                    try count("state JOIN base_state USING (path) WHERE state.value = base_state.value")
                )
            }
        }
        let whole = try counts()
        #expect(whole.base == 0 && whole.changed == whole.all)
        try await stopped.archive(.blocks(10))
        // The plans of the blocks after the one whose state it begins with, two in each.
        let start = try #require(try stopped.reader.base()?.stateHeight.value)
        for _ in 0..<2 {
            let now = try counts()
            #expect(now.all == whole.all && now.same == 0 && now.base + now.changed == whole.all)
            #expect(now.changed == 2 * (14 - start))
            try stopped.change {
                try $0.execute("DELETE FROM state; DELETE FROM meta WHERE name = 'frontier'")
            }
            _ = try await IndexRebuild.run(in: stopped.data, genesis: stopped.ledger.genesis)
        }
        try await stopped.archive(.blocks(6))
        let again = try counts()
        let later = try #require(try stopped.reader.base()?.stateHeight.value)
        #expect(later > start && again.changed == 2 * (14 - later) && again.same == 0)
        #expect(again.base + again.changed == whole.all)
        #expect(try await stopped.verified().height == Height(14))
    }

    @Test("which every table of the file takes part in")
    func tables() throws {
        var names: Set<String> = []
        try stopped.change { store in
            try store.reader.read { database in
                try database.each("schema", "SELECT name FROM sqlite_schema WHERE type = 'table'") { row in
                    names.insert(try row.text(0))
                    return true
                }
            }
        }
        #expect(names == Set(LedgerArchive.copiedTables + LedgerArchive.otherTables))
    }

    @Test("and verifies: links, hashes and seals of what was dropped, everything of the rest")
    func verified() async throws {
        let whole = try await stopped.verified()
        try await stopped.archive()
        let report = try await stopped.verified()
        #expect(report.height == whole.height && report.head == whole.head)
        #expect(report.stateRoot == whole.stateRoot && report.logRoot == whole.logRoot)
        let start = try #require(report.start)
        // The first block whose window leaves block 8 behind.
        #expect(start.source == .ledger && start.firstBlock == Height(9) && start.height == Height(11))
        #expect(start.signers.count == 3)
        let archive = try #require(start.archive)
        #expect(archive.first == Height(1) && archive.last == Height(8))
        #expect(archive.transactionCount == 14 && archive.certificateCount == 7)
        let quick = try await LedgerVerifier(stopped.reader).verifyQuickly()
        #expect(quick.head == whole.head && quick.start?.archive?.last == Height(8))
        #expect(quick.start?.archive?.certificateCount == nil)
    }

    @Test(
        "but never inside the replay window, whatever is asked for, and only as far as a block is sealed",
        arguments: [
            (ArchiveSetup.Kept.blocks(0), UInt64(11)), (.from(Height(100)), 11), (.days(0), 11),
            (.from(Height(4)), 2), (.from(Height(5)), 4), (.blocks(13), 1),
        ]
    )
    func limits(kept: ArchiveSetup.Kept, last: UInt64) async throws {
        #expect(try await stopped.archive(kept).dropped?.last == Height(last))
        #expect(try await stopped.verified().height == Height(14))
    }

    @Test(
        "and where nothing is old enough, nothing changes",
        arguments: [
            ArchiveSetup.Kept.days(1), .blocks(14), .blocks(.max), .from(Height(1)), .from(Height(0)),
        ]
    )
    func nothing(kept: ArchiveSetup.Kept) async throws {
        #expect(try await stopped.archive(kept, .file(stopped.file)).dropped == nil)
        #expect(try await stopped.verified().start == nil)
        #expect(!FileManager.default.fileExists(atPath: stopped.file))
    }

    @Test("whose bodies go into a file that verifies, and goes on into the folder")
    func file() async throws {
        let report = try await stopped.archive(.blocks(6), .file(stopped.file))
        let size = try FileManager.default.attributesOfItem(atPath: stopped.file)[.size] as? UInt64
        #expect(report.fileByteCount == size)
        let file = try ExportedLedger(path: stopped.file)
        #expect(try await LedgerVerifier(source: file).verify().height == Height(8))
        let both = try await LedgerVerifier(stopped.reader, archive: file).verify()
        #expect(both.height == Height(14) && both.start == nil && both.signatureCount > 26)
    }

    @Test("again and again into one file, which is as if it had been archived at once")
    func growing() async throws {
        try await stopped.archive(.blocks(10), .file(stopped.file))
        let second = try await stopped.archive(.blocks(6), .file(stopped.file))
        #expect(second.dropped?.first == Height(5) && second.dropped?.last == Height(8))
        #expect(second.dropped?.transactionCount == 6)
        let other = try StoppedLedger()
        try await other.archive(.blocks(6), .file(other.file))
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: stopped.file))
                == Data(contentsOf: URL(fileURLWithPath: other.file))
        )
        #expect(try await stopped.verified() == other.verified())
        #expect(try stopped.reader.archived() == other.reader.archived())
        #expect(try stopped.reader.leafHashes(in: 0..<100) == stopped.leaves)
        // Nothing more to drop: the file stays as it is.
        #expect(try await stopped.archive(.blocks(6), .file(stopped.file)).dropped == nil)
    }

    @Test("but into no file that leaves blocks out, is another ledger's, or damaged")
    func refused() async throws {
        let other = try StoppedLedger()
        try await stopped.archive(.blocks(10))
        await #expect(
            throws: ArchiveError.doesNotContinue(path: stopped.file, last: nil, first: Height(5))
        ) { try await stopped.archive(.blocks(6), .file(stopped.file)) }
        _ = try await other.reader.export(to: stopped.file, upTo: Height(2))
        await #expect(
            throws: ArchiveError.doesNotContinue(path: stopped.file, last: Height(2), first: Height(5))
        ) { try await stopped.archive(.blocks(6), .file(stopped.file)) }
        try Data("not an export".utf8).write(to: URL(fileURLWithPath: stopped.file))
        await #expect(throws: ExportError.self) {
            try await stopped.archive(.blocks(6), .file(stopped.file))
        }
        // A body that is another one, under the same header.
        try FileManager.default.removeItem(atPath: stopped.file)
        _ = try await other.reader.export(to: stopped.file, upTo: Height(4))
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: stopped.file)))
        let body = stopped.block(2).transactions[1]
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: body) })
        bytes[start + body.count - 1] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: stopped.file))
        await #expect(throws: ExportError.self) {
            try await stopped.archive(.blocks(6), .file(stopped.file))
        }
        #expect(try stopped.reader.base()?.height == Height(4))
        // One that continues, of whoever.
        try FileManager.default.removeItem(atPath: stopped.file)
        _ = try await other.reader.export(to: stopped.file, upTo: Height(6))
        #expect(try await stopped.archive(.blocks(6), .file(stopped.file)).dropped?.last == Height(8))
        let both = try LedgerVerifier(stopped.reader, archive: ExportedLedger(path: stopped.file))
        #expect(try await both.verify().height == Height(14))
    }

    @Test("but not while its node runs, nor another network's")
    func running() async throws {
        let ledger = "\(stopped.temporary.path)/made"
        await #expect(throws: DataFolderError.self) {
            try await ArchiveSetup.run(in: ledger, keeping: .blocks(6), bodies: .discarded)
        }
        let other = try LedgerFixture(folder: "\(stopped.temporary.path)/other", lifetime: 60_001).genesis
        await #expect(throws: StorageError.self) {
            try await ArchiveSetup.run(
                in: stopped.data,
                genesis: other,
                keeping: .blocks(6),
                bodies: .discarded
            )
        }
    }

    @Test("but not where a block that it would drop is damaged: nothing changes then")
    func damagedBefore() async throws {
        try stopped.change {
            try $0.execute("UPDATE block SET body = CAST(x'81' || substr(body, 2) AS BLOB) WHERE number = 6")
        }
        await #expect(throws: (any Error).self) { try await stopped.archive(.blocks(6), .file(stopped.file)) }
        #expect(try stopped.reader.base() == nil)
        #expect(!FileManager.default.fileExists(atPath: stopped.file))
    }

    @Test("and its indexes are made anew; a snapshot of it is that of the whole ledger to the byte")
    func handedOn() async throws {
        let (before, after) = ("\(stopped.temporary.path)/before", "\(stopped.temporary.path)/after")
        func snapshot(_ path: String) throws -> Data {
            var known = MerkleFrontier()
            _ = try SnapshotSetup.make(of: stopped.reader, at: path, known: &known)
            return try Data(contentsOf: URL(fileURLWithPath: path))
        }
        let whole = try snapshot(before)
        try await stopped.archive()
        #expect(try snapshot(after) == whole)
        try stopped.change {
            try $0.execute("DELETE FROM state")
            try $0.execute("DELETE FROM transaction_place")
            try $0.execute("DELETE FROM recent_transactions")
            try $0.execute("DELETE FROM meta WHERE name = 'frontier'")
        }
        let report = try await IndexRebuild.run(in: stopped.data, genesis: stopped.ledger.genesis)
        #expect(report.height == Height(14))
        #expect(try await stopped.verified().height == Height(14))
        await #expect(throws: StorageError.beginsLater(path: stopped.data, first: Height(9))) {
            try await stopped.reader.export(to: "\(stopped.temporary.path)/export")
        }
    }

    @Test("that was joined by a snapshot: what it knew nothing of stays unknown")
    func joined() async throws {
        let joined = try await stopped.joined(after: 9)
        let base = try await stopped.grow(joined)
        let report = try await ArchiveSetup.run(in: joined, keeping: .blocks(3), bodies: .discarded)
        #expect(report.dropped?.first == base.firstBlock && report.dropped?.last == Height(11))
        let reader = try LedgerReader.open(readOnly: joined)
        #expect(try reader.archived()?.first == base.firstBlock)
        #expect(try reader.leafHashes(in: 0..<5).isEmpty)
        let start = base.frontier.size
        #expect(try reader.leafHashes(in: start..<100) == Array(stopped.leaves[Int(start)...]))
        let verified = try await LedgerVerifier(reader).verify(chain: stopped.ledger.genesis.chain)
        #expect(verified.height == Height(14))
        #expect(verified.start?.archive?.first == base.firstBlock)
    }
}
