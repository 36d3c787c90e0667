extension API {
    /// Whether a milestone counts.
    package enum MilestoneLife: String, Codable, CaseIterable, Hashable, Sendable {
        case effective
        case replaced
        case retracted
        case excluded
    }

    /// A reported state of a commitment at a day.
    package struct Milestone: Codable, Hashable, Sendable {
        /// The transaction that reported it.
        package var id: String
        package var commitment: String
        /// The member that signed it.
        package var issuer: String
        package var periodStart: String?
        package var periodEnd: String
        package var value: String?
        package var level: Int?
        package var doneItems: [String]?
        /// `normal`, `provisional`, `estimated` or `seriesBreak`.
        package var valueStatus: String
        package var evidence: [Evidence]
        package var note: String?
        /// Whether it is said to be the last.
        package var isFinal: Bool
        /// Invented for a demonstration: show `DEMO DATA` beside it, always.
        package var isFictional: Bool
        package var life: MilestoneLife
        /// The milestone that it corrects.
        package var replaces: String?
        package var replacedBy: String?
        /// Of the correction or retraction.
        package var reasonCode: String?
        package var reason: String?
        /// For example `beforeStart`.
        package var flags: [String]
        package var verificationLevel: String
        /// Whether it waits for co-signatures: it takes its period and does not count yet.
        package var isPending: Bool
        /// Of counterparties; absent where the commitment names none.
        package var cosignatures: Cosignatures?
        /// By age, the revoked ones too.
        package var attestations: [Attestation]
        /// Co-signatures and the retraction, oldest first; none in a list of commitments.
        package var steps: [LifeStep] = []
        package var height: UInt64
        /// Within its block, from 0.
        package var position: Int
        package var timestamp: UInt64
        /// Whether its evidence and its words stand in a block that this node does not hold.
        ///
        /// The note says so. Absent where they are held.
        package var isAbsent: Bool?

        package init(
            id: String,
            commitment: String,
            issuer: String,
            periodStart: String? = nil,
            periodEnd: String,
            value: String? = nil,
            level: Int? = nil,
            doneItems: [String]? = nil,
            valueStatus: String,
            evidence: [Evidence] = [],
            note: String? = nil,
            isFinal: Bool,
            isFictional: Bool,
            life: MilestoneLife,
            replaces: String? = nil,
            replacedBy: String? = nil,
            reasonCode: String? = nil,
            reason: String? = nil,
            flags: [String] = [],
            verificationLevel: String,
            isPending: Bool = false,
            cosignatures: Cosignatures? = nil,
            attestations: [Attestation] = [],
            height: UInt64,
            position: Int,
            timestamp: UInt64
        ) {
            self.id = id
            self.commitment = commitment
            self.issuer = issuer
            self.periodStart = periodStart
            self.periodEnd = periodEnd
            self.value = value
            self.level = level
            self.doneItems = doneItems
            self.valueStatus = valueStatus
            self.evidence = evidence
            self.note = note
            self.isFinal = isFinal
            self.isFictional = isFictional
            self.life = life
            self.replaces = replaces
            self.replacedBy = replacedBy
            self.reasonCode = reasonCode
            self.reason = reason
            self.flags = flags
            self.verificationLevel = verificationLevel
            self.isPending = isPending
            self.cosignatures = cosignatures
            self.attestations = attestations
            self.height = height
            self.position = position
            self.timestamp = timestamp
        }
    }

    /// `GET /v1/commitments/{id}/milestones`.
    package struct MilestonePage: Codable, Hashable, Sendable {
        package var commitment: String
        /// The head it was read at.
        package var height: UInt64
        /// By `periodEnd`, then by place in the ledger.
        package var milestones: [Milestone]
        /// The cursor of the next page; absent on the last.
        package var next: String?

        package init(commitment: String, height: UInt64, milestones: [Milestone], next: String? = nil) {
            self.commitment = commitment
            self.height = height
            self.milestones = milestones
            self.next = next
        }
    }
}
