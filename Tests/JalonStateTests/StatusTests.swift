import JalonModel
import JalonState
import JalonTestKit
import Testing

@Suite("The status of a commitment")
struct StatusTests {
    private let today = "2021-07-01"

    // MARK: - The golden cases of the domain's rules

    private func judged(_ id: String, _ readings: [(String, String)]) throws -> Judgement {
        let real = try #require(RealPlans.commitments.first { $0.id == id })
        return try Judged(real.body(), readings.map { Reported($0.0, at: $0.1) }, on: today).status.current
    }

    @Test("Hunan, 9 500 of 30 000 enterprises: at risk at 721 007 ppm of 13 176")
    func hunan() throws {
        let judgement = try judged("CN-HN-2020-001", [("9500", "2021-06-30")])
        #expect(judgement.name == .atRisk && judgement.rule == 9)
        #expect(judgement.elapsedDays == 430 && judgement.totalDays == 979)
        #expect(try judgement.expected == decimal("13176"))
        #expect(judgement.ratio == PartsPerMillion(721_007))
        #expect(judgement.progress == PartsPerMillion(316_666))
    }

    @Test("the same after an amendment to 1 000: originally at risk, currently claimed")
    func amended() throws {
        let body = try #require(RealPlans.commitments.first { $0.id == "CN-HN-2020-001" }).body()
        var easier = body
        easier.target = .bound(.ge, try decimal("1000"))
        let status = try Judged(
            body,
            [Reported("9500", at: "2021-06-30")],
            amendedTo: easier,
            on: today
        ).status
        #expect(status.original.name == .atRisk && status.original.version == 1)
        #expect(try status.original.expected == decimal("13176"))
        #expect(status.current.name == .claimed && status.current.rule == 3 && status.current.version == 2)
        #expect(status.flags.contains(.amended))
    }

    @Test("Guizhou, 41 of 100 firms: on track at 953 488 ppm of 43")
    func guizhou() throws {
        let judgement = try judged("CN-GZ-2020-001", [("41", "2021-06-30")])
        #expect(judgement.name == .onTrack && judgement.rule == 9)
        #expect(judgement.elapsedDays == 418 && judgement.totalDays == 967)
        #expect(try judgement.expected == decimal("43"))
        #expect(judgement.ratio == PartsPerMillion(953_488))
    }

    @Test("Hebei, 4 of 20 leading firms: behind at 571 428 ppm of 7")
    func hebei() throws {
        let judgement = try judged("CN-HE-2020-001", [("4", "2021-06-30")])
        #expect(judgement.name == .behind && judgement.rule == 9)
        #expect(judgement.elapsedDays == 364 && judgement.totalDays == 913)
        #expect(try judgement.expected == decimal("7"))
        #expect(judgement.ratio == PartsPerMillion(571_428))
    }

    @Test("a range of 2 to 3, 1 after 30 of 974 days: on track, too early to say")
    func tooEarly() throws {
        let range = try promise(.range("2", "3"), start: "2020-05-01", deadline: "2022-12-31")
        let judgement = try Judged(range, [Reported("1", at: "2020-05-31")], on: today).status.current
        #expect(judgement.name == .onTrack && judgement.rule == 8)
        #expect(judgement.elapsedDays == 30 && judgement.totalDays == 974)
        #expect(judgement.expected == .zero && judgement.ratio == nil)
        #expect(try judgement.target == decimal("2"))
    }

    @Test("with evidence the same value is achieved instead of claimed")
    func verified() throws {
        let body = try promise(.bound(.ge, "100"), deadline: "2022-12-31")
        let claimed = try Judged(body, [Reported("100", at: "2021-06-30")], on: today).status.current
        #expect(claimed.name == .claimed && claimed.verificationLevel == .declared)
        let achieved = try Judged(body, [Reported("100", at: "2021-06-30", evidence: 1)], on: today).status
            .current
        #expect(achieved.name == .achieved && achieved.verificationLevel == .evidenced)
        var strict = body
        strict.verification.minimumLevel = .attested
        #expect(
            try Judged(strict, [Reported("100", at: "2021-06-30", evidence: 1)], on: today).status.current
                .name
                == .claimed
        )
        strict.verification.minimumLevel = .declared
        #expect(
            try Judged(strict, [Reported("100", at: "2021-06-30")], on: today).status.current.name
                == .achieved
        )
    }

    @Test("a co-signature and an attestation vouch for more than evidence, a refutation takes it out")
    func voices() throws {
        var body = try promise(.bound(.ge, "100"), deadline: "2022-12-31")
        body.verification.minimumLevel = .attested
        var reported = Reported("100", at: "2021-06-30", evidence: 1)
        func judgement() throws -> Judgement { try Judged(body, [reported], on: today).status.current }
        #expect(try judgement().verificationLevel == .evidenced)
        reported.cosignatures = (required: 2, given: 1)
        #expect(try judgement().name == .notStarted && judgement().verificationLevel == nil)
        reported.cosignatures = (required: 2, given: 2)
        #expect(try judgement().name == .claimed && judgement().verificationLevel == .cosigned)
        reported.isConfirmed = true
        #expect(try judgement().name == .achieved && judgement().verificationLevel == .attested)
        reported.isRefuted = true
        let status = try Judged(body, [reported], on: today).status
        #expect(status.current.latest == nil && status.flags.contains(.refuted))
    }

    // MARK: - Operators

    @Test(
        "a target is met as its operator reads",
        arguments: [
            (RealCommitment.ShortTarget.bound(.ge, "10"), Direction.up, ["10", "11"], ["9"]),
            (.bound(.gt, "10"), .up, ["11"], ["10", "9"]),
            (.bound(.le, "10"), .down, ["10", "9"], ["11"]),
            (.bound(.lt, "10"), .down, ["9"], ["10"]),
            (.approx("10", "2"), .up, ["8", "10", "13"], ["7"]),
            (.approx("10", "2"), .down, ["12", "7"], ["13"]),
            (.approx("10", "2"), .maintain, ["8", "12"], ["7", "13"]),
            (.range("10", "20"), .up, ["10", "21"], ["9"]),
            (.range("10", "20"), .down, ["20", "9"], ["21"]),
            (.range("10", "20"), .maintain, ["10", "20"], ["9", "21"]),
            (.range("10", "20", .corridor), .up, ["10", "20"], ["9", "21"]),
        ]
    )
    func operators(
        target: RealCommitment.ShortTarget,
        direction: Direction,
        met: [String],
        notMet: [String]
    ) throws {
        let body = try promise(
            target,
            direction: direction,
            accumulation: .stock,
            baseline: direction == .down ? "50" : nil
        )
        for value in met {
            #expect(
                try Judged(body, [Reported(value, at: "2021-06-30")], on: today).status.current.name
                    == .claimed
            )
        }
        for value in notMet {
            #expect(
                try Judged(body, [Reported(value, at: "2021-06-30")], on: today).status.current.name
                    == .inProgress
            )
        }
    }

    @Test("of a way downwards the expected value falls, and a lower one is ahead of it")
    func downwards() throws {
        let body = try promise(
            .bound(.le, "0"),
            direction: .down,
            accumulation: .stock,
            baseline: "100",
            start: "2021-01-01",
            deadline: "2021-12-31",
            scale: 2
        )
        let judgement = try Judged(body, [Reported("70", at: "2021-05-01")], on: today).status.current
        // 120 of 364 days: 100 − 32.967033 floored towards −∞.
        #expect(try judgement.expected == decimal("67.032967"))
        #expect(judgement.ratio == PartsPerMillion(909_999))
        #expect(judgement.name == .onTrack)
        let early = try Judged(body, [Reported("100", at: "2021-01-01")], on: today).status.current
        #expect(early.name == .onTrack && early.rule == 8)
        let worse = try Judged(body, [Reported("110", at: "2021-05-01")], on: today).status.current
        #expect(worse.name == .behind && worse.ratio == PartsPerMillion(-303_334) && worse.progress == .zero)
    }

    // MARK: - Accumulation

    @Test("a flow is the sum of its periods since the start")
    func flow() throws {
        let body = try promise(
            .bound(.ge, "100"),
            accumulation: .flow,
            start: "2020-01-01",
            deadline: "2021-12-31"
        )
        let periods = [
            Reported("30", at: "2020-12-31", evidence: 1), Reported("20", at: "2021-06-30", evidence: 1),
            Reported("1000", at: "2019-12-31"),
        ]
        let status = try Judged(body, periods, on: today).status
        #expect(try status.current.amount == decimal("50"))
        #expect(status.flags.contains(.beforeStart))
        #expect(status.current.verificationLevel == .evidenced)
        let more = periods + [Reported("50", at: "2021-07-01")]
        #expect(
            try Judged(body, more, on: today).status.current.name == .claimed,
            "a sum is as good as its worst part"
        )
    }

    @Test("what was achieved by the deadline stays achieved when reports go on after it")
    func reportsAfterDeadline() throws {
        let body = try promise(.bound(.ge, "100"), start: "2020-01-01", deadline: "2020-12-31")
        let status = try Judged(
            body,
            [Reported("100", at: "2020-12-31", evidence: 1), Reported("120", at: "2021-06-30", evidence: 1)],
            on: today
        ).status
        #expect(status.current.name == .achieved)
        #expect(try status.current.amount == decimal("120"))
    }

    @Test("reached only after the deadline it is achieved late")
    func achievedLate() throws {
        let body = try promise(.bound(.ge, "100"), start: "2020-01-01", deadline: "2020-12-31")
        let status = try Judged(
            body,
            [Reported("90", at: "2020-12-31"), Reported("100", at: "2021-01-01")],
            on: today
        ).status
        #expect(status.current.name == .achievedLate && status.current.rule == 4)
    }

    @Test(
        "of a stock only the measurement at the deadline counts",
        arguments: [
            // Within the last reporting period before the deadline, the deadline included.
            ([("5", "2020-12-31")], StatusName.claimed), ([("5", "2020-01-01")], .claimed),
            ([("5", "2019-12-31")], .awaitingFinal),
            ([("5", "2020-06-30"), ("4", "2020-12-31")], .awaitingFinal),
            ([("4", "2020-06-30"), ("5", "2020-12-31")], .claimed),
            ([("4", "2020-12-31"), ("5", "2021-01-15")], .achievedLate),
            ([("5", "2020-12-31"), ("4", "2021-01-15")], .claimed),
        ]
    )
    func stock(readings: [(String, String)], expected: StatusName) throws {
        let body = try promise(
            .bound(.ge, "5"),
            accumulation: .stock,
            start: "2019-01-01",
            deadline: "2020-12-31"
        )
        let status = try Judged(body, readings.map { Reported($0.0, at: $0.1) }, on: "2021-01-31").status
        #expect(status.current.name == expected)
    }

    @Test("a stock that reaches its target long before the deadline is on track, not achieved")
    func stockBeforeDeadline() throws {
        let body = try promise(
            .bound(.ge, "5"),
            accumulation: .stock,
            start: "2020-01-01",
            deadline: "2022-12-31"
        )
        #expect(
            try Judged(body, [Reported("5", at: "2021-06-30")], on: today).status.current.name == .onTrack
        )
    }

    @Test("what is to be kept is on track inside its target, behind outside, and judged at the deadline")
    func kept() throws {
        let corridor = try promise(
            .range("10", "20", .corridor),
            accumulation: .stock,
            deadline: "2022-12-31"
        )
        #expect(
            try Judged(corridor, [Reported("15", at: "2021-06-30")], on: today).status.current.name
                == .onTrack
        )
        #expect(
            try Judged(corridor, [Reported("25", at: "2021-06-30")], on: today).status.current.name == .behind
        )
        let ended = [Reported("15", at: "2022-06-30"), Reported("9", at: "2022-12-31")]
        #expect(try Judged(corridor, ended, on: "2023-01-15").status.current.name == .awaitingFinal)
        #expect(try Judged(corridor, [ended[0]], on: "2023-01-15").status.current.name == .claimed)
        let maintain = try promise(
            .bound(.ge, "95"),
            direction: .maintain,
            baseline: "95",
            deadline: "2022-12-31"
        )
        #expect(
            try Judged(maintain, [Reported("95", at: "2021-06-30")], on: today).status.current.name
                == .onTrack
        )
    }

    // MARK: - Curves

    @Test("a straight line goes through the points of the trajectory")
    func trajectory() throws {
        var body = try promise(.bound(.ge, "100"), start: "2021-01-01", deadline: "2021-12-31")
        body.trajectory = [TrajectoryPoint(date: try day("2021-06-30"), value: try decimal("20"))]
        func expected(_ periodEnd: String) throws -> String? {
            try Judged(body, [Reported("1", at: periodEnd)], on: "2021-12-31").status.current.expected?
                .description
        }
        #expect(try expected("2021-01-01") == "0")
        #expect(try expected("2021-04-01") == "10")
        #expect(try expected("2021-06-30") == "20")
        #expect(try expected("2021-09-29") == "59")
        #expect(try expected("2021-12-31") == "100")
    }

    @Test("a stepped curve holds each point's value from its day on")
    func step() throws {
        var body = try promise(.bound(.ge, "100"), start: "2021-01-01", deadline: "2021-12-31")
        body.trajectory = [TrajectoryPoint(date: try day("2021-06-30"), value: try decimal("20"))]
        body.curve = .step
        func judge(_ periodEnd: String) throws -> Judgement {
            try Judged(body, [Reported("15", at: periodEnd)], on: "2021-12-31").status.current
        }
        #expect(try judge("2021-06-29").name == .onTrack)
        #expect(try judge("2021-06-29").rule == 8)
        #expect(try judge("2021-06-30").ratio == PartsPerMillion(750_000))
        #expect(try judge("2021-12-30").expected == decimal("20"))
        #expect(try judge("2021-12-31").expected == decimal("100"))
    }

    @Test("without a curve there is nothing to be behind of")
    func noCurve() throws {
        var body = try promise(.bound(.ge, "100"), deadline: "2022-12-31")
        body.curve = .none
        let judgement = try Judged(body, [Reported("1", at: "2021-06-30")], on: today).status.current
        #expect(judgement.name == .inProgress && judgement.rule == 8 && judgement.expected == nil)
    }

    // MARK: - Levels and checklists

    @Test("Hainan's phases are expected at their due dates")
    func levels() throws {
        let body = try #require(RealPlans.commitments.first { $0.id == "CN-HI-2020-001" }).body()
        func judge(_ level: Int, _ periodEnd: String) throws -> Judgement {
            try Judged(body, [Reported(.level(level), at: periodEnd)], on: "2022-01-31").status.current
        }
        #expect(try judge(0, "2020-12-30").name == .onTrack)
        #expect(try judge(0, "2020-12-31").name == .behind)
        #expect(try judge(1, "2021-12-30").name == .onTrack)
        #expect(try judge(1, "2021-12-31").ratio == PartsPerMillion(500_000))
        #expect(try judge(2, "2021-12-31").name == .onTrack)
    }

    @Test("a checklist counts the items done")
    func checklist() throws {
        let body = try #require(RealPlans.commitments.first { $0.id == "CN-BJ-2020-001" }).body()
        func judge(_ items: [String], _ periodEnd: String, on date: String) throws -> CommitmentStatus {
            let reading = Reading.doneItems(try items.map { try #require(ItemID($0)) })
            return try Judged(body, [Reported(reading, at: periodEnd, evidence: 1)], on: date).status
        }
        let one = try judge(["110108"], "2021-06-30", on: today)
        #expect(one.current.name == .onTrack && one.current.progress == PartsPerMillion(333_333))
        #expect(one.flags == [.deadlineInferred])
        let all = try judge(["110108", "110105", "110112"], "2022-12-31", on: "2022-12-31")
        #expect(all.current.name == .achieved)
    }

    @Test("a checklist without a deadline is in progress until all is done")
    func openChecklist() throws {
        let body = try #require(RealPlans.commitments.first { $0.id == "CN-JS-2020-003" }).body()
        let half = Reading.doneItems([try #require(ItemID("alliance"))])
        let done = Reading.doneItems([
            try #require(ItemID("alliance")), try #require(ItemID("public-security")),
        ])
        #expect(try Judged(body, [], on: today).status.current.name == .inProgress)
        #expect(
            try Judged(body, [Reported(half, at: "2021-06-30")], on: today).status.current.name == .inProgress
        )
        #expect(
            try Judged(body, [Reported(done, at: "2021-06-30")], on: today).status.current.name == .claimed
        )
    }

    @Test("what nobody can measure is not assessable")
    func notAssessable() throws {
        var body = try promise(.checklist([], required: 0), accumulation: .stock, deadline: "2022-12-31")
        body.indicator.measure = .qualitative
        #expect(try Judged(body, [], on: today).status.current.name == .notAssessable)
        let done = Reported(.doneItems([]), at: "2021-06-30")
        #expect(try Judged(body, [done], on: today).status.current.rule == 2)
    }

    // MARK: - Dates

    @Test(
        "without a report it has not started until the first is overdue, and then there are no data",
        arguments: [
            ("2021-01-01", StatusName.notStarted), ("2021-07-25", .notStarted), ("2021-07-26", .noData),
            ("2022-12-31", .noData), ("2023-01-01", .awaitingFinal), ("2023-03-31", .awaitingFinal),
            ("2023-04-01", .missed),
        ]
    )
    func noReports(date: String, expected: StatusName) throws {
        let body = try #require(RealPlans.commitments.first { $0.id == "CN-HN-2020-001" }).body()
        #expect(try Judged(body, [], on: date).status.current.name == expected)
    }

    @Test("a final milestone below the target ends the waiting")
    func finalMilestone() throws {
        let body = try promise(.bound(.ge, "100"), start: "2020-01-01", deadline: "2020-12-31")
        let open = try Judged(body, [Reported("90", at: "2020-12-31")], on: "2021-01-01").status.current
        #expect(open.name == .awaitingFinal)
        let final = try Judged(body, [Reported("90", at: "2020-12-31", isFinal: true)], on: "2021-01-01")
        #expect(
            final.status.current.name == .missed && final.status.current.progress == PartsPerMillion(900_000)
        )
    }

    @Test("what lies after the date does not count, nor does what was replaced")
    func asOf() throws {
        let body = try promise(.bound(.ge, "100"), deadline: "2022-12-31")
        let judged = try Judged(
            body,
            [
                Reported("10", at: "2021-03-31"), Reported("50", at: "2021-06-30"),
                Reported("100", at: "2021-07-02"),
            ],
            on: today
        )
        #expect(try judged.status.current.amount == decimal("50"))
    }

    @Test("the status date is what was asked for, else the parameter, else the head block's date")
    func statusDate() throws {
        var parameters = Parameters()
        let time = Timestamp(1_625_068_800_000 - 1)
        let plain = try TestLedger(parameters: parameters)
        #expect(try plain.state.statusDate(headTime: time) == day("2021-06-30"))
        parameters.statusDate = try day("2021-07-01")
        let fixed = try TestLedger(parameters: parameters)
        #expect(try fixed.state.statusDate(headTime: time) == day("2021-07-01"))
        #expect(try fixed.state.statusDate(asOf: day("2020-01-01"), headTime: time) == day("2020-01-01"))
    }

    @Test("a life that is not in force is the status", arguments: CommitmentLife.allCases)
    func life(life: CommitmentLife) throws {
        let body = try promise(.bound(.ge, "100"), deadline: "2022-12-31")
        let judgement = try Judged(body, [Reported("100", at: "2021-06-30")], life: life, on: today).status
            .current
        switch life {
        case .active, .closed: #expect(judgement.rule == 3)
        default: #expect(judgement.rule == 1 && judgement.name.rawValue == life.rawValue)
        }
    }

    // MARK: - Flags and explanation

    @Test("flags say what a reader should know")
    func flags() throws {
        let body = try promise(.bound(.ge, "100"), deadline: "2022-12-31", basis: .inferred)
        let status = try Judged(
            body,
            [
                Reported("90", at: "2020-01-01"), Reported("50", at: "2021-06-29", status: .seriesBreak),
                Reported("60", at: "2021-06-30"),
            ],
            on: today
        ).status
        #expect(status.flags == [.baselineUnknown, .deadlineInferred, .seriesBreak, .beforeStart])
        var known = body
        known.baseline = .zero
        known.indicator.accumulation = .stock
        let fallen = try Judged(
            known,
            [Reported("60", at: "2021-06-29"), Reported("50", at: "2021-06-30")],
            on: today
        ).status
        #expect(fallen.flags == [.deadlineInferred, .regressed])
    }

    @Test(
        "a report is overdue once its grace is over and nothing closes its period",
        arguments: [
            // Quarterly from 2021-03-31, 30 days of grace.
            ([], "2021-04-30", false), ([], "2021-05-01", true), (["2021-03-31"], "2021-05-01", false),
            (["2021-01-01"], "2021-05-01", false), (["2020-12-31"], "2021-05-01", true),
            (["2021-03-31"], "2021-07-30", false), (["2021-03-31"], "2021-07-31", true),
            (["2021-06-30"], "2021-07-31", false), (["2021-04-15"], "2021-07-31", false),
        ] as [([String], String, Bool)]
    )
    func overdue(periods: [String], date: String, expected: Bool) throws {
        var body = try promise(.bound(.ge, "100"), deadline: "2022-12-31")
        body.reporting = Reporting(every: .quarterly, firstDue: try day("2021-03-31"), graceDays: 30)
        let status = try Judged(body, periods.map { Reported("1", at: $0) }, on: date).status
        #expect(status.flags.contains(.overdueReport) == expected)
    }

    @Test("a value is stale when a reporting period and its grace have passed since")
    func stale() throws {
        let body = try promise(.bound(.ge, "100"), deadline: "2022-12-31")
        let reading = [Reported("10", at: "2020-06-30")]
        #expect(try !Judged(body, reading, on: "2021-09-28").status.flags.contains(.stale))
        #expect(try Judged(body, reading, on: "2021-09-29").status.flags.contains(.stale))
        #expect(
            try !Judged(body, [Reported("100", at: "2020-06-30")], on: "2022-06-30").status.flags.contains(
                .stale
            )
        )
    }

    @Test("the explanation names every number, in order")
    func explanation() throws {
        let judgement = try judged("CN-HN-2020-001", [("9500", "2021-06-30")])
        #expect(
            judgement.explanation.map(\.description) == [
                "baseline B = 0 (unknown, counted as 0)",
                "target V = 30000 (ge), from 2020-04-26 to 2022-12-31",
                "a = 9500 at 2021-06-30",
                "elapsed 430 of 979 days",
                "expected X = 13176",
                "rho = 721007 ppm (on track from 900000, at risk from 700000)",
                "rule 9: atRisk",
            ]
        )
    }

    @Test("the thresholds are the network's")
    func thresholds() throws {
        var parameters = Parameters()
        parameters.onTrack = PartsPerMillion(721_007)
        var ledger = try TestLedger(parameters: parameters)
        try ledger.publishRealPlans()
        try ledger.apply(TestLedger.report("CN-HN-2020-001", value: "9500", at: "2021-06-30"), by: "cn-hn")
        let id = try #require(CommitmentID("CN-HN-2020-001"))
        let status = try #require(ledger.state.status(of: id, on: day(today)))
        #expect(status.current.name == .onTrack)
        #expect(status.flags == [.baselineUnknown])
        #expect(try ledger.state.status(of: #require(CommitmentID("CN-HN-2020-099")), on: day(today)) == nil)
    }
}

/// A promise of no region in particular: from 2020-05-01, counted in whole numbers unless `scale` says otherwise.
func promise(
    _ target: RealCommitment.ShortTarget,
    direction: Direction = .up,
    accumulation: Accumulation = .cumulative,
    baseline: String? = nil,
    start: String = "2020-05-01",
    deadline: String? = nil,
    basis: DateBasis = .explicit,
    scale: Int = 0
) throws -> CommitmentPropose {
    var body = try RealCommitment(
        "CN-HN-2020-001",
        zh: "承诺",
        en: "Promise",
        code: "TEST",
        unit: "item",
        measure: .count,
        accumulation: accumulation,
        baseline: baseline,
        target: target,
        start: start,
        deadline: deadline,
        basis: basis,
        sectors: []
    ).body()
    body.indicator.direction = direction
    body.indicator.scale = scale
    return body
}
