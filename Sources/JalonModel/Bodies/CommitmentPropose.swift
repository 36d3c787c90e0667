public import JalonCodec

/// `commitment.propose`: what a region promises.
public struct CommitmentPropose: BodyContent {
    /// The most entries of a list of a commitment.
    public static let maximumListCount = 64

    /// `<region>-<year>-<number>`, for example `CN-HN-2020-001`.
    public var id: CommitmentID
    public var plan: PlanID
    public var region: RegionCode
    public var subregions: [SubregionCode]
    public var title: LocalizedText
    public var description: LocalizedText?
    public var sectors: [SectorCode]
    public var themes: [ThemeCode]
    /// Exactly one lead, a member.
    public var responsible: [Responsible]
    public var indicator: Indicator
    /// The value at the start; unknown where absent.
    public var baseline: Decimal?
    public var target: Target
    public var start: CalendarDay
    public var deadline: CalendarDate?
    /// Ascending by date, after the start and not after the deadline.
    public var trajectory: [TrajectoryPoint]
    public var curve: Curve
    public var reporting: Reporting
    public var verification: Verification
    public var related: [CommitmentID]
    /// Members that must co-sign before the commitment is active; absent where there are none.
    public var joint: [MemberID]?
    public var counterparties: Counterparties?
    public var source: Source?

    public init(
        id: CommitmentID,
        plan: PlanID,
        region: RegionCode,
        subregions: [SubregionCode] = [],
        title: LocalizedText,
        description: LocalizedText? = nil,
        sectors: [SectorCode] = [],
        themes: [ThemeCode] = [],
        responsible: [Responsible],
        indicator: Indicator,
        baseline: Decimal? = nil,
        target: Target,
        start: CalendarDay,
        deadline: CalendarDate? = nil,
        trajectory: [TrajectoryPoint] = [],
        curve: Curve,
        reporting: Reporting,
        verification: Verification = Verification(),
        related: [CommitmentID] = [],
        joint: [MemberID]? = nil,
        counterparties: Counterparties? = nil,
        source: Source? = nil
    ) {
        (self.id, self.plan, self.region, self.subregions) = (id, plan, region, subregions)
        (self.title, self.description, self.sectors, self.themes) = (title, description, sectors, themes)
        (self.responsible, self.indicator, self.baseline) = (responsible, indicator, baseline)
        (self.target, self.start, self.deadline) = (target, start, deadline)
        (self.trajectory, self.curve, self.reporting) = (trajectory, curve, reporting)
        (self.verification, self.related, self.joint) = (verification, related, joint)
        (self.counterparties, self.source) = (counterparties, source)
    }

    public var subject: SubjectID { SubjectID(checked: id.text) }

    /// The member that answers for the commitment, the one with the role `lead`.
    public var lead: MemberID? { responsible.lead }

    public func encode(to encoder: inout CBOREncoder) {
        encoder.encodeMap { map in
            map.field("id", id)
            map.field("plan", plan)
            map.type(.commitmentPropose)
            map.field("curve", curve)
            map.field("joint", ifPresent: joint)
            map.field("start", start)
            map.field("title", title)
            map.field("region", region)
            map.field("source", ifPresent: source)
            map.field("target", target)
            map.field("themes", themes)
            map.field("related", related)
            map.field("sectors", sectors)
            map.field("baseline", ifPresent: baseline)
            map.field("deadline", ifPresent: deadline)
            map.field("indicator", indicator)
            map.field("reporting", reporting)
            map.field("subregions", subregions)
            map.field("trajectory", trajectory)
            map.field("description", ifPresent: description)
            map.field("responsible", responsible)
            map.field("verification", verification)
            map.field("counterparties", ifPresent: counterparties)
        }
    }

    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        self = try decoder.decodeMap { (map) throws(CBORError) in
            let most = CommitmentPropose.maximumListCount
            let id: CommitmentID = try map.field("id")
            let plan: PlanID = try map.field("plan")
            try map.type(.commitmentPropose)
            let curve: Curve = try map.field("curve")
            let joint: [MemberID]? = try map.optionalList("joint", maximum: most)
            let start: CalendarDay = try map.field("start")
            let title: LocalizedText = try map.field("title")
            let region: RegionCode = try map.field("region")
            let source: Source? = try map.optional("source")
            let target: Target = try map.field("target")
            let themes: [ThemeCode] = try map.list("themes", maximum: most)
            let related: [CommitmentID] = try map.list("related", maximum: most)
            let sectors: [SectorCode] = try map.list("sectors", maximum: most)
            let baseline: Decimal? = try map.optional("baseline")
            let deadline: CalendarDate? = try map.optional("deadline")
            let indicator: Indicator = try map.field("indicator")
            let reporting: Reporting = try map.field("reporting")
            let subregions: [SubregionCode] = try map.list("subregions", maximum: most)
            let trajectory: [TrajectoryPoint] = try map.list("trajectory", maximum: most)
            let description: LocalizedText? = try map.optional("description")
            let responsible: [Responsible] = try map.list("responsible", maximum: most)
            let verification: Verification = try map.field("verification")
            let counterparties: Counterparties? = try map.optional("counterparties")
            return CommitmentPropose(
                id: id,
                plan: plan,
                region: region,
                subregions: subregions,
                title: title,
                description: description,
                sectors: sectors,
                themes: themes,
                responsible: responsible,
                indicator: indicator,
                baseline: baseline,
                target: target,
                start: start,
                deadline: deadline,
                trajectory: trajectory,
                curve: curve,
                reporting: reporting,
                verification: verification,
                related: related,
                joint: joint,
                counterparties: counterparties,
                source: source
            )
        }
    }
}
