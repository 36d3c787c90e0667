import JalonCodec
import JalonCrypto
import JalonModel
import JalonTestKit

/// Values of the wire's types, made from a seed; not necessarily ones that a verifier would accept.
enum WireSample {
    /// Decodes one value that takes all of `input`.
    static func decode<Value>(
        _ input: [UInt8],
        _ read: (inout CBORDecoder) throws(CBORError) -> Value
    ) throws(CBORError) -> Value {
        try CBORDecoder.decode(input[...], read)
    }

    static func digest(_ generator: inout SeededGenerator) -> Digest { SHA256.hash(generator.bytes(8)) }

    static func view(_ generator: inout SeededGenerator) -> View { View(max(1, generator.count())) }

    static func ballot(_ generator: inout SeededGenerator, _ kind: VoteKind? = nil) -> Ballot {
        let view = view(&generator)
        let block = BlockID(digest(&generator))
        switch kind ?? VoteKind.allCases[generator.below(3)] {
        case .notarize: return .notarize(view, block)
        case .nullify: return .nullify(view)
        case .finalize: return .finalize(view, block, logRoot: digest(&generator))
        }
    }

    static func vote(_ generator: inout SeededGenerator) -> Vote {
        Vote(
            epoch: Epoch(generator.count()),
            ballot: ballot(&generator),
            signer: ValidatorIndex(generator.below(34)),
            signature: generator.bytes(64)
        )
    }

    static func certificate(_ generator: inout SeededGenerator) -> Certificate {
        Certificate(
            epoch: Epoch(generator.count()),
            ballot: ballot(&generator),
            bitmap: generator.bytes(generator.below(6)),
            signatures: generator.bytes(64 * generator.below(35))
        )
    }

    static func header(_ generator: inout SeededGenerator, body: Int? = nil) -> BlockHeader {
        BlockHeader(
            chain: ChainID(digest(&generator)),
            epoch: Epoch(generator.count()),
            view: View(generator.count()),
            height: Height(generator.count()),
            parentView: View(generator.count()),
            parent: BlockID(digest(&generator)),
            timestamp: Timestamp(generator.count()),
            leader: ValidatorIndex(generator.below(34)),
            logSize: generator.count(),
            logRoot: digest(&generator),
            bodyByteCount: UInt64(body ?? generator.below(BlockLimits.bodyByteCount + 1)),
            stateRoot: digest(&generator),
            validatorsHash: digest(&generator),
            nextValidatorsHash: digest(&generator)
        )
    }

    static func block(_ generator: inout SeededGenerator) -> Block {
        let transactions = (0..<generator.below(5)).map { _ in generator.bytes(generator.below(300)) }
        let header = header(&generator, body: transactions.reduce(0) { $0 + $1.count })
        return Block(header: header, transactions: transactions)
    }

    static func proposal(_ generator: inout SeededGenerator) -> Proposal {
        let justification = Justification(
            parent: generator.below(2) == 0 ? nil : certificate(&generator),
            nullifications: (0..<generator.below(4)).map { _ in certificate(&generator) }
        )
        return Proposal(
            view: view(&generator),
            header: header(&generator),
            leaves: (0..<generator.below(40)).map { _ in LeafHash(digest(&generator)) },
            justification: justification,
            signature: generator.bytes(64)
        )
    }

    static func transaction(_ generator: inout SeededGenerator) throws -> Transaction {
        var body = CBOREncoder()
        body.encodeMap { map in
            map.field("note") { $0.encode(bytes: generator.bytes(generator.below(200))) }
            map.field("type") { $0.encode("test") }
        }
        return try Transaction.signed(
            body: body.bytes,
            subject: SubjectID(checked: "subject-\(generator.below(1_000))"),
            issuer: MemberID(checked: "member-\(generator.below(1_000))"),
            chain: ChainID(digest(&generator)),
            nonce: generator.bytes(16),
            expires: Timestamp(generator.count()),
            key: PrivateKey(using: &generator)
        )
    }

    static func validators(_ generator: inout SeededGenerator) throws -> ValidatorSet {
        try ValidatorSet(
            (0...generator.below(34)).map { index in
                Validator(
                    key: try PrivateKey(using: &generator).publicKey,
                    member: MemberID(checked: "m\(index)")
                )
            }
        )
    }

    static func proof(_ generator: inout SeededGenerator) throws -> InclusionProof {
        let tree = tree(&generator)
        guard let proof = tree.inclusionProof(leaf: UInt64(generator.below(Int(tree.size))), size: tree.size)
        else {
            preconditionFailure("the leaf is in the tree")
        }
        return proof
    }

    static func tree(_ generator: inout SeededGenerator) -> MerkleTree {
        MerkleTree(leaves: (0...generator.below(70)).map { _ in LeafHash(digest(&generator)) })
    }

    static func receipt(_ generator: inout SeededGenerator) throws -> Receipt {
        let network = try TestNetwork(validatorCount: 1 + generator.below(7), epoch: generator.count())
        let vote = network.votes(ballot(&generator, .finalize), by: [0])[0].value
        guard let receipt = Receipt(vote: vote, proof: try proof(&generator), in: network.context) else {
            preconditionFailure("a finalize vote of a validator is a receipt")
        }
        return receipt
    }

    static func hello(_ generator: inout SeededGenerator) -> Hello {
        let first = generator.count()
        return Hello(
            versions: first...max(first, generator.count()),
            network: NetworkID(checked: "net-\(generator.below(99))"),
            chain: ChainID(digest(&generator)),
            epoch: Epoch(generator.count()),
            height: Height(generator.count()),
            validatorsHash: digest(&generator)
        )
    }

    static func equivocation(_ generator: inout SeededGenerator) -> Equivocation {
        let first = ballot(&generator, .finalize)
        let second = Ballot.finalize(first.view, first.block, logRoot: digest(&generator))
        let signer = ValidatorIndex(generator.below(34))
        let epoch = Epoch(generator.count())
        let votes = [first, second].map {
            Vote(epoch: epoch, ballot: $0, signer: signer, signature: generator.bytes(64))
        }
        guard let evidence = Equivocation(votes[0], votes[1]) else {
            preconditionFailure("two finalize votes with different roots contradict each other")
        }
        return evidence
    }

    static func request(_ generator: inout SeededGenerator) -> FetchRequest {
        switch generator.below(4) {
        case 0: return .block(BlockID(digest(&generator)))
        case 1: return .transactions((0..<generator.below(20)).map { _ in LeafHash(digest(&generator)) })
        case 2:
            let first = View(generator.count() >> 1)
            return .certificates(
                Epoch(generator.count()),
                first...View(first.value + UInt64(generator.below(256)))
            )
        default:
            return .finalBlocks(from: Height(generator.count()), count: UInt64(1 + generator.below(256)))
        }
    }

    static func tip(_ generator: inout SeededGenerator) -> Tip {
        Tip(
            epoch: Epoch(generator.count()),
            finalView: View(generator.count()),
            finalHeight: Height(generator.count()),
            finalBlock: BlockID(digest(&generator)),
            view: View(generator.count()),
            hears: generator.bytes(generator.below(6)),
            clock: Timestamp(generator.count())
        )
    }

    static func standing(_ generator: inout SeededGenerator) -> Standing {
        let content = Standing.Content(
            nonce: generator.bytes(StandingRequest.nonceByteCount),
            epoch: Epoch(generator.count()),
            entry: generator.below(3) == 0 ? nil : certificate(&generator),
            rejoinProof: generator.below(3) == 0 ? certificate(&generator) : nil,
            isRejoining: generator.below(2) == 0,
            votes: (0..<generator.below(5)).map { _ in vote(&generator) }
        )
        return Standing(
            content: content,
            signer: ValidatorIndex(generator.below(34)),
            signature: generator.bytes(64)
        )
    }

    /// A message of the given kind; every kind but hello has one.
    static func message(_ kind: FrameKind, _ generator: inout SeededGenerator) -> PeerMessage? {
        switch kind {
        case .hello: nil
        case .vote: .vote(vote(&generator))
        case .certificate: .certificate(certificate(&generator))
        case .proposal: .proposal(proposal(&generator))
        case .transactions:
            .transactions((0..<generator.below(6)).map { _ in generator.bytes(generator.below(300)) })
        case .tip: .tip(tip(&generator))
        case .request: .request(request(&generator))
        case .block: .block(block(&generator))
        case .finalBlock:
            .finalBlock(
                block(&generator),
                finalization: generator.below(2) == 0 ? nil : certificate(&generator)
            )
        case .evidence: .evidence(equivocation(&generator))
        case .standingRequest:
            .standingRequest(
                StandingRequest(
                    nonce: generator.bytes(StandingRequest.nonceByteCount),
                    epoch: Epoch(UInt64(generator.below(1_000))),
                    asker: ValidatorIndex(generator.below(34)),
                    isRejoining: generator.below(2) == 0
                )
            )
        case .standing: .standing(standing(&generator))
        case .readiness:
            .readiness(
                ReadinessNotice(
                    epoch: Epoch(UInt64(generator.below(1_000))),
                    validators: SHA256.hash(generator.bytes(8)),
                    index: ValidatorIndex(generator.below(34)),
                    readiness: Readiness(
                        height: Height(UInt64(generator.below(1_000_000))),
                        signature: generator.bytes(64)
                    )
                )
            )
        }
    }
}
