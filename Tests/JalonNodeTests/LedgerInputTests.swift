import Foundation
import JalonModel
import Testing

@testable import JalonNode

@Suite("Files of ledger input are read")
struct LedgerInputTests {
    @Test("the demonstration's network, with its parameters")
    func network() throws {
        let input = try NetworkInput(file: "\(demoFolder)/network.yaml", validatorCount: 7)
        #expect(input.network == NetworkID("cn-plans-2020"))
        #expect(input.parameters.statusDate == CalendarDay("2021-07-01"))
        #expect(input.parameters.utcOffsetMinutes == 480)
        #expect(input.parameters.minimumValidatorCount == 4)
        #expect(input.units.count == 10)
        #expect(input.sectors.first?.classification == ClassificationLetter("J"))
    }

    @Test("the demonstration's members")
    func members() throws {
        let members = try LedgerInput.members(file: "\(demoFolder)/members.yaml")
        #expect(members.count == 9)
        #expect(members.filter { $0.roles == [.province] }.count == 7)
    }

    @Test("the demonstration's plans, commitments and milestones, all of which can be signed")
    func demonstration() throws {
        let plans = try LedgerInput.plans(file: "\(demoFolder)/plans.yaml")
        #expect(plans.count == 7)
        let commitments = try LedgerInput.commitments(file: "\(demoFolder)/commitments.yaml")
        #expect(commitments.count == 25)
        let lead = try #require(MemberID("cn-hn"))
        let bodies = try commitments.map { try $0.filled(lead: lead) }
        let first = try #require(bodies.first)
        #expect(first.responsible == [Responsible(.member(lead), role: .lead)])
        #expect(first.curve == .linear)
        #expect(
            first.reporting
                == Reporting(every: .yearly, firstDue: try #require(CalendarDay("2021-04-26")), graceDays: 90)
        )
        #expect(bodies.filter { $0.deadline == nil }.allSatisfy { $0.curve == .none })
        for body in bodies { #expect(try TransactionBody.decode(body.encoded) == .commitmentPropose(body)) }
        let milestones = try LedgerInput.milestones(file: "\(demoFolder)/milestones.yaml")
        #expect(milestones.filter { !$0.content.isFictional }.count == 2)
        for body in milestones { #expect(try TransactionBody.decode(body.encoded) == .milestoneReport(body)) }
    }

    @Test("the demonstration's story: who joins, the joint commitment, what an amendment adds")
    func story() throws {
        let members = try LedgerInput.members(file: "\(demoFolder)/story/members.yaml")
        #expect(members.map(\.roles) == [[.observer]])
        let joint = try #require(try LedgerInput.commitments(file: "\(demoFolder)/story/joint.yaml").first)
        let lead = try #require(MemberID("cn-js"))
        let body = try joint.filled(lead: lead)
        #expect(body.joint?.count == 3 && body.joint?.first == lead)
        #expect(body.title.en?.string.hasPrefix("DEMO DATA") == true, "an invented commitment says so")
        let amendment = try AmendmentInput(file: "\(demoFolder)/story/counterparties.yaml")
        #expect(amendment.changes.counterparties?.required == 2 && amendment.changes.fields.count == 1)
    }

    @Test("a lead among its own counterparties is an error at the commitment's line")
    func ownCounterparty() throws {
        let file = "\(demoFolder)/story/joint.yaml"
        var text = try String(contentsOfFile: file, encoding: .utf8)
        text += "    counterparties: {required: 1, members: [cn-js]}\n"
        let document = try StrictYAML(text: text, file: "joint.yaml")
        let entry = try #require(
            try document.mapping(["commitments"]).required("commitments").list { $0 }.first
        )
        let lead = try #require(MemberID("cn-js"))
        let error = #expect(throws: ConfigurationError.self) { try CommitmentInput(entry).filled(lead: lead) }
        #expect(error?.description.contains("counterparties.members is the lead, cn-js") == true)
    }

    static let mistakes: [(text: String, message: String)] = [
        ("plans: [{id: X}]", "p.yaml:1:9: 'plans[0]' has no 'region'"),
        (
            """
            plans:
              - id: CN-HN-2020-P1
                region: CN-HN
                title: {zh: 计划, de: Plan}
            """, "p.yaml:4:21: unknown key 'de' in 'plans[0].title'"
        ),
        (
            """
            plans:
              - id: CN-HN-2020-P1
                region: CN-HN
                title: {zh: 计划}
                issuer: 湖南
                published: {date: "2020-02-30"}
                source: {kind: press}
            """, "p.yaml:6:23: 'plans[0].published.date' is '2020-02-30', expected a day such as 2021-06-30"
        ),
        (
            """
            plans:
              - id: CN-HN-2020-P1
                region: CN-HN
                title: {zh: 计划}
                issuer: 湖南
                published: {date: "2020-02-29"}
                source: {kind: official}
            """, "p.yaml:2:5: CN-HN-2020-P1: source.quote"
        ),
        (
            """
            plans:
              - id: CN-HB-2020-P1
                region: CN-HE
                title: {zh: 计划}
                issuer: 湖南
                published: {date: "2020-02-29"}
                source: {kind: press}
            """, "p.yaml:2:5: CN-HB-2020-P1: id is CN-HB-2020-P1, expected CN-HE-<year>-P<number>"
        ),
    ]

    @Test("and a mistake is refused with its line", arguments: mistakes)
    func mistake(text: String, message: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(text, "p.yaml")
        let error = #expect(throws: ConfigurationError.self) { try LedgerInput.plans(file: file) }
        let description = error.map { "\($0)".replacing(folder.path + "/", with: "") } ?? ""
        #expect(description.hasPrefix(message), "\(description)")
    }

    @Test("and a commitment's broken rule is named with its line")
    func brokenRule() throws {
        let folder = try TemporaryFolder()
        let text = """
            commitments:
              - id: CN-HN-2020-001
                plan: CN-HN-2020-P1
                region: CN-HN
                title: {zh: 承诺}
                indicator: {code: X, unit: enterprise, measure: count, accumulation: cumulative, direction: up}
                target: {op: range, min: "3", max: "2", sense: threshold}
                start: "2020-04-26"
            """
        let inputs = try LedgerInput.commitments(file: try folder.write(text, "c.yaml"))
        let lead = try #require(MemberID("cn-hn"))
        let error = #expect(throws: ConfigurationError.self) { try inputs.first?.filled(lead: lead) }
        #expect(error?.line == 2)
        #expect(error?.message == "CN-HN-2020-001: target.max is 2, expected at least min, 3")
    }

    @Test("a text in NFD comes out in NFC, byte by byte")
    func normalization() throws {
        let value = try StrictYAML(text: "zh: \"Re\u{301}gion\"", file: "t").localizedText()
        #expect(Array(value.zh.string.utf8) == Array("R\u{E9}gion".utf8))
    }

    @Test(
        "a parameter outside its range is refused with its line",
        arguments: [
            (
                "parameters:\n  delta: 0",
                "n.yaml:2:10: 'parameters.delta' is '0', expected a whole number from 10 to 60000"
            ),
            ("parameters:\n  utcOffset: 8", "n.yaml:2:14: 'parameters.utcOffset' is '8', expected an offset"),
            (
                "parameters:\n  utcOffset: \"+15:00\"",
                "n.yaml:2:14: 'parameters.utcOffset' is '+15:00', expected -12:00"
            ),
            (
                "parameters:\n  heartbeet: 60000",
                "n.yaml:2:3: unknown key 'heartbeet' in 'parameters' — did you mean 'heartbeat'?"
            ),
            ("parameters: {atRisk: 950000}", "n.yaml:1:13: "),
        ]
    )
    func parameters(text: String, message: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(text, "n.yaml")
        let error = #expect(throws: ConfigurationError.self) {
            try NetworkInput(file: file, validatorCount: 4)
        }
        let description = error.map { "\($0)".replacing(folder.path + "/", with: "") } ?? ""
        #expect(description.hasPrefix(message), "\(description)")
    }
}

@Suite("A mistyped name is answered with the one that was meant")
struct NearestNameTests {
    @Test(
        "where one is near",
        arguments: [
            ("lisen", "listen"), ("lsiten", "listen"), ("LISTEN", "listen"), ("kys", "keys"),
            ("validater", "validator"),
        ]
    )
    func near(name: String, meant: String) {
        #expect(NearestName.nearest(to: name, among: ["listen", "keys", "validator", "data"]) == meant)
    }

    @Test("and with nothing where none is", arguments: ["", "colour", "xyz"])
    func far(name: String) {
        #expect(NearestName.nearest(to: name, among: ["listen", "keys", "validator", "data"]) == nil)
    }
}
