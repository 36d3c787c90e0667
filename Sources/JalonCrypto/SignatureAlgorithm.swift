/// A signature algorithm; the raw value is its COSE id (RFC 9053).
///
/// The algorithm belongs to the key.
public enum SignatureAlgorithm: Int64, CaseIterable, Sendable {
    /// Ed25519 under the id that RFC 9053 gives to EdDSA. What libsodium accepts is the definition of valid:
    /// canonical S, A and R, no point of small order, the equation without cofactor.
    case ed25519 = -8

    /// Bytes of a raw public key.
    public var publicKeyByteCount: Int {
        switch self {
        case .ed25519: 32
        }
    }

    /// Bytes of a signature.
    public var signatureByteCount: Int {
        switch self {
        case .ed25519: 64
        }
    }

    /// DER of a SubjectPublicKeyInfo up to the raw key (RFC 8410 §4).
    var subjectPublicKeyInfoPrefix: [UInt8] {
        switch self {
        case .ed25519: [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
        }
    }
}
