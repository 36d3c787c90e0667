/// What came of one seed.
package struct SimulationOutcome: Sendable {
    package let seed: UInt64
    package let validatorCount: Int
    /// The first rule that was broken, or `nil`.
    package let violation: Violation?
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
    /// From the healing to the first block that became final after it.
    package let recovery: Moment.Span?
    /// Views of the core from the healing to that block.
    package let recoveryViewCount: UInt64?
}
