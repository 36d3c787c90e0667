extension API {
    /// One of two votes that contradict each other.
    package struct ContradictingVote: Codable, Hashable, Sendable {
        /// `notarize`, `nullify` or `finalize`.
        package var kind: String
        /// The block id; absent where the vote is to nullify.
        package var block: String?

        package init(kind: String, block: String? = nil) {
            self.kind = kind
            self.block = block
        }
    }

    /// Two votes of one validator in one view that no honest validator signs both of.
    package struct Misconduct: Codable, Hashable, Sendable {
        /// The member whose validator key signed both.
        package var member: String
        /// Where the validator stands in the epoch's set.
        package var validator: Int
        package var epoch: UInt64
        package var view: UInt64
        package var votes: [ContradictingVote]
        /// Both votes as signed, CBOR in base64: `jalon evidence check` verifies them without trusting any node.
        package var proof: String

        package init(
            member: String,
            validator: Int,
            epoch: UInt64,
            view: UInt64,
            votes: [ContradictingVote],
            proof: String
        ) {
            self.member = member
            self.validator = validator
            self.epoch = epoch
            self.view = view
            self.votes = votes
            self.proof = proof
        }
    }

    /// `GET /v1/evidence`.
    package struct MisconductList: Codable, Hashable, Sendable {
        /// In the order in which this node learned of them.
        package var evidence: [Misconduct]

        package init(evidence: [Misconduct]) {
            self.evidence = evidence
        }
    }

    /// Whether a validator's node may vote, and what it waits for where it may not.
    package struct Voting: Codable, Hashable, Sendable {
        package enum State: String, Codable, Hashable, Sendable {
            /// Just started, it asks its peers for votes that it may have forgotten.
            case checking
            /// It lost votes, and asks where the others stand.
            case rejoining
            /// The disk has no room for another vote.
            case diskFull
            /// Nothing is in the way.
            case voting
        }

        package var state: State
        /// Answers that came, and that are needed; absent where none are waited for.
        package var answers: Int?
        package var needed: Int?
        /// Members whose validators have not answered; only while rejoining.
        package var waitsFor: [String]?
        /// No vote in an earlier view: past every one for which lost votes may exist.
        package var firstView: UInt64?

        package init(
            state: State,
            answers: Int? = nil,
            needed: Int? = nil,
            waitsFor: [String]? = nil,
            firstView: UInt64? = nil
        ) {
            self.state = state
            self.answers = answers
            self.needed = needed
            self.waitsFor = waitsFor
            self.firstView = firstView
        }
    }
}
