import JalonCrypto
package import JalonModel

// Who seals blocks: what waits for a quorum, and the transaction that closes an epoch (protocol, section 5, "Changing
// the validators").

extension LedgerState {
    /// The seats once these changes have been made, in no order that means anything.
    func seats(after changes: some Sequence<PendingRecord>) -> [Validator] {
        var seats = validators.validators
        for pending in changes {
            switch pending.change {
            case .seat(let key):
                seats.removeAll { $0.member == pending.member }
                seats.append(Validator(key: key, member: pending.member))
            case .removal: seats.removeAll { $0.member == pending.member }
            case .recovery: break
            }
        }
        return seats
    }

    /// A set of validators that may be activated now, and what of the queue makes it.
    package struct NextValidators: Sendable {
        package let validators: ValidatorSet
        /// The first so many changes of the validators in the queue.
        package let changes: [PendingRecord]
    }

    /// Makes ``nextValidators`` anew: the changes are made in the order of the queue, as many at once as there are ready
    /// validators for.
    mutating func updateNextValidators() {
        guard !pendingChanges.isEmpty || !nextValidators.isEmpty else { return }
        let queue = pendingChanges.filter(\.isSeatChange)
        nextValidators = (1...max(queue.count, 1)).reversed().compactMap { count in
            guard count <= queue.count else { return nil }
            let changes = Array(queue[..<count])
            guard let set = try? ValidatorSet(seats(after: changes)), set.hash != validators.hash,
                isLargeEnough(set)
            else { return nil }
            return NextValidators(validators: set, changes: changes)
        }
    }

    /// A set may grow from below the minimum, but not shrink below it.
    private func isLargeEnough(_ set: ValidatorSet) -> Bool {
        UInt64(set.count) >= parameters.minimumValidatorCount || set.count >= validators.count
    }
}

extension Application {
    mutating func activate(_ body: ValidatorsActivate, by signer: Signer) throws(Refusal) {
        try checkNetwork(body.network)
        try checkRole(.validatorsActivate, signer)
        guard body.epoch == state.epoch.next else {
            throw Refusal(
                .epoch,
                "it starts epoch \(body.epoch), the next one is \(state.epoch.next)",
                hint: "Nothing is to be done: another activation came first."
            )
        }
        let next = state.nextValidators.first { $0.validators.hash == body.validators.hash }
        guard let next else {
            let sizes = state.nextValidators.map { "\($0.validators.count)" }.joined(separator: " or ")
            throw Refusal(
                .notPending,
                "no pending change leads to these \(body.validators.count) validators"
                    + (sizes.isEmpty ? ": none is pending" : ", but one to \(sizes) validators"),
                hint: "See: jalon governance list"
            )
        }
        try checkReadiness(body)
        for (place, pending) in next.changes.enumerated() {
            write(.dropPending(pending.id))
            // A seat that the same queue takes away again is never taken: its key stays as it is.
            let isOverruled = next.changes[(place + 1)...].contains { $0.member == pending.member }
            if !isOverruled { activate(pending) }
        }
        write(
            .epoch(
                EpochRecord(epoch: body.epoch, closing: context.height, validators: body.validators)
            )
        )
    }

    private func checkReadiness(_ body: ValidatorsActivate) throws(Refusal) {
        for (index, readiness) in body.ready {
            let age =
                context.height.value > readiness.height.value
                ? context.height.value - readiness.height.value : 0
            guard readiness.height < context.height, age <= Readiness.maximumAge else {
                throw Refusal(
                    .readiness,
                    "validator \(index) was ready at height \(readiness.height), this block is \(context.height), "
                        + "at most \(Readiness.maximumAge) later",
                    hint: "Ask the validators again: jalon governance activate"
                )
            }
        }
    }

    private mutating func activate(_ pending: PendingRecord) {
        for key in state.keys(of: pending.member) where key.isActive {
            // A removed member's keys sign nothing any more; one with a new seat gives up the old key.
            if pending.change == .removal || key.kind == .validator { write(.key(key.deactivated)) }
        }
        switch pending.change {
        case .seat(let key):
            write(
                .key(
                    KeyRecord(
                        key: key,
                        member: pending.member,
                        kind: .validator,
                        isActive: true,
                        height: state.keysByID[key.id]?.value.height ?? context.height
                    )
                )
            )
        case .removal:
            // Nothing of it waits any longer, so that an id that is admitted anew has its new keys alone.
            for other in state.pendingChanges where other.member == pending.member && !other.isSeatChange {
                write(.dropPending(other.id))
            }
            if let member = state.member(pending.member) { write(.member(member.standing(.removed))) }
        case .recovery: break
        }
    }
}
