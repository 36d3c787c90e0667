import JalonCodec
import JalonCrypto
import JalonModel
import JalonTestKit
import Testing

/// What `vectors.json` says, as values of ours.
struct IndependentNetwork {
    let vectors: Vectors
    let network: TestNetwork
    let header: BlockHeader
    let transactions: [Transaction]

    init() throws {
        vectors = try Vectors.load()
        let chain = try #require(ChainID(hex: vectors.chain))
        // The seeds of all seven stand nowhere in the file but for five; the others follow them.
        let members = ["cn-bj", "cn-gz", "cn-hb", "cn-he", "cn-hi", "cn-hn", "cn-js"]
        let keys = try (0..<7).map { try PrivateKey(seed: [UInt8](repeating: 20 + UInt8($0), count: 32)) }
        network = try TestNetwork(
            keys: keys,
            members: members,
            epoch: 0,
            network: vectors.network,
            chain: chain
        )
        header = try CBORDecoder.decode(bytes(vectors.header)[...]) { (decoder) throws(CBORError) in
            try BlockHeader(from: &decoder)
        }
        transactions = try vectors.transactions.map { try Transaction(bytes: bytes($0.bytes)) }
    }

    /// The index of a vote's signer.
    func signer(_ vote: Vectors.SignedVote) throws -> ValidatorIndex {
        try #require(network.context.validators.index(of: MemberID(checked: vote.member)))
    }

    var finalize: Ballot { .finalize(header.view, header.id, logRoot: header.logRoot) }

    func vote(_ vote: Vectors.SignedVote, _ ballot: Ballot) throws -> Vote {
        Vote(epoch: Epoch(0), ballot: ballot, signer: try signer(vote), signature: bytes(vote.signature))
    }

    func receipts(of index: Int) throws -> [Receipt] {
        let tree = MerkleTree(leaves: transactions.map(\.leaf))
        let proof = try #require(tree.inclusionProof(leaf: UInt64(index), size: tree.size))
        return try vectors.finalizeVotes.map { signed in
            let vote = try vote(signed, finalize)
            return try #require(Receipt(vote: vote, proof: proof, in: network.context))
        }
    }
}

@Suite("The independent implementation's examples, to the byte")
struct IndependentVectorTests {
    let independent: IndependentNetwork
    var vectors: Vectors { independent.vectors }
    var context: VotingContext { independent.network.context }

    init() throws {
        independent = try IndependentNetwork()
    }

    @Test("transactions are read, made and signed")
    func transactions() throws {
        for (statement, transaction) in zip(vectors.transactions, independent.transactions) {
            let key = try PrivateKey(seed: [UInt8](repeating: statement.seed, count: 32))
            #expect(transaction.id.hex == statement.transactionID)
            #expect(transaction.issuer.text == statement.iss)
            #expect(transaction.subject.text == statement.sub)
            #expect(transaction.keyID.hex == statement.kid)
            #expect(transaction.chain.hex == vectors.chain)
            #expect(Hex.encode(transaction.toBeSigned) == statement.toBeSigned)
            #expect(Hex.encode(transaction.signature) == statement.signature)
            #expect(transaction.verified(key: key.publicKey, by: KeySignatureVerifier()) != nil)
            let made = try Transaction.signed(
                body: Array(transaction.body),
                subject: transaction.subject,
                issuer: transaction.issuer,
                chain: transaction.chain,
                nonce: transaction.nonce,
                expires: transaction.expires,
                key: key
            )
            #expect(Hex.encode(made.bytes) == statement.bytes)
        }
    }

    @Test("the log's leaves, roots and proofs")
    func log() throws {
        let leaves = independent.transactions.map(\.leaf)
        #expect(leaves.map(\.hex) == vectors.log.leafHashes)
        let tree = MerkleTree(leaves: leaves)
        #expect(tree.root.hex == vectors.log.root)
        var frontier = MerkleFrontier()
        for (size, root) in vectors.log.rootsOfPrefixes.enumerated() {
            #expect(tree.root(at: UInt64(size))?.hex == root)
            #expect(frontier.root.hex == root)
            if size < leaves.count { frontier.append(leaves[size]) }
        }
        for (index, path) in vectors.log.inclusion.enumerated() {
            let proof = try #require(tree.inclusionProof(leaf: UInt64(index), size: 3))
            #expect(proof.path.map(\.hex) == path)
            #expect(proof.verify(leaf: leaves[index], root: tree.root))
        }
    }

    @Test("roots over other leaves")
    func merkle() {
        for example in vectors.merkle {
            let leaves = example.leaves.map { LeafHash(of: bytes($0)) }
            #expect(MerkleTree(leaves: leaves).root.hex == example.root)
            var frontier = MerkleFrontier()
            frontier.append(contentsOf: leaves)
            #expect(frontier.root.hex == example.root)
        }
    }

    @Test("the validators' encoding, hash and order")
    func validators() throws {
        let set = context.validators
        #expect(Hex.encode(set.encoded) == vectors.validators.encoding)
        #expect(set.hash.hex == vectors.validators.hash)
        #expect(set.validators.map(\.member.text) == vectors.validators.order)
        let read = try CBORDecoder.decode(bytes(vectors.validators.encoding)[...]) {
            (decoder) throws(CBORError) in
            try ValidatorSet(from: &decoder)
        }
        #expect(read == set)
    }

    @Test("the header, its id and its leader")
    func header() {
        let header = independent.header
        #expect(Hex.encode(header.encoded) == vectors.header)
        #expect(header.id.hex == vectors.blockID)
        #expect(header.leader.value == vectors.leaderIndex)
        #expect(header.logRoot.hex == vectors.log.root)
        #expect(header.logSize == 3)
        #expect(header.validatorsHash == context.validators.hash)
        #expect(header.bodyByteCount == UInt64(independent.transactions.reduce(0) { $0 + $1.bytes.count }))
        #expect(context.validators.leader(of: header.view, offset: 0) == header.leader)
    }

    @Test("votes of every kind are made and accepted")
    func votes() throws {
        let block = independent.header.id
        let view = independent.header.view
        let cases =
            vectors.finalizeVotes.map { ($0, independent.finalize) } + [
                (vectors.notarizeVote, .notarize(view, block)), (vectors.nullifyVote, .nullify(view.next)),
            ]
        for (expected, ballot) in cases {
            let signer = try independent.signer(expected)
            let validator = try #require(context.validators[signer])
            #expect(Hex.encode(ballot.toBeSigned(by: validator, in: context)) == expected.toBeSigned)
            let key = independent.network.keys[signer.value]
            let vote = Vote.signed(ballot, by: signer, key: key, in: context).value
            #expect(Hex.encode(vote.signature) == expected.signature)
            #expect(vote.verified(in: context, by: KeySignatureVerifier()) != nil)
        }
    }

    @Test("receipts of every transaction are made, read and accepted")
    func receipts() throws {
        for (index, expected) in vectors.receipts.enumerated() {
            let receipts = try independent.receipts(of: index)
            #expect(receipts.map { Hex.encode($0.encoded) } == expected)
            let read = try expected.map {
                try CBORDecoder.decode(bytes($0)[...]) { (decoder) throws(CBORError) in
                    try Receipt(from: &decoder)
                }
            }
            #expect(read == receipts)
            let finality = try ReceiptSet.verify(
                read,
                leaf: independent.transactions[index].leaf,
                in: context,
                by: KeySignatureVerifier()
            )
            #expect(finality.ballot == independent.finalize)
            #expect(finality.signers.count == 5)
        }
    }

    @Test("the transparent statement is made and read")
    func transparentStatement() throws {
        let transaction = try #require(independent.transactions.first)
        let statement = TransparentStatement(
            transaction: transaction,
            receipts: try independent.receipts(of: 0)
        )
        #expect(Hex.encode(statement.encoded) == vectors.transparentStatement)
        #expect(try TransparentStatement(bytes: bytes(vectors.transparentStatement)) == statement)
    }
}
