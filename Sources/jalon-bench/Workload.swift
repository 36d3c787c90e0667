import Foundation
import JalonCrypto
import JalonModel
import Synchronization

/// Plans, commitments and signed minimal milestone reports for the members of a network.
struct Workload {
    /// Commitments of each member.
    let commitmentCount: Int

    let chain: ChainID
    let members: [(id: MemberID, region: RegionCode, key: any Signing)]
    /// How many milestones were made so far, by member.
    private var made: [Int]

    init(
        chain: ChainID,
        members: [(id: MemberID, region: RegionCode, key: any Signing)],
        commitmentCount: Int = 250
    ) {
        (self.chain, self.members, self.commitmentCount) = (chain, members, commitmentCount)
        made = members.map { _ in 0 }
    }

    static func now() -> Timestamp {
        Timestamp(UInt64(max(0, Date().timeIntervalSince1970 * 1_000)))
    }

    // MARK: - Before the milestones

    func plan(of member: Int, at time: Timestamp) throws -> Transaction {
        let region = members[member].region
        guard let day = CalendarDay(year: 2010, month: 1, day: 1),
            let published = CalendarDate(date: day, precision: .day, basis: .explicit)
        else { throw BenchFailure("2010-01-01 is no day") }
        let body = PlanPublish(
            id: PlanID(checked: "\(region)-2010-P1"),
            region: region,
            title: try LocalizedText(zh: "计划"),
            issuer: try Text("issuer"),
            published: published,
            source: Source(kind: .press)
        )
        return try sign(.planPublish(body), by: member, at: time)
    }

    func commitments(of member: Int, at time: Timestamp) throws -> [Transaction] {
        try (0..<commitmentCount).map { number in
            let region = members[member].region
            guard let code = IndicatorCode("ENT_ONCHAIN"), let unit = UnitCode("enterprise"),
                let start = CalendarDay(year: 2010, month: 1, day: 1),
                let target = JalonModel.Decimal(1_000_000),
                let due = CalendarDate(date: start.adding(days: 9_000), precision: .day, basis: .explicit)
            else { throw BenchFailure("a constant of the workload has not its form") }
            let body = CommitmentPropose(
                id: commitment(number, of: member),
                plan: PlanID(checked: "\(region)-2010-P1"),
                region: region,
                title: try LocalizedText(zh: "推动企业上链"),
                responsible: [Responsible(.member(members[member].id), role: .lead)],
                indicator: Indicator(
                    code: code,
                    unit: unit,
                    measure: .count,
                    accumulation: .cumulative,
                    direction: .up
                ),
                target: .bound(.ge, target),
                start: start,
                deadline: due,
                curve: .linear,
                reporting: Reporting(firstDue: start.adding(days: 365))
            )
            return try sign(.commitmentPropose(body), by: member, at: time)
        }
    }

    private func commitment(_ number: Int, of member: Int) -> CommitmentID {
        CommitmentID(checked: "\(members[member].region)-2010-\(100 + number)")
    }

    // MARK: - Milestones

    /// The next `count` milestones, spread over members and commitments; a value is its day, so that any order is valid.
    mutating func milestones(_ count: Int, at time: Timestamp) throws -> [Transaction] {
        let bodies = try (0..<count).map { index in
            let member = index % members.count
            defer { made[member] += 1 }
            return (member: member, body: try report(made[member], of: member))
        }
        // Signing is the clients' work and not part of what is measured: on every core, before it starts.
        let (workload, parts) = (self, ProcessInfo.processInfo.activeProcessorCount)
        let signed = Mutex([Transaction?](repeating: nil, count: count))
        DispatchQueue.concurrentPerform(iterations: parts) { part in
            for index in stride(from: part, to: count, by: parts) {
                let transaction = try? workload.sign(bodies[index].body, by: bodies[index].member, at: time)
                signed.withLock { $0[index] = transaction }
            }
        }
        let transactions = signed.withLock { $0.compactMap { $0 } }
        guard transactions.count == count else { throw BenchFailure("a transaction could not be signed") }
        return transactions
    }

    private func report(_ number: Int, of member: Int) throws -> TransactionBody {
        let (period, place) = number.quotientAndRemainder(dividingBy: commitmentCount)
        guard let first = CalendarDay(year: 2010, month: 1, day: 2),
            let value = JalonModel.Decimal(Int64(period + 1))
        else { throw BenchFailure("2010-01-02 is no day") }
        return .milestoneReport(
            MilestoneReport(
                commitment: commitment(place, of: member),
                content: MilestoneContent(periodEnd: first.adding(days: period), reading: .value(value))
            )
        )
    }

    private func sign(_ body: TransactionBody, by member: Int, at time: Timestamp) throws -> Transaction {
        var generator = SystemRandomNumberGenerator()
        let words = [generator.next() as UInt64, generator.next()]
        return try Transaction.signed(
            body: body.encoded,
            subject: body.subject,
            issuer: members[member].id,
            chain: chain,
            nonce: words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } },
            expires: time.advanced(byMilliseconds: 3_000_000),
            key: members[member].key
        )
    }
}
