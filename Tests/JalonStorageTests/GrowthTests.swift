import JalonModel
import Testing

@testable import JalonStorage

@Suite("A ledger's growth is read from its blocks' times")
struct GrowthTests {
    private static let hour = LedgerGrowth.least
    private static let start: UInt64 = 1_600_000_000_000

    private let place: TestFolder

    init() throws { place = try TestFolder() }

    /// A ledger with a block of so many transactions at each time, in milliseconds after the first.
    private func ledger(_ blocks: [(time: UInt64, count: Int)]) throws -> (
        store: LedgerStore, bytes: [UInt64]
    ) {
        var chain = try TestChain()
        let store = try place.makeLedger(chain)
        var bytes: [UInt64] = []
        for block in blocks {
            let final = try chain.next(block.count, time: GrowthTests.start + block.time)
            // Without the head of the array of two that a block's encoding is.
            bytes.append(UInt64(final.block.encoded.count - 1))
            try store.perform([.final(final)])
        }
        return (store, bytes)
    }

    @Test("and nothing is said of it before the chain is an hour old")
    func young() throws {
        let (store, _) = try ledger([(0, 3), (GrowthTests.hour - 1, 3)])
        #expect(try store.reader.growth(in: LedgerGrowth.day) == nil)
    }

    @Test("and nothing without a block")
    func empty() throws {
        #expect(try ledger([]).store.reader.growth(in: LedgerGrowth.day) == nil)
    }

    @Test("by all of them where the chain is younger than the window")
    func all() throws {
        let (store, bytes) = try ledger((0...20).map { ($0 * GrowthTests.hour / 4, 20) })
        let growth = try #require(try store.reader.growth(in: LedgerGrowth.day))
        #expect(growth.spanMilliseconds == 5 * GrowthTests.hour)
        let recent = bytes.dropFirst().reduce(0, +)
        // What the file holds for each byte of a block is between one and four.
        #expect((recent...4 * recent).contains(growth.byteCount))
        let perDay = Double(growth.byteCount) * 24 / 5
        #expect(abs(Double(growth.bytesPerDay) - perDay) < 2)
    }

    @Test("by those in the window alone where it is older")
    func window() throws {
        // Large blocks for two days, then small ones for one.
        let day = LedgerGrowth.day
        let large = (0..<48).map { (time: $0 * GrowthTests.hour, count: 40) }
        let small = (0...24).map { (time: 2 * day + $0 * GrowthTests.hour, count: 1) }
        let (store, bytes) = try ledger(large + small)
        let last = try #require(try store.reader.growth(in: day))
        let week = try #require(try store.reader.growth(in: 7 * day))
        #expect(last.spanMilliseconds == day && week.spanMilliseconds == 3 * day)
        let recent = bytes.suffix(24).reduce(0, +)
        #expect((recent...4 * recent).contains(last.byteCount))
        #expect(week.bytesPerDay > 5 * last.bytesPerDay)
    }
}
