import JalonCrypto
import JalonModel
import JalonTestKit
import Testing

@testable import JalonState

@Suite("The status formula against a second, naive implementation")
struct StatusReferenceTests {
    @Test(
        "both give the same name, X and rho, whatever is promised and reported",
        arguments: 1...40 as ClosedRange<UInt64>
    )
    func agree(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let promise = try RandomPromise(&random)
            compare(
                try Judged(promise.body(), promise.reported(), on: promise.judgedDay).status.current,
                promise
            )
        }
    }

    @Test(
        "and of an amended one, the promise made first and the one in force, in whatever life",
        arguments: 1...40 as ClosedRange<UInt64>
    )
    func agreeAmended(seed: UInt64) throws {
        var random = SeededGenerator(seed: 1_000 + seed)
        for _ in 0..<40 {
            let first = try RandomPromise(&random)
            let second = try first.amended(&random)
            let life = random.below(2) == 0 ? .active : CommitmentLife.allCases[random.below(8)]
            let amendmentClass = AmendmentClass.allCases[random.below(2)]
            let status = try Judged(
                first.body(),
                first.reported(),
                life: life,
                amendedTo: second.body(),
                amendmentClass: amendmentClass,
                on: first.judgedDay
            ).status
            compare(status.original, first, life)
            compare(status.current, second, life)
            #expect(status.original.version == 1 && status.current.version == 2)
            #expect(status.flags.contains(.amended) == (amendmentClass == .material))
        }
    }

    private func compare(_ judged: Judgement, _ promise: RandomPromise, _ life: CommitmentLife = .active) {
        let reference = promise.reference()
        let isJudged = life == .active || life == .closed
        #expect(judged.name.rawValue == (isJudged ? reference.name : life.rawValue), "\(promise)")
        #expect(judged.expected?.millionths == reference.expected, "\(promise)")
        #expect(judged.ratio?.value == reference.ratio, "\(promise)")
    }
}

/// A promise in plain numbers, days counted from 2020-01-01 and values in millionths.
private struct RandomPromise: CustomStringConvertible {
    enum Kind: String, CaseIterable {
        case ge, gt, le, lt, approx, range, corridor, level, checklist
    }

    var kind: Kind
    var direction: Direction
    var accumulation: Accumulation
    var scale: Int
    var baseline: Int128?
    var low: Int128
    var high: Int128
    var start = 0
    var deadline: Int?
    var curve: Curve
    var points: [(day: Int, value: Int128)] = []
    var graceDays: Int
    var monthsBetweenReports: ReportingInterval
    var required: VerificationLevel
    /// Of a checklist the values are how many of the items 1 to 5 are done, and this the first of its own five.
    var firstItem = 1
    var reports: [Report] = []
    var date: Int

    struct Report {
        var day: Int
        var value: Int128
        var evidence: Int
        var isFinal: Bool
        /// Co-signatures needed and given.
        var needed = 0
        var given = 0
        var isConfirmed = false
        var isRefuted = false
    }

    static let origin = 18_262

    init(_ random: inout SeededGenerator) throws {
        kind = Kind.allCases[random.below(Kind.allCases.count)]
        scale = kind == .level || kind == .checklist || random.below(2) == 0 ? 0 : 6
        switch kind {
        case .ge, .gt, .level, .checklist: direction = .up
        case .le, .lt: direction = .down
        default: direction = Direction.allCases[random.below(3)]
        }
        let isWhole = kind == .level || kind == .checklist
        accumulation = isWhole ? .stock : Accumulation.allCases[random.below(3)]
        (low, high, curve, graceDays, required) = (0, 0, .none, 0, .declared)
        (monthsBetweenReports, date) = (.yearly, random.below(700))
        try draw(&random)
        var days: [Int] = []
        for _ in 0..<random.below(6) { days.append(random.below(700) - 60) }
        for day in days.sorted() where reports.last?.day != day {
            let value = isWhole ? Int128(random.below(6)) * 1_000_000 : number(80, &random)
            var report = Report(
                day: day,
                value: value,
                evidence: random.below(2),
                isFinal: random.below(6) == 0
            )
            (report.needed, report.given) = (max(0, random.below(5) - 2), random.below(3))
            (report.isConfirmed, report.isRefuted) = (random.below(3) == 0, random.below(5) == 0)
            reports.append(report)
        }
    }

    /// The same reports and date under another promise, which an amendment could make of this one.
    func amended(_ random: inout SeededGenerator) throws -> RandomPromise {
        var second = self
        (second.points, second.start) = ([], random.below(60))
        switch (kind, direction) {
        case (.level, _), (.checklist, _): second.firstItem = 1 + random.below(3)
        case (_, .up): second.kind = [.ge, .gt, .approx, .range, .corridor][random.below(5)]
        case (_, .down): second.kind = [.le, .lt, .approx, .range, .corridor][random.below(5)]
        case (_, .maintain): break
        }
        try second.draw(&random)
        return second
    }

    private func number(_ below: Int, _ random: inout SeededGenerator) -> Int128 {
        Int128(random.below(below)) * (scale == 0 ? 1_000_000 : 1)
    }

    /// Draws what an amendment may change.
    private mutating func draw(_ random: inout SeededGenerator) throws {
        let isWhole = kind == .level || kind == .checklist
        baseline = isWhole || random.below(3) == 0 ? nil : number(40, &random)
        low = isWhole ? Int128(1 + random.below(4)) * 1_000_000 : number(60, &random)
        high = low + (isWhole ? 0 : number(20, &random))
        deadline = random.below(5) == 0 ? nil : 100 + random.below(400)
        graceDays = random.below(60)
        monthsBetweenReports = ReportingInterval.allCases[random.below(4)]
        required = VerificationLevel.allCases[random.below(4)]
        curve = deadline == nil ? .none : Curve.allCases[random.below(3)]
        guard let deadline, kind != .checklist else { return }
        var day = start
        for index in 0..<random.below(4) {
            day += 1 + random.below(60)
            // The levels' due dates are their trajectory.
            let value = kind == .level ? Int128(index + 1) * 1_000_000 : number(60, &random)
            if day <= deadline { points.append((day, value)) }
        }
    }

    var description: String {
        "\(kind) \(direction) \(accumulation) scale \(scale) B \(baseline.map(String.init) ?? "-") "
            + "\(low)–\(high) to \(deadline.map(String.init) ?? "-") \(curve) \(points) grace \(graceDays) "
            + "\(monthsBetweenReports) \(required) reports \(reports) on \(date)"
    }

    // MARK: - The product's answer

    /// The day that is judged at, as text.
    var judgedDay: String {
        get throws {
            try #require(CalendarDay(daysSince1970: RandomPromise.origin + date)).description
        }
    }

    func body() throws -> CommitmentPropose {
        func decimal(_ millionths: Int128) throws -> Decimal { try #require(Decimal(millionths: millionths)) }
        func day(_ number: Int) throws -> CalendarDay {
            try #require(CalendarDay(daysSince1970: RandomPromise.origin + number))
        }
        var body = try promise(
            .bound(.ge, "1"),
            direction: direction,
            accumulation: accumulation,
            scale: scale
        )
        body.target =
            switch kind {
            case .ge: .bound(.ge, try decimal(low))
            case .gt: .bound(.gt, try decimal(low))
            case .le: .bound(.le, try decimal(low))
            case .lt: .bound(.lt, try decimal(low))
            case .approx: .approx(try decimal((low + high) / 2), tolerance: try decimal((high - low) / 2))
            case .range: .range(min: try decimal(low), max: try decimal(high), sense: .threshold)
            case .corridor: .range(min: try decimal(low), max: try decimal(high), sense: .corridor)
            case .level:
                .level(
                    try (1...5).map { id in
                        let due = points.first { $0.value == Int128(id) * 1_000_000 }?.day
                        return Level(id: id, name: try LocalizedText(zh: "级"), due: try due.map(day))
                    },
                    required: Int(low / 1_000_000)
                )
            case .checklist:
                .checklist(
                    try (firstItem..<firstItem + 5).map {
                        ChecklistItem(id: try #require(ItemID("i\($0)")), name: try LocalizedText(zh: "项"))
                    },
                    required: Int(low / 1_000_000)
                )
            }
        body.baseline = try baseline.map(decimal)
        body.start = try day(start)
        body.deadline = try deadline.map {
            try #require(CalendarDate(date: day($0), precision: .day, basis: .explicit))
        }
        body.curve = curve
        if kind != .level {
            body.trajectory = try points.map {
                TrajectoryPoint(date: try day($0.day), value: try decimal($0.value))
            }
        }
        body.reporting = Reporting(every: monthsBetweenReports, firstDue: try day(30), graceDays: graceDays)
        body.verification.minimumLevel = required
        return body
    }

    func reported() throws -> [Reported] {
        try reports.map { report in
            let reading: Reading =
                switch kind {
                case .level: .level(Int(report.value / 1_000_000))
                case .checklist:
                    .doneItems(
                        try (0..<Int(report.value / 1_000_000)).map { try #require(ItemID("i\($0 + 1)")) }
                    )
                default: .value(try #require(Decimal(millionths: report.value)))
                }
            var reported = Reported(
                reading,
                at: try #require(CalendarDay(daysSince1970: RandomPromise.origin + report.day)).description,
                evidence: report.evidence,
                isFinal: report.isFinal
            )
            reported.cosignatures = (report.needed, UInt32(report.given))
            (reported.isConfirmed, reported.isRefuted) = (report.isConfirmed, report.isRefuted)
            return reported
        }
    }

    // MARK: - The reference: the rules as they are written, in plain integers

    func reference() -> (name: String, expected: Int128?, ratio: Int64?) {
        var known = reports.filter {
            $0.day <= date && (accumulation != .flow || $0.day >= start) && !$0.isRefuted
                && $0.given >= $0.needed
        }
        if kind == .checklist {
            for index in known.indices {
                known[index].value = max(0, known[index].value - Int128(firstItem - 1) * 1_000_000)
            }
        }
        func amount(_ reports: [Report]) -> Int128? {
            if reports.isEmpty { return nil }
            return accumulation == .flow
                ? reports.reduce(0) { $0 + $1.value } : reports[reports.count - 1].value
        }
        func level(_ reports: [Report]) -> Int {
            let counted = accumulation == .flow ? reports : Array(reports.suffix(1))
            return counted.map { $0.isConfirmed ? 3 : $0.given > 0 ? 2 : $0.evidence > 0 ? 1 : 0 }.min() ?? 3
        }
        let (below, above) =
            kind == .approx
            ? ((low + high) / 2 - (high - low) / 2, (low + high) / 2 + (high - low) / 2) : (low, high)
        func met(_ value: Int128) -> Bool {
            switch kind {
            case .ge, .level, .checklist: value >= low
            case .gt: value > low
            case .le: value <= low
            case .lt: value < low
            case .corridor: below <= value && value <= above
            case .approx, .range:
                direction == .up
                    ? value >= below : direction == .down ? value <= above : below <= value && value <= above
            }
        }
        let isKept = kind == .corridor || direction == .maintain
        let expected = isKept ? nil : expectedValue(at: known.last?.day, below: below, above: above)
        let origin = baseline ?? 0
        var ratio: Int64?
        if let expected, let reached = amount(known), direction == .up ? expected > origin : expected < origin
        {
            let (top, bottom) = ((reached - origin) * 1_000_000, expected - origin)
            var quotient = top / bottom
            if top % bottom != 0, (top < 0) != (bottom < 0) { quotient -= 1 }
            ratio = Int64(quotient)
        }

        // Rule 3
        var inTime = known.filter { deadline == nil || $0.day <= deadline ?? 0 }
        if let deadline, isKept || accumulation == .stock {
            let opening =
                CalendarDay(daysSince1970: RandomPromise.origin + deadline)?
                .adding(months: -monthsBetweenReports.monthCount).daysSince1970 ?? 0
            if let last = inTime.last, last.day + RandomPromise.origin <= opening { inTime = [] }
        }
        if let value = amount(inTime), met(value) {
            let isVouched = level(inTime) >= VerificationLevel.allCases.firstIndex(of: required) ?? 0
            return (isVouched ? "achieved" : "claimed", expected, ratio)
        }
        // Rules 4 to 7
        if let deadline, let last = known.last, last.day > deadline, let value = amount(known), met(value) {
            return ("achievedLate", expected, ratio)
        }
        if let deadline, date > deadline {
            let isOver = known.contains { $0.isFinal } || date > deadline + graceDays
            return (isOver ? "missed" : "awaitingFinal", expected, ratio)
        }
        if deadline == nil { return ("inProgress", expected, ratio) }
        guard let value = amount(known) else {
            return (date <= 30 + graceDays ? "notStarted" : "noData", expected, ratio)
        }
        // Rules 8 and 9
        if isKept { return (met(value) ? "onTrack" : "behind", expected, ratio) }
        if curve == .none { return ("inProgress", expected, ratio) }
        guard let ratio else { return ("onTrack", expected, nil) }
        return (ratio >= 900_000 ? "onTrack" : ratio >= 700_000 ? "atRisk" : "behind", expected, ratio)
    }

    private func expectedValue(at day: Int?, below: Int128, above: Int128) -> Int128? {
        guard let day, let deadline, curve != .none else { return nil }
        let goal = direction == .down && (kind == .approx || kind == .range) ? above : below
        let at = min(max(day, start), deadline)
        var all = [(day: start, value: baseline ?? 0)] + points
        if all[all.count - 1].day < deadline { all.append((deadline, goal)) }
        var value = all[0].value
        for (from, to) in zip(all, all.dropFirst()) where from.day <= at {
            if at >= to.day {
                value = to.value
            } else if curve == .linear {
                let (top, bottom) = (
                    (to.value - from.value) * Int128(at - from.day), Int128(to.day - from.day)
                )
                value = from.value + (top >= 0 ? top / bottom : -((-top + bottom - 1) / bottom))
            } else {
                value = from.value
            }
        }
        if scale == 0 {
            let rest = ((value % 1_000_000) + 1_000_000) % 1_000_000
            value -= rest
        }
        return value
    }
}
