import JalonConsensus
import JalonCrypto
import JalonModel
import JalonState

/// A proposal's block while its transactions come together.
struct Assembly: Sendable {
    let header: BlockHeader
    let leaves: [LeafHash]
    /// Full bytes by place; `nil` where they are missing.
    var transactions: [[UInt8]?]
    /// Where each missing leaf belongs.
    var missing: [LeafHash: [Int]]

    init(header: BlockHeader, leaves: [LeafHash], find: (LeafHash) -> [UInt8]?) {
        self.header = header
        self.leaves = leaves
        transactions = leaves.map(find)
        missing = [:]
        for (place, leaf) in leaves.enumerated() where transactions[place] == nil {
            missing[leaf, default: []].append(place)
        }
    }

    mutating func add(_ bytes: [UInt8], leaf: LeafHash) {
        for place in missing.removeValue(forKey: leaf) ?? [] { transactions[place] = bytes }
    }

    /// The leaves that are missing, in the order of the block.
    var missingInOrder: [LeafHash] {
        var seen: Set<LeafHash> = []
        return leaves.filter { missing[$0] != nil && seen.insert($0).inserted }
    }

    var block: Block? {
        guard missing.isEmpty else { return nil }
        return Block(header: header, transactions: transactions.compactMap { $0 })
    }
}

extension Core {
    /// The most blocks that are put together at once.
    static let maximumAssemblies = 64

    // MARK: - From a proposal to a block

    mutating func assemble(_ proposal: Proposal) {
        guard assemblies[proposal.block] == nil, assemblies.count < Core.maximumAssemblies else { return }
        let mempool = mempool
        let assembly = Assembly(header: proposal.header, leaves: proposal.leaves) {
            mempool[$0]?.transaction.value.bytes
        }
        assemblies[proposal.block] = assembly
        completeAssembly(proposal.block)
        if assemblies[proposal.block] != nil { want(.transactions(proposal.block)) }
    }

    /// Gives a transaction that came to the blocks that miss it.
    ///
    /// - Returns: Whether any did.
    mutating func offer(_ bytes: [UInt8], leaf: LeafHash) -> Bool {
        var isTaken = false
        for id in assemblies.keys.sorted() where assemblies[id]?.missing[leaf] != nil {
            assemblies[id]?.add(bytes, leaf: leaf)
            completeAssembly(id)
            isTaken = true
        }
        return isTaken
    }

    private mutating func completeAssembly(_ id: BlockID) {
        guard let assembly = assemblies[id], let block = assembly.block else { return }
        assemblies[id] = nil
        // What is held is served and stored: it must pass every reader's bounds.
        let byteCount = block.transactions.reduce(0) { $0 + $1.count }
        guard UInt64(byteCount) == block.header.bodyByteCount else { return refuseProposals(of: id) }
        // Each transaction was found by its hash.
        hold(block, leaves: assembly.leaves, origin: .proposal)
    }

    /// Holds a block and takes it as far as what is known allows.
    mutating func hold(_ block: Block, leaves: [LeafHash]? = nil, origin: BlockTree.Origin) {
        assemblies[block.id] = nil
        tree.insert(block, leaves: leaves, isDurable: false, origin: origin)
        noteHeld(block)
        advance(block.id)
    }

    /// Lets go of blocks that are put together for nothing: a leader may name transactions that nobody has.
    mutating func pruneAssemblies() {
        for id in assemblies.keys.sorted() {
            guard let header = assemblies[id]?.header else { continue }
            let isOpen = header.view >= simplex.view || simplex.isCertified(id)
            if !isOpen || header.height <= tree.tip.height { assemblies[id] = nil }
        }
        // Nothing is on its way any more: who still asks does so in vain.
        if !askers.isEmpty, assemblies.isEmpty, !inFlight.hasTransactions, !tree.isVerifying {
            askers.removeAll()
        }
        guard sources.count > Core.maximumSources else { return }
        let (tree, assemblies) = (tree, assemblies)
        sources = sources.filter { tree[$0.key] != nil || assemblies[$0.key] != nil }
        if sources.count > Core.maximumSources { sources = [:] }
    }

    /// The most blocks whose first sender is remembered.
    static let maximumSources = 1_024

    // MARK: - From a block to a state

    /// Takes a held block through its stages as far as possible, then its children.
    mutating func advance(_ id: BlockID) {
        var queue = [id]
        while let next = queue.popLast() {
            if advanceOnce(next) { queue.append(contentsOf: tree.children(of: next)) }
        }
    }

    /// Takes up every child of the tip, after it moved or at start.
    mutating func advanceTree() {
        for child in tree.children(of: tree.tip.id) { advance(child) }
    }

    /// - Returns: Whether the block is executed now and was not before.
    private mutating func advanceOnce(_ id: BlockID) -> Bool {
        guard let held = tree[id] else { return false }
        guard let parent = tree.point(held.block.header.parent) else {
            if isMissing(parentOf: held.block) { want(.block(held.block.header.parent)) }
            return false
        }
        guard knowsRules(after: parent) else { return false }
        switch held.stage {
        case .received:
            let (log, header) = (log(after: held, on: parent), held.block.header)
            let hasItsBody = log.size == header.logSize && log.root == header.logRoot
            guard hasItsBody || !configuration.guards[.body] else {
                discard(held)
                return false
            }
            return verify(held, on: parent, log: log)
        case .verified(let transactions):
            return execute(held.block, transactions, on: parent, log: log(after: held, on: parent))
        case .verifying, .executed, .invalid: return false
        }
    }

    /// Whether a held block stands on one that is not held, above the tip, and not so far that sync brings it.
    func isMissing(parentOf block: Block) -> Bool {
        let header = block.header
        return tree[header.parent] == nil && header.height.value <= tree.tip.height.value + Core.fetchDistance
            && header.parent != tree.tip.id
            && header.height.value > tree.tip.height.value + 1
    }

    /// The log after a held block.
    private func log(after held: BlockTree.HeldBlock, on parent: ChainPoint) -> MerkleFrontier {
        var frontier = parent.frontier
        for leaf in held.leaves { frontier.append(leaf) }
        return frontier
    }

    /// Lets go of a copy whose body is not the header's, and asks for another where the block is needed.
    ///
    /// It says nothing against the block. Only a proposal that names such transactions is refused.
    private mutating func discard(_ held: BlockTree.HeldBlock) {
        let id = held.block.id
        tree.drop(id)
        sources[id] = nil
        switch held.origin {
        case .own: break
        case .proposal: refuseProposals(of: id)
        case .peer(let peer):
            if let peer { turn.add(.penalize(peer, .malformed(.block))) }
            // It came in the place of what was being put together.
            for view in simplex.viewsInValidation(of: id) {
                if let proposal = simplex.proposalInValidation(of: view) { assemble(proposal) }
            }
        }
        if finalBlocks.contains(id) { finalBlocks.miss(id, height: held.block.header.height) }
        if simplex.isCertified(id) || finalBlocks.contains(id) || !tree.children(of: id).isEmpty {
            want(.block(id), after: simplex.timing.delta / 2)
        }
    }

    private mutating func refuseProposals(of id: BlockID) {
        for view in simplex.viewsInValidation(of: id) {
            simplex.judged(view, valid: false, at: clock.monotonic)
        }
    }

    /// Checks the signatures of a block's transactions; those in the mempool were checked when they came.
    private mutating func verify(
        _ held: BlockTree.HeldBlock,
        on parent: ChainPoint,
        log: MerkleFrontier
    ) -> Bool {
        let block = held.block
        var unchecked: [(transaction: Transaction, key: PublicKey)] = []
        var transactions: [Verified<Transaction>] = []
        for (place, bytes) in block.transactions.enumerated() {
            // Whether a transaction waits here must not decide: the rule about its key holds in any case.
            if let entry = mempool[held.leaves[place]],
                parent.state.key(entry.transaction.value.keyID) != nil
            {
                transactions.append(entry.transaction)
                continue
            }
            let transaction: Transaction
            do {
                transaction = try configuration.reader.read(bytes)
            } catch {
                refuse(block.id, "transaction \(place) is malformed: \(error)")
                return false
            }
            // The key must stand in the state before the block: so all of a block is checked in parallel.
            guard let key = parent.state.key(transaction.keyID)?.key else {
                refuse(block.id, "transaction \(place) is signed by the unknown key \(transaction.keyID)")
                return false
            }
            unchecked.append((transaction, key))
        }
        guard unchecked.isEmpty else {
            tree.setStage(.verifying, of: block.id)
            turn.add(.verify(Verification(source: nil, subject: .block(block.id, unchecked))))
            return false
        }
        return execute(block, transactions, on: parent, log: log)
    }

    /// The signatures of a block's transactions were checked.
    mutating func onVerifiedBlock(_ id: BlockID, _ checked: [Verified<Transaction>?]) {
        guard let held = tree[id], case .verifying = held.stage else { return }
        var byLeaf: [LeafHash: Verified<Transaction>] = [:]
        for transaction in checked {
            guard let transaction else { return refuse(id, "a transaction's signature is not valid") }
            byLeaf[transaction.value.leaf] = transaction
        }
        var transactions: [Verified<Transaction>] = []
        for leaf in held.leaves {
            guard let transaction = byLeaf[leaf] ?? mempool[leaf]?.transaction else {
                // It left the mempool while the others were checked: check again, all of them.
                tree.setStage(.received, of: id)
                return advance(id)
            }
            transactions.append(transaction)
        }
        tree.setStage(.verified(transactions), of: id)
        advance(id)
    }

    private mutating func execute(
        _ block: Block,
        _ transactions: [Verified<Transaction>],
        on parent: ChainPoint,
        log: MerkleFrontier
    ) -> Bool {
        switch execution(of: block, transactions, on: parent, log: log) {
        case .failure(let reason):
            refuse(block.id, reason.text)
            return false
        case .success(let executed):
            adopt(executed)
            return true
        }
    }

    /// Keeps an executed block, durable with this turn, and tells consensus.
    mutating func adopt(_ executed: ExecutedBlock) {
        let block = executed.block
        tree.setStage(.executed(executed), of: block.id)
        fetcher.remove(.block(block.id))
        fetcher.remove(.transactions(block.id))
        if tree[block.id]?.isDurable == false {
            turn.persist(.block(block))
            tree.markDurable(block.id)
        }
        simplex.blockReady(BlockFacts(header: block.header, id: block.id), at: clock.monotonic)
        judgeProposals(of: block.id)
        answerAskers(executed.transactions)
        if block.header.view > simplex.finalView, configuration.guards[.keepUnfinal] {
            keepWaiting(executed.transactions)
        }
    }

    /// The transactions of a block that is not final wait here too: whoever had them may be gone, and the block may
    /// never be final.
    private mutating func keepWaiting(_ transactions: [Verified<Transaction>]) {
        for transaction in transactions {
            guard !mempool.contains(transaction.value.id), !replay.contains(transaction.value.id) else {
                continue
            }
            // One that finds no room is taken up again should the block not become final.
            try? wait(for: transaction)
        }
    }

    private mutating func refuse(_ id: BlockID, _ reason: String) {
        tree.setStage(.invalid(reason), of: id)
        fetcher.remove(.block(id))
        judgeProposals(of: id)
    }

    private mutating func judgeProposals(of block: BlockID) {
        for view in simplex.viewsInValidation(of: block) { judgeProposal(of: view) }
    }
}

extension Core {
    /// Executes a block on its parent and checks every field of its header (protocol, sections 3 and 5).
    ///
    /// `log` is the one after its transactions, to which the header commits: that was checked when the block came.
    func execution(
        of block: Block,
        _ transactions: [Verified<Transaction>],
        on parent: ChainPoint,
        log: MerkleFrontier
    ) -> Result<ExecutedBlock, BlockRefusal> {
        let header = block.header
        if let reason = headerMismatch(of: block, on: parent) { return .failure(BlockRefusal(text: reason)) }
        var ids: Set<TransactionID> = []
        for (place, transaction) in transactions.enumerated() {
            let id = transaction.value.id
            guard ids.insert(id).inserted, !isReplayed(id, on: parent.id) else {
                return .failure(BlockRefusal(text: "transaction \(place) stands in the chain already"))
            }
        }
        let applied: AppliedBlock
        do {
            applied = try configuration.applier.apply(
                transactions,
                on: parent.applied,
                context: BlockContext(genesis, height: header.height, timestamp: header.timestamp)
            )
        } catch {
            return .failure(error)
        }
        guard
            applied.state.validators.hash == header.nextValidatorsHash
                || !configuration.guards[.nextValidators]
        else {
            return .failure(BlockRefusal(text: "the next validators are not those of its state"))
        }
        let root = applied.state.root
        guard root == header.stateRoot || !configuration.guards[.stateRoot] else {
            return .failure(BlockRefusal(text: "state root \(header.stateRoot), expected \(root)"))
        }
        let point = ChainPoint(header: header, id: block.id, applied: applied, frontier: log)
        return .success(ExecutedBlock(block: block, transactions: transactions, ids: ids, point: point))
    }

    private func headerMismatch(of block: Block, on parent: ChainPoint) -> String? {
        let header = block.header
        let parameters = parent.state.parameters
        let validators = parent.state.validators
        if header.chain != genesis.chain { return "the chain is \(header.chain)" }
        if header.epoch != parent.state.epoch, configuration.guards[.closingHasNoChild] {
            return "the epoch is \(header.epoch)"
        }
        if header.height != parent.height.next { return "height \(header.height) after \(parent.height)" }
        if header.parentView != parent.view {
            return "parent view \(header.parentView), expected \(parent.view)"
        }
        // Views are counted anew in each epoch.
        let isFirst = parent.height.value > 0 && parent.state.epochStart == parent.height
        if header.view <= (isFirst ? View(0) : parent.view) {
            return "view \(header.view) after \(parent.view)"
        }
        if header.timestamp <= parent.timestamp, configuration.guards[.timeAfterParent] {
            return "the timestamp is not after the parent's"
        }
        let leader = validators.leader(of: header.view, offset: parent.state.epochStart.value)
        if header.leader != leader, configuration.guards[.leaderInHeader] {
            return "the leader is not that of the view"
        }
        if header.validatorsHash != validators.hash { return "the validators are not those of the epoch" }
        if UInt64(block.transactions.count) > parameters.maxBlockTransactionCount {
            return "too many transactions"
        }
        if header.bodyByteCount > parameters.maxBlockByteCount { return "too many bytes" }
        let byteCount = block.transactions.reduce(0) { $0 + UInt64($1.count) }
        if byteCount != header.bodyByteCount {
            return "a body of \(byteCount) bytes, \(header.bodyByteCount) said"
        }
        if replayCount(at: header.timestamp, on: parent.id) + UInt64(block.transactions.count)
            > parameters.replayWindowLimit
        {
            return "the replay window is full"
        }
        return nil
    }

    /// The ids in the replay window of a child of `parent`: those of final blocks and of its unfinal ancestors, so that
    /// the answer depends on the chain alone and not on how much of it is final here.
    func replayCount(at time: Timestamp, on parent: BlockID) -> UInt64 {
        UInt64(replay.count(at: time)) + tree.idCount(upTo: parent) { replay.covers($0, at: time) }
    }

    /// Whether a transaction stands in a final block of the window or in an unfinal ancestor.
    func isReplayed(_ id: TransactionID, on parent: BlockID) -> Bool {
        knownTransactions.contains(id, upTo: parent)
    }

    /// Whether a transaction stands in a final block of the window.
    func isFinal(_ id: TransactionID) -> Bool { knownTransactions.isFinal(id) }

    /// The transactions of the chain, as they are now.
    var knownTransactions: KnownTransactions {
        KnownTransactions(replay: replay, tree: tree, knowsFinal: configuration.guards[.replayFinal])
    }
}

/// The transactions that stand in the chain: apart from the core, so that who asks about many in a closure copies no core for
/// each.
struct KnownTransactions: Sendable {
    fileprivate let replay: ReplayWindow
    fileprivate let tree: BlockTree
    fileprivate let knowsFinal: Bool

    /// Whether one stands in a final block of the window.
    func isFinal(_ id: TransactionID) -> Bool { knowsFinal && replay.contains(id) }

    /// Whether one stands in a final block of the window or in an unfinal block up to this one.
    func contains(_ id: TransactionID, upTo block: BlockID) -> Bool {
        isFinal(id) || tree.contains(id, upTo: block)
    }
}
