package import JalonCodec
package import JalonCrypto
package import JalonModel

/// What a member lent a key, at `delegation/<key id>`; never removed, so that what the key signed stays explained.
package struct DelegationRecord: CBORValue {
    /// The delegate's key, which has a ``KeyRecord`` of its own.
    package let key: KeyID
    package let types: [TransactionType]
    package let scope: DelegationScope
    /// The last block time at which the key may sign.
    package let expires: Timestamp
    /// The grant; its issuer is the member that lends.
    package let origin: Origin
    /// The transaction that took it back.
    package private(set) var revokedBy: TransactionID?

    package var member: MemberID { origin.issuer }

    package init(
        key: KeyID,
        types: [TransactionType],
        scope: DelegationScope,
        expires: Timestamp,
        origin: Origin,
        revokedBy: TransactionID? = nil
    ) {
        (self.key, self.types, self.scope, self.expires) = (key, types, scope, expires)
        (self.origin, self.revokedBy) = (origin, revokedBy)
    }

    /// Whether it is in force in a block of this time.
    package func isInForce(at time: Timestamp) -> Bool { revokedBy == nil && time <= expires }

    /// This delegation once another transaction took it back.
    func revoked(by transaction: TransactionID) -> DelegationRecord {
        var record = self
        record.revokedBy = transaction
        return record
    }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("all", ifTrue: scope == .all)
            map.field("key") { $0.encode(key) }
            map.field("time") { $0.encode(origin.time) }
            map.field("types", values: types)
            map.field("height") { $0.encode(origin.height) }
            map.field("issuer") { $0.encode(origin.issuer) }
            map.field("expires") { $0.encode(expires) }
            map.field("revokedBy", ifPresent: revokedBy) { $0.encode($1) }
            if case .commitments(let ids) = scope {
                map.field("commitments") { $0.encode(array: ids) { $0.encode($1) } }
            }
            map.originTail(origin)
        }
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let isAll = try map.optionalTrue("all")
            let key = try map.field("key") { (decoder) throws(CBORError) in try decoder.decode(KeyID.self) }
            let time = try map.counter("time", Timestamp.self)
            let types = try map.values(
                "types",
                TransactionType.self,
                maximum: DelegationGrant.maximumListCount
            )
            let height = try map.counter("height", Height.self)
            let issuer = try map.identifier("issuer", MemberID.self)
            let expires = try map.counter("expires", Timestamp.self)
            let revokedBy = try map.optionalTransaction("revokedBy")
            let scope = try map.delegationScope(isAll: isAll)
            return DelegationRecord(
                key: key,
                types: types,
                scope: scope,
                expires: expires,
                origin: try map.originTail(OriginHead(time: time, height: height, issuer: issuer)),
                revokedBy: revokedBy
            )
        }
    }
}

/// Finds the delegations of one member side by side.
struct DelegationPlace: Comparable, Sendable {
    let member: MemberID
    let key: KeyID

    static func < (left: DelegationPlace, right: DelegationPlace) -> Bool {
        left.member != right.member ? left.member < right.member : left.key < right.key
    }
}
