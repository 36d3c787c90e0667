import Synchronization
import Testing

@testable import JalonNode

@Suite("The way into the driver's task")
struct MailboxTests {
    /// Delivers texts one after the other, and tells how many are in.
    private final class Writer: Sendable {
        private let count = Mutex(0)
        var delivered: Int { count.withLock { $0 } }

        func deliver(_ sizes: [Int], to mailbox: Mailbox<Int>) async {
            for size in sizes {
                await mailbox.deliver(size)
                count.withLock { $0 += 1 }
            }
        }
    }

    /// Writes until nothing moves any more, then empties the mailbox one by one.
    ///
    /// - Returns: How many were in before the first was taken, the most bytes that waited at once, and all that came out.
    private func run(_ sizes: [Int], through mailbox: Mailbox<Int>) async -> (
        first: Int, most: Int, out: [Int]
    ) {
        let writer = Writer()
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await writer.deliver(sizes, to: mailbox) }
            await settled(writer, sizes.count, mailbox)
            let first = writer.delivered
            var out: [Int] = []
            var most = 0
            while out.count < sizes.count {
                most = max(most, sizes[out.count..<max(writer.delivered, out.count)].reduce(0, +))
                out += await mailbox.receive(maximum: 1)
                await settled(writer, sizes.count, mailbox)
            }
            return (first, most, out)
        }
    }

    /// Waits until the writer has written all or waits for room.
    private func settled(_ writer: Writer, _ count: Int, _ mailbox: Mailbox<Int>) async {
        while writer.delivered < count, !mailbox.hasWaitingWriter { await Task.yield() }
    }

    @Test("takes from outside so many bytes and waits, however few frames those are")
    func bytes() async {
        let sizes = [40, 40, 40, 40, 5, 5, 5, 300, 1, 1]
        let (first, most, out) = await run(
            sizes,
            through: Mailbox(capacity: 100, byteCapacity: 100) { $0 }
        )
        #expect(first == 3 && out == sizes)
        // One more than the bytes allow, and it may be a large one.
        #expect(most < 100 + 300)
    }

    @Test("takes one that is larger than all its room, alone")
    func large() async {
        let (first, _, out) = await run(
            [500, 500, 1],
            through: Mailbox(capacity: 100, byteCapacity: 100) { $0 }
        )
        #expect(first == 1 && out == [500, 500, 1])
    }

    @Test("takes so many and waits, however small they are")
    func count() async {
        let sizes = [Int](repeating: 0, count: 10)
        let (first, _, out) = await run(
            sizes,
            through: Mailbox(capacity: 4, byteCapacity: 100) { $0 }
        )
        #expect(first == 4 && out == sizes)
    }

    @Test("lets the driver's own in without waiting, and whoever waits go when it ends")
    func end() async {
        let mailbox = Mailbox<Int>(capacity: 4, byteCapacity: 10) { $0 }
        for _ in 0..<50 { mailbox.send(10) }
        async let waiting: Void = mailbox.deliver(1)
        mailbox.finish()
        await waiting
        #expect(await mailbox.receive(maximum: 100).count == 50)
        #expect(await mailbox.receive(maximum: 100).isEmpty)
    }
}
