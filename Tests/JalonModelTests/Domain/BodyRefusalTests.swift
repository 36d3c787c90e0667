import JalonCodec
import JalonModel
import Testing

/// One damage to a sound encoding, and what the error must name.
struct Damage: Sendable, CustomTestStringConvertible {
    let base: String
    let path: String
    let value: @Sendable () throws -> EncodedTree?
    let names: String

    init(
        _ base: String,
        _ path: String,
        _ value: @autoclosure @escaping @Sendable () throws -> EncodedTree?,
        _ names: String
    ) {
        (self.base, self.path, self.value, self.names) = (base, path, value, names)
    }

    var testDescription: String { "\(base) \(path): \(names)" }
}

@Suite("A body that breaks a rule is refused, and the error names it")
struct BodyRefusalTests {
    private static func base(_ name: String) throws -> TransactionBody {
        switch name {
        case "plan": .planPublish(try Domain.fullPlan())
        case "bound": .commitmentPropose(try Domain.bound())
        case "approx": .commitmentPropose(try Domain.approx())
        case "range": .commitmentPropose(try Domain.range())
        case "checklist": .commitmentPropose(try Domain.checklist())
        case "levels": .commitmentPropose(try Domain.levels())
        case "qualitative": .commitmentPropose(try Domain.qualitative())
        case "full": .commitmentPropose(try Domain.full())
        case "report": .milestoneReport(try Domain.report(.value(Domain.decimal("9500"))))
        case "items": .milestoneReport(try Domain.report(.doneItems([#require(ItemID("a"))])))
        case "level": .milestoneReport(try Domain.report(.level(1)))
        case "correct": .milestoneCorrect(try Domain.correction(.value(Domain.decimal("9500"))))
        case "attest": .attestationIssue(try Domain.attestation())
        case "revoke": .attestationRevoke(try Domain.revocation())
        case "dispute": .disputeOpen(try Domain.dispute())
        case "answer": .disputeAnswer(try Domain.answer())
        case "resolve": .disputeResolve(try Domain.resolution())
        case "cosign": .cosign(try Domain.cosign())
        case "cosign recovery": .cosign(try Domain.recoveryCosign())
        case "direct": .directiveIssue(try Domain.directive())
        case "acknowledge": .directiveAcknowledge(try Domain.acknowledgement())
        case "reply": .directiveReply(try Domain.reply())
        default: .milestoneRetract(try Domain.retraction())
        }
    }

    private static func repeated(_ path: String, of name: String) throws -> EncodedTree {
        let first = EncodedTree(try base(name).encoded).at(path + ".0")
        return [first, first]
    }

    private static let long = EncodedTree.text(String(repeating: "a", count: 601))

    private static let plans: [Damage] = [
        Damage("plan", "type", nil, "\"type\""),
        Damage("plan", "type", "plan.burn", "unknown type of transaction 'plan.burn'"),
        Damage("plan", "type", "plan.publish ", "unknown type"),
        Damage("plan", "id", "CN-HB-2020-P1", "id is CN-HB-2020-P1"),
        Damage("plan", "id", "CN_HN", "is not 1 to 64"),
        Damage("plan", "id", nil, "\"id\""),
        Damage("plan", "region", "hn", "ISO 3166-2"),
        Damage("plan", "title", nil, "\"title\""),
        Damage("plan", "title.zh", long, "title.zh is 601 bytes"),
        Damage("plan", "title.en", long, "title.en is 601 bytes"),
        Damage("plan", "title.en", "a\u{202E}b", "U+202E"),
        Damage("plan", "documentNumber", long, "documentNumber is 601 bytes"),
        Damage("plan", "issuer", long, "issuer is 601 bytes"),
        Damage("plan", "published.precision", "year", "last day of its year"),
        Damage("plan", "published.precision", "decade", "day, month, quarter or year"),
        Damage("plan", "published.date", "2020-04-31", "is not a day"),
        Damage("plan", "source.quote", nil, "source.quote is absent"),
        Damage("plan", "source.kind", "rumour", "official or press"),
        Damage("plan", "source.locator", long, "source.locator is 601 bytes"),
        Damage("plan", "source.url", "example.org", "absolute URI"),
        Damage("plan", "source.sha256", .bytes([1]), "exactly 32"),
        Damage("plan", "remark", "x", "\"remark\""),
    ]

    private static let targets: [Damage] = [
        Damage("bound", "target.op", "eq", "ge, gt, le, lt"),
        Damage("bound", "target.value", "30000.5", "target.value is 30000.5"),
        Damage("bound", "target.value", "030000", "decimal number"),
        Damage("bound", "target.tolerance", "1", "\"tolerance\""),
        Damage("bound", "target.op", "le", "target.op is le"),
        Damage("bound", "target.op", "lt", "target.op is lt"),
        Damage("bound", "target.value", "0", "more than 0, which stands for the unknown baseline"),
        Damage("bound", "indicator.direction", "down", "target.op is ge"),
        Damage("approx", "target.value", "5.5", "target.value is 5.5"),
        Damage("approx", "target.tolerance", "0.5", "target.tolerance is 0.5"),
        Damage("approx", "target.tolerance", "-1", "target.tolerance is -1"),
        Damage("approx", "target.tolerance", "999999999999999999", "both ends below 10^18"),
        Damage("approx", "target.tolerance", "3", "more than the baseline 2"),
        Damage("approx", "baseline", "5", "more than the baseline 5"),
        Damage("approx", "baseline", "1.5", "baseline is 1.5"),
        Damage("range", "target.min", "4", "target.max is 3"),
        Damage("range", "target.min", "1.5", "target.min is 1.5"),
        Damage("range", "target.max", "3.5", "target.max is 3.5"),
        Damage("range", "target.min", "1", "more than the baseline 1"),
        Damage("range", "target.sense", "guess", "threshold or corridor"),
        Damage("full", "baseline", "20", "less than the baseline 20"),
        Damage(
            "full",
            "target",
            try EncodedTree(Target.bound(.gt, Domain.decimal("1")).encoded),
            "target.op is gt"
        ),
        Damage("checklist", "target.required", 4, "target.required is 4"),
        Damage("checklist", "target.required", 0, "target.op is checklist, 0"),
        Damage("checklist", "target.items", try repeated("target.items", of: "checklist"), "110108 twice"),
        Damage("checklist", "target.items.0.zh", long, "target.items.110108.zh"),
        Damage("checklist", "target.items.0.id", "a b", "is not 1 to 64"),
        Damage("checklist", "target.items.0.official", "zh", "leaving 'official' out"),
        Damage("checklist", "indicator.scale", 1, "indicator.scale is 1"),
        Damage("checklist", "indicator.direction", "down", "target.op is checklist"),
        Damage("checklist", "indicator.measure", "count", "since the measure is count"),
        Damage("checklist", "indicator.measure", "ordinal", "since the measure is ordinal"),
        Damage(
            "qualitative",
            "target",
            try EncodedTree(Target.checklist([], required: 1).encoded),
            "there are no items"
        ),
        Damage(
            "qualitative",
            "target",
            try EncodedTree(
                Target.checklist(
                    [Domain.item("a", "甲", "A")],
                    required: 0
                ).encoded
            ),
            "target.required is 0"
        ),
        Damage(
            "qualitative",
            "target",
            try EncodedTree(Target.bound(.ge, Domain.decimal("1")).encoded),
            "since the measure is qualitative"
        ),
        Damage("levels", "target.required", 4, "the id of one of the levels"),
        Damage("levels", "target.levels.1.id", 1, "target.levels.id is 1"),
        Damage("levels", "target.levels.0.id", 0, "outside the allowed range"),
        Damage("levels", "target.levels.0.fr", long, "target.levels.1.fr"),
        Damage("levels", "target.levels.1.due", "2020-12-31", "target.levels.due is 2020-12-31"),
        Damage("levels", "target.levels.0.due", "2020-05-09", "target.levels.due is 2020-05-09"),
        Damage("levels", "target.levels.2.due", "2023-01-01", "not after the deadline"),
        Damage(
            "levels",
            "trajectory",
            try [
                EncodedTree(
                    TrajectoryPoint(
                        date: Domain.day("2021-01-01"),
                        value: Domain.decimal("1")
                    ).encoded
                )
            ],
            "trajectory is 1 points"
        ),
        Damage("levels", "indicator.measure", "checklist", "since the measure is checklist"),
    ]

    private static let commitments: [Damage] = [
        Damage("bound", "id", "CN-HE-2020-001", "id is CN-HE-2020-001"),
        Damage("bound", "title.zh", long, "title.zh is 601 bytes"),
        Damage("bound", "source", ["x"], "a map"),
        Damage("full", "source.quote", nil, "source.quote is absent"),
        Damage("bound", "responsible", [], "0 leads"),
        Damage("bound", "responsible", try repeated("responsible", of: "bound"), "2 leads"),
        Damage("full", "responsible.2.member", "cn-hn", "cn-hn twice"),
        Damage("full", "responsible.1.role", "lead", "2 leads"),
        Damage(
            "bound",
            "responsible.0",
            .map([.init(key: "role", value: "lead"), .init(key: "text", value: "省厅")]),
            "a lead given as text"
        ),
        Damage("full", "responsible.1.text", long, "responsible.text is 601 bytes"),
        Damage("bound", "responsible.0.role", "chief", "lead or support"),
        Damage("full", "joint", [], "joint is an empty list"),
        Damage("full", "joint", ["cn-gz", "cn-gz"], "joint is cn-gz twice"),
        Damage("full", "counterparties.members", ["b", "b"], "counterparties.members is b twice"),
        Damage("full", "counterparties.members", [], "counterparties.required is 1"),
        Damage("full", "counterparties.members", ["cn-hn"], "counterparties.members is the lead, cn-hn"),
        Damage("full", "counterparties.required", 2, "counterparties.required is 2"),
        Damage("full", "subregions", ["430100", "430100"], "subregions is 430100 twice"),
        Damage("full", "sectors", ["finance", "finance"], "sectors is finance twice"),
        Damage("full", "themes", ["a", "a"], "themes is a twice"),
        Damage("full", "related", ["x", "x"], "related is x twice"),
        Damage("full", "related", ["CN-HN-2020-0123"], "other commitments only"),
        Damage("bound", "sectors", .array((0..<65).map { .text("a\($0)") }), "at most 64"),
        Damage("bound", "indicator.scale", 7, "outside the allowed range"),
        Damage("bound", "indicator.code", "ent", "indicator code"),
        Damage("bound", "indicator.unit", "Ent", "a unit"),
        Damage("bound", "indicator.direction", "sideways", "up, down or maintain"),
        Damage("bound", "indicator.accumulation", "sum", "cumulative, flow or stock"),
        Damage("bound", "deadline.date", "2019-12-31", "deadline is 2019-12-31"),
        Damage("bound", "reporting.firstDue", "2020-04-26", "reporting.firstDue is 2020-04-26"),
        Damage("bound", "reporting.graceDays", 367, "outside the allowed range"),
        Damage("bound", "reporting.every", "weekly", "monthly"),
        Damage("bound", "verification.minimumLevel", "L4", "L0, L1, L2 or L3"),
        Damage("bound", "start", "2020-4-26", "is not a day"),
        Damage("bound", "curve", "bent", "linear, step or none"),
        Damage("bound", "curve", "step", "curve is step"),
        Damage("bound", "deadline", nil, "curve is linear"),
        Damage("full", "trajectory.0.date", "2020-01-01", "trajectory.date is 2020-01-01"),
        Damage("full", "trajectory.1.date", "2021-01-01", "trajectory.date is 2021-01-01"),
        Damage("full", "trajectory.1.date", "2022-07-01", "not after the deadline"),
        Damage("full", "trajectory.0.value", "60.555", "trajectory.value is 60.555"),
        Damage("bound", "trajectory", nil, "\"trajectory\""),
    ]

    private static let milestones: [Damage] = [
        Damage("report", "value", nil, "exactly one of"),
        Damage("report", "level", 1, "exactly one of"),
        Damage("report", "doneItems", [], "exactly one of"),
        Damage("level", "doneItems", [], "exactly one of"),
        Damage("level", "level", 1_001, "outside the allowed range"),
        Damage("items", "doneItems", ["a", "a"], "doneItems is a twice"),
        Damage("report", "value", 9500, "a text"),
        Damage("report", "final", nil, "\"final\""),
        Damage("report", "fictional", false, "may only be true"),
        Damage("report", "valueStatus", "guessed", "normal, provisional"),
        Damage("report", "periodStart", "2021-07-01", "periodStart is 2021-07-01"),
        Damage("report", "commitment", "", "is not 1 to 64"),
        Damage("report", "note", "", "empty"),
        Damage("report", "reason", "x", "\"reason\""),
        Damage("report", "evidence", nil, "\"evidence\""),
        Damage(
            "report",
            "evidence",
            try .array(Array(repeating: EncodedTree(Domain.evidence().encoded), count: 17)),
            "at most 16"
        ),
        Damage("report", "evidence.0.name", "a/b", "without a folder"),
        Damage("report", "evidence.0.mediaType", "pdf", "a media type"),
        Damage("report", "evidence.0.byteCount", -1, "outside the allowed range"),
        Damage("report", "evidence.0.byteCount", 9_007_199_254_740_992, "outside the allowed range"),
        Damage("report", "evidence.0.sha256", .bytes([1]), "exactly 32"),
        Damage("report", "evidence.0.access", "secret", "public, auditor or sealed"),
        Damage("report", "evidence.0.uris", .array(Array(repeating: "urn:a", count: 9)), "at most 8"),
        Damage("correct", "milestone", nil, "\"milestone\""),
        Damage("correct", "milestone", .bytes([1]), "exactly 32"),
        Damage("correct", "reason", nil, "\"reason\""),
        Damage("correct", "reasonCode", "Typing error", "a reason code"),
        Damage("correct", "value", nil, "exactly one of"),
        Damage("correct", "periodStart", "2021-07-01", "periodStart is 2021-07-01"),
        Damage("retract", "reasonCode", nil, "\"reasonCode\""),
        Damage("retract", "reason", nil, "\"reason\""),
        Damage("retract", "value", "1", "\"value\""),
    ]

    @Test("One damage, one error", arguments: plans + targets + commitments + milestones + VoiceDamage.all)
    func refused(damage: Damage) throws {
        let base = EncodedTree(try Self.base(damage.base).encoded)
        _ = try TransactionBody.decode(base.encoded)
        let damaged = base.setting(damage.path, try damage.value())
        let error = #expect(throws: BodyError.self) { try TransactionBody.decode(damaged.encoded) }
        #expect(error?.description.contains(damage.names) == true, "\(error?.description ?? "")")
    }

    @Test("A number in memory obeys the ranges of the encoding")
    func memory() throws {
        var body = try Domain.bound()
        body.indicator.scale = 7
        #expect(throws: BodyError.invalid(field: "indicator.scale", found: "7", expected: "0 to 6")) {
            try body.validate()
        }
        body = try Domain.bound()
        body.reporting.graceDays = -1
        #expect(throws: BodyError.invalid(field: "reporting.graceDays", found: "-1", expected: "0 to 366")) {
            try body.validate()
        }
        body = try Domain.levels()
        body.target = .level([Level(id: 1_001, name: try LocalizedText(zh: "级"))], required: 1_001)
        #expect(
            throws: BodyError.invalid(
                field: "target.levels.id",
                found: "1001",
                expected: "1 to 1000, ascending"
            )
        ) {
            try body.validate()
        }
    }

    @Test("Damaged bytes are refused or are another body's one encoding, and nothing traps")
    func everyCut() throws {
        for body in try Domain.bodies() {
            let bytes = body.encoded
            for count in 0..<bytes.count {
                #expect(throws: BodyError.self) { try TransactionBody.decode(bytes.prefix(count)) }
            }
            #expect(throws: BodyError.self) { try TransactionBody.decode(bytes + [0]) }
        }
    }
}

@Suite("Sound bodies")
struct BodyTests {
    @Test("Every form reads back as itself, and is about what its claim says")
    func roundTrip() throws {
        for body in try Domain.bodies() {
            let decoded = try TransactionBody.decode(body.encoded)
            #expect(decoded == body)
            #expect(decoded.encoded == body.encoded)
            #expect(decoded.type == body.type)
        }
        #expect(TransactionBody.planPublish(try Domain.plan()).subject.text == "CN-HN-2020-P1")
        #expect(TransactionBody.commitmentPropose(try Domain.range()).subject.text == "CN-JS-2020-001")
        #expect(TransactionBody.milestoneRetract(try Domain.retraction()).subject.text == "CN-HN-2020-001")
        #expect(try Domain.correction(.level(1)).subject.text == "CN-HN-2020-001")
        for body in try Domain.voices() {
            switch body.type {
            case .directiveIssue, .directiveAcknowledge, .directiveReply:
                #expect(body.subject.text == "cn-hn")
            case .cosign: #expect(["CN-HN-2020-001", "cn-hn"].contains(body.subject.text))
            default: #expect(body.subject.text == "CN-HN-2020-001")
            }
        }
    }

    @Test("The lead is the member with that role")
    func lead() throws {
        #expect(try Domain.full().lead?.text == "cn-hn")
    }

    @Test("A target's threshold is what its operator reads")
    func thresholds() throws {
        #expect(try Domain.bound().target.threshold.description == "30000")
        #expect(
            Target.approx(try Domain.decimal("5"), tolerance: try Domain.decimal("1")).threshold.description
                == "4"
        )
        #expect(try Domain.range().target.threshold.description == "2")
        #expect(try Domain.checklist().target.threshold.description == "3")
        #expect(try Domain.levels().target.threshold.description == "3")
    }

    @Test("What nobody can count is proposed as an empty checklist")
    func uncountable() throws {
        var body = try Domain.qualitative()
        body.target = .checklist([], required: 0)
        #expect(body.target.isUncountable)
        #expect(try TransactionBody.decode(body.encoded) == .commitmentPropose(body))
    }

    @Test("A way down may start from an unknown baseline, and maintaining may stand still")
    func directions() throws {
        var body = try Domain.full()
        body.baseline = nil
        try body.validate()
        body = try Domain.bound()
        (body.indicator.direction, body.baseline) = (.maintain, try Domain.decimal("30000"))
        try body.validate()
    }
}
