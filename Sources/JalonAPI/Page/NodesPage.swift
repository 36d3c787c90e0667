import JalonSchema

/// The page at `/nodes`: who is connected, who leads, who is behind, and whether all have the same state.
struct NodesPage {
    let layout: Layout
    let list: API.NodeList

    private var language: Language { layout.language }
    private var format: Format { layout.format }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var html: HTML {
        let title = pick("节点", "Nodes", "Nœuds")
        return layout.document(
            title: title,
            path: "/nodes",
            content: """
                <h1>\(title)</h1>
                <div data-part="nodes">
                \(agreement)
                \(table)
                \(beginning)
                </div>
                \(remarks)
                """
        )
    }

    private var agreement: HTML {
        let (agreeing, total) = (list.agreeing, list.validators)
        let words = pick(
            "\(total) 个验证节点中有 \(agreeing) 个与本节点在同一条链上，区块 \(format.number(list.height))：",
            "\(agreeing) of \(total) validators have the same chain as this node, at block \(format.number(list.height)):",
            "\(agreeing) validateurs sur \(total) ont la même chaîne que ce nœud, au bloc \(format.number(list.height)) :"
        )
        let leader: HTML? = list.leader.map { leader in
            let next: HTML? = list.nextLeader.map {
                " · \(pick("下一个", "next", "ensuite"))\(language.colon)\(layout.members.show($0))"
            }
            return """
                <p>\(pick("当前提议者", "Proposes now", "Propose maintenant"))\(language.colon)\(layout.members.show(leader)) \
                (\(pick("视图", "view", "vue")) \(format.number(list.view)))\(next)</p>
                """
        }
        return """
            <p class="lead">\(words)</p>
            <p>\(pick("状态根", "State root", "Racine d’état")) <code class="digest">\(list.stateRoot)</code></p>
            \(leader)
            """
    }

    /// What this node lacks, where it joined by a snapshot.
    private var beginning: HTML? {
        guard let first = layout.status.firstBlock else { return nil }
        let block = format.number(first)
        let words = pick(
            "本节点的第一个区块是 \(block)：此前的内容由其他节点保存；状态与之后的一切都在这里核验。",
            "This node’s first block is \(block): what was before is held by others; the state, and all that came "
                + "after, it has verified itself.",
            "Le premier bloc de ce nœud est \(block) : ce qui précède est gardé par d’autres ; l’état et tout ce qui "
                + "a suivi, il les a vérifiés lui-même."
        )
        return "<p>\(words)</p>"
    }

    // MARK: - Table

    private var table: HTML {
        let labels = [
            pick("连接", "Connection", "Connexion"), pick("区块", "Block", "Bloc"),
            pick("一致", "Agreement", "Accord"),
            pick("时钟差", "Clock", "Horloge"), pick("上次告知", "Last told", "Dernier signe"),
        ]
        let heads = labels.map { "<th scope=\"col\">\($0)</th>" as HTML }
        return """
            <table class="cards"><caption>\(pick(
                "各节点每五秒经认证的连接告知其状态；那是它们自己的说法，不是证明",
                "Each node tells where it stands every five seconds, over its authenticated connection: its own word, not a proof",
                "Chaque nœud dit où il en est toutes les cinq secondes, par sa connexion authentifiée : sa parole, non une preuve"
            ))</caption>
            <thead><tr><th scope="col">\(pick("节点", "Node", "Nœud"))</th>\(HTML.join(heads))</tr></thead>
            <tbody>\(HTML.join(list.nodes.map { row($0, labels) }, separator: "\n"))</tbody></table>
            """
    }

    private func row(_ node: API.NetworkNode, _ labels: [String]) -> HTML {
        let height: HTML = node.height.map { "\(format.number($0))" } ?? "–"
        let cells: [HTML] = [connection(node), height, agreement(of: node), skew(node), heard(node)]
        let columns = zip(labels, cells).map { label, cell in
            "<td data-label=\"\(label)\">\(cell)</td>" as HTML
        }
        return "<tr><th scope=\"row\">\(name(node))</th>\(HTML.join(columns))</tr>"
    }

    private func name(_ node: API.NetworkNode) -> HTML {
        let who = node.member.map(layout.members.show) ?? "\(pick("镜像", "mirror", "miroir"))"
        let role =
            node.isValidator
            ? pick("验证", "validator", "validateur") : pick("观察", "observer", "observateur")
        var marks = [role]
        if node.isSelf { marks.append(pick("本节点", "this node", "ce nœud")) }
        if node.isValidator, let member = node.member {
            if member == list.leader {
                marks.append(pick("正在提议", "proposes now", "propose maintenant"))
            } else if member == list.nextLeader {
                marks.append(pick("下一个提议", "proposes next", "propose ensuite"))
            }
        }
        return "\(who) <small>\(marks.joined(separator: " · "))</small>"
    }

    private func sign(_ shape: String, _ tone: String, _ word: String) -> HTML {
        "<span class=\"status \(tone)\"><span aria-hidden=\"true\">\(shape)</span> \(word)</span>"
    }

    private func connection(_ node: API.NetworkNode) -> HTML {
        if node.isSelf { return sign("●", "good", pick("本节点", "itself", "lui-même")) }
        return node.isConnected
            ? sign("●", "good", pick("已连接", "connected", "connecté"))
            : sign("○", "bad", pick("未连接", "not connected", "non connecté"))
    }

    private func agreement(of node: API.NetworkNode) -> HTML {
        switch node.agreement {
        case .same: return sign("✔", "good", pick("状态相同", "same state", "même état"))
        case .behind where node.blocksBehind == 0:
            return sign("✔", "good", pick("同一条链", "same chain", "même chaîne"))
        case .behind:
            let count = format.number(node.blocksBehind)
            let blocks = language.plural(node.blocksBehind, ("block", "blocks"), ("bloc", "blocs"))
            return sign(
                "▲",
                "warn",
                pick("落后 \(count) 块", "\(count) \(blocks) behind", "\(count) \(blocks) de retard")
            )
        case .ahead: return sign("◐", "calm", pick("领先于本节点", "ahead of this node", "en avance sur ce nœud"))
        case .differs: return sign("✖", "bad", pick("不同的区块！", "another block!", "un autre bloc !"))
        case .unknown: return sign("?", "calm", pick("未知", "unknown", "inconnu"))
        }
    }

    /// A clock that is more than a second off is worth a look: leaders stamp blocks with theirs.
    private func skew(_ node: API.NetworkNode) -> HTML {
        guard let skew = node.skew else { return "–" }
        let sign = skew > 0 ? "+" : ""
        let text = "\(sign)\(format.number(skew))\u{202F}ms"
        guard skew.magnitude > 1_000 else { return "\(text)" }
        return self.sign("▲", "warn", text)
    }

    private func heard(_ node: API.NetworkNode) -> HTML {
        if node.isSelf { return "–" }
        return node.heardAgo.map { "\(format.age(milliseconds: $0))" } ?? "–"
    }

    // MARK: - Remarks

    private var remarks: HTML {
        let status = layout.status
        let tolerated = status.validators.toleratedFaults
        let words = pick(
            "\(status.validators.total) 个验证节点中任意 \(tolerated) 个停止或说谎，账本仍正确运行；"
                + "写入需要 \(status.validators.needed) 个。",
            "Any \(tolerated) of \(status.validators.total) validators may stop or lie and the ledger goes on rightly; "
                + "writing needs \(status.validators.needed).",
            "\(tolerated) validateurs sur \(status.validators.total) peuvent s’arrêter ou mentir sans dommage ; "
                + "l’écriture en requiert \(status.validators.needed)."
        )
        return """
            <p>\(words)</p>
            \(others)
            <p class="buttons"><a class="button" href="/v1/nodes">JSON</a></p>
            """
    }

    private var others: HTML? {
        guard !layout.others.isEmpty else { return nil }
        let links = layout.others.map { address in
            """
            <li><a href="\(address)/nodes?lang=\(language.rawValue)" rel="noreferrer">\(address)</a></li>
            """ as HTML
        }
        let words = pick(
            "这些节点提供同样的页面；若本节点无响应，打开的页面会自动转到其中能应答的一个。",
            "These nodes serve the same pages; where this one falls silent, an open page goes over to the next that answers.",
            "Ces nœuds servent les mêmes pages ; si celui-ci se tait, une page ouverte passe au suivant qui répond."
        )
        return """
            <h2>\(pick("其他节点的页面", "The pages at other nodes", "Les pages des autres nœuds"))</h2>
            <p>\(words)</p><ul>\(HTML.join(links))</ul>
            """
    }
}
