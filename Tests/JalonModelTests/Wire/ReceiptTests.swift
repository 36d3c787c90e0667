import Foundation
import JalonCodec
import JalonCrypto
import JalonModel
import JalonTestKit
import Testing

@Suite("Receipts, from their bytes alone")
struct ReceiptTests {
    let network: TestNetwork
    let verifier = KeySignatureVerifier()
    let leaves = (0..<11).map { LeafHash(of: [UInt8($0)]) }
    let tree: MerkleTree
    let finalization: Certificate
    let proof: InclusionProof

    var context: VotingContext { network.context }
    var leaf: LeafHash { leaves[6] }

    init() throws {
        network = try TestNetwork(validatorCount: 7, epoch: 3)
        tree = MerkleTree(leaves: leaves)
        finalization = network.certificate(.finalize(View(5), .of("block"), logRoot: tree.root))
        proof = try #require(tree.inclusionProof(leaf: 6, size: 11))
    }

    private func receipts() throws -> [Receipt] {
        try #require(ReceiptSet.receipts(of: finalization, proof: proof, in: context))
    }

    private func verify(_ receipts: [Receipt], leaf: LeafHash? = nil) throws(ReceiptError)
        -> ReceiptSet.Finality
    {
        try ReceiptSet.verify(receipts, leaf: leaf ?? self.leaf, in: context, by: verifier)
    }

    @Test("of a quorum show finality, and of each validator its vote")
    func accepted() throws {
        let receipts = try receipts()
        #expect(receipts.count == 5)
        let finality = try verify(receipts.reversed())
        #expect(finality.ballot == finalization.ballot)
        #expect(finality.signers.map(\.value) == [0, 1, 2, 3, 4])
        for (index, receipt) in receipts.enumerated() {
            let read = try WireSample.decode(receipt.encoded, Receipt.init(from:))
            #expect(read == receipt)
            let (signer, ballot) = try read.verify(leaf: leaf, in: context, by: verifier)
            #expect(signer.value == index)
            #expect(ballot == finalization.ballot)
        }
    }

    @Test("of fewer than a quorum, or of one validator many times, do not")
    func noQuorum() throws {
        let receipts = try receipts()
        #expect(throws: ReceiptError.noQuorum(most: 4, quorum: 5)) { try verify(receipts.dropLast()) }
        #expect(throws: ReceiptError.noQuorum(most: 0, quorum: 5)) { try verify([]) }
        let repeated = [Receipt](repeating: receipts[0], count: 34)
        #expect(throws: ReceiptError.noQuorum(most: 1, quorum: 5)) { try verify(repeated) }
        #expect(throws: ReceiptError.tooMany(found: 35, limit: 34)) { try verify(repeated + [receipts[1]]) }
    }

    @Test("of differing ballots are not added up")
    func mixed() throws {
        let others: [Ballot] = [
            .finalize(View(6), .of("block"), logRoot: tree.root),
            .finalize(View(5), .of("other"), logRoot: tree.root),
        ]
        for ballot in others {
            let vote = network.votes(ballot, by: [4])[0].value
            let other = try #require(Receipt(vote: vote, proof: proof, in: context))
            #expect(throws: ReceiptError.noQuorum(most: 4, quorum: 5)) {
                try verify(receipts().dropLast() + [other])
            }
            #expect(try verify(receipts() + [other]).ballot == finalization.ballot)
        }
    }

    @Test("of a later block hold for the earlier transaction, with that block's path")
    func laterBlock() throws {
        var later = tree
        later.append(contentsOf: (20..<40).map { LeafHash(of: [UInt8($0)]) })
        let finalization = network.certificate(.finalize(View(9), .of("later"), logRoot: later.root))
        let proof = try #require(later.inclusionProof(leaf: 6, size: later.size))
        let receipts = try #require(ReceiptSet.receipts(of: finalization, proof: proof, in: context))
        #expect(try verify(receipts).ballot == finalization.ballot)
        // The two roots differ, so the earlier path under the later votes proves nothing.
        let wrong = try #require(ReceiptSet.receipts(of: finalization, proof: self.proof, in: context))
        #expect(throws: ReceiptError.invalidSignature(MemberID(checked: wrong[0].issuer.text))) {
            try verify(wrong)
        }
    }

    @Test("of another transaction, path or signature are refused, with the reason")
    func changed() throws {
        let receipts = try receipts()
        let issuer = receipts[0].issuer
        #expect(throws: ReceiptError.invalidSignature(issuer)) { try verify(receipts, leaf: leaves[7]) }
        func variant(_ proof: InclusionProof, signature: [UInt8]? = nil) throws -> Receipt {
            let vote = try #require(finalization.votes(in: context)?.first)
            let changed = Vote(
                epoch: vote.epoch,
                ballot: vote.ballot,
                signer: vote.signer,
                signature: signature ?? vote.signature
            )
            return try #require(Receipt(vote: changed, proof: proof, in: context))
        }
        let otherIndex = try variant(InclusionProof(size: 11, index: 7, path: proof.path))
        #expect(throws: ReceiptError.invalidSignature(issuer)) { try verify([otherIndex]) }
        let shorter = try variant(InclusionProof(size: 11, index: 6, path: proof.path.dropLast()))
        #expect(throws: ReceiptError.wrongPath(size: 11, index: 6)) { try verify([shorter]) }
        let longer = try variant(InclusionProof(size: 11, index: 6, path: proof.path + [.zero]))
        #expect(throws: ReceiptError.wrongPath(size: 11, index: 6)) { try verify([longer]) }
        for signature in [[], receipts[1].signature, receipts[0].signature + [0]] {
            let forged = try variant(proof, signature: signature)
            #expect(throws: ReceiptError.invalidSignature(issuer)) { try verify([forged]) }
        }
    }

    @Test("of another network, chain, epoch or set of validators are refused, with the reason")
    func otherContexts() throws {
        let receipt = try receipts()[0]
        func error(_ context: VotingContext) -> ReceiptError? {
            do throws(ReceiptError) {
                _ = try receipt.verify(leaf: leaf, in: context, by: verifier)
                return nil
            } catch {
                return error
            }
        }
        func variant(
            network: String = "test-net",
            chain: ChainID? = nil,
            epoch: UInt64 = 3,
            validators: ValidatorSet? = nil
        ) -> VotingContext {
            VotingContext(
                network: NetworkID(checked: network),
                chain: chain ?? context.chain,
                epoch: Epoch(epoch),
                validators: validators ?? context.validators
            )
        }
        #expect(error(context) == nil)
        #expect(
            error(variant(network: "other"))
                == .otherNetwork(found: context.network, expected: NetworkID(checked: "other"))
        )
        let chain = ChainID(.of("other"))
        #expect(error(variant(chain: chain)) == .otherChain(found: context.chain, expected: chain))
        #expect(error(variant(epoch: 4)) == .otherEpoch(found: Epoch(3), expected: Epoch(4)))
        let others = try TestNetwork(validatorCount: 7, firstSeed: 30).context.validators
        #expect(error(variant(validators: others)) == .unknownValidator(receipt.keyID))
        let renamed = try ValidatorSet(
            context.validators.validators.map {
                Validator(key: $0.key, member: MemberID(checked: "x" + $0.member.text))
            }
        )
        #expect(
            error(variant(validators: renamed))
                == .otherMember(found: receipt.issuer, expected: MemberID(checked: "x" + receipt.issuer.text))
        )
        for error in [
            ReceiptError.otherNetwork(found: context.network, expected: context.network),
            .otherChain(found: chain, expected: chain), .otherEpoch(found: Epoch(1), expected: Epoch(2)),
            .unknownValidator(receipt.keyID), .otherMember(found: receipt.issuer, expected: receipt.issuer),
            .wrongPath(size: 1, index: 2), .otherHeader, .invalidSignature(receipt.issuer),
            .noQuorum(most: 1, quorum: 2), .tooMany(found: 35, limit: 34),
        ] { #expect(!error.description.isEmpty) }
    }

    @Test("are made of a whole finalization of this epoch or not at all")
    func notMade() throws {
        for ballot in [Ballot.notarize(View(5), .of("block")), .nullify(View(5))] {
            #expect(ReceiptSet.receipts(of: network.certificate(ballot), proof: proof, in: context) == nil)
            let vote = network.votes(ballot, by: [0])[0].value
            #expect(Receipt(vote: vote, proof: proof, in: context) == nil)
        }
        let earlier = try TestNetwork(validatorCount: 7, epoch: 2)
        #expect(
            ReceiptSet.receipts(of: earlier.certificate(finalization.ballot), proof: proof, in: context)
                == nil
        )
        let cut = Certificate(
            epoch: Epoch(3),
            ballot: finalization.ballot,
            bitmap: [0b1111_0000],
            signatures: finalization.signatures.dropLast(64)
        )
        #expect(ReceiptSet.receipts(of: cut, proof: proof, in: context) == nil)
        let nobody = Vote(
            epoch: Epoch(3),
            ballot: finalization.ballot,
            signer: ValidatorIndex(7),
            signature: []
        )
        #expect(Receipt(vote: nobody, proof: proof, in: context) == nil)
    }

    // MARK: - Encodings

    @Test("in another form are refused")
    func decoding() throws {
        let hex = Hex.encode(try receipts()[0].encoded)
        let changes: [(String, String, String)] = [
            ("no tag", "d284", "84"),
            ("tag 17", "d284", "d184"),
            ("no finalize vote", "0303055820", "0103055820"),
            ("another data structure", "19018b01", "19018b02"),
            ("another algorithm", "a50127045820", "a50126045820"),
            ("another label of the proofs", "a119018c", "a119018d"),
            ("a consistency proof", "a119018ca120", "a119018ca121"),
            ("two proofs", "8ca12081", "8ca12082"),
            ("no proof", "8ca12081", "8ca12080"),
            ("a payload", "f65840", "405840"),
            ("an index outside the log", "830b06", "830b0b"),
            ("a longer number in the path", "830b06", "83180b06"),
        ]
        for (name, old, new) in changes {
            let range = try #require(hex.range(of: old), "\(name)")
            let changed = hex.replacingCharacters(in: range, with: new)
            #expect(throws: CBORError.self, "\(name)") {
                try WireSample.decode(bytes(changed), Receipt.init(from:))
            }
        }
        #expect(throws: CBORError.self) { try WireSample.decode(bytes(hex + "00"), Receipt.init(from:)) }
        #expect(throws: CBORError.self) {
            try WireSample.decode(bytes(String(hex.dropLast(2))), Receipt.init(from:))
        }
    }

    @Test("a transparent statement brings its transaction in the form of the log")
    func transparentStatement() throws {
        var generator = SeededGenerator(seed: 1)
        let transaction = try WireSample.transaction(&generator)
        let statement = TransparentStatement(transaction: transaction, receipts: try receipts())
        let read = try TransparentStatement(bytes: statement.encoded)
        #expect(read == statement)
        #expect(read.transaction.bytes == transaction.bytes)
        #expect(throws: CBORError.self, "a transaction without receipts is none") {
            try TransparentStatement(bytes: transaction.bytes)
        }
        #expect(throws: CBORError.self) { try TransparentStatement(bytes: statement.encoded + [0]) }
        #expect(throws: CBORError.self) { try TransparentStatement(bytes: statement.encoded.dropLast()) }
        let many = TransparentStatement(
            transaction: transaction,
            receipts: [Receipt](repeating: try receipts()[0], count: 35)
        )
        #expect(throws: CBORError.self) { try TransparentStatement(bytes: many.encoded) }
        let empty = Hex.encode(transaction.bytes).replacing("a058", with: "a119018a8058", maxReplacements: 1)
        #expect(throws: CBORError.self) { try TransparentStatement(bytes: bytes(empty)) }
        #expect(throws: CBORError.self) {
            try TransparentStatement(
                bytes: [UInt8](repeating: 0, count: TransparentStatement.maximumByteCount + 1)
            )
        }
    }

    @Test("the longest receipt is within its limit")
    func longest() throws {
        let member = String(repeating: "m", count: 64)
        let key = try PrivateKey(seed: [UInt8](repeating: 1, count: 32))
        let largest = UInt64(Int64.max)
        let network = try TestNetwork(
            keys: [key],
            members: [member],
            epoch: largest,
            network: String(repeating: "n", count: 64),
            chain: ChainID(.of("chain"))
        )
        let vote = network.votes(.finalize(View(largest), .of("b"), logRoot: .zero), by: [0])[0].value
        let path = [Digest](repeating: .zero, count: InclusionProof.maximumPathCount)
        let proof = InclusionProof(size: largest, index: largest - 1, path: path)
        #expect(proof.encoded.count <= InclusionProof.maximumByteCount)
        let receipt = try #require(Receipt(vote: vote, proof: proof, in: network.context))
        #expect(receipt.encoded.count <= Receipt.maximumByteCount)
        #expect(try WireSample.decode(receipt.encoded, Receipt.init(from:)) == receipt)
    }
}
