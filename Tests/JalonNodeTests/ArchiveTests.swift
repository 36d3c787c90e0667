import Foundation
import JalonAPI
import JalonCodec
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import Logging
import Testing

@testable import JalonNode
@testable import JalonStorage

/// A stopped node's ledger of fourteen blocks, half a minute apart, where transactions live for a minute.
private struct Stopped {
    let temporary: TemporaryFolder
    let ledger: LedgerFixture
    var data: String { "\(temporary.path)/data" }
    var file: String { "\(temporary.path)/old.jalon-export" }

    init() throws {
        temporary = try TemporaryFolder()
        var ledger = try LedgerFixture(
            folder: "\(temporary.path)/made",
            interval: 30_000,
            lifetime: 60_000
        )
        for number in 1...14 {
            let plans = number == 5 ? [] : [try ledger.plan(2 * number), try ledger.plan(2 * number + 1)]
            try ledger.append(plans, isSealed: number != 3)
        }
        try ledger.close()
        self.ledger = ledger
        // The fixture holds its folder for as long as it lives.
        try FileManager.default.createDirectory(
            atPath: data,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        try FileManager.default.copyItem(
            atPath: "\(temporary.path)/made/ledger.sqlite",
            toPath: "\(data)/ledger.sqlite"
        )
    }

    var reader: LedgerReader { get throws { try LedgerReader.open(readOnly: data) } }

    /// The block at a height.
    func block(_ height: Int) -> Block { ledger.blocks[height - 1] }

    var leaves: [LeafHash] { ledger.blocks.flatMap { $0.transactions.map { LeafHash(of: $0) } } }

    @discardableResult
    func archive(
        _ kept: ArchiveSetup.Kept = .blocks(6),
        _ bodies: ArchiveSetup.Bodies = .discarded,
        progress: @escaping (ArchiveSetup.Progress) throws -> Void = { _ in }
    ) async throws -> ArchiveSetup.Report {
        try await ArchiveSetup.run(
            in: data,
            genesis: ledger.genesis,
            keeping: kept,
            bodies: bodies,
            progress: progress
        )
    }

    /// Changes the stopped ledger.
    func change(_ body: (LedgerStore) throws -> Void) throws {
        let store = try LedgerStore.open(in: DataFolder(opening: data))
        try body(store)
        try store.close()
    }

    func verified() async throws -> VerificationReport {
        try await LedgerVerifier(reader).verify(chain: ledger.genesis.chain)
    }
}

@Suite("A stopped node's ledger is archived")
struct ArchiveTests {
    private let stopped: Stopped

    init() throws { stopped = try Stopped() }

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
        let other = try Stopped()
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
        let other = try Stopped()
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
        let (file, joined) = ("\(stopped.temporary.path)/snapshot", "\(stopped.temporary.path)/joined")
        var verifier = LedgerVerifier(try stopped.reader, batchCount: 9)
        verifier.checkpoints = VerificationCheckpoints(path: file) { true }
        await #expect(throws: VerificationInterrupted.self) { try await verifier.verify() }
        _ = try SnapshotSetup.fill(
            from: file,
            genesis: stopped.ledger.genesis,
            in: DataFolder(creating: joined),
            rejoins: false
        )
        let base = try await grow(joined)
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

    /// Adds the blocks after the tenth, as a node would have taken them.
    private func grow(_ joined: String) async throws -> LedgerBase {
        let store = try LedgerStore.open(in: DataFolder(opening: joined))
        var check = ChainCheck(
            genesis: stopped.ledger.genesis,
            from: try #require(try LedgerBeginning.check(store.reader, genesis: stopped.ledger.genesis))
        )
        let raw = try stopped.reader.rawBlocks(from: check.tip.height.next, count: 9, byteLimit: 1 << 20)
        let blocks = await StoredBlockCheck.concurrently(
            raw,
            keys: check.state.keyDirectory,
            contexts: check.contexts
        )
        for block in blocks {
            let final = try check.take(block)
            guard case .verified(let certificate) = block.finality else {
                preconditionFailure("they are sealed")
            }
            try store.perform([.certificate(certificate), .final(final)])
        }
        defer { try? store.close() }
        return try #require(try store.reader.base())
    }
}

@Suite("An archive is cut off")
struct ArchiveCutOffTests {
    private struct CutOff: Error {}

    private let stopped: Stopped

    init() throws { stopped = try Stopped() }

    @Test(
        "and the ledger is as before; the next one goes on",
        arguments: [
            ArchiveSetup.Progress.executed(Height(11), of: Height(11)), .written(Height(8), of: Height(8)),
            .dropped(Height(1), of: Height(8)), .dropped(Height(8), of: Height(8)), .copied("block"),
            .copied("vote"), .copied("transaction_place"), .copied("base_state"), .copied("meta"), .checked,
        ]
    )
    func before(step: ArchiveSetup.Progress) async throws {
        await #expect(throws: (any Error).self) {
            try await stopped.archive(.blocks(6), .file(stopped.file)) { progress in
                if step == progress || isLastWritten(progress, step) { throw CutOff() }
            }
        }
        #expect(try stopped.reader.base() == nil)
        #expect(try await stopped.verified().start == nil)
        #expect(!FileManager.default.fileExists(atPath: "\(stopped.data)/incoming"))
        let report = try await stopped.archive(.blocks(6), .file(stopped.file))
        #expect(report.dropped?.last == Height(8))
        let both = try LedgerVerifier(stopped.reader, archive: ExportedLedger(path: stopped.file))
        #expect(try await both.verify().height == Height(14))
    }

    /// The file is written in batches, of which a short one has no progress to tell.
    private func isLastWritten(_ progress: ArchiveSetup.Progress, _ step: ArchiveSetup.Progress) -> Bool {
        guard case .written = step, case .dropped(Height(1), _) = progress else { return false }
        return true
    }

    @Test("by a power cut while the copy is made: what it left goes at the next one")
    func halfACopy() async throws {
        let incoming = "\(stopped.data)/incoming"
        try FileManager.default.createDirectory(
            atPath: incoming,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
        try Data("SQLite format 3".utf8).write(to: URL(fileURLWithPath: "\(incoming)/ledger.sqlite"))
        #expect(try await stopped.verified().start == nil)
        #expect(try await stopped.archive().dropped?.last == Height(8))
        #expect(!FileManager.default.fileExists(atPath: incoming))
    }

    @Test("after the new ledger is whole: the next start takes it, and the old one lies beside")
    func afterTheStep() async throws {
        let (folder, genesis) = (try DataFolder(opening: stopped.data), stopped.ledger.genesis)
        let store = try LedgerStore.open(in: folder)
        var check = ChainCheck(genesis: genesis)
        try await check.take(from: store.reader, upTo: Height(11)) { _ in }
        let incoming = try LedgerReplacement.begin(in: folder)
        let new = try LedgerArchive(last: Height(8), stateHeight: Height(11)).copy(
            store,
            to: incoming,
            leaves: check.state.leaves.map { LeafChange(path: $0.path, value: $0.value) }
        )
        try new.close()
        try store.close()
        try FileManager.default.moveItem(
            atPath: "\(incoming.path)/ledger.sqlite",
            toPath: "\(stopped.data)/\(LedgerReplacement.nextName)"
        )
        let opened = try LedgerStore.open(in: folder)
        #expect(try opened.reader.base()?.height == Height(8))
        try opened.close()
        let aside = try FileManager.default.contentsOfDirectory(atPath: stopped.data).filter {
            $0.hasPrefix("ledger-until-")
        }
        #expect(aside.count == 1)
        let old = try LedgerReader.open(readOnly: "\(stopped.data)/\(aside[0])")
        #expect(try old.base() == nil && old.finalHeight() == Height(14))
    }
}

@Suite("An archived ledger is damaged")
struct DamagedArchiveTests {
    private let stopped: Stopped

    init() async throws {
        stopped = try Stopped()
        try await stopped.archive()
    }

    private func failure() async -> VerificationFailure? {
        do {
            _ = try await stopped.verified()
            return nil
        } catch { return error as? VerificationFailure }
    }

    @Test(
        "in a row of a block without a body: the block is named",
        arguments: [
            "UPDATE bare_block SET header = CAST(x'00' || substr(header, 2) AS BLOB) WHERE height = 4",
            "UPDATE bare_block SET leaves = CAST(x'00' || substr(leaves, 2) AS BLOB) WHERE height = 4",
            "UPDATE bare_block SET ids = CAST(x'00' || substr(ids, 2) AS BLOB) WHERE height = 4",
            "UPDATE bare_block SET finalization = CAST(x'00' || substr(finalization, 2) AS BLOB) WHERE height = 4",
            "UPDATE bare_block SET checksum = checksum + 1 WHERE height = 4",
            "UPDATE bare_block SET log_size = log_size + 1 WHERE height = 4",
            "UPDATE bare_block SET leaves = NULL WHERE height = 4",
            "UPDATE bare_block SET ids = NULL WHERE height = 4",
            "DELETE FROM bare_block WHERE height = 4",
        ]
    )
    func rows(sql: String) async throws {
        try stopped.change { try $0.execute(sql) }
        #expect(await failure()?.place == .block(Height(4)))
        await #expect(throws: VerificationFailure.self) {
            try await LedgerVerifier(stopped.reader).verifyQuickly()
        }
    }

    @Test("with a checksum that fits: the hashes tell, and the block is named", arguments: 0...3)
    func forged(part: Int) async throws {
        try stopped.change { store in
            try store.write { database in
                let row = try #require(try database.bareBlock(at: Height(4)))
                var (header, leaves) = (row.header, row.leafHashes)
                var finalization = row.finalization
                switch part {
                case 0: leaves.swapAt(0, 1)
                case 1: leaves.removeLast()
                case 2: header.stateRoot = .zero
                default: finalization = stopped.ledger.certificate(for: stopped.block(6)).encoded
                }
                try database.write(
                    bare: BareBlock(
                        header: header,
                        leaves: leaves.flatMap(\.bytes),
                        ids: row.transactionIDs.prefix(leaves.count).flatMap(\.bytes),
                        finalization: finalization
                    )
                )
            }
        }
        // A header that hashes to another id shows in its child.
        #expect(await failure()?.place == .block(Height(part == 2 ? 5 : 4)))
    }

    @Test("beside the blocks: it is found, and named") func derived() async throws {
        for sql in [
            "DELETE FROM transaction_place WHERE place = 3",
            "UPDATE transaction_place SET key = key + 1 WHERE place = 3",
        ] {
            let stopped = try Stopped()
            try await stopped.archive()
            try stopped.change { try $0.execute(sql) }
            do {
                _ = try await stopped.verified()
                Issue.record("\(sql) went unnoticed")
            } catch let failure as VerificationFailure {
                #expect(failure.place == .derived("the ledger's file"))
                #expect(failure.reason.contains("index of transactions"))
            }
        }
        try stopped.change {
            try $0.execute(
                "UPDATE meta SET value = CAST(x'00' || substr(value, 2) AS BLOB) WHERE name = 'archive'"
            )
        }
        #expect(await failure()?.place == .derived("where the archived blocks begin"))
    }

    @Test("anywhere, by one bit: it is found, or the ledger read is the same one", arguments: 1...4)
    func anywhere(seed: UInt64) async throws {
        let whole = try await stopped.verified()
        let path = "\(stopped.data)/ledger.sqlite"
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        var generator = SeededRandom(seed)
        for _ in 0..<FlipCount.each(of: 4, usual: 50) {
            var changed = bytes
            changed[Int.random(in: bytes.indices, using: &generator)] ^=
                1 << UInt8.random(in: 0...7, using: &generator)
            try Data(changed).write(to: URL(fileURLWithPath: path))
            if let report = try? await stopped.verified() { #expect(report == whole) }
        }
    }
}

@Suite("A node runs on an archived ledger")
struct ArchivedAnswerTests {
    private let stopped: Stopped
    private let node: Node

    init() async throws {
        stopped = try Stopped()
        try await stopped.archive()
        node = try stopped.temporary.node(of: stopped.ledger.genesis, data: stopped.data)
    }

    private func problem(_ body: () async throws -> Void) async throws -> API.Problem? {
        do {
            try await body()
            return nil
        } catch let problem as API.Problem { return problem }
    }

    @Test("and says of an old transaction where it stands, and what is left to do")
    func location() async throws {
        let old = try Transaction(bytes: stopped.block(6).transactions[1])
        let answer = try await node.ledger.transaction(old.id)
        #expect(answer.state == .final && answer.height == 6 && answer.position == 1 && answer.logIndex == 9)
        #expect(answer.leaf == old.leaf.hex && answer.block == stopped.block(6).id.hex)
        #expect(answer.problem?.code == "E_ARCHIVED" && answer.body == nil)
        let found = try await node.ledger.transactions(
            beginningWith: String(old.id.hex.prefix(12)),
            limit: 5
        )
        #expect(found.map(\.id) == [old.id.hex])
        // Of one that never was it is certain.
        let unknown = try stopped.ledger.plan(77).id
        #expect(try await node.ledger.transaction(unknown).problem == nil)
        for question in [
            { _ = try await node.ledger.proof(of: old.id) },
            { _ = try await node.ledger.transparentStatement(of: old.id) },
            { _ = try await node.ledger.transactionBytes(old.id) },
        ] as [() async throws -> Void] {
            let problem = try await problem(question)
            #expect(problem?.code == "E_ARCHIVED" && problem?.status == 410)
        }
        #expect(try await problem { _ = try await node.ledger.block(.height(6)) }?.status == 410)
        #expect(try await problem { _ = try await node.ledger.ledger(from: 1, limit: 3) }?.status == 410)
        #expect(try await node.ledger.header(at: 6)?.height == 6)
        #expect(try await node.ledger.block(.height(9))?.header.height == 9)
    }

    @Test("and proves any of them to whoever brings its bytes", arguments: [1, 3, 4, 8, 9, 14])
    func proofs(height: Int) async throws {
        for bytes in stopped.block(height).transactions {
            let given = try Transaction(bytes: bytes)
            let proof = try Proof.decode(await node.ledger.proof(of: given.id, given: given))
            #expect(proof.verify(genesis: stopped.ledger.genesis).isValid)
            #expect(proof.statement?.transaction.id == given.id)
            let statement = try TransparentStatement(
                bytes: await node.ledger.transparentStatement(of: given.id, given: given)
            )
            #expect(statement.receipts.count == 3 && statement.transaction.id == given.id)
            for receipt in statement.receipts {
                #expect(receipt.proof.verify(leaf: given.leaf, root: try root(of: receipt)))
            }
        }
    }

    /// The log root of the block that a receipt is a vote on: that of a block of the receipt's size.
    private func root(of receipt: Receipt) throws -> Digest {
        try #require(stopped.ledger.blocks.first { $0.header.logSize == receipt.proof.size }).header.logRoot
    }

    @Test("but not to who brings other bytes of the same id, or of none")
    func others() async throws {
        let old = try Transaction(bytes: stopped.block(6).transactions[1])
        var bytes = old.bytes
        bytes[bytes.count - 1] ^= 1
        let forged = try Transaction(bytes: bytes)
        #expect(forged.id == old.id)
        #expect(
            try await problem { _ = try await node.ledger.proof(of: old.id, given: forged) }?.code
                == "E_STATEMENT"
        )
        let held = try Transaction(bytes: stopped.block(10).transactions[0])
        bytes = held.bytes
        bytes[bytes.count - 1] ^= 1
        let other = try Transaction(bytes: bytes)
        #expect(
            try await problem { _ = try await node.ledger.proof(of: held.id, given: other) }?.status == 422
        )
        let unknown = try stopped.ledger.plan(77)
        #expect(
            try await problem { _ = try await node.ledger.proof(of: unknown.id, given: unknown) }?.status
                == 404
        )
    }

    @Test("and the log of every block goes on from that of any archived one", arguments: [1, 3, 5, 8])
    func consistency(height: UInt64) async throws {
        for later in [height, height + 1, 12, 14] {
            let proof = try Proof.decode(await node.ledger.consistencyProof(from: height, to: later))
            #expect(proof.verify(genesis: stopped.ledger.genesis).isValid)
        }
    }
}
