import JalonCore
import JalonModel

/// Byzantine nodes: what their minds make of their cores' messages, and what they do by themselves.
extension World {
    private func situation(of node: Int) -> (mind: ByzantineMind, situation: Situation)? {
        guard let mind = nodes[node].mind, let process = nodes[node].process else { return nil }
        let wall = nodes[node].clock.reading(at: now).wall
        return (mind, mind.situation(view: process.view, wall: wall))
    }

    func sendAsByzantine(_ message: PeerMessage, to peers: [PeerID], from node: Int) {
        guard let (mind, situation) = situation(of: node) else { return }
        mind.memory.note(message)
        let fingerprint = EventHash.fingerprint(of: message.encoded)
        for peer in peers {
            guard let to = membership.node(of: peer), to != node else { continue }
            for frame in mind.outgoing(message, to: to, situation) {
                put(frame, from: node, to: to, original: fingerprint)
            }
        }
        countActs(of: mind)
    }

    /// Lets a Byzantine node act by itself.
    func makeMischief(_ node: Int) {
        guard let (mind, situation) = situation(of: node) else { return }
        if nodes[node].pausedUntil == nil {
            for (frame, to) in mind.tick(situation) {
                put(TimedFrame(frame), from: node, to: to, original: 0)
            }
            countActs(of: mind)
        }
        scheduleMischief(node)
    }

    func scheduleMischief(_ node: Int) {
        let wait = Moment.Span(microseconds: random.number(in: 50_000...400_000))
        queue.schedule(.mischief(node, life: nodes[node].life), at: now + wait)
    }

    private func put(_ frame: TimedFrame, from node: Int, to peer: Int, original: UInt64) {
        let content = onWire(frame, from: node, original: original)
        for process in processes[peer] {
            transmit(content, from: node, to: process, delay: frame.delay)
        }
    }

    /// What a receiver makes of a frame: it decodes, or it does not.
    private func onWire(_ frame: TimedFrame, from node: Int, original: UInt64) -> Delivery.Content {
        func received(_ message: PeerMessage, _ fingerprint: UInt64) -> Delivery.Content {
            .message(
                Posted(
                    .received(message, from: membership.peers[nodes[node].identity]),
                    fingerprint: fingerprint
                )
            )
        }
        let (kind, bytes): (FrameKind, [UInt8])
        switch frame.frame {
        case .message(let message):
            if frame.isOriginal { return received(message, original) }
            (kind, bytes) = (message.kind, message.encoded)
        case .raw(let rawKind, let rawBytes): (kind, bytes) = (rawKind, rawBytes)
        }
        guard bytes.count <= kind.maximumByteCount,
            let message = try? PeerMessage(kind: kind, body: bytes[...])
        else { return .malformed(kind) }
        return received(message, EventHash.fingerprint(of: bytes))
    }

    private func countActs(of mind: ByzantineMind) {
        faults.add(mind.memory.acts)
        mind.memory.acts = FaultCounts()
        openContradictionCount += mind.memory.contradictionCount
        mind.memory.contradictionCount = 0
    }
}
