public import JalonCodec

/// A step in a commitment's life, each a type of transaction of its own: `commitment.activate` and so on.
public enum LifeStep: String, CaseIterable, Sendable {
    // By a regulator, where the network's parameter `activation` says so
    case activate
    case `return`

    // By whoever acts for the region
    case withdraw
    case cancel
    case supersede
    case suspend
    case resume
    case close

    /// The type of the transaction that takes the step.
    public var type: TransactionType {
        switch self {
        case .activate: .commitmentActivate
        case .return: .commitmentReturn
        case .withdraw: .commitmentWithdraw
        case .cancel: .commitmentCancel
        case .supersede: .commitmentSupersede
        case .suspend: .commitmentSuspend
        case .resume: .commitmentResume
        case .close: .commitmentClose
        }
    }

    /// Whether the step needs no reason in words: the regulator's need none.
    public var isReasonOptional: Bool { self == .activate || self == .return }
}

/// `commitment.activate`, `.return`, `.withdraw`, `.cancel`, `.supersede`, `.suspend`, `.resume` and `.close`.
///
/// They have the same fields, and the `type` says which step it is.
public struct CommitmentTransition: BodyContent {
    public var step: LifeStep
    public var id: CommitmentID
    /// Why, in words: optional for the regulator's steps, required for the others.
    public var reason: Text?
    /// The commitment that stands in this one's place; `supersede` alone has one.
    public var successor: CommitmentID?

    public init(_ step: LifeStep, _ id: CommitmentID, reason: Text? = nil, successor: CommitmentID? = nil) {
        (self.step, self.id, self.reason, self.successor) = (step, id, reason, successor)
    }

    public var subject: SubjectID { SubjectID(checked: id.text) }

    /// Checks the rules that need no state.
    public func validate() throws(BodyError) {
        try require(
            reason != nil || step.isReasonOptional,
            "reason",
            found: "absent",
            expected: "why, in words, since the type is \(step.type)"
        )
        switch (step, successor) {
        case (.supersede, nil):
            try require(false, "successor", found: "absent", expected: "the commitment in its place")
        case (.supersede, let successor?):
            try require(successor != id, "successor", found: "\(id)", expected: "another commitment")
        case (_, let successor?):
            try require(
                false,
                "successor",
                found: "\(successor)",
                expected: "no such field, since the type is \(step.type)"
            )
        case (_, nil): break
        }
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("id", id)
            map.type(step.type)
            map.field("reason", ifPresent: reason)
            map.field("successor", ifPresent: successor)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let id: CommitmentID = try map.field("id")
            let at = map.offset
            let type: TransactionType = try map.field("type")
            guard let step = LifeStep.allCases.first(where: { $0.type == type }) else {
                throw .invalidValue("the type is \(type), expected a step in a commitment's life", offset: at)
            }
            let reason: Text? = try map.optional("reason")
            return CommitmentTransition(
                step,
                id,
                reason: reason,
                successor: try map.optional("successor")
            )
        }
    }
}
