package import JalonCodec
package import JalonCrypto
package import JalonModel

/// Where a dispute is in its life.
package enum DisputeState: String, CodedChoice {
    case open, answered, upheld, rejected, withdrawn

    init(_ outcome: DisputeOutcome) {
        switch outcome {
        case .upheld: self = .upheld
        case .rejected: self = .rejected
        case .withdrawn: self = .withdrawn
        }
    }
}

/// A signed objection, at `dispute/<transaction id>`, with what became of it.
///
/// Its words, the answer's and the resolution's stand in their transactions.
package struct DisputeRecord: Hashable, Sendable {
    /// The transaction that opened it; stands in the path alone.
    package let id: TransactionID
    package let commitment: CommitmentID
    /// The milestone in question; `nil` where it is the commitment itself.
    package let milestone: TransactionID?
    package let ground: DisputeGround
    /// SHA-256 of each file of evidence.
    package let evidence: [Digest]
    /// Who opened it, and where.
    package let provenance: Provenance
    package private(set) var state = DisputeState.open
    /// Where the respondent answered.
    package private(set) var answer: Origin?
    /// Where a regulator ended it.
    package private(set) var resolution: Origin?

    package var opener: MemberID { provenance.issuer }

    /// Whether it still waits for its end.
    package var isOpen: Bool { resolution == nil }

    init(_ body: DisputeOpen, id: TransactionID, provenance: Provenance) {
        self.id = id
        (commitment, milestone, ground) = (body.commitment, body.milestone, body.ground)
        evidence = body.evidence.map(\.sha256)
        self.provenance = provenance
    }

    /// This dispute once its respondent answered.
    func answered(at origin: Origin) -> DisputeRecord {
        var record = self
        (record.state, record.answer) = (.answered, origin)
        return record
    }

    /// This dispute once a regulator ended it.
    func resolved(_ outcome: DisputeOutcome, at origin: Origin) -> DisputeRecord {
        var record = self
        (record.state, record.resolution) = (DisputeState(outcome), origin)
        return record
    }
}

// MARK: - Encoding

extension DisputeRecord {
    package var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 384)
        encode(to: &encoder)
        return encoder.bytes
    }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.provenanceHead(provenance)
            map.field("state", value: state)
            map.field("answer", ifPresent: answer)
            map.field("ground", value: ground)
            map.provenanceMiddle(provenance)
            map.evidence(evidence)
            map.provenanceTail(provenance)
            map.field("milestone", ifPresent: milestone) { $0.encode($1) }
            map.field("commitment") { $0.encode(commitment) }
            map.field("resolution", ifPresent: resolution)
        }
    }

    /// Reads the record of the dispute that the transaction `id` opened.
    package init(id: TransactionID, from decoder: inout CBORDecoder) throws(CBORError) {
        let at = decoder.offset
        self = try decoder.decodeMap { (map) throws(CBORError) in
            try DisputeRecord(id: id, map: &map, offset: at)
        }
    }

    private init(id: TransactionID, map: inout CBORMapDecoder, offset: Int) throws(CBORError) {
        self.id = id
        var fields = try ProvenanceFields(&map)
        state = try map.value("state")
        answer = try map.optionalValue("answer")
        ground = try map.value("ground")
        try fields.readMiddle(&map)
        evidence = try map.evidence()
        provenance = try fields.finish(&map)
        milestone = try map.optionalTransaction("milestone")
        commitment = try map.identifier("commitment")
        resolution = try map.optionalValue("resolution")
        let fits =
            switch state {
            case .open: answer == nil && resolution == nil
            case .answered: answer != nil && resolution == nil
            case .upheld, .rejected, .withdrawn: resolution != nil
            }
        guard fits else {
            throw .invalidValue("a dispute that is \(state) has another answer or resolution", offset: offset)
        }
    }
}
