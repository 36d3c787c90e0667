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
                    text: "by version 1, as promised first: \(status.original.name.rawValue)",
                    words: API.LocalizedText(
                        zh: "按最初承诺（第 1 版）另行评估，结果见上",
                        en: "By version 1, as promised first, it is judged on its own: see above",
                        fr:
                            "Selon la version 1, promise à l’origine, l’évaluation est distincte : voir ci-dessus"
                    )
                )
            )
        }
        return steps
    }
}

extension API.ExplanationStep {
    init(_ step: ExplanationStep, of judgement: Judgement) {
        let text =
            if case .ratio(let ratio, let onTrack, let atRisk) = step {
                API.ExplanationStep.text(ratio, onTrack, atRisk, judgement)
            } else if case .decided(_, let name) = step {
                name.rawValue
            } else {
                step.description
            }
        self.init(
            rule: API.ExplanationStep.rule(of: step),
            text: text,
            words: API.LocalizedText(StatusWords(judgement).sentence(step))
        )
    }

    private static func rule(of step: ExplanationStep) -> String {
        switch step {
        case .life: "life"
        case .baseline: "baseline"
        case .target: "target"
        case .noMeasurement, .latest: "measured"
        case .atDeadline: "at the deadline"
        case .elapsed: "elapsed"
        case .expected: "expected"
        case .ratio: "ratio"
        case .verification: "verification"
        case .decided(let rule, _): "\(rule) \(API.ExplanationStep.name(ofRule: rule))"
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
    static func percent(_ ratio: PartsPerMillion) -> String {
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
