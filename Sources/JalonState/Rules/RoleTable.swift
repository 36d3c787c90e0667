import JalonCrypto
package import JalonModel

/// As what somebody acts: in one of the roles of a member, or with a key that a member lent it.
package enum Actor: String, CaseIterable, Sendable {
    case province, delegate, regulator, auditor, observer

    init(_ role: MemberRole) {
        switch role {
        case .province: self = .province
        case .regulator: self = .regulator
        case .auditor: self = .auditor
        case .observer: self = .observer
        }
    }
}

/// What a row of the table grants an actor: nothing, or something within bounds that the rule of the type then judges.
package enum Permission: String, Sendable {
    case no
    /// Anything.
    case yes
    /// On what is the member's own: its region, its commitments, its reports, its keys.
    case own
    /// For the country as a whole.
    case national
    /// On what a grant names, until it expires.
    case granted
    /// Where the subject names the member.
    case named
    /// Where it is no party.
    case unlessParty
    /// Where it is the member that the subject speaks to.
    case addressee
    /// Where the member is a validator.
    case validator
    /// Where the member is a validator; a regulator proposes an admission in any case.
    case validatorOrAdmission
}

extension TransactionType {
    /// Who may send a transaction of this type: one row of the table of domain.md 6, in code.
    package func permission(of actor: Actor) -> Permission {
        let row: [Permission] = row
        return switch actor {
        case .province: row[0]
        case .delegate: row[1]
        case .regulator: row[2]
        case .auditor: row[3]
        case .observer: row[4]
        }
    }

    // province, delegate, regulator, auditor, observer
    private var row: [Permission] {
        switch self {
        case .planPublish, .commitmentPropose: [.own, .granted, .national, .no, .no]
        case .commitmentActivate, .commitmentReturn: [.no, .no, .yes, .no, .no]
        // A delegate's amendment is editorial.
        case .commitmentAmend: [.own, .granted, .own, .no, .no]
        case .commitmentWithdraw, .commitmentCancel, .commitmentSupersede, .commitmentSuspend,
            .commitmentResume,
            .commitmentClose:
            [.own, .no, .own, .no, .no]
        case .milestoneReport, .milestoneCorrect, .milestoneRetract: [.own, .granted, .no, .no, .no]
        case .attestationIssue: [.no, .no, .no, .unlessParty, .no]
        case .attestationRevoke: [.no, .no, .no, .own, .no]
        case .disputeOpen: [.yes, .no, .yes, .yes, .yes]
        case .disputeAnswer: [.addressee, .no, .addressee, .addressee, .no]
        case .disputeResolve: [.no, .no, .unlessParty, .no, .no]
        case .delegationGrant, .delegationRevoke: [.own, .no, .no, .own, .no]
        case .governancePropose: [.validator, .no, .validatorOrAdmission, .validator, .no]
        case .governanceVote: [.validator, .no, .validator, .validator, .no]
        case .keyRotate, .keyRecover: [.own, .no, .own, .own, .own]
        case .cosign: [.named, .named, .named, .named, .no]
        case .directiveIssue: [.no, .no, .yes, .no, .no]
        case .directiveAcknowledge, .directiveReply: [.addressee, .no, .no, .no, .no]
        case .validatorsActivate: [.yes, .no, .yes, .yes, .yes]
        }
    }
}

extension MemberRecord {
    /// What each of the member's roles may do with its own key, without ``Permission/no``.
    package func permissions(_ type: TransactionType) -> [Permission] {
        roles.compactMap { role in
            let permission = type.permission(of: Actor(role))
            return permission == .no ? nil : permission
        }
    }

    /// Whether the member acts for a region in transactions of this type: a province for its own, a regulator for the
    /// country.
    package func acts(for region: RegionCode, _ type: TransactionType) -> Bool {
        roles.contains { role in
            switch (role, type.permission(of: Actor(role))) {
            case (.province, .own): self.region == region
            case (.regulator, .own), (.regulator, .national): region.isCountry
            default: false
            }
        }
    }
}

extension Application {
    /// Refuses who has no role at all for this type of transaction.
    ///
    /// - Returns: What each actor that the signer is may do, without ``Permission/no``: a member may have several roles.
    @discardableResult
    func checkRole(_ type: TransactionType, _ signer: Signer) throws(Refusal) -> [Permission] {
        if signer.isDelegate {
            let permission = type.permission(of: .delegate)
            guard permission != .no else {
                throw Refusal(
                    .notDelegated,
                    "\(type.rawValue) can't be delegated, \(signer.key.key.id) is a delegate key of \(signer.shown)",
                    hint: "Sign with the member's authority key. See: jalon member show \(signer.member.id)"
                )
            }
            // Nobody lends what it may not do itself.
            _ = try permissions(of: signer, type)
            return [permission]
        }
        return try permissions(of: signer, type)
    }

    /// What the signer's member may do itself.
    private func permissions(
        of signer: Signer,
        _ type: TransactionType
    ) throws(Refusal) -> [Permission] {
        let permissions = signer.member.permissions(type)
        guard !permissions.isEmpty else {
            let roles = signer.member.roles.map(\.rawValue).joined(separator: ", ")
            let able = MemberRole.allCases.filter { type.permission(of: Actor($0)) != .no }
                .map(\.rawValue).joined(separator: ", ")
            throw Refusal(
                .role,
                "\(type.rawValue) is for \(able); \(signer.shown) is \(roles)",
                hint: "Let a member with that role sign. See: jalon member list"
            )
        }
        return permissions
    }
}
