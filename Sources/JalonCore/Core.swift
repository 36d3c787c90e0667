package import JalonConsensus
import JalonCrypto
package import JalonModel
package import JalonState

/// The node's brain: consensus, execution, mempool, sync and every decision of gossip, in one machine without I/O.
///
/// Call ``handle(_:at:)`` with each event and perform the effects in their order; fire ``Event/timerFired`` at
/// ``deadline``. The same events at the same clocks give the same effects, in every process: what a node runs is what
/// the simulator runs.
package struct Core: Sendable {
    /// What a node brings along.
    package struct Configuration: Sendable {
        /// The validator keys at hand, none for an observer: the current one and, while it is being changed, the next.
        package var keys: [any Signing]
        /// The id of the own node key.
        package var node: PeerID
        /// Seeds the jitter of retries, nothing else.
        package var seed: UInt64
        /// Bounds of the mempool.
        package var mempoolCount = 20_000
        package var mempoolByteCount = 64 << 20
        /// All of them but in a simulated mutant.
        package var guards = Guards.all
        /// The newest rule set that this program knows: another than the program's own only in a simulated upgrade.
        package var knownRules = LedgerState.ruleSet
        /// Reads what comes as transactions.
        package var reader: any TransactionReading = TransactionReader()
        /// Applies the transactions of blocks.
        package var applier: any BlockApplying = BlockApplier()

        package init(keys: [any Signing], node: PeerID, seed: UInt64) {
            self.keys = keys
            self.node = node
            self.seed = seed
        }

        package init(key: (any Signing)?, node: PeerID, seed: UInt64) {
            self.init(keys: key.map { [$0] } ?? [], node: node, seed: seed)
        }

        /// The key that has a seat in a set; `nil` where none has.
        func key(in set: ValidatorSet) -> (any Signing)? {
            keys.first { set.index(of: $0.publicKey.id) != nil }
        }
    }

    let genesis: Genesis
    let configuration: Configuration
    var simplex: Simplex
    var tree: BlockTree
    var mempool: Mempool
    var replay: ReplayWindow
    var recentTransactions = RecentTransactions()
    var peers = PeerTable()
    var fetcher = Fetcher()
    var sync = SyncState()
    var wallClock: WallClock
    var jitter: Jitter
    var turn: Turn
    /// Whether own votes may be cast yet.
    var standing: StandingState
    /// Who is ready for the validators that wait.
    var readiness = ReadinessState()
    /// Others' questions that were passed on, oldest first.
    var questions: [Question] = []
    /// Where no fault is tolerated: up to which view a validator that lost its votes may cast some of them again.
    var amnesty: [ValidatorIndex: View] = [:]
    /// Who first sent a proposal of a block: asked first for what of it is missing.
    var sources: [BlockID: PeerID] = [:]

    /// The clock of the event being handled.
    var clock: Clock
    /// The clock of the last event after which everything came to rest: what the passing of time will bring counts from it.
    var settledAt: Clock
    /// Peers that wait for transactions which are on their way here.
    var askers = Askers()
    /// Transactions of proposals that are being put together, by block.
    var assemblies: [BlockID: Assembly] = [:]
    /// Blocks that are final by a verified finalization and not applied yet.
    var finalBlocks = FinalBlocks()
    /// Messages whose signatures are being checked.
    var inFlight = InFlight()
    /// The admission state: the tip and, on it, everything in the mempool.
    var admission: Admission
    var includable = Includable()
    /// How many disputes observers opened here lately.
    var disputeRate = DisputeRate()
    /// Transactions admitted since the last batch was sent.
    var outgoing: [Outgoing] = []
    var outgoingSentAt: UInt64 = 0
    /// When the current unfinal tip was first seen notarized.
    var unfinalTip: (block: BlockID, since: UInt64)?
    /// A valid proposal of the current view whose timestamp lies too far ahead still, or, without an end, whose time is in
    /// doubt while nobody confirmed the own clock.
    var waitingForTime: (view: View, until: UInt64?)?
    /// When the next block may be proposed, where blocks have a minimum interval.
    var pacedUntil: UInt64?
    var retryAt: UInt64?
    var resendAt: UInt64?
    var tipAt: UInt64
    /// Evidence held, at most one pair a signer and view, bounded.
    var evidence: [Equivocation] = []
    /// How much may still be written here.
    package private(set) var diskSpace = DiskSpace.ample
    var isHalted = false
    /// Node keys of the validators' members.
    var validatorPeers: [PeerID: ValidatorIndex] = [:]

    /// Starts from the genesis and what storage gave back.
    ///
    /// - Parameters:
    ///   - genesis: Of the network.
    ///   - restored: What storage gave back.
    ///   - state: That of its leaves, where those were decoded already; otherwise they are here.
    ///   - window: The ids that storage gave back, where they were taken in already; one of another lifetime than the state's
    ///     does not count.
    ///   - configuration: What the operator chose.
    ///   - verifier: Checks what storage gave back.
    ///   - clock: Now.
    /// - Throws: ``CoreError`` where the two do not fit together.
    package init(
        genesis: Genesis,
        restored: RestoredLedger,
        state: LedgerState? = nil,
        window: ReplayWindow? = nil,
        configuration: Configuration,
        verifier: some SignatureVerifying,
        clock: Clock
    ) throws(CoreError) {
        self.genesis = genesis
        self.configuration = configuration
        self.clock = clock
        settledAt = clock
        let tip = try Core.restoredTip(
            genesis: genesis,
            restored: restored,
            state: state,
            applier: configuration.applier
        )
        tree = BlockTree(tip: tip)
        mempool = Mempool(
            maximumCount: configuration.mempoolCount,
            maximumByteCount: configuration.mempoolByteCount,
            guards: configuration.guards
        )
        let lifetime = tip.state.parameters.maxLifetimeMilliseconds
        let known = window?.lifetime == lifetime ? window : nil
        replay = known ?? ReplayWindow(maxLifetime: lifetime, blocks: restored.recent)
        admission = Admission(on: tip, genesis: genesis, time: clock.wall, at: clock.monotonic)
        wallClock = WallClock(start: clock)
        jitter = Jitter(seed: configuration.seed)
        turn = Turn(guards: configuration.guards)
        evidence = restored.evidence
        standing = Core.standing(
            restored.rejoin,
            isValidator: configuration.key(in: tip.state.validators) != nil,
            nonce: jitter.nonce(),
            guards: configuration.guards
        )
        tipAt = clock.monotonic
        simplex = Core.simplex(
            after: tip,
            genesis: genesis,
            configuration: configuration,
            at: clock.monotonic
        )
        if case .granted(simplex.context.epoch, let first, _) = restored.rejoin { simplex.firstVote = first }
        updateMayVote()
        validatorPeers = Core.validatorPeers(of: tip.state)
        try restore(restored, verifier: verifier)
    }

    // MARK: - Reading

    /// The state after the last applied final block.
    package var state: LedgerState { tree.tip.state }

    /// The last applied final block.
    package var tip: ChainPoint { tree.tip }

    /// The current view.
    package var view: View { simplex.view }

    /// The current epoch.
    package var epoch: Epoch { simplex.context.epoch }

    /// What votes are bound to now.
    package var context: VotingContext { simplex.context }

    /// The view of the highest finalization held; it may be above the tip's while blocks are missing.
    package var finalView: View { simplex.finalView }

    /// Where this node stands among the validators; `nil` for an observer.
    package var own: ValidatorIndex? { simplex.own }

    /// Transactions that wait for a block here.
    package var mempoolCount: Int { mempool.count }

    /// Whether a transaction waits for a block here.
    package func isPending(_ id: TransactionID) -> Bool { mempool.contains(id) }

    /// The connected peers, in the order of their ids.
    package var connectedPeers: [PeerID] { peers.ids }

    /// The newest tip that a peer told of, and when that came, in monotonic milliseconds.
    package func tip(of peer: PeerID) -> (tip: Tip, at: UInt64)? {
        guard let peer = peers[peer], let tip = peer.tip else { return nil }
        return (tip, peer.tipAt)
    }

    /// Who proposes in a view of the current epoch.
    package func leader(of view: View) -> ValidatorIndex { simplex.leader(of: view) }

    /// The validators that are connected, this node included where it is one.
    package var connectedValidators: Int {
        simplex.context.validators.indices.count { $0 == simplex.own || peers.hears($0) }
    }

    /// Two contradicting votes each, of validators that were caught.
    package var evidenceHeld: [Equivocation] { evidence }

    /// When ``Event/timerFired`` is due, in monotonic milliseconds; `nil` where nothing is waited for.
    package var deadline: UInt64? {
        guard !isHalted else { return nil }
        var earliest = tipAt
        earliest.lower(to: simplex.deadline)
        earliest.lower(to: fetcher.deadline)
        earliest.lower(to: sync.deadline)
        earliest.lower(to: retryAt)
        earliest.lower(to: resendAt)
        earliest.lower(to: waitingForTime?.until)
        earliest.lower(to: standing.askAt)
        earliest.lower(to: workDeadline)
        if !outgoing.isEmpty { earliest.lower(to: outgoingSentAt + Core.batchInterval) }
        return earliest
    }

    // MARK: - Events

    /// What the start calls for: resends and timers; call it once, after init.
    package mutating func start(at clock: Clock) -> [Effect] {
        self.clock = clock
        haltAtUnknownRules()
        for id in tree.heldInOrder { advance(id) }
        advanceTree()
        updateReadiness()
        return finishTurn()
    }

    /// Advances the core by one event.
    ///
    /// - Returns: What to do now, in order; empty when the event is stale or a duplicate.
    package mutating func handle(_ event: Event, at clock: Clock) -> [Effect] {
        guard !isHalted else { return [] }
        self.clock = Clock(monotonic: max(clock.monotonic, self.clock.monotonic), wall: clock.wall)
        switch event {
        case .connected(let peer): onConnected(peer)
        case .disconnected(let peer): onDisconnected(peer)
        case .received(let message, let peer):
            // Most of what comes is asked to be checked or is known: then nothing follows from it yet.
            guard onReceived(message, from: peer) else { return turn.take() }
        case .verified(let outcome): onVerified(outcome)
        case .submitted(let transactions): onSubmitted(transactions)
        case .timerFired: onTimerFired()
        case .diskSpaceChanged(let space): onDiskSpaceChanged(space)
        }
        return finishTurn()
    }

    /// Lets consensus and the tree come to rest, then hands the turn's effects over.
    private mutating func finishTurn() -> [Effect] {
        settledAt = clock
        askStandingWhenDue()
        judgeTimeAgain()
        repeat {
            drainConsensus()
            decide()
            judgeWork()
            proposeIfDue()
        } while simplex.hasOutputs
        pruneAssemblies()
        pruneFetches()
        requestDue()
        flushOutgoing()
        armRetries()
        assertInvariants()
        return turn.take()
    }

    /// - Returns: Whether more may follow than the effects that were added: deadlines are the timer's business.
    private mutating func onReceived(_ message: PeerMessage, from peer: PeerID) -> Bool {
        guard peers.contains(peer) else { return false }
        // Nothing is written for a tip, and without tips this node would take itself for up to date.
        if diskSpace == .exhausted, message.kind != .tip { return false }
        switch message {
        // These are only answered, or asked to be checked.
        case .vote(let vote): onVote(vote, from: peer)
        case .certificate(let certificate): onCertificate(certificate, from: peer)
        case .proposal(let proposal): onProposal(proposal, from: peer)
        case .request(let request): onRequest(request, from: peer)
        case .evidence(let evidence): onEvidence(evidence, from: peer)
        case .standingRequest(let request): onStandingRequest(request, from: peer)
        case .standing(let standing): onStanding(standing, from: peer)
        case .readiness(let notice): onReadiness(notice, from: peer)
        // These may complete a block, or tell of one.
        case .transactions(let transactions): return onTransactions(transactions, from: peer)
        case .tip(let tip):
            onTip(tip, from: peer)
            return true
        case .block(let block):
            onBlock(block, from: peer)
            return true
        case .finalBlock(let block, let finalization):
            onFinalBlock(block, finalization, from: peer)
            return true
        }
        return false
    }

    private mutating func onDiskSpaceChanged(_ space: DiskSpace) {
        diskSpace = space
        updateMayVote()
        updateReadiness()
    }

    /// Checks what must always hold; compiled into debug builds only.
    package func assertInvariants() {
        assert(tree.tip.height.value <= UInt64(Int64.max), "heights are bounded")
        assert(simplex.view > simplex.finalView, "a finalized view was left")
        assert(
            simplex.finalization != nil || tree.tip.id == simplex.base.id,
            "only the base of an epoch is final without votes in it"
        )
    }
}

/// Why what storage gave back does not start a node.
package enum CoreError: Error, Equatable, Sendable {
    /// The stored state does not decode.
    case state(String)
    /// The stored tip and the state or frontier do not belong together.
    case tipMismatch(String)
    /// An own vote or a certificate that was stored does not verify.
    case invalidRecord(String)
}

extension CoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .state(let reason): "the stored state can't be read: \(reason)"
        case .tipMismatch(let reason): "the stored tip does not fit: \(reason)"
        case .invalidRecord(let reason): "a stored record does not verify: \(reason)"
        }
    }
}

extension UInt64 {
    /// Becomes the lesser of itself and another.
    mutating func lower(to other: UInt64?) {
        if let other, other < self { self = other }
    }
}

/// A small generator for the jitter of retries (SplitMix64): nothing else in the core is random.
struct Jitter: RandomNumberGenerator, Hashable, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Bytes that tie an answer to a question.
    mutating func nonce() -> [UInt8] {
        (0..<StandingRequest.nonceByteCount).map { _ in UInt8(truncatingIfNeeded: next() >> 32) }
    }

    /// `interval` ± a quarter of it.
    mutating func around(_ interval: UInt64) -> UInt64 {
        let spread = max(interval / 2, 1)
        return interval - interval / 4 + next() % spread
    }
}
