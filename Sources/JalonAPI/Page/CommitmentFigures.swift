import JalonSchema

/// The numbers of the chart as a table: what was measured, what was promised.
struct CommitmentFigures {
    let layout: Layout
    let series: CommitmentSeries

    private var format: Format { layout.format }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { layout.language.pick(zh, en, fr) }

    var html: HTML? {
        var rows = series.measured.map { point in
            row(
                point,
                point.counts
                    ? pick("实测", "measured", "mesuré") : pick("不计入", "does not count", "ne compte pas")
            )
        }
        rows += series.promised.map { row($0, pick("应达到", "promised", "promis")) }
        rows += (series.original ?? []).map {
            row($0, pick("原目标", "promised at first", "promis à l’origine"))
        }
        guard !rows.isEmpty else { return nil }
        let lines = rows.enumerated().sorted { left, right in
            (left.element.date, left.offset) < (right.element.date, right.offset)
        }
        let (day, kind) = (pick("日期", "Day", "Jour"), pick("类别", "Kind", "Nature"))
        let value = pick("数值", "Value", "Valeur")
        return """
            <details id="figures"><summary>\(pick("图表数据", "The chart as a table", "Le graphique en tableau"))</summary>
            <table class="cards"><caption>\(pick(
                "图中的全部数值", "All numbers of the chart", "Tous les nombres du graphique"))</caption>
            <thead><tr><th scope="col">\(day)</th><th scope="col">\(kind)</th>\
            <th scope="col" class="number">\(value)</th></tr></thead>
            <tbody>\(HTML.join(lines.map(\.element.html), separator: "\n"))</tbody></table></details>
            """
    }

    private func row(_ point: CommitmentSeries.Point, _ kind: String) -> (date: String, html: HTML) {
        let html: HTML = """
            <tr><th scope="row">\(format.day(point.date))</th>\
            <td data-label="\(pick("类别", "Kind", "Nature"))">\(kind)</td>\
            <td class="number" data-label="\(pick("数值", "Value", "Valeur"))">\(format.number(point.text))</td></tr>
            """
        return (point.date, html)
    }
}
