import JalonCrypto
import JalonModel
import JalonState
import Testing

/// A ``TestLedger`` whose blocks have headers, a log and votes, so that proofs of it can be made.
struct ProofChain {
    var ledger: TestLedger
    private(set) var tree = MerkleTree()
    /// One for each block that ``block(_:signers:)`` made.
    private(set) var seals: [Seal] = []
    private(set) var epochs: [EpochChange] = []
    /// The blocks themselves.
    private(set) var blocks: [Block] = []
    private var parent: (id: BlockID, view: View)

    init(parameters: Parameters = Parameters()) throws {
        ledger = try TestLedger(parameters: parameters)
        parent = (ledger.genesis.blockID, View(0))
    }

    var genesis: Genesis { ledger.genesis }

    /// The votes of the first of a set's validators over a header.
    static func finalization(
        _ header: BlockHeader,
        in context: VotingContext,
        signers: Int? = nil
    ) throws -> Certificate {
        let ballot = Ballot.finalize(header.view, header.id, logRoot: header.logRoot)
        let count = context.validators.count
        var bitmap = [UInt8](repeating: 0, count: (count + 7) / 8)
        var signatures: [UInt8] = []
        for index in context.validators.indices.prefix(signers ?? context.quorum) {
            let id = try #require(context.validators[index]?.key.id)
            let key = try #require(TestLedger.keysByID[id])
            bitmap[index.value / 8] |= 0x80 >> UInt8(index.value % 8)
            signatures += Vote.signed(ballot, by: index, key: key, in: context).value.signature
        }
        return Certificate(epoch: header.epoch, ballot: ballot, bitmap: bitmap, signatures: signatures)
    }

    /// Leaves that stand in the log before the next block's.
    mutating func fill(_ count: UInt64) {
        for number in 0..<count {
            tree.append(LeafHash(of: (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }))
        }
    }

    /// The next block, with its votes; one that closes the epoch is kept among ``epochs`` too.
    @discardableResult
    mutating func block(_ transactions: [Verified<Transaction>] = [], signers: Int? = nil) throws -> Seal {
        let (validators, epoch) = (ledger.state.validators, ledger.state.epoch)
        let context = VotingContext(
            network: genesis.network,
            chain: genesis.chain,
            epoch: epoch,
            validators: validators
        )
        try ledger.apply(transactions)
        tree.append(contentsOf: transactions.map(\.value.leaf))
        let header = BlockHeader(
            chain: genesis.chain,
            epoch: epoch,
            view: parent.view.next,
            height: ledger.height,
            parentView: parent.view,
            parent: parent.id,
            timestamp: ledger.time,
            leader: ValidatorIndex(0),
            logSize: tree.size,
            logRoot: tree.root,
            bodyByteCount: UInt64(transactions.reduce(0) { $0 + $1.value.bytes.count }),
            stateRoot: ledger.state.root,
            validatorsHash: validators.hash,
            nextValidatorsHash: ledger.state.validators.hash
        )
        parent = (header.id, header.view)
        blocks.append(Block(header: header, transactions: transactions.map(\.value.bytes)))
        let finalization = try ProofChain.finalization(header, in: context, signers: signers)
        seals.append(Seal(header: header, finalization: finalization))
        if header.closesEpoch {
            epochs.append(
                EpochChange(header: header, finalization: finalization, validators: ledger.state.validators)
            )
        }
        return seals[seals.count - 1]
    }

    /// Signs and puts in a block of its own.
    @discardableResult
    mutating func apply(
        _ body: TransactionBody,
        by member: String,
        key: PrivateKey? = nil
    ) throws -> Transaction {
        let transaction = try ledger.sign(body, by: member, .init(key: key))
        try block([transaction])
        return transaction.value
    }

    /// The proof of a transaction at an index of the log, against the last block.
    func proof(of transaction: Transaction, at index: UInt64, claims: [StatePath]) throws -> Proof {
        let seal = try #require(seals.last)
        let inclusion = try #require(tree.inclusionProof(leaf: index, size: seal.header.logSize))
        return Proof(
            seal: seal,
            epochs: epochs(before: seal),
            statement: Proof.Statement(transaction: transaction, inclusion: inclusion),
            states: claims.map { StateClaim($0, in: ledger.state) }
        )
    }

    /// The proof of what stands at paths after the last block.
    func proof(claims: [StatePath]) throws -> Proof {
        let seal = try #require(seals.last)
        let states = claims.map { StateClaim($0, in: ledger.state) }
        return Proof(seal: seal, epochs: epochs(before: seal), states: states)
    }

    /// The proof that the log only grew between two blocks, by their places among ``seals``.
    func proof(from earlier: Int, to later: Int) throws -> Proof {
        let (before, after) = (seals[earlier], seals[later])
        let path = tree.consistencyProof(from: before.header.logSize, to: after.header.logSize)
        return Proof(
            seal: after,
            epochs: epochs(before: after),
            earlier: Proof.Earlier(seal: before, consistency: try #require(path))
        )
    }

    private func epochs(before seal: Seal) -> [EpochChange] {
        Array(epochs.prefix(Int(seal.header.epoch.value)))
    }
}
