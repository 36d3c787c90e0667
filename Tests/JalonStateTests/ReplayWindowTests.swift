import JalonCrypto
import JalonModel
import JalonState
import JalonTestKit
import Testing

@Suite("The window in which a transaction counts as already there")
struct ReplayWindowTests {
    private let hour: UInt64 = 3_600_000

    private func id(_ number: Int) -> TransactionID {
        TransactionID(SHA256.hash(Array("\(number)".utf8)))
    }

    @Test("holds an id for a lifetime, and lets it go afterwards")
    func lifetime() {
        var window = ReplayWindow(maxLifetime: hour)
        let start = Timestamp(1_600_000_000_000)
        window.insert([id(1)], at: start)
        #expect(window.contains(id(1)))
        #expect(!window.contains(id(2)))
        window.insert([id(2)], at: start.advanced(byMilliseconds: hour))
        #expect(window.contains(id(1)), "a lifetime later the first may still be valid")
        #expect(window.count == 2)
        window.insert([], at: start.advanced(byMilliseconds: hour + hour / 12 + 1))
        #expect(!window.contains(id(1)))
        #expect(window.contains(id(2)))
        #expect(window.count == 1)
    }

    @Test("of a node that starts holds what that of a node holds which never stopped", arguments: 1...200)
    func readBack(step: Int) {
        let start = Timestamp(1_600_000_000_000 + 13_417 * UInt64(step))
        let times = (0..<40).map { start.advanced(byMilliseconds: UInt64($0) * 97_003) }
        var whole = ReplayWindow(maxLifetime: hour)
        for (number, time) in times.enumerated() { whole.insert([id(number)], at: time) }
        let oldest = times[times.count - 1].reduced(byMilliseconds: ReplayWindow.reach(maxLifetime: hour))
        let blocks = times.enumerated().filter { $0.element >= oldest }
            .map { (timestamp: $0.element, transactions: [id($0.offset)]) }
        let read = ReplayWindow(maxLifetime: hour, blocks: blocks)
        for (number, time) in times.enumerated() {
            #expect(read.contains(id(number)) == whole.contains(id(number)), "\(time)")
        }
        #expect(read.count == whole.count)
    }

    @Test("takes a block's ids one by one, and each of them once")
    func takesOnce() {
        let start = Timestamp(1_600_000_000_000)
        var window = ReplayWindow(maxLifetime: hour)
        window.insert([id(1)], at: start)
        let later = start.advanced(byMilliseconds: hour / 2)
        // The first one stands in an earlier slice, the third in the same block.
        #expect([1, 2, 2, 3].map { window.take(id($0), at: later) } == [false, true, false, true])
        #expect(window.count == 3)
        #expect(window.contains(id(2)))
        // What leaves with a block still counts while its ids are taken, and no longer at its end.
        let last = start.advanced(byMilliseconds: hour + hour / 12 + 1)
        let isTaken = window.take(id(1), at: last)
        #expect(!isTaken)
        window.insert([], at: last)
        #expect(!window.contains(id(1)))
        #expect(window.count == 2)
    }

    @Test("counts the same id once")
    func repeated() {
        var window = ReplayWindow(maxLifetime: hour)
        window.insert([id(1), id(1)], at: Timestamp(10))
        #expect(window.count == 1)
    }

    @Test("says beforehand how many ids a later block would find")
    func countAhead() {
        var window = ReplayWindow(maxLifetime: hour)
        window.insert((0..<10).map(id), at: Timestamp(hour))
        window.insert((10..<15).map(id), at: Timestamp(2 * hour))
        #expect(window.count(at: Timestamp(2 * hour)) == 15)
        #expect(window.count(at: Timestamp(2 * hour + hour / 6)) == 5)
        #expect(window.count(at: Timestamp(9 * hour)) == 0)
        #expect(window.count == 15)
    }

    @Test("is a function of the blocks, not of when it was asked", arguments: 1...5 as ClosedRange<UInt64>)
    func functionOfChain(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var window = ReplayWindow(maxLifetime: hour)
        var blocks: [(time: UInt64, ids: [Int])] = []
        var time: UInt64 = 1_000_000
        for block in 0..<300 {
            time += UInt64.random(in: 1...120_000, using: &random)
            let ids = (0..<Int.random(in: 0...5, using: &random)).map { block * 10 + $0 }
            blocks.append((time, ids))
            window.insert(ids.map(id), at: Timestamp(time))
            for old in blocks {
                if old.time + hour >= time {
                    #expect(old.ids.allSatisfy { window.contains(id($0)) })
                } else if old.time + hour + hour / 12 < time {
                    #expect(old.ids.allSatisfy { !window.contains(id($0)) })
                }
            }
        }
        // Only the blocks that still count, inserted afresh, give the same window.
        var fresh = ReplayWindow(maxLifetime: hour)
        let slice = hour / 12
        for block in blocks where block.time / slice >= (time - hour) / slice {
            fresh.insert(block.ids.map(id), at: Timestamp(block.time))
        }
        #expect(fresh.count == window.count)
    }

    @Test("the limit is four million ids")
    func limit() {
        #expect(ReplayWindow.maximumCount == 4_000_000)
    }
}
