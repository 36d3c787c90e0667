import JalonSchema

/// What every page has: the head, the switch of languages, the state of the node, the warnings.
struct Layout {
    let status: API.NodeStatus
    let language: Language
    /// The node's clock, milliseconds since 1970.
    let now: UInt64
    /// Days shown are judged at this one.
    let asOf: String

    var format: Format { Format(language: language) }

    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    /// The whole document.
    ///
    /// - Parameters:
    ///   - title: Of the page, without the ledger's name.
    ///   - path: Where the page stands, for the switch of languages; made of ids only.
    ///   - query: What the switch keeps of the query, escaped and ending in `&amp;`.
    ///   - content: What stands below the node's state.
    /// - Returns: A document that needs nothing but the files of ``PageAsset``.
    func document(title: String, path: String, query: HTML = .empty, content: HTML) -> HTML {
        """
        <!doctype html>
        <html lang="\(language.tag)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <meta name="color-scheme" content="light dark">
        <title>\(title) · \(ledgerName)</title>
        <link rel="stylesheet" href="/static/page.css">
        <link rel="icon" href="data:,">
        <script src="/static/page.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#main">\(pick("跳到内容", "Skip to the content", "Aller au contenu"))</a>
        <header>
        <p class="ledger"><a href="/?lang=\(language.rawValue)">\(ledgerName)</a> <small>\(status.network)</small></p>
        <nav aria-label="\(pick("语言", "Language", "Langue"))">\(switcher(path, query))</nav>
        </header>
        <nav class="pages" aria-label="\(pick("页面", "Pages", "Pages"))">\(pages(path))</nav>
        <p class="controls"><span id="live" role="status" data-live="\(pick("实时", "live", "en direct"))" \
        data-lost="\(pick("连接中断，正在重连", "connection lost, retrying", "connexion perdue, nouvelle tentative"))"></span>
        <button id="pause" type="button" hidden data-pause="\(pick("暂停更新", "Pause updates", "Suspendre"))" \
        data-resume="\(pick("继续更新", "Resume updates", "Reprendre"))"></button></p>
        <main id="main" data-now="\(now)">
        \(nodeLine)
        \(warnings)
        \(content)
        </main>
        <footer><p>\(footer)</p></footer>
        </body>
        </html>

        """
    }

    private var ledgerName: String {
        pick("承诺账本", "Commitment ledger", "Registre des engagements")
    }

    private func switcher(_ path: String, _ query: HTML) -> HTML {
        .join(
            Language.allCases.map { other in
                let current: HTML = other == language ? " aria-current=\"true\"" : ""
                return """
                    <a href="\(path)?\(query)lang=\(other.rawValue)" lang="\(other.tag)" hreflang="\(other.tag)"\(current)>\
                    \(other.name)</a>
                    """
            },
            separator: " "
        )
    }

    private func pages(_ path: String) -> HTML {
        let pages = [
            ("/", pick("总览", "Overview", "Vue d’ensemble")), ("/members", pick("成员", "Members", "Membres")),
            ("/governance", pick("治理", "Governance", "Gouvernance")),
            ("/directives", pick("督办", "Directives", "Directives")),
            ("/verify", pick("核验", "Verify", "Vérifier")),
        ]
        return .join(
            pages.map { page, name in
                let current: HTML = page == path ? " aria-current=\"page\"" : ""
                return "<a href=\"\(page)?lang=\(language.rawValue)\"\(current)>\(name)</a>"
            },
            separator: " "
        )
    }

    private var nodeLine: HTML {
        let validators = status.validators
        let member: HTML? = status.member.map { "· <code>\($0)</code>" }
        return """
            <p class="node">\(pick("区块", "block", "bloc")) <a href="/v1/blocks/\(status.head.height)">\
            <strong>\(format.number(status.head.height))</strong></a> · \(time(status.head.timestamp)) · \
            \(format.number(validators.connected))/\(format.number(validators.total)) \
            \(pick("个验证节点已连接", "validators connected", "validateurs connectés")) \
            (\(pick("需要", "needed", "requis")) \(format.number(validators.needed))) \(member)<br>
            <small>\(pick("状态根", "state root", "racine d’état")) <code class="digest">\(status.head.stateRoot)</code>\
            </small></p>
            """
    }

    /// A moment, its age in words; the page's script keeps it going.
    func time(_ timestamp: UInt64) -> HTML {
        let age = format.age(milliseconds: now > timestamp ? now - timestamp : 0)
        return "<time data-time=\"\(timestamp)\" datetime=\"\(Clock.text(of: timestamp))\">\(age)</time>"
    }

    // MARK: - Warnings

    private var warnings: HTML {
        .join(
            [quorumWarning, behindWarning, overdueWarning, faultNote, demoBanner, dateBanner].compactMap {
                $0
            }
        )
    }

    private func alert(_ text: String) -> HTML {
        "<p class=\"banner alert\" role=\"alert\"><span aria-hidden=\"true\">✖</span> \(text)</p>"
    }

    private var quorumWarning: HTML? {
        let validators = status.validators
        guard !validators.hasQuorum else { return nil }
        return alert(
            pick(
                "仅连接 \(validators.connected) 个验证节点，需要 \(validators.needed) 个：目前无法写入，读取不受影响。",
                "Only \(validators.connected) validators connected, \(validators.needed) needed: nothing can be "
                    + "written now; reading goes on.",
                "Seulement \(validators.connected) validateurs connectés, \(validators.needed) requis : aucune "
                    + "écriture possible pour l’instant ; la lecture continue."
            )
        )
    }

    private var behindWarning: HTML? {
        guard status.blocksBehind > 0 else { return nil }
        let count = format.number(status.blocksBehind)
        return alert(
            pick(
                "本节点落后 \(count) 个已签名区块：显示的不是最新状态。",
                "This node is \(count) signed blocks behind: what it shows is not the newest state.",
                "Ce nœud a \(count) blocs signés de retard : l’état affiché n’est pas le plus récent."
            )
        )
    }

    private var overdueWarning: HTML? {
        // A block comes at least every 24 hours, so that overdue milestones are noticed.
        guard now > status.head.timestamp, now - status.head.timestamp > 25 * 3_600_000 else { return nil }
        return alert(
            pick(
                "每日区块已逾期超过一小时。",
                "The daily block is more than an hour overdue.",
                "Le bloc quotidien a plus d’une heure de retard."
            )
        )
    }

    private var faultNote: HTML? {
        guard status.validators.toleratedFaults == 0 else { return nil }
        return """
            <p class="banner note">\(pick(
                "验证节点不超过 3 个：任何一个停止，账本即停止。",
                "Three validators or fewer: the ledger tolerates no fault and stops when one of them stops.",
                "Trois validateurs ou moins : le registre ne tolère aucune panne et s’arrête si l’un d’eux s’arrête."))</p>
            """
    }

    private var demoBanner: HTML? {
        guard status.hasDemoData else { return nil }
        return """
            <p class="banner demo"><strong>DEMO DATA</strong>\(pick(
                "：上报的数值为虚构。", ": reported values are fictional.", " : les valeurs déclarées sont fictives."))</p>
            """
    }

    private var dateBanner: HTML? {
        let day = format.day(asOf)
        guard status.isDemonstrationDate, asOf == status.asOf else {
            return "<p class=\"asof\">\(pick("截至 \(day)", "As of \(day)", "Au \(day)"))</p>"
        }
        return """
            <p class="banner note">\(pick(
                "截至 \(day)（演示日期）", "As of \(day) (demonstration date)", "Au \(day) (date de démonstration)"))</p>
            """
    }

    private var footer: String {
        pick(
            "本页由一个节点提供，节点可能说谎：请与其他节点的页面比较，或用 jalon verify 验证。",
            "A node serves this page, and a node can lie: compare another node's page, or run jalon verify.",
            "Cette page est servie par un nœud, et un nœud peut mentir : comparez avec un autre nœud, ou lancez "
                + "jalon verify."
        )
    }
}
