import JalonSchema

/// Why a commitment has its status: the arithmetic, step by step, and what else a reader should know.
struct CommitmentWhy {
    let layout: Layout
    let commitment: API.Commitment

    private var language: Language { layout.language }
    private var format: Format { layout.format }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var html: HTML {
        let status = commitment.status
        let steps = status.explanation.map { step -> HTML in
            if let words = step.words { return "<li>\(language.show(words))</li>" }
            // Where a step's words begin with its name, that is said once.
            let name: HTML? = step.text.hasPrefix(step.rule) ? nil : "<strong>\(step.rule)</strong> "
            return "<li>\(name)\(step.text)</li>"
        }
        let list: HTML? = steps.isEmpty ? nil : "<ol>\(HTML.join(steps))</ol>"
        let flags = status.flags.map { "<li>\(CommitmentWhy.flag($0, in: language))</li>" as HTML }
        let marks: HTML? = flags.isEmpty ? nil : "<ul class=\"flags\">\(HTML.join(flags))</ul>"
        guard formula != nil || marks != nil || list != nil else { return .empty }
        return """
            <section class="why"><h2>\(pick("为何是此状态？", "Why this status?", "Pourquoi cet état ?"))</h2>
            \(formula)\(list)\(marks)
            <p><a href="\(layout.href("/methodology"))">\
            \(pick("状态如何得出", "How statuses come about", "Comment les états sont établis"))</a></p></section>
            """
    }

    /// "9 500 ÷ 13 176 = 72.1 %".
    private var formula: HTML? {
        let status = commitment.status
        guard let value = status.value, let expected = status.expected, let ratio = status.ratio else {
            return nil
        }
        let baseline = commitment.baseline ?? "0"
        let (above, below): (HTML, HTML) =
            baseline == "0"
            ? ("\(format.number(value))", "\(format.number(expected))")
            : (
                "(\(format.number(value)) − \(format.number(baseline)))",
                "(\(format.number(expected)) − \(format.number(baseline)))"
            )
        let sign = StatusSign(status.current, in: language).html
        return """
            <p class="formula">\(above) ÷ \(below) = \(format.percent(ratio)) → \(sign)</p>
            """
    }

    /// How well a value is vouched for, in words.
    static func level(_ level: String, in language: Language) -> String {
        switch level {
        case "L0": language.pick("自报", "declared", "déclaré")
        case "L1": language.pick("附证据摘要", "evidence given", "preuve fournie")
        case "L2": language.pick("联署", "co-signed", "cosigné")
        case "L3": language.pick("审计核实", "attested", "attesté")
        default: level
        }
    }

    static func flag(_ flag: String, in language: Language) -> String {
        switch flag {
        case "overdueReport": language.pick("▲ 报告逾期", "▲ a report is overdue", "▲ un rapport est en retard")
        case "stale": language.pick("▲ 数据陈旧", "▲ the last value is old", "▲ la dernière valeur est ancienne")
        case "disputed": language.pick("▲ 有异议", "▲ disputed", "▲ contesté")
        case "refuted":
            language.pick(
                "■ 有里程碑被审计否定",
                "■ an auditor refuted a milestone",
                "■ un jalon réfuté par un auditeur"
            )
        case "amended":
            language.pick(
                "● 承诺已修订；原目标仍在评估",
                "● amended; the original is judged too",
                "● modifié ; la promesse d’origine reste évaluée"
            )
        case "baselineUnknown":
            language.pick(
                "● 基准值未知，按 0 计算",
                "● the baseline is unknown and counts as 0",
                "● point de départ inconnu, compté 0"
            )
        case "deadlineInferred":
            language.pick(
                "● 期限为推断，原文未写明",
                "● the deadline is inferred; the plan does not say it",
                "● échéance déduite, non dite par le plan"
            )
        case "seriesBreak":
            language.pick(
                "● 统计口径变化，前后不可比",
                "● the series breaks: values before and after don’t compare",
                "● rupture de série : valeurs non comparables"
            )
        case "regressed": language.pick("▲ 数值下降", "▲ the value fell", "▲ la valeur a baissé")
        case "beforeStart":
            language.pick(
                "● 有早于起始日的里程碑",
                "● a milestone is from before the start",
                "● un jalon antérieur au début"
            )
        default: flag
        }
    }
}
