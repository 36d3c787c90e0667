import JalonCrypto
import JalonModel

// The rules of attestation.issue and .revoke that need the state.

extension Application {
    mutating func attest(_ body: AttestationIssue, by signer: Signer) throws(Refusal) {
        try checkRole(.attestationIssue, signer)
        let entry = try commitment(body.commitment)
        let milestone = try knownMilestone(body.milestone, of: body.commitment)
        try checkIndependent(signer, of: milestone, in: entry)
        // Another auditor may still confirm what one refuted; what was taken out by its reporter is nobody's claim.
        guard milestone.state == .effective || milestone.state == .excluded else {
            throw notEffective(milestone)
        }
        if let last = state.voices.value.lastAttestation(of: milestone.id, by: signer.member.id),
            last.isStanding
        {
            throw Refusal(
                .duplicateAttestation,
                "\(signer.shown) attests \(milestone.id) already: \(last.verdict), by \(last.id)",
                hint:
                    "To say something else, take that back first: jalon attest revoke \(last.id) --reason …"
            )
        }
        set(.attestation(AttestationRecord(body, id: transaction.id, provenance: provenance)))
        if body.verdict == .refuted, milestone.state == .effective {
            set(milestone.changed(to: .excluded, by: transaction.id))
        }
    }

    mutating func revoke(_ body: AttestationRevoke, by signer: Signer) throws(Refusal) {
        try checkRole(.attestationRevoke, signer)
        let entry = try commitment(body.commitment)
        guard let attestation = state.attestation(body.attestation),
            attestation.commitment == body.commitment
        else {
            let other = state.attestation(body.attestation).map { ", it is about \($0.commitment)" } ?? ""
            throw Refusal(
                .unknownAttestation,
                "\(body.attestation) is no attestation on \(body.commitment)\(other)",
                hint: "See: jalon commitment show \(body.commitment)"
            )
        }
        guard attestation.auditor == signer.member.id else {
            throw Refusal(
                .notResponsible,
                "\(signer.shown) may not revoke the attestation \(attestation.id) of \(attestation.auditor)",
                hint: "Attest for yourself: jalon attest issue \(attestation.milestone)"
            )
        }
        if let revoked = attestation.revoked {
            throw Refusal(
                .revoked,
                "the attestation \(attestation.id) was revoked by \(revoked.transaction)",
                hint: "Nothing is left to revoke. See: jalon commitment show \(body.commitment)"
            )
        }
        set(.attestation(attestation.revoked(at: origin)))
        guard attestation.verdict == .refuted, let milestone = state.milestone(attestation.milestone),
            milestone.state == .excluded, milestone.voices.refutedCount == 1
        else { return }
        set(readmitted(milestone, in: entry))
    }

    /// A milestone whose last refutation was taken back: it counts again, unless what was reported meanwhile took its
    /// place; that one was admitted without it, and stays.
    private func readmitted(_ milestone: MilestoneRecord, in entry: CommitmentEntry) -> MilestoneRecord {
        let rival =
            entry.effective[milestone.periodEnd]
            ?? {
                switch entry.current.value.body.indicator.accumulation {
                case .cumulative:
                    entry.effective.contradicting(
                        milestone.amount,
                        milestone.valueStatus,
                        at: milestone.periodEnd
                    )?
                    .milestone
                case .flow:
                    entry.effective.overlapping(
                        milestone.periodStart ?? milestone.periodEnd,
                        milestone.periodEnd
                    )?
                    .milestone
                case .stock: nil
                }
            }()
        guard let rival else { return milestone.changed(to: .effective, by: transaction.id) }
        return milestone.changed(to: .replaced, by: state.milestone(rival.number).id)
    }

    /// An auditor never attests what is its own.
    private func checkIndependent(
        _ signer: Signer,
        of milestone: MilestoneRecord,
        in entry: CommitmentEntry
    ) throws(Refusal) {
        let member = signer.member.id
        guard milestone.issuer == member || entry.isResponsible(member) else { return }
        throw Refusal(
            .party,
            "\(signer.shown) is responsible for \(entry.record.id) and can't attest its milestones",
            hint: "Let another auditor attest. See: jalon member list"
        )
    }
}

extension CommitmentEntry {
    /// Whether a member promised it or answers for it, by the version promised first or the one in force.
    func isResponsible(_ member: MemberID) -> Bool {
        [versions[0], current].contains { version in
            version.value.body.responsible.contains { $0.member == member }
                || (version.value.body.joint ?? []).contains(member)
        }
    }
}
