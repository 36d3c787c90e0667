import JalonSchema

/// How values read in a terminal.
enum Format {
    /// Columns that a text takes: hanzi and other wide characters take two.
    static func width(_ text: String) -> Int {
        var width = 0
        var isInEscape = false
        for scalar in text.unicodeScalars {
            if isInEscape {
                if scalar == "m" { isInEscape = false }
                continue
            }
            switch scalar.value {
            case 0x1B: isInEscape = true
            case 0x0300...0x036F, 0x200B...0x200F, 0xFE00...0xFE0F: break
            case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
                0xFE30...0xFE6F,
                0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
                width += 2
            default: width += 1
            }
        }
        return width
    }

    /// A decimal text with its whole digits in groups of three: `13176` is `13 176`.
    static func number(_ decimal: String) -> String {
        let isNegative = decimal.hasPrefix("-")
        let parts = decimal.drop { $0 == "-" }.split(separator: ".", maxSplits: 1)
        guard let whole = parts.first else { return decimal }
        var grouped = ""
        for (index, digit) in whole.enumerated() {
            if index > 0, (whole.count - index).isMultiple(of: 3) { grouped += " " }
            grouped.append(digit)
        }
        return (isNegative ? "−" : "") + grouped + (parts.count > 1 ? ".\(parts[1])" : "")
    }

    /// Parts per million as per cent with one decimal, floored as the ledger floors: 721007 is `72.1 %`.
    static func percent(partsPerMillion: Int) -> String {
        let tenths = partsPerMillion >= 0 ? partsPerMillion / 1_000 : -((-partsPerMillion + 999) / 1_000)
        let sign = tenths < 0 ? "−" : ""
        return "\(sign)\(abs(tenths) / 10).\(abs(tenths) % 10) %"
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// An ISO day as people read it: `2021-07-01` is `1 Jul 2021`.
    static func day(_ iso: String) -> String {
        let parts = iso.split(separator: "-").map(String.init)
        guard parts.count == 3, let month = Int(parts[1]), (1...12).contains(month), let day = Int(parts[2])
        else {
            return iso
        }
        return "\(day) \(months[month - 1]) \(parts[0])"
    }

    /// The first and last digits of an id, enough to tell it from others at sight.
    static func short(_ id: String) -> String {
        id.count > 12 ? "\(id.prefix(8))…" : id
    }

    /// A text in English with the hanzi beside it, or in Chinese alone.
    static func name(_ text: API.LocalizedText) -> String {
        text.en.map { "\($0) \(text.zh)" } ?? text.zh
    }

    /// A code with its name: CN-HE and CN-HB are one letter apart.
    static func name(_ name: API.Name) -> String {
        name.name.map { "\(name.code) \(Format.name($0))" } ?? name.code
    }

    /// A number of things: `1 block`, `2 blocks`.
    static func count(_ count: Int, _ thing: String) -> String {
        "\(count) \(thing)\(count == 1 ? "" : "s")"
    }

    /// A number of bytes in the unit that leaves the fewest digits: `12.3 MiB`.
    static func bytes(_ count: UInt64) -> String {
        var (tenths, unit) = (min(count, .max / 10) * 10, 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
        while tenths >= 10_240, unit + 1 < units.count { (tenths, unit) = (tenths / 1_024, unit + 1) }
        return unit == 0 ? "\(count) B" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    /// Milliseconds with one decimal.
    static func milliseconds(_ duration: Duration) -> String {
        let tenths = Int(duration / .microseconds(100))
        return "\(tenths / 10).\(tenths % 10) ms"
    }

    /// Seconds with one decimal.
    static func seconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let tenths = seconds * 10 + attoseconds / 100_000_000_000_000_000
        return "\(tenths / 10).\(tenths % 10) s"
    }
}

extension API.StatusCode {
    /// The status in words, as lists show it.
    var words: String {
        switch self {
        case .proposed: "PROPOSED"
        case .returned: "RETURNED"
        case .withdrawn: "WITHDRAWN"
        case .suspended: "SUSPENDED"
        case .cancelled: "CANCELLED"
        case .superseded: "SUPERSEDED"
        case .notAssessable: "NOT ASSESSABLE"
        case .achieved: "ACHIEVED"
        case .claimed: "CLAIMED"
        case .achievedLate: "ACHIEVED LATE"
        case .missed: "MISSED"
        case .awaitingFinal: "AWAITING FINAL"
        case .inProgress: "IN PROGRESS"
        case .notStarted: "NOT STARTED"
        case .noData: "NO DATA"
        case .onTrack: "ON TRACK"
        case .atRisk: "AT RISK"
        case .behind: "BEHIND"
        }
    }

    /// A sign of its own shape for each kind, so that no status rests on colour alone.
    var sign: String {
        switch self {
        case .achieved, .achievedLate: "✔"
        case .claimed, .onTrack: "●"
        case .atRisk: "▲"
        case .behind: "■"
        case .missed: "✖"
        case .noData, .notAssessable: "?"
        case .proposed, .returned, .withdrawn, .suspended, .cancelled, .superseded, .awaitingFinal,
            .inProgress,
            .notStarted:
            "○"
        }
    }

    var style: Output.Style {
        switch self {
        case .achieved, .achievedLate, .claimed, .onTrack: .green
        case .atRisk, .awaitingFinal: .yellow
        case .behind, .missed, .noData: .red
        case .proposed, .returned, .withdrawn, .suspended, .cancelled, .superseded, .notAssessable,
            .inProgress,
            .notStarted:
            .cyan
        }
    }
}

extension API.Commitment {
    /// The status in one line: `CN-HN-2020-001 AT RISK: 9 500 of 13 176 expected (72.1 %) as of 1 Jul 2021`.
    func statusLine(isDemonstrationDate: Bool, output: Output) -> String {
        var line = "\(id) \(output.styled(status.current.words, status.current.style))"
        if let value = status.value {
            line += ": \(Format.number(value))"
            if let expected = status.expected {
                line += " of \(Format.number(expected)) expected"
                if let ratio = status.ratio { line += " (\(Format.percent(partsPerMillion: ratio)))" }
            } else {
                line += target.afterValue
            }
        }
        line += " as of \(Format.day(status.asOf))"
        if isDemonstrationDate { line += " (demonstration date)" }
        if status.isFictional { line += "  DEMO DATA" }
        return line
    }
}

extension API.Commitment {
    /// What is promised, in words: `at least 30 000 enterprises 家企业`.
    var promise: String {
        switch target.op {
        // Their words name what is counted.
        case .checklist, .level: target.text
        case .ge, .gt, .le, .lt, .approx, .range:
            "\(target.text) \(indicator.unit.name.map(Format.name) ?? indicator.unit.code)"
        }
    }
}

extension API.CommitmentStatus {
    /// What a list says beside it: that its value is invented, that the original is judged otherwise.
    var remarks: String {
        var parts: [String] = []
        if original != current { parts.append("original: \(original.words)") }
        if isFictional { parts.append("DEMO DATA") }
        return parts.joined(separator: "  ")
    }
}

extension API.Target {
    /// The target after a value measured for it, in words: ` of 3 items` after the items done.
    var afterValue: String {
        switch op {
        case .checklist:
            let count = items?.count ?? 0
            return " of \(count) items" + (required == count ? "" : ", \(required ?? 0) needed")
        case .ge, .gt, .le, .lt, .approx, .range, .level: return " of \(text)"
        }
    }

    /// The target in words.
    var text: String {
        switch op {
        case .ge: "at least \(Format.number(value ?? ""))"
        case .gt: "more than \(Format.number(value ?? ""))"
        case .le: "at most \(Format.number(value ?? ""))"
        case .lt: "less than \(Format.number(value ?? ""))"
        case .approx: "\(Format.number(value ?? "")) ± \(Format.number(tolerance ?? "0"))"
        case .range: "\(Format.number(min ?? "")) to \(Format.number(max ?? ""))"
        case .checklist: "\(required ?? 0) of \(items?.count ?? 0) items"
        case .level: "level \(required ?? 0)"
        }
    }
}

extension API.ExplanationStep {
    /// The step in one line; where its words begin with the rule's name, that is said once.
    var line: String { text.hasPrefix(rule) ? text : "\(rule): \(text)" }
}
