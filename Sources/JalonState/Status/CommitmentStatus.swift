package import JalonModel

/// How a commitment stands at a date: derived from the chain, never stored and never typed in (domain, section 5).
package struct CommitmentStatus: Hashable, Sendable {
    /// t, the date that it is judged at.
    package let date: CalendarDay
    /// Judged by what was promised first.
    package let original: Judgement
    /// Judged by the version in force.
    package let current: Judgement
    /// What a reader should know beside the names, in a fixed order, each once.
    package let flags: [StatusFlag]

    /// Derives the status of a commitment.
    ///
    /// - Parameters:
    ///   - commitment: Its life and versions.
    ///   - milestones: Every milestone of the commitment, in any order; those that don't count are left out here.
    ///   - date: t.
    ///   - thresholds: The parameters that were in force.
    /// - Returns: The same for the same arguments, in every process.
    package static func derive(
        _ commitment: Commitment,
        milestones: [MilestoneRecord],
        on date: CalendarDay,
        thresholds: StatusThresholds
    ) -> CommitmentStatus {
        let known = milestones.filter { $0.periodEnd <= date }
        let effective = known.filter { $0.state == .effective && !$0.isPending }
            .sorted { $0.periodEnd < $1.periodEnd }
        func judge(_ version: CommitmentVersion) -> Judgement {
            Assessment(
                version,
                life: commitment.life,
                effective: effective,
                date: date,
                thresholds: thresholds
            )
            .judgement
        }
        let current = judge(commitment.current)
        return CommitmentStatus(
            date: date,
            original: commitment.versions.count == 1 ? current : judge(commitment.original),
            current: current,
            flags: StatusFlag.flags(of: commitment, current, effective: effective, known: known, date: date)
        )
    }
}

extension LedgerState {
    /// The status of a commitment at a date, `nil` where there is no such commitment.
    package func status(of id: CommitmentID, on date: CalendarDay) -> CommitmentStatus? {
        guard let commitment = commitment(id) else { return nil }
        return .derive(
            commitment,
            milestones: milestones(of: id),
            on: date,
            thresholds: StatusThresholds(parameters)
        )
    }
}

/// The ratios that part on track, at risk and behind.
package struct StatusThresholds: Hashable, Sendable {
    package let onTrack: PartsPerMillion
    package let atRisk: PartsPerMillion

    package init(onTrack: PartsPerMillion, atRisk: PartsPerMillion) {
        (self.onTrack, self.atRisk) = (onTrack, atRisk)
    }

    package init(_ parameters: Parameters) {
        self.init(onTrack: parameters.onTrack, atRisk: parameters.atRisk)
    }
}

/// The names of statuses.
package enum StatusName: String, CaseIterable, Sendable {
    // Rule 1: the life's own names
    case proposed, returned, withdrawn, suspended, cancelled, superseded
    // Rules 2 to 5
    case notAssessable, achieved, claimed, achievedLate, missed, awaitingFinal
    // Rules 6 to 9
    case inProgress, notStarted, noData, onTrack, atRisk, behind
}

/// One version's status, with every number that led to it.
package struct Judgement: Hashable, Sendable {
    package let name: StatusName
    /// The rule of domain.md 5 that decided, 1 to 9.
    package let rule: Int
    /// The number of the version judged.
    package let version: UInt64
    /// r, the latest milestone that counts.
    package let latest: TransactionID?
    package let latestPeriodEnd: CalendarDay?
    /// a, what was reached: the latest value; of a flow the sum; levels and items done as numbers.
    package let amount: Decimal?
    /// B.
    package let baseline: Decimal
    /// V.
    package let target: Decimal
    /// X, the value expected at the latest `periodEnd`.
    package let expected: Decimal?
    /// rho, how far `amount` is on the way to `expected`.
    package let ratio: PartsPerMillion?
    /// How far `amount` is on the way to the target, 0 to 1,000,000.
    package let progress: PartsPerMillion?
    /// Days from the start to the latest `periodEnd`, within 0…`totalDays`.
    package let elapsedDays: Int?
    /// Days from the start to the deadline.
    package let totalDays: Int?
    /// Whether what counts is invented, of a sum any part of it: shown as `DEMO DATA`.
    package let isFictional: Bool
    /// How well what counts is vouched for.
    package let verificationLevel: VerificationLevel?
    /// Why, step by step.
    package let explanation: [ExplanationStep]
}

/// One step of why a status is what it is, with its numbers, for `jalon status --explain` and the page.
package enum ExplanationStep: Hashable, Sendable {
    /// The commitment is not in force.
    case life(CommitmentLife)
    /// B, and whether it is known.
    case baseline(Decimal, isKnown: Bool)
    /// V, how the operator reads, and the promise's two days.
    case target(TargetOperator, Decimal, start: CalendarDay, deadline: CalendarDay?)
    /// No milestone counts at t.
    case noMeasurement
    /// r and a.
    case latest(TransactionID, periodEnd: CalendarDay, amount: Decimal, summedPeriods: Int)
    /// The measurement at the deadline, where it alone decides rule 3; `nil` where there is none.
    case atDeadline(amount: Decimal?, from: CalendarDay, to: CalendarDay)
    case elapsed(days: Int, of: Int)
    /// X at r.periodEnd.
    case expected(Decimal)
    case ratio(PartsPerMillion, onTrack: PartsPerMillion, atRisk: PartsPerMillion)
    /// The verification level found, and the one that achieved needs.
    case verification(VerificationLevel, required: VerificationLevel)
    /// The rule that decided.
    case decided(rule: Int, StatusName)
}

extension ExplanationStep: CustomStringConvertible {
    package var description: String {
        switch self {
        case .life(let life): "the commitment is \(life)"
        case .baseline(let value, let isKnown):
            "baseline B = \(value)" + (isKnown ? "" : " (unknown, counted as 0)")
        case .target(let op, let value, let start, let deadline):
            "target V = \(value) (\(op)), from \(start)" + (deadline.map { " to \($0)" } ?? ", no deadline")
        case .noMeasurement: "no effective milestone yet"
        case .latest(_, let periodEnd, let amount, let summedPeriods):
            summedPeriods > 1
                ? "a = \(amount), the sum of \(summedPeriods) periods up to \(periodEnd)"
                : "a = \(amount) at \(periodEnd)"
        case .atDeadline(let amount?, let from, let to):
            "at the deadline, after \(from) and not after \(to): \(amount)"
        case .atDeadline(nil, let from, let to):
            "nothing measured at the deadline, after \(from) and not after \(to)"
        case .elapsed(let days, let total): "elapsed \(days) of \(total) days"
        case .expected(let value): "expected X = \(value)"
        case .ratio(let ratio, let onTrack, let atRisk):
            "rho = \(ratio) ppm (on track from \(onTrack), at risk from \(atRisk))"
        case .verification(let level, let required):
            "verification \(level.rawValue), required \(required.rawValue)"
        case .decided(let rule, let name): "rule \(rule): \(name.rawValue)"
        }
    }
}
