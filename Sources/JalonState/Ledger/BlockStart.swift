import JalonCrypto
package import JalonModel

/// What a block brings about before its first transaction: passed proposals whose height has come, recoveries whose
/// delay is over, and the lapse of what waited too long.
extension LedgerState {
    /// - Returns: What it changed.
    /// - Complexity: O(1) where nothing waits.
    @discardableResult
    package mutating func startBlock(_ context: BlockContext) -> [StateWrite] {
        var writes: [StateWrite] = []
        func perform(_ write: StateWrite, on state: inout LedgerState) {
            state.perform(write)
            writes.append(write)
        }
        for pending in pendingChanges where pending.isOver(at: context.timestamp) {
            perform(.dropPending(pending.id), on: &self)
            for write in pending.finalWrites(in: self, at: context) { perform(write, on: &self) }
        }
        for id in passedProposals {
            guard var record = governanceByID[id]?.value, let effective = record.effective,
                effective <= context.height
            else { continue }
            // An upgrade stays where it is: this rule set ends before that block.
            if case .upgrade = record.body.action { continue }
            // Other decisions may have come first; what can't be done any more is not done by halves.
            let isPossible = objection(to: record.body.action) == nil
            record.outcome = isPossible ? .effective : .void
            perform(.governance(record), on: &self)
            guard isPossible else { continue }
            for write in effect(of: record, at: context) { perform(write, on: &self) }
        }
        return writes
    }

    /// Whether the start of such a block changes anything: then one is made, though no transaction waits.
    package func hasEffects(at height: Height, _ time: Timestamp) -> Bool {
        if pendingChanges.contains(where: { $0.isOver(at: time) }) { return true }
        return passedProposals.contains { id in
            guard let record = governanceByID[id]?.value, let effective = record.effective else {
                return false
            }
            return effective <= height && record.body.action.kind != .upgrade
        }
    }

    private func effect(of record: GovernanceRecord, at context: BlockContext) -> [StateWrite] {
        func pending(_ change: PendingRecord.Change, of member: MemberID) -> StateWrite {
            .pending(
                PendingRecord(
                    id: record.id,
                    member: member,
                    change: change,
                    height: context.height,
                    time: context.timestamp,
                    position: 0
                )
            )
        }
        switch record.body.action {
        case .admit(let admission):
            let member = admission.member
            var writes: [StateWrite] = [.member(MemberRecord(member))]
            for key in admission.keys {
                writes.append(
                    .key(
                        KeyRecord(
                            key: key.key,
                            member: member.id,
                            kind: KeyKind(key.purpose),
                            // It seals once a quorum of the validators with it is ready.
                            isActive: key.purpose != .validator,
                            height: context.height
                        )
                    )
                )
            }
            if let key = admission.validatorKey { writes.append(pending(.seat(key), of: member.id)) }
            return writes
        case .suspend(let id): return member(id).map { [.member($0.standing(.suspended))] } ?? []
        case .reinstate(let id): return member(id).map { [.member($0.standing(.active))] } ?? []
        case .remove(let id):
            // One that seals blocks is gone once a quorum without it is ready, and not before.
            if validators.index(of: id) != nil { return [pending(.removal, of: id)] }
            let waiting = pendingChanges.filter { $0.member == id }.map { StateWrite.dropPending($0.id) }
            let keys = keys(of: id).filter(\.isActive).map { StateWrite.key($0.deactivated) }
            return waiting + keys + (member(id).map { [.member($0.standing(.removed))] } ?? [])
        case .setParameter(let parameter, let value): return [.parameter(parameter, value)]
        case .upgrade: return []
        }
    }
}

extension PendingRecord {
    /// Whether it waits no longer: its time has come, or it lapsed.
    fileprivate func isOver(at time: Timestamp) -> Bool {
        if case .recovery(_, let due?, _) = change { return time >= due }
        return time > expires
    }

    /// What it does where its time has come; nothing where it lapsed.
    fileprivate func finalWrites(in state: LedgerState, at context: BlockContext) -> [StateWrite] {
        guard case .recovery(let key, _?, let since) = change else { return [] }
        // What the lost keys signed since then is flagged, and never erased.
        var writes = state.keys(of: member).filter { $0.isActive && $0.kind == .authority }
            .map { StateWrite.key($0.deactivated(compromisedSince: since)) }
        writes.append(
            .key(
                KeyRecord(
                    key: key,
                    member: member,
                    kind: .authority,
                    isActive: true,
                    height: context.height
                )
            )
        )
        return writes
    }
}
