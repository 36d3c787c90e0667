import JalonSchema

/// The filters of the overview as its form sends them: fields left empty filter nothing.
struct OverviewFilter {
    let filter: CommitmentFilter
    private let query: Query

    /// - Throws: `E_QUERY`, which names the parameter that is wrong.
    init(_ query: Query) throws(API.Problem) {
        self.query = query
        filter = try query.filter()
    }

    /// Whether it lets everything pass.
    var isEmpty: Bool { filter == CommitmentFilter() }

    /// The filters as parameters of a link.
    var parameters: [(name: String, value: String?)] {
        ["region", "sector", "status", "plan", "due", "attested", "q"].map { ($0, query[$0]) }
    }

    // MARK: - The form

    /// The form, which needs no script.
    func form(_ layout: Layout, _ report: API.StatusReport) -> HTML {
        let (language, format) = (layout.language, layout.format)
        func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }
        let regions = report.regions.map { region in
            let name = region.region.name
            let hanzi = name?.zh ?? ""
            let own = language == .en ? name?.en : language == .fr ? name?.fr : nil
            return (region.region.code, [hanzi, region.region.code, own ?? ""].filter { !$0.isEmpty })
        }
        let day: HTML? = query["asOf"].map { "<input type=\"hidden\" name=\"asOf\" value=\"\($0)\">" }
        let checked: HTML = filter.isAttested ? " checked" : ""
        let clear: HTML? =
            isEmpty ? nil : "<a href=\"\(layout.href("/"))\">\(pick("清除", "Clear", "Effacer"))</a>"
        return """
            <form class="filter" method="get" action="/" role="search">
            <input type="hidden" name="lang" value="\(language.rawValue)">\(day)
            <p class="wide-field"><label for="q">\(pick("搜索", "Search", "Rechercher"))</label>
            <input id="q" name="q" type="search" maxlength="100" value="\(query["q"] ?? "")"></p>
            \(select("region", pick("地区", "Region", "Région"), regions.map { ($0.0, "\($0.1.joined(separator: " "))") }, layout))
            \(select("sector", pick("领域", "Sector", "Secteur"),
                report.sectors.map { ($0.code, format.plainName($0)) }, layout))
            \(select("status", pick("状态", "Status", "État"),
                StatusSign.order.map { ($0.rawValue, StatusSign($0, in: language).plain) }, layout))
            <p><label for="due">\(pick("期限不晚于", "Due by", "Échéance jusqu’au"))</label>
            <input id="due" name="due" type="date" value="\(filter.dueBy ?? "")"></p>
            <p class="check"><input id="attested" name="attested" type="checkbox" value="true"\(checked)>
            <label for="attested">\(pick("经审计核实", "Attested by an auditor", "Attesté par un auditeur"))</label></p>
            <p class="go"><button type="submit">\(pick("筛选", "Filter", "Filtrer"))</button> \(clear)</p>
            </form>
            """
    }

    private func select(
        _ name: String,
        _ label: String,
        _ options: [(value: String, text: String)],
        _ layout: Layout
    ) -> HTML {
        let lines = options.map { option in
            let selected: HTML = query[name] == option.value ? " selected" : ""
            return "<option value=\"\(option.value)\"\(selected)>\(option.text)</option>" as HTML
        }
        let all = layout.language.pick("全部", "All", "Tous")
        return """
            <p><label for="\(name)">\(label)</label>
            <select id="\(name)" name="\(name)"><option value="">\(all)</option>\(HTML.join(lines))</select></p>
            """
    }
}

extension API.StatusReport {
    /// The sectors that any commitment touches, by code.
    var sectors: [API.Name] {
        var names: [String: API.Name] = [:]
        for count in regions.flatMap(\.sectors) { names[count.sector.code] = count.sector }
        return names.sorted { $0.key < $1.key }.map(\.value)
    }
}
