import JalonCodec
import JalonCrypto
import JalonModel
import Testing

@testable import JalonStorage

/// Makes blocks, certificates and votes that fit together, without the rules of a ledger and with made-up signatures.
struct TestChain {
    let genesis: [UInt8]
    let identity: LedgerIdentity
    private(set) var tip: BlockHeader?
    private var frontier = MerkleFrontier()
    private var random: SeededGenerator
    private let key: PrivateKey

    init(seed: UInt64 = 1, network: String = "cn-plans-2020") throws {
        random = SeededGenerator(seed: seed)
        genesis = Array("genesis \(seed) of \(network)".utf8)
        identity = LedgerIdentity(
            network: try #require(NetworkID(network)),
            chain: ChainID(SHA256.hash(genesis))
        )
        key = try PrivateKey(using: &random)
    }

    // MARK: - Blocks

    /// A child of the tip that does not become the tip.
    mutating func candidate(
        _ transactions: [Transaction] = [],
        view: UInt64? = nil,
        epoch: UInt64 = 0,
        time: UInt64? = nil
    ) -> Block {
        var frontier = frontier
        frontier.append(contentsOf: transactions.map(\.leaf))
        let header = BlockHeader(
            chain: identity.chain,
            epoch: Epoch(epoch),
            view: View(view ?? (tip?.view.value ?? 0) + 1),
            height: (tip?.height ?? Height(0)).next,
            parentView: tip?.view ?? View(0),
            parent: tip?.id ?? BlockID(identity.chain.digest),
            timestamp: Timestamp(time ?? (tip?.timestamp.value ?? 1_600_000_000_000) + 1_000),
            leader: ValidatorIndex(0),
            logSize: frontier.size,
            logRoot: frontier.root,
            bodyByteCount: UInt64(transactions.reduce(0) { $0 + $1.bytes.count }),
            stateRoot: digest(),
            validatorsHash: .zero,
            nextValidatorsHash: .zero
        )
        return Block(header: header, transactions: transactions.map(\.bytes))
    }

    /// Makes a block the tip, and gives what applying it changes.
    mutating func finalize(_ block: Block, changes: [LeafChange] = []) throws -> FinalBlock {
        let transactions = try block.transactions.map { try Transaction(bytes: $0) }
        frontier.append(contentsOf: transactions.map(\.leaf))
        tip = block.header
        return FinalBlock(
            block: block,
            transactions: transactions.map(\.id),
            changes: changes,
            frontier: frontier.encoded
        )
    }

    /// The next final block, of `count` new transactions.
    mutating func next(
        _ count: Int = 0,
        changes: [LeafChange] = [],
        view: UInt64? = nil,
        epoch: UInt64 = 0,
        time: UInt64? = nil
    ) throws -> FinalBlock {
        let transactions = try (0..<count).map { _ in try transaction() }
        return try finalize(
            candidate(transactions, view: view, epoch: epoch, time: time),
            changes: changes
        )
    }

    mutating func transaction(byteCount: Int = 20) throws -> Transaction {
        var body = CBOREncoder()
        body.encodeMap { map in
            map.field("type") { $0.encode("note") }
            map.field("filling") { $0.encode(bytes: bytes(byteCount)) }
        }
        return try Transaction.signed(
            body: body.bytes,
            subject: try #require(SubjectID("CN-HN-2020-001")),
            issuer: try #require(MemberID("cn-hn")),
            chain: identity.chain,
            nonce: bytes(16),
            expires: Timestamp(1_700_000_000_000),
            key: key
        )
    }

    // MARK: - Votes

    mutating func certificate(_ ballot: Ballot, epoch: UInt64 = 0) -> Certificate {
        Certificate(epoch: Epoch(epoch), ballot: ballot, bitmap: [0xE0], signatures: bytes(192))
    }

    mutating func finalization(_ block: Block, view: UInt64? = nil) -> Certificate {
        certificate(
            .finalize(view.map { View($0) } ?? block.header.view, block.id, logRoot: block.header.logRoot),
            epoch: block.header.epoch.value
        )
    }

    mutating func notarization(_ block: Block) -> Certificate {
        certificate(.notarize(block.header.view, block.id), epoch: block.header.epoch.value)
    }

    mutating func nullification(_ view: UInt64, epoch: UInt64 = 0) -> Certificate {
        certificate(.nullify(View(view)), epoch: epoch)
    }

    mutating func vote(_ ballot: Ballot, epoch: UInt64 = 0) -> Vote {
        Vote(epoch: Epoch(epoch), ballot: ballot, signer: ValidatorIndex(0), signature: bytes(64))
    }

    mutating func proposal(_ block: Block) -> Proposal {
        Proposal(
            view: block.header.view,
            header: block.header,
            leaves: block.transactions.map { LeafHash(of: $0) },
            justification: Justification(parent: nil, nullifications: [nullification(3)]),
            signature: bytes(64)
        )
    }

    // MARK: - Chance

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    mutating func digest() -> Digest { SHA256.hash(bytes(8)) }

    mutating func number(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
}
