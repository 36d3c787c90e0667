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

@Suite("A node joins by a snapshot")
struct JoinBySnapshotTests {
    private let temporary: TemporaryFolder
    private let ledger: LedgerFixture
    private var source: String { "\(temporary.path)/data" }
    private var file: String { "\(temporary.path)/day.jalon-snapshot" }
    private var joined: String { "\(temporary.path)/joined" }

    /// Ten blocks of one transaction, half a minute apart, where transactions live for a minute.
    init() throws {
        temporary = try TemporaryFolder()
        var ledger = try LedgerFixture(
            folder: "\(temporary.path)/data",
            interval: 30_000,
            lifetime: 60_000
        )
        for number in 1...10 { try ledger.append([try ledger.plan(number)], isSealed: number != 3) }
        self.ledger = ledger
        var known = MerkleFrontier()
        let report = try SnapshotSetup.make(
            of: LedgerReader.open(readOnly: source),
            at: file,
            known: &known
        )
        #expect(report.height == Height(10) && known.size == report.firstBlock.value - 1)
    }

    @discardableResult
    private func fill(_ path: String? = nil, genesis: Genesis? = nil) throws -> JoinedSnapshot {
        try SnapshotSetup.fill(
            from: path ?? file,
            genesis: genesis ?? ledger.genesis,
            in: DataFolder(creating: joined),
            rejoins: true
        )
        .joined
    }

    /// Damages the ledger.
    private func change(_ statements: [String]) throws {
        let store = try LedgerStore.open(in: DataFolder(opening: joined))
        for statement in statements { try store.execute(statement) }
        try store.close()
    }

    /// A filled ledger, with two blocks more.
    private func grown() throws -> LedgerFixture {
        try fill()
        var ledger = ledger
        for number in 11...12 { try ledger.append([try ledger.plan(number)]) }
        let store = try LedgerStore.open(in: DataFolder(opening: joined))
        let blocks = try ledger.reader.blocks(from: Height(11), count: 2, byteLimit: 1 << 20)
        var check = ChainCheck(
            genesis: ledger.genesis,
            from: try #require(try LedgerBeginning.check(store.reader, genesis: ledger.genesis))
        )
        for block in blocks {
            let raw = RawBlock(
                height: block.block.header.height,
                block: block.block.encoded,
                finalization: block.finalization?.encoded
            )
            let read = StoredBlockCheck(
                height: raw.height,
                block: StoredBlockCheck.decoded(raw),
                statements: block.block.transactions.map {
                    StoredBlockCheck.statement($0, keys: check.state.keyDirectory)
                }[...],
                finality: StoredBlockCheck.finality(raw.finalization, contexts: check.contexts)
            )
            let certificates = block.finalization.map { [Record.certificate($0)] } ?? []
            try store.perform(certificates + [.final(check.take(read))])
        }
        try store.close()
        return ledger
    }

    @Test("and holds the state and the blocks of the window, not those before")
    func filled() throws {
        let start = try fill()
        #expect(start.height == Height(10) && start.block == ledger.blocks[9].id)
        #expect(start.stateRoot == ledger.blocks[9].header.stateRoot)
        #expect(start.signers.count == 3 && start.validatorCount == 4)
        let first = Int(start.firstBlock.value)
        #expect((4...8).contains(first), "the window is a minute, and a slice of it at the most")

        let reader = try LedgerReader.open(readOnly: joined)
        let base = try #require(try reader.base())
        #expect(base.firstBlock == start.firstBlock && base.stateHeight == Height(10))
        #expect(try reader.finalHeight() == Height(10))
        #expect(try reader.block(at: Height(UInt64(first - 1))) == nil)
        #expect(try reader.header(at: Height(UInt64(first - 1))) == ledger.blocks[first - 2].header)
        #expect(try reader.header(at: Height(UInt64(first - 2))) == nil)
        #expect(try reader.block(at: start.firstBlock) == ledger.blocks[first - 1])
        let restored = try reader.restore(replayReach: 60_000)
        #expect(restored.tip?.id == ledger.blocks[9].id && restored.rejoin == .required)
        #expect(
            try LedgerState(restoring: restored.leaves.map { ($0.path, $0.value ?? []) }).root
                == start.stateRoot
        )

        let (old, new) = (ledger.blocks[first - 2].transactions[0], ledger.blocks[9].transactions[0])
        #expect(try reader.transaction(Transaction.id(of: old)) == nil)
        #expect(try reader.transaction(Transaction.id(of: new))?.location.logIndex == 9)
        #expect(try reader.transaction(atLogIndex: UInt64(first - 2)) == nil)
        #expect(try reader.leafHashes(in: 9..<20) == [LeafHash(of: new)])
    }

    @Test("and verifies: from its first block on, with those named who vouch for what lies before")
    func verified() async throws {
        let ledger = try grown()
        let reader = try LedgerReader.open(readOnly: joined)
        let report = try await LedgerVerifier(reader).verify(chain: ledger.genesis.chain)
        #expect(report.height == Height(12) && report.head == ledger.blocks[11].id)
        let start = try #require(report.start)
        #expect(start.source == .ledger && start.height == Height(10))
        #expect(start.firstBlock == (try reader.base())?.firstBlock)
        #expect(start.signers.count == 3 && start.validatorCount == 4)
        let quick = try await LedgerVerifier(reader).verifyQuickly()
        #expect(quick.height == Height(12) && quick.start == start)
        #expect(quick.logRoot == report.logRoot && quick.stateRoot == report.stateRoot)
    }

    @Test(
        "of which damage is found, whatever it is in",
        arguments: [
            "UPDATE bare_block SET header = CAST(x'00' || substr(header, 2) AS BLOB)",
            "UPDATE bare_block SET checksum = checksum + 1",
            "UPDATE base_state SET value = CAST(x'00' || substr(value, 2) AS BLOB) WHERE path = 'plan/XZ-01-2020-P1'",
            "DELETE FROM base_state WHERE path = 'plan/XZ-01-2020-P1'",
            "INSERT INTO state VALUES ('plan/XZ-01-2020-P1', x'a0')",
            "INSERT INTO state VALUES ('plan/XZ-01-2020-P1', x'')",
            "INSERT INTO state VALUES ('plan/XZ-01-2020-P99', x'a0')",
            "UPDATE meta SET value = CAST(x'00' || substr(value, 2) AS BLOB) WHERE name = 'base'",
            "DELETE FROM finalization WHERE height = 10",
            "DELETE FROM transaction_place WHERE place = 9",
            "INSERT INTO transaction_place VALUES (0, 1, 1)",
        ]
    )
    func damaged(sql: String) async throws {
        try fill()
        try change([sql])
        await #expect(throws: (any Error).self) {
            try await LedgerVerifier(LedgerReader.open(readOnly: joined)).verify()
        }
    }

    @Test("and its indexes are made anew from there")
    func rebuilt() async throws {
        let ledger = try grown()
        try change([
            "DELETE FROM state", "DELETE FROM transaction_place", "DELETE FROM recent_transactions",
            "DELETE FROM meta WHERE name = 'frontier'",
        ])
        let report = try await IndexRebuild.run(in: joined, genesis: ledger.genesis)
        #expect(report.height == Height(12))
        #expect(try await LedgerVerifier(LedgerReader.open(readOnly: joined)).verify().height == Height(12))
    }

    @Test("It can't be exported from the genesis on, but a snapshot of it serves the next one")
    func handedOn() async throws {
        _ = try grown()
        let reader = try LedgerReader.open(readOnly: joined)
        let first = try #require(try reader.base()?.firstBlock)
        await #expect(throws: StorageError.beginsLater(path: joined, first: first)) {
            try await reader.export(to: "\(temporary.path)/export")
        }
        let next = "\(temporary.path)/next"
        var known = MerkleFrontier()
        _ = try SnapshotSetup.make(of: reader, at: next, known: &known)
        let ground = try SnapshotFile.check(next, genesis: ledger.genesis)
        #expect(ground.header.height == Height(12))
        // What was made of the whole ledger is the same to the byte.
        let whole = "\(temporary.path)/whole"
        var fresh = MerkleFrontier()
        _ = try SnapshotSetup.make(of: LedgerReader.open(readOnly: source), at: whole, known: &fresh)
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: next)) == Data(contentsOf: URL(fileURLWithPath: whole))
        )
    }

    @Test("A file of another network, a cut, a longer or a foreign one is refused, and nothing is left")
    func refused() throws {
        let other = try LedgerFixture(folder: "\(temporary.path)/other", lifetime: 60_001).genesis
        #expect(
            throws: SnapshotFileError.doesNotHold(
                path: file,
                .otherChain(found: ledger.genesis.chain, expected: other.chain)
            )
        ) { try fill(genesis: other) }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        let changed = "\(temporary.path)/changed"
        for data in [Data(), Data("{}".utf8), bytes.dropLast(9), bytes + [0], Data(bytes.dropFirst())] {
            try data.write(to: URL(fileURLWithPath: changed))
            #expect(throws: SnapshotFileError.self) { try fill(changed) }
        }
        var generator = SeededRandom(5)
        for _ in 0..<60 {
            var flipped = bytes
            flipped[Int.random(in: 0..<bytes.count, using: &generator)] ^=
                1 << UInt8.random(in: 0...7, using: &generator)
            try flipped.write(to: URL(fileURLWithPath: changed))
            #expect(throws: (any Error).self) { try fill(changed) }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: joined) == ["lock"])
        try fill()
    }

    /// A log of as many leaves as an integer can count, so that not one more fits.
    private var fullLog: [UInt8] {
        var encoder = CBOREncoder()
        encoder.encodeArrayHead(2)
        encoder.encode(UInt64(Int64.max))
        encoder.encode(array: [Digest](repeating: .zero, count: 63)) { $0.encode($1) }
        return encoder.bytes
    }

    @Test("A file that begins after a log without room is refused, and so is such a data folder")
    func fullLogRefused() async throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        // The frontier of the base, by its own bytes.
        try fill()
        let base = try #require(try LedgerReader.open(readOnly: joined).base())
        let frontier = base.frontier.encoded
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: frontier) })
        let changed = "\(temporary.path)/changed"
        try Data(bytes[..<start] + fullLog + bytes[(start + frontier.count)...])
            .write(to: URL(fileURLWithPath: changed))
        let error = #expect(throws: SnapshotFileError.self) {
            try SnapshotFile.check(changed, genesis: ledger.genesis)
        }
        #expect(
            error?.description.contains("a log of 9223372036854775807 leaves") == true,
            "\(error.debugDescription)"
        )

        let row = Array(base.encoded.dropLast(frontier.count)) + fullLog
        try change(["UPDATE meta SET value = x'\(Hex.encode(row))' WHERE name = 'base'"])
        let failure = await #expect(throws: VerificationFailure.self) {
            try await LedgerVerifier(LedgerReader.open(readOnly: joined)).verify()
        }
        #expect(failure?.reason.contains("a log of 9223372036854775807 leaves") == true)
    }

    // MARK: - What its node says

    private func node(_ ledger: LedgerFixture) throws -> Node {
        try temporary.node(of: ledger.genesis, data: joined)
    }

    /// The code and status of the problem that a question is answered with.
    private func problem(_ body: () async throws -> Void) async throws -> (String, Int)? {
        do {
            try await body()
            return nil
        } catch let problem as API.Problem { return (problem.code, problem.status) }
    }

    @Test("It starts, and answers what it holds; of what it does not it says so, with another way out")
    func answers() async throws {
        let ledger = try grown()
        let node = try node(ledger)
        let answers = node.ledger
        let status = try await answers.nodeStatus()
        #expect(status.head.height == 12 && status.head.stateRoot == ledger.blocks[11].header.stateRoot.hex)
        let first = try #require(answers.base?.firstBlock.value)
        #expect(status.firstBlock == first)
        let (old, new) = (Int(first) - 2, Int(first))

        #expect(try await answers.block(.height(first))?.header.height == first)
        #expect(try await answers.header(at: first - 1)?.height == first - 1)
        #expect(try await answers.feedEvent(after: 0).height == first)
        #expect(try await !answers.ledger(from: first, limit: 2).isEmpty)
        let held = try Transaction(bytes: ledger.blocks[new].transactions[0])
        #expect(try await answers.transaction(held.id).state == .final)
        let proof = try Proof.decode(await answers.proof(of: held.id))
        #expect(proof.verify(genesis: ledger.genesis).isValid)
        let statement = try TransparentStatement(bytes: await answers.transparentStatement(of: held.id))
        #expect(statement.receipts.count >= 3)
        let grown = try Proof.decode(await answers.consistencyProof(from: first, to: 12))
        #expect(grown.verify(genesis: ledger.genesis).isValid)
        let path = StatePath.plan(try #require(PlanID("XZ-01-2020-P1"))).text
        #expect(try Proof.decode(await answers.stateProof(at: path)).verify(genesis: ledger.genesis).isValid)
        #expect(try await answers.plans().plans.count == 12)

        let gone = try Transaction(bytes: ledger.blocks[old].transactions[0]).id
        #expect(try await answers.transaction(gone).state == .unknown)
        #expect(try await answers.transaction(gone).problem?.code == "E_BEFORE_FIRST_BLOCK")
        for question in [
            { _ = try await answers.block(.height(first - 1)) },
            { _ = try await answers.header(at: first - 2) },
            { _ = try await answers.ledger(from: 1, limit: 5) },
            { _ = try await answers.proof(of: gone) },
            { _ = try await answers.transparentStatement(of: gone) },
            { _ = try await answers.transactionBytes(gone) },
            { _ = try await answers.consistencyProof(from: first - 1, to: 12) },
            { _ = try await answers.statusReport(page: Page(limit: 5), asOf: nil, after: 3) },
        ] as [() async throws -> Void] {
            let answer = try await problem(question)
            #expect(answer?.0 == "E_BEFORE_FIRST_BLOCK" && answer?.1 == 410, "\(String(describing: answer))")
        }
        // What concerns a region is told back to there.
        let acts = try await answers.acts(of: #require(RegionCode("XZ-01")), page: Page())
        #expect(acts.firstBlock == first && acts.lookedBackTo == first && acts.next == nil)
        #expect(acts.acts.map(\.height) == (first...12).reversed())
        // The first state that it has is that of the snapshot's block.
        #expect(try await answers.statusReport(page: Page(limit: 5), asOf: nil, after: 11).head.height == 11)
        #expect(try await answers.statusReport(page: Page(limit: 5), asOf: nil, after: 10).head.height == 10)
    }

    @Test("It gives out snapshots itself, one file for all who ask at a time")
    func spooled() async throws {
        let node = try node(try grown())
        let snapshot = try await node.ledger.snapshot()
        let again = try await node.ledger.snapshot()
        #expect(snapshot.byteCount == again.byteCount && snapshot.byteCount > 1_000)
        var bytes: [UInt8] = []
        while bytes.count < snapshot.byteCount { bytes += try snapshot.read(bytes.count) }
        let path = "\(temporary.path)/served"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        #expect(try SnapshotFile.check(path, genesis: ledger.genesis).header.height == Height(12))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: joined).allSatisfy {
                !$0.contains("outgoing")
            }
        )
    }
}

@Suite("A check goes on from a checkpoint")
struct CheckpointTests {
    private let temporary: TemporaryFolder
    private let ledger: LedgerFixture
    private var file: String { "\(temporary.path)/checkpoint" }

    init() throws {
        temporary = try TemporaryFolder()
        var ledger = try LedgerFixture(
            folder: "\(temporary.path)/data",
            interval: 30_000,
            lifetime: 60_000
        )
        for number in 1...8 { try ledger.append([try ledger.plan(number)], isSealed: number != 5) }
        self.ledger = ledger
    }

    private func verifier(_ checkpoints: VerificationCheckpoints? = nil) throws -> LedgerVerifier {
        var verifier = LedgerVerifier(
            try LedgerReader.open(readOnly: "\(temporary.path)/data"),
            batchCount: 2
        )
        verifier.checkpoints = checkpoints
        return verifier
    }

    @Test("that it wrote at its end, and reads only what came since")
    func resumed() async throws {
        let whole = try await verifier(VerificationCheckpoints(path: file)).verify()
        #expect(whole.start == nil && whole.height == Height(8))
        var ledger = ledger
        for number in 9...11 { try ledger.append([try ledger.plan(number)]) }
        let ground = try SnapshotFile.check(file, genesis: ledger.genesis)
        #expect(ground.header.height == Height(8))
        var count = 0
        let report = try await verifier(VerificationCheckpoints(path: file)).verify(from: ground) { _ in
        } taken: {
            count += $0.count
        }
        #expect(report.height == Height(11) && count == 3)
        #expect(report.start?.source == .checkpoint && report.start?.height == Height(8))
        // The next one goes on from there.
        let next = try SnapshotFile.check(file, genesis: ledger.genesis)
        #expect(next.header.height == Height(11))
        #expect(try await verifier().verify(from: next).height == Height(11))
        let full = try await verifier().verify()
        #expect(full.stateRoot == report.stateRoot && full.logRoot == report.logRoot)
    }

    @Test("that it wrote when it was interrupted")
    func interrupted() async throws {
        let checkpoints = VerificationCheckpoints(path: file) { true }
        await #expect(throws: VerificationInterrupted(height: Height(2), checkpoint: file)) {
            try await verifier(checkpoints).verify()
        }
        let ground = try SnapshotFile.check(file, genesis: ledger.genesis)
        #expect(ground.header.height == Height(2))
        #expect(try await verifier().verify(from: ground).height == Height(8))
    }

    @Test("but from none of another history, which both are named for")
    func otherHistory() async throws {
        var other = try LedgerFixture(
            folder: "\(temporary.path)/other",
            interval: 30_000,
            lifetime: 60_000
        )
        for number in 1...9 { try other.append([try other.plan(number + 20)]) }
        var verifier = LedgerVerifier(try LedgerReader.open(readOnly: "\(temporary.path)/other"))
        verifier.checkpoints = VerificationCheckpoints(path: file)
        _ = try await verifier.verify()
        let ground = try SnapshotFile.check(file, genesis: ledger.genesis)
        // Nine blocks there, eight here.
        await #expect(throws: VerificationFailure.self) { try await self.verifier().verify(from: ground) }
        var longer = ledger
        try longer.append([try longer.plan(9)])
        do {
            _ = try await self.verifier().verify(from: ground)
            Issue.record("another history was taken")
        } catch let failure as VerificationFailure {
            #expect(failure.place == .block(Height(9)))
            #expect(failure.reason.contains(longer.blocks[8].id.hex))
            #expect(failure.reason.contains(ground.header.id.hex))
        }
    }

    @Test("and finds a bad block that came since")
    func badBlock() async throws {
        _ = try await verifier(VerificationCheckpoints(path: file)).verify()
        let ground = try SnapshotFile.check(file, genesis: ledger.genesis)
        var ledger = ledger
        let plan = try ledger.plan(9)
        try ledger.append([plan], flaw: .init(header: { $0.stateRoot = .zero }))
        do {
            _ = try await verifier().verify(from: ground)
            Issue.record("a bad block was taken")
        } catch let failure as VerificationFailure {
            #expect(failure.place == .block(Height(9)) && failure.verified == Height(8))
        }
    }
}
