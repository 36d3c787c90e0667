import JalonCore
import JalonModel

/// Faults of single machines: clocks, disks, and what an operator does about them.
extension World {
    // MARK: - Clocks

    /// Lets a node's wall clock jump.
    package func jumpClock(_ node: Int, byMilliseconds jump: Int64) {
        nodes[node].clock.skew += jump
        faults[.clockJump] += 1
    }

    /// Lets a node's wall clock stand still, or go on.
    package func freezeClock(_ node: Int, _ isFrozen: Bool) {
        nodes[node].clock.freeze(isFrozen, at: now)
        if isFrozen { faults[.clockFreeze] += 1 }
    }

    /// Sets a node's wall clock to so many milliseconds ahead of true time.
    package func setClock(_ node: Int, aheadByMilliseconds skew: Int64) {
        nodes[node].clock.skew = skew
    }

    // MARK: - Processes

    /// Lets a node take up to so many microseconds for each event; 0 for none.
    package func slowDown(_ node: Int, toMicroseconds slowness: UInt64) {
        nodes[node].slowness = slowness
    }

    /// Puts the program with the next rules in a node's place: a running process ends, and starts again later.
    package func upgrade(_ node: Int, to rules: UInt64, restartingAfter span: Moment.Span) {
        say("node \(node) gets a program that knows the rules \(rules)")
        if isRunning(node) { kill(node) }
        nodes[node].knownRules = rules
        oracle.install(rules, at: nodes[node].identity)
        eventHash.combine(UInt64(node) << 8 | 4)
        if !isJoiner(node) { restart(node, after: span) }
    }

    /// Whether a node's program knows these rules.
    package func knows(_ node: Int, rules: UInt64) -> Bool { nodes[node].knownRules >= rules }

    /// From now on a node hears nothing from which it could learn that a block is final, until ``lens`` is taken away.
    func hideFinality(from node: Int) {
        lens = { _, to, message in
            switch message {
            case .vote(let vote) where vote.kind == .finalize && to == node: nil
            case .certificate(let certificate) where certificate.kind == .finalize && to == node: nil
            case .finalBlock where to == node: nil
            default: message
            }
        }
    }

    // MARK: - Disks

    /// Tells a node how much may still be written.
    func setDiskSpace(_ space: DiskSpace, of node: Int) {
        guard nodes[node].isRunning else { return }
        if space != .ample { faults[.fullDisk] += 1 }
        enqueue(.diskSpaceChanged(space), fingerprint: UInt64(space == .ample ? 0 : 1), at: node)
    }

    /// Puts a copy of a node's disk aside.
    package func backUp(_ node: Int) {
        nodes[node].backup = (nodes[node].disk, oracle.nodes[node])
    }

    /// The disk that the last backup of a node would give back; an empty one where there is none.
    package func backup(of node: Int) -> SimulatedDisk { nodes[node].backup?.disk ?? SimulatedDisk() }

    /// Gives a node that is down another disk: its own backup or an empty one.
    ///
    /// Where the disk does not say ``SimulatedDisk/mustRejoin`` nobody told the node, and its validator counts as
    /// Byzantine from now on.
    package func replaceDisk(_ node: Int, with disk: SimulatedDisk) {
        precondition(!nodes[node].isRunning, "a disk is replaced under a process that is down")
        say("node \(node) gets a disk of height \(disk.finalHeight)")
        let isBackup = disk.recordCount > 0
        let facts = isBackup ? nodes[node].backup?.facts ?? NodeFacts() : NodeFacts()
        nodes[node].disk = disk
        // What was durable and never out is gone with the disk.
        nodes[node].unreleased = []
        if isHonest(node) {
            ask { (oracle) throws(Finding) in
                try oracle.replaceDisk(of: node, with: facts, isSilent: !disk.mustRejoin)
            }
        }
        eventHash.combine(UInt64(node) << 8 | 3)
    }
}
