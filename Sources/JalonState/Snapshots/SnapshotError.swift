package import JalonCrypto
package import JalonModel

/// Why a snapshot is not one of the ledger whose genesis is believed, or lacks something.
package enum SnapshotError: Error, Equatable, Sendable {
    /// Another item stands where this one is due.
    case unexpectedItem
    case otherNetwork(found: NetworkID, expected: NetworkID)
    case otherChain(found: ChainID, expected: ChainID)
    /// A number of the head's that can't be.
    case badCount(String)
    /// The end of this epoch, in a block at this height, does not hold.
    case epoch(Epoch, closing: Height, ProofError)
    /// The base is not that of the block after it, or contradicts itself, in words.
    case badBase(String)
    /// What is wrong with this block, in words.
    case badBlock(Height, String)
    /// The votes for this block do not hold.
    case notSealed(Height, ProofError)
    /// The blocks begin after the replay window does: the first ones that are left out may still be asked for.
    case shortWindow(base: Timestamp, head: Timestamp)
    /// More ids than any replay window holds.
    case longWindow(count: Int)
    /// The leaves do not ascend at this path.
    case unsortedLeaf(String)
    case badState(StateError)
    /// The leaves are not the state of the block.
    case otherState(Height, found: Digest, expected: Digest)
    /// It ends before this number of items of a kind came.
    case incomplete(missing: String)
}

extension SnapshotError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unexpectedItem: "an item of another kind stands where the next one is due"
        case .otherNetwork(let found, let expected):
            "it is of the network \(found), expected \(expected)"
        case .otherChain(let found, let expected): "it is of the chain \(found), expected \(expected)"
        case .badCount(let reason): "its head can't be: \(reason)"
        case .epoch(let epoch, _, let error): "the end of epoch \(epoch) does not hold: \(error)"
        case .badBase(let reason): "what it starts from does not hold: \(reason)"
        case .badBlock(let height, let reason): "block \(height): \(reason)"
        case .notSealed(let height, let error): "the finalization of block \(height) does not hold: \(error)"
        case .shortWindow(let base, let head):
            """
            its blocks begin after \(base) (ms since 1970), too late for a head of \(head): a transaction of a block \
            that is left out could be taken in again
            """
        case .longWindow(let count):
            "its blocks hold \(count) transactions, at most \(ReplayWindow.maximumCount) can count"
        case .unsortedLeaf(let path): "the leaf \(path) stands out of order"
        case .badState(let error): "its state can't be: \(error)"
        case .otherState(let height, let found, let expected):
            "its leaves have the root \(found), block \(height) says \(expected)"
        case .incomplete(let missing): "it ends before \(missing)"
        }
    }
}
