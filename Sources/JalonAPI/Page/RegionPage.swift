import JalonSchema

/// The page at `/regions/{code}`: what a region promised, how it stands, who answers for it, what it was asked, and every act that concerns it.
struct RegionPage {
    /// Acts of one page.
    static let actCount = 25
    /// Directives that are listed at the most.
    static let directiveCount = 10

    let layout: Layout
    let summary: API.RegionSummary
    let list: API.CommitmentPage
    /// The region's own members.
    let members: [API.Member]
    /// The newest first.
    let directives: ArraySlice<API.Directive>
    /// The newest first.
    let acts: API.ActPage

    private var language: Language { layout.language }
    private var format: Format { layout.format }
    private var path: String { "/regions/\(summary.region.code)" }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var html: HTML {
        layout.document(
            title: "\(summary.region.code) \(format.plainName(summary.region))",
            path: path,
            content: """
                <div data-part="region">
                <h1>\(format.region(summary.region))</h1>
                \(counts)
                \(commitments)
                \(asked)
                \(latest)
                \(people)
                </div>
                """
        )
    }

    private var counts: HTML {
        guard summary.commitments > 0 else { return .empty }
        let entries = StatusSign.order.compactMap { status -> HTML? in
            guard let count = summary.counts.first(where: { $0.status == status })?.count, count > 0 else {
                return nil
            }
            let link =
                layout.href("/", [("region", summary.region.code), ("status", status.rawValue)]) + "#list"
            return """
                <li><a href="\(link)"><strong>\(format.number(count))</strong> \(StatusSign(status, in: language).html)</a></li>
                """
        }
        return "<ul class=\"tallies\">\(HTML.join(entries))</ul>"
    }

    private var commitments: HTML {
        let title: HTML = "<h2>\(pick("承诺", "Commitments", "Engagements"))</h2>"
        guard !list.commitments.isEmpty else {
            let words = pick(
                "该地区没有承诺：不是没有数据，而是没有承诺。",
                "This region has made no commitment: that is not “no data”.",
                "Cette région n’a pris aucun engagement : ce n’est pas « sans données »."
            )
            return "\(title)<p>\(words)</p>"
        }
        let total = format.number(list.total)
        let table = CommitmentTable(
            layout: layout,
            commitments: list.commitments,
            hasRegion: false,
            caption: pick("共 \(total) 项，按编号", "\(total) in all, by id", "\(total) en tout, par identifiant")
        )
        let more: HTML? = list.next.map { next in
            """
            <p><a class="button" href="\(layout.href(path, [("cursor", next)]))">\
            \(pick("下一页", "Next page", "Page suivante"))</a></p>
            """
        }
        return "\(title)\(table.html)\(more)"
    }

    /// Every act that concerns it, the newest first, and the way to the rest.
    private var latest: HTML {
        let isFirst = layout.parameters.allSatisfy { $0.name != "before" }
        let title =
            isFirst
            ? pick("最近事项", "Latest acts", "Derniers actes") : pick("较早事项", "Earlier acts", "Actes antérieurs")
        var links: [HTML] = []
        if !isFirst {
            links.append(
                """
                <a class="button" href="\(layout.href(path))#acts">\(pick("最新事项", "The newest", "Les plus récents"))</a>
                """
            )
        }
        if let next = acts.next {
            links.append(
                """
                <a class="button" href="\(layout.href(path, [("before", next)]))#acts">\
                \(pick("更早的事项", "Earlier acts", "Actes antérieurs"))</a>
                """
            )
        }
        let code = summary.region.code
        links.append(
            """
            <a class="button" href="/v1/regions/\(code)/acts">\(pick("事项 JSON", "Acts as JSON", "Actes en JSON"))</a> \
            <a class="button" href="/v1/export/milestones.csv?region=\(code)">\
            \(pick("里程碑 CSV", "Milestones as CSV", "Jalons en CSV"))</a>
            """
        )
        let list = FeedList(layout: layout, acts: acts.acts).html
        let none: HTML? = list == nil ? "<p>\(noActs)</p>" : nil
        return """
            <h2 id="acts">\(title)</h2>
            \(list)\(none)\(beginning)
            <p class="buttons">\(HTML.join(links, separator: " "))</p>
            """
    }

    private var noActs: String {
        let block = format.number(acts.lookedBackTo)
        return pick("回溯至区块 \(block)：无。", "None back to block \(block).", "Aucun jusqu’au bloc \(block).")
    }

    /// What this node can't tell, as it does not hold the first blocks.
    private var beginning: HTML? {
        guard let first = acts.firstBlock, acts.next == nil else { return nil }
        let block = format.number(first)
        let words = pick(
            "本节点不保存区块 \(block) 之前的内容：请看其他节点。",
            "This node does not hold what was before block \(block): see another node.",
            "Ce nœud ne garde pas ce qui précède le bloc \(block) : voyez un autre nœud."
        )
        return "<p class=\"none\">\(words)</p>"
    }

    private var asked: HTML? {
        guard !directives.isEmpty else { return nil }
        let lines = directives.map { directive in
            """
            <li>\(directive.isAbsent == true
                ? layout.words("", isAbsent: true, at: directive.height) : language.show(directive.title)) · \(pick("期限", "due", "échéance")) \(format.day(directive.due)) · \
            <strong>\(DirectivesPage.state(directive, in: language))</strong></li>
            """ as HTML
        }
        return """
            <h2>\(pick("督办", "Directives", "Directives"))</h2><ul>\(HTML.join(lines))</ul>
            <p><a href="\(layout.href("/directives"))">\
            \(pick("全部督办", "All directives", "Toutes les directives"))</a></p>
            """
    }

    private var people: HTML? {
        guard !members.isEmpty else { return nil }
        let lines = members.map { member in
            """
            <li>\(layout.members.show(member.id))\(language.colon)\(MembersPage.roles(member, in: language)) · \
            \(MembersPage.standing(member, in: language))</li>
            """ as HTML
        }
        return """
            <h2>\(pick("成员", "Members", "Membres"))</h2><ul>\(HTML.join(lines))</ul>
            """
    }
}
