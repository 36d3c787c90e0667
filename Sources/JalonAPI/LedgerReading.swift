import JalonCrypto
package import JalonModel
package import JalonSchema

/// A block as a request names it.
package enum BlockReference: Hashable, Sendable {
    case head
    case height(UInt64)
    case id(BlockID)
}

/// Which commitments a request asks for; an absent field asks for all.
package struct CommitmentFilter: Hashable, Sendable {
    /// ISO 3166-2, for example `CN-HN`.
    package var region: String?
    package var sector: String?
    /// The status against the version in force.
    package var status: API.StatusCode?
    package var plan: PlanID?
    /// One commitment alone.
    package var id: CommitmentID?
    /// The day, ISO 8601, by which it is due: one with a later deadline or with none does not pass.
    package var dueBy: String?
    /// Whether what counts of it must be attested by an auditor (L3).
    package var isAttested: Bool
    /// Words that must all stand in its id, its title or its region's name, in any language.
    package var text: TextFilter?

    package init(
        region: String? = nil,
        sector: String? = nil,
        status: API.StatusCode? = nil,
        plan: PlanID? = nil,
        id: CommitmentID? = nil,
        dueBy: String? = nil,
        isAttested: Bool = false,
        text: TextFilter? = nil
    ) {
        self.id = id
        self.region = region
        self.sector = sector
        self.status = status
        self.plan = plan
        (self.dueBy, self.isAttested, self.text) = (dueBy, isAttested, text)
    }
}

/// Which disputes a request asks for; an absent field asks for all.
package struct DisputeFilter: Hashable, Sendable {
    /// The commitment that they are about, or whose milestone.
    package var commitment: CommitmentID?
    /// Whether they wait for their end.
    package var isOpen: Bool?

    package init(commitment: CommitmentID? = nil, isOpen: Bool? = nil) {
        (self.commitment, self.isOpen) = (commitment, isOpen)
    }
}

/// Which directives a request asks for; an absent field asks for all.
package struct DirectiveFilter: Hashable, Sendable {
    /// The addressee.
    package var to: MemberID?
    /// The regulator.
    package var from: MemberID?

    package init(to: MemberID? = nil, from: MemberID? = nil) {
        (self.to, self.from) = (to, from)
    }
}

/// Which part of a list a request asks for.
package struct Page: Hashable, Sendable {
    /// Entries a page holds where the request does not say.
    package static let usualCount = 100
    /// The most entries of a page.
    package static let maximumCount = 500

    /// Entries, 1 to ``maximumCount``.
    package var limit: Int
    /// The page starts after the entry with this id; the `next` of the page before.
    package var cursor: String?

    package init(limit: Int = Page.usualCount, cursor: String? = nil) {
        self.limit = limit
        self.cursor = cursor
    }
}

/// The newest milestones of a commitment, or the newest before one of them, and what lies before those.
package struct MilestoneTail: Sendable {
    /// By `periodEnd`, then by place in the ledger.
    package var milestones: [API.Milestone]
    /// How many lie before them.
    package var earlierCount: Int
    /// What those before them that count add up to, where the commitment is judged by a sum; else 0.
    package var earlierSum: Double

    package init(_ milestones: [API.Milestone], earlierCount: Int = 0, earlierSum: Double = 0) {
        (self.milestones, self.earlierCount, self.earlierSum) = (milestones, earlierCount, earlierSum)
    }
}

/// A snapshot that lies ready to be sent.
package struct StoredSnapshot: Sendable {
    /// Bytes of all of it.
    package let byteCount: Int
    /// Reads some bytes from a place on; none at the end.
    package let read: @Sendable (Int) throws -> [UInt8]

    package init(byteCount: Int, read: @escaping @Sendable (Int) throws -> [UInt8]) {
        (self.byteCount, self.read) = (byteCount, read)
    }
}

/// What the HTTP API asks of a node: the last final state, read without waiting for a writer.
///
/// Every method may throw an ``API/Problem``, which becomes the answer; of any other error the client learns only that
/// it happened. A day is ISO 8601 (`2021-06-30`), checked for its form by the caller; `nil` is the network's own day. A height
/// asks for what stood after that block; `nil` for the last final one.
package protocol LedgerReading: Sendable {
    /// The node, its head and its view of the network.
    func nodeStatus() async throws -> API.NodeStatus

    /// What the node knows of a transaction; `state` is `unknown` for one never seen.
    func transaction(_ id: TransactionID) async throws -> API.Transaction

    /// Final transactions whose ids begin with these digits, the newest first.
    ///
    /// - Parameters:
    ///   - digits: 8 to 16 hexadecimal digits, checked by the caller.
    ///   - limit: The most transactions.
    /// - Returns: Each without its body.
    /// - Throws: What reading the disk throws.
    func transactions(beginningWith digits: String, limit: Int) async throws -> [API.Transaction]

    /// Waits until the transaction is final, rejected or expired.
    ///
    /// An unknown one is waited for as well: it may still arrive from a peer.
    ///
    /// - Throws: `CancellationError` once the task is cancelled, which is how the API bounds the wait.
    func settledTransaction(_ id: TransactionID) async throws -> API.Transaction

    /// The full bytes of a final or pending transaction; `nil` where the node holds none.
    func transactionBytes(_ id: TransactionID) async throws -> [UInt8]?

    /// The encoded genesis, whose SHA-256 is the chain's id.
    func genesis() async throws -> [UInt8]

    /// Final blocks with their finalizations, as an export holds them, for whoever checks the ledger: at most `limit` of
    /// them, and some MiB together, but one whatever its size; none above the head.
    func ledger(from height: UInt64, limit: Int) async throws -> [UInt8]

    /// A snapshot of the last block or one shortly before it, for a node that is to go on from there.
    ///
    /// - Throws: ``API/Problem`` `E_BUSY` while one is being made, `E_NOT_SEALED`, `E_DISK_FULL`.
    func snapshot() async throws -> StoredSnapshot

    /// A final transaction with a quorum of receipts, as an encoded `TransparentStatement`.
    ///
    /// - Parameters:
    ///   - id: The transaction's.
    ///   - given: The transaction, where the request brings it: an archived ledger holds its hash alone.
    /// - Returns: The encoded statement.
    /// - Throws: ``API/Problem`` `E_UNKNOWN_TRANSACTION`, `E_NOT_FINAL`, `E_ARCHIVED`, `E_STATEMENT`.
    func transparentStatement(of id: TransactionID, given: Transaction?) async throws -> [UInt8]

    /// The proof file of a final transaction, with what the state holds of it now.
    ///
    /// - Parameters:
    ///   - id: The transaction's.
    ///   - given: The transaction, where the request brings it: an archived ledger holds its hash alone.
    /// - Returns: The encoded file.
    /// - Throws: ``API/Problem`` `E_UNKNOWN_TRANSACTION`, `E_NOT_FINAL`, `E_NOT_SEALED`, `E_ARCHIVED`, `E_STATEMENT`.
    func proof(of id: TransactionID, given: Transaction?) async throws -> [UInt8]

    /// The proof file that the log of a block begins with that of an earlier one.
    ///
    /// - Parameters:
    ///   - from: The earlier height.
    ///   - to: The later height; `nil` is the head's.
    /// - Returns: The encoded file.
    /// - Throws: ``API/Problem`` `E_QUERY`, `E_UNKNOWN_BLOCK`, `E_NOT_SEALED`.
    func consistencyProof(from: UInt64, to: UInt64?) async throws -> [UInt8]

    /// The proof file of what the state holds at a path, or that it holds nothing there.
    ///
    /// - Throws: ``API/Problem`` `E_QUERY` where the text is no path, `E_NOT_SEALED`.
    func stateProof(at path: String) async throws -> [UInt8]

    /// A final block; `nil` where there is none.
    func block(_ reference: BlockReference) async throws -> API.Block?

    /// The header of a final block; `nil` above the head.
    func header(at height: UInt64) async throws -> API.Header?

    func members() async throws -> API.MemberList

    /// The nodes of the network as this one hears them; ``API/NodeList/others`` is left to the caller.
    func nodes() async throws -> API.NodeList

    func plans() async throws -> API.PlanList

    /// Validators that contradicted themselves, with the votes.
    func evidence() async throws -> API.MisconductList

    /// Proposals with their votes, the parameters in force, and what waits for a quorum or for time.
    func governance() async throws -> API.Governance

    /// The commitments that pass the filter, by id, after the page's cursor.
    func commitments(
        _ filter: CommitmentFilter,
        page: Page,
        asOf day: String?,
        after height: UInt64?
    ) async throws -> API.CommitmentPage

    /// A commitment with all its versions.
    ///
    /// - Throws: ``API/Problem`` `E_UNKNOWN_COMMITMENT` with the nearest id.
    func commitment(_ id: CommitmentID, asOf day: String?, after height: UInt64?) async throws
        -> API.Commitment

    /// The milestones of a commitment, replaced and retracted ones too.
    ///
    /// - Throws: ``API/Problem`` `E_UNKNOWN_COMMITMENT` with the nearest id.
    func milestones(of id: CommitmentID, page: Page) async throws -> API.MilestonePage

    /// The newest milestones of a commitment by `periodEnd`, replaced and retracted ones too, for a page.
    ///
    /// - Parameters:
    ///   - id: The commitment's.
    ///   - limit: The most milestones.
    ///   - before: The id of the milestone before which they end; `nil` for the newest of all.
    /// - Returns: These, and what lies before them.
    /// - Throws: ``API/Problem`` `E_UNKNOWN_COMMITMENT` with the nearest id, `E_QUERY` where `before` is none of its
    ///   milestones.
    func latestMilestones(of id: CommitmentID, limit: Int, before: String?) async throws -> MilestoneTail

    /// The attestations of a milestone, by age, the revoked ones too.
    ///
    /// - Throws: ``API/Problem`` `E_UNKNOWN_MILESTONE`.
    func attestations(of milestone: TransactionID, page: Page) async throws -> API.AttestationPage

    /// - Throws: ``API/Problem`` `E_UNKNOWN_ATTESTATION`.
    func attestation(_ id: TransactionID) async throws -> API.Attestation

    /// Disputes, by age.
    ///
    /// - Throws: ``API/Problem`` `E_UNKNOWN_COMMITMENT` with the nearest id.
    func disputes(_ filter: DisputeFilter, page: Page) async throws -> API.DisputePage

    /// - Throws: ``API/Problem`` `E_UNKNOWN_DISPUTE`.
    func dispute(_ id: TransactionID) async throws -> API.Dispute

    /// Directives, by age.
    ///
    /// - Throws: ``API/Problem`` `E_UNKNOWN_MEMBER`.
    func directives(_ filter: DirectiveFilter, page: Page) async throws -> API.DirectivePage

    /// The newest directives to a member, by age.
    ///
    /// - Throws: ``API/Problem`` `E_UNKNOWN_MEMBER`.
    func latestDirectives(to member: MemberID, limit: Int) async throws -> [API.Directive]

    /// - Throws: ``API/Problem`` `E_UNKNOWN_DIRECTIVE`.
    func directive(_ id: TransactionID) async throws -> API.Directive

    /// What a member ever lent to keys, by key id.
    ///
    /// - Throws: ``API/Problem`` `E_UNKNOWN_MEMBER`.
    func delegations(of member: MemberID, page: Page) async throws -> API.DelegationPage

    /// Regions with their counts, and a page of the commitments with their statuses.
    ///
    /// - Throws: ``API/Problem`` `E_HEIGHT` above the head, `E_PAST_HEIGHT` and `E_BUSY` while the state is being made.
    func statusReport(page: Page, asOf day: String?, after height: UInt64?) async throws -> API.StatusReport

    /// What concerns a region, the newest first, after the page's cursor.
    ///
    /// - Throws: ``API/Problem`` `E_NOT_FOUND`, and `E_QUERY` where the cursor is none of such a list.
    func acts(of region: RegionCode, page: Page) async throws -> API.ActPage

    /// The ledger as it stands after one block, held for whoever reads it at length.
    ///
    /// - Throws: ``API/Problem`` `E_HEIGHT` above the head, `E_PAST_HEIGHT` and `E_BUSY` while the state is being made.
    func held(after height: UInt64?, asOf day: String?) async throws -> any HeldLedger

    /// The event of the next final block above `height`: at once where there is one, else when it comes.
    ///
    /// A subscriber holds a height and nothing else, so that none, however slow, makes the node buffer.
    ///
    /// - Throws: `CancellationError` once the task is cancelled.
    func feedEvent(after height: UInt64) async throws -> API.FeedEvent

    /// The head once it is above `height`: at once where it is, else when it comes.
    ///
    /// Heads between may be passed over, so that following them costs the same however fast blocks come.
    ///
    /// - Throws: `CancellationError` once the task is cancelled.
    func head(after height: UInt64) async throws -> API.Head

    /// What the node has counted since its start, and where it stands.
    func metrics() async throws -> NodeMetrics
}

/// The ledger as it stood after one block, whatever comes meanwhile.
package protocol HeldLedger: Sendable {
    /// Of the block.
    var height: UInt64 { get }

    /// The commitments that pass the filter, by id, after the page's cursor.
    ///
    /// - Throws: ``API/Problem`` `E_UNKNOWN_COMMITMENT` where the filter names one that there is not.
    func commitments(_ filter: CommitmentFilter, page: Page) async throws -> API.CommitmentPage

    /// The milestones of a commitment, replaced and retracted ones too.
    func milestones(of id: String, page: Page) async throws -> API.MilestonePage
}

extension LedgerReading {
    /// What stands now.
    package func commitments(
        _ filter: CommitmentFilter,
        page: Page,
        asOf day: String?
    ) async throws -> API.CommitmentPage {
        try await commitments(filter, page: page, asOf: day, after: nil)
    }

    /// What stands now.
    package func commitment(_ id: CommitmentID, asOf day: String?) async throws -> API.Commitment {
        try await commitment(id, asOf: day, after: nil)
    }

    /// What stands now.
    package func statusReport(page: Page, asOf day: String?) async throws -> API.StatusReport {
        try await statusReport(page: page, asOf: day, after: nil)
    }
}

/// Where the HTTP API hands in transactions.
package protocol TransactionSubmitting: Sendable {
    /// Verifies and admits transactions and hands them to the network.
    ///
    /// One that is final or pending already gets the same answer as at first, and nothing is written.
    ///
    /// - Parameter transactions: Decoded, not verified; at least one.
    /// - Returns: One answer each, in their order; a refused one is `rejected` with its problem
    ///   (``API/Problem/refusal(code:detail:hint:transaction:)``).
    /// - Throws: ``API/Problem`` where the node takes none at all now.
    func submit(_ transactions: [Transaction]) async throws -> [API.Transaction]
}

extension LedgerReading {
    /// A final transaction with a quorum of receipts, out of what the ledger holds.
    package func transparentStatement(of id: TransactionID) async throws -> [UInt8] {
        try await transparentStatement(of: id, given: nil)
    }

    /// The proof file of a final transaction, out of what the ledger holds.
    package func proof(of id: TransactionID) async throws -> [UInt8] {
        try await proof(of: id, given: nil)
    }
}
