import JalonModel
import Testing

@testable import JalonNode

@Suite("The clock at a node's start")
struct StartTimeTests {
    private let tip = Timestamp(1_800_000_000_000)
    private func after(days: UInt64) -> Timestamp { tip.advanced(byMilliseconds: days * 86_400_000) }

    @Test("far after the last block is refused where the node seals alone, unless the operator believes it")
    func alone() throws {
        #expect(throws: NodeError.self) {
            try NodeSetup.checkTime(after(days: 40), tip: tip, isAlone: true, isAccepted: false)
        }
        try NodeSetup.checkTime(after(days: 40), tip: tip, isAlone: true, isAccepted: true)
        try NodeSetup.checkTime(after(days: 29), tip: tip, isAlone: true, isAccepted: false)
    }

    @Test("is no matter where other validators' clocks decide with it, or where there is no block yet")
    func others() throws {
        try NodeSetup.checkTime(after(days: 4_000), tip: tip, isAlone: false, isAccepted: false)
        try NodeSetup.checkTime(after(days: 4_000), tip: nil, isAlone: true, isAccepted: false)
    }
}
