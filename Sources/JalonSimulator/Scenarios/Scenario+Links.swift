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
        Scenario("who hears one other only gets every certificate from it at once") { make throws(Finding) in
            var laboratory = make(4) { world in
                world.missingLinks = [WorldConfiguration.Pair(1, 3), WorldConfiguration.Pair(2, 3)]
            }
            // Of the votes none reaches it: what it could put together itself would hide what it is sent.
            laboratory.world.lens = { _, to, message in
                if case .vote = message, to == 3 { nil } else { message }
            }
            laboratory.run(milliseconds: 6_000)
            try laboratory.makeFinal(at: 0)
            laboratory.run(milliseconds: 100)
            let heights = laboratory.heights
            try laboratory.expect(Set(heights).count == 1, "L2", "100 ms later heights are \(heights)")
        },
        Scenario("who missed votes and certificates for a moment has them as soon as it asks") {
            make throws(Finding) in
            var laboratory = make(4)
            laboratory.world.lens = { _, to, message in
                switch message {
                case .vote, .certificate: to == 3 ? nil : message
                default: message
                }
            }
            try laboratory.makeFinal(at: 0)
            // Until nothing is on its way any more.
            laboratory.run(milliseconds: 100)
            laboratory.world.lens = nil
            // Its own retry comes after 750 ms at the earliest.
            laboratory.run(milliseconds: 350)
            let heights = laboratory.heights
            try laboratory.expect(Set(heights).count == 1, "L2", "350 ms later heights are \(heights)")
        },
        Scenario("a link that goes between two of a bare quorum is made up for at once") {
            make throws(Finding) in
            var laboratory = make(4)
            laboratory.run(milliseconds: 6_000)
            laboratory.world.kill(3)
            laboratory.world.cut(0, 1)
            laboratory.run(milliseconds: 200)
            let waited = try laboratory.makeFinal(at: 0)
            try laboratory.expect(waited < 200, "L1", "it took \(waited) ms")
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
