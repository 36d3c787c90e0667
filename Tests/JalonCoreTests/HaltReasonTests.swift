import JalonCrypto
import JalonModel
import Testing

@testable import JalonCore

@Suite("Why a node stopped, in words")
struct HaltReasonTests {
    @Test("Rules that are not known call for a newer program and for nothing else")
    func unknownRules() {
        let text = "\(HaltReason.unknownRules(Height(9), version: 2))"
        #expect(text.contains("height 9") && text.contains("jalon-block/2") && text.contains("newer jalon"))
        #expect(!text.contains("jalon verify"))
    }

    @Test("A final block that does not execute calls for a check of the ledger")
    func invalidBlock() {
        let reason = HaltReason.finalBlockInvalid(Height(4), .none, reason: "state root")
        #expect("\(reason)".contains("state root") && "\(reason)".contains("jalon verify"))
        let conflict = HaltReason.conflictingFinalizations(.none, .none)
        #expect("\(conflict)".contains("contradict") && "\(conflict)".contains("jalon verify"))
    }
}
