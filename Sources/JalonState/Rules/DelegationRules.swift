import JalonCrypto
import JalonModel

// The rules of delegation.grant and .revoke, and what a grant allows.

/// How many delegations of a member may be in force at once.
let maximumDelegationCount = 64

/// How many keys a member may lend something in all its time: granting looks at each of them.
let maximumDelegationKeyCount = 4_096

extension Application {
    mutating func grant(_ body: DelegationGrant, by signer: Signer) throws(Refusal) {
        try checkRole(.delegationGrant, signer)
        try checkOwn(body.member, .delegationGrant, signer)
        guard body.expires > context.timestamp else {
            throw Refusal(
                .delegationExpired,
                "the delegation ends at \(body.expires), the block's time is \(context.timestamp) (ms since 1970)",
                hint: "Grant until a later time."
            )
        }
        try checkDelegable(body.types, signer)
        try checkScope(body)
        if let existing = state.key(body.key.id) {
            try checkReusable(existing, by: signer)
        } else {
            try checkDelegationLimit(of: signer, isNewKey: true)
            set(
                KeyRecord(
                    key: body.key,
                    member: body.member,
                    kind: .delegate,
                    isActive: true,
                    height: context.height
                )
            )
        }
        set(
            DelegationRecord(
                key: body.key.id,
                types: body.types,
                scope: body.scope,
                expires: body.expires,
                origin: origin
            )
        )
    }

    mutating func revoke(_ body: DelegationRevoke, by signer: Signer) throws(Refusal) {
        try checkRole(.delegationRevoke, signer)
        try checkOwn(body.member, .delegationRevoke, signer)
        guard let delegation = state.delegation(body.key), delegation.member == body.member,
            let key = state.key(body.key)
        else {
            throw Refusal(
                .unknownDelegation,
                "\(body.member) lent nothing to the key \(body.key)",
                hint: "See: jalon delegation list \(body.member)"
            )
        }
        if let by = delegation.revokedBy {
            throw Refusal(
                .unknownDelegation,
                "the delegation of \(body.key) was revoked already by \(by)",
                hint: "Nothing is left to revoke. See: jalon delegation list \(body.member)"
            )
        }
        set(key.deactivated)
        set(delegation.revoked(by: transaction.id))
    }

    /// A delegate key signs only what was granted to it, on what it was granted for, until the grant expires.
    ///
    /// `commitment` is what the transaction is about, `nil` where it is no commitment.
    func checkGrant(
        _ signer: Signer,
        _ type: TransactionType,
        on commitment: CommitmentID?
    ) throws(Refusal) {
        guard signer.isDelegate else { return }
        let id = signer.key.key.id
        let hint =
            "Sign with an authority key of \(signer.member.id). See: jalon delegation list \(signer.member.id)"
        guard let delegation = state.delegation(id), delegation.revokedBy == nil,
            delegation.types.contains(type)
        else {
            throw Refusal(
                .notDelegated,
                "the delegate key \(id) of \(signer.shown) was not granted \(type)",
                hint: hint
            )
        }
        guard delegation.scope.covers(commitment) else {
            throw Refusal(
                .notDelegated,
                "the delegate key \(id) of \(signer.shown) was granted \(type), but not for "
                    + (commitment?.text ?? "anything beyond the commitments listed"),
                hint: hint
            )
        }
        guard context.timestamp <= delegation.expires else {
            throw Refusal(
                .delegationExpired,
                "the delegate key \(id) of \(signer.shown) was granted \(type) until \(delegation.expires), the "
                    + "block's time is \(context.timestamp) (ms since 1970)",
                hint: hint
            )
        }
    }

    // MARK: - What may be lent

    /// A member speaks for itself alone.
    private func checkOwn(_ member: MemberID, _ type: TransactionType, _ signer: Signer) throws(Refusal) {
        guard member == signer.member.id else {
            throw Refusal(
                .notResponsible,
                "\(signer.shown) may not send \(type) for \(member); may: \(member)",
                hint: "Nothing was recorded. Let \(member) sign."
            )
        }
    }

    /// Only what the table grants delegates, and nothing that the member may not do itself.
    private func checkDelegable(_ types: [TransactionType], _ signer: Signer) throws(Refusal) {
        for type in types
        where type.permission(of: .delegate) == .no || signer.member.permissions(type).isEmpty {
            let able = TransactionType.allCases.filter {
                $0.permission(of: .delegate) != .no && !signer.member.permissions($0).isEmpty
            }
            throw Refusal(
                .notDelegable,
                "\(signer.shown) can't lend \(type)",
                hint: "It can lend: \(able.map(\.rawValue).joined(separator: ", "))"
            )
        }
    }

    /// Every commitment that is listed exists, unless the key may propose it.
    private func checkScope(_ body: DelegationGrant) throws(Refusal) {
        guard case .commitments(let ids) = body.scope, !body.types.contains(.commitmentPropose) else {
            return
        }
        for id in ids { _ = try commitment(id) }
    }

    /// A key serves one purpose: one that is known is only ever given a new scope, by the member that lent it.
    private func checkReusable(_ key: KeyRecord, by signer: Signer) throws(Refusal) {
        guard key.kind == .delegate, key.member == signer.member.id, key.isActive else {
            let state = key.isActive ? "a \(key.kind) key of \(key.member)" : "no longer active"
            throw Refusal(
                .keyTaken,
                "the key \(key.key.id) is \(state)",
                hint: "Make a new key for the delegate: jalon key new"
            )
        }
        if !(state.delegation(key.key.id)?.isInForce(at: context.timestamp) ?? false) {
            try checkDelegationLimit(of: signer, isNewKey: false)
        }
    }

    private func checkDelegationLimit(of signer: Signer, isNewKey: Bool) throws(Refusal) {
        let delegations = state.delegations(of: signer.member.id)
        guard !isNewKey || delegations.count < maximumDelegationKeyCount else {
            throw Refusal(
                .delegationLimit,
                "\(signer.shown) lent to \(delegations.count) keys, at most \(maximumDelegationKeyCount) are allowed",
                hint:
                    "Grant to a key again that was not revoked. See: jalon delegation list \(signer.member.id)"
            )
        }
        let count = delegations.count { $0.isInForce(at: context.timestamp) }
        guard count < maximumDelegationCount else {
            throw Refusal(
                .delegationLimit,
                "\(signer.shown) has \(count) delegations in force, at most \(maximumDelegationCount) are allowed",
                hint: "Revoke one first: jalon delegation revoke"
            )
        }
    }
}
