import JalonCrypto
import JalonModel
import JalonSchema

extension Query {
    /// The page asked for.
    func page() throws(API.Problem) -> Page {
        let limit = try integer("limit", in: 1...Page.maximumCount) ?? Page.usualCount
        let cursor = self["cursor"]
        if let cursor {
            guard SubjectID(cursor) != nil else {
                throw .query("cursor=\(cursor): expected the `next` of the page before")
            }
        }
        return Page(limit: limit, cursor: cursor)
    }

    /// The block asked for, by its height; `nil` for the head.
    func height() throws(API.Problem) -> UInt64? {
        try integer("height", in: 0...UInt64(Int64.max))
    }

    /// The commitments asked for.
    func filter() throws(API.Problem) -> CommitmentFilter {
        var filter = CommitmentFilter(region: try code("region"), sector: try code("sector"))
        if let text = self["status"] {
            guard let status = API.StatusCode(rawValue: text) else {
                let known = API.StatusCode.allCases.map(\.rawValue).joined(separator: ", ")
                throw .query("there is no status '\(text)'", hint: "Known: \(known).")
            }
            filter.status = status
        }
        if let text = self["plan"] {
            guard let plan = PlanID(text) else { throw .query("plan=\(text): expected \(PlanID.form)") }
            filter.plan = plan
        }
        filter.dueBy = try day("due")
        filter.isAttested = try flag("attested")
        if let text = self["q"] {
            guard let words = TextFilter(text) else {
                throw .query(
                    "q: expected 1 to \(TextFilter.maximumWordCount) words of at most "
                        + "\(TextFilter.maximumByteCount) bytes together"
                )
            }
            filter.text = words
        }
        return filter
    }

    /// The one commitment asked for; `nil` for all.
    func commitment() throws(API.Problem) -> CommitmentID? { try identifier("commitment") }

    /// Whether a parameter is `true`; absent it is `false`.
    func flag(_ name: String) throws(API.Problem) -> Bool { try choice(name) ?? false }

    /// `true` or `false`; `nil` where the parameter is absent.
    private func choice(_ name: String) throws(API.Problem) -> Bool? {
        guard let text = self[name] else { return nil }
        guard text == "true" || text == "false" else {
            throw .query("\(name)=\(text): expected true or false")
        }
        return text == "true"
    }

    /// The milestone whose attestations are asked for.
    func milestone() throws(API.Problem) -> TransactionID {
        guard let text = self["milestone"] else {
            throw .query(
                "the parameter 'milestone' is missing",
                hint: "Give the transaction that reported it."
            )
        }
        guard let id = TransactionID(hex: text) else {
            throw .query("milestone=\(text): expected 64 hexadecimal digits")
        }
        return id
    }

    /// The transaction asked for; `nil` where none is.
    func transaction() throws(API.Problem) -> TransactionID? {
        guard let text = self["transaction"] else { return nil }
        guard let id = TransactionID(hex: text) else {
            throw .query("transaction=\(text): expected 64 hexadecimal digits")
        }
        return id
    }

    /// The disputes asked for.
    func disputeFilter() throws(API.Problem) -> DisputeFilter {
        DisputeFilter(commitment: try identifier("commitment"), isOpen: try choice("open"))
    }

    /// The directives asked for.
    func directiveFilter() throws(API.Problem) -> DirectiveFilter {
        DirectiveFilter(to: try identifier("to"), from: try identifier("from"))
    }

    /// The member whose delegations are asked for.
    func member() throws(API.Problem) -> MemberID {
        guard let member: MemberID = try identifier("member") else {
            throw .query("the parameter 'member' is missing", hint: "The members: /v1/members.")
        }
        return member
    }

    private func identifier<ID: Identifier>(_ name: String) throws(API.Problem) -> ID? {
        guard let text = self[name] else { return nil }
        guard let id = ID(text) else { throw .query("\(name)=\(text): expected \(ID.form)") }
        return id
    }

    private func code(_ name: String) throws(API.Problem) -> String? {
        guard let text = self[name] else { return nil }
        guard SubjectID(text) != nil else { throw .query("\(name)=\(text): expected \(SubjectID.form)") }
        return text
    }
}
