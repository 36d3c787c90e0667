/// Something that breaks for a while.
enum Incident {
    case partition([Int], isOneWay: Bool)
    case clog(from: Int, to: Int)
    case disconnect(Int, Int)
    case crash(Int, again: Bool)
    case crashAll
    case pause(Int)
    case slow(Int)
    case fillDisk(Int, isExhausted: Bool)
    case jumpClock(Int, milliseconds: Int64)
    case freezeClock(Int)
    /// A disk goes back; how, the class says.
    case rollBack(Int, FaultClass)

    /// Draws one of the classes that are on; `nil` where none of those is an incident.
    static func draw(_ plan: SimulationPlan, _ random: inout SimulationRandom) -> Incident? {
        let classes = plan.faults.all.filter { fault in
            switch fault {
            case .partition, .oneWayPartition, .clog, .disconnect, .crash, .crashAll, .pause, .clockJump,
                .crashAtStart, .slowProcess, .fullDisk, .clockFreeze:
                true
            case .silentRollback, .lostDisk, .oldBackup, .damagedRecord: !plan.rollbacks.isEmpty
            default: false
            }
        }
        guard let fault = random.pick(classes) else { return nil }
        let count = plan.world.validatorCount + plan.world.joinerCount + plan.world.twins.count
        let node = random.index(below: count)
        let other = (node + 1 + random.index(below: max(1, count - 1))) % count
        switch fault {
        case .partition: return .partition(group(count, &random), isOneWay: false)
        case .oneWayPartition: return .partition(group(count, &random), isOneWay: true)
        case .clog: return .clog(from: node, to: other)
        case .disconnect: return .disconnect(node, other)
        case .crash: return .crash(node, again: false)
        case .crashAtStart: return .crash(node, again: true)
        case .crashAll: return random.happens(perMille: 300) ? .crashAll : .crash(node, again: false)
        case .pause: return .pause(node)
        case .slowProcess: return .slow(node)
        case .fullDisk: return .fillDisk(node, isExhausted: random.happens(perMille: 300))
        case .clockJump:
            let most: UInt64 = random.happens(perMille: 300) ? 10_000 : 1_500
            let jump = Int64(random.number(in: 0...2 * most)) - Int64(most)
            return .jumpClock(node, milliseconds: jump)
        case .clockFreeze: return .freezeClock(node)
        case .silentRollback, .lostDisk, .oldBackup, .damagedRecord:
            return random.pick(plan.rollbacks).map { .rollBack($0, fault) }
        default: return nil
        }
    }

    /// One node, or a group of any size below all.
    private static func group(_ count: Int, _ random: inout SimulationRandom) -> [Int] {
        let size = random.happens(perMille: 500) ? 1 : 1 + random.index(below: max(1, count - 1))
        return random.shuffled(Array(0..<count)).prefix(size).sorted()
    }
}
