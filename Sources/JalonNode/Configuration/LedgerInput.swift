package import JalonModel

/// Files that hold what goes into a ledger: plans, commitments, milestones, as people write them.
///
/// Each is a mapping with one key, the plural, and a list of entries under it.
package enum LedgerInput {
    /// Reads a file of plans.
    package static func plans(file: String) throws(ConfigurationError) -> [PlanPublish] {
        try entries(of: StrictYAML(contentsOf: file), "plans") { entry throws(ConfigurationError) in
            try PlanPublish(entry)
        }
    }

    /// Reads a file of commitments.
    package static func commitments(file: String) throws(ConfigurationError) -> [CommitmentInput] {
        try entries(of: StrictYAML(contentsOf: file), "commitments") { entry throws(ConfigurationError) in
            try CommitmentInput(entry)
        }
    }

    /// Reads a file of milestones.
    package static func milestones(file: String) throws(ConfigurationError) -> [MilestoneReport] {
        try entries(of: StrictYAML(contentsOf: file), "milestones") { entry throws(ConfigurationError) in
            try MilestoneReport(entry)
        }
    }

    private static func entries<Value>(
        of document: StrictYAML,
        _ key: String,
        _ read: (StrictYAML) throws(ConfigurationError) -> Value
    ) throws(ConfigurationError) -> [Value] {
        try document.mapping([key]).required(key).list(read)
    }
}

extension PlanPublish {
    /// Reads a plan and checks the rules that need no ledger.
    init(_ value: StrictYAML) throws(ConfigurationError) {
        let fields = try value.mapping(
            ["id", "region", "title", "documentNumber", "issuer", "published", "source"])
        self.init(
            id: try fields.required("id").identifier(),
            region: try fields.required("region").identifier(),
            title: try fields.required("title").localizedText(),
            documentNumber: try fields["documentNumber"]?.text(limit: .title),
            issuer: try fields.required("issuer").text(limit: .title),
            published: try fields.required("published").calendarDate(),
            source: try fields.required("source").source()
        )
        do { try validate() } catch { throw value.error("\(id): \(error)") }
    }
}

extension MilestoneReport {
    /// Reads a milestone and checks the rules that need no ledger.
    ///
    /// `kind` is a remark for readers.
    init(_ value: StrictYAML) throws(ConfigurationError) {
        let fields = try value.mapping([
            "commitment", "kind", "periodStart", "periodEnd", "value", "level", "doneItems", "valueStatus",
            "evidence",
            "note", "final", "fictional",
        ])
        let commitment: CommitmentID = try fields.required("commitment").identifier()
        let fictional = try fields["fictional"].map { value throws(ConfigurationError) in
            guard try value.bool() else {
                throw value.error("'fictional' may only be true; leave it out instead")
            }
            return true
        }
        let content = MilestoneContent(
            periodStart: try fields["periodStart"]?.day(),
            periodEnd: try fields.required("periodEnd").day(),
            reading: try fields.reading(),
            valueStatus: try fields["valueStatus"]?.choice() ?? .normal,
            evidence: try fields["evidence"]?.list(maximum: MilestoneContent.maximumEvidenceCount) {
                entry throws(ConfigurationError) in try entry.evidence()
            } ?? [],
            note: try fields["note"]?.text(limit: .text),
            isFinal: try fields["final"]?.bool() ?? false,
            isFictional: fictional ?? false
        )
        self.init(commitment: commitment, content: content)
        do { try validate() } catch { throw value.error("\(commitment): \(error)") }
    }
}

extension StrictMapping {
    /// What a milestone measures: exactly one of `value`, `level` and `doneItems`.
    fileprivate func reading() throws(ConfigurationError) -> Reading {
        switch (self["value"], self["level"], self["doneItems"]) {
        case (let value?, nil, nil): .value(try value.decimal())
        case (nil, let level?, nil): .level(try level.integer(in: 0...Level.maximumID))
        case (nil, nil, let items?): .doneItems(try items.identifiers(maximum: Target.maximumCount))
        default: throw whole.error("a milestone has exactly one of 'value', 'level' and 'doneItems'")
        }
    }
}
