import JalonCrypto
import JalonModel
import JalonSchema
import JalonState

extension API.SignedStep {
    /// A step that changed a record, with the words of its transaction.
    ///
    /// `absence` stands in their place where they are not held here.
    init(_ origin: Origin, text: Text? = nil, evidence: [Evidence] = [], absence: String? = nil) {
        self.init(
            transaction: origin.transaction.hex,
            issuer: origin.issuer.text,
            height: origin.height.value,
            timestamp: origin.time.value,
            text: text?.string ?? absence,
            evidence: evidence.map { API.Evidence($0) }
        )
        isAbsent = absence == nil ? nil : true
    }

    /// An addressee's acknowledgement or reply.
    ///
    /// `absence` stands in the place of its words where they are not held here.
    init(
        _ response: DirectiveResponse,
        by issuer: MemberID,
        text: Text? = nil,
        evidence: [Evidence] = [],
        absence: String? = nil
    ) {
        self.init(
            transaction: response.transaction.hex,
            issuer: issuer.text,
            height: response.height.value,
            timestamp: response.time.value,
            text: text?.string ?? absence,
            evidence: evidence.map { API.Evidence($0) },
            isLate: response.isLate
        )
        isAbsent = absence == nil ? nil : true
    }
}

extension API.Cosignatures {
    /// - Returns: `nil` where nobody is asked for one.
    init?(_ cosigners: Cosigners?) {
        guard let cosigners, !cosigners.named.isEmpty || !cosigners.signed.isEmpty else { return nil }
        self.init(
            required: cosigners.requiredCount,
            named: cosigners.named.map(\.text),
            signed: cosigners.signed.map(\.text),
            missing: cosigners.missing.map(\.text)
        )
    }
}

extension API.Attestation {
    /// `issue` is what its transaction says, `absence` what stands in its place where that is not held here,
    /// `revocation` why it was taken back.
    init(_ record: AttestationRecord, issue: AttestationIssue?, absence: String?, revocation: Text?) {
        self.init(
            id: record.id.hex,
            commitment: record.commitment.text,
            milestone: record.milestone.hex,
            auditor: record.auditor.text,
            verdict: record.verdict.rawValue,
            method: issue?.method.string ?? absence ?? "",
            sample: issue?.sample?.string,
            reason: issue?.reason.string ?? absence ?? "",
            evidence: (issue?.evidence ?? []).map { API.Evidence($0) },
            height: record.provenance.height.value,
            timestamp: record.provenance.time.value,
            revoked: record.revoked.map { API.SignedStep($0, text: revocation) }
        )
        isAbsent = issue == nil && absence != nil ? true : nil
    }
}

extension API.DisputeState {
    init(_ state: DisputeState) {
        switch state {
        case .open: self = .open
        case .answered: self = .answered
        case .upheld: self = .upheld
        case .rejected: self = .rejected
        case .withdrawn: self = .withdrawn
        }
    }
}

extension API.Dispute {
    /// `opening`, `answer` and `resolution` are what its transactions say, `absence` what stands in the place of the first
    /// where that is not held here.
    init(
        _ record: DisputeRecord,
        respondent: MemberID?,
        opening: DisputeOpen?,
        absence: String?,
        answer: API.SignedStep?,
        resolution: API.SignedStep?
    ) {
        self.init(
            id: record.id.hex,
            commitment: record.commitment.text,
            milestone: record.milestone?.hex,
            opener: record.opener.text,
            respondent: respondent?.text,
            ground: record.ground.rawValue,
            text: opening?.text.string ?? absence ?? "",
            evidence: (opening?.evidence ?? []).map { API.Evidence($0) },
            state: API.DisputeState(record.state),
            height: record.provenance.height.value,
            timestamp: record.provenance.time.value,
            answer: answer,
            resolution: resolution
        )
        isAbsent = opening == nil && absence != nil ? true : nil
    }
}

extension API.Directive {
    /// `issue` is what its transaction says, `absence` what stands in its place where that is not held here, `today` the
    /// head block's date.
    init(
        _ record: DirectiveRecord,
        issue: DirectiveIssue?,
        absence: String?,
        replies: [API.SignedStep],
        today: CalendarDay
    ) {
        let missing = API.LocalizedText(zh: absence ?? "")
        let isAnswered = record.acknowledgement != nil && !record.replies.isEmpty
        self.init(
            id: record.id.hex,
            from: record.issuer.text,
            to: record.to.text,
            commitment: record.about?.text,
            due: record.due.description,
            title: issue.map { API.LocalizedText($0.title) } ?? missing,
            text: issue.map { API.LocalizedText($0.text) } ?? missing,
            height: record.provenance.height.value,
            timestamp: record.provenance.time.value,
            isOverdue: !isAnswered && today > record.due,
            acknowledgement: record.acknowledgement.map { API.SignedStep($0, by: record.to) },
            replies: replies
        )
        isAbsent = issue == nil && absence != nil ? true : nil
    }
}

extension API.Delegation {
    /// `time` is the head block's timestamp.
    init(_ record: DelegationRecord, at time: Timestamp) {
        var commitments: [CommitmentID] = []
        if case .commitments(let ids) = record.scope { commitments = ids }
        self.init(
            key: record.key.hex,
            member: record.member.text,
            types: record.types.map(\.rawValue),
            isForAll: record.scope == .all,
            commitments: commitments.map(\.text),
            expires: record.expires.value,
            isInForce: record.isInForce(at: time),
            transaction: record.origin.transaction.hex,
            height: record.origin.height.value,
            timestamp: record.origin.time.value,
            revokedBy: record.revokedBy?.hex
        )
    }
}
