import JalonModel

extension Reading {
    /// a, as a version counts it: of items done only those that its own list has, since another version may have others.
    func amount(for target: Target) -> Decimal {
        guard case .doneItems(let done) = self, case .checklist(let items, _) = target else { return amount }
        return Decimal(count: UInt32(clamping: done.count { item in items.contains { $0.id == item } }))
    }
}

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
