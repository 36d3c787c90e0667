import Foundation
import JalonCodec
import JalonCrypto
import JalonModel
import JalonState
import JalonStorage

/// A small ledger made by hand, with everything that a node would have stored.
struct LedgerFixture {
    let genesis: Genesis
    private(set) var blocks: [Block] = []
    private let validatorKeys: [PrivateKey]
    private let authority: PrivateKey
    private let store: LedgerStore
    private var state: LedgerState
    private var log = MerkleFrontier()
    private var tip: BlockHeader?
    /// Milliseconds from one block to the next.
    private let interval: UInt64

    /// `interval` is the milliseconds from one block to the next, `lifetime` what transactions may live.
    init(
        folder: String,
        validatorCount: Int = 4,
        interval: UInt64 = 1_000,
        lifetime: UInt64 = 3_600_000
    ) throws {
        self.interval = interval
        var generator = SeededRandom(7)
        func key() throws -> PrivateKey { try PrivateKey(using: &generator) }
        var (members, validators): ([Member], [Validator]) = ([], [])
        var (keys, first): ([PrivateKey], PrivateKey?) = ([], nil)
        for number in 1...validatorCount {
            let (authority, node, validator) = (try key(), try key(), try key())
            guard let id = MemberID("xz-0\(number)"), let region = RegionCode("XZ-0\(number)") else {
                preconditionFailure("both have their form")
            }
            members.append(
                Member(
                    id: id,
                    roles: [.province],
                    name: try LocalizedText(zh: "地区"),
                    region: region,
                    authorityKeys: [authority.publicKey],
                    nodes: [NodeEntry(key: node.publicKey)]
                )
            )
            validators.append(Validator(key: validator.publicKey, member: id))
            keys.append(validator)
            first = first ?? authority
        }
        guard let network = NetworkID("test"), let first else { preconditionFailure("there is a member") }
        var parameters = Parameters(validatorCount: validatorCount)
        parameters.maxLifetimeMilliseconds = lifetime
        let set = try ValidatorSet(validators)
        genesis = try Genesis(
            network: network,
            time: Timestamp(1_700_000_000_000),
            parameters: parameters,
            members: members,
            validators: set
        )
        // In the order of the set, so that an index finds its key.
        validatorKeys = set.validators.compactMap { validator in keys.first { $0.publicKey == validator.key }
        }
        authority = first
        store = try LedgerStore.create(
            in: DataFolder(creating: folder),
            genesis: genesis.encoded,
            identity: LedgerIdentity(network: network, chain: genesis.chain)
        )
        state = LedgerState(genesis: genesis)
    }

    /// Reads the ledger beside this one's writing.
    var reader: LedgerReader { store.reader }

    var context: VotingContext {
        VotingContext(
            network: genesis.network,
            chain: genesis.chain,
            epoch: Epoch(0),
            validators: genesis.validators
        )
    }

    private var nextTime: Timestamp {
        (tip?.timestamp ?? genesis.time).advanced(byMilliseconds: interval)
    }

    /// A signed plan of the first member.
    func plan(_ number: Int, nonce: UInt8? = nil) throws -> Transaction {
        guard let id = PlanID("XZ-01-2020-P\(number)"), let region = RegionCode("XZ-01"),
            let member = MemberID("xz-01"),
            let day = CalendarDay("2020-06-30"),
            let date = CalendarDate(date: day, precision: .day, basis: .explicit)
        else { preconditionFailure("all have their form") }
        let plan = PlanPublish(
            id: id,
            region: region,
            title: try LocalizedText(zh: "计划 \(number)"),
            issuer: try Text("发布者"),
            published: date,
            source: Source(kind: .press)
        )
        let nonce = [UInt8](repeating: nonce ?? UInt8(clamping: number), count: Transaction.nonceByteCount)
        return try Transaction.signed(
            body: TransactionBody.planPublish(plan).encoded,
            subject: plan.subject,
            issuer: member,
            chain: genesis.chain,
            nonce: nonce,
            expires: min(
                Timestamp(1_700_001_000_000),
                nextTime.advanced(byMilliseconds: genesis.parameters.maxLifetimeMilliseconds)
            ),
            key: authority
        )
    }

    /// What a block's making may get wrong on purpose.
    struct Flaw {
        var header: (inout BlockHeader) -> Void = { _ in }
        var bytes: (inout [[UInt8]]) -> Void = { _ in }
        var signerCount: Int?
        /// Rules are broken, so the state stays as it is.
        var skipsExecution = false
    }

    /// Adds a final block, with a finalization of its own where `isSealed`.
    mutating func append(_ transactions: [Transaction], isSealed: Bool = true, flaw: Flaw = Flaw()) throws {
        let (height, view) = (tip?.height.next ?? Height(1), tip?.view.next ?? View(1))
        let time = nextTime
        var execution = BlockExecution(
            on: state,
            context: BlockContext(genesis, height: height, timestamp: time)
        )
        if !flaw.skipsExecution {
            for transaction in transactions {
                guard let key = state.key(transaction.keyID)?.key,
                    let verified = transaction.verified(key: key, by: KeySignatureVerifier())
                else { preconditionFailure("the fixture signs well") }
                try execution.apply(verified)
            }
        }
        let (newState, changes) = execution.finish()
        var bytes = transactions.map(\.bytes)
        flaw.bytes(&bytes)
        log.append(contentsOf: bytes.map { LeafHash(of: $0) })
        var header = BlockHeader(
            chain: genesis.chain,
            epoch: Epoch(0),
            view: view,
            height: height,
            parentView: tip?.view ?? View(0),
            parent: tip?.id ?? genesis.blockID,
            timestamp: time,
            leader: genesis.validators.leader(of: view, offset: 0),
            logSize: log.size,
            logRoot: log.root,
            bodyByteCount: UInt64(bytes.reduce(0) { $0 + $1.count }),
            stateRoot: newState.root,
            validatorsHash: genesis.validators.hash,
            nextValidatorsHash: genesis.validators.hash
        )
        flaw.header(&header)
        let block = Block(header: header, transactions: bytes)
        let leaves = tip == nil ? newState.leaves.map { LeafChange(path: $0.path, value: $0.value) } : changes
        var records: [Record] = [.block(block)]
        if isSealed { records.append(.certificate(certificate(for: block, signerCount: flaw.signerCount))) }
        records.append(
            .final(
                FinalBlock(
                    block: block,
                    transactions: transactions.map(\.id),
                    changes: leaves,
                    frontier: log.encoded
                )
            )
        )
        try store.perform(records)
        (tip, state) = (header, newState)
        blocks.append(block)
    }

    /// Enough votes, or as many as are asked for, whether that is a quorum or not.
    func certificate(for block: Block, signerCount: Int? = nil) -> Certificate {
        let ballot = Ballot.finalize(block.header.view, block.id, logRoot: block.header.logRoot)
        var (bitmap, signatures): (UInt8, [UInt8]) = (0, [])
        for (index, key) in validatorKeys.enumerated().prefix(signerCount ?? genesis.validators.quorum) {
            bitmap |= 0x80 >> UInt8(index)
            signatures +=
                Vote.signed(ballot, by: ValidatorIndex(index), key: key, in: context).value.signature
        }
        return Certificate(epoch: Epoch(0), ballot: ballot, bitmap: [bitmap], signatures: signatures)
    }

    /// Makes records durable besides, for example those of a block that is not applied yet.
    func perform(_ records: [Record]) throws {
        try store.perform(records)
    }

    /// Ends the writing, so that the file alone holds everything.
    func close() throws {
        try store.close()
    }
}
