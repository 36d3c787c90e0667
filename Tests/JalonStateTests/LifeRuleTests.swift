import JalonModel
import JalonTestKit
import Testing

@testable import JalonState

@Suite("A commitment takes a step in its life")
struct LifeRuleTests {
    private static let id = "CN-HN-2020-001"
    private var ledger: TestLedger

    /// Every commitment proposed, on a network where a regulator activates.
    init() throws {
        var parameters = Parameters()
        parameters.activation = .regulator
        ledger = try TestLedger(parameters: parameters)
        try ledger.publishRealPlans()
        try ledger.apply(TestLedger.step(.activate, "CN-HN-2020-002"), by: "regulator")
    }

    private static func signer(_ step: LifeStep) -> String {
        step == .activate || step == .return ? "regulator" : "cn-hn"
    }

    private static func step(_ step: LifeStep, _ id: String = Self.id) throws -> TransactionBody {
        try TestLedger.step(step, id, successor: step == .supersede ? "CN-HN-2020-002" : nil)
    }

    private mutating func take(_ steps: LifeStep...) throws {
        for step in steps { try ledger.apply(Self.step(step), by: Self.signer(step)) }
    }

    private func final(_ value: String = "30000") throws -> TransactionBody {
        try TestLedger.report(
            Self.id,
            TestLedger.content(.value(decimal(value)), at: "2021-06-30", isFinal: true)
        )
    }

    /// Brings the commitment to a life.
    private mutating func reach(_ life: CommitmentLife) throws {
        switch life {
        case .proposed: break
        case .returned: try take(.return)
        case .withdrawn: try take(.withdraw)
        case .active: try take(.activate)
        case .suspended: try take(.activate, .suspend)
        case .cancelled: try take(.activate, .cancel)
        case .superseded: try take(.activate, .supersede)
        case .closed:
            try take(.activate)
            try ledger.apply(final(), by: "cn-hn")
            try take(.close)
        }
        #expect(try ledger.life(Self.id) == life)
    }

    /// The arrows of the picture, written down once more.
    private static let arrows: [LifeStep: [CommitmentLife: CommitmentLife]] = [
        .activate: [.proposed: .active],
        .return: [.proposed: .returned],
        .withdraw: [.proposed: .withdrawn, .returned: .withdrawn],
        .cancel: [.active: .cancelled, .suspended: .cancelled],
        .supersede: [.active: .superseded, .suspended: .superseded],
        .suspend: [.active: .suspended],
        .resume: [.suspended: .active],
        .close: [.active: .closed],
    ]

    @Test(
        "each step leads out of the lives that the picture draws it from, and is refused in the others",
        arguments: LifeStep.allCases,
        CommitmentLife.allCases
    )
    mutating func arrow(step: LifeStep, life: CommitmentLife) throws {
        try reach(life)
        if step == .close, life == .active { try ledger.apply(final(), by: "cn-hn") }
        let body = try Self.step(step)
        guard let next = Self.arrows[step]?[life] else {
            let refusal = try ledger.refusal(body, by: Self.signer(step))
            #expect(refusal.code == .life)
            #expect(refusal.message.contains("\(Self.id) is \(life)"))
            // What is possible instead is named, and nothing else.
            for other in LifeStep.allCases {
                #expect(refusal.hint.contains(other.type.rawValue) == (Self.arrows[other]?[life] != nil))
            }
            return
        }
        try ledger.apply(body, by: Self.signer(step))
        #expect(try ledger.life(Self.id) == next)
    }

    @Test("the record says which transaction took the step, when and why, and the version stays")
    mutating func record() throws {
        let before = try ledger.commitment(Self.id)
        #expect(before.record.changed == nil)
        try take(.activate)
        let time = ledger.time
        let id = try ledger.apply(TestLedger.step(.suspend, Self.id, reason: "等待审批"), by: "cn-hn")
        let after = try ledger.commitment(Self.id)
        let change = try #require(after.record.changed)
        #expect(change.origin.transaction == id && change.origin.issuer.text == "cn-hn")
        #expect(change.origin.height == ledger.height && change.origin.time == time)
        #expect(change.reason?.string == "等待审批")
        #expect(after.record.origin == before.record.origin && after.versions == before.versions)
        #expect(ledger.changes.map(\.path) == ["commitment/\(Self.id)"])
    }

    // MARK: - Activation

    @Test("where proposals are active at once a regulator activates and returns nothing")
    func automatic() throws {
        var ledger = try TestLedger()
        try ledger.publishRealPlans()
        for step in [LifeStep.activate, .return] {
            let refusal = try ledger.refusal(Self.step(step), by: "regulator")
            #expect(refusal.code == .activation && refusal.message.contains("automatic"))
        }
    }

    @Test("a joint proposal is activated only when everybody named has co-signed")
    mutating func joint() throws {
        var body = try #require(RealPlans.commitments.first { $0.id == Self.id }).body()
        body.id = try #require(CommitmentID("CN-HN-2020-099"))
        body.joint = [try #require(MemberID("cn-gz"))]
        try ledger.apply(.commitmentPropose(body), by: "cn-hn")
        let refusal = try ledger.refusal(TestLedger.step(.activate, "CN-HN-2020-099"), by: "regulator")
        #expect(refusal.code == .notCosigned && refusal.message.contains("cn-gz"))
        try ledger.apply(TestLedger.step(.return, "CN-HN-2020-099"), by: "regulator")
    }

    @Test("the last co-signature activates a proposal where no regulator has to, and nothing else")
    func complete() throws {
        var automatic = try TestLedger()
        try automatic.publishRealPlans()
        var body = try #require(RealPlans.commitments.first { $0.id == Self.id }).body()
        body.id = try #require(CommitmentID("CN-HN-2020-099"))
        body.joint = [try #require(MemberID("cn-gz"))]
        try automatic.apply(.commitmentPropose(body), by: "cn-hn")
        var application = try Self.application(on: &automatic)
        let entry = try #require(automatic.state.commitmentsByID[body.id]?.value)
        #expect(application.missingCosigners(of: entry).map(\.text) == ["cn-gz"])
        application.activateIfComplete(entry, missing: application.missingCosigners(of: entry))
        #expect(application.writes.isEmpty)
        application.activateIfComplete(entry, missing: [])
        #expect(application.writes.count == 1)
        guard case .life(let record) = application.writes.first else {
            Issue.record("the commitment changes")
            return
        }
        #expect(record.life == .active && record.changed?.origin.transaction == application.transaction.id)

        var waiting = ledger
        var second = try Self.application(on: &waiting)
        let id = try #require(CommitmentID(Self.id))
        let proposed = try #require(waiting.state.commitmentsByID[id]?.value)
        second.activateIfComplete(proposed, missing: [])
        #expect(second.writes.isEmpty, "here a regulator has to")
    }

    private static func application(on ledger: inout TestLedger) throws -> Application {
        let transaction = try ledger.sign(.planPublish(TestLedger.plan("CN-GZ")), by: "cn-gz").value
        return Application(
            state: ledger.state,
            context: ledger.context,
            transaction: transaction,
            position: 0
        )
    }

    // MARK: - Returned and proposed again

    @Test("what was returned is proposed again under its id: the new text is version 1")
    mutating func again() throws {
        try take(.return)
        var body = try #require(RealPlans.commitments.first { $0.id == Self.id }).body()
        body.target = .bound(.ge, try decimal("25000"))
        let other = try ledger.refusal(.commitmentPropose(body), by: "cn-gz")
        #expect(other.code == .region)
        let id = try ledger.apply(.commitmentPropose(body), by: "cn-hn")
        let commitment = try ledger.commitment(Self.id)
        #expect(commitment.life == .proposed && commitment.versions.count == 1)
        #expect(commitment.original.body == body && commitment.original.number == 1)
        #expect(commitment.record.origin.transaction == id && commitment.record.changed == nil)
        #expect(
            ledger.changes.map(\.path).sorted() == ["commitment/\(Self.id)", "version/\(Self.id)/1"]
        )
        try take(.activate)
        #expect(try ledger.refusal(.commitmentPropose(body), by: "cn-hn").code == .duplicateID)
    }

    @Test("an id that was withdrawn is gone, after a return too")
    mutating func withdrawn() throws {
        try take(.return, .withdraw)
        let body = try #require(RealPlans.commitments.first { $0.id == Self.id }).body()
        #expect(try ledger.refusal(.commitmentPropose(body), by: "cn-hn").code == .duplicateID)
    }

    // MARK: - Closing

    @Test("only with an effective final milestone is it closed")
    mutating func close() throws {
        try take(.activate)
        func refuse(_ ledger: inout TestLedger) throws {
            let refusal = try ledger.refusal(Self.step(.close), by: "cn-hn")
            #expect(refusal.code == .noFinalMilestone && refusal.message.contains(Self.id))
        }
        try refuse(&ledger)
        try ledger.apply(TestLedger.report(Self.id, value: "1", at: "2021-03-31"), by: "cn-hn")
        try refuse(&ledger)
        let id = try ledger.apply(final(), by: "cn-hn")
        try ledger.apply(TestLedger.retraction(Self.id, of: id), by: "cn-hn")
        try refuse(&ledger)
        try ledger.apply(final(), by: "cn-hn")
        try take(.close)
    }

    @Test("nothing more is reported on what is closed, but a wrong figure is still put right and judged")
    mutating func closed() throws {
        try take(.activate)
        let id = try ledger.apply(final(), by: "cn-hn")
        try take(.close)
        let claimed = try ledger.status(Self.id, on: "2021-07-01")
        #expect(claimed.current.name == .claimed)
        let report = try TestLedger.report(Self.id, value: "30001", at: "2021-07-01")
        let refusal = try ledger.refusal(report, by: "cn-hn")
        #expect(refusal.code == .notActive && refusal.message.contains("closed"))
        let content = try TestLedger.content(.value(decimal("9500")), at: "2021-06-30", isFinal: true)
        let new = try ledger.apply(TestLedger.correction(Self.id, of: id, content), by: "cn-hn")
        let judged = try ledger.status(Self.id, on: "2021-07-01")
        #expect(judged.current.name == .atRisk && judged.original.name == .atRisk)
        let missed = try ledger.status(Self.id, on: "2023-01-01")
        #expect(missed.current.name == .missed, "the final figure is in, so nothing is awaited")
        try ledger.apply(TestLedger.retraction(Self.id, of: new), by: "cn-hn")
        #expect(try ledger.life(Self.id) == .closed)
    }

    @Test(
        "a figure is put right whatever became of the commitment",
        arguments: [LifeStep.suspend, .cancel, .supersede]
    )
    mutating func corrected(step: LifeStep) throws {
        try take(.activate)
        let id = try ledger.apply(TestLedger.report(Self.id, value: "10", at: "2021-06-30"), by: "cn-hn")
        try take(step)
        let report = try TestLedger.report(Self.id, value: "11", at: "2021-07-01")
        #expect(try ledger.refusal(report, by: "cn-hn").code == .notActive)
        let content = try TestLedger.content(.value(decimal("9")), at: "2021-06-30")
        try ledger.apply(TestLedger.correction(Self.id, of: id, content), by: "cn-hn")
    }

    // MARK: - Superseding

    @Test("a successor exists, goes on, and is another commitment")
    mutating func successor() throws {
        try take(.activate)
        func refusal(_ successor: String?) throws -> Refusal {
            try ledger.refusal(TestLedger.step(.supersede, Self.id, successor: successor), by: "cn-hn")
        }
        let unknown = try refusal("CN-HN-2020-098")
        #expect(unknown.code == .unknownCommitment && unknown.message.contains("nearest: CN-HN-2020-00"))
        #expect(try refusal(Self.id).code == .invalidField)
        #expect(try refusal(nil).code == .invalidField)
        try ledger.apply(TestLedger.step(.cancel, "CN-HN-2020-002"), by: "cn-hn")
        let ended = try refusal("CN-HN-2020-002")
        #expect(ended.code == .successor && ended.message.contains("CN-HN-2020-002 is cancelled"))
        // A region's may stand in the place of another's, as Hebei's does for what was registered under Hubei.
        try ledger.apply(TestLedger.step(.supersede, Self.id, successor: "CN-HE-2020-001"), by: "cn-hn")
        #expect(try ledger.commitment(Self.id).record.successor?.text == "CN-HE-2020-001")
        let status = try ledger.status(Self.id, on: "2021-07-01")
        #expect(status.current.name == .superseded && status.current.rule == 1)
    }

    // MARK: - Who

    @Test("a step is its region's, and a refusal says whose")
    mutating func who() throws {
        try take(.activate)
        for step in [LifeStep.cancel, .suspend, .supersede, .close] {
            for member in ["cn-gz", "regulator"] {
                let refusal = try ledger.refusal(Self.step(step), by: member)
                #expect(refusal.code == .notResponsible)
                #expect(refusal.message.contains("may: cn-hn"))
            }
            #expect(try ledger.refusal(Self.step(step), by: "audit").code == .role)
        }
        for step in [LifeStep.activate, .return] {
            #expect(try ledger.refusal(Self.step(step), by: "cn-hn").code == .role)
        }
    }

    @Test("a national commitment is the regulator's to change, its lead reports on it")
    mutating func national() throws {
        try ledger.apply(.planPublish(TestLedger.plan("CN")), by: "regulator")
        try ledger.apply(.commitmentPropose(TestLedger.national("CN-2020-001")), by: "regulator")
        try ledger.apply(TestLedger.step(.activate, "CN-2020-001"), by: "regulator")
        try ledger.apply(TestLedger.report("CN-2020-001", value: "1", at: "2021-06-30"), by: "cn-hn")
        let lead = try ledger.refusal(TestLedger.step(.suspend, "CN-2020-001"), by: "cn-hn")
        #expect(lead.code == .notResponsible && lead.message.contains("may: regulator"))
        try ledger.apply(TestLedger.step(.suspend, "CN-2020-001"), by: "regulator")
    }

    @Test("a commitment that does not exist takes no step, the nearest is named")
    mutating func unknown() throws {
        let refusal = try ledger.refusal(TestLedger.step(.suspend, "CN-NH-2020-001"), by: "cn-hn")
        #expect(refusal.code == .unknownCommitment)
        #expect(refusal.message.contains("nearest: CN-HN-2020-001"))
    }
}
