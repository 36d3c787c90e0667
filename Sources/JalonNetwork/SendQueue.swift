import JalonModel
import NIOCore

/// The order of what waits for one peer: a lane goes before all later ones.
package enum Lane: Int, CaseIterable, Sendable {
    /// Votes and all that consensus waits for.
    case consensus
    case transactions
    /// Single blocks that were asked for, which consensus may wait for too.
    case block
    /// Ranges of final blocks.
    case sync

    init(_ kind: FrameKind) {
        switch kind {
        case .hello, .vote, .certificate, .proposal, .tip, .request, .evidence, .standingRequest, .standing,
            .readiness:
            self = .consensus
        case .transactions: self = .transactions
        case .block: self = .block
        case .finalBlock: self = .sync
        }
    }
}

/// The frames that wait to be written to one connection: bounded lanes, the most urgent first.
///
/// A full lane of consensus drops its oldest frame, since the newer one says more; the others drop the new frame, so that
/// a range of blocks arrives as a prefix. A lane that others went before `patience` times sends one frame: nothing starves.
struct SendQueue: Sendable {
    struct Item: Sendable {
        var kind: FrameKind
        var bytes: ByteBuffer
    }

    enum Next {
        case item(Item)
        /// The budget is used up for so long.
        case wait(TimeAmount)
        case empty
    }

    private struct Queue {
        var items = CircularBuffer<Item>()
        var byteCount = 0
        /// How many frames of other lanes went before this lane's first one.
        var overtaken = 0
    }

    private let patience = 32
    private let limits: OutboxLimits
    private var queues = [Queue](repeating: Queue(), count: Lane.allCases.count)
    private var budget: TokenBucket?

    init(limits: OutboxLimits, budget: TokenBucket?) {
        self.limits = limits
        self.budget = budget
    }

    /// Adds a frame at the end of its lane.
    ///
    /// - Returns: The kinds of what was dropped for it or instead of it.
    mutating func append(_ item: Item) -> [FrameKind] {
        let lane = Lane(item.kind)
        let limit = limits[lane]
        var dropped: [FrameKind] = []
        func isFull(_ queue: Queue) -> Bool {
            queue.items.count >= limit.count || queue.byteCount >= limit.byteCount
        }
        while isFull(queues[lane.rawValue]) {
            guard lane == .consensus, let oldest = queues[lane.rawValue].items.popFirst() else {
                return [item.kind]
            }
            queues[lane.rawValue].byteCount -= oldest.bytes.readableBytes
            dropped.append(oldest.kind)
        }
        queues[lane.rawValue].items.append(item)
        queues[lane.rawValue].byteCount += item.bytes.readableBytes
        return dropped
    }

    /// Removes the frame to write now.
    mutating func next(at now: NIODeadline) -> Next {
        let waiting = queues.indices.filter { !queues[$0].items.isEmpty }
        guard let first = waiting.first else { return .empty }
        if let wait = budget?.wait(at: now), wait > .zero { return .wait(wait) }
        let chosen = waiting.first { queues[$0].overtaken >= patience } ?? first
        guard let item = queues[chosen].items.popFirst() else { return .empty }
        for index in waiting where index > chosen { queues[index].overtaken += 1 }
        queues[chosen].overtaken = 0
        queues[chosen].byteCount -= item.bytes.readableBytes
        _ = budget?.charge(item.bytes.readableBytes, at: now)
        return .item(item)
    }

    /// Removes everything.
    ///
    /// - Returns: The kinds of what was there.
    mutating func removeAll() -> [FrameKind] {
        let kinds = queues.flatMap { $0.items.map(\.kind) }
        for index in queues.indices { queues[index] = Queue() }
        return kinds
    }
}
