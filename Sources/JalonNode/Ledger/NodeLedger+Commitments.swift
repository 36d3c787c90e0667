import JalonAPI
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState
import JalonStorage

extension NodeLedger {
    func commitments(
        _ filter: CommitmentFilter,
        page: Page,
        asOf: String?,
        after height: UInt64?
    ) async throws -> API.CommitmentPage {
        try commitments(filter, page: page, asOf: asOf, in: try await assessed(asOf, after: height))
    }

    /// The commitments that pass the filter in a state at hand.
    func commitments(
        _ filter: CommitmentFilter,
        page: Page,
        asOf: String?,
        in assessed: AssessedState
    ) throws -> API.CommitmentPage {
        let (snapshot, table, day) = (assessed.snapshot, assessed.table, assessed.day)
        if let id = filter.id { _ = try known(id, snapshot.state) }
        var total = 0
        var ids: [CommitmentID] = []
        var hasMore = false
        let cursor = page.cursor.map { CommitmentID(checked: $0) }
        let names = LedgerNames(snapshot.state)
        let dueBy = try NodeLedger.day(filter.dueBy)
        for entry in table.rows where filter.admits(entry.key, entry.value, dueBy: dueBy) {
            if let text = filter.text, !admits(entry.key, text, snapshot.state, names) { continue }
            total += 1
            if let cursor, entry.key <= cursor { continue }
            if ids.count < page.limit { ids.append(entry.key) } else { hasMore = true }
        }
        return API.CommitmentPage(
            asOf: day.description,
            isDemonstrationDate: isDemonstration(asOf, snapshot.state),
            height: snapshot.height.value,
            total: total,
            commitments: try lines(ids, snapshot, day),
            next: hasMore ? ids.last?.text : nil
        )
    }

    func commitment(
        _ id: CommitmentID,
        asOf: String?,
        after height: UInt64?
    ) async throws -> API.Commitment {
        let asked = try NodeLedger.day(asOf)
        var snapshot = view.snapshot
        if let height { snapshot = try await past.snapshot(after: height, head: snapshot) }
        let day = snapshot.state.statusDate(asOf: asked, headTime: snapshot.timestamp)
        let commitment = try known(id, snapshot.state)
        return try convert(commitment, snapshot, day, detail: .full, names: LedgerNames(snapshot.state))
    }

    func milestones(of id: CommitmentID, page: Page) async throws -> API.MilestonePage {
        try milestones(of: id, page: page, in: view.snapshot)
    }

    /// The milestones of a commitment in a state at hand.
    func milestones(of id: CommitmentID, page: Page, in snapshot: LedgerSnapshot) throws -> API.MilestonePage
    {
        _ = try known(id, snapshot.state)
        let (part, next) = try page.part(of: snapshot.state.milestones(of: id)) { $0.id.hex }
        return API.MilestonePage(
            commitment: id.text,
            height: snapshot.height.value,
            milestones: try part.map { try milestone($0, snapshot.state, hasVoices: true) },
            next: next
        )
    }

    func latestMilestones(of id: CommitmentID, limit: Int, before: String?) async throws -> MilestoneTail {
        let state = view.snapshot.state
        let isSum = try known(id, state).current.body.indicator.accumulation == .flow
        var records = state.milestones(of: id)[...]
        if let before {
            guard let end = records.firstIndex(where: { $0.id.hex == before }) else {
                throw NodeLedger.query("before=\(before): expected the id of a milestone of \(id)")
            }
            records = records[..<end]
        }
        let part = records.suffix(limit)
        let earlier = records.dropLast(part.count)
        var sum = 0.0
        for record in earlier where isSum && record.state == .effective && !record.isPending {
            if case .value(let value) = record.reading { sum += Double(value.description) ?? 0 }
        }
        return MilestoneTail(
            try part.map { try milestone($0, state, hasVoices: true) },
            earlierCount: earlier.count,
            earlierSum: sum
        )
    }

    func statusReport(
        page: Page,
        asOf: String?,
        after height: UInt64?
    ) async throws -> API.StatusReport {
        let assessed = try await assessed(asOf, after: height)
        let (snapshot, table, day) = (assessed.snapshot, assessed.table, assessed.day)
        let names = LedgerNames(snapshot.state)
        let cursor = page.cursor.map { CommitmentID(checked: $0) }
        let found = Array(snapshot.state.commitments(after: cursor).prefix(page.limit + 1))
        let part = found.prefix(page.limit)
        return API.StatusReport(
            asOf: day.description,
            isDemonstrationDate: isDemonstration(asOf, snapshot.state),
            hasDemoData: table.fictionalCount > 0,
            head: API.Head(snapshot),
            regions: NodeLedger.regions(table, names),
            commitments: try part.map { try convert($0, snapshot, day, detail: .line, names: names) },
            next: found.count > part.count ? part.last?.id.text : nil
        )
    }

    // MARK: - Parts

    /// By code; a province without a commitment has its line too.
    private static func regions(_ table: StatusTable, _ names: LedgerNames) -> [API.RegionSummary] {
        Set(names.provinces + table.counts.map(\.key)).sorted().map { region in
            let counts = table.counts[region] ?? [:]
            let listed = API.StatusCode.allCases.compactMap { status -> API.StatusCount? in
                guard let count = counts[status], count > 0 else { return nil }
                return API.StatusCount(status: status, count: count)
            }
            let sectors = (table.sectors[region] ?? [:]).filter { $0.value > 0 }.sorted { $0.key < $1.key }
            return API.RegionSummary(
                region: names.region(region),
                commitments: listed.reduce(0) { $0 + $1.count },
                counts: listed,
                sectors: sectors.map { API.SectorCount(sector: names.sector($0.key), count: $0.value) }
            )
        }
    }

    func known(_ id: CommitmentID, _ state: LedgerState) throws -> Commitment {
        if let commitment = state.commitment(id) { return commitment }
        let nearest = state.commitment(nearest: id)
        throw API.Problem.notFound(
            Refusal.Code.unknownCommitment.rawValue,
            "there is no commitment \(id)" + (nearest.map { " (nearest: \($0))" } ?? ""),
            hint: "See: jalon commitment list"
        )
    }

    /// Whether the words stand in a commitment's id, its title or its region's names.
    private func admits(
        _ id: CommitmentID,
        _ text: TextFilter,
        _ state: LedgerState,
        _ names: LedgerNames
    ) -> Bool {
        guard let body = state.commitment(id)?.current.body else { return false }
        let region = names.region(body.region).name
        return text.admits([
            id.text, body.title.zh.string, body.title.en?.string, body.title.fr?.string,
            region?.zh, region?.en, region?.fr,
        ])
    }

    private func lines(
        _ ids: [CommitmentID],
        _ snapshot: LedgerSnapshot,
        _ day: CalendarDay
    ) throws -> [API.Commitment] {
        let names = LedgerNames(snapshot.state)
        return try ids.compactMap { id in
            guard let commitment = snapshot.state.commitment(id) else { return nil }
            return try convert(commitment, snapshot, day, detail: .line, names: names)
        }
    }

    private func convert(
        _ commitment: Commitment,
        _ snapshot: LedgerSnapshot,
        _ day: CalendarDay,
        detail: API.Commitment.Detail,
        names: LedgerNames
    ) throws -> API.Commitment {
        let state = snapshot.state
        let milestones = state.milestones(of: commitment.id)
        let status = CommitmentStatus.derive(
            commitment,
            milestones: milestones,
            on: day,
            thresholds: StatusThresholds(state.parameters)
        )
        let last = try state.lastEffectiveMilestone(of: commitment.id).map {
            try milestone($0, state, hasVoices: detail == .full)
        }
        var shown = API.Commitment(
            commitment,
            status: status,
            last: last,
            pendingCount: milestones.count(where: \.isPending),
            disputes: detail == .full ? try disputes(of: commitment.id, state) : [],
            detail: detail,
            state: state,
            names: names
        )
        if detail == .full {
            shown.lifeSteps = try life(of: commitment, snapshot)
            shown.firstBlock = firstHeld(after: commitment.record.origin.height)
        }
        return shown
    }

    // MARK: - Milestones

    /// `hasVoices` is whether what auditors say of it is read from the disk too.
    private func milestone(
        _ record: MilestoneRecord,
        _ state: LedgerState,
        hasVoices: Bool
    ) throws -> API.Milestone {
        var words = try cache.words(of: record.id) {
            if let absence = absence(at: record.height) { return MilestoneWords(absence: absence) }
            // The record names the transaction's place, so that nothing is searched for.
            let position = Int(clamping: record.position)
            guard let bytes = try reader.block(at: record.height)?.transactions.dropFirst(position).first
            else {
                throw NodeLedgerError.missing(record.id)
            }
            return MilestoneWords(try body(of: bytes))
        }
        var steps = hasVoices ? state.cosigns(of: record.id).map { API.LifeStep($0) } : []
        if record.state == .retracted, let retraction = record.changedBy {
            if let stored = try reader.transaction(retraction) {
                words.addRetraction(try body(of: stored.bytes))
                if hasVoices, let header = try reader.header(at: stored.location.height) {
                    let transaction = try Transaction(bytes: stored.bytes)
                    steps.append(API.LifeStep(retraction: transaction, reason: words.reason, at: header))
                }
            } else if base == nil {
                throw NodeLedgerError.missing(retraction)
            }
        }
        var shown = API.Milestone(
            record,
            words: words,
            cosigners: state.cosigners(ofMilestone: record.id),
            attestations: hasVoices ? try attestations(of: record.id, state) : []
        )
        if words.isAbsent { shown.isAbsent = true }
        shown.steps = steps.sorted { $0.height < $1.height }
        return shown
    }

    private func body(of bytes: [UInt8]) throws -> TransactionBody {
        try Transaction(bytes: bytes).content.get()
    }
}

extension CommitmentFilter {
    /// Whether a row passes, the words apart; `dueBy` is the filter's own day, read once.
    func admits(_ id: CommitmentID, _ row: StatusTable.Row, dueBy: CalendarDay?) -> Bool {
        if let only = self.id, only != id { return false }
        if let region, region != row.region.text { return false }
        if let sector, !row.sectors.contains(where: { $0.text == sector }) { return false }
        if let status, status != row.status { return false }
        if let plan, plan != row.plan { return false }
        if let dueBy {
            guard let deadline = row.deadline, deadline <= dueBy else { return false }
        }
        return !isAttested || row.level == .attested
    }
}

/// Where the disk does not hold what the state names: the answer is an error, never a guess.
enum NodeLedgerError: Error, CustomStringConvertible {
    case missing(TransactionID)

    var description: String {
        switch self {
        case .missing(let id): "the state names the transaction \(id), which the disk does not hold"
        }
    }
}
