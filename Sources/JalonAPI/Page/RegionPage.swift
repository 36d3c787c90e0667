import JalonSchema

/// The page at `/regions/{code}`: what a region promised, how it stands, who answers for it, what was reported and asked last.
struct RegionPage {
    /// Reports and directives that are listed at the most.
    private static let shortCount = 10

    let layout: Layout
    let summary: API.RegionSummary
    let list: API.CommitmentPage
    /// The region's own members.
    let members: [API.Member]
    let directives: [API.Directive]

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
                \(reports)
                \(asked)
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

    /// The last report on each commitment, the newest first.
    private var reports: HTML? {
        let latest = list.commitments.compactMap(\.lastMilestone).sorted { left, right in
            (left.height, left.position) > (right.height, right.position)
        }.prefix(RegionPage.shortCount)
        guard !latest.isEmpty else { return nil }
        let lines = latest.map { milestone -> HTML in
            let value =
                milestone.value.map(format.number) ?? milestone.level.map { format.number($0) }
                ?? milestone.doneItems?.joined(separator: ", ") ?? ""
            let mark: HTML? = milestone.isFictional ? " <strong class=\"demo\">DEMO DATA</strong>" : nil
            return """
                <li><p class="when">\(pick("区块", "block", "bloc")) \(layout.blockLink(milestone.height)) · \
                \(layout.time(milestone.timestamp))</p>\(layout.commitmentLink(milestone.commitment)): \
                <strong>\(value)</strong> (\(format.day(milestone.periodEnd)))\(mark) · \
                \(layout.transactionLink(milestone.id))</li>
                """
        }
        return """
            <h2>\(pick("最近上报", "Latest reports", "Derniers rapports"))</h2>
            <ol class="feed">\(HTML.join(lines, separator: "\n"))</ol>
            """
    }

    private var asked: HTML? {
        guard !directives.isEmpty else { return nil }
        let lines = directives.suffix(RegionPage.shortCount).reversed().map { directive in
            """
            <li>\(language.show(directive.title)) · \(pick("期限", "due", "échéance")) \(format.day(directive.due)) · \
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
            <li>\(layout.members.show(member.id)): \(MembersPage.roles(member, in: language)) · \
            \(MembersPage.standing(member, in: language))</li>
            """ as HTML
        }
        return """
            <h2>\(pick("成员", "Members", "Membres"))</h2><ul>\(HTML.join(lines))</ul>
            """
    }
}
