import JalonCrypto
import JalonModel
import JalonSchema
import JalonState

extension API.Responsible {
    init(_ responsible: Responsible) {
        switch responsible.party {
        case .member(let member): self.init(member: member.text, role: responsible.role.rawValue)
        case .text(let text): self.init(text: text.string, role: responsible.role.rawValue)
        }
    }
}

extension API.CommitmentVersion {
    init(_ version: CommitmentVersion) {
        self.init(
            number: Int(clamping: version.number),
            transaction: version.origin.transaction.hex,
            height: version.origin.height.value,
            timestamp: version.origin.time.value,
            target: API.Target(version.body.target),
            deadline: version.body.deadline.map { API.CalendarDate($0) }
        )
    }
}

extension API.Commitment {
    /// What a commitment's own page shows, or with less of its history a line of a list.
    enum Detail {
        case full
        case line
    }

    /// `last` is the latest effective milestone.
    init(
        _ commitment: Commitment,
        status: CommitmentStatus,
        last: API.Milestone?,
        detail: Detail,
        state: LedgerState,
        names: LedgerNames
    ) {
        let body = commitment.current.body
        var done: [ItemID]?
        if case .doneItems(let items) = state.lastEffectiveMilestone(of: commitment.id)?.reading {
            done = items
        }
        let versions =
            detail == .full || commitment.versions.count <= 2
            ? commitment.versions : [commitment.original, commitment.current]
        self.init(
            id: commitment.id.text,
            plan: body.plan.text,
            planTitle: state.plan(body.plan).map { API.LocalizedText($0.body.title) },
            region: names.region(body.region),
            subregions: body.subregions.map(\.text),
            title: API.LocalizedText(body.title),
            description: body.description.map { API.LocalizedText($0) },
            sectors: body.sectors.map { names.sector($0) },
            themes: body.themes.map(\.text),
            responsible: body.responsible.map { API.Responsible($0) },
            indicator: API.Indicator(body.indicator, names: names),
            baseline: body.baseline?.description,
            target: API.Target(body.target, done: done),
            start: body.start.description,
            deadline: body.deadline.map { API.CalendarDate($0) },
            trajectory: body.trajectory.map {
                API.Point(date: $0.date.description, value: $0.value.description)
            },
            curve: body.curve.rawValue,
            reporting: API.Reporting(
                every: body.reporting.every.rawValue,
                firstDue: body.reporting.firstDue.description,
                graceDays: body.reporting.graceDays
            ),
            minimumLevel: body.verification.minimumLevel.rawValue,
            related: body.related.map(\.text),
            joint: body.joint?.map(\.text) ?? [],
            counterparties: body.counterparties.map {
                API.Counterparties(required: $0.required, members: $0.members.map(\.text))
            },
            source: body.source.map { API.Source($0) },
            life: commitment.life.rawValue,
            versions: versions.map { API.CommitmentVersion($0) },
            status: API.CommitmentStatus(status, isExplained: detail == .full),
            lastMilestone: last,
            milestoneCount: state.effectiveMilestoneCount(of: commitment.id),
            transaction: commitment.record.origin.transaction.hex,
            height: commitment.record.origin.height.value
        )
    }
}
