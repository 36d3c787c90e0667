import Foundation
import JalonCodec
import JalonCrypto
import JalonModel
import JalonTestKit

/// What `Tests/Vectors/jalon.json` holds: examples of what `vectors.json` has none of, for other
/// implementations and so that no format changes unnoticed.
///
/// Written only on purpose: `JALON_WRITE_VECTORS=1 swift test --filter GoldenVectorTests`.
struct GoldenVectors: Codable, Equatable {
    struct Validators: Codable, Equatable {
        let seeds: [UInt8]
        let encoding: String
        let hash: String
    }

    struct Inclusion: Codable, Equatable {
        let size: UInt64
        let index: UInt64
        let leaf: String
        let root: String
        let encoding: String
    }

    struct Consistency: Codable, Equatable {
        let earlierSize: UInt64
        let size: UInt64
        let earlierRoot: String
        let root: String
        let encoding: String
    }

    struct Frontier: Codable, Equatable {
        let size: UInt64
        let root: String
        let encoding: String
    }

    struct Receipts: Codable, Equatable {
        let leaf: String
        let block: String
        let view: UInt64
        let logRoot: String
        let encodings: [String]
    }

    struct Frame: Codable, Equatable {
        let kind: UInt8
        let name: String
        let body: String
    }

    let note: String
    let network: String
    let chain: String
    let epoch: UInt64
    let validators: Validators
    let certificates: [String: String]
    let votes: [String: String]
    let header: String
    let block: String
    let blockID: String
    let proposal: String
    let inclusionProofs: [Inclusion]
    let consistencyProofs: [Consistency]
    let frontiers: [Frontier]
    let receipts: Receipts
    let hello: String
    let frames: [Frame]

    /// Reads the file.
    static func load() throws -> GoldenVectors {
        try JSONDecoder().decode(GoldenVectors.self, from: VectorFile.read("jalon.json"))
    }

    func save() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try (encoder.encode(self) + Data("\n".utf8)).write(to: VectorFile.url("jalon.json"))
    }
}

extension GoldenVectors {
    /// Makes every example anew.
    static func make() throws -> GoldenVectors {
        let network = try TestNetwork(validatorCount: 4, firstSeed: 100, epoch: 2, network: "golden-net")
        let context = network.context
        let transactions = (0..<7).map { [UInt8](repeating: UInt8($0), count: $0) }
        let leaves = transactions.map { LeafHash(of: $0) }
        let tree = MerkleTree(leaves: leaves)
        let header = BlockHeader(
            chain: context.chain,
            epoch: context.epoch,
            view: View(12),
            height: Height(40),
            parentView: View(9),
            parent: .of("parent"),
            timestamp: Timestamp(1_606_089_600_000),
            leader: ValidatorIndex(3),
            logSize: tree.size,
            logRoot: tree.root,
            bodyByteCount: 21,
            stateRoot: .of("state"),
            validatorsHash: context.validators.hash,
            nextValidatorsHash: context.validators.hash
        )
        let block = Block(header: header, transactions: transactions)
        let finalize = Ballot.finalize(header.view, block.id, logRoot: header.logRoot)
        let notarize = Ballot.notarize(header.view, block.id)
        let nullify = Ballot.nullify(View(11))
        let justification = Justification(
            parent: network.certificate(.notarize(View(9), .of("parent"))),
            nullifications: [network.certificate(nullify), network.certificate(.nullify(View(10)))]
        )
        let proposal = Proposal.signed(
            view: header.view,
            header: header,
            leaves: leaves,
            justification: justification,
            by: ValidatorIndex(3),
            key: network.keys[3],
            in: context
        ).proposal.value
        let finalization = network.certificate(finalize)
        let hello = Hello(
            network: context.network,
            chain: context.chain,
            epoch: context.epoch,
            height: header.height,
            validatorsHash: context.validators.hash
        )
        return GoldenVectors(
            note: """
                Ed25519 private keys are 32 times the byte in `seeds`; the members are m-0, m-1, … in their order. \
                All byte strings in hex. The formats are described on the documentation page of JalonModel.
                """,
            network: context.network.text,
            chain: context.chain.hex,
            epoch: context.epoch.value,
            validators: Validators(
                seeds: [100, 101, 102, 103],
                encoding: Hex.encode(context.validators.encoded),
                hash: context.validators.hash.hex
            ),
            certificates: [
                "notarization": Hex.encode(network.certificate(notarize).encoded),
                "nullification": Hex.encode(network.certificate(nullify).encoded),
                "finalization": Hex.encode(finalization.encoded),
            ],
            votes: [
                "notarize": Hex.encode(network.votes(notarize, by: [3])[0].value.encoded),
                "nullify": Hex.encode(network.votes(nullify, by: [0])[0].value.encoded),
                "finalize": Hex.encode(network.votes(finalize, by: [2])[0].value.encoded),
            ],
            header: Hex.encode(header.encoded),
            block: Hex.encode(block.encoded),
            blockID: block.id.hex,
            proposal: Hex.encode(proposal.encoded),
            inclusionProofs: inclusionProofs(tree, leaves),
            consistencyProofs: consistencyProofs(tree),
            frontiers: frontiers(tree),
            receipts: try receipts(of: finalization, tree, leaves[4], in: context),
            hello: Hex.encode(hello.encoded),
            frames: frames(network, block: block, proposal: proposal, finalization: finalization)
        )
    }

    private static func inclusionProofs(_ tree: MerkleTree, _ leaves: [LeafHash]) -> [Inclusion] {
        let places: [(UInt64, UInt64)] = [(0, 1), (0, 7), (4, 7), (6, 7), (3, 4)]
        return places.compactMap { index, size in
            guard let proof = tree.inclusionProof(leaf: index, size: size), let root = tree.root(at: size)
            else {
                return nil
            }
            return Inclusion(
                size: size,
                index: index,
                leaf: leaves[Int(index)].hex,
                root: root.hex,
                encoding: Hex.encode(proof.encoded)
            )
        }
    }

    private static func consistencyProofs(_ tree: MerkleTree) -> [Consistency] {
        let sizes: [(UInt64, UInt64)] = [(1, 1), (1, 7), (3, 7), (4, 7), (6, 7)]
        return sizes.compactMap { earlier, size in
            guard let proof = tree.consistencyProof(from: earlier, to: size), let root = tree.root(at: size),
                let earlierRoot = tree.root(at: earlier)
            else { return nil }
            return Consistency(
                earlierSize: earlier,
                size: size,
                earlierRoot: earlierRoot.hex,
                root: root.hex,
                encoding: Hex.encode(proof.encoded)
            )
        }
    }

    private static func frontiers(_ tree: MerkleTree) -> [Frontier] {
        [0, 1, 4, 7].compactMap { size in
            tree.frontier(at: size).map {
                Frontier(size: size, root: $0.root.hex, encoding: Hex.encode($0.encoded))
            }
        }
    }

    private static func receipts(
        of finalization: Certificate,
        _ tree: MerkleTree,
        _ leaf: LeafHash,
        in context: VotingContext
    ) throws -> Receipts {
        let proof = tree.inclusionProof(leaf: 4, size: tree.size)
        let receipts = proof.flatMap { ReceiptSet.receipts(of: finalization, proof: $0, in: context) } ?? []
        return Receipts(
            leaf: leaf.hex,
            block: finalization.block.hex,
            view: finalization.view.value,
            logRoot: tree.root.hex,
            encodings: receipts.map { Hex.encode($0.encoded) }
        )
    }

    private static func frames(
        _ network: TestNetwork,
        block: Block,
        proposal: Proposal,
        finalization: Certificate
    ) -> [Frame] {
        let tip = Tip(
            epoch: Epoch(2),
            finalView: View(9),
            finalHeight: Height(39),
            finalBlock: .of("parent"),
            view: View(12),
            hears: [0b1101_0000],
            clock: Timestamp(1_606_089_600_123)
        )
        let votes = network.votes(finalization.ballot, by: [1]) + network.votes(.nullify(View(12)), by: [1])
        let nonce = [UInt8](0..<16)
        let standing = Standing.Content(
            nonce: nonce,
            epoch: network.context.epoch,
            entry: finalization,
            rejoinProof: nil,
            isRejoining: false,
            votes: votes.map(\.value)
        )
        let messages: [PeerMessage?] = [
            .vote(votes[0].value), .certificate(finalization), .proposal(proposal),
            .transactions(block.transactions), .tip(tip), .request(.block(block.id)),
            .request(.transactions(proposal.leaves)), .request(.certificates(Epoch(2), View(9)...View(12))),
            .request(.finalBlocks(from: Height(1), count: 256)), .block(block),
            .finalBlock(block, finalization: nil), .finalBlock(block, finalization: finalization),
            Equivocation(votes[0].value, votes[1].value).map { .evidence($0) },
            .standingRequest(
                StandingRequest(nonce: nonce, epoch: Epoch(2), asker: ValidatorIndex(1), isRejoining: true)
            ),
            .standing(
                Standing.signed(standing, by: ValidatorIndex(0), key: network.keys[0], in: network.context)
            ),
            ReadinessNotice.signed(
                network.context.validators,
                epoch: Epoch(3),
                height: Height(40),
                chain: network.context.chain,
                key: network.keys[0]
            )
            .map { .readiness($0.value) },
        ]
        return messages.compactMap { $0 }.map {
            Frame(kind: $0.kind.rawValue, name: "\($0.kind)", body: Hex.encode($0.encoded))
        }
    }
}
