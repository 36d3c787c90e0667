/// The validators of a run that count among the f, or that are more than f: who they are and what is wrong with each.
struct FaultyNodes {
    private(set) var traitors: [(node: Int, behaviours: [FaultClass])] = []
    private(set) var twins: [Int] = []
    /// Nodes whose disks go back.
    private(set) var rollbacks: [Int] = []

    /// All of them.
    var all: [Int] { traitors.map(\.node) + twins + rollbacks }

    init(profile: Profile, count: Int, _ faults: FaultSet, _ random: inout SimulationRandom) {
        let faultTolerance = (count - 1) / 3
        let behaviours = FaultClass.behaviours.filter(faults.contains)
        let nodes = random.shuffled(Array(0..<count))
        if profile == .traitors {
            let size = faultTolerance + Int(random.number(in: 1...2))
            for node in nodes.prefix(min(size, count - 1)) {
                guard !faults.contains(.conspire) else {
                    // Whatever else they did would get in the way of that.
                    traitors.append((node, [.conspire]))
                    continue
                }
                // Of those that overrun a network most lie about their votes.
                let isLiar = random.happens(perMille: 800)
                let drawn = FaultyNodes.draw(behaviours, &random).filter { $0 != .equivocate }
                traitors.append((node, (isLiar ? [.equivocate] : []) + drawn))
            }
            return
        }
        guard faultTolerance > 0, !faults.all.filter(FaultClass.faulty.contains).isEmpty else { return }
        let size = Int(random.number(in: 0...UInt64(faultTolerance)))
        for node in nodes.prefix(profile == .storm ? max(1, size) : size) {
            let canRollBack = ([.silentRollback] + FaultClass.needsRejoining).contains(where: faults.contains)
            switch random.number(in: 0...9) {
            case 0 where faults.contains(.twins), 1 where faults.contains(.twins): twins.append(node)
            case 2 where canRollBack, 3 where canRollBack: rollbacks.append(node)
            default: traitors.append((node, FaultyNodes.draw(behaviours, &random)))
            }
        }
    }

    /// One to four of the behaviours.
    private static func draw(_ behaviours: [FaultClass], _ random: inout SimulationRandom) -> [FaultClass] {
        let size = Int(random.number(in: 1...4))
        return random.shuffled(behaviours).prefix(size).sorted { $0.rawValue < $1.rawValue }
    }
}
