import JalonSchema

/// The page at `/`: regions and their statuses, the sectors, the commitments that pass the filter, the newest entries.
struct OverviewPage {
    /// Commitments on one page.
    static let commitmentCount = 50

    let layout: Layout
    let report: API.StatusReport
    let filter: OverviewFilter
    /// Those that pass the filter.
    let list: API.CommitmentPage
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
                <div data-part="regions">\(regions)</div>
                <div class="columns">
                <section aria-labelledby="list"><h2 id="list">\(pick("承诺", "Commitments", "Engagements"))</h2>
                \(filter.form(layout, report))
                <div data-part="list">\(commitments)</div></section>
                <section class="side" aria-labelledby="feed"><h2 id="feed">\(pick("动态", "Feed", "Fil"))</h2>
                <div data-part="feed">\(feed)</div></section>
                </div>
                <section aria-labelledby="matrix"><h2 id="matrix">\
                \(pick("地区与领域", "Regions and sectors", "Régions et secteurs"))</h2>
                <div data-part="matrix">\(matrix)</div></section>
                """
        )
    }

    // MARK: - Regions

    /// Statuses that occur, the best first.
    private var statuses: [API.StatusCode] {
        StatusSign.order.filter { status in
            report.regions.contains { region in region.counts.contains { $0.status == status && $0.count > 0 }
            }
        }
    }

    private var regions: HTML {
        let statuses = statuses
        let heads = statuses.map { "<th scope=\"col\">\(StatusSign($0, in: language).html)</th>" as HTML }
        let label = pick("承诺", "commitments", "engagements")
        let rows = report.regions.map { region in
            """
            <tr><th scope="row">\(layout.regionLink(region.region))</th>\
            \(counts(region.commitments, label, of: region.region.code, status: nil))\
            \(HTML.join(statuses.map { count($0, in: region) }))</tr>
            """ as HTML
        }
        let totals = statuses.map { status in
            let total = report.regions.reduce(0) { sum, region in
                sum + (region.counts.first { $0.status == status }?.count ?? 0)
            }
            return counts(total, StatusSign(status, in: language).word, of: nil, status: status)
        }
        let all = report.regions.reduce(0) { $0 + $1.commitments }
        return """
            <table class="cards counts"><caption>\
            \(pick("各地区按状态计数", "Each region’s commitments by status", "Les engagements de chaque région par état"))\
            </caption>
            <thead><tr><th scope="col">\(pick("地区", "Region", "Région"))</th>\
            <th scope="col">\(label)</th>\(HTML.join(heads))</tr></thead>
            <tbody>
            \(HTML.join(rows, separator: "\n"))
            </tbody>
            <tfoot><tr><th scope="row">\(pick("合计", "Total", "Total"))</th>\
            \(counts(all, label, of: nil, status: nil))\(HTML.join(totals))</tr></tfoot></table>
            """
    }

    private func count(_ status: API.StatusCode, in region: API.RegionSummary) -> HTML {
        counts(
            region.counts.first { $0.status == status }?.count ?? 0,
            StatusSign(status, in: language).word,
            of: region.region.code,
            status: status
        )
    }

    /// A cell with a number, linked to the list of what it counts.
    private func counts(_ count: Int, _ label: String, of region: String?, status: API.StatusCode?) -> HTML {
        guard count > 0 else { return "<td class=\"number zero\" data-label=\"\(label)\">0</td>" }
        let link = layout.href("/", [("region", region), ("status", status?.rawValue)]) + "#list"
        return """
            <td class="number" data-label="\(label)"><a href="\(link)">\(format.number(count))</a></td>
            """
    }

    // MARK: - Sectors

    private var matrix: HTML {
        let sectors = report.sectors
        guard !sectors.isEmpty else {
            return "<p>\(pick("尚无承诺。", "There is no commitment yet.", "Aucun engagement."))</p>"
        }
        let heads = sectors.map { "<th scope=\"col\">\(format.name($0))</th>" as HTML }
        let rows = report.regions.map { region in
            let cells = sectors.map { sector in
                let count = region.sectors.first { $0.sector.code == sector.code }?.count ?? 0
                let label = format.plainName(sector)
                guard count > 0 else {
                    return "<td class=\"number empty\" data-label=\"\(label)\"></td>" as HTML
                }
                let link =
                    layout.href("/", [("region", region.region.code), ("sector", sector.code)]) + "#list"
                return """
                    <td class="number" data-label="\(label)"><a href="\(link)">\(format.number(count))</a></td>
                    """
            }
            return """
                <tr><th scope="row">\(layout.regionLink(region.region))</th>\(HTML.join(cells))</tr>
                """ as HTML
        }
        return """
            <table class="cards counts"><caption>\(pick(
                "空格表示没有承诺，而不是没有数据；涉及两个领域的承诺两处各计一次。",
                "An empty cell is no commitment, not “no data”; a commitment of two sectors counts in both.",
                "Une case vide signifie aucun engagement, et non « sans données » ; un engagement de deux secteurs compte "
                    + "dans les deux."))</caption>
            <thead><tr><th scope="col">\(pick("地区", "Region", "Région"))</th>\(HTML.join(heads))</tr></thead>
            <tbody>
            \(HTML.join(rows, separator: "\n"))
            </tbody></table>
            """
    }

    // MARK: - Commitments

    private var commitments: HTML {
        guard !list.commitments.isEmpty else {
            let words = pick(
                "没有符合条件的承诺。",
                "No commitment passes these filters.",
                "Aucun engagement ne répond à ces critères."
            )
            return "<p>\(words)</p>"
        }
        let total = format.number(list.total)
        let noun = language.plural(list.total, ("commitment", "commitments"), ("engagement", "engagements"))
        let verb = language.plural(list.total, ("passes", "pass"), ("répond", "répondent"))
        let caption =
            filter.isEmpty
            ? pick(
                "共 \(total) 项承诺，按编号",
                "\(total) \(noun), by id",
                "\(total) \(noun), par identifiant"
            )
            : pick(
                "符合条件的承诺：\(total) 项",
                "\(total) \(noun) \(verb) the filters",
                "\(total) \(noun) \(verb) aux critères"
            )
        let table = CommitmentTable(
            layout: layout,
            commitments: list.commitments,
            hasRegion: true,
            caption: caption
        )
        return "\(table.html)\(more)"
    }

    private var more: HTML? {
        guard let next = list.next else { return nil }
        let link = layout.href("/", filter.parameters + [("cursor", next)]) + "#list"
        return """
            <p><a class="button" href="\(link)">\(pick("下一页", "Next page", "Page suivante"))</a></p>
            """
    }

    // MARK: - Feed

    private var feed: HTML {
        FeedList(layout: layout, events: events).html ?? """
            <p>\(pick("自此无新内容", "Quiet since", "Calme depuis")) \(layout.moment(layout.status.head.timestamp)) \
            (\(layout.time(layout.status.head.timestamp)))</p>
            """
    }
}
