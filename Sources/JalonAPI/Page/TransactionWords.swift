import JalonSchema

/// What types of transaction and fields of bodies are called.
enum TransactionWords {
    typealias Words = (zh: String, en: String, fr: String)

    /// The type's name; the type itself where it is none that this program knows.
    static func type(_ type: String, in language: Language) -> String {
        types[type].map { language.pick($0.zh, $0.en, $0.fr) } ?? type
    }

    /// The field's name; the field itself where it is none that this program knows.
    static func field(_ name: String, in language: Language) -> String {
        fields[name].map { language.pick($0.zh, $0.en, $0.fr) } ?? name
    }

    /// A word of a closed set in the page's language; any other text as it stands.
    static func value(_ text: String, of field: String, in language: Language) -> String {
        values[field]?[text].map { language.pick($0.zh, $0.en, $0.fr) } ?? text
    }

    /// Whether there are words for it.
    static func knows(type: String) -> Bool { types[type] != nil }

    private static let types: [String: Words] = [
        "plan.publish": ("发布计划", "Plan published", "Plan publié"),
        "commitment.propose": ("提出承诺", "Commitment proposed", "Engagement proposé"),
        "commitment.activate": ("承诺生效", "Commitment activated", "Engagement mis en vigueur"),
        "commitment.return": ("承诺退回", "Commitment returned", "Engagement renvoyé"),
        "commitment.amend": ("承诺修订", "Commitment amended", "Engagement modifié"),
        "commitment.withdraw": ("承诺撤回", "Commitment withdrawn", "Engagement retiré"),
        "commitment.cancel": ("承诺取消", "Commitment cancelled", "Engagement annulé"),
        "commitment.supersede": ("承诺被取代", "Commitment superseded", "Engagement remplacé"),
        "commitment.suspend": ("承诺中止", "Commitment suspended", "Engagement suspendu"),
        "commitment.resume": ("承诺恢复", "Commitment resumed", "Engagement repris"),
        "commitment.close": ("承诺办结", "Commitment closed", "Engagement clos"),
        "milestone.report": ("里程碑上报", "Milestone reported", "Jalon déclaré"),
        "milestone.correct": ("里程碑更正", "Milestone corrected", "Jalon corrigé"),
        "milestone.retract": ("里程碑撤回", "Milestone retracted", "Jalon retiré"),
        "attestation.issue": ("审计鉴证", "Attestation", "Attestation"),
        "attestation.revoke": ("撤销鉴证", "Attestation revoked", "Attestation révoquée"),
        "dispute.open": ("提出异议", "Dispute opened", "Contestation ouverte"),
        "dispute.answer": ("答复异议", "Dispute answered", "Réponse à une contestation"),
        "dispute.resolve": ("裁定异议", "Dispute resolved", "Contestation tranchée"),
        "delegation.grant": ("授权委托", "Delegation granted", "Délégation accordée"),
        "delegation.revoke": ("撤销委托", "Delegation revoked", "Délégation révoquée"),
        "governance.propose": ("治理提案", "Proposal to the validators", "Proposition aux validateurs"),
        "governance.vote": ("治理表决", "Vote on a proposal", "Vote sur une proposition"),
        "key.rotate": ("更换密钥", "Key changed", "Clé changée"),
        "key.recover": ("恢复密钥", "Key recovered", "Clé récupérée"),
        "cosign": ("联署", "Co-signature", "Cosignature"),
        "directive.issue": ("下达督办", "Directive issued", "Directive adressée"),
        "directive.acknowledge": ("签收督办", "Directive acknowledged", "Directive reçue"),
        "directive.reply": ("回复督办", "Reply to a directive", "Réponse à une directive"),
        "validators.activate": ("验证成员换届", "New validators take over", "Nouveaux validateurs en fonction"),
    ]
}
