import JalonCrypto
import JalonModel
import JalonState
import Testing

@testable import JalonCore

/// A signature that costs one hash, which anybody could make: these tests are about rules, not about signatures.
struct CheapKey: Signing {
    let publicKey: PublicKey

    func sign(_ message: [UInt8]) -> [UInt8] {
        let half = SHA256.hash(publicKey.id.digest.bytes + message).bytes
        return half + half
    }
}

/// Checks the signatures of ``CheapKey``.
struct CheapVerifier: SignatureVerifying {
    func isValid(signature: ArraySlice<UInt8>, message: [UInt8], key: PublicKey) -> Bool {
        CheapKey(publicKey: key).sign(message).elementsEqual(signature)
    }
}

/// Provinces with an authority, a validator and a node each, by validator index.
struct Provinces {
    static let start = Timestamp(1_700_000_000_000)

    struct Province {
        let id: MemberID
        let region: RegionCode
        let authority: CheapKey
        let validator: CheapKey
        let node: PeerID
    }

    let all: [Province]
    /// The authority keys and the node keys of the observers.
    let observers: [CheapKey]
    let observerNodes: [PeerID]
    let genesis: Genesis
    let context: VotingContext

    /// `observers` are members without a region and a seat, named `observer-0` and so on.
    init(
        _ count: Int,
        observers: Int = 0,
        parameters change: (inout Parameters) -> Void = { _ in }
    ) throws {
        func key(_ purpose: UInt8, _ number: Int) throws -> PublicKey {
            try PrivateKey(seed: SHA256.hash([purpose, UInt8(number)]).bytes).publicKey
        }
        let ids = (0..<count).map { MemberID(checked: "province-\($0)") }
        let set = try ValidatorSet(try ids.enumerated().map { Validator(key: try key(2, $0), member: $1) })
        var parameters = Parameters(validatorCount: count)
        change(&parameters)
        var members: [Member] = []
        var provinces: [Province] = []
        for validator in set.validators {
            let number = try #require(ids.firstIndex(of: validator.member))
            let region = try #require(RegionCode("CN-\(100 + number)"))
            let node = try key(3, number)
            members.append(
                Member(
                    id: validator.member,
                    roles: [.province],
                    name: try LocalizedText(zh: "省"),
                    region: region,
                    authorityKeys: [try key(1, number)],
                    nodes: [NodeEntry(key: node)]
                )
            )
            provinces.append(
                Province(
                    id: validator.member,
                    region: region,
                    authority: CheapKey(publicKey: try key(1, number)),
                    validator: CheapKey(publicKey: validator.key),
                    node: node.id
                )
            )
        }
        for number in 0..<observers {
            members.append(
                Member(
                    id: MemberID(checked: "observer-\(number)"),
                    roles: [.observer],
                    name: try LocalizedText(zh: "观察员"),
                    authorityKeys: [try key(4, number)],
                    nodes: [NodeEntry(key: try key(5, number))]
                )
            )
        }
        self.observers = try (0..<observers).map { CheapKey(publicKey: try key(4, $0)) }
        observerNodes = try (0..<observers).map { try key(5, $0).id }
        all = provinces
        genesis = try Genesis(
            network: NetworkID(checked: "core-tests"),
            time: Provinces.start.reduced(byMilliseconds: 60_000),
            parameters: parameters,
            members: members,
            validators: set
        )
        context = VotingContext(
            network: genesis.network,
            chain: genesis.chain,
            epoch: Epoch(0),
            validators: set
        )
    }

    func leader(_ view: UInt64) -> Int { context.validators.leader(of: View(view), offset: 0).value }

    /// A plan of a province's region: plans depend on nothing.
    func plan(
        _ number: Int,
        by province: Int = 0,
        expiresAfter lifetime: UInt64 = 600_000,
        titleLength: Int = 1
    ) throws -> Transaction {
        let member = all[province]
        let day = try #require(CalendarDay(year: 2020, month: 1, day: 1))
        let body = TransactionBody.planPublish(
            PlanPublish(
                id: try #require(PlanID("\(member.region)-2020-P\(number)")),
                region: member.region,
                title: try LocalizedText(zh: String(repeating: "计划", count: titleLength)),
                issuer: try Text("省政府"),
                published: try #require(CalendarDate(date: day, precision: .day, basis: .explicit)),
                source: Source(kind: .press)
            )
        )
        return try Transaction.signed(
            body: body.encoded,
            subject: body.subject,
            issuer: member.id,
            chain: genesis.chain,
            nonce: SHA256.hash([UInt8(number % 251), UInt8(province), UInt8(number / 251)]).bytes.prefix(16)
                .map { $0 },
            expires: Provinces.start.advanced(byMilliseconds: lifetime),
            key: member.authority
        )
    }

    /// A commitment under a plan of ``plan(_:by:expiresAfter:titleLength:)``.
    func commitment(_ number: Int, plan: Int, by province: Int = 0) throws -> Transaction {
        let member = all[province]
        let start = try #require(CalendarDay(year: 2020, month: 1, day: 1))
        let body = TransactionBody.commitmentPropose(
            CommitmentPropose(
                id: commitmentID(number, of: province),
                plan: try #require(PlanID("\(member.region)-2020-P\(plan)")),
                region: member.region,
                title: try LocalizedText(zh: "承诺"),
                responsible: [Responsible(.member(member.id), role: .lead)],
                indicator: Indicator(
                    code: try #require(IndicatorCode("STATIONS")),
                    unit: try #require(UnitCode("item")),
                    measure: .count,
                    accumulation: .cumulative,
                    direction: .up
                ),
                target: .bound(.ge, try #require(Decimal("100"))),
                start: start,
                curve: .none,
                reporting: Reporting(firstDue: start.adding(days: 365))
            )
        )
        return try signed(
            body,
            issuer: member.id,
            key: member.authority,
            nonce: [6, UInt8(number), UInt8(province)]
        )
    }

    func commitmentID(_ number: Int, of province: Int = 0) -> CommitmentID {
        let digits = String(number)
        let padded = String(repeating: "0", count: 3 - digits.count) + digits
        return CommitmentID(checked: "\(all[province].region)-2020-\(padded)")
    }

    /// A dispute of an observer about a commitment.
    func dispute(_ number: Int, about commitment: CommitmentID, by observer: Int = 0) throws -> Transaction {
        let body = TransactionBody.disputeOpen(
            DisputeOpen(commitment: commitment, ground: .other, text: try Text("不符"))
        )
        return try signed(
            body,
            issuer: MemberID(checked: "observer-\(observer)"),
            key: observers[observer],
            nonce: [7, UInt8(number), UInt8(observer)]
        )
    }

    private func signed(_ body: TransactionBody, issuer: MemberID, key: CheapKey, nonce: [UInt8]) throws
        -> Transaction
    {
        try Transaction.signed(
            body: body.encoded,
            subject: body.subject,
            issuer: issuer,
            chain: genesis.chain,
            nonce: SHA256.hash(nonce).bytes.prefix(16).map { $0 },
            expires: Provinces.start.advanced(byMilliseconds: 3_600_000),
            key: key
        )
    }

    // MARK: - What the others sign

    func vote(_ ballot: Ballot, by signer: Int) -> Vote {
        Vote.signed(ballot, by: ValidatorIndex(signer), key: all[signer].validator, in: context).value
    }

    func certificate(_ ballot: Ballot) throws -> Certificate {
        let votes = (0..<context.validators.quorum).map {
            Vote.signed(ballot, by: ValidatorIndex($0), key: all[$0].validator, in: context)
        }
        return try #require(Certificate.assembled(from: votes, in: context)).value
    }

    func standing(
        of signer: Int,
        nonce: [UInt8],
        entry: Certificate? = nil,
        rejoinProof: Certificate? = nil,
        isRejoining: Bool = false,
        votes: [Vote] = []
    ) -> Standing {
        let content = Standing.Content(
            nonce: nonce,
            epoch: context.epoch,
            entry: entry,
            rejoinProof: rejoinProof,
            isRejoining: isRejoining,
            votes: votes
        )
        return Standing.signed(
            content,
            by: ValidatorIndex(signer),
            key: all[signer].validator,
            in: context
        )
    }

    func proposal(
        _ header: BlockHeader,
        leaves: [LeafHash],
        parent: Certificate? = nil,
        gap: [Certificate] = []
    ) -> Proposal {
        let leader = leader(header.view.value)
        return Proposal.signed(
            view: header.view,
            header: header,
            leaves: leaves,
            justification: Justification(parent: parent, nullifications: gap),
            by: ValidatorIndex(leader),
            key: all[leader].validator,
            in: context
        ).proposal.value
    }
}

/// One node's core with its effects performed: signatures are checked at once, writes are remembered.
struct TestNode {
    let provinces: Provinces
    let own: Int?
    var core: Core
    /// The effects of the last call, in order, those of checked signatures included.
    private(set) var effects: [Effect] = []
    private(set) var records: [Record] = []
    /// Whether the peers say at once where they stand: at the beginning, and with none of this node's votes.
    let isAnswered: Bool
    var clock: Clock

    init(
        _ provinces: Provinces,
        _ own: Int?,
        restored: RestoredLedger = RestoredLedger(),
        mempoolCount: Int = 20_000,
        isConnected: Bool = true,
        isAnswered: Bool = true,
        wall: Timestamp = Provinces.start
    ) throws {
        (self.provinces, self.own) = (provinces, own)
        self.isAnswered = isAnswered
        clock = Clock(monotonic: 0, wall: wall)
        let node = own.map { provinces.all[$0].node } ?? KeyID(SHA256.hash([99]))
        var configuration = Core.Configuration(
            key: own.map { provinces.all[$0].validator },
            node: node,
            seed: 7
        )
        configuration.mempoolCount = mempoolCount
        core = try Core(
            genesis: provinces.genesis,
            restored: restored,
            configuration: configuration,
            verifier: CheapVerifier(),
            clock: clock
        )
        perform(core.start(at: clock))
        if isConnected {
            for (index, province) in provinces.all.enumerated() where index != own {
                handle(.connected(province.node))
            }
        }
    }

    private mutating func perform(_ made: [Effect]) {
        for effect in made {
            effects.append(effect)
            switch effect {
            case .persist(let new): records.append(contentsOf: new)
            case .verify(let verification):
                perform(core.handle(.verified(verification.run(by: CheapVerifier())), at: clock))
            case .send(.standingRequest(let request), let peers)
            where isAnswered && request.asker.value == own:
                for peer in peers {
                    guard let index = provinces.all.firstIndex(where: { $0.node == peer }) else { continue }
                    let answer = PeerMessage.standing(provinces.standing(of: index, nonce: request.nonce))
                    perform(core.handle(.received(answer, from: peer), at: clock))
                }
            case .send, .notify, .serve, .penalize, .halt: break
            }
        }
    }

    /// Takes one event; ``effects`` are then those of it.
    mutating func handle(_ event: Event) {
        effects = []
        perform(core.handle(event, at: clock))
    }

    mutating func receive(_ message: PeerMessage, from sender: Int) {
        handle(.received(message, from: provinces.all[sender].node))
    }

    mutating func submit(_ transactions: Transaction...) { handle(.submitted(transactions.map(\.bytes))) }

    /// Lets time pass on both clocks, firing the timer whenever it is due.
    mutating func wait(_ milliseconds: UInt64) {
        let end = clock.monotonic + milliseconds
        var all: [Effect] = []
        while let deadline = core.deadline, deadline <= end {
            let moment = max(deadline, clock.monotonic)
            clock = Clock(
                monotonic: moment,
                wall: clock.wall.advanced(byMilliseconds: moment - clock.monotonic)
            )
            handle(.timerFired)
            all += effects
        }
        clock = Clock(monotonic: end, wall: clock.wall.advanced(byMilliseconds: end - clock.monotonic))
        effects = all
    }

    // MARK: - Read

    /// What was sent in ``effects``.
    var sent: [PeerMessage] {
        effects.compactMap { if case .send(let message, _) = $0 { message } else { nil } }
    }

    func targets(of wanted: (PeerMessage) -> Bool) -> [PeerID] {
        var targets: [PeerID] = []
        for effect in effects {
            if case .send(let message, let peers) = effect, wanted(message) {
                targets.append(contentsOf: peers)
            }
        }
        return targets
    }

    var votes: [Ballot] { sent.compactMap { if case .vote(let vote) = $0 { vote.ballot } else { nil } } }

    var proposals: [Proposal] {
        sent.compactMap { if case .proposal(let proposal) = $0 { proposal } else { nil } }
    }

    var requests: [FetchRequest] {
        sent.compactMap { if case .request(let request) = $0 { request } else { nil } }
    }

    var notices: [Notice] { effects.compactMap { if case .notify(let notice) = $0 { notice } else { nil } } }

    var halts: [HaltReason] { effects.compactMap { if case .halt(let reason) = $0 { reason } else { nil } } }

    var penalties: [Misbehaviour] {
        effects.compactMap { if case .penalize(_, let why) = $0 { why } else { nil } }
    }

    var rejections: [String] {
        notices.compactMap {
            if case .rejected(_, _, let refusal) = $0 { refusal.code.rawValue } else { nil }
        }
    }

    /// The records that were durable before the first message that `wanted` names left.
    func durable(before wanted: (PeerMessage) -> Bool) throws -> [Record] {
        let index = effects.firstIndex {
            if case .send(let message, _) = $0 { wanted(message) } else { false }
        }
        let first = try #require(index, "no such message was sent")
        let later = effects[first...].reduce(0) { count, effect in
            if case .persist(let records) = effect { count + records.count } else { count }
        }
        return Array(records.dropLast(later))
    }
}

extension TestNode {
    /// A node and the block that its view's leader proposes with these transactions.
    static func proposed(_ provinces: Provinces, _ transactions: [Transaction]) throws -> (
        proposal: Proposal, block: Block
    ) {
        var leader = try TestNode(provinces, provinces.leader(1))
        leader.handle(.submitted(transactions.map(\.bytes)))
        let proposal = try #require(leader.proposals.first)
        let block = leader.records.compactMap { if case .block(let block) = $0 { block } else { nil } }.first
        return (proposal, try #require(block))
    }
}
