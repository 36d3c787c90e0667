public import JalonCodec

/// The fields of a commitment that an amendment may change; the raw value is the field's name.
///
/// `id`, `region` and `plan` make another commitment, which supersedes this one; `joint` is settled once it is active.
public enum CommitmentField: String, CodedChoice {
    case curve, start, title, source, target, themes, related, sectors, baseline, deadline, indicator,
        reporting
    case subregions, trajectory, description, responsible, verification, counterparties

    /// Whether an editorial amendment may change it: what names, explains and sorts the promise, and nothing that it
    /// is judged by or that says who answers for it where.
    public var isEditorial: Bool {
        switch self {
        case .title, .description, .sectors, .themes, .related, .source: true
        case .curve, .start, .target, .baseline, .deadline, .indicator, .reporting, .subregions, .trajectory,
            .responsible, .verification, .counterparties:
            false
        }
    }

    /// Whether a commitment can be without it, so that an amendment may remove it.
    public var isRemovable: Bool {
        switch self {
        case .description, .baseline, .deadline, .counterparties, .source: true
        case .curve, .start, .title, .target, .themes, .related, .sectors, .indicator, .reporting,
            .subregions,
            .trajectory, .responsible, .verification:
            false
        }
    }
}

/// The new values of an amendment: in the encoding a map of those fields alone that change, each written as
/// `commitment.propose` writes it.
public struct CommitmentChanges: CBORValue {
    public var curve: Curve?
    public var start: CalendarDay?
    public var title: LocalizedText?
    public var source: Source?
    public var target: Target?
    public var themes: [ThemeCode]?
    public var related: [CommitmentID]?
    public var sectors: [SectorCode]?
    public var baseline: Decimal?
    public var deadline: CalendarDate?
    public var indicator: Indicator?
    public var reporting: Reporting?
    public var subregions: [SubregionCode]?
    public var trajectory: [TrajectoryPoint]?
    public var description: LocalizedText?
    public var responsible: [Responsible]?
    public var verification: Verification?
    public var counterparties: Counterparties?

    /// No change; set what changes.
    public init() {}

    /// The fields that change, in the order of the encoding.
    public var fields: [CommitmentField] { CommitmentField.allCases.filter(has) }

    private func has(_ field: CommitmentField) -> Bool {
        switch field {
        case .curve: curve != nil
        case .start: start != nil
        case .title: title != nil
        case .source: source != nil
        case .target: target != nil
        case .themes: themes != nil
        case .related: related != nil
        case .sectors: sectors != nil
        case .baseline: baseline != nil
        case .deadline: deadline != nil
        case .indicator: indicator != nil
        case .reporting: reporting != nil
        case .subregions: subregions != nil
        case .trajectory: trajectory != nil
        case .description: description != nil
        case .responsible: responsible != nil
        case .verification: verification != nil
        case .counterparties: counterparties != nil
        }
    }

    /// The body with these values in the place of its own.
    func applied(to body: CommitmentPropose) -> CommitmentPropose {
        var body = body
        if let curve { body.curve = curve }
        if let start { body.start = start }
        if let title { body.title = title }
        if let source { body.source = source }
        if let target { body.target = target }
        if let themes { body.themes = themes }
        if let related { body.related = related }
        if let sectors { body.sectors = sectors }
        if let baseline { body.baseline = baseline }
        if let deadline { body.deadline = deadline }
        if let indicator { body.indicator = indicator }
        if let reporting { body.reporting = reporting }
        if let subregions { body.subregions = subregions }
        if let trajectory { body.trajectory = trajectory }
        if let description { body.description = description }
        if let responsible { body.responsible = responsible }
        if let verification { body.verification = verification }
        if let counterparties { body.counterparties = counterparties }
        return body
    }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("curve", ifPresent: curve)
            map.field("start", ifPresent: start)
            map.field("title", ifPresent: title)
            map.field("source", ifPresent: source)
            map.field("target", ifPresent: target)
            map.field("themes", ifPresent: themes)
            map.field("related", ifPresent: related)
            map.field("sectors", ifPresent: sectors)
            map.field("baseline", ifPresent: baseline)
            map.field("deadline", ifPresent: deadline)
            map.field("indicator", ifPresent: indicator)
            map.field("reporting", ifPresent: reporting)
            map.field("subregions", ifPresent: subregions)
            map.field("trajectory", ifPresent: trajectory)
            map.field("description", ifPresent: description)
            map.field("responsible", ifPresent: responsible)
            map.field("verification", ifPresent: verification)
            map.field("counterparties", ifPresent: counterparties)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let most = CommitmentPropose.maximumListCount
            var changes = CommitmentChanges()
            try map.refuseUnchangeable("id")
            try map.refuseUnchangeable("plan")
            changes.curve = try map.optional("curve")
            try map.refuseUnchangeable("joint")
            changes.start = try map.optional("start")
            changes.title = try map.optional("title")
            try map.refuseUnchangeable("region")
            changes.source = try map.optional("source")
            changes.target = try map.optional("target")
            changes.themes = try map.optionalList("themes", maximum: most)
            changes.related = try map.optionalList("related", maximum: most)
            changes.sectors = try map.optionalList("sectors", maximum: most)
            changes.baseline = try map.optional("baseline")
            changes.deadline = try map.optional("deadline")
            changes.indicator = try map.optional("indicator")
            changes.reporting = try map.optional("reporting")
            changes.subregions = try map.optionalList("subregions", maximum: most)
            changes.trajectory = try map.optionalList("trajectory", maximum: most)
            changes.description = try map.optional("description")
            changes.responsible = try map.optionalList("responsible", maximum: most)
            changes.verification = try map.optional("verification")
            changes.counterparties = try map.optional("counterparties")
            return changes
        }
    }
}

extension CBORMapDecoder {
    /// Says why a field of a commitment is not among the changes, instead of calling it unknown.
    fileprivate mutating func refuseUnchangeable(_ key: CBORKey) throws(CBORError) {
        let at = offset
        let found: Bool? = try optional(key) { (_) throws(CBORError) in true }
        guard found == nil else {
            throw .invalidValue("\(key) can't be changed: supersede the commitment instead", offset: at)
        }
    }
}
