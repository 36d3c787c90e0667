package import JalonCrypto
package import JalonModel

/// A path of the state: the closed list of what has a leaf in the tree.
///
/// The text form is what is hashed, shown and stored; ids and hexadecimal digests hold no `/`, so every text has one
/// meaning.
package enum StatePath: Hashable, Sendable {
    /// `member/<member id>`: a ``MemberRecord``.
    case member(MemberID)
    /// `key/<key id in hexadecimal>`: a ``KeyRecord``.
    case key(KeyID)
    /// `parameter/<name>`: one parameter's value.
    case parameter(Parameter)
    /// `plan/<plan id>`: a ``PlanRecord``.
    case plan(PlanID)
    /// `commitment/<commitment id>`: a ``CommitmentRecord``.
    case commitment(CommitmentID)
    /// `version/<commitment id>/<number>`: a ``CommitmentVersion``, counted from 1.
    case version(CommitmentID, UInt64)
    /// `milestone/<transaction id in hexadecimal>`: a ``MilestoneRecord``.
    case milestone(TransactionID)
    /// `governance/<transaction id in hexadecimal>`: a ``GovernanceRecord``.
    case governance(TransactionID)
    /// `pending/<transaction id in hexadecimal>`: a ``PendingRecord``.
    case pending(TransactionID)
    /// `epoch/current`: an ``EpochRecord``; nothing in epoch 0.
    case epoch
    /// `attestation/<transaction id in hexadecimal>`: an ``AttestationRecord``.
    case attestation(TransactionID)
    /// `dispute/<transaction id in hexadecimal>`: a ``DisputeRecord``.
    case dispute(TransactionID)
    /// `cosign/<transaction id of what is co-signed, in hexadecimal>/<member id>`: a ``CosignRecord``.
    case cosign(TransactionID, MemberID)
    /// `directive/<transaction id in hexadecimal>`: a ``DirectiveRecord``.
    case directive(TransactionID)
    /// `delegation/<key id in hexadecimal>`: a ``DelegationRecord``.
    case delegation(KeyID)
    /// `unit/<code>`: a `UnitDefinition`.
    case unit(UnitCode)
    /// `sector/<code>`: a `SectorDefinition`.
    case sector(SectorCode)

    /// The text that is hashed, for example `commitment/CN-HN-2020-001`.
    package var text: String {
        switch self {
        case .member(let id): "member/\(id.text)"
        case .key(let id): "key/\(id.hex)"
        case .parameter(let name): "parameter/\(name.rawValue)"
        case .plan(let id): "plan/\(id.text)"
        case .commitment(let id): "commitment/\(id.text)"
        case .version(let id, let number): "version/\(id.text)/\(number)"
        case .milestone(let id): "milestone/\(id.hex)"
        case .governance(let id): "governance/\(id.hex)"
        case .pending(let id): "pending/\(id.hex)"
        case .epoch: "epoch/current"
        case .attestation(let id): "attestation/\(id.hex)"
        case .dispute(let id): "dispute/\(id.hex)"
        case .cosign(let subject, let member): "cosign/\(subject.hex)/\(member.text)"
        case .directive(let id): "directive/\(id.hex)"
        case .delegation(let id): "delegation/\(id.hex)"
        case .unit(let code): "unit/\(code.text)"
        case .sector(let code): "sector/\(code.text)"
        }
    }

    /// - Returns: `nil` where the text is none of the listed forms.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, let path = StatePath(kind: first, Array(parts.dropFirst())),
            // Digits in capitals and numbers with leading zeros are other texts of the same thing.
            path.text == text
        else { return nil }
        self = path
    }

    private init?(kind: String, _ names: [String]) {
        guard let name = names.first else { return nil }
        if kind == "version", names.count == 2 {
            guard let id = CommitmentID(name), let number = UInt64(names[1]), number > 0 else { return nil }
            self = .version(id, number)
            return
        }
        if kind == "cosign", names.count == 2 {
            guard let subject = TransactionID(hex: name), let member = MemberID(names[1]) else { return nil }
            self = .cosign(subject, member)
            return
        }
        guard names.count == 1 else { return nil }
        let path: StatePath? =
            switch kind {
            case "member": MemberID(name).map(StatePath.member)
            case "key": KeyID(hex: name).map(StatePath.key)
            case "parameter":
                Parameter.allCases.first { $0.rawValue.utf8.elementsEqual(name.utf8) }.map(
                    StatePath.parameter
                )
            case "plan": PlanID(name).map(StatePath.plan)
            case "commitment": CommitmentID(name).map(StatePath.commitment)
            case "milestone": TransactionID(hex: name).map(StatePath.milestone)
            case "governance": TransactionID(hex: name).map(StatePath.governance)
            case "pending": TransactionID(hex: name).map(StatePath.pending)
            case "epoch": name == "current" ? .epoch : nil
            case "attestation": TransactionID(hex: name).map(StatePath.attestation)
            case "dispute": TransactionID(hex: name).map(StatePath.dispute)
            case "directive": TransactionID(hex: name).map(StatePath.directive)
            case "delegation": KeyID(hex: name).map(StatePath.delegation)
            case "unit": UnitCode(name).map(StatePath.unit)
            case "sector": SectorCode(name).map(StatePath.sector)
            default: nil
            }
        guard let path else { return nil }
        self = path
    }
}

extension StatePath: CustomStringConvertible {
    package var description: String { text }
}
