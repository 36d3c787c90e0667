import JalonModel

/// Lies about where it stands, whom it hears and what time it is.
struct LieAboutTip: Behaviour {
    let fault = FaultClass.lyingTip

    mutating func outgoing(_ message: PeerMessage, to peer: Int, _ situation: Situation) -> [TimedFrame]? {
        guard case .tip(var tip) = message else { return nil }
        situation.act(fault)
        func number() -> UInt64 {
            switch situation.memory.random.number(in: 0...4) {
            case 0: 0
            case 1: UInt64(Int64.max)
            case 2: situation.memory.random.number(in: 0...1_000_000)
            default: situation.view.value + situation.memory.random.number(in: 0...9)
            }
        }
        if situation.memory.random.happens(perMille: 700) { tip.finalHeight = Height(number()) }
        if situation.memory.random.happens(perMille: 500) { tip.view = View(number()) }
        if situation.memory.random.happens(perMille: 500) { tip.finalView = View(number()) }
        switch situation.memory.random.number(in: 0...3) {
        case 0: tip.hears = tip.hears.map { _ in 0xFF }
        case 1: tip.hears = []
        case 2: tip.hears = tip.hears.map { _ in 0 }
        default: break
        }
        switch situation.memory.random.number(in: 0...4) {
        case 0: tip.clock = Timestamp(0)
        case 1: tip.clock = Timestamp(UInt64(Int64.max))
        case 2:
            tip.clock = tip.clock.advanced(
                byMilliseconds: situation.memory.random.number(in: 0...100_000_000)
            )
        case 3:
            tip.clock = tip.clock.reduced(byMilliseconds: situation.memory.random.number(in: 0...100_000_000))
        default: break
        }
        return [TimedFrame(.tip(tip))]
    }
}
