import JalonSchema

/// The page at `/members`: the organisations of the network, what they may do, and their keys.
struct MembersPage {
    let layout: Layout
    let list: API.MemberList

    private var language: Language { layout.language }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var html: HTML {
        let names = MemberNames(list, language: language)
        let rows = list.members.map { member in
            """
            <tr><th scope="row">\(names.show(member.id))\(region(member))</th>\
            <td data-label="\(pick("角色", "Roles", "Rôles"))">\(MembersPage.roles(member, in: language))</td>\
            <td data-label="\(pick("状态", "Standing", "Situation"))">\(MembersPage.standing(member, in: language))</td>\
            <td data-label="\(pick("密钥", "Keys", "Clés"))">\(keys(member))</td></tr>
            """ as HTML
        }
        return layout.document(
            title: pick("成员与密钥", "Members and keys", "Membres et clés"),
            path: "/members",
            content: """
                <h1>\(pick("成员与密钥", "Members and keys", "Membres et clés"))</h1>
                <table class="cards" data-part="members"><caption>\(pick(
                    "成员、权限与密钥", "Who they are, what they may do, with which keys",
                    "Qui ils sont, ce qu’ils peuvent, avec quelles clés"))</caption>
                <thead><tr><th scope="col">\(pick("成员", "Member", "Membre"))</th>\
                <th scope="col">\(pick("角色", "Roles", "Rôles"))</th>\
                <th scope="col">\(pick("状态", "Standing", "Situation"))</th>\
                <th scope="col">\(pick("密钥", "Keys", "Clés"))</th></tr></thead>
                <tbody>
                \(HTML.join(rows, separator: "\n"))
                </tbody></table>
                """
        )
    }

    private func region(_ member: API.Member) -> HTML? {
        member.region.map { region in
            """
             <small><a href="\(layout.href("/regions/\(region.code)"))">\
            \(pick("地区页面", "its region", "sa région"))</a></small>
            """
        }
    }

    /// What it may do, in words.
    static func roles(_ member: API.Member, in language: Language) -> String {
        func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }
        var roles = member.roles.map { TransactionWords.value($0, of: "roles", in: language) }
        if member.isValidator { roles.append(pick("验证", "validator", "validateur")) }
        return roles.joined(separator: pick("、", ", ", ", "))
    }

    /// Whether it is one still, and connected.
    static func standing(_ member: API.Member, in language: Language) -> String {
        func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }
        if member.isRemoved { return pick("✖ 已移除", "✖ removed", "✖ retiré") }
        if member.isSuspended { return pick("■ 已中止", "■ suspended", "■ suspendu") }
        switch member.isConnected {
        case true?: return pick("● 已连接", "● connected", "● connecté")
        case false?: return pick("○ 未连接", "○ not connected", "○ non connecté")
        case nil: return pick("在册", "member", "membre")
        }
    }

    private func keys(_ member: API.Member) -> HTML {
        let lines = member.keys.map { key in
            let kind =
                switch key.kind {
                case "authority": pick("签署", "authority", "autorité")
                case "delegate": pick("委托", "delegate", "délégation")
                case "recovery": pick("恢复", "recovery", "secours")
                case "validator": pick("验证", "validator", "validation")
                case "node": pick("节点", "node", "nœud")
                default: key.kind
                }
            let line: HTML = "\(kind) <code class=\"digest\">\(key.id)</code>"
            let state: HTML = key.isActive ? line : "<s>\(line)</s> \(pick("已停用", "retired", "hors service"))"
            return "<li>\(state)</li>" as HTML
        }
        let word = language.plural(lines.count, ("key", "keys"), ("clé", "clés"))
        let summary = pick(
            "\(lines.count) 个密钥",
            "\(lines.count) \(word)",
            "\(lines.count) \(word)"
        )
        return """
            <details id="keys-\(member.id)"><summary>\(summary)</summary><ul>\(HTML.join(lines))</ul></details>
            """
    }
}
