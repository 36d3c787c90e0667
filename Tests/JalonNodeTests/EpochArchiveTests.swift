import Foundation
import JalonCrypto
import JalonModel
import JalonState
import Testing

@testable import JalonNode
@testable import JalonStorage

/// Blocks 4, 7 and 11 of seventeen close an epoch, 3 and 10 have no finalization of their own.
@Suite("A ledger whose validators changed is archived")
struct EpochArchiveTests {
    private let stopped: StoppedLedger
    private var genesis: Genesis { stopped.ledger.genesis }

    init() throws {
        stopped = try StoppedLedger(validatorCount: 1) { try $0.fillWithEpochs() }
    }

    /// The last block that goes where those up to `height` may go.
    private func expectedLast(_ height: UInt64) -> Height {
        Height(height == 3 || height == 10 ? height - 1 : min(height, 14))
    }

    @Test("wherever it is cut, it verifies: alone, with the file, and quickly", arguments: UInt64(1)...15)
    func cut(height: UInt64) async throws {
        let whole = try await stopped.verified()
        #expect(whole.validatorCount == 5 && whole.start == nil)
        let report = try await stopped.archive(.from(Height(height + 1)), .file(stopped.file))
        let last = expectedLast(height)
        #expect(report.dropped?.first == Height(1) && report.dropped?.last == last)

        let alone = try await stopped.verified()
        #expect(alone.head == whole.head && alone.stateRoot == whole.stateRoot)
        #expect(alone.logRoot == whole.logRoot && alone.validatorCount == 5)
        let archive = try #require(alone.start?.archive)
        #expect(archive.first == Height(1) && archive.last == last)
        // Every archived block but the two.
        let unsealed = [3, 10].count { $0 <= last.value }
        #expect(archive.certificateCount == Int(last.value) - unsealed)
        let quick = try await LedgerVerifier(stopped.reader).verifyQuickly()
        #expect(quick.head == whole.head && quick.start?.archive?.last == last)

        let file = try ExportedLedger(path: stopped.file)
        #expect(try await LedgerVerifier(source: file).verify().height == last)
        let both = try await LedgerVerifier(stopped.reader, archive: file).verify()
        #expect(both.head == whole.head && both.start == nil)
        #expect(both.signatureCount == whole.signatureCount)
        #expect(both.certificateCount == whole.certificateCount)
    }

    @Test(
        "and the node that starts on it proves every statement, old and new",
        arguments: [UInt64(4), 6, 11, 14]
    )
    func proofs(height: UInt64) async throws {
        try await stopped.archive(.from(Height(height + 1)))
        let node = try stopped.temporary.node(of: genesis, data: stopped.data)
        for block in stopped.ledger.blocks {
            for bytes in block.transactions {
                let given = try Transaction(bytes: bytes)
                let proof = try Proof.decode(await node.ledger.proof(of: given.id, given: given))
                let report = proof.verify(genesis: genesis)
                #expect(report.isValid, "block \(block.header.height)")
                #expect(proof.epochs.count == 3 && proof.statement?.transaction.id == given.id)
                try await checkReceipts(of: given, in: block, node)
            }
        }
        let last = stopped.ledger.blocks.count
        for earlier in 1...last {
            let proof = try Proof.decode(
                await node.ledger.consistencyProof(from: UInt64(earlier), to: UInt64(last))
            )
            #expect(proof.verify(genesis: genesis).isValid, "from block \(earlier)")
        }
        let proof = try Proof.decode(await node.ledger.stateProof(at: "epoch/2"))
        #expect(proof.verify(genesis: genesis).isValid)
    }

    /// A quorum of the block's own epoch, or of the one in which the next sealed block stands.
    private func checkReceipts(of given: Transaction, in block: Block, _ node: Node) async throws {
        let statement = try TransparentStatement(
            bytes: await node.ledger.transparentStatement(of: given.id, given: given)
        )
        let context = stopped.ledger.context(of: block.header.epoch)
        #expect(statement.receipts.count == context.quorum)
        for receipt in statement.receipts {
            let sealed = stopped.ledger.blocks.first { $0.header.logSize == receipt.proof.size }
            let root = try #require(sealed?.header.logRoot)
            #expect(receipt.proof.verify(leaf: given.leaf, root: root))
        }
    }

    @Test(
        "and archived again, and its indexes made anew, it stays what it is",
        arguments: [UInt64(3), 4, 7, 8]
    )
    func again(height: UInt64) async throws {
        let whole = try await stopped.verified()
        try await stopped.archive(.from(Height(height + 1)), .file(stopped.file))
        let second = try await stopped.archive(.from(Height(13)), .file(stopped.file))
        #expect(second.dropped?.first == expectedLast(height).next && second.dropped?.last == Height(12))
        _ = try await IndexRebuild.run(in: stopped.data, genesis: genesis)
        #expect(try await stopped.verified().head == whole.head)
        let both = try await LedgerVerifier(
            stopped.reader,
            archive: ExportedLedger(path: stopped.file)
        )
        .verify()
        #expect(both.head == whole.head && both.start == nil)
        #expect(try stopped.reader.leafHashes(in: 0..<100) == stopped.leaves)
    }

    @Test("and a mirror that joins by its snapshot gets what the whole ledger would have given")
    func mirror() async throws {
        func snapshot(_ name: String) throws -> Data {
            let path = "\(stopped.temporary.path)/\(name)"
            var known = MerkleFrontier()
            _ = try SnapshotSetup.make(of: stopped.reader, at: path, known: &known)
            return try Data(contentsOf: URL(fileURLWithPath: path))
        }
        let whole = try snapshot("before")
        try await stopped.archive(.from(Height(9)))
        #expect(try snapshot("after") == whole)
        let mirror = "\(stopped.temporary.path)/mirror"
        let joined = try SnapshotSetup.fill(
            from: "\(stopped.temporary.path)/after",
            genesis: genesis,
            in: DataFolder(creating: mirror),
            rejoins: false
        )
        .joined
        #expect(joined.validatorCount == 5 && joined.height == Height(17))
        let report = try await LedgerVerifier(LedgerReader.open(readOnly: mirror)).verify()
        #expect(report.height == Height(17) && report.validatorCount == 5)
        let node = try stopped.temporary.node(of: genesis, data: mirror)
        let new = try Transaction(bytes: stopped.block(17).transactions[0])
        let proof = try Proof.decode(await node.ledger.proof(of: new.id, given: nil))
        #expect(proof.verify(genesis: genesis).isValid && proof.epochs.count == 3)
    }

    @Test(
        "that was joined between two changes: those before it and those archived both count",
        arguments: [5, 7, 8, 11, 12]
    )
    func joined(height: Int) async throws {
        let joined = try await stopped.joined(after: height)
        let base = try await stopped.grow(joined)
        let whole = try await LedgerVerifier(LedgerReader.open(readOnly: joined)).verify()
        #expect(whole.head == stopped.block(17).id)
        let report = try await ArchiveSetup.run(in: joined, keeping: .blocks(3), bodies: .discarded)
        #expect(report.dropped?.first == base.firstBlock && report.dropped?.last == Height(14))
        do {
            // Closed before the node opens it.
            let reader = try LedgerReader.open(readOnly: joined)
            let verified = try await LedgerVerifier(reader).verify(chain: genesis.chain)
            #expect(verified.head == whole.head && verified.start?.archive?.first == base.firstBlock)
            #expect(try await LedgerVerifier(reader).verifyQuickly().head == whole.head)
        }
        let node = try stopped.temporary.node(of: genesis, data: joined)
        for number in Int(base.firstBlock.value)...17 {
            for bytes in stopped.block(number).transactions {
                let given = try Transaction(bytes: bytes)
                let proof = try Proof.decode(await node.ledger.proof(of: given.id, given: given))
                #expect(proof.verify(genesis: genesis).isValid, "block \(number)")
                try await checkReceipts(of: given, in: stopped.block(number), node)
            }
        }
    }
}

@Suite("An archived block that closed an epoch is damaged")
struct DamagedEpochArchiveTests {
    private let stopped: StoppedLedger

    init() async throws {
        stopped = try StoppedLedger(validatorCount: 1) { try $0.fillWithEpochs() }
        try await stopped.archive(.from(Height(13)), .file(stopped.file))
    }

    private func failure(_ verify: () async throws -> Void) async -> VerificationFailure? {
        do {
            try await verify()
            return nil
        } catch { return error as? VerificationFailure }
    }

    /// What each way to verify says.
    private func failures() async -> [VerificationFailure?] {
        [
            await failure { _ = try await stopped.verified() },
            await failure { _ = try await LedgerVerifier(stopped.reader).verifyQuickly() },
            await failure {
                let file = try ExportedLedger(path: stopped.file)
                _ = try await LedgerVerifier(stopped.reader, archive: file).verify()
            },
        ]
    }

    @Test(
        "in its row: it is found whichever way one verifies, and named",
        arguments: [
            "header = CAST(x'00' || substr(header, 2) AS BLOB)",
            "leaves = CAST(x'00' || substr(leaves, 2) AS BLOB)",
            "ids = CAST(x'00' || substr(ids, 2) AS BLOB)",
            "finalization = CAST(x'00' || substr(finalization, 2) AS BLOB)",
            "finalization = NULL", "checksum = checksum + 1", "log_size = log_size + 1",
        ]
    )
    func rows(change: String) async throws {
        try stopped.change { try $0.execute("UPDATE bare_block SET \(change) WHERE height = 7") }
        for failure in await failures() {
            #expect(failure?.place == .block(Height(7)), "\(String(describing: failure))")
        }
    }

    @Test("by its row's being lost: it is named", arguments: [4, 7, 11])
    func lost(height: Int) async throws {
        try stopped.change { try $0.execute("DELETE FROM bare_block WHERE height = \(height)") }
        for failure in await failures() {
            #expect(failure?.place == .block(Height(UInt64(height))), "\(String(describing: failure))")
        }
    }

    @Test("with a checksum that fits: another seal, none, or another header", arguments: [4, 11], 0...6)
    func forged(height: Int, way: Int) async throws {
        let ledger = stopped.ledger
        try stopped.change { store in
            try store.write { database in
                let row = try #require(try database.bareBlock(at: Height(UInt64(height))))
                let block = stopped.block(height)
                var header = row.header
                var finalization = row.finalization
                switch way {
                case 0: finalization = nil
                case 1: finalization = ledger.certificate(for: stopped.block(height - 2)).encoded
                case 2: finalization = ledger.certificate(for: block, by: header.epoch.next).encoded
                case 3:
                    let few = ledger.context(of: header.epoch).quorum - 1
                    finalization = ledger.certificate(for: block, signerCount: few).encoded
                case 4: header.nextValidatorsHash = header.validatorsHash
                case 5: header.nextValidatorsHash = .zero
                default: header.validatorsHash = .zero
                }
                try database.write(
                    bare: BareBlock(
                        header: header,
                        leaves: row.leafHashes.flatMap(\.bytes),
                        ids: row.transactionIDs.flatMap(\.bytes),
                        finalization: finalization
                    )
                )
            }
        }
        for failure in await failures() {
            #expect(failure?.place == .block(Height(UInt64(height))), "\(String(describing: failure))")
        }
    }

    @Test("or what the state says of its epoch: nothing is believed", arguments: ["base_state", "state"])
    func record(table: String) async throws {
        try stopped.change {
            try $0.execute(
                """
                INSERT OR REPLACE INTO \(table) SELECT 'epoch/2', value FROM base_state WHERE path = 'epoch/1'
                """
            )
        }
        for failure in await failures() { #expect(failure != nil) }
    }
}
