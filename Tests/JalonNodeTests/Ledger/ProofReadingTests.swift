import JalonAPI
import JalonCore
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import JalonStorage
import Testing

@testable import JalonNode

@Suite("What a node proves is checked without it")
struct ProofReadingTests {
    private let folder: TemporaryFolder
    private let node: TestNode
    private var ledger: NodeLedger { node.ledger }

    init() async throws {
        folder = try TemporaryFolder()
        node = try TestNode(folder)
        try await node.fill()
    }

    private func problem(_ operation: () async throws -> Void) async -> API.Problem? {
        do { try await operation() } catch { return error as? API.Problem }
        return nil
    }

    private func verified(_ bytes: [UInt8], document: Digest? = nil) throws -> ProofReport {
        let report = try Proof.decode(bytes).verify(genesis: node.genesis, document: document)
        #expect(report.isValid, "\(report)")
        return report
    }

    private func milestone(_ commitment: String) throws -> TransactionID {
        let id = try #require(CommitmentID(commitment))
        return try #require(node.view.snapshot.state.milestones(of: id).first?.id)
    }

    @Test("A transaction, its document, and that it is still current")
    func transaction() async throws {
        let id = try milestone("CN-HN-2020-001")
        let report = try verified(try await ledger.proof(of: id), document: SHA256.hash([0]))
        #expect(report.steps.map(\.part) == [.document, .signature, .inclusion, .seal, .genesis, .state])
        #expect(report.steps.allSatisfy { $0.verdict == .holds })
        #expect(try Proof.decode(await ledger.proof(of: id)).states.count == 1)
    }

    @Test("A transaction that a later one replaced")
    func replaced() async throws {
        let id = try milestone("CN-HN-2020-001")
        try await node.apply(
            .milestoneCorrect(
                MilestoneCorrect(
                    commitment: #require(CommitmentID("CN-HN-2020-001")),
                    milestone: id,
                    content: TestNode.content(.value(decimal("9600")), at: "2021-06-30"),
                    reasonCode: #require(ReasonCode("typingError")),
                    reason: Text("更正")
                )
            )
        )
        let report = try verified(try await ledger.proof(of: id))
        #expect(report.steps.last?.verdict == .outdated)
    }

    @Test("A transaction under a key that came after the genesis, which the file proves too")
    func rotatedKey() async throws {
        let key = try PrivateKey(seed: [UInt8](repeating: 9, count: 32))
        let member = try #require(MemberID("cn-hn"))
        let old = try #require(node.genesis.member(member)?.authorityKeys.first)
        let statement = Possession.statement(
            purpose: "authority",
            key: key.publicKey,
            member: member,
            chain: node.genesis.chain
        )
        try await node.apply(
            .keyRotate(
                KeyRotate(
                    member: member,
                    old: old.id,
                    key: key.publicKey,
                    purpose: .authority,
                    proof: key.sign(statement)
                )
            )
        )
        let body = try TestNode.report("CN-HN-2020-001", .value(decimal("9700")), at: "2021-07-01")
        let transaction = try Transaction.signed(
            body: body.encoded,
            subject: body.subject,
            issuer: member,
            chain: node.genesis.chain,
            nonce: [UInt8](repeating: 1, count: 16),
            expires: TestNode.start.advanced(byMilliseconds: 600_000),
            key: key
        )
        let answer = try await ledger.submit([transaction]).first
        #expect(answer?.problem == nil)
        let report = try verified(try await ledger.proof(of: transaction.id))
        #expect(report.steps.map(\.part) == [.signature, .inclusion, .seal, .genesis, .state])
        #expect(report.steps.first?.text.contains("its authority key, registered in block") == true)
    }

    @Test("A transparent statement holds a quorum of receipts, and the transaction as it was signed")
    func receipt() async throws {
        let id = try milestone("CN-HN-2020-001")
        let statement = try TransparentStatement(bytes: await ledger.transparentStatement(of: id))
        #expect(statement.transaction.id == id)
        let context = VotingContext(
            network: node.genesis.network,
            chain: node.genesis.chain,
            epoch: Epoch(0),
            validators: node.genesis.validators
        )
        let finality = try ReceiptSet.verify(
            statement.receipts,
            leaf: statement.transaction.leaf,
            in: context,
            by: KeySignatureVerifier()
        )
        #expect(finality.signers.count == 1)
    }

    @Test("What the state holds, and that it holds nothing")
    func state() async throws {
        let held = try verified(try await ledger.stateProof(at: "commitment/CN-HN-2020-001"))
        #expect(held.steps.last?.text.contains("the state holds commitment/CN-HN-2020-001") == true)
        let absent = try verified(try await ledger.stateProof(at: "commitment/CN-HN-2020-999"))
        #expect(absent.steps.last?.text.contains("there is no commitment/CN-HN-2020-999") == true)
        for path in ["", "commitment", "commitment/a b", "secret/x", "key/AB", "version/CN-HN-2020-001/0"] {
            #expect(await problem { _ = try await ledger.stateProof(at: path) }?.code == "E_QUERY", "\(path)")
        }
    }

    @Test("That the log only grew, between any two blocks")
    func consistency() async throws {
        let head = node.view.snapshot.height.value
        for from in 1...head {
            let report = try verified(try await ledger.consistencyProof(from: from, to: head))
            #expect(report.steps.map(\.part) == [.seal, .genesis, .consistency])
        }
        #expect(
            try Proof.decode(await ledger.consistencyProof(from: 1, to: nil)).seal.header.height.value == head
        )
        let refused: [(from: UInt64, to: UInt64?, code: String)] = [
            (1, 0, "E_QUERY"), (0, 1, "E_QUERY"), (1, head + 1, "E_UNKNOWN_BLOCK"),
            (head + 1, nil, "E_UNKNOWN_BLOCK"), (head + 1, 1, "E_UNKNOWN_BLOCK"),
        ]
        for (from, to, code) in refused {
            #expect(
                await problem { _ = try await ledger.consistencyProof(from: from, to: to) }?.code == code
            )
        }
    }

    @Test("Nothing is proven of what is unknown, not final yet, or before the first block")
    func notYet() async throws {
        let unknown = TransactionID(.zero)
        #expect(await problem { _ = try await ledger.proof(of: unknown) }?.code == "E_UNKNOWN_TRANSACTION")
        #expect(
            await problem { _ = try await ledger.transparentStatement(of: unknown) }?.status == 404
        )
        // Of four validators only this one runs.
        let folder = try TemporaryFolder()
        let waiting = try TestNode(folder, validatorCount: 4)
        let transaction = try waiting.sign(.planPublish(TestNode.plan()))
        _ = try await waiting.ledger.submit([transaction])
        let pending = await problem { _ = try await waiting.ledger.proof(of: transaction.id) }
        #expect(pending?.code == "E_NOT_FINAL" && pending?.status == 409)
        let empty = await problem { _ = try await waiting.ledger.stateProof(at: "sector/industry") }
        #expect(empty?.code == "E_NOT_SEALED" && empty?.status == 503)
    }
}

@Suite("A block that is final by a later one")
struct DescendantProofTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// The readers of a node that starts on a fixture's ledger.
    private func ledger(_ fixture: LedgerFixture, _ path: String) throws -> NodeLedger {
        let reader = try LedgerReader.open(readOnly: path)
        let restored = try reader.restore(replayReach: fixture.genesis.parameters.maxLifetimeMilliseconds)
        let key = try PrivateKey(seed: [UInt8](repeating: 3, count: 32)).publicKey.id
        let core = try Core(
            genesis: fixture.genesis,
            restored: restored,
            configuration: Core.Configuration(keys: [], node: key, seed: 1),
            verifier: KeySignatureVerifier(),
            clock: Clock(monotonic: 1_000, wall: Timestamp(1_700_000_100_000))
        )
        return NodeLedger(
            genesis: fixture.genesis,
            reader: reader,
            view: LedgerView(LedgerSnapshot(core)),
            node: key
        ) { _ in }
    }

    @Test("is proven by way of the headers between, and its receipts are the later one's")
    func links() async throws {
        let path = "\(folder.path)/data"
        var fixture = try LedgerFixture(folder: path)
        let plans = try (1...4).map { try fixture.plan($0) }
        try fixture.append([plans[0]])
        try fixture.append([plans[1]], isSealed: false)
        try fixture.append([plans[2]], isSealed: false)
        try fixture.append([plans[3]])
        try fixture.close()
        let ledger = try ledger(fixture, path)
        for from in UInt64(1)...4 {
            let proof = try Proof.decode(await ledger.consistencyProof(from: from, to: 4))
            #expect(proof.earlier?.seal.links.count == [0, 2, 1, 0][Int(from) - 1])
            #expect(proof.verify(genesis: fixture.genesis).isValid)
        }
        let between = try Proof.decode(await ledger.consistencyProof(from: 1, to: 3))
        #expect(between.seal.links.count == 1 && between.verify(genesis: fixture.genesis).isValid)
        for plan in plans {
            #expect(
                try Proof.decode(await ledger.proof(of: plan.id)).verify(genesis: fixture.genesis).isValid
            )
            let statement = try TransparentStatement(bytes: await ledger.transparentStatement(of: plan.id))
            let finality = try ReceiptSet.verify(
                statement.receipts,
                leaf: plan.leaf,
                in: fixture.context(),
                by: KeySignatureVerifier()
            )
            #expect(finality.signers.count == 3)
            #expect(finality.ballot.block == fixture.blocks[plan == plans[0] ? 0 : 3].id)
        }
    }

    @Test("is not proven before that later one is here")
    func notYet() async throws {
        let path = "\(folder.path)/data"
        var fixture = try LedgerFixture(folder: path)
        let plan = try fixture.plan(1)
        try fixture.append([plan], isSealed: false)
        try fixture.close()
        let ledger = try ledger(fixture, path)
        do {
            _ = try await ledger.proof(of: plan.id)
            Issue.record("proven")
        } catch {
            #expect((error as? API.Problem)?.code == "E_NOT_SEALED")
        }
    }

    @Test("and a damaged log makes an error, never a proof")
    func damaged() async throws {
        let path = "\(folder.path)/data"
        var fixture = try LedgerFixture(folder: path)
        let plan = try fixture.plan(1)
        // The header says one root, the transactions make another.
        try fixture.append([plan], flaw: .init(header: { $0.logRoot = .zero }))
        try fixture.append([fixture.plan(2)])
        try fixture.close()
        let ledger = try ledger(fixture, path)
        await #expect(throws: StorageError.self) { try await ledger.transparentStatement(of: plan.id) }
    }
}
