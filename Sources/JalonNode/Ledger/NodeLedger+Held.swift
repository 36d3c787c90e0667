import JalonAPI
import JalonModel
import JalonSchema

extension NodeLedger {
    func held(after height: UInt64?, asOf: String?) async throws -> any HeldLedger {
        HeldState(ledger: self, asOf: asOf, assessed: try await assessed(asOf, after: height))
    }
}

/// One state of the ledger: a value, whose parts the node's own goes on to share.
private struct HeldState: HeldLedger {
    let ledger: NodeLedger
    let asOf: String?
    let assessed: AssessedState

    var height: UInt64 { assessed.snapshot.height.value }

    func commitments(_ filter: CommitmentFilter, page: Page) async throws -> API.CommitmentPage {
        try ledger.commitments(filter, page: page, asOf: asOf, in: assessed)
    }

    func milestones(of id: String, page: Page) async throws -> API.MilestonePage {
        try ledger.milestones(of: CommitmentID(checked: id), page: page, in: assessed.snapshot)
    }
}
