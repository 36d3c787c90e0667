import JalonModel
import JalonSchema
import JalonState

/// The steps that led to a status, as sentences in three languages.
struct StatusWords {
    private let judgement: Judgement

    init(_ judgement: Judgement) {
        self.judgement = judgement
    }

    func sentence(_ step: ExplanationStep) -> Summary {
        switch step {
        case .life(let life):
            Summary(
                zh: "承诺不在执行中（\(life.rawValue)）",
                en: "The commitment is not in force: \(life.rawValue)",
                fr: "L’engagement n’est pas en vigueur : \(life.rawValue)"
            )
        case .baseline(let value, true):
            Summary(
                zh: "起点（基准值）\(value.zh)",
                en: "It starts from the baseline \(value.en)",
                fr: "Le point de départ est \(value.fr)"
            )
        case .baseline(_, false):
            Summary(
                zh: "基准值未知，按 0 计算",
                en: "The baseline is unknown and counts as 0",
                fr: "Le point de départ est inconnu et compte pour 0"
            )
        case .target(_, let value, let start, let deadline): target(value, start, deadline)
        case .noMeasurement:
            Summary(
                zh: "到此日尚无有效的里程碑",
                en: "No milestone counts by this day",
                fr: "Aucun jalon ne compte à cette date"
            )
        case .latest(_, let day, let amount, let periods): latest(amount, day, periods)
        case .atDeadline(let amount?, let from, let to):
            Summary(
                zh: "决定性的测量在 \(from.zh) 之后、\(to.zh) 之前：\(amount.zh)",
                en: "What decides is the measurement after \(from.en) and not after \(to.en): \(amount.en)",
                fr: "La mesure décisive, après le \(from.fr) et au plus tard le \(to.fr), est \(amount.fr)"
            )
        case .atDeadline(nil, let from, let to):
            Summary(
                zh: "\(from.zh) 之后、\(to.zh) 之前没有测量，无从认定",
                en: "Nothing was measured after \(from.en) and not after \(to.en), which would decide",
                fr:
                    "Rien n’a été mesuré après le \(from.fr) et au plus tard le \(to.fr), ce qui serait décisif"
            )
        case .elapsed(let days, let total):
            Summary(
                zh: "\(total) 天中已过 \(days) 天",
                en: "\(days) of \(total) days had passed by then",
                fr: "\(days) jours sur \(total) étaient alors écoulés"
            )
        case .expected(let value):
            Summary(
                zh: "按此进度，届时应达到 \(value.zh)",
                en: "At this pace \(value.en) was expected by then",
                fr: "À ce rythme, \(value.fr) était alors attendu"
            )
        case .ratio(let ratio, let onTrack, let atRisk): arithmetic(ratio, onTrack, atRisk)
        case .verification(let level, let required):
            Summary(
                zh: "核验等级 \(level.rawValue)，要求 \(required.rawValue)",
                en: "It is verified at level \(level.rawValue); \(required.rawValue) is required",
                fr: "Le niveau de vérification est \(level.rawValue) ; \(required.rawValue) est requis"
            )
        case .decided(let rule, _): decision(rule)
        }
    }

    private func target(_ value: Decimal, _ start: CalendarDay, _ deadline: CalendarDay?) -> Summary {
        guard let deadline else {
            return Summary(
                zh: "目标值 \(value.zh)，自 \(start.zh) 起，无期限",
                en: "The target is \(value.en), from \(start.en) on, without a deadline",
                fr: "La cible est \(value.fr), depuis le \(start.fr), sans échéance"
            )
        }
        return Summary(
            zh: "目标值 \(value.zh)，自 \(start.zh) 至 \(deadline.zh)",
            en: "The target is \(value.en), from \(start.en) to \(deadline.en)",
            fr: "La cible est \(value.fr), du \(start.fr) au \(deadline.fr)"
        )
    }

    private func latest(_ amount: Decimal, _ day: CalendarDay, _ periods: Int) -> Summary {
        guard periods > 1 else {
            return Summary(
                zh: "最新测量：\(day.zh) 为 \(amount.zh)",
                en: "The last measurement is \(amount.en), at \(day.en)",
                fr: "La dernière mesure est \(amount.fr), au \(day.fr)"
            )
        }
        return Summary(
            zh: "截至 \(day.zh) 共 \(periods) 期，合计 \(amount.zh)",
            en: "The sum of \(periods) periods up to \(day.en) is \(amount.en)",
            fr: "La somme de \(periods) périodes jusqu’au \(day.fr) est \(amount.fr)"
        )
    }

    /// For example "9 500 ÷ 13 176 = 72.1 % (on track from 90 %, at risk from 70 %)".
    private func arithmetic(
        _ ratio: PartsPerMillion,
        _ onTrack: PartsPerMillion,
        _ atRisk: PartsPerMillion
    ) -> Summary {
        let (found, upper, lower) = (
            API.ExplanationStep.percent(ratio), API.ExplanationStep.percent(onTrack),
            API.ExplanationStep.percent(atRisk)
        )
        let quotient = self.quotient
        return Summary(
            zh: "\(quotient.zh)\(found)（\(upper) 起为按期，\(lower) 起为有风险，更低为滞后）",
            en: "\(quotient.en)\(found) (on track from \(upper), at risk from \(lower), behind below)",
            fr:
                "\(quotient.fr)\(found) (dans les temps dès \(upper), à risque dès \(lower), en retard en dessous)"
        )
    }

    /// What is divided by what, up to the equals sign; empty where that is not known.
    private var quotient: Summary {
        guard let amount = judgement.amount, let expected = judgement.expected else {
            return Summary(zh: "", en: "", fr: "")
        }
        let baseline = judgement.baseline
        guard baseline != .zero else {
            return Summary(
                zh: "\(amount.zh) ÷ \(expected.zh) = ",
                en: "\(amount.en) ÷ \(expected.en) = ",
                fr: "\(amount.fr) ÷ \(expected.fr) = "
            )
        }
        return Summary(
            zh: "(\(amount.zh) − \(baseline.zh)) ÷ (\(expected.zh) − \(baseline.zh)) = ",
            en: "(\(amount.en) − \(baseline.en)) ÷ (\(expected.en) − \(baseline.en)) = ",
            fr: "(\(amount.fr) − \(baseline.fr)) ÷ (\(expected.fr) − \(baseline.fr)) = "
        )
    }

    private func decision(_ rule: Int) -> Summary {
        switch rule {
        case 1:
            Summary(
                zh: "规则 1：不在执行中",
                en: "Rule 1: it is not in force",
                fr: "Règle 1 : il n’est pas en vigueur"
            )
        case 2:
            Summary(
                zh: "规则 2：没有可衡量的指标",
                en: "Rule 2: there is nothing to measure it by",
                fr: "Règle 2 : rien ne permet de le mesurer"
            )
        case 3:
            Summary(
                zh: "规则 3：按时达到目标",
                en: "Rule 3: the target is reached in time",
                fr: "Règle 3 : la cible est atteinte à temps"
            )
        case 4:
            Summary(
                zh: "规则 4：逾期达到目标",
                en: "Rule 4: the target is reached late",
                fr: "Règle 4 : la cible est atteinte en retard"
            )
        case 5:
            Summary(
                zh: "规则 5：期限已过",
                en: "Rule 5: the deadline has passed",
                fr: "Règle 5 : l’échéance est passée"
            )
        case 6:
            Summary(
                zh: "规则 6：没有期限",
                en: "Rule 6: there is no deadline",
                fr: "Règle 6 : il n’y a pas d’échéance"
            )
        case 7:
            Summary(
                zh: "规则 7：没有里程碑",
                en: "Rule 7: there is no milestone",
                fr: "Règle 7 : il n’y a pas de jalon"
            )
        case 8:
            Summary(
                zh: "规则 8：尚早，还不能计算比率",
                en: "Rule 8: it is too early for a ratio",
                fr: "Règle 8 : il est trop tôt pour un ratio"
            )
        default: Summary(zh: "规则 9：由比率决定", en: "Rule 9: the ratio decides", fr: "Règle 9 : le ratio décide")
        }
    }
}
