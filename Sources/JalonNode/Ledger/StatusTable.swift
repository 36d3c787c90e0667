import JalonModel
import JalonSchema
import JalonState

/// Where every commitment stands at one height and one day: what counts and filters are made of.
///
/// A new block changes only the rows of the commitments that it is about, so following the chain costs what the blocks
/// hold and not what the ledger holds.
struct StatusTable: Sendable {
    /// What a list needs of a commitment without opening it.
    struct Row: Sendable {
        let region: RegionCode
        let sectors: [SectorCode]
        let plan: PlanID
        /// Against the version in force.
        let status: API.StatusCode
        /// Whether any of its milestones is invented.
        let isFictional: Bool
    }

    /// The day that statuses are judged at.
    let day: CalendarDay
    private(set) var height: Height
    private(set) var rows = PersistentMap<CommitmentID, Row>()
    /// Commitments by region and status.
    private(set) var counts = PersistentMap<RegionCode, [API.StatusCode: Int]>()
    private(set) var plans: [PlanID: Int] = [:]
    private(set) var fictionalCount = 0
    private let thresholds: StatusThresholds

    /// Judges every commitment.
    ///
    /// - Complexity: O(n) for n commitments and their milestones.
    init(_ state: LedgerState, height: Height, day: CalendarDay) {
        (self.day, self.height) = (day, height)
        thresholds = StatusThresholds(state.parameters)
        for commitment in state.commitments(after: nil) { set(commitment.id, Row(commitment, state, day)) }
    }

    /// Moves on to a later state; `subjects` is what the transactions of the blocks between were about.
    ///
    /// - Returns: Whether that was possible; else the table is as it was and must be made anew.
    mutating func advance(to state: LedgerState, height: Height, subjects: [SubjectID]) -> Bool {
        guard thresholds == StatusThresholds(state.parameters) else { return false }
        for subject in Set(subjects) {
            guard let id = CommitmentID(subject.text), let commitment = state.commitment(id) else { continue }
            set(id, Row(commitment, state, day))
        }
        self.height = height
        return true
    }

    private mutating func set(_ id: CommitmentID, _ row: Row) {
        if let old = rows[id] { count(old, by: -1) }
        rows[id] = row
        count(row, by: 1)
    }

    private mutating func count(_ row: Row, by step: Int) {
        var region = counts[row.region] ?? [:]
        region[row.status, default: 0] += step
        counts[row.region] = region
        plans[row.plan, default: 0] += step
        if row.isFictional { fictionalCount += step }
    }
}

extension StatusTable.Row {
    fileprivate init(_ commitment: Commitment, _ state: LedgerState, _ day: CalendarDay) {
        let body = commitment.current.body
        let milestones = state.milestones(of: commitment.id)
        let status = CommitmentStatus.derive(
            commitment,
            milestones: milestones,
            on: day,
            thresholds: StatusThresholds(state.parameters)
        )
        self.init(
            region: body.region,
            sectors: body.sectors,
            plan: body.plan,
            status: API.StatusCode(status.current.name),
            isFictional: milestones.contains(where: \.isFictional)
        )
    }
}

/// The tables of the days that were asked for lately, each brought up to date when it is asked for again.
///
/// An actor, so that many readers who ask for the same day have it made once, and a flood of other days takes one
/// processor and no more.
actor StatusTables {
    /// Days that are kept.
    private static let count = 4

    private let view: LedgerView
    /// The one used last stands last.
    private var tables: [StatusTable] = []

    init(view: LedgerView) {
        self.view = view
    }

    /// The table of a snapshot at a day; where a later one is at hand the caller gets that state's.
    func table(of snapshot: LedgerSnapshot, on day: CalendarDay) -> StatusTable {
        var table: StatusTable?
        if let index = tables.firstIndex(where: { $0.day == day }) {
            let known = tables.remove(at: index)
            table = known.height < snapshot.height ? advanced(known, to: snapshot) : known
        }
        let current = table ?? StatusTable(snapshot.state, height: snapshot.height, day: day)
        tables.append(current)
        if tables.count > StatusTables.count { tables.removeFirst() }
        return current
    }

    private func advanced(_ table: StatusTable, to snapshot: LedgerSnapshot) -> StatusTable? {
        guard let subjects = view.subjects(after: table.height, through: snapshot.height) else { return nil }
        var table = table
        return table.advance(to: snapshot.state, height: snapshot.height, subjects: subjects) ? table : nil
    }
}
