package import JalonCodec
import JalonCrypto
package import JalonModel

/// An addressee's acknowledgement of a directive, or one of its replies.
package struct DirectiveResponse: CBORValue {
    package let transaction: TransactionID
    package let height: Height
    /// The block's timestamp.
    package let time: Timestamp
    /// Whether the block's date lay after the day that the directive was due.
    package let isLate: Bool

    package init(transaction: TransactionID, height: Height, time: Timestamp, isLate: Bool) {
        (self.transaction, self.height, self.time) = (transaction, height, time)
        self.isLate = isLate
    }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("late", ifTrue: isLate)
            map.field("time") { $0.encode(time) }
            map.field("height") { $0.encode(height) }
            map.field("transaction") { $0.encode(transaction) }
        }
    }

    package init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let isLate = try map.optionalTrue("late")
            let time = try map.counter("time", Timestamp.self)
            let height = try map.counter("height", Height.self)
            return DirectiveResponse(
                transaction: try map.transaction("transaction"),
                height: height,
                time: time,
                isLate: isLate
            )
        }
    }
}

/// What a regulator asked a member to do, at `directive/<transaction id>`, with what the member said to it.
///
/// Title, text and the words of the replies stand in the transactions.
package struct DirectiveRecord: Hashable, Sendable {
    /// The most replies to one directive.
    package static let maximumReplyCount = 16

    /// The transaction that issued it; stands in the path alone.
    package let id: TransactionID
    /// The addressee.
    package let to: MemberID
    /// The commitment that it is about.
    package let about: CommitmentID?
    package let due: CalendarDay
    /// The regulator, and where it signed.
    package let provenance: Provenance
    package private(set) var acknowledgement: DirectiveResponse?
    /// In the order of the chain.
    package private(set) var replies: [DirectiveResponse] = []

    package var issuer: MemberID { provenance.issuer }

    init(_ body: DirectiveIssue, id: TransactionID, provenance: Provenance) {
        (self.id, self.provenance) = (id, provenance)
        (to, about, due) = (body.to, body.about, body.due)
    }

    /// This directive once its addressee acknowledged it.
    func acknowledged(_ response: DirectiveResponse) -> DirectiveRecord {
        var record = self
        record.acknowledgement = response
        return record
    }

    /// This directive with one more reply.
    func replied(_ response: DirectiveResponse) -> DirectiveRecord {
        var record = self
        record.replies.append(response)
        return record
    }
}

// MARK: - Encoding

extension DirectiveRecord {
    package var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 256)
        encode(to: &encoder)
        return encoder.bytes
    }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("to") { $0.encode(to) }
            map.field("due", value: due)
            map.provenanceHead(provenance)
            map.provenanceMiddle(provenance)
            map.field("replies", values: replies)
            map.field("subject", ifPresent: about) { $0.encode($1) }
            map.provenanceTail(provenance)
            map.field("acknowledged", ifPresent: acknowledgement)
        }
    }

    /// Reads the record of the directive that the transaction `id` issued.
    package init(id: TransactionID, from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            try DirectiveRecord(id: id, map: &map)
        }
    }

    private init(id: TransactionID, map: inout CBORMapDecoder) throws(CBORError) {
        self.id = id
        to = try map.identifier("to")
        due = try map.value("due")
        var fields = try ProvenanceFields(&map)
        try fields.readMiddle(&map)
        replies = try map.values("replies", maximum: DirectiveRecord.maximumReplyCount)
        about = try map.optional("subject") { (decoder) throws(CBORError) in
            try decoder.decode(CommitmentID.self)
        }
        provenance = try fields.finish(&map)
        acknowledgement = try map.optionalValue("acknowledged")
    }
}
