package import JalonCodec
import JalonCrypto
package import JalonModel

/// Where in the chain something was recorded, and by whom.
package struct Origin: Hashable, Sendable {
    package let transaction: TransactionID
    package let issuer: MemberID
    package let height: Height
    /// The block's timestamp.
    package let time: Timestamp

    package init(transaction: TransactionID, issuer: MemberID, height: Height, time: Timestamp) {
        (self.transaction, self.issuer) = (transaction, issuer)
        (self.height, self.time) = (height, time)
    }
}

/// A published plan, at `plan/<id>`: what was signed, and where it stands.
package struct PlanRecord: CBORValue {
    package let body: PlanPublish
    package let origin: Origin

    package init(body: PlanPublish, origin: Origin) {
        (self.body, self.origin) = (body, origin)
    }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("body", value: body)
            map.origin(origin)
        }
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            PlanRecord(body: try map.value("body"), origin: try map.origin())
        }
    }
}

/// Where a commitment is in its life.
package enum CommitmentLife: String, CodedChoice {
    case proposed, returned, active, withdrawn, suspended, cancelled, superseded, closed
}

/// The step that brought a commitment to its present life: which transaction, when, whose, and why.
package struct LifeChange: CBORValue {
    package let origin: Origin
    /// Why, in words, where that was said.
    package let reason: Text?

    package init(origin: Origin, reason: Text? = nil) {
        (self.origin, self.reason) = (origin, reason)
    }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.originHead(origin)
            map.field("reason", ifPresent: reason)
            map.originTail(origin)
        }
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let head = try map.originHead()
            let reason = try map.optionalValue("reason", Text.self)
            return LifeChange(origin: try map.originTail(head), reason: reason)
        }
    }
}

/// A commitment's life and current version, at `commitment/<id>`.
package struct CommitmentRecord: CBORValue {
    package let id: CommitmentID
    package private(set) var life: CommitmentLife
    /// The number of the version in force.
    package var version: UInt64
    /// The proposal.
    package let origin: Origin
    /// The last step in its life; `nil` where it still has the life that the proposal gave it.
    package private(set) var changed: LifeChange?
    /// What stands in its place, where it is superseded.
    package private(set) var successor: CommitmentID?

    package init(
        id: CommitmentID,
        life: CommitmentLife,
        version: UInt64,
        origin: Origin,
        changed: LifeChange? = nil,
        successor: CommitmentID? = nil
    ) {
        (self.id, self.life, self.version, self.origin) = (id, life, version, origin)
        (self.changed, self.successor) = (changed, successor)
    }

    /// This record after a step in its life.
    func changed(
        to life: CommitmentLife,
        by change: LifeChange,
        successor: CommitmentID? = nil
    ) -> CommitmentRecord {
        var record = self
        (record.life, record.changed, record.successor) = (life, change, successor)
        return record
    }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("id") { $0.encode(id) }
            map.field("life", value: life)
            map.originHead(origin)
            map.field("changed", ifPresent: changed)
            map.field("version") { $0.encode(version) }
            map.field("successor", ifPresent: successor) { $0.encode($1) }
            map.originTail(origin)
        }
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let id = try map.identifier("id", CommitmentID.self)
            let life = try map.value("life", CommitmentLife.self)
            let head = try map.originHead()
            let changed = try map.optionalValue("changed", LifeChange.self)
            let version = try map.field("version") { (decoder) throws(CBORError) in
                UInt64(try decoder.decodeInteger(in: 1...Int64.max))
            }
            let successor = try map.optional("successor") { (decoder) throws(CBORError) in
                try decoder.decode(CommitmentID.self)
            }
            return CommitmentRecord(
                id: id,
                life: life,
                version: version,
                origin: try map.originTail(head),
                changed: changed,
                successor: successor
            )
        }
    }
}

// MARK: - Origin's fields

/// The fields of an ``Origin`` up to the place where a record's own field may stand between them.
struct OriginHead {
    let time: Timestamp
    let height: Height
    let issuer: MemberID
}

extension CBORMapEncoder {
    mutating func origin(_ origin: Origin) {
        originHead(origin)
        originTail(origin)
    }

    mutating func originHead(_ origin: Origin) {
        field("time") { $0.encode(origin.time) }
        field("height") { $0.encode(origin.height) }
        field("issuer") { $0.encode(origin.issuer) }
    }

    mutating func originTail(_ origin: Origin) {
        field("transaction") { $0.encode(origin.transaction) }
    }
}

extension CBORMapDecoder {
    mutating func origin() throws(CBORError) -> Origin {
        try originTail(originHead())
    }

    mutating func originHead() throws(CBORError) -> OriginHead {
        OriginHead(
            time: try counter("time", Timestamp.self),
            height: try counter("height", Height.self),
            issuer: try identifier("issuer", MemberID.self)
        )
    }

    mutating func originTail(_ head: OriginHead) throws(CBORError) -> Origin {
        Origin(
            transaction: try transaction("transaction"),
            issuer: head.issuer,
            height: head.height,
            time: head.time
        )
    }
}
