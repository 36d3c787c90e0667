import JalonSchema

/// A list of the ledger as a file to download.
enum Export: String, CaseIterable, Hashable {
    case commitmentsCSV = "commitments.csv"
    case commitmentsLines = "commitments.jsonl"
    case milestonesCSV = "milestones.csv"
    case milestonesLines = "milestones.jsonl"

    /// Whether it lists commitments; else milestones.
    var isOfCommitments: Bool { self == .commitmentsCSV || self == .commitmentsLines }

    /// Whether it is a table; else JSON Lines.
    var isTable: Bool { self == .commitmentsCSV || self == .milestonesCSV }

    var mediaType: String { isTable ? "text/csv; charset=utf-8; header=present" : "application/jsonl" }

    /// What a query may hold.
    var parameters: [String] {
        ["height", "region", "commitment"] + (isOfCommitments ? ["asOf"] : []) + (isTable ? ["bom"] : [])
    }

    /// The name to save it by: `jalon-cn-plans-2020-commitments-184.csv`.
    func fileName(network: String, height: UInt64) -> String {
        let parts = rawValue.split(separator: ".")
        return "jalon-\(network)-\(parts[0])-\(height).\(parts[1])"
    }
}

/// A table's columns, each a name and what stands in it.
struct ExportColumns<Row> {
    private let columns: [(name: String, cell: (Row) -> CSV.Cell)]

    var heading: String { CSV.line(columns.map { .value($0.name) }) }

    func line(_ row: Row) -> String { CSV.line(columns.map { $0.cell(row) }) }
}

extension ExportColumns<API.Commitment> {
    /// The columns of commitments at a day, as they stood after a block.
    static func commitments(height: UInt64, asOf: String) -> ExportColumns {
        ExportColumns(
            columns: identity + target + standing + [
                ("as_of", { _ in .value(asOf) }), ("ledger_height", { _ in .number(height) }),
            ]
        )
    }

    private static var identity: [(name: String, cell: (API.Commitment) -> CSV.Cell)] {
        [
            ("id", { .text($0.id) }), ("region", { .text($0.region.code) }),
            ("region_zh", { .text($0.region.name?.zh) }), ("region_en", { .text($0.region.name?.en) }),
            ("plan", { .text($0.plan) }),
            ("title_zh", { .text($0.title.zh) }), ("title_en", { .text($0.title.en) }),
            ("title_fr", { .text($0.title.fr) }),
            ("sectors", { .list($0.sectors.map(\.code)) }), ("themes", { .list($0.themes) }),
            ("responsible", { .list($0.responsible.compactMap(\.member)) }),
        ]
    }

    private static var target: [(name: String, cell: (API.Commitment) -> CSV.Cell)] {
        [
            ("indicator", { .text($0.indicator.code) }), ("unit", { .text($0.indicator.unit.code) }),
            ("baseline", { .value($0.baseline) }),
            ("target_op", { .text($0.target.op.rawValue) }), ("target_value", { .value($0.target.value) }),
            ("target_min", { .value($0.target.min) }), ("target_max", { .value($0.target.max) }),
            ("target_tolerance", { .value($0.target.tolerance) }),
            ("target_required", { .number($0.target.required) }),
            ("start", { .value($0.start) }), ("deadline", { .value($0.deadline?.date) }),
            ("deadline_precision", { .text($0.deadline?.precision) }),
            ("deadline_basis", { .text($0.deadline?.basis) }),
            ("source_kind", { .text($0.source?.kind) }), ("source_quote", { .text($0.source?.quote) }),
            ("source_url", { .text($0.source?.url) }), ("source_locator", { .text($0.source?.locator) }),
        ]
    }

    private static var standing: [(name: String, cell: (API.Commitment) -> CSV.Cell)] {
        [
            ("life", { .text($0.life) }), ("status", { .text($0.status.current.rawValue) }),
            ("status_original", { .text($0.status.original.rawValue) }),
            ("flags", { .list($0.status.flags) }),
            ("value", { .value($0.status.value) }), ("measured_at", { .value($0.status.measuredAt) }),
            ("expected", { .value($0.status.expected) }), ("ratio_ppm", { .number($0.status.ratio) }),
            ("verification_level", { .text($0.status.verificationLevel) }),
            ("is_fictional", { .flag($0.status.isFictional) }),
            ("milestones", { .number($0.milestoneCount) }),
            ("milestones_pending", { .number($0.pendingMilestoneCount) }),
            ("disputes_open", { .number($0.openDisputeCount) }),
            ("version", { .number($0.versions.last?.number) }),
            ("transaction", { .text($0.transaction) }), ("height", { .number($0.height) }),
        ]
    }
}

extension ExportColumns<ExportedMilestone> {
    /// The columns of milestones, as they stood after a block.
    static func milestones(height: UInt64) -> ExportColumns {
        ExportColumns(columns: measured + standing + [("ledger_height", { _ in .number(height) })])
    }

    private static var measured: [(name: String, cell: (ExportedMilestone) -> CSV.Cell)] {
        [
            ("id", { .text($0.milestone.id) }), ("commitment", { .text($0.milestone.commitment) }),
            ("region", { .text($0.region) }),
            ("period_start", { .value($0.milestone.periodStart) }),
            ("period_end", { .value($0.milestone.periodEnd) }),
            ("value", { .value($0.milestone.value) }), ("unit", { .text($0.unit) }),
            ("level", { .number($0.milestone.level) }),
            ("done_items", { .list($0.milestone.doneItems ?? []) }),
            ("value_status", { .text($0.milestone.valueStatus) }), ("note", { .text($0.milestone.note) }),
            ("evidence_sha256", { .list($0.milestone.evidence.map(\.sha256)) }),
        ]
    }

    private static var standing: [(name: String, cell: (ExportedMilestone) -> CSV.Cell)] {
        [
            ("life", { .text($0.milestone.life.rawValue) }), ("replaces", { .text($0.milestone.replaces) }),
            ("replaced_by", { .text($0.milestone.replacedBy) }),
            ("reason_code", { .text($0.milestone.reasonCode) }), ("reason", { .text($0.milestone.reason) }),
            ("is_final", { .flag($0.milestone.isFinal) }),
            ("is_fictional", { .flag($0.milestone.isFictional) }),
            ("is_pending", { .flag($0.milestone.isPending) }),
            ("verification_level", { .text($0.milestone.verificationLevel) }),
            ("flags", { .list($0.milestone.flags) }),
            ("verdicts", { .list($0.milestone.attestations.filter { $0.revoked == nil }.map(\.verdict)) }),
            ("issuer", { .text($0.milestone.issuer) }), ("height", { .number($0.milestone.height) }),
            ("position", { .number($0.milestone.position) }),
            ("time", { .value(Clock.text(of: $0.milestone.timestamp)) }),
        ]
    }
}

/// A milestone and what of its commitment a line needs.
struct ExportedMilestone {
    let milestone: API.Milestone
    let region: String
    let unit: String
}
