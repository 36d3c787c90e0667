import JalonCodec
import JalonCrypto
import JalonModel
import JalonTestKit
import Testing

@Suite("Block headers, blocks and proposals")
struct BlockTests {
    let network: TestNetwork
    let verifier = KeySignatureVerifier()
    let block: Block

    init() throws {
        network = try TestNetwork(validatorCount: 4)
        var generator = SeededGenerator(seed: 4)
        let transactions: [[UInt8]] = [[1, 2, 3], [], [4, 5]]
        var header = WireSample.header(&generator, body: 5)
        header.chain = network.context.chain
        header.epoch = network.context.epoch
        block = Block(header: header, transactions: transactions)
    }

    private func proposal(view: UInt64 = 7, leader: Int = 2) -> (
        proposal: Verified<Proposal>, vote: Verified<Vote>
    ) {
        let justification = Justification(
            parent: network.certificate(.notarize(View(4), .of("parent"))),
            nullifications: [network.certificate(.nullify(View(6))), network.certificate(.nullify(View(5)))]
        )
        return Proposal.signed(
            view: View(view),
            header: block.header,
            leaves: block.transactions.map { LeafHash(of: $0) },
            justification: justification,
            by: ValidatorIndex(leader),
            key: network.keys[leader],
            in: network.context
        )
    }

    static let headerPatches: [Patch] = [
        Patch("another version", [0], .replace("6d6a616c6f6e2d626c6f636b2f32"), "jalon-block/2"),
        Patch("a long version", [0], .replace("7821" + String(repeating: "61", count: 33)), "33"),
        Patch("a chain of 31 bytes", [1], .replace(Hexes.shortDigest), "32"),
        Patch("a negative epoch", [2], .replace("20"), "range"),
        Patch("a view above 2⁶³ − 1", [3], .replace("1b8000000000000000"), "range"),
        Patch("a text for the height", [4], .replace("6130"), "integer"),
        Patch("a negative parent view", [5], .replace("20"), "range"),
        Patch("a parent of 31 bytes", [6], .replace(Hexes.shortDigest), "32"),
        Patch("a negative time", [7], .replace("20"), "range"),
        Patch("leader 34", [8], .replace("1822"), "range"),
        Patch("a negative log size", [9], .replace("20"), "range"),
        Patch("a log root of 31 bytes", [10], .replace(Hexes.shortDigest), "32"),
        Patch("a body of 1 MiB + 1", [11], .replace("1a00100001"), "range"),
        Patch("a state root of 31 bytes", [12], .replace(Hexes.shortDigest), "32"),
        Patch("a validators hash of 31 bytes", [13], .replace(Hexes.shortDigest), "32"),
        Patch("a next validators hash of 31 bytes", [14], .replace(Hexes.shortDigest), "32"),
        Patch("one item more", [15], .insert("00"), "15 is required"),
        Patch("one item fewer", [14], .remove, "15 is required"),
    ]

    @Test("a header in another form is refused", arguments: headerPatches)
    func header(_ patch: Patch) throws {
        try patch.expectRefusal(of: block.header.encoded, BlockHeader.init(from:))
    }

    @Test("every field of a header is in its id")
    func identity() throws {
        let header = block.header
        var ids: Set<BlockID> = [header.id]
        func changed(_ change: (inout BlockHeader) -> Void) {
            var copy = header
            change(&copy)
            ids.insert(copy.id)
        }
        changed { $0.chain = ChainID(.of("x")) }
        changed { $0.epoch = $0.epoch.next }
        changed { $0.view = $0.view.next }
        changed { $0.height = $0.height.next }
        changed { $0.parentView = $0.parentView.next }
        changed { $0.parent = .of("x") }
        changed { $0.timestamp = $0.timestamp.next }
        changed { $0.leader = ValidatorIndex(($0.leader.value + 1) % 34) }
        changed { $0.logSize += 1 }
        changed { $0.logRoot = .of("x") }
        changed { $0.bodyByteCount += 1 }
        changed { $0.stateRoot = .of("x") }
        changed { $0.validatorsHash = .of("x") }
        changed { $0.nextValidatorsHash = .of("x") }
        #expect(ids.count == 15)
        #expect(block.id == header.id)
        #expect(header.closesEpoch)
        var open = header
        open.nextValidatorsHash = open.validatorsHash
        #expect(!open.closesEpoch)
    }

    static let blockPatches: [Patch] = [
        Patch("a body of another byte count", [0, 11], .replace("06"), "a body of 5 bytes"),
        Patch("a transaction less", [1, 2], .remove, "a body of 3 bytes"),
        Patch("a transaction more", [1, 3], .insert("4100"), "a body of 6 bytes"),
        Patch("a text for a transaction", [1, 0], .replace("63616263"), "byte string"),
        Patch("a map for the transactions", [1], .replace("a0"), "an array"),
        Patch("without transactions", [1], .remove, "length 1"),
    ]

    @Test("a block in another form is refused", arguments: blockPatches)
    func block(_ patch: Patch) throws {
        try patch.expectRefusal(of: block.encoded, Block.init(from:))
    }

    @Test("a block is bounded in transactions, in bytes, and in the bytes of one transaction")
    func bounds() throws {
        func block(_ transactions: [[UInt8]]) -> Block {
            var header = self.block.header
            header.bodyByteCount = UInt64(transactions.reduce(0) { $0 + $1.count })
            return Block(header: header, transactions: transactions)
        }
        let largest = [UInt8](repeating: 1, count: BlockLimits.transactionByteCount)
        let full = block([[UInt8]](repeating: largest, count: 16))
        #expect(full.header.bodyByteCount == UInt64(BlockLimits.bodyByteCount))
        #expect(try WireSample.decode(full.encoded, Block.init(from:)) == full)
        #expect(full.encoded.count <= FrameKind.block.maximumByteCount)
        let many = block([[UInt8]](repeating: [7], count: BlockLimits.transactionCount))
        #expect(try WireSample.decode(many.encoded, Block.init(from:)) == many)
        for wrong in [
            block([[UInt8]](repeating: largest, count: 16) + [[1]]), block([largest + [1]]),
            block([[UInt8]](repeating: [], count: BlockLimits.transactionCount + 1)),
        ] {
            #expect(throws: CBORError.self) { try WireSample.decode(wrong.encoded, Block.init(from:)) }
        }
    }

    @Test("a header that claims a huge body does no harm where its block is encoded")
    func hugeClaim() {
        var header = block.header
        header.bodyByteCount = UInt64(Int64.max)
        let encoded = Block(header: header, transactions: block.transactions).encoded
        #expect(throws: CBORError.self) { try WireSample.decode(encoded, Block.init(from:)) }
    }

    @Test("a proposal carries its leader's notarize vote")
    func proposalVote() throws {
        let (proposal, vote) = proposal()
        let leader = ValidatorIndex(2)
        #expect(vote.value.ballot == .notarize(View(7), block.id))
        #expect(proposal.vote(by: leader) == vote)
        #expect(proposal.value.verified(leader: leader, in: network.context, by: verifier) == proposal)
        #expect(vote.value.verified(in: network.context, by: verifier) != nil)
        let encoded = proposal.value.encoded
        #expect(try WireSample.decode(encoded, Proposal.init(from:)) == proposal.value)
    }

    @Test("a proposal of another leader, view, chain, epoch or block is refused")
    func refusedProposals() throws {
        let valid = proposal().proposal.value
        func isAccepted(_ proposal: Proposal, leader: Int = 2) -> Bool {
            proposal.verified(leader: ValidatorIndex(leader), in: network.context, by: verifier) != nil
        }
        #expect(isAccepted(valid))
        for leader in [0, 1, 3, 4, 33] { #expect(!isAccepted(valid, leader: leader)) }
        func variant(view: UInt64 = 7, signature: [UInt8]? = nil, _ change: (inout BlockHeader) -> Void)
            -> Proposal
        {
            var header = valid.header
            change(&header)
            return Proposal(
                view: View(view),
                header: header,
                leaves: valid.leaves,
                justification: valid.justification,
                signature: signature ?? valid.signature
            )
        }
        #expect(isAccepted(variant { _ in }))
        #expect(!isAccepted(variant(view: 8) { _ in }))
        #expect(!isAccepted(variant(view: 0) { _ in }))
        #expect(!isAccepted(variant(signature: []) { _ in }))
        #expect(!isAccepted(variant(signature: valid.signature + [0]) { _ in }))
        #expect(!isAccepted(variant { $0.chain = ChainID(.of("another")) }))
        #expect(!isAccepted(variant { $0.epoch = $0.epoch.next }))
        #expect(!isAccepted(variant { $0.stateRoot = .of("another") }))
        // The same key in another chain: the header's chain must be the context's, not only the signature's.
        var header = valid.header
        header.chain = ChainID(.of("another"))
        let foreign = Proposal.signed(
            view: View(7),
            header: header,
            leaves: [],
            justification: valid.justification,
            by: ValidatorIndex(2),
            key: network.keys[2],
            in: network.context
        )
        #expect(!isAccepted(foreign.proposal.value))
    }

    static let proposalPatches: [Patch] = [
        Patch("a negative view", [0], .replace("20"), "range"),
        Patch(
            "a header of another version",
            [1, 0],
            .replace("6d6a616c6f6e2d626c6f636b2f32"),
            "jalon-block/2"
        ),
        Patch("a leaf of 31 bytes", [2, 0], .replace(Hexes.shortDigest), "32"),
        Patch("two certificates of the parent", [3, 0, 1], .insert("80"), "at most 1"),
        Patch("a nullification that is none", [3, 1, 0], .replace("80"), "length 0"),
        Patch("a nullification in view 0", [3, 1, 0, 2], .replace("00"), "view 0"),
        Patch("a justification of three items", [3, 2], .insert("80"), "length 3"),
        Patch("a signature of 129 bytes", [4], .replace(Hexes.longSignature), "129"),
        Patch("one item fewer", [4], .remove, "length 4"),
        Patch("one item more", [5], .insert("00"), "length 6"),
    ]

    @Test("a proposal in another form is refused", arguments: proposalPatches)
    func proposal(_ patch: Patch) throws {
        try patch.expectRefusal(of: proposal().proposal.value.encoded, Proposal.init(from:))
    }

    @Test("the largest proposal fits into its frame, and one nullification or leaf more is refused")
    func largestProposal() throws {
        let large = try TestNetwork(validatorCount: 34)
        func all(_ ballot: Ballot) throws -> Certificate {
            try #require(Certificate.assembled(from: large.votes(ballot, by: 0..<34), in: large.context))
                .value
        }
        let parent = try all(.notarize(View(1), .of("parent")))
        let nullification = try all(.nullify(View(2)))
        func proposal(nullifications: Int, leaves: Int) -> Proposal {
            Proposal(
                view: View(80),
                header: block.header,
                leaves: [LeafHash](repeating: LeafHash(.zero), count: leaves),
                justification: Justification(
                    parent: parent,
                    nullifications: [Certificate](repeating: nullification, count: nullifications)
                ),
                signature: [UInt8](repeating: 0, count: 64)
            )
        }
        let largest = proposal(nullifications: 64, leaves: 4_096)
        #expect(largest.encoded.count <= Proposal.maximumByteCount)
        #expect(try WireSample.decode(largest.encoded, Proposal.init(from:)) == largest)
        for wrong in [proposal(nullifications: 65, leaves: 0), proposal(nullifications: 0, leaves: 4_097)] {
            #expect(throws: CBORError.self) { try WireSample.decode(wrong.encoded, Proposal.init(from:)) }
        }
    }
}
