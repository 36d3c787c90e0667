import JalonModel

/// What is refused of attestations, disputes, co-signatures and directives.
enum VoiceDamage {
    private static let long = EncodedTree.text(String(repeating: "a", count: 601))

    private static let evidences = EncodedTree.array(
        Array(repeating: (try? Domain.evidence().encoded).map { EncodedTree($0) } ?? [], count: 17)
    )

    static let all: [Damage] = [
        Damage("attest", "milestone", nil, "\"milestone\""),
        Damage("attest", "milestone", .bytes([1]), "exactly 32"),
        Damage("attest", "verdict", "wrong", "confirmed, reserved, refuted or unable"),
        Damage("attest", "verdict", nil, "\"verdict\""),
        Damage("attest", "method", nil, "\"method\""),
        Damage("attest", "method", long, "method is 601 bytes"),
        Damage("attest", "sample", long, "sample is 601 bytes"),
        Damage("attest", "sample", "", "empty"),
        Damage("attest", "reason", nil, "\"reason\""),
        Damage("attest", "evidence", nil, "\"evidence\""),
        Damage("attest", "evidence", evidences, "at most 16"),
        Damage("attest", "commitment", "", "is not 1 to 64"),
        Damage("attest", "note", "x", "\"note\""),
        Damage("revoke", "attestation", nil, "\"attestation\""),
        Damage("revoke", "reason", nil, "\"reason\""),
        Damage("revoke", "milestone", .bytes([1]), "\"milestone\""),
        Damage("dispute", "ground", "taste", "wrongRegion, wrongValue"),
        Damage("dispute", "text", nil, "\"text\""),
        Damage("dispute", "text", "a\u{202E}b", "U+202E"),
        Damage("dispute", "milestone", .bytes([1]), "exactly 32"),
        Damage("dispute", "evidence", evidences, "at most 16"),
        Damage("dispute", "commitment", nil, "\"commitment\""),
        Damage("answer", "dispute", nil, "\"dispute\""),
        Damage("answer", "text", "", "empty"),
        Damage("answer", "evidence", evidences, "at most 16"),
        Damage("answer", "outcome", "upheld", "\"outcome\""),
        Damage("resolve", "outcome", "postponed", "upheld, rejected or withdrawn"),
        Damage("resolve", "reason", nil, "\"reason\""),
        Damage("resolve", "dispute", .bytes([1]), "exactly 32"),
        Damage("resolve", "evidence", [], "\"evidence\""),
        Damage("cosign", "subject", nil, "\"subject\""),
        Damage("cosign", "subject", "CN-HN-2020-001", "a byte string"),
        Damage("cosign", "commitment", nil, "\"commitment\""),
        Damage("cosign", "member", "cn-hn", "\"commitment\""),
        Damage("cosign recovery", "commitment", "CN-HN-2020-001", "\"commitment\""),
        Damage("cosign recovery", "member", nil, "\"commitment\""),
        Damage("direct", "to", "a b", "is not 1 to 64"),
        Damage("direct", "to", nil, "\"to\""),
        Damage("direct", "due", "2021-06-31", "is not a day"),
        Damage("direct", "title.en", long, "title.en is 601 bytes"),
        Damage("direct", "text", nil, "\"text\""),
        Damage("direct", "text.zh", nil, "\"zh\""),
        Damage("direct", "subject", "", "is not 1 to 64"),
        Damage("acknowledge", "directive", nil, "\"directive\""),
        Damage("acknowledge", "text", "x", "\"text\""),
        Damage("reply", "directive", .bytes([1]), "exactly 32"),
        Damage("reply", "text", nil, "\"text\""),
        Damage("reply", "evidence", evidences, "at most 16"),
        Damage("reply", "evidence", nil, "\"evidence\""),
    ]
}
