import JalonCrypto
import JalonModel
import JalonState

/// What the members of a run decide about their network, one decision after the other: members join, leave, are suspended,
/// change their keys and their parameters.
///
/// The operator knows what is final and nothing else. A transaction of its is sent again until it is final or can't be any
/// more.
struct Operations {
    /// A decision under way.
    enum Step: Equatable {
        /// The proposal is to become final.
        case proposed(wish: Int)
        /// It is; the validators vote.
        case voted(TransactionID)
        /// A key is to be rotated.
        case rotating(wish: Int)
    }

    private(set) var step: Step?
    /// Nodes that were proposed and whose processes have not started.
    private var joiners: [Int]
    /// Whether an upgrade was proposed.
    private(set) var hasUpgraded = false
    /// The rules that an upgrade leads to.
    static let nextRules = LedgerState.ruleSet + 1
    private(set) var started: [(node: Int, after: Moment.Span)] = []

    init(joiners: [Int]) {
        self.joiners = joiners
    }

    /// What comes next; `nil` where nothing can.
    ///
    /// `height` is that of the last final block, `leader` the node that leads now.
    mutating func next(
        _ state: LedgerState,
        at height: Height,
        _ membership: Membership,
        leader: Int?,
        _ random: inout SimulationRandom
    ) -> (fault: FaultClass, node: Int?, body: TransactionBody)? {
        let seats = state.validators.validators.compactMap { validator in
            membership.node(of: validator.key).map { (node: $0, key: validator.key) }
        }
        let settled = seats.filter { seat in
            !state.pendingChanges.contains { $0.member == membership.members[seat.node].id }
        }
        switch random.number(in: 0...10) {
        case 0...3:
            guard let joiner = joiners.first else { return nil }
            joiners.removeFirst()
            return (.admit, joiner, propose(.admit(membership.admission(of: joiner)), membership))
        case 4, 5:
            guard let seat = random.pick(settled) else { return nil }
            return (.remove, seat.node, propose(.remove(membership.members[seat.node].id), membership))
        case 6:
            guard let leader, settled.contains(where: { $0.node == leader }) else { return nil }
            return (.removeLeader, leader, propose(.remove(membership.members[leader].id), membership))
        case 7:
            guard let seat = random.pick(settled), let number = membership.keyNumber(seat.key, of: seat.node),
                number + 1 < Membership.validatorKeyCount
            else { return nil }
            return (.rotateKey, seat.node, .keyRotate(membership.rotation(of: seat.node, to: number + 1)))
        case 8:
            guard let member = random.pick(state.members.filter { $0.standing != .removed }) else {
                return nil
            }
            let action: GovernanceAction =
                member.standing == .suspended ? .reinstate(member.id) : .suspend(member.id)
            return (.suspend, membership.node(of: member.id), propose(action, membership))
        case 9:
            // Once a run: the rules after the next ones no program knows.
            guard !hasUpgraded else { return nil }
            hasUpgraded = true
            let effective = Height(height.value + random.number(in: 4...40))
            return (
                .mixedVersions, nil,
                propose(.upgrade(Operations.nextRules), membership, effective: effective)
            )
        default:
            var parameters = state.parameters
            parameters.deltaMilliseconds = random.number(in: 300...700)
            let value = parameters.encodedValue(of: .delta)
            return (.setParameter, nil, propose(.setParameter(.delta, value), membership))
        }
    }

    private func propose(
        _ action: GovernanceAction,
        _ membership: Membership,
        effective: Height? = nil
    ) -> TransactionBody {
        do {
            return .governancePropose(
                GovernancePropose(
                    network: membership.genesis.network,
                    action: action,
                    reason: try LocalizedText(zh: "simulation").zh,
                    effectiveHeight: effective
                )
            )
        } catch {
            preconditionFailure("a word is a text: \(error)")
        }
    }

    mutating func begin(_ step: Step?) { self.step = step }
}

extension Simulation {
    /// The final state, as the oracle executed it.
    private var finalState: LedgerState { world.oracle.executor.state }

    /// Goes on with the decision under way, or begins another.
    mutating func operate() {
        guard phase == .damage else { return }
        set(.operate, after: around(plan.operationInterval))
        if operations.hasUpgraded { rollUpgrade() }
        let membership = world.membership
        switch operations.step {
        case .proposed(let wish):
            let leaf = clients.wishes[wish].transaction.leaf
            if world.oracle.chain.height(of: leaf) != nil {
                let id = clients.wishes[wish].transaction.id
                operations.begin(.voted(id))
                vote(on: id)
            } else if clients.wishes[wish].isGivenUp {
                operations.begin(nil)
            }
            return
        case .rotating(let wish):
            let leaf = clients.wishes[wish].transaction.leaf
            if world.oracle.chain.height(of: leaf) != nil || clients.wishes[wish].isGivenUp {
                operations.begin(nil)
            }
            return
        case .voted(let id):
            guard finalState.proposal(id)?.outcome != .open else { return }
            operations.begin(nil)
        case nil: break
        }
        startJoiners()
        let leader = world.oracle.epochs.last.leader(of: max(world.highestView, View(1)))
        let next = operations.next(
            finalState,
            at: world.oracle.executor.height,
            membership,
            leader: leader,
            &random
        )
        guard let next else { return }
        // Whoever may: the member itself for its key, else any member with a vote.
        let voters = finalState.validators.validators.compactMap { membership.node(of: $0.member) }
            .filter { finalState.member(membership.members[$0].id)?.standing == .active }
        let isRotation = next.fault == .rotateKey
        guard
            let signer = isRotation
                ? next.node : random.pick(voters.filter { $0 != next.node }) ?? voters.first
        else { return }
        // Of an upgrade it counts that programs differ, not that one was wished for.
        if next.fault != .mixedVersions { world.countFault(next.fault) }
        let wish = clients.wishDecision(next.body, by: signer, at: world.trueTime)
        operations.begin(isRotation ? .rotating(wish: wish) : .proposed(wish: wish))
        submit(wish)
    }

    /// Programs are replaced one by one, before the rules change or after their nodes stopped.
    private mutating func rollUpgrade() {
        let old = (0..<world.membership.count).filter { !world.knows($0, rules: Operations.nextRules) }
        guard random.happens(perMille: 250), let node = random.pick(old) else { return }
        world.countFault(.mixedVersions)
        world.upgrade(
            node,
            to: Operations.nextRules,
            restartingAfter: .milliseconds(random.number(in: 50...3_000))
        )
    }

    private mutating func vote(on id: TransactionID) {
        let membership = world.membership
        for validator in finalState.validators.validators {
            guard let node = membership.node(of: validator.member) else { continue }
            let ballot: GovernanceBallot = random.happens(perMille: 930) ? .yes : .no
            let vote = GovernanceVote(network: membership.genesis.network, proposal: id, ballot: ballot)
            submit(clients.wishDecision(.governanceVote(vote), by: node, at: world.trueTime))
        }
    }

    /// Most of those who were admitted start their nodes; a few never do.
    private mutating func startJoiners() {
        for node in 0..<world.membership.count where world.isJoiner(node) && !sleepers.contains(node) {
            guard finalState.member(world.membership.members[node].id) != nil else { continue }
            if random.happens(perMille: 150) {
                sleepers.insert(node)
                world.countFault(.deadJoiner)
            } else {
                world.start(node)
            }
        }
    }

    /// The nodes that heal in a network whose validators change: all that run, but for at most f validators.
    mutating func drawOperationsCore() {
        // A joiner whose admission is final starts with the healing at the latest, or never.
        startJoiners()
        let seats = world.oracle.epochs.last.nodes
        // Of the sets that wait too no more may be lost than they withstand: who is ready for them said so before.
        let waiting = finalState.nextValidators.map { next in
            next.validators.validators.compactMap { world.membership.node(of: $0.key) }
        }
        let spare =
            ([seats] + waiting).map { seats in
                max(0, (seats.count - 1) / 3 - seats.filter { world.isJoiner($0) }.count)
            }
            .min() ?? 0
        let running = seats.filter { !world.isJoiner($0) }
        let chosen = random.shuffled(running)
            .prefix(plan.faults.contains(.deadForEver) ? Int(random.number(in: 0...UInt64(spare))) : 0)
        var lost: [Int] = []
        for node in chosen {
            // A network in two pieces has no core: whoever alone links two others stays.
            let rest = running.filter { $0 != node && !lost.contains($0) }
            guard SimulationPlan.isConnected(rest, missing: plan.world.missingLinks) else { continue }
            lost.append(node)
            world.kill(node)
            world.countFault(.deadForEver)
        }
        core = (0..<world.membership.count).filter { !world.isJoiner($0) && !lost.contains($0) }
        // Whoever is to go on has the program for it by now.
        for node in core where operations.hasUpgraded && !world.knows(node, rules: Operations.nextRules) {
            world.upgrade(node, to: Operations.nextRules, restartingAfter: .milliseconds(1))
        }
    }

    /// Changes of the validators for which a quorum of the next ones is there, and which are not in effect.
    var owedActivations: Int {
        finalState.nextValidators.count { next in
            let there = next.validators.validators.count { validator in
                world.membership.node(of: validator.key).map { core.contains($0) } ?? false
            }
            return there >= next.validators.count - (next.validators.count - 1) / 3
        }
    }
}
