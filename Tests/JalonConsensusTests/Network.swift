import JalonConsensus
import JalonCrypto
import JalonModel
import Testing

/// A signature that costs one hash, which anybody could make: these tests are about rules, not about signatures.
struct CheapKey: Signing {
    let publicKey: PublicKey

    func sign(_ message: [UInt8]) -> [UInt8] {
        let half = SHA256.hash(publicKey.id.digest.bytes + message).bytes
        return half + half
    }
}

/// The validators of one epoch, with blocks, votes and certificates of theirs.
struct Network {
    let context: VotingContext
    let keys: [CheapKey]
    let base: BlockFacts
    static let timing = Timing(delta: 500, cap: 8_000)

    init(_ count: Int, epoch: UInt64 = 0) {
        do {
            let made = try (0..<count).map {
                try PrivateKey(seed: SHA256.hash([UInt8($0)]).bytes).publicKey
            }
            let validators = try ValidatorSet(
                made.enumerated().map { Validator(key: $1, member: MemberID(checked: "m-\($0)")) }
            )
            keys = validators.validators.map { CheapKey(publicKey: $0.key) }
            context = VotingContext(
                network: NetworkID(checked: "test-net"),
                chain: ChainID(SHA256.hash([1])),
                epoch: Epoch(epoch),
                validators: validators
            )
        } catch {
            preconditionFailure("made keys make a set: \(error)")
        }
        base = BlockFacts(base: BlockID(SHA256.hash([2])), view: View(0), logRoot: SHA256.hash([]))
    }

    var count: Int { keys.count }
    var quorum: Int { context.validators.quorum }
    var faultTolerance: Int { context.validators.faultTolerance }

    /// The machine of one validator, `nil` for an observer, at moment 0.
    func simplex(_ own: Int?, offset: UInt64 = 0) -> Simplex {
        Simplex(
            context: context,
            timing: Network.timing,
            offset: offset,
            base: base,
            key: own.map { keys[$0] },
            at: 0
        )
    }

    func leader(_ view: UInt64) -> Int { context.validators.leader(of: View(view), offset: 0).value }

    // MARK: - What is signed

    func vote(_ ballot: Ballot, by signer: Int) -> Verified<Vote> {
        Vote.signed(ballot, by: ValidatorIndex(signer), key: keys[signer], in: context)
    }

    func certificate(_ ballot: Ballot, by signers: [Int]? = nil) -> Verified<Certificate> {
        let votes = (signers ?? Array(0..<quorum)).map { vote(ballot, by: $0) }
        guard let certificate = Certificate.assembled(from: votes, in: context) else {
            preconditionFailure("a quorum of equal votes makes a certificate")
        }
        return certificate
    }

    func notarization(_ view: UInt64, _ header: BlockHeader) -> Verified<Certificate> {
        certificate(.notarize(View(view), header.id))
    }

    func nullification(_ view: UInt64) -> Verified<Certificate> { certificate(.nullify(View(view))) }

    func finalization(_ view: UInt64, _ header: BlockHeader) -> Verified<Certificate> {
        certificate(.finalize(View(view), header.id, logRoot: header.logRoot))
    }

    // MARK: - Blocks

    /// A block of a view; on the base where there is no parent.
    func header(
        _ view: UInt64,
        on parent: BlockHeader? = nil,
        variant: UInt8 = 0,
        leader: Int? = nil,
        closes: Bool = false
    ) -> BlockHeader {
        BlockHeader(
            chain: context.chain,
            epoch: context.epoch,
            view: View(view),
            height: parent?.height.next ?? Height(1),
            parentView: parent?.view ?? View(0),
            parent: parent?.id ?? base.id,
            timestamp: Timestamp(1_000_000 + view),
            leader: ValidatorIndex(leader ?? self.leader(view)),
            logSize: view,
            logRoot: SHA256.hash([variant, UInt8(view % 250)]),
            bodyByteCount: 0,
            stateRoot: SHA256.hash([variant]),
            validatorsHash: context.validators.hash,
            nextValidatorsHash: closes ? SHA256.hash([9]) : context.validators.hash
        )
    }

    func facts(_ header: BlockHeader) -> BlockFacts { BlockFacts(header: header, id: header.id) }

    /// A proposal by the leader of `view`.
    func proposal(
        _ header: BlockHeader,
        in view: UInt64? = nil,
        parent: Verified<Certificate>? = nil,
        gap: [Verified<Certificate>] = []
    ) -> Verified<Proposal> {
        let view = view ?? header.view.value
        let leader = leader(view)
        return Proposal.signed(
            view: View(view),
            header: header,
            leaves: [],
            justification: Justification(parent: parent?.value, nullifications: gap.map(\.value)),
            by: ValidatorIndex(leader),
            key: keys[leader],
            in: context
        ).proposal
    }
}

/// One validator's machine with what came out of it so far.
struct Node {
    let network: Network
    var simplex: Simplex
    private(set) var outputs: [Output] = []
    var now: UInt64 = 0

    init(_ network: Network, _ own: Int?, hasWork: Bool = true) {
        self.network = network
        simplex = network.simplex(own)
        simplex.setWork(hasWork, timersFrom: 0, at: 0)
        collect()
    }

    /// The first validator that leads none of the first `count` views, or the last one.
    static func follower(_ network: Network, ofViewsThrough last: UInt64 = 2) -> Node {
        let leaders = (1...last).map { network.leader($0) }
        return Node(network, (0..<network.count).first { !leaders.contains($0) } ?? network.count - 1)
    }

    mutating func collect() {
        outputs += simplex.takeOutputs()
        // The host tells of work after every event; whatever that brings is part of the same turn.
        simplex.setWork(simplex.hasWorkNow, timersFrom: now, at: now)
        outputs += simplex.takeOutputs()
    }

    mutating func receive(_ vote: Verified<Vote>) {
        simplex.handle(vote, at: now)
        collect()
    }

    mutating func receive(_ certificate: Verified<Certificate>) {
        simplex.handle(certificate, at: now)
        collect()
    }

    /// Takes a proposal, its justification first, as the host does.
    mutating func receive(_ proposal: Verified<Proposal>, justification: [Verified<Certificate>] = []) {
        for certificate in justification.sorted(by: { $0.value.view < $1.value.view }) {
            simplex.handle(certificate, at: now)
        }
        simplex.handle(proposal, at: now)
        collect()
    }

    mutating func holds(_ header: BlockHeader) {
        simplex.blockReady(network.facts(header), at: now)
        collect()
    }

    mutating func judges(_ view: UInt64, valid: Bool = true) {
        simplex.judged(View(view), valid: valid, at: now)
        collect()
    }

    /// Everything it takes to notarize a proposal.
    mutating func accepts(_ proposal: Verified<Proposal>, justification: [Verified<Certificate>] = []) {
        receive(proposal, justification: justification)
        holds(proposal.value.header)
        judges(proposal.value.view.value)
    }

    mutating func advance(to moment: UInt64) {
        now = moment
        simplex.timerFired(at: moment)
        collect()
    }

    /// Where the node may propose, which it must here.
    mutating func slot() throws -> ProposalSlot {
        let found = simplex.proposalSlot(at: now)
        return try #require(found)
    }

    mutating func clearOutputs() { outputs = [] }

    // MARK: - Read

    var view: UInt64 { simplex.view.value }

    /// Own votes, in the order of casting.
    var cast: [Ballot] {
        outputs.compactMap { if case .cast(let vote) = $0 { vote.value.ballot } else { nil } }
    }

    var announced: [Ballot] {
        outputs.compactMap {
            if case .announce(let certificate) = $0 { certificate.value.ballot } else { nil }
        }
    }

    var entered: [UInt64] {
        outputs.compactMap { if case .entered(let view) = $0 { view.value } else { nil } }
    }

    var evidence: [Equivocation] {
        outputs.compactMap { if case .evidence(let pair) = $0 { pair } else { nil } }
    }

    var missingBlocks: [BlockID] {
        outputs.compactMap { if case .missingBlock(let id) = $0 { id } else { nil } }
    }

    var missingCertificates: [ClosedRange<UInt64>] {
        outputs.compactMap {
            if case .missingCertificates(let views) = $0 {
                views.lowerBound.value...views.upperBound.value
            } else {
                nil
            }
        }
    }

    var validated: [UInt64] {
        outputs.compactMap { if case .validate(let proposal) = $0 { proposal.value.view.value } else { nil } }
    }

    var finalized: [BlockID] {
        outputs.compactMap {
            if case .finalized(let certificate) = $0 { certificate.value.block } else { nil }
        }
    }

    var conflicts: [BlockID] {
        outputs.compactMap { if case .conflict(_, let second) = $0 { second } else { nil } }
    }
}
