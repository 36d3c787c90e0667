import JalonModel

/// What a reader should know beside a status.
package enum StatusFlag: String, CaseIterable, Comparable, Sendable {
    /// A report is due, its grace is over, and nothing was reported for its period.
    case overdueReport
    /// The latest measurement is older than a reporting period and its grace.
    case stale
    /// A dispute about it is open.
    case disputed
    /// A milestone was attested refuted.
    case refuted
    /// The promise was changed: a version beside the first is material.
    case amended
    /// The baseline is not known and counts as 0.
    case baselineUnknown
    /// The deadline was concluded from the source, not given by it.
    case deadlineInferred
    /// The way of counting changed.
    case seriesBreak
    /// A measurement was better before.
    case regressed
    /// A milestone lies before the start.
    case beforeStart

    package static func < (left: StatusFlag, right: StatusFlag) -> Bool {
        (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }

    /// The flags of the version in force: `effective` ascending by `periodEnd`, `known` in any order.
    static func flags(
        of commitment: Commitment,
        _ judgement: Judgement,
        effective: [MilestoneRecord],
        known: [MilestoneRecord],
        date: CalendarDay
    ) -> [StatusFlag] {
        let body = commitment.current.body
        let isRunning = commitment.life == .active && !judgement.name.isSettled
        return allCases.filter { flag in
            switch flag {
            // What waits for co-signatures was reported in time all the same.
            case .overdueReport:
                isRunning && isReportOverdue(body, known.filter { $0.state == .effective }, date)
            case .stale: isRunning && isStale(body, effective, date)
            case .disputed: commitment.openDisputeCount > 0
            case .refuted: known.contains { $0.state == .excluded }
            case .amended: commitment.isAmended
            case .baselineUnknown:
                body.baseline == nil && body.target.isNumeric && body.indicator.direction != .maintain
            case .deadlineInferred: body.deadline?.basis == .inferred
            case .seriesBreak: effective.contains { $0.valueStatus == .seriesBreak }
            case .regressed: hasRegressed(body, effective)
            case .beforeStart: effective.contains { $0.periodEnd < body.start }
            }
        }
    }

    /// The last due date whose grace is over has no measurement in the period that it closes.
    private static func isReportOverdue(
        _ body: CommitmentPropose,
        _ effective: [MilestoneRecord],
        _ date: CalendarDay
    ) -> Bool {
        let reporting = body.reporting
        let months = reporting.every.monthCount
        // Reports are due up to the deadline; after it the final one is awaited, which is a status.
        let end = min(body.deadline?.date ?? date, date.adding(days: -reporting.graceDays - 1))
        guard reporting.firstDue <= end else { return false }
        // Each due date is counted from the first, so that a 31st stays one in long months.
        var number = max(0, (end.daysSince1970 - reporting.firstDue.daysSince1970) / (31 * months))
        while reporting.firstDue.adding(months: (number + 1) * months) <= end,
            reporting.firstDue.adding(months: (number + 1) * months) < .last
        { number += 1 }
        let opening = reporting.firstDue.adding(months: (number - 1) * months)
        return !effective.contains { $0.periodEnd > opening }
    }

    private static func isStale(
        _ body: CommitmentPropose,
        _ effective: [MilestoneRecord],
        _ date: CalendarDay
    ) -> Bool {
        guard let latest = effective.last else { return false }
        let reporting = body.reporting
        return date
            > latest.periodEnd.adding(months: reporting.every.monthCount).adding(days: reporting.graceDays)
    }

    /// The latest value is worse than one before it, of the same way of counting.
    private static func hasRegressed(_ body: CommitmentPropose, _ effective: [MilestoneRecord]) -> Bool {
        guard body.indicator.accumulation != .flow, let latest = effective.last else { return false }
        let series = effective.lastIndex { $0.valueStatus == .seriesBreak } ?? 0
        let earlier = effective[series...].dropLast().map { $0.reading.amount(for: body.target) }
        switch body.indicator.direction {
        case .up: return earlier.contains { $0 > latest.reading.amount(for: body.target) }
        case .down: return earlier.contains { $0 < latest.reading.amount(for: body.target) }
        case .maintain: return false
        }
    }
}

extension StatusName {
    /// Whether nothing more is expected to be reported.
    fileprivate var isSettled: Bool {
        switch self {
        case .achieved, .claimed, .achievedLate, .missed, .notAssessable, .withdrawn, .cancelled, .superseded:
            true
        case .proposed, .returned, .suspended, .awaitingFinal, .inProgress, .notStarted, .noData, .onTrack,
            .atRisk,
            .behind:
            false
        }
    }
}
