import JalonSchema

/// The page of one commitment: what was promised, what was reported, why it has its status.
struct CommitmentPage {
    let layout: Layout
    let commitment: API.Commitment
    let milestones: API.MilestonePage

    private var language: Language { layout.language }
    private var format: Format { layout.format }
    private var unit: API.Name { commitment.indicator.unit }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var html: HTML {
        let parts = CommitmentParts(commitment: commitment, language: language)
        let voices = CommitmentVoices(
            layout: layout,
            commitment: commitment,
            milestones: milestones.milestones
        )
        let description: HTML? = commitment.description.map { "<p>\(language.show($0))</p>" }
        return layout.document(
            title: commitment.id,
            path: "/commitments/\(commitment.id)",
            content: """
                <h1>\(commitment.id) · \(language.show(commitment.title))</h1>
                <p>\(parts.status)</p>
                \(description)
                <dl>
                <dt>\(pick("地区", "Region", "Région"))</dt><dd>\(format.region(commitment.region))</dd>
                \(voices.life)
                \(voices.joint)
                <dt>\(pick("目标", "Target", "Cible"))</dt><dd>\(parts.target)</dd>
                <dt>\(pick("最新值", "Last value", "Dernière valeur"))</dt><dd>\(parts.value)</dd>
                <dt>\(pick("指标", "Indicator", "Indicateur"))</dt><dd><code>\(commitment.indicator.code)</code></dd>
                <dt>\(pick("责任方", "Responsible", "Responsable"))</dt><dd>\(responsible)</dd>
                <dt>\(pick("计划", "Plan", "Plan"))</dt><dd>\(plan)</dd>
                </dl>
                \(source)
                \(why)
                \(items)
                \(versions)
                \(reports)
                \(voices.disputes)
                \(voices.timeline)
                <p><a href="/v1/commitments/\(commitment.id)">JSON</a></p>
                """
        )
    }

    private var responsible: HTML {
        .join(
            commitment.responsible.map { party in
                let who: HTML = party.member.map { "<code>\($0)</code>" } ?? "\(party.text ?? "")"
                return "\(who) (\(party.role))"
            },
            separator: ", "
        )
    }

    private var plan: HTML {
        let title: HTML? = commitment.planTitle.map { " \(language.show($0))" }
        return "<code>\(commitment.plan)</code>\(title)"
    }

    private var source: HTML? {
        guard let source = commitment.source, let quote = source.quote else { return nil }
        let isWeb = source.url?.hasPrefix("https://") ?? false
        let link: HTML? =
            isWeb ? source.url.map { "<p><a href=\"\($0)\" rel=\"noreferrer\">\($0)</a></p>" } : nil
        return "<blockquote><p>\(quote)</p></blockquote>\(link)"
    }

    // MARK: - Status

    private var why: HTML {
        let status = commitment.status
        var formula: HTML?
        if let value = status.value, let expected = status.expected, let ratio = status.ratio {
            formula = """
                <p>\(format.number(value)) ÷ \(format.number(expected)) = \(format.percent(ratio)) · \
                \(pick("按计划应为", "expected", "attendu")) \(format.number(expected)) \(format.name(unit))</p>
                """
        }
        let steps = status.explanation.map { step in
            // Where a step's words begin with its name, that is said once.
            let name: HTML? = step.text.hasPrefix(step.rule) ? nil : "<strong>\(step.rule)</strong> "
            return "<li>\(name)\(step.text)</li>" as HTML
        }
        let flags = status.flags.map { "<code>\($0)</code>" as HTML }
        let marks: HTML? = flags.isEmpty ? nil : "<p>\(HTML.join(flags, separator: " "))</p>"
        let list: HTML? = steps.isEmpty ? nil : "<ol>\(HTML.join(steps))</ol>"
        guard formula != nil || marks != nil || list != nil else { return .empty }
        return """
            <h2>\(pick("为何是此状态？", "Why this status?", "Pourquoi cet état ?"))</h2>
            \(formula)\(list)\(marks)
            """
    }

    private var items: HTML? {
        if let items = commitment.target.items {
            let rows = items.map { item in
                let mark = item.isDone == true ? "✔" : "○"
                let word = item.isDone == true ? pick("完成", "done", "fait") : pick("未完成", "open", "à faire")
                return
                    "<li><span aria-hidden=\"true\">\(mark)</span> \(language.show(item.name)) (\(word))</li>"
                    as HTML
            }
            return "<h2>\(pick("清单", "Checklist", "Liste"))</h2><ul>\(HTML.join(rows))</ul>"
        }
        guard let levels = commitment.target.levels else { return nil }
        let rows = levels.map { level in
            let due: HTML? = level.due.map { " · \(format.day($0))" }
            return "<li value=\"\(level.id)\">\(language.show(level.name))\(due)</li>" as HTML
        }
        return "<h2>\(pick("等级", "Levels", "Niveaux"))</h2><ol>\(HTML.join(rows))</ol>"
    }

    // MARK: - History

    private var reports: HTML {
        let title: HTML = "<h2>\(pick("里程碑", "Milestones", "Jalons"))</h2>"
        guard !milestones.milestones.isEmpty else {
            return "\(title)<p>\(pick("尚无上报。", "Nothing reported yet.", "Rien de déclaré."))</p>"
        }
        let rows = milestones.milestones.map(row)
        return """
            \(title)
            <table><thead><tr><th scope="col">\(pick("截止日", "Period end", "Fin de période"))</th>\
            <th scope="col">\(pick("数值", "Value", "Valeur"))</th>\
            <th scope="col">\(pick("状态", "State", "État"))</th>\
            <th scope="col">\(pick("证据", "Evidence", "Preuves"))</th>\
            <th scope="col">\(pick("交易", "Transaction", "Transaction"))</th></tr></thead>
            <tbody>
            \(HTML.join(rows, separator: "\n"))
            </tbody></table>
            """
    }

    private func row(_ milestone: API.Milestone) -> HTML {
        let mark: HTML? = milestone.isFictional ? " <strong class=\"demo\">DEMO DATA</strong>" : nil
        let value =
            milestone.value.map(format.number) ?? milestone.level.map { format.number($0) }
            ?? milestone.doneItems?.joined(separator: ", ") ?? ""
        let reason: HTML? = milestone.reason.map { " <small>\($0)</small>" }
        let voices = CommitmentVoices.about(milestone, in: language)
        let files = milestone.evidence.map {
            "<li>\($0.name) <code class=\"digest\">\($0.sha256)</code></li>" as HTML
        }
        let evidence: HTML = files.isEmpty ? "–" : "<ul>\(HTML.join(files))</ul>"
        return """
            <tr><th scope="row">\(format.day(milestone.periodEnd))</th>\
            <td data-label="\(pick("数值", "Value", "Valeur"))">\(value)\(mark)</td>\
            <td data-label="\(pick("状态", "State", "État"))">\(life(milestone.life))\(reason)\(voices)</td>\
            <td data-label="\(pick("证据", "Evidence", "Preuves"))">\(evidence)</td>\
            <td data-label="\(pick("交易", "Transaction", "Transaction"))"><code>\(milestone.issuer)</code> · \
            <a href="/v1/transactions/\(milestone.id)"><code class="digest">\(String(milestone.id.prefix(12)))…</code>\
            </a> · <a href="/verify?transaction=\(milestone.id)&amp;lang=\(language.rawValue)">\
            \(pick("核验", "verify", "vérifier"))</a></td></tr>
            """
    }

    private func life(_ life: API.MilestoneLife) -> String {
        switch life {
        case .effective: pick("有效", "effective", "en vigueur")
        case .replaced: pick("已更正", "replaced", "remplacé")
        case .retracted: pick("已撤回", "retracted", "retiré")
        case .excluded: pick("已排除", "excluded", "exclu")
        }
    }

    private var versions: HTML? {
        guard commitment.versions.count > 1 else { return nil }
        let rows = commitment.versions.map { version in
            let deadline: HTML? = version.deadline.map { ", \(format.deadline($0))" }
            let reason: HTML? = version.reason.map { reason in
                let code: HTML? = version.reasonCode.map { "<code>\($0)</code> " }
                return "<br>\(change(version)): \(code)\(reason)"
            }
            let judged: HTML? = judgement(of: version).map { " \($0)" }
            return """
                <li value="\(version.number)">\(format.target(version.target, unit: unit))\(deadline)\(judged)\(reason) · \
                <code>\(version.issuer)</code> · \(layout.time(version.timestamp)) · \
                <a href="/v1/transactions/\(version.transaction)"><code class="digest">\
                \(String(version.transaction.prefix(12)))…</code></a></li>
                """ as HTML
        }
        return """
            <h2>\(pick("版本", "Versions", "Versions"))</h2>
            <p>\(pick("原目标一直保留并继续评估。", "The original target stays and keeps being judged.",
                "La cible d’origine demeure et reste évaluée."))</p>
            <ol>\(HTML.join(rows))</ol>
            """
    }

    /// The status by the original and by the version in force; the versions between are not judged.
    private func judgement(of version: API.CommitmentVersion) -> HTML? {
        if version.number == commitment.versions.last?.number {
            return StatusSign(commitment.status.current, in: language).html
        }
        return version.number == 1 ? StatusSign(commitment.status.original, in: language).html : nil
    }

    /// What kind of change made a version, and in which fields.
    private func change(_ version: API.CommitmentVersion) -> HTML {
        let kind =
            version.change == "material"
            ? pick("实质性修订", "material change", "modification de fond")
            : pick("文字性修订", "editorial change", "modification de forme")
        guard !version.changed.isEmpty else { return "\(kind)" }
        let fields = version.changed.map { "<code>\($0)</code>" as HTML }
        return "\(kind) (\(HTML.join(fields, separator: ", ")))"
    }
}
