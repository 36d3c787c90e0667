import JalonModel
import Testing

/// A commitment in short form: what the defaults give is left out.
struct RealCommitment: Sendable, CustomTestStringConvertible {
    enum ShortTarget: Sendable {
        case bound(Comparison, String)
        case approx(String, String)
        case range(String, String, RangeSense = .threshold)
        case checklist([(String, String)], required: Int)
        case level([(Int, String, String?)], required: Int)
    }

    let id: String
    let zh: String
    let en: String
    let code: String
    let unit: String
    let measure: Measure
    let accumulation: Accumulation
    let baseline: String?
    let target: ShortTarget
    let start: String
    let deadline: String?
    let basis: DateBasis
    let sectors: [String]
    let themes: [String]
    let quote: String?

    init(
        _ id: String,
        zh: String,
        en: String,
        code: String,
        unit: String,
        measure: Measure,
        accumulation: Accumulation,
        baseline: String? = nil,
        target: ShortTarget,
        start: String,
        deadline: String? = nil,
        basis: DateBasis = .explicit,
        sectors: [String],
        themes: [String] = [],
        quote: String? = nil
    ) {
        (self.id, self.zh, self.en, self.code, self.unit) = (id, zh, en, code, unit)
        (self.measure, self.accumulation, self.baseline) = (measure, accumulation, baseline)
        (self.target, self.start, self.deadline, self.basis) = (target, start, deadline, basis)
        (self.sectors, self.themes, self.quote) = (sectors, themes, quote)
    }

    var testDescription: String { id }

    /// `CN-HN`.
    var region: String { String(id.prefix(5)) }

    /// The body that the command line would sign.
    func body() throws -> CommitmentPropose {
        let start = try day(start)
        let deadline = try deadline.map {
            try #require(CalendarDate(date: day($0), precision: .day, basis: basis))
        }
        return CommitmentPropose(
            id: try #require(CommitmentID(id)),
            plan: try #require(PlanID("\(region)-2020-P1")),
            region: try #require(RegionCode(region)),
            title: try LocalizedText(zh: zh, en: en),
            sectors: try sectors.map { try #require(SectorCode($0)) },
            themes: try themes.map { try #require(ThemeCode($0)) },
            responsible: [Responsible(.member(try #require(MemberID(region.lowercased()))), role: .lead)],
            indicator: Indicator(
                code: try #require(IndicatorCode(code)),
                unit: try #require(UnitCode(unit)),
                measure: measure,
                accumulation: accumulation,
                direction: .up
            ),
            baseline: try baseline.map(decimal),
            target: try target.target(),
            start: start,
            deadline: deadline,
            curve: deadline == nil ? .none : .linear,
            reporting: Reporting(firstDue: start.adding(months: 12)),
            source: Source(kind: .press, quote: try quote.map { try Text($0) })
        )
    }
}

extension RealCommitment.ShortTarget {
    func target() throws -> Target {
        switch self {
        case .bound(let comparison, let value): .bound(comparison, try decimal(value))
        case .approx(let value, let tolerance): .approx(try decimal(value), tolerance: try decimal(tolerance))
        case .range(let min, let max, let sense):
            .range(min: try decimal(min), max: try decimal(max), sense: sense)
        case .checklist(let items, let required):
            .checklist(
                try items.map {
                    ChecklistItem(id: try #require(ItemID($0.0)), name: try LocalizedText(zh: $0.1))
                },
                required: required
            )
        case .level(let levels, let required):
            .level(
                try levels.map { Level(id: $0.0, name: try LocalizedText(zh: $0.1), due: try $0.2.map(day)) },
                required: required
            )
        }
    }
}

func day(_ text: String) throws -> CalendarDay { try #require(CalendarDay(text)) }

func decimal(_ text: String) throws -> Decimal { try #require(Decimal(text)) }
