import JalonCrypto
import JalonModel

/// What the verifier fills in: the steps, all of them not checked, and what the reader brings along.
///
/// It is the same on the page and in the file for use without a node. Before the script has run a step it stands there
/// as not checked, so that nothing is ever a silent yes.
struct VerifyFrame {
    let language: Language
    /// What is to be verified; `nil` where the reader picks a proof file.
    let transaction: TransactionID?
    /// Whether the reader brings everything and no node is asked.
    let isOffline: Bool

    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    /// The part of the document below its heading.
    var html: HTML {
        let asked: HTML? = transaction.map { " data-transaction=\"\($0.hex)\"" }
        let offline: HTML? = isOffline ? " data-offline" : nil
        return """
            <section id="verify" data-still data-state="idle"\(asked)\(offline)>
            <p data-slot="summary" class="banner note" role="status">\(notChecked)</p>
            <noscript><p class="banner note">\(withoutScript)</p></noscript>
            <ol class="steps">
            \(HTML.join(steps.map(entry), separator: "\n"))
            \(consistency)
            </ol>
            \(signed)
            <div data-slot="controls" class="choose" hidden>
            \(controls)
            </div>
            </section>
            """
    }

    private var notChecked: String { pick("未核验", "not checked", "non vérifié") }

    private var withoutScript: String {
        pick(
            "核验在您的浏览器中进行，需要 JavaScript。没有它，请运行 jalon proof check。",
            "Your browser itself does the checking, which needs JavaScript. Without it, run jalon proof check.",
            "C’est votre navigateur qui vérifie, il lui faut JavaScript. Sans lui, lancez jalon proof check."
        )
    }

    // MARK: - Steps

    private var steps: [(name: String, title: String)] {
        [
            ("document", pick("文件的散列", "The file's hash", "Le hachage du document")),
            (
                "signature",
                pick("签署者的密钥签了名", "The signer's key signed it", "La clé du signataire l’a signée")
            ),
            ("inclusion", pick("它在区块中", "It is in the block", "Elle est dans le bloc")),
            (
                "seal",
                pick("足够多的节点签封了它", "Enough nodes sealed it", "Assez de nœuds l’ont scellé")
            ),
            (
                "genesis",
                pick("从创世起未曾中断", "Unbroken from the genesis", "Ininterrompu depuis la genèse")
            ),
            ("state", pick("仍是现值", "Still the current value", "Toujours la valeur actuelle")),
        ]
    }

    /// Only a file that compares two blocks has this step.
    private var consistency: HTML {
        entry(
            ("consistency", pick("日志只增不减", "The log only grew", "Le journal n’a fait que croître")),
            isHidden: true
        )
    }

    private func entry(_ step: (name: String, title: String)) -> HTML { entry(step, isHidden: false) }

    private func entry(_ step: (name: String, title: String), isHidden: Bool) -> HTML {
        let hidden: HTML? = isHidden ? " hidden" : nil
        return """
            <li data-step="\(step.name)" data-verdict="unchecked"\(hidden)><span data-slot="mark" aria-hidden="true">○</span> \
            <span data-slot="name">\(step.title)</span>: <span data-slot="verdict">\(notChecked)</span> \
            <p data-slot="why"></p></li>
            """
    }

    private var signed: HTML {
        """
        <div data-slot="signed" hidden><h2>\(pick("所签署的内容", "What was signed", "Ce qui a été signé"))</h2>
        <dl data-slot="fields" class="fields"></dl></div>
        """
    }

    // MARK: - What the reader brings along

    private var controls: HTML {
        """
        <h2>\(pick("您自己的依据", "What you bring along", "Ce que vous apportez"))</h2>
        \(document)
        \(chain)
        <p><button type="button" data-slot="pin" hidden>\
        \(pick("固定这个网络", "Pin this network", "Épingler ce réseau"))</button> \
        <button type="button" data-slot="forget" hidden>\
        \(pick("取消固定", "Forget the pin", "Oublier l’épingle"))</button> <span data-slot="pinned"></span></p>
        \(file("genesis", pick("创世文件", "Genesis file", "Fichier de genèse"), isOffline ? genesisOffline : genesisOnline))
        \(file("proof", pick("证明文件", "Proof file", "Fichier de preuve"), isOffline ? proofOffline : proofOnline))
        <p><button type="button" data-slot="check">\(pick("重新核验", "Check again", "Vérifier à nouveau"))</button></p>
        """
    }

    private var document: HTML {
        file(
            "document",
            pick("文件（证据）", "Document (evidence)", "Document (preuve)"),
            pick(
                "与签署时的散列比对；不会上传。",
                "Its hash is compared with the one that was signed; it is not uploaded.",
                "Son hachage est comparé à celui qui a été signé ; il n’est pas envoyé."
            )
        )
    }

    private var chain: HTML {
        """
        <label for="verify-chain">\(pick("网络编号", "The network's id", "L’identifiant du réseau"))</label>
        <input id="verify-chain" type="text" data-slot="chain" spellcheck="false" autocomplete="off" maxlength="64" \
        aria-describedby="verify-chain-note">
        <p id="verify-chain-note"><small>\(pick(
            "您从别处得知的 64 个十六进制数字，例如公报或另一个机构的网站。",
            "The 64 hexadecimal digits that you know from elsewhere: a gazette, another institution's site.",
            "Les 64 chiffres hexadécimaux que vous tenez d’ailleurs : un journal officiel, le site d’une autre institution."
        ))</small></p>
        """
    }

    private var genesisOnline: String {
        pick(
            "不选择时，用这个节点的创世文件，并与上面的编号比对。",
            "Without one, this node's genesis is taken and compared with the id above.",
            "Sans fichier, la genèse de ce nœud est prise et comparée à l’identifiant ci-dessus."
        )
    }

    private var genesisOffline: String {
        pick(
            "任一节点的 /v1/genesis。请与上面的编号比对。",
            "/v1/genesis of any node. Compare it with the id above.",
            "/v1/genesis d’un nœud quelconque. Comparez avec l’identifiant ci-dessus."
        )
    }

    private var proofOnline: String {
        pick(
            "不选择时，核验这个节点给出的证明。",
            "Without one, the proof that this node gives is checked.",
            "Sans fichier, la preuve que donne ce nœud est vérifiée."
        )
    }

    private var proofOffline: String {
        pick(
            "任一节点的 /v1/transactions/…/proof，或 jalon proof get 得到的文件。",
            "/v1/transactions/…/proof of any node, or what jalon proof get wrote.",
            "/v1/transactions/…/proof d’un nœud quelconque, ou ce qu’a écrit jalon proof get."
        )
    }

    private func file(_ name: String, _ label: String, _ note: String) -> HTML {
        """
        <label for="verify-\(name)">\(label)</label>
        <input id="verify-\(name)" type="file" data-slot="\(name)" aria-describedby="verify-\(name)-note">
        <p id="verify-\(name)-note"><small>\(note)</small></p>
        """
    }
}
