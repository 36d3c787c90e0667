package import JalonAPI
import JalonCrypto
package import JalonModel
package import JalonSchema

/// A ledger in memory: it admits what decodes, refuses one subject, and makes blocks when told to.
package actor FakeLedger: LedgerReading, TransactionSubmitting {
    /// Transactions about this are refused.
    package static let refusedSubject = "CN-GZ-2020-001"
    package static let chain = String(repeating: "c0", count: 32)

    package private(set) var commitmentList: [API.Commitment]
    package private(set) var submissionCount = 0
    private var waitCount = 0
    private var events: [API.FeedEvent] = []
    private var entries: [TransactionID: (transaction: Transaction, answer: API.Transaction)] = [:]
    private var pending: [TransactionID] = []
    private var planted: [API.Transaction] = []
    private var changes: [AsyncStream<Void>.Continuation] = []
    private var connected = 7
    private var diskShortage: API.DiskShortage?
    private var milestoneLists: [String: [API.Milestone]] = [:]
    private var directiveList = Samples.directives
    private var failure: (any Error)?
    private var answersNever = false
    private var uncheckedCount = 0
    private var copy: (genesis: [UInt8], records: [[UInt8]], byteLimit: Int)?

    package init(commitments: [API.Commitment] = Samples.commitments) {
        commitmentList = commitments
    }

    // MARK: - What a test does to it

    /// Makes a block of what is pending.
    package func makeBlock() {
        let height = UInt64(events.count + 1)
        var lines: [API.BlockEntry] = []
        for (position, id) in pending.enumerated() {
            guard var entry = entries[id] else { continue }
            entry.answer.state = .final
            entry.answer.height = height
            entry.answer.position = position
            entries[id] = entry
            lines.append(
                API.BlockEntry(
                    id: id.hex,
                    position: position,
                    type: "milestone.report",
                    issuer: entry.transaction.issuer.text,
                    subject: entry.transaction.subject.text
                )
            )
        }
        pending = []
        events.append(
            API.FeedEvent(
                height: height,
                block: Samples.digest(height),
                stateRoot: Samples.digest(height + 1_000),
                timestamp: 1_625_097_600_000 + height,
                transactions: lines
            )
        )
        announce()
    }

    /// Makes everything that is pending expire.
    package func expire() {
        for id in pending { entries[id]?.answer.state = .expired }
        pending = []
        announce()
    }

    /// Transactions of which only the ids are known, as no signature can be made to have one's choice of them.
    package func plant(_ transactions: [API.Transaction]) { planted += transactions }

    /// Forgets what is not final, as a node does that is started again.
    package func loseMemory() {
        for id in pending { entries[id] = nil }
        pending = []
        announce()
    }

    /// Leaves so many of the next submissions unchecked, as a node does that has too much to do.
    package func setUnchecked(_ count: Int) { uncheckedCount = count }

    /// What it gives out for copies: a genesis, and the records of the blocks from 1 on, so many bytes at a time.
    package func setCopy(genesis: [UInt8], records: [[UInt8]], byteLimit: Int) {
        copy = (genesis, records, byteLimit)
    }

    /// Waits until somebody waited for a transaction so many times.
    package func waits(reach count: Int) async throws {
        _ = try await first { ledger in ledger.waitCount >= count ? true : nil }
    }

    /// Waits until something was handed in so many times.
    package func submissions(reach count: Int) async throws {
        _ = try await first { ledger in ledger.submissionCount >= count ? true : nil }
    }

    package func setConnected(_ count: Int) { connected = count }
    package func setMilestones(_ milestones: [API.Milestone], of id: String) {
        milestoneLists[id] = milestones
    }
    package func setDirectives(_ directives: [API.Directive]) { directiveList = directives }
    package func setDiskShortage(_ shortage: API.DiskShortage?) { diskShortage = shortage }
    package func setFailure(_ error: (any Error)?) { failure = error }
    /// Whether reading the members never ends.
    package func setAnswersNever(_ value: Bool) { answersNever = value }

    // MARK: - LedgerReading

    /// A disk that is full in 93 days.
    package static let storage = API.StorageUse(
        ledgerBytes: 5_000_000,
        freeBytes: 1_000_000_000,
        growth: API.StorageGrowth(
            bytesPerDay: 10_000_000,
            lastDayBytesPerDay: 10_000_000,
            lastWeekBytesPerDay: 8_000_000,
            measuredHours: 30,
            daysUntilFull: 93
        )
    )

    package func nodeStatus() async throws -> API.NodeStatus {
        if let failure { throw failure }
        let height = UInt64(events.count)
        var status = API.NodeStatus(
            network: "test-network",
            chain: FakeLedger.chain,
            member: "cn-hn",
            isValidator: true,
            version: "test",
            head: Samples.head(height),
            view: height + 1,
            validators: API.Validators(total: 7, needed: 5, connected: connected, toleratedFaults: 2),
            bestSignedHeight: height,
            isReady: connected >= 5,
            notReady: connected >= 5 ? [] : ["\(connected) of 7 validators connected, 5 needed"],
            asOf: "2021-07-01",
            isDemonstrationDate: true,
            hasDemoData: commitmentList.contains { $0.status.isFictional },
            storage: FakeLedger.storage
        )
        status.diskShortage = diskShortage
        return status
    }

    package func transaction(_ id: TransactionID) async throws -> API.Transaction {
        entries[id]?.answer ?? API.Transaction(id: id.hex, state: .unknown)
    }

    package func transactions(beginningWith digits: String, limit: Int) async throws -> [API.Transaction] {
        let found = (entries.values.map(\.answer) + planted).filter {
            $0.state == .final && $0.id?.hasPrefix(digits) == true
        }
        return Array(found.sorted { ($0.id ?? "") < ($1.id ?? "") }.prefix(limit))
    }

    package func settledTransaction(_ id: TransactionID) async throws -> API.Transaction {
        waitCount += 1
        announce()
        return try await first { ledger in
            guard let answer = ledger.entries[id]?.answer, answer.state != .pending else { return nil }
            return answer
        }
    }

    package func transactionBytes(_ id: TransactionID) async throws -> [UInt8]? {
        entries[id]?.transaction.bytes
    }

    package func transparentStatement(of id: TransactionID, given: Transaction?) async throws -> [UInt8] {
        let name = given == nil ? "receipt" : "given receipt"
        return try known(entries[id].map { _ in Samples.file(name, id.hex) }, "E_UNKNOWN_TRANSACTION", id)
    }

    package func proof(of id: TransactionID, given: Transaction?) async throws -> [UInt8] {
        let name = given == nil ? "proof" : "given proof"
        return try known(entries[id].map { _ in Samples.file(name, id.hex) }, "E_UNKNOWN_TRANSACTION", id)
    }

    package func consistencyProof(from: UInt64, to: UInt64?) async throws -> [UInt8] {
        Samples.file("consistency", "\(from)-\(to ?? UInt64(events.count))")
    }

    package func stateProof(at path: String) async throws -> [UInt8] { Samples.file("state", path) }

    package func block(_ reference: BlockReference) async throws -> API.Block? {
        let height: UInt64? =
            switch reference {
            case .head: UInt64(events.count)
            case .height(let height): height
            case .id(let id): events.first { $0.block == id.hex }?.height
            }
        guard let height, height <= events.count else { return nil }
        let lines = height == 0 ? [] : events[Int(height) - 1].transactions
        return API.Block(header: Samples.header(height), transactions: lines, signers: ["cn-hn"])
    }

    package func genesis() async throws -> [UInt8] { copy?.genesis ?? Array("genesis".utf8) }

    package func ledger(from height: UInt64, limit: Int) async throws -> [UInt8] {
        if let copy {
            var bytes: [UInt8] = []
            for record in copy.records.dropFirst(Int(height) - 1).prefix(limit) {
                guard bytes.isEmpty || bytes.count + record.count <= copy.byteLimit else { break }
                bytes += record
            }
            return bytes
        }
        return height < 1_000 ? Array("from \(height), \(limit) at most".utf8) : []
    }

    package func snapshot() async throws -> StoredSnapshot {
        let bytes = [UInt8](repeating: 7, count: 300_000)
        return StoredSnapshot(byteCount: bytes.count) { Array(bytes.dropFirst($0).prefix(65_536)) }
    }

    package func header(at height: UInt64) async throws -> API.Header? {
        height <= events.count ? Samples.header(height) : nil
    }

    package func evidence() async throws -> API.MisconductList { Samples.misconduct }

    package func governance() async throws -> API.Governance { Samples.governance }

    package func members() async throws -> API.MemberList {
        if answersNever { _ = try await first { _ in nil as Bool? } }
        return API.MemberList(height: UInt64(events.count), members: Samples.members)
    }

    package func nodes() async throws -> API.NodeList {
        Samples.nodes(at: UInt64(events.count), connected: connected)
    }

    package func plans() async throws -> API.PlanList {
        API.PlanList(height: UInt64(events.count), plans: Samples.plans)
    }

    package func commitments(
        _ filter: CommitmentFilter,
        page: Page,
        asOf day: String?,
        after height: UInt64?
    ) async throws -> API.CommitmentPage {
        let matching = commitmentList.filter { commitment in
            (filter.region ?? commitment.region.code) == commitment.region.code
                && (filter.status ?? commitment.status.current) == commitment.status.current
                && (filter.plan?.text ?? commitment.plan) == commitment.plan
                && (filter.id?.text ?? commitment.id) == commitment.id
                && (filter.sector.map { sector in commitment.sectors.contains { $0.code == sector } } ?? true)
                && (filter.dueBy.map { day in commitment.deadline.map { $0.date <= day } ?? false } ?? true)
                && (!filter.isAttested || commitment.status.verificationLevel == "L3")
                && filter.text?.admits([commitment.id, commitment.title.zh, commitment.title.en]) ?? true
        }
        let (entries, next) = cut(matching, page) { $0.id }
        return API.CommitmentPage(
            asOf: day ?? "2021-07-01",
            isDemonstrationDate: day == nil,
            height: height ?? UInt64(events.count),
            total: matching.count,
            commitments: entries,
            next: next
        )
    }

    package func commitment(
        _ id: CommitmentID,
        asOf day: String?,
        after height: UInt64?
    ) async throws -> API.Commitment {
        guard var commitment = commitmentList.first(where: { $0.id == id.text }) else {
            throw API.Problem.notFound(
                "E_UNKNOWN_COMMITMENT",
                "there is no commitment \(id.text)",
                hint: "Did you mean \(commitmentList.first?.id ?? "")?"
            )
        }
        if let day { commitment.status.asOf = day }
        if let height { commitment.height = height }
        return commitment
    }

    package func milestones(of id: CommitmentID, page: Page) async throws -> API.MilestonePage {
        let (entries, next) = cut(try await allMilestones(of: id), page) { $0.id }
        return API.MilestonePage(
            commitment: id.text,
            height: UInt64(events.count),
            milestones: entries,
            next: next
        )
    }

    package func latestMilestones(of id: CommitmentID, limit: Int, before: String?) async throws
        -> MilestoneTail
    {
        var all = try await allMilestones(of: id)[...]
        if let before { all = all.prefix { $0.id != before } }
        let part = all.suffix(limit)
        let earlier = all.dropLast(part.count)
        let sum = earlier.reduce(0) { $0 + ($1.value.flatMap(Double.init) ?? 0) }
        return MilestoneTail(Array(part), earlierCount: earlier.count, earlierSum: sum)
    }

    private func allMilestones(of id: CommitmentID) async throws -> [API.Milestone] {
        let commitment = try await commitment(id, asOf: nil)
        return milestoneLists[id.text] ?? commitment.lastMilestone.map { [$0] } ?? []
    }

    package func attestations(of milestone: TransactionID, page: Page) async throws -> API.AttestationPage {
        let (entries, next) = cut(Samples.attestations.filter { $0.milestone == milestone.hex }, page) {
            $0.id
        }
        return API.AttestationPage(height: UInt64(events.count), attestations: entries, next: next)
    }

    package func attestation(_ id: TransactionID) async throws -> API.Attestation {
        try known(Samples.attestations.first { $0.id == id.hex }, "E_UNKNOWN_ATTESTATION", id)
    }

    package func disputes(_ filter: DisputeFilter, page: Page) async throws -> API.DisputePage {
        let all = Samples.disputes.filter {
            (filter.commitment?.text ?? $0.commitment) == $0.commitment
                && (filter.isOpen ?? $0.state.isOpen) == $0.state.isOpen
        }
        let (entries, next) = cut(all, page) { $0.id }
        return API.DisputePage(height: UInt64(events.count), disputes: entries, next: next)
    }

    package func dispute(_ id: TransactionID) async throws -> API.Dispute {
        try known(Samples.disputes.first { $0.id == id.hex }, "E_UNKNOWN_DISPUTE", id)
    }

    package func directives(_ filter: DirectiveFilter, page: Page) async throws -> API.DirectivePage {
        let all = directiveList.filter {
            (filter.to?.text ?? $0.to) == $0.to && (filter.from?.text ?? $0.from) == $0.from
        }
        let (entries, next) = cut(all, page) { $0.id }
        return API.DirectivePage(height: UInt64(events.count), directives: entries, next: next)
    }

    package func latestDirectives(to member: MemberID, limit: Int) async throws -> [API.Directive] {
        directiveList.filter { $0.to == member.text }.suffix(limit)
    }

    package func directive(_ id: TransactionID) async throws -> API.Directive {
        try known(Samples.directives.first { $0.id == id.hex }, "E_UNKNOWN_DIRECTIVE", id)
    }

    package func delegations(of member: MemberID, page: Page) async throws -> API.DelegationPage {
        let (entries, next) = cut(Samples.delegations.filter { $0.member == member.text }, page) { $0.key }
        return API.DelegationPage(height: UInt64(events.count), delegations: entries, next: next)
    }

    private func known<Value>(_ value: Value?, _ code: String, _ id: TransactionID) throws -> Value {
        guard let value else { throw API.Problem.notFound(code, "there is no \(id.hex)") }
        return value
    }

    package func statusReport(
        page: Page,
        asOf day: String?,
        after height: UInt64?
    ) async throws -> API.StatusReport {
        let list = try await commitments(CommitmentFilter(), page: page, asOf: day)
        return API.StatusReport(
            asOf: list.asOf,
            isDemonstrationDate: list.isDemonstrationDate,
            hasDemoData: commitmentList.contains { $0.status.isFictional },
            head: Samples.head(height ?? UInt64(events.count)),
            regions: Samples.regions(of: commitmentList),
            commitments: list.commitments,
            next: list.next
        )
    }

    package func held(after height: UInt64?, asOf day: String?) async throws -> any HeldLedger {
        let head = UInt64(events.count)
        guard height ?? head <= head else {
            throw API.Problem.notFound("E_HEIGHT", "there is no such block yet")
        }
        return HeldFake(ledger: self, height: height ?? head, day: day)
    }

    package func feedEvent(after height: UInt64) async throws -> API.FeedEvent {
        try await first { ledger in ledger.events.first { $0.height > height } }
    }

    package func acts(of region: RegionCode, page: Page) async throws -> API.ActPage {
        let all = events.reversed().flatMap { event in
            event.transactions.reversed().filter { $0.subject.hasPrefix(region.text) }.map { entry in
                API.Act(height: event.height, timestamp: event.timestamp, transaction: entry)
            }
        }
        let height = UInt64(events.count)
        guard let cursor = page.cursor else {
            let next =
                all.count > page.limit
                ? "\(all[page.limit].height).\(all[page.limit].transaction.position + 1)" : nil
            return API.ActPage(
                height: height,
                acts: Array(all.prefix(page.limit)),
                lookedBackTo: 1,
                next: next
            )
        }
        let earlier = all.drop { "\($0.height).\($0.transaction.position + 1)" != cursor }
        return API.ActPage(height: height, acts: Array(earlier.prefix(page.limit)), lookedBackTo: 1)
    }

    package func head(after height: UInt64) async throws -> API.Head {
        try await first { ledger in
            let newest = UInt64(ledger.events.count)
            return newest > height ? Samples.head(newest) : nil
        }
    }

    package func metrics() async throws -> NodeMetrics {
        var metrics = NodeMetrics()
        metrics.finalHeight = UInt64(events.count)
        metrics.validSignatures = 3
        metrics.storageSynchronous = 2
        metrics.storageUse = FakeLedger.storage
        metrics.connections = [NodeMetrics.Connection(security: "tlsv13", count: 6)]
        metrics.sent = [NodeMetrics.Traffic(kind: "vote", frames: 4, bytes: 400)]
        return metrics
    }

    // MARK: - TransactionSubmitting

    package func submit(_ transactions: [Transaction]) async throws -> [API.Transaction] {
        if let failure { throw failure }
        submissionCount += 1
        defer { announce() }
        if uncheckedCount > 0 {
            uncheckedCount -= 1
            return transactions.map { transaction in
                API.Transaction(
                    id: transaction.id.hex,
                    state: .unknown,
                    problem: API.Problem(
                        code: "E_TIMEOUT",
                        title: "Not now",
                        status: 503,
                        detail: "not checked"
                    )
                )
            }
        }
        return transactions.map { transaction in
            if let known = entries[transaction.id] { return known.answer }
            var answer = API.Transaction(
                id: transaction.id.hex,
                state: .pending,
                issuer: transaction.issuer.text,
                subject: transaction.subject.text
            )
            if transaction.subject.text == FakeLedger.refusedSubject {
                answer.state = .rejected
                answer.problem = .refusal(
                    code: "E_NOT_RESPONSIBLE",
                    detail: "the key may not report",
                    hint: "See: jalon member list",
                    transaction: transaction.id.hex
                )
                return answer
            }
            entries[transaction.id] = (transaction, answer)
            pending.append(transaction.id)
            return answer
        }
    }

    // MARK: - Waiting

    private func first<Value: Sendable>(_ find: (isolated FakeLedger) -> Value?) async throws -> Value {
        while true {
            if let value = find(self) { return value }
            let (stream, continuation) = AsyncStream<Void>.makeStream()
            changes.append(continuation)
            for await _ in stream { break }
            try Task.checkCancellation()
        }
    }

    private func announce() {
        for change in changes { change.finish() }
        changes = []
    }

    private func cut<Entry>(_ entries: [Entry], _ page: Page, _ id: (Entry) -> String) -> ([Entry], String?) {
        let rest = entries.filter { entry in page.cursor.map { id(entry) > $0 } ?? true }
        let cut = Array(rest.prefix(page.limit))
        return (cut, rest.count > cut.count ? cut.last.map(id) : nil)
    }
}

/// What an export reads of a ``FakeLedger``.
private struct HeldFake: HeldLedger {
    let ledger: FakeLedger
    let height: UInt64
    let day: String?

    func commitments(_ filter: CommitmentFilter, page: Page) async throws -> API.CommitmentPage {
        if let id = filter.id { _ = try await ledger.commitment(id, asOf: day) }
        return try await ledger.commitments(filter, page: page, asOf: day, after: height)
    }

    func milestones(of id: String, page: Page) async throws -> API.MilestonePage {
        try await ledger.milestones(of: CommitmentID(checked: id), page: page)
    }
}
