import JalonCrypto
import JalonModel
@testable import JalonNetwork
import NIOCore
import Testing

@Suite("What waits to be sent")
struct SendQueueTests {
    private let now = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func makeItem(_ kind: FrameKind, byteCount: Int = 10, mark: UInt8 = 0) -> SendQueue.Item {
        SendQueue.Item(kind: kind, bytes: ByteBuffer(repeating: mark, count: byteCount))
    }

    private func drain(_ queue: inout SendQueue) -> [SendQueue.Item] {
        var items: [SendQueue.Item] = []
        while case .item(let item) = queue.next(at: now) { items.append(item) }
        return items
    }

    @Test("leaves by urgency: consensus, transactions, single blocks, ranges of blocks")
    func order() {
        var queue = SendQueue(limits: OutboxLimits(scale: 1), budget: nil)
        for kind in [FrameKind.finalBlock, .block, .transactions, .vote, .finalBlock, .proposal, .tip] {
            #expect(queue.append(makeItem(kind)).isEmpty)
        }
        #expect(
            drain(&queue).map(\.kind)
                == [.vote, .proposal, .tip, .transactions, .block, .finalBlock, .finalBlock]
        )
    }

    @Test("starves nobody: each lane sends at least once in 33 frames of more urgent ones")
    func patience() throws {
        var queue = SendQueue(limits: OutboxLimits(scale: 1), budget: nil)
        for _ in 0..<100 { _ = queue.append(makeItem(.vote)) }
        _ = queue.append(makeItem(.finalBlock))
        _ = queue.append(makeItem(.finalBlock))
        let kinds = drain(&queue).map(\.kind)
        #expect(kinds.firstIndex(of: .finalBlock) == 32)
        #expect(kinds[33...].firstIndex(of: .finalBlock) == 65)
    }

    @Test("drops the oldest vote, but the newest block, when a lane is full, and says so")
    func full() {
        var limits = OutboxLimits(scale: 1)
        limits.consensus = QueueLimit(count: 2, byteCount: 1_000)
        limits.sync = QueueLimit(count: 9, byteCount: 20)
        var queue = SendQueue(limits: limits, budget: nil)
        #expect(queue.append(makeItem(.vote, mark: 1)).isEmpty)
        #expect(queue.append(makeItem(.tip, mark: 2)).isEmpty)
        #expect(queue.append(makeItem(.vote, mark: 3)) == [.vote])
        #expect(queue.append(makeItem(.finalBlock, mark: 4)).isEmpty)
        #expect(queue.append(makeItem(.finalBlock, mark: 5)).isEmpty)
        #expect(queue.append(makeItem(.finalBlock, mark: 6)) == [.finalBlock])
        #expect(drain(&queue).compactMap { $0.bytes.readableBytesView.first } == [2, 3, 4, 5])
        #expect(queue.append(makeItem(.finalBlock, byteCount: 2_000)).isEmpty)
        #expect(queue.removeAll() == [.finalBlock])
    }

    @Test("pauses when a budget is used up, and goes on as it refills")
    func budget() {
        let bucket = TokenBucket(Rate(perSecond: 100, burst: 10), at: now)
        var queue = SendQueue(limits: OutboxLimits(scale: 1), budget: bucket)
        _ = queue.append(makeItem(.tip, byteCount: 60))
        _ = queue.append(makeItem(.tip, byteCount: 60))
        #expect(drain(&queue).count == 1)
        guard case .wait(let amount) = queue.next(at: now) else {
            Issue.record("no pause")
            return
        }
        #expect(amount == .milliseconds(500))
        guard case .item = queue.next(at: now + amount) else {
            Issue.record("no end of the pause")
            return
        }
    }
}

@Suite("What waits for the node")
struct EventQueueTests {
    private let peers = (UInt8(1)...3).map { KeyID(SHA256.hash([$0])) }

    private func frame(_ mark: UInt8, from peer: KeyID) -> NetworkEvent {
        .frame(kind: .tip, body: [mark], from: peer)
    }

    private func connect(_ queue: EventQueue, _ peer: KeyID, connection: UInt64) async throws {
        queue.post(.connected(peer, try makeHello(), isKnown: true), of: peer, connection: connection)
    }

    private func mark(_ event: NetworkEvent?) -> UInt8? {
        guard case .frame(_, let body, _) = event else { return nil }
        return body.first
    }

    @Test("comes out in turns, so that a busy peer delays only itself")
    func fairness() async throws {
        let queue = EventQueue(limit: QueueLimit(count: 10, byteCount: 100))
        for peer in peers {
            try await connect(queue, peer, connection: 1)
            _ = await queue.next()
        }
        for mark in UInt8(0)..<5 {
            #expect(await queue.put(frame(mark, from: peers[0]), byteCount: 1, of: peers[0], connection: 1))
        }
        #expect(await queue.put(frame(100, from: peers[1]), byteCount: 1, of: peers[1], connection: 1))
        #expect(await queue.put(frame(200, from: peers[2]), byteCount: 1, of: peers[2], connection: 1))
        var marks: [UInt8?] = []
        for _ in 0..<7 { marks.append(mark(await queue.next())) }
        #expect(marks == [0, 100, 200, 1, 2, 3, 4])
    }

    @Test("makes a peer wait at its limit until its frames are taken")
    func backPressure() async throws {
        let queue = EventQueue(limit: QueueLimit(count: 3, byteCount: 100))
        try await connect(queue, peers[0], connection: 1)
        let peer = peers[0]
        try await within {
            async let producer: Bool = {
                for mark in UInt8(0)..<50 {
                    guard
                        await queue.put(
                            .frame(kind: .tip, body: [mark], from: peer),
                            byteCount: 1,
                            of: peer,
                            connection: 1
                        )
                    else { return false }
                }
                return true
            }()
            _ = await queue.next()
            for expected in UInt8(0)..<50 {
                guard case .frame(_, let body, _) = await queue.next() else { throw DeadlineReached() }
                #expect(body == [expected])
            }
            #expect(await producer)
        }
    }

    @Test("lets go of a peer that waits, when it is cancelled, replaced, or the queue ends", arguments: 0..<3)
    func release(way: Int) async throws {
        let queue = EventQueue(limit: QueueLimit(count: 1, byteCount: 100))
        let peer = peers[0]
        try await connect(queue, peer, connection: 1)
        let blocked = Task {
            await queue.put(.frame(kind: .tip, body: [], from: peer), byteCount: 0, of: peer, connection: 1)
        }
        switch way {
        case 0: blocked.cancel()
        case 1: queue.post(.disconnected(peer, .replaced), of: peer, connection: 2)
        default: queue.finish()
        }
        #expect(try await within { await blocked.value } == false)
    }

    @Test("takes no frame of a connection that was replaced or ended")
    func stale() async throws {
        let queue = EventQueue(limit: QueueLimit(count: 9, byteCount: 100))
        try await connect(queue, peers[0], connection: 1)
        #expect(await !queue.put(frame(1, from: peers[0]), byteCount: 1, of: peers[0], connection: 2))
        queue.post(.disconnected(peers[0], .closedByPeer), of: peers[0], connection: nil)
        #expect(await !queue.put(frame(1, from: peers[0]), byteCount: 1, of: peers[0], connection: 1))
    }

    @Test("ends for the reader when the queue does, also while it waits")
    func end() async throws {
        let queue = EventQueue(limit: QueueLimit(count: 9, byteCount: 100))
        let reader = Task {
            if case .none = await queue.next() { true } else { false }
        }
        queue.finish()
        #expect(try await within { await reader.value })
    }
}
