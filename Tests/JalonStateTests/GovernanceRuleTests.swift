import JalonCrypto
import JalonModel
import Testing

@testable import JalonState

@Suite("What the validators decide together")
struct GovernanceRuleTests {
    private var ledger: TestLedger

    init() throws {
        ledger = try TestLedger(hasGuests: true)
    }

    private func member(_ id: String) throws -> MemberID { try TestLedger.memberID(id) }

    private func parameter(_ parameter: Parameter, _ change: (inout Parameters) -> Void) -> GovernanceAction {
        var parameters = Parameters()
        change(&parameters)
        return .setParameter(parameter, parameters.encodedValue(of: parameter))
    }

    private var delta: GovernanceAction { parameter(.delta) { $0.deltaMilliseconds = 400 } }

    // MARK: - Proposing

    @Test("a validator proposes everything, and says yes by that")
    mutating func propose() throws {
        let actions: [GovernanceAction] = [
            .admit(try TestLedger.admission()), .suspend(try member("cn-gz")), .remove(try member("cn-gz")),
            delta,
        ]
        for action in actions {
            let id = try ledger.apply(ledger.proposal(action), by: "cn-bj")
            #expect(ledger.changes.map(\.path) == ["governance/\(id)"])
            let record = try #require(ledger.state.proposal(id))
            #expect(record.body.action == action && record.outcome == .open)
            #expect(record.votes.map(\.member.text) == ["cn-bj"] && record.votes[0].ballot == .yes)
            #expect(record.votes[0].transaction == id)
        }
        #expect(ledger.state.proposals.count == actions.count)
    }

    @Test("a regulator proposes an admission and nothing else, and has no vote without a seat")
    mutating func regulator() throws {
        let id = try ledger.apply(ledger.proposal(.admit(TestLedger.admission())), by: "regulator")
        #expect(ledger.state.proposal(id)?.votes.isEmpty == true && ledger.outcome(id) == .open)
        for action in [GovernanceAction.suspend(try member("cn-gz")), delta] {
            #expect(try ledger.refusal(ledger.proposal(action), by: "regulator").code == .notValidator)
        }
        #expect(try ledger.refusal(ledger.vote(.yes, on: id), by: "regulator").code == .notValidator)
    }

    @Test("who is no validator proposes nothing", arguments: ["audit", "cn-gd", "watch"])
    mutating func noValidator(member id: String) throws {
        let code = try ledger.refusal(ledger.proposal(delta), by: id).code
        #expect(code == (id == "watch" ? .role : .notValidator))
        let admission = try ledger.refusal(ledger.proposal(.admit(TestLedger.admission())), by: id).code
        #expect(admission == (id == "watch" ? .role : .notValidator))
    }

    @Test("of the same member eight proposals are open at a time, and they close after 30 days")
    mutating func limit() throws {
        for _ in 0..<8 { try ledger.apply(ledger.proposal(delta), by: "cn-bj") }
        let refusal = try ledger.refusal(ledger.proposal(delta), by: "cn-bj")
        #expect(refusal.code == .limit && refusal.message.contains("8 of them"))
        try ledger.apply(ledger.proposal(delta), by: "cn-gz")
        ledger.advance(days: 31)
        try ledger.apply(ledger.proposal(delta), by: "cn-bj")
    }

    @Test("64 proposals are open at a time")
    mutating func limitOfAll() throws {
        for place in 0..<56 { try ledger.apply(ledger.proposal(delta), by: TestLedger.sealing[place % 7]) }
        for place in 0..<8 {
            let admission = try TestLedger.admission("cn-q\(place)", seed: UInt8(106 + place * 4))
            try ledger.apply(ledger.proposal(.admit(admission)), by: "regulator")
        }
        let admission = try TestLedger.admission()
        #expect(try ledger.refusal(ledger.proposal(.admit(admission)), by: "regulator-2").code == .limit)
    }

    @Test("an effective height lies after the block")
    mutating func effectiveHeight() throws {
        let refusal = try ledger.refusal(ledger.proposal(delta, at: ledger.height.value + 1), by: "cn-bj")
        #expect(refusal.code == .height && refusal.message.contains("\(ledger.height.value + 1)"))
        let id = try ledger.apply(ledger.proposal(delta, at: ledger.height.value + 2), by: "cn-bj")
        #expect(ledger.state.proposal(id)?.body.effectiveHeight == ledger.height.next)
    }

    @Test("a proposal or vote of another network is refused")
    mutating func otherNetwork() throws {
        let id = try ledger.apply(ledger.proposal(delta), by: "cn-bj")
        let other = try #require(NetworkID("other"))
        let propose = GovernancePropose(network: other, action: delta, reason: try Text("理由"))
        #expect(try ledger.refusal(.governancePropose(propose), by: "cn-bj").code == .subject)
        let vote = GovernanceVote(network: other, proposal: id, ballot: .yes)
        #expect(try ledger.refusal(.governanceVote(vote), by: "cn-gz").code == .subject)
    }

    @Test("a member that is not there, or not in the standing that it must have, is refused")
    mutating func standing() throws {
        let unknown = try ledger.refusal(ledger.proposal(.suspend(member("cn-hm"))), by: "cn-bj")
        #expect(unknown.code == .unknownMember && unknown.message.contains("cn-h"))
        #expect(
            try ledger.refusal(ledger.proposal(.reinstate(member("cn-gz"))), by: "cn-bj").code
                == .memberStanding
        )
        try ledger.enact(.suspend(member("cn-gz")), by: ["cn-bj", "cn-hb", "cn-he", "cn-hi", "cn-hn"])
        let refusal = try ledger.refusal(ledger.proposal(.suspend(member("cn-gz"))), by: "cn-bj")
        #expect(refusal.code == .memberStanding && refusal.message.contains("suspended"))
        try ledger.enact(.remove(member("watch")), by: ["cn-bj", "cn-hb", "cn-he", "cn-hi", "cn-hn"])
        for action in [
            GovernanceAction.remove(try member("watch")), .suspend(try member("watch")),
            .reinstate(try member("watch")),
        ] {
            #expect(try ledger.refusal(ledger.proposal(action), by: "cn-bj").code == .memberStanding)
        }
    }

    // MARK: - Voting

    @Test("more than two thirds of seven are five")
    mutating func threshold() throws {
        let id = try ledger.apply(ledger.proposal(delta), by: "cn-bj")
        for (place, voter) in TestLedger.sealing[1...4].enumerated() {
            #expect(ledger.outcome(id) == .open, "after \(place + 1)")
            try ledger.apply(ledger.vote(.yes, on: id), by: voter)
        }
        let record = try #require(ledger.state.proposal(id))
        #expect(record.outcome == .passed && record.decided == ledger.height)
        #expect(record.effective == ledger.height.next)
        #expect(ledger.state.tally(of: record).description == "yes 5, no 0 of 7, needed 5")
        #expect(ledger.state.parameters.deltaMilliseconds == 500)
        try ledger.apply([])
        #expect(ledger.state.parameters.deltaMilliseconds == 400 && ledger.outcome(id) == .effective)
        #expect(ledger.changes.map(\.path).sorted() == ["governance/\(id)", "parameter/delta"])
        #expect(ledger.state.leaf(at: "parameter/delta") == Parameters.encoded(.delta, 400))
    }

    @Test("three noes of seven reject it at once")
    mutating func rejected() throws {
        let id = try ledger.apply(ledger.proposal(delta), by: "cn-bj")
        for voter in ["cn-gz", "cn-hb"] { try ledger.apply(ledger.vote(.no, on: id), by: voter) }
        #expect(ledger.outcome(id) == .open)
        try ledger.apply(ledger.vote(.no, on: id), by: "cn-he")
        let record = try #require(ledger.state.proposal(id))
        #expect(record.outcome == .rejected && record.decided == ledger.height && record.effective == nil)
        let refusal = try ledger.refusal(ledger.vote(.yes, on: id), by: "cn-hn")
        #expect(refusal.code == .proposalClosed && refusal.message.contains("rejected"))
        try ledger.apply([])
        #expect(ledger.changes.isEmpty)
    }

    @Test("the thresholds: voters, and the yes votes that pass", arguments: 1...34)
    func arithmetic(voters: Int) {
        for isRemoval in [false, true] {
            let tally = GovernanceTally(voters: voters, yes: 0, no: 0, isRemoval: isRemoval)
            let least = (0...voters).first { isRemoval ? 4 * $0 >= 3 * voters : 3 * $0 > 2 * voters }
            #expect(tally.needed == least)
            for no in 0...voters {
                let lost = GovernanceTally(voters: voters, yes: 0, no: no, isRemoval: isRemoval).isLost
                #expect(lost == (voters - no < tally.needed))
            }
        }
        #expect(!GovernanceTally(voters: 0, yes: 0, no: 0, isRemoval: true).passes)
        #expect(!GovernanceTally(voters: 0, yes: 0, no: 0, isRemoval: false).passes)
    }

    @Test("the member that it is about has no vote and is not counted")
    mutating func subject() throws {
        for action in [GovernanceAction.suspend(try member("cn-gz")), .remove(try member("cn-gz"))] {
            let id = try ledger.apply(ledger.proposal(action), by: "cn-gz")
            #expect(ledger.state.proposal(id)?.votes.isEmpty == true)
            #expect(try ledger.refusal(ledger.vote(.no, on: id), by: "cn-gz").code == .party)
            let record = try #require(ledger.state.proposal(id))
            #expect(ledger.state.tally(of: record).voters == 6)
            #expect(ledger.state.tally(of: record).needed == 5)
        }
    }

    @Test("a suspended member's votes count no more, nor does it count as a voter")
    mutating func suspendedVotes() throws {
        let id = try ledger.apply(ledger.proposal(delta), by: "cn-gz")
        try ledger.apply(ledger.vote(.yes, on: id), by: "cn-hn")
        try ledger.enact(
            .suspend(member("cn-gz")),
            by: ["cn-bj", "cn-hb", "cn-he", "cn-hi", "cn-hn"]
        )
        let record = try #require(ledger.state.proposal(id))
        #expect(ledger.state.tally(of: record).description == "yes 1, no 0 of 6, needed 5")
        #expect(try ledger.refusal(ledger.vote(.yes, on: id), by: "cn-gz").code == .memberStanding)
    }

    @Test("what was decided keeps the arithmetic that decided it")
    mutating func counted() throws {
        let sealing = TestLedger.sealing
        let passed = try ledger.enact(delta, by: Array(sealing[0...4]))
        let rejected = try ledger.apply(ledger.proposal(delta), by: sealing[0])
        for voter in sealing[1...3] { try ledger.apply(ledger.vote(.no, on: rejected), by: voter) }
        try ledger.enact(.suspend(member(sealing[0])), by: Array(sealing[1...5]))
        try ledger.enact(.remove(member(sealing[6])), by: Array(sealing[1...4]))
        let restored = try LedgerState(restoring: ledger.state.leaves)
        #expect(restored.root == ledger.state.root)
        for state in [ledger.state, restored] {
            let records = try [passed, rejected].map { try #require(state.proposal($0)) }
            #expect(state.tally(of: records[0]).description == "yes 5, no 0 of 7, needed 5")
            #expect(state.tally(of: records[1]).description == "yes 1, no 3 of 7, needed 5")
        }
    }

    @Test("each has one vote, which stands")
    mutating func once() throws {
        let id = try ledger.apply(ledger.proposal(delta), by: "cn-bj")
        let own = try ledger.refusal(ledger.vote(.no, on: id), by: "cn-bj")
        #expect(own.code == .voted && own.message.contains("yes") && own.message.contains("\(id)"))
        let vote = try ledger.apply(ledger.vote(.no, on: id), by: "cn-gz")
        let again = try ledger.refusal(ledger.vote(.yes, on: id), by: "cn-gz")
        #expect(again.code == .voted && again.message.contains("\(vote)"))
    }

    @Test("votes are taken for 30 days to the millisecond, and on what there is")
    mutating func closed() throws {
        let time = ledger.time
        let id = try ledger.apply(ledger.proposal(delta), by: "cn-bj")
        ledger.advance(days: 30)
        // A block takes a second.
        #expect(ledger.time.value == time.value + 30 * 86_400_000 + 1_000)
        let late = try ledger.refusal(ledger.vote(.yes, on: id), by: "cn-gz")
        #expect(late.code == .proposalClosed && late.message.contains("until"))
        #expect(
            try ledger.refusal(ledger.vote(.yes, on: TransactionID(SHA256.hash([1]))), by: "cn-gz").code
                == .unknownProposal
        )
        ledger.setTime(Timestamp(time.value + 30 * 86_400_000))
        try ledger.apply(ledger.vote(.yes, on: id), by: "cn-gz")
        for voter in ["watch"] {
            #expect(try ledger.refusal(ledger.vote(.yes, on: id), by: voter).code == .role)
        }
    }

    // MARK: - At its height

    @Test("it has its effect at the height that it names, and not before")
    mutating func height() throws {
        let height = ledger.height.value + 8
        let id = try ledger.decide(delta, at: height)
        while ledger.height.value + 1 < height {
            try ledger.apply([])
            #expect(ledger.state.parameters.deltaMilliseconds == 500 && ledger.changes.isEmpty)
            #expect(ledger.outcome(id) == .passed)
        }
        #expect(ledger.state.hasEffects(at: ledger.height.next, ledger.time))
        #expect(!ledger.state.hasEffects(at: ledger.height, ledger.time))
        try ledger.apply([])
        #expect(ledger.state.parameters.deltaMilliseconds == 400 && ledger.outcome(id) == .effective)
        #expect(!ledger.state.hasEffects(at: ledger.height.next, ledger.time))
    }

    @Test("transactions of the block at that height meet the new state")
    mutating func effectFirst() throws {
        try ledger.decide(.suspend(member("watch")))
        let dispute = try ledger.sign(TestLedger.dispute("CN-HN-2020-001"), by: "watch")
        var execution = BlockExecution(on: ledger.state, context: ledger.context)
        var refusal: Refusal?
        do { try execution.apply(dispute) } catch { refusal = error }
        #expect(refusal?.code == .memberStanding)
        #expect(throws: Refusal.self) { try ledger.state.check(dispute, context: ledger.context) }
    }

    @Test("what a guard stands against by then is void, and nothing is done by halves")
    mutating func void() throws {
        let height = ledger.height.value + 20
        let first = try ledger.decide(.admit(TestLedger.admission()), at: height)
        let second = try ledger.decide(.admit(TestLedger.admission()), at: height)
        while ledger.height.value < height { try ledger.apply([]) }
        let outcomes = [ledger.outcome(first), ledger.outcome(second)]
        #expect(Set(outcomes) == [.effective, .void])
        #expect(ledger.state.pendingChanges.count == 1)
        #expect(try ledger.state.keys(of: member("cn-sd")).count == 4)
        #expect(try ledger.restored().root == ledger.state.root)
    }

    // MARK: - Admitting

    @Test("an admitted member acts at once, and its seat waits")
    mutating func admit() throws {
        let admission = try TestLedger.admission()
        let id = try ledger.enact(.admit(admission))
        let record = try #require(ledger.state.member(member("cn-sd")))
        #expect(record.standing == .active && record.region?.text == "CN-SD")
        let keys = try ledger.state.keys(of: member("cn-sd"))
        #expect(keys.count == 4 && keys.allSatisfy { $0.height == ledger.height })
        #expect(keys.filter { !$0.isActive }.map(\.kind) == [.validator])
        let pending = try #require(ledger.state.pendingChanges.first)
        #expect(pending.id == id && pending.member.text == "cn-sd" && pending.isSeatChange)
        #expect(ledger.state.validators.count == 7)
        let plan = try ledger.sign(
            .planPublish(TestLedger.plan("CN-SD")),
            by: "cn-bj",
            .init(issuer: "cn-sd", key: TestLedger.admittedKey())
        )
        try ledger.apply([plan])
        #expect(try ledger.restored().root == ledger.state.root)
    }

    @Test("a member without a validator key has no seat and waits for none")
    mutating func admitWithoutSeat() throws {
        try ledger.enact(.admit(TestLedger.admission(hasSeat: false)))
        #expect(ledger.state.pendingChanges.isEmpty && ledger.state.nextValidators.isEmpty)
        #expect(try ledger.state.keys(of: member("cn-sd")).count == 3)
    }

    @Test("an id, a key or a region that is taken is refused, naming by whom")
    mutating func taken() throws {
        let id = try ledger.refusal(
            ledger.proposal(.admit(TestLedger.admission("cn-gz", region: "CN-SD"))),
            by: "cn-bj"
        )
        #expect(id.code == .duplicateID && id.message.contains("CN-GZ"))
        let region = try ledger.refusal(
            ledger.proposal(.admit(TestLedger.admission(region: "CN-GZ"))),
            by: "cn-bj"
        )
        #expect(region.code == .region && region.message.contains("cn-gz"))
        // An auditor in the same region is none of its province.
        try ledger.apply(
            ledger.proposal(.admit(TestLedger.admission(roles: [.auditor], region: "CN-GZ"))),
            by: "cn-bj"
        )
        for kind in [KeyKind.authority, .recovery, .node, .validator] {
            let admission = try TestLedger.admission(recovery: TestLedger.key("cn-gz", kind))
            let refusal = try ledger.refusal(ledger.proposal(.admit(admission)), by: "cn-bj")
            #expect(refusal.code == .keyTaken && refusal.message.contains("\(kind) key of cn-gz"))
        }
    }

    @Test("more than 34 validators are refused, counting those that wait")
    mutating func tooMany() throws {
        for place in 0..<27 {
            let admission = try TestLedger.admission("cn-q\(place)", seed: UInt8(106 + place * 4))
            let id = try ledger.apply(ledger.proposal(.admit(admission)), by: "regulator")
            for voter in TestLedger.sealing.prefix(5) {
                try ledger.apply(ledger.vote(.yes, on: id), by: voter)
            }
            try ledger.apply([])
        }
        #expect(ledger.state.nextValidators.first?.validators.count == 34)
        let late = try TestLedger.admission("cn-sd", seed: 216)
        let refusal = try ledger.refusal(ledger.proposal(.admit(late)), by: "cn-bj")
        #expect(refusal.code == .guardrail && refusal.message.contains("35, at most 34"))
        try ledger.apply(
            ledger.proposal(.admit(TestLedger.admission("cn-sd", seed: 216, hasSeat: false))),
            by: "cn-bj"
        )
    }

    // MARK: - Suspending

    @Test("a suspended member is refused in everything until it is reinstated, and its node seals on")
    mutating func suspend() throws {
        let others = TestLedger.sealing.filter { $0 != "cn-gz" }
        try ledger.enact(.suspend(member("cn-gz")), by: others)
        #expect(ledger.changes.contains { $0.path == "member/cn-gz" })
        #expect(try ledger.state.member(member("cn-gz"))?.standing == .suspended)
        let refusal = try ledger.refusal(.planPublish(TestLedger.plan("CN-GZ")), by: "cn-gz")
        #expect(refusal.code == .memberStanding && refusal.message.contains("suspended"))
        #expect(try ledger.refusal(ledger.proposal(delta), by: "cn-gz").code == .memberStanding)
        #expect(try ledger.state.validators.index(of: member("cn-gz")) != nil)
        #expect(ledger.state.nextValidators.isEmpty)
        #expect(try ledger.restored().root == ledger.state.root)
        try ledger.enact(.reinstate(member("cn-gz")), by: others)
        try ledger.apply(.planPublish(TestLedger.plan("CN-GZ")), by: "cn-gz")
        #expect(try ledger.restored().root == ledger.state.root)
    }

    // MARK: - Removing

    @Test("a removal that would leave too few validators is refused, with the numbers")
    mutating func guardrail() throws {
        let four = parameter(.minimumValidators) { $0.minimumValidatorCount = 7 }
        try ledger.enact(four)
        let refusal = try ledger.refusal(ledger.proposal(.remove(member("cn-gz"))), by: "cn-bj")
        #expect(refusal.code == .guardrail)
        #expect(refusal.message == "validators after the change 6, minimumValidators 7: refused")
        // One without a seat leaves as many.
        try ledger.apply(ledger.proposal(.remove(member("cn-gd"))), by: "cn-bj")
    }

    @Test("the guard counts removals that wait, and stands again at the height")
    mutating func guardAtHeight() throws {
        let height = ledger.height.value + 30
        var ids: [TransactionID] = []
        for id in ["cn-bj", "cn-gz", "cn-hb", "cn-he"] {
            let voters = TestLedger.sealing.filter { $0 != id }
            ids.append(try ledger.decide(.remove(member(id)), at: height, by: voters))
        }
        while ledger.height.value < height { try ledger.apply([]) }
        let outcomes = ids.map { ledger.outcome($0) }
        #expect(outcomes.count { $0 == .effective } == 3 && outcomes.count { $0 == .void } == 1)
        #expect(ledger.state.nextValidators.first?.validators.count == 4)
        let refusal = try ledger.refusal(ledger.proposal(.remove(member("cn-hn"))), by: "cn-js")
        #expect(refusal.message == "validators after the change 3, minimumValidators 4: refused")
    }

    @Test("a member without a seat is removed at once, with its keys and what waits of it")
    mutating func removeAtOnce() throws {
        let id = try member("cn-sd")
        try ledger.enact(.admit(TestLedger.admission()))
        try ledger.enact(.remove(id))
        #expect(ledger.state.member(id)?.standing == .removed)
        #expect(ledger.state.keys(of: id).allSatisfy { !$0.isActive })
        #expect(ledger.state.pendingChanges.isEmpty && ledger.state.nextValidators.isEmpty)
        let plan = try ledger.sign(
            .planPublish(TestLedger.plan("CN-SD")),
            by: "cn-bj",
            .init(issuer: "cn-sd", key: TestLedger.admittedKey())
        )
        #expect(try ledger.refusal(plan).code == .keyInactive)
        #expect(try ledger.restored().root == ledger.state.root)
        // Its region is free, and its id with new keys.
        let old = try ledger.refusal(ledger.proposal(.admit(TestLedger.admission())), by: "cn-bj")
        #expect(old.code == .keyTaken)
        try ledger.enact(.admit(TestLedger.admission(seed: 240)))
        #expect(ledger.state.member(id)?.standing == .active)
        #expect(ledger.state.keys(of: id).count == 8)
        #expect(try ledger.restored().root == ledger.state.root)
    }

    @Test("three quarters of six others are five")
    mutating func removalThreshold() throws {
        let id = try ledger.apply(ledger.proposal(.remove(member("cn-gz"))), by: "cn-bj")
        for voter in ["cn-hb", "cn-he", "cn-hi"] { try ledger.apply(ledger.vote(.yes, on: id), by: voter) }
        #expect(ledger.outcome(id) == .open)
        try ledger.apply(ledger.vote(.yes, on: id), by: "cn-hn")
        #expect(ledger.outcome(id) == .passed)
    }

    // MARK: - Parameters and rules

    @Test("parameters are set together within their bounds")
    mutating func parameters() throws {
        let above = parameter(.atRisk) { $0.atRisk = PartsPerMillion(950_000) }
        #expect(try ledger.refusal(ledger.proposal(above), by: "cn-bj").code == .invalidField)
        try ledger.enact(parameter(.onTrack) { $0.onTrack = PartsPerMillion(960_000) })
        try ledger.enact(above)
        #expect(ledger.state.parameters.atRisk.value == 950_000)
        let many = parameter(.minimumValidators) { $0.minimumValidatorCount = 8 }
        let refusal = try ledger.refusal(ledger.proposal(many), by: "cn-bj")
        #expect(refusal.code == .guardrail && refusal.message.contains("8, validators 7"))
        var day = Parameters()
        day.statusDate = try TestLedger.content(.level(1), at: "2021-07-01").periodEnd
        try ledger.enact(.setParameter(.statusDate, day.encodedValue(of: .statusDate)))
        #expect(ledger.state.parameters.statusDate != nil)
        try ledger.enact(.setParameter(.statusDate, nil))
        #expect(ledger.state.parameters.statusDate == nil)
        #expect(ledger.changes.contains { $0.path == "parameter/statusDate" && $0.value == nil })
        #expect(try ledger.restored().root == ledger.state.root)
    }

    @Test("the span of the replay window is fixed, and a value of another kind is no body")
    mutating func fixed() throws {
        let lifetime = parameter(.maxLifetime) { $0.maxLifetimeMilliseconds = 60_000 }
        let refusal = try ledger.refusal(ledger.proposal(lifetime), by: "cn-bj")
        #expect(refusal.code == .invalidField && refusal.message.contains("maxLifetime"))
        #expect(
            try ledger.refusal(ledger.proposal(.setParameter(.delta, [0x61, 0x61])), by: "cn-bj").code
                == .invalidField
        )
        #expect(
            try ledger.refusal(ledger.proposal(.setParameter(.delta, [0x00])), by: "cn-bj").code
                == .invalidField
        )
        #expect(
            try ledger.refusal(ledger.proposal(.setParameter(.delta, nil)), by: "cn-bj").code == .invalidField
        )
    }

    @Test("an upgrade names the next rules, and this program stops before its height")
    mutating func upgrade() throws {
        let height = ledger.height.value + 20
        for version in [UInt64(3), 9] {
            let refusal = try ledger.refusal(ledger.proposal(.upgrade(version), at: height), by: "cn-bj")
            #expect(refusal.code == .guardrail && refusal.message.contains("found \(version)"))
        }
        #expect(try ledger.refusal(ledger.proposal(.upgrade(2)), by: "cn-bj").code == .invalidField)
        try ledger.decide(.upgrade(2), at: height)
        #expect(ledger.state.unknownRules(at: Height(height - 1)) == nil)
        #expect(ledger.state.unknownRules(at: Height(height)) == 2)
        #expect(ledger.state.unknownRules(at: Height(height + 5)) == 2)
        #expect(ledger.state.unknownRules(at: Height(height + 5), known: 2) == nil)
        #expect(!ledger.state.hasEffects(at: Height(height), ledger.time))
        #expect(try ledger.restored().unknownRules(at: Height(height)) == 2)
    }
}

extension Parameters {
    fileprivate static func encoded(_ parameter: Parameter, _ value: UInt64) -> [UInt8]? {
        var parameters = Parameters()
        parameters.deltaMilliseconds = value
        return parameters.encodedValue(of: parameter)
    }
}
