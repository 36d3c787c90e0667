package import JalonCore
package import JalonModel

/// The two clocks of one simulated machine: a monotonic one that runs a little fast or slow, and a wall clock that is a
/// little wrong.
package struct SimulatedClock: Sendable {
    /// The true wall time when the world begins: 2026-01-01T00:00:00Z.
    package static let worldStart = Timestamp(1_767_225_600_000)

    private static let exactRate: UInt64 = 1_000_000

    /// What the monotonic clock showed when the world began, in milliseconds: any number.
    private let base: UInt64
    /// Millionths of a second that the monotonic clock counts in a true second.
    private let rate: UInt64
    /// Milliseconds by which the wall clock is ahead of true time.
    package var skew: Int64
    /// What the wall clock shows while it stands still.
    private var frozenWall: Timestamp?

    /// - Parameters:
    ///   - base: Milliseconds that the monotonic clock shows when the world begins.
    ///   - drift: Millionths by which the monotonic clock is fast, −50,000 to 50,000.
    ///   - skew: Milliseconds by which the wall clock is ahead.
    package init(base: UInt64, drift: Int64 = 0, skew: Int64 = 0) {
        self.base = base
        rate = UInt64(clamping: Int64(SimulatedClock.exactRate) + drift)
        self.skew = skew
    }

    /// Lets the wall clock stand still, or go on from the right time.
    package mutating func freeze(_ isFrozen: Bool, at moment: Moment) {
        frozenWall = isFrozen ? reading(at: moment).wall : nil
    }

    /// By how many milliseconds the wall clock is wrong at a moment.
    package func error(at moment: Moment) -> UInt64 {
        let truth = SimulatedClock.worldStart.advanced(byMilliseconds: moment.microseconds / 1_000)
        let wall = reading(at: moment).wall
        return max(truth, wall).value - min(truth, wall).value
    }

    /// What the machine's clocks show at a moment.
    package func reading(at moment: Moment) -> Clock {
        let elapsed = moment.microseconds * rate / SimulatedClock.exactRate / 1_000
        if let frozenWall { return Clock(monotonic: base + elapsed, wall: frozenWall) }
        let truth = SimulatedClock.worldStart.advanced(byMilliseconds: moment.microseconds / 1_000)
        let wall =
            skew < 0
            ? truth.reduced(byMilliseconds: skew.magnitude) : truth.advanced(byMilliseconds: skew.magnitude)
        return Clock(monotonic: base + elapsed, wall: wall)
    }

    /// The first moment at which the monotonic clock shows `deadline` milliseconds or more.
    package func moment(ofMonotonic deadline: UInt64) -> Moment {
        guard deadline > base else { return .start }
        // A deadline further away than 115 days is never reached and must not overflow.
        let elapsed = min(deadline - base, 10_000_000_000)
        var moment = Moment(microseconds: (elapsed * 1_000 * SimulatedClock.exactRate + rate - 1) / rate)
        while reading(at: moment).monotonic < min(deadline, base + elapsed) {
            moment = moment + Moment.Span(microseconds: 1)
        }
        return moment
    }
}
