import JalonSchema

/// What was signed lately, newest first, each entry with a link to its proof.
struct FeedList {
    /// Entries that are shown at the most.
    static let maximumCount = 30

    let layout: Layout
    /// Oldest first.
    let events: [API.FeedEvent]

    private var language: Language { layout.language }
    private var format: Format { layout.format }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    /// Nothing where there is no entry in the blocks.
    var html: HTML? {
        var left = FeedList.maximumCount
        var items: [HTML] = []
        for event in events.reversed() where !event.transactions.isEmpty && left > 0 {
            let shown = event.transactions.prefix(min(left, 20))
            left -= shown.count
            items.append(item(event, shown))
        }
        return items.isEmpty ? nil : "<ol class=\"feed\" reversed>\(HTML.join(items, separator: "\n"))</ol>"
    }

    private func item(_ event: API.FeedEvent, _ shown: ArraySlice<API.BlockEntry>) -> HTML {
        let rest = event.transactions.count - shown.count
        let more: HTML? =
            rest > 0
            ? """
            <li><a href="\(layout.href("/blocks/\(event.height)"))">\
            \(pick("另有 \(rest) 条", "\(rest) more", "\(rest) de plus"))</a></li>
            """ : nil
        return """
            <li><p class="when">\(pick("区块", "block", "bloc")) \(layout.blockLink(event.height)) · \
            \(layout.time(event.timestamp))</p><ul>\(HTML.join(shown.map(entry)))\(more)</ul></li>
            """
    }

    private func entry(_ entry: API.BlockEntry) -> HTML {
        "<li>\(FeedList.line(entry, layout))</li>"
    }

    /// Who did what, and where its proof is.
    static func line(_ entry: API.BlockEntry, _ layout: Layout) -> HTML {
        let words = entry.summary.map(layout.language.show) ?? "<code>\(entry.type)</code> \(entry.subject)"
        let mark: HTML? = entry.isFictional ? " <strong class=\"demo\">DEMO DATA</strong>" : nil
        let proof = layout.language.pick("证明", "proof", "preuve")
        return """
            \(layout.members.show(entry.issuer)) \(words)\(mark) \
            <a class="proof" href="\(layout.href("/transactions/\(entry.id)"))">\(proof) \
            <span aria-hidden="true">▸</span></a>
            """
    }
}
