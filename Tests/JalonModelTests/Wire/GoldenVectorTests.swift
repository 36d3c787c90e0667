import Foundation
import JalonCodec
import JalonCrypto
import JalonModel
import JalonTestKit
import Testing

@Suite("Our own examples, pinned in a file", .serialized)
struct GoldenVectorTests {
    let verifier = KeySignatureVerifier()

    @Test("are made as the file says, to the byte")
    func pinned() throws {
        let made = try GoldenVectors.make()
        if ProcessInfo.processInfo.environment["JALON_WRITE_VECTORS"] == "1" { try made.save() }
        #expect(try GoldenVectors.load() == made)
    }

    @Test("are read and verified from the file alone")
    func verified() throws {
        let golden = try GoldenVectors.load()
        let validators = try WireSample.decode(bytes(golden.validators.encoding), ValidatorSet.init(from:))
        #expect(validators.hash.hex == golden.validators.hash)
        let context = VotingContext(
            network: try #require(NetworkID(golden.network)),
            chain: try #require(ChainID(hex: golden.chain)),
            epoch: Epoch(golden.epoch),
            validators: validators
        )
        for (name, encoding) in golden.certificates.sorted(by: { $0.key < $1.key }) {
            let certificate = try WireSample.decode(bytes(encoding), Certificate.init(from:))
            #expect(certificate.verified(in: context, by: verifier) != nil, "\(name)")
            #expect(Hex.encode(certificate.encoded) == encoding)
        }
        for (name, encoding) in golden.votes.sorted(by: { $0.key < $1.key }) {
            let vote = try WireSample.decode(bytes(encoding), Vote.init(from:))
            #expect(vote.verified(in: context, by: verifier) != nil, "\(name)")
        }
        let header = try WireSample.decode(bytes(golden.header), BlockHeader.init(from:))
        #expect(header.id.hex == golden.blockID)
        #expect(try WireSample.decode(bytes(golden.block), Block.init(from:)).id == header.id)
        let proposal = try WireSample.decode(bytes(golden.proposal), Proposal.init(from:))
        #expect(proposal.verified(leader: header.leader, in: context, by: verifier) != nil)
        let receipts = try golden.receipts.encodings.map {
            try WireSample.decode(bytes($0), Receipt.init(from:))
        }
        let leaf = try #require(LeafHash(hex: golden.receipts.leaf))
        let finality = try ReceiptSet.verify(receipts, leaf: leaf, in: context, by: verifier)
        #expect(finality.ballot.block == header.id)
        #expect(finality.ballot.view.value == golden.receipts.view)
        for frame in golden.frames {
            let kind = try #require(FrameKind(rawValue: frame.kind))
            let message = try PeerMessage(kind: kind, body: bytes(frame.body)[...])
            #expect("\(message.kind)" == frame.name)
            #expect(Hex.encode(message.encoded) == frame.body)
            if case .standing(let standing) = message {
                #expect(standing.isSigned(in: context, by: verifier))
            }
        }
        let kinds = Set(golden.frames.map(\.kind))
        #expect(
            FrameKind.allCases.allSatisfy { $0 == .hello || kinds.contains($0.rawValue) },
            "a kind has no example"
        )
    }

    @Test("proofs are verified from the file alone")
    func proofs() throws {
        let golden = try GoldenVectors.load()
        for example in golden.inclusionProofs {
            let proof = try WireSample.decode(bytes(example.encoding), InclusionProof.init(from:))
            #expect(proof.size == example.size)
            #expect(proof.index == example.index)
            let (leaf, root) = (
                try #require(LeafHash(hex: example.leaf)), try #require(Digest(hex: example.root))
            )
            #expect(proof.verify(leaf: leaf, root: root))
        }
        for example in golden.consistencyProofs {
            let proof = try WireSample.decode(bytes(example.encoding), ConsistencyProof.init(from:))
            let earlier = try #require(Digest(hex: example.earlierRoot))
            #expect(proof.verify(earlierRoot: earlier, root: try #require(Digest(hex: example.root))))
        }
        for example in golden.frontiers {
            let frontier = try WireSample.decode(bytes(example.encoding), MerkleFrontier.init(from:))
            #expect(frontier.size == example.size)
            #expect(frontier.root.hex == example.root)
        }
        #expect(golden.inclusionProofs.count == 5)
        #expect(golden.consistencyProofs.count == 5)
        #expect(golden.frontiers.count == 4)
    }

    @Test("damaged never trap, and what is read from them has no second encoding", arguments: 1...25)
    func damaged(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let golden = try GoldenVectors.load()
        let vectors = try Vectors.load()
        func damage(_ hex: String) -> [UInt8] { Mutation.mutated(bytes(hex), using: &generator) }
        func check<Value>(
            _ hex: String,
            _ read: (inout CBORDecoder) throws(CBORError) -> Value,
            _ encoded: (Value) -> [UInt8]
        ) {
            for _ in 0..<20 {
                let input = damage(hex)
                if let value = try? WireSample.decode(input, read) { #expect(encoded(value) == input) }
            }
        }
        check(golden.header, BlockHeader.init(from:), \.encoded)
        check(golden.block, Block.init(from:), \.encoded)
        check(golden.proposal, Proposal.init(from:), \.encoded)
        check(golden.validators.encoding, ValidatorSet.init(from:), \.encoded)
        for name in golden.certificates.keys.sorted() {
            check(golden.certificates[name] ?? "", Certificate.init(from:), \.encoded)
        }
        for name in golden.votes.keys.sorted() {
            check(golden.votes[name] ?? "", Vote.init(from:), \.encoded)
        }
        for proof in golden.inclusionProofs { check(proof.encoding, InclusionProof.init(from:), \.encoded) }
        for proof in golden.consistencyProofs {
            check(proof.encoding, ConsistencyProof.init(from:), \.encoded)
        }
        for frontier in golden.frontiers { check(frontier.encoding, MerkleFrontier.init(from:), \.encoded) }
        for receipt in golden.receipts.encodings { check(receipt, Receipt.init(from:), \.encoded) }
        for _ in 0..<20 {
            let input = damage(golden.hello)
            if let hello = try? Hello(encoded: input[...]) { #expect(hello.encoded == input) }
            let statement = damage(vectors.transparentStatement)
            if let read = try? TransparentStatement(bytes: statement) { #expect(read.encoded == statement) }
            for example in vectors.transactions {
                let transaction = damage(example.bytes)
                if let read = try? Transaction(bytes: transaction) { #expect(read.bytes == transaction) }
            }
        }
    }

    @Test("a receipt of a damaged statement never verifies", arguments: 1...10)
    func damagedReceipts(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) + 500)
        let independent = try IndependentNetwork()
        let context = independent.network.context
        let original = try TransparentStatement(bytes: bytes(independent.vectors.transparentStatement))
        for _ in 0..<40 {
            var input = bytes(independent.vectors.transparentStatement)
            input[generator.below(input.count)] ^= 1 << UInt8(generator.below(8))
            guard let read = try? TransparentStatement(bytes: input) else { continue }
            let key = try PrivateKey(seed: [UInt8](repeating: 10, count: 32)).publicKey
            let signed = read.transaction.verified(key: key, by: verifier) != nil
            let finality = try? ReceiptSet.verify(
                read.receipts,
                leaf: read.transaction.leaf,
                in: context,
                by: verifier
            )
            // A flipped bit may change what no signature covers: the size that a path claims to be in, no
            // more.
            if signed, finality != nil {
                #expect(read.transaction == original.transaction)
                #expect(finality?.ballot == independent.finalize)
                #expect(read.receipts.map(\.signature) == original.receipts.map(\.signature))
            }
        }
    }
}
