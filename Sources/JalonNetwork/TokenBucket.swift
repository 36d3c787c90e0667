import NIOCore

/// A budget that refills with time: so much a second, and a burst after a quiet time.
struct TokenBucket: Sendable {
    private let rate: Rate
    /// May be negative after ``charge(_:at:)``: a debt that time pays.
    private var level: Double
    private var filled: NIODeadline

    init(_ rate: Rate, at now: NIODeadline) {
        self.rate = rate
        level = Double(rate.burst)
        filled = now
    }

    /// Takes `count` if they are there.
    mutating func take(_ count: Int, at now: NIODeadline) -> Bool {
        refill(at: now)
        guard level >= Double(count) else { return false }
        level -= Double(count)
        return true
    }

    /// Takes `count` in any case.
    ///
    /// - Returns: How long to wait until the debt is paid; zero while there is none.
    mutating func charge(_ count: Int, at now: NIODeadline) -> TimeAmount {
        refill(at: now)
        level -= Double(count)
        return wait
    }

    /// How long until the debt is paid.
    mutating func wait(at now: NIODeadline) -> TimeAmount {
        refill(at: now)
        return wait
    }

    /// Whether all of it is there.
    func isFull(at now: NIODeadline) -> Bool {
        var bucket = self
        bucket.refill(at: now)
        return bucket.level >= Double(rate.burst)
    }

    private var wait: TimeAmount {
        guard level < 0 else { return .zero }
        return .nanoseconds(Int64((-level / Double(max(rate.perSecond, 1)) * 1e9).rounded(.up)))
    }

    private mutating func refill(at now: NIODeadline) {
        guard now > filled else { return }
        let seconds = Double((now - filled).nanoseconds) / 1e9
        level = min(Double(rate.burst), level + seconds * Double(rate.perSecond))
        filled = now
    }
}
