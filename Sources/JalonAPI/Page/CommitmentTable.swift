import JalonSchema

/// A list of commitments, as the overview and a region's page show it.
struct CommitmentTable {
    let layout: Layout
    let commitments: [API.Commitment]
    /// Whether each says its region.
    let hasRegion: Bool
    /// What the list is, above it.
    let caption: String

    private var language: Language { layout.language }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    private var regionLabel: String { pick("地区", "Region", "Région") }
    private var targetLabel: String { pick("目标", "Target", "Cible") }
    private var valueLabel: String { pick("最新值", "Last value", "Dernière valeur") }
    private var statusLabel: String { pick("状态", "Status", "État") }

    var html: HTML {
        let region: HTML? = hasRegion ? "<th scope=\"col\">\(regionLabel)</th>" : nil
        return """
            <table class="cards commitments"><caption>\(caption)</caption>
            <thead><tr><th scope="col">\(pick("承诺", "Commitment", "Engagement"))</th>\(region)\
            <th scope="col">\(targetLabel)</th><th scope="col">\(valueLabel)</th>\
            <th scope="col">\(statusLabel)</th></tr></thead>
            <tbody>
            \(HTML.join(commitments.map(row), separator: "\n"))
            </tbody></table>
            """
    }

    private func row(_ commitment: API.Commitment) -> HTML {
        let parts = CommitmentParts(layout: layout, commitment: commitment)
        let region: HTML? =
            hasRegion
            ? "<td data-label=\"\(regionLabel)\">\(layout.regionLink(commitment.region))</td>" : nil
        return """
            <tr><th scope="row"><a href="\(layout.href("/commitments/\(commitment.id)"))">\
            \(language.show(commitment.title))</a> <span class="id">\(commitment.id)</span>\(parts.flag)</th>\(region)\
            <td data-label="\(targetLabel)">\(parts.target)</td>\
            <td data-label="\(valueLabel)">\(parts.value)</td>\
            <td data-label="\(statusLabel)">\(parts.status)</td></tr>
            """
    }
}
