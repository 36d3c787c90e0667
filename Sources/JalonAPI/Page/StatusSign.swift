import JalonSchema

/// A status as the page shows it: a word, a shape and a colour, so that none of them alone carries it.
struct StatusSign {
    let shape: String
    let word: String
    /// The class of the style sheet that colours it.
    let tone: String

    /// The order in which statuses stand beside each other: the best first, what is not judged last.
    static let order: [API.StatusCode] = [
        .achieved, .claimed, .achievedLate, .onTrack, .inProgress, .atRisk, .behind, .missed, .awaitingFinal,
        .notStarted, .noData, .notAssessable, .proposed, .returned, .suspended, .withdrawn, .cancelled,
        .superseded,
    ]

    init(_ status: API.StatusCode, in language: Language) {
        let texts: (shape: String, tone: String, zh: String, en: String, fr: String) =
            switch status {
            case .achieved: ("✔", "good", "已实现", "achieved", "atteint")
            case .claimed: ("✓", "good", "自报实现", "claimed", "déclaré atteint")
            case .achievedLate: ("✔", "warn", "逾期实现", "achieved late", "atteint en retard")
            case .onTrack: ("●", "good", "按期", "on track", "dans les temps")
            case .atRisk: ("▲", "warn", "有风险", "at risk", "à risque")
            case .behind: ("■", "bad", "滞后", "behind", "en retard")
            case .missed: ("✖", "bad", "未实现", "missed", "manqué")
            case .awaitingFinal: ("◷", "warn", "待最终报告", "awaiting the final report", "rapport final attendu")
            case .inProgress: ("◐", "calm", "进行中", "in progress", "en cours")
            case .notStarted: ("○", "calm", "未开始", "not started", "pas commencé")
            case .noData: ("?", "calm", "无数据", "no data", "sans données")
            case .notAssessable: ("–", "calm", "不可评估", "not assessable", "non évaluable")
            case .proposed: ("◇", "calm", "已提出", "proposed", "proposé")
            case .returned: ("↩", "calm", "已退回", "returned", "renvoyé")
            case .withdrawn: ("⌫", "calm", "已撤回", "withdrawn", "retiré")
            case .suspended: ("‖", "calm", "已暂停", "suspended", "suspendu")
            case .cancelled: ("⊘", "calm", "已取消", "cancelled", "annulé")
            case .superseded: ("→", "calm", "已被取代", "superseded", "remplacé")
            }
        shape = texts.shape
        tone = texts.tone
        word = language.pick(texts.zh, texts.en, texts.fr)
    }

    /// Shape and word, for where no markup can stand.
    var plain: String { "\(shape) \(word)" }

    var html: HTML {
        "<span class=\"status \(tone)\"><span aria-hidden=\"true\">\(shape)</span> \(word)</span>"
    }
}
