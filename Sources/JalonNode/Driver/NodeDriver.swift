import JalonCore
import JalonCrypto
import JalonModel
import JalonNetwork
import JalonState
import JalonStorage
import Logging
import NIOCore
import NIOPosix

/// Performs the core's effects over real sockets, a real disk and real clocks.
///
/// One task owns the core; whatever happens reaches it through one mailbox, and effects are performed in their order.
/// Turns that are due together share one write: what is durable early does no harm, what is sent early would.
final class NodeDriver: Sendable {
    /// What reaches the core from outside its task.
    enum Input: Sendable {
        case event(Event)
        case network(NetworkEvent)

        /// Of a frame's body; nothing else is large and comes from peers.
        var byteCount: Int {
            if case .network(.frame(_, let body, _)) = self { body.count } else { 0 }
        }
    }

    /// Turns that share one write at the most.
    private static let batchSize = 512

    let store: LedgerStore
    let network: PeerNetwork
    let view: LedgerView
    /// Its bound in bytes makes the peers wait while the driver does: what they send is large or small as they like.
    let mailbox = Mailbox<Input>(capacity: 4_096, byteCapacity: 64 << 20) { $0.byteCount }
    private let verifications = Mailbox<JalonCore.Verification>(capacity: 65_536)
    let servings = ServeQueue()
    private let executor = DriverExecutor(label: "jalon.driver")
    let verifier = CountingVerifier()
    let meter = StorageMeter()
    private let logger: Logger
    private let refusals: RefusalLog
    private let misbehaviours: MisbehaviourLog
    /// Whom to dial and to let in, by the state.
    private let peers: @Sendable (LedgerState) -> [PeerAddress]
    /// Told of what became durable, before anything after it is performed: tests stop the node there.
    private let didPersist: @Sendable ([JalonModel.Record]) throws -> Void

    init(
        store: LedgerStore,
        network: PeerNetwork,
        view: LedgerView,
        peers: @escaping @Sendable (LedgerState) -> [PeerAddress],
        logger: Logger,
        didPersist: @escaping @Sendable ([JalonModel.Record]) throws -> Void = { _ in }
    ) {
        self.store = store
        self.network = network
        self.view = view
        self.peers = peers
        self.logger = logger
        refusals = RefusalLog(logger)
        misbehaviours = MisbehaviourLog(logger)
        self.didPersist = didPersist
    }

    /// Milliseconds of the monotonic clock, and the wall clock.
    static func clock() -> Clock {
        Clock(monotonic: NIODeadline.now().uptimeNanoseconds / 1_000_000, wall: WallTime.now())
    }

    /// Runs until the task is cancelled, the disk fails or the core halts.
    func run(_ core: consuming Core) async throws {
        let core = core
        defer { view.finish() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.pumpNetwork() }
            for _ in 0..<max(2, System.coreCount) { group.addTask { await self.verify() } }
            group.addTask(executorPreference: DriverExecutor(label: "jalon.serve")) { await self.serve() }
            group.addTask(executorPreference: DriverExecutor(label: "jalon.disk")) {
                try await self.watchDisk()
            }
            group.addTask(executorPreference: executor) { try await self.drive(core) }
            defer {
                group.cancelAll()
                for finish in [mailbox.finish, verifications.finish, servings.finish] { finish() }
            }
            // The driver ends by an error or by cancellation; every other task goes on until then.
            try await withTaskCancellationHandler {
                while let _ = try await group.next() { if Task.isCancelled { break } }
            } onCancel: {
                mailbox.finish()
            }
        }
    }

    // MARK: - The core's task

    private func drive(_ initial: Core) async throws {
        var core = initial
        let timer = DriverTimer { [mailbox] in mailbox.send(.event(.timerFired)) }
        defer { timer.cancel() }
        var batch = Batch()
        var heard = HeardPeers()
        batch.add(core.start(at: NodeDriver.clock()))
        try perform(&batch, core: core, hearing: &heard)
        while !Task.isCancelled {
            timer.arm(core.deadline)
            let inputs = await mailbox.receive(maximum: NodeDriver.batchSize)
            if inputs.isEmpty { return }
            for input in inputs {
                guard let event = event(of: input, hearing: &heard) else { continue }
                batch.add(core.handle(event, at: NodeDriver.clock()))
            }
            try perform(&batch, core: core, hearing: &heard)
        }
    }

    /// The effects of the turns that share one write.
    private struct Batch {
        var records: [JalonModel.Record] = []
        var effects: [Effect] = []

        mutating func add(_ turn: [Effect]) {
            for effect in turn {
                if case .persist(let added) = effect { records += added } else { effects.append(effect) }
            }
        }
    }

    private func perform(_ batch: inout Batch, core: Core, hearing heard: inout HeardPeers) throws {
        if !batch.records.isEmpty {
            // A failed write ends the process: what would be sent next rests on what is not there.
            try store.perform(batch.records)
            try didPersist(batch.records)
        }
        var notices: [Notice] = []
        for effect in batch.effects {
            switch effect {
            case .persist: break
            case .send(let message, let peers): network.send(message.kind, body: message.encoded, to: peers)
            case .verify(let verification): verifications.send(verification)
            case .serve(let request, let peer):
                // Nobody waits for the answer to a peer that left.
                guard let isKnown = heard.isKnown(peer) else { continue }
                servings.add(ServeJob(request: request, peer: peer), isKnown: isKnown)
            case .penalize(let peer, let misbehaviour): penalize(peer, misbehaviour, hearing: &heard)
            case .notify(let notice): notices.append(notice)
            case .halt(let reason):
                logger.critical("the node stops", metadata: ["reason": "\(reason)"])
                throw NodeError.halted(reason)
            }
        }
        batch = Batch()
        let before = view.snapshot
        let snapshot = LedgerSnapshot(core)
        view.publish(snapshot, telling: notices)
        log(notices)
        if core.votingState != before.voting { log(core.votingState, validators: core.context.validators) }
        // Members come and go by final blocks alone; where none did nobody is told, and no list is made.
        if snapshot.height != before.height, snapshot.state.members != before.state.members {
            network.updatePeers(peers(snapshot.state))
        }
    }

    /// Says what the own vote waits for.
    private func log(_ state: VotingState, validators: ValidatorSet) {
        switch state {
        case .observing: break
        case .checking(let answers, let needed):
            logger.info(
                "asks peers for votes that this node may have forgotten",
                metadata: ["answers": "\(answers)", "answers.needed": "\(needed)"]
            )
        case .rejoining(let answers, let needed, let silent):
            let members = silent.compactMap { validators[$0]?.member.text }
            logger.warning(
                "rejoins: own votes are lost, and none is cast before other validators said where they stand",
                metadata: [
                    "answers": "\(answers)", "answers.needed": "\(needed)",
                    "waits.for": "\(members.joined(separator: " "))",
                ]
            )
        case .diskFull: logger.warning("votes no more until the disk has room")
        case .voting(let first):
            logger.notice("votes", metadata: ["consensus.view.first": "\(first)"])
        }
    }

    private func event(of input: Input, hearing heard: inout HeardPeers) -> Event? {
        switch input {
        case .event(let event): return event
        case .network(.listening): return nil
        case .network(.connected(let peer, _, let isKnown)):
            heard.connected(peer, isKnown: isKnown)
            return .connected(peer)
        case .network(.disconnected(let peer, _)):
            heard.remove(peer)
            servings.remove(of: peer)
            return .disconnected(peer)
        case .network(.frame(let kind, let body, let peer)):
            guard heard.isKnown(peer) != nil else { return nil }
            do {
                return .received(try PeerMessage(kind: kind, body: body[...]), from: peer)
            } catch {
                penalize(peer, .malformed(kind), "\(error)", hearing: &heard)
                return nil
            }
        }
    }

    /// Drops the peer's connection and whatever came over it and waits; says so once a connection.
    private func penalize(
        _ peer: PeerID,
        _ misbehaviour: Misbehaviour,
        _ error: String? = nil,
        hearing heard: inout HeardPeers
    ) {
        let isKnown = heard.remove(peer)
        servings.remove(of: peer)
        let wasConnected = network.disconnect(peer, refusingFor: .seconds(30))
        guard let isKnown, wasConnected else { return }
        let now = NodeDriver.clock().monotonic
        misbehaviours.write(peer, isKnown: isKnown, misbehaviour, error, at: now)
    }

    private func log(_ notices: [Notice]) {
        for notice in notices {
            switch notice {
            case .final(let block):
                logger.info(
                    "final",
                    metadata: [
                        "block.height": "\(block.block.header.height)",
                        "block.transactions": "\(block.transactions.count)",
                    ]
                )
            case .rejected(_, let id, let refusal):
                refusals.write(id, refusal, at: NodeDriver.clock().monotonic)
            case .evidence(let pair):
                logger.error(
                    "a validator contradicted itself",
                    metadata: [
                        "consensus.view": "\(pair.first.view)", "validator.index": "\(pair.first.signer)",
                    ]
                )
            case .view(_, let view): logger.debug("view", metadata: ["consensus.view": "\(view)"])
            case .pending, .alreadyFinal: break
            }
        }
    }

    // MARK: - The tasks around it

    private func pumpNetwork() async {
        for await event in network.events { await mailbox.deliver(.network(event)) }
    }

    /// Checks signatures, one job after the other; there are as many of these tasks as cores.
    private func verify() async {
        while !Task.isCancelled {
            let jobs = await verifications.receive(maximum: 1)
            if jobs.isEmpty { return }
            for job in jobs { mailbox.send(.event(.verified(job.run(by: verifier)))) }
        }
    }

    /// Answers peers from the disk, on a thread of its own.
    private func serve() async {
        while !Task.isCancelled {
            guard let job = await servings.next() else { return }
            // The driver may not have heard yet that the peer left.
            guard network.isConnected(job.peer) else { continue }
            do {
                try answer(job.request, to: job.peer)
            } catch {
                logger.error("a peer's request can't be read", metadata: ["error": "\(error)"])
            }
        }
    }

    private func answer(_ request: FetchRequest, to peer: PeerID) throws {
        switch request {
        case .block(let id):
            guard let block = try store.reader.block(id) else { return }
            network.send(.block, body: PeerMessage.block(block).encoded, to: [peer])
        case .finalBlocks(let height, let count):
            let blocks = try store.reader.blocks(
                from: height,
                count: Int(min(count, FetchRequest.maximumBlocks)),
                byteLimit: FetchRequest.answerByteCount
            )
            // Where the block asked for is not held, the first one that is tells the peer so: it then asks another.
            let isHeld = blocks.first?.block.header.height == height
            for stored in blocks.prefix(isHeld ? blocks.count : 1) {
                let message = PeerMessage.finalBlock(stored.block, finalization: stored.finalization)
                network.send(message.kind, body: message.encoded, to: [peer])
            }
        case .transactions, .certificates: break
        }
    }

    private func watchDisk() async throws {
        var (last, isFirst) = (DiskSpace.ample, true)
        while !Task.isCancelled {
            defer { isFirst = false }
            if !isFirst { try await Task.sleep(for: .seconds(5)) }
            guard let free = try? store.folder.availableByteCount() else { continue }
            meter.measure(store.reader, free: free)
            let space: DiskSpace =
                free < DataFolder.writingByteCount
                ? .exhausted : free < DataFolder.votingByteCount ? .low : .ample
            guard space != last else { continue }
            last = space
            logger.warning("free disk space", metadata: ["disk.free": "\(free)", "disk.state": "\(space)"])
            mailbox.send(.event(.diskSpaceChanged(space)))
        }
    }
}

/// Fires once at the core's deadline, re-armed after each turn.
private final class DriverTimer {
    private let fire: @Sendable () -> Void
    private let eventLoop = MultiThreadedEventLoopGroup.singleton.any()
    private var scheduled: Scheduled<Void>?
    private var deadline: UInt64?

    init(fire: @escaping @Sendable () -> Void) {
        self.fire = fire
    }

    func arm(_ deadline: UInt64?) {
        let now = NodeDriver.clock().monotonic
        // A timer that fired is forgotten, so that one that is still due is armed again.
        if let armed = self.deadline, armed <= now { self.deadline = nil }
        guard deadline != self.deadline else { return }
        scheduled?.cancel()
        self.deadline = deadline
        scheduled = deadline.map { deadline in
            let delay = deadline > now ? deadline - now : 0
            return eventLoop.scheduleTask(in: .milliseconds(Int64(clamping: delay)), fire)
        }
    }

    func cancel() {
        scheduled?.cancel()
    }
}
