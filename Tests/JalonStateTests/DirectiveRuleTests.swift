import JalonCrypto
import JalonModel
import JalonState
import Testing

@Suite("A regulator's directive")
struct DirectiveRuleTests {
    private var ledger: TestLedger

    init() throws {
        (ledger, _) = try TestLedger.with { _ in }
    }

    @Test("is issued, acknowledged and replied to")
    mutating func life() throws {
        let id = try ledger.apply(TestLedger.directive(about: "CN-HN-2020-001"), by: "regulator")
        let issued = try #require(ledger.state.directive(id))
        #expect(issued.to.text == "cn-hn" && issued.about?.text == "CN-HN-2020-001")
        #expect(try issued.due == day("2021-07-02") && issued.issuer.text == "regulator")
        #expect(issued.acknowledgement == nil && issued.replies.isEmpty)
        #expect(ledger.changes.map(\.path) == ["directive/\(id)"])
        let acknowledgement = try ledger.apply(TestLedger.acknowledgement(of: id), by: "cn-hn")
        #expect(ledger.state.directive(id)?.acknowledgement?.transaction == acknowledgement)
        #expect(ledger.state.directive(id)?.acknowledgement?.isLate == false)
        let reply = try ledger.apply(TestLedger.reply(to: id), by: "cn-hn")
        #expect(ledger.state.directive(id)?.replies.map(\.transaction) == [reply])
        #expect(ledger.state.directive(id)?.replies.map(\.isLate) == [false])
    }

    @Test("answers on the due day are in time, later ones are admitted and flagged")
    mutating func late() throws {
        let id = try ledger.apply(TestLedger.directive(due: "2021-07-02"), by: "regulator")
        ledger.advance(days: 1)
        try ledger.apply(TestLedger.reply(to: id), by: "cn-hn")
        ledger.advance(days: 1)
        try ledger.apply(TestLedger.acknowledgement(of: id), by: "cn-hn")
        try ledger.apply(TestLedger.reply(to: id), by: "cn-hn")
        let directive = try #require(ledger.state.directive(id))
        #expect(directive.replies.map(\.isLate) == [false, true])
        #expect(directive.acknowledgement?.isLate == true)
        #expect(try ledger.restored().directive(id) == directive)
    }

    @Test("is issued by regulators alone", arguments: ["cn-gz", "audit", "watch"])
    mutating func role(member: String) throws {
        #expect(try ledger.refusal(TestLedger.directive(), by: member).code == .role)
    }

    @Test("goes to a province, since nobody else can answer")
    mutating func addressee() throws {
        for member in ["audit", "watch", "regulator", "regulator-2"] {
            let refusal = try ledger.refusal(TestLedger.directive(to: member), by: "regulator")
            #expect(refusal.code == .addressee && refusal.message.contains(member))
        }
        let unknown = try ledger.refusal(TestLedger.directive(to: "cn-hx"), by: "regulator")
        #expect(unknown.code == .unknownMember && unknown.message.contains("nearest: cn-h"))
        try ledger.apply(TestLedger.directive(to: "cn-gd"), by: "regulator")
    }

    @Test("about an unknown commitment, or due before the block's date, is refused")
    mutating func subjectAndDue() throws {
        let refusal = try ledger.refusal(TestLedger.directive(about: "CN-HN-2020-002"), by: "regulator")
        #expect(refusal.code == .unknownCommitment)
        let past = try ledger.refusal(TestLedger.directive(due: "2021-06-30"), by: "regulator")
        #expect(past.code == .due)
        #expect(past.message.contains("2021-06-30") && past.message.contains("2021-07-01"))
        try ledger.apply(TestLedger.directive(due: "2021-07-01"), by: "regulator")
    }

    @Test("is answered by its addressee alone")
    mutating func answering() throws {
        let id = try ledger.apply(TestLedger.directive(), by: "regulator")
        for body in [try TestLedger.acknowledgement(of: id), try TestLedger.reply(to: id)] {
            let refusal = try ledger.refusal(body, by: "cn-gz")
            #expect(refusal.code == .notAddressee && refusal.message.contains("cn-hn"))
            #expect(try ledger.refusal(body, by: "regulator").code == .role)
            #expect(try ledger.refusal(body, by: "audit").code == .role)
        }
        for body in [
            try TestLedger.acknowledgement(of: id, to: "cn-gz"), try TestLedger.reply(to: id, by: "cn-gz"),
        ] {
            let refusal = try ledger.refusal(body, by: "cn-gz")
            #expect(refusal.code == .unknownDirective && refusal.message.contains("cn-hn"))
        }
        let nothing = TransactionID(SHA256.hash([9]))
        #expect(
            try ledger.refusal(TestLedger.reply(to: nothing), by: "cn-hn").code == .unknownDirective
        )
    }

    @Test("is acknowledged once, and takes 16 replies")
    mutating func limits() throws {
        let id = try ledger.apply(TestLedger.directive(), by: "regulator")
        let first = try ledger.apply(TestLedger.acknowledgement(of: id), by: "cn-hn")
        let twice = try ledger.refusal(TestLedger.acknowledgement(of: id), by: "cn-hn")
        #expect(twice.code == .alreadyAcknowledged && twice.message.contains("\(first)"))
        for _ in 0..<16 { try ledger.apply(TestLedger.reply(to: id), by: "cn-hn") }
        let refusal = try ledger.refusal(TestLedger.reply(to: id), by: "cn-hn")
        #expect(refusal.code == .tooManyReplies && refusal.message.contains("16"))
        #expect(try ledger.restored().directive(id) == ledger.state.directive(id))
    }

    @Test("those to and from a member are listed by age")
    mutating func lists() throws {
        let first = try ledger.apply(TestLedger.directive(), by: "regulator")
        let second = try ledger.apply(TestLedger.directive(to: "cn-gz"), by: "regulator")
        let third = try ledger.apply(TestLedger.directive(), by: "regulator-2")
        for state in [ledger.state, try ledger.restored()] {
            #expect(try state.directives(to: TestLedger.memberID("cn-hn")).map(\.id) == [first, third])
            #expect(try state.directives(to: TestLedger.memberID("cn-js")).isEmpty)
            #expect(state.directives.map(\.id) == [first, second, third])
            #expect(
                try state.directives(from: TestLedger.memberID("regulator")).map(\.id) == [first, second]
            )
            #expect(try state.directives(from: TestLedger.memberID("regulator-2")).map(\.id) == [third])
        }
    }
}
