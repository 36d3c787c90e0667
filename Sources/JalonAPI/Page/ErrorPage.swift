import JalonSchema

/// What a browser gets where there is no page to show: what was wrong, and the way back.
///
/// It needs nothing of the ledger, so that it can be shown when that is what fails.
struct ErrorPage {
    let problem: API.Problem
    let language: Language

    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var html: HTML {
        let words = ProblemWords(problem: problem, language: language)
        let hint: HTML? = problem.hint.map { "<br>\($0)" }
        return """
            \(Layout.head(words.title, language))
            </head>
            <body>
            <header class="top"><div class="wide">
            <p class="ledger"><a href="/?lang=\(language.rawValue)">\(language.ledgerName)</a></p></div></header>
            <main id="main">
            <h1>\(words.title)</h1>
            <p class="lead">\(words.sentence)</p>
            <p class="buttons"><a class="button" href="/?lang=\(language.rawValue)">\
            \(pick("返回总览", "Back to the overview", "Retour à la vue d’ensemble"))</a></p>
            <p class="none"><code>\(problem.code)</code> <span lang="en">\(problem.detail)\(hint)</span></p>
            </main>
            </body>
            </html>

            """
    }
}
