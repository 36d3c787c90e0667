import JalonCore
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import JalonStorage
import Synchronization
import Testing

@testable import JalonNode

/// One node's core, disk and readers without sockets and threads: whatever is handed in is done when the call returns.
final class TestNode: Sendable {
    /// 2021-07-01T10:00 at UTC+8.
    static let start = Timestamp(1_625_104_800_000)

    let genesis: Genesis
    let store: LedgerStore
    let view: LedgerView
    let ledger: NodeLedger
    private let driver: Driver
    private let keys: [String: PrivateKey]
    private let nonce = Mutex<UInt64>(0)

    /// `hasOffices` adds a regulator and an auditor, which seal no blocks.
    ///
    /// With one validator every transaction becomes final at once; with four, of which only this node runs, none does.
    init(
        _ folder: TemporaryFolder,
        validatorCount: Int = 1,
        statusDate: String? = "2021-07-01",
        submissionLimit: Duration = .seconds(60),
        isDriven: Bool = true,
        hasOffices: Bool = false
    ) throws {
        var generator = SeededRandom(11)
        var keys: [String: PrivateKey] = [:]
        var (members, validators): ([Member], [Validator]) = ([], [])
        var own: (node: PrivateKey, validator: PrivateKey)?
        for (index, province) in TestNode.provinces.enumerated() {
            let id = try #require(MemberID(province.code.lowercased()))
            let (authority, node) = (try PrivateKey(using: &generator), try PrivateKey(using: &generator))
            let validator = try PrivateKey(using: &generator)
            keys[id.text] = authority
            members.append(
                Member(
                    id: id,
                    roles: [.province],
                    name: try LocalizedText(zh: province.zh, en: province.en, fr: province.en),
                    region: RegionCode(province.code),
                    authorityKeys: [authority.publicKey],
                    nodes: [NodeEntry(key: node.publicKey)]
                )
            )
            if index < validatorCount { validators.append(Validator(key: validator.publicKey, member: id)) }
            if index == 0 { own = (node, validator) }
        }
        for (name, role) in hasOffices ? [("regulator", MemberRole.regulator), ("auditor", .auditor)] : [] {
            let authority = try PrivateKey(using: &generator)
            keys[name] = authority
            members.append(
                Member(
                    id: try #require(MemberID(name)),
                    roles: [role],
                    name: try LocalizedText(zh: name, en: name),
                    authorityKeys: [authority.publicKey]
                )
            )
        }
        var parameters = Parameters(validatorCount: validatorCount)
        parameters.statusDate = statusDate.flatMap { CalendarDay($0) }
        let made = try Genesis(
            network: try #require(NetworkID("test")),
            time: TestNode.start.reduced(byMilliseconds: 60_000),
            parameters: parameters,
            units: [
                UnitDefinition(
                    code: try #require(UnitCode("enterprise")),
                    name: try LocalizedText(zh: "家企业", en: "enterprises", fr: "entreprises")
                )
            ],
            sectors: [
                SectorDefinition(
                    code: try #require(SectorCode("industry")),
                    name: try LocalizedText(zh: "工业", en: "industry")
                ),
                SectorDefinition(
                    code: try #require(SectorCode("finance")),
                    name: try LocalizedText(zh: "金融", en: "finance")
                ),
            ],
            members: members,
            validators: try ValidatorSet(validators)
        )
        genesis = made
        self.keys = keys
        store = try LedgerStore.create(
            in: DataFolder(creating: "\(folder.path)/data"),
            genesis: made.encoded,
            identity: LedgerIdentity(network: made.network, chain: made.chain)
        )
        let node = try #require(own)
        let clock = Clock(monotonic: 1_000, wall: TestNode.start)
        let core = try Core(
            genesis: made,
            restored: RestoredLedger(),
            configuration: Core.Configuration(key: node.validator, node: node.node.publicKey.id, seed: 1),
            verifier: KeySignatureVerifier(),
            clock: clock
        )
        view = LedgerView(LedgerSnapshot(core))
        driver = Driver(core: core, clock: clock, store: store, view: view)
        ledger = NodeLedger(
            genesis: made,
            reader: store.reader,
            view: view,
            node: node.node.publicKey.id,
            submissionLimit: submissionLimit
        ) { [driver] bytes in
            if isDriven { driver.handle(.submitted(bytes)) }
        }
        driver.start()
    }

    static let provinces = [
        (code: "CN-HN", zh: "湖南省", en: "Hunan"), (code: "CN-GZ", zh: "贵州省", en: "Guizhou"),
        (code: "CN-HE", zh: "河北省", en: "Hebei"), (code: "CN-JS", zh: "江苏省", en: "Jiangsu"),
    ]

    /// Submissions that reached the driver.
    var submissionCount: Int { driver.submissionCount }

    /// Whatever else happens to a node.
    func handle(_ event: Event) { driver.handle(event) }

    /// Lets time go by, so that timers fire.
    func advance(milliseconds: UInt64) { driver.advance(milliseconds: milliseconds) }

    // MARK: - Signing

    func sign(
        _ body: TransactionBody,
        by member: String = "cn-hn",
        expires: Timestamp? = nil
    ) throws -> Transaction {
        let number = nonce.withLock { nonce in
            nonce += 1
            return nonce
        }
        return try Transaction.signed(
            body: body.encoded,
            subject: body.subject,
            issuer: try #require(MemberID(member)),
            chain: genesis.chain,
            nonce: (0..<16).map { UInt8(truncatingIfNeeded: number >> (8 * ($0 % 8))) },
            expires: expires ?? TestNode.start.advanced(byMilliseconds: 600_000),
            key: try #require(keys[member])
        )
    }

    /// Signs and hands in.
    @discardableResult
    func apply(_ body: TransactionBody, by member: String = "cn-hn") async throws -> TransactionID {
        let transaction = try sign(body, by: member)
        let answers = try await ledger.submit([transaction])
        let problem = answers.first?.problem
        #expect(problem == nil)
        return transaction.id
    }

    /// A plan and three commitments of Hunan, and a milestone for two of them.
    func fill() async throws {
        try await apply(.planPublish(TestNode.plan()))
        try await apply(.commitmentPropose(TestNode.enterprises()))
        try await apply(.commitmentPropose(TestNode.checklist()))
        try await apply(.commitmentPropose(TestNode.openEnded()))
        try await apply(
            TestNode.report("CN-HN-2020-001", .value(decimal("9500")), at: "2021-06-30", evidence: 1)
        )
        try await apply(
            TestNode.report(
                "CN-HN-2020-002",
                .doneItems([item("a"), item("c")]),
                at: "2021-05-31",
                isFictional: true
            )
        )
    }

    // MARK: - Bodies

    static func plan() throws -> PlanPublish {
        PlanPublish(
            id: try #require(PlanID("CN-HN-2020-P1")),
            region: try #require(RegionCode("CN-HN")),
            title: try LocalizedText(zh: "三年行动计划", en: "Three-year plan", fr: "Plan triennal"),
            issuer: try Text("湖南省工业和信息化厅"),
            published: try #require(CalendarDate(date: day("2020-04-26"), precision: .day, basis: .explicit)),
            source: Source(kind: .press)
        )
    }

    /// The golden case: 9,500 of 30,000 on 2021-06-30 is at risk.
    static func enterprises() throws -> CommitmentPropose {
        try commitment(
            "CN-HN-2020-001",
            zh: "推动3万家企业上链",
            sector: "industry",
            Indicator(
                code: #require(IndicatorCode("ENT_ONCHAIN")),
                unit: #require(UnitCode("enterprise")),
                measure: .count,
                accumulation: .cumulative,
                direction: .up
            ),
            .bound(.ge, decimal("30000"))
        )
    }

    static func checklist() throws -> CommitmentPropose {
        let items = try ["a", "b", "c"].map {
            ChecklistItem(id: try item($0), name: try LocalizedText(zh: "事项\($0)"))
        }
        return try commitment(
            "CN-HN-2020-002",
            zh: "三个应用",
            sector: "finance",
            Indicator(
                code: #require(IndicatorCode("APPLICATIONS")),
                unit: .item,
                measure: .checklist,
                accumulation: .stock,
                direction: .up
            ),
            .checklist(items, required: 3)
        )
    }

    static func openEnded() throws -> CommitmentPropose {
        try commitment(
            "CN-HN-2020-003",
            zh: "逐步推广",
            sector: "finance",
            Indicator(
                code: #require(IndicatorCode("USERS")),
                unit: #require(UnitCode("user")),
                measure: .count,
                accumulation: .cumulative,
                direction: .up
            ),
            .bound(.ge, decimal("1000")),
            hasDeadline: false
        )
    }

    private static func commitment(
        _ id: String,
        zh: String,
        sector: String,
        _ indicator: Indicator,
        _ target: Target,
        hasDeadline: Bool = true
    ) throws -> CommitmentPropose {
        CommitmentPropose(
            id: try #require(CommitmentID(id)),
            plan: try #require(PlanID("CN-HN-2020-P1")),
            region: try #require(RegionCode("CN-HN")),
            title: try LocalizedText(zh: zh, en: "Title of \(id)"),
            sectors: [try #require(SectorCode(sector))],
            responsible: [Responsible(.member(try #require(MemberID("cn-hn"))), role: .lead)],
            indicator: indicator,
            baseline: target.isNumeric ? .zero : nil,
            target: target,
            start: try day("2020-04-26"),
            deadline: hasDeadline
                ? CalendarDate(date: try day("2022-12-31"), precision: .year, basis: .explicit) : nil,
            curve: hasDeadline ? .linear : .none,
            reporting: Reporting(firstDue: try day("2021-04-26"))
        )
    }

    static func content(
        _ reading: Reading,
        at periodEnd: String,
        evidence: Int = 0,
        isFictional: Bool = false
    ) throws -> MilestoneContent {
        MilestoneContent(
            periodEnd: try day(periodEnd),
            reading: reading,
            evidence: try (0..<evidence).map { index in
                Evidence(
                    name: try #require(FileName("q\(index).pdf")),
                    mediaType: try #require(MediaType("application/pdf")),
                    byteCount: 7,
                    sha256: SHA256.hash([UInt8(index)])
                )
            },
            note: try Text("说明"),
            isFictional: isFictional
        )
    }

    static func report(
        _ commitment: String,
        _ reading: Reading,
        at periodEnd: String,
        evidence: Int = 0,
        isFictional: Bool = false
    ) throws -> TransactionBody {
        .milestoneReport(
            MilestoneReport(
                commitment: try #require(CommitmentID(commitment)),
                content: try content(reading, at: periodEnd, evidence: evidence, isFictional: isFictional)
            )
        )
    }
}

func day(_ text: String) throws -> CalendarDay { try #require(CalendarDay(text)) }
func decimal(_ text: String) throws -> Decimal { try #require(Decimal(text)) }
func item(_ text: String) throws -> ItemID { try #require(ItemID(text)) }

/// Performs a core's effects at once, in their order.
private final class Driver: Sendable {
    private struct State: Sendable {
        var core: Core
        var clock: Clock
        var submissionCount = 0
    }

    private let state: Mutex<State>
    private let store: LedgerStore
    private let view: LedgerView

    init(core: Core, clock: Clock, store: LedgerStore, view: LedgerView) {
        state = Mutex(State(core: core, clock: clock))
        (self.store, self.view) = (store, view)
    }

    var submissionCount: Int { state.withLock { $0.submissionCount } }

    func start() {
        run { $0.core.start(at: $0.clock) }
    }

    func handle(_ event: Event) {
        run { state in
            if case .submitted = event { state.submissionCount += 1 }
            return state.core.handle(event, at: state.clock)
        }
        // Blocks may wait for a timer of a few milliseconds; where nothing becomes final this changes nothing.
        for _ in 0..<20 { advance(milliseconds: 10) }
    }

    func advance(milliseconds: UInt64) {
        run { state in
            state.clock.monotonic += milliseconds
            state.clock.wall = state.clock.wall.advanced(byMilliseconds: milliseconds)
            guard let deadline = state.core.deadline, deadline <= state.clock.monotonic else { return [] }
            return state.core.handle(.timerFired, at: state.clock)
        }
    }

    private func run(_ turn: (inout State) -> [Effect]) {
        state.withLock { state in
            var notices: [Notice] = []
            var effects = turn(&state)[...]
            while let effect = effects.popFirst() {
                switch effect {
                case .persist(let records):
                    do { try store.perform(records) } catch { Issue.record("not stored: \(error)") }
                case .verify(let verification):
                    let outcome = verification.run(by: KeySignatureVerifier())
                    effects += state.core.handle(.verified(outcome), at: state.clock)
                case .notify(let notice): notices.append(notice)
                case .halt(let reason): Issue.record("halted: \(reason)")
                case .send, .serve, .penalize: break
                }
            }
            view.publish(LedgerSnapshot(state.core), telling: notices)
        }
    }
}
