import JalonCore
import JalonModel

/// What breaks before the core heals.
extension Simulation {
    mutating func strike() {
        guard phase == .damage else { return }
        if let incident = Incident.draw(plan, &random) { begin(incident) }
        set(.incident, after: around(plan.incidentInterval))
    }

    private mutating func begin(_ incident: Incident) {
        let span = random.heavyTail(base: .milliseconds(200), doublings: 6)
        switch incident {
        case .partition(let group, let isOneWay):
            world.block(group, isOneWay: isOneWay, true)
            set(.endOf(incident), after: span)
        case .clog(let from, let to):
            world.clog(from: from, to: to)
            set(.endOf(incident), after: span)
        case .disconnect(let one, let other):
            world.countFault(.disconnect)
            world.disconnect(one, other)
        case .crash(let node, let again):
            strike(node, after: span)
            if again, plan.faults.contains(.crashAtStart) { set(.endOf(incident), after: span) }
        case .crashAll:
            world.countFault(.crashAll)
            for node in 0..<world.processCount { strike(node, after: around(span)) }
        case .pause(let node):
            if world.isRunning(node) { world.countFault(.pause) }
            world.pause(node, for: pauseSpan(span))
        case .slow(let node):
            world.slowDown(node, toMicroseconds: random.number(in: 1_000...50_000))
            set(.endOf(incident), after: span)
        case .fillDisk(let node, let isExhausted):
            world.setDiskSpace(isExhausted ? .exhausted : .low, of: node)
            set(.endOf(incident), after: span)
        case .jumpClock(let node, let jump): world.jumpClock(node, byMilliseconds: jump)
        case .freezeClock(let node):
            world.freezeClock(node, true)
            set(.endOf(incident), after: span)
        case .rollBack(let node, let fault):
            if fault == .oldBackup || fault == .silentRollback { world.backUp(node) }
            set(.endOf(incident), after: span)
        }
    }

    /// 1 ms to 5 min, long ones rarely.
    private mutating func pauseSpan(_ usual: Moment.Span) -> Moment.Span {
        switch random.number(in: 0...19) {
        case 0...3: Moment.Span(microseconds: random.number(in: 1_000...30_000))
        case 4: .milliseconds(random.number(in: 10_000...300_000))
        default: usual
        }
    }

    private mutating func strike(_ node: Int, after span: Moment.Span) {
        guard world.isRunning(node) else { return }
        world.countFault(.crash)
        world.crash(node)
        world.restart(node, after: max(span, .milliseconds(50)))
    }

    mutating func end(_ incident: Incident) {
        // What is broken when the core heals stays broken outside it.
        guard phase == .damage else { return }
        switch incident {
        case .partition(let group, let isOneWay): world.block(group, isOneWay: isOneWay, false)
        case .clog(let from, let to): world.unclog(from: from, to: to)
        case .crash(let node, _):
            // It has just started again, and dies before it hears of anything.
            if world.isRunning(node) {
                world.crash(node)
                world.restart(node, after: .milliseconds(random.number(in: 50...500)))
            }
        case .slow(let node): world.slowDown(node, toMicroseconds: 0)
        case .fillDisk(let node, _): world.setDiskSpace(.ample, of: node)
        case .freezeClock(let node): world.freezeClock(node, false)
        case .rollBack(let node, let fault): rollBack(node, fault)
        case .disconnect, .crashAll, .pause, .jumpClock: break
        }
    }

    private mutating func rollBack(_ node: Int, _ fault: FaultClass) {
        guard world.isRunning(node) else { return }
        world.countFault(fault)
        world.crash(node)
        var disk = fault == .oldBackup || fault == .silentRollback ? world.backup(of: node) : SimulatedDisk()
        if fault != .silentRollback { disk.requireRejoin() }
        world.replaceDisk(node, with: disk)
        world.restart(node, after: .milliseconds(random.number(in: 100...3_000)))
    }
}
