import JalonCrypto
package import JalonModel

// The rules of the eight steps in a commitment's life that need the state.

extension LifeStep {
    /// From which lives to which one the step leads: the arrows of the picture in the module's documentation.
    package var arrow: (from: [CommitmentLife], to: CommitmentLife) {
        switch self {
        case .activate: ([.proposed], .active)
        case .return: ([.proposed], .returned)
        case .withdraw: ([.proposed, .returned], .withdrawn)
        case .cancel: ([.active, .suspended], .cancelled)
        case .supersede: ([.active, .suspended], .superseded)
        case .suspend: ([.active], .suspended)
        case .resume: ([.suspended], .active)
        case .close: ([.active], .closed)
        }
    }
}

extension CommitmentLife {
    /// Whether nothing follows: no step leads out of it.
    package var isEnded: Bool {
        switch self {
        case .withdrawn, .cancelled, .superseded, .closed: true
        case .proposed, .returned, .active, .suspended: false
        }
    }
}

extension Application {
    mutating func step(_ body: CommitmentTransition, by signer: Signer) throws(Refusal) {
        let entry = try commitment(body.id)
        try checkRole(body.step.type, signer)
        switch body.step {
        case .activate, .return: try checkRegulatorActivates(body.step)
        case .withdraw, .cancel, .supersede, .suspend, .resume, .close:
            try checkActs(for: entry, body.step.type, signer)
        }
        let (from, life) = body.step.arrow
        guard from.contains(entry.record.life) else {
            let able = from.map(\.rawValue).joined(separator: " or ")
            throw Refusal(
                .life,
                "\(body.id) is \(entry.record.life), \(body.step.type) is for one that is \(able)",
                hint: next(for: entry.record)
            )
        }
        switch body.step {
        case .activate: try checkCosigned(entry)
        case .close: try checkFinalMilestone(entry)
        case .supersede: try checkSuccessor(body)
        case .return, .withdraw, .cancel, .suspend, .resume: break
        }
        set(entry.record.changed(to: life, by: lifeChange(body.reason), successor: body.successor))
    }

    /// Makes a proposal active once nobody named in `joint` is missing, where no regulator has to; else nothing.
    ///
    /// For the rule of `cosign`: `missing` is who has not co-signed even with the transaction at hand.
    mutating func activateIfComplete(_ entry: CommitmentEntry, missing: [MemberID]) {
        guard missing.isEmpty, entry.record.life == .proposed, state.parameters.activation == .automatic
        else { return }
        set(entry.record.changed(to: .active, by: lifeChange(nil)))
    }

    /// The members named in `joint` that have not co-signed the proposal yet.
    func missingCosigners(of entry: CommitmentEntry) -> [MemberID] {
        state.cosigners(ofProposal: entry.record.id)?.missing ?? []
    }

    private func lifeChange(_ reason: Text?) -> LifeChange {
        LifeChange(origin: origin, reason: reason)
    }

    // MARK: - Who

    private func checkRegulatorActivates(_ step: LifeStep) throws(Refusal) {
        guard state.parameters.activation == .regulator else {
            throw Refusal(
                .activation,
                "\(step.type) is for networks whose parameter activation is regulator, here it is "
                    + "\(state.parameters.activation)",
                hint: "A proposal is active at once, a joint one with the last co-signature: jalon cosign"
            )
        }
    }

    /// A commitment is its region's: a province changes those of its own region, a regulator the country's.
    func checkActs(for entry: CommitmentEntry, _ type: TransactionType, _ signer: Signer) throws(Refusal) {
        let body = entry.current.value.body
        guard !signer.member.acts(for: body.region, type) else { return }
        let able = state.members.filter { $0.acts(for: body.region, type) }.map(shownName(of:))
        throw Refusal(
            .notResponsible,
            "\(signer.shown) may not send \(type) for \(body.id) of \(body.region); may: "
                + (able.isEmpty ? "nobody" : able.joined(separator: ", ")),
            hint: "Nothing was recorded. See: jalon commitment show \(body.id)"
        )
    }

    // MARK: - What must hold

    private func checkCosigned(_ entry: CommitmentEntry) throws(Refusal) {
        let missing = missingCosigners(of: entry)
        guard missing.isEmpty else {
            throw Refusal(
                .notCosigned,
                "\(entry.record.id) is joint, and \(missing.map(\.text).joined(separator: ", ")) did not co-sign",
                hint: "Let them sign first: jalon cosign \(entry.record.origin.transaction)"
            )
        }
    }

    private func checkFinalMilestone(_ entry: CommitmentEntry) throws(Refusal) {
        let isFinal = entry.effective.numbers.contains { number in
            let record = state.milestone(number)
            return record.isFinal && !record.isPending
        }
        guard isFinal else {
            throw Refusal(
                .noFinalMilestone,
                "\(entry.record.id) has no milestone that counts and is final",
                hint: "Report the last figure first: jalon milestone report \(entry.record.id) --final"
            )
        }
    }

    private func checkSuccessor(_ body: CommitmentTransition) throws(Refusal) {
        // The body's own rules have asked for it.
        guard let id = body.successor else { return }
        let successor = try commitment(id).record
        guard !successor.life.isEnded else {
            throw Refusal(
                .successor,
                "\(id) is \(successor.life) and can't stand in the place of \(body.id)",
                hint: "Name a commitment that goes on. See: jalon commitment list"
            )
        }
    }

    /// What may follow instead.
    private func next(for record: CommitmentRecord) -> String {
        let types = LifeStep.allCases.filter { $0.arrow.from.contains(record.life) }.map(\.type.rawValue)
        guard !types.isEmpty else {
            return "Nothing follows on \(record.life). See: jalon commitment show \(record.id)"
        }
        return "Possible are: \(types.joined(separator: ", ")). See: jalon commitment show \(record.id)"
    }
}
