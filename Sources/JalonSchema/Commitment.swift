extension API {
    /// Who answers for a commitment.
    package struct Responsible: Codable, Hashable, Sendable {
        package var member: String?
        /// Where it is no member.
        package var text: String?
        /// `lead` or `support`.
        package var role: String

        package init(member: String? = nil, text: String? = nil, role: String) {
            self.member = member
            self.text = text
            self.role = role
        }
    }

    /// When milestones are due.
    package struct Reporting: Codable, Hashable, Sendable {
        /// `monthly`, `quarterly`, `halfYearly` or `yearly`.
        package var every: String
        package var firstDue: String
        package var graceDays: Int

        package init(every: String, firstDue: String, graceDays: Int) {
            self.every = every
            self.firstDue = firstDue
            self.graceDays = graceDays
        }
    }

    /// Co-signatures that a milestone needs to count.
    package struct Counterparties: Codable, Hashable, Sendable {
        package var required: Int
        package var members: [String]

        package init(required: Int, members: [String]) {
            self.required = required
            self.members = members
        }
    }

    /// A state of a commitment's promise: 1 is the original and is judged for ever.
    package struct CommitmentVersion: Codable, Hashable, Sendable {
        package var number: Int
        package var transaction: String
        /// The member that signed it.
        package var issuer: String
        package var height: UInt64
        package var timestamp: UInt64
        package var target: Target
        package var deadline: CalendarDate?
        /// `editorial` or `material`; absent for the original.
        package var change: String?
        /// The fields in which it differs from the version before, by name; none where that one is not listed.
        package var changed: [String]
        package var reasonCode: String?
        package var reason: String?

        package init(
            number: Int,
            transaction: String,
            issuer: String,
            height: UInt64,
            timestamp: UInt64,
            target: Target,
            deadline: CalendarDate? = nil,
            change: String? = nil,
            changed: [String] = [],
            reasonCode: String? = nil,
            reason: String? = nil
        ) {
            self.number = number
            self.transaction = transaction
            self.issuer = issuer
            self.height = height
            self.timestamp = timestamp
            self.target = target
            self.deadline = deadline
            self.change = change
            self.changed = changed
            self.reasonCode = reasonCode
            self.reason = reason
        }
    }

    /// A step in a commitment's life.
    package struct LifeStep: Codable, Hashable, Sendable {
        /// The type of its transaction, for example `commitment.suspend`.
        package var type: String
        package var transaction: String
        /// The member that signed it.
        package var issuer: String
        /// The id of the key that signed it.
        package var key: String
        package var height: UInt64
        package var timestamp: UInt64
        /// Why, where that was said.
        package var reason: String?
        /// What stands in its place, where the step is `commitment.supersede`.
        package var successor: String?

        package init(
            type: String,
            transaction: String,
            issuer: String,
            key: String,
            height: UInt64,
            timestamp: UInt64,
            reason: String? = nil,
            successor: String? = nil
        ) {
            (self.type, self.transaction, self.issuer, self.key) = (type, transaction, issuer, key)
            (self.height, self.timestamp) = (height, timestamp)
            (self.reason, self.successor) = (reason, successor)
        }
    }

    /// What a region promises, how it was changed, and where it stands.
    package struct Commitment: Codable, Hashable, Sendable {
        /// For example `CN-HN-2020-001`.
        package var id: String
        package var plan: String
        package var planTitle: LocalizedText?
        package var region: Name
        package var subregions: [String]
        package var title: LocalizedText
        package var description: LocalizedText?
        package var sectors: [Name]
        package var themes: [String]
        /// Exactly one lead.
        package var responsible: [Responsible]
        package var indicator: Indicator
        /// Absent where it is unknown.
        package var baseline: String?
        /// Of the version in force.
        package var target: Target
        package var start: String
        package var deadline: CalendarDate?
        package var trajectory: [Point]
        /// `linear`, `step` or `none`.
        package var curve: String
        package var reporting: Reporting
        /// The verification level a milestone needs.
        package var minimumLevel: String
        package var related: [String]
        /// Members that must co-sign.
        package var joint: [String]
        /// Whose co-signatures the proposal has and lacks; absent where nobody must co-sign it.
        package var jointSignatures: Cosignatures?
        package var counterparties: Counterparties?
        /// The words it comes from.
        package var source: Source?
        /// `proposed`, `active`, `closed`, `withdrawn`, `suspended`, `cancelled`, `superseded` or
        /// `returned`.
        package var life: String
        /// The last step in its life, with the reason given; absent where it has the life its proposal gave it.
        package var lifeChange: SignedStep?
        /// Every step in its life, oldest first: the proposal, co-signatures, amendments, and what became of it; none in a list.
        package var lifeSteps: [LifeStep] = []
        /// The first block that the node holds, where the commitment is older: steps in its life before it are not told.
        ///
        /// Absent where all of them are, and in a list.
        package var firstBlock: UInt64?
        /// What stands in its place, where it is superseded.
        package var successor: String?
        /// From the original on; in a list only the first and the one in force.
        package var versions: [CommitmentVersion]
        package var status: CommitmentStatus
        /// The latest effective one.
        package var lastMilestone: Milestone?
        /// Effective ones.
        package var milestoneCount: Int
        /// Those of them that do not count before counterparties co-sign.
        package var pendingMilestoneCount: Int
        /// Disputes about it and its milestones that are not resolved.
        package var openDisputeCount: Int
        /// The newest hundred disputes about it and its milestones, by age; none in a list.
        package var disputes: [Dispute]
        /// The transaction that proposed it.
        package var transaction: String
        package var height: UInt64

        package init(
            id: String,
            plan: String,
            planTitle: LocalizedText? = nil,
            region: Name,
            subregions: [String] = [],
            title: LocalizedText,
            description: LocalizedText? = nil,
            sectors: [Name] = [],
            themes: [String] = [],
            responsible: [Responsible] = [],
            indicator: Indicator,
            baseline: String? = nil,
            target: Target,
            start: String,
            deadline: CalendarDate? = nil,
            trajectory: [Point] = [],
            curve: String,
            reporting: Reporting,
            minimumLevel: String,
            related: [String] = [],
            joint: [String] = [],
            jointSignatures: Cosignatures? = nil,
            counterparties: Counterparties? = nil,
            source: Source? = nil,
            life: String,
            lifeChange: SignedStep? = nil,
            successor: String? = nil,
            versions: [CommitmentVersion],
            status: CommitmentStatus,
            lastMilestone: Milestone? = nil,
            milestoneCount: Int,
            pendingMilestoneCount: Int = 0,
            openDisputeCount: Int = 0,
            disputes: [Dispute] = [],
            transaction: String,
            height: UInt64
        ) {
            self.id = id
            self.plan = plan
            self.planTitle = planTitle
            self.region = region
            self.subregions = subregions
            self.title = title
            self.description = description
            self.sectors = sectors
            self.themes = themes
            self.responsible = responsible
            self.indicator = indicator
            self.baseline = baseline
            self.target = target
            self.start = start
            self.deadline = deadline
            self.trajectory = trajectory
            self.curve = curve
            self.reporting = reporting
            self.minimumLevel = minimumLevel
            self.related = related
            self.joint = joint
            self.jointSignatures = jointSignatures
            self.counterparties = counterparties
            self.source = source
            self.life = life
            self.lifeChange = lifeChange
            self.successor = successor
            self.versions = versions
            self.status = status
            self.lastMilestone = lastMilestone
            self.milestoneCount = milestoneCount
            self.pendingMilestoneCount = pendingMilestoneCount
            self.openDisputeCount = openDisputeCount
            self.disputes = disputes
            self.transaction = transaction
            self.height = height
        }
    }

    /// `GET /v1/commitments`.
    package struct CommitmentPage: Codable, Hashable, Sendable {
        package var asOf: String
        package var isDemonstrationDate: Bool
        /// The head it was read at.
        package var height: UInt64
        /// Commitments that pass the filter, on all pages.
        package var total: Int
        /// By id.
        package var commitments: [Commitment]
        /// The cursor of the next page; absent on the last.
        package var next: String?

        package init(
            asOf: String,
            isDemonstrationDate: Bool,
            height: UInt64,
            total: Int,
            commitments: [Commitment],
            next: String? = nil
        ) {
            self.asOf = asOf
            self.isDemonstrationDate = isDemonstrationDate
            self.height = height
            self.total = total
            self.commitments = commitments
            self.next = next
        }
    }
}
