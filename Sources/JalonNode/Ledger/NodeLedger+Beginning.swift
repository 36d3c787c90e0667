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

    /// Refuses what needs the header and the seal of a block that are not held.
    ///
    /// - Throws: `API.Problem` 410.
    func checkKnown(_ height: UInt64) throws(API.Problem) {
        if let archived, height >= archived.first.value { return }
        try checkHeld(height)
    }

    /// What is said of a transaction that no block here holds, where it may stand in an earlier one.
    func mayBeEarlier(_ id: TransactionID) -> API.Problem? {
        // Of those in archived blocks the ids are held.
        if let archived, archived.first == Height(1) { return nil }
        return base.map {
            NodeLedger.beforeFirst("\(id.hex) may stand in an earlier one", first: $0.firstBlock)
        }
    }

    /// What is said of a transaction whose body was dropped.
    static func archived(_ id: TransactionID, _ archived: ArchivedTransaction) -> API.Problem {
        API.Problem(
            code: "E_ARCHIVED",
            title: "Archived",
            status: 410,
            detail:
                "\(id.hex) is final in block \(archived.location.height), whose body is archived: this node holds its "
                + "hash and what proves it, not its bytes",
            hint:
                "Whoever has the bytes, or the archive's file, proves it here: "
                + "jalon proof get --tx \(id.hex) --statement FILE. Another node may hold them still."
        )
    }

    static func otherStatement(_ given: Transaction, leaf: LeafHash) -> API.Problem {
        API.Problem(
            code: "E_STATEMENT",
            title: "Another statement",
            status: 422,
            detail:
                "these bytes of \(given.id.hex) are not those that the log holds: their leaf hash is \(given.leaf), "
                + "that in the log \(leaf)",
            hint:
                "The same may have been signed twice: the bytes that are in the log are the ones that count."
        )
    }

    static func beforeFirst(_ what: String, first: Height) -> API.Problem {
        API.Problem(
            code: "E_BEFORE_FIRST_BLOCK",
            title: "Not held here",
            status: 410,
            detail: "this node's first block is \(first), and \(what)",
            hint:
                "Ask another node, one that holds every block: see /v1/members for their addresses."
        )
    }

    /// The first block that is held, where it comes after the one at a height; `nil` where that one is held.
    func firstHeld(after height: Height) -> UInt64? {
        guard let base, height <= base.height else { return nil }
        return base.firstBlock.value
    }

    /// What stands in the place of words that a transaction says in a block that is not held; `nil` where it is.
    func absence(at height: Height) -> String? {
        guard let base, height <= base.height else { return nil }
        return "[in block \(height), which this node does not hold: ask another node]"
    }
}
