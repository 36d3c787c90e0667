import JalonCrypto
import JalonModel

/// What others say of commitments and milestones, and what regulators ask of members: the records, and the indexes that
/// follow from them.
///
/// One reference in a state's copy stands for all of it: most transactions are reports and need none of this.
struct Voices: Sendable {
    private(set) var attestations = PersistentMap<TransactionID, Shared<AttestationRecord>>()
    private(set) var disputes = PersistentMap<TransactionID, Shared<DisputeRecord>>()
    private(set) var cosigns = PersistentMap<CosignKey, Shared<CosignRecord>>()
    private(set) var directives = PersistentMap<TransactionID, Shared<DirectiveRecord>>()

    /// By milestone, auditor and age: the last one of an auditor is the only one that may stand.
    private(set) var attestationsByMilestone = PersistentMap<AttestationKey, TransactionID>()
    private(set) var disputesByCommitment = PersistentMap<AgeKey<CommitmentID>, TransactionID>()
    private(set) var directivesByAddressee = PersistentMap<AgeKey<MemberID>, TransactionID>()
    private(set) var directivesByIssuer = PersistentMap<AgeKey<MemberID>, TransactionID>()
    /// Disputes that each member opened and that are not resolved.
    private(set) var openDisputeCounts = PersistentMap<MemberID, Int>()

    /// Enters an attestation, new or revoked.
    mutating func set(_ record: AttestationRecord) {
        attestations[record.id] = Shared(record)
        attestationsByMilestone[AttestationKey(record)] = record.id
    }

    /// Enters a dispute, new or changed.
    mutating func set(_ record: DisputeRecord) {
        let wasOpen = disputes[record.id]?.value.isOpen ?? false
        disputes[record.id] = Shared(record)
        disputesByCommitment[AgeKey(record.commitment, record.provenance)] = record.id
        let count = (openDisputeCounts[record.opener] ?? 0) + change(from: wasOpen, to: record.isOpen)
        openDisputeCounts[record.opener] = count > 0 ? count : nil
    }

    mutating func set(_ record: CosignRecord) {
        cosigns[record.key] = Shared(record)
    }

    /// Enters a directive, new or changed.
    mutating func set(_ record: DirectiveRecord) {
        directives[record.id] = Shared(record)
        directivesByAddressee[AgeKey(record.to, record.provenance)] = record.id
        directivesByIssuer[AgeKey(record.issuer, record.provenance)] = record.id
    }

    /// The last attestation of a milestone by an auditor, standing or not.
    ///
    /// - Complexity: O(log n).
    func lastAttestation(of milestone: TransactionID, by auditor: MemberID) -> AttestationRecord? {
        let end = AttestationKey(milestone, auditor, .end)
        guard let last = attestationsByMilestone.last(before: end), last.key.milestone == milestone,
            last.key.auditor == auditor
        else { return nil }
        return attestations[last.value]?.value
    }
}

/// How a count of what is open changes.
func change(from wasOpen: Bool, to isOpen: Bool) -> Int {
    (isOpen ? 1 : 0) - (wasOpen ? 1 : 0)
}

/// How old a record is: its place in the chain.
struct Age: Comparable, Sendable {
    let height: Height
    let position: UInt64

    static let start = Age(height: Height(0), position: 0)
    /// After every record: no chain reaches that height.
    static let end = Age(height: Height(UInt64(Int64.max)), position: .max)

    init(height: Height, position: UInt64) {
        (self.height, self.position) = (height, position)
    }

    init(_ provenance: Provenance) {
        self.init(height: provenance.height, position: provenance.position)
    }

    static func < (left: Age, right: Age) -> Bool {
        left.height != right.height ? left.height < right.height : left.position < right.position
    }
}

/// Orders records of one subject by age.
struct AgeKey<Subject: Comparable & Sendable>: Comparable, Sendable {
    let subject: Subject
    let age: Age

    init(_ subject: Subject, _ age: Age) {
        (self.subject, self.age) = (subject, age)
    }

    init(_ subject: Subject, _ provenance: Provenance) {
        self.init(subject, Age(provenance))
    }

    static func < (left: AgeKey, right: AgeKey) -> Bool {
        left.subject != right.subject ? left.subject < right.subject : left.age < right.age
    }
}

/// Orders the attestations of one milestone by auditor, and each auditor's by age.
struct AttestationKey: Comparable, Sendable {
    let milestone: TransactionID
    let auditor: MemberID
    let age: Age

    init(_ milestone: TransactionID, _ auditor: MemberID, _ age: Age) {
        (self.milestone, self.auditor, self.age) = (milestone, auditor, age)
    }

    init(_ record: AttestationRecord) {
        self.init(record.milestone, record.auditor, Age(record.provenance))
    }

    static func < (left: AttestationKey, right: AttestationKey) -> Bool {
        if left.milestone != right.milestone { return left.milestone < right.milestone }
        if left.auditor != right.auditor { return left.auditor < right.auditor }
        return left.age < right.age
    }
}

/// What others say of a milestone, counted; memory alone holds it, since each voice is a leaf of its own.
package struct MilestoneVoices: Hashable, Sendable {
    /// Counterparties that co-signed.
    package internal(set) var cosignatureCount: UInt32 = 0
    /// Attestations that stand and confirm.
    package internal(set) var confirmedCount: UInt32 = 0
    /// Attestations that stand and refute.
    package internal(set) var refutedCount: UInt32 = 0

    package init() {}

    /// Counts an attestation that stands from now on, or no longer.
    mutating func count(_ verdict: Verdict, stands: Bool) {
        // No network has 2³² auditors; what leaves claim is checked before it is counted.
        let step: UInt32 = stands ? 1 : .max
        switch verdict {
        case .confirmed: confirmedCount &+= step
        case .refuted: refutedCount &+= step
        case .reserved, .unable: break
        }
    }
}
