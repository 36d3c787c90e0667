import JalonModel
import JalonSchema

/// A signed body for reading: every field by its name in the page's language, ids as links.
struct TransactionBodyView {
    let layout: Layout

    private var language: Language { layout.language }
    private var format: Format { layout.format }

    func html(_ body: API.JSON) -> HTML {
        guard case .object(let members) = body else { return "\(value(body, of: ""))" }
        // What it is about comes first, whatever its name begins with.
        let rest = members.filter { $0.name != "type" }
        let first = rest.filter { TransactionBodyView.firstFields.contains($0.name) }
        let others = rest.filter { !TransactionBodyView.firstFields.contains($0.name) }
        return fields(first + others, depth: 0)
    }

    private static let firstFields = [
        "id", "commitment", "title", "milestone", "value", "periodEnd", "to", "member",
    ]

    private func fields(_ members: [API.JSON.Member], depth: Int) -> HTML {
        let lines = members.map { member in
            """
            <dt>\(TransactionWords.field(member.name, in: language))</dt>\
            <dd>\(value(member.value, of: member.name, depth: depth))</dd>
            """ as HTML
        }
        return "<dl class=\"facts\">\(HTML.join(lines))</dl>"
    }

    private func value(_ value: API.JSON, of name: String, depth: Int = 0) -> HTML {
        switch value {
        case .null: return "–"
        case .bool(let isTrue):
            return "\(isTrue ? language.pick("是", "yes", "oui") : language.pick("否", "no", "non"))"
        case .integer(let number):
            if TransactionBodyView.moments.contains(name), number > 0 { return layout.moment(UInt64(number)) }
            return "\(format.number(number))"
        case .string(let text): return self.text(text, of: name)
        case .array(let elements):
            guard !elements.isEmpty else { return "–" }
            // Deeper than any body goes: nobody makes the page recurse further.
            guard depth < 8 else { return "…" }
            let lines = elements.map { "<li>\(self.value($0, of: name, depth: depth + 1))</li>" as HTML }
            return "<ul>\(HTML.join(lines))</ul>"
        case .object(let members):
            if let text = localized(value) { return text }
            if let date = calendarDate(value) { return "\(format.deadline(date))" }
            guard depth < 8 else { return "…" }
            return fields(members, depth: depth + 1)
        }
    }

    private static let moments: Set<String> = ["expires", "compromisedSince", "time"]
    private static let memberFields: Set<String> = ["to", "from", "member", "members", "joint"]
    private static let dayFields: Set<String> = [
        "periodStart", "periodEnd", "start", "due", "date", "firstDue",
    ]

    private func text(_ text: String, of name: String) -> HTML {
        if TransactionBodyView.memberFields.contains(name), MemberID(text) != nil {
            return layout.members.show(text)
        }
        if TransactionBodyView.dayFields.contains(name), CalendarForm.isDay(text) {
            return "\(format.day(text))"
        }
        if name == "value" || name == "baseline", Double(text) != nil { return "\(format.number(text))" }
        if name == "url", text.hasPrefix("https://") {
            return "<a href=\"\(text)\" rel=\"noreferrer\">\(text)</a>"
        }
        if name == "region", RegionID.isRegion(text) {
            return "<a href=\"\(layout.href("/regions/\(text)"))\">\(text)</a>"
        }
        if TransactionBodyView.transactionFields.contains(name), TransactionBodyView.isDigest(text) {
            return layout.transactionLink(text)
        }
        if TransactionBodyView.isDigest(text)
            || text.utf8.count > 64 && text.utf8.allSatisfy(TransactionBodyView.isHex)
        {
            return "<code class=\"digest\">\(text)</code>"
        }
        if TransactionBodyView.idFields.contains(name) { return reference(text) }
        let words = TransactionWords.value(text, of: name, in: language)
        return words == text ? language.marked(text) : "\(words)"
    }

    private static let transactionFields: Set<String> = [
        "milestone", "dispute", "directive", "attestation", "proposal", "transaction", "subject",
    ]
    private static let idFields: Set<String> = [
        "id", "commitment", "commitments", "subject", "successor", "related",
    ]

    /// What something is about: a commitment and a region as links, else its id.
    func reference(_ id: String) -> HTML {
        if CommitmentForm.isCommitment(id) { return layout.commitmentLink(id) }
        if RegionID.isRegion(id) { return "<a href=\"\(layout.href("/regions/\(id)"))\">\(id)</a>" }
        return MemberID(id) != nil ? layout.members.show(id) : "<code>\(id)</code>"
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy(isHex)
    }

    private func localized(_ value: API.JSON) -> HTML? {
        guard case .string(let zh)? = value["zh"] else { return nil }
        func text(_ name: String) -> String? {
            guard case .string(let text)? = value[name] else { return nil }
            return text
        }
        return language.show(
            API.LocalizedText(zh: zh, en: text("en"), fr: text("fr"), official: text("official"))
        )
    }

    private func calendarDate(_ value: API.JSON) -> API.CalendarDate? {
        guard case .string(let date)? = value["date"], case .string(let precision)? = value["precision"],
            case .string(let basis)? = value["basis"]
        else { return nil }
        return API.CalendarDate(date: date, precision: precision, basis: basis)
    }
}

/// The form of a commitment's id.
enum CommitmentForm {
    /// Whether the text is an id such as `CN-HN-2020-001`, and not that of a plan or a network.
    static func isCommitment(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 3, let region = RegionCode(parts.dropLast(2).joined(separator: "-")) else {
            return false
        }
        return CommitmentID(text)?.belongs(to: region) == true
    }
}

/// The form of a region's code.
enum RegionID {
    /// Whether the text is a code such as `CN-HN`, and so may stand in a link.
    static func isRegion(_ text: String) -> Bool { RegionCode(text) != nil }
}
