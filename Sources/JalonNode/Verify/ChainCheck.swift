import JalonCrypto
import JalonModel
import JalonState

/// Follows a ledger block by block and computes everything anew that a header claims.
struct ChainCheck {
    let genesis: Genesis
    /// The state after the last block taken.
    private(set) var state: LedgerState
    private(set) var log = MerkleFrontier()
    private(set) var tip: ChainTip
    /// The last block that a finalization covers, itself or by a descendant.
    private(set) var finalized = Height(0)
    private(set) var certificateCount = 0
    private var window: ReplayWindow

    /// What the next block has to follow.
    struct ChainTip: Hashable, Sendable {
        let id: BlockID
        let height: Height
        let view: View
        let timestamp: Timestamp
    }

    init(genesis: Genesis) {
        self.genesis = genesis
        state = LedgerState(genesis: genesis)
        tip = ChainTip(
            id: genesis.blockID,
            height: Height(0),
            view: View(0),
            timestamp: genesis.time
        )
        window = ReplayWindow(maxLifetime: genesis.parameters.maxLifetimeMilliseconds)
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
    /// - Throws: ``BlockDefect`` for the first thing that is wrong with it; nothing is taken then.
    mutating func take(_ check: StoredBlockCheck) throws(BlockDefect) {
        let block = try check.block.get()
        let header = block.header
        try checkStructure(header, height: check.height)
        try checkLinks(header)
        let transactions = try verified(check.statements)
        try checkBody(block)
        let log = try checkLog(header, transactions)
        let state = try execute(transactions, header)
        let finality = judged(check.finality)
        switch finality {
        case .absent: break
        case .verified(let certificate): try checkFinality(certificate, of: block)
        case .unknownEpoch(let certificate):
            throw BlockDefect(
                "its finalization is of epoch \(certificate.epoch), this is \(self.state.epoch)"
            )
        case .bad(let reason): throw BlockDefect(reason)
        }

        (self.log, self.state) = (log, state)
        window.insert(transactions.map(\.value.id), at: header.timestamp)
        tip = ChainTip(
            id: block.id,
            height: header.height,
            view: header.view,
            timestamp: header.timestamp
        )
        if case .verified = finality {
            finalized = header.height
            certificateCount += 1
        }
    }

    /// Notes that a block above the last one taken is final, and with it all of these.
    mutating func noteFinalDescendant() {
        finalized = tip.height
        certificateCount += 1
    }

    // MARK: - Header

    private func checkStructure(_ header: BlockHeader, height: Height) throws(BlockDefect) {
        try require(header.height == height, "height", found: header.height, expected: height)
        try require(header.chain == genesis.chain, "chain", found: header.chain, expected: genesis.chain)
        try require(header.epoch == state.epoch, "epoch", found: header.epoch, expected: state.epoch)
        let hash = state.validators.hash
        try require(
            header.validatorsHash == hash,
            "validators hash",
            found: header.validatorsHash,
            expected: hash
        )
        let leader = state.validators.leader(of: header.view, offset: state.epochStart.value)
        try require(header.leader == leader, "leader", found: header.leader, expected: leader)
    }

    private func checkLinks(_ header: BlockHeader) throws(BlockDefect) {
        try require(header.parent == tip.id, "parent", found: header.parent, expected: tip.id)
        try require(
            header.parentView == tip.view,
            "parent view",
            found: header.parentView,
            expected: tip.view
        )
        // Views are counted anew in each epoch.
        let isFirst = tip.height.value > 0 && state.epochStart == tip.height
        guard header.view > (isFirst ? View(0) : tip.view) else {
            throw BlockDefect("its view is \(header.view), not after its parent's, \(tip.view)")
        }
        guard header.timestamp > tip.timestamp else {
            throw BlockDefect("its time is \(header.timestamp), not after its parent's, \(tip.timestamp)")
        }
    }

    // MARK: - Body

    private func verified(
        _ statements: [StoredBlockCheck.Statement]
    ) throws(BlockDefect) -> [Verified<Transaction>] {
        var transactions: [Verified<Transaction>] = []
        for (index, statement) in statements.enumerated() {
            var statement = statement
            if case .unknownKey(let transaction) = statement {
                guard let key = state.key(transaction.keyID) else {
                    throw BlockDefect(
                        "transaction \(index) is signed by an unknown key, \(transaction.keyID)"
                    )
                }
                statement = StoredBlockCheck.verified(transaction, key: key)
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

    private func checkLog(
        _ header: BlockHeader,
        _ transactions: [Verified<Transaction>]
    ) throws(BlockDefect) -> MerkleFrontier {
        var log = log
        log.append(contentsOf: transactions.map(\.value.leaf))
        try require(header.logSize == log.size, "log size", found: header.logSize, expected: log.size)
        try require(header.logRoot == log.root, "log root", found: header.logRoot, expected: log.root)
        return log
    }

    private func execute(
        _ transactions: [Verified<Transaction>],
        _ header: BlockHeader
    ) throws(BlockDefect) -> LedgerState {
        let held = UInt64(window.count(at: header.timestamp))
        guard held + UInt64(transactions.count) <= state.parameters.replayWindowLimit else {
            throw BlockDefect(
                "the replay window would hold more than \(state.parameters.replayWindowLimit) ids"
            )
        }
        var execution = BlockExecution(
            on: state,
            context: BlockContext(genesis, height: header.height, timestamp: header.timestamp)
        )
        var seen: Set<TransactionID> = []
        for (index, transaction) in transactions.enumerated() {
            let id = transaction.value.id
            guard !window.contains(id), seen.insert(id).inserted else {
                throw BlockDefect("transaction \(index), \(id), stands in the ledger already")
            }
            do { try execution.apply(transaction) } catch {
                throw BlockDefect(
                    "transaction \(index) breaks a rule: \(error.code.rawValue), \(error.message)"
                )
            }
        }
        let state = execution.finish().state
        let next = state.validators.hash
        try require(
            header.nextValidatorsHash == next,
            "next validators hash",
            found: header.nextValidatorsHash,
            expected: next
        )
        try require(
            header.stateRoot == state.root,
            "state root",
            found: header.stateRoot,
            expected: state.root
        )
        return state
    }

    // MARK: - Finality

    private func checkFinality(_ certificate: Certificate, of block: Block) throws(BlockDefect) {
        guard case .finalize(let view, let id, let logRoot) = certificate.ballot else {
            throw BlockDefect("its certificate is no finalization")
        }
        guard id == block.id else {
            throw BlockDefect(
                "its header hashes to \(block.id), but \(state.validators.quorum) validators sealed \(id)"
            )
        }
        let header = block.header
        try require(
            logRoot == header.logRoot,
            "log root that was sealed",
            found: logRoot,
            expected: header.logRoot
        )
        try require(
            certificate.epoch == header.epoch,
            "epoch that was sealed",
            found: certificate.epoch,
            expected: header.epoch
        )
        // A closing block is proposed again, in later views, until it is final.
        if header.closesEpoch, view > header.view { return }
        try require(view == header.view, "view that was sealed", found: view, expected: header.view)
    }

    private func require<Value: Equatable>(
        _ holds: Bool,
        _ field: String,
        found: Value,
        expected: Value
    ) throws(BlockDefect) {
        guard holds else { throw BlockDefect("its \(field) is \(found), expected \(expected)") }
    }
}
