import JalonAPI
import JalonCrypto
import JalonModel
import JalonSchema
import JalonState

extension NodeLedger {
    func members() async throws -> API.MemberList {
        let snapshot = view.snapshot
        let names = LedgerNames(snapshot.state)
        var keys: [MemberID: [KeyRecord]] = [:]
        for key in snapshot.state.keys { keys[key.member, default: []].append(key) }
        let connected = Set(snapshot.connectedPeers + [node])
        return API.MemberList(
            height: snapshot.height.value,
            members: snapshot.state.members.map { member in
                API.Member(
                    member,
                    keys: keys[member.id] ?? [],
                    validators: snapshot.context.validators,
                    connected: connected,
                    names: names
                )
            }
        )
    }

    func plans() async throws -> API.PlanList {
        let assessed = try await assessed(nil, after: nil)
        let snapshot = assessed.snapshot
        let names = LedgerNames(snapshot.state)
        return API.PlanList(
            height: snapshot.height.value,
            plans: snapshot.state.plans.map { plan in
                API.Plan(plan, commitmentCount: assessed.table.plans[plan.body.id] ?? 0, names: names)
            }
        )
    }
}
