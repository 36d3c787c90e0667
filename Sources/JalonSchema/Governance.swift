extension API {
    /// A member's vote on a proposal.
    package struct ProposalVote: Codable, Hashable, Sendable {
        package var member: String
        /// `yes` or `no`.
        package var ballot: String

        package init(member: String, ballot: String) {
            (self.member, self.ballot) = (member, ballot)
        }
    }

    /// Something that is put to the validators, with the arithmetic of its votes.
    package struct Proposal: Codable, Hashable, Sendable {
        /// The transaction that proposed.
        package var id: String
        /// `member.admit`, `member.suspend`, `member.reinstate`, `member.remove`, `parameter.set` or `protocol.upgrade`.
        package var action: String
        /// What it is about, in words after "to".
        package var summary: LocalizedText
        /// The member that it is about, where it is one.
        package var member: String?
        package var reason: String
        package var proposer: String
        /// The block that it stands in.
        package var height: UInt64
        /// `open`, `expired`, `rejected`, `passed`, `effective` or `void`.
        package var outcome: String
        package var votes: [ProposalVote]
        package var yes: Int
        package var no: Int
        /// Validators whose votes count.
        package var voters: Int
        /// The yes votes with which it passes.
        package var needed: Int
        /// The first block in which it has its effect, once it passed.
        package var effectiveHeight: UInt64?

        package init(
            id: String,
            action: String,
            summary: LocalizedText,
            member: String? = nil,
            reason: String,
            proposer: String,
            height: UInt64,
            outcome: String,
            votes: [ProposalVote],
            yes: Int,
            no: Int,
            voters: Int,
            needed: Int,
            effectiveHeight: UInt64? = nil
        ) {
            (self.id, self.action, self.summary, self.member) = (id, action, summary, member)
            (self.reason, self.proposer, self.height) = (reason, proposer, height)
            (self.outcome, self.votes) = (outcome, votes)
            (self.yes, self.no, self.voters, self.needed) = (yes, no, voters, needed)
            self.effectiveHeight = effectiveHeight
        }
    }

    /// A set of validators that waits for a quorum of itself to be ready.
    package struct NextValidators: Codable, Hashable, Sendable {
        /// The members with a seat in it.
        package var members: [String]
        package var quorum: Int
        /// Those whose nodes said that they are ready, as far as the answering node heard.
        package var ready: [String]
        /// The changes that make it, by the transactions that brought them.
        package var changes: [String]

        package init(members: [String], quorum: Int, ready: [String], changes: [String]) {
            (self.members, self.quorum, self.ready, self.changes) = (members, quorum, ready, changes)
        }
    }

    /// What waits for a quorum or for time.
    package struct PendingChange: Codable, Hashable, Sendable {
        package var id: String
        package var member: String
        /// `seat`, `removal` or `recovery`.
        package var change: String
        /// Where it entered the queue.
        package var height: UInt64
        /// When a recovery takes effect, milliseconds since 1970, once a regulator co-signed it.
        package var due: UInt64?
        /// When it lapses otherwise, milliseconds since 1970.
        package var expires: UInt64

        package init(
            id: String,
            member: String,
            change: String,
            height: UInt64,
            due: UInt64? = nil,
            expires: UInt64
        ) {
            (self.id, self.member, self.change, self.height) = (id, member, change, height)
            (self.due, self.expires) = (due, expires)
        }
    }

    /// `GET /v1/governance`.
    package struct Governance: Codable, Hashable, Sendable {
        /// The head that it was read at.
        package var height: UInt64
        package var epoch: UInt64
        /// The members that seal blocks now.
        package var validators: [String]
        package var quorum: Int
        /// The parameters in force, by name, as texts.
        package var parameters: [String: String]
        /// The newest first.
        package var proposals: [Proposal]
        package var pending: [PendingChange]
        /// The sets that may come, the one with the most changes first.
        package var next: [NextValidators]

        package init(
            height: UInt64,
            epoch: UInt64,
            validators: [String],
            quorum: Int,
            parameters: [String: String],
            proposals: [Proposal],
            pending: [PendingChange],
            next: [NextValidators]
        ) {
            (self.height, self.epoch, self.validators, self.quorum) = (height, epoch, validators, quorum)
            (self.parameters, self.proposals, self.pending, self.next) = (
                parameters, proposals, pending, next
            )
        }
    }
}
