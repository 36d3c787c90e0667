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
        return filter
    }

    private func code(_ name: String) throws(API.Problem) -> String? {
        guard let text = self[name] else { return nil }
        guard SubjectID(text) != nil else { throw .query("\(name)=\(text): expected \(SubjectID.form)") }
        return text
    }
}
