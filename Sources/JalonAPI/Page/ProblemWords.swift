import JalonSchema

/// What a reader is told in their own language where there is no page to show; the code and the program's own words stand
/// below it.
struct ProblemWords {
    let problem: API.Problem
    let language: Language

    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var title: String {
        switch problem.status {
        case 404: pick("这里什么也没有", "There is nothing here", "Il n’y a rien ici")
        case 410: pick("本节点不保存这一部分", "This node does not hold that", "Ce nœud ne garde pas cela")
        case 429: pick("请稍候", "One moment, please", "Un instant, s’il vous plaît")
        case 400..<500: pick("无法理解这个请求", "This request can’t be answered", "Cette demande est irrecevable")
        default: pick("暂时无法显示", "This can’t be shown now", "Affichage impossible pour l’instant")
        }
    }

    /// What was wrong and what to do, by the code; by the kind of answer where the code is not one that a reader meets.
    var sentence: String {
        switch problem.code {
        case "E_UNKNOWN_COMMITMENT":
            pick(
                "账本中没有这个编号的承诺。请检查编号，或在总览中搜索。",
                "The ledger has no commitment with this id. Check the id, or search for it in the overview.",
                "Le registre n’a aucun engagement de cet identifiant. Vérifiez-le, ou cherchez-le dans la vue d’ensemble."
            )
        case "E_UNKNOWN_BLOCK":
            pick(
                "本节点没有这个区块：可能尚未产生，也可能不在这条链上。",
                "This node has no such block: it does not exist yet, or it is of another chain.",
                "Ce nœud n’a pas ce bloc : il n’existe pas encore, ou il est d’une autre chaîne."
            )
        case "E_UNKNOWN_MEMBER":
            pick("没有这个成员。", "There is no such member.", "Ce membre n’existe pas.")
        case "E_UNKNOWN_TRANSACTION":
            pick("本节点没有这笔交易。", "This node has no such transaction.", "Ce nœud n’a pas cette transaction.")
        case "E_BEFORE_FIRST_BLOCK":
            pick(
                "它在本节点保存的第一个区块之前。请看其他节点的同一页面。",
                "It lies before the first block that this node holds. See the same page at another node.",
                "Cela précède le premier bloc que ce nœud garde. Voyez la même page sur un autre nœud."
            )
        case "E_QUERY", "E_MALFORMED", "E_TARGET", "E_TARGET_TOO_LONG":
            pick(
                "地址或筛选条件的写法不正确。请从总览重新选择。",
                "The address or a filter in it is not of the right form. Choose again from the overview.",
                "L’adresse, ou un filtre qu’elle contient, n’a pas la bonne forme. Choisissez de nouveau dans la vue d’ensemble."
            )
        case "E_HEIGHT", "E_PAST_HEIGHT":
            pick(
                "这个高度的状态无法显示。",
                "The state at this height can’t be shown.",
                "L’état à cette hauteur ne peut pas être affiché."
            )
        case "E_RATE_LIMITED", "E_BUSY", "E_OVERLOADED", "E_TIMEOUT":
            pick(
                "本节点现在很忙。请稍后再试，或打开其他节点的页面。",
                "This node is busy now. Try again in a moment, or open the page at another node.",
                "Ce nœud est occupé. Réessayez dans un instant, ou ouvrez la page sur un autre nœud."
            )
        case "E_STOPPING":
            pick(
                "本节点正在停止。请打开其他节点的页面。",
                "This node is stopping. Open the page at another node.",
                "Ce nœud s’arrête. Ouvrez la page sur un autre nœud."
            )
        default: byStatus
        }
    }

    private var byStatus: String {
        switch problem.status {
        case 404:
            pick(
                "这个地址没有页面。",
                "There is no page at this address.",
                "Il n’y a pas de page à cette adresse."
            )
        case 400..<500:
            pick(
                "这个请求无法回答。请从总览重新选择。",
                "This can’t be answered. Choose again from the overview.",
                "Impossible d’y répondre. Choisissez de nouveau dans la vue d’ensemble."
            )
        default:
            pick(
                "本节点现在无法回答。请稍后再试，或打开其他节点的页面。",
                "This node can’t answer now. Try again in a moment, or open the page at another node.",
                "Ce nœud ne peut pas répondre. Réessayez dans un instant, ou ouvrez la page sur un autre nœud."
            )
        }
    }
}
