import JalonCrypto
import JalonModel

/// The page at `/verify`: the reader's own browser checks a transaction, step by step.
struct VerifyPage {
    let layout: Layout
    /// What is to be verified; `nil` where the reader picks a proof file.
    let transaction: TransactionID?

    private var language: Language { layout.language }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var html: HTML {
        let title = pick("在浏览器中核验", "Verify in your browser", "Vérifier dans votre navigateur")
        return layout.document(
            title: title,
            path: "/verify",
            content: """
                <h1>\(title)</h1>
                \(subject)
                <p>\(caution)</p>
                <link rel="stylesheet" href="/static/verify.css">
                \(VerifyFrame(language: language, transaction: transaction, isOffline: false).html)
                \(downloads)
                <script src="/static/verify.js" defer></script>
                """
        )
    }

    private var subject: HTML? {
        transaction.map { id in
            """
            <p>\(pick("交易", "Transaction", "Transaction")) <a href="\(layout.href("/transactions/\(id.hex)"))">\
            <code class="digest">\(id.hex)</code></a></p>
            """
        }
    }

    private var caution: String {
        pick(
            "以下各步由您的浏览器自己计算。但本页也由一个节点提供，而节点可能说谎：请再用另一个节点的页面，或从您信任的地方取得的离线核验文件。",
            "Your browser itself computes these steps. But a node serves this page too, and a node can lie: use another node's "
                + "page as well, or the offline verifier from a source that you trust.",
            "Votre navigateur calcule lui-même ces étapes. Mais cette page vient aussi d’un nœud, et un nœud peut mentir : "
                + "utilisez aussi la page d’un autre nœud, ou le vérificateur hors ligne obtenu d’une source sûre."
        )
    }

    private var downloads: HTML {
        let proof: HTML? = transaction.map { id in
            """
            <li><a href="/v1/transactions/\(id.hex)/proof" download="\(String(id.hex.prefix(12))).proof">\
            \(pick("证明文件", "Proof file", "Fichier de preuve"))</a></li>
            """
        }
        return """
            <h2>\(pick("下载", "Downloads", "Téléchargements"))</h2>
            <ul>\(proof)<li><a href="/v1/genesis" download="genesis.cbor">\
            \(pick("创世文件", "Genesis file", "Fichier de genèse"))</a></li>
            <li><a href="/static/verify.html?lang=\(language.rawValue)" download="jalon-verify.html">\
            \(pick("离线核验文件（HTML）", "Offline verifier (HTML)", "Vérificateur hors ligne (HTML)"))</a>\(language.colon)\(pick(
                "一个文件，不联网也能用。", "one file, works without a network.", "un seul fichier, fonctionne sans réseau."
            ))</li></ul>
            """
    }
}
