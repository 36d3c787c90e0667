import JalonCrypto
import JalonModel
import JalonState
import JalonStorage

/// Follows a ledger block by block and computes everything anew that a header claims.
struct ChainCheck {
    let genesis: Genesis
    /// Whether what a block changes is asked for.
    var keepsChanges = true
    /// The state after the last block taken; `nil` only while the next one is executed on it in place.
    private var held: LedgerState?
    private var links: ChainLinks
    /// The last block that a finalization covers, itself or by a descendant.
    private(set) var finalized = Height(0)
    private(set) var certificateCount = 0
    /// The steps in the lives of commitments.
    private(set) var lifeNotes: [LifeNote] = []
    private var window: ReplayWindow
    /// What a snapshot of the last block taken is made of besides the blocks of the window.
    private(set) var seed: SnapshotSeed

    /// The state after the last block taken.
    var state: LedgerState {
        guard let held else { preconditionFailure("a check that failed in a block is over") }
        return held
    }

    /// The last block taken.
    var tip: ChainTip { links.tip }

    /// The log after it.
    var log: MerkleFrontier { links.log }

    init(genesis: Genesis) {
        self.genesis = genesis
        held = LedgerState(genesis: genesis)
        links = ChainLinks(genesis)
        window = ReplayWindow(maxLifetime: genesis.parameters.maxLifetimeMilliseconds)
        seed = SnapshotSeed()
    }

    /// Goes on from a block whose state is known; its finalization counts as one.
    init(genesis: Genesis, from ground: SnapshotGround) {
        self.genesis = genesis
        held = ground.state
        links = ChainLinks(after: ground.header, log: ground.frontier)
        window = ground.window
        finalized = ground.header.height
        certificateCount = 1
        seed = SnapshotSeed(ground)
    }

    /// What votes are bound to, in each epoch so far.
    var contexts: EpochContexts { EpochContexts(genesis, state) }

    /// A finalization whose epoch may have begun by now.
    func judged(_ finality: StoredBlockCheck.Finality) -> StoredBlockCheck.Finality {
        guard case .unknownEpoch(let certificate) = finality else { return finality }
        return StoredBlockCheck.finality(certificate, contexts: contexts)
    }

    /// Takes the next block.
    ///
    /// - Returns: What applying it changes; without the leaves where ``keepsChanges`` is false.
    /// - Throws: ``BlockDefect`` for the first thing that is wrong with it; the check is over then.
    @discardableResult
    mutating func take(_ check: StoredBlockCheck) throws(BlockDefect) -> FinalBlock {
        let block = try check.block.get()
        let header = block.header
        try checkStructure(header)
        var links = links
        let opensEpoch = tip.height.value > 0 && state.epochStart == tip.height
        try links.follow(header, height: check.height, opensEpoch: opensEpoch)
        let transactions = try verified(check.statements)
        try checkBody(block)
        try links.append(transactions.map(\.value.leaf), of: header)
        let (epoch, quorum, finality) = (state.epoch, state.validators.quorum, judged(check.finality))
        let changes = try execute(transactions, header)
        switch finality {
        case .absent: break
        case .verified(let certificate): try checkFinality(certificate, of: block, quorum: quorum)
        case .unknownEpoch(let certificate):
            throw BlockDefect("its finalization is of epoch \(certificate.epoch), this is \(epoch)")
        case .bad(let reason): throw BlockDefect(reason)
        }

        let before = Snapshot.Base(header: seed.header, frontier: log)
        self.links = links
        let ids = transactions.map(\.value.id)
        // Before the first block nothing of the state is stored: it follows from the genesis.
        let isFirst = keepsChanges && tip.height == Height(1)
        let stored = isFirst ? state.leaves.map { LeafChange(path: $0.path, value: $0.value) } : changes
        window.insert([], at: header.timestamp)
        for transaction in transactions {
            guard case .success(let body) = transaction.value.content, body.isLifeStep else { continue }
            lifeNotes.append(LifeNote(commitment: transaction.value.subject.text, height: header.height))
        }
        var finalization: Certificate?
        if case .verified(let certificate) = finality {
            finalized = header.height
            certificateCount += 1
            finalization = certificate
        }
        seed.take(header, finalization, after: before, next: state.validators, window)
        return FinalBlock(block: block, transactions: ids, changes: stored, frontier: log.encoded)
    }

    /// Notes that a block above the last one taken is final, and with it all of these.
    mutating func noteFinalDescendant() {
        finalized = tip.height
        certificateCount += 1
    }

    // MARK: - Header

    private func checkStructure(_ header: BlockHeader) throws(BlockDefect) {
        try BlockDefect.require(
            header.epoch == state.epoch,
            "epoch",
            found: header.epoch,
            expected: state.epoch
        )
        let hash = state.validators.hash
        try BlockDefect.require(
            header.validatorsHash == hash,
            "validators hash",
            found: header.validatorsHash,
            expected: hash
        )
        let leader = state.validators.leader(of: header.view, offset: state.epochStart.value)
        try BlockDefect.require(header.leader == leader, "leader", found: header.leader, expected: leader)
    }

    // MARK: - Body

    private func verified(
        _ statements: ArraySlice<StoredBlockCheck.Statement>
    ) throws(BlockDefect) -> [Verified<Transaction>] {
        var transactions: [Verified<Transaction>] = []
        transactions.reserveCapacity(statements.count)
        for (index, statement) in zip(0..., statements) {
            var statement = statement
            if case .unknownKey(let transaction) = statement {
                guard let key = state.key(transaction.keyID) else {
                    throw BlockDefect(
                        "transaction \(index) is signed by an unknown key, \(transaction.keyID)"
                    )
                }
                statement = StoredBlockCheck.verified(transaction, key: key.key)
            }
            switch statement {
            case .verified(let transaction): transactions.append(transaction)
            case .unknownKey, .bad: throw BlockDefect("transaction \(index): \(reason(statement))")
            }
        }
        return transactions
    }

    private func reason(_ statement: StoredBlockCheck.Statement) -> String {
        if case .bad(let reason) = statement { reason } else { "its key is unknown" }
    }

    private func checkBody(_ block: Block) throws(BlockDefect) {
        let parameters = state.parameters
        let count = UInt64(block.transactions.count)
        guard count <= parameters.maxBlockTransactionCount else {
            throw BlockDefect(
                "\(count) transactions, at most \(parameters.maxBlockTransactionCount) are allowed"
            )
        }
        guard block.header.bodyByteCount <= parameters.maxBlockByteCount else {
            throw BlockDefect(
                "a body of \(block.header.bodyByteCount) bytes, at most \(parameters.maxBlockByteCount) are allowed"
            )
        }
    }

    /// Moves the state on, in place: a copy of what the block changes would be most of the work.
    private mutating func execute(
        _ transactions: [Verified<Transaction>],
        _ header: BlockHeader
    ) throws(BlockDefect) -> [LeafChange] {
        let (limit, count) = (state.parameters.replayWindowLimit, UInt64(window.count(at: header.timestamp)))
        guard count + UInt64(transactions.count) <= limit else {
            throw BlockDefect("the replay window would hold more than \(limit) ids")
        }
        let parent = state
        held = nil
        var execution = BlockExecution(
            on: consume parent,
            context: BlockContext(genesis, height: header.height, timestamp: header.timestamp)
        )
        for (index, transaction) in transactions.enumerated() {
            let id = transaction.value.id
            guard window.take(id, at: header.timestamp) else {
                throw BlockDefect("transaction \(index), \(id), stands in the ledger already")
            }
            do { try execution.apply(transaction) } catch {
                throw BlockDefect(
                    "transaction \(index) breaks a rule: \(error.code.rawValue), \(error.message)"
                )
            }
        }
        let (state, changes) = (consume execution).finish(keepsLeaves: keepsChanges)
        let next = state.validators.hash
        try BlockDefect.require(
            header.nextValidatorsHash == next,
            "next validators hash",
            found: header.nextValidatorsHash,
            expected: next
        )
        try BlockDefect.require(
            header.stateRoot == state.root,
            "state root",
            found: header.stateRoot,
            expected: state.root
        )
        held = state
        return changes
    }

    // MARK: - Finality

    private func checkFinality(
        _ certificate: Certificate,
        of block: Block,
        quorum: Int
    ) throws(BlockDefect) {
        guard case .finalize(let view, let id, let logRoot) = certificate.ballot else {
            throw BlockDefect("its certificate is no finalization")
        }
        guard id == block.id else {
            throw BlockDefect(
                "its header hashes to \(block.id), but \(quorum) validators sealed \(id)"
            )
        }
        let header = block.header
        try BlockDefect.require(
            logRoot == header.logRoot,
            "log root that was sealed",
            found: logRoot,
            expected: header.logRoot
        )
        try BlockDefect.require(
            certificate.epoch == header.epoch,
            "epoch that was sealed",
            found: certificate.epoch,
            expected: header.epoch
        )
        // A closing block is proposed again, in later views, until it is final.
        if header.closesEpoch, view > header.view { return }
        try BlockDefect.require(
            view == header.view,
            "view that was sealed",
            found: view,
            expected: header.view
        )
    }
}
