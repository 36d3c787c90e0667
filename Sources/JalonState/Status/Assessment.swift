import JalonModel

/// The judging of one version of a commitment at a date: the formula of domain.md 5.
struct Assessment {
    private let body: CommitmentPropose
    private let versionNumber: UInt64
    private let life: CommitmentLife
    private let date: CalendarDay
    private let thresholds: StatusThresholds
    /// Those that count for this version, ascending by `periodEnd`.
    private let counted: [MilestoneRecord]
    private let latest: Reached?

    private let baseline: Decimal
    private let goal: Decimal
    private var direction: Direction { body.indicator.direction }
    private var deadline: CalendarDay? { body.deadline?.date }

    /// What was reached at the end of a period, and how well that is vouched for.
    private struct Reached {
        let milestone: MilestoneRecord
        let amount: Decimal
        let level: VerificationLevel
        let periodCount: Int
        let isFictional: Bool
    }

    /// Takes the effective milestones up to `date`, ascending by `periodEnd`.
    init(
        _ version: CommitmentVersion,
        life: CommitmentLife,
        effective: [MilestoneRecord],
        date: CalendarDay,
        thresholds: StatusThresholds
    ) {
        let body = version.body
        self.body = body
        versionNumber = version.number
        (self.life, self.date, self.thresholds) = (life, date, thresholds)
        // A flow sums what happened since the start; a period before it is shown and flagged, and no part of the sum.
        counted =
            body.indicator.accumulation == .flow ? effective.filter { $0.periodEnd >= body.start } : effective
        baseline = body.baseline ?? .zero
        goal = body.target.goal(body.indicator.direction)
        latest = Assessment.reached(counted[...], body)
    }

    /// The judgement by the first rule that applies.
    var judgement: Judgement {
        var steps: [ExplanationStep] = []
        if life == .active || life == .closed {
            steps += [
                .baseline(baseline, isKnown: body.baseline != nil),
                .target(body.target.op, goal, start: body.start, deadline: deadline),
            ]
            if let latest {
                steps.append(
                    .latest(
                        latest.milestone.id,
                        periodEnd: latest.milestone.periodEnd,
                        amount: latest.amount,
                        summedPeriods: latest.periodCount
                    )
                )
            } else {
                steps.append(.noMeasurement)
            }
        }
        let (name, rule, level) = decide(&steps)
        steps.append(.decided(rule: rule, name))
        let days = elapsedDays
        return Judgement(
            name: name,
            rule: rule,
            version: versionNumber,
            latest: latest?.milestone.id,
            latestPeriodEnd: latest?.milestone.periodEnd,
            amount: latest?.amount,
            baseline: baseline,
            target: goal,
            expected: expected,
            ratio: ratio,
            progress: progress,
            elapsedDays: days?.elapsed,
            totalDays: days?.total,
            isFictional: latest?.isFictional ?? false,
            verificationLevel: level ?? latest?.level,
            explanation: steps
        )
    }

    // MARK: - The rules

    private func decide(
        _ steps: inout [ExplanationStep]
    ) -> (name: StatusName, rule: Int, level: VerificationLevel?) {
        if let name = life.statusName {
            steps.append(.life(life))
            return (name, 1, nil)
        }
        if isUnmeasurable { return (.notAssessable, 2, nil) }
        if let inTime = reachedInTime(&steps), isSatisfied(by: inTime.amount) {
            let required = body.verification.minimumLevel
            steps.append(.verification(inTime.level, required: required))
            return (inTime.level >= required ? .achieved : .claimed, 3, inTime.level)
        }
        if let latest, let deadline, latest.milestone.periodEnd > deadline, isSatisfied(by: latest.amount) {
            return (.achievedLate, 4, nil)
        }
        let grace = body.reporting.graceDays
        if let deadline, date > deadline {
            let isOver = counted.contains(where: \.isFinal) || date > deadline.adding(days: grace)
            return (isOver ? .missed : .awaitingFinal, 5, nil)
        }
        guard deadline != nil else { return (.inProgress, 6, nil) }
        guard let latest else {
            return (date <= body.reporting.firstDue.adding(days: grace) ? .notStarted : .noData, 7, nil)
        }
        if isToBeKept {
            // There is no way to go: what counts on the way is whether the value is where it is to be kept.
            return isSatisfied(by: latest.amount) ? (.onTrack, 8, nil) : (.behind, 9, nil)
        }
        guard let expected, let days = elapsedDays else { return (.inProgress, 8, nil) }
        steps += [.elapsed(days: days.elapsed, of: days.total), .expected(expected)]
        guard let ratio else { return (.onTrack, 8, nil) }
        steps.append(.ratio(ratio, onTrack: thresholds.onTrack, atRisk: thresholds.atRisk))
        return (
            ratio >= thresholds.onTrack ? .onTrack : ratio >= thresholds.atRisk ? .atRisk : .behind, 9, nil
        )
    }

    /// What rule 3 looks at: the latest measurement not after the deadline; for what may fall again, the one at the
    /// deadline alone.
    private func reachedInTime(_ steps: inout [ExplanationStep]) -> Reached? {
        guard let deadline else { return latest }
        let end = counted.firstIndex { $0.periodEnd > deadline } ?? counted.endIndex
        let inTime = Assessment.reached(counted[..<end], body)
        guard isToBeKept || body.indicator.accumulation == .stock else { return inTime }
        let opening = deadline.adding(months: -body.reporting.every.monthCount)
        let atDeadline = inTime.flatMap { $0.milestone.periodEnd > opening ? $0 : nil }
        if atDeadline != nil || date > deadline {
            steps.append(.atDeadline(amount: atDeadline?.amount, from: opening, to: deadline))
        }
        return atDeadline
    }

    /// A target without anything to measure it by.
    private var isUnmeasurable: Bool {
        body.target.isUncountable || (body.indicator.measure == .qualitative && body.target.isNumeric)
    }

    /// Whether the value is to stay where it is, instead of going somewhere.
    private var isToBeKept: Bool {
        if case .range(_, _, .corridor) = body.target { return true }
        return direction == .maintain
    }

    /// Whether an amount meets the target.
    ///
    /// Where there is a way to go, overshooting `approx` or `range` meets it too.
    private func isSatisfied(by amount: Decimal) -> Bool {
        switch body.target {
        case .bound(.ge, let value): return amount >= value
        case .bound(.gt, let value): return amount > value
        case .bound(.le, let value): return amount <= value
        case .bound(.lt, let value): return amount < value
        case .approx(let value, let tolerance):
            let low = value.subtracting(tolerance) ?? value
            let high = value.adding(tolerance) ?? value
            return isWithin(low, high, amount)
        case .range(let min, let max, .corridor): return min <= amount && amount <= max
        case .range(let min, let max, .threshold): return isWithin(min, max, amount)
        case .checklist, .level: return amount >= goal
        }
    }

    private func isWithin(_ low: Decimal, _ high: Decimal, _ amount: Decimal) -> Bool {
        switch direction {
        case .up: amount >= low
        case .down: amount <= high
        case .maintain: low <= amount && amount <= high
        }
    }

    // MARK: - The numbers

    /// Days from the start to the latest `periodEnd`, clamped to the promise's span, and that span.
    private var elapsedDays: (elapsed: Int, total: Int)? {
        guard let latest, let deadline else { return nil }
        let total = deadline.daysSince1970 - body.start.daysSince1970
        let elapsed = latest.milestone.periodEnd.daysSince1970 - body.start.daysSince1970
        return (min(max(elapsed, 0), total), total)
    }

    /// X: the curve's value at the latest `periodEnd`; `nil` where nothing is expected on the way.
    private var expected: Decimal? {
        guard let latest, let deadline, body.curve != .none, !isToBeKept, !isUnmeasurable else { return nil }
        let day = min(max(latest.milestone.periodEnd, body.start), deadline)
        var points = [TrajectoryPoint(date: body.start, value: baseline)] + trajectory
        if let last = points.last, last.date < deadline {
            points.append(TrajectoryPoint(date: deadline, value: goal))
        }
        guard let next = points.firstIndex(where: { $0.date > day }) else {
            return floored(points.last?.value)
        }
        let (from, to) = (points[next - 1], points[next])
        if body.curve == .step { return floored(from.value) }
        return floored(
            from.value.interpolated(
                to: to.value,
                elapsed: day.daysSince1970 - from.date.daysSince1970,
                total: to.date.daysSince1970 - from.date.daysSince1970
            )
        )
    }

    /// The points between start and deadline; of a rubric the levels' due dates.
    private var trajectory: [TrajectoryPoint] {
        guard case .level(let levels, _) = body.target else { return body.trajectory }
        return levels.compactMap { level in
            level.due.map { TrajectoryPoint(date: $0, value: Decimal(count: UInt32(clamping: level.id))) }
        }
    }

    /// A whole-number indicator expects whole numbers.
    private func floored(_ value: Decimal?) -> Decimal? {
        guard body.indicator.scale == 0, let value else { return value }
        return value.floored(toScale: 0) ?? value
    }

    /// rho; `nil` where X has not moved from B in the indicator's direction.
    private var ratio: PartsPerMillion? {
        guard let latest, let expected else { return nil }
        guard direction == .down ? expected < baseline : expected > baseline else { return nil }
        return PartsPerMillion(of: latest.amount, from: baseline, to: expected)
    }

    private var progress: PartsPerMillion? {
        guard let latest, !isUnmeasurable else { return nil }
        if isToBeKept { return isSatisfied(by: latest.amount) ? .one : .zero }
        guard let ratio = PartsPerMillion(of: latest.amount, from: baseline, to: goal) else {
            return isSatisfied(by: latest.amount) ? .one : .zero
        }
        return ratio.clamped
    }

    /// The last of the milestones, and what was reached with it.
    private static func reached(_ milestones: ArraySlice<MilestoneRecord>, _ body: CommitmentPropose)
        -> Reached?
    {
        guard let last = milestones.last else { return nil }
        guard body.indicator.accumulation == .flow else {
            return Reached(
                milestone: last,
                amount: last.reading.amount(for: body.target),
                level: last.verificationLevel,
                periodCount: 1,
                isFictional: last.isFictional
            )
        }
        // A sum is vouched for as well as its worst part. What would pass the greatest number is left out.
        var sum = Decimal.zero
        var level = VerificationLevel.attested
        for milestone in milestones {
            sum = sum.adding(milestone.reading.amount(for: body.target)) ?? sum
            level = min(level, milestone.verificationLevel)
        }
        return Reached(
            milestone: last,
            amount: sum,
            level: level,
            periodCount: milestones.count,
            isFictional: milestones.contains(where: \.isFictional)
        )
    }
}

extension CommitmentLife {
    /// The status that the life alone gives (rule 1).
    fileprivate var statusName: StatusName? {
        switch self {
        case .active, .closed: nil
        case .proposed: .proposed
        case .returned: .returned
        case .withdrawn: .withdrawn
        case .suspended: .suspended
        case .cancelled: .cancelled
        case .superseded: .superseded
        }
    }
}
