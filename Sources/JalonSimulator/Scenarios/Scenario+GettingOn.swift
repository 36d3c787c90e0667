import JalonCore
import JalonCrypto
import JalonModel
import JalonState

extension Scenario {
    /// Where of the rules that keep a network going only one is left to do it.
    static let onGettingOn: [Scenario] = [
        Scenario("a proposal whose leader hands out no transactions gets them of another node") {
            make throws(Finding) in
            var laboratory = make(4)
            let world = laboratory.world
            world.crash(3)
            // Node 2, without which there is no quorum, gets of others what it asks them for and nothing else.
            var owed = [Int](repeating: 0, count: 4)
            world.lens = { [unowned world] from, to, message in
                switch message {
                case .request(.transactions) where from == 2:
                    guard to != leader(of: world.view(of: 2), of: 4) else { return nil }
                    owed[to] += 1
                    return message
                case .transactions where to == 2:
                    guard owed[from] > 0 else { return nil }
                    owed[from] -= 1
                    return message
                default: return message
                }
            }
            try laboratory.makeFinal(at: 0, limit: 20_000)
        },
        Scenario("a node that was told of other transactions under the same header gets the block whole") {
            make throws(Finding) in
            var laboratory = make(4) { $0.traitors = [(0, [])] }
            let world = laboratory.world
            // Nobody has what the leader of view 1 names to node 2; the others notarize, and with the leader gone nothing is
            // final without node 2.
            var changed = 0
            world.lens = { from, to, message in
                switch message {
                case .proposal(let proposal) where proposal.view.value == 1 && from == 0 && to == 2:
                    changed += 1
                    return .proposal(
                        Proposal(
                            view: proposal.view,
                            header: proposal.header,
                            leaves: proposal.leaves.map { LeafHash(of: $0.bytes) },
                            justification: proposal.justification,
                            signature: proposal.signature
                        )
                    )
                case .vote where to == 0, .certificate where to == 0: return nil
                default: return message
                }
            }
            laboratory.submit(to: 1)
            laboratory.run(milliseconds: 300)
            try laboratory.expect(changed > 0, "X", "the leader of view 1 proposed nothing to change")
            world.crash(0)
            world.lens = nil
            try laboratory.wait("L2", "the block to be final at nodes 1 to 3", limit: 20_000) { laboratory in
                laboratory.heights.dropFirst().allSatisfy { $0.value > 0 }
            }
        },
        Scenario("who missed how a view ended is told, though nobody serves it a range of blocks") {
            make throws(Finding) in
            var laboratory = make(4)
            laboratory.world.lens = { _, to, message in
                guard to == 3 else { return message }
                if case .finalBlock = message { return nil }
                return message.consensusView.map { $0.value > 0 } ?? false ? nil : message
            }
            try laboratory.makeFinal(at: 0)
            laboratory.run(milliseconds: 500)
            try laboratory.expect(laboratory.heights[3].value == 0, "X", "node 3 heard of the block")
            laboratory.world.lens = { _, to, message in
                if case .finalBlock = message, to == 3 { nil } else { message }
            }
            laboratory.run(milliseconds: 6_000)
            let heights = laboratory.heights
            try laboratory.expect(Set(heights).count == 1, "L2", "heights \(heights)")
        },
        Scenario("an idle node that missed a nullified view comes to the view of the others") {
            make throws(Finding) in
            var laboratory = make(4)
            try leaveBehind(in: &laboratory)
            // A tip goes out every 5 s.
            laboratory.run(milliseconds: 6_000)
            let (own, others) = (laboratory.world.view(of: 2), laboratory.world.view(of: 0))
            try laboratory.expect(own == others, "L1", "node 2 rests in view \(own), the others in \(others)")
            let waited = try laboratory.makeFinal(at: 0)
            try laboratory.expect(waited < 600, "L1", "it took \(waited) ms, the leader timer is 1,000")
        },
        Scenario("who asks for the transactions of a block that is final meanwhile gets them") {
            make throws(Finding) in
            var laboratory = make(4)
            var isFirst = true
            laboratory.world.lens = { from, to, message in
                switch message {
                // The first question is lost, and nothing but its repetition is left to node 3.
                case .request(.transactions) where from == 3:
                    defer { isFirst = false }
                    return isFirst ? nil : message
                case .request where from == 3: return nil
                case .transactions where to == 3: return isFirst ? nil : message
                default: return message
                }
            }
            try laboratory.makeFinal(at: 0)
            try laboratory.wait("L2", "the block to be final at node 3", limit: 5_000) {
                $0.heights[3].value > 0
            }
        },
        Scenario("who asks for transactions that are on their way gets them when they come") {
            make throws(Finding) in
            var laboratory = make(4) { $0.missingLinks = [WorldConfiguration.Pair(0, 3)] }
            var asked: Set<Int> = []
            for node in 1...2 {
                laboratory.world.setQuality(LinkQuality(latency: 24_000...25_000), from: 0, to: node)
                laboratory.world.setQuality(LinkQuality(latency: 24_000...25_000), from: node, to: 0)
            }
            laboratory.world.lens = { from, to, message in
                switch message {
                case .request(.transactions) where to == 0: asked.insert(from)
                // What the leader sends unasked is lost, so that a proposal is passed on before what it names is there.
                case .transactions where from == 0: return asked.contains(to) ? message : nil
                default: break
                }
                return message
            }
            laboratory.submit(to: 0)
            let waited = try laboratory.wait("L2", "the block to be final at node 3", limit: 5_000) {
                $0.heights[3].value > 0
            }
            try laboratory.expect(asked == [1, 2], "X", "the leader was asked by \(asked)")
            try laboratory.expect(
                waited < 200,
                "L4",
                "it took \(waited) ms, a second question comes after 250"
            )
        },
        Scenario("a transaction in a block that can't be notarized any more becomes final") {
            make throws(Finding) in
            var laboratory = make(7) { $0.traitors = [(0, [])] }
            let (world, membership) = (laboratory.world, laboratory.world.membership)
            var asked: Set<Int> = []
            world.lens = { from, to, message in
                switch message {
                case .request(.transactions) where to == 0: asked.insert(from)
                case .transactions where from == 0: return asked.contains(to) ? message : nil
                // One half gets the block, the other an empty one.
                case .proposal(let proposal) where from == 0 && to > 3:
                    return .proposal(membership.emptied(proposal, by: 0))
                default: break
                }
                return message
            }
            let leaf = laboratory.submit(to: 0)
            laboratory.run(milliseconds: 300)
            world.crash(0)
            try laboratory.expect(!laboratory.isFinal(leaf), "X", "the leader's halves agree on a block")
            try laboratory.waitForFinal(leaf)
        },
        Scenario("a transaction for which there was no room waits when its block is out of the race") {
            make throws(Finding) in
            var laboratory = make(4) { $0.mempoolCount = 1 }
            let world = laboratory.world
            var asked: Set<Int> = []
            world.lens = { from, to, message in
                switch message {
                case .request(.transactions) where to == 0: asked.insert(from)
                case .transactions where from == 0: return asked.contains(to) ? message : nil
                case .proposal(let proposal) where proposal.view.value == 1 && to > 1: return nil
                default: break
                }
                return message
            }
            // Only node 1 sees the first block, and has no room for what is in it.
            let leaf = laboratory.submit(to: 0)
            let other = laboratory.submit(to: 1)
            laboratory.run(milliseconds: 300)
            try laboratory.expect(asked == [1], "X", "the first block came to \(asked)")
            world.crash(0)
            try laboratory.waitForFinal(other)
            try laboratory.waitForFinal(leaf)
        },
        Scenario("a node that lacks a long chain gets it while the others work on") { make throws(Finding) in
            var laboratory = make(7)
            try catchUp(in: &laboratory, seconds: 10)
        },
        Scenario("a node that lacks a long chain gets it though two give it wrong bodies or next to nothing")
        {
            make throws(Finding) in
            var laboratory = make(7) { $0.traitors = [(0, []), (1, [])] }
            laboratory.world.lens = { from, to, message in
                guard to == 6, case .finalBlock(let block, let finalization) = message else { return message }
                switch from {
                case 0:
                    return .finalBlock(
                        Block(header: block.header, transactions: []),
                        finalization: finalization
                    )
                case 1:
                    return block.header.height.value % 16 == 1 ? .finalBlock(block, finalization: nil) : nil
                default: return message
                }
            }
            try catchUp(in: &laboratory, seconds: 20)
        },
        Scenario("a skipped leader that comes back leads again") { make throws(Finding) in
            var laboratory = make(4)
            laboratory.world.crash(3)
            for _ in 0..<8 { try laboratory.makeFinal(at: 0) }
            laboratory.world.restart(3, after: .milliseconds(10))
            laboratory.run(milliseconds: 8_000)
            let height = laboratory.blocks(of: 0).count
            for _ in 0..<16 { try laboratory.makeFinal(at: 0) }
            let led = laboratory.blocks(of: 0).dropFirst(height).count { $0.header.leader.value == 3 }
            try laboratory.expect(led >= 2, "L1", "of 16 blocks after its return it led \(led)")
        },
    ]

    /// Makes a chain of more than a thousand blocks without node 6, starts it and works on.
    private static func catchUp(in laboratory: inout Laboratory, seconds: Int) throws(Finding) {
        func work(_ count: Int) {
            for round in 0..<count {
                laboratory.submit(to: 2 + round % 4)
                laboratory.run(milliseconds: 20)
            }
        }
        laboratory.world.crash(6)
        work(2_000)
        let height = laboratory.heights[2].value
        try laboratory.expect(height > 1_000, "X", "the chain has only \(height) blocks")
        laboratory.world.restart(6, after: .milliseconds(10))
        for _ in 0..<seconds where laboratory.heights[6].value + 20 < laboratory.heights[2].value {
            try laboratory.check()
            work(50)
        }
        let (own, others) = (laboratory.heights[6].value, laboratory.heights[2].value)
        try laboratory.expect(
            own + 20 >= others,
            "L2",
            "after \(seconds) s it has \(own) of \(others) blocks"
        )
    }

    /// Who leads a view of the first epoch.
    private static func leader(of view: View, of count: UInt64) -> Int {
        Int((view.value + count - 1) % count)
    }

    /// Leaves node 2 in view 2, where a network of four that has nothing to do is in view 3, which node 2 leads.
    private static func leaveBehind(in laboratory: inout Laboratory) throws(Finding) {
        let world = laboratory.world
        // Only node 2 sees at first that the block of view 1 is final, and nothing of the work which that is for others.
        var isKnown = false
        world.lens = { _, to, message in
            if case .finalBlock = message { return nil }
            if case .proposal(let proposal) = message, proposal.view.value == 2 { return nil }
            guard let view = message.consensusView else { return message }
            if to == 2, view.value >= 2 { return nil }
            switch message {
            case .vote(let vote) where vote.kind == .finalize: return to == 2 || isKnown ? message : nil
            case .certificate(let certificate) where certificate.kind == .finalize:
                return to == 2 || isKnown ? message : nil
            default: return message
            }
        }
        laboratory.submit(to: 0)
        for _ in 0..<300 where world.view(of: 0).value < 3 { laboratory.run(milliseconds: 10) }
        isKnown = true
        for _ in 0..<100 where Set(laboratory.heights).count > 1 { laboratory.run(milliseconds: 10) }
        let views = (0..<4).map { world.view(of: $0).value }
        try laboratory.expect(views == [3, 3, 2, 3], "X", "the nodes are in views \(views)")
        try laboratory.expect(laboratory.heights.allSatisfy { $0.value == 1 }, "X", "nothing is final")
        world.lens = nil
    }
}

extension Membership {
    /// Another proposal in the same place on the genesis, valid and without transactions.
    fileprivate func emptied(_ proposal: Proposal, by node: Int) -> Proposal {
        var header = proposal.header
        (header.logSize, header.logRoot) = (0, MerkleFrontier().root)
        (header.bodyByteCount, header.stateRoot) = (0, LedgerState(genesis: genesis).root)
        header.timestamp = header.timestamp.advanced(byMilliseconds: 1)
        return self.proposal(proposal.view, header, [], proposal.justification, by: node)
    }
}
