import JalonSchema

/// What stands above every page where something is wrong, and below it always.
extension Layout {
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    /// The red ones: no quorum, this node's disk is full, it is behind, the daily block is overdue.
    var alerts: [HTML] {
        [quorumWarning, diskWarning, behindWarning, overdueWarning].compactMap { $0 }
    }

    var warnings: HTML {
        .join(alerts + [diskNote, faultNote, demoBanner, dateBanner].compactMap { $0 })
    }

    private func alert(_ text: String) -> HTML {
        "<p class=\"banner alert\" role=\"alert\"><span aria-hidden=\"true\">✖</span> \(text)</p>"
    }

    private var quorumWarning: HTML? {
        let validators = status.validators
        guard !validators.hasQuorum else { return nil }
        let isOne = validators.connected == 1
        let (english, french) = (
            isOne ? "validator" : "validators", isOne ? "validateur connecté" : "validateurs connectés"
        )
        return alert(
            pick(
                "仅连接 \(validators.connected) 个验证节点，需要 \(validators.needed) 个：目前无法写入，读取不受影响。",
                "Only \(validators.connected) \(english) connected, \(validators.needed) needed: nothing can be "
                    + "written now; reading goes on.",
                "Seulement \(validators.connected) \(french), \(validators.needed) requis : aucune "
                    + "écriture possible pour l’instant ; la lecture continue."
            )
        )
    }

    private var diskWarning: HTML? {
        guard status.diskShortage == .exhausted else { return nil }
        return alert(
            pick(
                "本节点磁盘已满：不再接收新区块和新交易，显示的可能不是最新状态。请看其他节点。",
                "This node's disk is full: it takes no new blocks or transactions, and what it shows may not be the newest "
                    + "state. See another node.",
                "Le disque de ce nœud est plein : il ne reçoit plus ni blocs ni transactions, et l’état affiché n’est "
                    + "peut-être pas le plus récent. Voyez un autre nœud."
            )
        )
    }

    /// Where a validator's vote is missing, and nothing that is shown suffers from it.
    private var diskNote: HTML? {
        guard status.diskShortage == .low, status.isValidator else { return nil }
        let words = pick(
            "本节点磁盘空间不足：暂不投票，显示的内容不受影响。",
            "This node is short of disk space: it casts no votes for now; what it shows does not suffer from it.",
            "Ce nœud manque d’espace disque : il ne vote pas pour l’instant ; ce qu’il affiche n’en souffre pas."
        )
        return "<p class=\"banner note\">\(words)</p>"
    }

    private var behindWarning: HTML? {
        guard status.blocksBehind > 0 else { return nil }
        let count = format.number(status.blocksBehind)
        let blocks = language.plural(
            status.blocksBehind,
            ("signed block", "signed blocks"),
            ("bloc signé", "blocs signés")
        )
        return alert(
            pick(
                "本节点落后 \(count) 个已签名区块：显示的不是最新状态。",
                "This node is \(count) \(blocks) behind: what it shows is not the newest state.",
                "Ce nœud a \(count) \(blocks) de retard : l’état affiché n’est pas le plus récent."
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

    // MARK: - Footer

    var footer: HTML {
        let words = pick(
            "本页由一个节点提供，节点可能说谎：请与其他节点的页面比较，或用 jalon verify 验证。",
            "A node serves this page, and a node can lie: compare another node's page, or run jalon verify.",
            "Cette page est servie par un nœud, et un nœud peut mentir : comparez avec un autre nœud, ou lancez "
                + "jalon verify."
        )
        let member: HTML? = status.member.map { member in
            "\(pick("本节点属于", "This is the node of", "Ce nœud est celui de")) \(members.show(member))\(pick("。", ". ", ". "))"
        }
        let others: HTML? =
            others.isEmpty
            ? nil
            : """
            <p>\(pick("同一账本的其他节点：", "The same ledger at other nodes:", "Le même registre sur d’autres nœuds :")) \
            \(otherNodes)</p>
            """
        return """
            <p>\(member)\(words)</p>
            \(others)
            <p><small>\(pick("区块", "Block", "Bloc")) \(format.number(status.head.height)) · \
            \(moment(status.head.timestamp))<br>\(pick("状态根", "State root", "Racine d’état")) \
            <code class="digest">\(status.head.stateRoot)</code><br>\(pick("链", "Chain", "Chaîne")) \
            <code class="digest">\(status.chain)</code> · jalon \(status.version)</small></p>
            """
    }

    private var otherNodes: HTML {
        .join(
            others.map { "<a href=\"\($0)/?lang=\(language.rawValue)\" rel=\"noreferrer\">\($0)</a>" },
            separator: " "
        )
    }
}
