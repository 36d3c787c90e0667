import JalonCore
import JalonCrypto
import JalonModel
import JalonState

extension Scenario {
    /// What one rule of consensus is for.
    static let onRules: [Scenario] = [
        Scenario("votes that reach one node only are enough") { make throws(Finding) in
            var laboratory = make(4)
            laboratory.world.lens = { _, to, message in
                if case .vote = message, to != 0 { nil } else { message }
            }
            for _ in 0..<6 {
                let waited = try laboratory.makeFinal(at: 0)
                try laboratory.expect(waited < 600, "L1", "it took \(waited) ms")
            }
        },
        Scenario("votes of before a restart count again, one's own too") { make throws(Finding) in
            var laboratory = make(4)
            try laboratory.makeFinal(at: 0)
            // A bare quorum is left, and none of its votes gets through before all of it restarts.
            laboratory.world.kill(3)
            laboratory.world.lens = { _, _, message in if case .vote = message { nil } else { message } }
            laboratory.submit(to: 0)
            laboratory.run(milliseconds: 4_000)
            for node in 0..<3 { laboratory.world.crash(node) }
            laboratory.world.lens = nil
            for node in 0..<3 { laboratory.world.restart(node, after: .milliseconds(50)) }
            laboratory.run(milliseconds: 100)
            try laboratory.makeFinal(at: 0, limit: 10_000)
        },
        Scenario("two nodes that see no proposal take the others along") { make throws(Finding) in
            var laboratory = make(4)
            laboratory.world.lens = { _, to, message in
                if case .proposal(let proposal) = message, proposal.view.value == 1, to >= 2 {
                    nil
                } else {
                    message
                }
            }
            let waited = try laboratory.makeFinal(at: 0)
            try laboratory.expect(waited < 1_700, "L1", "it took \(waited) ms, the leader timer is 1,000")
        },
        Scenario("a leader that gives up, or proposes what is invalid, costs no time") {
            make throws(Finding) in
            for isInvalid in [false, true] {
                var laboratory = make(4) { $0.traitors = [(0, [])] }
                let membership = laboratory.world.membership
                laboratory.world.lens = { from, _, message in
                    guard from == 0, case .proposal(let proposal) = message else { return message }
                    return isInvalid
                        ? unjustified(proposal) : .vote(membership.vote(.nullify(proposal.view), of: 0))
                }
                let waited = try laboratory.makeFinal(at: 1)
                try laboratory.expect(waited < 700, "L1", "it took \(waited) ms, the leader timer is 1,000")
            }
        },
        Scenario("after sixty views without a block a dead leader costs no more than the bound") {
            make throws(Finding) in
            var laboratory = make(4)
            laboratory.world.lens = { _, _, message in
                if case .proposal(let proposal) = message { unjustified(proposal) } else { message }
            }
            laboratory.submit(to: 0)
            while laboratory.world.highestView.value < 60, laboratory.world.now.microseconds < 200_000_000 {
                laboratory.run(milliseconds: 100)
            }
            laboratory.world.lens = nil
            laboratory.world.crash(3)
            for _ in 0..<4 { try laboratory.makeFinal(at: 0, limit: 40_000) }
        },
        Scenario("a block from the near future is waited for") { make throws(Finding) in
            // The leader 1 hears only 2, whose clock is as far ahead as its own.
            var laboratory = make(
                4,
                { $0.missingLinks = [WorldConfiguration.Pair(0, 1), WorldConfiguration.Pair(1, 3)] },
                beforeStart: { world in
                    for node in [1, 2] { world.setClock(node, aheadByMilliseconds: 1_500) }
                }
            )
            for round in 0..<12 { try laboratory.makeFinal(at: [0, 3][round % 2]) }
            let led = laboratory.blocks(of: 0).count { $0.header.leader.value == 1 }
            try laboratory.expect(led >= 1, "L1", "the leader whose clock is ahead led none of 12 blocks")
        },
        Scenario("a needed voter's clock jumps by months") { make throws(Finding) in
            var laboratory = make(4)
            try laboratory.makeFinal(at: 0)
            laboratory.world.crash(3)
            laboratory.world.jumpClock(1, byMilliseconds: 90 * 86_400_000)
            for _ in 0..<6 { try laboratory.makeFinal(at: 0, limit: 20_000) }
        },
        Scenario("the same transaction again gets the same answer and makes no block") {
            make throws(Finding) in
            var laboratory = make(4)
            let leaf = laboratory.submit(to: 0)
            try laboratory.waitForFinal(leaf)
            laboratory.run(milliseconds: 2_000)
            laboratory.submitAgain(leaf, to: 2)
            laboratory.run(milliseconds: 2_000)
            let answers = laboratory.heard.count { told in
                guard told.node == 2, case .alreadyFinal(_, let answered) = told.notice else { return false }
                return answered == leaf
            }
            try laboratory.expect(answers == 1, "D1", "\(answers) answers that it is final")
            try laboratory.expect(laboratory.blocks(of: 0).count == 1, "D1", "another block")
        },
    ]

    /// Proposals of a leader that breaks one rule and keeps every other: no honest node may vote for them.
    static let onProposals: [Scenario] = [
        Scenario("a proposal that skips a view which nobody nullified gets no vote") { make throws(Finding) in
            try refused(make) { proposal, first, sign in
                // The first block once more, as if the view before had not been.
                var header = first.header
                (header.view, header.leader) = (proposal.view, proposal.header.leader)
                return sign(header, first.leaves, Justification(parent: nil, nullifications: []))
            }
        },
        Scenario("a proposal that is not later than its parent gets no vote") { make throws(Finding) in
            try refused(make) { proposal, first, sign in
                // Empty, so that its state is its parent's and nothing else is wrong with it.
                var header = proposal.header
                (header.timestamp, header.bodyByteCount) = (first.header.timestamp, 0)
                (header.logSize, header.logRoot) = (first.header.logSize, first.header.logRoot)
                header.stateRoot = first.header.stateRoot
                return sign(header, [], proposal.justification)
            }
        },
    ]

    /// Blocks of a leader that no quorum can be for.
    static let onBlocks: [Scenario] = [
        Scenario("a fresh block of a minute ago gets no vote") { make throws(Finding) in
            var laboratory = make(4) { $0.traitors = [(0, [])] }
            let membership = laboratory.world.membership
            let genesis = membership.genesis
            laboratory.world.lens = { from, _, message in
                guard from == 0, case .proposal(let proposal) = message, proposal.view.value == 1 else {
                    return message
                }
                var header = proposal.header
                header.timestamp = genesis.time.advanced(byMilliseconds: 1)
                (header.logSize, header.logRoot) = (0, MerkleFrontier().root)
                (header.bodyByteCount, header.stateRoot) = (0, LedgerState(genesis: genesis).root)
                return .proposal(membership.proposal(View(1), header, [], proposal.justification, by: 0))
            }
            for _ in 0..<3 { try laboratory.makeFinal(at: 1) }
        },
        Scenario("a block on one that came too late to be notarized gets no vote") { make throws(Finding) in
            var laboratory = make(4) { $0.traitors = [(1, [])] }
            let (world, membership) = (laboratory.world, laboratory.world.membership)
            var late: Proposal?
            var changed = 0
            world.lens = { [unowned world] from, _, message in
                switch message {
                // Nobody sees a proposal of the first five views in time; that of the second comes in place of a tip.
                case .proposal(let proposal) where proposal.view.value <= 5:
                    if proposal.view.value == 2, from == 1 { late = proposal }
                    return nil
                case .tip where from == 1 && world.view(of: 0).value >= 3:
                    return late.map { .proposal($0) } ?? message
                case .proposal(let proposal) where proposal.view.value == 6 && from == 1:
                    guard let late else { return message }
                    changed += 1
                    var header = late.header
                    (header.view, header.leader) = (proposal.view, proposal.header.leader)
                    (header.parentView, header.parent) = (late.view, late.block)
                    (header.height, header.bodyByteCount) = (late.header.height.next, 0)
                    header.timestamp = proposal.header.timestamp.advanced(byMilliseconds: 1)
                    let gap = Array(proposal.justification.nullifications.prefix(3))
                    let justification = Justification(parent: nil, nullifications: gap)
                    return .proposal(
                        membership.proposal(proposal.view, header, [], justification, by: 1)
                    )
                default: return message
                }
            }
            for _ in 0..<60 {
                laboratory.submit(to: 0)
                laboratory.run(milliseconds: 500)
            }
            try laboratory.check()
            try laboratory.expect(changed > 0, "X", "the leader of view 6 proposed nothing to change")
            world.lens = nil
            try laboratory.makeFinal(at: 0)
        },
    ]

    /// Signs a header and what stands around it as the leader of view 2.
    typealias Signature = (BlockHeader, [LeafHash], Justification) -> PeerMessage

    /// Lets the leader of view 2 propose something else, which the oracle must not see a vote for; then all goes on.
    static func refused(
        _ make: LaboratoryMaker,
        _ change: @escaping (_ own: Proposal, _ first: Proposal, Signature) -> PeerMessage
    ) throws(Finding) {
        var laboratory = make(4) { $0.traitors = [(1, [])] }
        let world = laboratory.world
        let membership = world.membership
        var first: Proposal?
        var changed = 0
        world.lens = { from, _, message in
            switch message {
            // The first block is notarized and not final yet, so that the next one stands on it.
            case .vote(let vote) where vote.view.value == 1 && vote.kind == .finalize: return nil
            case .certificate(let certificate)
            where certificate.view.value == 1 && certificate.kind == .finalize: return nil
            case .proposal(let proposal) where proposal.view.value == 1:
                first = proposal
                return message
            case .proposal(let proposal) where proposal.view.value == 2 && from == 1:
                guard let first, proposal.header.parent == first.block else { return message }
                changed += 1
                return change(proposal, first) { header, leaves, justification in
                    .proposal(membership.proposal(proposal.view, header, leaves, justification, by: 1))
                }
            default: return message
            }
        }
        laboratory.submit(to: 0)
        laboratory.run(milliseconds: 200)
        laboratory.submit(to: 0)
        laboratory.run(milliseconds: 6_000)
        try laboratory.check()
        try laboratory.expect(changed > 0, "X", "the leader of view 2 proposed nothing to change")
        world.lens = nil
        for _ in 0..<3 { try laboratory.makeFinal(at: 0) }
    }

    /// What lost disks must not lead to.
    static let onRejoining: [Scenario] = [
        Scenario("a machine's old image, put back in silence, contradicts nothing") { make throws(Finding) in
            var laboratory = make(4)
            let world = laboratory.world
            let seen = SeenVotes()
            world.lens = { from, _, message in
                if from == 0 { seen.note(message, leader: 0) }
                return message
            }
            for node in [2, 3] { world.crash(node) }
            world.backUp(0)
            laboratory.submit(to: 0)
            laboratory.run(milliseconds: 500)
            world.crash(0)
            world.replaceDisk(0, with: world.backup(of: 0))
            world.restart(0, after: .milliseconds(100))
            world.restart(2, after: .milliseconds(100))
            laboratory.run(milliseconds: 500)
            laboratory.submit(to: 0)
            laboratory.run(milliseconds: 6_000)
            try laboratory.expect(!seen.isContradictory, "S4", "node 0 votes for two blocks in one view")
        },
        Scenario("an answer whose ways back make a ring goes round it once") { make throws(Finding) in
            var laboratory = make(5)
            let world = laboratory.world
            try laboratory.makeFinal(at: 1)
            // What a liar could send again, and where: in the place of a tip.
            var (question, answer): (PeerMessage?, PeerMessage?) = (nil, nil)
            var placed: [(from: Int, to: Int, message: PeerMessage)] = []
            var count = 0
            world.lens = { from, to, message in
                switch message {
                case .standingRequest where from == 0 && question == nil: question = message
                case .standing where from == 4 && to == 0 && answer == nil: answer = message
                case .standing: count += 1
                case .tip:
                    guard let place = placed.firstIndex(where: { $0.from == from && $0.to == to }) else {
                        break
                    }
                    return placed.remove(at: place).message
                default: break
                }
                return message
            }
            world.crash(0)
            world.restart(0, after: .milliseconds(100))
            laboratory.run(milliseconds: 3_000)
            guard let question, let answer else { throw Finding("X", "a start asked nobody") }
            placed = [(3, 1, question), (1, 2, question), (2, 3, question)]
            laboratory.run(milliseconds: 6_000)
            placed += [(4, 1, answer)]
            count = 0
            laboratory.run(milliseconds: 10_000)
            try laboratory.expect(placed.isEmpty, "X", "a tip is missing")
            try laboratory.expect(count <= 3, "L3", "an answer was passed on \(count) times")
        },
        Scenario("an empty disk catches up with a network that goes on working") { make throws(Finding) in
            var laboratory = make(4)
            let world = laboratory.world
            for round in 0..<100 { try laboratory.makeFinal(at: round % 4) }
            world.crash(1)
            var disk = SimulatedDisk()
            disk.requireRejoin()
            world.replaceDisk(1, with: disk)
            world.restart(1, after: .milliseconds(300))
            for _ in 0..<100 { try laboratory.makeFinal(at: 0) }
            laboratory.run(milliseconds: 6_000)
            try laboratory.check()
            let heights = laboratory.heights
            try laboratory.expect(Set(heights).count == 1, "L2", "heights \(heights)")
        },
        Scenario("who rejoins votes in no view that it may have voted in") { make throws(Finding) in
            var laboratory = make(4)
            let world = laboratory.world
            // What node 1 alone learns of view 1 takes it to view 2, which it leads; nobody hears of that.
            world.lens = { from, to, message in
                switch message {
                case .vote, .certificate: from != 1 && to == 1 ? message : nil
                case .proposal: from != 1 ? message : nil
                default: message
                }
            }
            laboratory.submit(to: 0)
            laboratory.run(milliseconds: 300)
            laboratory.submit(to: 1)
            laboratory.run(milliseconds: 1_000)
            try laboratory.expect(world.view(of: 1).value == 2, "X", "node 1 is in view \(world.view(of: 1))")
            world.crash(1)
            var disk = SimulatedDisk()
            disk.requireRejoin()
            world.replaceDisk(1, with: disk)
            world.restart(1, after: .milliseconds(50))
            world.lens = { _, _, message in
                switch message {
                case .vote, .certificate, .proposal: nil
                default: message
                }
            }
            laboratory.run(milliseconds: 800)
            world.lens = nil
            for _ in 0..<4 { try laboratory.makeFinal(at: 0, limit: 30_000) }
            try laboratory.check()
        },
        Scenario("who rejoins does not go by a liar and two nodes that were left behind") {
            make throws(Finding) in
            try rejoinAmongTheSlow(make)
        },
    ]

    /// Seven nodes in view 9, of which 4 and 5 are still in view 7 and 6 says that it is in view 1: the leader, 1, makes a
    /// block, loses its disk and hears of these three first.
    private static func rejoinAmongTheSlow(_ make: LaboratoryMaker) throws(Finding) {
        var laboratory = make(7) { $0.traitors = [(6, [])] }
        let (world, membership) = (laboratory.world, laboratory.world.membership)
        // What passes between 1 and those that know better: at first everything, in the end all but where they stand.
        enum Hearing { case everything, nothingOfOne, nothing, notTheirStanding }
        var hearing = Hearing.everything
        var proposed: Set<BlockID> = []
        world.lens = { from, to, message in
            if case .proposal(let proposal) = message, from == 1, proposal.view.value == 9 {
                proposed.insert(proposal.block)
            }
            if to == 4 || to == 5 {
                if case .finalBlock = message { return nil }
                if let view = message.consensusView, view.value >= 7 { return nil }
            }
            if case .standing(let standing) = message, from == 6, to == 1 {
                return .standing(membership.lowered(standing, of: 6))
            }
            let knows = [0, 2, 3]
            switch hearing {
            case .everything: return message
            case .nothingOfOne: return from == 1 ? nil : message
            case .nothing where to == 1 && (knows + [6]).contains(from): return nil
            case .nothing, .notTheirStanding:
                // An answer may come by way of those that know less.
                guard case .standing(let standing) = message, to == 1 else { return message }
                return knows.contains(standing.signer.value) ? nil : message
            }
        }
        while world.view(of: 0).value < 9, world.now.microseconds < 30_000_000 {
            try laboratory.makeFinal(at: 0)
        }
        laboratory.run(milliseconds: 300)
        let views = (0..<7).map { world.view(of: $0).value }
        try laboratory.expect(views == [9, 9, 9, 9, 7, 7, 9], "X", "the nodes are in views \(views)")
        hearing = .nothingOfOne
        laboratory.submit(to: 1)
        laboratory.run(milliseconds: 300)
        try laboratory.expect(proposed.count == 1, "X", "node 1 made \(proposed.count) blocks in view 9")
        world.crash(1)
        var disk = SimulatedDisk()
        disk.requireRejoin()
        world.replaceDisk(1, with: disk)
        world.restart(1, after: .milliseconds(50))
        hearing = .nothing
        laboratory.run(milliseconds: 1_000)
        hearing = .notTheirStanding
        laboratory.run(milliseconds: 8_000)
        laboratory.submit(to: 1)
        laboratory.run(milliseconds: 300)
        try laboratory.check()
        world.lens = nil
        for _ in 0..<3 { try laboratory.makeFinal(at: 0) }
    }

    /// The proposal with a justification that does not fit.
    static func unjustified(_ proposal: Proposal) -> PeerMessage {
        .proposal(
            Proposal(
                view: proposal.view,
                header: proposal.header,
                leaves: proposal.leaves,
                justification: Justification(
                    parent: nil,
                    nullifications: [
                        Certificate(
                            epoch: Epoch(0),
                            ballot: .nullify(proposal.view),
                            bitmap: [0],
                            signatures: []
                        )
                    ]
                ),
                signature: proposal.signature
            )
        )
    }
}

/// The notarize votes of one node, as they passed on the wires.
private final class SeenVotes {
    private var blocks: [View: BlockID] = [:]
    private(set) var isContradictory = false

    func note(_ message: PeerMessage, leader: Int) {
        switch message {
        case .vote(let vote) where vote.signer.value == leader && vote.kind == .notarize:
            note(vote.view, vote.ballot.block)
        case .proposal(let proposal) where proposal.header.leader.value == leader:
            note(proposal.view, proposal.block)
        default: break
        }
    }

    private func note(_ view: View, _ block: BlockID) {
        if let earlier = blocks.updateValue(block, forKey: view), earlier != block { isContradictory = true }
    }
}

extension Membership {
    /// A proposal of a node with its valid vote, whatever else it says.
    func proposal(
        _ view: View,
        _ header: BlockHeader,
        _ leaves: [LeafHash],
        _ justification: Justification,
        by node: Int
    ) -> Proposal {
        Proposal.signed(
            view: view,
            header: header,
            leaves: leaves,
            justification: justification,
            by: ValidatorIndex(node),
            key: validatorSigner(node),
            in: context
        ).proposal.value
    }

    /// The answer of a node that says that it is in the first view and knows of no vote.
    func lowered(_ standing: Standing, of node: Int) -> Standing {
        let lie = Standing.Content(
            nonce: standing.content.nonce,
            epoch: standing.content.epoch,
            entry: nil,
            rejoinProof: nil,
            isRejoining: false,
            votes: []
        )
        return Standing.signed(lie, by: ValidatorIndex(node), key: validatorSigner(node), in: context)
    }

    /// A vote of a node, whatever it says.
    func vote(_ ballot: Ballot, of node: Int) -> Vote {
        Vote.signed(ballot, by: ValidatorIndex(node), key: validatorSigner(node), in: context).value
    }
}
