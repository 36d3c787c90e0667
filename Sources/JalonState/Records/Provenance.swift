package import JalonCodec
package import JalonCrypto
package import JalonModel

/// Who signed a record's transaction, with which key, and where it stands in the chain.
package struct Provenance: Hashable, Sendable {
    package let issuer: MemberID
    /// The key that signed.
    package let key: KeyID
    package let height: Height
    /// The block's timestamp.
    package let time: Timestamp
    /// The place among its block's transactions, from 0.
    package let position: UInt64

    init(_ transaction: Transaction, at place: BlockPlace) {
        (issuer, key) = (transaction.issuer, transaction.keyID)
        (height, time, position) = (place.height, place.time, place.position)
    }

    fileprivate init(issuer: MemberID, key: KeyID, height: Height, time: Timestamp, position: UInt64) {
        (self.issuer, self.key) = (issuer, key)
        (self.height, self.time, self.position) = (height, time, position)
    }
}

/// Where a later transaction changed a record, inside it.
extension Origin: CBORValue {
    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { $0.origin(self) }
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in try map.origin() }
    }
}

// MARK: - The fields, in three groups between which a record's own may stand

/// The fields of a ``Provenance`` that were read so far.
struct ProvenanceFields {
    private let key: KeyID
    private let time: Timestamp
    private var middle: (height: Height, issuer: MemberID)?

    /// Reads `key` and `time`.
    init(_ map: inout CBORMapDecoder) throws(CBORError) {
        key = try map.field("key") { (decoder) throws(CBORError) in try decoder.decode(KeyID.self) }
        time = try map.counter("time")
    }

    /// Reads `height` and `issuer`.
    mutating func readMiddle(_ map: inout CBORMapDecoder) throws(CBORError) {
        middle = (height: try map.counter("height"), issuer: try map.identifier("issuer"))
    }

    /// Reads `position`.
    func finish(_ map: inout CBORMapDecoder) throws(CBORError) -> Provenance {
        guard let middle else { preconditionFailure("height and issuer stand before the position") }
        let position = try map.field("position") { (decoder) throws(CBORError) in
            try decoder.decodeUnsigned()
        }
        return Provenance(
            issuer: middle.issuer,
            key: key,
            height: middle.height,
            time: time,
            position: position
        )
    }
}

extension CBORMapEncoder {
    mutating func provenanceHead(_ provenance: Provenance) {
        field("key") { $0.encode(provenance.key) }
        field("time") { $0.encode(provenance.time) }
    }

    mutating func provenanceMiddle(_ provenance: Provenance) {
        field("height") { $0.encode(provenance.height) }
        field("issuer") { $0.encode(provenance.issuer) }
    }

    mutating func provenanceTail(_ provenance: Provenance) {
        field("position") { $0.encode(provenance.position) }
    }

    /// Writes the digests of files of evidence.
    mutating func evidence(_ digests: [Digest]) {
        field("evidence") { $0.encode(array: digests) { $0.encode($1) } }
    }
}

extension CBORMapDecoder {
    /// Reads the digests of files of evidence.
    mutating func evidence() throws(CBORError) -> [Digest] {
        try field("evidence") { (decoder) throws(CBORError) in
            try decoder.decodeArray(maximum: MilestoneContent.maximumEvidenceCount) {
                (decoder) throws(CBORError) in
                try decoder.decodeDigest()
            }
        }
    }
}
