import JalonAPI
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import JalonStorage

extension NodeLedger {
    /// The newest attestations that a milestone shows, and the newest disputes that a commitment shows; all of them
    /// stand in lists of their own.
    private static let shownAttestationCount = 20
    private static let shownDisputeCount = 100

    // MARK: - Attestations

    func attestations(of milestone: TransactionID, page: Page) async throws -> API.AttestationPage {
        let snapshot = view.snapshot
        guard snapshot.state.milestone(milestone) != nil else {
            throw API.Problem.notFound(
                Refusal.Code.unknownMilestone.rawValue,
                "\(milestone) reported no milestone",
                hint: "See: jalon milestone list COMMITMENT"
            )
        }
        let (part, next) = try page.part(of: snapshot.state.attestations(of: milestone)) { $0.id.hex }
        return API.AttestationPage(
            height: snapshot.height.value,
            attestations: try part.map(attestation),
            next: next
        )
    }

    func attestation(_ id: TransactionID) async throws -> API.Attestation {
        guard let record = view.snapshot.state.attestation(id) else {
            throw API.Problem.notFound(
                Refusal.Code.unknownAttestation.rawValue,
                "\(id) is no attestation",
                hint: "See: jalon attest list COMMITMENT"
            )
        }
        return try attestation(record)
    }

    /// The newest attestations of a milestone.
    func attestations(of milestone: TransactionID, _ state: LedgerState) throws -> [API.Attestation] {
        try state.attestations(of: milestone).suffix(NodeLedger.shownAttestationCount).map(attestation)
    }

    private func attestation(_ record: AttestationRecord) throws -> API.Attestation {
        var issue: AttestationIssue?
        if case .attestationIssue(let body) = try words(of: record.id, at: record.provenance.height) {
            issue = body
        }
        var reason: Text?
        if let revoked = record.revoked,
            case .attestationRevoke(let body) = try words(of: revoked.transaction, at: revoked.height)
        {
            reason = body.reason
        }
        let missing = absence(at: record.provenance.height)
        return API.Attestation(record, issue: issue, absence: missing, revocation: reason)
    }

    // MARK: - Disputes

    func disputes(_ filter: DisputeFilter, page: Page) async throws -> API.DisputePage {
        let snapshot = view.snapshot
        var records: [DisputeRecord]
        if let id = filter.commitment {
            _ = try known(id, snapshot.state)
            records = snapshot.state.disputes(of: id)
        } else {
            records = snapshot.state.disputes
        }
        if let isOpen = filter.isOpen { records.removeAll { $0.isOpen != isOpen } }
        let (part, next) = try page.part(of: records) { $0.id.hex }
        return API.DisputePage(
            height: snapshot.height.value,
            disputes: try part.map { try dispute($0, snapshot.state) },
            next: next
        )
    }

    func dispute(_ id: TransactionID) async throws -> API.Dispute {
        let state = view.snapshot.state
        guard let record = state.dispute(id) else {
            throw API.Problem.notFound(
                Refusal.Code.unknownDispute.rawValue,
                "\(id) is no dispute",
                hint: "See: jalon dispute list"
            )
        }
        return try dispute(record, state)
    }

    /// The newest disputes about a commitment and its milestones.
    func disputes(of commitment: CommitmentID, _ state: LedgerState) throws -> [API.Dispute] {
        try state.disputes(of: commitment).suffix(NodeLedger.shownDisputeCount).map { try dispute($0, state) }
    }

    private func dispute(_ record: DisputeRecord, _ state: LedgerState) throws -> API.Dispute {
        var opening: DisputeOpen?
        if case .disputeOpen(let body) = try words(of: record.id, at: record.provenance.height) {
            opening = body
        }
        let answer = try record.answer.map { origin in
            guard case .disputeAnswer(let body) = try words(of: origin.transaction, at: origin.height) else {
                return API.SignedStep(origin, absence: absence(at: origin.height))
            }
            return API.SignedStep(origin, text: body.text, evidence: body.evidence)
        }
        let resolution = try record.resolution.map { origin in
            guard case .disputeResolve(let body) = try words(of: origin.transaction, at: origin.height)
            else {
                return API.SignedStep(origin, absence: absence(at: origin.height))
            }
            return API.SignedStep(origin, text: body.reason)
        }
        return API.Dispute(
            record,
            respondent: state.commitment(record.commitment)?.current.body.lead,
            opening: opening,
            absence: absence(at: record.provenance.height),
            answer: answer,
            resolution: resolution
        )
    }

    // MARK: - Directives

    func directives(_ filter: DirectiveFilter, page: Page) async throws -> API.DirectivePage {
        let snapshot = view.snapshot
        let state = snapshot.state
        for member in [filter.to, filter.from].compactMap({ $0 }) { try checkMember(member, state) }
        let records =
            switch (filter.to, filter.from) {
            case (nil, nil): state.directives
            case (let to?, nil): state.directives(to: to)
            case (nil, let from?): state.directives(from: from)
            case (let to?, let from?): state.directives(to: to).filter { $0.issuer == from }
            }
        let (part, next) = try page.part(of: records) { $0.id.hex }
        let today = state.date(of: snapshot.timestamp)
        return API.DirectivePage(
            height: snapshot.height.value,
            directives: try part.map { try directive($0, today) },
            next: next
        )
    }

    func latestDirectives(to member: MemberID, limit: Int) async throws -> [API.Directive] {
        let snapshot = view.snapshot
        try checkMember(member, snapshot.state)
        let today = snapshot.state.date(of: snapshot.timestamp)
        return try snapshot.state.directives(to: member).suffix(limit).map { try directive($0, today) }
    }

    func directive(_ id: TransactionID) async throws -> API.Directive {
        let snapshot = view.snapshot
        guard let record = snapshot.state.directive(id) else {
            throw API.Problem.notFound(
                Refusal.Code.unknownDirective.rawValue,
                "\(id) is no directive",
                hint: "See: jalon directive list"
            )
        }
        return try directive(record, snapshot.state.date(of: snapshot.timestamp))
    }

    private func directive(_ record: DirectiveRecord, _ today: CalendarDay) throws -> API.Directive {
        var issue: DirectiveIssue?
        if case .directiveIssue(let body) = try words(of: record.id, at: record.provenance.height) {
            issue = body
        }
        let replies = try record.replies.map { response in
            guard case .directiveReply(let body) = try words(of: response.transaction, at: response.height)
            else {
                return API.SignedStep(response, by: record.to, absence: absence(at: response.height))
            }
            return API.SignedStep(response, by: record.to, text: body.text, evidence: body.evidence)
        }
        let missing = absence(at: record.provenance.height)
        return API.Directive(record, issue: issue, absence: missing, replies: replies, today: today)
    }

    // MARK: - Delegations

    func delegations(of member: MemberID, page: Page) async throws -> API.DelegationPage {
        let snapshot = view.snapshot
        try checkMember(member, snapshot.state)
        let (part, next) = try page.part(of: snapshot.state.delegations(of: member)) { $0.key.hex }
        return API.DelegationPage(
            height: snapshot.height.value,
            delegations: part.map { API.Delegation($0, at: snapshot.timestamp) },
            next: next
        )
    }

    // MARK: - Parts

    private func checkMember(_ id: MemberID, _ state: LedgerState) throws {
        guard state.member(id) == nil else { return }
        throw API.Problem.notFound(
            Refusal.Code.unknownMember.rawValue,
            "there is no member \(id)",
            hint: "See: jalon member list"
        )
    }

    /// What a final transaction says; `nil` where its block is not held.
    private func words(of id: TransactionID, at height: Height) throws -> TransactionBody? {
        if absence(at: height) != nil { return nil }
        return try cache.body(of: id) {
            guard let stored = try reader.transaction(id) else { throw NodeLedgerError.missing(id) }
            return try Transaction(bytes: stored.bytes).content.get()
        }
    }
}

extension Page {
    /// The part of a list that was asked for, and the cursor of the next one.
    ///
    /// - Throws: ``API/Problem`` where the cursor is no entry of the list.
    func part<Entry>(
        of entries: [Entry],
        id: (Entry) -> String
    ) throws(API.Problem) -> (part: ArraySlice<Entry>, next: String?) {
        var rest = entries[...]
        if let cursor {
            guard let index = rest.firstIndex(where: { id($0) == cursor }) else {
                throw API.Problem(
                    code: "E_QUERY",
                    title: "Bad query",
                    status: 400,
                    detail: "cursor=\(cursor): expected the `next` of the page before"
                )
            }
            rest = rest[(index + 1)...]
        }
        let part = rest.prefix(limit)
        return (part, part.count < rest.count ? part.last.map(id) : nil)
    }
}
