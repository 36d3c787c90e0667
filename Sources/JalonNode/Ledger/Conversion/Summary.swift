import JalonModel
import JalonState

/// What a transaction did, in words after its issuer's name.
struct Summary {
    let zh: String
    let en: String
    let fr: String

    init(_ body: TransactionBody, state: LedgerState) {
        switch body {
        case .planPublish(let plan):
            let name = Summary(plan.id.text, titled: plan.title)
            self.init(
                zh: "发布计划\(name.zh)",
                en: "published the plan \(name.en)",
                fr: "a publié le plan \(name.fr)"
            )
        case .commitmentPropose(let commitment):
            let name = Summary(commitment.id.text, titled: commitment.title)
            self.init(zh: "提出承诺\(name.zh)", en: "proposed \(name.en)", fr: "a proposé \(name.fr)")
        case .milestoneReport(let report):
            let (content, name) = (report.content, Summary(report.commitment, in: state))
            let reading = Summary.reading(content, of: report.commitment, state: state)
            let day = content.periodEnd
            self.init(
                zh: "就\(name.zh)上报\(reading.zh)（截至\(day.zh)）",
                en: "reported \(reading.en) for \(name.en), \(day.en)",
                fr: "a déclaré \(reading.fr) pour \(name.fr), au \(day.fr)"
            )
        case .milestoneCorrect(let correction):
            let (content, name) = (correction.content, Summary(correction.commitment, in: state))
            let reading = Summary.reading(content, of: correction.commitment, state: state)
            let day = content.periodEnd
            self.init(
                zh: "将\(name.zh)更正为\(reading.zh)（截至\(day.zh)）：\(correction.reason)",
                en: "corrected \(name.en) to \(reading.en), \(day.en): \(correction.reason)",
                fr: "a corrigé \(name.fr) en \(reading.fr), au \(day.fr) : \(correction.reason)"
            )
        case .milestoneRetract(let retraction):
            let name = Summary(retraction.commitment, in: state)
            self.init(
                zh: "撤回\(name.zh)的里程碑：\(retraction.reason)",
                en: "retracted a milestone of \(name.en): \(retraction.reason)",
                fr: "a retiré un jalon de \(name.fr) : \(retraction.reason)"
            )
        case .commitmentTransition(let step): self.init(step, state)
        case .commitmentAmend(let amendment):
            let name = Summary(amendment.id, in: state)
            let isMaterial = amendment.amendmentClass == .material
            self.init(
                zh: "\(isMaterial ? "实质性" : "文字性")修订\(name.zh)：\(amendment.reason)",
                en: "amended \(name.en) (\(isMaterial ? "material" : "editorial")): \(amendment.reason)",
                fr: "a modifié \(name.fr) (\(isMaterial ? "au fond" : "dans la forme")) : \(amendment.reason)"
            )
        case .attestationIssue, .attestationRevoke, .disputeOpen, .disputeAnswer, .disputeResolve, .cosign,
            .directiveIssue, .directiveAcknowledge, .directiveReply:
            self.init(voice: body, state)
        case .delegationGrant, .delegationRevoke, .governancePropose, .governanceVote, .keyRotate,
            .keyRecover,
            .validatorsActivate:
            self.init(government: body, state)
        }
    }

    init(zh: String, en: String, fr: String) {
        (self.zh, self.en, self.fr) = (zh, en, fr)
    }

    /// A value with its unit, a level, or the items done of all.
    private static func reading(
        _ content: MilestoneContent,
        of id: CommitmentID,
        state: LedgerState
    ) -> Summary {
        let body = state.commitment(id)?.current.body
        switch content.reading {
        case .value(let value):
            let code = body?.indicator.unit
            let name = code.flatMap { state.unit($0)?.name }
            let written = code.map { " \($0)" } ?? ""
            return Summary(
                zh: " \(value.zh)\(name.map { " \($0.zh)" } ?? written)",
                en: "\(value.en)\((name?.en).map { " \($0)" } ?? written)",
                fr: "\(value.fr)\((name?.fr).map { " \($0)" } ?? written)"
            )
        case .level(let level):
            return Summary(zh: "等级 \(level)", en: "level \(level)", fr: "le niveau \(level)")
        case .doneItems(let items):
            let done = Summary(items.count, zh: "项", en: ("item", "items"), fr: ("point", "points"))
            guard case .checklist(let all, _) = body?.target else {
                return Summary(zh: "完成 \(done.zh)", en: "\(done.en) done", fr: "\(done.fr)")
            }
            return Summary(
                zh: "完成 \(items.count)/\(all.count) 项",
                en: "\(items.count) of \(all.count) items done",
                fr: "\(done.fr) sur \(all.count)"
            )
        }
    }
}
