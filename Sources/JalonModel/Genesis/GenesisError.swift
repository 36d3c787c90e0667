public import JalonCodec
public import JalonCrypto

/// What a key is for; no key may serve two purposes.
public enum KeyPurpose: String, CodedChoice {
    case authority, recovery, validator, node
}

/// Which member a key belongs to, and what for.
public struct KeyUse: Hashable, Sendable {
    public let member: MemberID
    public let purpose: KeyPurpose

    public init(member: MemberID, purpose: KeyPurpose) {
        (self.member, self.purpose) = (member, purpose)
    }
}

/// Why a genesis is refused.
public enum GenesisError: Error, Equatable, Sendable {
    /// The bytes are not the one encoding of a genesis, or a single value breaks its own form.
    case malformed(CBORError)
    /// Another version of the format.
    case unknownVersion(String)
    /// A key serves two purposes or stands there twice.
    case repeatedKey(KeyID, KeyUse, KeyUse)
    /// A rule does not hold. `field` is the path of the offending one, for example `members.cn-hn.region`.
    case invalid(field: String, found: String, expected: String)
}

extension GenesisError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let error):
            "the genesis can't be read: \(error)"
        case .unknownVersion(let version):
            "the genesis has version '\(version)', this program reads '\(Genesis.version)'"
        case .repeatedKey(let key, let first, let second):
            "the key \(key) is the \(first.purpose) key of \(first.member) and the \(second.purpose) key of "
                + "\(second.member): each key serves one purpose of one member; make a new one with 'jalon key new'"
        case .invalid(let field, let found, let expected):
            "\(field) is \(found), expected \(expected)"
        }
    }
}
