package import JalonCodec
import JalonCrypto
package import JalonModel

/// Why a transaction may not stand in the next block: a stable code, the offending value in words, and what to do.
///
/// A refusal is an answer about the state at hand; a refused transaction changes nothing.
package struct Refusal: Error, Hashable, Sendable {
    /// The codes that scripts may rely on: they never change their meaning.
    package enum Code: String, CaseIterable, Sendable {
        // The bytes and the envelope
        case malformed = "E_MALFORMED"
        case unknownType = "E_UNKNOWN_TYPE"
        case invalidField = "E_INVALID_FIELD"
        case signature = "E_SIGNATURE"
        case wrongChain = "E_WRONG_CHAIN"
        case expired = "E_EXPIRED"
        case notYetValid = "E_NOT_YET_VALID"
        case replayed = "E_REPLAYED"
        case overloaded = "E_OVERLOADED"
        case rateLimited = "E_RATE_LIMITED"
        case subject = "E_SUBJECT"

        // The signer
        case unknownMember = "E_UNKNOWN_MEMBER"
        case unknownKey = "E_UNKNOWN_KEY"
        case keyNotMembers = "E_KEY_NOT_MEMBERS"
        case keyInactive = "E_KEY_INACTIVE"
        case keyKind = "E_KEY_KIND"
        case role = "E_ROLE"
        case region = "E_REGION"
        case notResponsible = "E_NOT_RESPONSIBLE"
        case notDelegated = "E_NOT_DELEGATED"
        case delegationExpired = "E_DELEGATION_EXPIRED"

        // Delegations
        case notDelegable = "E_NOT_DELEGABLE"
        case delegationLimit = "E_DELEGATION_LIMIT"
        case unknownDelegation = "E_UNKNOWN_DELEGATION"
        case keyTaken = "E_KEY_TAKEN"

        case memberStanding = "E_MEMBER_STANDING"

        // Government
        case notValidator = "E_NOT_VALIDATOR"
        case unknownProposal = "E_UNKNOWN_PROPOSAL"
        case proposalClosed = "E_PROPOSAL_CLOSED"
        case voted = "E_VOTED"
        case guardrail = "E_GUARD"
        case pending = "E_PENDING"
        case notPending = "E_NOT_PENDING"
        case readiness = "E_READINESS"
        case epoch = "E_EPOCH"
        case epochClosed = "E_EPOCH_CLOSED"
        case height = "E_HEIGHT"
        case limit = "E_LIMIT"

        // Plans and commitments
        case duplicateID = "E_DUPLICATE_ID"
        case unknownPlan = "E_UNKNOWN_PLAN"
        case unknownCommitment = "E_UNKNOWN_COMMITMENT"
        case unknownSector = "E_UNKNOWN_SECTOR"
        case lead = "E_LEAD"
        case notActive = "E_NOT_ACTIVE"
        case life = "E_LIFE"
        case activation = "E_ACTIVATION"
        case notCosigned = "E_NOT_COSIGNED"
        case noFinalMilestone = "E_NO_FINAL_MILESTONE"
        case successor = "E_SUCCESSOR"
        case version = "E_VERSION"
        case immutable = "E_IMMUTABLE"
        case unchanged = "E_UNCHANGED"
        case versionLimit = "E_VERSION_LIMIT"

        // Milestones
        case futurePeriod = "E_FUTURE_PERIOD"
        case duplicatePeriod = "E_DUPLICATE_PERIOD"
        case overlappingPeriod = "E_OVERLAPPING_PERIOD"
        case periodStartMissing = "E_PERIOD_START_MISSING"
        case value = "E_VALUE"
        case valueFell = "E_VALUE_FELL"
        case unknownMilestone = "E_UNKNOWN_MILESTONE"
        case notEffective = "E_NOT_EFFECTIVE"

        // Attestations, disputes, co-signatures and directives
        case party = "E_PARTY"
        case notNamed = "E_NOT_NAMED"
        case notAddressee = "E_NOT_ADDRESSEE"
        case addressee = "E_ADDRESSEE"
        case unknownAttestation = "E_UNKNOWN_ATTESTATION"
        case duplicateAttestation = "E_DUPLICATE_ATTESTATION"
        case revoked = "E_REVOKED"
        case unknownDispute = "E_UNKNOWN_DISPUTE"
        case disputeState = "E_DISPUTE_STATE"
        case tooManyDisputes = "E_TOO_MANY_DISPUTES"
        case unknownSubject = "E_UNKNOWN_SUBJECT"
        case alreadyCosigned = "E_ALREADY_COSIGNED"
        case unknownDirective = "E_UNKNOWN_DIRECTIVE"
        case due = "E_DUE"
        case alreadyAcknowledged = "E_ALREADY_ACKNOWLEDGED"
        case tooManyReplies = "E_TOO_MANY_REPLIES"
    }

    package let code: Code
    /// What was found and what was expected, with the offending value; one line without a full stop.
    package let message: String
    /// The next command, or what else to do.
    package let hint: String
    /// After so many seconds the same bytes may be sent again; `nil` where time alone changes nothing.
    package let retryAfterSeconds: UInt64?

    package init(_ code: Code, _ message: String, hint: String, retryAfterSeconds: UInt64? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.retryAfterSeconds = retryAfterSeconds
    }
}

extension Refusal: CustomStringConvertible {
    package var description: String { "\(code.rawValue)  \(message). \(hint)" }
}

// MARK: - What is judged before the rules

extension Refusal {
    /// Bytes that are no transaction.
    package static func malformed(_ error: CBORError) -> Refusal {
        Refusal(
            .malformed,
            error.description,
            hint: "The bytes are not a statement of this ledger; make it with the jalon command."
        )
    }

    /// A signature that does not hold under the registered key.
    package static func signature(of transaction: Transaction) -> Refusal {
        Refusal(
            .signature,
            "the signature of \(transaction.id) is not valid under the key \(transaction.keyID)",
            hint: "Sign it again with a key of \(transaction.issuer)."
        )
    }

    /// A transaction that stands in a block already.
    package static func replayed(_ id: TransactionID) -> Refusal {
        Refusal(
            .replayed,
            "the transaction \(id) stands in a block already",
            hint: "Nothing was recorded twice. See: jalon transaction show \(id)"
        )
    }
}
