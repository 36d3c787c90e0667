/// What came of one seed.
package struct SimulationOutcome: Sendable {
    package let seed: UInt64
    package let validatorCount: Int
    /// The first rule that was broken, or `nil`.
    package private(set) var violation: Violation?
    /// The hash over everything that happened.
    package let eventHash: EventHash
    /// How long there was work: the quiet span at the end not counted.
    package let workedSpan: Moment.Span
    /// Messages that arrived.
    package let deliveryCount: UInt64
    /// The highest view that a node was in.
    package let viewCount: UInt64
    /// Blocks that became final.
    package let finalBlockCount: UInt64
    /// Transactions that became final.
    package let transactionCount: UInt64
    /// Classes of faults that were on.
    package let enabled: FaultSet
    package let faults: FaultCounts
    /// Kinds of events and effects that it came across.
    package let exercise: Exercise
    /// From the healing to the first block that became final after it.
    package let recovery: Moment.Span?
    /// Views of the core from the healing to that block.
    package let recoveryViewCount: UInt64?
    /// From handing each transaction in to hearing of the same node that it is final, where the node told.
    package let latencies: [Moment.Span]

    /// This outcome, with a broken rule R2 where another run of the same seed went another way.
    package func compared(with other: SimulationOutcome) -> SimulationOutcome {
        guard violation == nil, other.eventHash != eventHash else { return self }
        var outcome = self
        outcome.violation = Violation(
            rule: "R2",
            finding: "the same seed gave event hash \(eventHash.value) and then \(other.eventHash.value)",
            moment: Moment.start + workedSpan,
            step: 0
        )
        return outcome
    }
}
