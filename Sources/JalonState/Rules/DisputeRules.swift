import JalonCrypto
import JalonModel

// The rules of dispute.open, .answer and .resolve that need the state.

/// How many disputes a member may have open at once: a rule of the state alone, so that nobody can flood the others.
enum DisputeLimit {
    static let member = 16
    /// Of a member that is nothing but an observer.
    static let observer = 4
}

extension Application {
    mutating func dispute(_ body: DisputeOpen, by signer: Signer) throws(Refusal) {
        try checkRole(.disputeOpen, signer)
        let entry = try commitment(body.commitment)
        if let id = body.milestone {
            let milestone = try knownMilestone(id, of: body.commitment)
            guard milestone.state == .effective || milestone.state == .excluded else {
                throw notEffective(milestone)
            }
        }
        guard entry.current.value.body.lead != signer.member.id else {
            throw Refusal(
                .party,
                "\(signer.shown) answers for \(body.commitment) and can't dispute it",
                hint: "Put it right instead: jalon milestone correct, or jalon commitment amend"
            )
        }
        let limit = signer.member.roles == [.observer] ? DisputeLimit.observer : DisputeLimit.member
        let count = state.openDisputeCount(by: signer.member.id)
        guard count < limit else {
            throw Refusal(
                .tooManyDisputes,
                "\(signer.shown) has \(count) disputes that are not resolved, at most \(limit) are allowed",
                hint: "Wait until one is resolved. See: jalon dispute list"
            )
        }
        set(.dispute(DisputeRecord(body, id: transaction.id, provenance: provenance)))
    }

    mutating func answer(_ body: DisputeAnswer, by signer: Signer) throws(Refusal) {
        try checkRole(.disputeAnswer, signer)
        let (entry, dispute) = try openDispute(body.dispute, of: body.commitment)
        let respondent = entry.current.value.body.lead
        guard respondent == signer.member.id else {
            let may = respondent.flatMap { state.member($0) }.map { shownName(of: $0) } ?? "nobody"
            throw Refusal(
                .notAddressee,
                "\(signer.shown) is not the respondent of \(dispute.id); may answer: \(may)",
                hint: "Nothing was recorded. See: jalon commitment show \(body.commitment)"
            )
        }
        if let answer = dispute.answer {
            throw Refusal(
                .disputeState,
                "the dispute \(dispute.id) was answered by \(answer.transaction)",
                hint: "A regulator resolves it now. See: jalon dispute show \(dispute.id)"
            )
        }
        set(.dispute(dispute.answered(at: origin)))
    }

    mutating func resolve(_ body: DisputeResolve, by signer: Signer) throws(Refusal) {
        try checkRole(.disputeResolve, signer)
        let (entry, dispute) = try openDispute(body.dispute, of: body.commitment)
        if let part = part(of: signer.member.id, in: dispute, entry) {
            throw Refusal(
                .party,
                "\(signer.shown) is a party to the dispute \(dispute.id): \(part)",
                hint: "Let another regulator resolve it. See: jalon member list"
            )
        }
        // Silence of the respondent does not block it: an open dispute is resolved as an answered one is.
        set(.dispute(dispute.resolved(body.outcome, at: origin)))
    }

    /// The dispute to answer or resolve: this commitment's, and not resolved yet.
    private func openDispute(
        _ id: TransactionID,
        of commitmentID: CommitmentID
    ) throws(Refusal) -> (CommitmentEntry, DisputeRecord) {
        let entry = try commitment(commitmentID)
        guard let dispute = state.dispute(id), dispute.commitment == commitmentID else {
            let other = state.dispute(id).map { ", it is about \($0.commitment)" } ?? ""
            throw Refusal(
                .unknownDispute,
                "\(id) is no dispute about \(commitmentID)\(other)",
                hint: "See: jalon dispute list"
            )
        }
        if let resolution = dispute.resolution {
            throw Refusal(
                .disputeState,
                "the dispute \(id) is \(dispute.state) since block \(resolution.height), by \(resolution.issuer)",
                hint: "What is new is a new dispute: jalon dispute open"
            )
        }
        return (entry, dispute)
    }

    /// What makes a member a party to a dispute, in words; `nil` where it is none.
    private func part(
        of member: MemberID,
        in dispute: DisputeRecord,
        _ entry: CommitmentEntry
    ) -> String? {
        if dispute.opener == member { return "it opened it" }
        if entry.isResponsible(member) { return "it is responsible for \(dispute.commitment)" }
        if let counterparties = entry.current.value.body.counterparties,
            counterparties.members.contains(member)
        {
            return "it is a counterparty of \(dispute.commitment)"
        }
        guard let id = dispute.milestone else {
            return entry.record.origin.issuer == member ? "it proposed \(dispute.commitment)" : nil
        }
        return state.milestone(id)?.issuer == member ? "it reported \(id)" : nil
    }
}
