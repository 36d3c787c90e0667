import JalonSchema

/// The page at `/directives`: what regulators asked, by when, and what was answered.
struct DirectivesPage {
    let layout: Layout
    let page: API.DirectivePage

    private var members: MemberNames { layout.members }
    private var language: Language { layout.language }
    private var format: Format { layout.format }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var html: HTML {
        let more: HTML? = page.next.map { next in
            """
            <p><a class="button" href="\(layout.href("/directives", [("cursor", next)]))">\
            \(pick("下一页", "Next page", "Page suivante"))</a></p>
            """
        }
        let none: HTML = "<p>\(pick("尚无督办。", "There is no directive yet.", "Aucune directive."))</p>"
        return layout.document(
            title: pick("督办", "Directives", "Directives"),
            path: "/directives",
            content: """
                <h1>\(pick("督办", "Directives", "Directives"))</h1>
                <div data-part="directives">
                \(page.directives.isEmpty ? none : HTML.join(page.directives.map(entry), separator: "\n"))
                \(more)
                </div>
                """
        )
    }

    private func entry(_ directive: API.Directive) -> HTML {
        let about: HTML? = directive.commitment.map {
            " · \(layout.commitmentLink($0))"
        }
        let steps =
            [directive.acknowledgement.map { step($0, pick("已签收", "acknowledged", "accusé de réception")) }]
            .compactMap { $0 } + directive.replies.map { step($0, pick("回复", "reply", "réponse")) }
        return """
            <article><h2>\(words(directive.title, of: directive))</h2>
            <p>\(members.show(directive.from)) → \(members.show(directive.to))\(about)<br>\
            \(pick("期限", "due", "échéance")) \(format.day(directive.due)) · <strong>\(DirectivesPage.state(directive, in: language))</strong> · \
            \(layout.transactionLink(directive.id))</p>
            <blockquote><p>\(words(directive.text, of: directive))</p></blockquote>
            <ul>\(HTML.join(steps))</ul></article>
            """
    }

    private func words(_ text: API.LocalizedText, of directive: API.Directive) -> HTML {
        directive.isAbsent == true
            ? layout.words(text.zh, isAbsent: true, at: directive.height) : language.original(text)
    }

    private func step(_ step: API.SignedStep, _ name: String) -> HTML {
        let late: HTML? =
            step.isLate ? " <strong class=\"warn\">▲ \(pick("逾期", "late", "en retard"))</strong>" : nil
        let words: HTML? = step.text.map {
            "\(language.colon)\(layout.words($0, isAbsent: step.isAbsent, at: step.height))"
        }
        return """
            <li>\(name)\(late) · \(layout.time(step.timestamp)) · \(layout.transactionLink(step.transaction))\(words)</li>
            """
    }

    /// Whether it was answered, as a shape and a word.
    static func state(_ directive: API.Directive, in language: Language) -> String {
        if directive.isOverdue { return language.pick("■ 逾期未复", "■ overdue", "■ en retard") }
        if !directive.replies.isEmpty { return language.pick("✔ 已回复", "✔ answered", "✔ répondu") }
        return directive.acknowledgement == nil
            ? language.pick("○ 待签收", "○ waits to be acknowledged", "○ attend l’accusé de réception")
            : language.pick("● 已签收", "● acknowledged", "● reçu")
    }
}
