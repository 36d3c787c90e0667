package import JalonModel

/// A commitment as a file gives it: what is left out is filled in before it is signed.
package struct CommitmentInput: Sendable {
    /// Its id, for example `CN-HN-2020-001`.
    package let id: CommitmentID
    /// The region that promises.
    package let region: RegionCode
    private let make: @Sendable (MemberID) -> CommitmentPropose
    private let location: @Sendable (String) -> ConfigurationError

    /// The body to sign, every default filled in (domain, section 4); `lead` leads where the file names nobody.
    ///
    /// - Throws: ``ConfigurationError`` at the commitment's line, where a rule between its fields is broken.
    package func filled(lead: MemberID) throws(ConfigurationError) -> CommitmentPropose {
        let body = make(lead)
        do { try body.validate() } catch { throw location("\(id): \(error)") }
        return body
    }
}

extension CommitmentInput {
    private static let keys = [
        "id", "plan", "region", "subregions", "title", "description", "sectors", "themes", "responsible",
        "indicator",
        "baseline", "target", "start", "deadline", "trajectory", "curve", "reporting", "verification",
        "related",
        "joint", "counterparties", "source",
    ]
    /// Remarks for readers, which are not signed.
    private static let remarks = ["misattributed", "baselineNote"]

    init(_ value: StrictYAML) throws(ConfigurationError) {
        let fields = try value.mapping(CommitmentInput.keys + CommitmentInput.remarks)
        let most = CommitmentPropose.maximumListCount
        let start = try fields.required("start").day()
        let deadline = try fields["deadline"]?.calendarDate()
        let responsible = try fields["responsible"]?.list(maximum: most) { entry throws(ConfigurationError) in
            try Responsible(entry)
        }
        let counterparties = try fields["counterparties"].map { value throws(ConfigurationError) in
            try Counterparties(value)
        }
        let trajectory = try fields["trajectory"]?.list(maximum: most) { entry throws(ConfigurationError) in
            try TrajectoryPoint(entry)
        }
        let draft = CommitmentPropose(
            id: try fields.required("id").identifier(),
            plan: try fields.required("plan").identifier(),
            region: try fields.required("region").identifier(),
            subregions: try fields["subregions"]?.identifiers(maximum: most) ?? [],
            title: try fields.required("title").localizedText(),
            description: try fields["description"]?.localizedText(limit: .text),
            sectors: try fields["sectors"]?.identifiers(maximum: most) ?? [],
            themes: try fields["themes"]?.identifiers(maximum: most) ?? [],
            responsible: responsible ?? [],
            indicator: try Indicator(fields.required("indicator")),
            baseline: try fields["baseline"]?.decimal(),
            target: try Target(fields.required("target")),
            start: start,
            deadline: deadline,
            trajectory: trajectory ?? [],
            curve: try fields["curve"]?.choice() ?? (deadline == nil ? .none : .linear),
            reporting: try Reporting(fields["reporting"], start: start),
            verification: Verification(minimumLevel: try fields.minimumLevel()),
            related: try fields["related"]?.identifiers(maximum: most) ?? [],
            joint: try fields["joint"]?.identifiers(maximum: most),
            counterparties: counterparties,
            source: try fields["source"]?.source()
        )
        (id, region) = (draft.id, draft.region)
        make = { lead in
            var body = draft
            if !body.responsible.contains(where: { $0.role == .lead }) {
                body.responsible.insert(Responsible(.member(lead), role: .lead), at: 0)
            }
            return body
        }
        let (file, mark) = (value.file, value.error(""))
        location = { ConfigurationError(file: file, line: mark.line, column: mark.column, message: $0) }
    }
}

/// The changes of an amendment as a file gives them: those fields alone that change, each written as in a file of
/// commitments, and under `removes` the names of optional ones that go.
package struct AmendmentInput: Sendable {
    package let changes: CommitmentChanges
    package let removes: [CommitmentField]

    /// Reads a file.
    package init(file: String) throws(ConfigurationError) {
        try self.init(StrictYAML(contentsOf: file))
    }

    init(_ value: StrictYAML) throws(ConfigurationError) {
        let fields = try value.mapping(CommitmentField.allCases.map(\.rawValue) + ["removes"])
        let most = CommitmentPropose.maximumListCount
        var changes = CommitmentChanges()
        changes.curve = try fields["curve"]?.choice()
        changes.start = try fields["start"]?.day()
        changes.title = try fields["title"]?.localizedText()
        changes.source = try fields["source"]?.source()
        changes.target = try fields["target"].map { value throws(ConfigurationError) in try Target(value) }
        changes.themes = try fields["themes"]?.identifiers(maximum: most)
        changes.related = try fields["related"]?.identifiers(maximum: most)
        changes.sectors = try fields["sectors"]?.identifiers(maximum: most)
        changes.baseline = try fields["baseline"]?.decimal()
        changes.deadline = try fields["deadline"]?.calendarDate()
        changes.indicator = try fields["indicator"].map { value throws(ConfigurationError) in
            try Indicator(value)
        }
        changes.reporting = try fields["reporting"].map { value throws(ConfigurationError) in
            try Reporting(whole: value)
        }
        changes.subregions = try fields["subregions"]?.identifiers(maximum: most)
        changes.trajectory = try fields["trajectory"]?.list(maximum: most) {
            entry throws(ConfigurationError) in try TrajectoryPoint(entry)
        }
        changes.description = try fields["description"]?.localizedText(limit: .text)
        changes.responsible = try fields["responsible"]?.list(maximum: most) {
            entry throws(ConfigurationError) in try Responsible(entry)
        }
        if fields["verification"] != nil {
            changes.verification = Verification(minimumLevel: try fields.minimumLevel())
        }
        changes.counterparties = try fields["counterparties"].map { value throws(ConfigurationError) in
            try Counterparties(value)
        }
        self.changes = changes
        removes =
            try fields["removes"]?.list(maximum: CommitmentField.allCases.count) {
                entry throws(ConfigurationError) in try entry.choice()
            } ?? []
    }
}

extension TrajectoryPoint {
    fileprivate init(_ value: StrictYAML) throws(ConfigurationError) {
        let fields = try value.mapping(["date", "value"])
        self.init(date: try fields.required("date").day(), value: try fields.required("value").decimal())
    }
}

extension StrictMapping {
    fileprivate func minimumLevel() throws(ConfigurationError) -> VerificationLevel {
        guard let verification = self["verification"] else { return .evidenced }
        return try verification.mapping(["minimumLevel"])["minimumLevel"]?.choice() ?? .evidenced
    }
}

extension Reporting {
    /// Yearly, first due one year after the start, 90 days of grace, where the file says nothing else.
    fileprivate init(_ value: StrictYAML?, start: CalendarDay) throws(ConfigurationError) {
        let fields = try value?.mapping(["every", "firstDue", "graceDays"])
        self.init(
            every: try fields?["every"]?.choice() ?? .yearly,
            firstDue: try fields?["firstDue"]?.day() ?? start.adding(months: 12),
            graceDays: try fields?["graceDays"]?.integer(in: 0...Reporting.maximumGraceDays) ?? 90
        )
    }
}

extension Reporting {
    /// An amendment says all of it: what it leaves out would else mean the default, and not what stood before.
    fileprivate init(whole value: StrictYAML) throws(ConfigurationError) {
        let fields = try value.mapping(["every", "firstDue", "graceDays"])
        self.init(
            every: try fields.required("every").choice(),
            firstDue: try fields.required("firstDue").day(),
            graceDays: try fields.required("graceDays").integer(in: 0...Reporting.maximumGraceDays)
        )
    }
}

extension Responsible {
    fileprivate init(_ value: StrictYAML) throws(ConfigurationError) {
        let fields = try value.mapping(["member", "text", "role"])
        let role: ResponsibleRole = try fields.required("role").choice()
        switch (fields["member"], fields["text"]) {
        case (let member?, nil): self.init(.member(try member.identifier()), role: role)
        case (nil, let text?): self.init(.text(try text.text(limit: .title)), role: role)
        default: throw value.error("a responsible body has exactly one of 'member' and 'text'")
        }
    }
}

extension Counterparties {
    fileprivate init(_ value: StrictYAML) throws(ConfigurationError) {
        let fields = try value.mapping(["required", "members"])
        self.init(
            members: try fields.required("members").identifiers(maximum: Counterparties.maximumCount),
            required: try fields.required("required").integer(in: 1...Counterparties.maximumCount)
        )
    }
}

extension Indicator {
    /// The unit may be left out where the measure has one of its own: items of a checklist, levels of a rubric.
    fileprivate init(_ value: StrictYAML) throws(ConfigurationError) {
        let fields = try value.mapping([
            "code", "unit", "scale", "measure", "accumulation", "direction", "method",
        ])
        let measure: Measure = try fields.required("measure").choice()
        let unit: UnitCode =
            switch (fields["unit"], measure) {
            case (let unit?, _): try unit.identifier()
            case (nil, .checklist): .item
            case (nil, .ordinal), (nil, .qualitative): .level
            case (nil, _): try fields.required("unit").identifier()
            }
        self.init(
            code: try fields.required("code").identifier(),
            unit: unit,
            scale: try fields["scale"]?.integer(in: 0...Decimal.maximumScale) ?? 0,
            measure: measure,
            accumulation: try fields.required("accumulation").choice(),
            direction: try fields.required("direction").choice(),
            method: try fields["method"]?.localizedText(limit: .text)
        )
    }
}

extension Target {
    /// `note` is a remark for readers, which is not signed.
    fileprivate init(_ value: StrictYAML) throws(ConfigurationError) {
        let all = ["op", "value", "tolerance", "min", "max", "sense", "items", "levels", "required", "note"]
        let op: TargetOperator = try value.mapping(all).required("op").choice()
        let own: [String] =
            switch op {
            case .ge, .gt, .le, .lt: ["value"]
            case .approx: ["value", "tolerance"]
            case .range: ["min", "max", "sense"]
            case .checklist: ["items", "required"]
            case .level: ["levels", "required"]
            }
        let fields = try value.mapping(["op", "note"] + own)
        switch op {
        case .ge: self = .bound(.ge, try fields.required("value").decimal())
        case .gt: self = .bound(.gt, try fields.required("value").decimal())
        case .le: self = .bound(.le, try fields.required("value").decimal())
        case .lt: self = .bound(.lt, try fields.required("value").decimal())
        case .approx:
            self = .approx(
                try fields.required("value").decimal(),
                tolerance: try fields.required("tolerance").decimal()
            )
        case .range:
            self = .range(
                min: try fields.required("min").decimal(),
                max: try fields.required("max").decimal(),
                sense: try fields.required("sense").choice()
            )
        case .checklist:
            let items = try fields.required("items").list(maximum: Target.maximumCount) {
                entry throws(ConfigurationError) in
                let item = try entry.mapping(["id"] + LocalizedText.keys)
                return ChecklistItem(id: try item.required("id").identifier(), name: try item.localizedText())
            }
            self = .checklist(
                items,
                required: try fields.required("required").integer(in: 0...Target.maximumCount)
            )
        case .level:
            let levels = try fields.required("levels").list(maximum: Target.maximumCount) {
                entry throws(ConfigurationError) in
                let level = try entry.mapping(["id", "due"] + LocalizedText.keys)
                return Level(
                    id: try level.required("id").integer(in: 1...Level.maximumID),
                    name: try level.localizedText(),
                    due: try level["due"]?.day()
                )
            }
            self = .level(levels, required: try fields.required("required").integer(in: 1...Level.maximumID))
        }
    }
}
