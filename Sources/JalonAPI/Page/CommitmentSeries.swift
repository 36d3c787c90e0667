import JalonSchema

/// The numbers of a commitment in time: what its chart draws and the table beside it lists.
struct CommitmentSeries {
    /// A value at a day.
    struct Point {
        /// Days since 1970.
        let day: Int
        /// ISO 8601.
        let date: String
        /// As the ledger has it.
        let text: String
        let number: Double
        var counts = true

        init?(_ date: String, _ text: String?, counts: Bool = true) {
            guard let day = CalendarDays.number(of: date), let text, let number = Double(text) else {
                return nil
            }
            (self.day, self.date, self.text, self.number, self.counts) = (day, date, text, number, counts)
        }
    }

    /// By day; of a flow the sums so far.
    let measured: [Point]
    /// Milestones before the first of them, which are not drawn; of a flow they are part of the sums.
    let earlierCount: Int
    /// From the baseline by the trajectory to the target; where no curve leads there, the target as it stands all the time.
    let promised: [Point]
    /// Whether nothing is expected between the start and the deadline.
    let hasNoCurve: Bool
    /// The same by version 1, where that promised otherwise.
    let original: [Point]?
    /// The values between which a range's target lies.
    let band: (low: Double, high: Double)?
    /// The day of judgement, days since 1970.
    let asOf: Int
    /// Decimals of the indicator.
    let scale: Int
    /// Whether values are drawn from 0 on: so for whatever begins there, that no rise looks larger than it is.
    let startsAtZero: Bool

    init(_ commitment: API.Commitment, _ latest: MilestoneTail) {
        measured = CommitmentSeries.measured(commitment, latest)
        earlierCount = latest.earlierCount
        let target = CommitmentSeries.value(of: commitment.target)
        let start = Point(commitment.start, commitment.baseline ?? "0")
        let isStraight = commitment.curve != "none"
        let levels = (commitment.target.levels ?? []).compactMap { level in
            level.due.flatMap { Point($0, String(level.id)) }
        }
        let between = commitment.trajectory.compactMap { Point($0.date, $0.value) } + levels
        let end = commitment.deadline.flatMap { Point($0.date, target) }
        let points = CommitmentSeries.stepped([start] + between + [end], isStep: commitment.curve == "step")
        hasNoCurve = !isStraight || end == nil
        let level = [
            Point(commitment.start, target),
            Point(commitment.deadline?.date ?? commitment.status.asOf, target),
        ]
        promised = hasNoCurve ? level.compactMap { $0 } : points
        if let first = commitment.versions.first, commitment.versions.count > 1,
            first.target != commitment.target || first.deadline != commitment.deadline,
            let end = first.deadline.flatMap({ Point($0.date, CommitmentSeries.value(of: first.target)) }),
            let start
        {
            original = [start, end]
        } else {
            original = nil
        }
        band = CommitmentSeries.band(of: commitment.target)
        asOf = CalendarDays.number(of: commitment.status.asOf) ?? 0
        scale = commitment.indicator.scale
        let numbers = measured.map(\.number) + [start?.number ?? 0]
        startsAtZero = numbers.allSatisfy { $0 >= 0 }
    }

    /// All points that are drawn.
    var everything: [Point] { measured + promised + (original ?? []) }

    /// By periodEnd; a flow's values are added up, since its target is a sum.
    private static func measured(_ commitment: API.Commitment, _ latest: MilestoneTail) -> [Point] {
        let isFlow = commitment.indicator.accumulation == "flow"
        var sum = latest.earlierSum
        return latest.milestones.sorted { $0.periodEnd < $1.periodEnd }.compactMap { milestone in
            let counts = milestone.life == .effective && !milestone.isPending
            let text =
                milestone.value ?? milestone.level.map(String.init)
                ?? milestone.doneItems.map { "\($0.count)" }
            guard isFlow, counts, let value = text.flatMap(Double.init) else {
                return Point(milestone.periodEnd, text, counts: counts)
            }
            sum += value
            // A sum of whole numbers is one; others are shown by the table as they were reported.
            let whole = sum.magnitude < 1e15 && sum == sum.rounded() ? String(Int(sum)) : "\(sum)"
            return Point(milestone.periodEnd, whole, counts: true)
        }
    }

    /// Where each value holds until the next one's day, the line has a corner there.
    private static func stepped(_ points: [Point?], isStep: Bool) -> [Point] {
        let points = points.compactMap { $0 }
        guard isStep else { return points }
        var corners: [Point] = []
        for point in points {
            if let last = corners.last, let corner = Point(point.date, last.text) { corners.append(corner) }
            corners.append(point)
        }
        return corners
    }

    /// V, what the operator reads.
    private static func value(of target: API.Target) -> String? {
        switch target.op {
        case .ge, .gt, .le, .lt, .approx: target.value
        case .range: target.min
        case .checklist, .level: target.required.map(String.init)
        }
    }

    private static func band(of target: API.Target) -> (low: Double, high: Double)? {
        switch target.op {
        case .range:
            guard let low = target.min.flatMap(Double.init), let high = target.max.flatMap(Double.init) else {
                return nil
            }
            return (low, high)
        case .approx:
            guard let value = target.value.flatMap(Double.init),
                let tolerance = target.tolerance.flatMap(Double.init),
                tolerance > 0
            else { return nil }
            return (value - tolerance, value + tolerance)
        default: return nil
        }
    }
}

/// Days of the proleptic Gregorian calendar as numbers, for drawing.
enum CalendarDays {
    /// Days since 1970-01-01; `nil` for text that is no day.
    static func number(of text: String) -> Int? {
        guard let (year, month, day) = CalendarForm.parts(text) else { return nil }
        return number(year, month, day)
    }

    private static func number(_ year: Int, _ month: Int, _ day: Int) -> Int {
        // Years that begin in March put the day that comes and goes at their end.
        let shifted = month > 2 ? year : year - 1
        let months = month > 2 ? month - 3 : month + 9
        let leaps = shifted / 4 - shifted / 100 + shifted / 400
        return 365 * shifted + leaps + (153 * months + 2) / 5 + day - 719_469
    }

    /// The first days of the years that begin between two days.
    static func years(from first: Int, to last: Int) -> [(number: Int, day: Int)] {
        var years: [(number: Int, day: Int)] = []
        // No year is longer than 366 days, so that this one begins before `first`.
        var year = max(1, 1970 + first / 366 - 1)
        while number(year, 1, 1) <= last {
            if number(year, 1, 1) >= first { years.append((year, number(year, 1, 1))) }
            year += 1
        }
        return years
    }
}
