public import JalonCodec
public import JalonCrypto

/// One validator: its key, and the member whose node holds it.
public struct Validator: Hashable, Sendable {
    public let key: PublicKey
    public let member: MemberID

    public init(key: PublicKey, member: MemberID) {
        self.key = key
        self.member = member
    }
}

/// Where a validator stands in its epoch's set: what a vote and a certificate's bitmap name it by.
public struct ValidatorIndex: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let value: Int
    public init(_ value: Int) { self.value = value }
    public var description: String { String(value) }
    public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

/// The validators of an epoch, sorted by raw key, one entry a member.
public struct ValidatorSet: Hashable, Sendable {
    /// The most validators a network may have.
    public static let maximumCount = 34

    /// The validators, sorted by raw key.
    public let validators: [Validator]
    /// SHA-256 of the encoding.
    public let hash: Digest

    /// - Throws: ``ValidatorSetError``. The order of the argument does not matter.
    public init(_ validators: [Validator]) throws(ValidatorSetError) {
        guard !validators.isEmpty else { throw .empty }
        guard validators.count <= ValidatorSet.maximumCount else { throw .tooMany(validators.count) }
        let sorted = validators.sorted { $0.key.raw.lexicographicallyPrecedes($1.key.raw) }
        for (left, right) in zip(sorted, sorted.dropFirst()) where left.key.raw == right.key.raw {
            throw .repeatedKey(left.key.id)
        }
        let members = sorted.map(\.member).sorted()
        for (left, right) in zip(members, members.dropFirst()) where left == right {
            throw .repeatedMember(left)
        }
        self.validators = sorted
        hash = SHA256.hash(ValidatorSet.encode(sorted))
    }

    /// n, the number of validators.
    public var count: Int { validators.count }

    /// The votes that make a certificate.
    public var quorum: Int { Quorum.size(validatorCount: count) }

    /// f, the validators that may be faulty.
    public var faultTolerance: Int { Quorum.faultTolerance(validatorCount: count) }

    /// The validator at `index`, or `nil` where the index names none.
    public subscript(index: ValidatorIndex) -> Validator? {
        validators.indices.contains(index.value) ? validators[index.value] : nil
    }

    /// Where the validator with this key stands.
    ///
    /// - Complexity: O(n).
    public func index(of key: KeyID) -> ValidatorIndex? {
        validators.firstIndex { $0.key.id == key }.map(ValidatorIndex.init)
    }

    /// Where this member's validator stands.
    ///
    /// - Complexity: O(n).
    public func index(of member: MemberID) -> ValidatorIndex? {
        validators.firstIndex { $0.member == member }.map(ValidatorIndex.init)
    }

    /// Every index, ascending.
    public var indices: [ValidatorIndex] { validators.indices.map(ValidatorIndex.init) }

    /// The leader of a view: V[(v − 1 + offset) mod n] (protocol, section 5).
    ///
    /// View 0 has none.
    public func leader(of view: View, offset: UInt64) -> ValidatorIndex {
        let n = UInt64(count)
        return ValidatorIndex(Int(((view.value + n - 1) % n + offset % n) % n))
    }
}

extension ValidatorSet {
    /// The encoding: an array of `[alg, raw public key, member id]`, sorted by raw key.
    public var encoded: [UInt8] { ValidatorSet.encode(validators) }

    private static func encode(_ validators: [Validator]) -> [UInt8] {
        var encoder = CBOREncoder(capacity: validators.count * 48)
        encoder.encode(array: validators) { encoder, validator in
            encoder.encodeArrayHead(3)
            encoder.encode(validator.key.algorithm.rawValue)
            encoder.encode(bytes: validator.key.raw)
            encoder.encode(validator.member)
        }
        return encoder.bytes
    }

    /// Reads a set and refuses one that is not in its order.
    public init(from decoder: inout CBORDecoder) throws(CBORError) {
        let at = decoder.offset
        let validators = try decoder.decodeArray(maximum: ValidatorSet.maximumCount) {
            (decoder) throws(CBORError) in
            try decoder.decodeArray(count: 3) { (decoder) throws(CBORError) in
                let key = try decoder.decodePublicKey()
                return Validator(key: key, member: try decoder.decode())
            }
        }
        let set: ValidatorSet
        do { set = try ValidatorSet(validators) } catch { throw .invalidValue(error.description, offset: at) }
        guard set.validators == validators else {
            throw .invalidValue("the validators are not sorted by their raw keys", offset: at)
        }
        self = set
    }
}

extension CBORDecoder {
    /// Reads two items, an algorithm's COSE id and a raw public key, and refuses a weak key.
    public mutating func decodePublicKey() throws(CBORError) -> PublicKey {
        let at = offset
        guard let algorithm = SignatureAlgorithm(rawValue: try decodeInteger()) else {
            throw .invalidValue("unknown signature algorithm", offset: at)
        }
        let raw = try decodeBytes(count: algorithm.publicKeyByteCount)
        do { return try PublicKey(algorithm: algorithm, raw: raw) } catch {
            throw .invalidValue(error.description, offset: at)
        }
    }
}

/// Why validators do not make a set.
public enum ValidatorSetError: Error, Equatable, Sendable {
    case empty
    case tooMany(Int)
    case repeatedKey(KeyID)
    case repeatedMember(MemberID)
}

extension ValidatorSetError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "a network needs one validator at least"
        case .tooMany(let count): "\(count) validators; at most \(ValidatorSet.maximumCount) are possible"
        case .repeatedKey(let key): "the validator key \(key) stands there twice"
        case .repeatedMember(let member): "the member \(member) has two validator keys; one is allowed"
        }
    }
}
