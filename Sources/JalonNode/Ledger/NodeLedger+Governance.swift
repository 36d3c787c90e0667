import JalonAPI
import JalonCodec
import JalonCore
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState

extension NodeLedger {
    func governance() async throws -> API.Governance {
        let snapshot = view.snapshot
        let state = snapshot.state
        var parameters: [String: String] = [:]
        for (parameter, value) in state.parameters.leaves {
            parameters[parameter.rawValue] = (try? API.JSON(cbor: value))?.text ?? Hex.encode(value)
        }
        let proposals = state.proposals.sorted {
            ($0.origin.height, $0.id) > ($1.origin.height, $1.id)
        }
        return API.Governance(
            height: snapshot.height.value,
            epoch: state.epoch.value,
            validators: state.validators.validators.map(\.member.text),
            quorum: state.validators.quorum,
            parameters: parameters,
            proposals: proposals.map { API.Proposal($0, state: state, time: snapshot.timestamp) },
            pending: state.pendingChanges.map { API.PendingChange($0) },
            next: snapshot.pendingValidators.map { API.NextValidators($0) }
        )
    }
}

extension API.JSON {
    /// A single value as a person reads it; `nil` for lists and objects.
    fileprivate var text: String? {
        switch self {
        case .integer(let number): String(number)
        case .string(let text): text
        case .bool(let value): String(value)
        default: nil
        }
    }
}

extension API.Proposal {
    init(_ record: GovernanceRecord, state: LedgerState, time: Timestamp) {
        let tally = state.tally(of: record)
        let isExpired = record.outcome == .open && !state.isOpen(record, at: time)
        self.init(
            id: record.id.hex,
            action: record.body.action.kind.rawValue,
            summary: API.LocalizedText(Summary(record.body.action, state)),
            member: record.body.action.member?.text,
            reason: record.body.reason.string,
            proposer: record.origin.issuer.text,
            height: record.origin.height.value,
            outcome: isExpired ? "expired" : record.outcome.rawValue,
            votes: record.votes.map { API.ProposalVote(member: $0.member.text, ballot: $0.ballot.rawValue) },
            yes: tally.yes,
            no: tally.no,
            voters: tally.voters,
            needed: tally.needed,
            effectiveHeight: record.effective?.value
        )
    }
}

extension API.PendingChange {
    init(_ record: PendingRecord) {
        let (change, due): (String, Timestamp?) =
            switch record.change {
            case .seat: ("seat", nil)
            case .removal: ("removal", nil)
            case .recovery(_, let due, _): ("recovery", due)
            }
        self.init(
            id: record.id.hex,
            member: record.member.text,
            change: change,
            height: record.height.value,
            due: due?.value,
            expires: record.expires.value
        )
    }
}

extension API.NextValidators {
    init(_ pending: PendingValidators) {
        let validators = pending.validators
        self.init(
            members: validators.validators.map(\.member.text),
            quorum: validators.quorum,
            ready: pending.ready.compactMap { validators[$0]?.member.text },
            changes: pending.changes.map(\.id.hex)
        )
    }
}
