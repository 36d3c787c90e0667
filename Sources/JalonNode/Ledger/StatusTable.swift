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
        let deadline: CalendarDay?
        /// How well what counts is vouched for.
        let level: VerificationLevel?
        /// Whether any of its milestones is invented.
        let isFictional: Bool
    }

    /// The day that statuses are judged at.
    let day: CalendarDay
    private(set) var height: Height
    private(set) var rows = PersistentMap<CommitmentID, Row>()
    /// Commitments by region and status.
    private(set) var counts = PersistentMap<RegionCode, [API.StatusCode: Int]>()
    /// Commitments by region and sector; one of two sectors counts in both.
    private(set) var sectors = PersistentMap<RegionCode, [SectorCode: Int]>()
    private(set) var plans: [PlanID: Int] = [:]
    private(set) var fictionalCount = 0
    private let thresholds: StatusThresholds

    /// Commitments that are judged at once.
    private static let groupCount = 512

    /// Judges every commitment.
    ///
    /// - Complexity: O(n) for n commitments and their milestones.
    init(_ state: LedgerState, height: Height, day: CalendarDay, by mapper: some Mapper = InTurn()) {
        (self.day, self.height) = (day, height)
        thresholds = StatusThresholds(state.parameters)
        let ids = state.commitmentIDs
        let groups = mapper.map(Array(stride(from: 0, to: ids.count, by: Self.groupCount))) { start in
            ids[start..<min(start + Self.groupCount, ids.count)].compactMap { id in
                state.commitment(id).map { (id: id, row: Row($0, state, day)) }
            }
        }
        for (id, row) in groups.joined() { set(id, row) }
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
        var sectors = self.sectors[row.region] ?? [:]
        for sector in row.sectors { sectors[sector, default: 0] += step }
        self.sectors[row.region] = sectors
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
            deadline: body.deadline?.date,
            level: status.current.verificationLevel,
            isFictional: milestones.contains(where: \.isFictional)
        )
    }
}

/// The last final state as of a day, and where every commitment stands then.
struct AssessedState: Sendable {
    let snapshot: LedgerSnapshot
    /// Of the snapshot's height.
    let table: StatusTable
    var day: CalendarDay { table.day }
}

/// The tables of the days that were asked for lately, each brought up to date when it is asked for again.
///
/// An actor, so that many readers who ask for the same day have it made once, and a flood of days takes one processor
/// and no more; but for the first table, which is made at a start, and which all readers wait for.
actor StatusTables {
    private let view: LedgerView
    private let capacity: Int
    /// The one used last stands last; none is of a later height than the view's snapshot.
    private var tables: [StatusTable] = []

    /// `capacity` is how many days are kept.
    init(view: LedgerView, capacity: Int) {
        (self.view, self.capacity) = (view, capacity)
    }

    /// The last final state at the day asked for, or else the network's own.
    func assessed(asOf: CalendarDay?) -> AssessedState {
        let snapshot = view.snapshot
        let day = snapshot.state.statusDate(asOf: asOf, headTime: snapshot.timestamp)
        var table: StatusTable?
        if let index = tables.firstIndex(where: { $0.day == day }) {
            table = advanced(tables.remove(at: index), to: snapshot)
        }
        let current = table ?? made(of: snapshot, day)
        tables.append(current)
        if tables.count > capacity { tables.removeFirst() }
        return AssessedState(snapshot: snapshot, table: current)
    }

    private func made(of snapshot: LedgerSnapshot, _ day: CalendarDay) -> StatusTable {
        let (state, height) = (snapshot.state, snapshot.height)
        return tables.isEmpty
            ? StatusTable(state, height: height, day: day, by: ProcessorMapper())
            : StatusTable(state, height: height, day: day)
    }

    private func advanced(_ table: StatusTable, to snapshot: LedgerSnapshot) -> StatusTable? {
        guard table.height < snapshot.height else { return table }
        guard let subjects = view.subjects(after: table.height, through: snapshot.height) else { return nil }
        var table = table
        return table.advance(to: snapshot.state, height: snapshot.height, subjects: subjects) ? table : nil
    }
}
