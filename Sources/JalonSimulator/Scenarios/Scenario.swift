import JalonModel

/// A situation that once went wrong somewhere, or easily could: what has to come of it is known.
package struct Scenario: Sendable, CustomStringConvertible {
    package let name: String
    /// Whether it is too long for a build that is not optimized.
    package var takesLong: Bool {
        (Scenario.onLongGaps + Scenario.onManyMembers).contains { $0.name == name }
    }
    package var description: String { name }
    private let body: @Sendable (LaboratoryMaker) throws(Finding) -> Void

    init(_ name: String, _ body: @escaping @Sendable (LaboratoryMaker) throws(Finding) -> Void) {
        self.name = name
        self.body = body
    }

    /// Plays it.
    ///
    /// - Parameters:
    ///   - log: Is told one line an event; `nil` tells nobody.
    ///   - change: Changes the configuration of every world in it: where a mutant's guard is switched off.
    /// - Returns: The first rule that was broken, or `nil`.
    package func run(
        log: (@Sendable (String) -> Void)? = nil,
        _ change: @escaping (inout WorldConfiguration) -> Void = { _ in }
    ) -> Violation? {
        do {
            try body(LaboratoryMaker(log: log, change: change))
            return nil
        } catch {
            return Violation(rule: error.rule, finding: "\(name): \(error.text)", moment: .start, step: 0)
        }
    }

    /// Every scenario, in one order.
    package static let all: [Scenario] =
        onNodes + onLinks + onTime + onWork + onFloods + onLiars + onRules + onProposals + onBlocks
        + onRejoining
        + onGettingOn + onPrograms + onMembers + onEpochs + onEpochDisks
        + onManyMembers + onLongGaps
}

/// Makes the worlds of a scenario.
struct LaboratoryMaker {
    let log: (@Sendable (String) -> Void)?
    let change: (inout WorldConfiguration) -> Void

    /// A world of a scenario.
    func callAsFunction(
        _ validatorCount: Int,
        seed: UInt64 = 1,
        _ own: (inout WorldConfiguration) -> Void = { _ in },
        beforeStart prepare: (World) -> Void = { _ in }
    ) -> Laboratory {
        Laboratory(
            validatorCount: validatorCount,
            seed: seed,
            { configuration in
                configuration.trialStartsPerMille = 0
                own(&configuration)
                change(&configuration)
            },
            beforeStart: { world in
                world.log = log
                prepare(world)
            }
        )
    }

    /// Runs a seed with what the scenario's worlds have changed of the nodes' rules.
    func run(_ profile: Profile, seed: UInt64, validatorCount: Int) throws(Finding) {
        var configuration = WorldConfiguration(seed: seed, validatorCount: validatorCount)
        change(&configuration)
        let plan = SimulationPlan(
            seed: seed,
            profile: profile,
            validatorCount: validatorCount,
            guards: configuration.guards
        )
        var simulation = Simulation(plan: plan, log: log)
        if let violation = simulation.run().violation { throw Finding(violation.rule, violation.finding) }
    }
}
