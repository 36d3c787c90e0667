import JalonSchema

/// What a commitment's page shows of its life and of what others say: co-signatures, attestations, disputes.
struct CommitmentVoices {
    let layout: Layout
    let commitment: API.Commitment
    let milestones: [API.Milestone]

    private var language: Language { layout.language }
    private var format: Format { layout.format }
    private func pick(_ zh: String, _ en: String, _ fr: String) -> String { language.pick(zh, en, fr) }

    // MARK: - Life

    /// Where it is in its life, since when, by whom and why.
    var life: HTML {
        var words: HTML = "\(CommitmentVoices.lifeName(commitment.life, in: language))"
        if let successor = commitment.successor {
            words =
                "\(words) → \(layout.commitmentLink(successor))"
        }
        if let change = commitment.lifeChange {
            let reason: HTML? = change.text.map { ": \($0)" }
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
        return "\(count)\(signed) · \(layout.language.pick("待联署", "missing", "il manque")): \(missing)"
    }

    // MARK: - A milestone

    /// What others say of a milestone: who is missing to co-sign it, and every verdict.
    static func about(_ milestone: API.Milestone, in layout: Layout) -> HTML {
        let language = layout.language
        var notes: [HTML] = []
        if let signatures = milestone.cosignatures {
            let words =
                milestone.isPending
                ? language.pick("尚待联署，暂不计入", "waits for co-signatures", "attend des cosignatures")
                : language.pick("联署", "co-signed", "cosigné")
            notes.append("\(words): \(CommitmentVoices.signatures(signatures, in: layout))")
        }
        notes += milestone.attestations.map { attestation in
            let verdict = CommitmentVoices.verdict(attestation.verdict, in: language)
            let line: HTML = "\(layout.members.show(attestation.auditor)): \(verdict), \(attestation.reason)"
            guard let revoked = attestation.revoked else { return line }
            let words = language.pick("已撤销", "revoked", "révoqué")
            let reason: HTML? = revoked.text.map { ": \($0)" }
            return "<s>\(line)</s> (\(words)\(reason))"
        }
        guard !notes.isEmpty else { return .empty }
        return "<ul>\(HTML.join(notes.map { "<li><small>\($0)</small></li>" as HTML }))</ul>"
    }

    static func verdict(_ verdict: String, in language: Language) -> String {
        switch verdict {
        case "confirmed": language.pick("属实", "confirmed", "confirmé")
        case "reserved": language.pick("有保留", "reserved", "avec réserves")
        case "refuted": language.pick("不实", "refuted", "réfuté")
        case "unable": language.pick("无法鉴证", "unable to say", "impossible à vérifier")
        default: verdict
        }
    }

    // MARK: - Disputes

    var disputes: HTML? {
        guard !commitment.disputes.isEmpty else { return nil }
        let rows = commitment.disputes.map { dispute in
            let answer: HTML? = dispute.answer.map {
                "<br>\(pick("答复", "answer", "réponse")): \(step($0))"
            }
            let resolution: HTML? = dispute.resolution.map {
                "<br>\(pick("裁定", "resolution", "décision")): \(step($0))"
            }
            let milestone: HTML? = dispute.milestone.map {
                " · \(pick("里程碑", "milestone", "jalon")) \(layout.transactionLink($0))"
            }
            return """
                <li><strong>\(CommitmentVoices.state(dispute.state, in: language))</strong> · \
                \(CommitmentVoices.ground(dispute.ground, in: language))\(milestone)<br>\
                \(layout.members.show(dispute.opener)) · \(layout.time(dispute.timestamp)): \(dispute.text)\
                \(answer)\(resolution)</li>
                """ as HTML
        }
        return """
            <h2>\(pick("异议", "Disputes", "Contestations"))</h2>
            <ul>\(HTML.join(rows, separator: "\n"))</ul>
            """
    }

    private func step(_ step: API.SignedStep) -> HTML {
        let words: HTML? = step.text.map { ": \($0)" }
        return "\(layout.members.show(step.issuer)) · \(layout.time(step.timestamp))\(words)"
    }

    private static func state(_ state: API.DisputeState, in language: Language) -> String {
        switch state {
        case .open: language.pick("未答复", "open", "ouverte")
        case .answered: language.pick("已答复", "answered", "répondue")
        case .upheld: language.pick("成立", "upheld", "fondée")
        case .rejected: language.pick("不成立", "rejected", "rejetée")
        case .withdrawn: language.pick("撤回", "withdrawn", "retirée")
        }
    }

    private static func ground(_ ground: String, in language: Language) -> String {
        switch ground {
        case "wrongRegion": language.pick("地区有误", "wrong region", "mauvaise région")
        case "wrongValue": language.pick("数值有误", "wrong value", "valeur erronée")
        case "wrongSource": language.pick("来源有误", "wrong source", "source erronée")
        case "duplicate": language.pick("重复", "duplicate", "doublon")
        case "other": language.pick("其他", "other", "autre")
        default: ground
        }
    }

    // MARK: - Timeline

    private struct Event {
        let height: UInt64
        let timestamp: UInt64
        let issuer: String
        let words: HTML
        let transaction: String
    }

    /// Everything that was signed about it, newest first.
    var timeline: HTML? {
        let events = (promised + reported + disputed).sorted { $0.height > $1.height }
        guard !events.isEmpty else { return nil }
        let rows = events.map { event in
            """
            <li><p class="when">\(pick("区块", "block", "bloc")) \(layout.blockLink(event.height)) · \
            \(layout.time(event.timestamp))</p>\(layout.members.show(event.issuer)) \(event.words) · \
            \(layout.transactionLink(event.transaction))</li>
            """ as HTML
        }
        return """
            <h2>\(pick("时间线", "Timeline", "Chronologie"))</h2>
            <ol class="feed" reversed>\(HTML.join(rows, separator: "\n"))</ol>
            """
    }

    /// The proposal, its amendments, and every step in its life.
    private var promised: [Event] {
        guard commitment.lifeSteps.isEmpty else { return lived + amended }
        var events = commitment.versions.map { version in
            let words =
                version.number == 1
                ? pick("提出承诺", "proposed it", "l’a proposé")
                : pick(
                    "修订为第 \(version.number) 版",
                    "amended it to version \(version.number)",
                    "l’a modifié (version \(version.number))"
                )
            return Event(
                height: version.height,
                timestamp: version.timestamp,
                issuer: version.issuer,
                words: "\(words)",
                transaction: version.transaction
            )
        }
        if let change = commitment.lifeChange {
            let name = CommitmentVoices.lifeName(commitment.life, in: language)
            events.append(event(change, "→ \(name)"))
        }
        return events
    }

    /// The amendments, each with the number of its version.
    private var amended: [Event] {
        commitment.versions.filter { $0.number > 1 }.map { version in
            let words = pick(
                "修订为第 \(version.number) 版",
                "amended it to version \(version.number)",
                "l’a modifié (version \(version.number))"
            )
            let reason: HTML? = version.reason.map { ": \($0)" }
            return Event(
                height: version.height,
                timestamp: version.timestamp,
                issuer: version.issuer,
                words: "\(words)\(reason)",
                transaction: version.transaction
            )
        }
    }

    /// The steps that make no version.
    private var lived: [Event] {
        commitment.lifeSteps.filter { $0.type != "commitment.amend" }.map { step in
            let reason: HTML? = step.reason.map { ": \($0)" }
            return Event(
                height: step.height,
                timestamp: step.timestamp,
                issuer: step.issuer,
                words: "\(stepName(step.type))\(reason)",
                transaction: step.transaction
            )
        }
    }

    private func stepName(_ type: String) -> String {
        switch type {
        case "commitment.propose": pick("提出承诺", "proposed it", "l’a proposé")
        case "cosign": pick("联署", "co-signed it", "l’a cosigné")
        case "commitment.activate": pick("批准生效", "activated it", "l’a mis en vigueur")
        case "commitment.return": pick("退回", "returned it", "l’a renvoyé")
        case "commitment.withdraw": pick("撤回", "withdrew it", "l’a retiré")
        case "commitment.cancel": pick("取消", "cancelled it", "l’a annulé")
        case "commitment.supersede": pick("以新承诺取代", "superseded it", "l’a remplacé")
        case "commitment.suspend": pick("中止", "suspended it", "l’a suspendu")
        case "commitment.resume": pick("恢复", "resumed it", "l’a repris")
        case "commitment.close": pick("办结", "closed it", "l’a clos")
        default: type
        }
    }

    /// Milestones and what auditors said of them.
    private var reported: [Event] {
        milestones.flatMap { milestone in
            let report = Event(
                height: milestone.height,
                timestamp: milestone.timestamp,
                issuer: milestone.issuer,
                words: "\(reportWords(milestone)) (\(format.day(milestone.periodEnd)))",
                transaction: milestone.id
            )
            let attested = milestone.attestations.flatMap { attestation in
                let verdict = CommitmentVoices.verdict(attestation.verdict, in: language)
                let issue = Event(
                    height: attestation.height,
                    timestamp: attestation.timestamp,
                    issuer: attestation.auditor,
                    words: "\(pick("鉴证", "attested", "a attesté")): \(verdict)",
                    transaction: attestation.id
                )
                let revocation = attestation.revoked.map {
                    event($0, "\(pick("撤销鉴证", "revoked its attestation", "a révoqué son attestation"))")
                }
                return [issue] + (revocation.map { [$0] } ?? [])
            }
            let steps = milestone.steps.map { step in
                let words =
                    step.type == "milestone.retract"
                    ? pick("撤回里程碑", "retracted a milestone", "a retiré un jalon")
                    : pick("联署里程碑", "co-signed a milestone", "a cosigné un jalon")
                let reason: HTML? = step.reason.map { ": \($0)" }
                return Event(
                    height: step.height,
                    timestamp: step.timestamp,
                    issuer: step.issuer,
                    words: "\(words) (\(format.day(milestone.periodEnd)))\(reason)",
                    transaction: step.transaction
                )
            }
            return [report] + steps + attested
        }
    }

    private func reportWords(_ milestone: API.Milestone) -> HTML {
        guard milestone.replaces != nil else {
            return "\(pick("上报里程碑", "reported a milestone", "a déclaré un jalon"))"
        }
        let reason: HTML? = milestone.life == .retracted ? nil : milestone.reason.map { ": \($0)" }
        return "\(pick("更正里程碑", "corrected a milestone", "a corrigé un jalon"))\(reason)"
    }

    private var disputed: [Event] {
        commitment.disputes.flatMap { dispute in
            let opening = Event(
                height: dispute.height,
                timestamp: dispute.timestamp,
                issuer: dispute.opener,
                words: "\(pick("提出异议", "disputed it", "l’a contesté"))",
                transaction: dispute.id
            )
            let answer = dispute.answer.map {
                event($0, "\(pick("答复异议", "answered a dispute", "a répondu à une contestation"))")
            }
            let state = CommitmentVoices.state(dispute.state, in: language)
            let resolution = dispute.resolution.map {
                event($0, "\(pick("裁定异议", "resolved a dispute", "a tranché une contestation")): \(state)")
            }
            return [opening] + [answer, resolution].compactMap { $0 }
        }
    }

    private func event(_ step: API.SignedStep, _ words: HTML) -> Event {
        Event(
            height: step.height,
            timestamp: step.timestamp,
            issuer: step.issuer,
            words: words,
            transaction: step.transaction
        )
    }
}
