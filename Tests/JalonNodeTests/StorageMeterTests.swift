import JalonSchema
import Testing

@testable import JalonNode
@testable import JalonStorage

@Suite("How long a disk will do")
struct StorageMeterTests {
    private let day = LedgerGrowth(spanMilliseconds: LedgerGrowth.day, byteCount: 10 << 20)
    private let week = LedgerGrowth(spanMilliseconds: 7 * LedgerGrowth.day, byteCount: 35 << 20)

    @Test("follows from the faster of the last day and the last week, and ends where votes do")
    func faster() {
        let growth = StorageMeter.growth(day, week, free: (64 + 105) << 20)
        #expect(growth.bytesPerDay == 10 << 20)
        #expect(growth.lastWeekBytesPerDay == 5 << 20)
        #expect(growth.daysUntilFull == 10)
        #expect(growth.measuredHours == 168)
    }

    @Test("is no day where votes have stopped")
    func full() {
        #expect(StorageMeter.growth(day, week, free: 63 << 20).daysUntilFull == 0)
    }

    @Test("is not said where nothing grows")
    func still() {
        let none = LedgerGrowth(spanMilliseconds: LedgerGrowth.day, byteCount: 0)
        #expect(StorageMeter.growth(none, none, free: 1 << 40).daysUntilFull == nil)
    }

    @Test("is unknown of a young ledger, whose bytes are counted all the same")
    func young() throws {
        let temporary = try TemporaryFolder()
        var ledger = try LedgerFixture(folder: "\(temporary.path)/data")
        try ledger.append([try ledger.plan(1)])
        let meter = StorageMeter()
        #expect(meter.use == nil)
        meter.measure(try LedgerReader.open(readOnly: "\(temporary.path)/data"), free: 7)
        let use = try #require(meter.use)
        #expect(use.freeBytes == 7 && use.growth == nil)
        #expect(use.ledgerBytes > 4_096)
    }
}
