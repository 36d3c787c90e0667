import JalonCrypto
import JalonModel

extension Summary {
    /// A step in a commitment's life.
    init(_ body: CommitmentTransition) {
        let id = body.id
        let why = body.reason.map { "：\($0)" } ?? ""
        let because = body.reason.map { ": \($0)" } ?? ""
        let car = body.reason.map { " : \($0)" } ?? ""
        switch body.step {
        case .activate:
            self.init(zh: "批准生效 \(id)\(why)", en: "activated \(id)\(because)", fr: "a activé \(id)\(car)")
        case .return:
            self.init(zh: "退回 \(id)\(why)", en: "returned \(id)\(because)", fr: "a renvoyé \(id)\(car)")
        case .withdraw:
            self.init(zh: "撤回提案 \(id)\(why)", en: "withdrew \(id)\(because)", fr: "a retiré \(id)\(car)")
        case .cancel:
            self.init(zh: "取消 \(id)\(why)", en: "cancelled \(id)\(because)", fr: "a annulé \(id)\(car)")
        case .supersede:
            let successor = body.successor?.text ?? ""
            self.init(
                zh: "以 \(successor) 取代 \(id)\(why)",
                en: "replaced \(id) by \(successor)\(because)",
                fr: "a remplacé \(id) par \(successor)\(car)"
            )
        case .suspend:
            self.init(zh: "中止 \(id)\(why)", en: "suspended \(id)\(because)", fr: "a suspendu \(id)\(car)")
        case .resume:
            self.init(zh: "恢复 \(id)\(why)", en: "resumed \(id)\(because)", fr: "a repris \(id)\(car)")
        case .close:
            self.init(zh: "办结 \(id)\(why)", en: "closed \(id)\(because)", fr: "a clos \(id)\(car)")
        }
    }

    /// What auditors, regulators, counterparties and addressees say.
    init(voice body: TransactionBody) {
        switch body {
        case .attestationIssue(let body):
            let (id, verdict) = (body.commitment, body.verdict)
            self.init(
                zh: "对 \(id) 的里程碑作出鉴证（\(verdict.zh)）：\(body.reason)",
                en: "attested a milestone of \(id), \(verdict): \(body.reason)",
                fr: "a attesté un jalon de \(id), \(verdict.fr) : \(body.reason)"
            )
        case .attestationRevoke(let body):
            self.init(
                zh: "撤销对 \(body.commitment) 的鉴证：\(body.reason)",
                en: "revoked an attestation on \(body.commitment): \(body.reason)",
                fr: "a révoqué une attestation sur \(body.commitment) : \(body.reason)"
            )
        case .disputeOpen(let body):
            self.init(
                zh: "对 \(body.commitment) 提出异议：\(body.text)",
                en: "disputed \(body.commitment): \(body.text)",
                fr: "a contesté \(body.commitment) : \(body.text)"
            )
        case .disputeAnswer(let body):
            self.init(
                zh: "答复对 \(body.commitment) 的异议：\(body.text)",
                en: "answered a dispute about \(body.commitment): \(body.text)",
                fr: "a répondu à une contestation de \(body.commitment) : \(body.text)"
            )
        case .disputeResolve(let body):
            let outcome = body.outcome
            self.init(
                zh: "裁定对 \(body.commitment) 的异议（\(outcome.zh)）：\(body.reason)",
                en: "resolved a dispute about \(body.commitment), \(outcome): \(body.reason)",
                fr: "a tranché une contestation de \(body.commitment), \(outcome.fr) : \(body.reason)"
            )
        case .cosign(let body):
            let subject = body.subject
            self.init(zh: "联署 \(subject)", en: "co-signed \(subject)", fr: "a cosigné \(subject)")
        case .directiveIssue(let body):
            let (to, title) = (body.to, body.title)
            self.init(
                zh: "向 \(to) 下达指令（限 \(body.due)）：\(title.zh)",
                en: "directed \(to), due \(body.due): \(title.en ?? title.zh)",
                fr: "a donné une instruction à \(to), pour le \(body.due) : \(title.fr ?? title.zh)"
            )
        case .directiveAcknowledge:
            self.init(zh: "签收指令", en: "acknowledged a directive", fr: "a accusé réception d’une instruction")
        case .directiveReply(let body):
            self.init(
                zh: "回复指令：\(body.text)",
                en: "replied to a directive: \(body.text)",
                fr: "a répondu à une instruction : \(body.text)"
            )
        default: self.init(zh: "", en: "", fr: "")
        }
    }

    /// What members decide about their network and their keys.
    init(government body: TransactionBody) {
        switch body {
        case .delegationGrant(let body):
            let types = body.types.map(\.rawValue).joined(separator: ", ")
            self.init(
                zh: "授权密钥 \(body.key.id.short)：\(types)",
                en: "lent the key \(body.key.id.short): \(types)",
                fr: "a délégué à la clé \(body.key.id.short) : \(types)"
            )
        case .delegationRevoke(let body):
            self.init(
                zh: "撤销对密钥 \(body.key.short) 的授权",
                en: "took back what the key \(body.key.short) was lent",
                fr: "a retiré la délégation de la clé \(body.key.short)"
            )
        case .governancePropose(let body):
            let what = Summary(body.action)
            self.init(
                zh: "提议\(what.zh)：\(body.reason)",
                en: "proposed to \(what.en): \(body.reason)",
                fr: "a proposé \(what.fr) : \(body.reason)"
            )
        case .governanceVote(let body):
            let isYes = body.ballot == .yes
            self.init(
                zh: "对提案 \(body.proposal.short) 投\(isYes ? "赞成" : "反对")票",
                en: "voted \(body.ballot) on the proposal \(body.proposal.short)",
                fr: "a voté \(isYes ? "pour" : "contre") la proposition \(body.proposal.short)"
            )
        case .keyRotate(let body):
            self.init(
                zh: "更换密钥（\(body.purpose)）：\(body.old.short) → \(body.key.id.short)",
                en: "changed its \(body.purpose) key from \(body.old.short) to \(body.key.id.short)",
                fr: "a changé sa clé (\(body.purpose)) de \(body.old.short) à \(body.key.id.short)"
            )
        case .keyRecover(let body):
            self.init(
                zh: "申请恢复密钥：\(body.key.id.short)",
                en: "asked to recover its key: \(body.key.id.short)",
                fr: "a demandé de récupérer sa clé : \(body.key.id.short)"
            )
        case .validatorsActivate(let body):
            let count = body.validators.count
            self.init(
                zh: "启用第 \(body.epoch) 期的 \(count) 个验证节点",
                en: "started epoch \(body.epoch) with \(count) validators",
                fr: "a ouvert l’époque \(body.epoch) avec \(count) validateurs"
            )
        default: self.init(zh: "", en: "", fr: "")
        }
    }

    /// A decision, in words after "to".
    init(_ action: GovernanceAction) {
        switch action {
        case .admit(let admission):
            let id = admission.member.id
            self.init(zh: "接纳成员 \(id)", en: "admit \(id)", fr: "d’admettre \(id)")
        case .suspend(let id):
            self.init(zh: "暂停成员 \(id)", en: "suspend \(id)", fr: "de suspendre \(id)")
        case .reinstate(let id):
            self.init(zh: "恢复成员 \(id)", en: "reinstate \(id)", fr: "de rétablir \(id)")
        case .remove(let id):
            self.init(zh: "移除成员 \(id)", en: "remove \(id)", fr: "d’exclure \(id)")
        case .setParameter(let parameter, _):
            self.init(
                zh: "修改参数 \(parameter.rawValue)",
                en: "set the parameter \(parameter.rawValue)",
                fr: "de fixer le paramètre \(parameter.rawValue)"
            )
        case .upgrade(let version):
            self.init(
                zh: "升级规则至 jalon-block/\(version)",
                en: "upgrade to jalon-block/\(version)",
                fr: "de passer à jalon-block/\(version)"
            )
        }
    }
}

extension Verdict {
    fileprivate var zh: String {
        switch self {
        case .confirmed: "属实"
        case .reserved: "有保留"
        case .refuted: "不实"
        case .unable: "无法鉴证"
        }
    }

    fileprivate var fr: String {
        switch self {
        case .confirmed: "confirmé"
        case .reserved: "avec réserves"
        case .refuted: "réfuté"
        case .unable: "impossible à vérifier"
        }
    }
}

extension DisputeOutcome {
    fileprivate var zh: String {
        switch self {
        case .upheld: "成立"
        case .rejected: "不成立"
        case .withdrawn: "撤回"
        }
    }

    fileprivate var fr: String {
        switch self {
        case .upheld: "fondée"
        case .rejected: "rejetée"
        case .withdrawn: "retirée"
        }
    }
}

extension TypedDigest {
    /// The first eight hexadecimal digits: enough for a sentence.
    fileprivate var short: String { String(hex.prefix(8)) }
}
