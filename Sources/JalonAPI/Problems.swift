package import JalonSchema

extension API.Problem {
    /// The problem of a transaction that a rule refused.
    ///
    /// - Parameters:
    ///   - code: The stable code of the refusal, for example `E_DUPLICATE_PERIOD`.
    ///   - detail: What was found and what was expected.
    ///   - hint: What to do next.
    ///   - transaction: The id of the transaction.
    ///   - retryAfter: After so many seconds the same bytes may be sent again.
    /// - Returns: A problem whose HTTP status follows from the code.
    package static func refusal(
        code: String,
        detail: String,
        hint: String? = nil,
        transaction: String? = nil,
        retryAfter: UInt64? = nil
    ) -> API.Problem {
        var problem = API.Problem(
            code: code,
            title: "Refused by a rule",
            status: httpStatus(ofRefusal: code),
            detail: detail,
            hint: hint,
            transaction: transaction
        )
        problem.retryAfter = retryAfter
        return problem
    }

    /// Something that this node does not hold.
    package static func notFound(_ code: String, _ detail: String, hint: String? = nil)
        -> API.Problem
    {
        API.Problem(code: code, title: "Not found", status: 404, detail: detail, hint: hint)
    }

    /// A node that can't do it now but will later.
    package static func unavailable(_ code: String, _ detail: String, hint: String? = nil) -> API.Problem {
        API.Problem(code: code, title: "Not now", status: 503, detail: detail, hint: hint)
    }

    /// The HTTP status of a refusal; 422 for a code that is not known here.
    static func httpStatus(ofRefusal code: String) -> Int { knownHTTPStatus(ofRefusal: code) ?? 422 }

    /// The HTTP status of a refusal: the one place that says it.
    ///
    /// 400 where the bytes are none, 403 where the signer may not, 409 where something stands against it in the
    /// ledger, 429 where the member has to wait,
    /// 503 where the node is full or without a quorum, 422 where what was signed is wrong by itself or names
    /// something that is not there.
    ///
    /// - Returns: `nil` for a code that nobody has thought of here.
    package static func knownHTTPStatus(ofRefusal code: String) -> Int? {
        switch code {
        case "E_MALFORMED": 400
        // Who signed
        case "E_SIGNATURE", "E_UNKNOWN_KEY", "E_UNKNOWN_MEMBER", "E_SUSPENDED_MEMBER", "E_KEY_NOT_MEMBERS",
            "E_KEY_KIND", "E_KEY_INACTIVE", "E_ROLE", "E_REGION", "E_NOT_RESPONSIBLE", "E_NOT_DELEGATED",
            "E_DELEGATION_EXPIRED", "E_NOT_DELEGABLE", "E_NOT_VALIDATOR", "E_PARTY", "E_NOT_NAMED",
            "E_NOT_ADDRESSEE":
            403
        // What stands in the ledger already, or not yet
        case "E_DUPLICATE_ID", "E_DUPLICATE_PERIOD", "E_OVERLAPPING_PERIOD", "E_REPLAYED", "E_VALUE_FELL",
            "E_NOT_ACTIVE", "E_NOT_EFFECTIVE", "E_LIFE", "E_ACTIVATION", "E_NOT_COSIGNED",
            "E_NO_FINAL_MILESTONE", "E_VERSION", "E_UNCHANGED", "E_VERSION_LIMIT", "E_DELEGATION_LIMIT",
            "E_KEY_TAKEN", "E_MEMBER_STANDING", "E_PROPOSAL_CLOSED", "E_VOTED", "E_GUARD", "E_PENDING",
            "E_NOT_PENDING", "E_READINESS", "E_EPOCH", "E_EPOCH_CLOSED", "E_LIMIT",
            "E_DUPLICATE_ATTESTATION", "E_REVOKED", "E_DISPUTE_STATE", "E_TOO_MANY_DISPUTES",
            "E_ALREADY_COSIGNED", "E_ALREADY_ACKNOWLEDGED", "E_TOO_MANY_REPLIES":
            409
        case "E_TOO_LARGE": 413
        case "E_RATE_LIMITED": 429
        // What was signed
        case "E_UNKNOWN_TYPE", "E_INVALID_FIELD", "E_WRONG_CHAIN", "E_EXPIRED", "E_NOT_YET_VALID",
            "E_SUBJECT",
            "E_UNKNOWN_PLAN", "E_UNKNOWN_COMMITMENT", "E_UNKNOWN_SECTOR", "E_LEAD", "E_SUCCESSOR",
            "E_IMMUTABLE", "E_FUTURE_PERIOD", "E_PERIOD_START_MISSING", "E_VALUE", "E_UNKNOWN_MILESTONE",
            "E_UNKNOWN_DELEGATION", "E_UNKNOWN_PROPOSAL", "E_HEIGHT", "E_ADDRESSEE", "E_UNKNOWN_ATTESTATION",
            "E_UNKNOWN_DISPUTE", "E_UNKNOWN_SUBJECT", "E_UNKNOWN_DIRECTIVE", "E_DUE":
            422
        case "E_MEMPOOL_FULL", "E_NO_QUORUM", "E_DISK_FULL", "E_BUSY", "E_OVERLOADED": 503
        default: nil
        }
    }

    static func malformed(_ detail: String, hint: String? = nil) -> API.Problem {
        API.Problem(code: "E_MALFORMED", title: "Malformed", status: 400, detail: detail, hint: hint)
    }

    static func query(_ detail: String, hint: String? = nil) -> API.Problem {
        API.Problem(code: "E_QUERY", title: "Bad query", status: 400, detail: detail, hint: hint)
    }

    static func tooLarge(_ detail: String) -> API.Problem {
        API.Problem(code: "E_TOO_LARGE", title: "Too large", status: 413, detail: detail)
    }

    static func busy(_ what: String) -> API.Problem {
        unavailable(
            "E_BUSY",
            "\(what) at its limit on this node",
            hint: "Try again in a moment, or another node."
        )
    }

    /// Making and sending snapshots takes the disk and the line: few at once.
    package static let snapshotBusy: API.Problem = {
        var problem = API.Problem(
            code: "E_BUSY",
            title: "Too many",
            status: 429,
            detail: "this node makes or sends as many snapshots as it does at once",
            hint: "Try again in a moment, or another node."
        )
        problem.retryAfter = 10
        return problem
    }()

    static let timedOut = unavailable(
        "E_TIMEOUT",
        "the node did not answer in time",
        hint: "Try again, or another node."
    )

    static let slowBody = API.Problem(
        code: "E_SLOW_BODY",
        title: "Too slow",
        status: 408,
        detail: "the body did not arrive in time"
    )

    static let shuttingDown = unavailable(
        "E_STOPPING",
        "this node is stopping",
        hint: "Ask another node."
    )

    static let `internal` = API.Problem(
        code: "E_INTERNAL",
        title: "Internal error",
        status: 500,
        detail: "the node could not answer; its log says why"
    )
}
