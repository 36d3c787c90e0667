import JalonCrypto
import JalonModel

/// What the state keeps of one commitment; the records are leaves, the two indexes follow from them.
struct CommitmentEntry: Sendable {
    var record: CommitmentRecord
    /// From version 1 to the one in force; never empty.
    private(set) var versions: [Shared<CommitmentVersion>]
    /// The effective milestones, one for each `periodEnd`.
    private(set) var effective = PersistentMap<CalendarDay, EffectiveMilestone>()
    /// The milestones that count no more.
    private(set) var past = PersistentMap<HistoryKey, MilestoneNumber>()
    /// Disputes about it and its milestones that are not resolved.
    var openDisputeCount = 0

    /// Orders milestones by `periodEnd`, then by their place in the chain.
    struct HistoryKey: Comparable, Sendable {
        let periodEnd: CalendarDay
        let height: Height
        let position: UInt64

        init(_ record: MilestoneRecord) {
            (periodEnd, height, position) = (record.periodEnd, record.height, record.position)
        }

        static func < (left: HistoryKey, right: HistoryKey) -> Bool {
            if left.periodEnd != right.periodEnd { return left.periodEnd < right.periodEnd }
            if left.height != right.height { return left.height < right.height }
            return left.position < right.position
        }
    }

    init(record: CommitmentRecord, original: CommitmentVersion) {
        self.record = record
        versions = [Shared(original)]
    }

    /// Takes what follows from the leaves; `versions` are not empty.
    init(
        record: CommitmentRecord,
        versions: [Shared<CommitmentVersion>],
        effective: PersistentMap<CalendarDay, EffectiveMilestone>,
        past: PersistentMap<HistoryKey, MilestoneNumber>
    ) {
        (self.record, self.versions) = (record, versions)
        (self.effective, self.past) = (effective, past)
    }

    /// The version in force.
    ///
    /// By reference: a rule that asks for one field must not copy a body with twenty-five.
    var current: Shared<CommitmentVersion> { versions[versions.count - 1] }

    mutating func append(_ version: CommitmentVersion) {
        versions.append(Shared(version))
    }
}

/// Counts the milestones of a state in the order in which they came into it.
typealias MilestoneNumber = UInt32

/// What the rules about neighbouring milestones ask: values without references, so that an index copies as bytes.
struct EffectiveMilestone: Sendable {
    let number: MilestoneNumber
    let amount: Decimal
    let valueStatus: ValueStatus
    let periodStart: CalendarDay?

    init(_ record: MilestoneRecord, number: MilestoneNumber) {
        self.number = number
        (amount, valueStatus, periodStart) = (record.amount, record.valueStatus, record.periodStart)
    }
}

extension CommitmentEntry {
    /// Enters a milestone into the indexes, as its state says.
    mutating func index(_ record: MilestoneRecord, _ number: MilestoneNumber) {
        if record.state == .effective {
            effective[record.periodEnd] = EffectiveMilestone(record, number: number)
            // One that was excluded counts again.
            if record.changedBy != nil { past[HistoryKey(record)] = nil }
        } else {
            removeEffective(record, number)
            past[HistoryKey(record)] = number
        }
    }

    /// Takes a milestone out of what counts.
    mutating func removeEffective(_ record: MilestoneRecord, _ number: MilestoneNumber) {
        if effective[record.periodEnd]?.number == number { effective[record.periodEnd] = nil }
    }
}
