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
            let title = plan.title
            self.init(
                zh: "发布计划 \(plan.id)：\(title.zh)",
                en: "published the plan \(plan.id): \(title.en ?? title.zh)",
                fr: "a publié le plan \(plan.id) : \(title.fr ?? title.zh)"
            )
        case .commitmentPropose(let commitment):
            let title = commitment.title
            self.init(
                zh: "提出承诺 \(commitment.id)：\(title.zh)",
                en: "proposed \(commitment.id): \(title.en ?? title.zh)",
                fr: "a proposé \(commitment.id) : \(title.fr ?? title.zh)"
            )
        case .milestoneReport(let report):
            let (content, id) = (report.content, report.commitment)
            let reading = Summary.reading(content, of: id, state: state)
            self.init(
                zh: "就 \(id) 上报\(reading.zh)（截至 \(content.periodEnd)）",
                en: "reported \(reading.en) for \(id) (\(content.periodEnd))",
                fr: "a déclaré \(reading.fr) pour \(id) (\(content.periodEnd))"
            )
        case .milestoneCorrect(let correction):
            let (content, id) = (correction.content, correction.commitment)
            let reading = Summary.reading(content, of: id, state: state)
            self.init(
                zh: "将 \(id) 更正为\(reading.zh)（截至 \(content.periodEnd)）：\(correction.reason)",
                en: "corrected \(id) to \(reading.en) (\(content.periodEnd)): \(correction.reason)",
                fr: "a corrigé \(id) en \(reading.fr) (\(content.periodEnd)) : \(correction.reason)"
            )
        case .milestoneRetract(let retraction):
            let id = retraction.commitment
            self.init(
                zh: "撤回 \(id) 的里程碑：\(retraction.reason)",
                en: "retracted a milestone of \(id): \(retraction.reason)",
                fr: "a retiré un jalon de \(id) : \(retraction.reason)"
            )
        case .commitmentTransition(let step): self.init(step)
        case .commitmentAmend(let amendment):
            let id = amendment.id
            let isMaterial = amendment.amendmentClass == .material
            self.init(
                zh: "\(isMaterial ? "实质性" : "文字性")修订 \(id)：\(amendment.reason)",
                en: "amended \(id) (\(isMaterial ? "material" : "editorial")): \(amendment.reason)",
                fr: "a modifié \(id) (\(isMaterial ? "au fond" : "dans la forme")) : \(amendment.reason)"
            )
        case .attestationIssue, .attestationRevoke, .disputeOpen, .disputeAnswer, .disputeResolve, .cosign,
            .directiveIssue, .directiveAcknowledge, .directiveReply:
            self.init(voice: body)
        case .delegationGrant, .delegationRevoke, .governancePropose, .governanceVote, .keyRotate,
            .keyRecover,
            .validatorsActivate:
            self.init(government: body)
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
                zh: " \(value)\(name.map { " \($0.zh)" } ?? written)",
                en: "\(value)\((name?.en).map { " \($0)" } ?? written)",
                fr: "\(value)\((name?.fr).map { " \($0)" } ?? written)"
            )
        case .level(let level):
            return Summary(zh: "等级 \(level)", en: "level \(level)", fr: "le niveau \(level)")
        case .doneItems(let items):
            guard case .checklist(let all, _) = body?.target else {
                return Summary(
                    zh: "完成 \(items.count) 项",
                    en: "\(items.count) items",
                    fr: "\(items.count) points"
                )
            }
            return Summary(
                zh: "完成 \(items.count)/\(all.count) 项",
                en: "\(items.count) of \(all.count) items",
                fr: "\(items.count) points sur \(all.count)"
            )
        }
    }
}
