import JalonSchema

/// The page of one commitment: what was promised, what was reported, why it has its status.
struct CommitmentPage {
    let layout: Layout
    let commitment: API.Commitment
    /// What is drawn; and listed, where nothing earlier is asked for.
    let latest: MilestoneTail
    /// What is listed instead of the newest.
    var earlier: MilestoneTail?

    private var language: Language { layout.language }
    private var format: Format { layout.format }
    private var unit: API.Name { commitment.indicator.unit }
    /// What is listed.
    private var shown: MilestoneTail { earlier ?? latest }
    private var parts: CommitmentParts { CommitmentParts(layout: layout, commitment: commitment) }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var html: HTML {
        let parts = parts
        let series = CommitmentSeries(commitment, latest)
        let description: HTML? = commitment.description.map { "<p>\(language.original($0))</p>" }
        let voices = CommitmentVoices(
            layout: layout,
            commitment: commitment,
            milestones: shown.milestones,
            isPart: latest.earlierCount > 0
        )
        return layout.document(
            title: "\(commitment.id) \(format.plain(commitment.title))",
            path: "/commitments/\(commitment.id)",
            content: """
                <article data-part="commitment">
                <p class="crumb">\(layout.regionLink(commitment.region)) · <span class="id">\(commitment.id)</span></p>
                <h1>\(language.original(commitment.title))</h1>
                <p class="verdict">\(parts.status)\(parts.flag)</p>
                <p class="lead">\(headline(parts))</p>
                \(description)
                <div class="columns figure-and-why"><div>\(CommitmentChart(layout: layout, series: series).html)
                \(CommitmentFigures(layout: layout, series: series).html)</div>
                \(CommitmentWhy(layout: layout, commitment: commitment).html)</div>
                \(facts(parts, voices))
                \(items)
                \(versions)
                \(reports)
                \(voices.disputes)
                \(voices.timeline)
                \(downloads)
                </article>
                """
        )
    }

    /// "9 500 of at least 30 000 enterprises, by end 2022 · expected by then 13 176".
    private func headline(_ parts: CommitmentParts) -> HTML {
        let expected: HTML? = commitment.status.expected.map { value in
            " · \(pick("届时应达到", "expected by then", "attendu alors")) \(format.number(value))"
        }
        return "\(parts.progress)\(expected)"
    }

    private func facts(_ parts: CommitmentParts, _ voices: CommitmentVoices) -> HTML {
        let sectors = HTML.join(commitment.sectors.map(format.name), separator: ", ")
        let level = commitment.minimumLevel
        return """
            <h2>\(pick("承诺内容", "What was promised", "Ce qui est promis"))</h2>
            <dl class="facts">
            <dt>\(pick("目标", "Target", "Cible"))</dt><dd>\(parts.target)</dd>
            <dt>\(pick("责任方", "Responsible", "Responsable"))</dt><dd>\(responsible)</dd>
            \(voices.life)
            \(voices.joint)
            \(counterparties)
            <dt>\(pick("领域", "Sector", "Secteur"))</dt><dd>\(sectors)</dd>
            \(places)\(themes)\(related)
            <dt>\(pick("指标", "Indicator", "Indicateur"))</dt><dd><code>\(commitment.indicator.code)</code></dd>
            <dt>\(pick("上报", "Reports", "Rapports"))</dt><dd>\(reporting)</dd>
            <dt>\(pick("要求的核验", "Verification required", "Vérification requise"))</dt>\
            <dd>\(level) \(CommitmentWhy.level(level, in: language))</dd>
            <dt>\(pick("计划", "Plan", "Plan"))</dt><dd>\(plan)</dd>
            </dl>
            \(source)
            """
    }

    /// Places within the region, by their codes.
    private var places: HTML? {
        guard !commitment.subregions.isEmpty else { return nil }
        let codes = commitment.subregions.map { "<code>\($0)</code>" as HTML }
        return "<dt>\(pick("地点", "Places", "Lieux"))</dt><dd>\(HTML.join(codes, separator: ", "))</dd>"
    }

    private var themes: HTML? {
        guard !commitment.themes.isEmpty else { return nil }
        let names = commitment.themes.map { theme in
            parts.priority(theme).map { "<strong>\($0)</strong> <code>\(theme)</code>" as HTML }
                ?? "<code>\(theme)</code>"
        }
        return "<dt>\(pick("主题", "Themes", "Thèmes"))</dt><dd>\(HTML.join(names, separator: ", "))</dd>"
    }

    private var related: HTML? {
        guard !commitment.related.isEmpty else { return nil }
        let links = commitment.related.map(layout.commitmentLink)
        return "<dt>\(pick("相关承诺", "Related", "Liés"))</dt><dd>\(HTML.join(links, separator: ", "))</dd>"
    }

    private var reporting: HTML {
        let every =
            switch commitment.reporting.every {
            case "monthly": pick("每月", "monthly", "mensuels")
            case "quarterly": pick("每季度", "quarterly", "trimestriels")
            case "halfYearly": pick("每半年", "half-yearly", "semestriels")
            case "yearly": pick("每年", "yearly", "annuels")
            default: commitment.reporting.every
            }
        let (first, days) = (format.day(commitment.reporting.firstDue), commitment.reporting.graceDays)
        let word = language.plural(days, ("day", "days"), ("jour", "jours"))
        return """
            \(every), \(pick("首次不晚于 \(first)，宽限 \(days) 天", "the first due on \(first), \(days) \(word) of grace",
                "le premier dû le \(first), \(days) \(word) de grâce"))
            """
    }

    private var counterparties: HTML? {
        guard let counterparties = commitment.counterparties else { return nil }
        let words = pick(
            "里程碑须有 \(counterparties.required) 方联署才计入：",
            "a milestone counts once \(counterparties.required) of these co-signed it:",
            "un jalon compte une fois cosigné par \(counterparties.required) de ceux-ci :"
        )
        return """
            <dt>\(pick("联署方", "Counterparties", "Contreparties"))</dt>\
            <dd>\(words) \(layout.members.show(counterparties.members))</dd>
            """
    }

    private var downloads: HTML {
        // What counts is what a reader wants to check: the last milestone, else the promise itself.
        let id = commitment.lastMilestone?.id ?? commitment.transaction
        return """
            <h2>\(pick("核实与下载", "Verify and download", "Vérifier et télécharger"))</h2>
            <p class="buttons">\(layout.verifyLink(id)) \
            <a class="button" href="\(layout.href("/transactions/\(commitment.transaction)"))">\
            \(pick("承诺的交易", "The promise’s transaction", "La transaction de l’engagement"))</a> \
            <a class="button" href="/v1/transactions/\(id)/proof" download="\(commitment.id).proof">\
            \(pick("下载证明", "Download proof", "Télécharger la preuve"))</a> \
            <a class="button" href="/v1/export/milestones.csv?commitment=\(commitment.id)">CSV</a> \
            <a class="button" href="/v1/commitments/\(commitment.id)">JSON</a> \
            <a class="button" href="/v1/commitments/\(commitment.id)/milestones">\
            \(pick("里程碑 JSON", "Milestones as JSON", "Jalons en JSON"))</a></p>
            """
    }

    private var responsible: HTML {
        .join(
            commitment.responsible.map { party in
                let who: HTML = party.member.map { layout.members.show($0) } ?? "\(party.text ?? "")"
                let role =
                    party.role == "lead"
                    ? pick("牵头", "lead", "chef de file") : pick("协助", "support", "appui")
                return "\(who) (\(role))"
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
        let kind = TransactionWords.value(source.kind, of: "kind", in: language)
        var about = [pick("来源：\(kind)", "Source: \(kind)", "Source : \(kind)")]
        about += [source.locator].compactMap { $0 }
        let other = Language.guess(quote).flatMap { $0 == language ? nil : $0 }
        about += [other.map(language.note)].compactMap { $0 }
        return """
            <blockquote><p>\(language.marked(quote))</p></blockquote>
            <p class="none"><small>\(about.joined(separator: " · "))</small></p>\(link)
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
        let title: HTML = "<h2 id=\"milestones\">\(pick("里程碑", "Milestones", "Jalons"))</h2>"
        guard !shown.milestones.isEmpty else {
            return "\(title)<p>\(pick("尚无上报。", "Nothing reported yet.", "Rien de déclaré."))</p>"
        }
        let rows = shown.milestones.map(row)
        return """
            \(title)
            <table class="cards"><caption>\(pick(
                "按期间，更正与撤回的也保留", "By period; corrected and retracted ones stay",
                "Par période ; ceux corrigés ou retirés demeurent"))\(extent)</caption>
            <thead><tr><th scope="col">\(pick("截止日", "Period end", "Fin de période"))</th>\
            <th scope="col" class="number">\(pick("数值", "Value", "Valeur"))</th>\
            <th scope="col">\(pick("状态", "State", "État"))</th>\
            <th scope="col">\(pick("证据", "Evidence", "Preuves"))</th>\
            <th scope="col">\(pick("交易", "Transaction", "Transaction"))</th></tr></thead>
            <tbody>
            \(HTML.join(rows, separator: "\n"))
            </tbody></table>
            \(others)
            """
    }

    /// How many of all are listed, where some are not.
    private var extent: String {
        guard latest.earlierCount > 0 else { return "" }
        let (count, all) = (shown.milestones.count, latest.milestones.count + latest.earlierCount)
        let (some, whole) = (format.number(count), format.number(all))
        return pick(
            "；此处 \(some) 个，共 \(whole) 个",
            "; \(some) of \(whole) here",
            " ; ici \(some) sur \(whole)"
        )
    }

    /// The ways to the milestones that are not listed.
    private var others: HTML? {
        let path = "/commitments/\(commitment.id)"
        var links: [HTML] = []
        if earlier != nil {
            links.append(
                "<a class=\"button\" href=\"\(layout.href(path))#milestones\">\(pick("最新的", "The newest", "Les plus récents"))</a>"
            )
        }
        if shown.earlierCount > 0, let first = shown.milestones.first {
            let count = format.number(shown.earlierCount)
            let words = pick("更早的 \(count) 个", "\(count) older", "\(count) antérieurs")
            links.append(
                "<a class=\"button\" href=\"\(layout.href(path, [("before", first.id)]))#milestones\">\(words)</a>"
            )
        }
        guard !links.isEmpty else { return nil }
        return "<p class=\"buttons\">\(HTML.join(links, separator: " "))</p>"
    }

    private func row(_ milestone: API.Milestone) -> HTML {
        let mark: HTML? = milestone.isFictional ? " <strong class=\"demo\">DEMO DATA</strong>" : nil
        let number = milestone.value.map(format.number) ?? milestone.level.map { format.number($0) }
        let value: HTML =
            number.map { "\($0)" } ?? .join((milestone.doneItems ?? []).map(item), separator: ", ")
        let reason: HTML? = milestone.reason.map { " <small>\(language.marked($0))</small>" }
        let note: HTML? = milestone.note.map { note in
            " <small>\(layout.words(note, isAbsent: milestone.isAbsent, at: milestone.height))</small>"
        }
        let voices = CommitmentVoices.about(milestone, in: layout)
        let files = milestone.evidence.map {
            "<li>\($0.name) <code class=\"digest\">\($0.sha256)</code></li>" as HTML
        }
        let evidence: HTML = files.isEmpty ? "–" : "<ul>\(HTML.join(files))</ul>"
        let level = milestone.verificationLevel
        return """
            <tr><th scope="row">\(format.day(milestone.periodEnd))</th>\
            <td class="number" data-label="\(pick("数值", "Value", "Valeur"))">\(value)\(mark)\(note)</td>\
            <td data-label="\(pick("状态", "State", "État"))">\(life(milestone.life)) · \
            <abbr title="\(CommitmentWhy.level(level, in: language))">\(level)</abbr>\(reason)\(voices)</td>\
            <td data-label="\(pick("证据", "Evidence", "Preuves"))">\(evidence)</td>\
            <td data-label="\(pick("交易", "Transaction", "Transaction"))">\(layout.members.show(milestone.issuer))<br>\
            \(layout.transactionLink(milestone.id)) \
            <a href="\(layout.href("/verify", [("transaction", milestone.id)]))">\
            \(pick("核验", "verify", "vérifier"))</a></td></tr>
            """
    }

    /// An item of the checklist by its name; by its id where the version in force has it no more.
    private func item(_ id: String) -> HTML {
        commitment.target.items?.first { $0.id == id }.map { language.show($0.name) } ?? "<code>\(id)</code>"
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
            let deadline: HTML? = version.deadline.map { "\(language.comma)\(format.deadline($0))" }
            let reason: HTML? = version.reason.map { reason in
                let code: HTML? = version.reasonCode.map { "<code>\($0)</code> " }
                return "<br>\(change(version))\(language.colon)\(code)\(language.marked(reason))"
            }
            let judged: HTML? = judgement(of: version).map { " \($0)" }
            return """
                <li value="\(version.number)">\(format.target(version.target, unit: unit))\(deadline)\(judged)\(reason) · \
                \(layout.members.show(version.issuer)) · \(layout.time(version.timestamp)) · \
                \(layout.transactionLink(version.transaction))</li>
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
