import JalonCodec

/// The rules of a commitment that need no state.
extension CommitmentPropose {
    /// Checks the rules that need no state.
    public func validate() throws(BodyError) {
        try require(id.belongs(to: region), "id", found: id.text, expected: CommitmentID.form(of: region))
        try title.require(.title, "title")
        try source?.validate()
        try validateParties()
        try validateLists()
        try validateIndicator()
        try target.validate(scale: indicator.scale)
        try validateDirection()
        try validateDates()
        try validateCurve()
    }

    private func validateParties() throws(BodyError) {
        let leads = responsible.filter { $0.role == .lead }
        try require(
            leads.count == 1,
            "responsible",
            found: "\(leads.count) leads",
            expected: "exactly one lead"
        )
        try require(
            lead != nil,
            "responsible",
            found: "a lead given as text",
            expected: "a member as lead, since it signs the milestones"
        )
        for entry in responsible {
            if case .text(let text) = entry.party { try text.require(.title, "responsible.text") }
        }
        try requireUnique(responsible.compactMap(\.member), "responsible")
        if let joint {
            try require(
                !joint.isEmpty,
                "joint",
                found: "an empty list",
                expected: "members, or no such field"
            )
            try requireUnique(joint, "joint")
        }
        if let counterparties {
            // It reports the milestones, and nobody co-signs what is its own.
            try require(
                lead.map(counterparties.members.contains) != true,
                "counterparties.members",
                found: "the lead, \(lead?.text ?? "")",
                expected: "other members, since the lead reports the milestones"
            )
            try requireUnique(counterparties.members, "counterparties.members")
            try require(
                (1...max(1, counterparties.members.count)).contains(counterparties.required)
                    && !counterparties.members.isEmpty,
                "counterparties.required",
                found: "\(counterparties.required)",
                expected: "1 to \(counterparties.members.count), the members named"
            )
        }
    }

    private func validateLists() throws(BodyError) {
        try requireUnique(subregions, "subregions")
        try requireUnique(sectors, "sectors")
        try requireUnique(themes, "themes")
        try requireUnique(related, "related")
        try require(!related.contains(id), "related", found: "\(id)", expected: "other commitments only")
    }

    private func validateIndicator() throws(BodyError) {
        let fits: Bool
        let expected: String
        switch indicator.measure {
        case .count, .amount, .percent, .index:
            fits = target.isNumeric
            expected = "ge, gt, le, lt, approx or range"
        case .ordinal:
            fits = target.op == .level
            expected = "level"
        case .checklist:
            fits = target.op == .checklist && target.threshold > .zero
            expected = "checklist, of which 1 item at least is required"
        case .qualitative:
            fits = !target.isNumeric
            expected = "level or checklist"
        }
        try require(
            fits,
            "target.op",
            found: "\(target.op), \(target.threshold)",
            expected: "\(expected), since the measure is \(indicator.measure)"
        )
        try require(
            (0...Decimal.maximumScale).contains(indicator.scale),
            "indicator.scale",
            found: "\(indicator.scale)",
            expected: "0 to \(Decimal.maximumScale)"
        )
        try require(
            target.isNumeric || indicator.scale == 0,
            "indicator.scale",
            found: "\(indicator.scale)",
            expected: "0, since items and levels are whole"
        )
        if let baseline { try baseline.require(scale: indicator.scale, "baseline") }
    }

    /// An unknown baseline counts as 0, as it does for the status.
    private func validateDirection() throws(BodyError) {
        let from = baseline ?? .zero
        let origin = baseline == nil ? "0, which stands for the unknown baseline" : "the baseline \(from)"
        switch indicator.direction {
        case .up:
            try require(
                target.op != .le && target.op != .lt,
                "target.op",
                found: "\(target.op)",
                expected: "ge or gt, since the direction is up"
            )
            try require(
                target.threshold > from || target.isUncountable,
                "target",
                found: "\(target.threshold)",
                expected: "more than \(origin), since the direction is up"
            )
        case .down:
            try require(
                target.isNumeric && target.op != .ge && target.op != .gt,
                "target.op",
                found: "\(target.op)",
                expected: "le or lt, since the direction is down"
            )
            // Where the baseline is unknown nothing is known about the way down.
            try require(
                baseline == nil || target.threshold < from,
                "target",
                found: "\(target.threshold)",
                expected: "less than \(origin), since the direction is down"
            )
        case .maintain: break
        }
    }

    private func validateDates() throws(BodyError) {
        if let deadline {
            try require(
                start < deadline.date,
                "deadline",
                found: "\(deadline.date)",
                expected: "a day after the start, \(start)"
            )
        }
        try require(
            reporting.firstDue > start,
            "reporting.firstDue",
            found: "\(reporting.firstDue)",
            expected: "a day after the start, \(start)"
        )
        try require(
            (0...Reporting.maximumGraceDays).contains(reporting.graceDays),
            "reporting.graceDays",
            found: "\(reporting.graceDays)",
            expected: "0 to \(Reporting.maximumGraceDays)"
        )
        try validateAscending(trajectory.map(\.date), "trajectory.date")
        for point in trajectory { try point.value.require(scale: indicator.scale, "trajectory.value") }
        if case .level(let levels, _) = target {
            try require(
                trajectory.isEmpty,
                "trajectory",
                found: "\(trajectory.count) points",
                expected: "none, since the levels' due dates are the trajectory"
            )
            try validateAscending(levels.compactMap(\.due), "target.levels.due")
        }
    }

    private func validateAscending(_ dates: [CalendarDay], _ field: String) throws(BodyError) {
        var previous = start
        for date in dates {
            try require(
                date > previous,
                field,
                found: "\(date)",
                expected: "a day after \(previous), which is the start or stands before it"
            )
            previous = date
        }
        if let deadline {
            try require(
                previous <= deadline.date,
                field,
                found: "\(previous)",
                expected: "a day not after the deadline, \(deadline.date)"
            )
        }
    }

    private func validateCurve() throws(BodyError) {
        switch curve {
        case .linear:
            try require(
                deadline != nil,
                "curve",
                found: "linear",
                expected: "step or none, since there is no deadline"
            )
        case .step:
            try require(
                !trajectory.isEmpty || target.hasDueLevels,
                "curve",
                found: "step",
                expected: "linear or none, since there is no trajectory"
            )
        case .none: break
        }
    }
}

extension Target {
    /// Whether the target is a number and not a list of items or levels.
    public var isNumeric: Bool {
        switch self {
        case .bound, .approx, .range: true
        case .checklist, .level: false
        }
    }

    /// Whether there is nothing to count: a checklist without items.
    public var isUncountable: Bool {
        if case .checklist(let items, _) = self { items.isEmpty } else { false }
    }

    fileprivate var hasDueLevels: Bool {
        if case .level(let levels, _) = self { levels.contains { $0.due != nil } } else { false }
    }

    fileprivate func validate(scale: Int) throws(BodyError) {
        switch self {
        case .bound(_, let value):
            try value.require(scale: scale, "target.value")
        case .approx(let value, let tolerance):
            try value.require(scale: scale, "target.value")
            try tolerance.require(scale: scale, "target.tolerance")
            try JalonModel.require(
                tolerance >= .zero && value.subtracting(tolerance) != nil && value.adding(tolerance) != nil,
                "target.tolerance",
                found: "\(tolerance)",
                expected: "0 or more, and both ends below 10^18"
            )
        case .range(let min, let max, _):
            try min.require(scale: scale, "target.min")
            try max.require(scale: scale, "target.max")
            try JalonModel.require(
                min <= max,
                "target.max",
                found: "\(max)",
                expected: "at least min, \(min)"
            )
        case .checklist(let items, let required):
            try requireUnique(items.map(\.id), "target.items")
            for item in items { try item.name.require(.title, "target.items.\(item.id)") }
            // Without items nothing can be required; with items, something must be.
            let most = items.count
            try JalonModel.require(
                (min(1, most)...most).contains(required),
                "target.required",
                found: "\(required)",
                expected: most == 0 ? "0, since there are no items" : "1 to \(most), the items there are"
            )
        case .level(let levels, let required):
            for level in levels { try level.name.require(.title, "target.levels.\(level.id)") }
            var previous = 0
            for level in levels {
                try JalonModel.require(
                    level.id > previous && level.id <= Level.maximumID,
                    "target.levels.id",
                    found: "\(level.id)",
                    expected: "\(previous + 1) to \(Level.maximumID), ascending"
                )
                previous = level.id
            }
            try JalonModel.require(
                levels.contains { $0.id == required },
                "target.required",
                found: "\(required)",
                expected: "the id of one of the levels"
            )
        }
    }
}

extension Decimal {
    /// Checks that a number from a field has no more decimals than its indicator.
    func require(scale: Int, _ field: String) throws(BodyError) {
        guard self.scale <= scale else {
            throw .invalid(field: field, found: description, expected: "at most \(scale) decimals")
        }
    }
}
