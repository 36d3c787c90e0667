public import JalonCrypto

/// Why a receipt does not say that a validator of the epoch voted for a block above the transaction.
public enum ReceiptError: Error, Equatable, Sendable {
    /// The vote is for another network.
    case otherNetwork(found: NetworkID, expected: NetworkID)
    /// The vote is bound to another genesis.
    case otherChain(found: ChainID, expected: ChainID)
    /// The vote is of another epoch: ask for the validators of that one.
    case otherEpoch(found: Epoch, expected: Epoch)
    /// The key is none of the epoch's validators'.
    case unknownValidator(KeyID)
    /// The validator with this key belongs to another member.
    case otherMember(found: MemberID, expected: MemberID)
    /// The path is not one from that leaf to the root of a log of that size.
    case wrongPath(size: UInt64, index: UInt64)
    /// The protected header is not that of a finalize vote under the key's algorithm.
    case otherHeader
    /// The signature is not the validator's over the root that follows from leaf and path: the transaction,
    /// the path or the signature was changed.
    case invalidSignature(MemberID)
    /// Fewer validators than a quorum say the same: `most` of the `quorum` that decide.
    case noQuorum(most: Int, quorum: Int)
    /// More receipts than validators are possible.
    case tooMany(found: Int, limit: Int)
}

extension ReceiptError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .otherNetwork(let found, let expected):
            "a receipt of the network \(found), expected \(expected)"
        case .otherChain(let found, let expected):
            "a receipt of the chain \(found), expected \(expected)"
        case .otherEpoch(let found, let expected):
            "a receipt of epoch \(found), expected \(expected): check it against the validators of its epoch"
        case .unknownValidator(let key):
            "the key \(key) is none of the validators of this epoch"
        case .otherMember(let found, let expected):
            "the receipt names the member \(found), its key belongs to \(expected)"
        case .wrongPath(let size, let index):
            "the path does not lead from leaf \(index) to the root of a log of \(size) leaves"
        case .otherHeader:
            "the receipt's signed header is not that of a finalize vote of this validator"
        case .invalidSignature(let member):
            "the signature of \(member) does not cover this transaction under this path"
        case .noQuorum(let most, let quorum):
            "\(most) validators agree, \(quorum) are needed: the receipts do not show that the transaction is final"
        case .tooMany(let found, let limit):
            "\(found) receipts; at most \(limit) are possible"
        }
    }
}
