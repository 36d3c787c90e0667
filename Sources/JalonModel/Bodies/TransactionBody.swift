import JalonCodec

/// The kinds of transaction that this rule set knows; the raw value is the body's `type`.
public enum TransactionType: String, CodedChoice {
    case planPublish = "plan.publish"
    case commitmentPropose = "commitment.propose"
    case milestoneReport = "milestone.report"
    case milestoneCorrect = "milestone.correct"
    case milestoneRetract = "milestone.retract"
    case commitmentActivate = "commitment.activate"
    case commitmentReturn = "commitment.return"
    case commitmentAmend = "commitment.amend"
    case commitmentWithdraw = "commitment.withdraw"
    case commitmentCancel = "commitment.cancel"
    case commitmentSupersede = "commitment.supersede"
    case commitmentSuspend = "commitment.suspend"
    case commitmentResume = "commitment.resume"
    case commitmentClose = "commitment.close"
    case attestationIssue = "attestation.issue"
    case attestationRevoke = "attestation.revoke"
    case disputeOpen = "dispute.open"
    case disputeAnswer = "dispute.answer"
    case disputeResolve = "dispute.resolve"
    case delegationGrant = "delegation.grant"
    case delegationRevoke = "delegation.revoke"
    case governancePropose = "governance.propose"
    case governanceVote = "governance.vote"
    case keyRotate = "key.rotate"
    case keyRecover = "key.recover"
    case cosign
    case directiveIssue = "directive.issue"
    case directiveAcknowledge = "directive.acknowledge"
    case directiveReply = "directive.reply"
    case validatorsActivate = "validators.activate"
}

/// A kind of body: its rules that need no state.
protocol BodyContent: CBORValue {
    /// The id that the claim `sub` must equal.
    var subject: SubjectID { get }

    /// Checks the rules between fields.
    func validate() throws(BodyError)

    /// The signatures inside the body, of other keys than the one that signs the transaction.
    func signatures(on chain: ChainID) -> [EmbeddedSignature]
}

extension BodyContent {
    func signatures(on chain: ChainID) -> [EmbeddedSignature] { [] }
}

/// What a transaction says.
///
/// Indirect: the largest body is many times as large as a report, and every copy would be as large as it.
public indirect enum TransactionBody: Hashable, Sendable {
    case planPublish(PlanPublish)
    case commitmentPropose(CommitmentPropose)
    case milestoneReport(MilestoneReport)
    case milestoneCorrect(MilestoneCorrect)
    case milestoneRetract(MilestoneRetract)
    case governancePropose(GovernancePropose)
    case governanceVote(GovernanceVote)
    case keyRotate(KeyRotate)
    case keyRecover(KeyRecover)
    case validatorsActivate(ValidatorsActivate)
    case attestationIssue(AttestationIssue)
    case attestationRevoke(AttestationRevoke)
    case disputeOpen(DisputeOpen)
    case disputeAnswer(DisputeAnswer)
    case disputeResolve(DisputeResolve)
    case cosign(Cosign)
    case directiveIssue(DirectiveIssue)
    case directiveAcknowledge(DirectiveAcknowledge)
    case directiveReply(DirectiveReply)
    /// One of the eight steps in a commitment's life, each with a type of its own.
    case commitmentTransition(CommitmentTransition)
    case commitmentAmend(CommitmentAmend)
    case delegationGrant(DelegationGrant)
    case delegationRevoke(DelegationRevoke)

    /// The body's `type`.
    public var type: TransactionType {
        switch self {
        case .planPublish: .planPublish
        case .commitmentPropose: .commitmentPropose
        case .milestoneReport: .milestoneReport
        case .milestoneCorrect: .milestoneCorrect
        case .milestoneRetract: .milestoneRetract
        case .governancePropose: .governancePropose
        case .governanceVote: .governanceVote
        case .keyRotate: .keyRotate
        case .keyRecover: .keyRecover
        case .validatorsActivate: .validatorsActivate
        case .attestationIssue: .attestationIssue
        case .attestationRevoke: .attestationRevoke
        case .disputeOpen: .disputeOpen
        case .disputeAnswer: .disputeAnswer
        case .disputeResolve: .disputeResolve
        case .cosign: .cosign
        case .directiveIssue: .directiveIssue
        case .directiveAcknowledge: .directiveAcknowledge
        case .directiveReply: .directiveReply
        case .commitmentTransition(let body): body.step.type
        case .commitmentAmend: .commitmentAmend
        case .delegationGrant: .delegationGrant
        case .delegationRevoke: .delegationRevoke
        }
    }

    /// The id of what the body is about, which the claim `sub` must equal.
    public var subject: SubjectID {
        if case .milestoneReport(let body) = self { return body.subject }
        return content.subject
    }

    /// The encoding, which stands in a transaction's payload.
    public var encoded: [UInt8] { content.encoded }

    /// Checks every rule of the body that needs no state.
    ///
    /// - Throws: ``BodyError/invalid(field:found:expected:)`` for the first rule that is broken.
    public func validate() throws(BodyError) {
        if case .milestoneReport(let body) = self { return try body.validate() }
        try content.validate()
    }

    /// Decodes a body and checks every rule that needs no state.
    public static func decode(_ bytes: ArraySlice<UInt8>) throws(BodyError) -> TransactionBody {
        let body = try decodeFields(bytes)
        try body.validate()
        return body
    }

    /// Decodes a body and checks every rule that needs no state.
    public static func decode(_ bytes: [UInt8]) throws(BodyError) -> TransactionBody {
        try decode(bytes[...])
    }

    /// The signatures inside the body, of other keys than the one that signs the transaction: they need no state.
    func signatures(on chain: ChainID) -> [EmbeddedSignature] {
        if case .milestoneReport = self { return [] }
        return content.signatures(on: chain)
    }

    // A box for each call: so reports, which nearly all transactions are, do without.
    private var content: any BodyContent {
        switch self {
        case .planPublish(let body): body
        case .commitmentPropose(let body): body
        case .milestoneReport(let body): body
        case .milestoneCorrect(let body): body
        case .milestoneRetract(let body): body
        case .governancePropose(let body): body
        case .governanceVote(let body): body
        case .keyRotate(let body): body
        case .keyRecover(let body): body
        case .validatorsActivate(let body): body
        case .attestationIssue(let body): body
        case .attestationRevoke(let body): body
        case .disputeOpen(let body): body
        case .disputeAnswer(let body): body
        case .disputeResolve(let body): body
        case .cosign(let body): body
        case .directiveIssue(let body): body
        case .directiveAcknowledge(let body): body
        case .directiveReply(let body): body
        case .commitmentTransition(let body): body
        case .commitmentAmend(let body): body
        case .delegationGrant(let body): body
        case .delegationRevoke(let body): body
        }
    }

    private static func decodeFields(_ bytes: ArraySlice<UInt8>) throws(BodyError) -> TransactionBody {
        // The type does not stand first in the order of the keys, so it is looked up before the fields are read.
        let name: String?
        do { name = try CBORDecoder(bytes).peekText(atKey: "type", maximum: 64) } catch {
            throw .malformed(error)
        }
        guard let name else { throw .malformed(.missingKey("\"type\"", found: nil, offset: 0)) }
        guard let type = TransactionType(exactly: name) else { throw .unknownType(name) }
        do throws(CBORError) {
            switch type {
            case .planPublish: return .planPublish(try .decode(bytes))
            case .commitmentPropose: return .commitmentPropose(try .decode(bytes))
            case .milestoneReport: return .milestoneReport(try .decode(bytes))
            case .milestoneCorrect: return .milestoneCorrect(try .decode(bytes))
            case .milestoneRetract: return .milestoneRetract(try .decode(bytes))
            case .governancePropose: return .governancePropose(try .decode(bytes))
            case .governanceVote: return .governanceVote(try .decode(bytes))
            case .keyRotate: return .keyRotate(try .decode(bytes))
            case .keyRecover: return .keyRecover(try .decode(bytes))
            case .validatorsActivate: return .validatorsActivate(try .decode(bytes))
            case .attestationIssue: return .attestationIssue(try .decode(bytes))
            case .attestationRevoke: return .attestationRevoke(try .decode(bytes))
            case .disputeOpen: return .disputeOpen(try .decode(bytes))
            case .disputeAnswer: return .disputeAnswer(try .decode(bytes))
            case .disputeResolve: return .disputeResolve(try .decode(bytes))
            case .cosign: return .cosign(try .decode(bytes))
            case .directiveIssue: return .directiveIssue(try .decode(bytes))
            case .directiveAcknowledge: return .directiveAcknowledge(try .decode(bytes))
            case .directiveReply: return .directiveReply(try .decode(bytes))
            case .commitmentActivate, .commitmentReturn, .commitmentWithdraw, .commitmentCancel,
                .commitmentSupersede, .commitmentSuspend, .commitmentResume, .commitmentClose:
                return .commitmentTransition(try .decode(bytes))
            case .commitmentAmend: return .commitmentAmend(try .decode(bytes))
            case .delegationGrant: return .delegationGrant(try .decode(bytes))
            case .delegationRevoke: return .delegationRevoke(try .decode(bytes))
            }
        } catch {
            throw .malformed(error)
        }
    }
}
