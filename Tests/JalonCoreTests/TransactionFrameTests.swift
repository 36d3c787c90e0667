import JalonModel
import Testing

@testable import JalonCore

@Suite("A frame of transactions from a peer")
struct TransactionFrameTests {
    let provinces: Provinces

    init() throws {
        provinces = try Provinces(4)
    }

    @Test(
        "is an offence once, however many of its strings are no transactions, and nothing behind them is read"
    )
    func malformed() throws {
        var node = try TestNode(provinces, nil)
        let (before, behind) = (try provinces.plan(1), try provinces.plan(2))
        let strings = (0..<4_096).map { [UInt8(truncatingIfNeeded: $0)] }
        node.receive(.transactions([before.bytes] + strings + [behind.bytes]), from: 1)
        #expect(node.penalties == [.malformed(.transactions)])
        #expect(node.effects.count < 10)
        #expect(node.core.isPending(before.id) && !node.core.isPending(behind.id))
    }

    @Test("is an offence once, however many signatures are false; what is valid beside them is taken")
    func forged() throws {
        var node = try TestNode(provinces, nil)
        let forged = try (1...50).map { number in
            var bytes = try provinces.plan(number).bytes
            bytes[bytes.count - 1] ^= 1
            return bytes
        }
        let valid = try provinces.plan(51)
        node.receive(.transactions(forged + [valid.bytes]), from: 1)
        #expect(node.penalties == [.invalidSignature(.transactions)])
        #expect(node.core.isPending(valid.id) && node.core.mempoolCount == 1)
        // Two frames are two offences.
        node.receive(.transactions([forged[0], forged[1]]), from: 2)
        #expect(node.penalties == [.invalidSignature(.transactions)])
    }

    @Test("that holds transactions alone is none")
    func sound() throws {
        var node = try TestNode(provinces, nil)
        let plans = try (1...9).map { try provinces.plan($0) }
        node.receive(.transactions(plans.map(\.bytes)), from: 1)
        #expect(node.penalties.isEmpty && node.core.mempoolCount == 9)
    }
}
