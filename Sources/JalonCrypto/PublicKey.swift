private import CSodium

/// A public key with its algorithm, refused at construction where it is weak.
public struct PublicKey: Hashable, Sendable {
    /// The algorithm that this key and no other signature uses.
    public let algorithm: SignatureAlgorithm
    /// The raw key, for Ed25519 the 32 bytes of RFC 8032.
    public let raw: [UInt8]
    /// SHA-256 of ``subjectPublicKeyInfo``.
    public let id: KeyID

    /// - Throws: ``KeyError/wrongByteCount(expected:found:)``, or ``KeyError/weakKey`` for a point that is
    ///   not canonical, not on the curve, of small order or outside the main subgroup.
    public init(
        algorithm: SignatureAlgorithm = .ed25519,
        raw: some Collection<UInt8>
    ) throws(KeyError) {
        guard raw.count == algorithm.publicKeyByteCount else {
            throw .wrongByteCount(expected: algorithm.publicKeyByteCount, found: raw.count)
        }
        let bytes = Array(raw)
        guard jalon_is_valid_point(bytes) == 1 else { throw .weakKey }
        self.init(unchecked: bytes, algorithm: algorithm)
    }

    /// For a key that was just computed from a private one.
    init(unchecked raw: [UInt8], algorithm: SignatureAlgorithm) {
        self.algorithm = algorithm
        self.raw = raw
        id = KeyID(SHA256.hash(algorithm.subjectPublicKeyInfoPrefix + raw))
    }

    /// DER of the SubjectPublicKeyInfo (RFC 8410 §4): what TLS shows of a peer and what ``id`` hashes.
    public var subjectPublicKeyInfo: [UInt8] { algorithm.subjectPublicKeyInfoPrefix + raw }

    /// - Throws: ``KeyError`` where the bytes are not the DER of a known, sound key.
    public init(subjectPublicKeyInfo der: some Collection<UInt8>) throws(KeyError) {
        let der = Array(der)
        for algorithm in SignatureAlgorithm.allCases {
            let prefix = algorithm.subjectPublicKeyInfoPrefix
            if der.starts(with: prefix) {
                self = try PublicKey(algorithm: algorithm, raw: der.dropFirst(prefix.count))
                return
            }
        }
        throw .unknownAlgorithm
    }

    /// Whether `signature` is this key's over `message`.
    public func isValid(signature: some Collection<UInt8>, for message: some Collection<UInt8>) -> Bool {
        guard signature.count == algorithm.signatureByteCount else { return false }
        // One call of libsodium over whatever contiguous memory the caller has: no copy on the hot path.
        let result = signature.withContiguousStorageIfAvailable { signature in
            message.withContiguousStorageIfAvailable { message in
                verify(signature: signature, message: message)
            }
        }
        if case .some(.some(let valid)) = result { return valid }
        return Array(signature).withUnsafeBufferPointer { signature in
            Array(message).withUnsafeBufferPointer { verify(signature: signature, message: $0) }
        }
    }

    private func verify(signature: UnsafeBufferPointer<UInt8>, message: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let signatureBase = signature.baseAddress else { return false }
        return raw.withUnsafeBufferPointer { key in
            guard let keyBase = key.baseAddress else { return false }
            return crypto_sign_verify_detached(
                signatureBase,
                message.baseAddress,
                UInt64(message.count),
                keyBase
            ) == 0
        }
    }

    public static func == (left: PublicKey, right: PublicKey) -> Bool { left.id == right.id }

    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// Why a key could not be read, made or accepted.
public enum KeyError: Error, Equatable, Sendable {
    /// The raw key or seed has another length than its algorithm's.
    case wrongByteCount(expected: Int, found: Int)
    /// The point is not canonical, not on the curve, of small order or outside the main subgroup.
    case weakKey
    /// The key is of an algorithm that the ledger does not use.
    case unknownAlgorithm
    /// The PEM text holds no PKCS#8 private key.
    case notPrivateKeyPEM
    /// The PEM text is encrypted, and no passphrase was given.
    case encrypted
    /// The PEM text is encrypted, with another passphrase than the one given.
    case wrongPassphrase
    /// A passphrase to encrypt with is empty, longer than 1,024 bytes or holds a NUL.
    case unusablePassphrase
    /// libcrypto or libsodium refused, with the name of the operation.
    case libraryFailure(String)
}

extension KeyError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .wrongByteCount(let expected, let found):
            "a key of \(expected) bytes is required, found \(found)"
        case .weakKey: "the public key is weak: make a new one with 'jalon key new'"
        case .unknownAlgorithm: "the key's algorithm is not supported: use Ed25519"
        case .notPrivateKeyPEM: "no PKCS#8 private key in PEM form: make one with 'jalon key new'"
        case .encrypted: "the key is encrypted, and no passphrase was given"
        case .wrongPassphrase: "the passphrase is wrong, or the encrypted key is damaged"
        case .unusablePassphrase: "a passphrase has 1 to 1024 bytes and no NUL among them"
        case .libraryFailure(let operation): "the cryptographic library failed in \(operation)"
        }
    }
}
