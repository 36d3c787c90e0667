import JalonCrypto
import JalonModel

/// What the state keeps of one commitment; the records are leaves, the two indexes follow from them.
struct CommitmentEntry: Sendable {
    var record: CommitmentRecord
    /// From version 1 to the one in force; never empty.
    private(set) var versions: [Shared<CommitmentVersion>]
    private(set) var effective = EffectiveMilestones()
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
        effective: EffectiveMilestones,
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

/// The effective milestones of a commitment, one for each `periodEnd`.
///
/// Apart from its other fields, so that a rule that asks about neighbours copies none of those.
struct EffectiveMilestones: Sendable {
    typealias Entry = (key: CalendarDay, value: EffectiveMilestone)

    /// The most that stand apart from the `earlier` ones.
    private static let recentCount = 16

    private var earlier: PersistentMap<CalendarDay, EffectiveMilestone>
    /// The last ones, ascending, all of them after the `earlier` ones.
    ///
    /// Nearly every report comes after all others. It is then judged and entered here, where they stand side by side; the
    /// nodes of the map lie far apart, and one after the other has to be waited for.
    private var recent: [Entry] = []

    init(_ milestones: PersistentMap<CalendarDay, EffectiveMilestone> = PersistentMap()) {
        earlier = milestones
    }

    /// How many there are.
    var count: Int { earlier.count + recent.count }

    /// By `periodEnd`.
    var numbers: [MilestoneNumber] { earlier.map(\.value.number) + recent.map(\.value.number) }

    /// The one with the last `periodEnd`.
    var latest: Entry? { recent.last ?? earlier.last }

    /// The milestone of a `periodEnd`; `nil` where there is none.
    subscript(periodEnd: CalendarDay) -> EffectiveMilestone? {
        guard let latest, latest.key >= periodEnd else { return nil }
        return recent.first { $0.key == periodEnd }?.value ?? earlier[periodEnd]
    }

    /// The neighbours, by `periodEnd`, of a day.
    private func neighbours(of periodEnd: CalendarDay) -> (before: Entry?, after: Entry?) {
        guard let latest, latest.key >= periodEnd else { return (latest, nil) }
        return (
            recent.last { $0.key < periodEnd } ?? earlier.last(before: periodEnd),
            earlier.first(after: periodEnd) ?? recent.first { $0.key > periodEnd }
        )
    }

    /// The neighbour that a running total falls below or overtakes; `nil` where there is none.
    func contradicting(
        _ amount: Decimal,
        _ status: ValueStatus,
        at periodEnd: CalendarDay
    ) -> (day: CalendarDay, milestone: EffectiveMilestone)? {
        guard status != .seriesBreak else { return nil }
        let (before, after) = neighbours(of: periodEnd)
        if let (day, before) = before, amount < before.amount { return (day, before) }
        if let (day, after) = after, after.valueStatus != .seriesBreak, amount > after.amount {
            return (day, after)
        }
        return nil
    }

    /// The period that shares a day with this one; `nil` where there is none.
    func overlapping(
        _ start: CalendarDay,
        _ end: CalendarDay
    ) -> (day: CalendarDay, milestone: EffectiveMilestone)? {
        // Effective periods don't overlap each other, so the two neighbours alone can be in the way.
        let (before, after) = neighbours(of: end)
        for case (let otherEnd, let other)? in [before, after] {
            if let otherStart = other.periodStart, otherStart <= end, start <= otherEnd {
                return (otherEnd, other)
            }
        }
        return nil
    }

    mutating func insert(_ record: MilestoneRecord, _ number: MilestoneNumber) {
        let entry = (record.periodEnd, EffectiveMilestone(record, number: number))
        if latest.map({ $0.key < record.periodEnd }) ?? true {
            if recent.count == EffectiveMilestones.recentCount { settle() }
            recent.append(entry)
        } else {
            settle()
            earlier[entry.0] = entry.1
        }
    }

    /// Takes a milestone out; does nothing where it is not among them.
    mutating func remove(_ record: MilestoneRecord, _ number: MilestoneNumber) {
        guard self[record.periodEnd]?.number == number else { return }
        settle()
        earlier[record.periodEnd] = nil
    }

    private mutating func settle() {
        for entry in recent { earlier[entry.key] = entry.value }
        recent.removeAll(keepingCapacity: true)
    }
}

extension CommitmentEntry {
    /// Enters a milestone into the indexes, as its state says.
    mutating func index(_ record: MilestoneRecord, _ number: MilestoneNumber) {
        if record.state == .effective {
            effective.insert(record, number)
            // One that was excluded counts again.
            if record.changedBy != nil { past[HistoryKey(record)] = nil }
        } else {
            effective.remove(record, number)
            past[HistoryKey(record)] = number
        }
    }

    /// The commitment as it would be if one of its effective milestones had never been.
    func without(_ record: MilestoneRecord) -> CommitmentEntry {
        var entry = self
        if let number = effective[record.periodEnd]?.number { entry.effective.remove(record, number) }
        return entry
    }
}
