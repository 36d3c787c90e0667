// What others say of commitments and milestones, and what a regulator asks of a member.
extension API {
    /// A signed step: which transaction, whose, when, and in what words.
    package struct SignedStep: Codable, Hashable, Sendable {
        package var transaction: String
        /// The member that signed it.
        package var issuer: String
        package var height: UInt64
        package var timestamp: UInt64
        /// The words or the reason given; absent where there are none.
        package var text: String?
        package var evidence: [Evidence]
        /// Whether it came after the day that it was due.
        package var isLate: Bool
        /// Whether its words stand in a block that this node does not hold.
        ///
        /// What stands in their place says so. Absent where they are held.
        package var isAbsent: Bool?

        package init(
            transaction: String,
            issuer: String,
            height: UInt64,
            timestamp: UInt64,
            text: String? = nil,
            evidence: [Evidence] = [],
            isLate: Bool = false
        ) {
            self.transaction = transaction
            self.issuer = issuer
            self.height = height
            self.timestamp = timestamp
            self.text = text
            self.evidence = evidence
            self.isLate = isLate
        }
    }

    /// Whose co-signatures something needs, and whose it has.
    package struct Cosignatures: Codable, Hashable, Sendable {
        /// How many are needed.
        package var required: Int
        /// Members that may give one.
        package var named: [String]
        package var signed: [String]
        /// Named and not signed yet.
        package var missing: [String]

        package init(required: Int, named: [String], signed: [String], missing: [String]) {
            self.required = required
            self.named = named
            self.signed = signed
            self.missing = missing
        }

        /// Whether there are as many as are needed.
        package var isComplete: Bool { signed.count >= required }
    }

    /// An auditor's verdict on a milestone.
    package struct Attestation: Codable, Hashable, Sendable {
        /// The transaction that attested.
        package var id: String
        package var commitment: String
        /// The transaction that reported the milestone.
        package var milestone: String
        package var auditor: String
        /// `confirmed`, `reserved`, `refuted` or `unable`.
        package var verdict: String
        /// How it was examined.
        package var method: String
        /// What part of it was examined; absent where all of it was.
        package var sample: String?
        package var reason: String
        package var evidence: [Evidence]
        package var height: UInt64
        package var timestamp: UInt64
        /// How its auditor took it back; absent while it stands.
        package var revoked: SignedStep?
        /// Whether its words stand in a block that this node does not hold.
        ///
        /// What stands in their place says so. Absent where they are held.
        package var isAbsent: Bool?

        package init(
            id: String,
            commitment: String,
            milestone: String,
            auditor: String,
            verdict: String,
            method: String,
            sample: String? = nil,
            reason: String,
            evidence: [Evidence] = [],
            height: UInt64,
            timestamp: UInt64,
            revoked: SignedStep? = nil
        ) {
            self.id = id
            self.commitment = commitment
            self.milestone = milestone
            self.auditor = auditor
            self.verdict = verdict
            self.method = method
            self.sample = sample
            self.reason = reason
            self.evidence = evidence
            self.height = height
            self.timestamp = timestamp
            self.revoked = revoked
        }
    }

    /// `GET /v1/attestations`.
    package struct AttestationPage: Codable, Hashable, Sendable {
        /// The head it was read at.
        package var height: UInt64
        /// By age, the revoked ones too.
        package var attestations: [Attestation]
        /// The cursor of the next page; absent on the last.
        package var next: String?

        package init(height: UInt64, attestations: [Attestation], next: String? = nil) {
            self.height = height
            self.attestations = attestations
            self.next = next
        }
    }

    /// Where a dispute is in its life.
    package enum DisputeState: String, Codable, CaseIterable, Hashable, Sendable {
        case open, answered, upheld, rejected, withdrawn

        /// Whether it still waits for its end.
        package var isOpen: Bool { self == .open || self == .answered }
    }

    /// A signed objection to a commitment or a milestone, and what became of it.
    package struct Dispute: Codable, Hashable, Sendable {
        /// The transaction that opened it.
        package var id: String
        package var commitment: String
        /// The milestone in question; absent where it is the commitment itself.
        package var milestone: String?
        package var opener: String
        /// Who is to answer: the commitment's lead.
        package var respondent: String?
        /// `wrongRegion`, `wrongValue`, `wrongSource`, `duplicate` or `other`.
        package var ground: String
        package var text: String
        package var evidence: [Evidence]
        package var state: DisputeState
        package var height: UInt64
        package var timestamp: UInt64
        package var answer: SignedStep?
        /// A regulator's, with its reason.
        package var resolution: SignedStep?
        /// Whether its words stand in a block that this node does not hold.
        ///
        /// What stands in their place says so. Absent where they are held.
        package var isAbsent: Bool?

        package init(
            id: String,
            commitment: String,
            milestone: String? = nil,
            opener: String,
            respondent: String? = nil,
            ground: String,
            text: String,
            evidence: [Evidence] = [],
            state: DisputeState,
            height: UInt64,
            timestamp: UInt64,
            answer: SignedStep? = nil,
            resolution: SignedStep? = nil
        ) {
            self.id = id
            self.commitment = commitment
            self.milestone = milestone
            self.opener = opener
            self.respondent = respondent
            self.ground = ground
            self.text = text
            self.evidence = evidence
            self.state = state
            self.height = height
            self.timestamp = timestamp
            self.answer = answer
            self.resolution = resolution
        }
    }

    /// `GET /v1/disputes`.
    package struct DisputePage: Codable, Hashable, Sendable {
        /// The head it was read at.
        package var height: UInt64
        /// By age.
        package var disputes: [Dispute]
        /// The cursor of the next page; absent on the last.
        package var next: String?

        package init(height: UInt64, disputes: [Dispute], next: String? = nil) {
            self.height = height
            self.disputes = disputes
            self.next = next
        }
    }

    /// What a regulator asks a member to do by a day, and what the member said to it.
    package struct Directive: Codable, Hashable, Sendable {
        /// The transaction that issued it.
        package var id: String
        /// The regulator.
        package var from: String
        /// The addressee.
        package var to: String
        /// The commitment that it is about.
        package var commitment: String?
        package var due: String
        package var title: LocalizedText
        package var text: LocalizedText
        package var height: UInt64
        package var timestamp: UInt64
        /// Whether the day it was due is over and it waits for an acknowledgement or a reply.
        package var isOverdue: Bool
        package var acknowledgement: SignedStep?
        /// In the order of the ledger.
        package var replies: [SignedStep]
        /// Whether its words stand in a block that this node does not hold.
        ///
        /// What stands in their place says so. Absent where they are held.
        package var isAbsent: Bool?

        package init(
            id: String,
            from: String,
            to: String,
            commitment: String? = nil,
            due: String,
            title: LocalizedText,
            text: LocalizedText,
            height: UInt64,
            timestamp: UInt64,
            isOverdue: Bool = false,
            acknowledgement: SignedStep? = nil,
            replies: [SignedStep] = []
        ) {
            self.id = id
            self.from = from
            self.to = to
            self.commitment = commitment
            self.due = due
            self.title = title
            self.text = text
            self.height = height
            self.timestamp = timestamp
            self.isOverdue = isOverdue
            self.acknowledgement = acknowledgement
            self.replies = replies
        }
    }

    /// `GET /v1/directives`.
    package struct DirectivePage: Codable, Hashable, Sendable {
        /// The head it was read at.
        package var height: UInt64
        /// By age.
        package var directives: [Directive]
        /// The cursor of the next page; absent on the last.
        package var next: String?

        package init(height: UInt64, directives: [Directive], next: String? = nil) {
            self.height = height
            self.directives = directives
            self.next = next
        }
    }

    /// What a member lent a key.
    package struct Delegation: Codable, Hashable, Sendable {
        /// The id of the delegate key.
        package var key: String
        /// The member that lent.
        package var member: String
        /// The types of transaction that the key may sign.
        package var types: [String]
        /// Whether it may act on whatever the member itself may.
        package var isForAll: Bool
        /// What it may act on, where it may not on all.
        package var commitments: [String]
        /// The last block time at which the key may sign.
        package var expires: UInt64
        package var isInForce: Bool
        /// The grant.
        package var transaction: String
        package var height: UInt64
        package var timestamp: UInt64
        /// The transaction that took it back.
        package var revokedBy: String?

        package init(
            key: String,
            member: String,
            types: [String],
            isForAll: Bool,
            commitments: [String] = [],
            expires: UInt64,
            isInForce: Bool,
            transaction: String,
            height: UInt64,
            timestamp: UInt64,
            revokedBy: String? = nil
        ) {
            self.key = key
            self.member = member
            self.types = types
            self.isForAll = isForAll
            self.commitments = commitments
            self.expires = expires
            self.isInForce = isInForce
            self.transaction = transaction
            self.height = height
            self.timestamp = timestamp
            self.revokedBy = revokedBy
        }
    }

    /// `GET /v1/delegations`.
    package struct DelegationPage: Codable, Hashable, Sendable {
        /// The head it was read at.
        package var height: UInt64
        /// By key id, those not in force too.
        package var delegations: [Delegation]
        /// The cursor of the next page; absent on the last.
        package var next: String?

        package init(height: UInt64, delegations: [Delegation], next: String? = nil) {
            self.height = height
            self.delegations = delegations
            self.next = next
        }
    }
}
