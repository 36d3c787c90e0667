import JalonSchema

/// The page at `/`: regions, commitments, the newest entries.
struct OverviewPage {
    let layout: Layout
    let report: API.StatusReport
    /// Oldest first.
    let events: [API.FeedEvent]

    private var language: Language { layout.language }
    private var format: Format { layout.format }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var html: HTML {
        layout.document(
            title: pick("总览", "Overview", "Vue d’ensemble"),
            path: "/",
            content: """
                <h1>\(pick("各地承诺", "Commitments by region", "Engagements par région"))</h1>
                \(regions)
                <h2>\(pick("承诺", "Commitments", "Engagements"))</h2>
                \(commitments)
                <h2>\(pick("动态", "Feed", "Fil"))</h2>
                \(feed)
                """
        )
    }

    // MARK: - Regions

    /// Statuses that occur, in the order of the schema.
    private var statuses: [API.StatusCode] {
        API.StatusCode.allCases.filter { status in
            report.regions.contains { region in region.counts.contains { $0.status == status && $0.count > 0 }
            }
        }
    }

    private var regions: HTML {
        let statuses = statuses
        let heads = statuses.map { "<th scope=\"col\">\(StatusSign($0, in: language).html)</th>" as HTML }
        let rows = report.regions.map { region in
            let cells = statuses.map { status in
                let count = region.counts.first { $0.status == status }?.count ?? 0
                let word = StatusSign(status, in: language).word
                return "<td class=\"number\" data-label=\"\(word)\">\(format.number(count))</td>" as HTML
            }
            let label = pick("承诺", "commitments", "engagements")
            return """
                <tr><th scope="row">\(format.region(region.region))</th>\
                <td class="number" data-label="\(label)">\(format.number(region.commitments))</td>\
                \(HTML.join(cells))</tr>
                """ as HTML
        }
        return """
            <table><caption>\(pick("按状态计数", "Counts by status", "Nombre par état"))</caption>
            <thead><tr><th scope="col">\(pick("地区", "Region", "Région"))</th>\
            <th scope="col">\(pick("承诺", "commitments", "engagements"))</th>\(HTML.join(heads))</tr></thead>
            <tbody>
            \(HTML.join(rows, separator: "\n"))
            </tbody></table>
            """
    }

    // MARK: - Commitments

    private var commitments: HTML {
        let rows = report.commitments.map(row)
        let more: HTML? = report.next.map { next in
            """
            <p><a href="/?lang=\(language.rawValue)&amp;cursor=\(next)">\
            \(pick("下一页", "Next page", "Page suivante"))</a></p>
            """
        }
        return """
            <table><thead><tr><th scope="col">\(pick("编号", "Id", "Identifiant"))</th>\
            <th scope="col">\(pick("地区", "Region", "Région"))</th>\
            <th scope="col">\(pick("承诺", "Commitment", "Engagement"))</th>\
            <th scope="col">\(pick("目标", "Target", "Cible"))</th>\
            <th scope="col">\(pick("最新值", "Last value", "Dernière valeur"))</th>\
            <th scope="col">\(pick("状态", "Status", "État"))</th></tr></thead>
            <tbody>
            \(HTML.join(rows, separator: "\n"))
            </tbody></table>
            \(more)
            """
    }

    private func row(_ commitment: API.Commitment) -> HTML {
        let parts = CommitmentParts(commitment: commitment, language: language)
        return """
            <tr><th scope="row"><a href="/commitments/\(commitment.id)?lang=\(language.rawValue)">\
            \(commitment.id)</a></th>\
            <td data-label="\(pick("地区", "Region", "Région"))">\(format.region(commitment.region))</td>\
            <td data-label="\(pick("承诺", "Commitment", "Engagement"))">\(language.show(commitment.title))</td>\
            <td data-label="\(pick("目标", "Target", "Cible"))">\(parts.target)</td>\
            <td data-label="\(pick("最新值", "Last value", "Dernière valeur"))">\(parts.value)</td>\
            <td data-label="\(pick("状态", "Status", "État"))">\(parts.status)</td></tr>
            """
    }

    // MARK: - Feed

    private var feed: HTML {
        let blocks = events.reversed().filter { !$0.transactions.isEmpty }
        guard !blocks.isEmpty else {
            return """
                <p>\(pick("自此无新内容", "Quiet since", "Calme depuis")) \(layout.time(layout.status.head.timestamp))</p>
                """
        }
        let items = blocks.map { event in
            let entries = event.transactions.prefix(20).map(entry)
            let rest = event.transactions.count - entries.count
            let more: HTML? = rest > 0 ? "<li>+ \(format.number(rest))</li>" : nil
            return """
                <li><a href="/v1/blocks/\(event.height)">\(format.number(event.height))</a> · \
                \(layout.time(event.timestamp))<ul>\(HTML.join(entries))\(more)</ul></li>
                """ as HTML
        }
        return "<ol class=\"feed\" reversed>\(HTML.join(items, separator: "\n"))</ol>"
    }

    private func entry(_ entry: API.BlockEntry) -> HTML {
        let words = entry.summary.map(language.show) ?? "<code>\(entry.type)</code> \(entry.subject)"
        let mark: HTML? = entry.isFictional ? " <strong class=\"demo\">DEMO DATA</strong>" : nil
        return """
            <li><code>\(entry.issuer)</code> \(words)\(mark) · <a href="/v1/transactions/\(entry.id)">\
            <code class="digest">\(String(entry.id.prefix(12)))…</code></a></li>
            """
    }
}

/// The cells that the overview and a commitment's page share.
struct CommitmentParts {
    let commitment: API.Commitment
    let language: Language

    private var format: Format { Format(language: language) }

    var target: HTML {
        let target = format.target(commitment.target, unit: commitment.indicator.unit)
        guard let deadline = commitment.deadline else { return target }
        return "\(target), \(format.deadline(deadline))"
    }

    var value: HTML {
        let status = commitment.status
        guard let value = status.value else {
            return
                "<span class=\"none\">\(language.pick("无上报", "nothing reported", "rien de déclaré"))</span>"
        }
        let mark: HTML? = status.isFictional ? " <strong class=\"demo\">DEMO DATA</strong>" : nil
        let day: HTML? = status.measuredAt.map { " <small>(\(format.day($0)))</small>" }
        return "\(format.number(value))\(day)\(mark)"
    }

    var status: HTML {
        let current = StatusSign(commitment.status.current, in: language)
        guard commitment.status.original != commitment.status.current else {
            return "\(current.html)\(notes)"
        }
        let original = StatusSign(commitment.status.original, in: language)
        return """
            \(current.html) <small>(\(language.pick("原目标", "original", "cible d’origine")): \(original.html))</small>\
            \(notes)
            """
    }

    /// What a reader should know beside the status: what stands in its place, who is missing, that it is disputed.
    private var notes: HTML {
        var notes: [HTML] = []
        if let successor = commitment.successor {
            notes.append(
                " <small>→ <a href=\"/commitments/\(successor)?lang=\(language.rawValue)\">\(successor)</a></small>"
            )
        }
        if commitment.life == "closed" {
            notes.append(" <small>\(CommitmentVoices.lifeName("closed", in: language))</small>")
        }
        if commitment.life == "proposed", let joint = commitment.jointSignatures, !joint.isComplete {
            let missing = joint.missing.joined(separator: ", ")
            notes.append(" <small>\(language.pick("待联署", "missing", "il manque")): \(missing)</small>")
        }
        if commitment.openDisputeCount > 0 {
            let words = language.pick("未决异议", "open disputes", "contestations ouvertes")
            notes.append(" <small>\(words): \(format.number(commitment.openDisputeCount))</small>")
        }
        return .join(notes)
    }
}
