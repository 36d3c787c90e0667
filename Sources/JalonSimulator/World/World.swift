package import JalonCore
import JalonCrypto
import JalonModel
import JalonState

/// What a node told its clients.
package struct NodeNotice: Sendable {
    package let node: Int
    package let life: UInt64
    package let notice: Notice
}

/// Nodes with their disks and clocks, the links between them, and the time that passes: everything that the node's core
/// sees of the outside, from one seed.
///
/// It performs the core's effects as the node's driver does, in their order: nothing after a write happens before the
/// write is durable, and what arrives meanwhile waits. ``World/step()`` lets the next thing happen.
///
/// The first n nodes are the validators in their order; a twin's second process comes behind them.
///
/// A class, as the nodes are: a world is never copied, and a copied core would cost more than most events.
package final class World {
    enum Action {
        case deliver(Delivery)
        case event(Int, life: UInt64, Posted)
        case written(Int, life: UInt64)
        case timer(Int, life: UInt64, deadline: UInt64)
        case wake(Int, life: UInt64)
        case restart(Int, life: UInt64)
        case dial(Int, Int)
        case lose(Int, peer: Int, connection: UInt64)
        case keepAlive(Int, Int, connection: UInt64)
        case mischief(Int, life: UInt64)
        case alarm(UInt64)
    }

    /// What ``step()`` did.
    package enum Step: Equatable, Sendable {
        /// Something happened to a node or a link.
        case happened
        /// An alarm of the caller went off.
        case alarm(UInt64)
        /// Nothing is left to happen, or a rule was broken.
        case ended
    }

    package internal(set) var configuration: WorldConfiguration
    package let membership: Membership
    package internal(set) var now = Moment.start
    /// Events handled.
    package internal(set) var stepCount: UInt64 = 0
    package internal(set) var faults = FaultCounts()
    package internal(set) var eventHash = EventHash()
    package internal(set) var exercise = Exercise()
    package internal(set) var violation: Violation?
    /// Writes that were begun.
    package internal(set) var writeCount: UInt64 = 0
    /// Messages that arrived.
    package internal(set) var deliveryCount: UInt64 = 0
    /// Messages that were sent, lost ones too.
    package internal(set) var sentCount: UInt64 = 0
    /// Evidence that an honest node told its clients of, by the validator that it names.
    package internal(set) var accused: Set<Int> = []
    /// Contradicting votes that reached one honest node from a Byzantine one that sends both to all.
    package internal(set) var openContradictionCount: UInt64 = 0
    /// Says one line an event; `nil` says nothing.
    package var log: (@Sendable (String) -> Void)?
    /// What becomes of a message from one process to another, or `nil` where it does not pass; without a lens everything
    /// passes as it is.
    var lens: ((_ from: Int, _ to: Int, PeerMessage) -> PeerMessage?)?

    var nodes: [SimulatedNode]
    /// The processes of each validator.
    let processes: [[Int]]
    var links: [SimulatedLink]
    /// What was told since the caller last took it.
    var notices: [NodeNotice] = []
    var oracle: Oracle
    /// Checks signatures for the nodes; the oracle does so for itself.
    let verifier: RememberingVerifier
    /// What trial starts made of the leaves on the disks.
    var trialStates = TrialStates()
    /// What the nodes checked.
    var checked = CheckedMemory()
    /// Reads transactions for the nodes.
    let transactions = TransactionMemory()
    /// Applies blocks for the nodes.
    let blocks = BlockMemory()
    var queue = EventQueue<Action>()
    var random: SimulationRandom
    var connectionCount: UInt64 = 0
    /// Whether writes may kill a node and links may still break: not any more once the world is healed.
    package internal(set) var isDamaged = true
    /// Timers that fired at this moment without anything else happening.
    private var idleTimers = 0

    package init(_ configuration: WorldConfiguration) {
        self.configuration = configuration
        membership = Membership(
            validatorCount: configuration.validatorCount,
            joinerCount: configuration.joinerCount,
            parameters: configuration.parameters,
            scheme: configuration.scheme
        )
        verifier = RememberingVerifier(configuration.scheme)
        random = SimulationRandom(seed: configuration.seed)
        var byzantine: UInt64 = 0
        for traitor in configuration.traitors { byzantine |= 1 << UInt64(traitor.node) }
        for twin in configuration.twins { byzantine |= 1 << UInt64(twin) }
        oracle = Oracle(membership: membership, byzantine: byzantine)
        let identities = Array(0..<membership.count) + configuration.twins
        let count = identities.count
        processes = (0..<membership.count).map { identity in
            identities.indices.filter { identities[$0] == identity }
        }
        links = Array(repeating: SimulatedLink(quality: configuration.quality), count: count * count)
        nodes = []
        for identity in identities {
            let clock = World.clock(configuration, &random)
            nodes.append(SimulatedNode(identity: identity, clock: clock, processCount: count))
        }
        let conspiracy = Conspiracy()
        for traitor in configuration.traitors {
            nodes[traitor.node].mind = ByzantineMind(
                traitor.behaviours,
                node: traitor.node,
                membership: membership,
                seed: random.next(),
                isShameless: configuration.traitorsAreShameless,
                conspiracy: conspiracy
            )
        }
    }

    private static func clock(
        _ configuration: WorldConfiguration,
        _ random: inout SimulationRandom
    ) -> SimulatedClock {
        func signed(_ most: UInt64) -> Int64 { Int64(random.number(in: 0...2 * most)) - Int64(most) }
        return SimulatedClock(
            base: random.number(in: 0...1_000_000),
            drift: signed(configuration.maximumDrift),
            skew: signed(configuration.maximumSkew)
        )
    }

    /// Whether a process is one that is held to the rules.
    package func isHonest(_ node: Int) -> Bool {
        // Straight to the bits: a question to the oracle would copy all of it first.
        oracle.votes.byzantine & (1 << UInt64(nodes[node].identity)) == 0
    }

    // MARK: - Time

    /// Starts every node but those that are to join later.
    package func startAll() {
        for node in nodes.indices where !nodes[node].isRunning && !isJoiner(node) { start(node) }
    }

    /// Whether a node is none of the genesis' and was never started.
    package func isJoiner(_ node: Int) -> Bool {
        nodes[node].life == 0 && nodes[node].identity >= configuration.validatorCount
    }

    /// Lets ``step()`` return `.alarm(token)` when so much time has passed.
    package func setAlarm(_ token: UInt64, after span: Moment.Span) {
        queue.schedule(.alarm(token), at: now + span)
    }

    /// Takes what nodes told their clients since the last call.
    package func takeNotices() -> [NodeNotice] {
        guard !notices.isEmpty else { return [] }
        defer { notices.removeAll(keepingCapacity: true) }
        return notices
    }

    /// Lets the next thing happen.
    package func step() -> Step {
        guard violation == nil, let (moment, action) = queue.popFirst() else { return .ended }
        if moment > now { idleTimers = 0 }
        now = moment
        switch action {
        case .alarm(let token): return .alarm(token)
        case .deliver(let delivery): deliver(delivery)
        case .event(let node, let life, let posted):
            if nodes[node].life == life { enqueue(posted, at: node) }
        case .written(let node, let life):
            if nodes[node].life == life { finishWrite(node) }
        case .timer(let node, let life, let deadline): timerRang(node, life: life, deadline: deadline)
        case .wake(let node, let life):
            if nodes[node].life == life {
                nodes[node].pausedUntil = nil
                pump(node)
            }
        case .restart(let node, let life):
            if nodes[node].life == life, !nodes[node].isRunning { start(node) }
        case .dial(let one, let other): dial(one, other)
        case .lose(let node, let peer, let connection): lose(node, peer: peer, connection: connection)
        case .keepAlive(let one, let other, let connection): keepAlive(one, other, connection: connection)
        case .mischief(let node, let life):
            if nodes[node].life == life { makeMischief(node) }
        }
        return violation == nil ? .happened : .ended
    }

    /// Lets everything happen until a moment; alarms go off unheard.
    package func run(for span: Moment.Span) {
        let end = now + span
        while violation == nil, let next = queue.nextMoment, next <= end { _ = step() }
        if violation == nil { now = end }
    }

    private func timerRang(_ node: Int, life: UInt64, deadline: UInt64) {
        guard nodes[node].life == life, nodes[node].armed == deadline else { return }
        nodes[node].armed = nil
        // One that is busy or stands still looks at its deadline when it goes on.
        guard nodes[node].pausedUntil == nil, nodes[node].writing == nil, let process = nodes[node].process
        else { return }
        guard let wanted = process.deadline, wanted <= nodes[node].clock.reading(at: now).monotonic
        else {
            return arm(node)
        }
        idleTimers += 1
        guard idleTimers < 1_000 else {
            return report(Finding("R1", "node \(node)'s timer fires again and again at one moment"))
        }
        enqueue(.timerFired, fingerprint: wanted, at: node)
    }

    /// Sets the one timer to the core's deadline.
    func deadlineMoment(_ node: Int, _ deadline: UInt64) -> Moment {
        max(now, nodes[node].clock.moment(ofMonotonic: deadline))
    }

    func arm(_ node: Int) {
        guard let deadline = nodes[node].process?.deadline else {
            nodes[node].armed = nil
            return
        }
        guard nodes[node].armed != deadline else { return }
        nodes[node].armed = deadline
        queue.schedule(
            .timer(node, life: nodes[node].life, deadline: deadline),
            at: deadlineMoment(node, deadline)
        )
    }

    // MARK: - Findings

    func report(_ finding: Finding) {
        guard violation == nil else { return }
        violation = Violation(rule: finding.rule, finding: finding.text, moment: now, step: stepCount)
        log?("\(now) VIOLATION \(finding.rule): \(finding.text)")
    }

    /// Asks the oracle; the first broken rule ends the run.
    func ask(_ question: (inout Oracle) throws(Finding) -> Void) {
        do { try question(&oracle) } catch { report(error) }
    }

    func say(_ line: @autoclosure () -> String) {
        if let log { log("\(now) \(line())") }
    }
}
