package import JalonCodec
package import JalonCrypto
package import JalonModel

/// Whether a member takes part.
package enum MemberStanding: String, CodedChoice {
    case active
    /// Its transactions are refused and its votes not counted until it is reinstated; its node goes on sealing blocks.
    case suspended
    /// For ever; its id may be admitted anew, with new keys.
    case removed
}

/// An organisation of the network, at `member/<id>`.
///
/// Its keys are records of their own.
package struct MemberRecord: CBORValue {
    package let id: MemberID
    package let name: LocalizedText
    /// Ascending, each once.
    package let roles: [MemberRole]
    package let region: RegionCode?
    /// Where each of its nodes may be dialled.
    package private(set) var nodes: [NodeEntry]
    package private(set) var standing = MemberStanding.active

    init(_ member: Member) {
        (id, name, roles) = (member.id, member.name, member.roles)
        (region, nodes) = (member.region, member.nodes)
    }

    func standing(_ standing: MemberStanding) -> MemberRecord {
        var changed = self
        changed.standing = standing
        return changed
    }

    func replacingNode(_ old: PublicKey, by key: PublicKey) -> MemberRecord {
        var changed = self
        changed.nodes = nodes.map { $0.key == old ? NodeEntry(key: key, addresses: $0.addresses) : $0 }
        return changed
    }

    /// Whether the member has the role.
    package func has(_ role: MemberRole) -> Bool { roles.contains(role) }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("id") { $0.encode(id) }
            map.field("name", value: name)
            map.field("nodes", values: nodes)
            map.field("roles", values: roles)
            map.field("region", ifPresent: region) { $0.encode($1) }
            map.field("standing", ifPresent: standing == .active ? nil : standing)
        }
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        let fields = try decoder.decodeMap { (map) throws(CBORError) in
            (
                id: try map.identifier("id", MemberID.self),
                name: try map.value("name", LocalizedText.self),
                nodes: try map.values("nodes", NodeEntry.self, maximum: Member.maximumKeyCount),
                roles: try map.values("roles", MemberRole.self, maximum: MemberRole.allCases.count),
                region: try map.optional("region") { (decoder) throws(CBORError) in
                    try decoder.decode(RegionCode.self)
                },
                standing: try map.optional("standing") { (decoder) throws(CBORError) in
                    let at = decoder.offset
                    let standing = try MemberStanding(from: &decoder)
                    guard standing != .active else {
                        throw .invalidValue("an active standing is left out", offset: at)
                    }
                    return standing
                }
            )
        }
        (id, name, nodes, roles, region) = (fields.id, fields.name, fields.nodes, fields.roles, fields.region)
        standing = fields.standing ?? .active
    }
}

/// What a key is for; no key serves two purposes.
package enum KeyKind: String, CodedChoice {
    /// Signs a member's transactions.
    case authority
    /// Signs what a member lent it.
    case delegate
    /// Signs only key.recover.
    case recovery
    /// Signs votes.
    case validator
    /// Is the TLS identity of a node.
    case node
}

/// A key that was ever registered, at `key/<key id>`; it is never removed, so that old signatures stay explained.
package struct KeyRecord: CBORValue {
    package let key: PublicKey
    package let member: MemberID
    package let kind: KeyKind
    /// Whether it may be used now.
    package let isActive: Bool
    /// The block that registered it; 0 is the genesis.
    package let height: Height
    /// Since when it may have been in other hands, where its owner said so.
    package let compromisedSince: Timestamp?

    package init(
        key: PublicKey,
        member: MemberID,
        kind: KeyKind,
        isActive: Bool,
        height: Height,
        compromisedSince: Timestamp? = nil
    ) {
        (self.key, self.member, self.kind) = (key, member, kind)
        (self.isActive, self.height, self.compromisedSince) = (isActive, height, compromisedSince)
    }

    /// This key once it may be used no more.
    var deactivated: KeyRecord { deactivated(compromisedSince: compromisedSince) }

    func deactivated(compromisedSince: Timestamp?) -> KeyRecord {
        KeyRecord(
            key: key,
            member: member,
            kind: kind,
            isActive: false,
            height: height,
            compromisedSince: compromisedSince
        )
    }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("key") { $0.encode(key) }
            map.field("kind", value: kind)
            map.field("active") { $0.encode(isActive) }
            map.field("height") { $0.encode(height) }
            map.field("member") { $0.encode(member) }
            map.field("compromisedSince", ifPresent: compromisedSince) { $0.encode($1) }
        }
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let key = try map.field("key") { (decoder) throws(CBORError) in try decoder.decodeKeyEntry() }
            let kind = try map.value("kind", KeyKind.self)
            let isActive = try map.field("active") { (decoder) throws(CBORError) in try decoder.decodeBool() }
            let height = try map.counter("height", Height.self)
            let member = try map.identifier("member", MemberID.self)
            return KeyRecord(
                key: key,
                member: member,
                kind: kind,
                isActive: isActive,
                height: height,
                compromisedSince: try map.optional("compromisedSince") { (decoder) throws(CBORError) in
                    try decoder.decode(Timestamp.self)
                }
            )
        }
    }
}
