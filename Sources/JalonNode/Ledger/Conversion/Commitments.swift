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
    /// `before` is the version that it was made of, `nil` where that is not at hand.
    init(_ version: CommitmentVersion, before: CommitmentVersion?) {
        let amendment = version.amendment
        self.init(
            number: Int(clamping: version.number),
            transaction: version.origin.transaction.hex,
            issuer: version.origin.issuer.text,
            height: version.origin.height.value,
            timestamp: version.origin.time.value,
            target: API.Target(version.body.target),
            deadline: version.body.deadline.map { API.CalendarDate($0) },
            change: amendment?.amendmentClass.rawValue,
            changed: before.map { $0.body.differences(from: version.body).map(\.rawValue) } ?? [],
            reasonCode: amendment?.reasonCode.text,
            reason: amendment?.reason.string
        )
    }

    /// All of them, or with `isShort` the first and the one in force.
    static func list(_ versions: [CommitmentVersion], isShort: Bool) -> [API.CommitmentVersion] {
        guard isShort, versions.count > 2, let first = versions.first, let last = versions.last else {
            return zip(versions, [nil] + versions.map(Optional.some)).map {
                API.CommitmentVersion($0, before: $1)
            }
        }
        return [first, last].map { API.CommitmentVersion($0, before: nil) }
    }
}

extension CommitmentPropose {
    /// The fields in which another version differs, in the order of the encoding.
    fileprivate func differences(from other: CommitmentPropose) -> [CommitmentField] {
        CommitmentField.allCases.filter { field in
            switch field {
            case .curve: curve != other.curve
            case .start: start != other.start
            case .title: title != other.title
            case .source: source != other.source
            case .target: target != other.target
            case .themes: themes != other.themes
            case .related: related != other.related
            case .sectors: sectors != other.sectors
            case .baseline: baseline != other.baseline
            case .deadline: deadline != other.deadline
            case .indicator: indicator != other.indicator
            case .reporting: reporting != other.reporting
            case .subregions: subregions != other.subregions
            case .trajectory: trajectory != other.trajectory
            case .description: description != other.description
            case .responsible: responsible != other.responsible
            case .verification: verification != other.verification
            case .counterparties: counterparties != other.counterparties
            }
        }
    }
}

extension API.Commitment {
    /// What a commitment's own page shows, or with less of its history a line of a list.
    enum Detail {
        case full
        case line
    }

    /// `last` is the latest effective milestone, `pendingCount` how many wait for co-signatures.
    init(
        _ commitment: Commitment,
        status: CommitmentStatus,
        last: API.Milestone?,
        pendingCount: Int,
        disputes: [API.Dispute],
        detail: Detail,
        state: LedgerState,
        names: LedgerNames
    ) {
        let body = commitment.current.body
        var done: [ItemID]?
        if case .doneItems(let items) = state.lastEffectiveMilestone(of: commitment.id)?.reading {
            done = items
        }
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
            jointSignatures: API.Cosignatures(state.cosigners(ofProposal: commitment.id)),
            counterparties: body.counterparties.map {
                API.Counterparties(required: $0.required, members: $0.members.map(\.text))
            },
            source: body.source.map { API.Source($0) },
            life: commitment.life.rawValue,
            lifeChange: commitment.record.changed.map { API.SignedStep($0.origin, text: $0.reason) },
            successor: commitment.record.successor?.text,
            versions: API.CommitmentVersion.list(commitment.versions, isShort: detail == .line),
            status: API.CommitmentStatus(status, isExplained: detail == .full),
            lastMilestone: last,
            milestoneCount: state.effectiveMilestoneCount(of: commitment.id),
            pendingMilestoneCount: pendingCount,
            openDisputeCount: commitment.openDisputeCount,
            disputes: disputes,
            transaction: commitment.record.origin.transaction.hex,
            height: commitment.record.origin.height.value
        )
    }
}
