import JalonCrypto
import JalonModel

// The rules of cosign that need the state.

extension Application {
    mutating func cosign(_ body: Cosign, by signer: Signer) throws(Refusal) {
        try checkRole(.cosign, signer)
        switch body.about {
        case .commitment(let id):
            try checkGrant(signer, .cosign, on: id)
            let entry = try commitment(id)
            if entry.record.origin.transaction == body.transaction {
                try cosignProposal(body, of: entry, by: signer)
            } else {
                try cosignMilestone(body, of: entry, by: signer)
            }
        case .member(let id):
            try checkGrant(signer, .cosign, on: nil)
            try cosignRecovery(body, of: id, by: signer)
        }
    }

    // MARK: - Proposals

    /// The last of the members named in `joint` makes a proposal active, where nobody else must.
    private mutating func cosignProposal(
        _ body: Cosign,
        of entry: CommitmentEntry,
        by signer: Signer
    ) throws(Refusal) {
        let id = entry.record.id
        guard let cosigners = state.cosigners(ofProposal: id) else {
            preconditionFailure("an entry has its cosigners")
        }
        try checkNamed(signer, in: cosigners, what: "joint members of \(id)")
        try checkFirst(body, by: signer)
        guard entry.record.origin.issuer != signer.member.id else {
            throw Refusal(
                .alreadyCosigned,
                "\(signer.shown) signed \(id) when it proposed it",
                hint: "Missing: \(shown(cosigners.missing))"
            )
        }
        guard entry.record.life == .proposed else {
            throw Refusal(
                .life,
                "\(id) is \(entry.record.life), only a proposal is co-signed",
                hint: "See: jalon commitment show \(id)"
            )
        }
        set(.cosign(CosignRecord(body, by: transaction.id, provenance: provenance)))
        activateIfComplete(entry, missing: cosigners.missing.filter { $0 != signer.member.id })
    }

    // MARK: - Milestones

    private mutating func cosignMilestone(
        _ body: Cosign,
        of entry: CommitmentEntry,
        by signer: Signer
    ) throws(Refusal) {
        let id = entry.record.id
        guard let milestone = state.milestone(body.transaction), milestone.commitment == id else {
            let other = state.milestone(body.transaction).map { ", it is a milestone of \($0.commitment)" }
            throw Refusal(
                .unknownSubject,
                "\(body.transaction) is neither the proposal of \(id) nor one of its milestones\(other ?? "")",
                hint: "See: jalon commitment show \(id)"
            )
        }
        guard let cosigners = state.cosigners(ofMilestone: milestone.id) else {
            preconditionFailure("a milestone has its cosigners")
        }
        try checkNamed(signer, in: cosigners, what: "counterparties of \(id)")
        guard milestone.issuer != signer.member.id else {
            throw Refusal(
                .party,
                "\(signer.shown) reported \(milestone.id) and can't co-sign it too",
                hint: "Missing: \(shown(cosigners.missing))"
            )
        }
        try checkFirst(body, by: signer)
        guard milestone.state == .effective else { throw notEffective(milestone) }
        set(.cosign(CosignRecord(body, by: transaction.id, provenance: provenance)))
    }

    // MARK: - Recoveries

    /// A regulator co-signs the key.recover of a member.
    ///
    /// Recoveries have no record yet: the one that is waiting for this member is looked up here.
    private mutating func cosignRecovery(
        _ body: Cosign,
        of member: MemberID,
        by signer: Signer
    ) throws(Refusal) {
        guard let recovery = state.pendingChanges.first(where: { $0.id == body.transaction }),
            recovery.member == member, !recovery.isSeatChange
        else {
            throw Refusal(
                .unknownSubject,
                "\(body.transaction) is no key.recover of \(member) that waits",
                hint: "See: jalon member show \(member)"
            )
        }
        guard signer.member.has(.regulator), signer.member.id != member else {
            throw Refusal(
                .notNamed,
                "a recovery is co-signed by a regulator that is another member; \(signer.shown) is none",
                hint: "Nothing was recorded. See: jalon member list"
            )
        }
        try checkFirst(body, by: signer)
        set(.cosign(CosignRecord(body, by: transaction.id, provenance: provenance)))
        confirm(recovery)
    }

    // MARK: - Who, and once

    private func checkNamed(_ signer: Signer, in cosigners: Cosigners, what: String) throws(Refusal) {
        guard !cosigners.named.contains(signer.member.id) else { return }
        if cosigners.named.isEmpty {
            throw Refusal(
                .notNamed,
                "\(signer.shown) is not among the \(what): there are none, no co-signature is asked for",
                hint: "Nothing was recorded. See: jalon commitment list"
            )
        }
        throw Refusal(
            .notNamed,
            "\(signer.shown) is not among the \(what): \(shown(cosigners.named))",
            hint: "Nothing was recorded. Missing: \(shown(cosigners.missing))"
        )
    }

    private func checkFirst(_ body: Cosign, by signer: Signer) throws(Refusal) {
        guard let earlier = state.cosign(of: body.transaction, by: signer.member.id) else { return }
        throw Refusal(
            .alreadyCosigned,
            "\(signer.shown) co-signed \(body.transaction) already, by \(earlier.transaction)",
            hint: "Once is enough. See: jalon transaction show \(earlier.transaction)"
        )
    }

    private func shown(_ members: [MemberID]) -> String {
        members.isEmpty ? "nobody" : members.map(\.text).joined(separator: ", ")
    }
}
