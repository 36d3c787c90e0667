public import JalonCrypto

/// A value whose signatures were checked.
///
/// Only this module's `verified(…)` functions make one, so a function
/// that takes a `Verified<Vote>` can't be handed bytes that nobody looked at.
public struct Verified<Value: Sendable>: Sendable {
    /// The value.
    public let value: Value

    init(_ value: Value) {
        self.value = value
    }
}

extension Verified: Equatable where Value: Equatable {}

/// Checks signatures: Ed25519 in a node, something cheaper in most runs of the simulator.
public protocol SignatureVerifying: Sendable {
    /// Whether `signature` is `key`'s over `message`.
    func isValid(signature: ArraySlice<UInt8>, message: [UInt8], key: PublicKey) -> Bool
}

/// Makes the signatures of one key.
public protocol Signing: Sendable {
    /// The key that verifies them.
    var publicKey: PublicKey { get }

    /// The signature over `message`, of exactly the bytes that the key's algorithm says.
    func sign(_ message: [UInt8]) -> [UInt8]
}

extension PrivateKey: Signing {}

/// The product's own check, by the key's algorithm.
public struct KeySignatureVerifier: SignatureVerifying {
    public init() {}

    public func isValid(signature: ArraySlice<UInt8>, message: [UInt8], key: PublicKey) -> Bool {
        key.isValid(signature: signature, for: message)
    }
}
