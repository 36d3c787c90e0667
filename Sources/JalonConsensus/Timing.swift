/// The spans that consensus waits for, in integer milliseconds of a monotonic clock.
package struct Timing: Hashable, Sendable {
    /// Δ, the bound on a message's delay that timers are made from.
    package let delta: UInt64
    /// K, the most steps of back-off: the least k for which the leader timer reaches the cap.
    package let maximumStep: Int

    /// - Parameters:
    ///   - delta: Δ in milliseconds, at least 1.
    ///   - cap: The leader timer's bound in milliseconds: 2Δ · (3/2)^K ≥ cap.
    package init(delta: UInt64, cap: UInt64) {
        precondition(delta >= 1, "Δ is at least one millisecond")
        self.delta = delta
        var step = 0
        while step < 40, Timing.scale(2 * delta, step: step) < cap { step += 1 }
        maximumStep = step
    }

    /// How long a view waits for its leader's proposal.
    package func leaderTimeout(step: Int) -> UInt64 { Timing.scale(2 * delta, step: step) }

    /// How long a view waits for any certificate.
    package func advanceTimeout(step: Int) -> UInt64 { Timing.scale(4 * delta, step: step) }

    /// The interval of retries, before jitter.
    package var retryInterval: UInt64 { 2 * delta }

    private static func scale(_ base: UInt64, step: Int) -> UInt64 {
        var value = base
        for _ in 0..<step {
            let (product, overflow) = value.multipliedReportingOverflow(by: 3)
            value = overflow ? UInt64.max / 2 : product / 2
        }
        return value
    }
}

/// How far the timers are stretched: one step after each f + 1 consecutive views without finality, one back after each
/// f + 1 with it (protocol, section 5).
struct Backoff: Hashable, Sendable {
    private(set) var step = 0
    private var streak = 0
    private var streakIsFinal = true
    private let streakLength: Int
    private let maximumStep: Int

    init(faultTolerance: Int, maximumStep: Int) {
        streakLength = faultTolerance + 1
        self.maximumStep = maximumStep
    }

    /// Judges the view two before the one just entered; a jump over several views counts once.
    mutating func judge(final isFinal: Bool) {
        if isFinal != streakIsFinal {
            streakIsFinal = isFinal
            streak = 0
        }
        streak += 1
        guard streak == streakLength else { return }
        streak = 0
        step = isFinal ? max(step - 1, 0) : min(step + 1, maximumStep)
    }
}
