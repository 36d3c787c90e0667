package import JalonModel

/// Who is to co-sign something, and who has.
package struct Cosigners: Hashable, Sendable {
    /// Whose co-signature is asked for, as the version in force names them.
    package let named: [MemberID]
    /// Who signed, in the order of their ids; of a proposal also the member that made it, where it is named.
    package let signed: [MemberID]
    /// How many signatures are needed.
    package let requiredCount: Int

    /// Who is named and has not signed, in the order of the names.
    package var missing: [MemberID] { named.filter { !signed.contains($0) } }

    /// Whether there are as many signatures as are needed.
    package var isComplete: Bool { signed.count >= requiredCount }
}

// Looks up what others say: each in O(log n), and O(1) for each record that is read.
extension LedgerState {
    // MARK: - Attestations

    package func attestation(_ id: TransactionID) -> AttestationRecord? {
        voices.value.attestations[id]?.value
    }

    /// Every attestation of a milestone, the revoked ones too, by age.
    package func attestations(of milestone: TransactionID) -> [AttestationRecord] {
        let from = AttestationKey(milestone, MemberID(checked: ""), .start)
        return voices.value.attestationsByMilestone.entries(from: from)
            .prefix { $0.key.milestone == milestone }
            .sorted { $0.key.age < $1.key.age }
            .compactMap { attestation($0.value) }
    }

    // MARK: - Disputes

    package func dispute(_ id: TransactionID) -> DisputeRecord? {
        voices.value.disputes[id]?.value
    }

    /// Every dispute about a commitment and its milestones, the resolved ones too, by age.
    package func disputes(of commitment: CommitmentID) -> [DisputeRecord] {
        records(voices.value.disputesByCommitment, of: commitment).compactMap { dispute($0) }
    }

    /// Every dispute, by age.
    ///
    /// - Complexity: O(n log n) for n disputes.
    package var disputes: [DisputeRecord] {
        voices.value.disputes.map(\.value.value).sorted { Age($0.provenance) < Age($1.provenance) }
    }

    /// How many disputes that a member opened are not resolved.
    package func openDisputeCount(by member: MemberID) -> Int {
        voices.value.openDisputeCounts[member] ?? 0
    }

    // MARK: - Co-signatures

    package func cosign(of subject: TransactionID, by member: MemberID) -> CosignRecord? {
        voices.value.cosigns[CosignKey(subject: subject, member: member)]?.value
    }

    /// The co-signatures of a transaction, by member.
    package func cosigns(of subject: TransactionID) -> [CosignRecord] {
        let from = CosignKey(subject: subject, member: MemberID(checked: ""))
        return voices.value.cosigns.entries(from: from).prefix { $0.key.subject == subject }
            .map(\.value.value)
    }

    /// Who is to co-sign a proposal, its `joint` members; `nil` where there is no such commitment.
    ///
    /// Whoever proposed it has signed by that.
    package func cosigners(ofProposal id: CommitmentID) -> Cosigners? {
        guard let entry = commitmentsByID[id]?.value else { return nil }
        let (named, origin) = (entry.current.value.body.joint ?? [], entry.record.origin)
        let signed = named.filter {
            $0 == origin.issuer || cosign(of: origin.transaction, by: $0) != nil
        }
        return Cosigners(named: named, signed: signed.sorted(), requiredCount: named.count)
    }

    /// Who is to co-sign a milestone, its commitment's `counterparties`; `nil` where there is no such milestone.
    ///
    /// How many are needed was settled when it was reported.
    package func cosigners(ofMilestone id: TransactionID) -> Cosigners? {
        guard let record = milestone(id), let entry = commitmentsByID[record.commitment]?.value else {
            return nil
        }
        return Cosigners(
            named: entry.current.value.body.counterparties?.members ?? [],
            signed: cosigns(of: id).map(\.member),
            requiredCount: record.requiredCosignatures
        )
    }

    // MARK: - Directives

    package func directive(_ id: TransactionID) -> DirectiveRecord? {
        voices.value.directives[id]?.value
    }

    /// Every directive, by age.
    ///
    /// - Complexity: O(n log n) for n directives.
    package var directives: [DirectiveRecord] {
        voices.value.directives.map(\.value.value).sorted { Age($0.provenance) < Age($1.provenance) }
    }

    /// The directives that a member was sent, by age.
    package func directives(to member: MemberID) -> [DirectiveRecord] {
        records(voices.value.directivesByAddressee, of: member).compactMap { directive($0) }
    }

    /// The directives that a regulator issued, by age.
    package func directives(from member: MemberID) -> [DirectiveRecord] {
        records(voices.value.directivesByIssuer, of: member).compactMap { directive($0) }
    }

    private func records<Subject>(
        _ index: PersistentMap<AgeKey<Subject>, TransactionID>,
        of subject: Subject
    ) -> [TransactionID] {
        index.entries(in: AgeKey(subject, .start)...AgeKey(subject, .end)).map(\.value)
    }

    // MARK: - Entering

    /// Enters an attestation, new or revoked, and counts it with its milestone.
    mutating func set(_ record: AttestationRecord) {
        let didStand = attestation(record.id)?.isStanding ?? false
        changeVoices { $0.set(record) }
        guard didStand != record.isStanding else { return }
        changeVoices(of: record.milestone) { $0.count(record.verdict, stands: record.isStanding) }
    }

    /// Enters a dispute, new or changed, and counts it with its commitment.
    mutating func set(_ record: DisputeRecord) {
        let wasOpen = dispute(record.id)?.isOpen ?? false
        changeVoices { $0.set(record) }
        guard wasOpen != record.isOpen, var entry = commitmentsByID[record.commitment]?.value else { return }
        entry.openDisputeCount += change(from: wasOpen, to: record.isOpen)
        commitmentsByID[record.commitment] = Shared(entry)
    }

    /// Enters a co-signature, and counts it with its milestone where it is of one.
    mutating func set(_ record: CosignRecord) {
        changeVoices { $0.set(record) }
        changeVoices(of: record.subject) { $0.cosignatureCount &+= 1 }
    }

    /// Enters a directive, new or changed.
    mutating func set(_ record: DirectiveRecord) {
        changeVoices { $0.set(record) }
    }

    private mutating func changeVoices(_ change: (inout Voices) -> Void) {
        var changed = voices.value
        change(&changed)
        voices = Shared(changed)
    }
}
