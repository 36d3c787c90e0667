import JalonCore
import JalonModel

/// One run: damage, then a core of the nodes heals and has to go on, then nothing is left to do and nothing may happen.
package struct Simulation {
    enum Phase: Equatable {
        case damage, recovery, settling, quiet, over
    }

    enum Alarm {
        case incident
        case endOf(Incident)
        case wish
        case retry(Int)
        case heal
        case judge
        case settled
        case quietOver
        case traitorsOver
        case operate
    }

    /// How long a healed core may take for everything that it owes.
    private static let patience = Moment.Span.seconds(120)
    /// How many views may pass in vain in one run: each waits for something, so that there are a few dozen of them.
    private static let vainViewLimit: UInt64 = 1_000

    package let plan: SimulationPlan
    let world: World
    var clients: Clients
    var random: SimulationRandom
    var alarms: [Alarm] = []
    var phase = Phase.damage
    /// The nodes that heal.
    var core: [Int]
    var operations: Operations
    /// Joiners that never start.
    var sleepers: Set<Int> = []
    private var healedEpochs = 0
    private var healedAt = Moment.start
    private var healedHeight = Height(0)
    private var healedView = View(0)
    private var recovery: Moment.Span?
    private var recoveryViewCount: UInt64?
    private var workedSpan = Moment.Span.zero
    private var quietHeight = Height(0)
    private var quietViews: [View] = []
    private var quietDeliveryCount: UInt64 = 0
    private var contradictionCount: UInt64 = 0

    /// Prepares a run; `log` is told one line an event, `nil` tells nobody and costs nothing.
    package init(plan: SimulationPlan, log: (@Sendable (String) -> Void)? = nil) {
        self.plan = plan
        world = World(plan.world)
        world.log = log
        random = SimulationRandom(seed: plan.seed ^ 0x5EED_0F_C1_1E_57)
        clients = Clients(
            membership: world.membership,
            random: SimulationRandom(seed: plan.seed ^ 0xC0FFEE),
            mayBeRefused: plan.profile == .operations
        )
        core = plan.core
        let first = plan.world.validatorCount
        operations = Operations(joiners: Array(first..<first + plan.world.joinerCount))
    }

    /// Runs to the end or to the first broken rule.
    package mutating func run() -> SimulationOutcome {
        begin()
        while phase != .over, world.violation == nil {
            switch world.step() {
            case .alarm(let token): ring(alarms[Int(token)])
            case .happened: listen()
            case .ended: phase = .over
            }
        }
        if phase != .over || workedSpan == .zero { workedSpan = world.now.since(.start) }
        return outcome
    }

    private var outcome: SimulationOutcome {
        SimulationOutcome(
            seed: plan.seed,
            validatorCount: plan.world.validatorCount,
            violation: world.violation,
            eventHash: world.eventHash,
            workedSpan: workedSpan,
            deliveryCount: world.deliveryCount,
            viewCount: world.highestView.value,
            finalBlockCount: world.finalHeight.value,
            transactionCount: UInt64(world.finalTransactionCount),
            enabled: plan.faults,
            faults: world.faults,
            exercise: world.exercise,
            recovery: recovery,
            recoveryViewCount: recoveryViewCount,
            latencies: clients.wishes.compactMap(\.latency)
        )
    }

    private mutating func begin() {
        let count = plan.world.validatorCount + plan.world.joinerCount
        for from in 0..<world.processCount {
            for to in 0..<world.processCount where to != from {
                let (one, other) = (world.nodes[from].identity, world.nodes[to].identity)
                world.setQuality(plan.qualities[one * count + other], from: from, to: to)
            }
        }
        if !plan.world.missingLinks.isEmpty { world.countFault(.cutLink) }
        if !plan.world.twins.isEmpty { world.countFault(.twins) }
        if plan.faults.contains(.clockDrift) { world.countFault(.clockDrift) }
        world.startAll()
        set(.heal, after: plan.damage)
        // Latency is that of a network whose nodes have found each other.
        set(.wish, after: .milliseconds(plan.profile == .busy ? 2_000 : 10))
        set(.incident, after: plan.incidentInterval)
        if plan.profile == .operations { set(.operate, after: plan.operationInterval) }
    }

    mutating func set(_ alarm: Alarm, after span: Moment.Span) {
        world.setAlarm(UInt64(alarms.count), after: span)
        alarms.append(alarm)
    }

    /// A span around a mean, from nothing to twice as much.
    mutating func around(_ mean: Moment.Span) -> Moment.Span {
        Moment.Span(microseconds: random.number(in: 1...2 * mean.microseconds))
    }

    private mutating func ring(_ alarm: Alarm) {
        judgeViews()
        switch alarm {
        case .incident: strike()
        case .endOf(let incident): end(incident)
        case .wish: wish()
        case .retry(let index): retry(index)
        case .heal: heal()
        case .judge: judge()
        case .settled: beginQuiet()
        case .quietOver: endQuiet()
        case .traitorsOver: endTraitors()
        case .operate: operate()
        }
    }

    // MARK: - Clients

    private mutating func listen() {
        for told in world.takeNotices() where !world.isOverrun {
            do { try clients.take(told, at: world.now) } catch { world.report(error) }
        }
        if plan.profile == .busy { judgeLatency() }
        if phase == .recovery, recovery == nil, !world.isOverrun, world.finalHeight > healedHeight {
            judgeRecovery()
        }
    }

    /// Rule L4: on a good day nothing has to wait until somebody asks a second time.
    private func judgeLatency() {
        guard let worst = clients.worstLatency, !world.isOverrun else { return }
        let bound = Moment.Span.milliseconds(world.membership.genesis.parameters.deltaMilliseconds / 2)
        guard worst.latency > bound else { return }
        world.report(
            Finding("L4", "\(worst.leaf.short) took \(worst.latency.microseconds / 1_000) ms to become final")
        )
    }

    /// Rule R1: views do not race, which would fill a disk and never end a run.
    private func judgeViews() {
        let (view, height) = (world.highestView.value, world.finalHeight.value)
        guard view - min(view, height) > Simulation.vainViewLimit, !world.isOverrun else { return }
        world.report(
            Finding("R1", "view \(view) is entered and the last final block is \(height): views race")
        )
    }

    /// Rule L1: something became final after the healing.
    private mutating func judgeRecovery() {
        recovery = world.now.since(healedAt)
        let view = core.map { world.view(of: $0) }.max() ?? healedView
        let begun = view.value - min(healedView.value, view.value)
        recoveryViewCount = begun
        // Of the views begun after the healing: the last one counted was opened by the notarization before finality,
        // and is not needed for it. f and the leaders by the oracle's own arithmetic.
        let needed = begun - min(begun, 1)
        // Views are counted anew in each epoch, and which one the healing found is no business of this rule.
        guard plan.profile != .operations else { return }
        let count = UInt64(plan.world.validatorCount)
        let faults = (count - 1) / 3
        guard needed <= faults + 2 else {
            return world.report(
                Finding("L1", "final only in view \(needed) after the healing, f is \(faults)")
            )
        }
        // Whoever is outside the core, f at the most, costs a view at its turn. Of the core's own views the first may find
        // timers running that the damage started, and not the next.
        let led = (0..<needed).count { core.contains(Int((healedView.value + $0) % count)) }
        guard led <= 2 else {
            return world.report(
                Finding("L1", "final only in the view of the core's leader \(led) after the healing")
            )
        }
    }

    private var reachable: [Int] {
        phase == .damage ? Array(0..<world.membership.count).filter { !world.isJoiner($0) } : core
    }

    private mutating func wish() {
        guard phase == .damage else { return }
        submit(
            (0..<plan.transactionCount).map { _ in
                clients.wish(
                    isPatient: random.happens(perMille: plan.patientPerMille),
                    at: world.trueTime,
                    memberCount: plan.world.validatorCount,
                    random: &random
                )
            }
        )
        set(.wish, after: around(plan.transactionInterval))
    }

    mutating func submit(_ index: Int) { submit([index]) }

    private mutating func submit(_ indices: [Int]) {
        guard let node = random.pick(reachable) else { return }
        for index in indices {
            world.transactions.know(clients.wishes[index].transaction)
            clients.ask(node, for: index, at: world.now)
        }
        world.submit(indices.map { clients.wishes[$0].transaction.bytes }, to: node)
        listen()
        for index in indices where !clients.wishes[index].isPatient {
            set(.retry(index), after: .milliseconds(random.number(in: 1_500...5_000)))
        }
    }

    private mutating func retry(_ index: Int) {
        let wish = clients.wishes[index]
        let isDecision = if case .decision = wish.kind { true } else { false }
        guard !wish.isFinal, isDecision ? !wish.isGivenUp : !clients.isLost(wish) else { return }
        submit(index)
    }

    // MARK: - Recovery

    private mutating func heal() {
        phase = .recovery
        if plan.profile == .operations { drawOperationsCore() }
        for (node, fate) in plan.profile == .operations ? [] : plan.outsiders {
            switch fate {
            case .dead:
                world.kill(node)
                world.countFault(.deadForEver)
            case .cutOff: world.block([node], isOneWay: false, true)
            case .mute: world.block([node], isOneWay: true, true)
            case .flaky: break
            }
        }
        world.heal(core)
        if plan.profile == .traitors {
            contradictionCount = world.openContradictionCount
            return set(.traitorsOver, after: .seconds(30))
        }
        healedAt = world.now
        healedHeight = world.finalHeight
        healedView = world.highestView
        for _ in 0..<3 {
            let member = random.index(below: plan.world.validatorCount)
            submit(clients.wishPlan(by: member, isPatient: false, at: world.trueTime))
        }
        set(.judge, after: .milliseconds(500))
    }

    private mutating func judge() {
        let chain = world.oracle.chain
        clients.settle { chain.height(of: $0) != nil }
        let lives = (0..<world.membership.count).map { world.life(of: $0) }
        let owed = clients.unfulfilled(core: core, lives: lives)
        let behind = core.filter { world.height(of: $0) < world.finalHeight }
        let isSettled = plan.profile != .operations || owedActivations == 0
        if owed.isEmpty, behind.isEmpty, isSettled {
            phase = .settling
            workedSpan = world.now.since(.start)
            return set(.settled, after: .seconds(20))
        }
        guard world.now.since(healedAt) < Simulation.patience else { return blame(owed, behind) }
        set(.judge, after: .milliseconds(500))
    }

    private mutating func blame(_ owed: [Clients.Wish], _ behind: [Int]) {
        let positions = core.map { "\($0): h\(world.height(of: $0)) v\(world.view(of: $0))" }
        let place = "core \(positions.joined(separator: ", ")); final h\(world.finalHeight)"
        guard world.finalHeight > healedHeight else {
            return world.report(Finding("L1", "nothing became final after the healing; \(place)"))
        }
        guard owed.isEmpty else {
            let leaves = owed.prefix(5).map { wish in
                "\(wish.transaction.leaf.short) held by \(wish.holders.map(\.node))"
            }
            return world.report(
                Finding(
                    "L2",
                    "\(owed.count) transactions are not final: \(leaves.joined(separator: ", ")); \(place)"
                )
            )
        }
        guard !behind.isEmpty else {
            return world.report(Finding("L2", "validators that are ready are not activated; \(place)"))
        }
        world.report(Finding("L2", "nodes \(behind) do not reach the tip; \(place)"))
    }

    /// Where too many are Byzantine nothing is promised but that it shows.
    private mutating func endTraitors() {
        phase = .over
        workedSpan = world.now.since(.start)
        let honest = (0..<plan.world.validatorCount).filter { world.isHonest($0) && world.isRunning($0) }
        let count = world.openContradictionCount - contradictionCount
        guard count > 100, honest.count >= 2, world.accused.isEmpty else { return }
        world.report(
            Finding("V1", "\(count) contradicting votes were sent to everybody, and nobody has evidence")
        )
    }

    // MARK: - Quiet

    /// Whether nobody outside the core can bring it work.
    private var isSecluded: Bool {
        // A Byzantine node that is cut off stays so; twins come in two.
        if plan.profile == .operations { return true }
        return plan.world.twins.isEmpty
            && plan.outsiders.allSatisfy { $0.fate == .dead || $0.fate == .cutOff }
    }

    private mutating func beginQuiet() {
        guard isSecluded else {
            phase = .over
            return
        }
        phase = .quiet
        quietHeight = world.finalHeight
        quietViews = core.map { world.view(of: $0) }
        quietDeliveryCount = world.deliveryCount
        set(.quietOver, after: .seconds(60))
    }

    private mutating func endQuiet() {
        phase = .over
        if world.finalHeight > quietHeight {
            let count = world.finalHeight.value - quietHeight.value
            return world.report(Finding("L3", "\(count) blocks in a minute without work"))
        }
        let views = core.map { world.view(of: $0) }
        if views != quietViews {
            return world.report(
                Finding("L3", "views go from \(quietViews) to \(views) in a minute without work")
            )
        }
        // On each direction of a link a tip every 5 s, as much again for what a tip may bring about, and what a node
        // repeats at most every 750 ms of an own vote in a view that nobody needs any more.
        let links = UInt64(core.count * (core.count - 1))
        let count = world.deliveryCount - quietDeliveryCount
        if count > (2 * 13 + 2 * 80) * links {
            world.report(Finding("L3", "\(count) messages in a minute without work, on \(links) directions"))
        }
    }
}
