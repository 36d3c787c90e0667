/// SplitMix64: the one source of chance of a run, the same sequence for the same seed on every machine.
package struct SimulationRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number of the range.
    ///
    /// The bias of the remainder is below 2⁻³² for the ranges of a simulation.
    package mutating func number(in range: ClosedRange<UInt64>) -> UInt64 {
        let width = range.upperBound - range.lowerBound
        return width == .max ? next() : range.lowerBound + next() % (width + 1)
    }

    /// An index below `count`, which is above zero.
    package mutating func index(below count: Int) -> Int {
        precondition(count > 0, "nothing can be picked out of nothing")
        return Int(next() % UInt64(count))
    }

    /// Whether something of this chance, in parts per thousand, happens.
    package mutating func happens(perMille chance: UInt64) -> Bool {
        chance > 0 && next() % 1_000 < chance
    }

    /// An element, or `nil` where there is none.
    package mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[index(below: elements.count)]
    }

    /// The elements in an order of chance.
    package mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, index(below: last + 1))
        }
        return elements
    }

    /// A duration with a heavy tail: the base, doubled again with even chance up to `doublings` times.
    package mutating func heavyTail(base: Moment.Span, doublings: Int) -> Moment.Span {
        var span = base
        for _ in 0..<doublings {
            guard happens(perMille: 500) else { break }
            span = Moment.Span(microseconds: span.microseconds * 2)
        }
        return Moment.Span(microseconds: span.microseconds + number(in: 0...span.microseconds))
    }
}
