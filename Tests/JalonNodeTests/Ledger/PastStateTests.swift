import JalonAPI
import JalonCodec
import JalonCrypto
import JalonModel
import JalonSchema
import JalonStorage
import Testing

@testable import JalonNode
@testable import JalonState

@Suite("A ledger is read as it stood after a past block")
struct PastStateTests {
    private let folder: TemporaryFolder
    private let node: TestNode
    private var ledger: NodeLedger { node.ledger }

    /// A commitment whose status a correction, an amendment and a parameter changed, a block each.
    ///
    /// Block 4 is the last before a value was reported, 6 the last with the first value, 7 has the corrected one, 8 the target
    /// of 1,000, and then a parameter calls 90 % of what was expected a risk.
    init() async throws {
        folder = try TemporaryFolder()
        node = try TestNode(folder)
        try await node.fill()
        let id = try #require(CommitmentID("CN-HN-2020-001"))
        let first = try #require(
            try await node.ledger.milestones(of: id, page: Page()).milestones.first
        )
        try await node.apply(
            .milestoneCorrect(
                MilestoneCorrect(
                    commitment: id,
                    milestone: #require(TransactionID(hex: first.id)),
                    content: TestNode.content(.value(decimal("12000")), at: "2021-06-30", evidence: 1),
                    reasonCode: #require(ReasonCode("typingError")),
                    reason: Text("录入错误")
                )
            )
        )
        var changes = CommitmentChanges()
        changes.target = .bound(.ge, try decimal("1000"))
        try await node.apply(
            .commitmentAmend(
                CommitmentAmend(
                    id: id,
                    expectedVersion: 1,
                    amendmentClass: .material,
                    changes: changes,
                    reasonCode: #require(ReasonCode("budget")),
                    reason: Text("less money")
                )
            )
        )
        var encoder = CBOREncoder(capacity: 8)
        encoder.encode(UInt64(950_000))
        try await node.apply(
            .governancePropose(
                GovernancePropose(
                    network: node.genesis.network,
                    action: .setParameter(.onTrack, encoder.bytes),
                    reason: Text("理由")
                )
            ),
            by: #require(node.genesis.validators.validators.first?.member.text)
        )
    }

    private var head: UInt64 { node.view.snapshot.height.value }

    private func status(after height: UInt64?, asOf: String? = nil) async throws -> API.CommitmentStatus {
        let id = try #require(CommitmentID("CN-HN-2020-001"))
        return try await ledger.commitment(id, asOf: asOf, after: height).status
    }

    private func problem(_ operation: () async throws -> Void) async -> API.Problem? {
        do { try await operation() } catch { return error as? API.Problem }
        return nil
    }

    @Test("by what was reported, promised and set by then, with the explanation of then")
    func corrections() async throws {
        let before = try await status(after: 4)
        #expect(before.current == .notStarted && before.value == nil)
        let first = try await status(after: 6)
        #expect(first.current == .atRisk && first.value == "9500" && first.ratio == 721_007)
        #expect(first.explanation.contains { $0.text.contains("9500 ÷ 13176 = 72.1 %") })
        let corrected = try await status(after: 7)
        #expect(corrected.current == .onTrack && corrected.value == "12000")
        let amended = try await status(after: 8)
        #expect(amended.original == .onTrack && amended.current == .achieved)
        // The parameter that a vote raised since counts for the head alone.
        let now = try await status(after: nil)
        #expect(now.original == .atRisk && now.current == .achieved)
        #expect(try await status(after: head) == now)
        // In any order, and again.
        #expect(try await status(after: 6) == first)
        #expect(try await status(after: 4) == before)
    }

    @Test("at another day too, and a commitment that there was not yet is unknown")
    func days() async throws {
        let status = try await status(after: 6, asOf: "2021-05-01")
        #expect(status.asOf == "2021-05-01" && status.value == nil)
        let id = try #require(CommitmentID("CN-HN-2020-003"))
        #expect(try await ledger.commitment(id, asOf: nil, after: 4).height == 4)
        let unknown = await problem { _ = try await ledger.commitment(id, asOf: nil, after: 3) }
        #expect(unknown?.code == "E_UNKNOWN_COMMITMENT")
    }

    @Test("with its regions, its list and its head, from the genesis on")
    func report() async throws {
        let start = try await ledger.statusReport(page: Page(), asOf: nil, after: 0)
        #expect(start.head.height == 0 && start.commitments.isEmpty && start.head.logSize == 0)
        #expect(start.head.block == node.genesis.blockID.hex)
        let report = try await ledger.statusReport(page: Page(), asOf: nil, after: 6)
        let header = try #require(try await ledger.header(at: 6))
        #expect(report.head.height == 6 && report.head.stateRoot == header.stateRoot)
        #expect(report.head.block == header.id && report.head.logRoot == header.logRoot)
        #expect(report.head.timestamp == header.timestamp && report.isDemonstrationDate)
        #expect(report.commitments.map(\.status.current) == [.atRisk, .onTrack, .inProgress])
        let risky = try await ledger.commitments(
            CommitmentFilter(status: .atRisk),
            page: Page(),
            asOf: nil,
            after: 6
        )
        #expect(risky.commitments.map(\.id) == ["CN-HN-2020-001"] && risky.height == 6)
    }

    @Test("without a fixed day the day is that of the block")
    func ownDay() async throws {
        let folder = try TemporaryFolder()
        let node = try TestNode(folder, statusDate: nil)
        try await node.fill()
        let report = try await node.ledger.statusReport(page: Page(), asOf: nil, after: 2)
        let today = node.view.snapshot.state.date(of: Timestamp(report.head.timestamp))
        #expect(report.asOf == today.description && !report.isDemonstrationDate)
    }

    @Test("but not what is still to come, nor more than the node takes on")
    func limits() async throws {
        let later = await problem {
            _ = try await ledger.statusReport(page: Page(), asOf: nil, after: head + 1)
        }
        #expect(later?.code == "E_HEIGHT" && later?.status == 404)
        let small = PastStates(
            genesis: node.genesis,
            reader: node.store.reader,
            limits: PastStates.Limits(transactionCount: 5)
        )
        let snapshot = node.view.snapshot
        #expect(try await small.snapshot(after: 5, head: snapshot).height == Height(5))
        let long = await problem { _ = try await small.snapshot(after: 6, head: snapshot) }
        #expect(
            long?.code == "E_PAST_HEIGHT" && long?.status == 422 && long?.hint?.contains("--as-of") == true
        )
    }

    @Test("in pieces where that takes long: whoever asks again goes on where it stopped")
    func pieces() async throws {
        let slow = PastStates(
            genesis: node.genesis,
            reader: node.store.reader,
            limits: PastStates.Limits(time: .zero, blockCount: 2)
        )
        for reached in [2, 4] {
            let refused = await problem {
                _ = try await slow.snapshot(after: 6, head: node.view.snapshot)
            }
            #expect(refused?.code == "E_PAST_HEIGHT" && refused?.status == 503 && refused?.retryAfter == 1)
            #expect(refused?.detail == "the blocks up to \(reached) of 6 were executed again so far")
        }
        let header = try #require(try await ledger.header(at: 6))
        let snapshot = try await slow.snapshot(after: 6, head: node.view.snapshot)
        #expect(snapshot.state.root.hex == header.stateRoot)
    }
}

@Suite("A node that nobody hears")
struct UnheardTests {
    private let node: TestNode
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        node = try TestNode(folder)
    }

    @Test(
        "is a mirror's, a removed member's, or one whose key was replaced; that of a suspended one is heard"
    )
    func reasons() throws {
        var state = node.view.snapshot.state
        let id = try #require(MemberID("cn-gz"))
        let member = try #require(state.member(id))
        let key = try #require(member.nodes.first?.key)
        #expect(NodeLedger.unheard(key.id, in: state) == nil)
        let stranger = try PrivateKey(seed: [UInt8](repeating: 7, count: 32)).publicKey
        #expect(NodeLedger.unheard(stranger.id, in: state)?.contains("mirror") == true)
        state.perform(.member(member.standing(.suspended)))
        #expect(NodeLedger.unheard(key.id, in: state) == nil)
        state.perform(.member(member.standing(.removed)))
        #expect(NodeLedger.unheard(key.id, in: state)?.contains("cn-gz") == true)
        state.perform(.member(member.replacingNode(key, by: stranger)))
        #expect(NodeLedger.unheard(key.id, in: state)?.contains("another node key") == true)
    }

    @Test("names the validators instead of taking a transaction that gets nowhere")
    func refusal() async throws {
        let stranger = try PrivateKey(seed: [UInt8](repeating: 7, count: 32)).publicKey
        let mirror = NodeLedger(
            genesis: node.genesis,
            reader: node.store.reader,
            view: node.view,
            node: stranger.id
        ) { _ in Issue.record("a mirror handed a transaction in") }
        let transaction = try node.sign(.planPublish(TestNode.plan()))
        let problem = await #expect(throws: API.Problem.self) { try await mirror.submit([transaction]) }
        #expect(problem?.code == "E_MIRROR" && problem?.status == 503)
        #expect(problem?.hint?.contains("cn-hn") == true)
    }
}
