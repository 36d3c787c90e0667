import JalonCrypto
import JalonModel
import Testing

@testable import JalonState

@Suite("Validators change with the epoch")
struct EpochRuleTests {
    private var ledger: TestLedger

    init() throws {
        ledger = try TestLedger()
    }

    private func member(_ id: String) throws -> MemberID { try TestLedger.memberID(id) }

    private func others(_ id: String) -> [String] { TestLedger.sealing.filter { $0 != id } }

    private mutating func admit() throws { try ledger.enact(.admit(TestLedger.admission())) }

    private mutating func refusal(_ body: TransactionBody, by id: String = "watch") throws -> Refusal {
        try ledger.refusal(body, by: id)
    }

    // MARK: - Activating

    @Test("a quorum that is ready starts the next epoch")
    mutating func activate() throws {
        try admit()
        let set = try #require(ledger.state.nextValidators.first).validators
        #expect(set.count == 8 && set.quorum == 6)
        let before = ledger.state.validators
        try ledger.activate()
        #expect(ledger.state.validators == set && ledger.state.validators != before)
        #expect(ledger.state.epoch == Epoch(1) && ledger.state.epochStart == ledger.height)
        let record = try #require(ledger.state.epoch(Epoch(1)))
        #expect(record.closing == ledger.height && record.validators == set)
        #expect(ledger.state.epoch(Epoch(0)) == nil && ledger.state.epoch(Epoch(2)) == nil)
        #expect(ledger.state.pendingChanges.isEmpty && ledger.state.nextValidators.isEmpty)
        let key = try TestLedger.admittedKey(validator: true).publicKey.id
        #expect(ledger.state.key(key)?.isActive == true)
        #expect(ledger.changes.count { $0.path.hasPrefix("pending/") && $0.value == nil } == 1)
        #expect(ledger.changes.contains { $0.path == "epoch/1" })
        #expect(try ledger.restored().root == ledger.state.root)
        #expect(try ledger.restored().validators == set)
    }

    @Test("any member sends it, and a validator's own key too; no delegate and no other such key does")
    mutating func signers() throws {
        try admit()
        for id in ["regulator", "audit", "watch", "cn-gz"] {
            let transaction = try ledger.sign(ledger.activation(), by: id)
            try ledger.state.check(transaction, context: ledger.context)
        }
        let validator = try TestLedger.key("cn-gz", .validator)
        let own = try ledger.sign(ledger.activation(), by: "cn-gz", .init(key: validator))
        try ledger.state.check(own, context: ledger.context)
        let vote = try ledger.sign(
            ledger.proposal(.suspend(member("cn-bj"))),
            by: "cn-gz",
            .init(key: validator)
        )
        #expect(try ledger.refusal(vote).code == .keyKind)
        try ledger.apply(ledger.grant([.cosign]), by: "cn-hn")
        let lent = try TestLedger.key("cn-hn", .delegate)
        let delegate = try ledger.sign(ledger.activation(), by: "cn-hn", .init(key: lent))
        #expect(try ledger.refusal(delegate).code == .notDelegated)
        // A seat that waits signs nothing yet.
        let waiting = try TestLedger.admittedKey(validator: true)
        let early = try ledger.sign(ledger.activation(), by: "cn-gz", .init(issuer: "cn-sd", key: waiting))
        #expect(try ledger.refusal(early).code == .keyInactive)
    }

    @Test("another epoch than the next is refused", arguments: [UInt64(0), 2, 3])
    mutating func wrongEpoch(epoch: UInt64) throws {
        try admit()
        let refusal = try refusal(ledger.activation(epoch: epoch))
        #expect(refusal.code == .epoch && refusal.message.contains("epoch \(epoch), the next one is 1"))
    }

    @Test("a set that no pending change leads to is refused")
    mutating func notPending() throws {
        let none = try refusal(ledger.activation(ledger.state.validators))
        #expect(none.code == .notPending && none.message.contains("none is pending"))
        try admit()
        let seats = Array(ledger.state.validators.validators.dropLast())
        let other = try refusal(ledger.activation(ValidatorSet(seats)))
        #expect(other.code == .notPending && other.message.contains("8 validators"))
        let same = try refusal(ledger.activation(ledger.state.validators))
        #expect(same.code == .notPending)
    }

    @Test("fewer than a quorum that are ready are refused")
    mutating func tooFew() throws {
        try admit()
        let refusal = try refusal(ledger.activation(ready: 5))
        #expect(refusal.code == .invalidField && refusal.message.contains("at least 6 of 8"))
        #expect(throws: Never.self) { try ledger.activate() }
    }

    @Test("readiness is at most 1,000 heights old, and of no height to come")
    mutating func staleness() throws {
        try admit()
        let signed = ledger.height.value
        let future = try refusal(ledger.activation(height: signed + 1))
        #expect(future.code == .readiness && future.message.contains("\(signed + 1)"))
        for _ in 0..<999 { try ledger.apply([]) }
        let last = try ledger.sign(ledger.activation(height: signed), by: "watch")
        #expect(ledger.height.value + 1 == signed + 1_000)
        try ledger.state.check(last, context: ledger.context)
        try ledger.apply([])
        let stale = try refusal(ledger.activation(height: signed))
        #expect(stale.code == .readiness && stale.message.contains("at most 1000 later"))
    }

    @Test("it is the last of its block")
    mutating func last() throws {
        try admit()
        let activation = try ledger.sign(ledger.activation(), by: "watch")
        let plan = try ledger.sign(.planPublish(TestLedger.plan("CN-GZ")), by: "cn-gz")
        var execution = BlockExecution(on: ledger.state, context: ledger.context)
        try execution.apply(plan)
        #expect(!execution.isClosed)
        try execution.apply(activation)
        #expect(execution.isClosed)
        let second = try ledger.sign(.planPublish(TestLedger.plan("CN-HN")), by: "cn-hn")
        var refusal: Refusal?
        do { try execution.apply(second) } catch { refusal = error }
        #expect(refusal?.code == .epochClosed)
        let (state, _) = execution.finish()
        #expect(state.epoch == Epoch(1) && state.plans.count == 1)
    }

    // MARK: - The queue

    @Test("as many changes at once as there are ready validators for, from the first on")
    mutating func prefixes() throws {
        try admit()
        try ledger.enact(.admit(TestLedger.admission("cn-sx", seed: 230)))
        let next = ledger.state.nextValidators
        #expect(next.map(\.validators.count) == [9, 8])
        #expect(next.map(\.changes.count) == [2, 1])
        // The second alone leads nowhere.
        let second = try ValidatorSet(
            ledger.state.validators.validators
                + [
                    Validator(
                        key: TestLedger.admittedKey(230, validator: true).publicKey,
                        member: member("cn-sx")
                    )
                ]
        )
        #expect(try refusal(ledger.activation(second)).code == .notPending)
        try ledger.activate(next[1].validators)
        #expect(ledger.state.validators.count == 8)
        #expect(ledger.state.pendingChanges.map(\.member.text) == ["cn-sx"])
        #expect(ledger.state.nextValidators.map(\.validators.count) == [9])
        #expect(try ledger.restored().root == ledger.state.root)
        try ledger.activate()
        #expect(ledger.state.validators.count == 9 && ledger.state.epoch == Epoch(2))
        #expect(ledger.state.epochs.map(\.validators.count) == [8, 9])
        #expect(try ledger.restored().root == ledger.state.root)
    }

    @Test("a change that makes the set too small waits for the one after it")
    mutating func together() throws {
        var parameters = Parameters()
        parameters.minimumValidatorCount = 7
        let minimum = parameters.encodedValue(of: .minimumValidators)
        try ledger.enact(.remove(member("cn-bj")), by: others("cn-bj"))
        try ledger.enact(.setParameter(.minimumValidators, minimum))
        // Of the queue the first change alone leaves six.
        #expect(ledger.state.nextValidators.isEmpty)
        try admit()
        #expect(ledger.state.nextValidators.map(\.validators.count) == [7])
        try ledger.activate()
        #expect(ledger.state.validators.count == 7)
        #expect(try ledger.state.validators.index(of: member("cn-bj")) == nil)
        #expect(try ledger.restored().root == ledger.state.root)
    }

    @Test("a change that nobody became ready for lapses after 30 days")
    mutating func lapse() throws {
        try admit()
        let since = try #require(ledger.state.pendingChanges.first).time
        ledger.setTime(since.advanced(byMilliseconds: 30 * 86_400_000))
        #expect(!ledger.state.hasEffects(at: ledger.height.next, ledger.time))
        let inTime = try ledger.sign(ledger.activation(), by: "watch")
        try ledger.state.check(inTime, context: ledger.context)
        let late = since.advanced(byMilliseconds: 30 * 86_400_000 + 1)
        ledger.setTime(late)
        #expect(ledger.state.hasEffects(at: ledger.height.next, late))
        let tooLate = try ledger.sign(ledger.activation(), by: "watch")
        #expect(throws: Refusal.self) { try ledger.state.check(tooLate, context: ledger.context) }
        try ledger.apply([])
        #expect(ledger.state.pendingChanges.isEmpty)
        #expect(ledger.changes.allSatisfy { $0.path.hasPrefix("pending/") && $0.value == nil })
        #expect(ledger.changes.count == 1)
        #expect(try ledger.state.member(member("cn-sd"))?.standing == .active)
        #expect(try ledger.restored().root == ledger.state.root)
    }

    // MARK: - Leaving

    @Test("a validator that is removed seals and speaks until the epoch is over, and its keys are dead then")
    mutating func removal() throws {
        let id = try ledger.enact(.remove(member("cn-gz")), by: others("cn-gz"))
        #expect(ledger.state.pendingChanges.map(\.id) == [id])
        #expect(ledger.state.pendingChanges.map(\.change) == [.removal])
        try ledger.apply(.planPublish(TestLedger.plan("CN-GZ")), by: "cn-gz")
        #expect(try ledger.state.member(member("cn-gz"))?.standing == .active)
        try ledger.activate()
        #expect(try ledger.state.member(member("cn-gz"))?.standing == .removed)
        #expect(try ledger.state.keys(of: member("cn-gz")).allSatisfy { !$0.isActive })
        #expect(ledger.state.validators.count == 6)
        let proposal = try ledger.proposal(.suspend(member("cn-bj")))
        #expect(try refusal(proposal, by: "cn-gz").code == .keyInactive)
        #expect(try ledger.restored().root == ledger.state.root)
    }

    @Test("a validator key that waits when its member is removed never comes into use")
    mutating func rotatedAndRemoved() throws {
        let key = try TestLedger.spareKey(200)
        try ledger.apply(ledger.rotation(of: "cn-gz", .validator, to: key), by: "cn-gz")
        try ledger.enact(.remove(member("cn-gz")), by: others("cn-gz"))
        #expect(ledger.state.nextValidators.map(\.validators.count) == [6, 7])
        try ledger.activate()
        #expect(ledger.state.validators.count == 6 && ledger.state.pendingChanges.isEmpty)
        #expect(ledger.state.key(key.publicKey.id)?.isActive == false)
        #expect(try ledger.restored().root == ledger.state.root)
    }

    @Test("a recovery that waits goes with a member that is removed")
    mutating func recoveringAndRemoved() throws {
        let recovery = try ledger.recovery(of: "cn-gz", to: TestLedger.spareKey(200))
        let key = try TestLedger.key("cn-gz", .recovery)
        try ledger.apply([try ledger.sign(recovery, by: "cn-gz", .init(key: key))])
        try ledger.enact(.remove(member("cn-gz")), by: others("cn-gz"))
        #expect(ledger.state.pendingChanges.count == 2)
        try ledger.activate()
        #expect(ledger.state.pendingChanges.isEmpty)
        #expect(try ledger.restored().root == ledger.state.root)
    }

    @Test("removed twice is removed once")
    mutating func twice() throws {
        let first = try ledger.decide(
            .remove(member("cn-gz")),
            at: ledger.height.value + 20,
            by: others("cn-gz")
        )
        let second = try ledger.decide(.remove(member("cn-gz")), by: others("cn-gz"))
        while ledger.state.pendingChanges.count < 2 { try ledger.apply([]) }
        #expect(ledger.outcome(first) == .effective && ledger.outcome(second) == .effective)
        try ledger.activate()
        #expect(ledger.state.pendingChanges.isEmpty && ledger.state.validators.count == 6)
        #expect(try ledger.restored().root == ledger.state.root)
    }

    // MARK: - Leaves that are no state

    @Test("leaves that contradict each other are refused, naming the path")
    mutating func contradictions() throws {
        let rejected = try ledger.apply(ledger.proposal(.suspend(member("cn-gz"))), by: "cn-bj")
        for voter in ["cn-hb", "cn-he"] { try ledger.apply(ledger.vote(.no, on: rejected), by: voter) }
        try ledger.enact(.admit(TestLedger.admission("cn-sx", seed: 230)))
        try ledger.activate()
        try admit()
        try ledger.apply(ledger.proposal(.suspend(member("cn-hb"))), by: "cn-bj")
        let leaves = ledger.state.leaves
        let root = ledger.state.root
        #expect(try LedgerState(restoring: leaves.reversed()).root == root)
        func error(_ change: (inout [(path: String, value: [UInt8])]) throws -> Void) throws -> StateError? {
            var changed = leaves
            try change(&changed)
            do throws(StateError) {
                _ = try LedgerState(restoring: changed)
                return nil
            } catch {
                return error
            }
        }
        func without(_ path: String) throws -> StateError? { try error { $0.removeAll { $0.path == path } } }
        func moved(_ path: String, to other: String) throws -> StateError? {
            try error { rows in
                for index in rows.indices where rows[index].path == path { rows[index].path = other }
            }
        }
        let other = TransactionID(SHA256.hash([9]))
        let pending = try #require(ledger.state.pendingChanges.first)
        let seat = try TestLedger.admittedKey(validator: true).publicKey.id
        let sealing = try TestLedger.admittedKey(230, validator: true).publicKey.id
        #expect(
            try moved("pending/\(pending.id)", to: "pending/\(other)").isContradiction("pending/\(other)")
        )
        #expect(
            try moved("governance/\(rejected)", to: "governance/\(other)").isContradiction(
                "governance/\(other)"
            )
        )
        #expect(try moved("epoch/1", to: "epoch/2").isContradiction("epoch/2"))
        #expect(
            try without("key/\(seat)") == .missing(path: "key/\(seat)", neededBy: "pending/\(pending.id)")
        )
        // A validator of the epoch whose key is gone, and an epoch that is gone with its validators left.
        #expect(try without("key/\(sealing)").isContradiction("epoch/1"))
        guard case .missing("member/cn-sd", _) = try without("member/cn-sd") else {
            Issue.record("a member that is needed")
            return
        }
        // A seat's key that is in use already.
        let inUse = try #require(ledger.state.key(seat))
        let active = KeyRecord(
            key: inUse.key,
            member: inUse.member,
            kind: inUse.kind,
            isActive: true,
            height: inUse.height
        )
        let twice = try error { rows in
            for index in rows.indices where rows[index].path == "key/\(seat)" {
                rows[index].value = active.encoded
            }
        }
        #expect(twice != nil)
        // Heights that do not fit the outcome.
        var record = try #require(ledger.state.proposal(rejected))
        record.decided = nil
        let undecided = try error { rows in
            for index in rows.indices where rows[index].path == "governance/\(rejected)" {
                rows[index].value = record.encoded
            }
        }
        #expect(undecided.isContradiction("governance/\(rejected)"))
        (record.outcome, record.effective) = (.open, Height(9))
        let effective = try error { rows in
            for index in rows.indices where rows[index].path == "governance/\(rejected)" {
                rows[index].value = record.encoded
            }
        }
        #expect(effective.isContradiction("governance/\(rejected)"))
        #expect(try error { $0.append((path: "epoch/01", value: [])) } == .badPath("epoch/01"))
        #expect(try error { $0.append((path: "epoch/0", value: [])) } != nil)
        guard case .badValue = try error({ $0.append((path: "pending/\(other)", value: [0xA0])) }) else {
            Issue.record("a value that does not decode")
            return
        }
    }
}

extension StateError? {
    fileprivate func isContradiction(_ path: String) -> Bool {
        if case .contradiction(path, _) = self { return true }
        return false
    }
}
