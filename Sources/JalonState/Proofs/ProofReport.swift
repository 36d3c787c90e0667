import JalonModel

/// What checking a proof file found, step by step, in the order in which people ask.
package struct ProofReport: Equatable, Sendable {
    /// What a step is about.
    package enum Part: String, CaseIterable, Sendable {
        /// A document is the one whose digest was signed.
        case document
        /// The member's key signed the transaction.
        case signature
        /// The transaction stands in the log of the block.
        case inclusion
        /// A quorum of validators sealed the block.
        case seal
        /// The validators are those that follow from the genesis.
        case genesis
        /// The log only grew since the earlier block.
        case consistency
        /// The state holds this, or nothing, at a path.
        case state
    }

    package enum Verdict: Equatable, Sendable {
        case holds
        /// It holds, and something later stands in its place.
        case outdated
        case fails(ProofError)
        /// What it rests on does not hold.
        case unchecked
    }

    package struct Step: Equatable, Sendable {
        package let part: Part
        package let verdict: Verdict
        /// What was shown, in words; empty where it fails or was not checked.
        package let text: String
    }

    package private(set) var steps: [Step] = []

    /// Whether every step was checked and holds.
    package var isValid: Bool {
        steps.allSatisfy { $0.verdict == .holds || $0.verdict == .outdated }
    }

    /// Why the first step that fails does.
    package var failure: ProofError? {
        for step in steps {
            if case .fails(let error) = step.verdict { return error }
        }
        return nil
    }

    init() {}

    /// Notes a step that rests on others: where those failed it is not checked.
    mutating func add(
        _ part: Part,
        isFounded: Bool,
        _ check: () throws(ProofError) -> (Verdict, String)
    ) {
        guard isFounded else { return steps.append(Step(part: part, verdict: .unchecked, text: "")) }
        do throws(ProofError) {
            let (verdict, text) = try check()
            steps.append(Step(part: part, verdict: verdict, text: text))
        } catch {
            steps.append(Step(part: part, verdict: .fails(error), text: ""))
        }
    }
}
