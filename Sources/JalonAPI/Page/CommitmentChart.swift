import JalonSchema

/// The chart of a commitment: what was measured against what was promised, as an SVG that says the same in words.
///
/// Positions are computed in floating point: they are for the eye alone, and every number that is shown as text comes from
/// the ledger as it stands there.
struct CommitmentChart {
    /// Of 640 × 320: left of it stand the values, below it the years.
    private static let (left, drawnWidth, top, baseLine) = (84.0, 544.0, 14.0, 290.0)

    let layout: Layout
    let series: CommitmentSeries

    private var format: Format { layout.format }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { layout.language.pick(zh, en, fr) }

    /// Nothing where there is no number to draw.
    var html: HTML? {
        guard let frame = Frame(series) else { return nil }
        return """
            <figure class="chart"><div class="scroll" tabindex="0" role="region" \
            aria-label="\(pick("图表", "Chart", "Graphique"))">
            <svg viewBox="0 0 640 320" role="img" aria-labelledby="chart-title chart-words">
            <title id="chart-title">\(pick("实测值与目标", "Measured against promised", "Mesuré et promis"))</title>
            <desc id="chart-words">\(words)</desc>
            \(axes(frame))\(band(frame))\(promised(frame))\(measured(frame))\(day(frame))
            </svg></div>
            <figcaption>\(legend)\(part)</figcaption></figure>
            """
    }

    // MARK: - Drawing

    /// Where values and days stand on the drawing.
    private struct Frame {
        let days: ClosedRange<Double>
        let values: ClosedRange<Double>
        let step: Double

        init?(_ series: CommitmentSeries) {
            let points = series.everything
            guard !points.isEmpty else { return nil }
            let days = points.map { Double($0.day) } + [Double(series.asOf)]
            var values = points.map(\.number)
            if let band = series.band { values += [band.low, band.high] }
            if series.startsAtZero { values.append(0) }
            guard let first = days.min(), let last = days.max(), let low = values.min(),
                let high = values.max()
            else { return nil }
            self.days = first...max(last, first + 1)
            let span: Double = high > low ? high - low : max(high.magnitude, 1)
            step = Frame.step(for: span, isWhole: series.scale == 0)
            let bottom = (low / step).rounded(.down) * step
            let top = (high / step).rounded(.up) * step
            // Numbers of 18 digits lie further apart than a small step.
            guard bottom.isFinite, max(top, bottom + step) > bottom else { return nil }
            self.values = bottom...max(top, bottom + step)
        }

        /// 1, 2 or 5 times a power of ten, so that a span has about four.
        private static func step(for span: Double, isWhole: Bool) -> Double {
            var power = 1.0
            while power * 10 <= span / 4 { power *= 10 }
            while power > span / 4, power > 1e-6 { power /= 10 }
            let step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= span / 4 } ?? power
            return isWhole ? max(1, step) : step
        }

        func x(_ day: Double) -> Double {
            CommitmentChart.left + (day - days.lowerBound) / (days.upperBound - days.lowerBound)
                * CommitmentChart.drawnWidth
        }

        func y(_ value: Double) -> Double {
            let share = (value - values.lowerBound) / (values.upperBound - values.lowerBound)
            return CommitmentChart.baseLine - share * (CommitmentChart.baseLine - CommitmentChart.top)
        }

        func place(_ point: CommitmentSeries.Point) -> String {
            "\(text(x(Double(point.day)))),\(text(y(point.number)))"
        }
    }

    /// A coordinate with one decimal.
    private static func text(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let tenths = Int((min(max(value, -10_000), 10_000) * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)"
    }

    private func axes(_ frame: Frame) -> HTML {
        var lines: [HTML] = []
        let count = Int(min((frame.values.upperBound - frame.values.lowerBound) / frame.step, 12).rounded())
        for index in 0...max(0, count) {
            let value = frame.values.lowerBound + Double(index) * frame.step
            let y = CommitmentChart.text(frame.y(value))
            lines.append(
                """
                <line class="grid" x1="84" x2="628" y1="\(y)" y2="\(y)"/>\
                <text x="76" y="\(y)" dy="4" text-anchor="end">\(label(value))</text>
                """
            )
        }
        let years = CalendarDays.years(from: Int(frame.days.lowerBound), to: Int(frame.days.upperBound))
        for (index, year) in years.enumerated() where index.isMultiple(of: max(1, (years.count + 7) / 8)) {
            let x = CommitmentChart.text(frame.x(Double(year.day)))
            lines.append(
                """
                <line class="grid" x1="\(x)" x2="\(x)" y1="14" y2="290"/>\
                <text x="\(x)" y="308" text-anchor="middle">\(year.number)</text>
                """
            )
        }
        return .join(lines)
    }

    /// A mark of the axis; what is below a thousandth is not worth a digit there.
    private func label(_ value: Double) -> String {
        guard value.magnitude < 1e15 else { return "\(value)" }
        let thousandths = Int((value * 1_000).rounded())
        var fraction = String(thousandths.magnitude % 1_000 + 1_000).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        let whole = "\(thousandths < 0 ? "-" : "")\(thousandths.magnitude / 1_000)"
        return format.number(fraction.isEmpty ? whole : "\(whole).\(fraction)")
    }

    private func band(_ frame: Frame) -> HTML? {
        series.band.map { band in
            let (top, bottom) = (frame.y(band.high), frame.y(band.low))
            return """
                <rect class="band" x="84" width="544" y="\(CommitmentChart.text(top))" \
                height="\(CommitmentChart.text(max(1, bottom - top)))"/>
                """
        }
    }

    private func promised(_ frame: Frame) -> HTML {
        let original = series.original.map { line($0, "original", frame) }
        return "\(original)\(line(series.promised, "promised", frame))"
    }

    private func line(_ points: [CommitmentSeries.Point], _ name: String, _ frame: Frame) -> HTML {
        guard points.count > 1 else { return .empty }
        let places = points.map(frame.place).joined(separator: " ")
        let end = points.last.map { "<circle class=\"\(name)-end\" r=\"4\" \(center($0, frame))/>" as HTML }
        return "<polyline class=\"\(name)\" points=\"\(places)\"/>\(end)"
    }

    private func center(_ point: CommitmentSeries.Point, _ frame: Frame) -> HTML {
        """
        cx="\(CommitmentChart.text(frame.x(Double(point.day))))" cy="\(CommitmentChart.text(frame.y(point.number)))"
        """
    }

    private func measured(_ frame: Frame) -> HTML {
        let counted = series.measured.filter(\.counts)
        let places = counted.map(frame.place).joined(separator: " ")
        let path: HTML? = counted.count > 1 ? "<polyline class=\"measured\" points=\"\(places)\"/>" : nil
        let dots = series.measured.map { point in
            let name = point.counts ? "point" : "point hollow"
            return "<circle class=\"\(name)\" r=\"5\" \(center(point, frame))/>" as HTML
        }
        return "\(path)\(HTML.join(dots))"
    }

    private func day(_ frame: Frame) -> HTML {
        let x = CommitmentChart.text(frame.x(Double(series.asOf)))
        return "<line class=\"today\" x1=\"\(x)\" x2=\"\(x)\" y1=\"14\" y2=\"290\"/>"
    }

    // MARK: - Words

    /// The chart in a sentence, for whoever does not see it.
    private var words: String {
        var parts = [extent].compactMap { $0 }
        if let last = series.measured.last(where: \.counts) {
            parts.append(
                pick(
                    "最新实测：\(format.day(last.date)) 为 \(format.number(last.text))。",
                    "Last measured: \(format.number(last.text)) on \(format.day(last.date)).",
                    "Dernière mesure : \(format.number(last.text)) au \(format.day(last.date))."
                )
            )
        } else if series.earlierCount == 0 {
            parts.append(pick("尚无实测值。", "Nothing measured yet.", "Rien de mesuré."))
        } else {
            parts.append(pick("其中无计入者。", "None of these counts.", "Aucun de ceux-ci ne compte."))
        }
        if let end = series.promised.last {
            let target = format.number(end.text)
            parts.append(
                series.hasNoCurve
                    ? pick("目标：\(target)。", "Promised: \(target).", "Promis : \(target).")
                    : pick(
                        "目标：\(format.day(end.date)) 达到 \(target)。",
                        "Promised: \(target) by \(format.day(end.date)).",
                        "Promis : \(target) d’ici le \(format.day(end.date))."
                    )
            )
        }
        parts.append(
            pick(
                "数值见下表。",
                "The table below has all numbers.",
                "Le tableau ci-dessous donne tous les nombres."
            )
        )
        return parts.joined(separator: " ")
    }

    /// What is drawn, where that is not everything.
    private var extent: String? {
        guard series.earlierCount > 0 else { return nil }
        let newest = format.number(series.measured.count)
        let all = format.number(series.measured.count + series.earlierCount)
        return pick(
            "图中为最新 \(newest) 个里程碑，共 \(all) 个。",
            "The newest \(newest) of \(all) milestones.",
            "Les \(newest) jalons les plus récents sur \(all)."
        )
    }

    private var part: HTML? { extent.map { " <span class=\"none\">\($0)</span>" } }

    private var legend: HTML {
        var entries: [(sample: HTML, text: String)] = [
            (
                """
                <line class="measured" x1="0" x2="28" y1="7" y2="7"/><circle class="point" r="4.5" cx="14" cy="7"/>
                """, pick("实测", "measured", "mesuré")
            )
        ]
        if series.promised.count > 1 {
            entries.append(
                (
                    "<line class=\"promised\" x1=\"0\" x2=\"28\" y1=\"7\" y2=\"7\"/>",
                    pick("按目标应达到", "promised", "promis")
                )
            )
        }
        if series.original != nil {
            entries.append(
                (
                    "<line class=\"original\" x1=\"0\" x2=\"28\" y1=\"7\" y2=\"7\"/>",
                    pick("原目标", "as promised at first", "promis à l’origine")
                )
            )
        }
        if series.band != nil {
            entries.append(
                (
                    "<rect class=\"band\" x=\"0\" width=\"28\" y=\"1\" height=\"12\"/>",
                    pick("目标区间", "target range", "fourchette visée")
                )
            )
        }
        if series.measured.contains(where: { !$0.counts }) {
            entries.append(
                (
                    "<circle class=\"point hollow\" r=\"4.5\" cx=\"14\" cy=\"7\"/>",
                    pick("不计入（更正、撤回、排除或待联署）", "does not count", "ne compte pas")
                )
            )
        }
        entries.append(
            (
                "<line class=\"today\" x1=\"14\" x2=\"14\" y1=\"0\" y2=\"14\"/>",
                pick("评估日", "day of judgement", "jour de l’évaluation")
            )
        )
        return .join(
            entries.map { sample, text in
                """
                <span class="key"><svg width="28" height="14" viewBox="0 0 28 14" aria-hidden="true">\(sample)</svg> \
                \(text)</span>
                """
            },
            separator: " "
        )
    }
}
