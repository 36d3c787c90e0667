import JalonCrypto
import JalonModel

/// Who signed a transaction: a member that exists, with an active key of its own.
struct Signer {
    private let sharedMember: Shared<MemberRecord>
    private let sharedKey: Shared<KeyRecord>
    // Read where they stand, for the reason that ``Shared/value`` gives.
    var member: MemberRecord { _read { yield sharedMember.value } }
    var key: KeyRecord { _read { yield sharedKey.value } }

    init(_ member: Shared<MemberRecord>, _ key: Shared<KeyRecord>) {
        (sharedMember, sharedKey) = (member, key)
    }

    /// Whether a member's lent key signed, which may do no more than it was granted.
    var isDelegate: Bool { key.kind == .delegate }

    /// The member as an error names it: "cn-gz (Guizhou 贵州省)".
    var shown: String { shownName(of: member) }
}

/// A member as an error names it, its hanzi with it.
func shownName(of member: MemberRecord) -> String {
    let english = member.name.en.map { "\($0) " } ?? ""
    return "\(member.id) (\(english)\(member.name.zh))"
}

extension Application {
    /// Checks what every transaction must hold, whatever it says: chain, expiry, issuer, key, body and subject.
    func checkedEnvelope() throws(Refusal) -> (body: TransactionBody, signer: Signer) {
        try checkChain()
        try checkExpiry()
        let body: TransactionBody
        switch transaction.content {
        case .success(let content): body = content
        case .failure(let error): throw Refusal(error)
        }
        let signer = try checkedSigner(of: body.type)
        guard body.subject == transaction.subject else {
            throw Refusal(
                .subject,
                "the claim sub is \(transaction.subject), but the body is about \(body.subject)",
                hint: "Sign again with sub = \(body.subject)."
            )
        }
        return (body, signer)
    }

    private func checkChain() throws(Refusal) {
        guard transaction.chain == context.chain else {
            throw Refusal(
                .wrongChain,
                "the transaction is for chain \(transaction.chain), this is \(context.chain)",
                hint: "Send it to a node of its own network, or sign again for this one."
            )
        }
    }

    private func checkExpiry() throws(Refusal) {
        let time = context.timestamp
        guard time <= transaction.expires else {
            throw Refusal(
                .expired,
                "the transaction expired at \(transaction.expires), the block's time is \(time) (ms since 1970)",
                hint: "Sign it again: nothing was recorded."
            )
        }
        let latest = time.advanced(byMilliseconds: state.parameters.maxLifetimeMilliseconds)
        guard transaction.expires <= latest else {
            throw Refusal(
                .notYetValid,
                "the transaction expires at \(transaction.expires), later than \(latest), the block's time and "
                    + "maxLifetime (ms since 1970)",
                hint: "Sign it again with an earlier expiry, or check this computer's clock."
            )
        }
    }

    private func checkedSigner(of type: TransactionType) throws(Refusal) -> Signer {
        let (issuer, keyID) = (transaction.issuer, transaction.keyID)
        guard let member = state.membersByID[issuer] else {
            let near = nearest(to: issuer, in: state.membersByID)
            throw Refusal(
                .unknownMember,
                "there is no member \(issuer)" + suggestion(near),
                hint: "See: jalon member list"
            )
        }
        guard let sharedKey = state.keysByID[keyID] else {
            throw Refusal(
                .unknownKey,
                "the key \(keyID) is not registered",
                hint: "Sign with a registered key of \(issuer). See: jalon member show \(issuer)"
            )
        }
        let key = sharedKey.value
        guard key.member == issuer else {
            throw Refusal(
                .keyNotMembers,
                "the key \(keyID) belongs to \(key.member), not to \(issuer)",
                hint: "Sign as \(key.member), or with a key of \(issuer)."
            )
        }
        guard key.isActive else {
            throw Refusal(
                .keyInactive,
                "the key \(keyID) of \(issuer) is no longer active",
                hint: "Sign with the member's current key. See: jalon member show \(issuer)"
            )
        }
        guard mayUse(key.kind, for: type) else {
            throw Refusal(
                .keyKind,
                "a \(key.kind) key signs no \(type.rawValue), \(keyID) is one",
                hint: "Sign with an authority key of \(issuer). See: jalon member show \(issuer)"
            )
        }
        // The activation is its validator key's, which goes on sealing.
        guard member.value.standing == .active || key.kind == .validator else {
            throw Refusal(
                .memberStanding,
                "\(shownName(of: member.value)) is \(member.value.standing)",
                hint: "See: jalon governance list"
            )
        }
        return Signer(member, sharedKey)
    }

    /// Which kinds of keys sign which types.
    ///
    /// A node's validator key closes the epoch, so that nobody has to be there when a quorum is ready; it signs no other
    /// transaction. A recovery key signs key.recover alone, and nothing else does.
    private func mayUse(_ kind: KeyKind, for type: TransactionType) -> Bool {
        switch kind {
        case .authority, .delegate: type != .keyRecover
        case .recovery: type == .keyRecover
        case .validator: type == .validatorsActivate
        case .node: false
        }
    }
}

extension Refusal {
    /// A body that breaks its own form.
    init(_ error: BodyError) {
        switch error {
        case .malformed(let error):
            self = .malformed(error)
        case .unknownType:
            self.init(
                .unknownType,
                error.description,
                hint: "The network's rules do not know it; see: jalon --help"
            )
        case .invalid(let field, _, _):
            self.init(.invalidField, error.description, hint: "Correct \(field) and sign again.")
        }
    }
}
