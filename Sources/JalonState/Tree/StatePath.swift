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
        case .unit(let code): "unit/\(code.text)"
        case .sector(let code): "sector/\(code.text)"
        }
    }

    /// - Returns: `nil` where the text is none of the listed forms.
    package init?(_ text: String) {
        let slash = UInt8(ascii: "/")
        guard let end = text.utf8.firstIndex(of: slash) else { return nil }
        let rest = text[text.utf8.index(after: end)...]
        guard let path = StatePath(kind: String(text[..<end]), rest, slash: slash),
            // Digits in capitals and numbers with leading zeros are other texts of the same thing.
            path.text.utf8.elementsEqual(text.utf8)
        else { return nil }
        self = path
    }

    private init?(kind: String, _ rest: Substring, slash: UInt8) {
        if let end = rest.utf8.firstIndex(of: slash) {
            let number = UInt64(rest[rest.utf8.index(after: end)...])
            guard kind == "version", let id = CommitmentID(String(rest[..<end])), let number, number > 0
            else { return nil }
            self = .version(id, number)
            return
        }
        let name = String(rest)
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
