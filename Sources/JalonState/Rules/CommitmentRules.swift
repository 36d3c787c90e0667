import JalonCrypto
import JalonModel

// The rules of plan.publish and commitment.propose that need the state (the others stand with the bodies).

extension Application {
    mutating func publish(_ body: PlanPublish, by signer: Signer) throws(Refusal) {
        try checkMayPublish(.planPublish, nil, in: body.region, signer)
        if let existing = state.plansByID[body.id] {
            throw duplicate(body.id, existing.value.origin, see: "jalon plan list")
        }
        set(PlanRecord(body: body, origin: origin))
    }

    mutating func propose(_ body: CommitmentPropose, by signer: Signer) throws(Refusal) {
        try checkMayPublish(.commitmentPropose, body.id, in: body.region, signer)
        if let existing = state.commitmentsByID[body.id]?.value.record {
            // What was returned was never in force: its member proposes it again, and the new text is version 1.
            guard existing.life == .returned, existing.origin.issuer == signer.member.id else {
                throw duplicate(body.id, existing.origin, see: "jalon commitment show \(body.id)")
            }
        }
        try checkPlan(body)
        try checkSectors(body)
        try checkParties(body)
        try checkGoal(body)
        // Whoever proposes has signed by that.
        let isSigned = (body.joint ?? []).allSatisfy { $0 == signer.member.id }
        let isActive = state.parameters.activation == .automatic && isSigned
        set(
            CommitmentRecord(id: body.id, life: isActive ? .active : .proposed, version: 1, origin: origin),
            original: CommitmentVersion(body: body, number: 1, origin: origin)
        )
    }

    /// A province publishes for its own region, a regulator for the country, nobody else at all.
    private func checkMayPublish(
        _ type: TransactionType,
        _ commitment: CommitmentID?,
        in region: RegionCode,
        _ signer: Signer
    ) throws(Refusal) {
        try checkRole(type, signer)
        try checkGrant(signer, type, on: commitment)
        let member = signer.member
        guard !member.acts(for: region, type) else { return }
        var own: [String] = []
        if member.has(.province), let region = member.region { own.append(region.text) }
        if member.has(.regulator) { own.append("a country, for national plans") }
        throw Refusal(
            .region,
            "\(signer.shown) may not act for \(region), only for \(own.joined(separator: " or "))",
            hint: "Check the region, or let the member of \(region) sign. See: jalon member list"
        )
    }

    private func duplicate(_ id: some Identifier, _ origin: Origin, see command: String) -> Refusal {
        Refusal(
            .duplicateID,
            "\(id) exists since block \(origin.height), from \(origin.issuer)",
            hint: "Choose the next free number. See: \(command)"
        )
    }

    private func checkPlan(_ body: CommitmentPropose) throws(Refusal) {
        guard let plan = state.plan(body.plan) else {
            throw Refusal(
                .unknownPlan,
                "there is no plan \(body.plan)" + suggestion(nearest(to: body.plan, in: state.plansByID)),
                hint: "Publish it first: jalon plan publish"
            )
        }
        guard plan.body.region == body.region else {
            throw Refusal(
                .region,
                "the plan \(body.plan) is of \(plan.body.region), the commitment of \(body.region)",
                hint: "Name a plan of \(body.region). See: jalon plan list"
            )
        }
    }

    func checkSectors(_ body: CommitmentPropose) throws(Refusal) {
        for code in body.sectors where state.sector(code) == nil {
            let known = state.sectors.map(\.code.text).joined(separator: ", ")
            throw Refusal(
                .unknownSector,
                "there is no sector \(code)" + suggestion(nearest(to: code, in: state.sectorsByCode)),
                hint: "The network's sectors: \(known)"
            )
        }
    }

    /// Every member that is named exists; the lead is a province, of the commitment's region but for the country's.
    func checkParties(_ body: CommitmentPropose) throws(Refusal) {
        let responsible = body.responsible.compactMap(\.member)
        for id in responsible + (body.joint ?? []) + (body.counterparties?.members ?? [])
        where state.member(id) == nil {
            throw Refusal(
                .unknownMember,
                "there is no member \(id)" + suggestion(nearest(to: id, in: state.membersByID)),
                hint: "See: jalon member list"
            )
        }
        try checkCosigners(body)
        guard let leadID = body.lead, let lead = state.member(leadID) else {
            throw Refusal(
                .lead,
                "\(body.id) names no member as its lead",
                hint: "Name exactly one member with the role lead."
            )
        }
        guard lead.has(.province), body.region.isCountry || lead.region == body.region else {
            let region = lead.region?.text ?? "no region"
            throw Refusal(
                .lead,
                "the lead \(shownName(of: lead)) of \(region) can't answer for a commitment of \(body.region)",
                hint: "Name the province of \(body.region) as lead. See: jalon member list"
            )
        }
    }

    /// Who is to co-sign may: a signature of an observer would be waited for in vain.
    private func checkCosigners(_ body: CommitmentPropose) throws(Refusal) {
        for id in (body.joint ?? []) + (body.counterparties?.members ?? []) {
            guard let member = state.member(id), member.permissions(.cosign).isEmpty else { continue }
            let roles = member.roles.map(\.rawValue).joined(separator: ", ")
            throw Refusal(
                .role,
                "\(shownName(of: member)) is \(roles) and co-signs nothing, \(body.id) would wait for it in vain",
                hint: "Name provinces, regulators or auditors. See: jalon member list"
            )
        }
    }

    /// A way downwards leads down to the goal: with `approx` and `range` that is their upper end.
    func checkGoal(_ body: CommitmentPropose) throws(Refusal) {
        guard body.indicator.direction == .down, let baseline = body.baseline else { return }
        let goal = body.target.goal(body.indicator.direction)
        guard goal < baseline else {
            throw Refusal(
                .invalidField,
                "target is met at \(goal), expected less than the baseline, \(baseline), since the "
                    + "direction is down",
                hint: "Correct target and sign again."
            )
        }
    }
}
