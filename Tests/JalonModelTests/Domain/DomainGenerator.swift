import JalonCrypto
import JalonModel
import JalonTestKit
import Testing

/// Makes values whose encodings are sound one by one; rules between a body's fields need not hold.
struct DomainGenerator {
    private var random: SeededGenerator

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    mutating func below(_ bound: Int) -> Int { random.below(bound) }

    mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

    mutating func choice<Choice: CodedChoice>() -> Choice { pick(Array(Choice.allCases)) }

    mutating func maybe<Value>(_ make: (inout Self) throws -> Value) rethrows -> Value? {
        below(2) == 0 ? nil : try make(&self)
    }

    mutating func list<Value>(
        _ most: Int,
        _ make: (inout Self) throws -> Value
    ) rethrows -> [Value] {
        var values: [Value] = []
        for _ in 0..<below(most + 1) { values.append(try make(&self)) }
        return values
    }

    mutating func digest() -> Digest { SHA256.hash(random.bytes(8)) }

    mutating func text() throws -> Text {
        let letters = Array("aZ0 é湖南—😀".unicodeScalars)
        var string = ""
        for _ in 0...below(12) { string.unicodeScalars.append(pick(letters)) }
        return try Text(string)
    }

    mutating func localizedText() throws -> LocalizedText {
        let (zh, en, fr) = (try text(), try maybe { try $0.text() }, try maybe { try $0.text() })
        let known = [Language.zh] + (en == nil ? [] : [.en]) + (fr == nil ? [] : [.fr])
        return try LocalizedText(zh: zh, en: en, fr: fr, official: pick(known))
    }

    mutating func id() -> String {
        String((0...below(20)).map { _ in pick(Array("abzABZ019.-")) })
    }

    private mutating func lowerCode() -> String {
        pick(["a", "z"]) + String((0..<below(20)).map { _ in pick(Array("az09-")) })
    }

    private mutating func region() throws -> RegionCode {
        try #require(RegionCode(pick(["CN", "CN-HN", "CN-HE", "CN-HB", "FR-75", "GB-ENG"])))
    }

    mutating func decimal() -> Decimal {
        let bits = below(80)
        let raw = Int128(random.next()) << 64 | Int128(random.next())
        return Decimal(millionths: raw >> Int128(127 - min(bits, 79))) ?? .zero
    }

    mutating func day() -> CalendarDay {
        CalendarDay.first.adding(days: below(CalendarDay.last.days(since: .first) + 1))
    }

    mutating func date() -> CalendarDate {
        while true {
            let precision: DatePrecision = choice()
            var day = day()
            if precision != .day {
                let (year, month, _) = day.parts
                let last = precision == .year ? 12 : precision == .quarter ? (month + 2) / 3 * 3 : month
                day = (CalendarDay(year: year, month: last, day: 1) ?? day).adding(months: 1).adding(days: -1)
            }
            if let date = CalendarDate(date: day, precision: precision, basis: choice()) { return date }
        }
    }

    mutating func uri() throws -> ResourceURI { try #require(ResourceURI("https://example.org/\(id())")) }

    mutating func evidence() throws -> Evidence {
        Evidence(
            name: try #require(FileName("\(try text()).pdf")),
            mediaType: try #require(MediaType(pick(["application/pdf", "text/plain", "image/svg+xml"]))),
            byteCount: random.next() >> UInt64(11 + below(50)),
            sha256: digest(),
            uris: try list(3) { try $0.uri() },
            access: choice()
        )
    }

    mutating func source() throws -> Source {
        Source(
            kind: choice(),
            quote: try maybe { try $0.text() },
            url: try maybe { try $0.uri() },
            locator: try maybe { try $0.text() },
            sha256: maybe { $0.digest() }
        )
    }

    mutating func indicator() throws -> Indicator {
        Indicator(
            code: try #require(IndicatorCode(pick(["PARK", "ENT_ONCHAIN", "A0_"]))),
            unit: try #require(UnitCode(pick(["CNY", "park", "item", "a-1"]))),
            scale: below(7),
            measure: choice(),
            accumulation: choice(),
            direction: choice(),
            method: try maybe { try $0.localizedText() }
        )
    }

    mutating func target() throws -> Target {
        switch below(5) {
        case 0: return .bound(pick(Array(Comparison.allCases)), decimal())
        case 1: return .approx(decimal(), tolerance: decimal())
        case 2: return .range(min: decimal(), max: decimal(), sense: choice())
        case 3:
            let items = try list(5) { generator in
                ChecklistItem(id: try #require(ItemID(generator.id())), name: try generator.localizedText())
            }
            return .checklist(items, required: below(65))
        default:
            let levels = try list(5) { generator in
                Level(
                    id: 1 + generator.below(1_000),
                    name: try generator.localizedText(),
                    due: generator.maybe { $0.day() }
                )
            }
            return .level(levels, required: 1 + below(1_000))
        }
    }

    mutating func reporting() -> Reporting {
        Reporting(every: choice(), firstDue: day(), graceDays: below(367))
    }

    mutating func memberID() throws -> MemberID { try #require(MemberID(id())) }

    mutating func responsible() throws -> Responsible {
        Responsible(below(2) == 0 ? .text(try text()) : .member(try memberID()), role: choice())
    }

    mutating func counterparties() throws -> Counterparties {
        Counterparties(members: try list(4) { try $0.memberID() }, required: 1 + below(64))
    }

    // MARK: - Bodies

    mutating func plan() throws -> PlanPublish {
        PlanPublish(
            id: try #require(PlanID(id())),
            region: try region(),
            title: try localizedText(),
            documentNumber: try maybe { try $0.text() },
            issuer: try text(),
            published: date(),
            source: try source()
        )
    }

    mutating func commitment() throws -> CommitmentPropose {
        CommitmentPropose(
            id: try #require(CommitmentID(id())),
            plan: try #require(PlanID(id())),
            region: try region(),
            subregions: try list(3) { try #require(SubregionCode($0.id())) },
            title: try localizedText(),
            description: try maybe { try $0.localizedText() },
            sectors: try list(3) { try #require(SectorCode($0.lowerCode())) },
            themes: try list(3) { try #require(ThemeCode($0.lowerCode())) },
            responsible: try list(3) { try $0.responsible() },
            indicator: try indicator(),
            baseline: maybe { $0.decimal() },
            target: try target(),
            start: day(),
            deadline: maybe { $0.date() },
            trajectory: list(3) { TrajectoryPoint(date: $0.day(), value: $0.decimal()) },
            curve: choice(),
            reporting: reporting(),
            verification: Verification(minimumLevel: choice()),
            related: try list(3) { try #require(CommitmentID($0.id())) },
            joint: try maybe { try $0.list(3) { try $0.memberID() } },
            counterparties: try maybe { try $0.counterparties() },
            source: try maybe { try $0.source() }
        )
    }

    private mutating func content() throws -> MilestoneContent {
        let reading: Reading =
            switch below(3) {
            case 0: .value(decimal())
            case 1: .level(below(1_001))
            default: .doneItems(try list(4) { try #require(ItemID($0.id())) })
            }
        return MilestoneContent(
            periodStart: maybe { $0.day() },
            periodEnd: day(),
            reading: reading,
            valueStatus: choice(),
            evidence: try list(2) { try $0.evidence() },
            note: try maybe { try $0.text() },
            isFinal: below(2) == 0,
            isFictional: below(2) == 0
        )
    }

    mutating func report() throws -> MilestoneReport {
        MilestoneReport(commitment: try #require(CommitmentID(id())), content: try content())
    }

    private mutating func reasonCode() throws -> ReasonCode {
        try #require(ReasonCode(pick(["typingError", "newSource", "a1"])))
    }

    mutating func correction() throws -> MilestoneCorrect {
        MilestoneCorrect(
            commitment: try #require(CommitmentID(id())),
            milestone: TransactionID(digest()),
            content: try content(),
            reasonCode: try reasonCode(),
            reason: try text()
        )
    }

    mutating func retraction() throws -> MilestoneRetract {
        MilestoneRetract(
            commitment: try #require(CommitmentID(id())),
            milestone: TransactionID(digest()),
            reasonCode: try reasonCode(),
            reason: try text()
        )
    }

    // MARK: - Life, amendments and delegations

    mutating func transition() throws -> CommitmentTransition {
        CommitmentTransition(
            pick(Array(LifeStep.allCases)),
            try #require(CommitmentID(id())),
            reason: try maybe { try $0.text() },
            successor: try maybe { try #require(CommitmentID($0.id())) }
        )
    }

    mutating func amendment() throws -> CommitmentAmend {
        let all = try commitment()
        var changes = CommitmentChanges()
        changes.curve = maybe { _ in all.curve }
        changes.start = maybe { _ in all.start }
        changes.title = maybe { _ in all.title }
        changes.source = all.source
        changes.target = maybe { _ in all.target }
        changes.themes = maybe { _ in all.themes }
        changes.related = maybe { _ in all.related }
        changes.sectors = maybe { _ in all.sectors }
        changes.baseline = all.baseline
        changes.deadline = all.deadline
        changes.indicator = maybe { _ in all.indicator }
        changes.reporting = maybe { _ in all.reporting }
        changes.subregions = maybe { _ in all.subregions }
        changes.trajectory = maybe { _ in all.trajectory }
        changes.description = all.description
        changes.responsible = maybe { _ in all.responsible }
        changes.verification = maybe { _ in all.verification }
        changes.counterparties = all.counterparties
        return CommitmentAmend(
            id: all.id,
            expectedVersion: 1 + random.next() >> 2,
            amendmentClass: choice(),
            changes: changes,
            removes: list(3) { $0.choice() },
            reasonCode: try reasonCode(),
            reason: try text(),
            source: try maybe { try $0.source() }
        )
    }

    mutating func grant() throws -> DelegationGrant {
        DelegationGrant(
            member: try memberID(),
            key: try key(),
            proof: random.bytes(64),
            types: list(4) { $0.choice() },
            scope: below(2) == 0 ? .all : .commitments(try list(3) { try #require(CommitmentID($0.id())) }),
            expires: Timestamp(random.next() >> 8)
        )
    }

    mutating func revocation() throws -> DelegationRevoke {
        DelegationRevoke(
            member: try memberID(),
            key: KeyID(digest()),
            reason: try maybe { try $0.text() }
        )
    }

    // MARK: - Genesis

    mutating func parameters() -> Parameters {
        func value(_ parameter: Parameter) -> UInt64 {
            guard let range = Parameters.range(of: parameter) else { return 0 }
            return range.lowerBound + random.next() % (range.upperBound - range.lowerBound + 1)
        }
        var parameters = Parameters()
        parameters.deltaMilliseconds = value(.delta)
        parameters.atRisk = PartsPerMillion(Int64(value(.atRisk) / 2))
        parameters.maxSkewMilliseconds = value(.maxSkew)
        parameters.onTrack = PartsPerMillion(500_000 + Int64(value(.onTrack) / 2))
        parameters.heartbeatMilliseconds = value(.heartbeat)
        parameters.utcOffsetMinutes = below(1_561) - 720
        parameters.activation = choice()
        parameters.statusDate = maybe { $0.day() }
        parameters.timeoutCapMilliseconds = value(.timeoutCap)
        parameters.maxLifetimeMilliseconds = value(.maxLifetime)
        parameters.maxBlockByteCount = value(.maxBlockBytes)
        parameters.recoveryDelayMilliseconds = value(.recoveryDelay)
        parameters.minimumValidatorCount = value(.minimumValidators)
        parameters.replayWindowLimit = value(.replayWindowLimit)
        parameters.maxBlockTransactionCount = value(.maxBlockTransactions)
        parameters.minimumBlockIntervalMilliseconds = value(.minimumBlockInterval)
        return parameters
    }

    private mutating func key() throws -> PublicKey { try PrivateKey(seed: random.bytes(32)).publicKey }

    mutating func member() throws -> Member {
        Member(
            id: try memberID(),
            roles: list(4) { $0.choice() },
            name: try localizedText(),
            region: try maybe { try $0.region() },
            authorityKeys: try list(3) { try $0.key() },
            recoveryKey: try maybe { try $0.key() },
            nodes: try list(2) { generator in
                NodeEntry(
                    key: try generator.key(),
                    addresses: try generator.list(3) {
                        try #require(NodeAddress("\($0.lowerCode())0.example.cn:\(1 + $0.below(65_535))"))
                    }
                )
            }
        )
    }

    mutating func continuation() -> Continuation {
        Continuation(
            chain: ChainID(digest()),
            block: BlockID(digest()),
            height: Height(random.count()),
            logRoot: digest(),
            logSize: random.count(),
            stateRoot: digest(),
            signatures: list(3) { generator in
                ContinuationSignature(keyID: KeyID(generator.digest()), signature: generator.random.bytes(64))
            }
        )
    }
}
