import JalonModel

/// Sends frames whose bytes were changed, cut or lengthened, or that stand under another kind.
struct SendGarbage: Behaviour {
    let fault = FaultClass.garbage

    mutating func outgoing(_ message: PeerMessage, to peer: Int, _ situation: Situation) -> [TimedFrame]? {
        let memory = situation.memory
        // Whoever gets it mostly hangs up for 30 s: more of it would be no noise but silence.
        guard memory.random.happens(perMille: 15) else { return nil }
        situation.act(fault)
        var bytes = message.encoded
        var kind = message.kind
        switch memory.random.number(in: 0...5) {
        case 0: bytes.removeLast(memory.random.index(below: bytes.count) + 1)
        case 1:
            bytes += (0...memory.random.index(below: 40)).map { _ in
                UInt8.random(in: 0...255, using: &memory.random)
            }
        case 2: kind = memory.random.pick(FrameKind.allCases) ?? kind
        case 3: bytes = (0..<bytes.count).map { _ in UInt8.random(in: 0...255, using: &memory.random) }
        default:
            for _ in 0...memory.random.index(below: 3) {
                bytes[memory.random.index(below: bytes.count)] ^= 1 << UInt8(memory.random.index(below: 8))
            }
        }
        return [TimedFrame(.raw(kind, bytes))]
    }
}
