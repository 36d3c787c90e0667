package import JalonCrypto
package import JalonModel

/// A signature that costs next to nothing: a sum over key and message, of an Ed25519 signature's length.
///
/// Anybody could make it; a simulation has nobody who would, and what is changed at random does not pass. Its public keys are real ones, since the model refuses a
/// key that is no point of the curve.
package struct CheapSigner: Signing {
    package let publicKey: PublicKey

    package init(publicKey: PublicKey) {
        self.publicKey = publicKey
    }

    package func sign(_ message: [UInt8]) -> [UInt8] {
        CheapSigner.signature(of: message, key: publicKey)
    }

    fileprivate static func sum(of message: [UInt8], key: PublicKey) -> EventHash {
        var sum = EventHash()
        sum.combine(EventHash.fingerprint(of: key.raw))
        sum.combine(EventHash.fingerprint(of: message))
        return sum
    }

    fileprivate static func signature(of message: [UInt8], key: PublicKey) -> [UInt8] {
        var sum = CheapSigner.sum(of: message, key: key)
        return [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
            for place in 0..<8 {
                sum.combine(UInt64(place))
                UnsafeMutableRawBufferPointer(buffer).storeBytes(
                    of: sum.value,
                    toByteOffset: 8 * place,
                    as: UInt64.self
                )
            }
            count = 64
        }
    }
}

/// Checks the signatures of ``CheapSigner``.
package struct CheapVerifier: SignatureVerifying {
    package init() {}

    package func isValid(signature: ArraySlice<UInt8>, message: [UInt8], key: PublicKey) -> Bool {
        guard signature.count == 64 else { return false }
        var sum = CheapSigner.sum(of: message, key: key)
        return signature.withUnsafeBytes { bytes in
            (0..<8).allSatisfy { place in
                sum.combine(UInt64(place))
                return bytes.loadUnaligned(fromByteOffset: 8 * place, as: UInt64.self) == sum.value
            }
        }
    }
}

/// Which signatures a run uses.
package enum SignatureScheme: String, Hashable, Sendable {
    /// ``CheapSigner``: most runs.
    case cheap
    /// Ed25519, as in a node.
    case real

    /// Signs with the key, really or cheaply.
    package func signer(_ key: PrivateKey) -> any Signing {
        switch self {
        case .cheap: CheapSigner(publicKey: key.publicKey)
        case .real: key
        }
    }

    /// Checks what ``signer(_:)`` signs.
    package func isValid(signature: ArraySlice<UInt8>, message: [UInt8], key: PublicKey) -> Bool {
        switch self {
        case .cheap: CheapVerifier().isValid(signature: signature, message: message, key: key)
        case .real: KeySignatureVerifier().isValid(signature: signature, message: message, key: key)
        }
    }
}

extension SignatureScheme: SignatureVerifying {}

/// Checks signatures for the nodes of one world, or for its oracle, real ones once each: the same ones are asked about again
/// and again, and the answer depends on nothing else.
struct RememberingVerifier: SignatureVerifying {
    private let scheme: SignatureScheme
    private let known = SignatureMemory()

    init(_ scheme: SignatureScheme) {
        self.scheme = scheme
    }

    func isValid(signature: ArraySlice<UInt8>, message: [UInt8], key: PublicKey) -> Bool {
        guard scheme == .real else {
            return CheapVerifier().isValid(signature: signature, message: message, key: key)
        }
        var hasher = SHA256()
        hasher.update(key.id.digest)
        // Behind the fixed length of the id only the signature may have any: its own count tells where it ends.
        hasher.update(UInt64(signature.count).bigEndianBytes)
        hasher.update(signature)
        hasher.update(message)
        return known.answer(to: hasher.finalize()) {
            scheme.isValid(signature: signature, message: message, key: key)
        }
    }
}

/// Answers by the digest of everything that was asked about.
// @unchecked Sendable, because verifiers have to be: it is one world's, and one thread runs a world.
private final class SignatureMemory: @unchecked Sendable {
    private static let capacity = 100_000
    private var answers: [Digest: Bool] = [:]

    func answer(to question: Digest, _ find: () -> Bool) -> Bool {
        if let known = answers[question] { return known }
        if answers.count >= SignatureMemory.capacity { answers.removeAll(keepingCapacity: true) }
        let answer = find()
        answers[question] = answer
        return answer
    }
}

extension UInt64 {
    fileprivate var bigEndianBytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: self >> (8 * (7 - $0))) }
    }
}
