import JalonCrypto
import JalonModel
import Testing

/// Sound values of the real plans, each kind of target among them.
enum Domain {
    static func text(_ string: String) throws -> Text { try Text(string) }

    static func day(_ string: String) throws -> CalendarDay { try #require(CalendarDay(string)) }

    static func decimal(_ string: String) throws -> Decimal { try #require(Decimal(string)) }

    static func endOf2022(_ basis: DateBasis = .explicit) throws -> CalendarDate {
        try #require(CalendarDate(date: day("2022-12-31"), precision: .year, basis: basis))
    }

    static func indicator(
        _ code: String,
        _ unit: String,
        _ measure: Measure,
        _ accumulation: Accumulation,
        _ direction: Direction = .up,
        scale: Int = 0
    ) throws -> Indicator {
        Indicator(
            code: try #require(IndicatorCode(code)),
            unit: try #require(UnitCode(unit)),
            scale: scale,
            measure: measure,
            accumulation: accumulation,
            direction: direction
        )
    }

    // MARK: - Plans

    static func plan() throws -> PlanPublish {
        PlanPublish(
            id: try #require(PlanID("CN-HN-2020-P1")),
            region: try #require(RegionCode("CN-HN")),
            title: try LocalizedText(
                zh: "湖南省区块链产业发展三年行动计划（2020—2022年）",
                en: "Hunan three-year action plan for the blockchain industry 2020–2022",
                fr: "Plan d'action triennal du Hunan pour la filière blockchain 2020-2022"
            ),
            issuer: try text("湖南省工业和信息化厅"),
            published: try #require(CalendarDate(date: day("2020-04-26"), precision: .day, basis: .explicit)),
            source: Source(kind: .press)
        )
    }

    /// A plan with every field there is.
    static func fullPlan() throws -> PlanPublish {
        var plan = try plan()
        plan.title = try LocalizedText(zh: "计划", en: "Plan", official: .en)
        plan.documentNumber = try text("湘工信〔2020〕1号")
        plan.source = Source(
            kind: .official,
            quote: try text("原文"),
            url: ResourceURI("https://example.org/plan?a=1#p"),
            locator: try text("第3页"),
            sha256: SHA256.hash([1])
        )
        return plan
    }

    // MARK: - Commitments

    static func commitment(
        _ id: String = "CN-HN-2020-001",
        region: String = "CN-HN",
        title: (String, String, String),
        sectors: [String],
        indicator: Indicator,
        baseline: String? = nil,
        target: Target,
        start: String,
        deadline: CalendarDate?
    ) throws -> CommitmentPropose {
        let start = try day(start)
        return CommitmentPropose(
            id: try #require(CommitmentID(id)),
            plan: try #require(PlanID("\(region)-2020-P1")),
            region: try #require(RegionCode(region)),
            title: try LocalizedText(zh: title.0, en: title.1, fr: title.2),
            sectors: try sectors.map { try #require(SectorCode($0)) },
            responsible: [Responsible(.member(try #require(MemberID(region.lowercased()))), role: .lead)],
            indicator: indicator,
            baseline: try baseline.map(decimal),
            target: target,
            start: start,
            deadline: deadline,
            curve: deadline == nil ? .none : .linear,
            reporting: Reporting(firstDue: start.adding(months: 12))
        )
    }

    /// `ge`: 30,000 enterprises.
    static func bound() throws -> CommitmentPropose {
        try commitment(
            title: (
                "推动3万家企业上链", "Put 30 000 enterprises on chain", "Mettre 30 000 entreprises sur la chaîne"
            ),
            sectors: ["industry", "services"],
            indicator: indicator("ENT_ONCHAIN", "enterprise", .count, .cumulative),
            target: .bound(.ge, decimal("30000")),
            start: "2020-04-26",
            deadline: endOf2022()
        )
    }

    /// `approx`: about five parks, two of them there already.
    static func approx() throws -> CommitmentPropose {
        try commitment(
            "CN-HN-2020-002",
            title: ("建设5个左右区块链产业园", "About five blockchain parks", "Environ cinq parcs blockchain"),
            sectors: ["industry"],
            indicator: indicator("PARK", "park", .count, .stock),
            baseline: "2",
            target: .approx(decimal("5"), tolerance: .zero),
            start: "2020-04-26",
            deadline: endOf2022()
        )
    }

    /// A flow of money: CNY 3 billion.
    static func flow() throws -> CommitmentPropose {
        try commitment(
            "CN-HN-2020-004",
            title: ("相关产业营业收入达30亿元", "Industry revenue of CNY 3 billion", "Chiffre d'affaires"),
            sectors: ["industry"],
            indicator: indicator("REVENUE_CNY", "CNY", .amount, .flow),
            target: .bound(.ge, decimal("3000000000")),
            start: "2020-04-26",
            deadline: endOf2022()
        )
    }

    /// `range`, without a deadline.
    static func range() throws -> CommitmentPropose {
        try commitment(
            "CN-JS-2020-001",
            region: "CN-JS",
            title: ("建设2—3个省级区块链产业园", "Two to three provincial parks", "Deux à trois parcs provinciaux"),
            sectors: ["industry"],
            indicator: indicator("PARK_PROVINCIAL", "park", .count, .stock),
            baseline: "1",
            target: .range(min: decimal("2"), max: decimal("3"), sense: .threshold),
            start: "2020-06-30",
            deadline: nil
        )
    }

    static func item(_ id: String, _ zh: String, _ en: String) throws -> ChecklistItem {
        ChecklistItem(id: try #require(ItemID(id)), name: try LocalizedText(zh: zh, en: en))
    }

    /// `checklist`: three districts, the deadline inferred.
    static func checklist() throws -> CommitmentPropose {
        try commitment(
            "CN-BJ-2020-001",
            region: "CN-BJ",
            title: ("海淀、朝阳、通州区块链产业基地", "Blockchain centres in three districts", "Centres blockchain"),
            sectors: ["technology", "industry"],
            indicator: indicator("DISTRICT_CENTRE", "item", .checklist, .stock),
            target: .checklist(
                [
                    item("110108", "海淀区", "Haidian"), item("110105", "朝阳区", "Chaoyang"),
                    item("110112", "通州区", "Tongzhou"),
                ],
                required: 3
            ),
            start: "2020-06-30",
            deadline: endOf2022(.inferred)
        )
    }

    static func level(_ id: Int, _ zh: String, due: String? = nil) throws -> Level {
        Level(id: id, name: try LocalizedText(zh: zh), due: try due.map(day))
    }

    /// `level` with due dates: Hainan on chain in three phases.
    static func levels() throws -> CommitmentPropose {
        try commitment(
            "CN-HI-2020-001",
            region: "CN-HI",
            title: ("链上海南三阶段", "Hainan on chain in three phases", "Hainan sur la chaîne en trois phases"),
            sectors: ["government", "technology"],
            indicator: indicator("CHAIN_PHASE", "level", .ordinal, .stock),
            target: .level(
                [
                    level(1, "上链整合", due: "2020-12-31"), level(2, "融合赋能", due: "2021-12-31"),
                    level(3, "开放生态", due: "2022-12-31"),
                ],
                required: 3
            ),
            start: "2020-05-09",
            deadline: endOf2022()
        )
    }

    /// A qualitative one with a rubric, its theme the priority of the year.
    static func qualitative() throws -> CommitmentPropose {
        var body = try commitment(
            "CN-HI-2020-002",
            region: "CN-HI",
            title: ("网络区块链创新应用为年度重点", "The priority of the year", "La priorité de l'année"),
            sectors: ["government"],
            indicator: indicator("PRIORITY", "level", .qualitative, .stock),
            target: .level([level(1, "启动"), level(2, "年度重点已落实")], required: 2),
            start: "2020-05-09",
            deadline: CalendarDate(date: day("2020-12-31"), precision: .year, basis: .inferred)
        )
        body.themes = [try #require(ThemeCode("priority-2020"))]
        body.reporting.firstDue = try day("2020-12-31")
        body.source = Source(
            kind: .press,
            quote: try text("« son plan d'action … est une priorité cette année »")
        )
        return body
    }

    /// A commitment with every field there is, down to a corridor and a stepwise trajectory.
    static func full() throws -> CommitmentPropose {
        var body = try commitment(
            "CN-HN-2020-0123",
            title: ("全部字段", "Every field", "Tous les champs"),
            sectors: ["finance", "talent"],
            indicator: indicator("SHARE", "percent", .percent, .stock, .down, scale: 2),
            baseline: "80.25",
            target: .range(min: decimal("20"), max: decimal("40.5"), sense: .corridor),
            start: "2020-01-01",
            deadline: CalendarDate(date: day("2022-06-30"), precision: .quarter, basis: .none)
        )
        body.subregions = [try #require(SubregionCode("430100")), try #require(SubregionCode("430200"))]
        body.description = try LocalizedText(zh: "说明", fr: "Description", official: .fr)
        body.themes = [try #require(ThemeCode("a")), try #require(ThemeCode("b-1"))]
        body.responsible.append(Responsible(.text(try text("省财政厅")), role: .support))
        body.responsible.append(Responsible(.member(try #require(MemberID("cn-gz"))), role: .support))
        body.indicator.method = try LocalizedText(zh: "统计方法")
        body.trajectory = [
            TrajectoryPoint(date: try day("2021-01-01"), value: try decimal("60.5")),
            TrajectoryPoint(date: try day("2022-06-30"), value: try decimal("40")),
        ]
        body.curve = .step
        body.reporting = Reporting(every: .halfYearly, firstDue: try day("2020-07-01"), graceDays: 30)
        body.verification = Verification(minimumLevel: .attested)
        body.related = [try #require(CommitmentID("CN-HN-2020-001"))]
        body.joint = [try #require(MemberID("cn-gz")), try #require(MemberID("cn-js"))]
        body.counterparties = Counterparties(members: [try #require(MemberID("bank-1"))], required: 1)
        body.source = try fullPlan().source
        return body
    }

    static func commitments() throws -> [CommitmentPropose] {
        try [bound(), approx(), flow(), range(), checklist(), levels(), qualitative(), full()]
    }

    // MARK: - Milestones

    static func evidence() throws -> Evidence {
        Evidence(
            name: try #require(FileName("q2.pdf")),
            mediaType: try #require(MediaType("application/pdf")),
            byteCount: 48_213,
            sha256: SHA256.hash([2]),
            uris: [try #require(ResourceURI("https://example.org/q2.pdf"))]
        )
    }

    static func content(_ reading: Reading) throws -> MilestoneContent {
        MilestoneContent(
            periodStart: try day("2021-01-01"),
            periodEnd: try day("2021-06-30"),
            reading: reading,
            valueStatus: .provisional,
            evidence: [try evidence()],
            note: try text("初步数据"),
            isFinal: true,
            isFictional: true
        )
    }

    static func readings() throws -> [Reading] {
        [
            .value(try decimal("9500.5")), .level(2), .doneItems([]),
            .doneItems([try #require(ItemID("live")), try #require(ItemID("110108"))]),
        ]
    }

    static func report(_ reading: Reading) throws -> MilestoneReport {
        MilestoneReport(
            commitment: try #require(CommitmentID("CN-HN-2020-001")),
            content: try content(reading)
        )
    }

    static func correction(_ reading: Reading) throws -> MilestoneCorrect {
        MilestoneCorrect(
            commitment: try #require(CommitmentID("CN-HN-2020-001")),
            milestone: TransactionID(SHA256.hash([3])),
            content: try content(reading),
            reasonCode: try #require(ReasonCode("typingError")),
            reason: try text("数字录入错误")
        )
    }

    static func retraction() throws -> MilestoneRetract {
        MilestoneRetract(
            commitment: try #require(CommitmentID("CN-HN-2020-001")),
            milestone: TransactionID(SHA256.hash([3])),
            reasonCode: try #require(ReasonCode("wrongCommitment")),
            reason: try text("报错了承诺")
        )
    }

    // MARK: - Life, amendments and delegations

    /// Every step, with all that it may say.
    static func transitions() throws -> [CommitmentTransition] {
        try LifeStep.allCases.map { step in
            CommitmentTransition(
                step,
                try #require(CommitmentID("CN-HN-2020-001")),
                reason: try text("规划调整"),
                successor: step == .supersede ? CommitmentID("CN-HN-2020-005") : nil
            )
        }
    }

    /// A material amendment of one field.
    static func amendment() throws -> CommitmentAmend {
        var changes = CommitmentChanges()
        changes.target = .bound(.ge, try decimal("1000"))
        return CommitmentAmend(
            id: try #require(CommitmentID("CN-HN-2020-001")),
            expectedVersion: 1,
            amendmentClass: .material,
            changes: changes,
            reasonCode: try #require(ReasonCode("newPlan")),
            reason: try text("规划调整")
        )
    }

    /// An amendment that changes or removes everything that can be.
    static func fullAmendment() throws -> CommitmentAmend {
        let full = try full()
        var amendment = try amendment()
        var changes = CommitmentChanges()
        (changes.curve, changes.start, changes.title) = (full.curve, full.start, full.title)
        (changes.source, changes.target, changes.themes) = (full.source, full.target, full.themes)
        (changes.related, changes.sectors, changes.indicator) = (full.related, full.sectors, full.indicator)
        (changes.reporting, changes.subregions) = (full.reporting, full.subregions)
        (changes.trajectory, changes.responsible) = (full.trajectory, full.responsible)
        changes.verification = full.verification
        amendment.changes = changes
        amendment.removes = [.description, .baseline, .deadline, .counterparties]
        (amendment.expectedVersion, amendment.source) = (300, full.source)
        return amendment
    }

    /// An amendment of words, that takes the source away.
    static func editorialAmendment() throws -> CommitmentAmend {
        var amendment = try amendment()
        amendment.amendmentClass = .editorial
        amendment.changes = CommitmentChanges()
        amendment.changes.title = try LocalizedText(zh: "三万家企业上链", en: "30 000 enterprises on chain")
        amendment.changes.description = try LocalizedText(zh: "说明")
        amendment.removes = [.source]
        return amendment
    }

    static let chain = ChainID(SHA256.hash([9]))

    static func grant(_ scope: DelegationScope = .all) throws -> DelegationGrant {
        let (key, member) = (try key(70), try #require(MemberID("cn-hn")))
        let statement = Possession.statement(
            purpose: DelegationGrant.purpose,
            key: key.publicKey,
            member: member,
            chain: chain
        )
        return DelegationGrant(
            member: member,
            key: key.publicKey,
            proof: key.sign(statement),
            types: [.milestoneReport, .milestoneCorrect],
            scope: scope,
            expires: Timestamp(1_650_000_000_000)
        )
    }

    static func listedGrant() throws -> DelegationGrant {
        try grant(
            .commitments([
                #require(CommitmentID("CN-HN-2020-001")), #require(CommitmentID("CN-HN-2020-002")),
            ])
        )
    }

    static func revocation() throws -> DelegationRevoke {
        DelegationRevoke(
            member: try #require(MemberID("cn-hn")),
            key: try key(70).publicKey.id,
            reason: try text("人员调动")
        )
    }

    static func lifeBodies() throws -> [TransactionBody] {
        try transitions().map(TransactionBody.commitmentTransition)
            + [amendment(), fullAmendment(), editorialAmendment()].map(TransactionBody.commitmentAmend)
            + [grant(), listedGrant()].map(TransactionBody.delegationGrant)
            + [.delegationRevoke(revocation())]
    }

    /// A body of every kind and form.
    static func bodies() throws -> [TransactionBody] {
        var bodies = try [plan(), fullPlan()].map(TransactionBody.planPublish)
        bodies += try commitments().map(TransactionBody.commitmentPropose)
        for reading in try readings() {
            bodies.append(.milestoneReport(try report(reading)))
            bodies.append(.milestoneCorrect(try correction(reading)))
        }
        bodies.append(.milestoneRetract(try retraction()))
        bodies += try voices()
        bodies += try lifeBodies()
        return bodies
    }

    // MARK: - Genesis

    static func key(_ seed: UInt8) throws -> PrivateKey {
        try PrivateKey(seed: [UInt8](repeating: seed, count: 32))
    }

    static func member(_ id: String, roles: [MemberRole], region: String?, seed: UInt8) throws -> Member {
        Member(
            id: try #require(MemberID(id)),
            roles: roles,
            name: try LocalizedText(zh: "成员", en: id),
            region: try region.map { try #require(RegionCode($0)) },
            authorityKeys: [try key(seed).publicKey],
            recoveryKey: try key(seed + 1).publicKey,
            nodes: [
                NodeEntry(
                    key: try key(seed + 2).publicKey,
                    addresses: [
                        try #require(NodeAddress("127.0.0.1:7400")),
                        try #require(NodeAddress("[2001:db8::1]:65535")),
                    ]
                )
            ]
        )
    }

    static func members() throws -> [Member] {
        [
            try member("cn-hn", roles: [.province], region: "CN-HN", seed: 10),
            try member("cn-gz", roles: [.province], region: "CN-GZ", seed: 20),
            try member("watch", roles: [.observer], region: nil, seed: 30),
            try member("audit", roles: [.regulator, .auditor], region: nil, seed: 40),
        ]
    }

    static func validators(_ ids: [String] = ["cn-hn", "cn-gz", "audit"]) throws -> ValidatorSet {
        var validators: [Validator] = []
        for (index, id) in ids.enumerated() {
            validators.append(
                Validator(key: try key(UInt8(60 + index)).publicKey, member: try #require(MemberID(id)))
            )
        }
        return try ValidatorSet(validators)
    }

    static func genesis(
        parameters: Parameters = Parameters(validatorCount: 3),
        members: [Member]? = nil,
        validators: ValidatorSet? = nil,
        continues: Continuation? = nil
    ) throws -> Genesis {
        try Genesis(
            network: try #require(NetworkID("cn-plans-2020")),
            time: Timestamp(1_625_000_000_000),
            parameters: parameters,
            units: [
                UnitDefinition(
                    code: try #require(UnitCode("park")),
                    name: try LocalizedText(zh: "个园区", en: "parks")
                ),
                UnitDefinition(code: try #require(UnitCode("CNY")), name: try LocalizedText(zh: "元人民币")),
            ],
            sectors: [
                SectorDefinition(
                    code: try #require(SectorCode("finance")),
                    name: try LocalizedText(zh: "金融"),
                    classification: ClassificationLetter("J")
                ),
                SectorDefinition(code: try #require(SectorCode("other")), name: try LocalizedText(zh: "其他")),
            ],
            members: try members ?? Domain.members(),
            validators: try validators ?? Domain.validators(),
            continues: continues
        )
    }

    /// A genesis that continues an earlier chain, signed by `signers`.
    static func continued(signers seeds: [UInt8]) throws -> Genesis {
        var continuation = Continuation(
            chain: ChainID(SHA256.hash([4])),
            block: BlockID(SHA256.hash([5])),
            height: Height(1_000),
            logRoot: SHA256.hash([6]),
            logSize: 2_000,
            stateRoot: SHA256.hash([7])
        )
        let unsigned = try genesis(continues: continuation)
        let message = try #require(unsigned.continuationToBeSigned)
        continuation.signatures = try seeds.map { seed in
            let key = try key(seed)
            return ContinuationSignature(keyID: key.publicKey.id, signature: key.sign(message))
        }.sorted { $0.keyID < $1.keyID }
        return try genesis(continues: continuation)
    }
}
