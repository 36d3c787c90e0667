import JalonCrypto
package import JalonModel

// The rules of governance.propose and .vote, and what becomes of a proposal at its height (domain, section 6).

extension LedgerState {
    /// The most proposals that are open at a time: in all, and of one member.
    static let maximumOpenProposals = 64
    static let maximumOpenProposalsOfMember = 8

    /// How a proposal stands now, or stood when it was decided.
    package func tally(of record: GovernanceRecord) -> GovernanceTally {
        if let counted = record.counted { return counted }
        let voters = voters(on: record.body.action)
        func count(_ ballot: GovernanceBallot) -> Int {
            record.votes.count { $0.ballot == ballot && voters.contains($0.member) }
        }
        return GovernanceTally(
            voters: voters.count,
            yes: count(.yes),
            no: count(.no),
            isRemoval: record.body.action.isRemoval
        )
    }

    /// Votes count members, not keys: the validators', but for the one that it is about and suspended ones.
    private func voters(on action: GovernanceAction) -> [MemberID] {
        validators.validators.map(\.member).filter { id in
            id != action.member && membersByID[id]?.value.standing == .active
        }
    }

    /// Whether votes on it are still taken at this time.
    package func isOpen(_ record: GovernanceRecord, at time: Timestamp) -> Bool {
        record.outcome == .open
            && time <= record.origin.time.advanced(byMilliseconds: GovernanceRecord.votingPeriod)
    }

    /// Why an action can't have its effect on this state; `nil` where it can.
    package func objection(to action: GovernanceAction) -> Refusal? {
        switch action {
        case .admit(let admission): objection(to: admission)
        case .suspend(let id): objection(to: id, expected: .active)
        case .reinstate(let id): objection(to: id, expected: .suspended)
        case .remove(let id): objectionToRemoval(of: id)
        case .setParameter(let parameter, let value): objection(to: parameter, value)
        case .upgrade(let version): objection(toVersion: version)
        }
    }

    private func objection(to id: MemberID, expected: MemberStanding?) -> Refusal? {
        guard let member = membersByID[id]?.value else {
            return Refusal(
                .unknownMember,
                "there is no member \(id)" + suggestion(nearest(to: id, in: membersByID)),
                hint: "See: jalon member list"
            )
        }
        let isFitting = expected.map { member.standing == $0 } ?? (member.standing != .removed)
        guard isFitting else {
            return Refusal(
                .memberStanding,
                "\(shownName(of: member)) is \(member.standing), expected \(expected ?? .active)",
                hint: "See: jalon member show \(id)"
            )
        }
        return nil
    }

    private func objectionToRemoval(of id: MemberID) -> Refusal? {
        if let objection = objection(to: id, expected: nil) { return objection }
        let seats = seats(after: pendingChanges)
        guard seats.contains(where: { $0.member == id }) else { return nil }
        let left = seats.count - 1
        let minimum = max(parameters.minimumValidatorCount, 1)
        guard UInt64(left) >= minimum else {
            return Refusal(
                .guardrail,
                "validators after the change \(left), minimumValidators \(minimum): refused",
                hint: "Admit another validator first, or set minimumValidators by a vote of its own."
            )
        }
        return nil
    }

    private func objection(to admission: MemberAdmission) -> Refusal? {
        let member = admission.member
        if let existing = membersByID[member.id]?.value, existing.standing != .removed {
            return Refusal(
                .duplicateID,
                "\(shownName(of: existing)) is a member already",
                hint: "Choose another id. See: jalon member list"
            )
        }
        if member.has(.province), let region = member.region,
            let other = members.first(where: {
                $0.has(.province) && $0.region == region && $0.standing != .removed && $0.id != member.id
            })
        {
            return Refusal(
                .region,
                "\(region) has its province already, \(shownName(of: other))",
                hint: "Give another region or another role. See: jalon member list"
            )
        }
        if members.count >= Genesis.maximumCount {
            return Refusal(
                .limit,
                "there are \(members.count) members, at most \(Genesis.maximumCount) are possible",
                hint: "The list of members never gets shorter."
            )
        }
        for (purpose, key) in admission.keys {
            if let objection = objection(toNew: key, purpose) { return objection }
        }
        let seats = seats(after: pendingChanges).count + 1
        if admission.validatorKey != nil, seats > ValidatorSet.maximumCount {
            return Refusal(
                .guardrail,
                "validators after the change \(seats), at most \(ValidatorSet.maximumCount): refused",
                hint: "Let it join without a validator key."
            )
        }
        return nil
    }

    /// A key that is registered serves one purpose of one member, for ever.
    func objection(toNew key: PublicKey, _ purpose: KeyPurpose) -> Refusal? {
        guard let taken = keysByID[key.id]?.value else { return nil }
        return Refusal(
            .keyTaken,
            "the \(purpose) key \(key.id) is registered already, as a \(taken.kind) key of \(taken.member)",
            hint: "Make a new one: jalon key new"
        )
    }

    private func objection(to parameter: Parameter, _ value: [UInt8]?) -> Refusal? {
        var leaves = parameters
        do {
            try leaves.set(parameter, encodedValue: value)
            try leaves.validate()
        } catch {
            return Refusal(
                .invalidField,
                "\(parameter.rawValue) can't be set so: \(error)",
                hint: "See: jalon governance parameters"
            )
        }
        if parameter == .minimumValidators, leaves.minimumValidatorCount > UInt64(validators.count) {
            return Refusal(
                .guardrail,
                "minimumValidators \(leaves.minimumValidatorCount), validators \(validators.count): refused",
                hint: "Admit validators first."
            )
        }
        return nil
    }

    private func objection(toVersion version: UInt64) -> Refusal? {
        guard version == LedgerState.ruleSet + 1 else {
            return Refusal(
                .guardrail,
                "the rules are jalon-block/\(LedgerState.ruleSet), the next ones jalon-block/"
                    + "\(LedgerState.ruleSet + 1), found \(version)",
                hint: "Upgrade one version after the other."
            )
        }
        return nil
    }

    /// The number of the rule set that this program knows.
    package static let ruleSet: UInt64 = 1

    /// The version of rules that a block at this height would need and this program does not know.
    ///
    /// - Parameters:
    ///   - height: Of the block.
    ///   - known: The newest rule set that the program knows; another than its own only in the simulator.
    /// - Returns: `nil` where the program knows what it needs.
    package func unknownRules(at height: Height, known: UInt64 = LedgerState.ruleSet) -> UInt64? {
        for id in passedProposals {
            guard let record = governanceByID[id]?.value, case .upgrade(let version) = record.body.action,
                version > known, let effective = record.effective, effective <= height
            else { continue }
            return version
        }
        return nil
    }
}

extension Application {
    mutating func propose(_ body: GovernancePropose, by signer: Signer) throws(Refusal) {
        try checkNetwork(body.network)
        try checkMayPropose(body.action, signer)
        try checkOpenProposals(of: signer)
        if let objection = state.objection(to: body.action) { throw objection }
        if let effective = body.effectiveHeight, effective <= context.height {
            throw Refusal(
                .height,
                "effectiveHeight \(effective) is not after this block, \(context.height)",
                hint: "Name a later height, or none: it is the block after the deciding vote then."
            )
        }
        var record = GovernanceRecord(body: body, origin: origin)
        if isVoter(signer.member.id, on: body.action) {
            record.votes = [
                GovernanceVoteRecord(member: signer.member.id, ballot: .yes, transaction: transaction.id)
            ]
        }
        decide(&record)
        write(.governance(record))
    }

    mutating func vote(_ body: GovernanceVote, by signer: Signer) throws(Refusal) {
        try checkNetwork(body.network)
        try checkRole(.governanceVote, signer)
        guard var record = state.governanceByID[body.proposal]?.value else {
            throw Refusal(
                .unknownProposal,
                "there is no proposal \(body.proposal)",
                hint: "See: jalon governance list"
            )
        }
        guard state.isOpen(record, at: context.timestamp) else {
            let end = record.origin.time.advanced(byMilliseconds: GovernanceRecord.votingPeriod)
            let reason =
                record.outcome == .open
                ? "votes were taken until \(end) (ms since 1970)" : "it is \(record.outcome)"
            throw Refusal(
                .proposalClosed,
                "the proposal \(body.proposal) takes no votes: \(reason)",
                hint: "See: jalon governance show \(body.proposal)"
            )
        }
        if record.body.action.member == signer.member.id {
            throw Refusal(
                .party,
                "\(signer.shown) is who the proposal is about, and is not counted",
                hint: "See: jalon governance show \(body.proposal)"
            )
        }
        try checkSeat(signer)
        if let earlier = record.votes.first(where: { $0.member == signer.member.id }) {
            throw Refusal(
                .voted,
                "\(signer.shown) voted \(earlier.ballot) already, in \(earlier.transaction)",
                hint: "A vote stands. See: jalon governance show \(body.proposal)"
            )
        }
        record.votes.append(
            GovernanceVoteRecord(
                member: signer.member.id,
                ballot: body.ballot,
                transaction: transaction.id
            )
        )
        decide(&record)
        write(.governance(record))
    }

    /// Decides as soon as the votes that are left can't change it.
    private func decide(_ record: inout GovernanceRecord) {
        let tally = state.tally(of: record)
        if tally.passes {
            record.outcome = .passed
            record.effective = max(record.body.effectiveHeight ?? Height(0), context.height.next)
        } else if tally.isLost {
            record.outcome = .rejected
        } else {
            return
        }
        (record.counted, record.decided) = (tally, context.height)
    }

    private func checkMayPropose(_ action: GovernanceAction, _ signer: Signer) throws(Refusal) {
        let permissions = try checkRole(.governancePropose, signer)
        if action.kind == .admit, permissions.contains(.validatorOrAdmission) { return }
        try checkSeat(signer)
    }

    private func checkSeat(_ signer: Signer) throws(Refusal) {
        guard state.validators.index(of: signer.member.id) != nil else {
            throw Refusal(
                .notValidator,
                "\(signer.shown) is no validator now, and has no vote",
                hint: "See: jalon governance list"
            )
        }
    }

    private func isVoter(_ member: MemberID, on action: GovernanceAction) -> Bool {
        member != action.member && state.validators.index(of: member) != nil
    }

    private func checkOpenProposals(of signer: Signer) throws(Refusal) {
        var (all, own) = (0, 0)
        for (_, shared) in state.governanceByID where state.isOpen(shared.value, at: context.timestamp) {
            all += 1
            if shared.value.origin.issuer == signer.member.id { own += 1 }
        }
        let (most, mostOwn) = (LedgerState.maximumOpenProposals, LedgerState.maximumOpenProposalsOfMember)
        guard all < most, own < mostOwn else {
            throw Refusal(
                .limit,
                "\(all) proposals are open, \(own) of them of \(signer.shown); at most \(most) and \(mostOwn) are",
                hint: "Vote on those first. See: jalon governance list"
            )
        }
    }

    func checkNetwork(_ network: NetworkID) throws(Refusal) {
        guard network == context.network else {
            throw Refusal(
                .subject,
                "it is about the network \(network), this is \(context.network)",
                hint: "Sign again for \(context.network)."
            )
        }
    }
}
