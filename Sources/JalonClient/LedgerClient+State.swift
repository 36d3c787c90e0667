import JalonCrypto
package import JalonModel
package import JalonSchema

/// What the ledger's state says: commitments and what hangs on them, members and their decisions.
extension LedgerClient {
    package func governance() async throws(ClientError) -> API.Governance { try await get("/v1/governance") }

    package func members() async throws(ClientError) -> API.MemberList { try await get("/v1/members") }

    package func evidence() async throws(ClientError) -> API.MisconductList { try await get("/v1/evidence") }

    package func plans() async throws(ClientError) -> API.PlanList { try await get("/v1/plans") }

    /// The commitments that pass a filter, all pages of them.
    package func commitments(
        _ filter: CommitmentQuery = CommitmentQuery()
    ) async throws(ClientError) -> [API.Commitment] {
        var commitments: [API.Commitment] = []
        var cursor: String?
        repeat {
            let page: API.CommitmentPage = try await get("/v1/commitments" + filter.text(cursor: cursor))
            commitments += page.commitments
            guard page.next != cursor || cursor == nil else {
                throw .badAnswer(address: address, reason: "a page that points at itself")
            }
            cursor = page.next
        } while cursor != nil
        return commitments
    }

    package func commitment(
        _ id: CommitmentID,
        asOf day: String? = nil,
        after height: UInt64? = nil
    ) async throws(ClientError) -> API.Commitment {
        let pairs = [("asOf", day.map(escaped)), ("height", height.map { "\($0)" })]
        let query = pairs.compactMap { name, value in value.map { "\(name)=\($0)" } }.joined(separator: "&")
        return try await get("/v1/commitments/\(id.text)" + (query.isEmpty ? "" : "?\(query)"))
    }

    /// All milestones of a commitment, replaced and retracted ones too.
    package func milestones(of id: CommitmentID) async throws(ClientError) -> [API.Milestone] {
        try await all("/v1/commitments/\(id.text)/milestones") { (page: API.MilestonePage) in
            (page.milestones, page.next)
        }
    }

    /// All attestations of a milestone, the revoked ones too, by age.
    package func attestations(of milestone: TransactionID) async throws(ClientError) -> [API.Attestation] {
        try await all("/v1/attestations", [("milestone", milestone.hex)]) { (page: API.AttestationPage) in
            (page.attestations, page.next)
        }
    }

    package func attestation(_ id: TransactionID) async throws(ClientError) -> API.Attestation {
        try await get("/v1/attestations/\(id.hex)")
    }

    /// All disputes, or those about a commitment, or those that wait for their end or don't, by age.
    package func disputes(
        about commitment: CommitmentID? = nil,
        isOpen: Bool? = nil
    ) async throws(ClientError) -> [API.Dispute] {
        let query = [("commitment", commitment?.text), ("open", isOpen.map { "\($0)" })]
        return try await all("/v1/disputes", query) { (page: API.DisputePage) in (page.disputes, page.next) }
    }

    package func dispute(_ id: TransactionID) async throws(ClientError) -> API.Dispute {
        try await get("/v1/disputes/\(id.hex)")
    }

    /// All directives, or those to a member, or from one, by age.
    package func directives(
        to addressee: MemberID? = nil,
        from issuer: MemberID? = nil
    ) async throws(ClientError) -> [API.Directive] {
        let query = [("to", addressee?.text), ("from", issuer?.text)]
        return try await all("/v1/directives", query) { (page: API.DirectivePage) in
            (page.directives, page.next)
        }
    }

    package func directive(_ id: TransactionID) async throws(ClientError) -> API.Directive {
        try await get("/v1/directives/\(id.hex)")
    }

    /// All that a member ever lent to keys, by key id.
    package func delegations(of member: MemberID) async throws(ClientError) -> [API.Delegation] {
        try await all("/v1/delegations", [("member", member.text)]) { (page: API.DelegationPage) in
            (page.delegations, page.next)
        }
    }

    /// Regions with their counts, and the first page of the commitments with their statuses.
    package func status(
        asOf day: String? = nil,
        after height: UInt64? = nil,
        limit: Int = 500
    ) async throws(ClientError) -> API.StatusReport {
        let (day, block) = (day.map { "&asOf=\(escaped($0))" }, height.map { "&height=\($0)" })
        return try await get("/v1/status?limit=\(limit)" + (day ?? "") + (block ?? ""))
    }
}
