import JalonModel
import JalonSchema
import JalonState

extension API.StatusCode {
    init(_ name: StatusName) {
        switch name {
        case .proposed: self = .proposed
        case .returned: self = .returned
        case .withdrawn: self = .withdrawn
        case .suspended: self = .suspended
        case .cancelled: self = .cancelled
        case .superseded: self = .superseded
        case .notAssessable: self = .notAssessable
        case .achieved: self = .achieved
        case .claimed: self = .claimed
        case .achievedLate: self = .achievedLate
        case .missed: self = .missed
        case .awaitingFinal: self = .awaitingFinal
        case .inProgress: self = .inProgress
        case .notStarted: self = .notStarted
        case .noData: self = .noData
        case .onTrack: self = .onTrack
        case .atRisk: self = .atRisk
        case .behind: self = .behind
        }
    }
}

extension API.CommitmentStatus {
    /// With the steps that led to the status where `isExplained`.
    init(_ status: CommitmentStatus, isExplained: Bool) {
        let current = status.current
        self.init(
            asOf: status.date.description,
            current: API.StatusCode(current.name),
            original: API.StatusCode(status.original.name),
            flags: status.flags.map(\.rawValue),
            value: current.amount?.description,
            measuredAt: current.latestPeriodEnd?.description,
            expected: current.expected?.description,
            ratio: current.ratio.map { Int($0.value) },
            progress: current.progress.map { Int($0.value) },
            verificationLevel: current.verificationLevel?.rawValue,
            isFictional: current.isFictional,
            explanation: isExplained ? API.CommitmentStatus.explanation(status) : []
        )
    }

    private static func explanation(_ status: CommitmentStatus) -> [API.ExplanationStep] {
        var steps = status.current.explanation.map { API.ExplanationStep($0, of: status.current) }
        if status.original.name != status.current.name {
            steps.append(
                API.ExplanationStep(
                    rule: "original",
                    text: "by version 1, as promised first: \(status.original.name.rawValue)"
                )
            )
        }
        return steps
    }
}

extension API.ExplanationStep {
    init(_ step: ExplanationStep, of judgement: Judgement) {
        switch step {
        case .life: self.init(rule: "life", text: step.description)
        case .baseline: self.init(rule: "baseline", text: step.description)
        case .target: self.init(rule: "target", text: step.description)
        case .noMeasurement, .latest: self.init(rule: "measured", text: step.description)
        case .atDeadline: self.init(rule: "at the deadline", text: step.description)
        case .elapsed: self.init(rule: "elapsed", text: step.description)
        case .expected: self.init(rule: "expected", text: step.description)
        case .ratio(let ratio, let onTrack, let atRisk):
            self.init(rule: "ratio", text: API.ExplanationStep.text(ratio, onTrack, atRisk, judgement))
        case .verification: self.init(rule: "verification", text: step.description)
        case .decided(let rule, let name):
            self.init(rule: "\(rule) \(API.ExplanationStep.name(ofRule: rule))", text: name.rawValue)
        }
    }

    /// For example "9500 ÷ 13176 = 72.1 % (on track from 90 %, at risk from 70 %)".
    private static func text(
        _ ratio: PartsPerMillion,
        _ onTrack: PartsPerMillion,
        _ atRisk: PartsPerMillion,
        _ judgement: Judgement
    ) -> String {
        let bounds = "on track from \(percent(onTrack)), at risk from \(percent(atRisk))"
        guard let amount = judgement.amount, let expected = judgement.expected else {
            return "\(percent(ratio)) (\(bounds))"
        }
        let baseline = judgement.baseline
        let quotient =
            baseline == .zero
            ? "\(amount) ÷ \(expected)" : "(\(amount) − \(baseline)) ÷ (\(expected) − \(baseline))"
        return "\(quotient) = \(percent(ratio)) (\(bounds))"
    }

    /// Per cent with one decimal, floored as the ratio itself is, so that 89.99 % never reads as 90.
    private static func percent(_ ratio: PartsPerMillion) -> String {
        let (quotient, remainder) = ratio.value.quotientAndRemainder(dividingBy: 1_000)
        let tenths = remainder < 0 ? quotient - 1 : quotient
        let magnitude = tenths.magnitude
        let sign = tenths < 0 ? "-" : ""
        let decimal = magnitude.isMultiple(of: 10) ? "" : ".\(magnitude % 10)"
        return "\(sign)\(magnitude / 10)\(decimal) %"
    }

    private static func name(ofRule rule: Int) -> String {
        switch rule {
        case 1: "not in force"
        case 2: "nothing to measure it by"
        case 3: "reached in time"
        case 4: "reached late"
        case 5: "the deadline has passed"
        case 6: "no deadline"
        case 7: "no milestone"
        case 8: "no ratio yet"
        case 9: "the ratio decides"
        default: "rule"
        }
    }
}
