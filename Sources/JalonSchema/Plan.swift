extension API {
    /// A published plan that commitments come from.
    package struct Plan: Codable, Hashable, Sendable {
        /// For example `CN-HN-2020-P1`.
        package var id: String
        package var region: Name
        package var title: LocalizedText
        package var documentNumber: String?
        /// The authority that published it.
        package var issuer: String
        package var published: CalendarDate
        package var source: Source
        package var commitmentCount: Int
        /// The transaction that published it here.
        package var transaction: String
        package var height: UInt64

        package init(
            id: String,
            region: Name,
            title: LocalizedText,
            documentNumber: String? = nil,
            issuer: String,
            published: CalendarDate,
            source: Source,
            commitmentCount: Int,
            transaction: String,
            height: UInt64
        ) {
            self.id = id
            self.region = region
            self.title = title
            self.documentNumber = documentNumber
            self.issuer = issuer
            self.published = published
            self.source = source
            self.commitmentCount = commitmentCount
            self.transaction = transaction
            self.height = height
        }
    }

    /// `GET /v1/plans`.
    package struct PlanList: Codable, Hashable, Sendable {
        /// The head the list was read at.
        package var height: UInt64
        package var plans: [Plan]

        package init(height: UInt64, plans: [Plan]) {
            self.height = height
            self.plans = plans
        }
    }
}
