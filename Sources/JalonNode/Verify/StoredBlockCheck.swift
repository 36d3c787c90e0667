import JalonCodec
import JalonCrypto
import JalonModel
import JalonState
import JalonStorage

/// What is wrong with one block, in words.
struct BlockDefect: Error, Hashable, Sendable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// One stored block after every check that needs no block before it: its structure and its signatures.
///
/// Many of them are made at once.
struct StoredBlockCheck: Sendable {
    /// What came of a transaction's bytes.
    enum Statement: Sendable {
        case verified(Verified<Transaction>)
        /// The key that signed stands in no state yet: a block before this one may register it.
        case unknownKey(Transaction)
        case bad(String)
    }

    /// What came of the finalization stored for the block.
    enum Finality: Sendable {
        case absent
        case verified(Certificate)
        /// Its epoch was not known yet: a block before this one may start it.
        case unknownEpoch(Certificate)
        case bad(String)
    }

    let height: Height
    /// The block, or why the bytes are not one.
    let block: Result<Block, BlockDefect>
    /// In their order; a part of what was made for many blocks at once.
    let statements: ArraySlice<Statement>
    let finality: Finality
    /// Whether its row in a data folder is in order, as ``RawBlock/isAudited`` says.
    let isAudited: Bool
    /// Signatures checked.
    let signatureCount: Int

    /// Puts together what was found out about one block: its bytes, its transactions in their order, and its finalization.
    init(
        height: Height,
        block: Result<Block, BlockDefect>,
        statements: ArraySlice<Statement>,
        finality: Finality,
        isAudited: Bool = false
    ) {
        (self.height, self.block, self.statements, self.finality) = (height, block, statements, finality)
        self.isAudited = isAudited
        let voteCount =
            switch finality {
            case .verified(let certificate), .unknownEpoch(let certificate):
                certificate.bitmap.reduce(0) { $0 + $1.nonzeroBitCount }
            case .absent, .bad: 0
            }
        signatureCount = statements.count + voteCount
    }

    static func decoded(_ raw: RawBlock) -> Result<Block, BlockDefect> {
        do {
            let block = try CBORDecoder.decode(raw.block[...]) { (decoder) throws(CBORError) in
                try Block(from: &decoder)
            }
            return .success(block)
        } catch {
            return .failure(BlockDefect("its bytes are not a block: \(error)"))
        }
    }

    /// Reads a transaction and checks its signature under the key that its id names.
    ///
    /// A key's id is its hash, so
    /// whatever state knows the key gives the same answer.
    static func statement(_ bytes: [UInt8], keys: KeyDirectory) -> Statement {
        var lookup = KeyLookup(keys)
        return statement(bytes, keys: &lookup)
    }

    static func statement(_ bytes: [UInt8], keys: inout KeyLookup) -> Statement {
        let transaction: Transaction
        do { transaction = try Transaction(bytes: bytes) } catch {
            return .bad("its bytes are not a transaction: \(error)")
        }
        guard let key = keys.key(transaction.keyID) else { return .unknownKey(transaction) }
        return verified(transaction, key: key)
    }

    static func verified(_ transaction: Transaction, key: PublicKey) -> Statement {
        guard let verified = transaction.verified(key: key, by: KeySignatureVerifier()) else {
            return .bad("the signature of \(transaction.issuer) does not match its bytes (key \(key.id))")
        }
        return .verified(verified)
    }

    /// Reads and checks the finalization that is stored for a block.
    static func finality(_ bytes: [UInt8]?, contexts: EpochContexts) -> Finality {
        guard let bytes else { return .absent }
        let certificate: Certificate
        do {
            certificate = try CBORDecoder.decode(bytes[...]) { (decoder) throws(CBORError) in
                try Certificate(from: &decoder)
            }
        } catch {
            return .bad("its finalization does not decode: \(error)")
        }
        return finality(certificate, contexts: contexts)
    }

    /// Checks a finalization, signature by signature, so that a wrong one is named.
    static func finality(_ certificate: Certificate, contexts: EpochContexts) -> Finality {
        guard let context = contexts[certificate.epoch] else { return .unknownEpoch(certificate) }
        guard certificate.kind == .finalize else {
            return .bad("its certificate is a \(certificate.kind) certificate, expected a finalization")
        }
        guard let votes = certificate.votes(in: context) else {
            return .bad(
                "its finalization is not by \(context.validators.quorum) of the \(context.validators.count) validators "
                    + "of epoch \(context.epoch)"
            )
        }
        for vote in votes where vote.verified(in: context, by: KeySignatureVerifier()) == nil {
            let member = context.validators[vote.signer]?.member.text ?? "nobody"
            return .bad("the vote of \(member) in its finalization has a signature that does not match")
        }
        return .verified(certificate)
    }
}

/// Keys that one task looked up: tasks that look at the same records all the time wait for each other.
struct KeyLookup {
    private let directory: KeyDirectory
    // Asked by id, never iterated.
    private var found: [KeyID: PublicKey] = [:]

    init(_ directory: KeyDirectory) {
        self.directory = directory
    }

    mutating func key(_ id: KeyID) -> PublicKey? {
        if let key = found[id] { return key }
        let key = directory.key(id)
        if let key { found[id] = key }
        return key
    }
}
