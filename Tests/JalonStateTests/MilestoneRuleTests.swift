import JalonModel
import JalonState
import JalonTestKit
import Testing

@Suite("A province reports, corrects and retracts milestones")
struct MilestoneRuleTests {
    private var ledger: TestLedger

    init() throws {
        ledger = try TestLedger()
        try ledger.publishRealPlans()
    }

    private func milestone(_ id: TransactionID) throws -> MilestoneRecord {
        try #require(ledger.state.milestone(id))
    }

    private func effective(_ commitment: String) throws -> [String] {
        try ledger.state.effectiveMilestones(of: #require(CommitmentID(commitment))).map {
            "\($0.periodEnd) \($0.reading.amount)"
        }
    }

    private mutating func report(
        _ commitment: String,
        _ value: String,
        _ periodEnd: String,
        by member: String? = nil
    ) throws -> TransactionID {
        try ledger.apply(
            TestLedger.report(commitment, value: value, at: periodEnd),
            by: member ?? String(commitment.prefix(5)).lowercased()
        )
    }

    private mutating func refusal(
        _ commitment: String,
        _ content: MilestoneContent
    ) throws -> Refusal {
        try ledger.refusal(
            TestLedger.report(commitment, content),
            by: String(commitment.prefix(5)).lowercased()
        )
    }

    // MARK: - Reporting

    @Test("a report is read back with its place in the chain, and costs one leaf")
    mutating func report() throws {
        let time = ledger.time
        let id = try report("CN-HN-2020-001", "9500", "2021-06-30")
        let record = try milestone(id)
        #expect(record.reading == .value(try decimal("9500")))
        #expect(record.state == .effective && record.changedBy == nil && !record.isBeforeStart)
        #expect(record.height == ledger.height && record.time == time)
        #expect(record.issuer.text == "cn-hn" && record.verificationLevel == .declared)
        #expect(ledger.changes.map(\.path) == ["milestone/\(id)"])
    }

    @Test("only the lead reports, and a refusal says who may")
    mutating func notResponsible() throws {
        let refusal = try ledger.refusal(
            TestLedger.report("CN-HN-2020-001", value: "20000", at: "2021-06-30"),
            by: "cn-gz"
        )
        #expect(refusal.code == .notResponsible)
        #expect(refusal.message.contains("cn-gz") && refusal.message.contains("cn-hn"))
        #expect(refusal.hint.contains("jalon commitment show CN-HN-2020-001"))
        for member in ["regulator", "audit", "watch"] {
            #expect(
                try ledger.refusal(
                    TestLedger.report("CN-HN-2020-001", value: "1", at: "2021-06-30"),
                    by: member
                )
                .code == .notResponsible
            )
        }
    }

    @Test("a commitment that does not exist is refused, naming the nearest")
    mutating func unknownCommitment() throws {
        let refusal = try ledger.refusal(
            TestLedger.report("CN-NH-2020-001", value: "1", at: "2021-06-30"),
            by: "cn-hn"
        )
        #expect(refusal.code == .unknownCommitment)
        #expect(refusal.message.contains("nearest: CN-HN-2020-001"))
    }

    @Test("a period that ends today is accepted, tomorrow is refused, by the network's offset")
    mutating func future() throws {
        // The block's time is midnight in UTC+8, still the day before in UTC.
        let refusal = try refusal(
            "CN-HN-2020-001",
            TestLedger.content(.value(decimal("1")), at: "2021-07-02")
        )
        #expect(refusal.code == .futurePeriod)
        #expect(refusal.message.contains("2021-07-02") && refusal.message.contains("2021-07-01"))
        _ = try report("CN-HN-2020-001", "1", "2021-07-01")
    }

    @Test("a second report for a period is refused and says how to correct the first")
    mutating func duplicatePeriod() throws {
        let id = try report("CN-HN-2020-001", "9500", "2021-06-30")
        let refusal = try refusal(
            "CN-HN-2020-001",
            TestLedger.content(.value(decimal("9800")), at: "2021-06-30")
        )
        #expect(refusal.code == .duplicatePeriod)
        #expect(refusal.message.contains("9500"))
        #expect(refusal.hint.contains("jalon milestone correct \(id) --value 9800"))
    }

    @Test("a running total neither falls nor is overtaken, whatever the order of the reports")
    mutating func cumulative() throws {
        _ = try report("CN-HN-2020-001", "9500", "2021-06-30")
        let fell = try refusal(
            "CN-HN-2020-001",
            TestLedger.content(.value(decimal("9499")), at: "2021-07-01")
        )
        #expect(fell.code == .valueFell)
        #expect(fell.message.contains("9499") && fell.message.contains("9500"))
        let overtaken = try refusal(
            "CN-HN-2020-001",
            TestLedger.content(.value(decimal("9501")), at: "2020-12-31")
        )
        #expect(overtaken.code == .valueFell)
        _ = try report("CN-HN-2020-001", "9500", "2020-12-31")
        _ = try report("CN-HN-2020-001", "9500", "2021-07-01")
        #expect(try effective("CN-HN-2020-001") == ["2020-12-31 9500", "2021-06-30 9500", "2021-07-01 9500"])
    }

    @Test(
        "reported, corrected and retracted in any order, a total's neighbours are those that count, in every copy",
        arguments: 1...3 as ClosedRange<UInt64>
    )
    mutating func neighbours(seed: UInt64) throws {
        struct Milestone: Equatable {
            let day, value: Int
            let id: TransactionID
        }
        let commitment = "CN-HN-2020-001"
        let first = try #require(CalendarDay("2020-05-01")).daysSince1970
        func expected(_ day: Int, _ value: Int, beside others: [Milestone]) -> Refusal.Code? {
            if others.contains(where: { $0.day == day }) { return .duplicatePeriod }
            let contradicts = others.contains { $0.day < day ? $0.value > value : $0.value < value }
            return contradicts ? .valueFell : nil
        }
        var random = SeededGenerator(seed: seed)
        var counting: [Milestone] = []
        var copies: [(state: LedgerState, counting: [Milestone])] = []
        for step in 0..<160 {
            let last = counting.last
            // Most come after all others, as they do in life.
            let (day, value) =
                random.below(3) > 0
                ? ((last?.day ?? 0) + 1, (last?.value ?? 0) + random.below(3))
                : (random.below(200), random.below(160))
            let old = random.below(4) == 0 && !counting.isEmpty ? counting[random.below(counting.count)] : nil
            let others = counting.filter { $0 != old }
            if let old, random.below(2) == 0 {
                try ledger.apply(TestLedger.retraction(commitment, of: old.id), by: "cn-hn")
                counting = others
            } else {
                let periodEnd = try #require(CalendarDay(daysSince1970: first + day))
                let content = try TestLedger.content(.value(decimal("\(value)")), at: "\(periodEnd)")
                let transaction =
                    try old.map { try TestLedger.correction(commitment, of: $0.id, content) }
                    ?? TestLedger.report(commitment, content)
                if let code = expected(day, value, beside: others) {
                    #expect(try ledger.refusal(transaction, by: "cn-hn").code == code)
                } else {
                    let id = try ledger.apply(transaction, by: "cn-hn")
                    counting = (others + [Milestone(day: day, value: value, id: id)]).sorted {
                        $0.day < $1.day
                    }
                }
            }
            if step.isMultiple(of: 20) { copies.append((ledger.state, counting)) }
        }
        let id = try #require(CommitmentID(commitment))
        for (state, counting) in copies + [(ledger.state, counting)] {
            #expect(state.effectiveMilestones(of: id).map(\.id) == counting.map(\.id))
            #expect(state.effectiveMilestoneCount(of: id) == counting.count)
            #expect(state.lastEffectiveMilestone(of: id)?.id == counting.last?.id)
        }
    }

    @Test("where the counting changed a total may fall, and nothing before it is measured by the new series")
    mutating func seriesBreak() throws {
        _ = try report("CN-HN-2020-001", "9500", "2021-03-31")
        try ledger.apply(
            TestLedger.report(
                "CN-HN-2020-001",
                TestLedger.content(.value(decimal("5000")), at: "2021-06-30", status: .seriesBreak)
            ),
            by: "cn-hn"
        )
        _ = try report("CN-HN-2020-001", "9600", "2021-04-30")
        #expect(
            try refusal("CN-HN-2020-001", TestLedger.content(.value(decimal("4999")), at: "2021-07-01")).code
                == .valueFell
        )
        _ = try report("CN-HN-2020-001", "5001", "2021-07-01")
    }

    @Test("a stock may fall")
    mutating func stock() throws {
        _ = try report("CN-HN-2020-002", "4", "2021-03-31")
        _ = try report("CN-HN-2020-002", "3", "2021-06-30")
    }

    @Test("a period before the start is admitted and flagged, as the real one of 23 April 2020 is")
    mutating func beforeStart() throws {
        let early = try report("CN-HN-2020-002", "2", "2020-04-23")
        let later = try report("CN-HN-2020-002", "3", "2020-06-03")
        #expect(try milestone(early).isBeforeStart)
        #expect(try !milestone(later).isBeforeStart)
    }

    @Test("the periods of a flow have a start and don't overlap")
    mutating func flow() throws {
        func content(_ from: String?, _ to: String) throws -> MilestoneContent {
            try TestLedger.content(.value(decimal("1000000")), at: to, from: from)
        }
        #expect(try refusal("CN-HN-2020-004", content(nil, "2020-12-31")).code == .periodStartMissing)
        try ledger.apply(
            TestLedger.report("CN-HN-2020-004", content("2020-07-01", "2020-12-31")),
            by: "cn-hn"
        )
        for (from, to) in [
            ("2020-12-31", "2021-06-30"), ("2020-01-01", "2020-07-01"), ("2020-01-01", "2021-06-30"),
            ("2020-08-01", "2020-08-31"),
        ] {
            let refusal = try refusal("CN-HN-2020-004", content(from, to))
            #expect(refusal.code == .overlappingPeriod)
            #expect(refusal.message.contains("2020-07-01 to 2020-12-31"))
        }
        #expect(try refusal("CN-HN-2020-004", content("2020-10-01", "2020-12-31")).code == .duplicatePeriod)
        try ledger.apply(
            TestLedger.report("CN-HN-2020-004", content("2021-01-01", "2021-06-30")),
            by: "cn-hn"
        )
        try ledger.apply(
            TestLedger.report("CN-HN-2020-004", content("2020-04-26", "2020-06-30")),
            by: "cn-hn"
        )
    }

    @Test("what is measured fits the target: a value, a level or done items, and nothing else")
    mutating func kinds() throws {
        let value = Reading.value(try decimal("1"))
        let item = Reading.doneItems([try #require(ItemID("110108"))])
        let cases: [(String, refused: [Reading], accepted: Reading)] = [
            ("CN-HN-2020-001", [.level(1), item], value),
            ("CN-HN-2020-002", [.level(1), item], value),
            ("CN-GZ-2020-002", [.level(1), item], value),
            ("CN-BJ-2020-001", [value, .level(1)], item),
            ("CN-BJ-2020-002", [value, item], .level(1)),
        ]
        for (commitment, refused, accepted) in cases {
            for reading in refused {
                let refusal = try refusal(commitment, TestLedger.content(reading, at: "2021-06-30"))
                #expect(refusal.code == .value)
            }
            try ledger.apply(
                TestLedger.report(commitment, TestLedger.content(accepted, at: "2021-06-30")),
                by: String(commitment.prefix(5)).lowercased()
            )
        }
    }

    @Test("more decimals than the indicator has, an unknown level or item are refused with what is possible")
    mutating func values() throws {
        let decimals = try refusal(
            "CN-HN-2020-001",
            TestLedger.content(.value(decimal("0.5")), at: "2021-06-30")
        )
        #expect(decimals.code == .value && decimals.message.contains("0.5"))
        let level = try refusal("CN-HI-2020-001", TestLedger.content(.level(4), at: "2021-06-30"))
        #expect(level.code == .value && level.hint.contains("1, 2, 3"))
        let item = try refusal(
            "CN-BJ-2020-001",
            TestLedger.content(.doneItems([#require(ItemID("110101"))]), at: "2021-06-30")
        )
        #expect(item.code == .value && item.hint.contains("110108"))
        try ledger.apply(
            TestLedger.report("CN-HI-2020-001", TestLedger.content(.level(0), at: "2021-06-30")),
            by: "cn-hi"
        )
        try ledger.apply(
            TestLedger.report("CN-BJ-2020-001", TestLedger.content(.doneItems([]), at: "2021-06-30")),
            by: "cn-bj"
        )
    }

    @Test("a period that starts after its end is refused")
    mutating func periodOrder() throws {
        let refusal = try refusal(
            "CN-HN-2020-001",
            TestLedger.content(.value(decimal("1")), at: "2021-06-30", from: "2021-07-01")
        )
        #expect(refusal.code == .invalidField && refusal.message.hasPrefix("periodStart"))
    }

    @Test("evidence raises the verification level")
    mutating func evidence() throws {
        let id = try ledger.apply(
            TestLedger.report(
                "CN-HN-2020-001",
                TestLedger.content(.value(decimal("1")), at: "2021-06-30", evidence: 2)
            ),
            by: "cn-hn"
        )
        #expect(try milestone(id).verificationLevel == .evidenced)
        #expect(try milestone(id).evidence.count == 2)
    }

    // MARK: - Correcting and retracting

    @Test("a correction takes the old one's place, which stays readable and is marked replaced")
    mutating func correction() throws {
        let old = try report("CN-HN-2020-001", "9500", "2021-06-30")
        let new = try ledger.apply(
            TestLedger.correction(
                "CN-HN-2020-001",
                of: old,
                TestLedger.content(.value(decimal("9400")), at: "2021-06-30")
            ),
            by: "cn-hn"
        )
        #expect(try milestone(old).state == .replaced)
        #expect(try milestone(old).changedBy == new)
        #expect(try milestone(old).reading == .value(try decimal("9500")))
        #expect(try milestone(new).replaces == old)
        #expect(try milestone(new).reasonCode?.text == "typingError")
        #expect(try effective("CN-HN-2020-001") == ["2021-06-30 9400"])
        #expect(ledger.changes.map(\.path) == ["milestone/\(old)", "milestone/\(new)"].sorted())
        let all = ledger.state.milestones(of: try #require(CommitmentID("CN-HN-2020-001")))
        #expect(all.map(\.id) == [old, new])
    }

    @Test("a correction may move the period, and frees the old one")
    mutating func movedPeriod() throws {
        let old = try report("CN-HN-2020-001", "9500", "2021-06-30")
        try ledger.apply(
            TestLedger.correction(
                "CN-HN-2020-001",
                of: old,
                TestLedger.content(.value(decimal("9500")), at: "2021-03-31")
            ),
            by: "cn-hn"
        )
        _ = try report("CN-HN-2020-001", "9600", "2021-06-30")
        #expect(try effective("CN-HN-2020-001") == ["2021-03-31 9500", "2021-06-30 9600"])
    }

    @Test("a correction obeys the rules of a report, with the old one taken out")
    mutating func correctionRules() throws {
        let first = try report("CN-HN-2020-001", "100", "2020-12-31")
        let middle = try report("CN-HN-2020-001", "200", "2021-03-31")
        _ = try report("CN-HN-2020-001", "300", "2021-06-30")
        func correct(_ value: String, _ periodEnd: String = "2021-03-31") throws -> TransactionBody {
            try TestLedger.correction(
                "CN-HN-2020-001",
                of: middle,
                TestLedger.content(.value(decimal(value)), at: periodEnd)
            )
        }
        #expect(try ledger.refusal(correct("99"), by: "cn-hn").code == .valueFell)
        #expect(try ledger.refusal(correct("301"), by: "cn-hn").code == .valueFell)
        #expect(try ledger.refusal(correct("150", "2021-06-30"), by: "cn-hn").code == .duplicatePeriod)
        #expect(try ledger.refusal(correct("150", "2021-07-02"), by: "cn-hn").code == .futurePeriod)
        #expect(try ledger.refusal(correct("150.5"), by: "cn-hn").code == .value)
        #expect(try milestone(middle).state == .effective && milestone(first).state == .effective)
        try ledger.apply(correct("300"), by: "cn-hn")
    }

    @Test("a retracted milestone stays readable, no longer counts, and frees its period")
    mutating func retraction() throws {
        let id = try report("CN-HN-2020-001", "9500", "2021-06-30")
        let retraction = try ledger.apply(TestLedger.retraction("CN-HN-2020-001", of: id), by: "cn-hn")
        #expect(try milestone(id).state == .retracted)
        #expect(try milestone(id).changedBy == retraction)
        #expect(try effective("CN-HN-2020-001").isEmpty)
        _ = try report("CN-HN-2020-001", "100", "2021-06-30")
    }

    @Test("only the member that reported changes a milestone")
    mutating func otherMember() throws {
        let id = try report("CN-HN-2020-001", "9500", "2021-06-30")
        let correction = try TestLedger.correction(
            "CN-HN-2020-001",
            of: id,
            TestLedger.content(.value(decimal("1")), at: "2021-06-30")
        )
        for member in ["cn-gz", "regulator", "audit"] {
            #expect(try ledger.refusal(correction, by: member).code == .notResponsible)
            #expect(
                try ledger.refusal(TestLedger.retraction("CN-HN-2020-001", of: id), by: member).code
                    == .notResponsible
            )
        }
    }

    @Test("a milestone that is unknown, another commitment's, or no longer effective can't be changed")
    mutating func wrongMilestone() throws {
        let id = try report("CN-HN-2020-001", "9500", "2021-06-30")
        let unknown = TransactionID(ledger.state.root)
        #expect(
            try ledger.refusal(TestLedger.retraction("CN-HN-2020-001", of: unknown), by: "cn-hn").code
                == .unknownMilestone
        )
        let other = try ledger.refusal(TestLedger.retraction("CN-HN-2020-002", of: id), by: "cn-hn")
        #expect(other.code == .unknownMilestone && other.message.contains("CN-HN-2020-001"))
        let retraction = try ledger.apply(TestLedger.retraction("CN-HN-2020-001", of: id), by: "cn-hn")
        let again = try ledger.refusal(TestLedger.retraction("CN-HN-2020-001", of: id), by: "cn-hn")
        #expect(again.code == .notEffective && again.message.contains("\(retraction)"))
        let correction = try TestLedger.correction(
            "CN-HN-2020-001",
            of: id,
            TestLedger.content(.value(decimal("1")), at: "2021-06-30")
        )
        #expect(try ledger.refusal(correction, by: "cn-hn").code == .notEffective)
    }

    @Test("transactions of one block see those before them")
    mutating func sameBlock() throws {
        let first = try ledger.sign(
            TestLedger.report("CN-HN-2020-001", value: "1", at: "2021-06-29"),
            by: "cn-hn"
        )
        let second = try ledger.sign(
            TestLedger.report("CN-HN-2020-001", value: "2", at: "2021-06-29"),
            by: "cn-hn"
        )
        let correction = try ledger.sign(
            TestLedger.correction(
                "CN-HN-2020-001",
                of: first.value.id,
                TestLedger.content(.value(decimal("3")), at: "2021-06-29")
            ),
            by: "cn-hn"
        )
        var execution = BlockExecution(on: ledger.state, context: ledger.context)
        try execution.apply(first)
        #expect(throws: Refusal.self) { try execution.apply(second) }
        try execution.apply(correction)
        let (state, changes) = execution.finish()
        #expect(changes.count == 2)
        #expect(state.milestone(first.value.id)?.state == .replaced)
        #expect(state.milestone(correction.value.id)?.position == 1)
        #expect(state.milestone(second.value.id) == nil)
    }
}
