/// What a run showed to be wrong: the first broken rule ends it.
package struct Violation: Hashable, Sendable, CustomStringConvertible {
    /// The rule's name in the design's table of invariants: S1 to S8, D1 to D3, L1 to L3, R1 and R2; X for what no table
    /// names and no honest node does.
    package let rule: String
    /// What was found, in words.
    package let finding: String
    /// When.
    package let moment: Moment
    /// How many events were handled by then.
    package let step: UInt64

    package init(rule: String, finding: String, moment: Moment, step: UInt64) {
        self.rule = rule
        self.finding = finding
        self.moment = moment
        self.step = step
    }

    package var description: String { "\(rule) at \(moment) s, step \(step): \(finding)" }
}

/// A finding of the oracle, before it has its place and time.
struct Finding: Error {
    let rule: String
    let text: String

    init(_ rule: String, _ text: String) {
        self.rule = rule
        self.text = text
    }
}
