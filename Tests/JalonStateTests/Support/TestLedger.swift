import JalonCrypto
import JalonModel
import JalonState
import Testing

/// A ledger of seven provinces, a regulator, an auditor and an observer, block by block, as the node's core drives it.
struct TestLedger {
    /// 2021-07-01T00:00 at UTC+8.
    static let start = Timestamp(1_625_068_800_000)

    let genesis: Genesis
    private(set) var state: LedgerState
    private(set) var height = Height(0)
    private(set) var time: Timestamp
    private(set) var changes: [LeafChange] = []
    private var nonce: UInt64 = 0

    /// With the guests where a test needs a second member of a role.
    init(
        parameters: Parameters = Parameters(),
        time: Timestamp = TestLedger.start,
        hasGuests: Bool = false
    ) throws {
        genesis = try TestLedger.genesis(
            parameters,
            TestLedger.memberIDs + (hasGuests ? TestLedger.guestIDs : [])
        )
        state = LedgerState(genesis: genesis)
        self.time = time
    }

    // MARK: - Keys

    /// Authority keys by member, made from the place of the member's id in this list.
    static let memberIDs = [
        "cn-bj", "cn-gz", "cn-hb", "cn-he", "cn-hi", "cn-hn", "cn-js", "regulator", "audit", "watch",
    ]

    /// Members that take part only where a test asks for them.
    static let guestIDs = ["audit-2", "regulator-2", "cn-gd"]

    /// A guest's roles; Guangdong here is a province that audits others.
    private static func roles(of id: String) -> [MemberRole] {
        switch id {
        case "cn-gd": [.province, .auditor]
        case "regulator", "regulator-2": [.regulator]
        case "audit", "audit-2": [.auditor]
        default: id.hasPrefix("cn-") ? [.province] : [.observer]
        }
    }

    static func key(_ member: String, _ kind: KeyKind = .authority) throws -> PrivateKey {
        let index = try #require((memberIDs + guestIDs).firstIndex(of: member))
        let kindIndex = try #require(KeyKind.allCases.firstIndex(of: kind))
        return try PrivateKey(seed: [UInt8](repeating: UInt8(1 + index * 8 + kindIndex), count: 32))
    }

    private static func genesis(_ parameters: Parameters, _ memberIDs: [String]) throws -> Genesis {
        var members: [Member] = []
        var validators: [Validator] = []
        for id in memberIDs {
            let isProvince = id.hasPrefix("cn-")
            let member = try #require(MemberID(id))
            members.append(
                Member(
                    id: member,
                    roles: roles(of: id),
                    name: try LocalizedText(zh: "成员", en: id.uppercased()),
                    region: isProvince ? RegionCode(id.uppercased()) : nil,
                    authorityKeys: [try key(id).publicKey],
                    recoveryKey: try key(id, .recovery).publicKey,
                    nodes: [NodeEntry(key: try key(id, .node).publicKey)]
                )
            )
            if isProvince, !guestIDs.contains(id) {
                validators.append(Validator(key: try key(id, .validator).publicKey, member: member))
            }
        }
        let sectors = [
            "finance", "services", "industry", "government", "telecommunications", "commerce", "technology",
            "talent",
            "other",
        ]
        return try Genesis(
            network: try #require(NetworkID("cn-plans-2020")),
            time: Timestamp(1_600_000_000_000),
            parameters: parameters,
            units: [
                UnitDefinition(
                    code: try #require(UnitCode("park")),
                    name: try LocalizedText(zh: "个园区", en: "parks")
                )
            ],
            sectors: try sectors.map {
                SectorDefinition(
                    code: try #require(SectorCode($0)),
                    name: try LocalizedText(zh: "行业", en: $0)
                )
            },
            members: members,
            validators: try ValidatorSet(validators)
        )
    }

    // MARK: - Signing

    /// What a transaction's envelope says beside the body, where a test wants something else than the usual.
    struct Envelope {
        var issuer: String?
        var subject: String?
        var chain: ChainID?
        var expires: Timestamp?
        var key: PrivateKey?
    }

    mutating func sign(
        _ body: TransactionBody,
        by member: String,
        _ envelope: Envelope = Envelope()
    ) throws -> Verified<Transaction> {
        try sign(bytes: body.encoded, subject: body.subject.text, by: member, envelope)
    }

    /// Whether every signature of a transaction holds, those inside its body too.
    mutating func verifies(_ body: TransactionBody, by member: String) throws -> Bool {
        let key = try TestLedger.key(member)
        let transaction = try Transaction.signed(
            body: body.encoded,
            subject: body.subject,
            issuer: try #require(MemberID(member)),
            chain: genesis.chain,
            nonce: [UInt8](repeating: 0, count: 16),
            expires: time.advanced(byMilliseconds: 60_000),
            key: key
        )
        return transaction.verified(key: key.publicKey, by: KeySignatureVerifier()) != nil
    }

    mutating func sign(
        bytes: [UInt8],
        subject: String,
        by member: String,
        _ envelope: Envelope = Envelope()
    ) throws -> Verified<Transaction> {
        nonce += 1
        let key = try envelope.key ?? TestLedger.key(member)
        let transaction = try Transaction.signed(
            body: bytes,
            subject: try #require(SubjectID(envelope.subject ?? subject)),
            issuer: try #require(MemberID(envelope.issuer ?? member)),
            chain: envelope.chain ?? genesis.chain,
            nonce: (0..<16).map { UInt8(truncatingIfNeeded: nonce >> (8 * ($0 % 8))) },
            expires: envelope.expires ?? time.advanced(byMilliseconds: 60_000),
            key: key
        )
        return try #require(transaction.verified(key: key.publicKey, by: KeySignatureVerifier()))
    }

    // MARK: - Blocks

    var context: BlockContext {
        BlockContext(genesis, height: height.next, timestamp: time)
    }

    /// The next block, with these transactions; all of them must be accepted.
    mutating func apply(_ transactions: [Verified<Transaction>]) throws {
        var execution = BlockExecution(on: state, context: context)
        for transaction in transactions {
            do { try execution.apply(transaction) } catch {
                Issue.record("refused: \(error)")
                throw error
            }
        }
        (state, changes) = execution.finish()
        height = height.next
        time = time.advanced(byMilliseconds: 1_000)
    }

    /// Signs, applies in a block of its own, and gives the id.
    @discardableResult
    mutating func apply(_ body: TransactionBody, by member: String) throws -> TransactionID {
        let transaction = try sign(body, by: member)
        try apply([transaction])
        return transaction.value.id
    }

    /// The refusal that a transaction gets, as admission and as part of a block, after which nothing has changed.
    func refusal(_ transaction: Verified<Transaction>) throws -> Refusal {
        var admission: Refusal?
        do { try state.check(transaction, context: context) } catch { admission = error }
        var inBlock: Refusal?
        var execution = BlockExecution(on: state, context: context)
        do { try execution.apply(transaction) } catch { inBlock = error }
        let (after, changes) = execution.finish()
        let refusal = try #require(inBlock, "accepted, expected a refusal")
        #expect(admission == refusal)
        #expect(after.root == state.root && changes.isEmpty, "a refused transaction changes nothing")
        #expect(!refusal.message.isEmpty && !refusal.hint.isEmpty)
        return refusal
    }

    /// The refusal of a body that is signed as usual.
    mutating func refusal(_ body: TransactionBody, by member: String) throws -> Refusal {
        let transaction = try sign(body, by: member)
        return try refusal(transaction)
    }

    /// Changes the state by no rule.
    mutating func change(_ body: (inout LedgerState) throws -> Void) rethrows { try body(&state) }

    mutating func setTime(_ time: Timestamp) { self.time = time }

    mutating func advance(days: UInt64) {
        time = time.advanced(byMilliseconds: days * 86_400_000)
    }

    // MARK: - Bodies

    static func plan(_ region: String) throws -> PlanPublish {
        PlanPublish(
            id: try #require(PlanID("\(region)-2020-P1")),
            region: try #require(RegionCode(region)),
            title: try LocalizedText(zh: "计划", en: "Plan of \(region)"),
            issuer: try Text("省政府"),
            published: try #require(CalendarDate(date: day("2020-04-26"), precision: .day, basis: .explicit)),
            source: Source(kind: .press)
        )
    }

    /// Publishes the plans and proposes every real commitment.
    mutating func publishRealPlans() throws {
        for region in RealPlans.regions {
            try apply(.planPublish(try TestLedger.plan(region)), by: region.lowercased())
        }
        for commitment in RealPlans.commitments {
            try apply(.commitmentPropose(try commitment.body()), by: commitment.region.lowercased())
        }
    }

    static func content(
        _ reading: Reading,
        at periodEnd: String,
        from periodStart: String? = nil,
        status: ValueStatus = .normal,
        evidence: Int = 0,
        isFinal: Bool = false
    ) throws -> MilestoneContent {
        MilestoneContent(
            periodStart: try periodStart.map(day),
            periodEnd: try day(periodEnd),
            reading: reading,
            valueStatus: status,
            evidence: try (0..<evidence).map { index in
                Evidence(
                    name: try #require(FileName("q\(index).pdf")),
                    mediaType: try #require(MediaType("application/pdf")),
                    byteCount: 1,
                    sha256: SHA256.hash([UInt8(index)])
                )
            },
            isFinal: isFinal
        )
    }

    static func report(_ commitment: String, _ content: MilestoneContent) throws -> TransactionBody {
        .milestoneReport(
            MilestoneReport(commitment: try #require(CommitmentID(commitment)), content: content)
        )
    }

    static func report(_ commitment: String, value: String, at periodEnd: String) throws -> TransactionBody {
        try report(commitment, content(.value(decimal(value)), at: periodEnd))
    }

    static func correction(
        _ commitment: String,
        of milestone: TransactionID,
        _ content: MilestoneContent
    ) throws -> TransactionBody {
        .milestoneCorrect(
            MilestoneCorrect(
                commitment: try #require(CommitmentID(commitment)),
                milestone: milestone,
                content: content,
                reasonCode: try #require(ReasonCode("typingError")),
                reason: try Text("数字录入错误")
            )
        )
    }

    static func retraction(_ commitment: String, of milestone: TransactionID) throws -> TransactionBody {
        .milestoneRetract(
            MilestoneRetract(
                commitment: try #require(CommitmentID(commitment)),
                milestone: milestone,
                reasonCode: try #require(ReasonCode("wrongPeriod")),
                reason: try Text("误报")
            )
        )
    }
}
