import JalonCrypto
import JalonModel

// The rules of milestone.report, .correct and .retract that need the state.

extension Application {
    mutating func report(_ body: MilestoneReport, by signer: Signer) throws(Refusal) {
        let entry = try sharedCommitment(body.commitment)
        try checkResponsible(entry, signer)
        try checkActive(entry)
        try check(body.content, in: entry)
        set(milestone(body.content, in: entry))
    }

    mutating func correct(_ body: MilestoneCorrect, by signer: Signer) throws(Refusal) {
        let entry = try commitment(body.commitment)
        let old = try effectiveMilestone(body.milestone, of: entry, signer, .milestoneCorrect)
        let replaced = old.changed(to: .replaced, by: transaction.id)
        // The new one is judged as if the old one had never been.
        let without = Shared(entry.without(old))
        try check(body.content, in: without)
        let new = milestone(
            body.content,
            in: without,
            correcting: (replaces: old.id, reasonCode: body.reasonCode)
        )
        set(replaced)
        set(new)
    }

    mutating func retract(_ body: MilestoneRetract, by signer: Signer) throws(Refusal) {
        let entry = try commitment(body.commitment)
        let old = try effectiveMilestone(body.milestone, of: entry, signer, .milestoneRetract)
        set(old.changed(to: .retracted, by: transaction.id))
    }

    private func milestone(
        _ content: MilestoneContent,
        in entry: Shared<CommitmentEntry>,
        correcting correction: (replaces: TransactionID, reasonCode: ReasonCode)? = nil
    ) -> MilestoneRecord {
        MilestoneRecord(
            content,
            of: entry.value.record.id,
            by: transaction,
            at: place,
            isBeforeStart: content.periodEnd < entry.value.current.value.body.start,
            requiredCosignatures: entry.value.current.value.body.counterparties?.required ?? 0,
            correcting: correction
        )
    }

    // MARK: - Who, and about what

    func commitment(_ id: CommitmentID) throws(Refusal) -> CommitmentEntry {
        try sharedCommitment(id).value
    }

    /// By reference: a report asks for a few fields of the many.
    private func sharedCommitment(_ id: CommitmentID) throws(Refusal) -> Shared<CommitmentEntry> {
        if let entry = state.commitmentsByID[id] { return entry }
        throw Refusal(
            .unknownCommitment,
            "there is no commitment \(id)" + suggestion(nearest(to: id, in: state.commitmentsByID)),
            hint: "See: jalon commitment list"
        )
    }

    /// Only the lead reports, with its own key or one that it lent this.
    private func checkResponsible(_ entry: Shared<CommitmentEntry>, _ signer: Signer) throws(Refusal) {
        let version = entry.value.current
        guard let lead = version.value.body.responsible.lead, lead == signer.member.id else {
            throw notResponsible(version, signer)
        }
        try checkRole(.milestoneReport, signer)
        try checkGrant(signer, .milestoneReport, on: entry.value.record.id)
    }

    // Apart from the check, which nearly always passes, and would copy the body for this.
    @inline(never)
    private func notResponsible(_ version: Shared<CommitmentVersion>, _ signer: Signer) -> Refusal {
        let body = version.value.body
        let may = body.lead.flatMap { state.member($0) }.map { shownName(of: $0) } ?? "nobody"
        return Refusal(
            .notResponsible,
            "the key of \(signer.shown) may not report for \(body.id) of \(body.region.text); may: \(may)",
            hint: "Nothing was recorded. See: jalon commitment show \(body.id)"
        )
    }

    private func checkActive(_ entry: Shared<CommitmentEntry>) throws(Refusal) {
        guard entry.value.record.life == .active else {
            let record = entry.value.record
            throw Refusal(
                .notActive,
                "\(record.id) is \(record.life), milestones are reported on an active one",
                hint: "See: jalon commitment show \(record.id)"
            )
        }
    }

    /// The milestone to correct or retract: this commitment's, effective, and the signing member's own.
    ///
    /// The commitment's life does not matter: a wrong figure is put right also where nothing more is reported.
    private func effectiveMilestone(
        _ id: TransactionID,
        of entry: CommitmentEntry,
        _ signer: Signer,
        _ type: TransactionType
    ) throws(Refusal) -> MilestoneRecord {
        let commitment = entry.record.id
        let record = try knownMilestone(id, of: commitment)
        guard record.issuer == signer.member.id else {
            throw Refusal(
                .notResponsible,
                "\(signer.shown) may not change the milestone \(id), which \(record.issuer) reported",
                hint: "Nothing was recorded. Let \(record.issuer) sign, or open a dispute: jalon dispute open"
            )
        }
        try checkRole(type, signer)
        try checkGrant(signer, type, on: commitment)
        guard !signer.isDelegate || record.key == signer.key.key.id else {
            throw Refusal(
                .notDelegated,
                "a delegate key changes its own reports only, \(id) was signed by \(record.key)",
                hint: "Sign with the authority key of \(record.issuer)."
            )
        }
        guard record.state == .effective else { throw notEffective(record) }
        return record
    }

    func knownMilestone(
        _ id: TransactionID,
        of commitment: CommitmentID
    ) throws(Refusal) -> MilestoneRecord {
        if let record = state.milestone(id), record.commitment == commitment { return record }
        let other = state.milestone(id).map { ", it is about \($0.commitment)" } ?? ""
        throw Refusal(
            .unknownMilestone,
            "\(id) is no milestone of \(commitment)\(other)",
            hint: "See: jalon commitment show \(commitment)"
        )
    }

    func notEffective(_ record: MilestoneRecord) -> Refusal {
        let by = record.changedBy.map { " by \($0)" } ?? ""
        return Refusal(
            .notEffective,
            "the milestone \(record.id) was \(record.state)\(by)",
            hint: "Name the milestone that counts. See: jalon commitment show \(record.commitment)"
        )
    }

    // MARK: - What is measured

    private func check(_ content: MilestoneContent, in entry: Shared<CommitmentEntry>) throws(Refusal) {
        try checkPeriod(content, in: entry)
        let version = entry.value.current
        try checkReading(content.reading, in: version)
        switch version.value.body.indicator.accumulation {
        case .cumulative: try checkRising(content, in: entry)
        case .flow: try checkNoOverlap(content, in: entry)
        case .stock: break
        }
    }

    private func checkPeriod(_ content: MilestoneContent, in entry: Shared<CommitmentEntry>) throws(Refusal) {
        let today = state.date(of: context.timestamp)
        guard content.periodEnd <= today else {
            throw Refusal(
                .futurePeriod,
                "periodEnd \(content.periodEnd) lies after the block's date, \(today)",
                hint: "Report what was measured, once its period is over."
            )
        }
        if let number = entry.value.effective[content.periodEnd]?.number {
            let existing = state.milestone(number)
            let value = shown(content.reading)
            throw Refusal(
                .duplicatePeriod,
                "\(content.periodEnd) already has \(existing.id) (\(shown(existing.reading)))",
                hint: "To change it: jalon milestone correct \(existing.id) \(value.option) --reason …"
            )
        }
    }

    private func checkReading(_ reading: Reading, in version: Shared<CommitmentVersion>) throws(Refusal) {
        func refuse(_ message: String, _ hint: String) -> Refusal { Refusal(.value, message, hint: hint) }
        switch (version.value.body.target, reading) {
        case (.bound, .value(let value)), (.approx, .value(let value)), (.range, .value(let value)):
            guard value.scale <= version.value.body.indicator.scale else {
                throw refuse(
                    "the value \(value) has \(value.scale) decimals, \(version.value.body.indicator.code) has at most "
                        + "\(version.value.body.indicator.scale)",
                    "Round it the way the indicator is counted."
                )
            }
        case (.level(let levels, _), .level(let level)):
            guard level == 0 || levels.contains(where: { $0.id == level }) else {
                let known = levels.map { String($0.id) }.joined(separator: ", ")
                throw refuse(
                    "there is no level \(level) in \(version.value.body.id)",
                    "Its levels: 0 (none), \(known)"
                )
            }
        case (.checklist(let items, _), .doneItems(let done)):
            for item in done where !items.contains(where: { $0.id == item }) {
                let known = items.map(\.id.text).joined(separator: ", ")
                throw refuse("there is no item \(item) in \(version.value.body.id)", "Its items: \(known)")
            }
        case (.bound, _), (.approx, _), (.range, _):
            throw refuse(
                "\(version.value.body.id) is measured by a value, found \(shown(reading))",
                "Give --value."
            )
        case (.level, _):
            throw refuse(
                "\(version.value.body.id) is measured by a level, found \(shown(reading))",
                "Give --level."
            )
        case (.checklist, _):
            throw refuse(
                "\(version.value.body.id) is measured by done items, found \(shown(reading))",
                "Give --done."
            )
        }
    }

    /// A running total neither falls nor is overtaken by a later one, unless the way of counting changed.
    private func checkRising(_ content: MilestoneContent, in entry: Shared<CommitmentEntry>) throws(Refusal) {
        let (amount, periodEnd) = (content.reading.amount, content.periodEnd)
        guard
            let (day, other) = entry.value.effective.contradicting(amount, content.valueStatus, at: periodEnd)
        else { return }
        throw Refusal(
            .valueFell,
            "\(amount) at \(periodEnd) is \(day < periodEnd ? "below" : "above") \(other.amount) at \(day) "
                + "(\(state.milestone(other.number).id))",
            hint:
                "Correct the other one first, or report with --value-status seriesBreak where the counting changed."
        )
    }

    /// The periods of a flow are summed, so no day may be counted twice.
    private func checkNoOverlap(_ content: MilestoneContent, in entry: Shared<CommitmentEntry>)
        throws(Refusal)
    {
        guard let start = content.periodStart else {
            throw Refusal(
                .periodStartMissing,
                "\(entry.value.record.id) is reported by period, periodStart is missing",
                hint: "Give --from, the first day of the period."
            )
        }
        guard let (otherEnd, other) = entry.value.effective.overlapping(start, content.periodEnd) else {
            return
        }
        throw Refusal(
            .overlappingPeriod,
            "the period \(start) to \(content.periodEnd) overlaps \(other.periodStart ?? otherEnd) to \(otherEnd) "
                + "(\(state.milestone(other.number).id))",
            hint: "Report the days that are not reported yet, or correct the other one."
        )
    }
}

/// A reading as a message and as the command's option.
private func shown(_ reading: Reading) -> ShownReading {
    switch reading {
    case .value(let value): ShownReading(text: "\(value)", option: "--value \(value)")
    case .level(let level): ShownReading(text: "level \(level)", option: "--level \(level)")
    case .doneItems(let items):
        ShownReading(
            text: items.isEmpty ? "no item done" : "done: " + items.map(\.text).joined(separator: ", "),
            option: "--done " + items.map(\.text).joined(separator: ",")
        )
    }
}

private struct ShownReading: CustomStringConvertible {
    let text: String
    let option: String
    var description: String { text }
}
