import JalonSchema

/// What a commitment's page shows of its life and of what others say: co-signatures, attestations, disputes.
struct CommitmentVoices {
    let layout: Layout
    let commitment: API.Commitment
    let milestones: [API.Milestone]
    /// Whether there are milestones that are not among these.
    var isPart = false

    var language: Language { layout.language }
    var format: Format { layout.format }
    func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    // MARK: - Life

    /// Where it is in its life, since when, by whom and why.
    var life: HTML {
        var words: HTML = "\(CommitmentVoices.lifeName(commitment.life, in: language))"
        if let successor = commitment.successor {
            words =
                "\(words) → \(layout.commitmentLink(successor))"
        }
        if let change = commitment.lifeChange {
            let reason: HTML? = change.text.map { "\(language.colon)\(language.marked($0))" }
            words =
                "\(words) · \(layout.members.show(change.issuer)) · \(layout.time(change.timestamp))\(reason)"
        }
        return "<dt>\(pick("生命周期", "Life", "Vie"))</dt><dd>\(words)</dd>"
    }

    /// Who has co-signed a joint proposal, and who is missing.
    var joint: HTML? {
        guard let joint = commitment.jointSignatures else { return nil }
        return """
            <dt>\(pick("联署", "Co-signatures", "Cosignatures"))</dt>\
            <dd>\(CommitmentVoices.signatures(joint, in: layout))</dd>
            """
    }

    static func lifeName(_ life: String, in language: Language) -> String {
        switch life {
        case "proposed": language.pick("已提出", "proposed", "proposé")
        case "returned": language.pick("已退回", "returned", "renvoyé")
        case "active": language.pick("有效", "active", "en vigueur")
        case "withdrawn": language.pick("已撤回", "withdrawn", "retiré")
        case "suspended": language.pick("已中止", "suspended", "suspendu")
        case "cancelled": language.pick("已取消", "cancelled", "annulé")
        case "superseded": language.pick("已被取代", "superseded", "remplacé")
        case "closed": language.pick("已办结", "closed", "clos")
        default: life
        }
    }

    private static func signatures(_ signatures: API.Cosignatures, in layout: Layout) -> HTML {
        let count: HTML = "\(signatures.signed.count)/\(signatures.required)"
        let signed: HTML? =
            signatures.signed.isEmpty ? nil : " \(layout.members.show(signatures.signed))"
        guard !signatures.isComplete else { return "\(count)\(signed)" }
        let missing = layout.members.show(signatures.missing)
        return
            "\(count)\(signed) · \(layout.language.pick("待联署", "missing", "il manque"))\(layout.language.colon)\(missing)"
    }

    // MARK: - A milestone

    /// What others say of a milestone: who is missing to co-sign it, and every verdict.
    static func about(_ milestone: API.Milestone, in layout: Layout) -> HTML {
        let language = layout.language
        var notes: [HTML] = []
        if let signatures = milestone.cosignatures, signatures.required > 0 || !signatures.signed.isEmpty {
            let words =
                milestone.isPending
                ? language.pick("尚待联署，暂不计入", "waits for co-signatures", "attend des cosignatures")
                : language.pick("联署", "co-signed", "cosigné")
            notes.append("\(words)\(language.colon)\(CommitmentVoices.signatures(signatures, in: layout))")
        }
        notes += milestone.attestations.map { attestation in
            let verdict = CommitmentVoices.verdict(attestation.verdict, in: language)
            let reason = layout.words(
                attestation.reason,
                isAbsent: attestation.isAbsent,
                at: attestation.height
            )
            let line: HTML =
                "\(layout.members.show(attestation.auditor))\(language.colon)\(verdict), \(reason)"
            guard let revoked = attestation.revoked else { return line }
            let words = language.pick("已撤销", "revoked", "révoqué")
            let why: HTML? = revoked.text.map { "\(language.colon)\(language.marked($0))" }
            return "<s>\(line)</s> (\(words)\(why))"
        }
        guard !notes.isEmpty else { return .empty }
        return "<ul>\(HTML.join(notes.map { "<li><small>\($0)</small></li>" as HTML }))</ul>"
    }

    static func verdict(_ verdict: String, in language: Language) -> String {
        TransactionWords.value(verdict, of: "verdict", in: language)
    }

    // MARK: - Disputes

    var disputes: HTML? {
        guard !commitment.disputes.isEmpty else { return nil }
        let rows = commitment.disputes.map { dispute in
            let answer: HTML? = dispute.answer.map {
                "<br>\(pick("答复", "answer", "réponse"))\(language.colon)\(step($0))"
            }
            let resolution: HTML? = dispute.resolution.map {
                "<br>\(pick("裁定", "resolution", "décision"))\(language.colon)\(step($0))"
            }
            let milestone: HTML? = dispute.milestone.map {
                " · \(pick("里程碑", "milestone", "jalon")) \(layout.transactionLink($0))"
            }
            return """
                <li><strong>\(CommitmentVoices.state(dispute.state, in: language))</strong> · \
                \(CommitmentVoices.ground(dispute.ground, in: language))\(milestone)<br>\
                \(layout.members.show(dispute.opener)) · \(layout.time(dispute.timestamp)): \
                \(layout.words(dispute.text, isAbsent: dispute.isAbsent, at: dispute.height))\
                \(answer)\(resolution)</li>
                """ as HTML
        }
        return """
            <h2>\(pick("异议", "Disputes", "Contestations"))</h2>
            <ul>\(HTML.join(rows, separator: "\n"))</ul>
            """
    }

    private func step(_ step: API.SignedStep) -> HTML {
        let words: HTML? = step.text.map {
            "\(language.colon)\(layout.words($0, isAbsent: step.isAbsent, at: step.height))"
        }
        return "\(layout.members.show(step.issuer)) · \(layout.time(step.timestamp))\(words)"
    }

    static func state(_ state: API.DisputeState, in language: Language) -> String {
        switch state {
        case .open: language.pick("未答复", "open", "ouverte")
        case .answered: language.pick("已答复", "answered", "répondue")
        case .upheld: language.pick("成立", "upheld", "fondée")
        case .rejected: language.pick("不成立", "rejected", "rejetée")
        case .withdrawn: language.pick("撤回", "withdrawn", "retirée")
        }
    }

    private static func ground(_ ground: String, in language: Language) -> String {
        TransactionWords.value(ground, of: "ground", in: language)
    }
}
