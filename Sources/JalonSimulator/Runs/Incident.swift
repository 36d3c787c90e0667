/// Something that breaks for a while.
enum Incident {
    case partition([Int], isOneWay: Bool)
    case clog(from: Int, to: Int)
    case disconnect(Int, Int)
    case crash(Int, again: Bool)
    case crashAll
    case pause(Int)
    case jumpClock(Int, milliseconds: Int64)

    /// Draws one of the classes that are on; `nil` where none of those is an incident.
    static func draw(_ faults: FaultSet, count: Int, _ random: inout SimulationRandom) -> Incident? {
        let classes = faults.all.filter { fault in
            switch fault {
            case .partition, .oneWayPartition, .clog, .disconnect, .crash, .crashAll, .pause, .clockJump: true
            case .crashAtStart: true
            case .drop, .delay, .reorder, .duplicate, .cutLink, .crashAtWrite, .slowDisk, .deadForEver: false
            }
        }
        guard let fault = random.pick(classes) else { return nil }
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
        case .clockJump:
            let jump = Int64(random.number(in: 0...3_000)) - 1_500
            return .jumpClock(node, milliseconds: jump)
        case .drop, .delay, .reorder, .duplicate, .cutLink, .crashAtWrite, .slowDisk, .deadForEver: return nil
        }
    }

    /// One node, or a group of any size below all.
    private static func group(_ count: Int, _ random: inout SimulationRandom) -> [Int] {
        let size = random.happens(perMille: 500) ? 1 : 1 + random.index(below: max(1, count - 1))
        return random.shuffled(Array(0..<count)).prefix(size).sorted()
    }
}
