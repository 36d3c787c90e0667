import JalonSchema

extension CommitmentVoices {
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
            \(part)\(beginning)
            """
    }

    /// Which milestones are told of, where those are not all.
    private var part: HTML? {
        guard isPart else { return nil }
        let words = pick(
            "里程碑只含上表所列。",
            "Of the milestones, only those in the table above.",
            "Des jalons, seulement ceux du tableau ci-dessus."
        )
        return "<p class=\"none\">\(words)</p>"
    }

    /// What this node can't tell of its life, as it does not hold the first blocks.
    private var beginning: HTML? {
        guard let first = commitment.firstBlock else { return nil }
        let block = format.number(first)
        let words = pick(
            "区块 \(block) 之前的步骤，本节点只保存提出、修订和最近一次变更；其余请看其他节点的同一页面。",
            "Of the steps before block \(block) this node keeps the proposal, the amendments and the last change alone: for the "
                + "others see the same page at another node.",
            "Des étapes avant le bloc \(block), ce nœud ne garde que la proposition, les modifications et le dernier "
                + "changement : pour les autres, voyez la même page sur un autre nœud."
        )
        return "<p class=\"none\">\(words)</p>"
    }

    /// The proposal, its amendments, and every step in its life.
    private var promised: [Event] { proposed + amended + lived + changed }

    /// The proposal, where no step tells it.
    private var proposed: [Event] {
        guard let version = commitment.versions.first, !isStep(version.transaction) else { return [] }
        return [
            Event(
                height: version.height,
                timestamp: version.timestamp,
                issuer: version.issuer,
                words: "\(stepName("commitment.propose"))",
                transaction: version.transaction
            )
        ]
    }

    /// What gave it its present life, where no step tells it.
    private var changed: [Event] {
        guard let change = commitment.lifeChange, !isStep(change.transaction) else { return [] }
        let name = CommitmentVoices.lifeName(commitment.life, in: language)
        let reason: HTML? = change.text.map { "\(language.colon)\(language.marked($0))" }
        return [event(change, "→ \(name)\(reason)")]
    }

    private func isStep(_ transaction: String) -> Bool {
        commitment.lifeSteps.contains { $0.transaction == transaction }
    }

    /// The amendments, each with the number of its version.
    private var amended: [Event] {
        commitment.versions.filter { $0.number > 1 }.map { version in
            let words = pick(
                "修订为第 \(version.number) 版",
                "amended it to version \(version.number)",
                "l’a modifié (version \(version.number))"
            )
            let reason: HTML? = version.reason.map { "\(language.colon)\(language.marked($0))" }
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
            let reason: HTML? = step.reason.map { "\(language.colon)\(language.marked($0))" }
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
                words: "\(reportWords(milestone))\(reading(milestone)) (\(format.day(milestone.periodEnd)))",
                transaction: milestone.id
            )
            let attested = milestone.attestations.flatMap { attestation in
                let verdict = CommitmentVoices.verdict(attestation.verdict, in: language)
                let issue = Event(
                    height: attestation.height,
                    timestamp: attestation.timestamp,
                    issuer: attestation.auditor,
                    words: "\(pick("鉴证", "attested", "a attesté"))\(language.colon)\(verdict)",
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
                let reason: HTML? = step.reason.map { "\(language.colon)\(language.marked($0))" }
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
        let reason: HTML? =
            milestone.life == .retracted
            ? nil : milestone.reason.map { "\(language.colon)\(language.marked($0))" }
        return "\(pick("更正里程碑", "corrected a milestone", "a corrigé un jalon"))\(reason)"
    }

    /// What it reported, after a colon.
    private func reading(_ milestone: API.Milestone) -> HTML? {
        if let value = milestone.value {
            return "\(language.colon)\(format.number(value)) \(format.name(commitment.indicator.unit))"
        }
        if let level = milestone.level {
            return "\(language.colon)\(pick("等级", "level", "niveau")) \(format.number(level))"
        }
        guard let done = milestone.doneItems else { return nil }
        return "\(language.colon)\(format.items(done.count, of: commitment.target.items?.count))"
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
                event(
                    $0,
                    "\(pick("裁定异议", "resolved a dispute", "a tranché une contestation"))\(language.colon)\(state)"
                )
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
