import JalonCodec
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState

extension API.Head {
    init(_ snapshot: LedgerSnapshot) {
        self.init(
            height: snapshot.height.value,
            block: snapshot.block.hex,
            stateRoot: snapshot.state.root.hex,
            logSize: snapshot.frontier.size,
            logRoot: snapshot.frontier.root.hex,
            epoch: snapshot.context.epoch.value,
            view: snapshot.blockView.value,
            timestamp: snapshot.timestamp.value
        )
    }
}

extension API.Header {
    /// `validators` are those in force now: another epoch's leader is named by its index alone.
    init(_ header: BlockHeader, id: BlockID, validators: ValidatorSet) {
        let leader = header.validatorsHash == validators.hash ? validators[header.leader]?.member.text : nil
        self.init(
            id: id.hex,
            height: header.height.value,
            chain: header.chain.hex,
            epoch: header.epoch.value,
            view: header.view.value,
            parentView: header.parentView.value,
            parent: header.parent.hex,
            timestamp: header.timestamp.value,
            leader: header.leader.value,
            leaderMember: leader,
            logSize: header.logSize,
            logRoot: header.logRoot.hex,
            bodyByteCount: header.bodyByteCount,
            stateRoot: header.stateRoot.hex,
            validatorsHash: header.validatorsHash.hex,
            nextValidatorsHash: header.nextValidatorsHash.hex,
            encoded: Hex.encode(header.encoded)
        )
    }
}

extension API.BlockEntry {
    init(_ transaction: Transaction, position: Int, state: LedgerState) {
        let body = try? transaction.content.get()
        let type = try? CBORDecoder(transaction.body).peekText(atKey: "type", maximum: 64)
        self.init(
            id: transaction.id.hex,
            position: position,
            type: body?.type.rawValue ?? type ?? "",
            issuer: transaction.issuer.text,
            subject: transaction.subject.text,
            summary: body.map { API.LocalizedText(Summary($0, state: state)) },
            isFictional: body?.isFictional ?? false
        )
    }
}

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
        }
    }

    private init(zh: String, en: String, fr: String) {
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

extension API.LocalizedText {
    init(_ summary: Summary) {
        self.init(zh: summary.zh, en: summary.en, fr: summary.fr)
    }
}
