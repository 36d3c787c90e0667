import JalonSchema

/// The page at `/data`: everything there is to download, and how to have all of it oneself.
struct DataPage {
    let layout: Layout
    let regions: [API.RegionSummary]

    private var language: Language { layout.language }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var html: HTML {
        let title = pick("数据", "Data", "Données")
        return layout.document(
            title: title,
            path: "/data",
            content: """
                <h1>\(title)</h1>
                <p class="lead">\(pick(
                    "账本的全部内容公开，无需登录。", "All of the ledger is public, without a login.",
                    "Tout le registre est public, sans connexion."))</p>
                \(tables)
                \(programs)
                \(regionList)
                \(mirror)
                """
        )
    }

    private func list(_ title: String, _ caption: String, _ rows: [(path: String, what: String)]) -> HTML {
        let lines = rows.map { row in
            """
            <tr><th scope="row"><a href="\(row.path)"><code>\(row.path)</code></a></th>\
            <td data-label="\(pick("内容", "What it is", "Contenu"))">\(row.what)</td></tr>
            """ as HTML
        }
        return """
            <h2>\(title)</h2>
            <table class="cards"><caption>\(caption)</caption>
            <thead><tr><th scope="col">\(pick("地址", "Address", "Adresse"))</th>\
            <th scope="col">\(pick("内容", "What it is", "Contenu"))</th></tr></thead>
            <tbody>\(HTML.join(lines, separator: "\n"))</tbody></table>
            """
    }

    private var tables: HTML {
        list(
            pick("数据表", "Tables", "Tables"),
            pick("承诺及其状态", "Commitments and how they stand", "Les engagements et leur état"),
            [
                (
                    "/v1/export/commitments.csv",
                    pick(
                        "全部承诺及状态，CSV，含区块高度",
                        "all commitments with their statuses, CSV, at a height",
                        "tous les engagements et leurs états, CSV, à une hauteur"
                    )
                ),
                (
                    "/v1/export/commitments.jsonl",
                    pick("同上，每行一个 JSON", "the same, a JSON a line", "le même, un JSON par ligne")
                ),
                (
                    "/v1/export/milestones.csv",
                    pick("全部里程碑，CSV", "all milestones, CSV", "tous les jalons, CSV")
                ),
                (
                    "/v1/export/milestones.jsonl",
                    pick("同上，每行一个 JSON", "the same, a JSON a line", "le même, un JSON par ligne")
                ),
                ("/feed.rss", pick("最新动态（RSS）", "the latest acts (RSS)", "les derniers actes (RSS)")),
                (
                    "/v1/commitments",
                    pick(
                        "全部承诺及状态，JSON，分页",
                        "all commitments with their statuses, JSON, by pages",
                        "tous les engagements et leurs états, JSON, par pages"
                    )
                ),
                (
                    "/v1/status",
                    pick(
                        "各地区按状态与领域计数",
                        "each region's counts by status and sector",
                        "les nombres par région, état et secteur"
                    )
                ),
                ("/v1/plans", pick("计划及其来源", "the plans and their sources", "les plans et leurs sources")),
                (
                    "/v1/members",
                    pick(
                        "成员、角色与密钥",
                        "members, their roles and keys",
                        "les membres, leurs rôles et leurs clés"
                    )
                ),
                ("/v1/disputes", pick("异议", "disputes", "les contestations")),
                ("/v1/directives", pick("督办", "directives", "les directives")),
                (
                    "/v1/governance",
                    pick("提案、表决与参数", "proposals, votes and parameters", "propositions, votes et paramètres")
                ),
            ]
        )
    }

    private var programs: HTML {
        list(
            pick("供程序使用", "For programs", "Pour les programmes"),
            pick("接口与原始账本", "The interface and the ledger itself", "L’interface et le registre même"),
            [
                (
                    "/static/verify.html",
                    pick(
                        "离线核验文件：一个文件，不联网也能用",
                        "the offline verifier: one file, works without a network",
                        "le vérificateur hors ligne : un fichier, sans réseau"
                    )
                ),
                (
                    "/v1/openapi.json",
                    pick(
                        "接口说明（OpenAPI 3.1）",
                        "the API's description (OpenAPI 3.1)",
                        "la description de l’API (OpenAPI 3.1)"
                    )
                ),
                ("/v1/head", pick("本节点的最新区块", "this node's last block", "le dernier bloc de ce nœud")),
                (
                    "/v1/nodes",
                    pick("各节点及其状态", "the nodes and where they stand", "les nœuds et où ils en sont")
                ),
                (
                    "/v1/genesis",
                    pick(
                        "创世文件：其 SHA-256 即链的标识",
                        "the genesis: its SHA-256 is the chain's id",
                        "la genèse : son SHA-256 est l’identifiant de la chaîne"
                    )
                ),
                (
                    "/v1/ledger",
                    pick(
                        "全部区块，CBOR 序列，供自行核实",
                        "all blocks as a CBOR sequence, to verify oneself",
                        "tous les blocs en séquence CBOR, à vérifier soi-même"
                    )
                ),
                (
                    "/v1/snapshot",
                    pick(
                        "最新状态的快照：新节点由此加入，只信创世文件",
                        "a snapshot of the state, for a new node to join by, believing the genesis alone",
                        "un instantané de l’état, pour qu’un nœud rejoigne en ne croyant que la genèse"
                    )
                ),
                (
                    "/v1/evidence",
                    pick(
                        "自相矛盾的验证成员及其签名",
                        "validators that contradicted themselves, with their signatures",
                        "les validateurs qui se sont contredits, signatures à l’appui"
                    )
                ),
                (
                    "/metrics",
                    pick(
                        "节点计数（Prometheus）",
                        "the node's counters (Prometheus)",
                        "les compteurs du nœud (Prometheus)"
                    )
                ),
            ]
        )
    }

    private var regionList: HTML? {
        guard !regions.isEmpty else { return nil }
        let lines = regions.map { "<li>\(layout.regionLink($0.region))</li>" as HTML }
        return """
            <h2>\(pick("地区", "Regions", "Régions"))</h2><ul class="tallies">\(HTML.join(lines))</ul>
            """
    }

    private var mirror: HTML {
        """
        <h2>\(pick("运行自己的镜像", "Run a mirror", "Tenir un miroir"))</h2>
        <p>\(pick(
            "任何人都可以运行一个节点：它跟随账本，核实每个签名，提供同样的页面，不需要任何人许可。",
            "Anybody may run a node of their own: it follows the ledger, verifies every signature and serves these pages; nobody's "
                + "leave is needed.",
            "Chacun peut tenir son propre nœud : il suit le registre, vérifie chaque signature et sert ces pages, sans permission."))</p>
        <pre tabindex="0"><code>jalon join invitation.jalon --mirror my-mirror
        jalon node run my-mirror/node.yaml
        jalon verify my-mirror/data</code></pre>
        """
    }
}
