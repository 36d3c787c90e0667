import JalonAPI
import JalonCrypto
import JalonModel
import JalonSchema
import JalonStorage

// What a node says that does not hold the first blocks: one that joined by a snapshot, or was archived.
extension NodeLedger {
    /// Refuses what needs the body of a block that is not held.
    ///
    /// - Throws: `API.Problem` 410.
    func checkHeld(_ height: UInt64) throws(API.Problem) {
        guard let base, height > 0, height <= base.height.value else { return }
        throw NodeLedger.beforeFirst("block \(height) lies before it", first: base.firstBlock)
    }

    /// What is said of a transaction that no block here holds, where it may stand in an earlier one.
    func mayBeEarlier(_ id: TransactionID) -> API.Problem? {
        base.map { NodeLedger.beforeFirst("\(id.hex) may stand in an earlier one", first: $0.firstBlock) }
    }

    static func beforeFirst(_ what: String, first: Height) -> API.Problem {
        API.Problem(
            code: "E_BEFORE_FIRST_BLOCK",
            title: "Not held here",
            status: 410,
            detail: "this node's first block is \(first), and \(what)",
            hint:
                "Ask another node, one that did not join by a snapshot: see /v1/members for their addresses."
        )
    }

    /// What stands in the place of words that a transaction says in a block that is not held; `nil` where it is.
    func absence(at height: Height) -> String? {
        guard let base, height <= base.height else { return nil }
        return "[in block \(height), which this node does not hold: ask another node]"
    }
}
