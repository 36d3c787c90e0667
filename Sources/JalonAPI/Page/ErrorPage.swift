import JalonSchema

/// What a browser gets where there is no page to show: what was wrong, and the way back.
///
/// It needs nothing of the ledger, so that it can be shown when that is what fails.
struct ErrorPage {
    let problem: API.Problem
    let language: Language

    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var html: HTML {
        let hint: HTML? = problem.hint.map { "<p>\($0)</p>" }
        return """
            \(Layout.head(title, language))
            </head>
            <body>
            <header class="top"><div class="wide">
            <p class="ledger"><a href="/?lang=\(language.rawValue)">\(language.ledgerName)</a></p></div></header>
            <main id="main">
            <h1>\(title)</h1>
            <p class="banner alert"><code>\(problem.code)</code> <span lang="en">\(problem.detail)</span></p>
            <div lang="en">\(hint)</div>
            <p class="buttons"><a class="button" href="/?lang=\(language.rawValue)">\
            \(pick("返回总览", "Back to the overview", "Retour à la vue d’ensemble"))</a></p>
            </main>
            </body>
            </html>

            """
    }

    private var title: String {
        switch problem.status {
        case 404: pick("这里什么也没有", "There is nothing here", "Il n’y a rien ici")
        case 400..<500: pick("无法理解这个请求", "This request can’t be answered", "Cette demande est irrecevable")
        default: pick("暂时无法显示", "This can’t be shown now", "Affichage impossible pour l’instant")
        }
    }
}
