package import JalonCodec
import JalonCrypto
package import JalonModel

/// A co-signature, at `cosign/<transaction id of what it co-signs>/<member id>`.
package struct CosignRecord: Hashable, Sendable {
    /// The transaction that is co-signed; stands in the path alone.
    package let subject: TransactionID
    package let about: Cosign.About
    /// The transaction that co-signs.
    package let transaction: TransactionID
    /// The member that co-signs, and where.
    package let provenance: Provenance

    package var member: MemberID { provenance.issuer }

    var key: CosignKey { CosignKey(subject: subject, member: member) }

    init(_ body: Cosign, by transaction: TransactionID, provenance: Provenance) {
        (subject, about) = (body.transaction, body.about)
        (self.transaction, self.provenance) = (transaction, provenance)
    }
}

/// What a co-signature is found by; those of one subject stand together, by member.
struct CosignKey: Hashable, Comparable, Sendable {
    let subject: TransactionID
    let member: MemberID

    static func < (left: CosignKey, right: CosignKey) -> Bool {
        left.subject != right.subject ? left.subject < right.subject : left.member < right.member
    }
}

// MARK: - Encoding

extension CosignRecord {
    package var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 192)
        encode(to: &encoder)
        return encoder.bytes
    }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.provenanceHead(provenance)
            map.provenanceMiddle(provenance)
            if case .member(let id) = about { map.field("member") { $0.encode(id) } }
            map.provenanceTail(provenance)
            if case .commitment(let id) = about { map.field("commitment") { $0.encode(id) } }
            map.field("transaction") { $0.encode(transaction) }
        }
    }

    /// Reads the record of a co-signature of the transaction `subject`.
    package init(subject: TransactionID, from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            try CosignRecord(subject: subject, map: &map)
        }
    }

    private init(subject: TransactionID, map: inout CBORMapDecoder) throws(CBORError) {
        self.subject = subject
        var fields = try ProvenanceFields(&map)
        try fields.readMiddle(&map)
        let member = try map.optional("member") { (decoder) throws(CBORError) in
            try decoder.decode(MemberID.self)
        }
        provenance = try fields.finish(&map)
        about =
            if let member { .member(member) } else { .commitment(try map.identifier("commitment")) }
        transaction = try map.transaction("transaction")
    }
}
