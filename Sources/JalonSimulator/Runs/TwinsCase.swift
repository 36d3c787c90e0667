import JalonModel

/// One arrangement of twins: two processes with one identity, and who hears whom in each of the first views.
///
/// Four validators, one of them twinned. In each of seven views the five processes are split in two groups; what belongs
/// to a view (its votes, proposal, certificates) passes within the group of that view alone, everything else within the
/// group of the view that its sender is in. Then all hear all again, and the network has to go on.
package struct TwinsCase: Sendable {
    /// Views with a split of their own.
    package static let viewCount = 7
    /// Splits of five processes in two groups, of which the one with the first twin is always the same.
    private static let splitBits: UInt64 = 4
    /// All cases: the four validators that may be twinned, and a split for each view.
    package static let total: UInt64 = 4 << (splitBits * UInt64(viewCount))
    /// Odd, so that it visits every case once before any twice, and near the golden part of all, so that few cases are
    /// spread evenly.
    private static let stride: UInt64 = 663_608_941

    private let twin: Int
    private let splits: [UInt64]
    /// Its place in the enumeration.
    package let number: UInt64

    /// The case at a place of the enumeration.
    package init(_ number: UInt64) {
        self.number = number
        var rest = (number % TwinsCase.total) &* TwinsCase.stride % TwinsCase.total
        twin = Int(rest % 4)
        rest /= 4
        splits = (0..<TwinsCase.viewCount).map { view in
            rest >> (TwinsCase.splitBits * UInt64(view)) & (1 << TwinsCase.splitBits - 1)
        }
    }

    /// Whether two processes are in one group in a view.
    private func joins(_ one: Int, _ other: Int, in view: View) -> Bool {
        guard view.value >= 1, view.value <= UInt64(TwinsCase.viewCount) else { return true }
        let split = splits[Int(view.value) - 1]
        // The first twin's bit is left out and stands for zero.
        func side(_ process: Int) -> UInt64 {
            process == twin ? 0 : split >> UInt64(process > twin ? process - 1 : process) & 1
        }
        return side(one) == side(other)
    }

    /// Plays the case.
    ///
    /// - Parameter change: Changes the world: where a mutant's guard is switched off.
    /// - Returns: The first rule that was broken, or `nil`.
    package func run(_ change: (inout WorldConfiguration) -> Void = { _ in }) -> Violation? {
        var laboratory = Laboratory(validatorCount: 4, seed: number) { world in
            world.twins = [twin]
            world.trialStartsPerMille = 0
            change(&world)
        }
        let world = laboratory.world
        let honest = (0..<4).filter { $0 != twin }
        world.lens = { [unowned world] from, to, message in
            joins(from, to, in: message.consensusView ?? world.view(of: from)) ? message : nil
        }
        for round in 0..<50 {
            laboratory.submit(to: honest[round % honest.count])
            laboratory.run(milliseconds: 100)
        }
        world.lens = nil
        do {
            try laboratory.makeFinal(at: honest[0], limit: 10_000)
            laboratory.run(milliseconds: 6_000)
            let heights = honest.map { world.height(of: $0) }
            try laboratory.expect(Set(heights).count == 1, "L2", "heights \(heights)")
            try laboratory.check()
        } catch {
            return Violation(rule: error.rule, finding: error.text, moment: world.now, step: world.stepCount)
        }
        return nil
    }
}

extension PeerMessage {
    /// The view that a message of consensus belongs to.
    var consensusView: View? {
        switch self {
        case .vote(let vote): vote.view
        case .certificate(let certificate): certificate.view
        case .proposal(let proposal): proposal.view
        // Where a node stands is asked before it takes part in anything.
        case .standingRequest, .standing: View(0)
        case .transactions, .tip, .request, .block, .finalBlock, .evidence, .readiness: nil
        }
    }
}
