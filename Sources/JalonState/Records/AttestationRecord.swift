package import JalonCodec
package import JalonCrypto
package import JalonModel

/// An auditor's verdict on a milestone, at `attestation/<transaction id>`.
///
/// Method, sample, reason and the evidence's names stand in the transaction, which `id` names.
package struct AttestationRecord: Hashable, Sendable {
    /// The transaction that attested; stands in the path alone.
    package let id: TransactionID
    package let commitment: CommitmentID
    package let milestone: TransactionID
    package let verdict: Verdict
    /// SHA-256 of each file of evidence.
    package let evidence: [Digest]
    /// The auditor, and where it signed.
    package let provenance: Provenance
    /// Where its auditor took it back; `nil` while it stands.
    package private(set) var revoked: Origin?

    package var auditor: MemberID { provenance.issuer }

    /// Whether its auditor still says so.
    package var isStanding: Bool { revoked == nil }

    init(_ body: AttestationIssue, id: TransactionID, provenance: Provenance) {
        self.id = id
        (commitment, milestone, verdict) = (body.commitment, body.milestone, body.verdict)
        evidence = body.evidence.map(\.sha256)
        self.provenance = provenance
    }

    /// This attestation once its auditor took it back.
    func revoked(at origin: Origin) -> AttestationRecord {
        var record = self
        record.revoked = origin
        return record
    }
}

// MARK: - Encoding

extension AttestationRecord {
    package var encoded: [UInt8] {
        var encoder = CBOREncoder(capacity: 256)
        encode(to: &encoder)
        return encoder.bytes
    }

    package func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.provenanceHead(provenance)
            map.provenanceMiddle(provenance)
            map.field("revoked", ifPresent: revoked)
            map.field("verdict", value: verdict)
            map.evidence(evidence)
            map.provenanceTail(provenance)
            map.field("milestone") { $0.encode(milestone) }
            map.field("commitment") { $0.encode(commitment) }
        }
    }

    /// Reads the record of the attestation that the transaction `id` made.
    package init(id: TransactionID, from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            try AttestationRecord(id: id, map: &map)
        }
    }

    private init(id: TransactionID, map: inout CBORMapDecoder) throws(CBORError) {
        self.id = id
        var fields = try ProvenanceFields(&map)
        try fields.readMiddle(&map)
        revoked = try map.optionalValue("revoked")
        verdict = try map.value("verdict")
        evidence = try map.evidence()
        provenance = try fields.finish(&map)
        milestone = try map.transaction("milestone")
        commitment = try map.identifier("commitment")
    }
}
