import JalonSchema

/// What every page has: the head, the switch of languages, the state of the node, the warnings.
struct Layout {
    let status: API.NodeStatus
    let language: Language
    /// The node's clock, milliseconds since 1970.
    let now: UInt64
    /// Days shown are judged at this one.
    let asOf: String
    /// How many validators have the same chain; absent where nobody was asked.
    var agreement: Agreement?
    /// The names of members, for pages that show them.
    var members = MemberNames.none
    /// The request's own parameters but the language, which the switch of languages keeps.
    var parameters: [(name: String, value: String)] = []
    /// The addresses of other nodes that serve the same pages.
    var others: [String] = []

    /// Validators whose last block is in this node's chain, of all.
    struct Agreement {
        let agreeing: Int
        let validators: Int
    }

    var format: Format { Format(language: language) }

    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    /// What every document begins with, up to what only some have in their heads.
    ///
    /// - Parameters:
    ///   - title: Of the page, without the ledger's name.
    ///   - language: Of the document.
    /// - Returns: Markup that ends within the head.
    static func head(_ title: String, _ language: Language) -> HTML {
        """
        <!doctype html>
        <html lang="\(language.tag)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="referrer" content="no-referrer">
        <meta name="color-scheme" content="light dark">
        <title>\(title) · \(language.ledgerName)</title>
        <link rel="stylesheet" href="/static/page.css">
        <link rel="icon" href="data:,">
        """
    }

    /// The whole document.
    ///
    /// - Parameters:
    ///   - title: Of the page, without the ledger's name.
    ///   - path: Where the page stands, for the switch of languages; made of ids only.
    ///   - content: What stands below the node's state.
    /// - Returns: A document that needs nothing but the files of ``PageAsset``.
    func document(title: String, path: String, content: HTML) -> HTML {
        """
        \(Layout.head(title, language))
        <link rel="alternate" type="application/rss+xml" href="/feed.rss?lang=\(language.rawValue)">
        <script src="/static/page.js" defer></script>
        </head>
        <body\(fallbacks)>
        <a class="skip" href="#main">\(pick("跳到内容", "Skip to the content", "Aller au contenu"))</a>
        <header class="top"><div class="wide">
        <p class="ledger"><a href="\(href("/"))">\(language.ledgerName)</a> <small>\(status.network)</small></p>
        <nav class="languages" aria-label="\(pick("语言", "Language", "Langue"))">\(switcher(path))</nav>
        <nav class="pages" aria-label="\(pick("页面", "Pages", "Pages"))">\(pages(path))</nav>
        </div></header>
        <main id="main" data-now="\(now)" tabindex="-1">
        <div class="state" data-part="state">\(nodeLine)</div>
        <p class="controls"><span id="live" role="status" data-live="\(pick("实时", "live", "en direct"))" \
        data-lost="\(pick("连接中断，正在重连", "connection lost, retrying", "connexion perdue, nouvelle tentative"))" \
        data-moving="\(pick("转到另一节点", "going over to another node", "passage à un autre nœud"))"></span>
        <button id="pause" type="button" hidden data-pause="\(pick("暂停更新", "Pause updates", "Suspendre"))" \
        data-resume="\(pick("继续更新", "Resume updates", "Reprendre"))"></button></p>
        <div data-part="warnings">\(warnings)</div>
        \(content)
        </main>
        <footer><div class="wide">\(footer)</div></footer>
        </body>
        </html>

        """
    }

    // MARK: - Links

    /// A link to a page in the same language and as of the same day.
    ///
    /// - Parameters:
    ///   - path: Made of ids, which need no escape.
    ///   - parameters: Further ones; those without a value are left out.
    /// - Returns: Path and query, to be escaped as every text.
    func href(_ path: String, _ parameters: [(name: String, value: String?)] = []) -> String {
        let day = self.parameters.first { $0.name == "asOf" }?.value
        var all = [(name: "lang", value: Optional(language.rawValue)), (name: "asOf", value: day)]
        all += parameters
        return path + "?" + Layout.query(all)
    }

    /// A query of parameters, those without a value left out.
    static func query(_ parameters: [(name: String, value: String?)]) -> String {
        parameters.compactMap { name, value in
            guard let value, !value.isEmpty else { return nil }
            return "\(name)=\(percentEncoded(value))"
        }.joined(separator: "&")
    }

    /// RFC 3986 §2.1: all but the unreserved characters.
    private static func percentEncoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return encoded
    }

    /// A commitment's id as a link to its page.
    func commitmentLink(_ id: String) -> HTML { "<a href=\"\(href("/commitments/\(id)"))\">\(id)</a>" }

    /// Signed words; where this node does not hold their block, that in their place.
    ///
    /// - Parameters:
    ///   - text: What was signed.
    ///   - isAbsent: Whether it is not held.
    ///   - height: Of the block that it stands in.
    /// - Returns: The words with their language, or a note in that of the page.
    func words(_ text: String, isAbsent: Bool?, at height: UInt64) -> HTML {
        guard isAbsent == true else { return language.marked(text) }
        let block = format.number(height)
        let note = language.pick(
            "内容在区块 \(block) 中，本节点不保存，请看其他节点",
            "the words stand in block \(block), which this node does not hold: see another node",
            "les mots sont dans le bloc \(block), que ce nœud ne garde pas : voyez un autre nœud"
        )
        return "<span class=\"none\">[\(note)]</span>"
    }

    /// What a transaction did, in the page's language, with the commitment that it is about as a link.
    func sentence(_ words: API.LocalizedText, about subject: String) -> HTML {
        let text = language.text(words)
        guard CommitmentForm.isCommitment(subject), let place = text.firstRange(of: subject) else {
            return language.marked(text)
        }
        let (before, after) = (String(text[..<place.lowerBound]), String(text[place.upperBound...]))
        return "\(language.marked(before))\(commitmentLink(subject))\(language.marked(after))"
    }

    /// A region with its code and hanzi, linked to its page.
    func regionLink(_ region: API.Name) -> HTML {
        "<a href=\"\(href("/regions/\(region.code)"))\">\(format.region(region))</a>"
    }

    /// The beginning of a transaction's id as a link to its page.
    func transactionLink(_ id: String) -> HTML {
        """
        <a href="\(href("/transactions/\(id)"))" title="\(id)"><code class="digest">\(String(id.prefix(12)))…</code></a>
        """
    }

    /// Where the reader's own browser checks a transaction.
    func verifyLink(_ id: String) -> HTML {
        """
        <a class="button" href="\(href("/verify", [("transaction", id)]))"><span aria-hidden="true">✔</span> \
        \(pick("在浏览器中核验", "Verify in your browser", "Vérifier dans votre navigateur"))</a>
        """
    }

    /// A block's height as a link to its page; there is none of the genesis, nor of a block that this node does not hold.
    func blockLink(_ height: UInt64) -> HTML {
        guard height > 0, height >= status.firstBlock ?? 1 else { return "\(format.number(height))" }
        return "<a href=\"\(href("/blocks/\(height)"))\">\(format.number(height))</a>"
    }

    // MARK: - Head

    /// What the script needs to go over to another node.
    private var fallbacks: HTML {
        others.isEmpty ? .empty : " data-nodes=\"\(others.joined(separator: " "))\""
    }

    private func switcher(_ path: String) -> HTML {
        .join(
            Language.allCases.map { other in
                let current: HTML = other == language ? " aria-current=\"true\"" : ""
                let query = Layout.query(
                    [(name: "lang", value: other.rawValue)] + parameters.map { ($0.name, Optional($0.value)) }
                )
                return """
                    <a href="\(path)?\(query)" lang="\(other.tag)" hreflang="\(other.tag)"\(current)>\
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
            ("/nodes", pick("节点", "Nodes", "Nœuds")), ("/methodology", pick("方法", "Method", "Méthode")),
            ("/data", pick("数据", "Data", "Données")),
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

    // MARK: - The node's state

    private var nodeLine: HTML {
        """
        <p class="node">\(pick("区块", "block", "bloc")) <strong>\(blockLink(status.head.height))</strong> · \
        \(time(status.head.timestamp)) · \(agreementWords)\(quiet)</p>
        """
    }

    /// "7/7 validators agree", or how many are connected where none was asked.
    private var agreementWords: HTML {
        let validators = status.validators
        guard let agreement else {
            let words = pick("个验证节点已连接", "validators connected", "validateurs connectés")
            return "\(format.number(validators.connected))/\(format.number(validators.total)) \(words)"
        }
        let words = pick("个节点一致", "nodes agree", "nœuds d’accord")
        return """
            <a href="\(href("/nodes"))">\(format.number(agreement.agreeing))/\(format.number(agreement.validators)) \
            \(words)</a>
            """
    }

    /// Since when nothing happened, where that is a while and nothing is wrong.
    private var quiet: HTML? {
        guard alerts.isEmpty, now > status.head.timestamp, now - status.head.timestamp > 10 * 60_000 else {
            return nil
        }
        let words = pick("此后无新内容", "quiet since", "calme depuis")
        return " · <span class=\"quiet\">\(words) \(moment(status.head.timestamp))</span>"
    }

    /// A moment, its age in words; the page's script keeps it going.
    func time(_ timestamp: UInt64) -> HTML {
        let age = format.age(milliseconds: now > timestamp ? now - timestamp : 0)
        let text = Clock.text(of: timestamp)
        return "<time data-time=\"\(timestamp)\" datetime=\"\(text)\" title=\"\(text)\">\(age)</time>"
    }

    /// A moment as day and time, UTC.
    func moment(_ timestamp: UInt64) -> HTML {
        let text = Clock.text(of: timestamp)
        let clock = text.dropFirst(11).prefix(8)
        return "<time datetime=\"\(text)\">\(format.day(String(text.prefix(10)))) \(String(clock)) UTC</time>"
    }
}
