import JalonCrypto
import JalonModel

// The rules of commitment.amend that need the state.

/// How many versions a commitment may have, the first included: a promise changed more often is another one.
let maximumVersionCount: UInt64 = 1_000

extension Application {
    mutating func amend(_ body: CommitmentAmend, by signer: Signer) throws(Refusal) {
        let entry = try commitment(body.id)
        try checkRole(.commitmentAmend, signer)
        try checkGrant(signer, .commitmentAmend, on: body.id)
        try checkActs(for: entry, .commitmentAmend, signer)
        guard !signer.isDelegate || body.amendmentClass == .editorial else {
            throw Refusal(
                .notDelegated,
                "the delegate key \(signer.key.key.id) amends editorially only, the class is \(body.amendmentClass)",
                hint: "Sign with the authority key of \(signer.member.id)."
            )
        }
        guard entry.record.life == .active else {
            throw Refusal(
                .notActive,
                "\(body.id) is \(entry.record.life), an active one is amended",
                hint: "See: jalon commitment show \(body.id)"
            )
        }
        guard body.expectedVersion == entry.record.version else {
            throw Refusal(
                .version,
                "expectedVersion is \(body.expectedVersion), the version in force is \(entry.record.version)",
                hint: "Look at what changed, and sign again: jalon commitment show \(body.id)"
            )
        }
        guard entry.record.version < maximumVersionCount else {
            throw Refusal(
                .versionLimit,
                "\(body.id) has \(entry.record.version) versions, at most \(maximumVersionCount) are allowed",
                hint: "Let another commitment supersede it: jalon commitment supersede"
            )
        }
        let before = entry.current.value.body
        let after = body.applied(to: before)
        try checkAmended(before, after)
        var record = entry.record
        record.version += 1
        set(
            record,
            appending: CommitmentVersion(
                body: after,
                number: record.version,
                origin: origin,
                amendment: Amendment(
                    amendmentClass: body.amendmentClass,
                    reasonCode: body.reasonCode,
                    reason: body.reason
                )
            )
        )
    }

    /// What an amendment makes of a commitment: something else, of the same kind, and what could be proposed so.
    private func checkAmended(
        _ before: CommitmentPropose,
        _ after: CommitmentPropose
    ) throws(Refusal) {
        guard after != before else {
            throw Refusal(
                .unchanged,
                "the amendment leaves \(before.id) as it is",
                hint: "Nothing is left to sign. See: jalon commitment show \(before.id)"
            )
        }
        try checkComparable(before, after)
        do { try after.validate() } catch { throw Refusal(error) }
        try checkSectors(after)
        try checkParties(after)
        try checkGoal(after)
    }

    /// A milestone is judged by version 1 and by the one in force, so that its reading must mean the same in both.
    private func checkComparable(
        _ before: CommitmentPropose,
        _ after: CommitmentPropose
    ) throws(Refusal) {
        let (old, new) = (before.indicator, after.indicator)
        let fixed: [(field: String, old: String, new: String)] = [
            ("indicator.code", old.code.text, new.code.text),
            ("indicator.unit", old.unit.text, new.unit.text),
            ("indicator.measure", old.measure.rawValue, new.measure.rawValue),
            ("indicator.accumulation", old.accumulation.rawValue, new.accumulation.rawValue),
            ("indicator.direction", old.direction.rawValue, new.direction.rawValue),
            ("target", before.target.readingKind, after.target.readingKind),
        ]
        for (field, old, new) in fixed where old != new {
            throw Refusal(
                .immutable,
                "\(field) is \(old) and can't become \(new), since milestones are judged by every version",
                hint: "Propose another commitment and let it supersede this one: jalon commitment supersede"
            )
        }
    }
}

extension Target {
    /// What milestones of it report.
    fileprivate var readingKind: String {
        switch self {
        case .bound, .approx, .range: "measured by a value"
        case .checklist: "measured by done items"
        case .level: "measured by a level"
        }
    }
}
