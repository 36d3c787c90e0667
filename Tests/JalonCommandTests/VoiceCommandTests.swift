import ArgumentParser
import JalonCrypto
import JalonModel
import JalonSchema
import Testing

@testable import jalon

@Suite("What the commands of the domain say and read")
struct VoiceCommandTests {
    private static func commitment(_ change: (inout API.Commitment) -> Void = { _ in }) -> API.Commitment {
        var commitment = API.Commitment(
            id: "CN-HN-2020-001",
            plan: "CN-HN-2020-P1",
            region: API.Name(code: "CN-HN"),
            title: API.LocalizedText(zh: "题目", en: "Title"),
            indicator: API.Indicator(
                code: "C",
                unit: API.Name(code: "item"),
                scale: 0,
                measure: "count",
                accumulation: "cumulative",
                direction: "up"
            ),
            target: API.Target(op: .ge, value: "30000"),
            start: "2020-04-26",
            curve: "linear",
            reporting: API.Reporting(every: "yearly", firstDue: "2021-04-26", graceDays: 90),
            minimumLevel: "L1",
            life: "active",
            versions: [],
            status: API.CommitmentStatus(asOf: "2021-07-01", current: .atRisk, original: .atRisk),
            milestoneCount: 0,
            transaction: "00",
            height: 1
        )
        change(&commitment)
        return commitment
    }

    private static let names = MemberNames(
        API.MemberList(
            height: 1,
            members: [
                API.Member(
                    id: "cn-he",
                    name: API.LocalizedText(zh: "河北", en: "Hebei"),
                    roles: ["province"],
                    isValidator: true
                )
            ]
        )
    )

    private static let signatures = API.Cosignatures(
        required: 2,
        named: ["cn-gz", "cn-he"],
        signed: ["cn-gz"],
        missing: ["cn-he"]
    )

    @Test("A joint proposal names who is missing, a superseded commitment its successor")
    func standing() {
        let proposed = Self.commitment {
            ($0.life, $0.jointSignatures) = ("proposed", Self.signatures)
        }
        #expect(proposed.standing(Self.names) == "CN-HN-2020-001 is PROPOSED; missing: Hebei 河北 (cn-he)")
        #expect(Self.signatures.words(Self.names) == "1 of 2: cn-gz; missing: Hebei 河北 (cn-he)")
        let superseded = Self.commitment {
            ($0.life, $0.successor) = ("superseded", "CN-HN-2020-002")
        }
        #expect(superseded.standing(Self.names) == "CN-HN-2020-001 is SUPERSEDED by CN-HN-2020-002")
    }

    @Test("A directive says what was done about it")
    func directive() {
        var directive = API.Directive(
            id: "00",
            from: "regulator",
            to: "cn-he",
            due: "2021-07-31",
            title: API.LocalizedText(zh: "题目"),
            text: API.LocalizedText(zh: "正文"),
            height: 1,
            timestamp: 1
        )
        #expect(directive.standing == "unanswered")
        directive.isOverdue = true
        let late = API.SignedStep(transaction: "01", issuer: "cn-he", height: 2, timestamp: 2, isLate: true)
        directive.acknowledgement = late
        #expect(directive.standing == "acknowledged late, overdue")
        directive.isOverdue = false
        directive.replies = [late]
        #expect(directive.standing == "acknowledged late, 1 reply late")
    }

    @Test("Changes are read from options, what is not given stays")
    func changes() throws {
        let options = try ChangeOptions.parse([
            "--value", "1000", "--deadline", "2023", "--title-en", "New", "--remove", "baseline",
        ])
        let (changes, removes) = try options.read(for: Self.commitment())
        #expect(changes.target == .bound(.ge, try #require(Decimal("1000"))))
        #expect(changes.deadline?.date.description == "2023-12-31" && changes.deadline?.precision == .year)
        #expect(changes.title?.zh.string == "题目" && changes.title?.en?.string == "New")
        #expect(removes == [.baseline])
    }

    @Test("Changes that are none, or fit no target of that kind, are usage errors")
    func noChanges() throws {
        let none = try ChangeOptions.parse([])
        #expect(throws: Failure.self) { try none.read(for: Self.commitment()) }
        let value = try ChangeOptions.parse(["--value", "1"])
        let range = Self.commitment { $0.target = API.Target(op: .range, min: "1", max: "2") }
        let failure = #expect(throws: Failure.self) { try value.read(for: range) }
        #expect(failure?.status == .usage && failure?.next?.contains("--file") == true)
        let removed = try ChangeOptions.parse(["--remove", "joint"])
        #expect(throws: Failure.self) { try removed.read(for: Self.commitment()) }
    }

    @Test("A correction takes what is not given from the old milestone, but for the evidence")
    func correction() throws {
        let evidence = API.Evidence(
            name: "a.txt",
            mediaType: "text/plain",
            byteCount: 1,
            sha256: "00",
            uris: [],
            access: "public"
        )
        let old = API.Milestone(
            id: "00",
            commitment: "CN-HN-2020-001",
            issuer: "cn-hn",
            periodEnd: "2021-06-30",
            value: "9",
            valueStatus: "provisional",
            evidence: [evidence],
            note: "first count",
            isFinal: true,
            isFictional: true,
            life: .effective,
            verificationLevel: "L1",
            height: 1,
            position: 0,
            timestamp: 1
        )
        var options = try MilestoneOptions.parse(["--value", "-8"])
        options.fill(from: old)
        var content = try options.content()
        #expect(content.reading == .value(try #require(Decimal("-8"))) && content.valueStatus == .provisional)
        #expect(content.note?.string == "first count" && content.isFinal && content.isFictional)
        #expect(content.periodEnd.description == "2021-06-30" && content.evidence.isEmpty)
        options = try MilestoneOptions.parse([
            "--value-status", "normal", "--note", "second", "--at", "2021-07-01",
        ])
        options.fill(from: old)
        content = try options.content()
        #expect(content.reading == .value(try #require(Decimal("9"))) && content.valueStatus == .normal)
        #expect(content.note?.string == "second" && content.periodEnd.description == "2021-07-01")
    }

    @Test("A delegation ends with its last day in UTC")
    func expiry() throws {
        let day = try #require(CalendarDay("2021-12-31"))
        let end = try DelegationCommand.end(of: day)
        #expect(end.value == 1_640_995_199_999)
        #expect(Format.moment(end.value) == "2021-12-31T23:59:59Z")
        #expect(throws: Failure.self) { try DelegationCommand.end(of: #require(CalendarDay("1969-12-31"))) }
    }
}
