import JalonCodec
import JalonCrypto
import JalonModel

/// Makes the transactions of a run: plans, commitments under them, milestones on those.
///
/// Plans depend on nothing, so that each is valid in any order. A commitment needs its plan, a milestone its
/// commitment: a client sends it once that is final. A rival is another plan with the id of one that exists: of the two
/// at most one becomes final.
struct TransactionMaker {
    private let membership: Membership
    private var counts: [UInt64]
    private var random: SimulationRandom

    init(membership: Membership, random: SimulationRandom) {
        self.membership = membership
        counts = Array(repeating: 0, count: membership.count)
        self.random = random
    }

    /// How long a transaction stays valid: longer than any run, below the parameter `maxLifetime`.
    private static let lifetime: UInt64 = 3_000_000

    /// A plan of a member's region under an id of its own.
    mutating func plan(by member: Int, at time: Timestamp) -> (transaction: Transaction, id: PlanID) {
        counts[member] += 1
        // A number has four digits at most; the year takes the rest.
        let (year, number) = (2000 + counts[member] / 9_999, 1 + counts[member] % 9_999)
        let id = PlanID(checked: "\(membership.members[member].region)-\(year)-P\(number)")
        return (transaction(planBody(id, by: member, title: "plan"), by: member, at: time), id)
    }

    /// A plan with the id of an earlier one and another title.
    mutating func rival(of id: PlanID, by member: Int, at time: Timestamp) -> Transaction {
        transaction(planBody(id, by: member, title: "rival"), by: member, at: time)
    }

    /// A commitment under a plan that is final.
    mutating func commitment(
        under plan: PlanID,
        by member: Int,
        at time: Timestamp
    ) -> (transaction: Transaction, id: CommitmentID) {
        counts[member] += 1
        let (year, number) = (2000 + counts[member] / 999_000, 100 + counts[member] % 999_000)
        let (owner, region) = membership.members[member]
        let padding = String(repeating: "0", count: max(0, 3 - String(number).utf8.count))
        let id = CommitmentID(checked: "\(region)-\(year)-\(padding)\(number)")
        guard let indicator = IndicatorCode("SIMULATED"), let unit = UnitCode("item"),
            let start = CalendarDay(year: 2001, month: 1, day: 1),
            let firstDue = CalendarDay(year: 2002, month: 1, day: 1), let target = Decimal(100_000)
        else { preconditionFailure("the constants of a simulated commitment have their forms") }
        let body = CommitmentPropose(
            id: id,
            plan: plan,
            region: region,
            title: TransactionMaker.title("commitment"),
            responsible: [Responsible(.member(owner), role: .lead)],
            indicator: Indicator(
                code: indicator,
                unit: unit,
                measure: .count,
                accumulation: .cumulative,
                direction: .up
            ),
            target: .bound(.ge, target),
            start: start,
            curve: .none,
            reporting: Reporting(firstDue: firstDue)
        )
        return (transaction(.commitmentPropose(body), by: member, at: time), id)
    }

    /// A milestone on a commitment that is final: the value is the day, so that any order of them is valid.
    mutating func milestone(
        on commitment: CommitmentID,
        day: Int,
        by member: Int,
        at time: Timestamp
    ) -> Transaction {
        guard let start = CalendarDay(year: 2001, month: 1, day: 1),
            let end = CalendarDay(daysSince1970: start.daysSince1970 + day), let value = Decimal(Int64(day))
        else { preconditionFailure("the milestones of a run fit between 2001 and today") }
        let body = MilestoneReport(
            commitment: commitment,
            content: MilestoneContent(periodEnd: end, reading: .value(value), isFictional: true)
        )
        return transaction(.milestoneReport(body), by: member, at: time)
    }

    /// A decision about the network.
    mutating func decision(_ body: TransactionBody, by member: Int, at time: Timestamp) -> Transaction {
        transaction(body, by: member, at: time)
    }

    private func planBody(_ id: PlanID, by member: Int, title: String) -> TransactionBody {
        guard let day = CalendarDay(year: 2020, month: 1, day: 1),
            let published = CalendarDate(date: day, precision: .day, basis: .explicit)
        else { preconditionFailure("the first of January 2020 is a day") }
        return .planPublish(
            PlanPublish(
                id: id,
                region: membership.members[member].region,
                title: TransactionMaker.title(title),
                issuer: TransactionMaker.title("issuer").zh,
                published: published,
                source: Source(kind: .press)
            )
        )
    }

    private mutating func transaction(
        _ body: TransactionBody,
        by member: Int,
        at time: Timestamp
    ) -> Transaction {
        let nonce = (0..<Transaction.nonceByteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        do {
            let transaction = try Transaction.signed(
                body: body.encoded,
                subject: body.subject,
                issuer: membership.members[member].id,
                chain: membership.genesis.chain,
                nonce: nonce,
                expires: time.advanced(byMilliseconds: TransactionMaker.lifetime),
                key: membership.authoritySigner(member)
            )
            _ = try transaction.content.get()
            return transaction
        } catch {
            preconditionFailure("the transactions of a simulation keep every rule of their bodies: \(error)")
        }
    }

    private static func title(_ text: String) -> LocalizedText {
        do { return try LocalizedText(zh: text) } catch {
            preconditionFailure("a word is a text: \(error)")
        }
    }
}
