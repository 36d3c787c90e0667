import JalonModel
import JalonState

/// How many disputes each observer opened lately, by the monotonic clock of this node.
///
/// That is no rule of blocks: how many may be open at once is one, and it is the state's. This keeps an observer from
/// filling the network with disputes as fast as regulators resolve them.
struct DisputeRate: Sendable {
    /// Disputes that an observer may open at once after a quiet time.
    static let burst: UInt64 = 4
    /// Milliseconds after which it may open one more.
    static let interval: UInt64 = 900_000

    /// One entry at the most for each observer: only admitted transactions count.
    private var budgets: [MemberID: Budget] = [:]

    /// Why an observer has to wait; `nil` where it may open a dispute now.
    func refusal(of member: MemberID, at now: UInt64) -> Refusal? {
        let wait = budgets[member]?.wait(at: now) ?? 0
        guard wait > 0 else { return nil }
        let seconds = (wait + 999) / 1_000
        return Refusal(
            .rateLimited,
            "the observer \(member) opened \(DisputeRate.burst) disputes here lately, and may open one in "
                + "\(DisputeRate.interval / 60_000) minutes",
            hint: "Send the same bytes again in \(seconds) seconds.",
            retryAfterSeconds: seconds
        )
    }

    /// Counts a dispute that was admitted.
    mutating func take(_ member: MemberID, at now: UInt64) {
        let new = Budget(capacity: DisputeRate.burst, refillInterval: DisputeRate.interval)
        _ = budgets[member, default: new].take(at: now)
    }
}
