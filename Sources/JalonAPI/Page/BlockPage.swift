import JalonSchema

/// The page at `/blocks/{height, id or head}`: what a block holds, what it commits to, and who sealed it.
struct BlockPage {
    /// Transactions on one page.
    static let transactionCount = 100

    let layout: Layout
    let block: API.Block
    /// Validators of the epoch, and how many of them seal a block.
    let validators: API.Validators
    /// The place of the first transaction shown.
    let first: Int

    private var language: Language { layout.language }
    private var format: Format { layout.format }
    private var header: API.Header { block.header }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var html: HTML {
        let number = format.number(header.height)
        let title = pick("区块 \(number)", "Block \(number)", "Bloc \(number)")
        return layout.document(
            title: title,
            path: "/blocks/\(header.height)",
            content: """
                <p class="crumb"><code class="digest">\(header.id)</code></p>
                <h1>\(title)</h1>
                <p class="lead">\(layout.moment(header.timestamp)) (\(layout.time(header.timestamp))) · \(leader)</p>
                <nav class="pager" data-part="pager" aria-label="\(pick("相邻区块", "Neighbouring blocks", "Blocs voisins"))">\(neighbours)</nav>
                \(transactions)
                \(seal)
                \(fields)
                <p class="buttons"><a class="button" href="/v1/blocks/\(header.height)">JSON</a> \
                <a class="button" href="/v1/headers/\(header.height)">\
                \(pick("区块头 JSON", "Header as JSON", "En-tête en JSON"))</a></p>
                """
        )
    }

    private var leader: HTML {
        let words = pick("提议者", "proposed by", "proposé par")
        if let member = header.leaderMember { return "\(words) \(layout.members.show(member))" }
        return "\(words) \(pick("第 \(header.leader) 席", "seat \(header.leader)", "siège \(header.leader)"))"
    }

    private var neighbours: HTML {
        var links: [HTML] = []
        if header.height > layout.status.firstBlock ?? 1 {
            links.append(
                """
                <a class="button" rel="prev" href="\(layout.href("/blocks/\(header.height - 1)"))">← \
                \(pick("上一区块", "Block before", "Bloc précédent"))</a>
                """
            )
        }
        if header.height < layout.status.head.height {
            links.append(
                """
                <a class="button" rel="next" href="\(layout.href("/blocks/\(header.height + 1)"))">\
                \(pick("下一区块", "Block after", "Bloc suivant")) →</a>
                """
            )
        }
        return .join(links, separator: " ")
    }

    // MARK: - Transactions

    private var transactions: HTML {
        let count = block.transactions.count
        let title: HTML = """
            <h2>\(pick("交易", "Transactions", "Transactions")) (\(format.number(count)))</h2>
            """
        guard count > 0 else {
            let words = pick(
                "空区块：它只证明账本仍在运行，并推进日期。",
                "An empty block: it shows that the ledger is alive, and moves the day on.",
                "Un bloc vide : il montre que le registre vit, et fait avancer le jour."
            )
            return "\(title)<p>\(words)</p>"
        }
        let shown = block.transactions.dropFirst(first).prefix(BlockPage.transactionCount)
        let lines = shown.map { entry in
            "<li value=\"\(entry.position + 1)\">\(FeedList.line(entry, layout))</li>" as HTML
        }
        let end = first + shown.count
        let more: HTML? =
            end < count
            ? """
            <p><a class="button" href="\(layout.href("/blocks/\(header.height)", [("first", String(end))]))">\
            \(pick("下一页", "Next page", "Page suivante"))</a></p>
            """ : nil
        return "\(title)<ol class=\"entries\">\(HTML.join(lines, separator: "\n"))</ol>\(more)"
    }

    // MARK: - Seal

    private var seal: HTML {
        let title: HTML = "<h2>\(pick("封印", "Seal", "Sceau"))</h2>"
        guard !block.signers.isEmpty else {
            let words = pick(
                "本节点未保存该区块自己的最终签名：它由后续区块的封印一并确认，后者的区块头经哈希链包含它。",
                "This node holds no votes for this block itself: the seal of a later block makes it final, whose header "
                    + "contains it through the chain of hashes.",
                "Ce nœud n’a pas de votes pour ce bloc lui-même : le sceau d’un bloc ultérieur le rend définitif, dont "
                    + "l’en-tête le contient par la chaîne des empreintes."
            )
            return "\(title)<p>\(words)</p>"
        }
        let (signed, total) = (block.signers.count, validators.total)
        let words = pick(
            "\(total) 个验证成员中有 \(signed) 个签署（需要 \(validators.needed) 个）：",
            "\(signed) of \(total) validators signed that it is final (\(validators.needed) are needed):",
            "\(signed) validateurs sur \(total) ont signé qu’il est définitif (\(validators.needed) requis) :"
        )
        let lines = block.signers.map { "<li>✔ \(layout.members.show($0))</li>" as HTML }
        return "\(title)<p>\(words)</p><ul class=\"plain\">\(HTML.join(lines))</ul>"
    }

    // MARK: - Header

    private var fields: HTML {
        func digest(_ text: String) -> HTML { "<code class=\"digest\">\(text)</code>" }
        let rows: [(name: String, value: HTML, meaning: String)] = [
            (
                pick("上一区块", "Parent", "Parent"), digest(header.parent),
                pick(
                    "前一区块的哈希：改动任何旧区块都会使链断开",
                    "hash of the block before: to change an old block breaks the chain",
                    "empreinte du bloc précédent : changer un ancien bloc rompt la chaîne"
                )
            ),
            (
                pick("状态根", "State root", "Racine d’état"), digest(header.stateRoot),
                pick(
                    "此区块之后的全部状态；各节点在同一高度必须相同",
                    "all of the state after it; equal on every node at equal height",
                    "tout l’état après lui ; égale sur chaque nœud à hauteur égale"
                )
            ),
            (
                pick("日志根", "Log root", "Racine du journal"), digest(header.logRoot),
                pick(
                    "迄今全部交易的默克尔树根（RFC 9162）",
                    "root of the tree of all transactions so far (RFC 9162)",
                    "racine de l’arbre de toutes les transactions (RFC 9162)"
                )
            ),
            (
                pick("日志长度", "Log size", "Taille du journal"), "\(format.number(header.logSize))",
                pick("迄今交易数", "transactions so far", "transactions jusqu’ici")
            ),
            (
                pick("届次与视图", "Epoch and view", "Époque et vue"),
                "\(format.number(header.epoch)) · \(format.number(header.view))",
                pick(
                    "验证成员的届次；达成一致的尝试次数",
                    "the validators' epoch; the attempt in which it was agreed",
                    "l’époque des validateurs ; la tentative où l’accord s’est fait"
                )
            ),
            (
                pick("验证成员集", "Validators", "Validateurs"), digest(header.validatorsHash),
                pick("谁可以封印此区块", "who may seal it", "qui peut le sceller")
            ),
            (
                pick("下一验证成员集", "Next validators", "Validateurs suivants"), digest(header.nextValidatorsHash),
                pick("谁可以封印下一区块", "who may seal the next one", "qui peut sceller le suivant")
            ),
            (
                pick("大小", "Size", "Taille"),
                "\(format.number(header.bodyByteCount)) \(pick("字节", "bytes", "octets"))",
                pick("交易总字节数", "of its transactions", "de ses transactions")
            ),
        ]
        let lines = rows.map { row in
            """
            <tr><th scope="row">\(row.name)</th>\
            <td data-label="\(pick("值", "Value", "Valeur"))">\(row.value)</td>\
            <td data-label="\(pick("含义", "Meaning", "Sens"))">\(row.meaning)</td></tr>
            """ as HTML
        }
        return """
            <h2>\(pick("区块头", "Header", "En-tête"))</h2>
            <table class="cards"><caption>\(pick(
                "验证成员签署的就是这些字段", "What the validators sign", "Ce que les validateurs signent"))</caption>
            <thead><tr><th scope="col">\(pick("字段", "Field", "Champ"))</th>\
            <th scope="col">\(pick("值", "Value", "Valeur"))</th>\
            <th scope="col">\(pick("含义", "Meaning", "Sens"))</th></tr></thead>
            <tbody>\(HTML.join(lines, separator: "\n"))</tbody></table>
            """
    }
}
