package import JalonCodec
package import JalonCrypto
package import JalonModel

/// Why a proof file does not prove what it says.
package enum ProofError: Error, Equatable, Sendable {
    /// The block or the transaction is of another network's chain.
    case otherChain(found: ChainID, expected: ChainID)
    /// The file brings another number of epochs than lie before the sealed block.
    case wrongEpochCount(found: Int, expected: Epoch)
    /// No validators are known for the block's epoch.
    case unknownEpoch(found: Epoch, last: Epoch)
    /// The block does not close the epoch whose end it should be.
    case notClosing(Height)
    /// The validators of this epoch are not those that the block before or the header names.
    case otherValidators(Epoch)
    /// The header at this height does not follow the one before.
    case brokenLink(Height)
    /// The votes are for another block than the one at this height.
    case otherBlock(Height)
    /// Fewer valid votes than a quorum.
    case notSealed(Height, needed: Int, validators: Int)
    /// The inclusion or consistency proof is for a log of another size than the header's.
    case wrongLogSize(found: UInt64, expected: UInt64)
    /// The path does not lead from the transaction to the header's log root.
    case notInLog(index: UInt64, Height)
    /// The log of the later block does not begin with that of the earlier one.
    case notConsistent(earlier: Height, later: Height)
    /// The value is not under the header's state root at this path.
    case notInState(String)
    /// The header's state may hold something at this path.
    case notAbsent(String)
    /// Neither the genesis nor the file says whose key signed.
    case unknownKey(KeyID, MemberID)
    /// The key belongs to another member than the one that the transaction is said to be of.
    case otherMember(KeyID, found: MemberID, expected: MemberID)
    /// The signature is not the key's, or one inside the body is not valid.
    case invalidSignature(KeyID)
    /// The record at a path is not the one encoding of what its path holds.
    case badRecord(path: String, CBORError)
    /// The transaction names no file with this SHA-256.
    case otherDocument(Digest)
    /// The file proves no transaction, so no document can be compared with one.
    case noStatement
}

extension ProofError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .otherChain(let found, let expected):
            "it is of the chain \(found), the genesis given is that of \(expected)"
        case .wrongEpochCount(let found, let expected):
            "the file hands over \(found) times between validators, the block is of epoch \(expected)"
        case .unknownEpoch(let found, let last):
            "the block is of epoch \(found), the validators are proven up to epoch \(last)"
        case .notClosing(let height): "block \(height) does not close the epoch whose end it should be"
        case .otherValidators(let epoch):
            "the validators of epoch \(epoch) are not those that were handed over to"
        case .brokenLink(let height): "the header of block \(height) does not follow the one before it"
        case .otherBlock(let height): "the votes are for another block than block \(height)"
        case .notSealed(let height, let needed, let validators):
            "block \(height) does not have \(needed) valid votes of its \(validators) validators"
        case .wrongLogSize(let found, let expected):
            "the path is for a log of \(found) transactions, the header says \(expected)"
        case .notInLog(let index, let height):
            "the transaction is not number \(index) in the log of block \(height)"
        case .notConsistent(let earlier, let later):
            "the log of block \(later) does not begin with that of block \(earlier): something was rewritten"
        case .notInState(let path): "the state of the block does not hold this value at \(path)"
        case .notAbsent(let path): "it is not proven that the state of the block holds nothing at \(path)"
        case .unknownKey(let key, let member):
            "neither the genesis nor the file says that the key \(key) is one of \(member)"
        case .otherMember(let key, let found, let expected):
            "the key \(key) belongs to \(found), not to \(expected)"
        case .invalidSignature(let key): "the signature is not that of the key \(key)"
        case .badRecord(let path, let error): "the record at \(path) does not decode: \(error)"
        case .otherDocument(let digest):
            "the transaction names no file with the SHA-256 \(digest): the document was changed, or is another one"
        case .noStatement: "the file proves no transaction, so no document can be compared with one"
        }
    }
}
