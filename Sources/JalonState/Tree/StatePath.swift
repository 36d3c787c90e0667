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
    /// `epoch/<number>`: an ``EpochRecord``, counted from 1: the genesis tells of epoch 0.
    case epoch(Epoch)
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
        case .milestone(let id): id.digest.hex(after: StatePath.milestonePrefix)
        case .governance(let id): "governance/\(id.hex)"
        case .pending(let id): "pending/\(id.hex)"
        case .epoch(let epoch): "epoch/\(epoch)"
        case .attestation(let id): "attestation/\(id.hex)"
        case .dispute(let id): "dispute/\(id.hex)"
        case .cosign(let subject, let member): "cosign/\(subject.hex)/\(member.text)"
        case .directive(let id): "directive/\(id.hex)"
        case .delegation(let id): "delegation/\(id.hex)"
        case .unit(let code): "unit/\(code.text)"
        case .sector(let code): "sector/\(code.text)"
        }
    }

    private static let milestonePrefix = "milestone/"

    /// Where it stands in the tree: SHA-256 of its text's UTF-8 bytes; of milestones without a text in between.
    var place: Digest {
        guard case .milestone(let id) = self else { return StateTree.place(of: text) }
        return SHA256.hash(StatePath.milestonePrefix, hex: id.digest)
    }

    /// Reads a path from its UTF-8 bytes; of milestones, which most are, without a text in between.
    ///
    /// - Returns: `nil` where the bytes are none of the listed forms.
    init?(utf8: ArraySlice<UInt8>) {
        if utf8.starts(with: StatePath.milestonePrefix.utf8) {
            let digits = utf8.dropFirst(StatePath.milestonePrefix.utf8.count)
            guard let digest = Digest(lowerCaseHex: digits) else { return nil }
            self = .milestone(TransactionID(digest))
        } else {
            guard let text = String(validating: utf8, as: UTF8.self) else { return nil }
            self.init(text)
        }
    }

    /// - Returns: `nil` where the text is none of the listed forms.
    package init?(_ text: String) {
        let slash = UInt8(ascii: "/")
        guard let end = text.utf8.firstIndex(of: slash) else { return nil }
        let rest = text[text.utf8.index(after: end)...]
        guard let path = StatePath(kind: String(text[..<end]), rest, slash: slash),
            // Digits in capitals and numbers with leading zeros are other texts of the same thing.
            path.text.equalsBytewise(text)
        else { return nil }
        self = path
    }

    private init?(kind: String, _ rest: Substring, slash: UInt8) {
        if let end = rest.utf8.firstIndex(of: slash) {
            self.init(kind: kind, String(rest[..<end]), rest[rest.utf8.index(after: end)...])
            return
        }
        let name = String(rest)
        let path: StatePath? =
            switch kind {
            case "member": MemberID(name).map(StatePath.member)
            case "key": KeyID(hex: name).map(StatePath.key)
            case "parameter":
                Parameter.allCases.first { $0.rawValue.equalsBytewise(name) }.map(
                    StatePath.parameter
                )
            case "plan": PlanID(name).map(StatePath.plan)
            case "commitment": CommitmentID(name).map(StatePath.commitment)
            case "milestone": TransactionID(hex: name).map(StatePath.milestone)
            case "governance": TransactionID(hex: name).map(StatePath.governance)
            case "pending": TransactionID(hex: name).map(StatePath.pending)
            case "epoch": StatePath.epoch(name)
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

    private static func epoch(_ text: String) -> StatePath? {
        guard let number = UInt64(text), (1...UInt64(Int64.max)).contains(number) else { return nil }
        return .epoch(Epoch(number))
    }

    /// A path of two names.
    private init?(kind: String, _ first: String, _ second: Substring) {
        switch kind {
        case "version":
            guard let id = CommitmentID(first), let number = UInt64(second), number > 0 else { return nil }
            self = .version(id, number)
        case "cosign":
            guard let subject = TransactionID(hex: first), let member = MemberID(String(second)) else {
                return nil
            }
            self = .cosign(subject, member)
        default: return nil
        }
    }
}

extension StatePath: CustomStringConvertible {
    package var description: String { text }
}
