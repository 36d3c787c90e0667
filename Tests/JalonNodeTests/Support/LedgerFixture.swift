import Foundation
import JalonCodec
import JalonCrypto
import JalonModel
import JalonState
import JalonStorage
import Testing

@testable import JalonNode

/// A small ledger made by hand, with everything that a node would have stored.
struct LedgerFixture {
    let genesis: Genesis
    private(set) var blocks: [Block] = []
    /// The keys that sign votes, or will.
    var validatorKeys: [KeyID: PrivateKey] = [:]
    /// The keys that sign transactions.
    var authorities: [MemberID: PrivateKey] = [:]
    private let store: LedgerStore
    private(set) var state: LedgerState
    private var log = MerkleFrontier()
    private(set) var tip: BlockHeader?
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
            validatorKeys[validator.publicKey.id] = validator
            authorities[id] = authority
        }
        guard let network = NetworkID("test") else { preconditionFailure("it has its form") }
        var parameters = Parameters(validatorCount: validatorCount)
        parameters.maxLifetimeMilliseconds = lifetime
        genesis = try Genesis(
            network: network,
            time: Timestamp(1_700_000_000_000),
            parameters: parameters,
            members: members,
            validators: ValidatorSet(validators)
        )
        store = try LedgerStore.create(
            in: DataFolder(creating: folder),
            genesis: genesis.encoded,
            identity: LedgerIdentity(network: network, chain: genesis.chain)
        )
        state = LedgerState(genesis: genesis)
    }

    /// Reads the ledger beside this one's writing.
    var reader: LedgerReader { store.reader }

    /// What the votes of an epoch are bound to, up to the one of the next block.
    func context(of epoch: Epoch = Epoch(0)) -> VotingContext {
        guard let context = EpochContexts(genesis, state)[epoch] else {
            preconditionFailure("epoch \(epoch) has not begun")
        }
        return context
    }

    private var nextTime: Timestamp {
        (tip?.timestamp ?? genesis.time).advanced(byMilliseconds: interval)
    }

    /// A signed plan of the first member.
    func plan(_ number: Int, nonce: UInt8? = nil) throws -> Transaction {
        guard let id = PlanID("XZ-01-2020-P\(number)"), let region = RegionCode("XZ-01"),
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
        return try sign(.planPublish(plan), nonce: nonce ?? UInt8(clamping: number))
    }

    /// A transaction of the member `xz-0number`.
    func sign(_ body: TransactionBody, by number: Int = 1, nonce: UInt8) throws -> Transaction {
        let issuer = try LedgerFixture.member(number)
        guard let key = authorities[issuer] else { preconditionFailure("\(issuer) is no member") }
        return try Transaction.signed(
            body: body.encoded,
            subject: body.subject,
            issuer: issuer,
            chain: genesis.chain,
            nonce: [UInt8](repeating: nonce, count: Transaction.nonceByteCount),
            expires: min(
                Timestamp(1_700_001_000_000),
                nextTime.advanced(byMilliseconds: genesis.parameters.maxLifetimeMilliseconds)
            ),
            key: key
        )
    }

    static func member(_ number: Int) throws -> MemberID {
        try #require(MemberID("xz-0\(number)"))
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
    ///
    /// `reproposals` is in how many later views it was proposed again before it was final, as one that closes an epoch may be.
    mutating func append(
        _ transactions: [Transaction],
        isSealed: Bool = true,
        reproposals: UInt64 = 0,
        flaw: Flaw = Flaw()
    ) throws {
        let height = tip?.height.next ?? Height(1)
        // Each epoch counts its views anew.
        let view = tip.map { $0.closesEpoch ? View(1) : $0.view.next } ?? View(1)
        let time = nextTime
        let before = state
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
            epoch: before.epoch,
            view: view,
            height: height,
            parentView: tip?.view ?? View(0),
            parent: tip?.id ?? genesis.blockID,
            timestamp: time,
            leader: before.validators.leader(of: view, offset: before.epochStart.value),
            logSize: log.size,
            logRoot: log.root,
            bodyByteCount: UInt64(bytes.reduce(0) { $0 + $1.count }),
            stateRoot: newState.root,
            validatorsHash: before.validators.hash,
            nextValidatorsHash: newState.validators.hash
        )
        flaw.header(&header)
        let block = Block(header: header, transactions: bytes)
        let leaves = tip == nil ? newState.leaves.map { LeafChange(path: $0.path, value: $0.value) } : changes
        var records: [Record] = [.block(block)]
        if isSealed {
            let view = View(view.value + reproposals)
            records.append(
                .certificate(
                    certificate(for: block, in: view, by: before.epoch, signerCount: flaw.signerCount)
                )
            )
        }
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
    ///
    /// They are given in the block's own view or a later one, by the validators of its epoch or of another.
    func certificate(
        for block: Block,
        in view: View? = nil,
        by epoch: Epoch? = nil,
        signerCount: Int? = nil
    ) -> Certificate {
        let context = context(of: epoch ?? block.header.epoch)
        let ballot = Ballot.finalize(view ?? block.header.view, block.id, logRoot: block.header.logRoot)
        var (bitmap, signatures): (UInt8, [UInt8]) = (0, [])
        for index in context.validators.indices.prefix(signerCount ?? context.quorum) {
            guard let id = context.validators[index]?.key.id, let key = validatorKeys[id] else {
                preconditionFailure("the fixture holds the key of every validator")
            }
            bitmap |= 0x80 >> UInt8(index.value)
            signatures += Vote.signed(ballot, by: index, key: key, in: context).value.signature
        }
        return Certificate(
            epoch: context.epoch,
            ballot: ballot,
            bitmap: [bitmap],
            signatures: signatures
        )
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
