import JalonCrypto
import JalonModel

// The rules of key.rotate and key.recover (domain, section 4).

extension KeyKind {
    init(_ purpose: KeyPurpose) {
        switch purpose {
        case .authority: self = .authority
        case .recovery: self = .recovery
        case .validator: self = .validator
        case .node: self = .node
        }
    }
}

extension Application {
    mutating func rotate(_ body: KeyRotate, by signer: Signer) throws(Refusal) {
        try checkRole(.keyRotate, signer)
        try checkOwn(body.member, signer, what: "key.rotate")
        let old = try checkedOldKey(body, signer)
        if let objection = state.objection(toNew: body.key, body.purpose) { throw objection }
        let height = context.height
        func record(isActive: Bool) -> KeyRecord {
            KeyRecord(
                key: body.key,
                member: body.member,
                kind: old.kind,
                isActive: isActive,
                height: height
            )
        }
        switch body.purpose {
        case .authority, .recovery:
            write(.key(old.deactivated))
            write(.key(record(isActive: true)))
            // Whoever holds a current key says that it is not lost.
            if body.purpose == .authority {
                for pending in recoveries(of: body.member) { write(.dropPending(pending.id)) }
            }
        case .node:
            write(.key(old.deactivated))
            write(.key(record(isActive: true)))
            if let member = state.member(body.member) {
                write(.member(member.replacingNode(old.key, by: body.key)))
            }
        case .validator:
            // The old key seals until a quorum of the set with the new one is ready.
            write(.key(record(isActive: false)))
            write(.pending(pending(.seat(body.key), of: body.member)))
        }
    }

    mutating func recover(_ body: KeyRecover, by signer: Signer) throws(Refusal) {
        try checkOwn(body.member, signer, what: "key.recover")
        if let objection = state.objection(toNew: body.key, .authority) { throw objection }
        if let other = recoveries(of: body.member).first {
            throw Refusal(
                .pending,
                "a recovery of \(signer.shown) is under way already, \(other.id)",
                hint: "Wait for it, or end it with a key.rotate that a current key signs."
            )
        }
        let change = PendingRecord.Change.recovery(
            body.key,
            due: nil,
            compromisedSince: body.compromisedSince
        )
        // Reserved from now on, and used by nobody before it is due.
        write(
            .key(
                KeyRecord(
                    key: body.key,
                    member: body.member,
                    kind: .authority,
                    isActive: false,
                    height: context.height
                )
            )
        )
        write(.pending(pending(change, of: body.member)))
    }

    /// A regulator's co-signature starts the delay of a recovery.
    mutating func confirm(_ recovery: PendingRecord) {
        guard case .recovery(let key, let due, let since) = recovery.change else { return }
        if due != nil { return }
        var confirmed = recovery
        let delay = state.parameters.recoveryDelayMilliseconds
        confirmed.change = .recovery(
            key,
            due: context.timestamp.advanced(byMilliseconds: delay),
            compromisedSince: since
        )
        write(.pending(confirmed))
    }

    private func pending(_ change: PendingRecord.Change, of member: MemberID) -> PendingRecord {
        PendingRecord(
            id: transaction.id,
            member: member,
            change: change,
            height: context.height,
            time: context.timestamp,
            position: position
        )
    }

    private func recoveries(of member: MemberID) -> [PendingRecord] {
        state.pendingChanges.filter { $0.member == member && !$0.isSeatChange }
    }

    private func checkOwn(_ member: MemberID, _ signer: Signer, what: String) throws(Refusal) {
        guard member == signer.member.id else {
            throw Refusal(
                .notResponsible,
                "\(what) is about \(member), but \(signer.shown) signed",
                hint: "A member changes its own keys. Let \(member) sign."
            )
        }
    }

    private func checkedOldKey(_ body: KeyRotate, _ signer: Signer) throws(Refusal) -> KeyRecord {
        guard let old = state.key(body.old), old.member == body.member else {
            throw Refusal(
                .unknownKey,
                "\(body.old) is no key of \(signer.shown)",
                hint: "See: jalon member show \(body.member)"
            )
        }
        guard old.isActive else {
            throw Refusal(
                .keyInactive,
                "the key \(body.old) of \(signer.shown) is no longer active",
                hint: "Name the current one. See: jalon member show \(body.member)"
            )
        }
        guard old.kind == KeyKind(body.purpose) else {
            throw Refusal(
                .keyKind,
                "the key \(body.old) is a \(old.kind) key, the new one is to be a \(body.purpose) key",
                hint: "No key serves two purposes."
            )
        }
        guard body.purpose != .authority || body.old == transaction.keyID else {
            throw Refusal(
                .keyNotMembers,
                "an authority key signs for its own successor: \(body.old) is to go, \(transaction.keyID) signed",
                hint: "Sign with the key that is to go. Where it is lost: jalon key recover"
            )
        }
        if body.purpose == .validator,
            state.pendingChanges.contains(where: { $0.isSeatChange && $0.member == body.member })
        {
            throw Refusal(
                .pending,
                "a change of the seat of \(signer.shown) is pending already",
                hint: "Wait until it is in effect. See: jalon governance list"
            )
        }
        return old
    }
}
