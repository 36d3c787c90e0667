import JalonSchema

/// What was signed lately, newest first, each entry with a link to its proof.
struct FeedList {
    /// Entries that are shown at the most.
    static let maximumCount = 30

    let layout: Layout
    /// The newest first.
    private let groups: [Group]

    /// What one block holds of the list.
    private struct Group {
        let height: UInt64
        let timestamp: UInt64
        var entries: [API.BlockEntry]
        /// Entries that are not shown.
        var rest = 0
    }

    /// Whole blocks, oldest first.
    init(layout: Layout, events: [API.FeedEvent]) {
        self.layout = layout
        var left = FeedList.maximumCount
        var groups: [Group] = []
        for event in events.reversed() where !event.transactions.isEmpty && left > 0 {
            let shown = event.transactions.prefix(min(left, 20))
            left -= shown.count
            groups.append(
                Group(
                    height: event.height,
                    timestamp: event.timestamp,
                    entries: Array(shown),
                    rest: event.transactions.count - shown.count
                )
            )
        }
        self.groups = groups
    }

    /// Some acts, the newest first; all are shown.
    init(layout: Layout, acts: [API.Act]) {
        self.layout = layout
        var groups: [Group] = []
        for act in acts {
            if let last = groups.indices.last, groups[last].height == act.height {
                groups[last].entries.append(act.transaction)
            } else {
                groups.append(
                    Group(height: act.height, timestamp: act.timestamp, entries: [act.transaction])
                )
            }
        }
        self.groups = groups
    }

    /// Nothing where there is no entry in the blocks.
    var html: HTML? {
        groups.isEmpty
            ? nil : "<ol class=\"feed\" reversed>\(HTML.join(groups.map(item), separator: "\n"))</ol>"
    }

    private func item(_ group: Group) -> HTML {
        let more: HTML? =
            group.rest > 0
            ? """
            <li><a href="\(layout.href("/blocks/\(group.height)"))">\
            \(layout.language.pick("另有 \(group.rest) 条", "\(group.rest) more", "\(group.rest) de plus"))</a></li>
            """ : nil
        return """
            <li><p class="when">\(layout.language.pick("区块", "block", "bloc")) \(layout.blockLink(group.height)) · \
            \(layout.time(group.timestamp))</p><ul>\(HTML.join(group.entries.map(entry)))\(more)</ul></li>
            """
    }

    private func entry(_ entry: API.BlockEntry) -> HTML {
        "<li>\(FeedList.line(entry, layout))</li>"
    }

    /// Who did what, and where its proof is.
    static func line(_ entry: API.BlockEntry, _ layout: Layout) -> HTML {
        let words =
            entry.summary.map { layout.sentence($0, about: entry.subject) }
            ?? "<code>\(entry.type)</code> \(TransactionBodyView(layout: layout).reference(entry.subject))"
        let mark: HTML? = entry.isFictional ? " <strong class=\"demo\">DEMO DATA</strong>" : nil
        let proof = layout.language.pick("证明", "proof", "preuve")
        return """
            \(layout.members.show(entry.issuer)) \(words)\(mark) \
            <a class="proof" href="\(layout.href("/transactions/\(entry.id)"))">\(proof) \
            <span aria-hidden="true">▸</span></a>
            """
    }
}
