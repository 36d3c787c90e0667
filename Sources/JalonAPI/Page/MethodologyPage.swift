import JalonSchema

/// The page at `/methodology`: how statuses come about, with the thresholds in force, who may do what, and what all of this can't do.
struct MethodologyPage {
    let layout: Layout
    let governance: API.Governance

    private var language: Language { layout.language }
    private var format: Format { layout.format }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var html: HTML {
        let title = pick("方法", "Method", "Méthode")
        return layout.document(
            title: title,
            path: "/methodology",
            content: """
                <h1>\(title)</h1>
                <p class="lead">\(pick(
                    "状态不由任何人填写，而是由账本和一个日期计算得出：同样的账本，同样的日期，处处得出同样的状态。",
                    "Nobody types a status in. It is computed from the ledger and a day: the same ledger and the same day give the "
                        + "same status everywhere.",
                    "Personne ne saisit un état. Il se calcule à partir du registre et d’un jour : même registre et même jour "
                        + "donnent partout le même état."))</p>
                \(formula)
                \(rules)
                \(signs)
                \(levels)
                \(roles)
                \(receipts)
                \(limits)
                """
        )
    }

    /// A parameter in parts per million as a percentage.
    private func threshold(_ name: String) -> String {
        governance.parameters[name].flatMap { Int($0) }.map(format.percent) ?? "?"
    }

    // MARK: - Statuses

    private var formula: HTML {
        """
        <h2>\(pick("公式", "The formula", "La formule"))</h2>
        <p class="formula"><var>ρ</var> = (<var>a</var> − <var>B</var>) ÷ (<var>X</var> − <var>B</var>)</p>
        <dl class="facts">
        <dt><var>a</var></dt><dd>\(pick(
            "最新有效里程碑的数值；流量指标为各期之和；清单为已完成项数；等级为已达等级",
            "the value of the latest milestone that counts; of a flow the sum; of a checklist the items done; the level reached",
            "la valeur du dernier jalon qui compte ; d’un flux la somme ; d’une liste les points faits ; le niveau atteint"))</dd>
        <dt><var>B</var></dt><dd>\(pick(
            "基准值；未知则按 0 计算并标明", "the baseline; unknown counts as 0 and is marked",
            "le point de départ ; inconnu, il compte pour 0 et c’est signalé"))</dd>
        <dt><var>X</var></dt><dd>\(pick(
            "该里程碑期末按曲线应达到的数值：线性曲线按天数，路径按所列各点",
            "the value that the curve expects at the end of that milestone's period: by days for a straight line, by its points "
                + "for a trajectory",
            "la valeur attendue par la courbe à la fin de la période : au prorata des jours, ou selon les points d’une trajectoire"))</dd>
        </dl>
        <p>\(pick(
            "所有计算为定点整数，向下取整，不用浮点数。每项承诺都按原目标和现行目标各评估一次。",
            "All of it is computed in whole numbers, rounded down, never in floating point. Each commitment is judged twice: by "
                + "what was promised at first, and by what is in force.",
            "Tout se calcule en nombres entiers, arrondis vers le bas, jamais en virgule flottante. Chaque engagement est évalué "
                + "deux fois : selon la promesse d’origine et selon la version en vigueur."))</p>
        """
    }

    private var rules: HTML {
        func name(_ status: API.StatusCode) -> HTML { StatusSign(status, in: language).html }
        let rules: [HTML] = [
            "\(pick("不在执行中（已提出、已中止、已取消……）：显示该名称", "not in force (proposed, suspended, cancelled …): that name", "pas en vigueur (proposé, suspendu, annulé…) : ce nom"))",
            "\(pick("没有可衡量的内容", "nothing to measure it by", "rien pour le mesurer"))\(language.colon)\(name(.notAssessable))",
            """
            \(pick("按期达到目标", "the target is reached in time", "la cible est atteinte à temps"))\(language.colon)\(name(.achieved)); \
            \(pick("核验等级不足", "not verified as required", "vérification insuffisante"))\(language.colon)\(name(.claimed))
            """,
            "\(pick("期限之后才达到", "reached after the deadline", "atteinte après l’échéance"))\(language.colon)\(name(.achievedLate))",
            """
            \(pick("期限与宽限期已过", "the deadline and the grace are over", "échéance et délai de grâce passés"))\(language.colon)\(name(.missed)); \
            \(pick("宽限期内", "within the grace", "pendant le délai de grâce"))\(language.colon)\(name(.awaitingFinal))
            """,
            "\(pick("没有期限", "no deadline", "pas d’échéance"))\(language.colon)\(name(.inProgress))",
            """
            \(pick("没有里程碑，尚未到期", "no milestone, none due yet", "aucun jalon, aucun dû"))\(language.colon)\(name(.notStarted)); \
            \(pick("已到期", "one was due", "un était dû"))\(language.colon)\(name(.noData))
            """,
            """
            \(pick("没有曲线", "no curve", "pas de courbe"))\(language.colon)\(name(.inProgress)); \
            \(pick("曲线尚未离开基准值", "the curve has not left the baseline", "la courbe n’a pas quitté le départ"))\(language.colon)\(name(.onTrack))
            """,
            """
            <var>ρ</var> ≥ \(threshold("onTrack"))\(language.colon)\(name(.onTrack)); ≥ \(threshold("atRisk"))\(language.colon)\(name(.atRisk)); \
            \(pick("更低", "below", "en dessous"))\(language.colon)\(name(.behind))
            """,
        ]
        let lines = rules.map { "<li>\($0)</li>" as HTML }
        return """
            <h2>\(pick("规则，先符合者先适用", "The rules; the first that fits decides", "Les règles ; la première qui convient décide"))</h2>
            <ol>\(HTML.join(lines, separator: "\n"))</ol>
            <p>\(pick("阈值是网络参数，只能由验证成员表决更改，且不溯及既往：",
                "The thresholds are parameters of the network; only a vote of the validators changes them, never retroactively:",
                "Les seuils sont des paramètres du réseau ; seul un vote des validateurs les change, jamais rétroactivement :"))
            <a href="\(layout.href("/governance"))">\(pick("治理", "Governance", "Gouvernance"))</a></p>
            """
    }

    private var signs: HTML {
        let lines = StatusSign.order.map { "<li>\(StatusSign($0, in: language).html)</li>" as HTML }
        return """
            <h2>\(pick("全部状态", "All statuses", "Tous les états"))</h2>
            <ul class="tallies">\(HTML.join(lines))</ul>
            """
    }

    private var levels: HTML {
        let lines = ["L0", "L1", "L2", "L3"].map { level in
            "<dt>\(level)</dt><dd>\(CommitmentWhy.level(level, in: language))</dd>" as HTML
        }
        return """
            <h2>\(pick("核验等级", "Verification levels", "Niveaux de vérification"))</h2>
            <dl class="facts">\(HTML.join(lines))</dl>
            """
    }

    // MARK: - People

    private var roles: HTML {
        let rows: [(name: String, may: String)] = [
            (
                pick("省份", "Province", "Province"),
                pick(
                    "发布本地区的计划与承诺，上报、更正、撤回里程碑，答复异议与督办",
                    "publishes plans and commitments of its own region, reports, corrects and retracts milestones, answers",
                    "publie les plans et engagements de sa région, déclare, corrige et retire des jalons, répond"
                )
            ),
            (
                pick("监管", "Regulator", "Régulateur"),
                pick(
                    "下达督办，裁定异议；不能编辑任何承诺",
                    "issues directives, resolves disputes; can't edit anybody's commitment",
                    "adresse des directives, tranche les contestations ; ne peut modifier aucun engagement"
                )
            ),
            (
                pick("审计", "Auditor", "Auditeur"),
                pick(
                    "鉴证里程碑，提出异议；绝不鉴证自己的",
                    "attests milestones, opens disputes; never on its own",
                    "atteste des jalons, conteste ; jamais les siens"
                )
            ),
            (
                pick("观察", "Observer", "Observateur"),
                pick(
                    "保有全部账本并核实；可提出异议",
                    "holds all of the ledger and verifies it; may open disputes",
                    "conserve et vérifie tout le registre ; peut contester"
                )
            ),
            (
                pick("公众", "Anybody", "Chacun"),
                pick(
                    "无需登录即可阅读、核实、下载，并可运行镜像节点",
                    "reads, verifies, downloads without a login, and may run a mirror",
                    "lit, vérifie et télécharge sans connexion, et peut tenir un miroir"
                )
            ),
            (
                pick("无人", "Nobody", "Personne"),
                pick(
                    "可以修改或删除已记录的内容",
                    "edits or deletes what was recorded",
                    "ne modifie ni n’efface ce qui est inscrit"
                )
            ),
        ]
        let label = pick("可以做什么", "May do", "Peut faire")
        let lines = rows.map { row in
            "<tr><th scope=\"row\">\(row.name)</th><td data-label=\"\(label)\">\(row.may)</td></tr>" as HTML
        }
        return """
            <h2>\(pick("谁可以做什么", "Who may do what", "Qui peut faire quoi"))</h2>
            <table class="cards"><caption>\(pick("角色与权限", "Roles and what they may do", "Rôles et pouvoirs"))</caption>
            <thead><tr><th scope="col">\(pick("角色", "Role", "Rôle"))</th><th scope="col">\(label)</th></tr></thead>
            <tbody>\(HTML.join(lines, separator: "\n"))</tbody></table>
            """
    }

    private var receipts: HTML {
        let validators = layout.status.validators
        let (needed, total) = (validators.needed, validators.total)
        return """
            <h2>\(pick("证明与收据是什么", "What a proof and a receipt are", "Ce que sont une preuve et un reçu"))</h2>
            <p>\(pick(
                "每笔交易由其成员的密钥签名，连同时间记入区块；\(total) 个验证成员中至少 \(needed) 个签署，区块即为最终。证明文件包含交易、"
                    + "它在日志中的位置和这些签名：任何人都能离线核实它确已记录、由谁签署、至今未变。收据以 COSE 收据的标准格式说明同一件事。",
                "Each transaction is signed by its member's key and stands in a block with its time; a block is final once at least "
                    + "\(needed) of \(total) validators signed it. A proof file holds the transaction, its place in the log and those "
                    + "signatures: anybody can check offline that it was recorded, who signed it, and that it still stands. A receipt "
                    + "says the same in the standard form of COSE receipts.",
                "Chaque transaction est signée par la clé de son membre et figure dans un bloc avec son heure ; un bloc est définitif "
                    + "dès qu’au moins \(needed) validateurs sur \(total) l’ont signé. Un fichier de preuve contient la transaction, sa "
                    + "place dans le journal et ces signatures : chacun peut vérifier hors ligne qu’elle est inscrite, par qui, et "
                    + "qu’elle tient toujours. Un reçu dit la même chose au format standard COSE."))</p>
            """
    }

    private var limits: HTML {
        let limits = [
            pick(
                "节点提供的页面可能说谎：请用另一节点的页面比较，或下载证明离线核实。",
                "A page served by a node can lie: compare another node's page, or check a proof offline.",
                "Une page servie par un nœud peut mentir : comparez avec un autre nœud, ou vérifiez une preuve hors ligne."
            ),
            pick(
                "账本证明谁在何时说了什么，不证明所说属实：为此有证据摘要、联署、审计与异议。",
                "The ledger proves who said what and when, not that it is true: for that there are evidence, co-signatures, auditors "
                    + "and disputes.",
                "Le registre prouve qui a dit quoi et quand, non que c’est vrai : à cela servent preuves, cosignatures, auditeurs et "
                    + "contestations."
            ),
            pick(
                "证据文件本身不在链上，只有其 SHA-256 摘要。",
                "Files of evidence are not in the ledger, only their SHA-256 digests.",
                "Les fichiers de preuve ne sont pas dans le registre, seules leurs empreintes SHA-256 y sont."
            ),
            pick(
                "单位相同而指标不同的目标绝不相加。",
                "Targets of different indicators are never added up, even in one unit.",
                "Les cibles d’indicateurs différents ne s’additionnent jamais, même dans une même unité."
            ),
            pick(
                "若超过容许数目的验证成员串通，他们可以停止账本，或造出两份互相矛盾的账本；后者会留下签名为证。",
                "If more validators than tolerated collude they can stop the ledger, or make two that contradict each other; the "
                    + "latter leaves their signatures as evidence.",
                "Si plus de validateurs que toléré s’entendent, ils peuvent arrêter le registre, ou en faire deux qui se "
                    + "contredisent ; leurs signatures en restent la preuve."
            ),
        ]
        return """
            <h2>\(pick("局限", "Limits", "Limites"))</h2>
            <ul>\(HTML.join(limits.map { "<li>\($0)</li>" as HTML }))</ul>
            """
    }
}
