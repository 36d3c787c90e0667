package import JalonSchema

extension API.Problem {
    /// The problem of a transaction that a rule refused.
    ///
    /// - Parameters:
    ///   - code: The stable code of the refusal, for example `E_DUPLICATE_PERIOD`.
    ///   - detail: What was found and what was expected.
    ///   - hint: What to do next.
    ///   - transaction: The id of the transaction.
    /// - Returns: A problem whose HTTP status follows from the code.
    package static func refusal(
        code: String,
        detail: String,
        hint: String? = nil,
        transaction: String? = nil
    ) -> API.Problem {
        API.Problem(
            code: code,
            title: "Refused by a rule",
            status: httpStatus(ofRefusal: code),
            detail: detail,
            hint: hint,
            transaction: transaction
        )
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

    /// The HTTP status of a refusal: the one place that says it.
    ///
    /// 403 where the signer may not, 409 where something stands against it in the ledger, 503 where the node is full
    /// or without a quorum, 400 where the bytes are none, 422 for the rest.
    static func httpStatus(ofRefusal code: String) -> Int {
        switch code {
        case "E_MALFORMED": 400
        case "E_SIGNATURE", "E_UNKNOWN_KEY", "E_UNKNOWN_MEMBER", "E_SUSPENDED_MEMBER", "E_KEY_NOT_MEMBERS",
            "E_KEY_KIND", "E_KEY_INACTIVE", "E_ROLE", "E_REGION", "E_NOT_RESPONSIBLE",
            "E_NOT_DELEGATED":
            403
        case "E_DUPLICATE_ID", "E_DUPLICATE_PERIOD", "E_OVERLAPPING_PERIOD", "E_REPLAYED", "E_VALUE_FELL",
            "E_NOT_ACTIVE", "E_NOT_EFFECTIVE":
            409
        case "E_TOO_LARGE": 413
        case "E_MEMPOOL_FULL", "E_NO_QUORUM", "E_DISK_FULL", "E_BUSY", "E_OVERLOADED": 503
        default: 422
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
