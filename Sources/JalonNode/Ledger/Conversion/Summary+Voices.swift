import JalonCrypto
import JalonModel
import JalonState

extension Summary {
    /// A step in a commitment's life.
    init(_ body: CommitmentTransition, _ state: LedgerState) {
        let (name, successor) = (Summary(body.id, in: state), body.successor.map { Summary($0, in: state) })
        let done: Summary =
            switch body.step {
            case .activate: Summary(zh: "批准生效", en: "activated", fr: "a activé")
            case .return: Summary(zh: "退回", en: "returned", fr: "a renvoyé")
            case .withdraw: Summary(zh: "撤回提案", en: "withdrew", fr: "a retiré")
            case .cancel: Summary(zh: "取消", en: "cancelled", fr: "a annulé")
            case .supersede: Summary(zh: "以新承诺取代", en: "replaced", fr: "a remplacé")
            case .suspend: Summary(zh: "中止", en: "suspended", fr: "a suspendu")
            case .resume: Summary(zh: "恢复", en: "resumed", fr: "a repris")
            case .close: Summary(zh: "办结", en: "closed", fr: "a clos")
            }
        let into = successor.map {
            Summary(zh: "，新承诺为\($0.zh)", en: " by \($0.en)", fr: " par \($0.fr)")
        }
        let why = body.reason.map { Summary(zh: "：\($0)", en: ": \($0)", fr: " : \($0)") }
        self.init(
            zh: "\(done.zh)\(name.zh)\(into?.zh ?? "")\(why?.zh ?? "")",
            en: "\(done.en) \(name.en)\(into?.en ?? "")\(why?.en ?? "")",
            fr: "\(done.fr) \(name.fr)\(into?.fr ?? "")\(why?.fr ?? "")"
        )
    }

    /// What auditors, regulators, counterparties and addressees say.
    init(voice body: TransactionBody, _ state: LedgerState) {
        switch body {
        case .attestationIssue(let body):
            let (name, verdict) = (Summary(body.commitment, in: state), body.verdict)
            self.init(
                zh: "对\(name.zh)的里程碑作出鉴证（\(verdict.zh)）：\(body.reason)",
                en: "attested a milestone of \(name.en), \(verdict): \(body.reason)",
                fr: "a attesté un jalon de \(name.fr), \(verdict.fr) : \(body.reason)"
            )
        case .attestationRevoke(let body):
            let name = Summary(body.commitment, in: state)
            self.init(
                zh: "撤销对\(name.zh)的鉴证：\(body.reason)",
                en: "revoked an attestation on \(name.en): \(body.reason)",
                fr: "a révoqué une attestation sur \(name.fr) : \(body.reason)"
            )
        case .disputeOpen(let body):
            let name = Summary(body.commitment, in: state)
            self.init(
                zh: "对\(name.zh)提出异议：\(body.text)",
                en: "disputed \(name.en): \(body.text)",
                fr: "a contesté \(name.fr) : \(body.text)"
            )
        case .disputeAnswer(let body):
            let name = Summary(body.commitment, in: state)
            self.init(
                zh: "答复对\(name.zh)的异议：\(body.text)",
                en: "answered a dispute about \(name.en): \(body.text)",
                fr: "a répondu à une contestation de \(name.fr) : \(body.text)"
            )
        case .disputeResolve(let body):
            let (name, outcome) = (Summary(body.commitment, in: state), body.outcome)
            self.init(
                zh: "裁定对\(name.zh)的异议（\(outcome.zh)）：\(body.reason)",
                en: "resolved a dispute about \(name.en), \(outcome): \(body.reason)",
                fr: "a tranché une contestation de \(name.fr), \(outcome.fr) : \(body.reason)"
            )
        case .cosign(let body):
            let what =
                switch body.about {
                case .commitment(let id): Summary(id, in: state)
                case .member(let id): Summary(id, in: state)
                }
            let isMilestone = state.milestone(body.transaction) != nil
            self.init(
                zh: "联署\(what.zh)\(isMilestone ? "的里程碑" : "")",
                en: "co-signed \(isMilestone ? "a milestone of " : "")\(what.en)",
                fr: "a cosigné \(isMilestone ? "un jalon de " : "")\(what.fr)"
            )
        default: self.init(directive: body, state)
        }
    }

    private init(directive body: TransactionBody, _ state: LedgerState) {
        switch body {
        case .directiveIssue(let body):
            let (to, title, day) = (Summary(body.to, in: state), body.title, body.due)
            self.init(
                zh: "向\(to.zh)下达督办（限\(day.zh)）：\(title.zh)",
                en: "directed \(to.en), due \(day.en): \(title.en ?? title.zh)",
                fr: "a adressé une directive à \(to.fr), pour le \(day.fr) : \(title.fr ?? title.zh)"
            )
        case .directiveAcknowledge(let body):
            let from = Summary.issuer(of: body.directive, state)
            self.init(
                zh: "签收\((from?.zh).map { "\($0)的" } ?? "")督办",
                en: "acknowledged a directive\((from?.en).map { " of \($0)" } ?? "")",
                fr: "a accusé réception d’une directive\((from?.fr).map { " de \($0)" } ?? "")"
            )
        case .directiveReply(let body):
            let from = Summary.issuer(of: body.directive, state)
            self.init(
                zh: "回复\((from?.zh).map { "\($0)的" } ?? "")督办：\(body.text)",
                en: "replied to a directive\((from?.en).map { " of \($0)" } ?? ""): \(body.text)",
                fr: "a répondu à une directive\((from?.fr).map { " de \($0)" } ?? "") : \(body.text)"
            )
        default: self.init(zh: "", en: "", fr: "")
        }
    }

    /// Who issued a directive.
    private static func issuer(of directive: TransactionID, _ state: LedgerState) -> Summary? {
        state.directive(directive).map { Summary($0.issuer, in: state) }
    }

    /// What members decide about their network and their keys.
    init(government body: TransactionBody, _ state: LedgerState) {
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
            let what = Summary(body.action, state)
            self.init(
                zh: "提议\(what.zh)：\(body.reason)",
                en: "proposed to \(what.en): \(body.reason)",
                fr: "a proposé \(what.fr) : \(body.reason)"
            )
        case .governanceVote(let body):
            let isYes = body.ballot == .yes
            let what = state.proposal(body.proposal).map { Summary($0.body.action, state) }
            let short = body.proposal.short
            self.init(
                zh: "对提案 \(short)\(what.map { "“\($0.zh)”" } ?? " ")投\(isYes ? "赞成" : "反对")票",
                en: "voted \(body.ballot) on the proposal \(short)\((what?.en).map { " to \($0)" } ?? "")",
                fr:
                    "a voté \(isYes ? "pour" : "contre") la proposition \(short)\((what?.fr).map { " \($0)" } ?? "")"
            )
        case .keyRotate(let body):
            let purpose = body.purpose
            self.init(
                zh: "更换\(purpose.zh)：\(body.old.short) → \(body.key.id.short)",
                en: "changed its \(purpose) key from \(body.old.short) to \(body.key.id.short)",
                fr: "a changé sa \(purpose.fr) de \(body.old.short) à \(body.key.id.short)"
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
                zh: "启用第 \(body.epoch) 届的 \(count) 个验证成员",
                en: "started epoch \(body.epoch) with \(count) \(count == 1 ? "validator" : "validators")",
                fr:
                    "a ouvert l’époque \(body.epoch) avec \(count) \(count < 2 ? "validateur" : "validateurs")"
            )
        default: self.init(zh: "", en: "", fr: "")
        }
    }

    /// A decision, in words after "to".
    init(_ action: GovernanceAction, _ state: LedgerState) {
        switch action {
        case .admit(let admission):
            let member = Summary(admission.member.id, named: admission.member.name)
            self.init(zh: "接纳\(member.zh)", en: "admit \(member.en)", fr: "d’admettre \(member.fr)")
        case .suspend(let id):
            let member = Summary(id, in: state)
            self.init(zh: "暂停\(member.zh)", en: "suspend \(member.en)", fr: "de suspendre \(member.fr)")
        case .reinstate(let id):
            let member = Summary(id, in: state)
            self.init(zh: "恢复\(member.zh)", en: "reinstate \(member.en)", fr: "de rétablir \(member.fr)")
        case .remove(let id):
            let member = Summary(id, in: state)
            self.init(zh: "移除\(member.zh)", en: "remove \(member.en)", fr: "d’exclure \(member.fr)")
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

extension KeyPurpose {
    fileprivate var zh: String {
        switch self {
        case .authority: "签署密钥"
        case .recovery: "恢复密钥"
        case .validator: "验证密钥"
        case .node: "节点密钥"
        }
    }

    fileprivate var fr: String {
        switch self {
        case .authority: "clé d’autorité"
        case .recovery: "clé de secours"
        case .validator: "clé de validation"
        case .node: "clé de nœud"
        }
    }
}

extension TypedDigest {
    /// The first eight hexadecimal digits: enough for a sentence.
    fileprivate var short: String { String(hex.prefix(8)) }
}
