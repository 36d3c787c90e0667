import JalonCore
import JalonCrypto
import JalonModel

extension Scenario {
    /// What one rule of epochs is for.
    static let onEpochs: [Scenario] = [
        Scenario("a header that names other next validators than its state gets no vote") {
            make throws(Finding) in
            try refused(make) { proposal, _, sign in
                var header = proposal.header
                header.nextValidatorsHash = SHA256.hash([1])
                return sign(header, proposal.leaves, proposal.justification)
            }
        },
        Scenario("a block that closes no epoch is not proposed again") { make throws(Finding) in
            try refused(make) { proposal, first, sign in
                sign(first.header, first.leaves, proposal.justification)
            }
        },
        Scenario("a closing block that is not final is proposed again at once") { make throws(Finding) in
            var laboratory = make(4)
            let world = laboratory.world
            var closing: Proposal?
            world.lens = { _, _, message in
                if case .proposal(let proposal) = message, proposal.header.closesEpoch, closing == nil {
                    closing = proposal
                }
                guard let closing else { return message }
                return message.finalizes(closing.view, in: closing.header.epoch) ? nil : message
            }
            for node in 0..<3 { try laboratory.makeFinal(at: node) }
            try laboratory.rotate(2)
            let waited = try laboratory.waitForEpoch(1)
            try laboratory.expect(waited < 800, "L1", "it took \(waited) ms")
            try laboratory.makeFinal(at: 0)
        },
        Scenario("a closing block gets no child in its epoch") { make throws(Finding) in
            var laboratory = make(4) { $0.traitors = [(0, [])] }
            let (world, membership) = (laboratory.world, laboratory.world.membership)
            var closing: Proposal?
            var changed = 0
            world.lens = { from, _, message in
                if case .proposal(let proposal) = message, proposal.header.closesEpoch {
                    if closing == nil { closing = proposal }
                    if from == 0, proposal.view.value == 5 {
                        changed += 1
                        return .proposal(membership.child(of: proposal))
                    }
                }
                guard let closing else { return message }
                return message.finalizes(closing.view, in: closing.header.epoch) ? nil : message
            }
            // The closing block is the fourth, so that the rotation of the leaders does not change.
            for node in 1..<3 { try laboratory.makeFinal(at: node) }
            try laboratory.rotate(2)
            try laboratory.waitForEpoch(1)
            try laboratory.expect(changed > 0, "X", "the leader of view 5 proposed nothing to change")
            world.lens = nil
            for node in 1..<4 { try laboratory.makeFinal(at: node) }
        },
        Scenario("who is late in an old epoch is not blamed, and not counted in the new one") {
            make throws(Finding) in
            var laboratory = make(4)
            let world = laboratory.world
            try laboratory.makeFinal(at: 0)
            // Node 3 never learns that the epoch is over, and goes on with it.
            world.hideFinality(from: 3)
            try laboratory.rotate(1)
            try laboratory.waitForEpoch(1)
            for node in 0..<3 { try laboratory.makeFinal(at: node) }
            for _ in 0..<8 {
                laboratory.submit(to: 3)
                laboratory.run(milliseconds: 1_000)
            }
            world.lens = nil
            try laboratory.waitForTip([3])
            world.crash(0)
            try laboratory.makeFinal(at: 3)
        },
        Scenario("the readiness of a part of the next validators waits for a quorum") {
            make throws(Finding) in
            // Of 5 the four that run are a quorum, of 6 they are one less.
            var laboratory = make(4) { $0.joinerCount = 2 }
            try laboratory.admit([4, 5], by: [0, 1, 2, 3], starting: [])
            try laboratory.waitForEpoch(1)
            laboratory.run(milliseconds: 6_000)
            let height = laboratory.world.finalHeight
            laboratory.run(milliseconds: 30_000)
            try laboratory.expect(laboratory.world.finalHeight == height, "L3", "blocks without work")
            try laboratory.expect(laboratory.epoch.value == 1, "S9", "epoch \(laboratory.epoch)")
            // What was said in epoch 0 of these six is over with it: it is said anew.
            for node in [4, 5] { laboratory.world.start(node) }
            try laboratory.waitForValidators(6)
            for node in 0..<6 { try laboratory.makeFinal(at: node) }
        },
        Scenario("who lost its disk is not ready before it may vote") { make throws(Finding) in
            var laboratory = make(4) { $0.joinerCount = 1 }
            let world = laboratory.world
            try laboratory.makeFinal(at: 0)
            world.crash(3)
            var disk = SimulatedDisk()
            disk.requireRejoin()
            world.replaceDisk(3, with: disk)
            world.restart(3, after: .milliseconds(10))
            world.lens = { _, to, message in
                if case .standing = message, to == 3 { nil } else { message }
            }
            try laboratory.admit([4], by: [0, 1, 2], starting: [])
            laboratory.run(milliseconds: 3_000)
            for node in 0..<3 { try laboratory.makeFinal(at: node) }
            try laboratory.expect(laboratory.epoch.value == 0, "S9", "epoch \(laboratory.epoch)")
            world.lens = nil
            try laboratory.waitForEpoch(1)
            for node in 0..<4 { try laboratory.makeFinal(at: node) }
        },
        Scenario("in a line whoever is ready is heard of at once") { make throws(Finding) in
            var laboratory = make(4) { world in
                world.missingLinks = [
                    WorldConfiguration.Pair(0, 2), WorldConfiguration.Pair(0, 3),
                    WorldConfiguration.Pair(1, 3),
                ]
            }
            // So that node 0 leads when the others are ready.
            for node in 0..<3 { try laboratory.makeFinal(at: node) }
            try laboratory.rotate(3)
            let waited = try laboratory.waitForEpoch(1)
            try laboratory.expect(waited < 700, "L1", "it took \(waited) ms")
            try laboratory.makeFinal(at: 3)
        },
        Scenario("who hears the others by way of one that does not vote may vote") { make throws(Finding) in
            var laboratory = make(5) { world in
                world.missingLinks = [1, 2, 3].map { WorldConfiguration.Pair(0, $0) }
            }
            let world = laboratory.world
            try laboratory.remove([4], by: [0, 1, 2, 3])
            try laboratory.waitForValidators(4)
            try laboratory.makeFinal(at: 1)
            world.crash(0)
            world.restart(0, after: .milliseconds(100))
            laboratory.run(milliseconds: 3_000)
            // Now its vote is needed.
            world.crash(3)
            for node in 0..<3 { try laboratory.makeFinal(at: node) }
        },
        Scenario("who finds itself in an older epoch catches up at once") { make throws(Finding) in
            try catchUp(overEpochs: 1, make)
        },
        Scenario("who finds itself several epochs behind catches up by one answer") { make throws(Finding) in
            try catchUp(overEpochs: 4, make)
        },
        Scenario(
            "what a tip said of the validators before an epoch is not taken for what it says of those after"
        ) {
            make throws(Finding) in
            // Without the first of five, each of the others has the index of the one before it.
            let nodes = make(5).validators
            let (gone, relay, down, unheard, listener) = (nodes[0], nodes[1], nodes[2], nodes[3], nodes[4])
            var laboratory = make(5) { world in
                world.missingLinks = [WorldConfiguration.Pair(unheard, listener)]
            }
            let world = laboratory.world
            try laboratory.makeFinal(at: relay)
            // What the listener says in the new epoch is lost: what it said in the old one stays.
            world.lens = { from, to, message in
                if case .tip(let tip) = message, from == listener, to == relay, tip.epoch.value > 0 {
                    nil
                } else {
                    message
                }
            }
            try laboratory.remove([gone], by: nodes)
            try laboratory.waitForValidators(4)
            try laboratory.waitForTip(Array(nodes.dropFirst()))
            world.crash(gone)
            world.crash(down)
            let height = world.finalHeight
            for _ in 0..<12 { try laboratory.makeFinal(at: unheard) }
            // The three that are left are needed for every block: those of all three become final.
            let leaders = laboratory.blocks(of: relay).map(\.header).filter { $0.height > height }.map(
                \.leader
            )
            let silent = [relay, unheard, listener].filter { node in
                !leaders.contains { laboratory.validators[$0.value] == node }
            }
            try laboratory.expect(silent.isEmpty, "L1", "no block of the nodes \(silent) became final")
        },
    ]

    private static func catchUp(overEpochs count: UInt64, _ make: LaboratoryMaker) throws(Finding) {
        var laboratory = make(4)
        let world = laboratory.world
        for node in 0..<3 { try laboratory.makeFinal(at: node) }
        var heardAt: Moment?
        var isCut = false
        world.lens = { [unowned world] _, to, message in
            guard to == 3 else { return message }
            if case .tip(let tip) = message, tip.epoch.value > 0, !isCut, heardAt == nil {
                heardAt = world.now
            }
            return isCut ? nil : message
        }
        for epoch in 1...count {
            try laboratory.rotate(Int(epoch) % 3)
            isCut = true
            try laboratory.waitForEpoch(epoch)
            // Of the last one there is no block yet: nothing but its number shows that it began.
            if epoch < count { for node in 0..<3 { try laboratory.makeFinal(at: node) } }
        }
        laboratory.run(milliseconds: 200)
        isCut = false
        try laboratory.waitForTip([3])
        let waited = heardAt.map { world.now.since($0).microseconds / 1_000 } ?? 0
        try laboratory.expect(waited < 700, "L2", "it took \(waited) ms after the first tip")
    }

    /// Disks that go back over the start of an epoch.
    static let onEpochDisks: [Scenario] = [
        Scenario("an image from before the epoch, put back in silence, contradicts nothing") {
            make throws(Finding) in
            for leader in 0..<4 {
                // Until it is this node that leads the first view of the epoch.
                for count in 2..<6 where try oldImage(of: leader, after: count, make) { return }
            }
            throw Finding("X", "no node leads view 1 of epoch 1")
        },
        Scenario("who rejoins when the epoch changes votes in no view that it may have voted in") {
            make throws(Finding) in
            var laboratory = make(4)
            let world = laboratory.world
            for node in 0..<3 { try laboratory.makeFinal(at: node) }
            try laboratory.rotate(3)
            try laboratory.waitForEpoch(1)
            try laboratory.waitForTip(Array(0..<4))
            laboratory.run(milliseconds: 500)
            let leader = world.oracle.epochs.last.leader(of: View(1))
            // Nobody hears of the block that it makes.
            world.lens = { from, _, message in from == leader ? nil : message }
            laboratory.submit(to: leader)
            laboratory.run(milliseconds: 300)
            world.crash(leader)
            var disk = SimulatedDisk()
            disk.requireRejoin()
            world.replaceDisk(leader, with: disk)
            world.restart(leader, after: .milliseconds(50))
            world.lens = nil
            for _ in 0..<6 {
                laboratory.submit(to: leader)
                laboratory.run(milliseconds: 500)
            }
            try laboratory.check()
            for node in 0..<4 { try laboratory.makeFinal(at: node) }
        },
    ]

    /// A node that has no part in the block that closes the epoch makes a block in the next one, and goes back to its image
    /// of before both.
    ///
    /// - Returns: Whether it was the node that leads view 1 of the epoch: else nothing is shown.
    private static func oldImage(of leader: Int, after count: Int, _ make: LaboratoryMaker) throws(Finding)
        -> Bool
    {
        var laboratory = make(4)
        let world = laboratory.world
        let others = (0..<4).filter { $0 != leader }
        for round in 0..<count { try laboratory.makeFinal(at: round % 4) }
        world.backUp(leader)
        let seen = SeenBallots()
        world.lens = { from, _, message in
            guard from == leader else { return message }
            seen.note(message, epoch: Epoch(1))
            switch message {
            // Else it would find its own votes in the certificates, and know that they are gone.
            case .vote(let vote) where vote.epoch.value == 0: return nil
            case .certificate(let certificate) where certificate.epoch.value == 0: return nil
            case .proposal(let proposal) where proposal.header.epoch.value == 0: return nil
            default: return message
            }
        }
        try laboratory.rotate(others[0])
        try laboratory.waitForEpoch(1)
        try laboratory.waitForTip(Array(0..<4))
        guard world.oracle.epochs.last.leader(of: View(1)) == leader else { return false }
        laboratory.run(milliseconds: 500)
        for node in others.dropFirst() { world.crash(node) }
        laboratory.submit(to: leader)
        laboratory.run(milliseconds: 500)
        guard seen.count == 1 else { return false }
        world.crash(leader)
        world.replaceDisk(leader, with: world.backup(of: leader))
        world.restart(leader, after: .milliseconds(100))
        world.restart(others[1], after: .milliseconds(100))
        for _ in 0..<24 {
            laboratory.submit(to: leader)
            laboratory.run(milliseconds: 100)
        }
        try laboratory.expect(!seen.isContradictory, "S4", "node \(leader) votes for two blocks in one view")
        return true
    }
}

/// The blocks that one node proposed or notarized in view 1 of an epoch, as they passed on the wires.
private final class SeenBallots {
    private var blocks: Set<BlockID> = []

    var count: Int { blocks.count }
    var isContradictory: Bool { blocks.count > 1 }

    func note(_ message: PeerMessage, epoch: Epoch) {
        guard case .proposal(let proposal) = message, proposal.header.epoch == epoch,
            proposal.view.value == 1
        else { return }
        blocks.insert(proposal.block)
    }
}

extension PeerMessage {
    /// Whether it helps to finalize a view.
    fileprivate func finalizes(_ view: View, in epoch: Epoch) -> Bool {
        switch self {
        case .vote(let vote): vote.kind == .finalize && vote.view == view && vote.epoch == epoch
        case .certificate(let certificate):
            certificate.kind == .finalize && certificate.view == view && certificate.epoch == epoch
        default: false
        }
    }
}

extension Membership {
    /// An empty block on a closing one, in its epoch, signed by node 0: what a leader must not make.
    fileprivate func child(of again: Proposal) -> Proposal {
        let parent = again.header
        var header = parent
        (header.view, header.leader) = (again.view, ValidatorIndex(0))
        (header.parentView, header.parent) = (parent.view, again.block)
        (header.height, header.bodyByteCount) = (parent.height.next, 0)
        header.timestamp = parent.timestamp.advanced(byMilliseconds: 1)
        header.validatorsHash = parent.nextValidatorsHash
        return proposal(again.view, header, [], again.justification, by: 0)
    }
}
