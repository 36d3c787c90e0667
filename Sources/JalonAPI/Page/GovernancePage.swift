import JalonSchema

/// The page at `/governance`: who decides, what was put to the vote and how it went, what waits, and the rules in force.
struct GovernancePage {
    let layout: Layout
    let governance: API.Governance

    private var members: MemberNames { layout.members }
    private var language: Language { layout.language }
    private var format: Format { layout.format }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var html: HTML {
        layout.document(
            title: pick("治理", "Governance", "Gouvernance"),
            path: "/governance",
            content: """
                <div data-part="governance">
                <h1>\(pick("治理", "Governance", "Gouvernance"))</h1>
                \(validators)
                <h2>\(pick("提案", "Proposals", "Propositions"))</h2>
                \(proposals)
                <h2>\(pick("待生效", "Waiting", "En attente"))</h2>
                \(waiting)
                <h2>\(pick("现行参数", "Parameters in force", "Paramètres en vigueur"))</h2>
                \(parameters)
                </div>
                """
        )
    }

    private var validators: HTML {
        let count = governance.validators.count
        let word = language.plural(count, ("validator", "validators"), ("validateur", "validateurs"))
        let words = pick(
            "第 \(governance.epoch) 届：\(count) 个验证成员，每个区块需 \(governance.quorum) 个签署。",
            "Epoch \(governance.epoch): \(count) \(word); each block needs the seals of \(governance.quorum).",
            "Époque \(governance.epoch) : \(count) \(word) ; chaque bloc exige le sceau de \(governance.quorum)."
        )
        return "<p>\(words)</p>\n<p>\(members.show(governance.validators))</p>"
    }

    // MARK: - Proposals

    private var proposals: HTML {
        guard !governance.proposals.isEmpty else {
            return "<p>\(pick("尚无提案。", "Nothing was proposed yet.", "Aucune proposition."))</p>"
        }
        return "<ul>\(HTML.join(governance.proposals.map(proposal), separator: "\n"))</ul>"
    }

    private func proposal(_ proposal: API.Proposal) -> HTML {
        let about: HTML? = proposal.member.map { " · \(members.show($0))" }
        let effect: HTML? = proposal.effectiveHeight.map { height in
            let words = pick("自区块", "in force from block", "en vigueur dès le bloc")
            return " · \(words) \(format.number(height))\(pick(" 起生效", "", ""))"
        }
        return """
            <li><strong>\(outcome(proposal.outcome))</strong> · \(TransactionWords.value(proposal.action, of: "governanceAction", in: language))\(about)<br>\
            \(language.marked(language.text(proposal.summary)))\(language.colon)\(language.marked(proposal.reason))<br>\
            \(tally(proposal))\(effect)<br>\
            <small>\(pick("提案人", "proposed by", "proposé par")) \(members.show(proposal.proposer)) · \
            \(pick("区块", "block", "bloc")) \(layout.blockLink(proposal.height)) \
            · \(layout.transactionLink(proposal.id))</small>\(votes(proposal))</li>
            """
    }

    /// The arithmetic, so that anybody can follow it.
    private func tally(_ proposal: API.Proposal) -> String {
        pick(
            "赞成 \(proposal.yes)，反对 \(proposal.no)，有效表决 \(proposal.voters)，通过需 \(proposal.needed)",
            "yes \(proposal.yes), no \(proposal.no) of \(proposal.voters) that count; \(proposal.needed) needed",
            "oui \(proposal.yes), non \(proposal.no) sur \(proposal.voters) qui comptent ; \(proposal.needed) requis"
        )
    }

    private func votes(_ proposal: API.Proposal) -> HTML {
        guard !proposal.votes.isEmpty else { return .empty }
        let lines = proposal.votes.map { vote in
            let ballot =
                vote.ballot == "yes" ? "✔ \(pick("赞成", "yes", "oui"))" : "✖ \(pick("反对", "no", "non"))"
            return "<li>\(ballot)\(language.colon)\(members.show(vote.member))</li>" as HTML
        }
        return """
            <details id="votes-\(String(proposal.id.prefix(16)))"><summary>\(pick("表决", "Votes", "Votes"))</summary><ul>\(HTML.join(lines))</ul></details>
            """
    }

    private func outcome(_ outcome: String) -> String {
        switch outcome {
        case "open": pick("○ 表决中", "○ open", "○ en cours")
        case "expired": pick("◌ 已过期", "◌ expired", "◌ expirée")
        case "rejected": pick("✖ 未通过", "✖ rejected", "✖ rejetée")
        case "passed": pick("● 已通过，尚未生效", "● passed, not yet in force", "● adoptée, pas encore en vigueur")
        case "effective": pick("✔ 已生效", "✔ in force", "✔ en vigueur")
        case "void": pick("◌ 失效", "◌ void", "◌ caduque")
        default: outcome
        }
    }

    // MARK: - What waits

    private var waiting: HTML {
        guard !governance.pending.isEmpty else {
            return "<p>\(pick("无待生效的变更。", "No change waits.", "Aucun changement en attente."))</p>"
        }
        let changes = governance.pending.map { change in
            "<li>\(name(of: change.change))\(language.colon)\(members.show(change.member))</li>" as HTML
        }
        let sets = governance.next.map { next in
            let words = pick(
                "下一届（\(next.members.count) 个成员）：已就绪 \(next.ready.count) 个，需 \(next.quorum) 个",
                "the next \(next.members.count) validators: \(next.ready.count) ready, \(next.quorum) needed",
                "les \(next.members.count) prochains validateurs : \(next.ready.count) prêts, \(next.quorum) requis"
            )
            return "<li>\(words)\(language.colon)\(members.show(next.ready))</li>" as HTML
        }
        return "<ul>\(HTML.join(changes + sets, separator: "\n"))</ul>"
    }

    private func name(of change: String) -> String {
        switch change {
        case "seat": pick("新增或更换席位", "a seat or another key for it", "un siège ou une autre clé")
        case "removal": pick("移除", "removal", "retrait")
        case "recovery": pick("恢复密钥", "a recovered key", "une clé récupérée")
        default: change
        }
    }

    private var parameters: HTML {
        let value = pick("值", "Value", "Valeur")
        let rows = governance.parameters.sorted { $0.key < $1.key }.map { name, text in
            let words = ParameterWords(name, text, layout)
            return """
                <tr><th scope="row">\(words.name) <code>\(name)</code></th>\
                <td data-label="\(value)">\(words.value)</td></tr>
                """ as HTML
        }
        return """
            <table class="cards"><caption>\(pick(
                "只能由验证成员表决更改", "Only a vote of the validators changes them",
                "Seul un vote des validateurs les change"))</caption>
            <thead><tr><th scope="col">\(pick("参数", "Parameter", "Paramètre"))</th>\
            <th scope="col">\(value)</th></tr></thead>
            <tbody>
            \(HTML.join(rows, separator: "\n"))
            </tbody></table>
            """
    }
}
