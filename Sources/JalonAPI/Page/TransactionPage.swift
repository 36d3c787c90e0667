import JalonSchema

/// The page at `/transactions/{id}`: who signed what, where it stands, and how to check it.
struct TransactionPage {
    let layout: Layout
    let id: String
    let transaction: API.Transaction

    private var language: Language { layout.language }
    private var format: Format { layout.format }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    var html: HTML {
        let type = transaction.type.map { TransactionWords.type($0, in: language) }
        return layout.document(
            title: "\(type ?? pick("交易", "Transaction", "Transaction")) \(String(id.prefix(12)))",
            path: "/transactions/\(id)",
            content: """
                <div data-part="transaction">
                <p class="crumb">\(pick("交易", "Transaction", "Transaction")) <code class="digest">\(id)</code></p>
                <h1>\(type ?? pick("交易", "Transaction", "Transaction"))</h1>
                \(sentence)
                <p class="verdict">\(state)</p>
                \(problem)
                <dl class="facts">\(facts)</dl>
                \(checks)
                \(content)
                </div>
                """
        )
    }

    private var sentence: HTML? {
        guard let issuer = transaction.issuer, let summary = transaction.summary else { return nil }
        let mark: HTML? = transaction.isFictional ? " <strong class=\"demo\">DEMO DATA</strong>" : nil
        return
            "<p class=\"lead\">\(layout.members.show(issuer)) \(layout.sentence(summary, about: transaction.subject ?? ""))\(mark)</p>"
    }

    private var state: HTML {
        let (shape, tone, words): (String, String, String) =
            switch transaction.state {
            case .final:
                (
                    "✔", "good",
                    pick(
                        "已最终确认，不可更改",
                        "final: nobody can change it any more",
                        "définitive : nul ne peut plus la changer"
                    )
                )
            case .pending:
                (
                    "◷", "warn",
                    pick("已接受，尚未进入区块", "accepted, not yet in a block", "acceptée, pas encore dans un bloc")
                )
            case .rejected: ("✖", "bad", pick("被本节点拒绝", "refused by this node", "refusée par ce nœud"))
            case .expired:
                ("◌", "calm", pick("已过期，未被记录", "expired, never recorded", "expirée, jamais enregistrée"))
            case .unknown:
                ("?", "calm", pick("本节点未见过此交易", "this node has not seen it", "ce nœud ne l’a pas vue"))
            }
        return "<span class=\"status \(tone)\"><span aria-hidden=\"true\">\(shape)</span> \(words)</span>"
    }

    private var isArchived: Bool { transaction.problem?.code == "E_ARCHIVED" }

    private var problem: HTML? {
        // What was archived is said where its proof is.
        guard let problem = transaction.problem, !isArchived else { return nil }
        let hint: HTML? = problem.hint.map { "<br>\($0)" }
        let words: HTML? =
            problem.status == 410 ? "\(ProblemWords(problem: problem, language: language).sentence)<br>" : nil
        return "<p class=\"banner note\">\(words)<code>\(problem.code)</code> \(problem.detail)\(hint)</p>"
    }

    private var facts: HTML {
        var facts: [HTML] = []
        func add(_ name: String, _ value: HTML) { facts.append("<dt>\(name)</dt><dd>\(value)</dd>") }
        if let issuer = transaction.issuer {
            add(pick("签署方", "Signed by", "Signé par"), layout.members.show(issuer))
        }
        if let key = transaction.keyID {
            add(pick("签署密钥", "Signing key", "Clé de signature"), "<code class=\"digest\">\(key)</code>")
        }
        if let subject = transaction.subject {
            add(pick("事项", "About", "Objet"), TransactionBodyView(layout: layout).reference(subject))
        }
        if let height = transaction.height {
            let position = (transaction.position ?? 0) + 1
            let place = pick("第 \(position) 笔", "no. \(position) in it", "n° \(position)")
            add(pick("区块", "Block", "Bloc"), "\(layout.blockLink(height)) · \(place)")
        }
        if let timestamp = transaction.timestamp {
            add(
                pick("区块时间", "Time of the block", "Heure du bloc"),
                "\(layout.moment(timestamp)) (\(layout.time(timestamp)))"
            )
        }
        if let index = transaction.logIndex {
            add(pick("日志位置", "Place in the log", "Place dans le journal"), "\(format.number(index))")
        }
        if let leaf = transaction.leaf {
            add(
                pick("日志中的哈希", "Hash in the log", "Empreinte dans le journal"),
                "<code class=\"digest\">\(leaf)</code>"
            )
        }
        if let bytes = transaction.byteCount {
            add(pick("大小", "Size", "Taille"), "\(format.number(bytes)) \(pick("字节", "bytes", "octets"))")
        }
        return .join(facts)
    }

    private var checks: HTML? {
        guard transaction.state == .final else { return nil }
        guard !isArchived else { return archived }
        let base = "/v1/transactions/\(id)"
        let name = String(id.prefix(12))
        return """
            <h2>\(pick("核实与下载", "Verify and download", "Vérifier et télécharger"))</h2>
            <p>\(pick(
                "证明文件包含交易、区块头、共识签名与状态证明，可离线核实；收据是多数验证节点签署的标准格式凭据。",
                "The proof file holds the transaction, the block's header, the quorum's signatures and the proof of state: it "
                    + "can be checked offline. The receipt is the same in the standard form of COSE receipts.",
                "Le fichier de preuve contient la transaction, l’en-tête du bloc, les signatures du quorum et la preuve d’état : "
                    + "il se vérifie hors ligne. Le reçu dit la même chose au format standard COSE."))</p>
            <p class="buttons">\(layout.verifyLink(id)) \
            <a class="button" href="\(base)/proof" download="\(name).proof">\
            \(pick("下载证明", "Download proof", "Télécharger la preuve"))</a> \
            <a class="button" href="\(base)/receipt" download="\(name).receipt">\
            \(pick("下载收据", "Download receipt", "Télécharger le reçu"))</a> \
            <a class="button" href="\(base)/bytes" download="\(name).cose">\
            \(pick("签名原文", "Signed bytes", "Octets signés"))</a> \
            <a class="button" href="\(base)">JSON</a></p>
            """
    }

    /// How one that this node keeps no more than the hash of is proven all the same.
    private var archived: HTML {
        let name = String(id.prefix(12))
        let file = pick("文件", "FILE", "FICHIER")
        let node = pick("本节点", "NODE", "NŒUD")
        return """
            <h2>\(pick("已归档：证明仍在", "Archived: the proof still exists", "Archivée : la preuve existe toujours"))</h2>
            <p>\(pick(
                "本节点已将这笔交易的正文归档，只保留它在日志中的哈希，以及证明它所需的一切。提交原文者可在此取得完整的证明与收据：签名原文、"
                    + "此前下载的收据或证明文件、或归档文件均可。其他节点可能仍保存正文。",
                "This node archived the text of this transaction: it keeps its hash in the log, and all that proves it. Whoever "
                    + "brings the text gets the whole proof and receipt here: the signed bytes, a receipt or proof file fetched "
                    + "before, or the archive’s file. Another node may hold the text still.",
                "Ce nœud a archivé le texte de cette transaction : il garde son empreinte dans le journal et tout ce qui la prouve. "
                    + "Qui apporte le texte obtient ici la preuve et le reçu complets : les octets signés, un reçu ou un fichier de "
                    + "preuve déjà téléchargé, ou le fichier d’archive. Un autre nœud garde peut-être encore le texte."))</p>
            <pre tabindex="0"><code>jalon proof get --tx \(id) --statement \(file)
            jalon proof get --tx \(id) --archive \(file)
            curl --data-binary @\(name).cose -H 'Content-Type: application/cose' -o \(name).proof \(node)/v1/transactions/\(id)/proof</code></pre>
            <p class="buttons"><a class="button" href="/v1/transactions/\(id)">JSON</a></p>
            """
    }

    private var content: HTML? {
        guard let body = transaction.body else { return nil }
        return """
            <h2>\(pick("签署的内容", "What was signed", "Ce qui a été signé"))</h2>
            \(TransactionBodyView(layout: layout).html(body))
            """
    }
}
