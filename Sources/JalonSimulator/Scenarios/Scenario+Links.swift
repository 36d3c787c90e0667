import JalonModel

extension Scenario {
    /// Links that are missing, cut or slow.
    static let onLinks: [Scenario] = [
        Scenario("a transaction whose only holder was cut off becomes final") { make throws(Finding) in
            var laboratory = make(4)
            laboratory.world.block([2], isOneWay: false, true)
            let leaf = laboratory.submit(to: 2)
            laboratory.run(milliseconds: 10_000)
            try laboratory.expect(laboratory.isPending(leaf, at: 2), "L2", "the client was not told")
            try laboratory.expect(!laboratory.isFinal(leaf), "S3", "final without a quorum")
            laboratory.world.block([2], isOneWay: false, false)
            try laboratory.waitForFinal(leaf, limit: 20_000)
        },
        Scenario("a ring in which no node has a link to all") { make throws(Finding) in
            for count in [4, 7] {
                var laboratory = make(count) { world in
                    world.missingLinks = Topology.ring.missingLinks(count: count)
                }
                for round in 0..<6 { try laboratory.makeFinal(at: round % count) }
                laboratory.run(milliseconds: 10_000)
                let heights = laboratory.heights
                try laboratory.expect(Set(heights).count == 1, "L2", "heights \(heights)")
            }
        },
        Scenario("links slower than 2Δ still finalize") { make throws(Finding) in
            var laboratory = make(4) { world in
                world.quality = LinkQuality(latency: 1_100_000...1_300_000)
            }
            for node in 0..<3 { try laboratory.makeFinal(at: node, limit: 120_000) }
        },
        Scenario("a node that hears and is not heard stops nobody") { make throws(Finding) in
            var laboratory = make(4)
            laboratory.world.block([1], isOneWay: true, true)
            for _ in 0..<6 { try laboratory.makeFinal(at: 0) }
        },
    ]

    /// The one that takes long.
    static let onLongGaps: [Scenario] = [
        Scenario("2,000 nullified views in a row, then recovery within 10 s") { make throws(Finding) in
            var laboratory = make(4)
            try laboratory.makeFinal(at: 0)
            let leaf = laboratory.submit(to: 0)
            // A justification that does not fit is refused at once, and no timer is waited for.
            laboratory.world.lens = { _, _, message in
                if case .proposal(let proposal) = message { unjustified(proposal) } else { message }
            }
            let first = laboratory.world.highestView
            while laboratory.world.highestView.value < first.value + 2_000,
                laboratory.world.now.microseconds < 2_000_000_000
            {
                laboratory.run(milliseconds: 1_000)
                try laboratory.check()
            }
            let count = laboratory.world.highestView.value - first.value
            try laboratory.expect(count >= 2_000, "L1", "only \(count) views in \(laboratory.world.now)")
            try laboratory.expect(!laboratory.isFinal(leaf), "S3", "final without a proposal")
            laboratory.world.lens = nil
            try laboratory.waitForFinal(leaf, limit: 10_000)
        }
    ]
}
