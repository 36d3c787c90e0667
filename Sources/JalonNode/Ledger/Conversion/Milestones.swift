import JalonCrypto
import JalonModel
import JalonSchema
import JalonState

/// What of a milestone stands in transactions alone, not in the state.
struct MilestoneWords: Sendable {
    var evidence: [Evidence] = []
    var note: Text?
    var reasonCode: ReasonCode?
    var reason: Text?
    /// Whether they are not held here.
    var isAbsent = false

    /// The words are not held here: what stands in their place.
    init(absence: String) {
        note = try? Text(absence)
        isAbsent = true
    }

    /// Reads the transaction that reported a milestone, or corrected one and so made this one.
    init(_ body: TransactionBody) {
        switch body {
        case .milestoneReport(let report): (evidence, note) = (report.content.evidence, report.content.note)
        case .milestoneCorrect(let correction):
            (evidence, note) = (correction.content.evidence, correction.content.note)
            (reasonCode, reason) = (correction.reasonCode, correction.reason)
        default: break
        }
    }

    /// Reads the transaction that retracted the milestone.
    mutating func addRetraction(_ body: TransactionBody) {
        guard case .milestoneRetract(let retraction) = body else { return }
        (reasonCode, reason) = (retraction.reasonCode, retraction.reason)
    }
}

extension API.MilestoneLife {
    init(_ state: MilestoneState) {
        switch state {
        case .effective: self = .effective
        case .replaced: self = .replaced
        case .retracted: self = .retracted
        case .excluded: self = .excluded
        }
    }
}

extension API.Milestone {
    init(
        _ record: MilestoneRecord,
        words: MilestoneWords,
        cosigners: Cosigners?,
        attestations: [API.Attestation]
    ) {
        var (value, level, items): (String?, Int?, [String]?)
        switch record.reading {
        case .value(let decimal): value = decimal.description
        case .level(let reached): level = reached
        case .doneItems(let done): items = done.map(\.text)
        }
        self.init(
            id: record.id.hex,
            commitment: record.commitment.text,
            issuer: record.issuer.text,
            periodStart: record.periodStart?.description,
            periodEnd: record.periodEnd.description,
            value: value,
            level: level,
            doneItems: items,
            valueStatus: record.valueStatus.rawValue,
            evidence: words.evidence.map { API.Evidence($0) },
            note: words.note?.string,
            isFinal: record.isFinal,
            isFictional: record.isFictional,
            life: API.MilestoneLife(record.state),
            replaces: record.replaces?.hex,
            replacedBy: record.state == .replaced ? record.changedBy?.hex : nil,
            reasonCode: words.reasonCode?.text,
            reason: words.reason?.string,
            flags: record.isBeforeStart ? [StatusFlag.beforeStart.rawValue] : [],
            verificationLevel: record.verificationLevel.rawValue,
            isPending: record.isPending,
            cosignatures: API.Cosignatures(cosigners),
            attestations: attestations,
            height: record.height.value,
            position: Int(clamping: record.position),
            timestamp: record.time.value
        )
    }
}
