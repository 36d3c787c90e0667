import JalonClient
import JalonSchema

/// What was sent, or may have been, and is not final.
extension Failure {
    /// Not final in the time that was given, by the word of a node.
    ///
    /// - Parameters:
    ///   - transaction: What the node says of it: `pending`, or `unknown` where the node does not know it.
    ///   - address: The node's; `nil` where that is not at hand.
    ///   - validators: What the node says of the validators it hears, where it could be asked.
    init(
        notConfirmed transaction: API.Transaction,
        at address: String? = nil,
        validators: API.Validators? = nil
    ) {
        let id = transaction.id ?? ""
        guard transaction.state != .unknown else {
            // A node that joined by a snapshot says why it may not know it.
            let reason = transaction.problem.map { " (\($0.detail))" } ?? ""
            self.init(
                "E_NOT_CONFIRMED",
                "not confirmed: \(address ?? "the node") does not know \(id)\(reason)",
                next: """
                    Is the id right? Ask another node: jalon transaction wait \(id) --node URL. \
                    Signed by jalon, it expires after ten minutes: if no node knows it then, do it anew.
                    """,
                status: .notConfirmed
            )
            return
        }
        let next = "Don't resend; jalon transaction wait \(id)"
        if let validators, !validators.hasQuorum {
            self.init(
                "E_NO_QUORUM",
                "accepted, not confirmed: \(validators.connected) of \(validators.total) validators reachable, "
                    + "\(validators.needed) needed",
                next: next,
                status: .notConfirmed
            )
        } else {
            self.init("E_NOT_CONFIRMED", "accepted, not confirmed in time", next: next, status: .notConfirmed)
        }
    }

    /// No node said what became of it.
    ///
    /// - Parameters:
    ///   - error: The last that was heard.
    ///   - id: The transaction's.
    init(unanswered error: ClientError, waitingFor id: String) {
        self.init(
            "E_NOT_CONFIRMED",
            "\(error); whether a node has the transaction is not known",
            next: "Don't resend; jalon transaction wait \(id)",
            status: .notConfirmed
        )
    }

    /// Some of many are not final in time.
    ///
    /// - Parameters:
    ///   - ids: Theirs, at least one.
    ///   - count: How many were sent.
    init(notConfirmed ids: [String], of count: Int) {
        self.init(
            "E_NOT_CONFIRMED",
            "\(ids.count) of \(count) not confirmed: \(ids.joined(separator: " "))",
            next: "Don't resend; for each: jalon transaction wait ID",
            status: .notConfirmed
        )
    }
}
