import JalonAPI
import JalonCore
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import JalonStorage

/// What the HTTP API reads of this node: the last final state from memory, blocks and transactions from the disk.
struct NodeLedger: LedgerReading, TransactionSubmitting {
    /// Blocks that peers may be ahead while a node still counts as up to date: they are on their way.
    private static let toleratedLag: UInt64 = 3

    let genesis: Genesis
    let reader: LedgerReader
    let view: LedgerView
    /// The id of the own node key.
    let node: KeyID
    /// What else is counted here: by the driver, the network and the store.
    let counted: @Sendable (inout NodeMetrics) -> Void
    /// What its disk holds, as measured last.
    let storage: @Sendable () -> API.StorageUse?
    /// What the operator should mend, one sentence each.
    let warnings: @Sendable () -> [String]
    /// Hands full bytes of transactions to the driver.
    let submit: @Sendable ([[UInt8]]) -> Void
    /// How long the driver may take to check a submission.
    let submissionLimit: Duration
    /// The network's own day, and by itself whatever other days are asked for: those may be many.
    private let ownDay: StatusTables
    private let otherDays: StatusTables
    let past: PastStates
    let cache = LedgerCache()
    /// The log's tree, for proofs.
    let outline: LogOutline
    let spool: SnapshotSpool
    /// Where the ledger begins; `nil` where every block is held.
    let base: LedgerBase?
    /// The blocks before whose headers, seals and leaf hashes are held; `nil` where there are none.
    let archived: ArchivedBlocks?

    init(
        genesis: Genesis,
        reader: LedgerReader,
        view: LedgerView,
        node: KeyID,
        submissionLimit: Duration = .seconds(5),
        pastLimits: PastStates.Limits = PastStates.Limits(),
        counted: @escaping @Sendable (inout NodeMetrics) -> Void = { _ in },
        storage: @escaping @Sendable () -> API.StorageUse? = { nil },
        warnings: @escaping @Sendable () -> [String] = { [] },
        submit: @escaping @Sendable ([[UInt8]]) -> Void
    ) {
        (self.genesis, self.reader, self.view, self.node) = (genesis, reader, view, node)
        (self.submissionLimit, self.counted, self.submit) = (submissionLimit, counted, submit)
        (self.storage, self.warnings) = (storage, warnings)
        // It was read at the start already, so that it can be read; and it never changes while a node runs.
        let base = try? reader.base()
        let archived = try? reader.archived()
        (self.base, self.archived) = (base, archived)
        spool = SnapshotSpool(reader)
        outline = LogOutline(reader, after: archived?.frontier ?? base?.frontier ?? MerkleFrontier())
        ownDay = StatusTables(view: view, capacity: 1)
        otherDays = StatusTables(view: view, capacity: 4)
        past = PastStates(genesis: genesis, reader: reader, first: base?.stateHeight, limits: pastLimits)
    }

    func nodeStatus() async throws -> API.NodeStatus {
        // From the snapshot alone: this is asked for often, and no commitment has to be judged for it.
        let snapshot = view.snapshot
        let set = snapshot.context.validators
        let validators = API.Validators(
            total: set.count,
            needed: set.quorum,
            connected: snapshot.connectedValidators,
            toleratedFaults: set.faultTolerance
        )
        // A finalization of a later view proves that there is a later block, wherever it is.
        let proven = snapshot.finalView > snapshot.blockView ? snapshot.height.next : snapshot.height
        let best = max(snapshot.bestPeerHeight, proven).value
        let shortage = API.DiskShortage(snapshot.diskSpace)
        let warnings = warnings() + (shortage == .low ? [NodeLedger.lowDisk] : [])
        let behind = best - snapshot.height.value
        let reasons = NodeLedger.reasons(validators, behind: behind, shortage)
        var status = API.NodeStatus(
            network: genesis.network.text,
            chain: genesis.chain.hex,
            member: snapshot.state.key(node)?.member.text,
            isValidator: snapshot.isValidator,
            voting: API.Voting(snapshot.voting, validators: set),
            version: Node.version,
            head: API.Head(snapshot),
            view: snapshot.view.value,
            validators: validators,
            bestSignedHeight: best,
            isReady: reasons.isEmpty,
            notReady: reasons,
            asOf: snapshot.state.statusDate(headTime: snapshot.timestamp).description,
            isDemonstrationDate: snapshot.state.parameters.statusDate != nil,
            hasDemoData: snapshot.state.hasFictionalMilestones,
            storage: storage(),
            warnings: warnings.isEmpty ? nil : warnings
        )
        status.firstBlock = base?.firstBlock.value
        status.diskShortage = shortage
        return status
    }

    func metrics() async throws -> NodeMetrics {
        let snapshot = view.snapshot
        var metrics = NodeMetrics()
        metrics.finalHeight = snapshot.height.value
        metrics.logSize = snapshot.frontier.size
        metrics.view = snapshot.view.value
        metrics.mempoolCount = snapshot.mempoolCount
        metrics.connectedValidators = snapshot.connectedValidators
        metrics.evidenceCount = snapshot.evidence.count
        metrics.storageUse = storage()
        counted(&metrics)
        return metrics
    }

    /// Why a node is not ready, one line each.
    private static func reasons(
        _ validators: API.Validators,
        behind: UInt64,
        _ shortage: API.DiskShortage?
    ) -> [String] {
        var reasons: [String] = []
        if shortage == .exhausted { reasons.append("\(exhaustedDisk): free some, and it goes on by itself") }
        if !validators.hasQuorum {
            reasons.append(
                "\(validators.connected) of \(validators.total) validators are connected, \(validators.needed) are needed"
            )
        }
        if behind > toleratedLag { reasons.append("this node is \(behind) blocks behind its peers") }
        return reasons
    }

    /// What a node does without, where less than ``DataFolder/writingByteCount`` is left.
    static let exhaustedDisk =
        "less than \(DataFolder.writingByteCount >> 20) MiB of the disk are free here, so this node takes no blocks "
        + "and no transactions"

    /// What it does without where less than ``DataFolder/votingByteCount`` is left.
    private static let lowDisk =
        "less than \(DataFolder.votingByteCount >> 20) MiB of the disk are free: a validator casts no votes until there "
        + "is room, and below \(DataFolder.writingByteCount >> 20) MiB the node takes no blocks"

    // MARK: - Days

    /// The state after the block that a request asks for, or else the last one, at the day that it asks for or else the
    /// network's own.
    func assessed(_ asOf: String?, after height: UInt64?) async throws -> AssessedState {
        let day = try NodeLedger.day(asOf)
        let head = view.snapshot
        if let height, height != head.height.value {
            return try await past.assessed(after: height, asOf: day, head: head)
        }
        guard let day else { return await ownDay.assessed(asOf: nil) }
        return await otherDays.assessed(asOf: day)
    }

    /// The day that a request asks for.
    static func day(_ asOf: String?) throws -> CalendarDay? {
        guard let asOf else { return nil }
        if let day = CalendarDay(asOf) { return day }
        throw NodeLedger.query("asOf=\(asOf): expected a day such as 2021-06-30")
    }

    /// Whether the parameter `statusDate` fixes the day that an answer is judged at.
    func isDemonstration(_ asOf: String?, _ state: LedgerState) -> Bool {
        asOf == nil && state.parameters.statusDate != nil
    }
}

extension API.DiskShortage {
    /// - Returns: `nil` where there is room for everything.
    init?(_ space: DiskSpace) {
        switch space {
        case .ample: return nil
        case .low: self = .low
        case .exhausted: self = .exhausted
        }
    }
}
