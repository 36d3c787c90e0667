import JalonCrypto
import JalonModel
import JalonSchema
import JalonState

extension API.MemberKey {
    init(_ record: KeyRecord) {
        self.init(
            id: record.key.id.hex,
            kind: record.kind.rawValue,
            algorithm: record.key.algorithm.name,
            isActive: record.isActive
        )
    }
}

extension SignatureAlgorithm {
    /// As people call it.
    fileprivate var name: String {
        switch self {
        case .ed25519: "Ed25519"
        }
    }
}

extension API.Member {
    /// `keys` are the member's own; `connected` holds the own node key and those of the nodes it is connected to.
    init(
        _ member: MemberRecord,
        keys: [KeyRecord],
        validators: ValidatorSet,
        connected: Set<KeyID>,
        names: LedgerNames
    ) {
        self.init(
            id: member.id.text,
            name: API.LocalizedText(member.name),
            region: member.region.map { names.region($0) },
            roles: member.roles.map(\.rawValue),
            isValidator: validators.index(of: member.id) != nil,
            isSuspended: member.standing == .suspended,
            isRemoved: member.standing == .removed,
            addresses: member.nodes.flatMap(\.addresses).map(\.text),
            keys: keys.map { API.MemberKey($0) },
            isConnected: member.nodes.isEmpty ? nil : member.nodes.contains { connected.contains($0.key.id) }
        )
    }
}

extension API.Plan {
    init(_ plan: PlanRecord, commitmentCount: Int, names: LedgerNames) {
        self.init(
            id: plan.body.id.text,
            region: names.region(plan.body.region),
            title: API.LocalizedText(plan.body.title),
            documentNumber: plan.body.documentNumber?.string,
            issuer: plan.body.issuer.string,
            published: API.CalendarDate(plan.body.published),
            source: API.Source(plan.body.source),
            commitmentCount: commitmentCount,
            transaction: plan.origin.transaction.hex,
            height: plan.origin.height.value
        )
    }
}
