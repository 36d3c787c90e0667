package import JalonConsensus
import JalonModel

/// How hard a run is on the nodes.
package enum Profile: String, CaseIterable, Sendable {
    /// Each class of faults is on or off by chance, then how strong: the swarm.
    case swarm
    /// Every class of faults is on.
    case storm
    /// No faults: what a network does on a good day.
    case calm
    /// No faults and steady work, 11 transactions and two blocks a second: where the simulator's speed is measured.
    case work
    /// No faults, near nodes and 100 transactions a second, each handed in by itself: where latency is measured.
    case busy
    /// More validators are Byzantine than a network withstands: what an honest node promises by itself still holds.
    case traitors
    /// Members join, leave and change their keys meanwhile.
    case operations
}

/// Which nodes have a link to which.
package enum Topology: Hashable, Sendable {
    /// All with all.
    case mesh
    /// Each with two neighbours.
    case ring
    /// A mesh without some links.
    case cut([WorldConfiguration.Pair])
}

/// What becomes of a node outside the core when the core heals.
package enum OutsiderFate: CaseIterable, Sendable {
    /// Nothing of it is ever heard again.
    case dead
    /// It runs, and nothing gets through to or from it.
    case cutOff
    /// It runs, hears everything and is not heard.
    case mute
    /// It runs on links as bad as before.
    case flaky
}

/// Everything that a seed decides about a run before it begins.
package struct SimulationPlan: Sendable {
    package let seed: UInt64
    package let profile: Profile
    package let faults: FaultSet
    package let topology: Topology
    package let world: WorldConfiguration
    /// What each direction of a link is like while there is damage, row by row.
    package let qualities: [LinkQuality]
    /// How long the damage lasts.
    package let damage: Moment.Span
    /// The mean time between two incidents.
    package let incidentInterval: Moment.Span
    /// The mean time between two times at which a client hands transactions in.
    package let transactionInterval: Moment.Span
    /// How many it hands in each time, all to one node.
    package let transactionCount: Int
    /// The mean time between two steps of a decision about the network.
    package let operationInterval: Moment.Span
    /// Clients of a thousand that never ask a second node.
    package let patientPerMille: UInt64
    /// The nodes that heal.
    package let core: [Int]
    package let outsiders: [(node: Int, fate: OutsiderFate)]
    /// Nodes whose disks go back; they count among the f.
    package let rollbacks: [Int]

    /// Draws a plan; a `validatorCount` of `nil` is drawn too: 1, 4 or 7, of traitors 4 or 7.
    ///
    /// The nodes keep all rules but in a mutant.
    package init(
        seed: UInt64,
        profile: Profile = .swarm,
        validatorCount: Int? = nil,
        guards: Guards = .all
    ) {
        var random = SimulationRandom(seed: seed)
        self.seed = seed
        self.profile = profile
        var count = validatorCount ?? SimulationPlan.drawCount(&random)
        if profile == .traitors { count = max(count, 4) }
        let faults = SimulationPlan.drawFaults(profile, count: count, &random)
        self.faults = faults
        let faulty = FaultyNodes(profile: profile, count: count, faults, &random)
        topology = SimulationPlan.drawTopology(count: count, faulty: faulty.all, faults, &random)
        let missing = topology.missingLinks(count: count)
        rollbacks = faulty.rollbacks
        var world = SimulationPlan.drawWorld(seed: seed, count: count, faults, missing: missing, &random)
        if profile == .busy {
            world.quality = LinkQuality(latency: 100...400)
            world.writeLatency = 1_000...3_000
        }
        world.guards = guards
        world.traitors = faulty.traitors
        world.twins = faulty.twins
        if profile == .operations { world.joinerCount = Int(random.number(in: 2...6)) }
        self.world = world
        let nodeCount = count + world.joinerCount
        let near = profile == .busy ? world.quality : nil
        qualities = (0..<nodeCount * nodeCount).map { _ in
            let drawn = SimulationPlan.drawQuality(faults, &random)
            return near ?? drawn
        }
        let longest: UInt64 = profile == .operations ? 90_000 : 30_000
        switch profile {
        case .calm, .work, .busy: damage = .milliseconds(20_000)
        case .swarm, .storm, .traitors, .operations:
            damage = .milliseconds(random.number(in: 4_000...longest))
        }
        // Drawn only where it counts: the plans of the other profiles stay what they were.
        operationInterval = .milliseconds(profile == .operations ? random.number(in: 150...1_500) : 0)
        incidentInterval = .milliseconds(random.number(in: 300...4_000))
        switch profile {
        case .calm: transactionInterval = .milliseconds(90)
        case .work: transactionInterval = .milliseconds(450)
        case .busy: transactionInterval = .milliseconds(10)
        case .swarm, .storm, .traitors, .operations:
            transactionInterval = .milliseconds(random.number(in: 40...1_000))
        }
        transactionCount = profile == .work ? 5 : 1
        patientPerMille = random.number(in: 0...400)
        let honest = (0..<count).filter { !faulty.all.contains($0) }
        core =
            profile == .traitors || profile == .busy
            ? Array(0..<count) : SimulationPlan.drawCore(count: count, of: honest, missing: missing, &random)
        let core = core
        outsiders = (0..<count).filter { !core.contains($0) }.map { node in
            // Those that are faulty mostly go on.
            if faulty.all.contains(node), random.happens(perMille: 700) { return (node, .flaky) }
            let fate =
                faults.contains(.deadForEver) && random.happens(perMille: 500)
                ? .dead : random.pick(OutsiderFate.allCases) ?? .dead
            return (node, fate)
        }
    }

    private static func drawCount(_ random: inout SimulationRandom) -> Int {
        switch random.number(in: 0...9) {
        case 0: 1
        case 1...5: 4
        default: 7
        }
    }

    private static func drawFaults(_ profile: Profile, count: Int, _ random: inout SimulationRandom)
        -> FaultSet
    {
        var faults = FaultSet()
        switch profile {
        case .swarm:
            for fault in FaultSet.everything.all where random.happens(perMille: 500) { faults.insert(fault) }
        case .storm: faults = .everything
        case .calm, .work, .busy: break
        case .operations:
            for fault in FaultSet.everything.all
            where !FaultClass.faulty.contains(fault) && random.happens(perMille: 300) { faults.insert(fault) }
            for fault in FaultClass.operations { faults.insert(fault) }
        case .traitors:
            for fault in FaultSet.everything.all where random.happens(perMille: 400) { faults.insert(fault) }
            // Neither is a traitor, and both would only hide what the others do.
            for fault in [FaultClass.silentRollback, .twins] { faults.remove(fault) }
            // Every node is one of the core here, and no disk goes back.
            for fault in [FaultClass.deadForEver] + FaultClass.needsRejoining { faults.remove(fault) }
            if random.happens(perMille: 300) { faults.insert(.conspire) }
        }
        if count == 1 {
            // Alone there is no network to break, and the only node is the core.
            for fault in [
                FaultClass.drop, .delay, .reorder, .duplicate, .corruptFrame, .partition, .oneWayPartition,
                .clog, .cutLink, .disconnect, .deadForEver,
            ] { faults.remove(fault) }
        }
        if count < 4 { for fault in FaultClass.faulty { faults.remove(fault) } }
        return faults
    }

    private static func drawTopology(
        count: Int,
        faulty: [Int],
        _ faults: FaultSet,
        _ random: inout SimulationRandom
    ) -> Topology {
        guard faults.contains(.cutLink), count >= 4 else { return .mesh }
        // A ring with a node that passes nothing on is a line, and one with two is in pieces.
        if faulty.count < 2, random.happens(perMille: 300) { return .ring }
        let wanted = Int(random.number(in: 1...UInt64(count / 2)))
        var missing: [WorldConfiguration.Pair] = []
        for _ in 0..<wanted {
            let pair = WorldConfiguration.Pair(random.index(below: count), random.index(below: count))
            guard pair.first != pair.second, !missing.contains(pair) else { continue }
            let honest = (0..<count).filter { !faulty.contains($0) }
            // A network in two pieces has no core.
            if isConnected(honest, missing: missing + [pair]) { missing.append(pair) }
        }
        return .cut(missing)
    }

    private static func drawWorld(
        seed: UInt64,
        count: Int,
        _ faults: FaultSet,
        missing: [WorldConfiguration.Pair],
        _ random: inout SimulationRandom
    ) -> WorldConfiguration {
        var world = WorldConfiguration(seed: random.next(), validatorCount: count)
        world.scheme = seed % 16 == 15 ? .real : .cheap
        world.missingLinks = missing
        let latency = random.number(in: 200...30_000)
        world.quality = LinkQuality(latency: latency...latency + latency / 2)
        world.writeLatency = 200...random.number(in: 300...8_000)
        world.slowWritesPerMille = faults.contains(.slowDisk) ? random.number(in: 5...100) : 0
        world.crashesPerWriteMille = faults.contains(.crashAtWrite) ? random.number(in: 2...60) : 0
        world.maximumSkew = random.number(in: 0...220)
        world.failuresPerWriteMille = faults.contains(.syncError) ? random.number(in: 1...15) : 0
        world.maximumDrift = faults.contains(.clockDrift) ? 50_000 : random.number(in: 0...5_000)
        world.trialStartsPerMille = random.happens(perMille: 20) ? 1_000 : 10
        return world
    }

    private static func drawQuality(_ faults: FaultSet, _ random: inout SimulationRandom) -> LinkQuality {
        let latency = random.number(in: 500...60_000)
        var quality = LinkQuality(latency: latency...latency * 2)
        func strength(_ fault: FaultClass, _ most: UInt64, _ random: inout SimulationRandom) -> UInt64 {
            faults.contains(fault) ? random.number(in: 0...most) : 0
        }
        quality.dropPerMille = strength(.drop, 300, &random)
        quality.duplicatePerMille = strength(.duplicate, 300, &random)
        quality.reorderPerMille = strength(.reorder, 500, &random)
        quality.tailPerMille = strength(.delay, 150, &random)
        quality.corruptPer100000 = strength(.corruptFrame, 200, &random)
        return quality
    }

    // MARK: - The core

    private static func drawCore(
        count: Int,
        of honest: [Int],
        missing: [WorldConfiguration.Pair],
        _ random: inout SimulationRandom
    ) -> [Int] {
        let quorum = count - (count - 1) / 3
        for _ in 0..<20 {
            let size = Int(random.number(in: UInt64(quorum)...UInt64(honest.count)))
            let core = random.shuffled(honest).prefix(size).sorted()
            if isConnected(core, missing: missing) { return core }
        }
        return honest
    }

    static func isConnected(_ nodes: [Int], missing: [WorldConfiguration.Pair]) -> Bool {
        guard let first = nodes.first else { return false }
        var reached = [first]
        var next = 0
        while next < reached.count {
            let node = reached[next]
            next += 1
            for other in nodes where !reached.contains(other) {
                if !missing.contains(WorldConfiguration.Pair(node, other)) { reached.append(other) }
            }
        }
        return reached.count == nodes.count
    }
}

extension Topology {
    /// The pairs without a link.
    package func missingLinks(count: Int) -> [WorldConfiguration.Pair] {
        switch self {
        case .mesh: return []
        case .cut(let pairs): return pairs
        case .ring:
            var missing: [WorldConfiguration.Pair] = []
            for one in 0..<count {
                for other in one + 1..<max(count, one + 1) where other - one != 1 && other - one != count - 1
                {
                    missing.append(WorldConfiguration.Pair(one, other))
                }
            }
            return missing
        }
    }
}
