import Foundation
import JalonAPI
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import Testing

@testable import JalonNode
@testable import JalonStorage

@Suite("An archive is cut off")
struct ArchiveCutOffTests {
    private struct CutOff: Error {}

    private let stopped: StoppedLedger

    init() throws { stopped = try StoppedLedger() }

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
    private let stopped: StoppedLedger

    init() async throws {
        stopped = try StoppedLedger()
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
            let stopped = try StoppedLedger()
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
    private let stopped: StoppedLedger
    private let node: Node

    init() async throws {
        stopped = try StoppedLedger()
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
