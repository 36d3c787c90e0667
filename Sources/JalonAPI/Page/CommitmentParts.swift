import JalonSchema

/// The cells that lists and a commitment's page share.
struct CommitmentParts {
    let layout: Layout
    let commitment: API.Commitment

    private var language: Language { layout.language }
    private var format: Format { layout.format }

    var target: HTML {
        let target = format.target(commitment.target, unit: commitment.indicator.unit)
        guard let deadline = commitment.deadline else { return target }
        return "\(target)\(language.comma)\(format.deadline(deadline))"
    }

    var value: HTML {
        let status = commitment.status
        guard let value = status.value else {
            return
                "<span class=\"none\">\(language.pick("无上报", "nothing reported", "rien de déclaré"))</span>"
        }
        let mark: HTML? = status.isFictional ? " <strong class=\"demo\">DEMO DATA</strong>" : nil
        let day: HTML? = status.measuredAt.map { " <small>(\(format.day($0)))</small>" }
        return "\(reading(value))\(day)\(mark)"
    }

    /// How far it is and what is to be reached, in one line: "9 500 of at least 30 000 enterprises, by end 2022".
    var progress: HTML {
        let of =
            isShareOfTarget
            ? language.pick("，目标：", " of ", " sur ")
            : language.pick(" · 目标：", " · target: ", " · cible\u{A0}: ")
        return "\(value)\(of)\(target)"
    }

    /// Whether "9 500 of …" reads rightly: a value below what is to be reached, and not one that is to stay under or within.
    private var isShareOfTarget: Bool {
        guard commitment.status.value != nil else { return false }
        switch commitment.target.op {
        case .ge, .gt, .approx: return true
        case .range: return commitment.target.sense != "corridor"
        case .le, .lt, .checklist, .level: return false
        }
    }

    /// The mark of a commitment that its region made the priority of a year; nothing for another.
    var flag: HTML? {
        commitment.themes.lazy.compactMap(priority).first.map { " <span class=\"flag\">\($0)</span>" }
    }

    /// What a theme such as `priority-2020` says; `nil` for another theme.
    func priority(_ theme: String) -> String? {
        guard theme.hasPrefix("priority-") else { return nil }
        let year = theme.dropFirst("priority-".count)
        guard year.utf8.count == 4, year.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return language.pick("★ \(year)年度重点", "★ priority of \(year)", "★ priorité de \(year)")
    }

    /// The value with its words where a number alone says too little.
    private func reading(_ value: String) -> HTML {
        switch commitment.target.op {
        case .checklist:
            guard let done = Int(value) else { return "\(format.number(value))" }
            return "\(format.items(done, of: commitment.target.items?.count))"
        case .level:
            let level: HTML = "\(language.pick("等级", "level", "niveau")) \(format.number(value))"
            let name = commitment.target.levels?.first { String($0.id) == value }?.name
            guard let name else { return level }
            return "\(level)\(language.pick("：", ": ", " : "))\(language.show(name))"
        case .ge, .gt, .le, .lt, .approx, .range: return "\(format.number(value))"
        }
    }

    var status: HTML {
        let current = StatusSign(commitment.status.current, in: language)
        guard commitment.status.original != commitment.status.current else {
            return "\(current.html)\(notes)"
        }
        let original = StatusSign(commitment.status.original, in: language)
        return """
            \(current.html) <small>(\(language.pick("原目标", "original", "cible d’origine"))\(language.colon)\(original.html))</small>\
            \(notes)
            """
    }

    /// What a reader should know beside the status: what stands in its place, who is missing, that it is disputed.
    private var notes: HTML {
        var notes: [HTML] = []
        if let successor = commitment.successor {
            notes.append(" <small>→ \(layout.commitmentLink(successor))</small>")
        }
        if commitment.life == "closed" {
            notes.append(" <small>\(CommitmentVoices.lifeName("closed", in: language))</small>")
        }
        if commitment.life == "proposed", let joint = commitment.jointSignatures, !joint.isComplete {
            let missing = layout.members.show(joint.missing)
            notes.append(
                " <small>\(language.pick("待联署", "missing", "il manque"))\(language.colon)\(missing)</small>"
            )
        }
        if commitment.openDisputeCount > 0 {
            let words = language.pick("未决异议", "open disputes", "contestations ouvertes")
            notes.append(
                " <small>\(words)\(language.colon)\(format.number(commitment.openDisputeCount))</small>"
            )
        }
        return .join(notes)
    }
}
