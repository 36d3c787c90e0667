import JalonModel

extension Target {
    /// V, the value at which the target is met: `Target.threshold`; on a way downwards the upper end of `approx` and
    /// `range`, which is met first.
    func goal(_ direction: Direction) -> Decimal {
        guard direction == .down else { return threshold }
        switch self {
        case .approx(let value, let tolerance): return value.adding(tolerance) ?? value
        case .range(_, let max, _): return max
        case .bound, .checklist, .level: return threshold
        }
    }
}
