import JalonCrypto
package import JalonModel

/// What the rules know of the block that a transaction is to stand in.
package struct BlockContext: Sendable {
    package let chain: ChainID
    package let network: NetworkID
    package let height: Height
    package let timestamp: Timestamp

    package init(_ genesis: Genesis, height: Height, timestamp: Timestamp) {
        (chain, network) = (genesis.chain, genesis.network)
        (self.height, self.timestamp) = (height, timestamp)
    }
}

/// Applies the transactions of one block, in their order, each on the state that those before it left.
///
/// Whether a transaction stands in a block already is the caller's to know, with a ``ReplayWindow``.
package struct BlockExecution: Sendable {
    private var state: LedgerState
    private let context: BlockContext
    private var appliedCount: UInt64 = 0
    /// Where something changed, also more than once.
    private var changed: [StatePath] = []

    /// Whether the block closes its epoch: nothing may follow in it.
    package private(set) var isClosed = false

    /// Executes on a state; one that nobody else holds is changed in place.
    package init(on state: consuming LedgerState, context: BlockContext) {
        (self.state, self.context) = (state, context)
        for write in self.state.startBlock(context) { write.appendPaths(to: &changed) }
    }

    /// Applies one transaction whose signature was checked; on a refusal nothing changes.
    ///
    /// - Complexity: O(log n).
    package mutating func apply(_ transaction: Verified<Transaction>) throws(Refusal) {
        guard !isClosed else {
            throw Refusal(
                .epochClosed,
                "the block closes its epoch, and nothing follows in it",
                hint: "It is for the next block: nothing is to be done."
            )
        }
        for write in try state.apply(transaction, context: context, position: appliedCount) {
            if case .epoch = write { isClosed = true }
            write.appendPaths(to: &changed)
        }
        appliedCount += 1
    }

    /// Ends the block, and computes the state's root, once.
    ///
    /// - Parameter keepsLeaves: Whether the changed leaves are asked for.
    /// - Returns: The state after the block, and the changed leaves in the order of their places in the tree; none where
    ///   they are not asked for.
    package consuming func finish(
        keepsLeaves: Bool = true
    ) -> (state: LedgerState, changes: [LeafChange]) {
        // In its place, so that the tree is this state's alone.
        let changes = state.updateTree(at: changed, keepsLeaves: keepsLeaves)
        return (state, changes)
    }
}

extension LedgerState {
    /// Whether the transaction would be applied on this state, without applying it: what admission asks.
    package func check(_ transaction: Verified<Transaction>, context: BlockContext) throws(Refusal) {
        var state = self
        state.startBlock(context)
        _ = try state.writes(of: transaction.value, context: context, position: 0)
    }

    /// What the transaction changes in this state, every rule checked.
    private func writes(
        of transaction: Transaction,
        context: BlockContext,
        position: UInt64
    ) throws(Refusal) -> [StateWrite] {
        var application = Application(
            state: self,
            context: context,
            transaction: transaction,
            position: position
        )
        try application.run()
        return application.writes
    }

    /// Applies one transaction whose signature was checked, without the state's root; on a refusal nothing changes.
    ///
    /// `position` is the transaction's place in its block, from 0.
    ///
    /// - Returns: What it changed.
    /// - Complexity: O(log n).
    @discardableResult
    package mutating func apply(
        _ transaction: Verified<Transaction>,
        context: BlockContext,
        position: UInt64
    ) throws(Refusal) -> [StateWrite] {
        // The application's copy of the state is gone before the writes, so that they can change it in place.
        let writes = try writes(of: transaction.value, context: context, position: position)
        for write in writes { perform(write) }
        return writes
    }

    mutating func perform(_ write: StateWrite) {
        switch write {
        case .plan(let plan): plansByID[plan.body.id] = Shared(plan)
        case .commitment(let record, let original):
            var entry = CommitmentEntry(record: record, original: original)
            // Where it stands in the place of a proposal that was returned, what was said of that one is still said.
            entry.openDisputeCount = commitmentsByID[record.id]?.value.openDisputeCount ?? 0
            commitmentsByID[record.id] = Shared(entry)
        case .milestone(let milestone): set(milestone)
        case .member(let record): membersByID[record.id] = Shared(record)
        case .key(let record): keysByID[record.key.id] = Shared(record)
        case .parameter(let parameter, let value):
            // Its rule set it on a copy before.
            try? parameters.set(parameter, encodedValue: value)
        case .governance(let record): set(record)
        case .pending(let record): set(record)
        case .dropPending(let id): pendingChanges.removeAll { $0.id == id }
        case .epoch(let record):
            epochs.append(record)
            validators = record.validators
        case .life(let record): change(record, appending: nil)
        case .version(let record, let version): change(record, appending: version)
        case .delegation(let record):
            delegationsByPlace[DelegationPlace(member: record.member, key: record.key)] = Shared(record)
        case .attestation(let record): set(record)
        case .dispute(let record): set(record)
        case .cosign(let record): set(record)
        case .directive(let record): set(record)
        }
    }

    private mutating func change(_ record: CommitmentRecord, appending version: CommitmentVersion?) {
        guard var entry = commitmentsByID[record.id]?.value else {
            preconditionFailure("only a commitment that exists takes a step or is amended")
        }
        entry.record = record
        if let version { entry.append(version) }
        commitmentsByID[record.id] = Shared(entry)
    }
}

/// One change that a transaction makes.
///
/// Its records are behind references: a write is handed on, and the largest is many times as large as a reference.
package enum StateWrite: Sendable {
    indirect case plan(PlanRecord)
    /// A new commitment with its first version, or one that was returned and is proposed again.
    indirect case commitment(CommitmentRecord, original: CommitmentVersion)
    /// A milestone, new or changed, of a commitment that exists.
    case milestone(Shared<MilestoneRecord>)
    /// A member, new or changed.
    indirect case member(MemberRecord)
    /// A key, new or changed.
    indirect case key(KeyRecord)
    indirect case parameter(Parameter, [UInt8]?)
    /// A proposal, new or changed.
    indirect case governance(GovernanceRecord)
    /// What waits, new or changed.
    indirect case pending(PendingRecord)
    indirect case dropPending(TransactionID)
    /// A new epoch with its validators.
    indirect case epoch(EpochRecord)
    /// A commitment that exists, after a step in its life.
    indirect case life(CommitmentRecord)
    /// A commitment that exists, with the next version in force.
    indirect case version(CommitmentRecord, CommitmentVersion)
    /// A delegation, new or changed, of a key that is registered.
    indirect case delegation(DelegationRecord)
    /// An attestation, new or revoked, of a milestone that exists.
    indirect case attestation(AttestationRecord)
    /// A dispute, new or changed, about a commitment that exists.
    indirect case dispute(DisputeRecord)
    indirect case cosign(CosignRecord)
    /// A directive, new or changed.
    indirect case directive(DirectiveRecord)

    /// Notes the leaves that it changes.
    func appendPaths(to paths: inout [StatePath]) {
        switch self {
        case .plan(let plan): paths.append(.plan(plan.body.id))
        case .commitment(let record, let original):
            paths.append(.commitment(record.id))
            paths.append(.version(record.id, original.number))
        case .milestone(let milestone): paths.append(.milestone(milestone.value.id))
        case .member(let record): paths.append(.member(record.id))
        case .key(let record): paths.append(.key(record.key.id))
        case .parameter(let parameter, _): paths.append(.parameter(parameter))
        case .governance(let record): paths.append(.governance(record.id))
        case .pending(let record): paths.append(.pending(record.id))
        case .dropPending(let id): paths.append(.pending(id))
        case .epoch(let record): paths.append(.epoch(record.epoch))
        case .life(let record): paths.append(.commitment(record.id))
        case .version(let record, let version):
            paths.append(.commitment(record.id))
            paths.append(.version(record.id, version.number))
        case .delegation(let record): paths.append(.delegation(record.key))
        case .attestation(let record): paths.append(.attestation(record.id))
        case .dispute(let record): paths.append(.dispute(record.id))
        case .cosign(let record): paths.append(.cosign(record.subject, record.member))
        case .directive(let record): paths.append(.directive(record.id))
        }
    }
}

/// One transaction judged on a state: what it would change is gathered, so that a refused one changes nothing.
struct Application {
    let state: LedgerState
    private(set) var writes: [StateWrite] = []
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

    /// Who signed what this transaction makes, and where.
    var provenance: Provenance { Provenance(transaction, at: place) }

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
        case .governancePropose(let body): try propose(body, by: signer)
        case .governanceVote(let body): try vote(body, by: signer)
        case .keyRotate(let body): try rotate(body, by: signer)
        case .keyRecover(let body): try recover(body, by: signer)
        case .validatorsActivate(let body): try activate(body, by: signer)
        case .commitmentTransition(let body): try step(body, by: signer)
        case .commitmentAmend(let body): try amend(body, by: signer)
        case .delegationGrant(let body): try grant(body, by: signer)
        case .delegationRevoke(let body): try revoke(body, by: signer)
        case .attestationIssue(let body): try attest(body, by: signer)
        case .attestationRevoke(let body): try revoke(body, by: signer)
        case .disputeOpen(let body): try dispute(body, by: signer)
        case .disputeAnswer(let body): try answer(body, by: signer)
        case .disputeResolve(let body): try resolve(body, by: signer)
        case .cosign(let body): try cosign(body, by: signer)
        case .directiveIssue(let body): try direct(body, by: signer)
        case .directiveAcknowledge(let body): try acknowledge(body, by: signer)
        case .directiveReply(let body): try reply(body, by: signer)
        }
    }

    // MARK: - Changes

    mutating func write(_ write: StateWrite) {
        writes.append(write)
    }

    mutating func set(_ plan: PlanRecord) {
        writes.append(.plan(plan))
    }

    /// Enters a commitment with its first version.
    mutating func set(_ record: CommitmentRecord, original: CommitmentVersion) {
        writes.append(.commitment(record, original: original))
    }

    /// Enters a commitment after a step in its life.
    mutating func set(_ record: CommitmentRecord) {
        writes.append(.life(record))
    }

    /// Enters a commitment with the next version in force.
    mutating func set(_ record: CommitmentRecord, appending version: CommitmentVersion) {
        writes.append(.version(record, version))
    }

    /// Enters a key, new or changed.
    mutating func set(_ key: KeyRecord) {
        writes.append(.key(key))
    }

    /// Enters a delegation, new or changed.
    mutating func set(_ delegation: DelegationRecord) {
        writes.append(.delegation(delegation))
    }

    /// Enters a milestone, new or changed, of a commitment that exists.
    mutating func set(_ milestone: MilestoneRecord) {
        writes.append(.milestone(Shared(milestone)))
    }

    mutating func set(_ write: StateWrite) {
        writes.append(write)
    }
}
