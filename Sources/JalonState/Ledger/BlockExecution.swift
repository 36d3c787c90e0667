package import JalonModel

/// What the rules know of the block that a transaction is to stand in.
package struct BlockContext: Sendable {
    package let chain: ChainID
    package let height: Height
    package let timestamp: Timestamp

    package init(chain: ChainID, height: Height, timestamp: Timestamp) {
        (self.chain, self.height, self.timestamp) = (chain, height, timestamp)
    }
}

/// Applies the transactions of one block, in their order, each on the state that those before it left.
///
/// Whether a transaction stands in a block already is the caller's to know, with a ``ReplayWindow``.
package struct BlockExecution: Sendable {
    private var state: LedgerState
    private let context: BlockContext
    private var appliedCount: UInt64 = 0
    // Asked whether a path is new, sorted once at the end, never iterated in its own order.
    private var changed: Set<StatePath> = []

    package init(on state: LedgerState, context: BlockContext) {
        (self.state, self.context) = (state, context)
    }

    /// The state after the transactions applied so far, its root not computed.
    package var current: LedgerState { state }

    /// Applies one transaction whose signature was checked; on a refusal nothing changes.
    ///
    /// - Complexity: O(log n).
    package mutating func apply(_ transaction: Verified<Transaction>) throws(Refusal) {
        var application = Application(
            state: state,
            context: context,
            transaction: transaction.value,
            position: appliedCount
        )
        try application.run()
        state = application.state
        changed.formUnion(application.changed)
        appliedCount += 1
    }

    /// The state after the block and the changed leaves, sorted by path; computes the root once.
    package consuming func finish() -> (state: LedgerState, changes: [LeafChange]) {
        var state = state
        let paths = changed.map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let changes = paths.map { LeafChange(path: $0, value: state.leaf(at: $0)) }
        state.tree.update(changes.map { (path: $0.path, value: $0.value) })
        return (state, changes)
    }
}

extension LedgerState {
    /// Whether the transaction would be applied on this state, without applying it: what admission asks.
    package func check(_ transaction: Verified<Transaction>, context: BlockContext) throws(Refusal) {
        var application = Application(
            state: self,
            context: context,
            transaction: transaction.value,
            position: 0
        )
        try application.run()
    }
}

/// One transaction on its way into a state: the copy it changes, and the paths it has changed.
struct Application {
    private(set) var state: LedgerState
    private(set) var changed: [StatePath] = []
    let context: BlockContext
    let transaction: Transaction
    let position: UInt64

    init(state: LedgerState, context: BlockContext, transaction: Transaction, position: UInt64) {
        (self.state, self.context) = (state, context)
        (self.transaction, self.position) = (transaction, position)
    }

    /// Where what this transaction makes is recorded to come from.
    var origin: Origin {
        Origin(
            transaction: transaction.id,
            issuer: transaction.issuer,
            height: context.height,
            time: context.timestamp
        )
    }

    var place: BlockPlace {
        BlockPlace(height: context.height, time: context.timestamp, position: position)
    }

    mutating func run() throws(Refusal) {
        let (body, signer) = try checkedEnvelope()
        switch body {
        case .planPublish(let body): try publish(body, by: signer)
        case .commitmentPropose(let body): try propose(body, by: signer)
        case .milestoneReport(let body): try report(body, by: signer)
        case .milestoneCorrect(let body): try correct(body, by: signer)
        case .milestoneRetract(let body): try retract(body, by: signer)
        }
    }

    // MARK: - Changes

    mutating func set(_ plan: PlanRecord) {
        state.plansByID[plan.body.id] = plan
        changed.append(.plan(plan.body.id))
    }

    /// Enters a commitment with its first version.
    mutating func set(_ record: CommitmentRecord, original: CommitmentVersion) {
        state.commitmentsByID[record.id] = CommitmentEntry(record: record, original: original)
        changed.append(.commitment(record.id))
        changed.append(.version(record.id, original.number))
    }

    /// Enters a milestone, new or changed, of a commitment that exists.
    mutating func set(_ milestone: MilestoneRecord) {
        guard var entry = state.commitmentsByID[milestone.commitment] else {
            preconditionFailure("a milestone is entered only where its commitment stands")
        }
        entry.index(milestone)
        state.commitmentsByID[milestone.commitment] = entry
        state.milestonesByID[milestone.id] = milestone
        changed.append(.milestone(milestone.id))
    }
}
